//! Brings answers to partners: looks which are kept, and puts those of committed claims into their feed's folder.
//! On a thread of its own, so that a folder that cannot be reached holds up nobody's files.
//! Invariant: an answer leaves only after the documents of its claim are durable.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use spool::SpoolError;

use crate::answers::AnswersError;
use crate::intake::Memo;
use crate::stores::Shared;

/// How long the courier rests when nobody calls: what could not be brought is tried again then.
const REST: Duration = Duration::from_secs(10);

/// Who brings answers.
pub(crate) struct Courier {
    pub(crate) shared: Shared,
    /// Where the answers of a feed go.
    pub(crate) folders: BTreeMap<String, PathBuf>,
}

/// Why the answers of a claim stay.
#[derive(Debug, thiserror::Error)]
enum CourierError {
    #[error(transparent)]
    Answers(#[from] AnswersError),
    #[error(transparent)]
    Spool(#[from] SpoolError),
    #[error("the feed {0:?} has no folder for acknowledgements any more; configure it again")]
    NoFolder(String),
    #[error("what is known of the claim cannot be understood: {0}")]
    Memo(#[from] serde_json::Error),
}

impl Courier {
    /// Runs until the agent stops.
    pub(crate) fn run(&self) {
        while !self.shared.stop.is_cancelled() {
            let (waiting, trouble) = match self.round() {
                Ok(left) => left,
                Err(error) => (0, Some(error.to_string())),
            };
            if let Some(trouble) = &trouble {
                tracing::error!(
                    error = trouble,
                    "answers to partners cannot be brought, trying again"
                );
            }
            self.shared.health.update(|status| {
                status.answers_waiting = waiting;
                status.answers_trouble = trouble;
            });
            self.shared.runtime.block_on(async {
                tokio::select! {
                    biased;
                    () = self.shared.stop.cancelled() => {}
                    () = self.shared.answers_due.notified() => {}
                    () = tokio::time::sleep(REST) => {}
                }
            });
        }
    }

    /// Brings what can be brought. Returns how many claims' answers stay, and why the first does.
    fn round(&self) -> Result<(u64, Option<String>), AnswersError> {
        let (mut waiting, mut trouble) = (0, None);
        for claim in self.shared.stores.answers.claims()? {
            if let Err(error) = self.bring(&claim) {
                waiting += 1;
                trouble.get_or_insert(error.to_string());
            }
        }
        Ok((waiting, trouble))
    }

    fn bring(&self, claim: &str) -> Result<(), CourierError> {
        let stores = &self.shared.stores;
        let Some(committed) = stores.spool.claim(claim)? else {
            return Ok(()); // its documents are not safe yet
        };
        let memo: Memo = serde_json::from_slice(&committed.memo)?;
        let feed = memo.ingest.feed;
        let folder = self.folders.get(&feed);
        let folder = folder.ok_or(CourierError::NoFolder(feed))?;
        stores.answers.bring(claim, folder)?;
        Ok(())
    }
}
