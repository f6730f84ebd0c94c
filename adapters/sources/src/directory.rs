//! A folder on a local or mounted volume as a source: list, claim, open, and carry out the verdict.
//! Claims by renaming into a work folder on the same volume, so the writer's name is free again at once.
//! Never follows a link, never replaces a file, never holds a file open between calls.
//! Invariant: a file whose size or time differs from the one that was read goes back to the folder as a new arrival.

use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use canonical::ingest::IngestId;

use crate::claim_name;
use crate::durable;
use crate::names::NamePatterns;
use crate::readiness::Seen;
use crate::reason::Reason;

/// A call on the folder that failed; the file concerned is untouched and found again at the next look.
#[derive(Debug, thiserror::Error)]
#[error("could not {action} {path}: {cause}")]
pub struct SourceError {
    action: &'static str,
    path: PathBuf,
    #[source]
    cause: io::Error,
}

impl SourceError {
    /// Whether the file was merely gone or held by another program, which the next look settles.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(
            self.cause.kind(),
            io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied | io::ErrorKind::ResourceBusy
        )
    }
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> SourceError {
    let path = path.to_owned();
    move |cause| SourceError {
        action,
        path,
        cause,
    }
}

/// Where a directory source reads and puts aside.
#[derive(Clone, Debug)]
pub struct DirectoryOptions {
    /// The folder that the ERP writes into.
    pub inbox: PathBuf,
    /// Archive folder; by default `.legacy-bridge/archive` in the inbox. Must be on the inbox's volume.
    pub archive: Option<PathBuf>,
    /// Quarantine folder; by default `.legacy-bridge/quarantine` in the inbox. Must be on the inbox's volume.
    pub quarantine: Option<PathBuf>,
    /// Names that belong to the feed.
    pub names: NamePatterns,
}

/// The identity of a file's content as far as the system tells: what was read is what is archived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Size in bytes.
    pub size: u64,
    /// Modification time, where the file system keeps one.
    pub modified: Option<SystemTime>,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            size: metadata.len(),
            modified: metadata.modified().ok(),
        }
    }
}

/// A file that is ours until its verdict.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// The claim's id, part of its name in the work folder.
    pub id: IngestId,
    /// The name the writer gave it, lossily as text.
    pub name: String,
    path: PathBuf,
}

/// What became of a claimed file when its verdict was carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Moved to this path.
    Moved(PathBuf),
    /// It changed after it was read: it is back in the folder as a new arrival.
    Changed,
    /// It is no longer there; nothing was left to move.
    Gone,
}

/// One watched folder.
#[derive(Debug)]
pub struct Directory {
    inbox: PathBuf,
    work: PathBuf,
    archive: PathBuf,
    quarantine: PathBuf,
    names: NamePatterns,
}

impl Directory {
    /// Makes the work, archive and quarantine folders where they are missing.
    ///
    /// # Errors
    /// When the inbox is not a folder or one of the three cannot be made.
    pub fn open(options: DirectoryOptions) -> Result<Self, SourceError> {
        let own = options.inbox.join(".legacy-bridge");
        let directory = Self {
            work: own.join("work"),
            archive: options.archive.unwrap_or_else(|| own.join("archive")),
            quarantine: options.quarantine.unwrap_or_else(|| own.join("quarantine")),
            names: options.names,
            inbox: options.inbox,
        };
        fs::read_dir(&directory.inbox).map_err(failed("list", &directory.inbox))?;
        for folder in [&directory.work, &directory.archive, &directory.quarantine] {
            fs::create_dir_all(folder).map_err(failed("make", folder))?;
        }
        Ok(directory)
    }

    /// The folder that is listed.
    #[must_use]
    pub fn inbox(&self) -> &Path {
        &self.inbox
    }

    /// The regular files of the feed that are in the folder now. Links, folders and devices are not files.
    ///
    /// # Errors
    /// When the folder cannot be listed, which is an alarm and not "no files".
    pub fn list(&self) -> Result<Vec<Seen>, SourceError> {
        let mut listing = Vec::new();
        for entry in fs::read_dir(&self.inbox).map_err(failed("list", &self.inbox))? {
            let entry = entry.map_err(failed("list", &self.inbox))?;
            let name = entry.file_name();
            if !self.names.takes(&name.to_string_lossy()) {
                continue;
            }
            // Does not follow links. A file that vanished since the listing is simply not there.
            let Ok(metadata) = entry.metadata() else {
                continue;
            };
            if metadata.is_file() {
                let Stamp { size, modified } = Stamp::of(&metadata);
                listing.push(Seen {
                    name,
                    size,
                    modified,
                });
            }
        }
        Ok(listing)
    }

    /// Takes a ready file under `id`: from now on its name in the folder is free for the next export.
    ///
    /// # Errors
    /// When the rename fails; the file is then still where it was. See [`SourceError::is_passing`].
    pub fn claim(&self, name: &OsString, id: IngestId) -> Result<Claimed, SourceError> {
        let from = self.inbox.join(name);
        let path = self.work.join(claim_name::compose(&id, name));
        durable::rename(&from, &path).map_err(failed("claim", &from))?;
        Ok(Claimed {
            id,
            name: name.to_string_lossy().into_owned(),
            path,
        })
    }

    /// Files that were claimed before and have no verdict yet, oldest first.
    ///
    /// # Errors
    /// When the work folder cannot be listed.
    pub fn unfinished(&self) -> Result<Vec<Claimed>, SourceError> {
        let mut claims = Vec::new();
        for entry in fs::read_dir(&self.work).map_err(failed("list", &self.work))? {
            let entry = entry.map_err(failed("list", &self.work))?;
            if let Some((id, name)) = claim_name::parse(&entry.file_name()) {
                claims.push(Claimed {
                    id,
                    name,
                    path: entry.path(),
                });
            }
        }
        claims.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(claims)
    }

    /// Opens a claimed file for one reading, with its stamp before the first byte.
    ///
    /// # Errors
    /// When it cannot be opened or is not a regular file.
    pub fn read(&self, claimed: &Claimed) -> Result<(File, Stamp), SourceError> {
        let refused = || io::Error::new(io::ErrorKind::InvalidInput, "not a regular file");
        let metadata =
            fs::symlink_metadata(&claimed.path).map_err(failed("open", &claimed.path))?;
        if !metadata.is_file() {
            return Err(failed("open", &claimed.path)(refused()));
        }
        let file = File::open(&claimed.path).map_err(failed("open", &claimed.path))?;
        let metadata = file.metadata().map_err(failed("stat", &claimed.path))?;
        Ok((file, Stamp::of(&metadata)))
    }

    /// The stamp of a claimed file now; none when it is gone.
    #[must_use]
    pub fn stamp(&self, claimed: &Claimed) -> Option<Stamp> {
        fs::symlink_metadata(&claimed.path)
            .ok()
            .as_ref()
            .map(Stamp::of)
    }

    /// Puts a claimed file back as a new arrival, under its own name if that is free.
    ///
    /// # Errors
    /// When the rename fails; the file then stays claimed and is found again.
    pub fn release(&self, claimed: &Claimed) -> Result<(), SourceError> {
        let mut target = self.inbox.join(&claimed.name);
        if target.symlink_metadata().is_ok() {
            target = self.inbox.join(format!("{}-{}", claimed.id, claimed.name));
        }
        durable::rename(&claimed.path, &target).map_err(failed("put back", &claimed.path))
    }

    /// Moves the very file that was read into the archive, by the day of its claim.
    ///
    /// # Errors
    /// When it cannot be moved; it then stays in the work folder and is archived after the next start.
    pub fn archive(&self, claimed: &Claimed, read: Stamp) -> Result<Settled, SourceError> {
        let day = self.archive.join(day(&claimed.id));
        fs::create_dir_all(&day).map_err(failed("make", &day))?;
        self.put_aside(claimed, read, &day)
    }

    /// Writes the reason, then moves the very file that was read into the quarantine.
    ///
    /// # Errors
    /// As [`Directory::archive`].
    pub fn quarantine(
        &self,
        claimed: &Claimed,
        read: Stamp,
        reason: &Reason,
    ) -> Result<Settled, SourceError> {
        let name = claim_name::compose(&claimed.id, claimed.name.as_ref());
        let beside = |suffix: &str| {
            let mut name = name.clone();
            name.push(suffix);
            self.quarantine.join(name)
        };
        let json = serde_json::to_vec_pretty(reason).unwrap_or_default();
        for (path, bytes) in [
            (beside(".reason.json"), json),
            (beside(".reason.txt"), reason.to_text().into_bytes()),
        ] {
            durable::write(&path, &bytes).map_err(failed("write", &path))?;
        }
        self.put_aside(claimed, read, &self.quarantine)
    }

    fn put_aside(
        &self,
        claimed: &Claimed,
        read: Stamp,
        folder: &Path,
    ) -> Result<Settled, SourceError> {
        match self.stamp(claimed) {
            None => return Ok(Settled::Gone),
            Some(now) if now != read => {
                self.release(claimed)?;
                return Ok(Settled::Changed);
            }
            Some(_) => {}
        }
        let target = folder.join(claim_name::compose(&claimed.id, claimed.name.as_ref()));
        durable::rename(&claimed.path, &target).map_err(failed("put aside", &claimed.path))?;
        Ok(Settled::Moved(target))
    }
}

/// The day of a claim, as in `2026-11-23`, UTC: from its id, so that every try names the same folder.
fn day(id: &IngestId) -> String {
    let millis = i64::try_from(id.unix_millis()).unwrap_or(0);
    jiff::Timestamp::from_millisecond(millis)
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .strftime("%Y-%m-%d")
        .to_string()
}

#[cfg(test)]
#[path = "directory_tests.rs"]
mod tests;
