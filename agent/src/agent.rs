//! The agent as a whole: opens its stores, repairs what a crash left, starts a thread per feed and a task per lane, and
//! stops them in one order: feeds first, then the forwarder after its requests, then the spool.
//! Invariant: it always starts. Damage is reported, set aside and derived again from the raw copies.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use canonical::entity::EntityKind;
use canonical::envelope;
use canonical::ingest::IngestId;
use canonical::retry::RetryPolicy;
use spool::{Opened, Options, Spool};
use tokio::runtime::Handle;
use tokio::sync::watch as signal;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::config::{AgentConfig, FeedConfig};
use crate::courier::Courier;
use crate::feed::Feed;
use crate::forwarder::{self, Forwarder};
use crate::intake::{self, DERIVED_AGAIN, IntakeError, Memo};
use crate::raw_store::RawError;
use crate::relay::{ClientError, RelayClient};
use crate::status::{Health, Status};
use crate::stores::{Shared, StoreError, Stores};
use crate::watch;

/// How long claims and interchanges are remembered: 400 days, more than the 13 months that partners ask for.
const REMEMBER: Duration = Duration::from_secs(400 * 24 * 3600);
/// How often settled blocks and old raw copies are cleared away.
const CLEARING: Duration = Duration::from_secs(3600);
/// A feed thread holds small buffers only; the default stack of 2 MiB would be most of an idle feed.
const FEED_STACK: usize = 512 * 1024;
const SEGMENT_BYTES: u64 = 64 * 1024 * 1024;

/// Why the agent cannot start. Damaged data is never among the reasons.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The queue's folder cannot be used.
    #[error("the queue cannot be opened: {0}")]
    Spool(#[from] spool::OpenError),
    /// What lies beside the queue in the data folder cannot be used.
    #[error(transparent)]
    Stores(#[from] StoreError),
    /// The files of `[relay]` do not fit.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A feed's thread could not be made.
    #[error("a feed could not be started: {0}")]
    Thread(#[from] std::io::Error),
}

/// A running agent.
pub struct Running {
    shared: Shared,
    feeds: Vec<thread::JoinHandle<()>>,
    tasks: Vec<JoinHandle<()>>,
}

/// Starts the agent on the current tokio runtime.
///
/// # Errors
/// When a folder or a certificate cannot be used; never because of damaged data.
pub async fn start(config: AgentConfig) -> Result<Running, StartError> {
    let relay = config
        .relay
        .as_ref()
        .map(|relay| RelayClient::new(relay, &config.tenant, &config.name))
        .transpose()?;
    let (spool, damaged) = open_spool(&config)?;
    let (committed, commits) = signal::channel(());
    spool.on_commit(Box::new(move || committed.send_replace(())));
    let shared = Shared {
        stores: Stores::open(&config.data, spool)?,
        health: Arc::new(Health::default()),
        answers_due: Arc::default(),
        stop: CancellationToken::new(),
        runtime: Handle::current(),
    };
    derive_again(&config, &shared, damaged);
    forget_orphans(&shared.stores);

    let mut tasks = Vec::new();
    if let (Some(client), Some(relay)) = (relay, &config.relay) {
        let forwarder = Forwarder {
            spool: shared.stores.spool.clone(),
            relay: client,
            source: envelope::source_urn(&config.tenant, &config.name),
            tenant: config.tenant.clone(),
            health: Arc::clone(&shared.health),
            stop: shared.stop.clone(),
            committed: commits,
            in_flight: relay.in_flight,
            retry: RetryPolicy {
                first_milliseconds: 500,
                longest_milliseconds: u64::try_from(relay.longest_pause.as_millis())
                    .unwrap_or(u64::MAX),
            },
        };
        let lanes = EntityKind::LANES;
        tasks.extend(
            lanes
                .iter()
                .map(|lane| tokio::spawn(forwarder.clone().run((*lane).to_owned()))),
        );
    }
    tasks.push(tokio::spawn(clear_away(shared.clone(), config.keep)));
    tasks.push(tokio::spawn(watch::watch(shared.clone())));
    let courier = courier(&config, &shared);
    let mut feeds = vec![start_thread("courier", move || courier.run())?];
    for feed in config.feeds {
        let (name, feed) = (feed.name.clone(), Feed::new(feed, shared.clone()));
        feeds.push(start_thread(&name, move || feed.run())?);
    }
    tracing::info!(
        tenant = config.tenant,
        agent = config.name,
        feeds = feeds.len() - 1,
        "agent started"
    );
    Ok(Running {
        shared,
        feeds,
        tasks,
    })
}

fn start_thread(
    name: &str,
    work: impl FnOnce() + Send + 'static,
) -> std::io::Result<thread::JoinHandle<()>> {
    thread::Builder::new()
        .name(name.to_owned())
        .stack_size(FEED_STACK)
        .spawn(work)
}

fn courier(config: &AgentConfig, shared: &Shared) -> Courier {
    let folder = |feed: &FeedConfig| Some((feed.name.clone(), feed.acknowledgements.clone()?));
    Courier {
        shared: shared.clone(),
        folders: config.feeds.iter().filter_map(folder).collect(),
    }
}

/// Answers of a claim that nobody knows any more, because its file went back before it was committed.
fn forget_orphans(stores: &Stores) {
    let claims = stores.answers.claims().unwrap_or_default();
    for claim in claims {
        let known = stores.spool.claim(&claim).map(|known| known.is_some());
        let kept = claim.parse().map(|id| stores.raw.ingest(&id));
        if matches!(known, Ok(false)) && matches!(kept, Ok(Ok(None))) {
            let forgotten = stores.answers.forget(&claim);
            tracing::warn!(claim, ?forgotten, "answers of a claim that was given up");
        }
    }
}

impl Running {
    /// What the agent can say about itself now.
    #[must_use]
    pub fn status(&self) -> Status {
        let mut status = self.shared.health.get();
        let spool = &self.shared.stores.spool;
        let unsent = |lane: &&str| {
            spool
                .head(lane)
                .saturating_sub(spool.mark(&forwarder::cursor_mark(lane)).unwrap_or(0))
        };
        status.unsent_blocks = EntityKind::LANES.iter().map(unsent).sum();
        status
    }

    /// Ends when the agent cannot go on, for example after a disk error that makes the queue unsafe.
    pub async fn failed(&self) -> String {
        loop {
            if let Some(error) = self.shared.stores.spool.failure() {
                return error;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Stops in order; a file or a request in hand is seen through.
    pub async fn stop(self) {
        self.shared.stop.cancel();
        let feeds = self.feeds;
        let joined = tokio::task::spawn_blocking(move || {
            feeds
                .into_iter()
                .map(thread::JoinHandle::join)
                .all(|feed| feed.is_ok())
        });
        if !joined.await.unwrap_or(false) {
            tracing::error!("a feed ended with a panic");
        }
        for task in self.tasks {
            if task.await.is_err() {
                tracing::error!("a task ended with a panic");
            }
        }
        self.shared.stores.spool.close();
        tracing::info!("agent stopped");
    }
}

/// Opens the queue; true when data of it was lost to damage.
fn open_spool(config: &AgentConfig) -> Result<(Spool, bool), StartError> {
    let options = Options {
        segment_bytes: SEGMENT_BYTES,
        limit_bytes: config.queue_limit_bytes,
        retention: config.keep,
        remember: REMEMBER,
        ..Options::default()
    };
    let Opened { spool, report } = Spool::open(&config.data.join("queue"), &options)?;
    let damaged = !report.damaged.is_empty();
    if damaged {
        tracing::error!(%report, "queue opened with damage, deriving again what it held");
    } else {
        tracing::info!(%report, "queue opened");
    }
    Ok((spool, damaged))
}

/// Converts what the queue does not know, and after damage everything that is still kept: the relay drops what it has.
/// A file that is still claimed is finished by its feed, which finds the verdict made here.
fn derive_again(config: &AgentConfig, shared: &Shared, damaged: bool) {
    let ids = match shared.stores.raw.ids() {
        Ok(ids) => ids,
        Err(error) => return tracing::error!(%error, "raw copies cannot be listed"),
    };
    let mut derived = 0_u64;
    for id in ids {
        let memo = shared
            .stores
            .spool
            .claim(id.as_ref())
            .ok()
            .flatten()
            .and_then(|claim| serde_json::from_slice::<Memo>(&claim.memo).ok());
        let tag = match memo {
            Some(memo) if !damaged || memo.documents == 0 => continue,
            Some(_) => DERIVED_AGAIN,
            None if damaged => DERIVED_AGAIN,
            None => b"",
        };
        match derive_one(config, shared, &id, tag) {
            Ok(documents) => derived += documents,
            Err(error) => {
                tracing::error!(ingest = %id, %error, "raw copy cannot be converted again")
            }
        }
    }
    if damaged {
        // Ordinals were lost, so the relay must not wait for them: streams start anew under another epoch.
        if let Err(error) = shared.stores.spool.renew_epoch() {
            tracing::error!(%error, "queue cannot start a new epoch");
        }
    }
    if derived > 0 {
        tracing::warn!(
            documents = derived,
            "documents derived again from raw copies"
        );
    }
}

#[derive(Debug, thiserror::Error)]
enum DeriveError {
    #[error(
        "its feed {0:?} is no longer configured; configure it again to have the file converted"
    )]
    NoFeed(String),
    #[error(transparent)]
    Raw(#[from] RawError),
    #[error(transparent)]
    Intake(#[from] IntakeError),
}

fn derive_one(
    config: &AgentConfig,
    shared: &Shared,
    id: &IngestId,
    tag: &[u8],
) -> Result<u64, DeriveError> {
    let Some(ingest) = shared.stores.raw.ingest(id)? else {
        return Ok(0);
    };
    let feed = config
        .feed(&ingest.feed)
        .ok_or_else(|| DeriveError::NoFeed(ingest.feed.clone()))?;
    let memo = intake::take(&shared.stores, feed, ingest, tag)?;
    Ok(memo.documents)
}

async fn clear_away(shared: Shared, keep: Duration) {
    while !shared.stop.is_cancelled() {
        let clearing = shared.clone();
        let cleared = tokio::task::spawn_blocking(move || clear_once(&clearing, keep)).await;
        if let Ok(Err(error)) = cleared {
            tracing::error!(%error, "old data cannot be cleared away");
        }
        tokio::select! {
            () = shared.stop.cancelled() => {}
            () = tokio::time::sleep(CLEARING) => {}
        }
    }
}

/// Blocks go once every document was answered, raw copies once no lane has anything unanswered: both after `keep`.
fn clear_once(shared: &Shared, keep: Duration) -> Result<(), ClearError> {
    let spool = &shared.stores.spool;
    let cursor = |lane: &str| spool.mark(&forwarder::cursor_mark(lane)).unwrap_or(0);
    let pruned = spool.prune(&|lane, ordinal| ordinal <= cursor(lane), clock::now())?;
    if pruned.keys_given_up > 0 {
        let interchanges = pruned.keys_given_up;
        tracing::warn!(
            interchanges,
            "forgotten before their time, because there are too many: a second sending of them would be delivered"
        );
    }
    if spool
        .lanes()
        .iter()
        .any(|lane| cursor(lane) < spool.head(lane))
    {
        return Ok(());
    }
    for id in shared.stores.raw.ids()? {
        let committed = spool.claim(id.as_ref())?.is_some();
        if committed && shared.stores.raw.is_older(&id, keep, clock::now()) {
            shared.stores.raw.remove(&id)?;
        }
    }
    Ok(())
}

#[derive(Debug, thiserror::Error)]
enum ClearError {
    #[error(transparent)]
    Spool(#[from] spool::SpoolError),
    #[error(transparent)]
    Raw(#[from] RawError),
}
