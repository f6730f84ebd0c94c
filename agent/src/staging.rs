//! Collects the documents of one claim into blocks. Blocks are written to the spool as they fill, so memory does not
//! grow with the file, but nothing is visible before the claim is committed.
//! Never does IO of its own. Invariant: what was given after the last boundary can still be taken back; what was given
//! before it stands.

use std::collections::{BTreeMap, BTreeSet};

use canonical::block::{BlockBuilder, BlockLimits};
use canonical::decode::{Sink, SinkError};
use canonical::document::{Document, Sealed};
use canonical::problem::Problem;
use spool::{BlockId, PackError, Packed, Spool, SpoolError};

/// Problems kept for the reason file; the rest is counted.
const PROBLEMS_KEPT: usize = 40;
/// Interchanges of one file whose control numbers are remembered.
const INTERCHANGES: usize = 10_000;

/// The sink of one claim.
pub(crate) struct Staging<'a> {
    spool: &'a Spool,
    claim: &'a str,
    tag: &'a [u8],
    lanes: BTreeMap<&'static str, OpenBlock>,
    written: Vec<BlockId>,
    standing: Standing,
    documents: u64,
    interchanges: BTreeSet<String>,
    problems: Vec<Problem>,
    more_problems: u64,
}

#[derive(Default)]
struct OpenBlock {
    documents: Vec<Sealed>,
    bytes: usize,
    standing: usize,
}

#[derive(Default)]
struct Standing {
    written: usize,
    documents: u64,
}

/// Why a document could not be staged.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StagingError {
    /// The queue cannot take it.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// The block cannot be compressed.
    #[error(transparent)]
    Pack(#[from] PackError),
}

/// What one claim came to.
pub(crate) struct Staged {
    pub(crate) blocks: Vec<BlockId>,
    pub(crate) documents: u64,
    pub(crate) interchanges: BTreeSet<String>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) more_problems: u64,
}

impl<'a> Staging<'a> {
    /// A sink whose blocks belong to `claim` and carry `tag`.
    pub(crate) fn new(spool: &'a Spool, claim: &'a str, tag: &'a [u8]) -> Self {
        Self {
            spool,
            claim,
            tag,
            lanes: BTreeMap::new(),
            written: Vec::new(),
            standing: Standing::default(),
            documents: 0,
            interchanges: BTreeSet::new(),
            problems: Vec::new(),
            more_problems: 0,
        }
    }

    /// Writes what is still open and returns the blocks to commit.
    pub(crate) fn finish(mut self) -> Result<Staged, StagingError> {
        let lanes = std::mem::take(&mut self.lanes);
        for (lane, open) in lanes {
            self.write(lane, &open.documents)?;
        }
        Ok(Staged {
            blocks: self.written,
            documents: self.documents,
            interchanges: self.interchanges,
            problems: self.problems,
            more_problems: self.more_problems,
        })
    }

    /// Keeps the problems only: nothing of the file may be used.
    pub(crate) fn void(mut self, refusal: Problem) -> (Vec<Problem>, u64) {
        self.problem(refusal);
        (self.problems, self.more_problems)
    }

    fn push(&mut self, sealed: Sealed) -> Result<(), StagingError> {
        let lane = sealed.kind.lane();
        let limits = BlockLimits::default();
        let open = self.lanes.entry(lane).or_default();
        open.bytes += sealed.data.len();
        open.documents.push(sealed);
        if open.documents.len() < limits.documents as usize && open.bytes < limits.bytes {
            return Ok(());
        }
        // Documents that stand must not share a block with ones that may yet be taken back.
        let cut = if open.standing > 0 {
            open.standing
        } else {
            open.documents.len()
        };
        let rest = open.documents.split_off(cut);
        let full = std::mem::replace(&mut open.documents, rest);
        open.bytes = open.documents.iter().map(|sealed| sealed.data.len()).sum();
        let stood = std::mem::take(&mut open.standing) > 0;
        self.write(lane, &full)?;
        if stood {
            self.standing.written = self.written.len();
        }
        Ok(())
    }

    fn write(&mut self, lane: &str, documents: &[Sealed]) -> Result<(), StagingError> {
        let limits = BlockLimits::default();
        let mut builder = BlockBuilder::new(limits);
        for sealed in documents {
            if builder.push(sealed) {
                self.write_block(lane, &mut builder)?;
            }
        }
        if builder.is_empty() {
            Ok(())
        } else {
            self.write_block(lane, &mut builder)
        }
    }

    fn write_block(&mut self, lane: &str, builder: &mut BlockBuilder) -> Result<(), StagingError> {
        let (raw, documents) = builder.finish();
        let id = self
            .spool
            .write(self.claim, lane, self.tag, &Packed::pack(&raw)?, documents)?;
        self.written.push(id);
        Ok(())
    }
}

impl Sink for Staging<'_> {
    fn document(&mut self, document: Document) -> Result<(), SinkError> {
        if let Some(interchange) = document.occurrence.as_deref().and_then(interchange) {
            if self.interchanges.len() < INTERCHANGES && !self.interchanges.contains(interchange) {
                self.interchanges.insert(interchange.to_owned());
            }
        }
        self.documents += 1;
        self.push(document.seal()).map_err(SinkError::new)
    }

    fn problem(&mut self, problem: Problem) {
        if self.problems.len() < PROBLEMS_KEPT {
            self.problems.push(problem);
        } else {
            self.more_problems += 1;
        }
    }

    fn boundary(&mut self) {
        self.standing = Standing {
            written: self.written.len(),
            documents: self.documents,
        };
        for open in self.lanes.values_mut() {
            open.standing = open.documents.len();
        }
    }

    fn discard_to_boundary(&mut self) {
        self.written.truncate(self.standing.written);
        self.documents = self.standing.documents;
        for open in self.lanes.values_mut() {
            open.documents.truncate(open.standing);
            open.bytes = open.documents.iter().map(|sealed| sealed.data.len()).sum();
        }
    }
}

/// The interchange part of an EDI occurrence: standard, sender, receiver and interchange control number.
fn interchange(occurrence: &str) -> Option<&str> {
    let end = occurrence
        .match_indices('/')
        .nth(3)
        .map_or(occurrence.len(), |(at, _)| at);
    occurrence.get(..end)
}
