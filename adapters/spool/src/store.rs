//! The key-value store under the index: sled, kept at arm's length. The only file that names it.
//!
//! sled reports damage as an error, a panic or a hang. Here each of them becomes a [`StoreFault`]: calls run under
//! `catch_unwind`, opening runs on its own thread and is given up when it makes no progress. A plain map in memory
//! takes sled's place when no directory will hold a database. Nothing here is durable and nothing needs to be: what is
//! in the store can be read from the log again.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

/// sled's page cache. The index is small and read in order; more would only cost memory.
const CACHE_BYTES: u64 = 2 << 20;

/// Why the store cannot be used any more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StoreFault {
    #[error("database error: {0}")]
    Database(String),
    #[error("database panicked: {0}")]
    Panicked(String),
    #[error("database made no progress for {0:?}")]
    Hung(Duration),
    #[error("an entry of the index was altered")]
    Altered,
}

/// An ordered map of short keys to short values.
pub(crate) enum Store {
    Sled(sled::Db),
    Memory(BTreeMap<Vec<u8>, Vec<u8>>),
    /// Fails as sled does on damage: for tests of what happens then.
    #[cfg(test)]
    Panicking,
}

/// Counts what was done, so that slow is told from hung.
pub(crate) type Progress = Arc<AtomicU64>;

impl Store {
    /// Opens the database in `directory`. Run it under [`within`].
    pub(crate) fn open(directory: &Path) -> Result<Self, StoreFault> {
        let config = sled::Config::new()
            .path(directory)
            .cache_capacity(CACHE_BYTES)
            .flush_every_ms(None);
        guarded(|| config.open()).map(Self::Sled)
    }

    /// A map in memory.
    pub(crate) const fn memory() -> Self {
        Self::Memory(BTreeMap::new())
    }

    pub(crate) fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreFault> {
        match self {
            Self::Sled(db) => guarded(|| db.get(key)).map(|value| value.map(|v| v.to_vec())),
            Self::Memory(map) => Ok(map.get(key).cloned()),
            #[cfg(test)]
            Self::Panicking => guarded(|| panic!("as sled does")),
        }
    }

    /// Sets a value and gives the one that was there.
    pub(crate) fn insert(
        &mut self,
        key: &[u8],
        value: &[u8],
    ) -> Result<Option<Vec<u8>>, StoreFault> {
        match self {
            Self::Sled(db) => guarded(|| db.insert(key, value)).map(|old| old.map(|v| v.to_vec())),
            Self::Memory(map) => Ok(map.insert(key.to_vec(), value.to_vec())),
            #[cfg(test)]
            Self::Panicking => guarded(|| panic!("as sled does")),
        }
    }

    /// Removes a key and gives the value that was there.
    pub(crate) fn remove(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreFault> {
        match self {
            Self::Sled(db) => guarded(|| db.remove(key)).map(|old| old.map(|v| v.to_vec())),
            Self::Memory(map) => Ok(map.remove(key)),
            #[cfg(test)]
            Self::Panicking => guarded(|| panic!("as sled does")),
        }
    }

    /// Gives `each` the entries whose keys begin with `prefix` and are not below `from`, in order, until it says false.
    pub(crate) fn scan(
        &self,
        prefix: &[u8],
        from: &[u8],
        each: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), StoreFault> {
        let from = prefix.max(from);
        match self {
            Self::Sled(db) => guarded(|| {
                for entry in db.range(from..) {
                    let (key, value) = entry?;
                    if !key.starts_with(prefix) || !each(&key, &value) {
                        break;
                    }
                }
                Ok(())
            }),
            Self::Memory(map) => {
                for (key, value) in map.range::<[u8], _>((Bound::Included(from), Bound::Unbounded))
                {
                    if !key.starts_with(prefix) || !each(key, value) {
                        break;
                    }
                }
                Ok(())
            }
            #[cfg(test)]
            Self::Panicking => guarded(|| panic!("as sled does")),
        }
    }

    /// Hands everything to the system, so that a clean close leaves a complete database behind.
    pub(crate) fn flush(&self) -> Result<(), StoreFault> {
        match self {
            Self::Sled(db) => guarded(|| db.flush()).map(|_bytes| ()),
            Self::Memory(_) => Ok(()),
            #[cfg(test)]
            Self::Panicking => guarded(|| panic!("as sled does")),
        }
    }
}

/// Runs `work` on its own thread and gives it up when `progress` stands still for `deadline`.
pub(crate) fn within<T: Send + 'static>(
    deadline: Duration,
    work: impl FnOnce(Progress) -> Result<T, StoreFault> + Send + 'static,
) -> Result<T, StoreFault> {
    let progress = Progress::default();
    let (sender, receiver) = sync_channel(1);
    let counted = Arc::clone(&progress);
    let run = move || {
        let done = catch_unwind(AssertUnwindSafe(|| work(counted)))
            .unwrap_or_else(|panic| Err(panicked(&*panic)));
        if sender.send(done).is_err() {
            tracing::debug!("the index answered after it was given up");
        }
    };
    thread::Builder::new()
        .name("index-open".to_owned())
        .spawn(run)
        .map_err(|e| StoreFault::Database(format!("no thread for it: {e}")))?;
    let mut seen = 0;
    loop {
        match receiver.recv_timeout(deadline) {
            Ok(done) => return done,
            Err(RecvTimeoutError::Disconnected) => {
                return Err(StoreFault::Panicked("thread ended".to_owned()));
            }
            Err(RecvTimeoutError::Timeout) => {
                let now = progress.load(Ordering::Relaxed);
                if now == seen {
                    return Err(StoreFault::Hung(deadline));
                }
                seen = now;
            }
        }
    }
}

fn guarded<T>(call: impl FnOnce() -> sled::Result<T>) -> Result<T, StoreFault> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(StoreFault::Database(error.to_string())),
        Err(panic) => Err(panicked(&*panic)),
    }
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> StoreFault {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    StoreFault::Panicked(
        text.unwrap_or("no reason given")
            .chars()
            .take(200)
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panics_and_hangs_are_faults() {
        assert!(matches!(
            Store::Panicking.get(b"k"),
            Err(StoreFault::Panicked(_))
        ));
        let short = Duration::from_millis(20);
        let hung: Result<(), _> = within(short, |_| {
            thread::sleep(Duration::from_secs(5));
            Ok(())
        });
        assert_eq!(hung, Err(StoreFault::Hung(short)));
        let panicked: Result<(), _> = within(short, |_| panic!("as sled does"));
        assert_eq!(
            panicked,
            Err(StoreFault::Panicked("as sled does".to_owned()))
        );
    }

    #[test]
    fn slow_is_not_hung() {
        let done = within(Duration::from_millis(40), |progress| {
            for _ in 0..10 {
                thread::sleep(Duration::from_millis(10));
                progress.fetch_add(1, Ordering::Relaxed);
            }
            Ok(7)
        });
        assert_eq!(done, Ok(7));
    }

    #[test]
    fn both_stores_scan_alike() {
        let directory = tempfile::tempdir().unwrap();
        for mut store in [Store::open(directory.path()).unwrap(), Store::memory()] {
            for key in ["a1", "a2", "a3", "b1"] {
                assert_eq!(store.insert(key.as_bytes(), b"v").unwrap(), None);
            }
            assert_eq!(store.remove(b"a3").unwrap(), Some(b"v".to_vec()));
            let mut seen = Vec::new();
            store
                .scan(b"a", b"a2", &mut |key, _| {
                    seen.push(key.to_vec());
                    true
                })
                .unwrap();
            assert_eq!(seen, [b"a2".to_vec()]);
        }
    }
}
