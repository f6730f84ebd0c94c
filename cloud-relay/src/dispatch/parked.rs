//! Which keys of a lane stand behind a dead letter. Found again from the dead letters themselves when a dispatcher
//! begins, so that nothing else has to be remembered.
//!
//! Invariant: a key is parked exactly as long as one of its commands is an open dead letter of this destination.

use std::collections::BTreeMap;

use canonical::block::{Block, BlockLimits};
use canonical::entity::EntityKind;
use spool::{DeadLetter, Spool, SpoolError};

/// The code of a dead letter whose document was never tried, because one before it was given up.
pub(crate) const BEHIND: &str = "relay.behind";

/// Dead letters read at once.
const PAGE: usize = 1_000;

/// The parked keys of `lane` at the destination `reader`, with the id of the document that each is behind.
///
/// # Errors
/// When the disk cannot be read. A block that is damaged parks nothing: its documents are lost here anyway.
pub(crate) fn keys(
    spool: &Spool,
    reader: &str,
    lane: &str,
) -> Result<BTreeMap<String, String>, SpoolError> {
    let mut by_block: BTreeMap<u64, Vec<DeadLetter>> = BTreeMap::new();
    let mut skip = 0;
    loop {
        let page = spool.dead_letters(Some(reader), skip, PAGE)?;
        let full = page.len() == PAGE;
        skip += page.len();
        for letter in page {
            if letter.lane == lane && is_command(&letter.subject) {
                by_block.entry(letter.ordinal).or_default().push(letter);
            }
        }
        if !full {
            break;
        }
    }
    let mut parked = BTreeMap::new();
    for (ordinal, letters) in by_block {
        let stored = match spool.get(lane, ordinal) {
            Ok(Some(stored)) => stored,
            Ok(None) | Err(SpoolError::Damaged { .. }) => continue,
            Err(error) => return Err(error),
        };
        let Ok(raw) = stored.body.unpack(BlockLimits::ACCEPT.bytes) else {
            continue;
        };
        let Ok(documents) = Block::parse(&raw, BlockLimits::ACCEPT) else {
            continue;
        };
        for letter in letters {
            let document = usize::try_from(letter.index)
                .ok()
                .and_then(|index| documents.get(index));
            if let Some(document) = document {
                parked
                    .entry(document.partition_key.to_owned())
                    .or_insert(letter.id);
            }
        }
    }
    Ok(parked)
}

/// Whether a subject (`{entity}/{business key}`) is that of a document of which each one counts.
fn is_command(subject: &str) -> bool {
    let kind = subject
        .split('/')
        .next()
        .and_then(|kind| kind.parse::<EntityKind>().ok());
    kind.is_some_and(|kind| !kind.is_state())
}
