//! The relay as a whole: opens the store, starts its parts, stops them in order.
//!
//! Invariant: whatever the store looks like, the relay starts. It stops in one order: no new connection, requests under
//! way are answered, deliveries under way end, progress is recorded, the store is closed. A store that fails for good
//! ends the relay, since nobody can tell any more what is on disk; it starts again where it was.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use spool::{OpenError, OpenReport, Opened, Spool, SpoolError};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinError, JoinHandle};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::config::RelayConfig;
use crate::dispatch::{self, LaneError, Office};
use crate::ingest::Intake;
use crate::routes::Desk;
use crate::stats::{Counters, Stats};
use crate::{prune, server};

/// Why the relay did not start, or ended before it was told to.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The store cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address in the configuration.
        address: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
    /// The store failed for good.
    #[error("{reason}")]
    Store {
        /// The store's own words.
        reason: String,
    },
}

impl From<SpoolError> for RelayError {
    fn from(error: SpoolError) -> Self {
        Self::Store {
            reason: error.to_string(),
        }
    }
}

impl From<LaneError> for RelayError {
    fn from(error: LaneError) -> Self {
        Self::Store {
            reason: error.to_string(),
        }
    }
}

/// A relay that was started.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    counters: Arc<Counters>,
    stop: CancellationToken,
    task: JoinHandle<Result<(), RelayError>>,
}

impl Running {
    /// Where it listens: with port 0 in the configuration, the port that was given.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// What it did so far.
    pub fn stats(&self) -> Stats {
        self.counters.read()
    }

    /// Stops it in order and waits until it has. A failure on the way is in the log.
    pub async fn stop(self) {
        self.stop.cancel();
        if let Err(error) = self.ended().await {
            tracing::error!(%error, "relay ended with an error");
        }
    }

    /// Waits until it ends, because the token it was started with was cancelled or because it cannot go on.
    ///
    /// # Errors
    /// Why it could not go on.
    pub async fn ended(self) -> Result<(), RelayError> {
        unwound(self.task.await)
    }
}

/// Starts a relay and returns when it listens. It runs until [`Running::stop`].
///
/// # Errors
/// When the store is in use or its folder cannot be, or the address is taken.
pub async fn start(config: RelayConfig) -> Result<Running, RelayError> {
    start_until(config, CancellationToken::new()).await
}

/// Runs a relay until `stop` is cancelled, and stops it in order.
///
/// # Errors
/// Why it did not start, or could not go on.
pub async fn run(config: RelayConfig, stop: CancellationToken) -> Result<(), RelayError> {
    start_until(config, stop).await?.ended().await
}

async fn start_until(config: RelayConfig, stop: CancellationToken) -> Result<Running, RelayError> {
    // First the address: a second relay by mistake then leaves the store alone.
    let listener = TcpListener::bind(config.listen).await;
    let listen_error = |source| RelayError::Listen {
        address: config.listen,
        source,
    };
    let listener = listener.map_err(listen_error)?;
    let address = listener.local_addr().map_err(listen_error)?;
    let (folder, options) = (config.data.clone(), config.spool.clone());
    let opened = tokio::task::spawn_blocking(move || Spool::open(&folder, &options)).await;
    let Opened { spool, report } = unwound(opened)?;
    log_opening(&report);
    let counters = Arc::new(Counters::default());
    let parts = Parts {
        listener,
        spool,
        counters: Arc::clone(&counters),
        stop: stop.clone(),
    };
    tracing::info!(%address, destinations = config.destinations.len(), "relay listens");
    Ok(Running {
        address,
        counters,
        stop,
        task: tokio::spawn(parts.run(config)),
    })
}

/// What the opening found. Damage is an error, for a person must act.
fn log_opening(report: &OpenReport) {
    tracing::info!(%report, "store opened");
    for damage in &report.damaged {
        let claims = damage.claims.join(" ");
        tracing::error!(
            segment = damage.segment,
            offset = damage.offset,
            bytes = damage.bytes,
            claims,
            "part of the store cannot be read: ask each agent named (tenant/agent/ingest) to derive it again: queue replay"
        );
    }
}

struct Parts {
    listener: TcpListener,
    spool: Spool,
    counters: Arc<Counters>,
    stop: CancellationToken,
}

impl Parts {
    async fn run(self, config: RelayConfig) -> Result<(), RelayError> {
        let Self {
            listener,
            spool,
            counters,
            stop,
        } = self;
        let (wake, woken) = watch::channel(());
        spool.on_commit(Box::new(move || {
            wake.send_replace(());
        }));
        let intake = Arc::new(Intake::new(spool.clone(), Arc::clone(&counters)));
        let mut failed = intake.failed();
        let (notes, recorder) = dispatch::recorder(spool.clone());
        let mut recorder = tokio::spawn(recorder);
        let deliver = CancellationToken::new();
        let office = Office {
            spool: spool.clone(),
            notes,
            counters,
            wake: woken,
            stop: deliver.clone(),
        };
        let mut dispatchers =
            tokio::spawn(dispatch::supervise(office, config.destinations.clone()));
        let mut pruning = tokio::spawn(prune::keep_pruning(
            spool.clone(),
            config.destinations,
            deliver.clone(),
        ));
        let accept = stop.child_token();
        let desk = Arc::new(Desk::new(intake));
        let server = tokio::spawn(server::serve(
            listener,
            TlsAcceptor::from(config.tls),
            desk,
            accept.clone(),
        ));

        // What ended first, and with what; a task that was waited for must not be waited for again.
        let (seen, mut result) = tokio::select! {
            () = stop.cancelled() => (Part::None, Ok(())),
            ended = &mut dispatchers => (Part::Dispatchers, unwound(ended).map_err(RelayError::from)),
            ended = &mut recorder => (Part::Recorder, unwound(ended).map_err(RelayError::from)),
            ended = &mut pruning => (Part::Pruning, unwound(ended).map_err(RelayError::from)),
            reason = failure(&mut failed) => (Part::None, Err(RelayError::Store { reason })),
        };
        accept.cancel();
        unwound(server.await);
        deliver.cancel();
        if seen != Part::Dispatchers {
            result = result.and(unwound(dispatchers.await).map_err(RelayError::from));
        }
        if seen != Part::Pruning {
            result = result.and(unwound(pruning.await).map_err(RelayError::from));
        }
        if seen != Part::Recorder {
            result = result.and(unwound(recorder.await).map_err(RelayError::from));
        }
        let closed = tokio::task::spawn_blocking(move || spool.close()).await;
        unwound(closed);
        tracing::info!("relay stopped");
        result
    }
}

/// A part of the relay that runs on its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    None,
    Dispatchers,
    Recorder,
    Pruning,
}

/// Why the store failed, when it does.
async fn failure(failed: &mut watch::Receiver<Option<String>>) -> String {
    let reason = failed
        .wait_for(Option::is_some)
        .await
        .ok()
        .and_then(|reason| reason.clone());
    match reason {
        Some(reason) => reason,
        None => std::future::pending().await,
    }
}

/// A task's result. Its panic is ours: nothing here is cancelled.
fn unwound<T>(joined: Result<T, JoinError>) -> T {
    joined.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}
