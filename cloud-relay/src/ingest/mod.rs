//! Takes blocks from agents: in order, each once, and answers when they are durable. Knows no HTTP.
//!
//! Invariants: nothing is answered before `Spool::wait` returned; who is speaking is the certificate's identity, never
//! anything in a body; the mark of a stream and its block are one commit.

mod duplicates;
mod greeting;
mod memo;
mod received;
mod streams;

use std::fmt;
use std::sync::Arc;

use canonical::link::{BlockAnswer, DocumentVerdict, Refusal};
use http::StatusCode;
use spool::{Commit, Spool, SpoolError, Ticket, sabotage};
use tokio::sync::{Semaphore, watch};

use crate::identity::Identity;
use crate::refusal::Refused;
use crate::stats::Counters;
use crate::tag::StreamTag;
use duplicates::{EarlierLogs, Known};
use memo::Memo;
use received::Received;
use streams::{Progress, Stream, StreamName, Streams};

/// The largest frame, in bytes: what a request's body may be.
pub(crate) const BLOCK_BYTES: usize = 8 << 20;

/// What takes blocks in.
pub(crate) struct Intake {
    spool: Spool,
    streams: Streams,
    counters: Arc<Counters>,
    /// Blocks unpacked at the same time: they are what takes memory.
    unpacking: Semaphore,
    /// Set when the store failed for good: the relay then stops.
    failed: watch::Sender<Option<String>>,
}

impl fmt::Debug for Intake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Intake").finish_non_exhaustive()
    }
}

impl Intake {
    pub(crate) fn new(spool: Spool, counters: Arc<Counters>) -> Self {
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            spool,
            streams: Streams::default(),
            counters,
            unpacking: Semaphore::new(threads),
            failed: watch::Sender::new(None),
        }
    }

    /// Why the store failed for good, once it has.
    pub(crate) fn failed(&self) -> watch::Receiver<Option<String>> {
        self.failed.subscribe()
    }

    /// Takes one block and answers when it is durable.
    pub(crate) async fn block(
        self: &Arc<Self>,
        who: &Identity,
        (epoch, lane, ordinal): (&str, &str, u64),
        frame: bytes::Bytes,
    ) -> Result<BlockAnswer, Refused> {
        let stream =
            StreamName::new(who, epoch, lane).and_then(|name| self.streams.get(&self.spool, &name));
        let Some(stream) = stream.filter(|_| ordinal > 0) else {
            let message = "this log and lane were never announced";
            return Err(
                Refused::with(StatusCode::CONFLICT, Refusal::UNKNOWN_STREAM, message)
                    .hint("say hello first"),
            );
        };
        let received = {
            let _permit = self.unpacking.acquire().await;
            off_thread(move || Received::read(&frame)).await?
        };
        stream.turn(ordinal).await.map_err(out_of_order)?;
        let intake = Arc::clone(self);
        off_thread(move || intake.store(&stream, ordinal, &received)).await
    }

    /// Appends the block, or finds that it is here already, and waits until either is durable.
    fn store(
        &self,
        stream: &Stream,
        ordinal: u64,
        received: &Received,
    ) -> Result<BlockAnswer, Refused> {
        let (appended, ticket) = {
            let mut progress = stream.lock();
            let next = stream.next();
            if ordinal > next {
                return Err(out_of_order(next));
            }
            if ordinal == next || sabotage::on("no_duplicate_removal") {
                let (answer, ticket) = self.append(stream, &mut progress, ordinal, received)?;
                progress.appended = Some(ticket);
                if ordinal == next {
                    stream.advance();
                }
                (Some(answer), Some(ticket))
            } else {
                (None, progress.appended)
            }
        };
        if let Some(ticket) = ticket {
            self.spool
                .wait(ticket)
                .map_err(|error| self.store_failed(&error))?;
        }
        let answer = match appended {
            Some(answer) => answer,
            None => self.repeated(stream, ordinal, received)?,
        };
        sabotage::crash_point("relay.after_commit");
        self.count(&answer);
        Ok(answer)
    }

    /// The answer to a block that is stored already.
    fn repeated(
        &self,
        stream: &Stream,
        ordinal: u64,
        received: &Received,
    ) -> Result<BlockAnswer, Refused> {
        let claim = claim_name(stream, ordinal, received);
        let record = self
            .spool
            .claim(&claim)
            .map_err(|error| self.store_failed(&error))?;
        let memo = record
            .map(|record| Memo::from_bytes(&record.memo))
            .unwrap_or_default();
        Ok(memo.repeat(received.header.documents))
    }

    /// Writes and commits a block. Not durable yet.
    fn append(
        &self,
        stream: &Stream,
        progress: &mut Progress,
        ordinal: u64,
        received: &Received,
    ) -> Result<(BlockAnswer, Ticket), Refused> {
        let failed = |error: SpoolError| self.store_failed(&error);
        let documents = received.documents();
        let known = if sabotage::on("no_duplicate_removal") {
            vec![Known::New; documents.len()]
        } else {
            let earlier = self.earlier(stream, progress, received).map_err(failed)?;
            earlier.look_up(&self.spool, &documents).map_err(failed)?
        };
        let mut answer = BlockAnswer::default();
        for (rejection, known) in received.rejections.iter().zip(&known) {
            answer.push(match (rejection, known) {
                (Some(rejection), _) => DocumentVerdict::Rejected {
                    code: rejection.code.to_owned(),
                    reason: rejection.reason.clone(),
                },
                (None, Known::New) => DocumentVerdict::Accepted,
                (None, Known::Same) => DocumentVerdict::Duplicate,
                (None, Known::Other) => DocumentVerdict::Conflict {
                    reason: "another text was received under the same ingest, record and subject"
                        .to_owned(),
                },
            });
        }
        report(stream, ordinal, received, &answer);
        let claim = claim_name(stream, ordinal, received);
        let accepted = answer
            .answers
            .iter()
            .any(|run| run.verdict == DocumentVerdict::Accepted);
        let block = accepted.then(|| self.write(stream, ordinal, received, &answer, &claim));
        let blocks = block.transpose().map_err(failed)?;
        let mark = stream.name.mark();
        let ticket = self.spool.commit(&Commit {
            claim: &claim,
            blocks: blocks.as_slice(),
            marks: &[(mark.as_str(), ordinal.max(stream.next() - 1))],
            keys: &[],
            memo: &Memo::new(&documents, &answer).to_bytes(),
        });
        let ticket = ticket.inspect_err(|_| self.spool.discard(blocks.as_slice()));
        Ok((answer, ticket.map_err(failed)?))
    }

    fn write(
        &self,
        stream: &Stream,
        ordinal: u64,
        received: &Received,
        answer: &BlockAnswer,
        claim: &str,
    ) -> Result<spool::BlockId, SpoolError> {
        let StreamName { who, epoch, lane } = &stream.name;
        let skip = answer
            .answers
            .iter()
            .filter(|run| run.verdict != DocumentVerdict::Accepted);
        let tag = StreamTag {
            tenant: who.tenant().to_owned(),
            agent: who.agent().to_owned(),
            epoch: epoch.clone(),
            lane: lane.clone(),
            ordinal,
            first_sequence: received.header.first_sequence,
            ingest: received.header.ingest.clone(),
            skip: skip.map(|run| (run.first, run.count)).collect(),
            only: None,
        };
        let tag = serde_json::to_vec(&tag).unwrap_or_default();
        let stored_lane = StreamTag::stored_lane(who.tenant(), who.agent(), lane);
        self.spool.write(
            claim,
            &stored_lane,
            &tag,
            &received.body,
            received.header.documents,
        )
    }

    /// What earlier logs sent of this ingest; looked for once per ingest.
    fn earlier(
        &self,
        stream: &Stream,
        progress: &mut Progress,
        received: &Received,
    ) -> Result<Arc<EarlierLogs>, SpoolError> {
        let ingest = received.header.ingest.ingest_id;
        // An agent that lost documents derives a whole claim again: what it sent itself counts as earlier, too.
        let again = received.header.derived_again;
        if let Some((known, earlier)) = &progress.earlier
            && *known == (ingest, again)
        {
            return Ok(Arc::clone(earlier));
        }
        let StreamName { who, epoch, .. } = &stream.name;
        let prefix = format!("{}/{}/{}/", who.tenant(), who.agent(), ingest.as_str());
        let own = if again { None } else { Some(epoch.as_str()) };
        let earlier = Arc::new(EarlierLogs::find(&self.spool, &prefix, own)?);
        progress.earlier = Some(((ingest, again), Arc::clone(&earlier)));
        Ok(earlier)
    }

    fn count(&self, answer: &BlockAnswer) {
        self.counters.blocks.add(1);
        for run in &answer.answers {
            let counter = match run.verdict {
                DocumentVerdict::Accepted => &self.counters.accepted,
                DocumentVerdict::Duplicate => &self.counters.duplicates,
                DocumentVerdict::Rejected { .. } => &self.counters.rejected,
                DocumentVerdict::Conflict { .. } => &self.counters.conflicts,
            };
            counter.add(run.count.into());
        }
    }

    /// The refusal for a store that does not do what was asked; a store that failed for good stops the relay.
    fn store_failed(&self, error: &SpoolError) -> Refused {
        match error {
            SpoolError::Full { .. } | SpoolError::NoSpace(_) => {
                tracing::error!(%error, "store is full: agents keep their documents and try again");
                Refused::later("store_full", "the relay's store is full")
                    .hint("the relay's operator has to make room")
            }
            SpoolError::Failed { .. } | SpoolError::Closed => {
                self.failed.send_replace(Some(error.to_string()));
                Refused::later("stopping", "the relay is stopping")
            }
            SpoolError::Invalid { .. }
            | SpoolError::TooMany { .. }
            | SpoolError::UnknownBlock { .. }
            | SpoolError::Damaged { .. }
            | SpoolError::Read(_) => {
                tracing::error!(%error, "store did not take a block");
                Refused::later("store_failed", "the relay's store did not take the block")
            }
        }
    }
}

/// One claim for each block, so that a repeat finds its answer and a later log finds the ranges.
fn claim_name(stream: &Stream, ordinal: u64, received: &Received) -> String {
    let StreamName { who, epoch, lane } = &stream.name;
    let ingest = received.header.ingest.ingest_id;
    format!(
        "{}/{}/{}/{epoch}/{lane}/{ordinal}",
        who.tenant(),
        who.agent(),
        ingest.as_str()
    )
}

fn out_of_order(expected: u64) -> Refused {
    let message = format!("block {expected} is missing");
    let mut refused = Refused::with(StatusCode::CONFLICT, Refusal::OUT_OF_ORDER, message);
    refused.body.expected = Some(expected);
    refused
}

/// Says in the log that documents were not taken: how many and where, never what they hold.
fn report(stream: &Stream, ordinal: u64, received: &Received, answer: &BlockAnswer) {
    let StreamName { who, lane, .. } = &stream.name;
    for run in &answer.answers {
        let code = match &run.verdict {
            DocumentVerdict::Accepted | DocumentVerdict::Duplicate => continue,
            DocumentVerdict::Rejected { code, .. } => code,
            DocumentVerdict::Conflict { .. } => "conflict",
        };
        tracing::warn!(
            agent = %who,
            lane,
            ordinal,
            ingest = received.header.ingest.ingest_id.as_str(),
            first = run.first,
            count = run.count,
            code,
            "documents not taken"
        );
    }
}

/// Runs `work` on a thread that may block. A panic in it is a bug of the relay and is passed on.
async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}
