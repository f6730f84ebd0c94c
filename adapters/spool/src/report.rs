//! What opening, pruning and verifying found, for logs and for the operator. No document content.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// How the index came to be usable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IndexReport {
    /// The log is new, and so is the index.
    Created,
    /// The index of the last clean close matched the log.
    Trusted,
    /// Rebuilt from the log.
    Rebuilt {
        /// Why the old one was not used.
        why: String,
    },
    /// Rebuilt from the log in memory only, since no directory would take a database.
    InMemory {
        /// Why not on disk.
        why: String,
    },
}

impl fmt::Display for IndexReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Created => f.write_str("index created"),
            Self::Trusted => f.write_str("index trusted"),
            Self::Rebuilt { why } => write!(f, "index rebuilt ({why})"),
            Self::InMemory { why } => write!(f, "index rebuilt in memory ({why})"),
        }
    }
}

/// A stretch of the log that cannot be read any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Segment number.
    pub segment: u64,
    /// Where the stretch begins in the segment file.
    pub offset: u64,
    /// Its length in bytes; 0 when a whole segment is missing.
    pub bytes: u64,
    /// Claims that may have lost blocks or their commit: derive them again. At most 1,000 are named.
    pub claims: Vec<String>,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.bytes == 0 {
            write!(f, "segment {} missing", self.segment)?;
        } else {
            write!(
                f,
                "segment {} bytes {}+{}",
                self.segment, self.offset, self.bytes
            )?;
        }
        match self.claims.len() {
            0 => f.write_str(" (no claim concerned is known)"),
            n => write!(f, " ({n} claims concerned)"),
        }
    }
}

/// What `open` found and did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenReport {
    /// How the index came to be.
    pub index: IndexReport,
    /// Bytes of an unfinished write cut from the end of the log. None of it was ever confirmed.
    pub torn_bytes: u64,
    /// Damaged stretches, at most 1,000.
    pub damaged: Vec<Damage>,
    /// Directories of damaged indexes that were moved aside.
    pub set_aside: Vec<PathBuf>,
    /// Segments in the log.
    pub segments: u64,
    /// Visible blocks.
    pub blocks: u64,
    /// How long opening took.
    pub elapsed: Duration,
}

impl fmt::Display for OpenReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} blocks in {} segments, {}",
            self.blocks, self.segments, self.index
        )?;
        if self.torn_bytes > 0 {
            write!(f, ", {} bytes of an unfinished write cut", self.torn_bytes)?;
        }
        for damage in &self.damaged {
            write!(f, ", damaged: {damage}")?;
        }
        for path in &self.set_aside {
            write!(f, ", set aside: {}", path.display())?;
        }
        write!(f, ", {} ms", self.elapsed.as_millis())
    }
}

/// What `prune` did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PruneReport {
    /// Segments deleted.
    pub segments: u64,
    /// Bytes freed by them.
    pub bytes: u64,
    /// Blocks deleted.
    pub blocks: u64,
    /// Claims written again because their segment went.
    pub claims_carried: u64,
    /// Occurrence keys written again because their segment went.
    pub keys_carried: u64,
    /// Occurrence keys given up before their time, because there were more than may be remembered.
    pub keys_given_up: u64,
}

/// What `verify` found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// Segments read.
    pub segments: u64,
    /// Whole frames found.
    pub frames: u64,
    /// Committed blocks found.
    pub blocks: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Damaged stretches, at most 1,000.
    pub damaged: Vec<Damage>,
    /// Whether the index said the same as the log; if not, it was rebuilt.
    pub index_agrees: bool,
}

/// What a spool takes and holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Bytes in the log.
    pub bytes: u64,
    /// Segments in the log.
    pub segments: u64,
    /// Visible blocks.
    pub blocks: u64,
    /// Occurrence keys that are remembered.
    pub keys: u64,
    /// How often the index had to be rebuilt since opening.
    pub index_rebuilds: u64,
}
