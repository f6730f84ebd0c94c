//! Collects what one claim comes to: its documents in blocks, its interchanges, the answers to them. Blocks and answers are
//! written to their stores as they come, so memory does not grow with the file, but nothing is visible before the claim is
//! committed.
//! Never does IO of its own. Invariant: what was given after the last boundary can still be taken back; what was given
//! before it stands.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};

use canonical::block::{BlockBuilder, BlockLimits};
use canonical::decode::{Admission, NumberRequest, Reply, Sink, SinkError};
use canonical::document::Sealed;
use canonical::id::Digest;
use canonical::problem::Problem;
use edi::acknowledge::Answer;
use spool::{BlockId, PackError, Packed, SpoolError};

use crate::answers::{self, AnswersError};
use crate::arrivals::Arriving;
use crate::intake::DERIVED_AGAIN;
use crate::stores::Stores;

/// Problems kept for the reason file; the rest is counted.
const PROBLEMS_KEPT: usize = 40;
/// Answers of one file that are matched with what was sent.
const ANSWERED: usize = 10_000;

/// The sink of one claim.
pub(crate) struct Staging<'a> {
    stores: &'a Stores,
    claim: &'a str,
    tag: &'a [u8],
    lanes: BTreeMap<&'static str, OpenBlock>,
    written: Vec<BlockId>,
    standing: Standing,
    documents: u64,
    arriving: Arriving,
    /// Where answers go; none where the feed gives none, or gave them before.
    answers: Option<answers::Writing>,
    counters: BTreeSet<String>,
    /// Control numbers that were asked for.
    asked: u64,
    /// What partners answered to what was sent.
    answered: Vec<Answer>,
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
    answered: usize,
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
    /// The answers to the sender cannot be kept.
    #[error(transparent)]
    Answers(#[from] AnswersError),
}

/// What one claim came to.
pub(crate) struct Staged {
    pub(crate) blocks: Vec<BlockId>,
    pub(crate) documents: u64,
    pub(crate) arriving: Arriving,
    /// How many answers were kept, and which counters gave them their numbers.
    pub(crate) answers: u64,
    pub(crate) counters: BTreeSet<String>,
    /// What partners answered to what was sent.
    pub(crate) answered: Vec<Answer>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) more_problems: u64,
}

impl<'a> Staging<'a> {
    /// A sink whose blocks belong to `claim` and carry `tag`. Without `answers`, nobody is answered.
    pub(crate) fn new(
        stores: &'a Stores,
        claim: &'a str,
        tag: &'a [u8],
        answers: Option<answers::Writing>,
    ) -> Self {
        Self {
            stores,
            claim,
            tag,
            lanes: BTreeMap::new(),
            written: Vec::new(),
            standing: Standing::default(),
            documents: 0,
            arriving: Arriving::new(&stores.arrivals),
            answers,
            counters: BTreeSet::new(),
            asked: 0,
            answered: Vec::new(),
            problems: Vec::new(),
            more_problems: 0,
        }
    }

    /// Writes what is still open and returns what to commit.
    pub(crate) fn finish(mut self) -> Result<Staged, StagingError> {
        let lanes = std::mem::take(&mut self.lanes);
        for (lane, open) in lanes {
            self.write(lane, &open.documents)?;
        }
        let answers = self.answers.take().map(answers::Writing::finish);
        Ok(Staged {
            blocks: self.written,
            documents: self.documents,
            arriving: self.arriving,
            answers: answers.transpose()?.unwrap_or_default(),
            counters: self.counters,
            answered: self.answered,
            problems: self.problems,
            more_problems: self.more_problems,
        })
    }

    /// The same where nothing of the file may be used: no document, but what is answered to it.
    pub(crate) fn refuse(mut self, refusal: Problem) -> Result<Staged, StagingError> {
        self.stores.spool.discard(&self.written);
        self.written.clear();
        self.lanes.clear();
        self.answered.clear();
        self.documents = 0;
        self.problem(refusal);
        self.finish()
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
        let id =
            self.stores
                .spool
                .write(self.claim, lane, self.tag, &Packed::pack(&raw)?, documents)?;
        self.written.push(id);
        Ok(())
    }
}

impl Sink for Staging<'_> {
    fn document(&mut self, document: Sealed) -> Result<(), SinkError> {
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
            answered: self.answered.len(),
        };
        for open in self.lanes.values_mut() {
            open.standing = open.documents.len();
        }
    }

    fn discard_to_boundary(&mut self) {
        self.stores
            .spool
            .discard(&self.written.split_off(self.standing.written));
        self.documents = self.standing.documents;
        self.answered.truncate(self.standing.answered);
        for open in self.lanes.values_mut() {
            open.documents.truncate(open.standing);
            open.bytes = open.documents.iter().map(|sealed| sealed.data.len()).sum();
        }
    }

    fn admit(&mut self, key: &str, digest: Digest) -> Result<Admission, SinkError> {
        let derived = self.tag == DERIVED_AGAIN;
        let admitted = self
            .arriving
            .admit(&self.stores.spool, key, digest.0, derived);
        admitted.map_err(SinkError::new)
    }

    fn number(&mut self, request: &NumberRequest<'_>) -> Result<u64, SinkError> {
        if self.answers.is_none() {
            return Ok(request.first);
        }
        // The same claim asks in the same order when it is read again, and gets the same numbers.
        self.asked += 1;
        let thing = format!("{}#{}", self.claim, self.asked);
        let range = request.first..=request.last;
        let numbers = &self.stores.numbers;
        let taken = numbers.take(request.counter, &range, &thing, request.purpose);
        self.counters.insert(request.counter.to_owned());
        taken.map_err(SinkError::new)
    }

    fn answered(&mut self, answer: &dyn Any) {
        let Some(answer) = answer.downcast_ref::<Answer>() else {
            return;
        };
        if self.answered.len() < ANSWERED {
            self.answered.push(answer.clone());
        } else {
            tracing::error!(
                self.claim,
                "more answers in one file than are matched with what was sent"
            );
        }
    }

    fn reply(&mut self, reply: Reply) -> Result<(), SinkError> {
        match &mut self.answers {
            Some(answers) => answers.add(reply).map_err(SinkError::new),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use canonical::block::Block;
    use canonical::document::Document;
    use canonical::entity::{Entity, EntityKind};
    use spool::{Commit, Options, Spool};

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
        let spool = Spool::open(&folder.path().join("queue"), &Options::default())
            .unwrap()
            .spool;
        let stores = Stores::open(folder.path(), spool.clone()).unwrap();
        let mut staging = Staging::new(&stores, "claim", b"", None);
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
}
