//! One delivery: sends a job's events until the receiver takes or refuses them. The wait between attempts is
//! [`platforms::retry::backoff`]; a receiver that asks for time is given it by every delivery.
//!
//! Invariant: only waiting is cancelled. A request that was begun is seen through to its verdict.

use std::sync::Arc;
use std::time::Duration;

use platforms::retry::backoff;
use platforms::{Event, Verdict};
use tokio_util::sync::CancellationToken;

use super::destination::{Destination, Permit};
use crate::stats::Counters;

/// How a delivery ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The receiver has all of it.
    Delivered,
    /// The receiver will not have it.
    Refused {
        /// Attempts, the last one among them.
        attempts: u32,
        /// The HTTP status.
        status: u16,
        /// What the receiver said. May hold content: for the dead letter, never for a log.
        reason: String,
    },
    /// The relay is stopping; the documents stay where they are.
    Stopped,
}

/// Sends `events` until there is an outcome. `permit` is the right to the first attempt.
pub(crate) async fn deliver(
    destination: Arc<Destination>,
    events: Vec<Event>,
    permit: Permit,
    counters: Arc<Counters>,
    stop: CancellationToken,
) -> Outcome {
    let mut permit = Some(permit);
    let mut attempts: u32 = 0;
    loop {
        counters.requests.add(1);
        let verdict = destination.send(&events).await;
        drop(permit.take());
        attempts = attempts.saturating_add(1);
        let wait = match verdict {
            Verdict::Delivered => return Outcome::Delivered,
            Verdict::Refused { status, reason } => {
                return Outcome::Refused {
                    attempts,
                    status,
                    reason,
                };
            }
            Verdict::Retry { after, .. } => {
                if let Some(after) = after {
                    destination.pause(after);
                }
                backoff(attempts, after, destination.retry(), fastrand::f64())
            }
            Verdict::Unauthorised { .. } => {
                destination.pause(Duration::from_millis(
                    destination.retry().longest_milliseconds,
                ));
                Duration::ZERO
            }
            Verdict::Gone { .. } => {
                destination.shut();
                Duration::ZERO
            }
        };
        counters.retries.add(1);
        let next = async {
            tokio::time::sleep(wait).await;
            Arc::clone(&destination).admission().await
        };
        permit = tokio::select! {
            biased;
            () = stop.cancelled() => return Outcome::Stopped,
            permit = next => permit,
        };
        if permit.is_none() {
            return Outcome::Stopped;
        }
    }
}
