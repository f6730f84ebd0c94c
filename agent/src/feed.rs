//! One feed at work: look, claim, copy, convert, commit, and carry out the verdict, one file after the other.
//! Blocking, on a thread of its own. Only waiting is cancelled: a file in hand is seen through to its verdict, and what
//! a crash interrupts is found again in the work folder under the same id.

use std::ffi::OsString;
use std::sync::Arc;
use std::time::{Duration, Instant};

use canonical::ingest::{Ingest, IngestId};
use canonical::problem::{Problem, Severity};
use sources::{Claimed, Directory, Readiness, Reason, Settled, SourceError, Stamp};
use spool::sabotage;
use tokio::sync::Notify;

use crate::clock;
use crate::config::FeedConfig;
use crate::intake::{self, IntakeError, Memo, Verdict};
use crate::raw_store::RawError;
use crate::status::WaitingFile;
use crate::stores::Shared;

/// How long a full queue or a failing disk is left alone before the next try.
const PAUSE: Duration = Duration::from_secs(5);

/// How long events are gathered before the look that they ask for.
const NUDGE_PAUSE: Duration = Duration::from_millis(20);

/// Why a file could not be taken to its verdict now.
#[derive(Debug, thiserror::Error)]
enum FeedError {
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Raw(#[from] RawError),
    #[error(transparent)]
    Intake(#[from] IntakeError),
}

/// One feed and its folder.
pub(crate) struct Feed {
    config: FeedConfig,
    shared: Shared,
    nudge: Arc<Notify>,
}

impl Feed {
    pub(crate) fn new(config: FeedConfig, shared: Shared) -> Self {
        Self {
            config,
            shared,
            nudge: Arc::new(Notify::new()),
        }
    }

    /// Runs until the agent stops. A folder that is missing is an alarm and is tried again, not an end.
    pub(crate) fn run(&self) {
        while !self.shared.stop.is_cancelled() {
            match Directory::open(self.config.directory.clone()) {
                Ok(directory) => self.serve(&directory),
                Err(error) => self.trouble("feed folder cannot be used", &error),
            }
            self.wait(self.config.poll.max(PAUSE));
        }
    }

    /// Looks and takes until the folder fails or the agent stops.
    fn serve(&self, directory: &Directory) {
        let nudge = Arc::clone(&self.nudge);
        let watch = sources::watch(directory.inbox(), move || nudge.notify_one());
        if let Err(error) = &watch {
            tracing::warn!(feed = self.config.name, %error, "folder sends no events, polling only");
        }
        let mut readiness = Readiness::new(self.config.settle);
        if !self.finish_claims(directory) {
            return;
        }
        loop {
            let look = match directory.list() {
                Ok(listing) => readiness.judge(listing, Instant::now()),
                Err(error) => return self.trouble("feed folder cannot be listed", &error),
            };
            self.shared.health.feed(&self.config.name, |feed| {
                feed.trouble = None;
                feed.waiting = look.waiting.iter().map(WaitingFile::from).collect();
            });
            for ready in &look.ready {
                if self.shared.stop.is_cancelled() {
                    return;
                }
                if let Err(error) = self.take(directory, &ready.name) {
                    self.failed(&error);
                    if !self.finish_claims(directory) {
                        return;
                    }
                }
            }
            let pause = if look.waiting.is_empty() {
                self.config.poll
            } else {
                self.config.settle.min(self.config.poll)
            };
            if !self.wait(pause.max(Duration::from_millis(10))) {
                return;
            }
        }
    }

    /// Sees every claimed file through to its verdict; false when one cannot be, or the agent stops.
    fn finish_claims(&self, directory: &Directory) -> bool {
        loop {
            let finished = directory
                .unfinished()
                .map_err(FeedError::from)
                .and_then(|claims| {
                    claims
                        .into_iter()
                        .try_for_each(|claimed| self.finish(directory, &claimed))
                });
            match finished {
                Ok(()) => return true,
                Err(error) => self.failed(&error),
            }
            if !self.wait(PAUSE) {
                return false;
            }
        }
    }

    fn take(&self, directory: &Directory, name: &OsString) -> Result<(), FeedError> {
        let claimed = directory.claim(name, clock::new_ingest_id())?;
        sabotage::crash_point("agent.after_claim");
        self.finish(directory, &claimed)
    }

    /// From a claimed file to its verdict, starting wherever an earlier attempt ended.
    fn finish(&self, directory: &Directory, claimed: &Claimed) -> Result<(), FeedError> {
        let Some(now) = directory.stamp(claimed) else {
            return Ok(());
        };
        if let Some(memo) = self.committed(&claimed.id)? {
            return self.settle(directory, claimed, now_or_read(&memo, now), &memo);
        }
        let Some((ingest, read)) = self.keep(directory, claimed)? else {
            return Ok(());
        };
        if sabotage::on("archive_before_queue") {
            directory.archive(claimed, read)?;
            sabotage::crash_point("agent.between_archive_and_queue");
        }
        sabotage::crash_point("agent.before_commit");
        let memo = intake::take(&self.shared.stores, &self.config, ingest, b"")?;
        sabotage::crash_point("agent.after_commit");
        if memo.answers > 0 {
            self.shared.answers_due.notify_one();
        }
        self.settle(directory, claimed, read, &memo)
    }

    fn committed(&self, id: &IngestId) -> Result<Option<Memo>, IntakeError> {
        let Some(claim) = self.shared.stores.spool.claim(id.as_ref())? else {
            return Ok(None);
        };
        Ok(Some(serde_json::from_slice(&claim.memo)?))
    }

    /// Copies the bytes into the raw store; none when the file changed meanwhile and went back as a new arrival.
    fn keep(
        &self,
        directory: &Directory,
        claimed: &Claimed,
    ) -> Result<Option<(Ingest, Stamp)>, FeedError> {
        let (file, stamp) = directory.read(claimed)?;
        if let Some(ingest) = self.shared.stores.raw.ingest(&claimed.id)?
            && ingest.file.size == stamp.size
        {
            return Ok(Some((ingest, stamp)));
        }
        let copied = self.shared.stores.raw.copy(&claimed.id, file)?;
        if copied.size != stamp.size || directory.stamp(claimed) != Some(stamp) {
            self.shared.stores.raw.discard(&copied)?;
            tracing::info!(feed = self.config.name, ingest = %claimed.id, "file changed while it was read, waiting for it again");
            directory.release(claimed)?;
            return Ok(None);
        }
        let ingest = Ingest {
            ingest_id: claimed.id,
            feed: self.config.name.clone(),
            received_at: clock::rfc3339(clock::now()),
            file: copied.facts(
                &claimed.name,
                directory.inbox(),
                stamp.modified.map(clock::rfc3339),
            ),
            mapping: self.config.plan.mapping_ref().cloned(),
        };
        self.shared.stores.raw.keep(&copied, &ingest)?;
        sabotage::crash_point("agent.after_raw");
        Ok(Some((ingest, stamp)))
    }

    fn settle(
        &self,
        directory: &Directory,
        claimed: &Claimed,
        read: Stamp,
        memo: &Memo,
    ) -> Result<(), FeedError> {
        let settled = match &memo.verdict {
            Verdict::Archive | Verdict::Duplicate => directory.archive(claimed, read)?,
            Verdict::Quarantine(reason) => directory.quarantine(claimed, read, reason)?,
        };
        let (feed, ingest) = (self.config.name.as_str(), claimed.id.to_string());
        let (documents, answers) = (memo.documents, memo.answers);
        if settled == Settled::Changed {
            tracing::info!(
                feed,
                ingest,
                "file changed after it was read, taking the new content as a new arrival"
            );
        }
        match &memo.verdict {
            Verdict::Archive => {
                tracing::info!(feed, ingest, documents, answers, "file queued and archived");
            }
            Verdict::Duplicate => tracing::info!(
                feed,
                ingest,
                answers,
                "interchange received before, nothing queued again"
            ),
            Verdict::Quarantine(reason) => {
                let refused = reason.refused;
                let code = worst(reason);
                tracing::error!(
                    feed,
                    ingest,
                    documents,
                    refused,
                    answers,
                    code,
                    "file set aside, its reason lies beside it"
                );
            }
        }
        self.shared.health.feed(feed, |status| {
            status.documents += documents;
            status.answers += answers;
            match &memo.verdict {
                Verdict::Archive | Verdict::Duplicate => status.archived += 1,
                Verdict::Quarantine(_) => status.quarantined += 1,
            }
        });
        Ok(())
    }

    fn failed(&self, error: &FeedError) {
        if let FeedError::Source(source) = error
            && source.is_passing()
        {
            tracing::debug!(feed = self.config.name, %error, "file is busy, looking again");
            return;
        }
        self.trouble("file cannot be taken now", error);
    }

    fn trouble(&self, what: &'static str, error: &dyn std::fmt::Display) {
        tracing::error!(feed = self.config.name, %error, what, "feed is in trouble, trying again");
        let words = format!("{what}: {error}");
        self.shared
            .health
            .feed(&self.config.name, |feed| feed.trouble = Some(words));
    }

    /// Waits for a nudge, the time, or the end; false at the end.
    fn wait(&self, pause: Duration) -> bool {
        self.shared.runtime.block_on(async {
            tokio::select! {
                biased;
                () = self.shared.stop.cancelled() => false,
                // Writers touch a file many times; one look afterwards sees it all.
                () = self.nudge.notified() => { tokio::time::sleep(NUDGE_PAUSE).await; true }
                () = tokio::time::sleep(pause) => true,
            }
        })
    }
}

/// The code to look for first: a control number that was used twice, else the first error.
fn worst(reason: &Reason) -> &str {
    let held = |problem: &&Problem| problem.code.ends_with(".control_number_reused");
    let error = |problem: &&Problem| problem.severity == Severity::Error;
    let problems = &reason.problems;
    let found = problems.iter().find(held).or(problems.iter().find(error));
    found.map_or("", |problem| problem.code.as_str())
}

/// After a restart the stamp that was read is no longer known, but its size is: a claim of that size is the one.
fn now_or_read(memo: &Memo, now: Stamp) -> Stamp {
    Stamp {
        size: memo.ingest.file.size,
        ..now
    }
}

impl From<&sources::Waiting> for WaitingFile {
    fn from(waiting: &sources::Waiting) -> Self {
        Self {
            name: waiting.name.clone(),
            reason: waiting.reason.clone(),
            since: waiting.since,
        }
    }
}
