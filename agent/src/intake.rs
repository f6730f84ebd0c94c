//! From raw bytes to queued documents: decodes a kept claim with its feed's format, stages the blocks, commits them
//! together with the verdict, and remembers EDI interchanges so that a second sending delivers nothing.
//! Never touches the source's folder. Invariant: the verdict exists only with, and as durably as, the documents.

use std::collections::BTreeSet;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use canonical::decode::{Context, DecodeError, SinkError, Summary};
use canonical::id::Digest;
use canonical::ingest::Ingest;
use canonical::problem::Problem;
use formats::Plan;
use serde::{Deserialize, Serialize};
use sources::Reason;
use spool::{Commit, Spool, SpoolError};

use crate::raw_store::{RawError, RawStore};
use crate::staging::{Staged, Staging, StagingError};

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
}

/// What a source is told after its file's documents are durable.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// All of it was queued.
    Archive,
    /// An interchange that was queued before, byte for byte: nothing was queued again.
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
    /// The raw copy broke off while it was read.
    #[error("could not read the raw copy of {0}: {1}")]
    Read(String, #[source] io::Error),
    /// The memo could not be written as JSON, which only a program error can cause.
    #[error("could not describe the claim: {0}")]
    Memo(#[from] serde_json::Error),
}

/// Converts one kept claim and commits it. Calling it again after a crash commits the same documents with the same ids.
pub(crate) fn take(
    spool: &Spool,
    raw: &RawStore,
    plan: &Plan,
    ingest: Ingest,
    tag: &[u8],
) -> Result<Memo, IntakeError> {
    let claim = ingest.ingest_id.to_string();
    let mut staging = Staging::new(spool, &claim, tag);
    let mut file = raw.read(&ingest.ingest_id)?;
    let decoded = catch_unwind(AssertUnwindSafe(|| {
        plan.decode(&mut file, &Context::of(&ingest), &mut staging)
    }));
    let refusal = match decoded {
        Ok(Ok(summary)) => {
            return commit_decoded(spool, ingest, &claim, staging.finish()?, &summary, tag);
        }
        Ok(Err(DecodeError::Refused(problem))) => *problem,
        Ok(Err(DecodeError::Read(error))) => return Err(IntakeError::Read(claim, error)),
        Ok(Err(DecodeError::Sink(error))) => return Err(error.into()),
        Err(_panic) => Problem::error(
            "file.converter_failed",
            "the converter stopped on this file, which is a defect of the converter",
        )
        .hint("keep the file and report it; other files go on"),
    };
    let (problems, more) = staging.void(refusal);
    let reason = reason(&ingest, 0, 1, problems, more);
    commit(
        spool,
        &claim,
        Memo {
            ingest,
            verdict: Verdict::Quarantine(reason),
            documents: 0,
        },
        &[],
        &[],
    )
}

fn commit_decoded(
    spool: &Spool,
    mut ingest: Ingest,
    claim: &str,
    staged: Staged,
    summary: &Summary,
    tag: &[u8],
) -> Result<Memo, IntakeError> {
    ingest.file.encoding.clone_from(&summary.encoding);
    ingest.file.bom = summary.bom;
    ingest.file.line_ending = summary.line_ending;
    let Digest(digest) = ingest.file.sha256;
    // A claim derived again is its own second sending.
    let sent = if tag == DERIVED_AGAIN {
        Sending::First
    } else {
        sending(spool, &staged.interchanges, digest)?
    };
    match sent {
        Sending::First => {
            let verdict = if summary.refused == 0 {
                Verdict::Archive
            } else {
                Verdict::Quarantine(reason(
                    &ingest,
                    staged.documents,
                    summary.refused,
                    staged.problems,
                    staged.more_problems,
                ))
            };
            let keys: Vec<(&str, [u8; 32])> = staged
                .interchanges
                .iter()
                .map(|key| (key.as_str(), digest))
                .collect();
            let memo = Memo {
                ingest,
                verdict,
                documents: staged.documents,
            };
            commit(spool, claim, memo, &staged.blocks, &keys)
        }
        Sending::Again => commit(
            spool,
            claim,
            Memo {
                ingest,
                verdict: Verdict::Duplicate,
                documents: 0,
            },
            &[],
            &[],
        ),
        Sending::Conflict(key) => {
            let problem = Problem::error("x12.control_number_reused", format!("interchange {key} was received before with other content"))
                .expected("a control number that this sender has not used")
                .hint("ask the partner which one counts; to send this one, have it issued under a new control number");
            let reason = reason(&ingest, 0, staged.documents, vec![problem], 0);
            commit(
                spool,
                claim,
                Memo {
                    ingest,
                    verdict: Verdict::Quarantine(reason),
                    documents: 0,
                },
                &[],
                &[],
            )
        }
    }
}

fn commit(
    spool: &Spool,
    claim: &str,
    memo: Memo,
    blocks: &[spool::BlockId],
    keys: &[(&str, [u8; 32])],
) -> Result<Memo, IntakeError> {
    let json = serde_json::to_vec(&memo)?;
    let ticket = spool.commit(&Commit {
        claim,
        blocks,
        marks: &[],
        keys,
        memo: &json,
    })?;
    spool.wait(ticket)?;
    Ok(memo)
}

enum Sending {
    First,
    Again,
    Conflict(String),
}

fn sending(
    spool: &Spool,
    interchanges: &BTreeSet<String>,
    digest: [u8; 32],
) -> Result<Sending, SpoolError> {
    let mut again = 0;
    for key in interchanges {
        match spool.key(key)? {
            Some(before) if before == digest => again += 1,
            Some(_) => return Ok(Sending::Conflict(key.clone())),
            None => {}
        }
    }
    Ok(if again > 0 {
        Sending::Again
    } else {
        Sending::First
    })
}

fn reason(ingest: &Ingest, queued: u64, refused: u64, problems: Vec<Problem>, more: u64) -> Reason {
    Reason {
        feed: ingest.feed.clone(),
        file: ingest.file.name.clone(),
        ingest_id: ingest.ingest_id.to_string(),
        queued,
        refused,
        problems,
        more,
    }
}
