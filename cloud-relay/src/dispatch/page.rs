//! Reads the next block of a lane and renders its documents for one destination. Blocking; run off the async threads.
//!
//! Never delivers and never judges: what the relay's answer left out, and what the destination does not take, is passed
//! over. A block that cannot be read is given up as a whole and never hides the one behind it.

use canonical::block::{Block, BlockLimits};
use canonical::document::SealedRef;
use canonical::envelope::{self, EnvelopeContext};
use platforms::Event;
use spool::{Spool, SpoolError, Stored};

use super::cursor::Cursor;
use super::destination::Destination;
use crate::tag::StreamTag;

/// A document on its way to a destination.
#[derive(Debug)]
pub(crate) struct Outgoing {
    /// The envelope.
    pub(crate) event: Event,
    /// For dead letters.
    pub(crate) subject: String,
    /// Its block.
    pub(crate) ordinal: u64,
    /// Its place in the block.
    pub(crate) index: u32,
    /// Whether each document of its key counts, so that one that is refused holds up those behind it.
    pub(crate) command: bool,
}

impl Outgoing {
    /// What it takes in memory, roughly.
    pub(crate) fn bytes(&self) -> usize {
        self.event.body.len() + self.event.key.len() + self.event.id.len() + self.subject.len()
    }
}

/// One step of a page.
#[derive(Debug)]
pub(crate) enum Step {
    /// Deliver this; the cursor behind it is the first field.
    Deliver(Cursor, Box<Outgoing>),
    /// Nothing is to be delivered up to here.
    Skip(Cursor),
}

/// What a lane holds behind a cursor.
#[derive(Debug)]
pub(crate) enum Page {
    /// The lane ends here for now.
    End,
    /// A block's documents, or a stretch that holds none.
    Steps {
        /// In order.
        steps: Vec<Step>,
        /// Where the next page begins.
        next: Cursor,
    },
    /// A block that cannot be read any more.
    Lost {
        /// Its ordinal.
        ordinal: u64,
        /// The claim, which names agent and ingest, when it is known.
        claim: Option<String>,
        /// What is wrong with it.
        detail: String,
        /// Where the next page begins.
        next: Cursor,
    },
}

/// The page of `lane` that begins at `from`.
///
/// # Errors
/// When the disk cannot be read; damaged data is [`Page::Lost`].
pub(crate) fn read(
    spool: &Spool,
    lane: &str,
    from: Cursor,
    destination: &Destination,
) -> Result<Page, SpoolError> {
    let head = spool.head(lane);
    let mut ordinal = from.ordinal();
    while ordinal <= head {
        let next = Cursor::at(ordinal + 1, 0);
        match spool.get(lane, ordinal) {
            Ok(Some(stored)) => {
                let start = if ordinal == from.ordinal() {
                    from.index()
                } else {
                    0
                };
                return Ok(match render(&stored, start, destination) {
                    Ok(steps) => Page::Steps { steps, next },
                    Err(detail) => Page::Lost {
                        ordinal,
                        claim: Some(stored.claim),
                        detail,
                        next,
                    },
                });
            }
            // Pruned: every reader that there was when it went had settled it.
            Ok(None) => ordinal += 1,
            Err(SpoolError::Damaged { claim, detail, .. }) => {
                return Ok(Page::Lost {
                    ordinal,
                    claim,
                    detail,
                    next,
                });
            }
            Err(error) => return Err(error),
        }
    }
    let next = Cursor::at(ordinal, 0);
    Ok(if next > from && ordinal > from.ordinal() {
        let steps = vec![Step::Skip(next)];
        Page::Steps { steps, next }
    } else {
        Page::End
    })
}

/// The documents of one block from `start` on, as envelopes.
fn render(stored: &Stored, start: u32, destination: &Destination) -> Result<Vec<Step>, String> {
    let tag: StreamTag =
        serde_json::from_slice(&stored.tag).map_err(|error| format!("its tag: {error}"))?;
    let end = Cursor::at(stored.ordinal + 1, 0);
    if tag
        .only
        .as_deref()
        .is_some_and(|only| only != destination.name())
    {
        return Ok(vec![Step::Skip(end)]);
    }
    let raw = stored
        .body
        .unpack(BlockLimits::ACCEPT.bytes)
        .map_err(|error| error.to_string())?;
    let documents = Block::parse(&raw, BlockLimits::ACCEPT).map_err(|error| error.to_string())?;
    let source = envelope::source_urn(&tag.tenant, &tag.agent);
    let context = EnvelopeContext {
        source: &source,
        tenant: &tag.tenant,
        ingest: &tag.ingest,
        recorded_at: Some(tag.ingest.received_at),
    };
    let count = u32::try_from(documents.len()).unwrap_or(u32::MAX);
    let mut steps = Vec::with_capacity(documents.len());
    let mut passed = None;
    for (index, document) in (0..count).zip(&documents).skip(start as usize) {
        let after = if index + 1 == count {
            end
        } else {
            Cursor::at(stored.ordinal, index + 1)
        };
        if !tag.delivers(index) || !destination.accepts(document.kind) {
            passed = Some(after);
            continue;
        }
        steps.extend(passed.take().map(Step::Skip));
        let sequence = tag.first_sequence + u64::from(index);
        let outgoing = outgoing(&context, sequence, document, stored.ordinal, index);
        steps.push(Step::Deliver(after, Box::new(outgoing)));
    }
    let settled_before = count <= start;
    steps.extend(passed.or(settled_before.then_some(end)).map(Step::Skip));
    Ok(steps)
}

fn outgoing(
    context: &EnvelopeContext<'_>,
    sequence: u64,
    document: &SealedRef<'_>,
    ordinal: u64,
    index: u32,
) -> Outgoing {
    Outgoing {
        event: Event {
            id: context.id(document).to_string(),
            key: document.partition_key.to_owned(),
            body: envelope::render(context, sequence, document),
        },
        subject: document.subject.to_owned(),
        ordinal,
        index,
        command: !document.kind.is_state(),
    }
}
