//! The index over the log: where the block of a lane's ordinal is, what is known of a claim, a key, a dead letter.
//!
//! By block, never by document: 100,000 documents are 200 blocks. Every value is sealed with a checksum over its key
//! and itself, and count and sum of all entries are kept, so that a missing, old or altered entry is noticed here or at
//! the next opening. The index says where to look; what is found there is checked again against the log.

use std::sync::atomic::Ordering;

use crate::dead_letter::DeadLetterKey;
use crate::entry::{
    CLAIM, DEAD, Entry, Item, KEY, ORDINAL, SEPARATOR, block_key, dead_key, hash, named,
    ordinal_key, read_dead_key, read_entry, read_item, read_place, seal, segment_prefix, unseal,
    write_item, write_location,
};
use crate::model::BlockId;
use crate::record::{CommitRecord, Location, Record, RememberRecord, SettleRecord};
use crate::store::{Progress, Store, StoreFault};

/// Is given a key and its unsealed value; says whether to go on, or `None` when they make no sense.
type EachEntry<'a> = dyn FnMut(&[u8], &[u8]) -> Option<bool> + 'a;

/// The index with its running totals.
pub(crate) struct Index {
    store: Store,
    /// Visible blocks.
    pub(crate) blocks: u64,
    /// Occurrence keys.
    pub(crate) keys: u64,
    /// Entries of all kinds.
    pub(crate) entries: u64,
    /// Sum of the hashes of all entries: the same in whatever order they came.
    pub(crate) hash: u64,
}

impl Index {
    /// An index over an empty store.
    pub(crate) const fn empty(store: Store) -> Self {
        Self {
            store,
            blocks: 0,
            keys: 0,
            entries: 0,
            hash: 0,
        }
    }

    /// An index over a store that was filled before: counts and hashes every entry.
    pub(crate) fn load(store: Store, progress: &Progress) -> Result<Self, StoreFault> {
        let mut index = Self::empty(Store::memory());
        let mut altered = false;
        store.scan(&[], &[], &mut |key, value| {
            progress.fetch_add(1, Ordering::Relaxed);
            altered |= unseal(key, value).is_none();
            index.count(key, value);
            !altered
        })?;
        if altered {
            return Err(StoreFault::Altered);
        }
        index.store = store;
        Ok(index)
    }

    fn count(&mut self, key: &[u8], value: &[u8]) {
        self.blocks += u64::from(key.first() == Some(&ORDINAL));
        self.keys += u64::from(key.first() == Some(&KEY));
        self.entries += 1;
        self.hash = self.hash.wrapping_add(hash(key, value));
    }

    fn uncount(&mut self, key: &[u8], value: &[u8]) {
        self.blocks = self
            .blocks
            .saturating_sub(u64::from(key.first() == Some(&ORDINAL)));
        self.keys = self
            .keys
            .saturating_sub(u64::from(key.first() == Some(&KEY)));
        self.entries = self.entries.saturating_sub(1);
        self.hash = self.hash.wrapping_sub(hash(key, value));
    }

    fn put(&mut self, key: &[u8], value: Vec<u8>) -> Result<(), StoreFault> {
        let sealed = seal(key, value);
        if let Some(old) = self.store.insert(key, &sealed)? {
            self.uncount(key, &old);
        }
        self.count(key, &sealed);
        Ok(())
    }

    fn take(&mut self, key: &[u8]) -> Result<(), StoreFault> {
        if let Some(old) = self.store.remove(key)? {
            self.uncount(key, &old);
        }
        Ok(())
    }

    fn fetch(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreFault> {
        match self.store.get(key)? {
            None => Ok(None),
            Some(value) => unseal(key, &value)
                .map(|value| Some(value.to_vec()))
                .ok_or(StoreFault::Altered),
        }
    }

    fn each(
        &self,
        prefix: &[u8],
        from: &[u8],
        found: &mut EachEntry<'_>,
    ) -> Result<(), StoreFault> {
        let mut altered = false;
        self.store.scan(prefix, from, &mut |key, value| {
            let more = unseal(key, value).and_then(|value| found(key, value));
            altered |= more.is_none();
            more.unwrap_or(false)
        })?;
        if altered {
            Err(StoreFault::Altered)
        } else {
            Ok(())
        }
    }

    /// Takes in what a durable record says.
    pub(crate) fn apply(&mut self, record: &Record, at: Location) -> Result<(), StoreFault> {
        match record {
            Record::Commit(commit) => self.apply_commit(commit, at),
            Record::Settle(settle) => self.apply_settle(settle, at),
            Record::Remember(remember) => self.apply_remember(remember, at),
            Record::Checkpoint(_) | Record::Epoch(_) => Ok(()),
        }
    }

    fn apply_commit(&mut self, commit: &CommitRecord, at: Location) -> Result<(), StoreFault> {
        for block in &commit.blocks {
            let Some(lane) = commit.lane_of(block) else {
                continue;
            };
            let mut value = write_location(block.location);
            value.extend_from_slice(&block.first_sequence.to_le_bytes());
            value.extend_from_slice(&block.documents.to_le_bytes());
            self.put(&ordinal_key(lane, block.ordinal), value)?;
            let mut value = block.ordinal.to_le_bytes().to_vec();
            value.extend_from_slice(lane.as_bytes());
            self.put(
                &block_key(block.location.segment, block.location.offset),
                value,
            )?;
        }
        self.put(&named(CLAIM, &commit.claim), write_item(at, 0))?;
        for (item, (key, digest)) in (0..).zip(&commit.keys) {
            self.put_key(key, digest, at, item)?;
        }
        Ok(())
    }

    fn apply_settle(&mut self, settle: &SettleRecord, at: Location) -> Result<(), StoreFault> {
        for key in &settle.resolved {
            self.take(&dead_key(key))?;
        }
        for (item, letter) in (0..).zip(&settle.dead_letters) {
            self.put(&dead_key(&letter.key()), write_item(at, item))?;
        }
        Ok(())
    }

    fn apply_remember(
        &mut self,
        remember: &RememberRecord,
        at: Location,
    ) -> Result<(), StoreFault> {
        for (item, claim) in (0..).zip(&remember.claims) {
            self.put(&named(CLAIM, &claim.claim), write_item(at, item))?;
        }
        for (item, key) in (0..).zip(&remember.keys) {
            self.put_key(&key.key, &key.digest, at, item)?;
        }
        for (item, letter) in (0..).zip(&remember.dead_letters) {
            self.put(&dead_key(&letter.key()), write_item(at, item))?;
        }
        Ok(())
    }

    fn put_key(
        &mut self,
        key: &str,
        digest: &[u8; 32],
        at: Location,
        item: u32,
    ) -> Result<(), StoreFault> {
        let mut value = write_item(at, item);
        value.extend_from_slice(digest);
        self.put(&named(KEY, key), value)
    }

    /// The block `ordinal` of `lane`.
    pub(crate) fn entry(&self, lane: &str, ordinal: u64) -> Result<Option<Entry>, StoreFault> {
        let Some(value) = self.fetch(&ordinal_key(lane, ordinal))? else {
            return Ok(None);
        };
        read_entry(&value).map(Some).ok_or(StoreFault::Altered)
    }

    /// The lane and ordinal of a block.
    pub(crate) fn place(&self, id: BlockId) -> Result<Option<(String, u64)>, StoreFault> {
        let Some(value) = self.fetch(&block_key(id.segment, id.offset))? else {
            return Ok(None);
        };
        read_place(&value).map(Some).ok_or(StoreFault::Altered)
    }

    /// Calls `found` with the offset, lane and ordinal of every visible block of a segment, until it says false.
    pub(crate) fn blocks_of(
        &self,
        segment: u64,
        found: &mut dyn FnMut(u64, &str, u64) -> bool,
    ) -> Result<(), StoreFault> {
        let prefix = segment_prefix(segment);
        self.each(&prefix, &prefix, &mut |key, value| {
            let offset = u64::from_be_bytes(*key.last_chunk::<8>()?);
            let (lane, ordinal) = read_place(value)?;
            Some(found(offset, &lane, ordinal))
        })
    }

    /// Calls `found` with every ordinal of `lane` that is there, in order.
    pub(crate) fn ordinals(
        &self,
        lane: &str,
        found: &mut dyn FnMut(u64),
    ) -> Result<(), StoreFault> {
        let mut prefix = named(ORDINAL, lane);
        prefix.push(SEPARATOR);
        self.each(&prefix, &prefix, &mut |key, _| {
            found(u64::from_be_bytes(*key.last_chunk::<8>()?));
            Some(true)
        })
    }

    /// Where a claim's record is.
    pub(crate) fn claim(&self, claim: &str) -> Result<Option<Item>, StoreFault> {
        let Some(value) = self.fetch(&named(CLAIM, claim))? else {
            return Ok(None);
        };
        read_item(&value).map(Some).ok_or(StoreFault::Altered)
    }

    /// Up to `limit` claims that begin with `prefix` and come after `after`.
    pub(crate) fn claims(
        &self,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(String, Item)>, StoreFault> {
        let mut claims = Vec::new();
        let from = named(CLAIM, after);
        self.each(&named(CLAIM, prefix), &from, &mut |key, value| {
            let name = std::str::from_utf8(key.get(1..)?).ok()?;
            if claims.len() < limit && (after.is_empty() || name > after) {
                claims.push((name.to_owned(), read_item(value)?));
            }
            Some(claims.len() < limit)
        })?;
        Ok(claims)
    }

    /// The digest and the record of an occurrence key.
    pub(crate) fn key(&self, key: &str) -> Result<Option<([u8; 32], Item)>, StoreFault> {
        let Some(value) = self.fetch(&named(KEY, key))? else {
            return Ok(None);
        };
        let digest = value.last_chunk::<32>().copied();
        digest
            .zip(read_item(&value))
            .map(Some)
            .ok_or(StoreFault::Altered)
    }

    /// Where a dead letter's record is.
    pub(crate) fn dead_letter(&self, key: &DeadLetterKey) -> Result<Option<Item>, StoreFault> {
        let Some(value) = self.fetch(&dead_key(key))? else {
            return Ok(None);
        };
        read_item(&value).map(Some).ok_or(StoreFault::Altered)
    }

    /// Calls `found` with every open dead letter (of `reader`), until it says false.
    pub(crate) fn dead_letters(
        &self,
        reader: Option<&str>,
        found: &mut dyn FnMut(DeadLetterKey, Item) -> bool,
    ) -> Result<(), StoreFault> {
        let mut prefix = named(DEAD, reader.unwrap_or_default());
        if reader.is_some() {
            prefix.push(SEPARATOR);
        }
        self.each(&prefix, &prefix, &mut |key, value| {
            Some(found(read_dead_key(key)?, read_item(value)?))
        })
    }

    /// Forgets the visible blocks of a segment that is gone; says how many.
    pub(crate) fn forget_segment(&mut self, segment: u64) -> Result<u64, StoreFault> {
        let mut forgotten = 0;
        loop {
            // A few at a time: a segment of tiny blocks has hundreds of thousands.
            let mut some = Vec::new();
            self.blocks_of(segment, &mut |offset, lane, ordinal| {
                some.push((offset, ordinal_key(lane, ordinal)));
                some.len() < 1000
            })?;
            if some.is_empty() {
                return Ok(forgotten);
            }
            for (offset, ordinal_key) in &some {
                // The ordinal may have been given again to a block elsewhere; only what points here goes.
                let here = self
                    .fetch(ordinal_key)?
                    .and_then(|value| read_entry(&value));
                if here.is_some_and(|entry| {
                    entry.location.segment == segment && entry.location.offset == *offset
                }) {
                    self.take(ordinal_key)?;
                }
                self.take(&block_key(segment, *offset))?;
            }
            forgotten += some.len() as u64;
        }
    }

    /// Forgets a claim.
    pub(crate) fn forget_claim(&mut self, claim: &str) -> Result<(), StoreFault> {
        self.take(&named(CLAIM, claim))
    }

    /// Forgets an occurrence key.
    pub(crate) fn forget_key(&mut self, key: &str) -> Result<(), StoreFault> {
        self.take(&named(KEY, key))
    }

    /// Whether the index outlives the process.
    pub(crate) const fn on_disk(&self) -> bool {
        matches!(self.store, Store::Sled(_))
    }

    /// Lets the store go, complete, for a clean close.
    pub(crate) fn flush(&self) -> Result<(), StoreFault> {
        self.store.flush()
    }

    /// Takes the store out, leaving an empty one in memory.
    pub(crate) fn take_store(&mut self) -> Store {
        std::mem::replace(self, Self::empty(Store::memory())).store
    }

    /// What damage would do: for tests of what happens then.
    #[cfg(test)]
    pub(crate) fn store_mut(&mut self) -> &mut Store {
        &mut self.store
    }
}
