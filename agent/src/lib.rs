//! The agent: takes files from an ERP's folders, converts them, keeps the documents in a durable queue and forwards
//! them to the relay. Opens no inbound port, keeps no file open that the ERP may want.
//! Invariant: a file leaves its folder's work area only after its documents are durable in the spool; a document leaves
//! the spool only on the relay's recorded answer.

mod agent;
mod answers;
mod arrivals;
pub mod check;
pub mod clock;
pub mod config;
pub mod convert;
mod courier;
pub mod edi;
mod feed;
mod forwarder;
mod intake;
mod journal;
pub mod numbers;
pub mod outstanding;
pub mod partners;
mod raw_store;
mod relay;
mod staging;
mod status;
mod stores;
mod watch;

pub use agent::{Running, StartError, start};
pub use intake::{Memo, Verdict};
pub use journal::JournalError;
pub use status::{FeedStatus, Overdue, Status, WaitingFile};
pub use stores::StoreError;
