//! Codes of public lists: currencies, units, countries, languages; and the model's own version.
//! Never translates: X12 EA to C62 is a mapping's work.
//! Invariant: a `Currency` and a `Country` are in their lists; a `Unit` has the form of one, and
//! `is_listed` says whether the list has it (new codes appear twice a year; data should not stop for that).

mod country;
mod currency;
mod unit;

use std::str::FromStr;

pub use country::Country;
pub use currency::Currency;
pub use unit::Unit;

use crate::text::{Inline, clip, text_value};

/// A text that is not a code of its list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, found {found:?}")]
pub struct CodeError {
    /// Which list, with an example.
    pub expected: &'static str,
    /// The text, clipped.
    pub found: String,
}

impl CodeError {
    fn new(expected: &'static str, found: &str) -> Self {
        Self {
            expected,
            found: clip(found),
        }
    }
}

/// A language tag by its form (RFC 5646): `en`, `de-AT`. At most 35 characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language(Inline<35>);

impl Language {
    /// The tag.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for Language {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let error = || CodeError::new("a language tag such as en or de-AT", text);
        let mut parts = text.split('-');
        let first = parts.next().unwrap_or_default();
        let first_fits =
            (2..=8).contains(&first.len()) && first.bytes().all(|byte| byte.is_ascii_alphabetic());
        let rest_fits = parts.all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        });
        if !first_fits || !rest_fits {
            return Err(error());
        }
        Inline::new(text).map(Self).ok_or_else(error)
    }
}

text_value!(Language, { "type": "string", "pattern": "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", "maxLength": 35 });

/// The minor version of the model a document was written for: `1.{minor}`. Minor versions only add.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SchemaVersion {
    /// The minor version; the major one is 1.
    pub minor: u16,
}

impl SchemaVersion {
    /// The version this crate writes.
    pub const CURRENT: Self = Self { minor: 0 };
}

impl Default for SchemaVersion {
    fn default() -> Self {
        Self::CURRENT
    }
}

impl std::fmt::Display for SchemaVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "1.{}", self.minor)
    }
}

impl FromStr for SchemaVersion {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let error = || CodeError::new("a schema version 1.0 or a later 1.x", text);
        let minor = text.strip_prefix("1.").ok_or_else(error)?;
        let digits = minor.bytes().all(|byte| byte.is_ascii_digit())
            && (minor == "0" || !minor.starts_with('0'));
        match minor.parse() {
            Ok(minor) if digits => Ok(Self { minor }),
            Ok(_) | Err(_) => Err(error()),
        }
    }
}

impl serde::Serialize for SchemaVersion {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.minor == 0 {
            serializer.serialize_str("1.0")
        } else {
            serializer.collect_str(self)
        }
    }
}

crate::text::read_as_text!(SchemaVersion, { "type": "string", "pattern": "^1\\.(0|[1-9][0-9]{0,4})$" });

#[cfg(test)]
mod tests {
    use super::{Language, SchemaVersion};

    #[test]
    fn languages_and_versions() {
        for (tag, good) in [
            ("en", true),
            ("de-AT", true),
            ("zh-Hant-TW", true),
            ("e", false),
            ("en-", false),
            ("en_US", false),
            ("", false),
            ("d1", false),
        ] {
            assert_eq!(tag.parse::<Language>().is_ok(), good, "{tag:?}");
        }
        for (version, minor) in [
            ("1.0", Some(0)),
            ("1.12", Some(12)),
            ("2.0", None),
            ("1.", None),
            ("1.+1", None),
            ("1.00", None),
            ("1.99999", None),
            ("1", None),
        ] {
            assert_eq!(
                version.parse::<SchemaVersion>().ok().map(|v| v.minor),
                minor,
                "{version:?}"
            );
        }
        assert_eq!(
            serde_json::to_string(&SchemaVersion { minor: 3 }).unwrap(),
            r#""1.3""#
        );
    }
}
