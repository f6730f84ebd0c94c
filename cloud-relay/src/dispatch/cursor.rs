//! Where a reader stands on a lane: which block, and how far inside it. Pure.
//!
//! Invariant: cursors order as the documents of their lane do, and 0 is never a cursor.

/// Bits for the place inside a block; the rest is the block's ordinal.
const INDEX_BITS: u32 = 20;

/// "Every document before this one is settled". As a mark: `ordinal * 2^20 + index`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cursor(u64);

impl Cursor {
    /// Before the first document of a lane.
    pub(crate) const START: Self = Self(1 << INDEX_BITS);

    /// Before document `index` of block `ordinal`. A block never holds 2^20 documents: the link's limit is far below.
    pub(crate) fn at(ordinal: u64, index: u32) -> Self {
        Self((ordinal << INDEX_BITS) | u64::from(index))
    }

    /// From a mark; a mark that is no cursor (an older 0) is the start.
    pub(crate) fn from_mark(mark: Option<u64>) -> Self {
        mark.map_or(Self::START, |mark| Self(mark).max(Self::START))
    }

    /// As a mark.
    pub(crate) fn mark(self) -> u64 {
        self.0
    }

    /// The block of the next document that is not settled.
    pub(crate) fn ordinal(self) -> u64 {
        self.0 >> INDEX_BITS
    }

    /// That document's place in its block.
    pub(crate) fn index(self) -> u32 {
        u32::try_from(self.0 & ((1 << INDEX_BITS) - 1)).unwrap_or(u32::MAX)
    }

    /// The name of a reader's mark on a lane.
    pub(crate) fn name(destination: &str, lane: &str) -> String {
        format!("cursor/{destination}/{lane}")
    }
}

#[cfg(test)]
mod tests {
    use super::Cursor;

    #[test]
    fn marks() {
        for (ordinal, index) in [(1, 0), (1, 1), (2, 0), (7, 499), (1 << 40, 9_999)] {
            let cursor = Cursor::at(ordinal, index);
            assert_eq!((cursor.ordinal(), cursor.index()), (ordinal, index));
            assert_eq!(Cursor::from_mark(Some(cursor.mark())), cursor);
        }
        assert!(Cursor::at(1, 499) < Cursor::at(2, 0));
        assert_eq!(Cursor::from_mark(None), Cursor::at(1, 0));
        assert_eq!(Cursor::from_mark(Some(0)), Cursor::at(1, 0));
    }
}
