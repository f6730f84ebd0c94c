//! What a spool remembers besides blocks: claims, occurrence keys, dead letters. The index says in which record of
//! the log they are; the record is read, checked and compared. A record that is damaged is as one that never was.

use crate::dead_letter::DeadLetter;
use crate::entry::Item;
use crate::error::SpoolError;
use crate::log::{ReadFault, Whole};
use crate::model::{BlockId, ClaimRecord, Placed};
use crate::record::{CommitRecord, Location, Record};
use crate::shared::lock;
use crate::spool::Spool;

impl Spool {
    /// What is remembered of a committed claim. A claim whose record is damaged is as one that never was: deriving it
    /// again gives the same ids.
    ///
    /// # Errors
    /// [`SpoolError::Read`] when the disk refuses; [`SpoolError::Closed`].
    pub fn claim(&self, claim: &str) -> Result<Option<ClaimRecord>, SpoolError> {
        for attempt in 0..2 {
            let Some(item) = self.shared.ask(|index| index.claim(claim))? else {
                return Ok(None);
            };
            if let Some(record) = self.claim_record(claim, item)? {
                return Ok(Some(record));
            }
            if attempt == 0 {
                self.shared.rebuild(
                    &mut lock(&self.shared.keeper),
                    "it points to something that is not the claim",
                );
            }
        }
        Ok(None)
    }

    /// Up to `limit` claims whose names begin with `prefix` and come after `after` (`""` for the first page).
    ///
    /// # Errors
    /// As [`Spool::claim`].
    pub fn claims(
        &self,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(String, ClaimRecord)>, SpoolError> {
        let items = self
            .shared
            .ask(|index| index.claims(prefix, after, limit))?;
        let mut claims = Vec::with_capacity(items.len());
        for (name, item) in items {
            let record = match self.claim_record(&name, item)? {
                Some(record) => Some(record),
                None => self.claim(&name)?,
            };
            claims.extend(record.map(|record| (name, record)));
        }
        Ok(claims)
    }

    fn claim_record(&self, claim: &str, item: Item) -> Result<Option<ClaimRecord>, SpoolError> {
        match self.record_at(item.location)? {
            Some(Record::Commit(commit)) if commit.claim == claim => {
                let first = self.seen(|state| state.first_segment);
                let placed = placed(&commit, first);
                let blocks = placed.iter().map(|block| block.id).collect();
                Ok(Some(ClaimRecord {
                    memo: commit.memo,
                    blocks,
                    placed,
                    at: commit.at,
                }))
            }
            Some(Record::Remember(remember)) => {
                let claims = remember.claims.into_iter();
                let found = place(item)
                    .and_then(|place| claims.into_iter().nth(place))
                    .filter(|found| found.claim == claim);
                Ok(found.map(|found| ClaimRecord {
                    memo: found.memo,
                    blocks: Vec::new(),
                    placed: Vec::new(),
                    at: found.at,
                }))
            }
            Some(
                Record::Commit(_) | Record::Checkpoint(_) | Record::Settle(_) | Record::Epoch(_),
            )
            | None => Ok(None),
        }
    }

    /// The record at a place; `None` when there is no whole one.
    pub(crate) fn record_at(&self, at: Location) -> Result<Option<Record>, SpoolError> {
        match self.shared.log.read(at) {
            Ok(Whole { kind, payload, .. }) => Ok(Record::decode(kind, &payload)),
            Err(ReadFault::Io(error)) => Err(SpoolError::Read(error)),
            Err(ReadFault::Gone | ReadFault::Damaged { .. }) => Ok(None),
        }
    }

    /// The digest remembered under an occurrence key.
    ///
    /// # Errors
    /// As [`Spool::claim`].
    pub fn key(&self, key: &str) -> Result<Option<[u8; 32]>, SpoolError> {
        let found = self.shared.ask(|index| index.key(key))?;
        Ok(found.map(|(digest, _)| digest))
    }

    /// Up to `limit` open dead letters of `reader` (of all for `None`), by lane and ordinal, skipping the first `skip`.
    ///
    /// # Errors
    /// As [`Spool::claim`].
    pub fn dead_letters(
        &self,
        reader: Option<&str>,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, SpoolError> {
        let items = self.shared.ask(|index| {
            let (mut items, mut seen) = (Vec::new(), 0_usize);
            index.dead_letters(reader, &mut |key, item| {
                seen += 1;
                if seen > skip && items.len() < limit {
                    items.push((key, item));
                }
                items.len() < limit
            })?;
            Ok(items)
        })?;
        let mut letters = Vec::with_capacity(items.len());
        // Letters are often written many at a time; their record is then read once.
        let mut held: Option<(Location, Vec<DeadLetter>)> = None;
        for (key, item) in items {
            if held.as_ref().is_none_or(|(at, _)| *at != item.location) {
                held = Some((item.location, self.letters_at(item.location)?));
            }
            let letter = held
                .as_ref()
                .and_then(|(_, letters)| letters.get(place(item)?));
            match letter.filter(|letter| letter.key() == key) {
                Some(letter) => letters.push(letter.clone()),
                None => tracing::warn!(
                    lane = key.lane,
                    ordinal = key.ordinal,
                    "a dead letter's record is damaged"
                ),
            }
        }
        Ok(letters)
    }

    /// The dead letters of one record.
    pub(crate) fn letters_at(&self, at: Location) -> Result<Vec<DeadLetter>, SpoolError> {
        Ok(match self.record_at(at)? {
            Some(Record::Settle(settle)) => settle.dead_letters,
            Some(Record::Remember(remember)) => remember.dead_letters,
            Some(Record::Commit(_) | Record::Checkpoint(_) | Record::Epoch(_)) | None => Vec::new(),
        })
    }
}

fn place(item: Item) -> Option<usize> {
    usize::try_from(item.item).ok()
}

/// The blocks of a commit that were not pruned.
fn placed(commit: &CommitRecord, first_segment: u64) -> Vec<Placed> {
    let there = commit
        .blocks
        .iter()
        .filter(|block| block.location.segment >= first_segment);
    there
        .filter_map(|block| {
            Some(Placed {
                id: BlockId {
                    segment: block.location.segment,
                    offset: block.location.offset,
                },
                lane: commit.lane_of(block)?.to_owned(),
                ordinal: block.ordinal,
                first_sequence: block.first_sequence,
                documents: block.documents,
            })
        })
        .collect()
}
