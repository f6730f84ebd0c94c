//! Reads and checks everything in the log, bodies included, and compares the index with it. Memory stays small: the
//! log is read frame by frame. Writers go on meanwhile; what they append is not looked at.

use std::sync::PoisonError;

use crate::error::SpoolError;
use crate::model::BlockId;
use crate::record::Record;
use crate::replay::{Plan, ReplayFault, replay};
use crate::report::VerifyReport;
use crate::shared::lock;
use crate::spool::Spool;

impl Spool {
    /// Reads and checks everything. An index that disagrees with the log is rebuilt.
    ///
    /// # Errors
    /// [`SpoolError::Read`] when a segment that is there cannot be opened; [`SpoolError::Closed`].
    pub fn verify(&self) -> Result<VerifyReport, SpoolError> {
        let shared = &self.shared;
        shared.check_open()?;
        let _no_prune_meanwhile = lock(&shared.tidying);
        let visible = shared
            .visible
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let (end, first) = (visible.end, visible.state.first_segment);
        drop(visible);
        let (mut blocks, mut agrees) = (0, true);
        let plan = Plan {
            until: Some(end),
            check_bodies: true,
            last_only: false,
        };
        let replayed = replay(&shared.log, plan, &mut |record, _| {
            let Record::Commit(commit) = record else {
                return Ok(());
            };
            for block in commit
                .blocks
                .iter()
                .filter(|block| block.location.segment >= first)
            {
                let id = BlockId {
                    segment: block.location.segment,
                    offset: block.location.offset,
                };
                let keeper = lock(&shared.keeper);
                let lane = commit.lane_of(block).unwrap_or_default();
                let entry = keeper.index.entry(lane, block.ordinal);
                let place = keeper.index.place(id);
                agrees &= matches!(entry, Ok(Some(entry)) if entry.location == block.location)
                    && matches!(place, Ok(Some((of, ordinal))) if of == lane && ordinal == block.ordinal);
                blocks += 1;
            }
            agrees &= matches!(lock(&shared.keeper).index.claim(&commit.claim), Ok(Some(_)));
            Ok(())
        });
        let replayed = match replayed {
            Ok(replayed) => replayed,
            Err(ReplayFault::Io { source, .. }) => return Err(SpoolError::Read(source)),
            Err(ReplayFault::Store(fault)) => {
                return Err(SpoolError::Read(std::io::Error::other(fault)));
            }
            Err(ReplayFault::Newer { .. }) => {
                return Err(SpoolError::Read(std::io::ErrorKind::InvalidData.into()));
            }
        };
        if !agrees {
            shared.rebuild(&mut lock(&shared.keeper), "it disagrees with the log");
        }
        let segments = shared.log.segments();
        let read = segments.iter().filter(|(number, _)| **number <= end.0);
        Ok(VerifyReport {
            segments: read.clone().count() as u64,
            frames: replayed.frames,
            blocks,
            bytes: read
                .map(|(number, segment)| {
                    if *number == end.0 {
                        end.1
                    } else {
                        segment.bytes
                    }
                })
                .sum(),
            damaged: replayed.damaged,
            index_agrees: agrees,
        })
    }
}
