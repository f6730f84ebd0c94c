//! A destination as its dispatchers share it: how many requests may be under way, and whether it wants to be left alone.
//!
//! Invariant: while a destination is paused, no request to it is begun.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use canonical::entity::EntityKind;
use platforms::retry::RetryPolicy;
use platforms::{Event, Verdict, Webhook};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, sleep_until};

/// The right to send one request.
pub(crate) type Permit = OwnedSemaphorePermit;

/// Whether requests may be begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gate {
    Open,
    Until(Instant),
    /// The receiver retired the address: until a person restarts the relay.
    Shut,
}

/// One place that documents go to.
#[derive(Debug)]
pub struct Destination {
    name: String,
    tenant: String,
    accepts: Option<BTreeSet<EntityKind>>,
    webhook: Webhook,
    retry: RetryPolicy,
    permits: Arc<Semaphore>,
    gate: watch::Sender<Gate>,
    /// Whether the last request failed, so that the log says so once and not for each attempt.
    failing: watch::Sender<bool>,
}

impl Destination {
    /// A destination that takes `accepts` (all kinds for `None`) of `tenant`.
    pub(crate) fn new(
        name: String,
        tenant: String,
        accepts: Option<BTreeSet<EntityKind>>,
        webhook: Webhook,
        retry: RetryPolicy,
    ) -> Self {
        let permits = Arc::new(Semaphore::new(webhook.in_flight()));
        Self {
            name,
            tenant,
            accepts,
            webhook,
            retry,
            permits,
            gate: watch::Sender::new(Gate::Open),
            failing: watch::Sender::new(false),
        }
    }

    /// Its name in the configuration.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whose documents it takes.
    pub(crate) fn tenant(&self) -> &str {
        &self.tenant
    }

    /// Whether it takes documents of this kind.
    pub(crate) fn accepts(&self, kind: EntityKind) -> bool {
        self.accepts
            .as_ref()
            .is_none_or(|kinds| kinds.contains(&kind))
    }

    /// Documents in one request.
    pub(crate) fn batch(&self) -> usize {
        self.webhook.batch()
    }

    /// How it is tried again.
    pub(crate) fn retry(&self) -> &RetryPolicy {
        &self.retry
    }

    /// Whether the receiver can be reached at all; see [`Webhook::probe`].
    pub(crate) async fn probe(&self) -> Result<(), String> {
        self.webhook.probe().await
    }

    /// Waits for the right to send a request. Several waiters are served in turn.
    pub(crate) async fn admission(self: Arc<Self>) -> Option<Permit> {
        loop {
            self.opened().await;
            let permit = Arc::clone(&self.permits).acquire_owned().await.ok()?;
            if self.is_open() {
                return Some(permit);
            }
        }
    }

    /// Sends one request, and says in the log when the destination begins or ceases to fail.
    pub(crate) async fn send(&self, events: &[Event]) -> Verdict {
        let verdict = self.webhook.deliver(events).await;
        let (failed, status) = match &verdict {
            Verdict::Delivered | Verdict::Refused { .. } => (false, None),
            Verdict::Retry { status, .. } => (true, *status),
            Verdict::Unauthorised { status, .. } => (true, Some(*status)),
            Verdict::Gone { .. } => (true, Some(410)),
        };
        let changed = self
            .failing
            .send_if_modified(|failing| std::mem::replace(failing, failed) != failed);
        let destination = self.name.as_str();
        match verdict {
            Verdict::Unauthorised { status, .. } if changed => tracing::error!(
                destination,
                status,
                "destination refuses our signature or route: check its secret and url; documents wait"
            ),
            Verdict::Gone { .. } if changed => tracing::error!(
                destination,
                "destination answered 410 gone: documents wait; mend its url or remove it, then restart the relay"
            ),
            Verdict::Retry { .. } if changed => {
                tracing::warn!(
                    destination,
                    status,
                    "destination fails; documents wait and are tried again"
                );
            }
            Verdict::Delivered | Verdict::Refused { .. } if changed => {
                tracing::info!(destination, "destination answers again");
            }
            Verdict::Delivered
            | Verdict::Refused { .. }
            | Verdict::Retry { .. }
            | Verdict::Unauthorised { .. }
            | Verdict::Gone { .. } => {}
        }
        verdict
    }

    /// Begins no request for that long. A pause only ever grows.
    pub(crate) fn pause(&self, wait: Duration) {
        let until = Instant::now() + wait;
        self.gate.send_if_modified(|gate| match gate {
            Gate::Shut => false,
            Gate::Until(already) if *already >= until => false,
            Gate::Open | Gate::Until(_) => {
                *gate = Gate::Until(until);
                true
            }
        });
    }

    /// Begins no request any more.
    pub(crate) fn shut(&self) {
        self.gate.send_replace(Gate::Shut);
    }

    fn is_open(&self) -> bool {
        match *self.gate.borrow() {
            Gate::Open => true,
            Gate::Until(until) => until <= Instant::now(),
            Gate::Shut => false,
        }
    }

    async fn opened(&self) {
        let mut gate = self.gate.subscribe();
        loop {
            let now = *gate.borrow_and_update();
            match now {
                Gate::Open => return,
                Gate::Until(until) => {
                    tokio::select! {
                        () = sleep_until(until) => return,
                        // Longer, or for good.
                        _ = gate.changed() => {}
                    }
                }
                Gate::Shut => {
                    if gate.changed().await.is_err() {
                        return;
                    }
                }
            }
        }
    }
}
