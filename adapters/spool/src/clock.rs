//! The only place of this crate that reads the time. Decisions (what is old enough to go) take the time as a value;
//! what is read here is only written down beside a commit or a segment.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since the Unix epoch, now.
#[expect(clippy::disallowed_methods, reason = "this is the clock")]
pub(crate) fn now_millis() -> u64 {
    millis(SystemTime::now())
}

/// `time` as milliseconds since the Unix epoch; 0 for anything before it.
pub(crate) fn millis(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| {
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    })
}
