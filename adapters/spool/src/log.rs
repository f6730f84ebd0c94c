//! The segment files of a log: which there are, and reading one frame out of them.
//!
//! Reading checks head, meta and body against their checksums, so that nothing an index says is ever taken on trust.
//! Appending is `writer.rs`, walking is `segment.rs`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, RwLock};

use crate::durable;
use crate::error::OpenError;
use crate::frame::{FORMAT, HEAD_BYTES, Head, Kind, MAX_RECORD_BYTES};
use crate::record::Location;
use crate::segment::{self, Walk};

/// Segment files kept open for reading.
const OPEN_FILES: usize = 4;

/// One segment file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) salt: u64,
    pub(crate) bytes: u64,
}

/// All segment files.
pub(crate) struct Log {
    directory: PathBuf,
    segments: RwLock<BTreeMap<u64, Segment>>,
    open: Mutex<Vec<(u64, File)>>,
}

/// A frame read back.
pub(crate) struct Whole {
    pub(crate) kind: Kind,
    pub(crate) meta: Vec<u8>,
    pub(crate) payload: Vec<u8>,
}

/// Why a frame could not be read back.
#[derive(Debug)]
pub(crate) enum ReadFault {
    /// Its segment is not there.
    Gone,
    /// The bytes there are not that frame; the meta part when at least that is whole.
    Damaged {
        detail: &'static str,
        meta: Option<Vec<u8>>,
    },
    /// The disk or the system refused.
    Io(io::Error),
}

impl Log {
    /// Lists the segments in `directory`.
    pub(crate) fn list(directory: &Path) -> Result<Self, OpenError> {
        let unusable = |doing, source| OpenError::Unusable {
            path: directory.to_owned(),
            doing,
            source,
        };
        let mut segments = BTreeMap::new();
        for entry in fs::read_dir(directory).map_err(|e| unusable("listing it", e))? {
            let entry = entry.map_err(|e| unusable("listing it", e))?;
            let Some(name) = entry.file_name().to_str().and_then(segment::parse_name) else {
                continue;
            };
            if name.format > u32::from(FORMAT) {
                let (found, supported) = (name.format, u32::from(FORMAT));
                return Err(OpenError::Newer {
                    path: entry.path(),
                    found,
                    supported,
                });
            }
            let bytes = entry
                .metadata()
                .map_err(|e| unusable("looking at a segment", e))?
                .len();
            let segment = Segment {
                salt: name.salt,
                bytes,
            };
            // Two files of one number do not happen by themselves; the longer one is kept in use.
            let longest = segments.entry(name.number).or_insert(segment);
            if longest.bytes < bytes {
                *longest = segment;
            }
        }
        Ok(Self {
            directory: directory.to_owned(),
            segments: RwLock::new(segments),
            open: Mutex::default(),
        })
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// A copy of the list.
    pub(crate) fn segments(&self) -> BTreeMap<u64, Segment> {
        self.segments
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Bytes in all segments.
    pub(crate) fn bytes(&self) -> u64 {
        self.segments
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .values()
            .map(|s| s.bytes)
            .sum()
    }

    /// Number of segments.
    pub(crate) fn count(&self) -> u64 {
        self.segments
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .len() as u64
    }

    pub(crate) fn put(&self, number: u64, segment: Segment) {
        self.segments
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(number, segment);
    }

    pub(crate) fn path(&self, number: u64, salt: u64) -> PathBuf {
        self.directory.join(segment::file_name(number, salt))
    }

    fn find(&self, number: u64) -> Option<Segment> {
        self.segments
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&number)
            .copied()
    }

    /// A walk over the first `end` bytes of a segment (all of it for `None`); `None` when it is not there.
    pub(crate) fn walk(
        &self,
        number: u64,
        end: Option<u64>,
        check_bodies: bool,
    ) -> io::Result<Option<Walk>> {
        let Some(segment) = self.find(number) else {
            return Ok(None);
        };
        let file = match File::open(self.path(number, segment.salt)) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(e),
        };
        let end = end.map_or(segment.bytes, |end| end.min(segment.bytes));
        Ok(Some(Walk::new(file, segment.salt, end, check_bodies)))
    }

    /// Up to `length` bytes from the beginning of a segment.
    pub(crate) fn beginning(&self, number: u64, length: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let read = self
            .find(number)
            .ok_or(io::ErrorKind::NotFound.into())
            .and_then(|segment| {
                File::open(self.path(number, segment.salt))?
                    .take(length as u64)
                    .read_to_end(&mut bytes)
            });
        // What cannot be read is as good as not there: the caller only asks whether it looks like something.
        if read.is_err() {
            bytes.clear();
        }
        bytes
    }

    /// Reads and checks one frame.
    pub(crate) fn read(&self, at: Location) -> Result<Whole, ReadFault> {
        let segment = self.find(at.segment).ok_or(ReadFault::Gone)?;
        let damaged = |detail| ReadFault::Damaged { detail, meta: None };
        let length = at.length as usize;
        if !(HEAD_BYTES..=HEAD_BYTES + usize::from(u16::MAX) + MAX_RECORD_BYTES).contains(&length) {
            return Err(damaged("length out of bounds"));
        }
        let mut bytes = match self.bytes_at(at, segment.salt) {
            Ok(bytes) if bytes.len() == length => bytes,
            Ok(_) => return Err(damaged("cut off")),
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Err(ReadFault::Gone),
            Err(e) => return Err(ReadFault::Io(e)),
        };
        let head =
            Head::parse(&bytes, segment.salt, at.offset).map_err(|_fault| damaged("head"))?;
        if head.frame_len() != u64::from(at.length) {
            return Err(damaged("length differs"));
        }
        let mut meta = bytes.split_off(HEAD_BYTES);
        let payload = meta.split_off(usize::from(head.meta_len).min(meta.len()));
        if crc32c::crc32c(&meta) != head.meta_crc {
            return Err(damaged("meta checksum"));
        }
        if crc32c::crc32c(&payload) != head.payload_crc {
            return Err(ReadFault::Damaged {
                detail: "body checksum",
                meta: Some(meta),
            });
        }
        Ok(Whole {
            kind: head.kind,
            meta,
            payload,
        })
    }

    fn bytes_at(&self, at: Location, salt: u64) -> io::Result<Vec<u8>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if !open.iter().any(|(number, _)| *number == at.segment) {
            let file = File::open(self.path(at.segment, salt))?;
            open.truncate(OPEN_FILES - 1);
            open.insert(0, (at.segment, file));
        }
        let Some((_, file)) = open.iter_mut().find(|(number, _)| *number == at.segment) else {
            return Err(io::ErrorKind::NotFound.into());
        };
        // The length is only believed as far as the file goes, so that nothing is allocated for a lie.
        if file.metadata()?.len().saturating_sub(at.offset) < u64::from(at.length) {
            return Ok(Vec::new());
        }
        let mut bytes = Vec::with_capacity(at.length as usize);
        file.seek(SeekFrom::Start(at.offset))?;
        file.take(u64::from(at.length)).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Deletes a segment's file. A file that is gone already is no error.
    pub(crate) fn delete(&self, number: u64) -> io::Result<()> {
        let Some(segment) = self.find(number) else {
            return Ok(());
        };
        self.open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|(open, _)| *open != number);
        match fs::remove_file(self.path(number, segment.salt)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            Ok(()) | Err(_) => {}
        }
        self.segments
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&number);
        Ok(())
    }

    /// Makes created and deleted segments durable.
    pub(crate) fn sync_names(&self) -> io::Result<()> {
        durable::sync_directory(&self.directory)
    }
}
