//! Watches what was sent to partners: what is not acknowledged in time is in the status, and an alarm once.
//! Sends nothing again: that is a person's decision.

use std::collections::BTreeSet;
use std::time::Duration;

use edi::acknowledge::Sent;

use crate::clock;
use crate::status::Overdue;
use crate::stores::Shared;

/// How often is looked.
const LOOK: Duration = Duration::from_secs(30);

/// Runs until the agent stops.
pub(crate) async fn watch(shared: Shared) {
    let mut told = BTreeSet::new();
    while !shared.stop.is_cancelled() {
        let outstanding = shared.stores.outstanding.clone();
        let now = clock::unix_millis(clock::now()) / 1000;
        let looked = tokio::task::spawn_blocking(move || outstanding.overdue(now)).await;
        match looked {
            Ok(Ok(overdue)) => tell(&shared, &overdue, &mut told),
            Ok(Err(error)) => tracing::error!(%error, "it cannot be known what is overdue"),
            Err(error) => tracing::error!(%error, "looking for what is overdue failed"),
        }
        tokio::select! {
            () = shared.stop.cancelled() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

fn tell(shared: &Shared, overdue: &[Sent], told: &mut BTreeSet<String>) {
    told.retain(|key| overdue.iter().any(|sent| sent.key == *key));
    for sent in overdue {
        if told.insert(sent.key.clone()) {
            tracing::error!(
                key = sent.key,
                partner = sent.receiver,
                interchange = sent.interchange,
                "acknowledgement is overdue"
            );
        }
    }
    let shown = |sent: &Sent| Overdue {
        key: sent.key.clone(),
        partner: sent.receiver.clone(),
        interchange: sent.interchange.clone(),
        due: sent.due,
    };
    let overdue = overdue.iter().map(shown).collect();
    shared.health.update(|status| status.overdue = overdue);
}
