//! The raw store: the bytes of each claim as they were received, kept until their documents are long gone.
//! A claim is `ID.json` (its [`Ingest`]) and `ID.raw`; the raw file appears last, so a claim is there whole or not at all.
//! Never changes a byte it was given. Invariant: `keep` returns only when both files and their names are durable.

use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use canonical::id::Digest;
use canonical::ingest::{Ingest, IngestId};
use canonical::provenance::FileFacts;
use sha2::{Digest as _, Sha256};
use sources::durable;

/// A call on the raw store that failed.
#[derive(Debug, thiserror::Error)]
#[error("could not {action} the raw copy {path}: {cause}")]
pub(crate) struct RawError {
    action: &'static str,
    path: PathBuf,
    #[source]
    cause: io::Error,
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> RawError {
    let path = path.to_owned();
    move |cause| RawError {
        action,
        path,
        cause,
    }
}

/// The folder `raw` of the agent's data.
#[derive(Debug)]
pub(crate) struct RawStore {
    folder: PathBuf,
}

/// A copy that is written but not yet part of the store: kept when the file stood still, dropped otherwise.
pub(crate) struct Copied {
    part: PathBuf,
    pub(crate) size: u64,
    pub(crate) sha256: Digest,
}

impl RawStore {
    /// Opens the store and removes copies that a crash left unfinished.
    pub(crate) fn open(data: &Path) -> Result<Self, RawError> {
        let folder = data.join("raw");
        fs::create_dir_all(&folder).map_err(failed("make", &folder))?;
        let store = Self { folder };
        for path in store.paths()? {
            let unfinished = path
                .extension()
                .is_some_and(|extension| extension == "part");
            let orphaned = path
                .extension()
                .is_some_and(|extension| extension == "json")
                && !path.with_extension("raw").exists();
            if unfinished || orphaned {
                fs::remove_file(&path).map_err(failed("clear", &path))?;
            }
        }
        Ok(store)
    }

    /// Copies and hashes a claimed file; durable, but not yet part of the store.
    pub(crate) fn copy(&self, id: &IngestId, mut from: impl Read) -> Result<Copied, RawError> {
        let part = self.path(id, "part");
        let mut file = File::create(&part).map_err(failed("write", &part))?;
        let (mut size, mut hash) = (0_u64, Sha256::new());
        let mut buffer = vec![0_u8; 64 * 1024];
        loop {
            let read = from.read(&mut buffer).map_err(failed("read for", &part))?;
            let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else {
                break;
            };
            hash.update(bytes);
            file.write_all(bytes).map_err(failed("write", &part))?;
            size += bytes.len() as u64;
        }
        file.sync_all().map_err(failed("sync", &part))?;
        let sha256 = Digest(hash.finalize().into());
        Ok(Copied { part, size, sha256 })
    }

    /// Forgets a copy whose file changed while it was read.
    pub(crate) fn discard(&self, copied: &Copied) -> Result<(), RawError> {
        fs::remove_file(&copied.part).map_err(failed("discard", &copied.part))
    }

    /// Makes a copy part of the store, with what is known of its file.
    pub(crate) fn keep(&self, copied: &Copied, ingest: &Ingest) -> Result<(), RawError> {
        let facts = self.path(&ingest.ingest_id, "json");
        let json = serde_json::to_vec(ingest)
            .map_err(io::Error::other)
            .map_err(failed("describe", &facts))?;
        durable::write(&facts, &json).map_err(failed("write", &facts))?;
        let raw = self.path(&ingest.ingest_id, "raw");
        durable::rename(&copied.part, &raw).map_err(failed("keep", &raw))
    }

    /// What is known of a kept claim; none when it was never kept.
    pub(crate) fn ingest(&self, id: &IngestId) -> Result<Option<Ingest>, RawError> {
        let raw = self.path(id, "raw");
        if !raw.try_exists().map_err(failed("find", &raw))? {
            return Ok(None);
        }
        let facts = self.path(id, "json");
        let json = fs::read(&facts).map_err(failed("read", &facts))?;
        serde_json::from_slice(&json)
            .map(Some)
            .map_err(io::Error::other)
            .map_err(failed("understand", &facts))
    }

    /// Opens a kept claim for reading.
    pub(crate) fn read(&self, id: &IngestId) -> Result<File, RawError> {
        let raw = self.path(id, "raw");
        File::open(&raw).map_err(failed("read", &raw))
    }

    /// Every kept claim, oldest first.
    pub(crate) fn ids(&self) -> Result<Vec<IngestId>, RawError> {
        let mut ids: Vec<IngestId> = self
            .paths()?
            .iter()
            .filter(|path| path.extension().is_some_and(|extension| extension == "raw"))
            .filter_map(|path| path.file_stem()?.to_str()?.parse().ok())
            .collect();
        ids.sort();
        Ok(ids)
    }

    /// Removes a claim's copy; its facts go last, so a crash leaves nothing that looks like a claim.
    pub(crate) fn remove(&self, id: &IngestId) -> Result<(), RawError> {
        for extension in ["raw", "json"] {
            let path = self.path(id, extension);
            fs::remove_file(&path).map_err(failed("remove", &path))?;
        }
        Ok(())
    }

    /// Whether a claim's copy is older than `keep`.
    pub(crate) fn is_older(&self, id: &IngestId, keep: Duration, now: SystemTime) -> bool {
        let created = SystemTime::UNIX_EPOCH + Duration::from_millis(id.unix_millis());
        created.checked_add(keep).is_some_and(|end| end < now)
    }

    fn path(&self, id: &IngestId, extension: &str) -> PathBuf {
        self.folder.join(format!("{id}.{extension}"))
    }

    fn paths(&self) -> Result<Vec<PathBuf>, RawError> {
        let entries = fs::read_dir(&self.folder).map_err(failed("list", &self.folder))?;
        entries
            .map(|entry| {
                entry
                    .map(|entry| entry.path())
                    .map_err(failed("list", &self.folder))
            })
            .collect()
    }
}

impl Copied {
    /// The facts of the file as an ingest carries them.
    pub(crate) fn facts(
        &self,
        name: &str,
        dir: &Path,
        modified: Option<canonical::date::DateTime>,
    ) -> FileFacts {
        FileFacts {
            name: name.to_owned(),
            dir: Some(dir.to_string_lossy().into_owned()),
            size: self.size,
            sha256: self.sha256,
            mtime: modified,
            encoding: None,
            bom: None,
            line_ending: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    fn ingest(copied: &Copied) -> Ingest {
        Ingest {
            ingest_id: IngestId::from_parts(1_795_423_300_120, 7),
            feed: "stock".to_owned(),
            received_at: clock::rfc3339(SystemTime::UNIX_EPOCH),
            file: copied.facts("stock.csv", Path::new("in"), None),
            mapping: None,
        }
    }

    #[test]
    fn a_kept_claim_is_there_whole_after_a_restart() {
        let data = tempfile::tempdir().unwrap();
        let store = RawStore::open(data.path()).unwrap();
        let id = IngestId::from_parts(1_795_423_300_120, 7);
        let copied = store.copy(&id, &b"a;b\n1;2\n"[..]).unwrap();
        assert_eq!(copied.size, 8);
        assert_eq!(store.ingest(&id).unwrap(), None, "copied is not kept");
        store.keep(&copied, &ingest(&copied)).unwrap();
        let store = RawStore::open(data.path()).unwrap();
        assert_eq!(store.ids().unwrap(), [id]);
        assert_eq!(store.ingest(&id).unwrap().unwrap().file.size, 8);
        let mut bytes = String::new();
        store.read(&id).unwrap().read_to_string(&mut bytes).unwrap();
        assert_eq!(bytes, "a;b\n1;2\n");
        store.remove(&id).unwrap();
        assert_eq!(store.ids().unwrap(), []);
    }

    #[test]
    fn what_a_crash_left_half_done_is_no_claim() {
        let data = tempfile::tempdir().unwrap();
        let store = RawStore::open(data.path()).unwrap();
        let id = IngestId::from_parts(1, 1);
        let copied = store.copy(&id, &b"x"[..]).unwrap();
        let described = serde_json::to_vec(&ingest(&copied)).unwrap();
        fs::write(store.path(&id, "json"), described).unwrap();
        let store = RawStore::open(data.path()).unwrap();
        assert_eq!(store.ids().unwrap(), []);
        assert_eq!(fs::read_dir(&store.folder).unwrap().count(), 0);
    }
}
