//! An input that is read ahead: the bytes that were read and not yet passed, and where they stand in the source.
//! Knows nothing of lines and records.

use std::io::{self, Read};

use canonical::problem::Problem;

/// How much is asked of the input at once, in bytes.
const CHUNK: usize = 128 << 10;

/// Bytes that were read ahead. Reading more moves them: ranges of [`Ahead::bytes`] hold until then.
pub(crate) struct Ahead<'r> {
    input: &'r mut dyn Read,
    buffer: Vec<u8>,
    /// Bytes read and not yet passed are `buffer[next..filled]`.
    next: usize,
    filled: usize,
    at_end: bool,
    /// Source offset of `buffer[0]`.
    base: u64,
}

impl<'r> Ahead<'r> {
    pub(crate) fn new(input: &'r mut dyn Read) -> Self {
        Self {
            input,
            buffer: Vec::new(),
            next: 0,
            filled: 0,
            at_end: false,
            base: 0,
        }
    }

    /// Reads more, once.
    pub(crate) fn fill(&mut self) -> io::Result<()> {
        if self.next > 0 {
            self.buffer.copy_within(self.next..self.filled, 0);
            self.base += self.next as u64;
            self.filled -= self.next;
            self.next = 0;
        }
        if self.buffer.len() < self.filled + CHUNK / 2 {
            self.buffer.resize(self.filled + CHUNK, 0);
        }
        let free = self.buffer.get_mut(self.filled..).unwrap_or_default();
        let read = loop {
            match self.input.read(free) {
                Ok(read) => break read.min(free.len()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        };
        self.filled += read;
        self.at_end = read == 0;
        Ok(())
    }

    /// Reads until so many bytes are there; whether they are.
    pub(crate) fn have(&mut self, wanted: usize) -> io::Result<bool> {
        while self.filled - self.next < wanted && !self.at_end {
            self.fill()?;
        }
        Ok(self.filled - self.next >= wanted)
    }

    /// What was read and not yet passed.
    pub(crate) fn unread(&self) -> &[u8] {
        self.bytes(self.next..self.filled)
    }

    /// Whether nothing comes behind that.
    pub(crate) fn is_at_end(&self) -> bool {
        self.at_end
    }

    /// Where that begins, for [`Ahead::bytes`] and [`Ahead::offset`].
    pub(crate) fn next(&self) -> usize {
        self.next
    }

    /// Passes so many bytes.
    pub(crate) fn pass(&mut self, length: usize) {
        self.next += length;
    }

    /// Bytes by their place in the buffer.
    pub(crate) fn bytes(&self, range: std::ops::Range<usize>) -> &[u8] {
        self.buffer.get(range).unwrap_or_default()
    }

    /// The bytes from a place in the buffer on.
    pub(crate) fn bytes_from(&self, place: usize) -> &[u8] {
        self.bytes(place..self.filled)
    }

    /// The source offset of a place in the buffer.
    pub(crate) fn offset(&self, place: usize) -> u64 {
        self.base + place as u64
    }
}

/// A file without a byte.
pub(crate) fn empty_file() -> Problem {
    Problem::error("file.empty", "the file is empty (0 bytes)")
        .hint("the program that writes it may have failed, or was still writing")
}
