//! One segment, borrowed from the bytes it was read from.
//! Splits on demand; never copies, decodes or trims: a blank may be data.
//! Invariant: element 0 is the tag, so element numbers are those of the standard (`BEG03` is element 3).

/// A segment's tag as a number, so that a `match` on it is one comparison. Tags have two or three characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag(u32);

impl Tag {
    /// The tag of these bytes; what no tag can be (empty, longer than three bytes) becomes [`Tag::NONE`].
    #[must_use]
    pub const fn new(bytes: &[u8]) -> Self {
        match bytes {
            [a, b] => Self(u32::from_be_bytes([0, *a, *b, b' '])),
            [a, b, c] => Self(u32::from_be_bytes([0, *a, *b, *c])),
            _ => Self::NONE,
        }
    }

    /// No tag.
    pub const NONE: Self = Self(0);

    /// Whether the standard could use it: a capital letter, then one or two capital letters or digits.
    #[must_use]
    pub fn is_valid(self) -> bool {
        let [_, first, second, third] = self.0.to_be_bytes();
        let inner = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        first.is_ascii_uppercase() && inner(second) && (third == b' ' || inner(third))
    }
}

impl std::fmt::Display for Tag {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [_, bytes @ ..] = self.0.to_be_bytes();
        for byte in bytes.into_iter().filter(|byte| *byte != b' ' && *byte != 0) {
            write!(formatter, "{}", char::from(byte).escape_default())?;
        }
        Ok(())
    }
}

/// A segment within the bytes it was read from.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    /// What the positions count in.
    pub(super) bytes: &'a [u8],
    /// Where the tag and each element end; the last is where the terminator stands.
    pub(super) ends: &'a [u32],
    pub(super) start: u32,
    /// Offset of `bytes` in the input.
    pub(super) origin: u64,
}

impl<'a> Segment<'a> {
    /// The tag, as a number.
    #[must_use]
    pub fn tag(&self) -> Tag {
        Tag::new(self.element(0))
    }

    /// How many elements follow the tag, empty ones included.
    #[must_use]
    pub fn count(&self) -> usize {
        self.ends.len().saturating_sub(1)
    }

    /// Element `number` (the tag is 0); empty when the segment does not have it.
    #[must_use]
    pub fn element(&self, number: usize) -> &'a [u8] {
        let start = match number.checked_sub(1) {
            None => Some(self.start),
            Some(before) => self.ends.get(before).map(|end| end + 1),
        };
        let end = self.ends.get(number);
        match (start, end) {
            (Some(start), Some(end)) => self
                .bytes
                .get(start as usize..*end as usize)
                .unwrap_or_default(),
            _ => &[],
        }
    }

    /// The whole segment, without its terminator.
    #[must_use]
    pub fn raw(&self) -> &'a [u8] {
        let end = self.ends.last().map_or(self.start, |end| *end);
        self.bytes
            .get(self.start as usize..end as usize)
            .unwrap_or_default()
    }

    /// Offset of the tag in the input.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.origin + u64::from(self.start)
    }

    /// Offset of element `number` in the input; the segment's end when it does not have it.
    #[must_use]
    pub fn element_offset(&self, number: usize) -> u64 {
        let start = match number.checked_sub(1) {
            None => self.start,
            Some(before) if before + 1 < self.ends.len() => {
                self.ends.get(before).map_or(self.start, |end| end + 1)
            }
            Some(_) => self.ends.last().map_or(self.start, |end| *end),
        };
        self.origin + u64::from(start)
    }
}

#[cfg(test)]
mod tests {
    use super::{Segment, Tag};

    #[test]
    fn elements_count_from_the_tag() {
        let segment = Segment {
            bytes: b"~\nN1*ST**92~",
            ends: &[4, 7, 8, 11],
            start: 2,
            origin: 100,
        };
        assert_eq!(segment.tag(), Tag::new(b"N1"));
        assert_eq!(segment.count(), 3);
        assert_eq!(
            [0, 1, 2, 3, 4].map(|n| segment.element(n)),
            [b"N1".as_slice(), b"ST", b"", b"92", b""]
        );
        assert_eq!(segment.raw(), b"N1*ST**92");
        assert_eq!(
            [0, 1, 2, 3, 4].map(|n| segment.element_offset(n)),
            [102, 105, 108, 109, 111]
        );
    }

    #[test]
    fn tags() {
        for (text, valid) in [
            ("ST", true),
            ("N1", true),
            ("BEG", true),
            ("S", false),
            ("st", false),
            ("1ST", false),
            ("BEGG", false),
        ] {
            assert_eq!(Tag::new(text.as_bytes()).is_valid(), valid, "{text}");
        }
        assert_eq!(Tag::new(b"N1").to_string(), "N1");
        assert_ne!(Tag::new(b"N1"), Tag::new(b"N10"));
    }
}
