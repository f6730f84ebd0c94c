//! A document that its reader gave up on: refused for good, kept until a person resolves it.
//! Holds ids, codes and reasons, never the document.

use serde::{Deserialize, Serialize};

/// One document nobody will try again by itself. Its block is kept as long as the letter is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetter {
    /// Lane of the block the document is in.
    pub lane: String,
    /// Ordinal of that block on its lane.
    pub ordinal: u64,
    /// The document's place in the block, from 0.
    pub index: u32,
    /// Who gave up: `relay`, or the name of a platform.
    pub reader: String,
    /// The document's subject, such as `sales_order/4711`.
    pub subject: String,
    /// The document's envelope id.
    pub id: String,
    /// Stable code of the refusal.
    pub code: String,
    /// Why, for a person.
    pub reason: String,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was given up, in milliseconds since the Unix epoch.
    pub at: u64,
}

/// What names a dead letter: one per document and reader.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DeadLetterKey {
    /// Who gave up.
    pub reader: String,
    /// Lane of the block.
    pub lane: String,
    /// Ordinal of the block.
    pub ordinal: u64,
    /// The document's place in the block, from 0.
    pub index: u32,
}

impl DeadLetter {
    /// The letter's name.
    #[must_use]
    pub fn key(&self) -> DeadLetterKey {
        DeadLetterKey {
            reader: self.reader.clone(),
            lane: self.lane.clone(),
            ordinal: self.ordinal,
            index: self.index,
        }
    }
}
