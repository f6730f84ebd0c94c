//! Gives disk space back: deletes whole segments, oldest first, never the newest.
//!
//! A segment goes when every visible block in it is settled, no open dead letter points into it, no claim in progress
//! has a block in it, and its end is older than the retention. Order: what must outlive it (claims, keys, dead
//! letters) is written again, then the new beginning of the log is written and synced, and only then files are
//! deleted. A crash before the deletion leaves files that the next opening deletes; one before the sync, nothing at all.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use crate::clock;
use crate::error::SpoolError;
use crate::model::Settlement;
use crate::record::Record;
use crate::report::PruneReport;
use crate::sabotage::crash_point;
use crate::shared::lock;
use crate::spool::Spool;
use crate::writer::begun_at;

impl Spool {
    /// Deletes whole settled segments. `settled` says whether a block's readers are all past it; `now` decides what is
    /// old enough. Writers wait while a segment's claims are carried forward. `settled` may look at marks and heads of
    /// this spool; anything else of it would wait for itself.
    ///
    /// # Errors
    /// [`SpoolError`] as for [`Spool::commit`]. What was decided before the error is finished by the next prune or opening.
    pub fn prune(
        &self,
        settled: &dyn Fn(&str, u64) -> bool,
        now: SystemTime,
    ) -> Result<PruneReport, SpoolError> {
        let _one_at_a_time = lock(&self.shared.tidying);
        let now = clock::millis(now);
        let mut report = PruneReport::default();
        let mut floors = BTreeMap::new();
        let mut first_kept = self.seen(|state| state.first_segment);
        let held = self.held_by_dead_letters()?;
        for number in self.shared.log.segments().into_keys() {
            // Looked at without the writer first: most prunes find nothing to do, and should cost nothing.
            let newest = self.shared.writer()?.segment();
            if number >= newest {
                break;
            }
            if number >= first_kept {
                let old = !held.contains(&number) && self.is_old(number, now);
                if !old || self.all_settled(number, settled)?.is_none() {
                    break;
                }
                let mut writer = self.shared.writer()?;
                // From here on the index says what the log says, and nobody appends until the carrying is done.
                self.shared.sync_held(&writer)?;
                let Some(highest) = self.all_settled(number, settled)? else {
                    break;
                };
                // A letter may have been settled together with the cursor since the first look.
                if self.held_by_dead_letters()?.contains(&number) {
                    break;
                }
                self.carry(&mut writer, number, now, &mut report)?;
                for (lane, ordinal) in highest {
                    let floor = floors.entry(lane).or_insert(0);
                    *floor = ordinal.max(*floor);
                }
                first_kept = number + 1;
            }
        }
        self.shared.wake();
        self.finish(first_kept, &floors, &mut report)?;
        Ok(report)
    }

    /// Segments with a block that an open dead letter points to.
    fn held_by_dead_letters(&self) -> Result<BTreeSet<u64>, SpoolError> {
        self.shared.ask(|index| {
            let (mut held, mut blocks) = (BTreeSet::new(), BTreeSet::new());
            index.dead_letters(None, &mut |key, _| {
                blocks.insert((key.lane, key.ordinal));
                true
            })?;
            for (lane, ordinal) in blocks {
                held.extend(
                    index
                        .entry(&lane, ordinal)?
                        .map(|entry| entry.location.segment),
                );
            }
            Ok(held)
        })
    }

    /// Whether a segment ended longer ago than settled blocks are kept.
    fn is_old(&self, number: u64, now: u64) -> bool {
        // A segment ends when the next one begins; where that is damaged, its own beginning has to do.
        let ended =
            begun_at(&self.shared.log, number + 1).or_else(|| begun_at(&self.shared.log, number));
        let retention =
            u64::try_from(self.shared.options.retention.as_millis()).unwrap_or(u64::MAX);
        ended
            .unwrap_or(0)
            .checked_add(retention)
            .is_some_and(|until| until <= now)
    }

    /// The highest ordinal per lane in a segment; `None` when a block of it is not settled or not yet committed.
    fn all_settled(
        &self,
        number: u64,
        settled: &dyn Fn(&str, u64) -> bool,
    ) -> Result<Option<BTreeMap<String, u64>>, SpoolError> {
        if lock(&self.shared.pending)
            .keys()
            .any(|id| id.segment == number)
        {
            return Ok(None);
        }
        self.shared.ask(|index| {
            let (mut highest, mut all) = (BTreeMap::new(), true);
            index.blocks_of(number, &mut |_, lane, ordinal| {
                all = settled(lane, ordinal);
                match highest.get_mut(lane) {
                    Some(high) => *high = ordinal.max(*high),
                    None => {
                        highest.insert(lane.to_owned(), ordinal);
                    }
                }
                all
            })?;
            Ok(all.then_some(highest))
        })
    }

    /// Writes where the log begins now, makes that durable, and only then deletes what is before it.
    fn finish(
        &self,
        first_kept: u64,
        floors: &BTreeMap<String, u64>,
        report: &mut PruneReport,
    ) -> Result<(), SpoolError> {
        let shared = &self.shared;
        let gone: Vec<_> = shared
            .log
            .segments()
            .into_iter()
            .filter(|(number, _)| *number < first_kept)
            .collect();
        if gone.is_empty() {
            return Ok(());
        }
        let mut writer = shared.writer()?;
        if writer.state.first_segment < first_kept {
            let mut state = writer.state.clone();
            state.first_segment = first_kept;
            state.raise_floors(floors);
            let checkpoint = Record::Checkpoint(state.checkpoint(clock::now_millis()));
            shared.append(&mut writer, checkpoint)?;
        }
        shared.sync_held(&writer)?;
        drop(writer);
        crash_point("spool.between_cursor_and_delete");
        for (number, segment) in gone {
            report.blocks += shared.ask(|index| index.forget_segment(number))?;
            shared.log.delete(number).map_err(SpoolError::Read)?;
            report.segments += 1;
            report.bytes += segment.bytes;
        }
        shared.log.sync_names().map_err(|e| {
            shared
                .group
                .fail(format!("syncing the log's directory: {e}"))
        })
    }
}

/// The deliberate bug `delete_before_cursor`: what this settlement would let go is deleted before it is durable.
#[cfg(feature = "sabotage")]
pub(crate) fn delete_before_cursor(spool: &Spool, settlement: &Settlement<'_>) {
    if settlement.marks.is_empty() || !crate::sabotage::on("delete_before_cursor") {
        return;
    }
    let mut cursors: BTreeMap<String, u64> = spool.marks("cursor/").into_iter().collect();
    cursors.extend(
        settlement
            .marks
            .iter()
            .map(|(name, value)| ((*name).to_owned(), *value)),
    );
    let past = |lane: &str, ordinal: u64| {
        let of_lane = cursors.iter().filter(|(name, _)| {
            name.strip_prefix("cursor/")
                .and_then(|rest| rest.split_once('/'))
                .is_some_and(|(_, of)| of == lane)
        });
        let (mut readers, mut past) = (0, 0);
        for (_, cursor) in of_lane {
            readers += 1;
            past += u64::from(ordinal <= *cursor);
        }
        readers > 0 && readers == past
    };
    let newest = spool
        .shared
        .visible
        .read()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .end
        .0;
    for number in spool
        .shared
        .log
        .segments()
        .into_keys()
        .filter(|number| *number < newest)
    {
        if !matches!(spool.all_settled(number, &past), Ok(Some(_))) {
            break;
        }
        let forgotten = spool.shared.ask(|index| index.forget_segment(number));
        if forgotten.is_err() || spool.shared.log.delete(number).is_err() {
            break;
        }
    }
    crash_point("spool.between_delete_and_cursor");
}

/// The deliberate bug `delete_before_cursor`: not in this build.
#[cfg(not(feature = "sabotage"))]
#[inline(always)]
pub(crate) const fn delete_before_cursor(_spool: &Spool, _settlement: &Settlement<'_>) {}
