//! The relay: takes blocks of documents from agents, stores them durably, and delivers them to commerce platforms.
//!
//! An agent's block comes in over HTTP/2 and mutual TLS 1.3 ([`config`] says on which address), is checked, freed of
//! what was received before, and committed to the [`spool`]; then the agent is answered. A dispatcher per lane and
//! destination delivers, in order for each business key, and remembers how far it is.
//!
//! Invariants: the certificate says who speaks, never a body; an answer is given only after the store is durable; a
//! document's content never reaches a log; everything that waits has a bound.

pub mod check;
mod clock;
pub mod config;
pub mod dead_letters;
mod dispatch;
mod identity;
mod ingest;
mod prune;
mod refusal;
mod relay;
mod routes;
mod server;
mod stats;
mod tag;
mod tls;
#[cfg(test)]
mod trials;

pub use dispatch::Destination;
pub use identity::{Identity, IdentityError};
pub use relay::{RelayError, Running, run, start};
pub use stats::Stats;
