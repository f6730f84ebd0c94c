//! Which characters a level of a standard lets values have, whatever bytes they are written with.
//! Facts of ISO 9735 (levels A and B) and X12.6 (basic and extended character set).
//! Invariant: a larger repertoire has what the smaller one has.

/// The characters of a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repertoire {
    /// EDIFACT, level A: capitals, digits, blank and some marks.
    LevelA,
    /// EDIFACT, level B: small letters too.
    LevelB,
    /// X12, basic: capitals, digits, blank and some marks.
    Basic,
    /// X12, extended: small letters and the other marks of ASCII.
    Extended,
}

impl Repertoire {
    /// Whether it has this character.
    #[must_use]
    pub fn has(self, character: char) -> bool {
        let plain = matches!(character, 'A'..='Z' | '0'..='9' | ' ');
        match self {
            Self::LevelA => plain || is_level_mark(character),
            Self::LevelB => plain || is_level_mark(character) || character.is_ascii_lowercase(),
            Self::Basic => plain || is_basic_mark(character),
            Self::Extended => {
                plain
                    || is_basic_mark(character)
                    || character.is_ascii_lowercase()
                    || is_extended_mark(character)
            }
        }
    }
}

fn is_level_mark(character: char) -> bool {
    ".,-()/='+:?!\"%&*;<>".contains(character)
}

fn is_basic_mark(character: char) -> bool {
    "!\"&'()*+,-./:;?=".contains(character)
}

fn is_extended_mark(character: char) -> bool {
    "%@[]_{}\\|<>~#$^`".contains(character)
}
