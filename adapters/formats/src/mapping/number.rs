//! Decimal numbers as people and ERPs write them: which mark, which grouping, and nothing accepted beyond that.
//!
//! Never guesses: `1.234` under a decimal comma is refused unless the point is declared as the group mark, and a group
//! mark must stand every three digits. Leading zeros and a missing zero before the mark are harmless and accepted.

use canonical::decimal::{Decimal, MAX_SCALE};

/// How numbers are written. The default is the canonical form: a decimal point and no grouping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NumberFormat {
    /// Between the whole part and the fraction.
    pub(crate) mark: char,
    /// Between groups of three digits of the whole part, where a file groups them.
    pub(crate) group: Option<char>,
}

impl Default for NumberFormat {
    fn default() -> Self {
        let (mark, group) = ('.', None);
        Self { mark, group }
    }
}

/// Why a text is not a number in the declared form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotANumber {
    /// A character that the form does not have.
    Form,
    /// A character that would be a decimal mark or a group mark in another form.
    OtherMark(char),
    /// A group mark where none belongs.
    Grouping,
    /// More than 18 digits before the mark or 10 behind it.
    Range,
}

impl NumberFormat {
    /// Reads `text`, which has no blanks around it.
    pub(crate) fn read(self, text: &str) -> Result<Decimal, NotANumber> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = match digits.split_once(self.mark) {
            Some((_, "")) => return Err(NotANumber::Form),
            Some((whole, fraction)) => (whole, fraction),
            None => (digits, ""),
        };
        if whole.is_empty() && fraction.is_empty() {
            return Err(NotANumber::Form);
        }
        let whole_value = match self.group.filter(|group| whole.contains(*group)) {
            Some(group) => self.grouped(whole, group)?,
            None => self.digits(whole, 0)?,
        };
        let fraction_value = self.digits(fraction, 0)?;
        let scale = u32::try_from(fraction.len()).unwrap_or(u32::MAX);
        if scale > MAX_SCALE {
            return Err(NotANumber::Range);
        }
        let mantissa = i128::from(whole_value) * 10_i128.pow(scale) + i128::from(fraction_value);
        let mantissa = if negative { -mantissa } else { mantissa };
        Decimal::from_parts(mantissa, scale).ok_or(NotANumber::Range)
    }

    /// The value of plain digits, appended to `before`.
    fn digits(self, text: &str, before: u64) -> Result<u64, NotANumber> {
        let mut value = before;
        for byte in text.bytes() {
            if !byte.is_ascii_digit() {
                return Err(self.why(text));
            }
            let next = value.checked_mul(10);
            let next = next.and_then(|next| next.checked_add(u64::from(byte - b'0')));
            value = next.ok_or(NotANumber::Range)?;
        }
        Ok(value)
    }

    fn grouped(self, whole: &str, group: char) -> Result<u64, NotANumber> {
        let mut value = 0;
        for (index, digits) in whole.split(group).enumerate() {
            let fits = match index {
                0 => (1..=3).contains(&digits.len()),
                _ => digits.len() == 3,
            };
            if !fits {
                return Err(NotANumber::Grouping);
            }
            value = self.digits(digits, value)?;
        }
        Ok(value)
    }

    /// Tells a number in another form from something that is no number at all.
    fn why(self, text: &str) -> NotANumber {
        let is_mark = |c: char| matches!(c, '.' | ',' | '\'' | ' ' | '\u{a0}' | '\u{202f}' | '’');
        let other = |c: &char| is_mark(*c);
        match text.chars().find(|c| !c.is_ascii_digit()) {
            Some(found) if Some(found) == self.group => NotANumber::Grouping,
            Some(found) => Some(found)
                .filter(other)
                .map_or(NotANumber::Form, NotANumber::OtherMark),
            None => NotANumber::Form,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{NotANumber, NumberFormat};
    use NotANumber::{Form, Grouping, OtherMark, Range};
    use proptest::prelude::{any, prop_assert_eq, proptest};

    const POINT: NumberFormat = NumberFormat {
        mark: '.',
        group: None,
    };
    const GERMAN: NumberFormat = NumberFormat {
        mark: ',',
        group: Some('.'),
    };
    const COMMA: NumberFormat = NumberFormat {
        mark: ',',
        group: None,
    };
    const SWISS: NumberFormat = NumberFormat {
        mark: '.',
        group: Some('’'),
    };

    #[test]
    fn forms() {
        for (format, text, want) in [
            (POINT, "12.50", Ok("12.50")),
            (POINT, "0", Ok("0")),
            (POINT, "000120.0", Ok("120.0")),
            (POINT, ".5", Ok("0.5")),
            (POINT, "-0.00", Ok("0.00")),
            (POINT, "-7", Ok("-7")),
            (POINT, "5.", Err(Form)),
            (POINT, "", Err(Form)),
            (POINT, "-", Err(Form)),
            (POINT, ".", Err(Form)),
            (POINT, "+5", Err(Form)),
            (POINT, "--5", Err(Form)),
            (POINT, "1e3", Err(Form)),
            (POINT, "12 Stk", Err(OtherMark(' '))),
            (POINT, "1,5", Err(OtherMark(','))),
            (POINT, "1.2.3", Err(OtherMark('.'))),
            (POINT, "１", Err(Form)),
            (GERMAN, "1.234,50", Ok("1234.50")),
            (GERMAN, "1234,50", Ok("1234.50")),
            (GERMAN, "1.234", Ok("1234")),
            (GERMAN, "-12.345.678", Ok("-12345678")),
            (GERMAN, "1.23", Err(Grouping)),
            (GERMAN, "1234.567", Err(Grouping)),
            (GERMAN, ".123", Err(Grouping)),
            (GERMAN, "1..234", Err(Grouping)),
            (GERMAN, "1,234.5", Err(Grouping)),
            (GERMAN, "1,2,3", Err(OtherMark(','))),
            (COMMA, "1.234", Err(OtherMark('.'))),
            (COMMA, "0,5", Ok("0.5")),
            (SWISS, "1’234.5", Ok("1234.5")),
            (SWISS, "1'234.5", Err(OtherMark('\''))),
            (POINT, "123456789012345678", Ok("123456789012345678")),
            (POINT, "0000000000001234567890123456789", Err(Range)),
            (POINT, "99999999999999999999999", Err(Range)),
            (POINT, "1.0123456789", Ok("1.0123456789")),
            (POINT, "1.01234567890", Err(Range)),
        ] {
            let found = format.read(text).map(|value| value.to_string());
            assert_eq!(found, want.map(str::to_owned), "{format:?} {text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_canonical_writes_is_read_back(mantissa in -999_999_999_999_999_i64..999_999_999_999_999, scale in 0_u32..=10) {
            let value = canonical::decimal::Decimal::from_parts(mantissa.into(), scale).unwrap();
            prop_assert_eq!(POINT.read(&value.to_string()).map(|v| v.to_string()), Ok(value.to_string()));
            let german = value.to_string().replace('.', ",");
            prop_assert_eq!(GERMAN.read(&german).map(|v| v.to_string()), Ok(value.to_string()));
        }

        #[test]
        fn nothing_panics(text in any::<String>(), digits in "[-0-9.,']{0,40}") {
            for format in [POINT, GERMAN, COMMA, SWISS] {
                let (_, _) = (format.read(&text), format.read(&digits));
            }
        }
    }
}
