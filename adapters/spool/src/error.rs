//! What can go wrong with a spool, one variant per thing that a caller or an operator does differently.

use std::io;
use std::path::PathBuf;

use crate::model::BlockId;

/// Why a spool could not be opened. Damaged data is never among the reasons.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it.
    #[error(
        "spool {path} is in use by {holder}: stop that program first, or ask the running one (`queue` commands work on it)"
    )]
    AlreadyOpen {
        /// The spool's directory.
        path: PathBuf,
        /// The process that holds it, as far as known.
        holder: String,
    },
    /// The directory cannot be made, listed or written.
    #[error(
        "spool {path} cannot be used: {doing} failed: {source}. Check that the directory is on a mounted disk and that the service's account may write to it"
    )]
    Unusable {
        /// The file or directory concerned.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// A newer program wrote it.
    #[error(
        "spool {path} was written in format {found}, this program reads up to {supported}: install the newer program again"
    )]
    Newer {
        /// The segment file concerned.
        path: PathBuf,
        /// Format found.
        found: u32,
        /// Format this program writes.
        supported: u32,
    },
}

/// Why an open spool could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// The quota is used up.
    #[error(
        "spool is full: {used} of {limit} bytes used. It empties as documents are accepted; if the relay cannot be reached, mend that, or raise the spool's limit"
    )]
    Full {
        /// Bytes in the log.
        used: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// The disk is full. Nothing was written; trying again later is safe.
    #[error(
        "the spool's disk is full: free space on it; nothing was lost and the operation can be repeated"
    )]
    NoSpace(#[source] io::Error),
    /// A write or sync failed, so that nobody knows what is on disk: the spool is closed for writing until reopened.
    #[error(
        "the spool stopped after a disk error ({reason}): check the disk, then restart the program; what was confirmed is kept"
    )]
    Failed {
        /// The first error.
        reason: String,
    },
    /// `close` was called.
    #[error("the spool is closed")]
    Closed,
    /// A name, a number or a size the spool does not take.
    #[error("{what} {problem}")]
    Invalid {
        /// Which argument.
        what: &'static str,
        /// What is wrong with it and what is allowed.
        problem: String,
    },
    /// A bounded table is full.
    #[error("spool has {limit} {what}, the most it keeps: a new one is refused")]
    TooMany {
        /// Which table.
        what: &'static str,
        /// Its bound.
        limit: usize,
    },
    /// A commit names a block that was not written for its claim in this opening, or was committed already.
    #[error(
        "block {id} is not an uncommitted block of claim {claim}: write the claim's blocks again, then commit"
    )]
    UnknownBlock {
        /// The block.
        id: BlockId,
        /// The claim being committed.
        claim: String,
    },
    /// The block was there and is not whole any more. Derive the claim again from its raw file.
    #[error("block {ordinal} of lane {lane} is damaged ({detail}), claim {}", claim.as_deref().unwrap_or("unknown"))]
    Damaged {
        /// Its lane.
        lane: String,
        /// Its ordinal.
        ordinal: u64,
        /// The claim to derive again, when known.
        claim: Option<String>,
        /// What is wrong.
        detail: String,
    },
    /// Reading the log failed; the disk, not the data, says no.
    #[error("reading the spool failed")]
    Read(#[source] io::Error),
}
