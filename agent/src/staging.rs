//! Collects the documents of one claim into blocks. Blocks are written to the spool as they fill, so memory does not
//! grow with the file, but nothing is visible before the claim is committed.
//! Never does IO of its own. Invariant: what was given after the last boundary can still be taken back; what was given
//! before it stands.

use std::collections::{BTreeMap, BTreeSet};

use canonical::block::{BlockBuilder, BlockLimits};
use canonical::decode::{Sink, SinkError};
use canonical::document::Sealed;
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
        self.spool.discard(&self.written);
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
    fn document(&mut self, document: Sealed) -> Result<(), SinkError> {
        if let Some(interchange) = document.occurrence.as_deref().and_then(interchange)
            && self.interchanges.len() < INTERCHANGES
            && !self.interchanges.contains(interchange)
        {
            self.interchanges.insert(interchange.to_owned());
        }
        self.documents += 1;
        self.push(document).map_err(SinkError::new)
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
        self.spool
            .discard(&self.written.split_off(self.standing.written));
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

#[cfg(test)]
mod tests {
    use canonical::block::Block;
    use canonical::document::Document;
    use canonical::entity::{Entity, EntityKind};
    use spool::{Commit, Options};

    use super::*;

    fn stock(record: u64) -> Sealed {
        let json = format!(
            r#"{{"schema_version":"1.0","sku":"S{record}","location":{{"code":"MAIN"}},"as_of":"2026-11-23","mode":"absolute","quantities":{{}}}}"#
        );
        let entity = Entity::from_json(EntityKind::InventoryLevel, json.as_bytes()).unwrap();
        Document::new(entity, record).seal()
    }

    /// Gives 1,300 documents with a boundary after `stand` of them, takes back what came later, and reads what was committed.
    fn records_after(stand: u64) -> Vec<u64> {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(folder.path(), &Options::default())
            .unwrap()
            .spool;
        let mut staging = Staging::new(&spool, "claim", b"");
        for record in 0..1_300 {
            if record == stand {
                staging.boundary();
            }
            staging.document(stock(record)).unwrap();
        }
        staging.discard_to_boundary();
        let staged = staging.finish().unwrap();
        assert_eq!(staged.documents, stand);
        let commit = Commit {
            claim: "claim",
            blocks: &staged.blocks,
            ..Commit::default()
        };
        spool.wait(spool.commit(&commit).unwrap()).unwrap();
        let mut records = Vec::new();
        for ordinal in 1..=spool.head("state") {
            let stored = spool.get("state", ordinal).unwrap().unwrap();
            let raw = stored.body.unpack(1 << 20).unwrap();
            records.extend(
                Block::parse(&raw, BlockLimits::ACCEPT)
                    .unwrap()
                    .iter()
                    .map(|document| document.record),
            );
        }
        records
    }

    #[test]
    fn what_came_before_the_boundary_stands_and_nothing_else() {
        for stand in [0, 1, 499, 500, 501, 999, 1_000, 1_001, 1_299] {
            assert_eq!(
                records_after(stand),
                (0..stand).collect::<Vec<_>>(),
                "boundary after {stand}"
            );
        }
    }

    #[test]
    fn the_interchange_is_the_first_part_of_an_occurrence() {
        for (occurrence, want) in [
            (
                "x12/ZZ:A/ZZ:B/000000001/1/0001",
                Some("x12/ZZ:A/ZZ:B/000000001"),
            ),
            ("x12/ZZ:A/ZZ:B/000000001", Some("x12/ZZ:A/ZZ:B/000000001")),
        ] {
            assert_eq!(interchange(occurrence), want, "{occurrence}");
        }
    }
}
