//! The one place of this crate that reads the time of day: dead letters say when, pruning asks how old.

use std::time::SystemTime;

/// The time now.
#[allow(
    clippy::disallowed_methods,
    reason = "this is the clock; everything else takes the time as a value"
)]
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}

/// The time now, in milliseconds since the Unix epoch.
pub(crate) fn unix_milliseconds() -> u64 {
    let since = now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
