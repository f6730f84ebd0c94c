//! Group commit: whoever waits first syncs for everyone who waits by then.
//!
//! Invariant: `durable` only ever covers what a successful sync covered. The first failure is final; every later wait
//! for something not yet durable gets it, since after a failed sync nobody can know what is on disk.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::error::SpoolError;

/// The log's durable end and who is moving it.
#[derive(Default)]
pub(crate) struct Group {
    inner: Mutex<Inner>,
    turned: Condvar,
}

#[derive(Default)]
struct Inner {
    durable: u64,
    leading: bool,
    failed: Option<String>,
    syncs: u64,
}

impl Group {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An error once the spool has failed.
    pub(crate) fn check(&self) -> Result<(), SpoolError> {
        match &self.lock().failed {
            Some(reason) => Err(SpoolError::Failed {
                reason: reason.clone(),
            }),
            None => Ok(()),
        }
    }

    /// Stops the spool for good.
    pub(crate) fn fail(&self, reason: String) -> SpoolError {
        let mut inner = self.lock();
        let reason = inner.failed.get_or_insert(reason).clone();
        drop(inner);
        self.turned.notify_all();
        SpoolError::Failed { reason }
    }

    /// Records a sync that covered everything up to `position`.
    pub(crate) fn advance(&self, position: u64) {
        let mut inner = self.lock();
        inner.durable = inner.durable.max(position);
        inner.syncs += 1;
        drop(inner);
        self.turned.notify_all();
    }

    /// Syncs so far.
    pub(crate) fn syncs(&self) -> u64 {
        self.lock().syncs
    }

    /// Returns when `position` is durable: by another's sync, or by running `sync`, which answers what it covered.
    pub(crate) fn wait(
        &self,
        position: u64,
        sync: &dyn Fn() -> Result<u64, String>,
    ) -> Result<(), SpoolError> {
        loop {
            let mut inner = self.lock();
            while inner.leading && inner.durable < position && inner.failed.is_none() {
                inner = self
                    .turned
                    .wait(inner)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            if inner.durable >= position {
                return Ok(());
            }
            if let Some(reason) = &inner.failed {
                return Err(SpoolError::Failed {
                    reason: reason.clone(),
                });
            }
            inner.leading = true;
            drop(inner);
            let mut lead = Lead {
                group: self,
                outcome: Err("the thread that synced panicked".to_owned()),
            };
            lead.outcome = sync();
        }
    }
}

/// Announces a sync's outcome and gives the lead back in one step; after a panic too, or all would wait for ever.
struct Lead<'a> {
    group: &'a Group,
    outcome: Result<u64, String>,
}

impl Drop for Lead<'_> {
    fn drop(&mut self) {
        let mut inner = self.group.lock();
        inner.leading = false;
        match &self.outcome {
            Ok(covered) => {
                inner.durable = inner.durable.max(*covered);
                inner.syncs += 1;
            }
            Err(reason) => {
                inner.failed.get_or_insert_with(|| reason.clone());
            }
        }
        drop(inner);
        self.group.turned.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn one_sync_serves_everyone_it_covers() {
        let group = Group::default();
        let (calls, barrier) = (AtomicU64::new(0), Barrier::new(8));
        std::thread::scope(|scope| {
            for position in 1..=8 {
                let (group, calls, barrier) = (&group, &calls, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    group
                        .wait(position, &|| {
                            calls.fetch_add(1, Ordering::SeqCst);
                            Ok(8)
                        })
                        .unwrap();
                });
            }
        });
        assert_eq!(calls.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn a_failure_is_final() {
        let group = Group::default();
        group.wait(1, &|| Ok(1)).unwrap();
        assert!(
            matches!(group.wait(2, &|| Err("EIO".into())), Err(SpoolError::Failed { reason }) if reason == "EIO")
        );
        assert!(
            matches!(group.wait(2, &|| Ok(2)), Err(SpoolError::Failed { .. })),
            "a later sync proves nothing"
        );
        group
            .wait(1, &|| unreachable!())
            .expect("what was durable stays so");
        assert!(group.check().is_err());
    }

    #[test]
    fn a_panicking_leader_releases_the_others() {
        let group = Group::default();
        std::thread::scope(|scope| {
            let leader = scope.spawn(|| group.wait(1, &|| panic!("as a bug would")));
            assert!(leader.join().is_err());
        });
        assert!(matches!(
            group.wait(1, &|| Ok(1)),
            Err(SpoolError::Failed { .. })
        ));
    }
}
