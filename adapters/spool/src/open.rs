//! Opening a spool, in whatever state it was left: lock, look, cut what was never finished, trust or rebuild the index.
//!
//! Order matters: everything found in the log is made durable before it is shown to anybody, since what a killed
//! program wrote may still be in the system's memory only; and the note of the last clean close is removed, durably,
//! before the log can change.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use crate::chance;
use crate::durable;
use crate::error::OpenError;
use crate::keeper::Keeper;
use crate::log::Log;
use crate::marker::{LogShape, Marker};
use crate::options::Options;
use crate::record::Record;
use crate::replay::{LastSegment, Plan, Replayed, replay};
use crate::report::{Damage, IndexReport, OpenReport};
use crate::state::State;
use crate::writer::Writer;

/// An opened spool in its parts.
pub(crate) struct Parts {
    pub(crate) lock: File,
    pub(crate) log: Arc<Log>,
    pub(crate) writer: Writer,
    pub(crate) keeper: Keeper,
    pub(crate) report: OpenReport,
}

/// Opens the spool in `dir`.
pub(crate) fn open(dir: &Path, options: &Options) -> Result<Parts, OpenError> {
    let started = Instant::now();
    let lock = take_lock(dir)?;
    let log = Arc::new(Log::list(&dir.join("log"))?);
    let marker = Marker::read(dir);
    let closed_cleanly = Marker::exists(dir);
    Marker::remove(dir).map_err(unusable(dir, "removing the note of the last close"))?;

    let mut keeper = Keeper::new(dir, options.index_deadline);
    let is_new = log.count() == 0;
    let trusted = if is_new {
        Err(String::new())
    } else {
        trust(&log, &mut keeper, marker.as_ref(), closed_cleanly)
    };
    let (replayed, index, set_aside) = match trusted {
        Ok(replayed) => (replayed, IndexReport::Trusted, Vec::new()),
        Err(why) => {
            let rebuilt = keeper
                .rebuild(&log, None, closed_cleanly)
                .map_err(|fault| fault.into_open_error())?;
            let report = match rebuilt.in_memory {
                Some(why) => IndexReport::InMemory { why },
                None if is_new => IndexReport::Created,
                None => IndexReport::Rebuilt { why },
            };
            (rebuilt.replayed, report, rebuilt.set_aside)
        }
    };
    let Replayed {
        state,
        mut damaged,
        last,
        ..
    } = replayed;
    let lost = marker.and_then(|marker| lost_end(&marker.log, last.as_ref()));
    let torn_bytes = last.map_or(0, |last| {
        if last.end > 0 || last.unborn {
            last.segment.bytes - last.end
        } else {
            0
        }
    });
    let mut writer = continue_log(&log, last, state, options)?;
    if let Some(lost) = lost {
        // Ordinals beyond this end were given once and will be given again: to other blocks, so in another epoch.
        let renewed = writer
            .append_record(&Record::Epoch(chance::bits()))
            .map_err(|fault| fault.into_io());
        renewed
            .and_then(|_| writer.to_sync().0.sync_data())
            .map_err(unusable(dir, "beginning a new epoch"))?;
        damaged.push(lost);
    }
    finish_prune(&log, &mut keeper, writer.state.first_segment);
    let report = OpenReport {
        index,
        torn_bytes,
        damaged,
        set_aside,
        segments: log.count(),
        blocks: keeper.index.blocks,
        elapsed: started.elapsed(),
    };
    Ok(Parts {
        lock,
        log,
        writer,
        keeper,
        report,
    })
}

fn unusable(path: &Path, doing: &'static str) -> impl Fn(io::Error) -> OpenError + use<> {
    let path = path.to_owned();
    move |source| OpenError::Unusable {
        path: path.clone(),
        doing,
        source,
    }
}

/// Makes the directories and takes the lock, which the system gives back when this process ends, however it ends.
fn take_lock(dir: &Path) -> Result<File, OpenError> {
    let log = dir.join("log");
    if !log.is_dir() {
        fs::create_dir_all(&log).map_err(unusable(dir, "making it"))?;
        durable::sync_directory(dir).map_err(unusable(dir, "syncing it"))?;
        if let Some(parent) = dir.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            durable::sync_directory(parent).map_err(unusable(parent, "syncing it"))?;
        }
    }
    let path = dir.join("lock");
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(unusable(&path, "opening the lock"))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            // Windows lets nobody read a locked file; then the holder's number stays unknown.
            let known = (&mut file).take(20).read_to_string(&mut holder).is_ok()
                && !holder.trim().is_empty();
            let holder = if known {
                format!("process {}", holder.trim())
            } else {
                "another process".to_owned()
            };
            return Err(OpenError::AlreadyOpen {
                path: dir.to_owned(),
                holder,
            });
        }
        Err(TryLockError::Error(source)) => {
            return Err(OpenError::Unusable {
                path,
                doing: "locking it",
                source,
            });
        }
    }
    // Only for the message above: a full disk must not keep the program from starting.
    let named = file
        .set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| writeln!(file, "{}", std::process::id()));
    if let Err(error) = named {
        tracing::debug!(%error, "the lock does not say who holds it");
    }
    Ok(file)
}

/// The state of the log without reading all of it, when log and index are as the last close left them.
fn trust(
    log: &Log,
    keeper: &mut Keeper,
    marker: Option<&Marker>,
    closed: bool,
) -> Result<Replayed, String> {
    let Some(marker) = marker else {
        let why = if closed {
            "the note of the last close is damaged"
        } else {
            "not closed cleanly the last time"
        };
        return Err(why.to_owned());
    };
    if LogShape::of(&log.segments()) != Some(marker.log) {
        return Err("the log is not as the last close left it".to_owned());
    }
    let plan = Plan {
        until: None,
        check_bodies: false,
        last_only: true,
    };
    let replayed = replay(log, plan, &mut |_, _| Ok(()))
        .map_err(|_fault| "the last segment cannot be read".to_owned())?;
    let whole = replayed
        .last
        .is_some_and(|last| last.sound && last.end == marker.log.end);
    if !whole || !replayed.damaged.is_empty() {
        return Err("the last segment is damaged".to_owned());
    }
    keeper.open(marker)?;
    Ok(replayed)
}

/// What the last clean close still had beyond the end of the log as it is now.
fn lost_end(then: &LogShape, now: Option<&LastSegment>) -> Option<Damage> {
    let now = now.map_or((0, 0), |last| (last.number, last.end));
    if now >= (then.last, then.end) {
        return None;
    }
    let (segment, offset) = if now.0 == then.last {
        now
    } else {
        (then.last, 0)
    };
    Some(Damage {
        segment,
        offset,
        bytes: then.end - offset,
        claims: Vec::new(),
    })
}

/// A writer at the end of the log: in its last segment when that is sound, in a new one otherwise.
fn continue_log(
    log: &Arc<Log>,
    last: Option<LastSegment>,
    state: State,
    options: &Options,
) -> Result<Writer, OpenError> {
    let segment_bytes = options.segment_bytes;
    let begin = |number: u64, state: State| {
        let begun = Writer::begin(Arc::clone(log), number, state, segment_bytes);
        begun.map_err(|fault| unusable(log.directory(), "beginning a segment")(fault.into_io()))
    };
    let Some(last) = last else {
        return begin(1, State::new(chance::bits(), 1));
    };
    let path = log.path(last.number, last.segment.salt);
    if last.unborn {
        log.delete(last.number)
            .map_err(unusable(&path, "removing an unfinished segment"))?;
        return begin(last.number, state);
    }
    if !path.exists() || last.end == 0 {
        return begin(last.number + 1, state);
    }
    let resumed = Writer::resume(
        Arc::clone(log),
        last.number,
        last.segment,
        last.end,
        state,
        segment_bytes,
    )
    .map_err(unusable(&path, "cutting and syncing the last segment"))?;
    log.sync_names()
        .map_err(unusable(log.directory(), "syncing it"))?;
    if last.sound {
        Ok(resumed)
    } else {
        begin(last.number + 1, resumed.state)
    }
}

/// Deletes what a prune had decided to delete when it was interrupted.
fn finish_prune(log: &Log, keeper: &mut Keeper, first_segment: u64) {
    let left: Vec<u64> = log
        .segments()
        .into_keys()
        .filter(|number| *number < first_segment)
        .collect();
    for number in left {
        let gone = keeper.index.forget_segment(number).is_ok() && log.delete(number).is_ok();
        if !gone {
            tracing::warn!(
                segment = number,
                "a pruned segment could not be deleted; it is tried again when pruning"
            );
        }
    }
}
