//! Stage one of reading: where the element separators and terminators of a block of bytes stand.
//! Knows nothing of segments; positions count from the start of the reader's buffer. Composites and repetitions are
//! split later, and only where somebody asks for them: they are too rare to pay for in every file.
//! Invariant: the pending positions ascend, and every separator of the scanned bytes is among them exactly once.

/// Positions found and not yet consumed, in one buffer that is used again for each block.
pub(crate) struct Index {
    /// 1 for a byte that separates, 0 for data.
    separates: [u8; 256],
    hits: Vec<u32>,
    head: usize,
    tail: usize,
}

impl Index {
    pub(crate) fn new() -> Self {
        Self {
            separates: [0; 256],
            hits: Vec::new(),
            head: 0,
            tail: 0,
        }
    }

    /// Forgets every position and looks for these two bytes from now on.
    pub(crate) fn restart(&mut self, element: u8, terminator: u8) {
        self.separates = [0; 256];
        for byte in [element, terminator] {
            if let Some(flag) = self.separates.get_mut(usize::from(byte)) {
                *flag = 1;
            }
        }
        self.clear();
    }

    /// Forgets every position.
    pub(crate) fn clear(&mut self) {
        self.head = 0;
        self.tail = 0;
    }

    /// Adds the positions of the separators in `bytes`, the first of which stands at `origin`.
    ///
    /// Writes a position for every byte and keeps it only where the byte separates: with a separator every five bytes
    /// a branch would be mispredicted all the time.
    pub(crate) fn scan(&mut self, bytes: &[u8], origin: u32) {
        if self.head > 0 {
            self.hits.copy_within(self.head..self.tail, 0);
            self.tail -= self.head;
            self.head = 0;
        }
        let room = self.tail + bytes.len() + 1;
        if self.hits.len() < room {
            self.hits.resize(room, 0);
        }
        let slots = self.hits.get_mut(self.tail..).unwrap_or_default();
        let mut found = 0;
        for (&byte, position) in bytes.iter().zip(origin..) {
            if let Some(slot) = slots.get_mut(found) {
                *slot = position;
            }
            found += usize::from(
                self.separates
                    .get(usize::from(byte))
                    .copied()
                    .unwrap_or_default(),
            );
        }
        self.tail += found;
    }

    /// The positions not yet consumed.
    pub(crate) fn pending(&self) -> &[u32] {
        self.hits.get(self.head..self.tail).unwrap_or_default()
    }

    /// Drops the first `count` pending positions.
    pub(crate) fn consume(&mut self, count: usize) {
        self.head = (self.head + count).min(self.tail);
    }

    /// Drops the pending positions before `position`.
    pub(crate) fn consume_before(&mut self, position: u32) {
        let count = self
            .pending()
            .iter()
            .take_while(|hit| **hit < position)
            .count();
        self.consume(count);
    }

    /// The buffer lost its first `bytes` bytes, none of which is pending.
    pub(crate) fn shift(&mut self, bytes: u32) {
        for hit in self.hits.get_mut(self.head..self.tail).unwrap_or_default() {
            *hit = hit.saturating_sub(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Index;

    #[test]
    fn blocks_add_up_and_shift() {
        let mut index = Index::new();
        index.restart(b'*', b'~');
        index.scan(b"AB*C~", 0);
        index.scan(b"*~", 5);
        assert_eq!(index.pending(), [2, 4, 5, 6]);
        index.consume(1);
        index.consume_before(5);
        assert_eq!(index.pending(), [5, 6]);
        index.shift(5);
        index.scan(b"x~", 2);
        assert_eq!(index.pending(), [0, 1, 3]);
        index.consume(99);
        assert!(index.pending().is_empty());
    }
}
