//! Time and memory of one piece of work: processor time where the system tells it (a busy machine slows the clock on the
//! wall, not the work), and the most that this process ever held.

use std::fs;
use std::hint::black_box;
use std::time::{Duration, Instant};

const RUNS: u32 = 5;
const RUN: Duration = Duration::from_millis(400);
/// A pass that takes so long is not repeated often.
const LONG: Duration = Duration::from_secs(3);

/// The best time of several runs of work that gives a number, which it may not change.
pub fn best(work: &dyn Fn() -> u64) -> (Duration, u64) {
    let mut best = Duration::MAX;
    let mut result = None;
    for run in 0..RUNS {
        let (began, busy, mut passes) = (Instant::now(), processor_time(), 0);
        while passes == 0 || began.elapsed() < RUN {
            let again = black_box(work());
            assert_eq!(
                *result.get_or_insert(again),
                again,
                "the same work gives the same result"
            );
            passes += 1;
        }
        let spent = match (busy, processor_time()) {
            (Some(before), Some(after)) => after.saturating_sub(before),
            _ => began.elapsed(),
        };
        best = best.min(spent / passes);
        if run > 0 && spent > LONG {
            break;
        }
    }
    (best, result.unwrap_or_default())
}

/// What this thread has cost so far, where the system keeps a schedstat.
fn processor_time() -> Option<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(text.split(' ').next()?.parse().ok()?))
}

/// The most kibibytes that this process held at once.
pub fn peak() -> Option<u64> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}
