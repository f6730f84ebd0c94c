//! The three syntaxes that are read, by the names that the whole project uses for them.
//! Data only.
//! Invariant: `as_str` is the prefix of every finding's code and of every occurrence, so it never changes.

use std::fmt;

/// A syntax of interchanges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Syntax {
    /// ANSI ASC X12: `ISA` to `IEA`.
    #[default]
    X12,
    /// UN/EDIFACT, ISO 9735 syntax versions 1 to 4: `UNB` to `UNZ`, perhaps after a `UNA`.
    Edifact,
    /// TRADACOMS: `STX` to `END`.
    Tradacoms,
}

impl Syntax {
    /// `x12`, `edifact` or `tradacoms`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::X12 => "x12",
            Self::Edifact => "edifact",
            Self::Tradacoms => "tradacoms",
        }
    }
}

impl fmt::Display for Syntax {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
