//! Commits and settlements: what makes blocks visible and records progress.
//!
//! Invariant: ordinals and sequence numbers are given under the writer's lock, in the order of the log, and a refused
//! or failed commit gives none.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::clock;
use crate::error::SpoolError;
use crate::model::{BlockId, Commit, Settlement, Ticket};
use crate::names;
use crate::record::{CommitRecord, CommittedBlock, Location, Record, SettleRecord};
use crate::shared::{Pending, lock};
use crate::spool::Spool;
use crate::state::State;

impl Spool {
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
    let mut named = HashSet::with_capacity(commit.blocks.len());
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
