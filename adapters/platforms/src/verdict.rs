//! What a platform's answer means for the documents that were sent. Pure: a status and headers in, a verdict out.
//!
//! Invariant: only 2xx is a delivery; an answer that says nothing about the document itself never condemns it.

use std::time::{Duration, SystemTime};

/// The longest wait a receiver may ask for with `Retry-After`. A longer one is a mistake, and would stall a
/// destination without anyone having decided so.
pub(crate) const LONGEST_RETRY_AFTER: Duration = Duration::from_hours(24);

/// What became of one delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The receiver has it (any 2xx).
    Delivered,
    /// Nothing is wrong with the documents: try again later.
    Retry {
        /// How long the receiver asked everyone to wait (`Retry-After`), at most a day. It concerns the whole
        /// destination, not this delivery alone.
        after: Option<Duration>,
        /// The HTTP status, if there was an answer.
        status: Option<u16>,
        /// What happened, for an operator. May hold what the receiver answered, so it is never logged.
        reason: String,
    },
    /// The receiver looked at the documents and will not have them. Sending them again changes nothing.
    /// For a batch this says only that at least one of them is refused.
    Refused {
        /// The HTTP status: a 3xx, or a 4xx that no other verdict covers.
        status: u16,
        /// What the receiver answered, at most 4 KiB. May hold content, so it is never logged.
        reason: String,
    },
    /// 401 or 403: the secret or the route is wrong, not the document. Retried slowly, and a person is told.
    Unauthorised {
        /// 401 or 403.
        status: u16,
        /// What the receiver answered, at most 4 KiB. May hold content, so it is never logged.
        reason: String,
    },
    /// 410: the receiver has retired this address. The destination is paused until a person acts.
    Gone {
        /// What the receiver answered, at most 4 KiB. May hold content, so it is never logged.
        reason: String,
    },
}

/// The verdict for an HTTP answer (Standard Webhooks 1.0.0 and the CloudEvents webhook specification).
///
/// `retry_after` is that header's value, `reason` what the body said, `now` the time of the answer.
pub(crate) fn classify(
    status: u16,
    retry_after: Option<&str>,
    reason: String,
    now: SystemTime,
) -> Verdict {
    match status {
        200..=299 => Verdict::Delivered,
        401 | 403 => Verdict::Unauthorised { status, reason },
        410 => Verdict::Gone { reason },
        // 1xx never ends an exchange; an answer below 200 is a broken receiver, which may be mended.
        0..=199 | 408 | 425 | 429 | 500.. => Verdict::Retry {
            after: retry_after.and_then(|value| parse_retry_after(value, now)),
            status: Some(status),
            reason,
        },
        300..=499 => Verdict::Refused { status, reason },
    }
}

/// How long `Retry-After` asks to wait: whole seconds or an HTTP-date (RFC 9110 §10.2.3), at most a day.
/// A date in the past is no wait at all. `None` for anything else.
fn parse_retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    let wait = if value.bytes().all(|byte| byte.is_ascii_digit()) && !value.is_empty() {
        // More digits than a u64 holds is still "very long".
        Duration::from_secs(value.parse().unwrap_or(u64::MAX))
    } else {
        let date = httpdate::parse_http_date(value).ok()?;
        date.duration_since(now).unwrap_or(Duration::ZERO)
    };
    Some(wait.min(LONGEST_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1994-11-06 08:49:30 UTC, seven seconds before the RFC's own example date.
    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_770)
    }

    #[test]
    fn statuses() {
        for (statuses, want) in [
            (&[200, 202, 204, 299][..], "delivered"),
            (&[101, 408, 425, 429, 500, 502, 503, 504, 999], "retry"),
            (&[301, 302, 307, 308], "refused"),
            (&[400, 404, 409, 411, 413, 415, 422, 451, 499], "refused"),
            (&[401, 403], "unauthorised"),
            (&[410], "gone"),
        ] {
            for &status in statuses {
                let got = match classify(status, None, "why".to_owned(), now()) {
                    Verdict::Delivered => "delivered",
                    Verdict::Retry {
                        after: None,
                        status: Some(same),
                        ..
                    } if same == status => "retry",
                    Verdict::Refused {
                        status: same,
                        reason,
                    } if same == status && reason == "why" => "refused",
                    Verdict::Unauthorised { status: same, .. } if same == status => "unauthorised",
                    Verdict::Gone { .. } => "gone",
                    other @ (Verdict::Retry { .. }
                    | Verdict::Refused { .. }
                    | Verdict::Unauthorised { .. }) => panic!("status {status} gave {other:?}"),
                };
                assert_eq!(got, want, "status {status}");
            }
        }
    }

    #[test]
    fn retry_after() {
        let seconds = |n| Some(Duration::from_secs(n));
        for (value, want) in [
            ("0", seconds(0)),
            ("120", seconds(120)),
            (" 7 ", seconds(7)),
            ("86400", seconds(86_400)),
            ("86401", seconds(86_400)),
            ("99999999999999999999999999", seconds(86_400)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", seconds(7)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", seconds(7)),
            ("Sun Nov  6 08:49:37 1994", seconds(7)),
            ("Sun, 06 Nov 1994 08:49:00 GMT", seconds(0)),
            ("Thu, 31 Dec 2099 23:59:59 GMT", seconds(86_400)),
            ("-5", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(
                parse_retry_after(value, now()),
                want,
                "Retry-After {value:?}"
            );
        }
    }

    #[test]
    fn retry_after_counts_for_any_answer_that_may_be_retried() {
        for status in [408, 425, 429, 500, 503] {
            let Verdict::Retry { after, .. } = classify(status, Some("3"), String::new(), now())
            else {
                panic!("{status} is retried");
            };
            assert_eq!(after, Some(Duration::from_secs(3)), "status {status}");
        }
    }
}
