//! What may be wrong with a line that is to be written back, in words for whoever edited it.
//! Data only. Invariant: no text of an error holds more than the beginning of a value.

use serde_json::Value;

/// A line of which no bytes can be made. Finishes "could not write the interchange back: …".
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {fault}")]
pub struct LineError {
    /// Which line, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with a line.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It is not JSON.
    #[error("not JSON: {0}")]
    Json(String),
    /// It is JSON of another form.
    #[error("found {found}, expected {expected}")]
    Form {
        /// What stands there, shortened.
        found: String,
        /// What would have been right.
        expected: &'static str,
    },
    /// A segment before any interchange.
    #[error("a segment stands before the first {{\"interchange\":…}}, which says how to write it")]
    NoInterchange,
    /// A value that this syntax cannot hold.
    #[error(
        "element {element} holds the separator {separator:?}, which this interchange cannot release; write it with other separators, here and in the header"
    )]
    Separator {
        /// Which element; the tag is 0.
        element: usize,
        /// The separator.
        separator: char,
    },
    /// An element repeats, and nothing separates repetitions.
    #[error("element {0} repeats, but the interchange has no repetition separator")]
    Repetition(usize),
    /// A character that the interchange cannot have.
    #[error(
        "{charset} does not have the character {character:?}; use another, or give the segment a \"charset\" of its own"
    )]
    Character {
        /// The interchange's encoding.
        charset: String,
        /// The character.
        character: char,
    },
    /// The header declares other separators.
    #[error(
        "the header declares other separators than the {{\"interchange\":…}} before it; change both, or none"
    )]
    Separators,
    /// Binary data of another length than its segment says.
    #[error(
        "the binary data has {found} bytes, its segment says {stated:?}; correct element {element}"
    )]
    BinaryLength {
        /// Which element states the length.
        element: usize,
        /// What it says.
        stated: String,
        /// How many bytes there are.
        found: usize,
    },
}

/// JSON of another form than is expected.
pub(super) fn form(found: &Value, expected: &'static str) -> Fault {
    let text = if found.is_null() {
        "nothing".to_owned()
    } else {
        found.to_string()
    };
    let mut found: String = text.chars().take(60).collect();
    if found.len() < text.len() {
        found.push('…');
    }
    Fault::Form { found, expected }
}
