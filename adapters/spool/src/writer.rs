//! Appends frames to the newest segment and begins the next one when it is full.
//!
//! A segment begins with a checkpoint and is synced before its successor exists, so that only the newest segment can
//! end in an unfinished write. A write that failed because the disk is full is cut back and can be repeated; after any
//! other failure nobody knows what is on disk, and the caller must stop the spool.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::sync::Arc;

use crate::chance;
use crate::clock;
use crate::frame::{self, Kind};
use crate::log::{Log, Segment};
use crate::record::{Location, Record};
use crate::segment::Found;
use crate::state::State;

/// Memory kept for the next frame; a larger one gives its memory back.
const KEPT_BUFFER: usize = 1 << 20;

/// Why nothing was appended.
#[derive(Debug)]
pub(crate) enum AppendFault {
    /// The disk is full; what was written of the frame is gone again.
    NoSpace(io::Error),
    /// The disk cannot be relied upon any more.
    Broken(String),
    /// The frame is larger than frames may be.
    TooLarge,
}

impl AppendFault {
    /// As an error of the system.
    pub(crate) fn into_io(self) -> io::Error {
        match self {
            Self::NoSpace(error) => error,
            Self::Broken(reason) => io::Error::other(reason),
            Self::TooLarge => io::Error::other("the record is larger than a frame may be"),
        }
    }
}

/// The end of the log.
pub(crate) struct Writer {
    log: Arc<Log>,
    file: Arc<File>,
    segment: u64,
    salt: u64,
    offset: u64,
    /// Where the segment's first checkpoint ends.
    body_start: u64,
    segment_bytes: u64,
    /// Bytes appended since opening: what tickets count.
    pub(crate) position: u64,
    /// The state after every appended frame, durable or not.
    pub(crate) state: State,
    buffer: Vec<u8>,
}

impl Writer {
    /// Begins segment `number` with a checkpoint of `state`; it is durable on return.
    pub(crate) fn begin(
        log: Arc<Log>,
        number: u64,
        state: State,
        segment_bytes: u64,
    ) -> Result<Self, AppendFault> {
        let mut buffer = Vec::new();
        let (file, salt, offset) = create(&log, number, &state, &mut buffer)?;
        let file = Arc::new(file);
        Ok(Self {
            log,
            file,
            segment: number,
            salt,
            offset,
            body_start: offset,
            segment_bytes,
            position: 0,
            state,
            buffer,
        })
    }

    /// Goes on after byte `offset` of segment `number`; what was there is durable on return, what followed is cut.
    pub(crate) fn resume(
        log: Arc<Log>,
        number: u64,
        segment: Segment,
        offset: u64,
        state: State,
        segment_bytes: u64,
    ) -> io::Result<Self> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(log.path(number, segment.salt))?;
        file.set_len(offset)?;
        file.sync_all()?;
        file.seek(SeekFrom::Start(offset))?;
        log.put(
            number,
            Segment {
                salt: segment.salt,
                bytes: offset,
            },
        );
        let file = Arc::new(file);
        let salt = segment.salt;
        // The checkpoint's own length does not matter for a segment that holds more; 0 only makes it roll as usual.
        Ok(Self {
            log,
            file,
            segment: number,
            salt,
            offset,
            body_start: 0,
            segment_bytes,
            position: 0,
            state,
            buffer: Vec::new(),
        })
    }

    /// The newest segment.
    pub(crate) const fn segment(&self) -> u64 {
        self.segment
    }

    /// Where the log ends.
    pub(crate) const fn end(&self) -> (u64, u64) {
        (self.segment, self.offset)
    }

    /// The file to sync, and the position that covers.
    pub(crate) fn to_sync(&self) -> (Arc<File>, u64) {
        (Arc::clone(&self.file), self.position)
    }

    /// Appends a record and takes over what it says.
    pub(crate) fn append_record(&mut self, record: &Record) -> Result<Location, AppendFault> {
        let payload = record.encode().ok_or(AppendFault::TooLarge)?;
        let location = self.append(record.kind(), &[], &payload)?;
        self.state.apply(record);
        Ok(location)
    }

    /// Appends a frame.
    pub(crate) fn append(
        &mut self,
        kind: Kind,
        meta: &[u8],
        payload: &[u8],
    ) -> Result<Location, AppendFault> {
        let frame_len = (frame::HEAD_BYTES + meta.len() + payload.len()) as u64;
        if self.offset > self.body_start
            && self.offset.saturating_add(frame_len) > self.segment_bytes
        {
            self.roll()?;
        }
        frame::encode(
            &mut self.buffer,
            kind,
            self.salt,
            self.offset,
            meta,
            payload,
        )
        .ok_or(AppendFault::TooLarge)?;
        let length = u32::try_from(self.buffer.len()).map_err(|_too_long| AppendFault::TooLarge)?;
        let mut file = &*self.file;
        if let Err(error) = file.write_all(&self.buffer) {
            return Err(self.cut_back(error));
        }
        let location = Location {
            segment: self.segment,
            offset: self.offset,
            length,
        };
        self.offset += u64::from(length);
        self.position += u64::from(length);
        self.log.put(
            self.segment,
            Segment {
                salt: self.salt,
                bytes: self.offset,
            },
        );
        if self.buffer.capacity() > KEPT_BUFFER {
            self.buffer = Vec::new();
        }
        Ok(location)
    }

    fn cut_back(&mut self, error: io::Error) -> AppendFault {
        let mut file = &*self.file;
        let cut = file
            .set_len(self.offset)
            .and_then(|()| file.seek(SeekFrom::Start(self.offset)));
        match cut {
            Ok(_) if is_full(&error) => AppendFault::NoSpace(error),
            Ok(_) => AppendFault::Broken(format!("writing segment {}: {error}", self.segment)),
            Err(cut) => AppendFault::Broken(format!(
                "writing segment {}: {error}; cutting it back: {cut}",
                self.segment
            )),
        }
    }

    fn roll(&mut self) -> Result<(), AppendFault> {
        if !crate::sabotage::on("no_fsync") {
            let broken = |e| AppendFault::Broken(format!("syncing segment {}: {e}", self.segment));
            self.file.sync_data().map_err(broken)?;
        }
        let next = self.segment + 1;
        let (file, salt, offset) = create(&self.log, next, &self.state, &mut self.buffer)?;
        (self.segment, self.salt, self.offset, self.body_start) = (next, salt, offset, offset);
        self.file = Arc::new(file);
        Ok(())
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

/// Makes a segment file with its checkpoint, durable with its name. Nothing is left of it when that fails.
fn create(
    log: &Log,
    number: u64,
    state: &State,
    buffer: &mut Vec<u8>,
) -> Result<(File, u64, u64), AppendFault> {
    let at = clock::now_millis();
    let salt = chance::bits();
    let path = log.path(number, salt);
    let payload = Record::Checkpoint(state.checkpoint(at))
        .encode()
        .ok_or(AppendFault::TooLarge)?;
    frame::encode(
        buffer,
        Kind::Checkpoint,
        salt,
        0,
        &at.to_le_bytes(),
        &payload,
    )
    .ok_or(AppendFault::TooLarge)?;
    let written = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .open(&path)
        .and_then(|mut file| {
            file.write_all(buffer)?;
            Ok(file)
        });
    let file = written.map_err(|error| {
        let removed = std::fs::remove_file(&path);
        if is_full(&error) && removed.is_ok() {
            AppendFault::NoSpace(error)
        } else {
            AppendFault::Broken(format!("beginning segment {number}: {error}"))
        }
    })?;
    let broken = |e| AppendFault::Broken(format!("syncing the new segment {number}: {e}"));
    file.sync_all().map_err(broken)?;
    log.sync_names().map_err(broken)?;
    let bytes = buffer.len() as u64;
    log.put(number, Segment { salt, bytes });
    Ok((file, salt, bytes))
}

/// When segment `number` was begun, in milliseconds since the Unix epoch; `None` when its checkpoint is damaged.
pub(crate) fn begun_at(log: &Log, number: u64) -> Option<u64> {
    match log.walk(number, None, false).ok()??.step()? {
        Found::Frame(frame) if frame.kind == Kind::Checkpoint => {
            frame.meta.first_chunk().map(|at| u64::from_le_bytes(*at))
        }
        Found::Frame(_) | Found::Damaged { .. } | Found::Newer(_) => None,
    }
}
