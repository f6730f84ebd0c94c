//! Deliberate bugs and crash points, so that tests can prove they would notice.
//!
//! Built only with the feature `sabotage`; without it [`on`] is a constant `false` and [`crash_point`] nothing, and
//! both are inlined away. `LB_SABOTAGE` is a comma list of bugs to switch on. `LB_CRASH_AT=name` aborts the process at
//! that crash point, `LB_CRASH_AT=name:3` the third time it is reached.

/// Whether the deliberate bug `name` is switched on.
#[cfg(feature = "sabotage")]
#[must_use]
pub fn on(name: &str) -> bool {
    static LIST: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();
    LIST.get_or_init(|| {
        let list = std::env::var("LB_SABOTAGE").unwrap_or_default();
        list.split(',').map(|word| word.trim().to_owned()).collect()
    })
    .iter()
    .any(|word| word == name)
}

/// Whether the deliberate bug `name` is switched on: never, in this build.
#[cfg(not(feature = "sabotage"))]
#[inline(always)]
#[must_use]
pub const fn on(_name: &str) -> bool {
    false
}

/// Aborts the process here if `LB_CRASH_AT` says so.
#[cfg(feature = "sabotage")]
pub fn crash_point(name: &str) {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};
    static AT: OnceLock<Option<(String, u64)>> = OnceLock::new();
    static REACHED: AtomicU64 = AtomicU64::new(0);
    let at = AT.get_or_init(|| {
        let at = std::env::var("LB_CRASH_AT").ok()?;
        match at.rsplit_once(':') {
            Some((point, times)) => Some((point.to_owned(), times.parse().ok()?)),
            None => Some((at, 1)),
        }
    });
    if let Some((point, times)) = at
        && point == name
        && REACHED.fetch_add(1, Ordering::SeqCst) + 1 == *times
    {
        std::process::abort();
    }
}

/// Aborts the process here if `LB_CRASH_AT` says so: never, in this build.
#[cfg(not(feature = "sabotage"))]
#[inline(always)]
pub const fn crash_point(_name: &str) {}
