//! What the parts of an agent have in common: the stores in its data folder, its health, and when it stops.
//! Does nothing by itself.

use std::path::Path;
use std::sync::Arc;

use spool::Spool;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::answers::{Answers, AnswersError};
use crate::arrivals::Arrivals;
use crate::numbers::{Numbers, NumbersError};
use crate::outstanding::{Outstanding, OutstandingError};
use crate::raw_store::{RawError, RawStore};
use crate::status::Health;

/// The stores in the agent's data folder.
#[derive(Clone)]
pub(crate) struct Stores {
    /// The queue.
    pub(crate) spool: Spool,
    /// What was received, byte for byte.
    pub(crate) raw: Arc<RawStore>,
    /// Our control numbers towards partners.
    pub(crate) numbers: Arc<Numbers>,
    /// Answers that partners are to get.
    pub(crate) answers: Arc<Answers>,
    /// What was sent to partners and is to be acknowledged.
    pub(crate) outstanding: Arc<Outstanding>,
    /// Interchanges that are being read.
    pub(crate) arrivals: Arc<Arrivals>,
}

/// Why a store in the agent's data folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct StoreError(#[from] Unusable);

#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error(transparent)]
    Raw(#[from] RawError),
    #[error(transparent)]
    Numbers(#[from] NumbersError),
    #[error(transparent)]
    Answers(#[from] AnswersError),
    #[error(transparent)]
    Outstanding(#[from] OutstandingError),
}

/// How the queue calls what it knows of a counter.
const MARK: &str = "number/";
/// Counters that the queue knows as well: more, and a partner's counter stands in its journal alone.
const COUNTERS: usize = 10_000;

impl Stores {
    /// Opens what lies beside the queue. Counters go on where the queue or their own journal says, whichever is further.
    pub(crate) fn open(data: &Path, spool: Spool) -> Result<Self, StoreError> {
        let stores = Self {
            raw: Arc::new(RawStore::open(data).map_err(Unusable::from)?),
            numbers: Arc::new(Numbers::open(data).map_err(Unusable::from)?),
            answers: Arc::new(Answers::open(data).map_err(Unusable::from)?),
            outstanding: Arc::new(Outstanding::open(data).map_err(Unusable::from)?),
            arrivals: Arc::default(),
            spool,
        };
        for (name, mark) in stores.spool.marks(MARK) {
            let counter = name.trim_start_matches(MARK);
            let raised = stores.numbers.raise(counter, mark);
            raised.map_err(Unusable::from)?;
        }
        Ok(stores)
    }

    /// How far counters are, to be committed with what they gave their numbers to.
    pub(crate) fn counted<'c>(
        &self,
        counters: impl IntoIterator<Item = &'c String>,
    ) -> Vec<(String, u64)> {
        let mut known = self.spool.marks(MARK).len();
        let mut marks = Vec::new();
        for counter in counters {
            let name = format!("{MARK}{}", crate::numbers::plain(counter));
            let is_new = self.spool.mark(&name).is_none();
            known += usize::from(is_new);
            if !is_new || known <= COUNTERS {
                marks.push((name, self.numbers.mark(counter)));
            }
        }
        marks
    }
}

/// What every part needs from the agent.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) stores: Stores,
    pub(crate) health: Arc<Health>,
    /// Told when answers may leave.
    pub(crate) answers_due: Arc<Notify>,
    pub(crate) stop: CancellationToken,
    pub(crate) runtime: Handle,
}
