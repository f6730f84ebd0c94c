//! The handle the programs hold. Blocking, cheap to clone, safe to share between threads.
//!
//! This file is the writing side: blocks, commits, settlements, waiting, closing. `read.rs` is the reading side,
//! `prune.rs` and `verify.rs` the tidying. Invariant: what is appended is queued for publication in the same order,
//! under the writer's lock.

use std::collections::HashMap;
use std::collections::btree_map::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crate::chance;
use crate::clock;
use crate::error::{OpenError, SpoolError};
use crate::frame::{BlockMeta, HEAD_BYTES, Kind, MAX_BODY_BYTES};
use crate::group::Group;
use crate::marker::{LogShape, Marker};
use crate::model::{BlockId, Commit, Epoch, Settlement, Ticket};
use crate::names;
use crate::open::{self, Parts};
use crate::options::Options;
use crate::packed::Packed;
use crate::record::{CommitRecord, CommittedBlock, Location, Record, SettleRecord};
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

    /// Commits a claim: its blocks get the next ordinals of their lanes and the next sequence numbers. Nothing of it
    /// is visible before [`Spool::wait`] returned for this ticket or a later one.
    ///
    /// # Errors
    /// [`SpoolError::UnknownBlock`] for blocks not written for this claim in this opening, [`SpoolError::TooMany`]
    /// for too many marks or lanes, and those of [`Spool::write`]. On an error nothing is committed.
    pub fn commit(&self, commit: &Commit<'_>) -> Result<Ticket, SpoolError> {
        names::check("claim", commit.claim, names::MAX_NAME)?;
        names::check_size("memo", commit.memo.len(), names::MAX_MEMO)?;
        check_marks(commit.marks)?;
        commit
            .keys
            .iter()
            .try_for_each(|(key, _)| names::check("key", key, names::MAX_KEY))?;
        let mut writer = self.shared.writer()?;
        let mut pending = lock(&self.shared.pending);
        let record = place_blocks(commit, &writer.state, &pending)?;
        let lanes = record.lanes.iter().map(String::as_str);
        writer
            .state
            .check_room(commit.marks.iter().map(|(name, _)| *name), lanes)?;
        self.check_reserve()?;
        let position = self.shared.append(&mut writer, Record::Commit(record))?;
        for id in commit.blocks {
            if let Some(block) = pending.get_mut(id) {
                block.committed = true;
            }
        }
        Ok(Ticket(position))
    }

    /// Records progress and dead letters. Visible and durable as a commit is.
    ///
    /// # Errors
    /// As [`Spool::commit`].
    pub fn settle(&self, settlement: &Settlement<'_>) -> Result<Ticket, SpoolError> {
        check_marks(settlement.marks)?;
        for letter in settlement.dead_letters {
            names::check("reader", &letter.reader, names::MAX_NAME)?;
            names::check("lane", &letter.lane, names::MAX_NAME)?;
            for text in [&letter.subject, &letter.id, &letter.code, &letter.reason] {
                names::check_size("dead letter", text.len(), names::MAX_TEXT)?;
            }
        }
        crate::prune::delete_before_cursor(self, settlement);
        let mut writer = self.shared.writer()?;
        writer.state.check_room(
            settlement.marks.iter().map(|(name, _)| *name),
            std::iter::empty(),
        )?;
        self.check_reserve()?;
        let record = SettleRecord {
            marks: owned(settlement.marks),
            dead_letters: settlement.dead_letters.to_vec(),
            resolved: settlement.resolved.to_vec(),
        };
        self.shared
            .append(&mut writer, Record::Settle(record))
            .map(Ticket)
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
        Usage {
            bytes: self.shared.log.bytes(),
            segments: self.shared.log.count(),
            blocks: lock(&self.shared.keeper).index.blocks,
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

    fn check_reserve(&self) -> Result<(), SpoolError> {
        self.check_quota(0, self.shared.options.limit_bytes / 8 + RESERVE_BYTES)
    }
}

fn check_marks(marks: &[(&str, u64)]) -> Result<(), SpoolError> {
    marks
        .iter()
        .try_for_each(|(name, _)| names::check("mark", name, names::MAX_NAME))
}

fn owned(marks: &[(&str, u64)]) -> Vec<(String, u64)> {
    marks
        .iter()
        .map(|(name, value)| ((*name).to_owned(), *value))
        .collect()
}

/// The commit with its blocks' places: the next ordinals and sequence numbers after `state`.
fn place_blocks(
    commit: &Commit<'_>,
    state: &State,
    pending: &HashMap<BlockId, Pending>,
) -> Result<CommitRecord, SpoolError> {
    let mut next_sequence = state.next_sequence;
    let mut lanes: Vec<(String, u64)> = Vec::new();
    let mut lane_numbers: BTreeMap<&str, u32> = BTreeMap::new();
    let mut blocks: Vec<CommittedBlock> = Vec::with_capacity(commit.blocks.len());
    let mut named = std::collections::HashSet::with_capacity(commit.blocks.len());
    for id in commit.blocks {
        let block = pending
            .get(id)
            .filter(|block| !block.committed && *block.claim == *commit.claim && named.insert(*id));
        let Some(block) = block else {
            return Err(SpoolError::UnknownBlock {
                id: *id,
                claim: commit.claim.to_owned(),
            });
        };
        let fresh = u32::try_from(lanes.len()).unwrap_or(u32::MAX);
        let lane = *lane_numbers.entry(&block.lane).or_insert(fresh);
        if lane == fresh {
            lanes.push((
                block.lane.to_string(),
                state.lanes.get(&*block.lane).map_or(0, |lane| lane.head),
            ));
        }
        let Some((_, head)) = usize::try_from(lane)
            .ok()
            .and_then(|lane| lanes.get_mut(lane))
        else {
            continue;
        };
        *head = head.saturating_add(1);
        let location = Location {
            segment: id.segment,
            offset: id.offset,
            length: block.length,
        };
        blocks.push(CommittedBlock {
            location,
            lane,
            ordinal: *head,
            first_sequence: next_sequence,
            documents: block.documents,
        });
        next_sequence = next_sequence.saturating_add(u64::from(block.documents));
    }
    Ok(CommitRecord {
        claim: commit.claim.to_owned(),
        at: clock::now_millis(),
        lanes: lanes.into_iter().map(|(lane, _)| lane).collect(),
        blocks,
        marks: owned(commit.marks),
        keys: commit
            .keys
            .iter()
            .map(|(key, digest)| ((*key).to_owned(), *digest))
            .collect(),
        memo: commit.memo.to_vec(),
    })
}
