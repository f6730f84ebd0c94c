//! One segment, borrowed from the bytes it was read from.
//! Splits on demand; never copies, decodes or trims unless asked: a blank may be data.
//! Invariant: element 0 is the tag, so element numbers are those of the standard (`BEG03` is element 3), and components
//! and repetitions count from 1.

use std::borrow::Cow;

use crate::separators::Separators;

/// A segment's tag as a number, so that a `match` on it is one comparison. Tags have two or three characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
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

    /// Whether a standard could use it: a capital letter, then one or two capital letters or digits.
    #[must_use]
    pub fn is_valid(self) -> bool {
        let [_, first, second, third] = self.0.to_be_bytes();
        let inner = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        first.is_ascii_uppercase() && inner(second) && (third == b' ' || inner(third))
    }

    /// Adds its characters to a text.
    pub(crate) fn push_to(self, text: &mut String) {
        let [_, bytes @ ..] = self.0.to_be_bytes();
        for byte in bytes.into_iter().filter(|byte| *byte != b' ' && *byte != 0) {
            if byte.is_ascii_graphic() {
                text.push(char::from(byte));
            } else {
                text.extend(char::from(byte).escape_default());
            }
        }
    }

    /// Its characters in one number: what tables are keyed by.
    #[must_use]
    pub const fn packed(self) -> u32 {
        self.0
    }
}

impl std::fmt::Display for Tag {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = String::new();
        self.push_to(&mut text);
        formatter.write_str(&text)
    }
}

/// A segment within the bytes it was read from.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    /// What the positions count in.
    pub(crate) bytes: &'a [u8],
    /// Where the tag and each element end; the last is where the terminator stands.
    pub(crate) ends: &'a [u32],
    pub(crate) start: u32,
    /// Offset of `bytes` in the input.
    pub(crate) origin: u64,
    pub(crate) separators: Separators,
}

impl<'a> Segment<'a> {
    /// The tag, as a number. What EDIFACT writes behind it (`TAG:1`, the place in a nesting) is not part of it.
    #[must_use]
    pub fn tag(&self) -> Tag {
        match self.element(0) {
            [a, b, c, separator, ..]
                if *separator == self.separators.component && self.separators.release.is_some() =>
            {
                Tag::new(&[*a, *b, *c])
            }
            tag => Tag::new(tag),
        }
    }

    /// The byte behind the tag; `None` when nothing follows it.
    pub(crate) fn tag_separator(&self) -> Option<u8> {
        let [end, _, ..] = self.ends else { return None };
        self.bytes.get(*end as usize).copied()
    }

    /// How many elements follow the tag, empty ones included.
    #[must_use]
    pub fn count(&self) -> usize {
        self.ends.len().saturating_sub(1)
    }

    /// Element `number` as it stands, release characters and all (the tag is 0); empty when the segment does not have it.
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

    /// The repetitions of element `number`: itself, where nothing can repeat.
    #[must_use]
    pub fn repetitions(&self, number: usize) -> Parts<'a> {
        Parts::new(
            self.element(number),
            self.separators.repetition,
            self.separators.release,
        )
    }

    /// The components of a piece of this segment, an element or a repetition of one.
    #[must_use]
    pub fn components(&self, piece: &'a [u8]) -> Parts<'a> {
        Parts::new(
            piece,
            Some(self.separators.component),
            self.separators.release,
        )
    }

    /// Component `component` of the first repetition of element `number`, as it stands; empty when it is not there.
    #[must_use]
    pub fn component(&self, number: usize, component: usize) -> &'a [u8] {
        let first = self.repetitions(number).next().unwrap_or_default();
        match component.checked_sub(1) {
            Some(before) => self.components(first).nth(before).unwrap_or_default(),
            None => &[],
        }
    }

    /// A piece of this segment without its release characters: the data that the sender meant.
    #[must_use]
    pub fn released(&self, piece: &'a [u8]) -> Cow<'a, [u8]> {
        match self.separators.release {
            Some(release) if memchr::memchr(release, piece).is_some() => {
                Cow::Owned(without(release, piece))
            }
            _ => Cow::Borrowed(piece),
        }
    }

    /// The separators that this segment is written with.
    #[must_use]
    pub fn separators(&self) -> &Separators {
        &self.separators
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

/// Drops each release character and keeps the byte behind it, whatever it is; one at the very end is kept.
fn without(release: u8, piece: &[u8]) -> Vec<u8> {
    let mut data = Vec::with_capacity(piece.len());
    let mut bytes = piece.iter().copied();
    while let Some(byte) = bytes.next() {
        let meant = if byte == release { bytes.next() } else { None };
        data.push(meant.unwrap_or(byte));
    }
    data
}

/// The pieces between separators, as they stand. There is always at least one, perhaps empty.
#[derive(Clone, Debug)]
pub struct Parts<'a> {
    rest: Option<&'a [u8]>,
    separator: Option<u8>,
    release: Option<u8>,
}

impl<'a> Parts<'a> {
    fn new(bytes: &'a [u8], separator: Option<u8>, release: Option<u8>) -> Self {
        Self {
            rest: Some(bytes),
            separator,
            release,
        }
    }

    /// Where the next separator stands that is not released.
    fn end(&self, bytes: &[u8]) -> Option<usize> {
        let separator = self.separator?;
        let place = bytes.iter().position(|byte| *byte == separator)?;
        let before = bytes.get(..place).unwrap_or_default();
        if self
            .release
            .is_none_or(|release| !before.contains(&release))
        {
            return Some(place);
        }
        let mut released = false;
        for (place, &byte) in bytes.iter().enumerate() {
            if released {
                released = false;
            } else if byte == separator {
                return Some(place);
            } else if Some(byte) == self.release {
                released = true;
            }
        }
        None
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let bytes = self.rest?;
        let Some(end) = self.end(bytes) else {
            self.rest = None;
            return Some(bytes);
        };
        self.rest = bytes.get(end + 1..);
        bytes.get(..end)
    }
}

#[cfg(test)]
mod tests {
    use super::{Segment, Tag};
    use crate::separators::Separators;

    fn segment<'a>(bytes: &'a [u8], ends: &'a [u32], separators: Separators) -> Segment<'a> {
        Segment {
            bytes,
            ends,
            start: 2,
            origin: 100,
            separators,
        }
    }

    #[test]
    fn elements_count_from_the_tag() {
        let segment = segment(b"~\nN1*ST**92~", &[4, 7, 8, 11], Separators::X12);
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
    fn components_repetitions_and_released_bytes() {
        let separators = Separators {
            repetition: Some(b'*'),
            ..Separators::EDIFACT
        };
        let segment = segment(b"'\nFTX+a?:b:c??:*d?'+?+'", &[5, 19, 22], separators);
        let pieces: Vec<_> = segment.repetitions(1).collect();
        assert_eq!(pieces, [b"a?:b:c??:".as_slice(), b"d?'"]);
        assert_eq!(
            segment.components(pieces[0]).collect::<Vec<_>>(),
            [b"a?:b".as_slice(), b"c??", b""]
        );
        assert_eq!(
            [1, 2, 3, 4].map(|n| segment.component(1, n)),
            [b"a?:b".as_slice(), b"c??", b"", b""]
        );
        for (raw, want) in [
            ("a?:b", "a:b"),
            ("c??", "c?"),
            ("plain", "plain"),
            ("?", "?"),
            ("x?y", "xy"),
            ("???'", "?'"),
        ] {
            assert_eq!(
                segment.released(raw.as_bytes()).as_ref(),
                want.as_bytes(),
                "{raw}"
            );
        }
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
