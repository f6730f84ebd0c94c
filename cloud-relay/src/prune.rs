//! Deletes what every destination has had, when it is old enough. At start, then every hour.
//!
//! Invariant: a block goes only when every destination of its tenant has passed it; a lane without a destination is
//! kept until the retention is over, for the destination may come.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use spool::{Spool, SpoolError};
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::dispatch::{Cursor, Destination};

/// How often.
const PERIOD: Duration = Duration::from_hours(1);

/// Prunes until `stop`.
///
/// # Errors
/// When the store failed for good.
pub(crate) async fn keep_pruning(
    spool: Spool,
    destinations: Vec<Arc<Destination>>,
    stop: CancellationToken,
) -> Result<(), SpoolError> {
    loop {
        let (store, readers) = (spool.clone(), destinations.clone());
        let pruned = tokio::task::spawn_blocking(move || prune(&store, &readers)).await;
        match pruned.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic())) {
            Ok(()) => {}
            Err(error @ SpoolError::Failed { .. }) => return Err(error),
            Err(error) => tracing::warn!(%error, "store not pruned, tried again in an hour"),
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(PERIOD) => {}
        }
    }
}

fn prune(spool: &Spool, destinations: &[Arc<Destination>]) -> Result<(), SpoolError> {
    // What was settled when this began: a cursor that moves meanwhile counts the next time.
    let mut passed = BTreeMap::new();
    for lane in spool.lanes() {
        let tenant = lane.split('/').next().unwrap_or_default();
        let least = destinations
            .iter()
            .filter(|destination| destination.tenant() == tenant)
            .map(|destination| {
                Cursor::from_mark(spool.mark(&Cursor::name(destination.name(), &lane))).ordinal()
            })
            .min();
        passed.insert(lane, least.unwrap_or(u64::MAX));
    }
    let settled = |lane: &str, ordinal: u64| passed.get(lane).is_some_and(|least| ordinal < *least);
    let report = spool.prune(&settled, clock::now())?;
    if report.segments > 0 {
        tracing::info!(
            segments = report.segments,
            bytes = report.bytes,
            blocks = report.blocks,
            "store pruned"
        );
    }
    Ok(())
}
