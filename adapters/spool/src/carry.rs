//! Carrying forward: what a segment that is about to go says of claims, keys and dead letters is written again at the end of
//! the log, as far as it is still so and not old enough to be forgotten.
//! Never deletes anything on disk: that comes after, in `prune`.
//! Invariant: the index points to the new record before the old one goes.

use crate::entry::Item;
use crate::error::SpoolError;
use crate::record::{Location, Record, RememberRecord, RememberedClaim, RememberedKey};
use crate::report::PruneReport;
use crate::segment::Found;
use crate::spool::Spool;
use crate::writer::Writer;

/// Bytes of claims, keys and letters carried in one record.
const CARRIED_BYTES: usize = 256 << 10;

/// What is to be written again.
#[derive(Default)]
struct Carried {
    record: RememberRecord,
    bytes: usize,
}

/// What of a segment is not carried. Times are milliseconds since the Unix epoch.
struct Horizon {
    /// What was written up to then is old enough to be forgotten.
    old: Option<u64>,
    /// So many keys are too many, and those that were written up to then go first.
    too_many: u64,
    early: u64,
}

impl Horizon {
    fn is_old(&self, at: u64) -> bool {
        self.old.is_some_and(|old| at <= old)
    }

    /// Whether a key that is not old goes all the same.
    fn gives_up(&mut self, at: u64) -> bool {
        let goes = self.too_many > 0 && at <= self.early;
        self.too_many -= u64::from(goes);
        goes
    }
}

impl Spool {
    /// Writes again what the segment's records say of claims, keys and dead letters, as far as it is still so.
    pub(crate) fn carry(
        &self,
        writer: &mut Writer,
        number: u64,
        now: u64,
        report: &mut PruneReport,
    ) -> Result<(), SpoolError> {
        let remember = u64::try_from(self.shared.options.remember.as_millis()).unwrap_or(u64::MAX);
        let mut horizon = self.horizon(number, now.checked_sub(remember))?;
        let mut carried = Carried::default();
        self.records(number, &mut |at, record| {
            self.keep(&mut carried, at, record, &mut horizon, report)?;
            if carried.bytes >= CARRIED_BYTES {
                self.write_carried(writer, &mut carried, report)?;
            }
            Ok(())
        })?;
        self.write_carried(writer, &mut carried, report)?;
        // The index must point to the new records before the old ones go.
        self.shared.sync_held(writer)
    }

    /// What of a segment is not carried, by its age, or because there are more keys than may be remembered.
    fn horizon(&self, number: u64, old: Option<u64>) -> Result<Horizon, SpoolError> {
        let keys = self.shared.ask(|index| Ok(index.keys))?;
        let mut horizon = Horizon {
            old,
            too_many: keys.saturating_sub(self.shared.options.most_keys),
            early: 0,
        };
        if horizon.too_many == 0 {
            return Ok(horizon);
        }
        let mut written = Vec::new();
        self.records(number, &mut |at, record| {
            for (item, key) in (0..).zip(&record.keys) {
                if self.is_current_key(&key.key, at, item)? {
                    written.push(key.at);
                }
            }
            Ok(())
        })?;
        written.sort_unstable();
        let last = usize::try_from(horizon.too_many - 1).unwrap_or(usize::MAX);
        horizon.early = *written.get(last).or(written.last()).unwrap_or(&0);
        Ok(horizon)
    }

    /// What each record of a segment says that has to outlive it.
    fn records(
        &self,
        number: u64,
        each: &mut dyn FnMut(Location, RememberRecord) -> Result<(), SpoolError>,
    ) -> Result<(), SpoolError> {
        let walk = self.shared.log.walk(number, None, false);
        let Some(mut walk) = walk.map_err(SpoolError::Read)? else {
            return Ok(());
        };
        while let Some(found) = walk.step() {
            let Found::Frame(frame) = found else { continue };
            let Ok(length) = u32::try_from(frame.length) else {
                continue;
            };
            let at = Location {
                segment: number,
                offset: frame.offset,
                length,
            };
            if let Some(record) = Record::decode(frame.kind, &frame.payload).and_then(remembered) {
                each(at, record)?;
            }
        }
        Ok(())
    }

    fn is_current_key(&self, key: &str, at: Location, item: u32) -> Result<bool, SpoolError> {
        let found = self.shared.ask(|index| index.key(key))?;
        Ok(found.map(|(_, item)| item) == Some(Item { location: at, item }))
    }

    /// Adds to `carried` what of `record` is what the index points to, and forgets the rest.
    fn keep(
        &self,
        carried: &mut Carried,
        at: Location,
        record: RememberRecord,
        horizon: &mut Horizon,
        report: &mut PruneReport,
    ) -> Result<(), SpoolError> {
        let current = |found: Option<Item>, item: u32| found == Some(Item { location: at, item });
        for (item, claim) in (0..).zip(record.claims) {
            if !current(self.shared.ask(|index| index.claim(&claim.claim))?, item) {
                continue;
            }
            if horizon.is_old(claim.at) {
                self.shared.ask(|index| index.forget_claim(&claim.claim))?;
            } else {
                carried.bytes += claim.claim.len() + claim.memo.len() + 16;
                carried.record.claims.push(claim);
            }
        }
        for (item, key) in (0..).zip(record.keys) {
            if !self.is_current_key(&key.key, at, item)? {
                continue;
            }
            let (old, surplus) = (horizon.is_old(key.at), horizon.gives_up(key.at));
            if old || surplus {
                report.keys_given_up += u64::from(!old);
                self.shared.ask(|index| index.forget_key(&key.key))?;
            } else {
                carried.bytes += key.key.len() + 48;
                carried.record.keys.push(key);
            }
        }
        for (item, letter) in (0..).zip(record.dead_letters) {
            if current(
                self.shared.ask(|index| index.dead_letter(&letter.key()))?,
                item,
            ) {
                carried.bytes += letter.reason.len() + letter.subject.len() + 256;
                carried.record.dead_letters.push(letter);
            }
        }
        Ok(())
    }

    fn write_carried(
        &self,
        writer: &mut Writer,
        carried: &mut Carried,
        report: &mut PruneReport,
    ) -> Result<(), SpoolError> {
        let Carried { record, bytes } = std::mem::take(carried);
        if bytes == 0 {
            return Ok(());
        }
        report.claims_carried += record.claims.len() as u64;
        report.keys_carried += record.keys.len() as u64;
        self.shared
            .append(writer, Record::Remember(record))
            .map(|_position| ())
    }
}

/// What a record says of claims, keys and dead letters.
fn remembered(record: Record) -> Option<RememberRecord> {
    match record {
        Record::Commit(commit) => {
            let at = commit.at;
            let keys = commit.keys.into_iter();
            Some(RememberRecord {
                claims: vec![RememberedClaim {
                    claim: commit.claim,
                    at,
                    memo: commit.memo,
                }],
                keys: keys
                    .map(|(key, digest)| RememberedKey { key, at, digest })
                    .collect(),
                dead_letters: Vec::new(),
            })
        }
        Record::Remember(remember) => Some(remember),
        Record::Settle(settle) => Some(RememberRecord {
            dead_letters: settle.dead_letters,
            ..RememberRecord::default()
        }),
        Record::Checkpoint(_) | Record::Epoch(_) => None,
    }
}
