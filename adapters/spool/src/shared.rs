//! What all handles of an open spool share, and the two steps that change what is seen: publishing and rebuilding.
//!
//! Locks are taken in this order, never the other way: writer, keeper, pending, then visible or queue.
//! Only what a sync covered is published; publishing takes commits in the order of the log.

use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use crate::error::SpoolError;
use crate::group::Group;
use crate::index::Index;
use crate::keeper::Keeper;
use crate::log::Log;
use crate::model::BlockId;
use crate::options::Options;
use crate::record::{Location, Record};
use crate::sabotage::{self, crash_point};
use crate::state::State;
use crate::store::StoreFault;
use crate::writer::{AppendFault, Writer};

/// A block that was written and is not visible yet.
pub(crate) struct Pending {
    pub(crate) claim: Arc<str>,
    pub(crate) lane: Arc<str>,
    pub(crate) documents: u32,
    pub(crate) length: u32,
    /// A commit that is not durable yet names it.
    pub(crate) committed: bool,
}

/// A record that is to be seen once it is durable.
pub(crate) struct Publication {
    pub(crate) position: u64,
    pub(crate) location: Location,
    pub(crate) record: Record,
}

/// What readers see.
pub(crate) struct Visible {
    pub(crate) state: State,
    /// Up to where: segment and offset.
    pub(crate) end: (u64, u64),
}

/// Called after blocks became visible.
pub(crate) type Wake = Arc<dyn Fn() + Send + Sync>;

/// An open spool.
pub(crate) struct Shared {
    pub(crate) dir: PathBuf,
    pub(crate) options: Options,
    pub(crate) log: Arc<Log>,
    pub(crate) writer: Mutex<Writer>,
    pub(crate) keeper: Mutex<Keeper>,
    pub(crate) visible: RwLock<Visible>,
    pub(crate) pending: Mutex<HashMap<BlockId, Pending>>,
    pub(crate) queue: Mutex<VecDeque<Publication>>,
    pub(crate) group: Group,
    pub(crate) wakes: Mutex<Vec<Wake>>,
    /// Blocks became visible and nobody was woken yet.
    pub(crate) fresh: AtomicBool,
    pub(crate) closed: AtomicBool,
    pub(crate) rebuilds: AtomicU64,
    /// One prune, or one verification, at a time.
    pub(crate) tidying: Mutex<()>,
    pub(crate) lock: File,
}

/// Locks `mutex`; what a panicking holder may have left half done is only ever the index, which is checked when read.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// An error once the spool is closed or has failed.
    pub(crate) fn check(&self) -> Result<(), SpoolError> {
        self.check_open()?;
        self.group.check()
    }

    /// An error once the spool is closed.
    pub(crate) fn check_open(&self) -> Result<(), SpoolError> {
        if self.closed.load(Ordering::Acquire) {
            Err(SpoolError::Closed)
        } else {
            Ok(())
        }
    }

    /// The writer. Another thread's panic while it wrote leaves nobody knowing what was written: the spool fails.
    pub(crate) fn writer(&self) -> Result<MutexGuard<'_, Writer>, SpoolError> {
        let writer = self.writer.lock().map_err(|_poisoned| {
            self.group
                .fail("a thread panicked while it wrote".to_owned())
        })?;
        // Checked under the lock, so that nothing is appended after a failed sync or a close.
        self.check()?;
        Ok(writer)
    }

    /// What a failed append means to the caller.
    pub(crate) fn append_failed(&self, fault: AppendFault) -> SpoolError {
        match fault {
            AppendFault::NoSpace(error) => SpoolError::NoSpace(error),
            AppendFault::Broken(reason) => self.group.fail(reason),
            AppendFault::TooLarge => SpoolError::Invalid {
                what: "record",
                problem: "is larger than a frame may be; split it".to_owned(),
            },
        }
    }

    /// Appends a record and queues it for publication; the position that makes it durable.
    pub(crate) fn append(&self, writer: &mut Writer, record: Record) -> Result<u64, SpoolError> {
        let location = writer
            .append_record(&record)
            .map_err(|fault| self.append_failed(fault))?;
        let position = writer.position;
        lock(&self.queue).push_back(Publication {
            position,
            location,
            record,
        });
        Ok(position)
    }

    /// Makes everything appended so far durable, then visible.
    pub(crate) fn sync(&self) -> Result<u64, String> {
        let (file, position) = match self.writer.lock() {
            Ok(writer) => writer.to_sync(),
            Err(_poisoned) => return Err("a thread panicked while it wrote".to_owned()),
        };
        crash_point("spool.before_fsync");
        if !sabotage::on("no_fsync") {
            file.sync_data()
                .map_err(|e| format!("syncing the log: {e}"))?;
        }
        crash_point("spool.after_fsync");
        self.publish(position);
        Ok(position)
    }

    /// The same for a caller that holds the writer and needs the index to say what the log says.
    pub(crate) fn sync_held(&self, writer: &Writer) -> Result<(), SpoolError> {
        let (file, position) = writer.to_sync();
        file.sync_data()
            .map_err(|e| self.group.fail(format!("syncing the log: {e}")))?;
        self.publish(position);
        self.group.advance(position);
        Ok(())
    }

    /// Shows what is durable up to `position`.
    fn publish(&self, position: u64) {
        let mut keeper = lock(&self.keeper);
        let mut batch = Vec::new();
        {
            let mut queue = lock(&self.queue);
            while queue.front().is_some_and(|next| next.position <= position) {
                batch.extend(queue.pop_front());
            }
        }
        {
            let mut visible = self.visible.write().unwrap_or_else(PoisonError::into_inner);
            for publication in &batch {
                let at = publication.location;
                visible.state.apply(&publication.record);
                visible.end = (at.segment, at.offset + u64::from(at.length));
            }
        }
        for publication in &batch {
            if let Err(fault) = keeper
                .index
                .apply(&publication.record, publication.location)
            {
                // The rebuild reads up to the visible end, so it takes in the rest of the batch too.
                self.rebuild(&mut keeper, &fault.to_string());
                break;
            }
        }
        drop(keeper);
        let mut pending = lock(&self.pending);
        for publication in &batch {
            let Record::Commit(commit) = &publication.record else {
                continue;
            };
            for block in &commit.blocks {
                pending.remove(&BlockId {
                    segment: block.location.segment,
                    offset: block.location.offset,
                });
            }
            if !commit.blocks.is_empty() {
                self.fresh.store(true, Ordering::Release);
            }
        }
    }

    /// Calls whoever wants to know that blocks became visible. Hold no lock.
    pub(crate) fn wake(&self) {
        if self.fresh.swap(false, Ordering::AcqRel) {
            let wakes = lock(&self.wakes).clone();
            wakes.iter().for_each(|wake| wake());
        }
    }

    /// Replaces the index by one read from the log. Never fails: at worst the index is in memory.
    pub(crate) fn rebuild(&self, keeper: &mut Keeper, why: &str) {
        self.rebuilds.fetch_add(1, Ordering::Relaxed);
        tracing::warn!(why, "the spool's index is rebuilt from the log");
        let end = self
            .visible
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .end;
        match keeper.rebuild(&self.log, Some(end), true) {
            Ok(rebuilt) => {
                for damage in &rebuilt.replayed.damaged {
                    tracing::warn!(%damage, "the spool's log is damaged");
                }
                if let Some(why) = rebuilt.in_memory {
                    tracing::warn!(why, "the spool's index is kept in memory");
                }
            }
            Err(fault) => tracing::error!(?fault, "the spool's index could not be rebuilt"),
        }
    }

    /// Asks the index, rebuilding it when it cannot answer.
    pub(crate) fn ask<T>(
        &self,
        question: impl Fn(&mut Index) -> Result<T, StoreFault>,
    ) -> Result<T, SpoolError> {
        self.check_open()?;
        let mut keeper = lock(&self.keeper);
        match question(&mut keeper.index) {
            Ok(answer) => Ok(answer),
            Err(fault) => {
                self.rebuild(&mut keeper, &fault.to_string());
                question(&mut keeper.index)
                    .map_err(|fault| SpoolError::Read(std::io::Error::other(fault)))
            }
        }
    }
}
