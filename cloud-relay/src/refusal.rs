//! A request that is not taken: the status, and what its body says. Codes are stable; messages are for a person.

use std::fmt;

use canonical::link::Refusal;
use http::StatusCode;

/// Seconds an agent is asked to wait when the relay is short of something.
const WAIT_SECONDS: u32 = 5;

/// A status with its [`Refusal`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) status: StatusCode,
    pub(crate) retry_after_seconds: Option<u32>,
    pub(crate) body: Refusal,
}

impl Refused {
    /// The agent's fault: the same request will be refused again.
    pub(crate) fn bad(code: &str, message: impl fmt::Display) -> Self {
        Self::with(StatusCode::BAD_REQUEST, code, message)
    }

    /// Any status.
    pub(crate) fn with(status: StatusCode, code: &str, message: impl fmt::Display) -> Self {
        Self {
            status,
            retry_after_seconds: None,
            body: Refusal::new(code, message.to_string()),
        }
    }

    /// Not now.
    pub(crate) fn later(code: &str, message: impl fmt::Display) -> Self {
        Self {
            retry_after_seconds: Some(WAIT_SECONDS),
            ..Self::with(StatusCode::SERVICE_UNAVAILABLE, code, message)
        }
    }

    /// What to do about it.
    pub(crate) fn hint(mut self, hint: &str) -> Self {
        self.body.hint = Some(hint.to_owned());
        self
    }
}
