//! The handle the programs hold. Blocking, cheap to clone, safe to share between threads.

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use crate::dead_letter::DeadLetter;
use crate::error::{OpenError, SpoolError};
use crate::model::{BlockId, ClaimRecord, Commit, Epoch, Settlement, Stored, Ticket};
use crate::options::Options;
use crate::packed::Packed;
use crate::report::{OpenReport, PruneReport, Usage, VerifyReport};

/// An open spool. Clones are the same spool.
#[derive(Clone)]
pub struct Spool {
    shared: Arc<()>,
}

/// A spool and what opening it found.
pub struct Opened {
    /// The spool.
    pub spool: Spool,
    /// What was found and done.
    pub report: OpenReport,
}

impl Spool {
    /// Opens the spool in `dir`, making it if it is not there, and locks it for this process.
    ///
    /// # Errors
    /// [`OpenError`]; damaged data is reported in [`Opened::report`], not refused.
    pub fn open(_dir: &Path, _options: &Options) -> Result<Opened, OpenError> {
        unimplemented!()
    }
    /// The log's epoch.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        unimplemented!()
    }
    /// Starts a new epoch, durably: after blocks were lost and derived again.
    ///
    /// # Errors
    /// [`SpoolError`] when it cannot be made durable.
    pub fn renew_epoch(&self) -> Result<Epoch, SpoolError> {
        unimplemented!()
    }
    /// Appends a block for `claim`: neither durable nor visible before its commit is.
    ///
    /// # Errors
    /// [`SpoolError::Full`], [`SpoolError::NoSpace`], [`SpoolError::Invalid`], [`SpoolError::Failed`].
    pub fn write(
        &self,
        _claim: &str,
        _lane: &str,
        _tag: &[u8],
        _body: &Packed,
        _documents: u32,
    ) -> Result<BlockId, SpoolError> {
        unimplemented!()
    }
    /// Forgets blocks that will not be committed, so that their segment can go.
    pub fn discard(&self, _blocks: &[BlockId]) {
        unimplemented!()
    }
    /// Commits a claim: its blocks get their ordinals and sequence numbers.
    ///
    /// # Errors
    /// [`SpoolError`].
    pub fn commit(&self, _commit: &Commit<'_>) -> Result<Ticket, SpoolError> {
        unimplemented!()
    }
    /// Records progress.
    ///
    /// # Errors
    /// [`SpoolError`].
    pub fn settle(&self, _settlement: &Settlement<'_>) -> Result<Ticket, SpoolError> {
        unimplemented!()
    }
    /// Returns when everything up to `ticket` is durable and visible.
    ///
    /// # Errors
    /// [`SpoolError::Failed`] for good after the first failed sync.
    pub fn wait(&self, _ticket: Ticket) -> Result<(), SpoolError> {
        unimplemented!()
    }
    /// Syncs done by `wait` since opening.
    #[must_use]
    pub fn syncs(&self) -> u64 {
        unimplemented!()
    }
    /// A mark's durable value.
    #[must_use]
    pub fn mark(&self, _name: &str) -> Option<u64> {
        unimplemented!()
    }
    /// All durable marks whose names begin with `prefix`, by name.
    #[must_use]
    pub fn marks(&self, _prefix: &str) -> Vec<(String, u64)> {
        unimplemented!()
    }
    /// What is remembered of a committed claim.
    ///
    /// # Errors
    /// [`SpoolError::Read`].
    pub fn claim(&self, _claim: &str) -> Result<Option<ClaimRecord>, SpoolError> {
        unimplemented!()
    }
    /// Up to `limit` claims whose names begin with `prefix` and come after `after` (`""` for the first page).
    ///
    /// # Errors
    /// [`SpoolError::Read`].
    pub fn claims(
        &self,
        _prefix: &str,
        _after: &str,
        _limit: usize,
    ) -> Result<Vec<(String, ClaimRecord)>, SpoolError> {
        unimplemented!()
    }
    /// The digest remembered under an occurrence key.
    #[must_use]
    pub fn key(&self, _key: &str) -> Option<[u8; 32]> {
        unimplemented!()
    }
    /// Lanes that ever had a block.
    #[must_use]
    pub fn lanes(&self) -> Vec<String> {
        unimplemented!()
    }
    /// Highest visible ordinal of a lane, 0 = none.
    #[must_use]
    pub fn head(&self, _lane: &str) -> u64 {
        unimplemented!()
    }
    /// The block `ordinal` of `lane`; `None` = pruned or not there (yet).
    ///
    /// # Errors
    /// [`SpoolError::Damaged`], [`SpoolError::Read`].
    pub fn get(&self, _lane: &str, _ordinal: u64) -> Result<Option<Stored>, SpoolError> {
        unimplemented!()
    }
    /// The block `id`, when it is visible.
    ///
    /// # Errors
    /// As [`Spool::get`].
    pub fn block(&self, _id: BlockId) -> Result<Option<Stored>, SpoolError> {
        unimplemented!()
    }
    /// Calls `wake` after blocks became visible. Several may be set.
    pub fn on_commit(&self, _wake: Box<dyn Fn() + Send + Sync>) {
        unimplemented!()
    }
    /// Up to `limit` open dead letters of `reader` (all for `None`), skipping the first `skip`.
    ///
    /// # Errors
    /// [`SpoolError::Read`].
    pub fn dead_letters(
        &self,
        _reader: Option<&str>,
        _skip: usize,
        _limit: usize,
    ) -> Result<Vec<DeadLetter>, SpoolError> {
        unimplemented!()
    }
    /// Deletes whole settled segments, oldest first.
    ///
    /// # Errors
    /// [`SpoolError`].
    pub fn prune(
        &self,
        _settled: &dyn Fn(&str, u64) -> bool,
        _now: SystemTime,
    ) -> Result<PruneReport, SpoolError> {
        unimplemented!()
    }
    /// Reads and checks everything.
    ///
    /// # Errors
    /// [`SpoolError::Read`].
    pub fn verify(&self) -> Result<VerifyReport, SpoolError> {
        unimplemented!()
    }
    /// What the spool takes and holds.
    #[must_use]
    pub fn usage(&self) -> Usage {
        unimplemented!()
    }
    /// Closes cleanly, so that the next opening can trust the index.
    pub fn close(self) {
        let _shared = &self.shared;
        unimplemented!()
    }
}
