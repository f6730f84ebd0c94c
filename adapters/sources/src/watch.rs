//! Wakes a source early when its folder changes. A hint, never the truth: the listing decides, and a source whose
//! watcher fails or sleeps through everything still finds each file at its next poll.

use std::path::Path;

use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};

/// Keeps the watcher alive; dropping it stops the hints.
pub struct Watch {
    _watcher: RecommendedWatcher,
}

/// Calls `nudge` whenever something happened in `folder`, lost events and watcher errors included.
///
/// # Errors
/// The watcher's own error; the caller goes on polling without it.
pub fn watch(folder: &Path, nudge: impl Fn() + Send + 'static) -> Result<Watch, notify::Error> {
    // Reading a file is an event too; only our own listing does that here, so it would wake us for ever.
    let mut watcher = notify::recommended_watcher(
        move |event: Result<notify::Event, notify::Error>| match event {
            Ok(event) if event.kind.is_access() && !closed_after_writing(&event) => {}
            Ok(_) | Err(_) => nudge(),
        },
    )?;
    watcher.watch(folder, RecursiveMode::NonRecursive)?;
    Ok(Watch { _watcher: watcher })
}

fn closed_after_writing(event: &notify::Event) -> bool {
    use notify::event::{AccessKind, AccessMode, EventKind};
    event.kind == EventKind::Access(AccessKind::Close(AccessMode::Write))
}
