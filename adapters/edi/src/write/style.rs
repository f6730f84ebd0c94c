//! How a partner wants interchanges written. Settings only: plain fields with defaults, which the partner's profile fills.
//! Invariant: the default writes what every receiver of the syntax reads.

use std::fmt;

use super::separate;
use crate::charset::{Charset, Encoding, Repertoire};
use crate::finding::Finding;
use crate::headers::Interchange;
use crate::separators::Separators;
use crate::syntax::Syntax;

/// How interchanges are written for a partner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Style {
    /// The service characters. X12 writes a repetition separator from version 00402 on; EDIFACT from syntax version 4 on.
    pub separators: Separators,
    /// Level of EDIFACT's characters (0001 of UNB): `UNOC`.
    pub level: String,
    /// The encoding, where another was agreed than the level declares; in X12, where another was agreed than ASCII.
    pub encoding: Option<Encoding>,
    /// The characters that values are held to, where others were agreed than the level declares, or all of the encoding's.
    pub repertoire: Option<Repertoire>,
    /// Whether letters become capitals.
    pub upper_case: bool,
    /// What follows each segment's terminator.
    pub suffix: Suffix,
    /// Whether EDIFACT begins with a UNA although its service characters are the default ones.
    pub una: bool,
    /// Syntax version of EDIFACT, 1 to 4 (0002 of UNB).
    pub syntax_version: u8,
    /// Whether ST03 repeats the group's version, as the guides of 005010 and later want it.
    pub convention_in_header: bool,
    /// What becomes of a separator in the data, where nothing can release it.
    pub on_separator: OnSeparator,
    /// What becomes of a character that the set does not have.
    pub on_character: OnCharacter,
    /// ISA01 and ISA02.
    pub authorization: Credential,
    /// ISA03 and ISA04; 0025 and 0022 of UNB.
    pub security: Credential,
}

impl Style {
    /// X12 with the separators most seen.
    #[must_use]
    pub fn x12() -> Self {
        Self {
            separators: Separators {
                repetition: Some(b'^'),
                ..Separators::X12
            },
            level: "UNOC".to_owned(),
            encoding: None,
            repertoire: None,
            upper_case: false,
            suffix: Suffix::None,
            una: false,
            syntax_version: 3,
            convention_in_header: false,
            on_separator: OnSeparator::Choose,
            on_character: OnCharacter::Transliterate,
            authorization: Credential::default(),
            security: Credential::default(),
        }
    }

    /// EDIFACT of syntax version 3 and level C.
    #[must_use]
    pub fn edifact() -> Self {
        Self {
            separators: Separators::EDIFACT,
            ..Self::x12()
        }
    }

    /// How to answer an interchange where no profile says otherwise: as its sender writes, unless its separators or its
    /// characters are what is wrong with it.
    #[must_use]
    pub fn answering(interchange: &Interchange) -> Self {
        let style = match interchange.syntax {
            Syntax::X12 => Self::x12(),
            Syntax::Edifact | Syntax::Tradacoms => Self::edifact(),
        };
        let usable = separate::check(interchange.separators).is_ok();
        let (level, version) = interchange.version.split_once(':').unwrap_or_default();
        let version = version.parse().ok();
        let answering = Self {
            separators: if usable {
                interchange.separators
            } else {
                style.separators
            },
            level: level.to_owned(),
            syntax_version: version
                .filter(|version| (1..=4).contains(version))
                .unwrap_or(3),
            ..style.clone()
        };
        if answering.charset(interchange.syntax).is_ok() {
            answering
        } else {
            Self {
                level: style.level,
                ..answering
            }
        }
    }

    /// Whether interchanges of this syntax can be written so.
    ///
    /// # Errors
    /// A finding, when the separators cannot separate, or the level names no encoding.
    pub fn check(&self, syntax: Syntax) -> Result<(), Box<Finding>> {
        separate::check(self.separators)?;
        self.charset(syntax).map(drop)
    }

    /// The characters that an interchange of this syntax carries.
    pub(super) fn charset(&self, syntax: Syntax) -> Result<Charset, Box<Finding>> {
        let declaring = Interchange {
            syntax,
            version: self.level.clone(),
            ..Interchange::default()
        };
        let charset = Charset::for_interchange(&declaring, self.encoding)?;
        Ok(match self.repertoire {
            Some(repertoire) => charset.within(repertoire),
            None => charset,
        })
    }
}

impl Default for Style {
    fn default() -> Self {
        Self::x12()
    }
}

/// What follows a segment's terminator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Suffix {
    /// Nothing.
    #[default]
    None,
    /// A line feed.
    Lf,
    /// Carriage return and line feed.
    CrLf,
}

impl Suffix {
    pub(super) fn bytes(self) -> &'static [u8] {
        match self {
            Self::None => b"",
            Self::Lf => b"\n",
            Self::CrLf => b"\r\n",
        }
    }
}

/// What becomes of a separator in the data of X12, which cannot release it.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnSeparator {
    /// The interchange is written with another separator, which its data does not hold. Nothing is lost.
    #[default]
    Choose,
    /// This text stands in for it.
    Replace(String),
    /// The segment is refused.
    Refuse,
}

/// What becomes of a character that the receiver's set does not have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnCharacter {
    /// Its base letter or the like stands in for it; where there is none, the segment is refused.
    #[default]
    Transliterate,
    /// The segment is refused.
    Refuse,
}

/// A qualifier and a secret. Never printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credential {
    /// What kind it is; `00` in X12 where there is none.
    pub qualifier: String,
    /// The secret itself.
    pub value: String,
}

impl fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = if self.value.is_empty() {
            ""
        } else {
            "(hidden)"
        };
        let mut shown = formatter.debug_struct("Credential");
        shown
            .field("qualifier", &self.qualifier)
            .field("value", &value)
            .finish()
    }
}
