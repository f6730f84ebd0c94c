//! The one place of this crate that reads the time. A webhook's signature carries the second of the attempt.

use std::time::SystemTime;

/// The time now.
#[allow(
    clippy::disallowed_methods,
    reason = "this is the clock; everything else takes the time as a value"
)]
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}
