//! When a delivery that failed is tried again. Pure: the caller brings the randomness and does the waiting.
//!
//! Invariant: a wait is never shorter than the receiver asked for, and without such a wish never longer than the
//! policy's longest.

use std::time::Duration;

use serde::Deserialize;

/// How long to wait between the attempts of one delivery, as an operator writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RetryPolicy {
    /// The upper end of the first wait, in milliseconds. It doubles with every further attempt.
    pub first_milliseconds: u64,
    /// No wait is longer than this, in milliseconds, unless the receiver asks for it.
    pub longest_milliseconds: u64,
}

/// One second at first, five minutes at most.
impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            first_milliseconds: 1_000,
            longest_milliseconds: 300_000,
        }
    }
}

/// How long to wait before the next attempt: full jitter, that is any time between nothing and an upper end that
/// doubles with each failed attempt.
///
/// `attempt` counts the failed attempts from 1. `random` is a number in `0.0..1.0`; anything else is pulled into that
/// range. With `retry_after` the wait is that long, plus up to `first_milliseconds` so that not everyone comes back
/// in the same instant.
pub fn backoff(
    attempt: u32,
    retry_after: Option<Duration>,
    policy: &RetryPolicy,
    random: f64,
) -> Duration {
    let random = if random.is_finite() {
        random.clamp(0.0, 1.0)
    } else {
        1.0
    };
    if let Some(asked) = retry_after {
        return asked.saturating_add(share(policy.first_milliseconds, random));
    }
    let doublings = attempt.saturating_sub(1).min(63);
    let upper = policy
        .first_milliseconds
        .saturating_mul(1_u64 << doublings)
        .min(policy.longest_milliseconds);
    share(upper, random)
}

/// `random` of `milliseconds`, at most a day: no policy sensibly asks for more, and f64 holds it exactly.
fn share(milliseconds: u64, random: f64) -> Duration {
    const DAY: u64 = 86_400_000;
    Duration::from_millis(milliseconds.min(DAY)).mul_f64(random)
}

#[cfg(test)]
mod tests {
    use super::{RetryPolicy, backoff};
    use proptest::prelude::{prop_assert, proptest};
    use std::time::Duration;

    #[test]
    fn waits() {
        let policy = RetryPolicy::default();
        for (attempt, asked, random, want_milliseconds) in [
            (1, None, 1.0, 1_000),
            (1, None, 0.5, 500),
            (1, None, 0.0, 0),
            (2, None, 1.0, 2_000),
            (3, None, 1.0, 4_000),
            (9, None, 1.0, 256_000),
            (10, None, 1.0, 300_000),
            (64, None, 1.0, 300_000),
            (u32::MAX, None, 0.5, 150_000),
            (0, None, 1.0, 1_000),
            (1, Some(10_000), 0.0, 10_000),
            (1, Some(10_000), 0.5, 10_500),
            (9, Some(10_000), 0.5, 10_500),
            (9, Some(3_600_000), 0.0, 3_600_000),
            (1, Some(0), 0.0, 0),
            (1, None, f64::NAN, 1_000),
            (1, None, -3.0, 0),
            (1, None, 7.0, 1_000),
        ] {
            assert_eq!(
                backoff(attempt, asked.map(Duration::from_millis), &policy, random),
                Duration::from_millis(want_milliseconds),
                "attempt {attempt}, asked {asked:?}, random {random}"
            );
        }
    }

    #[test]
    fn a_policy_in_milliseconds_is_for_tests() {
        let policy: RetryPolicy =
            serde_json::from_str(r#"{"first_milliseconds": 5, "longest_milliseconds": 20}"#)
                .unwrap();
        let waits: Vec<u64> = (1..=4)
            .map(|attempt| {
                backoff(attempt, None, &policy, 1.0)
                    .as_millis()
                    .try_into()
                    .unwrap()
            })
            .collect();
        assert_eq!(waits, [5, 10, 20, 20]);
    }

    proptest! {
        #[test]
        fn any_policy_any_attempt(attempt: u32, first: u64, longest: u64, random in 0.0..1.0_f64, asked: Option<u32>) {
            let policy = RetryPolicy { first_milliseconds: first, longest_milliseconds: longest };
            let asked = asked.map(|seconds| Duration::from_secs(seconds.into()));
            let wait = backoff(attempt, asked, &policy, random);
            match asked {
                Some(asked) => prop_assert!(wait >= asked),
                None => prop_assert!(wait <= Duration::from_millis(longest)),
            }
        }
    }
}
