//! UN/ECE Recommendation 20 unit codes, and `X` + Recommendation 21 for packages.
//! Never converts a quantity.
//! Invariant: the list is sorted; a `Unit` has two or three upper-case letters or digits.

use std::str::FromStr;

use super::CodeError;
use crate::text::{Inline, text_value};

/// A unit of measure: C62 (one), H87 (piece), KGM, MTR, …, or a package: XBX (box), XCT (carton), XPX (pallet).
/// Any text of the right form parses; [`Unit::is_listed`] tells whether the lists have it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unit(Inline<3>);

impl Unit {
    /// C62: a count without a name.
    pub const ONE: Self = Self(Inline::full(b"C62"));
    /// H87: pieces.
    pub const PIECE: Self = Self(Inline::full(b"H87"));
    /// KGM: kilograms.
    pub const KILOGRAM: Self = Self(Inline::full(b"KGM"));

    /// Two or three characters.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether Recommendation 20 lists it, or it is `X` and two characters (a package of Recommendation 21).
    pub fn is_listed(&self) -> bool {
        let code = self.as_str();
        (code.len() == 3 && code.starts_with('X')) || LIST.binary_search(&code).is_ok()
    }
}

impl FromStr for Unit {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let error = || CodeError::new("a UN/ECE unit code such as C62, KGM or XBX", text);
        let fits = (2..=3).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if !fits {
            return Err(error());
        }
        Inline::new(text).map(Self).ok_or_else(error)
    }
}

text_value!(Unit, {
    "type": "string",
    "pattern": "^[A-Z0-9]{2,3}$",
    "description": "UN/ECE Rec 20 common code (C62, H87, KGM, MTR) or X and a Rec 21 package code (XBX, XCT, XPX)."
});

const LIST: &[&str] = &["C62", "H87", "KGM"];
