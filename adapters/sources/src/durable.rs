//! Renames that survive a power cut: the file first, then the directories that name it.
//! Never retries a failed sync: after one, what is on the disk is unknown.

use std::fs;
use std::io;
use std::path::Path;

#[cfg(not(windows))]
#[path = "durable_unix.rs"]
mod platform;
#[cfg(windows)]
#[path = "durable_windows.rs"]
mod platform;

pub use platform::sync_directory;

/// Moves `from` to `to` on the same volume and makes the move durable in both directories.
/// The caller picks a `to` that is its own: names carry an ingest id, so nothing is replaced.
///
/// # Errors
/// Any error of the rename or of either directory sync.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    let (source, target) = (from.parent(), to.parent());
    if let Some(target) = target {
        sync_directory(target)?;
    }
    match source {
        Some(source) if source != target.unwrap_or(source) => sync_directory(source),
        _ => Ok(()),
    }
}

/// Writes a small file so that it is there whole, or not at all, after any crash.
///
/// # Errors
/// Any error of writing, syncing or renaming the temporary file beside it.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write as _;
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = Path::new(&part);
    let mut file = fs::File::create(part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    rename(part, path)
}
