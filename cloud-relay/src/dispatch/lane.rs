//! The dispatcher of one lane to one destination: reads ahead a little, delivers what may be delivered, remembers how
//! far it is. What may be delivered is the [`Scheduler`]'s decision, how a request ends is [`deliver`]'s.
//!
//! Invariant: the recorded cursor never passes a document that is neither delivered nor a recorded dead letter.

use std::pin::Pin;
use std::sync::Arc;

use spool::{DeadLetter, Spool, SpoolError};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use super::cursor::Cursor;
use super::delivery::{Outcome, deliver};
use super::destination::{Destination, Permit};
use super::page::{self, Outgoing, Page, Step};
use super::parked;
use super::recorder::{Note, Notes};
use super::scheduler::{Job, Limits, Planned, Refused, Scheduler};
use crate::clock;
use crate::stats::Counters;

/// What dispatchers share.
#[derive(Clone)]
pub(crate) struct Office {
    pub(crate) spool: Spool,
    pub(crate) notes: Notes,
    pub(crate) counters: Arc<Counters>,
    /// Changes when blocks became visible.
    pub(crate) wake: watch::Receiver<()>,
    /// Only waiting is cancelled by it.
    pub(crate) stop: CancellationToken,
}

type Load = Box<Outgoing>;
type Admission = Pin<Box<dyn Future<Output = Option<Permit>> + Send>>;
type Reading = JoinHandle<Result<Page, SpoolError>>;

/// Why a lane's dispatcher ended before it was told to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LaneError {
    /// The store cannot be read.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// The recorder is gone, because the store cannot be written.
    #[error("progress cannot be recorded any more")]
    Recorder,
}

struct Dispatcher {
    office: Office,
    destination: Arc<Destination>,
    lane: String,
    mark: String,
    scheduler: Scheduler<Load>,
    /// Where the next page begins.
    read_from: Cursor,
    recorded: Cursor,
    flying: JoinSet<(Job<Load>, Outcome)>,
    /// Sub-jobs that wait for their turn to be sent: parts of a halved batch.
    again: Vec<Job<Load>>,
}

/// Delivers `lane` to `destination` until the office stops.
///
/// # Errors
/// When the store fails; the relay then stops as a whole.
pub(crate) async fn dispatch(
    office: Office,
    destination: Arc<Destination>,
    lane: String,
) -> Result<(), LaneError> {
    let mark = Cursor::name(destination.name(), &lane);
    let cursor = Cursor::from_mark(office.spool.mark(&mark));
    let parked = {
        let (spool, reader, lane) = (
            office.spool.clone(),
            destination.name().to_owned(),
            lane.clone(),
        );
        unwound(tokio::task::spawn_blocking(move || parked::keys(&spool, &reader, &lane)).await)?
    };
    let mut scheduler = Scheduler::new(Limits::of_batch(destination.batch()), cursor);
    for (key, id) in parked {
        scheduler.park_key(&key, &id);
    }
    let dispatcher = Dispatcher {
        office,
        destination,
        lane,
        mark,
        scheduler,
        read_from: cursor,
        recorded: cursor,
        flying: JoinSet::new(),
        again: Vec::new(),
    };
    dispatcher.run().await
}

impl Dispatcher {
    async fn run(mut self) -> Result<(), LaneError> {
        let mut wake = self.office.wake.clone();
        let stop = self.office.stop.clone();
        let mut reading: Option<Reading> = None;
        let mut admission: Option<Admission> = None;
        // Whether the lane may hold more than was read.
        let mut more = true;
        loop {
            if reading.is_none() && more && self.scheduler.has_room() {
                more = false;
                reading = Some(self.read());
            }
            let wanted = self.scheduler.has_ready() || !self.again.is_empty();
            if wanted && admission.is_none() {
                admission = Some(Box::pin(Arc::clone(&self.destination).admission()));
            }
            tokio::select! {
                () = stop.cancelled() => break,
                Some(landed) = self.flying.join_next() => self.landed(unwound(landed)).await?,
                permit = granted(&mut admission) => {
                    admission = None;
                    self.launch(permit);
                }
                page = finished(&mut reading) => {
                    reading = None;
                    more |= self.take(page?).await?;
                }
                changed = wake.changed() => match changed {
                    // The head is in memory; a page that ended before this block came is read again.
                    Ok(()) => more |= self.office.spool.head(&self.lane) >= self.read_from.ordinal(),
                    Err(_) => break,
                }
            }
            self.record().await?;
        }
        // Requests under way are seen through; what waits between two attempts comes back at once.
        while let Some(landed) = self.flying.join_next().await {
            self.landed(unwound(landed)).await?;
        }
        self.record().await
    }

    /// Reads the next page on a thread that may block.
    fn read(&self) -> Reading {
        let (spool, lane, from) = (self.office.spool.clone(), self.lane.clone(), self.read_from);
        let destination = Arc::clone(&self.destination);
        tokio::task::spawn_blocking(move || page::read(&spool, &lane, from, &destination))
    }

    /// Plans a page; `false` when the lane ends here for now.
    async fn take(&mut self, page: Page) -> Result<bool, LaneError> {
        match page {
            Page::End => return Ok(false),
            Page::Steps { steps, next } => {
                for step in steps {
                    match step {
                        Step::Skip(after) => self.scheduler.skip(after),
                        Step::Deliver(after, outgoing) => {
                            let bytes = outgoing.bytes();
                            let key = outgoing.event.key.clone();
                            self.scheduler.push(after, &key, bytes, outgoing);
                        }
                    }
                }
                self.read_from = next;
                self.give_up_behind().await?;
            }
            Page::Lost {
                ordinal,
                claim,
                detail,
                next,
            } => {
                tracing::error!(
                    destination = self.destination.name(),
                    lane = self.lane,
                    ordinal,
                    claim,
                    "stored block cannot be read: its documents are not delivered; ask the agent: queue replay"
                );
                let letter = self.letter(ordinal, 0, "", "", "relay.block_unreadable", detail, 0);
                self.note(Note::Dead(Box::new(letter))).await?;
                self.scheduler.skip(next);
                self.read_from = next;
            }
        }
        Ok(true)
    }

    /// Begins the next delivery.
    fn launch(&mut self, permit: Option<Permit>) {
        let Some(permit) = permit else {
            return;
        };
        let Some(job) = self.again.pop().or_else(|| self.scheduler.next_job()) else {
            return;
        };
        let events = job
            .documents
            .iter()
            .map(|document| document.load.event.clone())
            .collect();
        let destination = Arc::clone(&self.destination);
        let counters = Arc::clone(&self.office.counters);
        let stop = self.office.stop.clone();
        self.flying.spawn(async move {
            let outcome = deliver(destination, events, permit, counters, stop).await;
            (job, outcome)
        });
    }

    /// A delivery came to its end.
    async fn landed(&mut self, (job, outcome): (Job<Load>, Outcome)) -> Result<(), LaneError> {
        match outcome {
            Outcome::Stopped => {}
            Outcome::Delivered => {
                self.office
                    .counters
                    .delivered
                    .add(job.documents.len() as u64);
                self.again.extend(self.scheduler.delivered(job));
            }
            Outcome::Refused {
                attempts,
                status,
                reason,
            } => match self.scheduler.refused(job) {
                Refused::Halved(half) => self.again.push(half),
                Refused::Culprit { document, rest } => {
                    let reason = format!("answered {status}: {reason}");
                    self.give_up(&document, "platform.refused", reason, attempts)
                        .await?;
                    if document.load.command {
                        self.scheduler.park(&document, &document.load.event.id);
                    }
                    self.again.extend(self.scheduler.resume(rest));
                    self.give_up_behind().await?;
                }
            },
        }
        Ok(())
    }

    /// What waits behind a document that was given up is given up too, until a person replays both.
    async fn give_up_behind(&mut self) -> Result<(), LaneError> {
        while let Some((document, id)) = self.scheduler.next_behind() {
            self.give_up(&document, parked::BEHIND, format!("behind {id}"), 0)
                .await?;
        }
        Ok(())
    }

    async fn give_up(
        &mut self,
        document: &Planned<Load>,
        code: &str,
        reason: String,
        attempts: u32,
    ) -> Result<(), LaneError> {
        let Outgoing {
            event,
            subject,
            ordinal,
            index,
            ..
        } = &*document.load;
        tracing::warn!(
            destination = self.destination.name(),
            lane = self.lane,
            ordinal,
            index,
            id = event.id,
            code,
            "document given up: see cloud-relay dead-letters"
        );
        let letter = self.letter(*ordinal, *index, subject, &event.id, code, reason, attempts);
        self.note(Note::Dead(Box::new(letter))).await?;
        self.office.counters.dead.add(1);
        self.scheduler.settle(document);
        Ok(())
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "the fields of a dead letter, each from another place"
    )]
    fn letter(
        &self,
        ordinal: u64,
        index: u32,
        subject: &str,
        id: &str,
        code: &str,
        reason: String,
        attempts: u32,
    ) -> DeadLetter {
        DeadLetter {
            lane: self.lane.clone(),
            ordinal,
            index,
            reader: self.destination.name().to_owned(),
            subject: subject.to_owned(),
            id: id.to_owned(),
            code: code.to_owned(),
            reason,
            attempts,
            at: clock::unix_milliseconds(),
        }
    }

    /// Notes how far everything is settled, if that is farther than before.
    async fn record(&mut self) -> Result<(), LaneError> {
        let cursor = self.scheduler.cursor();
        if cursor == self.recorded {
            return Ok(());
        }
        self.recorded = cursor;
        self.note(Note::Cursor(self.mark.clone(), cursor.mark()))
            .await
    }

    async fn note(&self, note: Note) -> Result<(), LaneError> {
        self.office
            .notes
            .send(note)
            .await
            .ok()
            .ok_or(LaneError::Recorder)
    }
}

/// The permit that is waited for; never, when none is.
async fn granted(admission: &mut Option<Admission>) -> Option<Permit> {
    match admission {
        Some(admission) => admission.await,
        None => std::future::pending().await,
    }
}

/// The page that is being read; never, when none is.
async fn finished(reading: &mut Option<Reading>) -> Result<Page, SpoolError> {
    match reading {
        Some(reading) => unwound(reading.await),
        None => std::future::pending().await,
    }
}

/// A task's result. Its panic is ours: nothing here is cancelled.
fn unwound<T>(joined: Result<T, JoinError>) -> T {
    joined.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}
