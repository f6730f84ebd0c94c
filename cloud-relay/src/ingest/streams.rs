//! The order of each stream: the blocks of one lane of one agent's log, one after the other.
//!
//! Invariant: a block is appended only when the one before it was. What is appended and what is durable differ: a
//! repeat is answered only after [`Progress::appended`] is durable.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use canonical::ingest::IngestId;
use spool::{Spool, Ticket};
use tokio::sync::watch;

use super::duplicates::EarlierLogs;
use crate::identity::Identity;

/// How long a block waits for the one before it.
const PATIENCE: Duration = Duration::from_secs(5);
/// How far ahead a block may be and still wait. An agent has fewer under way.
const AHEAD: u64 = 64;
/// Streams of one agent. Each new log of an agent makes two.
pub(crate) const STREAMS_PER_AGENT: usize = 1_000;

/// One lane of one agent's log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct StreamName {
    pub(crate) who: Identity,
    pub(crate) epoch: String,
    pub(crate) lane: String,
}

impl StreamName {
    /// A name whose epoch and lane are what they must be: safe in a path, bounded.
    pub(crate) fn new(who: &Identity, epoch: &str, lane: &str) -> Option<Self> {
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let word = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'-'
        };
        let fits = epoch.len() == 16
            && epoch.bytes().all(hex)
            && (1..=32).contains(&lane.len())
            && lane.bytes().all(word);
        fits.then(|| Self {
            who: who.clone(),
            epoch: epoch.to_owned(),
            lane: lane.to_owned(),
        })
    }

    /// The mark with the ordinal of the last stored block.
    pub(crate) fn mark(&self) -> String {
        format!("{}{}/{}", Self::marks_of(&self.who), self.epoch, self.lane)
    }

    /// How the marks of an agent's streams begin.
    pub(crate) fn marks_of(who: &Identity) -> String {
        format!("stream/{}/{}/", who.tenant(), who.agent())
    }
}

/// What only the holder of the stream's lock changes.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// Of the newest appended block.
    pub(crate) appended: Option<Ticket>,
    /// What was sent earlier of the ingest that is coming in now, and whether it is being derived again.
    pub(crate) earlier: Option<((IngestId, bool), Arc<EarlierLogs>)>,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) name: StreamName,
    next: watch::Sender<u64>,
    progress: Mutex<Progress>,
}

impl Stream {
    /// The ordinal that is to come next.
    pub(crate) fn next(&self) -> u64 {
        *self.next.borrow()
    }

    /// The right to append. Hold it from looking at [`next`](Self::next) until after [`advance`](Self::advance).
    pub(crate) fn lock(&self) -> MutexGuard<'_, Progress> {
        // The progress is complete after each statement, so a panic elsewhere leaves nothing half done.
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that the next block was appended.
    pub(crate) fn advance(&self) {
        self.next.send_modify(|next| *next += 1);
    }

    /// Waits for the turn of `ordinal`, not for long; the ordinal that is missing instead.
    pub(crate) async fn turn(&self, ordinal: u64) -> Result<(), u64> {
        if ordinal > self.next().saturating_add(AHEAD) {
            return Err(self.next());
        }
        let mut next = self.next.subscribe();
        let turn = next.wait_for(|next| *next >= ordinal);
        match tokio::time::timeout(PATIENCE, turn).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(self.next()),
        }
    }
}

/// The streams that were spoken of since the relay was started.
#[derive(Debug, Default)]
pub(crate) struct Streams(Mutex<HashMap<StreamName, Arc<Stream>>>);

impl Streams {
    /// The stream, if it is known here or in the store.
    pub(crate) fn get(&self, spool: &Spool, name: &StreamName) -> Option<Arc<Stream>> {
        let mut streams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stream) = streams.get(name) {
            return Some(Arc::clone(stream));
        }
        let stored = spool.mark(&name.mark())?;
        let stream = Arc::new(Stream {
            name: name.clone(),
            next: watch::Sender::new(stored.saturating_add(1)),
            progress: Mutex::default(),
        });
        streams.insert(name.clone(), Arc::clone(&stream));
        Some(stream)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let der = rcgen_identity();
        for (epoch, lane, good) in [
            ("00c0ffee00c0ffee", "state", true),
            ("00c0ffee00c0ffee", "price_lists-2", true),
            ("00C0FFEE00C0FFEE", "state", false),
            ("00c0ffee00c0ffe", "state", false),
            ("00c0ffee00c0ffeg", "state", false),
            ("00c0ffee00c0ffee", "", false),
            ("00c0ffee00c0ffee", "../state", false),
            ("00c0ffee00c0ffee", "State", false),
            (
                "00c0ffee00c0ffee",
                "abcdefghijklmnopqrstuvwxyz0123456",
                false,
            ),
        ] {
            assert_eq!(
                StreamName::new(&der, epoch, lane).is_some(),
                good,
                "{epoch} {lane}"
            );
        }
        let name = StreamName::new(&der, "00c0ffee00c0ffee", "state").unwrap();
        assert_eq!(name.mark(), "stream/acme/a1/00c0ffee00c0ffee/state");
    }

    fn rcgen_identity() -> Identity {
        let mut params = rcgen::CertificateParams::default();
        let uri = rcgen::string::Ia5String::try_from("lb://acme/a1").unwrap();
        params.subject_alt_names.push(rcgen::SanType::URI(uri));
        let key = rcgen::KeyPair::generate().unwrap();
        Identity::from_certificate(params.self_signed(&key).unwrap().der()).unwrap()
    }
}
