//! Exact decimals as text: amounts, quantities, prices and rates.
//! Never rounds, never goes through a float, and keeps the scale it was written with ("0.0850").
//! Invariant: the value always fits `^-?(0|[1-9]\d{0,17})(\.\d{1,10})?$` and is never minus zero.

use std::fmt;
use std::str::FromStr;

use crate::text::{Inline, clip, read_as_text};

/// Digits before the point.
pub const MAX_INTEGER_DIGITS: u32 = 18;
/// Digits after the point.
pub const MAX_SCALE: u32 = 10;

/// An exact decimal of at most 18 integer and 10 fraction digits. Equality and order are numeric
/// (`0.10 == 0.1`); the text keeps its scale. The grammar is that of the canonical model, §4.3.
///
/// ```
/// use canonical::decimal::Decimal;
/// let price: Decimal = "0.0850".parse()?;
/// assert_eq!(price.to_string(), "0.0850");
/// assert!("1,5".parse::<Decimal>().is_err() && "-0.0".parse::<Decimal>().is_err());
/// # Ok::<(), canonical::decimal::DecimalError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal(rust_decimal::Decimal);

/// Why a text is not a canonical decimal. Lowercase; what to write instead is part of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// Not digits with at most one point.
    #[error(
        "expected a decimal number, found {0:?}: write digits with one decimal point, no exponent, no grouping, no leading zeros"
    )]
    Syntax(String),
    /// More than 18 integer or 10 fraction digits.
    #[error("{0:?} has more than 18 digits before or 10 digits after the decimal point")]
    Range(String),
    /// `-0` and its kin.
    #[error("{0:?} is minus zero: write it without the sign")]
    MinusZero(String),
}

impl Decimal {
    /// 0
    pub const ZERO: Self = Self(rust_decimal::Decimal::ZERO);
    /// 1
    pub const ONE: Self = Self(rust_decimal::Decimal::ONE);

    /// `mantissa / 10^scale`, kept at that scale; `None` outside the grammar.
    /// This is how a reader with its own notation (decimal comma, implied decimals) makes one.
    pub fn from_parts(mantissa: i128, scale: u32) -> Option<Self> {
        let limit = 10_i128.checked_pow(MAX_INTEGER_DIGITS.checked_add(scale)?)?;
        if scale > MAX_SCALE || mantissa >= limit || mantissa <= -limit {
            return None;
        }
        rust_decimal::Decimal::try_from_i128_with_scale(mantissa, scale)
            .ok()
            .map(Self)
    }

    /// The digits without the point: 850 for 0.0850.
    pub fn mantissa(self) -> i128 {
        self.0.mantissa()
    }

    /// Digits after the point, as written: 4 for 0.0850.
    pub fn scale(self) -> u32 {
        self.0.scale()
    }

    /// Whether the value is zero, whatever its scale.
    pub fn is_zero(self) -> bool {
        self.mantissa() == 0
    }

    /// Whether the value is below zero.
    pub fn is_negative(self) -> bool {
        self.mantissa() < 0
    }

    /// The exact sum at the larger scale; `None` when it needs more than 18 integer digits.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let scale = self.scale().max(other.scale());
        Self::from_parts(
            self.at_scale(scale)?.checked_add(other.at_scale(scale)?)?,
            scale,
        )
    }

    /// The exact difference, as [`Decimal::checked_add`].
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        let scale = self.scale().max(other.scale());
        Self::from_parts(
            self.at_scale(scale)?.checked_sub(other.at_scale(scale)?)?,
            scale,
        )
    }

    /// The exact product; trailing zeros are dropped only where the scale would pass 10.
    /// `None` when the exact product does not fit: it is never rounded.
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        let mut mantissa = self.mantissa().checked_mul(other.mantissa())?;
        let mut scale = self.scale() + other.scale();
        while scale > MAX_SCALE && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        Self::from_parts(mantissa, scale)
    }

    /// The value without its sign.
    #[must_use]
    pub fn abs(self) -> Self {
        Self(self.0.abs())
    }

    fn at_scale(self, scale: u32) -> Option<i128> {
        self.mantissa()
            .checked_mul(10_i128.checked_pow(scale.checked_sub(self.scale())?)?)
    }

    /// 18 + 10 digits, a sign, a point.
    fn text(self) -> Inline<30> {
        let mut buffer = [0_u8; 30];
        let mut start = buffer.len();
        let mut rest = self.mantissa().unsigned_abs();
        let scale = self.scale();
        let mut written = 0;
        // One integer digit at least, so "0.05" keeps its zero.
        while rest > 0 || written <= scale {
            let digit = u8::try_from(rest % 10).unwrap_or_default();
            rest /= 10;
            if written == scale && scale > 0 {
                put(&mut buffer, &mut start, b'.');
            }
            put(&mut buffer, &mut start, b'0' + digit);
            written += 1;
        }
        if self.is_negative() {
            put(&mut buffer, &mut start, b'-');
        }
        let text = std::str::from_utf8(buffer.get(start..).unwrap_or_default()).unwrap_or_default();
        Inline::new(text).unwrap_or(Inline::full(&[b'0'; 30]))
    }
}

/// Writes towards the front. The buffer holds the longest value of the grammar.
fn put(buffer: &mut [u8; 30], start: &mut usize, byte: u8) {
    *start = start.saturating_sub(1);
    if let Some(slot) = buffer.get_mut(*start) {
        *slot = byte;
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let syntax = || DecimalError::Syntax(clip(text));
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (integer, fraction) = match digits.split_once('.') {
            Some((_, "")) => return Err(syntax()),
            Some((integer, fraction)) => (integer, fraction),
            None => (digits, ""),
        };
        let leading_zero = integer.len() > 1 && integer.starts_with('0');
        if integer.is_empty() || leading_zero {
            return Err(syntax());
        }
        if !integer
            .bytes()
            .chain(fraction.bytes())
            .all(|byte| byte.is_ascii_digit())
        {
            return Err(syntax());
        }
        if integer.len() > 18 || fraction.len() > 10 {
            return Err(DecimalError::Range(clip(text)));
        }
        let mantissa = integer
            .bytes()
            .chain(fraction.bytes())
            .fold(0_i128, |sum, byte| sum * 10 + i128::from(byte - b'0'));
        if negative && mantissa == 0 {
            return Err(DecimalError::MinusZero(clip(text)));
        }
        let scale = u32::try_from(fraction.len()).map_err(|_too_long| syntax())?;
        Self::from_parts(if negative { -mantissa } else { mantissa }, scale).ok_or_else(syntax)
    }
}

impl From<u32> for Decimal {
    fn from(value: u32) -> Self {
        Self(value.into())
    }
}

impl From<i32> for Decimal {
    fn from(value: i32) -> Self {
        Self(value.into())
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text().as_str())
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Decimal({self})")
    }
}

impl serde::Serialize for Decimal {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text().as_str())
    }
}

read_as_text!(Decimal, {
    "type": "string",
    "pattern": "^-?(0|[1-9][0-9]{0,17})(\\.[0-9]{1,10})?$",
    "not": { "pattern": "^-0(\\.0+)?$" },
    "description": "Exact decimal as text: no exponent, no plus, no grouping, no leading zeros, no minus zero; at most 18 integer and 10 fraction digits."
});

#[cfg(test)]
mod tests {
    use super::{Decimal, DecimalError};
    use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};

    #[test]
    fn the_grammar() {
        for good in [
            "0",
            "1",
            "-1",
            "0.0850",
            "10.20",
            "100",
            "-20",
            "0.0000000001",
            "-0.5",
            "999999999999999999.9999999999",
            "-999999999999999999.9999999999",
            "0.00",
        ] {
            let value: Decimal = good.parse().expect(good);
            assert_eq!(value.to_string(), good);
            assert_eq!(serde_json::to_string(&value).unwrap(), format!("{good:?}"));
        }
        for bad in [
            "",
            "-",
            ".",
            ".5",
            "5.",
            "+1",
            "1e3",
            "1,5",
            "01",
            "00",
            "-01",
            "1 ",
            " 1",
            "1.2.3",
            "١",
            "0x1",
            "1234567890123456789",
            "1.12345678901",
            "-0",
            "-0.0",
            "--1",
            "NaN",
        ] {
            assert!(bad.parse::<Decimal>().is_err(), "{bad:?}");
            assert!(
                serde_json::from_str::<Decimal>(&format!("{bad:?}")).is_err(),
                "{bad:?}"
            );
        }
        assert!(
            serde_json::from_str::<Decimal>("1.5").is_err(),
            "a JSON number is refused"
        );
        assert!(matches!(
            "-0.00".parse::<Decimal>(),
            Err(DecimalError::MinusZero(_))
        ));
        assert!(matches!(
            "1234567890123456789".parse::<Decimal>(),
            Err(DecimalError::Range(_))
        ));
    }

    #[test]
    fn arithmetic_is_exact_or_refused() {
        let of = |text: &str| text.parse::<Decimal>().unwrap();
        for (a, b, sum, product) in [
            ("0.1", "0.2", Some("0.3"), Some("0.02")),
            ("120", "0.0850", Some("120.0850"), Some("10.2000")),
            ("-1", "1", Some("0"), Some("-1")),
            ("0.0000000001", "0.1", Some("0.1000000001"), None),
            (
                "0.0000000010",
                "0.1",
                Some("0.1000000010"),
                Some("0.0000000001"),
            ),
            ("999999999999999999", "1", None, Some("999999999999999999")),
            (
                "999999999999999999.9999999999",
                "999999999999999999.9999999999",
                None,
                None,
            ),
        ] {
            assert_eq!(
                of(a).checked_add(of(b)).map(|d| d.to_string()).as_deref(),
                sum,
                "{a}+{b}"
            );
            assert_eq!(
                of(a).checked_mul(of(b)).map(|d| d.to_string()).as_deref(),
                product,
                "{a}*{b}"
            );
        }
        assert_eq!(of("1.5").checked_sub(of("2")), Some(of("-0.5")));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn parts_and_text_agree(mantissa in -9_999_999_999_999_999_999_999_999_999_i128..=9_999_999_999_999_999_999_999_999_999, scale in 0_u32..=10) {
            if let Some(value) = Decimal::from_parts(mantissa, scale) {
                let again: Decimal = value.to_string().parse().unwrap();
                prop_assert_eq!(again.mantissa(), mantissa);
                prop_assert_eq!(again.scale(), scale);
            }
        }

        #[test]
        fn any_text_is_kept_or_refused(text in "-?[0-9]{0,19}(\\.[0-9]{0,11})?") {
            if let Ok(value) = text.parse::<Decimal>() {
                prop_assert_eq!(value.to_string(), text);
            }
        }
    }
}
