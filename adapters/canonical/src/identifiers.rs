//! Identifiers of things and parties, and the check digits of the GS1 keys among them.
//! Never looks anything up.
//! Invariant: a `Scheme` has the model's form; a `Gtin` is 14 digits, an `Sscc` 18.

use std::borrow::Cow;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::text::{Inline, clip, text_value};

/// A text that has not the form of its key, or whose check digit is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not the form.
    #[error("expected {expected}, found {found:?}")]
    Form {
        /// The form.
        expected: &'static str,
        /// The text, clipped.
        found: String,
    },
    /// The last digit does not follow from the others.
    #[error(
        "{key} {found:?} has the wrong check digit, {expected} would be right: a digit was mistyped or cut off"
    )]
    CheckDigit {
        /// GTIN, GLN or SSCC.
        key: &'static str,
        /// The digits.
        found: String,
        /// The digit that would be right.
        expected: char,
    },
}

/// One name of a thing or party in somebody's numbering.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Identifier {
    /// Whose numbering.
    pub scheme: Scheme,
    /// The number or code.
    pub value: String,
    /// Who issued it, where the scheme does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
}

impl Identifier {
    /// An identifier without issuer.
    pub fn new(scheme: Scheme, value: impl Into<String>) -> Self {
        Self {
            scheme,
            value: value.into(),
            issuer: None,
        }
    }
}

/// A numbering: sku, gtin, gln, sscc, buyer_part, seller_part, manufacturer_part, duns, duns4, scac, vat, eori,
/// `erp:{system}`, `platform:{name}`, `x12:{qualifier}`, `edifact:{qualifier}`. Form: `^[a-z][a-z0-9_.:-]{0,47}$`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scheme(Cow<'static, str>);

macro_rules! schemes {
    ($($name:ident = $text:literal, $doc:literal;)+) => {
        impl Scheme {
            $(#[doc = $doc] pub const $name: Self = Self(Cow::Borrowed($text));)+
        }
    };
}

schemes! {
    SKU = "sku", "The seller's stock keeping unit.";
    GTIN = "gtin", "GS1 trade item number, 14 digits.";
    GLN = "gln", "GS1 location number, 13 digits.";
    SSCC = "sscc", "GS1 shipping container code, 18 digits.";
    BUYER_PART = "buyer_part", "The buyer's part number.";
    SELLER_PART = "seller_part", "The seller's part number.";
    MANUFACTURER_PART = "manufacturer_part", "The manufacturer's part number.";
    DUNS = "duns", "D-U-N-S number, 9 digits.";
    DUNS4 = "duns4", "D-U-N-S number with four more characters.";
    SCAC = "scac", "Standard carrier alpha code.";
    VAT = "vat", "VAT registration number.";
}

impl Scheme {
    /// Whether a text could be one.
    pub fn has_form(text: &str) -> bool {
        has_name_form(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Scheme {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        if has_name_form(text) {
            return Ok(Self(Cow::Owned(text.to_owned())));
        }
        Err(KeyError::Form {
            expected: "a scheme such as gtin or erp:sap",
            found: clip(text),
        })
    }
}

text_value!(Scheme, { "type": "string", "pattern": "^[a-z][a-z0-9_.:-]{0,47}$" });

/// What kind of document a reference names: purchase_order, sales_order, contract, release, quote, delivery_note,
/// bill_of_lading, pro_number, invoice, platform_order, department, promotion, `x12:{REF01}`, `edifact:{1153}`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReferenceType(Cow<'static, str>);

impl ReferenceType {
    /// The buyer's order.
    pub const PURCHASE_ORDER: Self = Self(Cow::Borrowed("purchase_order"));
    /// A contract.
    pub const CONTRACT: Self = Self(Cow::Borrowed("contract"));

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ReferenceType {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        if has_name_form(text) {
            return Ok(Self(Cow::Owned(text.to_owned())));
        }
        Err(KeyError::Form {
            expected: "a reference type such as contract or x12:dp",
            found: clip(text),
        })
    }
}

text_value!(ReferenceType, { "type": "string", "pattern": "^[a-z][a-z0-9_.:-]{0,47}$" });

/// `^[a-z][a-z0-9_.:-]{0,47}$`: schemes and reference types.
fn has_name_form(text: &str) -> bool {
    let inner = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b':' | b'-');
    text.len() <= 48
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(inner)
}

/// A GS1 trade item number in its 14-digit storage form. Reading checks the form only;
/// [`Gtin::normalise`] and [`crate::entity::Entity::check`] verify the check digit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gtin(Inline<14>);

/// A GS1 shipping container code, 18 digits. Reading checks the form only.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sscc(Inline<18>);

impl Gtin {
    /// GTIN-8, UPC (12), EAN (13) or GTIN-14, check digit verified, filled up to 14 digits.
    ///
    /// ```
    /// use canonical::identifiers::Gtin;
    /// assert_eq!(Gtin::normalise("4006381333931")?.as_str(), "04006381333931");
    /// assert!(Gtin::normalise("4006381333932").is_err());
    /// # Ok::<(), canonical::identifiers::KeyError>(())
    /// ```
    ///
    /// # Errors
    /// Another length, another character, or a wrong check digit.
    pub fn normalise(text: &str) -> Result<Self, KeyError> {
        const EXPECTED: &str = "a GTIN of 8, 12, 13 or 14 digits";
        if !matches!(text.len(), 8 | 12 | 13 | 14) {
            return Err(KeyError::Form {
                expected: EXPECTED,
                found: clip(text),
            });
        }
        verify("GTIN", EXPECTED, text.len(), text)?;
        let mut padded = *b"00000000000000";
        if let Some(room) = padded.get_mut(14 - text.len()..) {
            room.copy_from_slice(text.as_bytes());
        }
        Ok(Self(Inline::full(&padded)))
    }

    /// The 14 digits.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl Sscc {
    /// The 18 digits.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for Gtin {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let error = || KeyError::Form {
            expected: "a GTIN filled up to 14 digits",
            found: clip(text),
        };
        digits(text, 14)
            .then(|| Inline::new(text))
            .flatten()
            .map(Self)
            .ok_or_else(error)
    }
}

impl FromStr for Sscc {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let error = || KeyError::Form {
            expected: "an SSCC of 18 digits",
            found: clip(text),
        };
        digits(text, 18)
            .then(|| Inline::new(text))
            .flatten()
            .map(Self)
            .ok_or_else(error)
    }
}

text_value!(Gtin, { "type": "string", "pattern": "^[0-9]{14}$" });
text_value!(Sscc, { "type": "string", "pattern": "^[0-9]{18}$" });

/// Verifies a GTIN of 8, 12, 13 or 14 digits.
///
/// # Errors
/// Form or check digit.
pub fn gtin(text: &str) -> Result<(), KeyError> {
    Gtin::normalise(text).map(|_gtin| ())
}

/// Verifies a GLN: 13 digits.
///
/// # Errors
/// Form or check digit.
pub fn gln(text: &str) -> Result<(), KeyError> {
    verify("GLN", "a GLN of 13 digits", 13, text)
}

/// Verifies an SSCC: 18 digits.
///
/// # Errors
/// Form or check digit.
pub fn sscc(text: &str) -> Result<(), KeyError> {
    verify("SSCC", "an SSCC of 18 digits", 18, text)
}

fn verify(
    key: &'static str,
    expected: &'static str,
    length: usize,
    text: &str,
) -> Result<(), KeyError> {
    let last = text.chars().last().filter(|_last| digits(text, length));
    let Some((last, right)) = last.zip(check_digit(
        text.get(..text.len().saturating_sub(1)).unwrap_or_default(),
    )) else {
        return Err(KeyError::Form {
            expected,
            found: clip(text),
        });
    };
    if last == right {
        Ok(())
    } else {
        Err(KeyError::CheckDigit {
            key,
            found: clip(text),
            expected: right,
        })
    }
}

fn digits(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The GS1 check digit (GS1 General Specifications, 7.9) to be put after `digits`: weights 3, 1, 3, …
/// from the right. `None` when a character is not a digit.
pub fn check_digit(digits: &str) -> Option<char> {
    let mut sum = 0_u32;
    for (place, character) in digits.chars().rev().enumerate() {
        sum += character.to_digit(10)? * if place % 2 == 0 { 3 } else { 1 };
    }
    char::from_digit((10 - sum % 10) % 10, 10)
}

#[cfg(test)]
mod tests {
    use super::{Gtin, KeyError, Scheme, check_digit, gln, gtin, sscc};
    use proptest::prelude::{prop_assert, proptest};

    #[test]
    fn check_digits() {
        for (key, text, good) in [
            ("gtin", "73513537", true),
            ("gtin", "036000291452", true),
            ("gtin", "4006381333931", true),
            ("gtin", "00012345600012", true),
            ("gtin", "4006381333930", false),
            ("gtin", "400638133393", false),
            ("gtin", "", false),
            ("gtin", "40063813339３1", false),
            ("gln", "4012345000009", true),
            ("gln", "4012345000008", false),
            ("gln", "73513537", false),
            ("sscc", "340123450000000017", true),
            ("sscc", "340123450000000018", false),
            ("sscc", "34012345000000001", false),
        ] {
            let verdict = match key {
                "gtin" => gtin(text),
                "gln" => gln(text),
                _ => sscc(text),
            };
            assert_eq!(verdict.is_ok(), good, "{key} {text:?}: {verdict:?}");
        }
        assert_eq!(
            gln("4012345000008").unwrap_err(),
            KeyError::CheckDigit {
                key: "GLN",
                found: "4012345000008".into(),
                expected: '9'
            }
        );
    }

    #[test]
    fn schemes() {
        for (text, good) in [
            ("sku", true),
            ("x12:vn", true),
            ("erp:tryton", true),
            ("x12:VN", false),
            ("", false),
            ("1a", false),
            ("ä", false),
        ] {
            assert_eq!(text.parse::<Scheme>().is_ok(), good, "{text:?}");
        }
        assert!(
            "a".repeat(48).parse::<Scheme>().is_ok() && "a".repeat(49).parse::<Scheme>().is_err()
        );
        assert_eq!("gtin".parse::<Scheme>().unwrap(), Scheme::GTIN);
    }

    proptest! {
        #[test]
        fn a_digit_that_changes_is_noticed(body in "[0-9]{13}", place in 0_usize..13, by in 1_u8..10) {
            let right = format!("{body}{}", check_digit(&body).unwrap());
            prop_assert!(Gtin::normalise(&right).is_ok());
            let mut bytes = right.into_bytes();
            bytes[place] = b'0' + (bytes[place] - b'0' + by) % 10;
            prop_assert!(Gtin::normalise(std::str::from_utf8(&bytes).unwrap()).is_err());
        }
    }
}
