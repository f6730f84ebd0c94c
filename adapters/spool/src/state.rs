//! What is known of the log as a whole: epoch, sequence, lanes, marks. Bounded, so it lives in memory.
//!
//! The same `apply` serves appending, publishing and replaying, so the three cannot disagree. Pure.

use std::collections::BTreeMap;

use crate::error::SpoolError;
use crate::record::{Checkpoint, LaneHead, Record};

/// Most lanes, and most marks, a spool keeps.
pub(crate) const MAX_NAMES: usize = 100_000;

/// How far a lane goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lane {
    /// Highest ordinal.
    pub(crate) head: u64,
    /// Highest ordinal that was pruned; a block at or below it may be gone for good reason.
    pub(crate) floor: u64,
}

/// The state at one point of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) epoch: u64,
    pub(crate) first_segment: u64,
    pub(crate) next_sequence: u64,
    pub(crate) lanes: BTreeMap<String, Lane>,
    pub(crate) marks: BTreeMap<String, u64>,
}

impl State {
    pub(crate) const fn new(epoch: u64, first_segment: u64) -> Self {
        Self {
            epoch,
            first_segment,
            next_sequence: 1,
            lanes: BTreeMap::new(),
            marks: BTreeMap::new(),
        }
    }

    pub(crate) fn checkpoint(&self, at: u64) -> Checkpoint {
        let lane = |(lane, l): (&String, &Lane)| LaneHead {
            lane: lane.clone(),
            head: l.head,
            floor: l.floor,
        };
        Checkpoint {
            at,
            epoch: self.epoch,
            first_segment: self.first_segment,
            next_sequence: self.next_sequence,
            lanes: self.lanes.iter().map(lane).collect(),
            marks: self
                .marks
                .iter()
                .map(|(name, value)| (name.clone(), *value))
                .collect(),
        }
    }

    /// Takes over what a record says.
    pub(crate) fn apply(&mut self, record: &Record) {
        match record {
            Record::Checkpoint(checkpoint) => {
                let lane = |l: &LaneHead| {
                    (
                        l.lane.clone(),
                        Lane {
                            head: l.head,
                            floor: l.floor,
                        },
                    )
                };
                self.epoch = checkpoint.epoch;
                self.first_segment = checkpoint.first_segment;
                self.next_sequence = checkpoint.next_sequence;
                self.lanes = checkpoint.lanes.iter().map(lane).collect();
                self.marks = checkpoint.marks.iter().cloned().collect();
            }
            Record::Commit(commit) => {
                for block in &commit.blocks {
                    let Some(name) = commit.lane_of(block) else {
                        continue;
                    };
                    let end = block
                        .first_sequence
                        .saturating_add(u64::from(block.documents));
                    self.next_sequence = self.next_sequence.max(end);
                    match self.lanes.get_mut(name) {
                        Some(lane) => lane.head = lane.head.max(block.ordinal),
                        None => {
                            self.lanes.insert(
                                name.to_owned(),
                                Lane {
                                    head: block.ordinal,
                                    floor: 0,
                                },
                            );
                        }
                    }
                }
                self.mark(&commit.marks);
            }
            Record::Settle(settle) => self.mark(&settle.marks),
            Record::Remember(_) => {}
            Record::Epoch(epoch) => self.epoch = *epoch,
        }
    }

    /// Raises the floors of lanes whose blocks went.
    pub(crate) fn raise_floors(&mut self, floors: &BTreeMap<String, u64>) {
        for (name, floor) in floors {
            if let Some(lane) = self.lanes.get_mut(name) {
                lane.floor = lane.floor.max(*floor);
            }
        }
    }

    /// Refuses marks that would grow the table past its bound.
    pub(crate) fn check_room<'a>(
        &self,
        marks: impl Iterator<Item = &'a str>,
        lanes: impl Iterator<Item = &'a str>,
    ) -> Result<(), SpoolError> {
        let fresh_marks = marks.filter(|name| !self.marks.contains_key(*name)).count();
        if self.marks.len() + fresh_marks > MAX_NAMES {
            return Err(SpoolError::TooMany {
                what: "marks",
                limit: MAX_NAMES,
            });
        }
        let fresh_lanes = lanes.filter(|name| !self.lanes.contains_key(*name)).count();
        if self.lanes.len() + fresh_lanes > MAX_NAMES {
            return Err(SpoolError::TooMany {
                what: "lanes",
                limit: MAX_NAMES,
            });
        }
        Ok(())
    }

    fn mark(&mut self, marks: &[(String, u64)]) {
        for (name, value) in marks {
            match self.marks.get_mut(name) {
                Some(slot) => *slot = *value,
                None => {
                    self.marks.insert(name.clone(), *value);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::SettleRecord;

    #[test]
    fn a_checkpoint_gives_the_state_again() {
        let mut state = State::new(9, 3);
        state.apply(&Record::Settle(SettleRecord {
            marks: vec![("m".into(), 4)],
            ..SettleRecord::default()
        }));
        state
            .lanes
            .insert("state".into(), Lane { head: 7, floor: 2 });
        state.next_sequence = 99;
        let mut other = State::new(0, 0);
        other.apply(&Record::Checkpoint(state.checkpoint(1)));
        assert_eq!(other, state);
    }

    #[test]
    fn the_table_of_marks_is_bounded() {
        let mut state = State::new(0, 1);
        state.marks = (0..MAX_NAMES).map(|i| (format!("m{i}"), 0)).collect();
        assert!(
            state.check_room(["m5"].into_iter(), [].into_iter()).is_ok(),
            "an old mark may change"
        );
        let refused = state.check_room(["new"].into_iter(), [].into_iter());
        assert!(matches!(
            refused,
            Err(SpoolError::TooMany { what: "marks", .. })
        ));
    }
}
