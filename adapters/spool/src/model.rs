//! What goes into a spool and comes out of it. Values only.

use std::fmt;
use std::str::FromStr;

use crate::dead_letter::{DeadLetter, DeadLetterKey};
use crate::packed::Packed;

/// Which life of the log the ordinals belong to: 16 lower-case hex digits. A new log gets a new one, so that a relay
/// never mistakes the blocks of a rebuilt spool for those it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub(crate) u64);

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for Epoch {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let hex = text.len() == 16
            && text
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        match u64::from_str_radix(text, 16) {
            Ok(value) if hex => Ok(Self(value)),
            Ok(_) | Err(_) => Err("an epoch is 16 lower-case hex digits".to_owned()),
        }
    }
}

/// Where a block is in the log. Unique for the life of the log; written `segment:offset`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockId {
    pub(crate) segment: u64,
    pub(crate) offset: u64,
}

impl fmt::Display for BlockId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.segment, self.offset)
    }
}

impl FromStr for BlockId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = text.split_once(':').and_then(|(segment, offset)| {
            Some(Self {
                segment: segment.parse().ok()?,
                offset: offset.parse().ok()?,
            })
        });
        parsed.ok_or_else(|| "a block id is written segment:offset".to_owned())
    }
}

/// A point in the log to wait for. Later tickets cover earlier ones; only good in the opening that gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[must_use = "nothing is durable before Spool::wait returns"]
pub struct Ticket(pub(crate) u64);

/// Makes a claim's blocks visible, all or none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Commit<'a> {
    /// The claim: 1 to 255 bytes, no control characters. Committing a claim again replaces its record.
    pub claim: &'a str,
    /// Blocks written for this claim in this opening, in the order their ordinals shall have.
    pub blocks: &'a [BlockId],
    /// Marks that become true with the commit.
    pub marks: &'a [(&'a str, u64)],
    /// Occurrence keys with the digest of what was received under them.
    pub keys: &'a [(&'a str, [u8; 32])],
    /// The caller's own facts about the claim, at most 64 KiB.
    pub memo: &'a [u8],
}

/// Progress: what was answered, given up, or taken up again.
#[derive(Clone, Copy, Debug, Default)]
pub struct Settlement<'a> {
    /// Marks to set; a reader's cursor is the mark `cursor/{reader}/{lane}`.
    pub marks: &'a [(&'a str, u64)],
    /// Documents given up. A letter of the same key is replaced.
    pub dead_letters: &'a [DeadLetter],
    /// Dead letters that are none any more. Unknown ones are no error.
    pub resolved: &'a [DeadLetterKey],
}

/// A visible block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Where it is.
    pub id: BlockId,
    /// Whose it is.
    pub claim: String,
    /// Its lane.
    pub lane: String,
    /// Its place on the lane, from 1.
    pub ordinal: u64,
    /// Sequence number of its first document; those of all lanes share one count, from 1.
    pub first_sequence: u64,
    /// Documents in it.
    pub documents: u32,
    /// The caller's own facts about the block.
    pub tag: Vec<u8>,
    /// The documents.
    pub body: Packed,
}

/// What is remembered of a committed claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimRecord {
    /// The memo of its commit.
    pub memo: Vec<u8>,
    /// Its blocks; empty once they were pruned.
    pub blocks: Vec<BlockId>,
    /// The same blocks with their places, in the same order.
    pub placed: Vec<Placed>,
    /// When it was committed, in milliseconds since the Unix epoch.
    pub at: u64,
}

/// Where a block of a claim stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The block.
    pub id: BlockId,
    /// Its lane.
    pub lane: String,
    /// Its place on the lane.
    pub ordinal: u64,
    /// Sequence number of its first document.
    pub first_sequence: u64,
    /// Documents in it.
    pub documents: u32,
}
