//! Delivery: one dispatcher for each lane and each destination of the lane's tenant, begun when the lane appears.
//!
//! Never decides what is delivered when (the scheduler does) nor what an answer means (the platform does).
//! Invariant: when one dispatcher cannot go on, all stop, and the relay with them: it starts again where it was.

mod cursor;
mod delivery;
mod destination;
mod lane;
mod page;
mod parked;
mod recorder;
mod scheduler;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

pub(crate) use cursor::Cursor;
pub use destination::Destination;
pub(crate) use lane::{LaneError, Office};
pub(crate) use recorder::recorder;

/// New lanes are looked for this often at most.
const LOOK: Duration = Duration::from_millis(20);

/// Runs every dispatcher until the office stops.
///
/// # Errors
/// The first dispatcher's error, after the others came to their end.
pub(crate) async fn supervise(
    office: Office,
    destinations: Vec<Arc<Destination>>,
) -> Result<(), LaneError> {
    let mut wake = office.wake.clone();
    let mut known: HashSet<(usize, String)> = HashSet::new();
    let mut running: JoinSet<Result<(), LaneError>> = JoinSet::new();
    let mut result = Ok(());
    while result.is_ok() && !office.stop.is_cancelled() {
        for lane in office.spool.lanes() {
            let tenant = lane.split('/').next().unwrap_or_default();
            for (index, destination) in destinations.iter().enumerate() {
                if destination.tenant() == tenant && known.insert((index, lane.clone())) {
                    running.spawn(lane::dispatch(
                        office.clone(),
                        Arc::clone(destination),
                        lane.clone(),
                    ));
                }
            }
        }
        tokio::select! {
            () = office.stop.cancelled() => {}
            Some(ended) = running.join_next() => result = ended.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic())),
            changed = async { tokio::time::sleep(LOOK).await; wake.changed().await } => if changed.is_err() {
                break;
            },
        }
    }
    office.stop.cancel();
    while let Some(ended) = running.join_next().await {
        let ended = ended.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        result = result.and(ended);
    }
    result
}
