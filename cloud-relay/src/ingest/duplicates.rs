//! Documents that came before under another log of the same agent: it lost its spool and derived them again from its
//! raw copies. Found by ranges (claim and record), then compared with what is stored.
//!
//! Invariant: a document is dropped only when the relay has it; one whose stored copy is damaged is taken again.

use std::collections::HashMap;

use canonical::block::Block;
use canonical::document::SealedRef;
use canonical::entity::EntityKind;
use canonical::id::data_digest;
use spool::{ClaimRecord, Spool, SpoolError};

use super::memo::Memo;
use super::received::LIMITS;
use crate::tag::StreamTag;

/// Claims read at once.
const PAGE: usize = 256;

/// What an earlier log says of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// Nothing.
    New,
    /// The same, or one of which only its range is remembered.
    Same,
    /// Another text under the same id.
    Other,
}

/// One block of an earlier log.
#[derive(Debug)]
struct Earlier {
    record: ClaimRecord,
    memo: Memo,
}

/// What earlier logs of an agent sent of one ingest.
#[derive(Debug, Default)]
pub(crate) struct EarlierLogs(Vec<Earlier>);

/// What makes two documents of one ingest the same document.
type Key = (EntityKind, u64, u32, String);

impl EarlierLogs {
    /// Finds the claims under `prefix` (`{tenant}/{agent}/{ingest_id}/`) that are not of the log `own`; for `None`,
    /// all of them.
    ///
    /// # Errors
    /// When the disk cannot be read.
    pub(crate) fn find(spool: &Spool, prefix: &str, own: Option<&str>) -> Result<Self, SpoolError> {
        // Its own claims, and the least name behind them all: '0' follows '/'.
        let own = own.map(|epoch| (format!("{prefix}{epoch}/"), format!("{prefix}{epoch}0")));
        let mut found = Vec::new();
        let mut after = String::new();
        loop {
            let limit = if found.is_empty() { 1 } else { PAGE };
            let page = spool.claims(prefix, &after, limit)?;
            let Some((last, _)) = page.last() else {
                return Ok(Self(found));
            };
            after.clone_from(last);
            for (name, record) in page {
                if let Some((own, behind_own)) = &own
                    && name.starts_with(own)
                {
                    // The log's own blocks are not earlier ones. There may be thousands: step over them.
                    after.clone_from(behind_own);
                    break;
                }
                let memo = Memo::from_bytes(&record.memo);
                found.push(Earlier { record, memo });
            }
        }
    }

    /// What is known of each of `documents`.
    ///
    /// # Errors
    /// When the disk cannot be read.
    pub(crate) fn look_up(
        &self,
        spool: &Spool,
        documents: &[SealedRef<'_>],
    ) -> Result<Vec<Known>, SpoolError> {
        let mut known = vec![Known::New; documents.len()];
        for earlier in &self.0 {
            if !documents
                .iter()
                .any(|document| earlier.memo.holds(document))
            {
                continue;
            }
            let stored = earlier.stored(spool)?;
            for (document, known) in documents.iter().zip(&mut known) {
                if *known != Known::New || !earlier.memo.holds(document) {
                    continue;
                }
                match &stored {
                    // The block is gone because it was delivered long ago.
                    None => *known = Known::Same,
                    Some(digests) => {
                        let key = (
                            document.kind,
                            document.record,
                            document.revision,
                            document.subject.to_owned(),
                        );
                        if let Some(digest) = digests.get(&key) {
                            let same = *digest == data_digest(document.data);
                            *known = if same { Known::Same } else { Known::Other };
                        }
                    }
                }
            }
        }
        Ok(known)
    }
}

impl Earlier {
    /// The digests of the block's delivered documents; `None` when it was pruned, empty when it is damaged.
    fn stored(&self, spool: &Spool) -> Result<Option<HashMap<Key, [u8; 32]>>, SpoolError> {
        let Some(placed) = self.record.placed.first() else {
            return Ok(None);
        };
        let stored = match spool.get(&placed.lane, placed.ordinal) {
            Ok(Some(stored)) => stored,
            Ok(None) => return Ok(None),
            Err(SpoolError::Damaged { .. }) => return Ok(Some(HashMap::new())),
            Err(error) => return Err(error),
        };
        let mut digests = HashMap::new();
        let tag = serde_json::from_slice::<StreamTag>(&stored.tag);
        if let (Ok(tag), Ok(raw)) = (tag, stored.body.unpack(LIMITS.bytes)) {
            let documents = Block::parse(&raw, LIMITS).unwrap_or_default();
            for (index, document) in (0..).zip(&documents) {
                if tag.delivers(index) {
                    let key = (
                        document.kind,
                        document.record,
                        document.revision,
                        document.subject.to_owned(),
                    );
                    digests.insert(key, data_digest(document.data));
                }
            }
        }
        Ok(Some(digests))
    }
}
