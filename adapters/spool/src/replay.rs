//! Reads the log from its first frame to its last and says what it holds, whatever state it is in.
//!
//! Whole frames go to the visitor in order. Damage is collected with the claims it may concern: the claim of a block
//! whose body is not whole; a claim whose commit names a block that is not there; a claim with blocks before the
//! damage and no commit anywhere, since its commit may have been in it. Deriving such a claim again is harmless.
//! It changes nothing on disk.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::chance;
use crate::frame::{BlockMeta, FORMAT, HEAD_BYTES, Head, Kind};
use crate::log::{Log, Segment};
use crate::model::BlockId;
use crate::record::{CommitRecord, Location, Record};
use crate::report::Damage;
use crate::segment::{Found, Frame};
use crate::state::State;
use crate::store::StoreFault;

/// Most damaged stretches, and most claims of one, that are reported.
pub(crate) const MAX_REPORTED: usize = 1000;

/// Which part of the log to read, and how closely.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// Where the log ends: segment and offset. `None` reads all there is, checks the last segment's bodies too, and
    /// takes damage at its very end for an unfinished write.
    pub(crate) until: Option<(u64, u64)>,
    /// Check the bodies of all segments.
    pub(crate) check_bodies: bool,
    /// Read only the last segment.
    pub(crate) last_only: bool,
}

/// What the log holds.
#[derive(Debug)]
pub(crate) struct Replayed {
    pub(crate) state: State,
    pub(crate) damaged: Vec<Damage>,
    /// Whole frames.
    pub(crate) frames: u64,
    pub(crate) last: Option<LastSegment>,
}

/// The newest segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LastSegment {
    pub(crate) number: u64,
    pub(crate) segment: Segment,
    /// Where its last whole frame ends.
    pub(crate) end: u64,
    /// Whether it begins with a checkpoint and has no damage, so that appending may go on in it.
    pub(crate) sound: bool,
    /// Whether it holds nothing but the beginning of its first checkpoint: its making was interrupted.
    pub(crate) unborn: bool,
}

/// Why a replay stopped.
#[derive(Debug)]
pub(crate) enum ReplayFault {
    /// The visitor's store gave up.
    Store(StoreFault),
    /// A whole frame of a later format.
    Newer { path: PathBuf, format: u8 },
    /// A segment that is there cannot be opened.
    Io { path: PathBuf, source: io::Error },
}

/// What a replay hands each record to.
pub(crate) type Visitor<'a> = dyn FnMut(&Record, Location) -> Result<(), StoreFault> + 'a;

struct Replaying<'a> {
    log: &'a Log,
    visitor: &'a mut Visitor<'a>,
    state: State,
    damaged: Vec<Damage>,
    frames: u64,
    uncommitted: BTreeMap<BlockId, Arc<str>>,
    last_claim: Arc<str>,
    /// Claims whose commit names a block that was not seen.
    missing: Vec<(String, Location)>,
}

/// Replays the log.
pub(crate) fn replay<'a>(
    log: &'a Log,
    plan: Plan,
    visitor: &'a mut Visitor<'a>,
) -> Result<Replayed, ReplayFault> {
    let mut segments = log.segments();
    if let Some((last, _)) = plan.until {
        segments.retain(|number, _| *number <= last);
    }
    let newest = segments
        .last_key_value()
        .map(|(number, segment)| (*number, *segment));
    let lowest = segments.first_key_value().map_or(1, |(number, _)| *number);
    if plan.last_only {
        segments.retain(|number, _| newest.is_some_and(|(newest, _)| *number == newest));
    }
    let mut replaying = Replaying {
        log,
        visitor,
        state: State::new(chance::bits(), lowest),
        damaged: Vec::new(),
        frames: 0,
        uncommitted: BTreeMap::new(),
        last_claim: Arc::from(""),
        missing: Vec::new(),
    };
    let (mut last, mut expected) = (None, None);
    for (number, segment) in &segments {
        replaying.note_missing_segments(expected.unwrap_or(*number), *number);
        expected = Some(number + 1);
        let newest = newest.is_some_and(|(newest, _)| newest == *number);
        let end = plan.until.filter(|_| newest).map(|(_, offset)| offset);
        let open_end = newest && plan.until.is_none();
        last = Some(replaying.segment(
            *number,
            *segment,
            end,
            plan.check_bodies || open_end,
            open_end,
        )?);
    }
    if !plan.last_only {
        replaying.note_missing_segments(replaying.state.first_segment, lowest);
        replaying.name_claims();
    }
    let first = replaying.state.first_segment;
    replaying.damaged.retain(|damage| damage.segment >= first);
    let Replaying {
        state,
        damaged,
        frames,
        ..
    } = replaying;
    Ok(Replayed {
        state,
        damaged,
        frames,
        last,
    })
}

impl Replaying<'_> {
    fn segment(
        &mut self,
        number: u64,
        segment: Segment,
        end: Option<u64>,
        check_bodies: bool,
        open_end: bool,
    ) -> Result<LastSegment, ReplayFault> {
        let io = |source| ReplayFault::Io {
            path: self.log.path(number, segment.salt),
            source,
        };
        let mut last = LastSegment {
            number,
            segment,
            end: 0,
            sound: true,
            unborn: false,
        };
        let Some(mut walk) = self.log.walk(number, end, check_bodies).map_err(io)? else {
            self.note(Damage {
                segment: number,
                offset: 0,
                bytes: 0,
                claims: Vec::new(),
            });
            return Ok(LastSegment {
                sound: false,
                ..last
            });
        };
        let mut doubtful = Vec::new();
        let mut first = true;
        while let Some(found) = walk.step() {
            match found {
                Found::Newer(format) => {
                    return Err(ReplayFault::Newer {
                        path: self.log.path(number, segment.salt),
                        format,
                    });
                }
                Found::Damaged {
                    offset,
                    bytes,
                    claim,
                } => {
                    if doubtful.len() < MAX_REPORTED {
                        doubtful.push(Damage {
                            segment: number,
                            offset,
                            bytes,
                            claims: claim.into_iter().collect(),
                        });
                    }
                }
                Found::Frame(frame) => {
                    last.sound &= doubtful.is_empty() && (!first || frame.kind == Kind::Checkpoint);
                    first = false;
                    doubtful.drain(..).for_each(|damage| self.note(damage));
                    last.end = frame.offset + frame.length;
                    last.sound &= self.frame(number, frame)?;
                }
            }
        }
        last.sound &= last.end > 0;
        last.unborn = open_end && last.end == 0 && self.is_unborn(number, segment);
        if !(open_end && (last.end > 0 || last.unborn)) {
            last.sound &= doubtful.is_empty();
            doubtful.into_iter().for_each(|damage| self.note(damage));
        }
        Ok(last)
    }

    /// Takes in a whole frame; false when its content is not what its kind says.
    fn frame(&mut self, number: u64, frame: Frame) -> Result<bool, ReplayFault> {
        self.frames += 1;
        let Ok(length) = u32::try_from(frame.length) else {
            return Ok(false);
        };
        let location = Location {
            segment: number,
            offset: frame.offset,
            length,
        };
        if frame.kind == Kind::Block {
            let Some(meta) = BlockMeta::parse(&frame.meta) else {
                self.note(Damage {
                    segment: number,
                    offset: frame.offset,
                    bytes: frame.length,
                    claims: Vec::new(),
                });
                return Ok(false);
            };
            if *self.last_claim != *meta.claim {
                self.last_claim = Arc::from(meta.claim);
            }
            let id = BlockId {
                segment: number,
                offset: frame.offset,
            };
            self.uncommitted.insert(id, Arc::clone(&self.last_claim));
            return Ok(true);
        }
        let Some(record) = Record::decode(frame.kind, &frame.payload) else {
            self.note(Damage {
                segment: number,
                offset: frame.offset,
                bytes: frame.length,
                claims: Vec::new(),
            });
            return Ok(false);
        };
        if let Record::Commit(commit) = &record {
            self.committed(commit);
        }
        self.state.apply(&record);
        (self.visitor)(&record, location).map_err(ReplayFault::Store)?;
        Ok(true)
    }

    fn committed(&mut self, commit: &CommitRecord) {
        for block in &commit.blocks {
            let id = BlockId {
                segment: block.location.segment,
                offset: block.location.offset,
            };
            if self.uncommitted.remove(&id).is_none() && self.missing.len() < MAX_REPORTED {
                self.missing.push((commit.claim.clone(), block.location));
            }
        }
    }

    fn note(&mut self, damage: Damage) {
        if self.damaged.len() < MAX_REPORTED {
            self.damaged.push(damage);
        }
    }

    fn note_missing_segments(&mut self, from: u64, until: u64) {
        for number in (from..until).take(MAX_REPORTED) {
            self.note(Damage {
                segment: number,
                offset: 0,
                bytes: 0,
                claims: Vec::new(),
            });
        }
    }

    /// Says for each damaged stretch which claims it may concern.
    fn name_claims(&mut self) {
        for (claim, at) in std::mem::take(&mut self.missing) {
            if at.segment < self.state.first_segment {
                continue; // Pruned, as it should be.
            }
            let covers = |damage: &&mut Damage| {
                damage.segment == at.segment
                    && (damage.bytes == 0
                        || (damage.offset..damage.offset + damage.bytes).contains(&at.offset))
            };
            match self.damaged.iter_mut().find(covers) {
                Some(damage) => add_claim(damage, &claim),
                None => self.note(Damage {
                    segment: at.segment,
                    offset: at.offset,
                    bytes: u64::from(at.length),
                    claims: vec![claim],
                }),
            }
        }
        if self.damaged.is_empty() {
            return;
        }
        let mut unfinished = BTreeSet::new();
        for (id, claim) in &self.uncommitted {
            if !unfinished.insert(Arc::clone(claim)) {
                continue; // Its first block was looked at, and any damage after a later one is also after that.
            }
            for damage in &mut self.damaged {
                if (damage.segment, damage.offset) > (id.segment, id.offset) {
                    add_claim(damage, claim);
                }
            }
        }
    }

    /// Whether a segment without any whole frame is one whose making was interrupted, rather than a damaged one.
    fn is_unborn(&self, number: u64, segment: Segment) -> bool {
        if segment.bytes < HEAD_BYTES as u64 {
            return true;
        }
        let beginning = self.log.beginning(number, HEAD_BYTES);
        let empty = beginning.iter().all(|byte| *byte == 0);
        empty
            || Head::parse(&beginning, segment.salt, 0)
                .is_ok_and(|head| head.kind == Kind::Checkpoint && head.frame_len() > segment.bytes)
    }
}

fn add_claim(damage: &mut Damage, claim: &str) {
    if damage.claims.len() < MAX_REPORTED && !damage.claims.iter().any(|known| known == claim) {
        damage.claims.push(claim.to_owned());
    }
}

impl ReplayFault {
    /// As an error of opening.
    pub(crate) fn into_open_error(self) -> crate::error::OpenError {
        use crate::error::OpenError;
        match self {
            Self::Newer { path, format } => OpenError::Newer {
                path,
                found: u32::from(format),
                supported: u32::from(FORMAT),
            },
            Self::Io { path, source } => OpenError::Unusable {
                path,
                doing: "reading a segment",
                source,
            },
            Self::Store(fault) => OpenError::Unusable {
                path: PathBuf::from("index"),
                doing: "rebuilding the index",
                source: io::Error::other(fault),
            },
        }
    }
}
