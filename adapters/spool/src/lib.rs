//! The durable queue both programs stand on: a checksummed, segmented log (the truth) and a sled index over it.
//!
//! A **claim** (one received file, one received block) writes its documents as compressed **blocks** and then one
//! **commit**. The blocks become visible together, on their **lanes**, numbered 1, 2, 3…, once the commit is durable.
//! Progress (cursors), dead letters and what must be remembered are records in the same log.
//!
//! What it never does: look inside a block, speak to a network, delete a block its caller has not settled, or refuse
//! to open because data is damaged. Only this crate names sled, and sled only ever holds what the log can give again.
//!
//! Invariants:
//! - What [`Spool::wait`] confirmed is on disk, and is there after a power cut.
//! - Nothing is visible before it is durable; ordinals of a lane have no gaps in what was committed.
//! - A damaged index is rebuilt; a damaged block is reported with its claim and never hides its neighbours.
//! - Memory grows neither with the backlog nor with a block's file.

mod carry;
mod chance;
mod clock;
mod commit;
mod dead_letter;
#[cfg(unix)]
#[path = "durable_unix.rs"]
mod durable;
#[cfg(windows)]
#[path = "durable_windows.rs"]
mod durable;
mod entry;
mod error;
mod frame;
mod group;
mod index;
mod keeper;
mod log;
mod marker;
mod model;
mod names;
mod open;
mod options;
mod packed;
mod prune;
mod read;
mod recall;
mod record;
mod replay;
mod report;
pub mod sabotage;
mod segment;
mod shared;
mod spool;
mod state;
mod store;
mod verify;
mod writer;

pub use dead_letter::{DeadLetter, DeadLetterKey};
pub use error::{OpenError, SpoolError};
pub use model::{BlockId, ClaimRecord, Commit, Epoch, Placed, Settlement, Stored, Ticket};
pub use options::Options;
pub use packed::{PackError, Packed};
pub use report::{Damage, IndexReport, OpenReport, PruneReport, Usage, VerifyReport};
pub use spool::{Opened, Spool};
