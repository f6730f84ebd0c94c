//! The relay as a whole, on loopback: real certificates made here, a real TLS client, a real receiver of webhooks, a
//! real store in a temporary folder. What the tests share is in `kit`, one file per subject beside it.

mod damage;
mod delivering;
mod kit;
mod storing;
mod strangers;
