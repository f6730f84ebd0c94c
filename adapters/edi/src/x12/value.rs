//! Values of X12's element types (X12.6): numbers with and without a point, dates, times.
//! Never rounds, never adds a zone or a century beyond the window, never trims what the type does not pad.
//! Invariant: what is returned says exactly what the bytes say.

use canonical::date::Date;
use canonical::decimal::Decimal;

/// Bytes without the blanks that pad an AN or ID element on its right.
pub(super) fn trimmed(bytes: &[u8]) -> &[u8] {
    let blanks = bytes.iter().rev().take_while(|byte| **byte == b' ').count();
    bytes.get(..bytes.len() - blanks).unwrap_or_default()
}

/// A number of type R, and whether it is written in a way that its version does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) value: Decimal,
    /// A plus sign; it is in no version.
    pub(super) plus: bool,
    /// An exponent; it is in versions from 004020 on.
    pub(super) exponent: bool,
    /// Digits as length limits count them: sign, point and exponent are free.
    pub(super) digits: usize,
}

/// Reads type R: sign, digits, a point anywhere among them. Leading zeros mean nothing.
pub(super) fn real(bytes: &[u8]) -> Option<Number> {
    let (negative, plus, rest) = match bytes {
        [b'-', rest @ ..] => (true, false, rest),
        [b'+', rest @ ..] => (false, true, rest),
        _ => (false, false, bytes),
    };
    let (plain, power) = match rest.iter().position(|byte| *byte == b'E') {
        Some(place) => (rest.get(..place)?, Some(exponent(rest.get(place + 1..)?)?)),
        None => (rest, None),
    };
    let mut mantissa = 0_i128;
    let mut scale = None;
    let mut digits = 0;
    for byte in plain {
        match byte {
            b'0'..=b'9' => {
                mantissa = mantissa
                    .checked_mul(10)?
                    .checked_add(i128::from(byte - b'0'))?;
                digits += 1;
                scale = scale.map(|places: i32| places + 1);
            }
            b'.' if scale.is_none() => scale = Some(0),
            _ => return None,
        }
    }
    if digits == 0 || digits > 28 {
        return None;
    }
    let mut scale = scale.unwrap_or(0) - power.unwrap_or(0);
    while scale < 0 {
        mantissa = mantissa.checked_mul(10)?;
        scale += 1;
    }
    let value = Decimal::from_parts(
        if negative { -mantissa } else { mantissa },
        u32::try_from(scale).ok()?,
    )?;
    Some(Number {
        value,
        plus,
        exponent: power.is_some(),
        digits,
    })
}

fn exponent(bytes: &[u8]) -> Option<i32> {
    let (negative, digits) = match bytes {
        [b'-', digits @ ..] => (true, digits),
        _ => (false, bytes),
    };
    if digits.is_empty() || digits.len() > 2 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value = digits
        .iter()
        .fold(0, |sum, digit| sum * 10 + i32::from(digit - b'0'));
    Some(if negative { -value } else { value })
}

/// Reads types N0 to N9: sign and digits, the point implied `places` digits from the right.
pub(super) fn implied(bytes: &[u8], places: u32) -> Option<Number> {
    let (negative, digits) = match bytes {
        [b'-', digits @ ..] => (true, digits),
        _ => (false, bytes),
    };
    if digits.is_empty() || digits.len() > 28 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let mantissa = digits
        .iter()
        .fold(0_i128, |sum, digit| sum * 10 + i128::from(digit - b'0'));
    let value = Decimal::from_parts(if negative { -mantissa } else { mantissa }, places)?;
    Some(Number {
        value,
        plus: false,
        exponent: false,
        digits: digits.len(),
    })
}

/// Reads type DT: `CCYYMMDD`, or `YYMMDD` with years 70 to 99 in the twentieth century.
pub(super) fn date(bytes: &[u8]) -> Option<Date> {
    if !bytes.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = |digits: &[u8]| {
        digits
            .iter()
            .fold(0_u16, |sum, digit| sum * 10 + u16::from(digit - b'0'))
    };
    let (year, month, day) = match bytes {
        [a, b, c, d, e, f, g, h] => (
            number(&[*a, *b, *c, *d]),
            number(&[*e, *f]),
            number(&[*g, *h]),
        ),
        [a, b, c, d, e, f] => {
            let short = number(&[*a, *b]);
            (
                if short < 70 {
                    2000 + short
                } else {
                    1900 + short
                },
                number(&[*c, *d]),
                number(&[*e, *f]),
            )
        }
        _ => return None,
    };
    if year == 0 {
        return None;
    }
    Date::from_ymd(year, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
}

/// Reads type TM, `HHMM[SS[D[D]]]`, as `HH:MM:SS[.DD]`.
pub(super) fn time(bytes: &[u8]) -> Option<String> {
    if !matches!(bytes.len(), 4 | 6 | 7 | 8) || !bytes.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let (hour, minute) = (text.get(..2)?, text.get(2..4)?);
    let second = text.get(4..6).unwrap_or("00");
    if hour > "23" || minute > "59" || second > "59" {
        return None;
    }
    let fraction = text.get(6..).filter(|digits| !digits.is_empty());
    Some(match fraction {
        Some(digits) => format!("{hour}:{minute}:{second}.{digits}"),
        None => format!("{hour}:{minute}:{second}"),
    })
}

/// The offset from UTC of a time code (X12 element 623), for those that say one: zones whose clocks change do not.
pub(super) fn zone(code: &[u8]) -> Option<&'static str> {
    Some(match code {
        b"UT" | b"GM" => "Z",
        b"AD" => "-03:00",
        b"AS" | b"ED" => "-04:00",
        b"ES" | b"CD" => "-05:00",
        b"CS" | b"MD" => "-06:00",
        b"MS" | b"PD" => "-07:00",
        b"PS" => "-08:00",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{date, implied, real, time, trimmed};

    #[test]
    fn reals() {
        for (text, want) in [
            ("12.5", Some("12.5")),
            ("10.", Some("10")),
            (".5", Some("0.5")),
            ("-3", Some("-3")),
            ("0012.50", Some("12.50")),
            ("+4", Some("4")),
            ("1E3", Some("1000")),
            ("12.5E-1", Some("1.25")),
            ("0", Some("0")),
            ("-0.0", Some("0.0")),
            (
                "999999999999999999.9999999999",
                Some("999999999999999999.9999999999"),
            ),
            ("1000000000000000000", None),
            ("0.00000000001", None),
            ("12,5", None),
            ("1.2.3", None),
            ("", None),
            (".", None),
            ("-", None),
            ("1E", None),
            ("1E999", None),
            ("E3", None),
            ("--1", None),
        ] {
            assert_eq!(
                real(text.as_bytes())
                    .map(|number| number.value.to_string())
                    .as_deref(),
                want,
                "{text:?}"
            );
        }
    }

    #[test]
    fn implied_decimals() {
        for (text, places, want) in [
            ("12500", 2, Some("125.00")),
            ("995", 2, Some("9.95")),
            ("-5", 2, Some("-0.05")),
            ("7", 0, Some("7")),
            ("1.5", 2, None),
            ("", 2, None),
        ] {
            assert_eq!(
                implied(text.as_bytes(), places)
                    .map(|number| number.value.to_string())
                    .as_deref(),
                want,
                "{text:?}"
            );
        }
    }

    #[test]
    fn dates() {
        for (text, want) in [
            ("20260131", Some("2026-01-31")),
            ("260131", Some("2026-01-31")),
            ("700101", Some("1970-01-01")),
            ("690101", Some("2069-01-01")),
            ("20240229", Some("2024-02-29")),
            ("20230229", None),
            ("20261301", None),
            ("2026013", None),
            ("00000000", None),
            ("2026 131", None),
            ("", None),
        ] {
            assert_eq!(
                date(text.as_bytes())
                    .map(|date| date.to_string())
                    .as_deref(),
                want,
                "{text:?}"
            );
        }
    }

    #[test]
    fn times() {
        for (text, want) in [
            ("1534", Some("15:34:00")),
            ("153459", Some("15:34:59")),
            ("1534595", Some("15:34:59.5")),
            ("15345999", Some("15:34:59.99")),
            ("2561", None),
            ("2400", None),
            ("15345", None),
            ("15:4", None),
        ] {
            assert_eq!(time(text.as_bytes()).as_deref(), want, "{text:?}");
        }
    }

    #[test]
    fn padding() {
        assert_eq!(trimmed(b" A B  "), b" A B");
        assert_eq!(trimmed(b"   "), b"");
    }
}
