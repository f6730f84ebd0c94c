//! Sends queued blocks to the relay, in order per lane, several on the way at once, and records its answers.
//! Never skips a block without an answer. Invariant: a lane's cursor moves only past blocks whose every document the
//! relay answered; refused documents become dead letters in the same record that moves the cursor.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use canonical::block::{Block, BlockLimits};
use canonical::envelope::EnvelopeContext;
use canonical::ingest::Ingest;
use canonical::link::{self, BlockAnswer, BlockHeader, DocumentVerdict, Hello};
use canonical::retry::{RetryPolicy, backoff};
use spool::{DeadLetter, Settlement, Spool, SpoolError, Stored};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::intake::{DERIVED_AGAIN, Memo};
use crate::relay::{CallError, RelayClient};
use crate::status::Health;

/// The reader name of the cursor marks.
pub(crate) const READER: &str = "relay";
/// The mark that holds a lane's cursor: the highest ordinal whose documents were all answered.
pub(crate) fn cursor_mark(lane: &str) -> String {
    format!("cursor/{READER}/{lane}")
}

/// Why a lane stopped for a moment.
#[derive(Debug, thiserror::Error)]
enum LaneError {
    #[error(transparent)]
    Call(#[from] CallError),
    #[error(transparent)]
    Spool(#[from] SpoolError),
    #[error("the answer to block {0} does not name every document of it")]
    Incomplete(u64),
    #[error("the relay expects block {expected} of lane {lane}, which is no longer here")]
    Behind { lane: String, expected: u64 },
    #[error(
        "block {0} of this lane is damaged; what it held is derived again from the raw copies at the next start"
    )]
    Lost(u64),
    #[error("the claim of block {0} has no readable record")]
    Claim(u64),
    #[error("a forwarder task ended early")]
    Task,
}

/// What a forwarder works with.
#[derive(Clone)]
pub(crate) struct Forwarder {
    pub(crate) spool: Spool,
    pub(crate) relay: RelayClient,
    /// The source URN of this agent's envelopes.
    pub(crate) source: String,
    pub(crate) tenant: String,
    pub(crate) health: Arc<Health>,
    pub(crate) stop: CancellationToken,
    /// Told by the spool when a claim was committed.
    pub(crate) committed: watch::Receiver<()>,
    pub(crate) in_flight: usize,
    pub(crate) retry: RetryPolicy,
}

/// A block on its way.
struct OnTheWay {
    ordinal: u64,
    documents: u32,
    answer: JoinHandle<Result<BlockAnswer, CallError>>,
}

impl Forwarder {
    /// Serves one lane until the agent stops; the requests on the way are finished first.
    pub(crate) async fn run(self, lane: String) {
        let mut failures = 0;
        while !self.stop.is_cancelled() {
            let before = self.cursor(&lane);
            let ended = self.serve(&lane).await;
            let Err(error) = ended else { continue };
            failures = if self.cursor(&lane) > before {
                1
            } else {
                failures + 1
            };
            if self.stop.is_cancelled() {
                break;
            }
            let after = if let LaneError::Call(CallError::Refused { retry_after, .. }) = &error {
                *retry_after
            } else {
                None
            };
            let pause = backoff(failures, after, &self.retry, fastrand::f64());
            tracing::warn!(lane, failures, pause_ms = pause.as_millis(), %error, "relay not reached, documents stay queued");
            let words = error.to_string();
            self.health
                .update(|status| status.relay_trouble = Some(words));
            tokio::select! {
                () = self.stop.cancelled() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    async fn serve(&self, lane: &str) -> Result<(), LaneError> {
        let mut committed = self.committed.clone();
        // Nothing to say, nothing to connect for.
        while self.spool.head(lane) <= self.cursor(lane) {
            if !self.more(&mut committed).await {
                return Ok(());
            }
        }
        let (epoch, mut next) = self.hello(lane).await?;
        self.health.update(|status| status.relay_trouble = None);
        let mut ingest = LastIngest::default();
        let mut on_the_way: VecDeque<OnTheWay> = VecDeque::new();
        loop {
            while !self.stop.is_cancelled()
                && on_the_way.len() < self.in_flight
                && next <= self.spool.head(lane)
            {
                on_the_way.push_back(self.send(lane, &epoch, next, &mut ingest).await?);
                next += 1;
            }
            let Some(first) = on_the_way.pop_front() else {
                if self.more(&mut committed).await {
                    continue;
                }
                return Ok(());
            };
            let answer = first.answer.await.map_err(|_ended| LaneError::Task)??;
            if !answer.covers(first.documents) {
                return Err(LaneError::Incomplete(first.ordinal));
            }
            self.record(lane, first.ordinal, answer).await?;
        }
    }

    /// Waits for a commit; false when the agent stops.
    async fn more(&self, committed: &mut watch::Receiver<()>) -> bool {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => false,
            changed = committed.changed() => changed.is_ok(),
        }
    }

    /// Greets the relay under the spool's epoch and decides which block goes first.
    async fn hello(&self, lane: &str) -> Result<(String, u64), LaneError> {
        let next = self.cursor(lane) + 1;
        let epoch = self.spool.epoch().to_string();
        let hello = Hello {
            epoch: epoch.clone(),
            agent_version: env!("CARGO_PKG_VERSION").to_owned(),
            lanes: BTreeMap::from([(lane.to_owned(), next)]),
        };
        let welcome = self.relay.hello(&hello).await?;
        let expected = welcome.lanes.get(lane).copied().unwrap_or(next);
        if expected >= next {
            // What the relay has beyond our cursor it answers as duplicates, and the answers are what we lack.
            return Ok((epoch, next));
        }
        // The relay lost blocks it had answered, after a restore for example: send them again while they are here.
        if self.get(lane, expected).await?.is_some() {
            tracing::warn!(
                lane,
                expected,
                next,
                "relay lost blocks it had accepted, sending them again"
            );
            return Ok((epoch, expected));
        }
        Err(LaneError::Behind {
            lane: lane.to_owned(),
            expected,
        })
    }

    async fn send(
        &self,
        lane: &str,
        epoch: &str,
        ordinal: u64,
        last: &mut LastIngest,
    ) -> Result<OnTheWay, LaneError> {
        let Some(stored) = self.get(lane, ordinal).await? else {
            return Err(LaneError::Lost(ordinal));
        };
        let documents = stored.documents;
        let body = Bytes::from(self.encode(&stored, last)?);
        let (relay, epoch, lane) = (self.relay.clone(), epoch.to_owned(), lane.to_owned());
        let answer = tokio::spawn(async move { relay.put(&epoch, &lane, ordinal, body).await });
        Ok(OnTheWay {
            ordinal,
            documents,
            answer,
        })
    }

    fn encode(&self, stored: &Stored, last: &mut LastIngest) -> Result<Vec<u8>, LaneError> {
        let header = BlockHeader {
            ingest: last.of(&self.spool, stored)?,
            first_sequence: stored.first_sequence,
            documents: stored.documents,
            raw_bytes: stored.body.raw_len(),
            derived_again: stored.tag == DERIVED_AGAIN,
        };
        Ok(link::encode_block(&header, stored.body.bytes()))
    }

    /// Moves the cursor past an answered block, durably, with the dead letters that the answer makes.
    async fn record(&self, lane: &str, ordinal: u64, answer: BlockAnswer) -> Result<(), LaneError> {
        if ordinal <= self.cursor(lane) {
            return Ok(()); // sent again after the relay lost it
        }
        let (mut answered, mut dead) = (0_u64, Vec::new());
        for run in &answer.answers {
            match &run.verdict {
                DocumentVerdict::Accepted | DocumentVerdict::Duplicate => {
                    answered += u64::from(run.count)
                }
                DocumentVerdict::Rejected { code, reason } => {
                    dead.extend(
                        (run.first..run.first + run.count)
                            .map(|index| (index, code.clone(), reason.clone())),
                    );
                }
                DocumentVerdict::Conflict { reason } => {
                    dead.extend(
                        (run.first..run.first + run.count)
                            .map(|index| (index, "conflict".to_owned(), reason.clone())),
                    );
                }
            }
        }
        let rejected = dead.len() as u64;
        let dead = if dead.is_empty() {
            Vec::new()
        } else {
            self.dead_letters(lane, ordinal, dead).await?
        };
        if rejected > 0 {
            let first = dead
                .first()
                .map_or("", |letter| letter.code.as_str())
                .to_owned();
            tracing::error!(
                lane,
                ordinal,
                rejected,
                code = first,
                "relay rejected documents, kept as dead letters"
            );
        }
        let (spool, mark) = (self.spool.clone(), cursor_mark(lane));
        let recorded = tokio::task::spawn_blocking(move || {
            let ticket = spool.settle(&Settlement {
                marks: &[(&mark, ordinal)],
                dead_letters: &dead,
                resolved: &[],
            })?;
            spool.wait(ticket)
        });
        recorded.await.map_err(|_ended| LaneError::Task)??;
        self.health.update(|status| {
            status.answered += answered;
            status.rejected += rejected;
        });
        Ok(())
    }

    async fn dead_letters(
        &self,
        lane: &str,
        ordinal: u64,
        refused: Vec<(u32, String, String)>,
    ) -> Result<Vec<DeadLetter>, LaneError> {
        let Some(stored) = self.get(lane, ordinal).await? else {
            return Err(LaneError::Lost(ordinal));
        };
        let lost = |_unreadable| LaneError::Lost(ordinal);
        let raw = stored
            .body
            .unpack(BlockLimits::ACCEPT.bytes)
            .map_err(|_unreadable| LaneError::Lost(ordinal))?;
        let documents = Block::parse(&raw, BlockLimits::ACCEPT).map_err(lost)?;
        let ingest = LastIngest::default().of(&self.spool, &stored)?;
        let context = EnvelopeContext {
            source: &self.source,
            tenant: &self.tenant,
            ingest: &ingest,
            recorded_at: None,
        };
        let at = clock::unix_millis(clock::now());
        let letter = |(index, code, reason)| {
            let document = documents.get(index as usize);
            DeadLetter {
                lane: lane.to_owned(),
                ordinal,
                index,
                reader: READER.to_owned(),
                subject: document
                    .map(|document| document.subject.to_owned())
                    .unwrap_or_default(),
                id: document
                    .map(|document| context.id(document).to_string())
                    .unwrap_or_default(),
                code,
                reason,
                attempts: 1,
                at,
            }
        };
        Ok(refused.into_iter().map(letter).collect())
    }

    fn cursor(&self, lane: &str) -> u64 {
        self.spool.mark(&cursor_mark(lane)).unwrap_or(0)
    }

    /// Reading a block is a disk access, so it happens off the async threads.
    async fn get(&self, lane: &str, ordinal: u64) -> Result<Option<Stored>, LaneError> {
        let (spool, lane) = (self.spool.clone(), lane.to_owned());
        let read = tokio::task::spawn_blocking(move || spool.get(&lane, ordinal));
        Ok(read.await.map_err(|_ended| LaneError::Task)??)
    }
}

/// The blocks of one claim follow each other, so its record is read once and not per block.
#[derive(Default)]
struct LastIngest(Option<(String, Ingest)>);

impl LastIngest {
    fn of(&mut self, spool: &Spool, stored: &Stored) -> Result<Ingest, LaneError> {
        if let Some((claim, ingest)) = &self.0
            && *claim == stored.claim
        {
            return Ok(ingest.clone());
        }
        let record = spool
            .claim(&stored.claim)?
            .ok_or(LaneError::Claim(stored.ordinal))?;
        let memo: Memo = serde_json::from_slice(&record.memo)
            .map_err(|_unreadable| LaneError::Claim(stored.ordinal))?;
        self.0 = Some((stored.claim.clone(), memo.ingest.clone()));
        Ok(memo.ingest)
    }
}
