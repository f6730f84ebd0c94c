//! Which classes of characters a value consists of, found in one pass over its bytes: the question that every type asks first.
//! Knows bytes only; what a type makes of a class is said elsewhere.
//! Invariant: every byte has exactly one class, and beside it at most that it is foreign; a service character has its own.

use crate::charset::Charset;
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
    /// Besides: what the declared level does not have.
    pub(super) const FOREIGN: Self = Self(1 << 11);

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

/// The class of each byte, under certain separators and in a certain character set.
pub(super) struct ClassTable {
    classes: [Classes; 256],
    /// The same, where no byte is a service character.
    data: [Classes; 256],
    separators: Separators,
    charset: Option<Charset>,
}

impl ClassTable {
    /// The table for these separators and this character set.
    pub(super) fn new(separators: Separators, charset: Option<Charset>) -> Self {
        let mut data = [Classes::NONE; 256];
        for (byte, class) in (0..=u8::MAX).zip(&mut data) {
            let text = [byte];
            let text = std::str::from_utf8(&text).unwrap_or_default();
            let foreign = charset.and_then(|charset| charset.foreign(text)).is_some();
            *class = match plain(byte) {
                own if foreign => own.and(Classes::FOREIGN),
                own => own,
            };
        }
        let mut classes = data;
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
            data,
            separators,
            charset,
        }
    }

    /// The separators that the table is for.
    pub(super) fn separators(&self) -> &Separators {
        &self.separators
    }

    /// The character set that the table is for.
    pub(super) fn charset(&self) -> Option<&Charset> {
        self.charset.as_ref()
    }

    /// Whether this is the release character.
    pub(super) fn releases(&self, byte: u8) -> bool {
        self.separators.release == Some(byte)
    }

    /// The classes of all bytes, service characters included.
    pub(super) fn classes(&self, bytes: &[u8]) -> Classes {
        seen(&self.classes, bytes)
    }

    /// The classes of bytes that separate nothing.
    pub(super) fn data_classes(&self, bytes: &[u8]) -> Classes {
        seen(&self.data, bytes)
    }

    /// How many characters these bytes are. Where no character set is known: those of UTF-8, or else one a byte.
    pub(super) fn length(&self, bytes: &[u8], seen: Classes) -> usize {
        if !seen.has(Classes::HIGH) {
            return bytes.len();
        }
        match self.charset {
            Some(charset) => charset.decode(bytes).0.chars().count(),
            None => std::str::from_utf8(bytes).map_or(bytes.len(), |text| text.chars().count()),
        }
    }
}

fn seen(table: &[Classes; 256], bytes: &[u8]) -> Classes {
    bytes.iter().fold(Classes::NONE, |seen, byte| {
        // The table has an entry for every byte.
        let class = table.get(usize::from(*byte)).copied().unwrap_or_default();
        seen.and(class)
    })
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

/// Bytes without the blanks behind them.
pub(super) fn trimmed(bytes: &[u8]) -> &[u8] {
    let kept = bytes.iter().rposition(|byte| *byte != b' ');
    kept.and_then(|last| bytes.get(..=last)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{ClassTable, Classes, plain, trimmed};
    use crate::charset::Charset;
    use crate::headers::Interchange;
    use crate::separators::Separators;
    use crate::syntax::Syntax;

    fn table(separators: Separators, level: &str) -> ClassTable {
        let interchange = Interchange {
            syntax: Syntax::Edifact,
            version: level.to_owned(),
            ..Interchange::default()
        };
        let charset = Charset::for_interchange(&interchange, None).ok();
        ClassTable::new(separators, charset)
    }

    #[test]
    fn every_byte_has_one_class() {
        let separators = Separators {
            repetition: Some(b'^'),
            ..Separators::EDIFACT
        };
        let table = table(separators, "UNOA:3");
        for byte in 0..=u8::MAX {
            let class = table.classes(&[byte]);
            let foreign = class.has(Classes::FOREIGN);
            assert_eq!(class.0.count_ones(), 1 + u32::from(foreign), "{byte}");
            assert_eq!(!class.has(plain(byte)), b":^?".contains(&byte), "{byte}");
            assert!(!foreign || !byte.is_ascii_uppercase(), "{byte}");
        }
        assert!(table.classes(b"12").within(Classes::DIGIT));
        assert!(
            table.classes(b"PO-12.5 X").has(Classes::MARK)
                && !table.classes(b"PO").has(Classes::MARK)
        );
        assert_eq!(table.classes(b""), Classes::NONE);
        assert!(
            table
                .data_classes(b":^?")
                .within(Classes::SIGN.and(Classes::FOREIGN))
        );
    }

    #[test]
    fn characters_are_counted_not_bytes() {
        for (level, bytes, want) in [
            ("", "M\u{fc}ller".as_bytes(), 6),
            ("", b"M\xFCller", 6),
            ("", b"Mueller", 7),
            ("", b"", 0),
            ("UNOY:4", "M\u{fc}ller".as_bytes(), 6),
            ("UNOC:3", b"M\xFCller", 6),
            ("UNOD:3", "M\u{fc}ller".as_bytes(), 7),
        ] {
            let table = table(Separators::X12, level);
            assert_eq!(table.length(bytes, table.classes(bytes)), want, "{level}");
        }
    }

    #[test]
    fn blanks_behind_a_value_are_padding() {
        for (bytes, want) in [(" a b  ", " a b"), ("  ", ""), ("", ""), ("a", "a")] {
            assert_eq!(trimmed(bytes.as_bytes()), want.as_bytes());
        }
    }
}
