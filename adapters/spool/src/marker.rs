//! The note a clean close leaves for the next opening: what the log and the index looked like.
//!
//! It is there only while nobody has the spool open. Whoever finds it and sees that log and index are as it says need
//! not read the log again; anything else means rebuilding.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::durable;
use crate::log::Segment;

const NAME: &str = "index.clean";
const PART: &str = "index.clean.part";
/// A real one has about 200 bytes.
const MAX_BYTES: u64 = 4096;

/// What log and index looked like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Marker {
    /// Directory of the index, below the spool's.
    pub(crate) directory: String,
    pub(crate) log: LogShape,
    pub(crate) entries: u64,
    pub(crate) hash: u64,
}

/// Names and sizes of a log's segments, summed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogShape {
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) segments: u64,
    pub(crate) bytes: u64,
    /// Bytes in the last segment.
    pub(crate) end: u64,
}

impl LogShape {
    /// The shape of a log; `None` when it has no segment.
    pub(crate) fn of(segments: &BTreeMap<u64, Segment>) -> Option<Self> {
        let (last, newest) = segments.last_key_value()?;
        Some(Self {
            first: *segments.first_key_value()?.0,
            last: *last,
            segments: segments.len() as u64,
            bytes: segments.values().map(|segment| segment.bytes).sum(),
            end: newest.bytes,
        })
    }
}

impl Marker {
    /// The marker in `spool`, if there is one that can be read.
    pub(crate) fn read(spool: &Path) -> Option<Self> {
        let mut text = String::new();
        File::open(spool.join(NAME))
            .ok()?
            .take(MAX_BYTES)
            .read_to_string(&mut text)
            .ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Whether there is one, readable or not.
    pub(crate) fn exists(spool: &Path) -> bool {
        spool.join(NAME).exists()
    }

    /// Removes it, durably: from here on the log may change.
    pub(crate) fn remove(spool: &Path) -> io::Result<()> {
        match fs::remove_file(spool.join(NAME)) {
            Ok(()) => durable::sync_directory(spool),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(e) => Err(e),
        }
    }

    /// Leaves it, durably and whole or not at all.
    pub(crate) fn leave(&self, spool: &Path) -> io::Result<()> {
        let part = spool.join(PART);
        let mut file = File::create(&part)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        file.sync_all()?;
        drop(file);
        fs::rename(part, spool.join(NAME))?;
        durable::sync_directory(spool)
    }
}
