//! Where files come from. A source lists, judges what is ready, claims, and later carries out the verdict.
//! Blocking IO, no async, no knowledge of formats or of the spool.
//! Invariant: any doubt means *not ready*, and only the very file that was read is archived or quarantined.

mod claim_name;
mod directory;
pub mod durable;
mod names;
mod readiness;
mod reason;
mod watch;

pub use directory::{Claimed, Directory, DirectoryOptions, Settled, SourceError, Stamp};
pub use names::NamePatterns;
pub use readiness::{Look, Readiness, Seen, Waiting};
pub use reason::Reason;
pub use watch::{Watch, watch};
