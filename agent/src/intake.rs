//! From raw bytes to queued documents: decodes a kept claim with its feed's format, stages the blocks, and commits them together
//! with the verdict, the interchanges that must not be delivered twice, and how far control numbers are.
//! Never touches the source's folder or a partner's. Invariant: the verdict exists only with, and as durably as, the
//! documents; answers are kept before, and leave after.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use canonical::decode::{Context, DecodeError, SinkError, Summary};
use canonical::ingest::Ingest;
use canonical::problem::Problem;
use serde::{Deserialize, Serialize};
use sources::Reason;
use spool::{Commit, SpoolError, sabotage};

use crate::config::FeedConfig;
use crate::numbers::NumbersError;
use crate::outstanding::OutstandingError;
use crate::raw_store::RawError;
use crate::staging::{Staged, Staging, StagingError};
use crate::stores::Stores;

/// Tag of blocks that were derived again from the raw store, so that the relay compares them with what it has.
pub(crate) const DERIVED_AGAIN: &[u8] = b"again";

/// What is remembered of a claim for as long as the spool remembers it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Memo {
    /// The file and how it was received; sent once per block.
    pub ingest: Ingest,
    /// What becomes of the file.
    pub verdict: Verdict,
    /// Documents that were queued.
    pub documents: u64,
    /// Answers to partners that were kept with them.
    #[serde(default)]
    pub answers: u64,
}

/// What a source is told after its file's documents are durable.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// All of it was queued.
    Archive,
    /// Interchanges that were received before, byte for byte: nothing was queued again, and they were answered again.
    Duplicate,
    /// Something of it was refused.
    Quarantine(Reason),
}

/// Why a claim has no verdict yet; it stays claimed and is tried again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IntakeError {
    /// The queue cannot take it.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// The last documents could not be staged.
    #[error(transparent)]
    Staging(#[from] StagingError),
    /// The queue could not take a document while the file was read.
    #[error("{}", std::error::Error::source(.0).map_or_else(|| .0.to_string(), ToString::to_string))]
    Sink(#[from] SinkError),
    /// The raw copy cannot be read.
    #[error(transparent)]
    Raw(#[from] RawError),
    /// Control numbers cannot be made durable.
    #[error(transparent)]
    Numbers(#[from] NumbersError),
    /// The raw copy broke off while it was read.
    #[error("could not read the raw copy of {0}: {1}")]
    Read(String, #[source] io::Error),
    /// What a partner answered cannot be noted.
    #[error(transparent)]
    Outstanding(#[from] OutstandingError),
    /// The memo could not be written as JSON, which only a program error can cause.
    #[error("could not describe the claim: {0}")]
    Memo(#[from] serde_json::Error),
}

/// Converts one kept claim and commits it. Calling it again after a crash commits the same documents with the same ids.
pub(crate) fn take(
    stores: &Stores,
    feed: &FeedConfig,
    ingest: Ingest,
    tag: &[u8],
) -> Result<Memo, IntakeError> {
    let claim = ingest.ingest_id.to_string();
    // A claim that was committed before has its answers, or its partners have them.
    let answered = tag == DERIVED_AGAIN && stores.spool.claim(&claim)?.is_some();
    let answers = feed.acknowledgements.as_ref().filter(|_| !answered);
    let answers = answers.map(|_| stores.answers.collect(&claim));
    let mut staging = Staging::new(stores, &claim, tag, answers);
    let mut file = stores.raw.read(&ingest.ingest_id)?;
    let decoded = catch_unwind(AssertUnwindSafe(|| {
        feed.plan
            .decode(&mut file, &Context::of(&ingest), &mut staging)
    }));
    match decoded {
        Ok(Ok(summary)) => commit_decoded(stores, ingest, staging.finish()?, &summary),
        Ok(Err(DecodeError::Refused(problem))) => {
            commit_refused(stores, ingest, staging.refuse(*problem)?)
        }
        Ok(Err(DecodeError::Read(error))) => Err(IntakeError::Read(claim, error)),
        Ok(Err(DecodeError::Sink(error))) => Err(error.into()),
        Err(_panic) => {
            let what = "the converter stopped on this file, which is a defect of the converter";
            let problem = Problem::error("file.converter_failed", what)
                .hint("keep the file and report it; other files go on");
            commit_refused(stores, ingest, staging.refuse(problem)?)
        }
    }
}

fn commit_decoded(
    stores: &Stores,
    mut ingest: Ingest,
    mut staged: Staged,
    summary: &Summary,
) -> Result<Memo, IntakeError> {
    ingest.file.encoding.clone_from(&summary.encoding);
    ingest.file.bom = summary.bom;
    ingest.file.line_ending = summary.line_ending;
    let verdict = if summary.refused > 0 {
        Verdict::Quarantine(reason(&ingest, summary.refused, &mut staged))
    } else if staged.documents == 0 && staged.arriving.again > 0 {
        Verdict::Duplicate
    } else {
        Verdict::Archive
    };
    commit(stores, ingest, verdict, &staged)
}

fn commit_refused(
    stores: &Stores,
    ingest: Ingest,
    mut staged: Staged,
) -> Result<Memo, IntakeError> {
    let verdict = Verdict::Quarantine(reason(&ingest, 1, &mut staged));
    commit(stores, ingest, verdict, &staged)
}

fn commit(
    stores: &Stores,
    ingest: Ingest,
    verdict: Verdict,
    staged: &Staged,
) -> Result<Memo, IntakeError> {
    let claim = ingest.ingest_id.to_string();
    let memo = Memo {
        ingest,
        verdict,
        documents: staged.documents,
        answers: staged.answers,
    };
    let json = serde_json::to_vec(&memo)?;
    note_answers(stores, staged)?;
    if !staged.counters.is_empty() {
        stores.numbers.sync()?;
    }
    sabotage::crash_point("agent.answers_kept");
    let marks = stores.counted(&staged.counters);
    let marks: Vec<_> = marks
        .iter()
        .map(|(name, mark)| (name.as_str(), *mark))
        .collect();
    let ticket = stores.spool.commit(&Commit {
        claim: &claim,
        blocks: &staged.blocks,
        marks: &marks,
        keys: &staged.arriving.keys(),
        memo: &json,
    })?;
    stores.spool.wait(ticket)?;
    Ok(memo)
}

/// What partners answered is noted first: noted twice, after a crash, it is the same.
fn note_answers(stores: &Stores, staged: &Staged) -> Result<(), IntakeError> {
    for answer in &staged.answered {
        let (kind, partner) = (answer.kind.as_str(), answer.sender.id.as_str());
        let matched = stores.outstanding.received(answer)?;
        for key in &matched.sent {
            tracing::info!(
                kind,
                partner,
                key,
                "acknowledgement matched with what was sent"
            );
        }
        if !matched.unknown.is_empty() {
            let unknown = matched.unknown.len();
            tracing::warn!(
                kind,
                partner,
                unknown,
                "acknowledgement of what this agent did not send"
            );
        }
    }
    Ok(())
}

fn reason(ingest: &Ingest, refused: u64, staged: &mut Staged) -> Reason {
    Reason {
        feed: ingest.feed.clone(),
        file: ingest.file.name.clone(),
        ingest_id: ingest.ingest_id.to_string(),
        queued: staged.documents,
        refused,
        problems: std::mem::take(&mut staged.problems),
        more: staged.more_problems,
    }
}
