//! The only place of the agent that reads the wall clock. Everything else is told the time.
//! Wall time is for people and for records; waiting and settling use the monotonic clock.

use std::time::SystemTime;

use canonical::date::DateTime;
use canonical::ingest::IngestId;

/// The wall clock now.
#[must_use]
#[allow(clippy::disallowed_methods, reason = "this is the clock")]
pub fn now() -> SystemTime {
    SystemTime::now()
}

/// `at` as RFC 3339 in UTC with milliseconds, as envelopes carry it.
#[must_use]
pub fn rfc3339(at: SystemTime) -> DateTime {
    let timestamp = jiff::Timestamp::try_from(at).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let text = format!("{timestamp:.3}");
    text.parse()
        .unwrap_or_else(|_| unreachable!("a formatted timestamp is a date-time: {text}"))
}

/// A new claim id: sorts by time, unique without coordination.
#[must_use]
pub fn new_ingest_id() -> IngestId {
    IngestId::from_parts(unix_millis(now()), fastrand::u128(..))
}

/// Milliseconds since 1970; 0 before.
#[must_use]
pub fn unix_millis(at: SystemTime) -> u64 {
    let since = at
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
