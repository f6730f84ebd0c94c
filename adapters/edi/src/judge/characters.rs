//! Which classes of characters a value consists of, found in one pass over its bytes: the question that every type asks first.
//! Knows bytes only; what a type makes of a class is said elsewhere.
//! Invariant: every byte has exactly one class, but a letter or digit that separates nothing; a service character has its own.

use crate::separators::Separators;

/// A set of character classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Classes(u16);

impl Classes {
    /// None.
    pub(super) const NONE: Self = Self(0);
    /// `0` to `9`.
    pub(super) const DIGIT: Self = Self(1);
    /// `A` to `Z`, `a` to `z`.
    pub(super) const LETTER: Self = Self(1 << 1);
    /// The blank.
    pub(super) const BLANK: Self = Self(1 << 2);
    /// `-`.
    pub(super) const MINUS: Self = Self(1 << 3);
    /// `.` and `,`: what separates whole and fraction.
    pub(super) const MARK: Self = Self(1 << 4);
    /// Every other character of ASCII that can be seen.
    pub(super) const SIGN: Self = Self(1 << 5);
    /// Control characters.
    pub(super) const CONTROL: Self = Self(1 << 6);
    /// What ASCII does not have.
    pub(super) const HIGH: Self = Self(1 << 7);
    /// The component separator.
    pub(super) const COMPONENT: Self = Self(1 << 8);
    /// The repetition separator.
    pub(super) const REPETITION: Self = Self(1 << 9);
    /// The release character.
    pub(super) const RELEASE: Self = Self(1 << 10);

    /// What text consists of when it is plain ASCII.
    pub(super) const TEXT: Self = Self::DIGIT
        .and(Self::LETTER)
        .and(Self::BLANK)
        .and(Self::MINUS)
        .and(Self::MARK)
        .and(Self::SIGN);

    /// The classes of both.
    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether there is none beside those of `other`.
    pub(super) const fn within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Whether there is any of those of `other`.
    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// The class of each byte, under certain separators.
pub(super) struct ClassTable {
    classes: [Classes; 256],
    separators: Separators,
}

impl ClassTable {
    /// The table for these separators.
    pub(super) fn new(separators: Separators) -> Self {
        let mut classes = [Classes::NONE; 256];
        for (byte, class) in (0..=u8::MAX).zip(&mut classes) {
            *class = plain(byte);
        }
        let mut service = |byte: Option<u8>, class: Classes| {
            if let Some(entry) = byte.and_then(|byte| classes.get_mut(usize::from(byte))) {
                *entry = class;
            }
        };
        service(Some(separators.component), Classes::COMPONENT);
        service(separators.repetition, Classes::REPETITION);
        service(separators.release, Classes::RELEASE);
        Self {
            classes,
            separators,
        }
    }

    /// The separators that the table is for.
    pub(super) fn separators(&self) -> &Separators {
        &self.separators
    }

    /// The class of one byte.
    pub(super) fn class(&self, byte: u8) -> Classes {
        // The table has an entry for every byte.
        self.classes
            .get(usize::from(byte))
            .copied()
            .unwrap_or_default()
    }

    /// The classes of all bytes, service characters included.
    pub(super) fn classes(&self, bytes: &[u8]) -> Classes {
        bytes
            .iter()
            .fold(Classes::NONE, |seen, byte| seen.and(self.class(*byte)))
    }
}

/// The class of a byte that separates nothing.
fn plain(byte: u8) -> Classes {
    match byte {
        b'0'..=b'9' => Classes::DIGIT,
        b'A'..=b'Z' | b'a'..=b'z' => Classes::LETTER,
        b' ' => Classes::BLANK,
        b'-' => Classes::MINUS,
        b'.' | b',' => Classes::MARK,
        b'!'..=b'~' => Classes::SIGN,
        0x80.. => Classes::HIGH,
        _ => Classes::CONTROL,
    }
}

/// The classes of bytes that separate nothing.
pub(super) fn plain_classes(bytes: &[u8]) -> Classes {
    bytes
        .iter()
        .fold(Classes::NONE, |seen, byte| seen.and(plain(*byte)))
}

/// How many characters these bytes are: those of UTF-8 where they are that, else one a byte.
pub(super) fn length(bytes: &[u8], seen: Classes) -> usize {
    if seen.has(Classes::HIGH) {
        std::str::from_utf8(bytes).map_or(bytes.len(), |text| text.chars().count())
    } else {
        bytes.len()
    }
}

/// Bytes without the blanks behind them.
pub(super) fn trimmed(bytes: &[u8]) -> &[u8] {
    let kept = bytes.iter().rposition(|byte| *byte != b' ');
    kept.and_then(|last| bytes.get(..=last)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{ClassTable, Classes, length, plain, trimmed};
    use crate::separators::Separators;

    #[test]
    fn every_byte_has_one_class() {
        let table = ClassTable::new(Separators {
            repetition: Some(b'^'),
            ..Separators::EDIFACT
        });
        for byte in 0..=u8::MAX {
            assert_eq!(table.class(byte).0.count_ones(), 1, "{byte}");
            let service = !plain(byte).has(table.class(byte));
            assert_eq!(service, b":^?".contains(&byte), "{byte}");
            assert!(service || table.class(byte) == plain(byte));
        }
        assert!(table.classes(b"PO-12.5 x").within(Classes::TEXT));
        assert!(!table.classes(b"PO\x07").within(Classes::TEXT));
        assert_eq!(table.classes(b""), Classes::NONE);
    }

    #[test]
    fn characters_are_counted_not_bytes() {
        for (bytes, want) in [
            ("Müller".as_bytes(), 6),
            (b"M\xFCller", 6),
            (b"Mueller", 7),
            (b"", 0),
        ] {
            let seen = ClassTable::new(Separators::X12).classes(bytes);
            assert_eq!(length(bytes, seen), want);
        }
    }

    #[test]
    fn blanks_behind_a_value_are_padding() {
        for (bytes, want) in [(" a b  ", " a b"), ("  ", ""), ("", ""), ("a", "a")] {
            assert_eq!(trimmed(bytes.as_bytes()), want.as_bytes());
        }
    }
}
