//! A block as an agent sent it: taken apart, unpacked within bounds, each document looked at. Pure.
//!
//! Invariant: hostile bytes end in a refusal of the block or in the rejection of a document, never in a panic and never
//! in more memory than the limits allow.

use canonical::block::{Block, BlockLimits};
use canonical::date::DateTime;
use canonical::document::SealedRef;
use canonical::entity::Entity;
use canonical::ingest::IngestId;
use canonical::link::{self, BlockHeader};
use spool::Packed;

use crate::refusal::Refused;

/// What is taken from one block. An agent builds blocks of 500 documents or 512 KiB.
pub(crate) const LIMITS: BlockLimits = BlockLimits {
    documents: 1_000,
    bytes: 64 << 20,
};
/// The longest subject, partition key or occurrence, in bytes.
const NAME_BYTES: usize = 512;
/// The largest document, in bytes.
const DOCUMENT_BYTES: usize = 8 << 20;
/// The longest reason that goes back to the agent, in characters.
const REASON_CHARACTERS: usize = 300;

/// Why one document is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rejection {
    /// Stable.
    pub(crate) code: &'static str,
    /// For a person at the agent. May name what was found.
    pub(crate) reason: String,
}

impl Rejection {
    fn new(code: &'static str, reason: impl AsRef<str>) -> Self {
        let reason = reason.as_ref().chars().take(REASON_CHARACTERS).collect();
        Self { code, reason }
    }
}

/// A block that can be stored.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) header: BlockHeader,
    /// As sent, not packed again.
    pub(crate) body: Packed,
    /// Unpacked.
    raw: Vec<u8>,
    /// For each document, why it is not taken.
    pub(crate) rejections: Vec<Option<Rejection>>,
}

impl Received {
    /// Takes a request's body apart.
    ///
    /// # Errors
    /// When it is no block. A document that cannot be used is in `rejections` instead.
    pub(crate) fn read(frame: &[u8]) -> Result<Self, Refused> {
        let bad = |error: &dyn std::fmt::Display| Refused::bad("bad_block", error);
        let (header, compressed) = link::decode_block(frame).map_err(|error| bad(&error))?;
        let body = Packed::from_parts(compressed.to_vec(), header.raw_bytes);
        let raw = body.unpack(LIMITS.bytes).map_err(|error| bad(&error))?;
        let documents = Block::parse(&raw, LIMITS).map_err(|error| bad(&error))?;
        if documents.is_empty() || u32::try_from(documents.len()) != Ok(header.documents) {
            let message = format!(
                "header says {} documents, block holds {}",
                header.documents,
                documents.len()
            );
            return Err(Refused::bad("bad_block", message));
        }
        if header
            .first_sequence
            .checked_add(documents.len() as u64)
            .is_none()
        {
            return Err(Refused::bad(
                "bad_block",
                "sequence numbers beyond the last one",
            ));
        }
        let rejections = documents
            .iter()
            .map(|document| reject(document, header.ingest.ingest_id))
            .collect();
        Ok(Self {
            header,
            body,
            raw,
            rejections,
        })
    }

    /// The documents, in order.
    pub(crate) fn documents(&self) -> Vec<SealedRef<'_>> {
        // It was parsed before with the same limits.
        Block::parse(&self.raw, LIMITS).unwrap_or_default()
    }
}

/// Why a document is not taken, if it is not.
fn reject(document: &SealedRef<'_>, ingest: IngestId) -> Option<Rejection> {
    let prefix = document.kind.as_str();
    let key = document
        .subject
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('/'));
    if key.is_none_or(str::is_empty) || !is_name(document.subject) {
        return Some(Rejection::new(
            "bad_subject",
            "the subject is not {entity}/{business key} on one line",
        ));
    }
    if !is_name(document.partition_key) {
        return Some(Rejection::new(
            "bad_partition_key",
            "the partition key is empty, too long or not one line",
        ));
    }
    if document
        .occurrence
        .is_some_and(|occurrence| !is_name(occurrence))
    {
        return Some(Rejection::new(
            "bad_occurrence",
            "the occurrence is empty, too long or not one line",
        ));
    }
    if document
        .time
        .is_some_and(|time| time.parse::<DateTime>().is_err())
    {
        return Some(Rejection::new(
            "bad_time",
            "the time is no RFC 3339 date-time",
        ));
    }
    if document.data.len() > DOCUMENT_BYTES {
        return Some(Rejection::new(
            "too_large",
            format!("a document is {DOCUMENT_BYTES} bytes at most"),
        ));
    }
    // The parser passes over members it does not know without looking at their encoding.
    if std::str::from_utf8(document.data).is_err() {
        return Some(Rejection::new("bad_document", "the data is not UTF-8"));
    }
    match Entity::from_json(document.kind, document.data) {
        Err(error) => Some(Rejection::new("bad_document", error.to_string())),
        Ok(entity) => match entity.provenance() {
            Some(provenance) if provenance.ingest_id == ingest => None,
            Some(_) | None => Some(Rejection::new(
                "bad_provenance",
                "provenance.ingest_id is not the block's ingest",
            )),
        },
    }
}

fn is_name(text: &str) -> bool {
    (1..=NAME_BYTES).contains(&text.len()) && !text.chars().any(char::is_control)
}
