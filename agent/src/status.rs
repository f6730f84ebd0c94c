//! What the agent can say about itself: per feed what waits and why, and how far the relay has answered.
//! Holds no document content. Cheap to update, read by the command line and the demo.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Instant;

/// A file that is seen and not taken yet.
#[derive(Clone, Debug)]
pub struct WaitingFile {
    /// Its name.
    pub name: String,
    /// Why it waits.
    pub reason: String,
    /// When it was first seen.
    pub since: Instant,
}

/// One feed's state.
#[derive(Clone, Debug, Default)]
pub struct FeedStatus {
    /// Files seen and not taken, with the reason.
    pub waiting: Vec<WaitingFile>,
    /// Files queued whole since the start.
    pub archived: u64,
    /// Files set aside since the start.
    pub quarantined: u64,
    /// Documents queued since the start.
    pub documents: u64,
    /// Answers to partners since the start.
    pub answers: u64,
    /// What keeps the feed from working, in words; none when all is well.
    pub trouble: Option<String>,
}

/// Something that was sent and that the partner has not acknowledged in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overdue {
    /// What it is known by.
    pub key: String,
    /// The partner's id, as the envelope has it.
    pub partner: String,
    /// Control number of its interchange.
    pub interchange: String,
    /// When it was due, in seconds since 1970.
    pub due: u64,
}

/// The agent's state at one moment.
#[derive(Clone, Debug, Default)]
pub struct Status {
    /// By feed name.
    pub feeds: BTreeMap<String, FeedStatus>,
    /// Blocks queued and not answered yet, over all lanes.
    pub unsent_blocks: u64,
    /// Documents the relay accepted or knew since the start.
    pub answered: u64,
    /// Documents the relay refused since the start.
    pub rejected: u64,
    /// What partners have not acknowledged in time, oldest first.
    pub overdue: Vec<Overdue>,
    /// Claims whose answers to partners were not brought yet.
    pub answers_waiting: u64,
    /// Why they were not, in words; none when all is well.
    pub answers_trouble: Option<String>,
    /// Why the relay is not reached, in words; none when it is.
    pub relay_trouble: Option<String>,
}

/// The shared state behind [`Status`].
#[derive(Debug, Default)]
pub(crate) struct Health(Mutex<Status>);

impl Health {
    /// Changes the state of one feed.
    pub(crate) fn feed(&self, name: &str, change: impl FnOnce(&mut FeedStatus)) {
        self.update(|status| change(status.feeds.entry(name.to_owned()).or_default()));
    }

    /// Changes the state.
    pub(crate) fn update(&self, change: impl FnOnce(&mut Status)) {
        let mut status = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        change(&mut status);
    }

    /// A copy of the state.
    pub(crate) fn get(&self) -> Status {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }
}
