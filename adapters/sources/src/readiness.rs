//! Judges which listed files are complete. Pure: a listing and a moment in, a verdict per file out.
//! First rule set: a name that is not temporary, whose size and modification time stood still over two looks that
//! were at least the settle time apart on our own monotonic clock. The clocks of the files are only ever compared
//! with themselves. Invariant: any change, and any file not seen before, means *waiting*.

use std::collections::HashMap;
use std::ffi::OsString;
use std::time::{Duration, Instant, SystemTime};

/// What one look at the folder saw of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// File name within the folder, as the system gave it.
    pub name: OsString,
    /// Size in bytes.
    pub size: u64,
    /// Modification time; none where the file system keeps none.
    pub modified: Option<SystemTime>,
}

/// A file that is not taken yet, and why, in words for `status`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// File name, lossily as text.
    pub name: String,
    /// When it was first seen, on our own clock.
    pub since: Instant,
    /// Why it is not ready.
    pub reason: String,
}

/// The outcome of one look.
#[derive(Debug, Default)]
pub struct Look {
    /// Complete files, oldest modification first so that versions of one export keep their order.
    pub ready: Vec<Seen>,
    /// Files to look at again.
    pub waiting: Vec<Waiting>,
}

/// Remembers the last looks at one folder.
#[derive(Debug)]
pub struct Readiness {
    settle: Duration,
    known: HashMap<OsString, Known>,
}

#[derive(Debug)]
struct Known {
    seen: Seen,
    first_seen: Instant,
    unchanged_since: Instant,
}

impl Readiness {
    /// `settle` is how long size and modification time must stand still.
    #[must_use]
    pub fn new(settle: Duration) -> Self {
        Self {
            settle,
            known: HashMap::new(),
        }
    }

    /// Judges a full listing taken at `now`. Files no longer listed are forgotten, so a name that comes back starts anew.
    pub fn judge(&mut self, listing: Vec<Seen>, now: Instant) -> Look {
        let mut look = Look::default();
        let mut next = HashMap::with_capacity(listing.len());
        for seen in listing {
            let before = self.known.remove(&seen.name);
            let first_seen = before.as_ref().map_or(now, |known| known.first_seen);
            let (unchanged_since, doubt) = match before {
                None => (now, Some("seen for the first time".to_owned())),
                Some(known) if known.seen != seen => (now, Some(change(&known.seen, &seen))),
                Some(known) => (
                    known.unchanged_since,
                    self.too_soon(now, known.unchanged_since),
                ),
            };
            match doubt {
                None => look.ready.push(seen.clone()),
                Some(reason) => {
                    let name = seen.name.to_string_lossy().into_owned();
                    look.waiting.push(Waiting {
                        name,
                        since: first_seen,
                        reason,
                    });
                }
            }
            next.insert(
                seen.name.clone(),
                Known {
                    seen,
                    first_seen,
                    unchanged_since,
                },
            );
        }
        self.known = next;
        look.ready.sort_by(|a, b| {
            a.modified
                .cmp(&b.modified)
                .then_with(|| a.name.cmp(&b.name))
        });
        look
    }

    fn too_soon(&self, now: Instant, unchanged_since: Instant) -> Option<String> {
        let still = now.saturating_duration_since(unchanged_since);
        (still < self.settle).then(|| {
            let (still, settle) = (still.as_secs_f32(), self.settle.as_secs_f32());
            format!("unchanged for {still:.1} s of {settle:.1} s")
        })
    }
}

fn change(before: &Seen, after: &Seen) -> String {
    if before.size == after.size {
        "its modification time changed since the last look".to_owned()
    } else {
        format!(
            "its size went from {} to {} bytes since the last look",
            before.size, after.size
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, size: u64, modified: u64) -> Seen {
        let modified = Some(SystemTime::UNIX_EPOCH + Duration::from_secs(modified));
        Seen {
            name: name.into(),
            size,
            modified,
        }
    }

    fn ready(look: &Look) -> Vec<String> {
        look.ready
            .iter()
            .map(|seen| seen.name.to_string_lossy().into_owned())
            .collect()
    }

    #[test]
    fn only_what_stood_still_over_two_looks_is_ready() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut readiness = Readiness::new(Duration::from_secs(2));
        // (moment, size, modified, ready?)
        for (moment, size, modified, want) in [
            (0, 10, 1, false), // first look
            (1, 10, 1, false), // unchanged, but not for long enough
            (2, 20, 1, false), // grew
            (3, 20, 1, false),
            (4, 20, 9, false), // touched
            (5, 20, 9, false),
            (6, 20, 9, true),
        ] {
            let look = readiness.judge(vec![file("a", size, modified)], at(moment));
            assert_eq!(!look.ready.is_empty(), want, "at {moment}");
            assert_eq!(
                look.waiting.is_empty(),
                want,
                "a file is ready or waiting, at {moment}"
            );
        }
    }

    #[test]
    fn a_first_look_is_never_enough() {
        let mut readiness = Readiness::new(Duration::ZERO);
        let now = Instant::now();
        assert!(readiness.judge(vec![file("a", 1, 1)], now).ready.is_empty());
        assert_eq!(
            ready(&readiness.judge(vec![file("a", 1, 1)], now + Duration::from_millis(1))),
            ["a"]
        );
    }

    #[test]
    fn a_name_that_comes_back_starts_anew() {
        let start = Instant::now();
        let mut readiness = Readiness::new(Duration::from_secs(1));
        readiness.judge(vec![file("a", 1, 1)], start);
        readiness.judge(vec![], start + Duration::from_secs(5));
        let look = readiness.judge(vec![file("a", 1, 1)], start + Duration::from_secs(9));
        assert!(look.ready.is_empty());
        assert_eq!(look.waiting[0].reason, "seen for the first time");
    }

    #[test]
    fn a_clock_in_the_future_or_the_past_changes_nothing() {
        let start = Instant::now();
        let mut readiness = Readiness::new(Duration::from_secs(1));
        let listing = || vec![file("old", 1, 0), file("future", 1, 4_000_000_000)];
        readiness.judge(listing(), start);
        assert_eq!(
            ready(&readiness.judge(listing(), start + Duration::from_secs(1))),
            ["old", "future"]
        );
    }
}
