//! The reading side of a spool: marks, lanes, blocks. `recall.rs` has claims, keys and dead letters.
//!
//! Nothing the index says is taken on trust: the frame it points to is read, checked and compared. A contradiction
//! rebuilds the index on the spot and the question is asked once more; what is still wrong then is damage in the log.

use std::ops::Bound;
use std::sync::PoisonError;

use crate::entry::Entry;
use crate::error::SpoolError;
use crate::frame::{BlockMeta, Kind};
use crate::log::ReadFault;
use crate::model::{BlockId, Stored};
use crate::packed::Packed;
use crate::record::{Location, Record};
use crate::segment::Found;
use crate::shared::lock;
use crate::spool::Spool;

/// What the index says about an ordinal.
enum Sought {
    /// Pruned, or not there yet.
    Absent,
    /// The log has lost it.
    Lost,
    Found(Entry),
}

/// What came of following the index.
enum Followed {
    Stored(Box<Stored>),
    Pruned,
    /// The index pointed to something else.
    Contradiction(&'static str),
}

impl Spool {
    /// A mark's durable value.
    #[must_use]
    pub fn mark(&self, name: &str) -> Option<u64> {
        self.seen(|state| state.marks.get(name).copied())
    }

    /// All durable marks whose names begin with `prefix`, by name.
    #[must_use]
    pub fn marks(&self, prefix: &str) -> Vec<(String, u64)> {
        self.seen(|state| {
            let from = state
                .marks
                .range::<str, _>((Bound::Included(prefix), Bound::Unbounded));
            from.take_while(|(name, _)| name.starts_with(prefix))
                .map(|(name, value)| (name.clone(), *value))
                .collect()
        })
    }

    /// Lanes that ever had a visible block, by name.
    #[must_use]
    pub fn lanes(&self) -> Vec<String> {
        self.seen(|state| state.lanes.keys().cloned().collect())
    }

    /// Highest visible ordinal of a lane, 0 = none.
    #[must_use]
    pub fn head(&self, lane: &str) -> u64 {
        self.seen(|state| state.lanes.get(lane).map_or(0, |lane| lane.head))
    }

    /// The block `ordinal` of `lane`; `None` = pruned or not there (yet).
    ///
    /// # Errors
    /// [`SpoolError::Damaged`] when it was there and is not whole any more, with its claim when that is known;
    /// [`SpoolError::Read`] when the disk refuses; [`SpoolError::Closed`].
    pub fn get(&self, lane: &str, ordinal: u64) -> Result<Option<Stored>, SpoolError> {
        let mut contradiction = "the index contradicts the log";
        for attempt in 0..2 {
            let entry = match self.seek(lane, ordinal)? {
                Sought::Absent => return Ok(None),
                Sought::Lost => return Err(damaged(lane, ordinal, None, "its commit was lost")),
                Sought::Found(entry) => entry,
            };
            match self.follow(lane, ordinal, entry)? {
                Followed::Stored(stored) => return Ok(Some(*stored)),
                Followed::Pruned => return Ok(None),
                Followed::Contradiction(what) => {
                    contradiction = what;
                    if attempt == 0 {
                        self.shared.rebuild(&mut lock(&self.shared.keeper), what);
                    }
                }
            }
        }
        Err(damaged(lane, ordinal, None, contradiction))
    }

    /// The block `id`, when it is visible.
    ///
    /// # Errors
    /// As [`Spool::get`].
    pub fn block(&self, id: BlockId) -> Result<Option<Stored>, SpoolError> {
        match self.shared.ask(|index| index.place(id))? {
            Some((lane, ordinal)) => self.get(&lane, ordinal),
            None => Ok(None),
        }
    }

    fn seek(&self, lane: &str, ordinal: u64) -> Result<Sought, SpoolError> {
        let shared = &self.shared;
        shared.check_open()?;
        let mut keeper = lock(&shared.keeper);
        // Read under the keeper's lock: publishing holds it too, so that head and index are of one moment.
        let of = shared
            .visible
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .state
            .lanes
            .get(lane)
            .copied();
        let Some(of) = of.filter(|of| (1..=of.head).contains(&ordinal)) else {
            return Ok(Sought::Absent);
        };
        for attempt in 0..2 {
            let why = match keeper.index.entry(lane, ordinal) {
                Ok(Some(entry)) => return Ok(Sought::Found(entry)),
                Ok(None) if ordinal <= of.floor => return Ok(Sought::Absent),
                Ok(None) if keeper.is_lost(lane, ordinal) => return Ok(Sought::Lost),
                Ok(None) => "a block is missing from it".to_owned(),
                Err(fault) => fault.to_string(),
            };
            if attempt == 0 {
                shared.rebuild(&mut keeper, &why);
            }
        }
        Ok(Sought::Lost)
    }

    fn follow(&self, lane: &str, ordinal: u64, entry: Entry) -> Result<Followed, SpoolError> {
        let at = entry.location;
        let whole = match self.shared.log.read(at) {
            Ok(whole) => whole,
            Err(ReadFault::Io(error)) => return Err(SpoolError::Read(error)),
            Err(ReadFault::Gone) if at.segment < self.seen(|state| state.first_segment) => {
                return Ok(Followed::Pruned);
            }
            Err(ReadFault::Gone) => {
                return Err(damaged(
                    lane,
                    ordinal,
                    self.claim_of(at),
                    "its segment is missing",
                ));
            }
            Err(ReadFault::Damaged { detail, meta }) => {
                let claim = meta
                    .as_deref()
                    .and_then(BlockMeta::parse)
                    .map(|meta| meta.claim.to_owned());
                return Err(damaged(
                    lane,
                    ordinal,
                    claim.or_else(|| self.claim_of(at)),
                    detail,
                ));
            }
        };
        let Some(meta) = BlockMeta::parse(&whole.meta).filter(|_| whole.kind == Kind::Block) else {
            return Ok(Followed::Contradiction(
                "it points to something that is no block",
            ));
        };
        if meta.lane != lane || meta.documents != entry.documents {
            return Ok(Followed::Contradiction("it points to another block"));
        }
        Ok(Followed::Stored(Box::new(Stored {
            id: BlockId {
                segment: at.segment,
                offset: at.offset,
            },
            claim: meta.claim.to_owned(),
            lane: lane.to_owned(),
            ordinal,
            first_sequence: entry.first_sequence,
            documents: meta.documents,
            tag: meta.tag.to_vec(),
            body: Packed::from_parts(whole.payload, meta.raw_len),
        })))
    }

    /// The claim whose commit names the block at `at`: found by reading on from there, which is slow and rare.
    fn claim_of(&self, at: Location) -> Option<String> {
        let (last, end) = self
            .shared
            .visible
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .end;
        for number in self
            .shared
            .log
            .segments()
            .into_keys()
            .filter(|number| (at.segment..=last).contains(number))
        {
            let until = (number == last).then_some(end);
            let Ok(Some(mut walk)) = self.shared.log.walk(number, until, false) else {
                continue;
            };
            while let Some(found) = walk.step() {
                let Found::Frame(frame) = found else { continue };
                let Some(Record::Commit(commit)) = Record::decode(frame.kind, &frame.payload)
                else {
                    continue;
                };
                if commit.blocks.iter().any(|block| block.location == at) {
                    return Some(commit.claim);
                }
            }
        }
        None
    }
}

fn damaged(lane: &str, ordinal: u64, claim: Option<String>, detail: &str) -> SpoolError {
    SpoolError::Damaged {
        lane: lane.to_owned(),
        ordinal,
        claim,
        detail: detail.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::ordinal_key;
    use crate::model::{Commit, Settlement};
    use crate::options::Options;
    use crate::store::Store;

    fn filled(dir: &std::path::Path) -> Spool {
        let spool = Spool::open(dir, &Options::default()).unwrap().spool;
        for n in 0..5 {
            let claim = format!("claim{n}");
            let id = spool
                .write(
                    &claim,
                    "l",
                    b"",
                    &Packed::pack(claim.as_bytes()).unwrap(),
                    1,
                )
                .unwrap();
            let commit = Commit {
                claim: &claim,
                blocks: &[id],
                keys: &[(&claim, [n; 32])],
                ..Commit::default()
            };
            spool.wait(spool.commit(&commit).unwrap()).unwrap();
        }
        spool
    }

    fn harm(spool: &Spool, with: impl FnOnce(&mut Store)) {
        with(lock(&spool.shared.keeper).index.store_mut());
    }

    #[test]
    fn a_database_that_panics_while_running_is_replaced() {
        type Question = (&'static str, fn(&Spool));
        let questions: [Question; 7] = [
            ("get", |spool| {
                assert_eq!(spool.get("l", 3).unwrap().unwrap().claim, "claim2")
            }),
            ("claim", |spool| {
                assert_eq!(spool.claim("claim2").unwrap().unwrap().placed[0].ordinal, 3)
            }),
            ("claims", |spool| {
                assert_eq!(spool.claims("", "", 9).unwrap().len(), 5)
            }),
            ("key", |spool| {
                assert_eq!(spool.key("claim2").unwrap(), Some([2; 32]))
            }),
            ("dead letters", |spool| {
                assert_eq!(spool.dead_letters(None, 0, 9).unwrap(), [])
            }),
            ("verify", |spool| {
                assert_eq!(spool.verify().unwrap().blocks, 5)
            }),
            ("commit", |spool| {
                let commit = Commit {
                    claim: "late",
                    ..Commit::default()
                };
                spool.wait(spool.commit(&commit).unwrap()).unwrap();
                assert!(spool.claim("late").unwrap().is_some());
            }),
        ];
        for (what, ask) in questions {
            let dir = tempfile::tempdir().unwrap();
            let spool = filled(dir.path());
            harm(&spool, |store| *store = Store::Panicking);
            ask(&spool);
            assert_eq!(spool.usage().index_rebuilds, 1, "{what}");
            assert!(
                dir.path().join("index.damaged-1").exists(),
                "{what}: kept for inspection"
            );
            assert_eq!(
                spool.get("l", 5).unwrap().unwrap().claim,
                "claim4",
                "{what}"
            );
            assert_eq!(spool.usage().index_rebuilds, 1, "{what}: the new one works");
        }
    }

    #[test]
    fn an_entry_that_vanishes_or_changes_while_running_is_found_again() {
        let dir = tempfile::tempdir().unwrap();
        let spool = filled(dir.path());
        harm(&spool, |store| {
            assert!(store.remove(&ordinal_key("l", 2)).unwrap().is_some())
        });
        assert_eq!(spool.get("l", 2).unwrap().unwrap().claim, "claim1");
        assert_eq!(spool.usage().index_rebuilds, 1);
        harm(&spool, |store| {
            let other = store.get(&ordinal_key("l", 4)).unwrap().unwrap();
            store.insert(&ordinal_key("l", 3), &other).unwrap();
        });
        assert_eq!(spool.get("l", 3).unwrap().unwrap().claim, "claim2");
        assert_eq!(spool.usage().index_rebuilds, 2);
    }

    #[test]
    fn an_index_that_does_not_hold_what_it_was_given_is_not_trusted_the_next_time() {
        let dir = tempfile::tempdir().unwrap();
        let spool = filled(dir.path());
        harm(&spool, |store| {
            assert!(store.remove(&ordinal_key("l", 2)).unwrap().is_some())
        });
        spool.close();
        let opened = Spool::open(dir.path(), &Options::default()).unwrap();
        assert!(
            matches!(opened.report.index, crate::IndexReport::Rebuilt { .. }),
            "{}",
            opened.report
        );
        assert_eq!(opened.spool.get("l", 2).unwrap().unwrap().claim, "claim1");
    }

    #[test]
    fn where_no_directory_takes_a_database_the_index_is_in_memory() {
        let dir = tempfile::tempdir().unwrap();
        let spool = filled(dir.path());
        // No system has a directory with such a name.
        let nowhere = dir.path().join("no\0where");
        let mut keeper = crate::keeper::Keeper::new(&nowhere, std::time::Duration::from_secs(1));
        let end = spool.shared.visible.read().unwrap().end;
        let rebuilt = keeper.rebuild(&spool.shared.log, Some(end), true).unwrap();
        assert!(rebuilt.in_memory.is_some());
        assert_eq!(keeper.index.blocks, 5);
        assert_eq!(keeper.close(), None, "nothing to trust the next time");
    }

    #[test]
    fn a_failed_disk_stops_writing_for_good_but_not_reading() {
        let dir = tempfile::tempdir().unwrap();
        let spool = filled(dir.path());
        spool.shared.group.fail("EIO".to_owned());
        let settlement = Settlement {
            marks: &[("m", 1)],
            ..Settlement::default()
        };
        let refused = spool.settle(&settlement).unwrap_err();
        assert!(matches!(&refused, SpoolError::Failed { reason } if reason == "EIO"));
        assert!(refused.to_string().contains("check the disk"), "{refused}");
        assert!(matches!(
            spool.write("c", "l", b"", &Packed::pack(b"x").unwrap(), 1),
            Err(SpoolError::Failed { .. })
        ));
        assert!(matches!(
            spool.prune(&|_, _| true, std::time::UNIX_EPOCH),
            Err(SpoolError::Failed { .. })
        ));
        assert_eq!(spool.get("l", 1).unwrap().unwrap().claim, "claim0");
    }
}
