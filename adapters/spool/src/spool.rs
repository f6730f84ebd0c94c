//! The handle the programs hold. Blocking, cheap to clone, safe to share between threads.
//!
//! This file opens, writes blocks, waits and closes; `commit.rs` makes blocks visible, `read.rs` and `recall.rs` are the
//! reading side, `prune.rs` and `verify.rs` the tidying. Invariant: what is appended is queued for publication in the same order,
//! under the writer's lock.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crate::chance;
use crate::error::{OpenError, SpoolError};
use crate::frame::{BlockMeta, HEAD_BYTES, Kind, MAX_BODY_BYTES};
use crate::group::Group;
use crate::marker::{LogShape, Marker};
use crate::model::{BlockId, Epoch, Ticket};
use crate::names;
use crate::open::{self, Parts};
use crate::options::Options;
use crate::packed::Packed;
use crate::record::{Location, Record};
use crate::report::{OpenReport, Usage};
use crate::sabotage::crash_point;
use crate::shared::{Pending, Shared, Visible, lock};
use crate::state::State;

/// What commits and settlements may use above the quota, besides an eighth of it.
const RESERVE_BYTES: u64 = 1 << 20;

/// An open spool. Clones are the same spool; it stays locked until the last of them is gone, or until `close`.
#[derive(Clone)]
pub struct Spool {
    pub(crate) shared: Arc<Shared>,
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
    /// [`OpenError`] when the directory cannot be used, is in use, or was written by a newer program. Damaged data is
    /// never refused: it is reported in [`Opened::report`].
    pub fn open(dir: &Path, options: &Options) -> Result<Opened, OpenError> {
        let Parts {
            lock,
            log,
            writer,
            keeper,
            report,
        } = open::open(dir, options)?;
        let visible = Visible {
            state: writer.state.clone(),
            end: writer.end(),
        };
        let shared = Shared {
            dir: dir.to_owned(),
            options: options.clone(),
            log,
            writer: Mutex::new(writer),
            keeper: Mutex::new(keeper),
            visible: RwLock::new(visible),
            pending: Mutex::default(),
            queue: Mutex::default(),
            group: Group::default(),
            wakes: Mutex::default(),
            fresh: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            rebuilds: AtomicU64::new(0),
            tidying: Mutex::new(()),
            lock,
        };
        Ok(Opened {
            spool: Self {
                shared: Arc::new(shared),
            },
            report,
        })
    }

    /// The epoch the lanes' ordinals belong to.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        Epoch(self.seen(|state| state.epoch))
    }

    /// Starts a new epoch, durably: after blocks were lost and derived again. Ordinals go on as before.
    ///
    /// # Errors
    /// As [`Spool::commit`] and [`Spool::wait`].
    pub fn renew_epoch(&self) -> Result<Epoch, SpoolError> {
        let epoch = chance::bits();
        let mut writer = self.shared.writer()?;
        let position = self.shared.append(&mut writer, Record::Epoch(epoch))?;
        drop(writer);
        self.wait(Ticket(position))?;
        Ok(Epoch(epoch))
    }

    /// Appends a block of `documents` documents for `claim` on `lane`: neither durable nor visible before a commit
    /// names it. `tag` is for the caller's own facts about the block, at most 32 KiB; `body` at most 16 MiB packed.
    ///
    /// # Errors
    /// [`SpoolError::Full`] at the quota, [`SpoolError::NoSpace`] on a full disk (both: nothing was written),
    /// [`SpoolError::Invalid`] for names and sizes a spool does not take, [`SpoolError::Failed`] after a disk error.
    pub fn write(
        &self,
        claim: &str,
        lane: &str,
        tag: &[u8],
        body: &Packed,
        documents: u32,
    ) -> Result<BlockId, SpoolError> {
        names::check("claim", claim, names::MAX_NAME)?;
        names::check("lane", lane, names::MAX_NAME)?;
        names::check_size("tag", tag.len(), names::MAX_TAG)?;
        names::check_size("block", body.bytes().len(), MAX_BODY_BYTES)?;
        if documents == 0 {
            return Err(SpoolError::Invalid {
                what: "block",
                problem: "has no documents; at least 1 is needed".to_owned(),
            });
        }
        let meta = BlockMeta {
            claim,
            lane,
            tag,
            documents,
            raw_len: body.raw_len(),
        }
        .encode()
        .unwrap_or_default();
        let mut writer = self.shared.writer()?;
        self.check_quota((HEAD_BYTES + meta.len() + body.bytes().len()) as u64, 0)?;
        let appended = writer.append(Kind::Block, &meta, body.bytes());
        let Location {
            segment,
            offset,
            length,
        } = appended.map_err(|fault| self.shared.append_failed(fault))?;
        let id = BlockId { segment, offset };
        let pending = Pending {
            claim: Arc::from(claim),
            lane: Arc::from(lane),
            documents,
            length,
            committed: false,
        };
        // Before the writer is let go, so that a prune cannot take the segment for one without pending blocks.
        lock(&self.shared.pending).insert(id, pending);
        drop(writer);
        crash_point("spool.after_block_write");
        Ok(id)
    }

    /// Forgets blocks that will not be committed, so that their segment can be pruned before the next opening.
    pub fn discard(&self, blocks: &[BlockId]) {
        let mut pending = lock(&self.shared.pending);
        for id in blocks {
            if pending.get(id).is_some_and(|block| !block.committed) {
                pending.remove(id);
            }
        }
    }

    /// Returns when everything up to `ticket` is durable and visible. One sync serves all who wait by then.
    ///
    /// # Errors
    /// [`SpoolError::Failed`], for good, after the first sync that failed.
    pub fn wait(&self, ticket: Ticket) -> Result<(), SpoolError> {
        let waited = self.shared.group.wait(ticket.0, &|| self.shared.sync());
        self.shared.wake();
        waited
    }

    /// Syncs of the log since opening: what group commit saves can be seen by it.
    #[must_use]
    pub fn syncs(&self) -> u64 {
        self.shared.group.syncs()
    }

    /// Why the spool stopped for good, once it did: the program must end, since nothing may be promised any more.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        self.shared
            .group
            .check()
            .err()
            .map(|error| error.to_string())
    }

    /// Calls `wake` after blocks became visible, on the thread that waited. Several may be set; they must be quick.
    pub fn on_commit(&self, wake: Box<dyn Fn() + Send + Sync>) {
        lock(&self.shared.wakes).push(Arc::from(wake));
    }

    /// What the spool takes and holds.
    #[must_use]
    pub fn usage(&self) -> Usage {
        let (blocks, keys) = {
            let keeper = lock(&self.shared.keeper);
            (keeper.index.blocks, keeper.index.keys)
        };
        Usage {
            bytes: self.shared.log.bytes(),
            segments: self.shared.log.count(),
            blocks,
            keys,
            index_rebuilds: self.shared.rebuilds.load(Ordering::Relaxed),
        }
    }

    /// Syncs and closes, so that the next opening can trust the index. Other clones answer [`SpoolError::Closed`]
    /// from here on. Without it nothing confirmed is lost; the next opening reads the log instead.
    pub fn close(self) {
        let shared = &self.shared;
        let Ok(writer) = shared.writer() else { return };
        if let Err(error) = shared.sync_held(&writer) {
            tracing::error!(%error, "the spool could not be synced at its close");
            return;
        }
        shared.closed.store(true, Ordering::Release);
        let mut keeper = lock(&shared.keeper);
        let (entries, hash) = (keeper.index.entries, keeper.index.hash);
        if let (Some(directory), Some(log)) = (keeper.close(), LogShape::of(&shared.log.segments()))
        {
            let marker = Marker {
                directory: directory.to_owned(),
                log,
                entries,
                hash,
            };
            if let Err(error) = marker.leave(&shared.dir) {
                tracing::warn!(%error, "the spool closed without its note; its index is rebuilt at the next opening");
            }
        }
        if let Err(error) = shared.lock.unlock() {
            tracing::debug!(%error, "the spool's lock goes with the process");
        }
        drop((keeper, writer));
        shared.wake();
    }

    pub(crate) fn seen<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(
            &self
                .shared
                .visible
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .state,
        )
    }

    fn check_quota(&self, more: u64, reserve: u64) -> Result<(), SpoolError> {
        let limit = self.shared.options.limit_bytes;
        let used = self.shared.log.bytes();
        if limit > 0 && used.saturating_add(more) > limit.saturating_add(reserve) {
            return Err(SpoolError::Full { used, limit });
        }
        Ok(())
    }

    pub(crate) fn check_reserve(&self) -> Result<(), SpoolError> {
        self.check_quota(0, self.shared.options.limit_bytes / 8 + RESERVE_BYTES)
    }
}
