//! Counters of what the relay did since it was started. Never reset, never stored: the log is the truth.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

/// One thing that is counted.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The live counters.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) blocks: Counter,
    pub(crate) accepted: Counter,
    pub(crate) duplicates: Counter,
    pub(crate) conflicts: Counter,
    pub(crate) rejected: Counter,
    pub(crate) delivered: Counter,
    pub(crate) requests: Counter,
    pub(crate) retries: Counter,
    pub(crate) dead: Counter,
}

impl Counters {
    pub(crate) fn read(&self) -> Stats {
        Stats {
            blocks: self.blocks.get(),
            accepted: self.accepted.get(),
            duplicates: self.duplicates.get(),
            conflicts: self.conflicts.get(),
            rejected: self.rejected.get(),
            delivered: self.delivered.get(),
            requests: self.requests.get(),
            retries: self.retries.get(),
            dead: self.dead.get(),
        }
    }
}

/// What a relay did since it was started. Documents unless said otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Blocks that agents sent and that were answered, repeats among them.
    pub blocks: u64,
    /// Stored for the first time.
    pub accepted: u64,
    /// Known already, with the same digest: dropped.
    pub duplicates: u64,
    /// Known already, with another digest: dropped and reported.
    pub conflicts: u64,
    /// Not what a document must be: refused.
    pub rejected: u64,
    /// Taken by a destination; a document that goes to two destinations counts twice.
    pub delivered: u64,
    /// Requests sent to destinations.
    pub requests: u64,
    /// Requests that failed in a way that is tried again.
    pub retries: u64,
    /// Given up, or behind one that was given up: dead letters.
    pub dead: u64,
}
