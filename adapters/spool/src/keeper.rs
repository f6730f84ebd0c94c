//! Keeps an index that can be relied upon: opens the old one, doubts it, and rebuilds it from the log when in doubt.
//!
//! A damaged index is set aside as `index.damaged-N` (three are kept) for whoever wants to know why; one that is only
//! out of date is deleted. Where no directory will take a database the index lives in memory, so that the program
//! starts and works all the same. The log is never changed here.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::index::Index;
use crate::log::Log;
use crate::marker::Marker;
use crate::replay::{Plan, ReplayFault, Replayed, replay};
use crate::sabotage;
use crate::state::State;
use crate::store::{Store, StoreFault, within};

/// Directories an index may be in. The second and third are for when the first can neither be moved nor deleted.
const DIRECTORIES: [&str; 3] = ["index", "index-2", "index-3"];
/// Damaged indexes kept for inspection.
const KEPT_ASIDE: usize = 3;
/// Most gaps remembered; beyond it a gap is looked for again each time it is asked for.
const MAX_LOST: usize = 10_000;

/// An index and what is known to be missing from the log.
pub(crate) struct Keeper {
    pub(crate) index: Index,
    /// Where the index is; `None` in memory.
    directory: Option<&'static str>,
    /// Ordinals the log has lost, so that asking for one does not rebuild the index again.
    lost: Vec<(String, u64, u64)>,
    spool: PathBuf,
    deadline: Duration,
}

/// What a rebuild did.
pub(crate) struct Rebuilt {
    pub(crate) replayed: Replayed,
    pub(crate) set_aside: Vec<PathBuf>,
    /// Why the index is in memory, if it is.
    pub(crate) in_memory: Option<String>,
}

impl Keeper {
    /// A keeper whose index is empty and in memory, until it is opened or rebuilt.
    pub(crate) fn new(spool: &Path, deadline: Duration) -> Self {
        Self {
            index: Index::empty(Store::memory()),
            directory: None,
            lost: Vec::new(),
            spool: spool.to_owned(),
            deadline,
        }
    }

    /// Opens the index `marker` speaks of, if every entry is as it was.
    pub(crate) fn open(&mut self, marker: &Marker) -> Result<(), String> {
        let Some(name) = DIRECTORIES
            .into_iter()
            .find(|name| *name == marker.directory)
        else {
            return Err("the note of the last close names no index".to_owned());
        };
        let path = self.spool.join(name);
        if !path.is_dir() {
            return Err("the index is missing".to_owned());
        }
        let index = within(self.deadline, move |progress| {
            Index::load(Store::open(&path)?, &progress)
        })
        .map_err(|fault| fault.to_string())?;
        if (index.entries, index.hash) != (marker.entries, marker.hash) {
            let found = index.entries;
            self.let_go(index);
            return Err(format!(
                "the index has {found} entries that are not the {} it was closed with",
                marker.entries
            ));
        }
        (self.index, self.directory) = (index, Some(name));
        Ok(())
    }

    /// Puts a new index in place of the old one and fills it from the log. `damaged` says whether to keep the old one.
    pub(crate) fn rebuild(
        &mut self,
        log: &Log,
        until: Option<(u64, u64)>,
        damaged: bool,
    ) -> Result<Rebuilt, ReplayFault> {
        let old = std::mem::replace(&mut self.index, Index::empty(Store::memory()));
        self.let_go(old);
        self.directory = None;
        let set_aside = self.clear(damaged);
        let mut why_not = String::new();
        for name in DIRECTORIES {
            let path = self.spool.join(name);
            if path.exists() {
                continue;
            }
            let opened = within(self.deadline, move |_| Store::open(&path));
            match opened
                .map_err(ReplayFault::Store)
                .and_then(|store| self.fill(store, log, until))
            {
                Ok(replayed) => {
                    self.directory = Some(name);
                    return Ok(Rebuilt {
                        replayed,
                        set_aside,
                        in_memory: None,
                    });
                }
                Err(ReplayFault::Store(fault)) => why_not = fault.to_string(),
                Err(other) => return Err(other),
            }
        }
        if why_not.is_empty() {
            "no directory for it could be cleared".clone_into(&mut why_not);
        }
        let replayed = self.fill(Store::memory(), log, until)?;
        Ok(Rebuilt {
            replayed,
            set_aside,
            in_memory: Some(why_not),
        })
    }

    fn fill(
        &mut self,
        store: Store,
        log: &Log,
        until: Option<(u64, u64)>,
    ) -> Result<Replayed, ReplayFault> {
        let mut index = Index::empty(store);
        let plan = Plan {
            until,
            check_bodies: false,
            last_only: false,
        };
        let forgotten = sabotage::on("index_not_rebuilt");
        let replayed = replay(log, plan, &mut |record, at| {
            if forgotten {
                Ok(())
            } else {
                index.apply(record, at)
            }
        })?;
        self.lost = find_lost(&index, &replayed.state).map_err(ReplayFault::Store)?;
        self.index = index;
        Ok(replayed)
    }

    /// Whether the log is known to have lost this ordinal.
    pub(crate) fn is_lost(&self, lane: &str, ordinal: u64) -> bool {
        self.lost
            .iter()
            .any(|(of, first, last)| of == lane && (*first..=*last).contains(&ordinal))
    }

    /// Closes the index; its name when it can be trusted the next time.
    pub(crate) fn close(&mut self) -> Option<&'static str> {
        let complete = self.index.on_disk() && self.index.flush().is_ok();
        let store = self.index.take_store();
        // The database's files are only released when it is dropped; a hang there must not keep the program from ending.
        let dropped = within(self.deadline, move |_| {
            drop(store);
            Ok(())
        });
        self.directory
            .take()
            .filter(|_| complete && dropped.is_ok())
    }

    fn let_go(&self, mut index: Index) {
        if !index.on_disk() {
            return;
        }
        let store = index.take_store();
        if let Err(fault) = within(self.deadline, move |_| {
            drop(store);
            Ok(())
        }) {
            tracing::warn!(%fault, "the old index could not be closed");
        }
    }

    /// Makes room for a new index: moves damaged ones aside, deletes what is only out of date.
    fn clear(&self, damaged: bool) -> Vec<PathBuf> {
        let mut moved = Vec::new();
        for name in DIRECTORIES {
            let path = self.spool.join(name);
            if !path.exists() {
                continue;
            }
            if damaged && let Some(aside) = self.set_aside(&path) {
                moved.push(aside);
            } else if let Err(error) = remove(&path) {
                tracing::warn!(path = %path.display(), %error, "an old index could not be deleted");
            }
        }
        moved
    }

    fn set_aside(&self, path: &Path) -> Option<PathBuf> {
        let mut numbers = self.numbers_aside();
        let next = numbers.last().map_or(1, |last| last + 1);
        let aside = self.aside(next);
        fs::rename(path, &aside).ok()?;
        numbers.push(next);
        let surplus = numbers.len().saturating_sub(KEPT_ASIDE);
        for number in numbers.into_iter().take(surplus) {
            if let Err(error) = remove(&self.aside(number)) {
                tracing::warn!(number, %error, "an index set aside long ago could not be deleted");
            }
        }
        Some(aside)
    }

    fn aside(&self, number: u64) -> PathBuf {
        self.spool.join(format!("index.damaged-{number}"))
    }

    fn numbers_aside(&self) -> Vec<u64> {
        let Ok(entries) = fs::read_dir(&self.spool) else {
            return Vec::new();
        };
        let number = |entry: fs::DirEntry| {
            entry
                .file_name()
                .to_str()?
                .strip_prefix("index.damaged-")?
                .parse()
                .ok()
        };
        let mut numbers: Vec<u64> = entries.filter_map(Result::ok).filter_map(number).collect();
        numbers.sort_unstable();
        numbers
    }
}

impl Drop for Keeper {
    /// Closes the database where a panic or a hang does no harm; the next opening reads the log instead.
    fn drop(&mut self) {
        let index = std::mem::replace(&mut self.index, Index::empty(Store::memory()));
        self.let_go(index);
    }
}

fn remove(path: &Path) -> std::io::Result<()> {
    if path.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    }
}

/// The gaps of every lane between what was pruned and its head.
fn find_lost(index: &Index, state: &State) -> Result<Vec<(String, u64, u64)>, StoreFault> {
    let mut lost = Vec::new();
    for (name, lane) in &state.lanes {
        let mut expected = lane.floor.saturating_add(1);
        let mut gap = |from: u64, until: u64| {
            if from < until && lost.len() < MAX_LOST {
                lost.push((name.clone(), from, until - 1));
            }
        };
        index.ordinals(name, &mut |ordinal| {
            gap(expected, ordinal);
            expected = expected.max(ordinal.saturating_add(1));
        })?;
        gap(expected, lane.head.saturating_add(1));
    }
    Ok(lost)
}
