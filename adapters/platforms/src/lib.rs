//! Where documents go: the platforms a relay delivers to, and the decisions about a delivery that are the same
//! for all of them.
//!
//! A platform takes a batch of [`Event`]s and comes back with one [`Verdict`]. It never retries, never waits and
//! never remembers: when to try again is [`retry::backoff`], a pure function that both ends of the link share, and who
//! tries again is the relay.
//!
//! Invariant: only a 2xx answer is a success. No redirect is ever followed.

mod clock;
#[cfg(test)]
mod loopback;
pub mod signature;
mod verdict;
mod webhook;

pub use canonical::retry;
pub use verdict::Verdict;
pub use webhook::{Webhook, WebhookConfig, WebhookError};

/// One document, ready to be delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The CloudEvents `id`: the same on every repeat of this document, so that a receiver can drop repeats.
    pub id: String,
    /// The partition key. Events of one key are given to a platform in order.
    pub key: String,
    /// The CloudEvents structured-mode JSON, UTF-8.
    pub body: Vec<u8>,
}
