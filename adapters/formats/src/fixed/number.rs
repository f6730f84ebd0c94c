//! Numbers as COBOL and RPG store them.
//! Pure. Never guesses: a half byte that is no digit, or a sign that is none, makes no number.

use super::Sign;

/// A number's digits and sign.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Number {
    negative: bool,
    /// ASCII digits. Zeros before a zoned number without decimals are kept: it may be a code.
    digits: Vec<u8>,
    is_code: bool,
}

impl Number {
    /// Adds it as text, with a full stop before its decimals.
    pub(crate) fn write(&self, decimals: u8, out: &mut String) {
        let decimals = usize::from(decimals);
        let mut digits: String = self.digits.iter().map(|digit| char::from(*digit)).collect();
        if !self.is_code || decimals > 0 {
            digits = digits.trim_start_matches('0').to_owned();
        }
        let missing = (decimals + 1).saturating_sub(digits.len());
        digits.insert_str(0, &"0".repeat(missing));
        if self.negative && digits.bytes().any(|digit| digit != b'0') {
            out.push('-');
        }
        let (whole, fraction) = digits.split_at(digits.len() - decimals);
        out.push_str(whole);
        if decimals > 0 {
            out.push('.');
            out.push_str(fraction);
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
    let plain = plain.iter().map(|byte| digit(*byte, is_ebcdic));
    let mut digits = plain.collect::<Option<Vec<u8>>>()?;
    let negative = match sign {
        Sign::SeparateLeading | Sign::SeparateTrailing => separate(*mark, is_ebcdic)?,
        Sign::Leading | Sign::Trailing => {
            let (digit, negative) = punched(*mark, is_ebcdic)?;
            digits.insert(if is_first { 0 } else { digits.len() }, digit);
            negative
        }
    };
    (!digits.is_empty()).then_some(Number {
        negative,
        digits,
        is_code: true,
    })
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
    let mut digits = Vec::with_capacity(bytes.len() * 2);
    let halves = front.iter().flat_map(|byte| [byte >> 4, byte & 0x0F]);
    for half in halves.chain([last >> 4]) {
        digits.push((half < 10).then_some(half + b'0')?);
    }
    let negative = match last & 0x0F {
        0xA | 0xC | 0xE | 0xF => false,
        0xB | 0xD => true,
        _ => return None,
    };
    Some(Number {
        negative,
        digits,
        is_code: false,
    })
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
    let negative = signed && value >> (bits - 1) == 1;
    let value = if negative {
        (1_i128 << bits) - value
    } else {
        value
    };
    Some(Number {
        negative,
        digits: value.to_string().into_bytes(),
        is_code: false,
    })
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
