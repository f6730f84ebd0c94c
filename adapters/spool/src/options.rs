//! How a spool behaves. Every field has a default that suits an agent beside an ERP.

use std::time::Duration;

/// Limits and periods of one spool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// A segment file is closed and a new one begun when it is this large, in bytes. Default 64 MiB.
    pub segment_bytes: u64,
    /// [`crate::Spool::write`] answers [`crate::SpoolError::Full`] when the log would grow past this, in bytes.
    /// 0 (the default) is no limit. Commits and settlements have a reserve above it, so that what was begun can be
    /// finished, and pruning is never refused: it is what makes room.
    pub limit_bytes: u64,
    /// Settled blocks are kept at least this long, counted from the end of their segment. Default 7 days.
    pub retention: Duration,
    /// Claims and occurrence keys are remembered this long after their blocks are gone. Default 400 days.
    pub remember: Duration,
    /// Most occurrence keys that are remembered. Beyond it, pruning gives up the oldest of a segment before their time
    /// and says how many. Default 1,000,000, which takes some 60 MiB of memory and 400 MiB of disk.
    pub most_keys: u64,
    /// The index is given up, set aside and rebuilt when opening it makes no progress for this long. Default 3 s.
    pub index_deadline: Duration,
}

impl Default for Options {
    fn default() -> Self {
        const DAY: Duration = Duration::from_hours(24);
        Self {
            segment_bytes: 64 << 20,
            limit_bytes: 0,
            retention: 7 * DAY,
            remember: 400 * DAY,
            most_keys: 1_000_000,
            index_deadline: Duration::from_secs(3),
        }
    }
}
