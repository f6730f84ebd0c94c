//! Numbers as COBOL and RPG store them.
//! Pure. Never guesses: a half byte that is no digit, or a sign that is none, makes no number.

use super::Sign;

/// Most digits of a number.
pub(crate) const MAX_DIGITS: usize = 31;

/// A number's digits and sign.
#[derive(Debug)]
pub(crate) struct Number {
    negative: bool,
    digits: [u8; MAX_DIGITS + 1],
    count: usize,
    /// Zeros before it are kept: a zoned number without decimals may be a code.
    is_code: bool,
}

impl Number {
    fn new(is_code: bool) -> Self {
        Self {
            negative: false,
            digits: [b'0'; MAX_DIGITS + 1],
            count: 0,
            is_code,
        }
    }

    /// Adds an ASCII digit; nothing when there are too many.
    fn push(&mut self, digit: u8) -> Option<()> {
        *self.digits.get_mut(self.count)? = digit;
        self.count += 1;
        Some(())
    }

    /// Adds it as text, with a full stop before its decimals.
    pub(crate) fn write(&self, decimals: u8, out: &mut String) {
        let decimals = usize::from(decimals);
        let digits = self.digits.get(..self.count).unwrap_or_default();
        let significant = digits.iter().position(|digit| *digit != b'0');
        let first = significant.unwrap_or(self.count);
        if self.negative && significant.is_some() {
            out.push('-');
        }
        let whole = self.count.saturating_sub(decimals);
        let keeps_zeros = self.is_code && decimals == 0;
        let from = if keeps_zeros { 0 } else { first.min(whole) };
        if from == whole {
            out.push('0');
        }
        let add = |digits: &[u8], out: &mut String| {
            out.extend(digits.iter().map(|digit| char::from(*digit)));
        };
        add(digits.get(from..whole).unwrap_or_default(), out);
        if decimals > 0 {
            out.push('.');
            out.extend(std::iter::repeat_n(
                '0',
                decimals.saturating_sub(self.count),
            ));
            add(digits.get(whole..).unwrap_or_default(), out);
        }
    }
}

/// A digit a byte.
pub(super) fn zoned(bytes: &[u8], is_ebcdic: bool, sign: Sign) -> Option<Number> {
    let is_first = matches!(sign, Sign::Leading | Sign::SeparateLeading);
    let (mark, plain) = if is_first {
        bytes.split_first()?
    } else {
        bytes.split_last()?
    };
    let mut number = Number::new(true);
    let is_separate = matches!(sign, Sign::SeparateLeading | Sign::SeparateTrailing);
    let (last, negative) = if is_separate {
        (None, separate(*mark, is_ebcdic)?)
    } else {
        let (digit, negative) = punched(*mark, is_ebcdic)?;
        (Some(digit), negative)
    };
    number.negative = negative;
    if let Some(digit) = last.filter(|_| is_first) {
        number.push(digit)?;
    }
    for byte in plain {
        number.push(digit(*byte, is_ebcdic)?)?;
    }
    if let Some(digit) = last.filter(|_| !is_first) {
        number.push(digit)?;
    }
    (number.count > 0).then_some(number)
}

/// A sign of its own; whether it is a minus.
fn separate(mark: u8, is_ebcdic: bool) -> Option<bool> {
    match (mark, is_ebcdic) {
        (b'-', false) | (0x60, true) => Some(true),
        (b'+' | b' ', false) | (0x4E | 0x40, true) => Some(false),
        _ => None,
    }
}

/// A digit, or a blank before the digits, as a zero: many programs write it so.
fn digit(byte: u8, is_ebcdic: bool) -> Option<u8> {
    match (byte, is_ebcdic) {
        (b'0'..=b'9', false) => Some(byte),
        (0xF0..=0xF9, true) => Some(byte - 0xF0 + b'0'),
        (b' ', false) | (0x40, true) => Some(b'0'),
        _ => None,
    }
}

/// A digit with a sign in its zone: in EBCDIC by its upper half, in ASCII as the letters that those bytes become, and as
/// PC compilers write it (`p` to `y`).
fn punched(byte: u8, is_ebcdic: bool) -> Option<(u8, bool)> {
    if is_ebcdic {
        let value = byte & 0x0F;
        let negative = match byte >> 4 {
            0xA | 0xC | 0xE | 0xF => false,
            0xB | 0xD => true,
            _ => return None,
        };
        return (value < 10).then_some((value + b'0', negative));
    }
    Some(match byte {
        b'0'..=b'9' => (byte, false),
        b'{' => (b'0', false),
        b'A'..=b'I' => (byte - b'A' + b'1', false),
        b'}' => (b'0', true),
        b'J'..=b'R' => (byte - b'J' + b'1', true),
        b'p'..=b'y' => (byte - b'p' + b'0', true),
        _ => return None,
    })
}

/// Two digits a byte; the last half byte is the sign.
pub(super) fn packed(bytes: &[u8]) -> Option<Number> {
    let (last, front) = bytes.split_last()?;
    let mut number = Number::new(false);
    let halves = front.iter().flat_map(|byte| [byte >> 4, byte & 0x0F]);
    for half in halves.chain([last >> 4]) {
        number.push((half < 10).then_some(half + b'0')?)?;
    }
    number.negative = match last & 0x0F {
        0xA | 0xC | 0xE | 0xF => false,
        0xB | 0xD => true,
        _ => return None,
    };
    Some(number)
}

/// The highest byte first.
pub(super) fn binary(bytes: &[u8], signed: bool) -> Option<Number> {
    if bytes.is_empty() || bytes.len() > 8 {
        return None;
    }
    let value = bytes
        .iter()
        .fold(0_i128, |value, byte| value << 8 | i128::from(*byte));
    let bits = u32::try_from(bytes.len() * 8).ok()?;
    let mut number = Number::new(false);
    number.negative = signed && value >> (bits - 1) == 1;
    let value = if number.negative {
        (1_i128 << bits) - value
    } else {
        value
    };
    for digit in value.to_string().bytes() {
        number.push(digit)?;
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::{Number, Sign, binary, packed, zoned};

    fn shown(number: Option<Number>, decimals: u8) -> String {
        let mut text = String::new();
        match number {
            Some(number) => number.write(decimals, &mut text),
            None => text.push('?'),
        }
        text
    }

    #[test]
    fn packed_decimals() {
        for (bytes, decimals, want) in [
            (&b"\x01\x25\x0c"[..], 2, "12.50"),
            (b"\x01\x25\x0d", 2, "-12.50"),
            (b"\x00\x00\x5f", 2, "0.05"),
            (b"\x0c", 0, "0"),
            (b"\x0d", 0, "0"),
            (b"\x00\x0d", 2, "0.00"),
            (b"\x12\x3a", 0, "123"),
            (b"\x12\x3b", 0, "-123"),
            (
                b"\x99\x99\x99\x99\x99\x99\x99\x99\x99\x9c",
                0,
                "9999999999999999999",
            ),
            (b"\x12\x34", 0, "?"),
            (b"\x1a\x3c", 0, "?"),
            (b"\x40\x40", 0, "?"),
            (b"", 0, "?"),
        ] {
            assert_eq!(shown(packed(bytes), decimals), want, "{bytes:x?}");
        }
    }

    #[test]
    fn zoned_decimals() {
        use Sign::{Leading, SeparateLeading, SeparateTrailing, Trailing};
        for (bytes, ebcdic, sign, decimals, want) in [
            (&b"\xf0\xf1\xf2\xc5"[..], true, Trailing, 2, "1.25"),
            (b"\xf0\xf1\xf2\xd5", true, Trailing, 2, "-1.25"),
            (b"\xf0\xf1\xf2\xf5", true, Trailing, 0, "0125"),
            (b"\xd1\xf2", true, Leading, 0, "-12"),
            (b"\xf1\xf2\x60", true, SeparateTrailing, 0, "-12"),
            (b"0000001250}", false, Trailing, 2, "-125.00"),
            (b"000000200A", false, Trailing, 2, "20.01"),
            (b"12q", false, Trailing, 0, "-121"),
            (b"-0012", false, SeparateLeading, 0, "-0012"),
            (b"+0012", false, SeparateLeading, 0, "0012"),
            (b"0012-", false, SeparateTrailing, 1, "-1.2"),
            (b"  12", false, Trailing, 0, "0012"),
            (b"0}", false, Trailing, 0, "00"),
            (b"1x2", false, Trailing, 0, "?"),
            (b"12.5", false, Trailing, 0, "?"),
            (b"0012", false, SeparateTrailing, 0, "?"),
            (b"-", false, SeparateLeading, 0, "?"),
            (b"\x31\x32", true, Trailing, 0, "?"),
            (b"", false, Trailing, 0, "?"),
        ] {
            assert_eq!(
                shown(zoned(bytes, ebcdic, sign), decimals),
                want,
                "{bytes:x?} {sign:?}"
            );
        }
    }

    #[test]
    fn binary_numbers() {
        for (bytes, signed, decimals, want) in [
            (&b"\x04\xe2"[..], true, 2, "12.50"),
            (b"\xff\xff", true, 0, "-1"),
            (b"\xff\xff", false, 0, "65535"),
            (b"\x80\0\0\0\0\0\0\0", true, 0, "-9223372036854775808"),
            (b"\0\0\0\0", true, 0, "0"),
            (b"", true, 0, "?"),
            (b"123456789", true, 0, "?"),
        ] {
            assert_eq!(shown(binary(bytes, signed), decimals), want, "{bytes:x?}");
        }
    }
}
