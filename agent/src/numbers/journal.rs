//! The journal's file: appended under a lock, read on from where it was left, shortened when it is long, set aside when it
//! is damaged.
//! Knows lines, not what they mean.
//! Invariant: while the lock is held, everything in the file was read, and it ends with a whole line.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use sources::durable;
use spool::sabotage;

use super::NumbersError;
use super::line::{Kind, Line, sealed, unsealed};

/// Lines after which the journal is shortened, and how many of the last are kept then.
const LONG: usize = 20_000;
const KEPT: usize = 10_000;

/// The file, and how far it was read.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    lock: PathBuf,
    /// What the file's first line says: another one means another file of the same name.
    id: String,
    read: u64,
    lines: usize,
    damaged: bool,
    /// What was appended to last, for syncing.
    file: Option<File>,
}

/// The lock. Dropping it lets go.
pub(super) struct Held {
    _lock: File,
}

impl Journal {
    pub(super) fn new(data: &Path) -> Self {
        Self {
            path: data.join("control-numbers.journal"),
            lock: data.join("control-numbers.lock"),
            id: String::new(),
            read: 0,
            lines: 0,
            damaged: false,
            file: None,
        }
    }

    /// Waits for the lock. Whoever holds it is done within milliseconds.
    pub(super) fn hold(&self) -> Result<Held, NumbersError> {
        let open = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.lock);
        let held = open.and_then(|lock| lock.lock().map(|()| Held { _lock: lock }));
        held.map_err(|cause| NumbersError::Journal {
            action: "lock",
            path: self.lock.clone(),
            cause,
        })
    }

    /// Gives the lines that came since, after cutting off what a crash left of an unfinished one. Begins a journal where
    /// there is none.
    pub(super) fn catch_up(&mut self, each: &mut dyn FnMut(&Line)) -> Result<(), NumbersError> {
        if !self.path.try_exists().map_err(self.failed("find"))? {
            self.begin(&[])?;
        }
        let mut file = File::open(&self.path).map_err(self.failed("read"))?;
        let first = first_line(&mut file).map_err(self.failed("read"))?;
        if first != self.id || self.id.is_empty() {
            (self.id, self.read, self.lines) = (first, 0, 0);
        }
        let mut bytes = Vec::new();
        let read = file
            .seek(SeekFrom::Start(self.read))
            .and_then(|_| file.read_to_end(&mut bytes));
        read.map_err(self.failed("read"))?;
        let whole = bytes
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |end| end + 1);
        let (whole, torn) = bytes.split_at_checked(whole).unwrap_or_default();
        if !torn.is_empty() {
            let end = self.read + whole.len() as u64;
            let cut = OpenOptions::new()
                .write(true)
                .open(&self.path)
                .and_then(|file| file.set_len(end));
            cut.map_err(self.failed("mend"))?;
        }
        for line in whole
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
        {
            self.lines += 1;
            let text = std::str::from_utf8(line).unwrap_or_default();
            match Line::read(text) {
                Some(line) => each(&line),
                None => self.damaged |= !(self.lines == 1 && is_head(text)),
            }
        }
        self.read += whole.len() as u64;
        Ok(())
    }

    /// Adds a line. It is on disk only after [`Journal::sync`].
    pub(super) fn append(&mut self, line: &Line) -> Result<(), NumbersError> {
        let text = line.written();
        let mut file = OpenOptions::new()
            .append(true)
            .open(&self.path)
            .map_err(self.failed("open"))?;
        file.write_all(text.as_bytes())
            .map_err(self.failed("write"))?;
        self.read += text.len() as u64;
        self.lines += 1;
        self.file = Some(file);
        Ok(())
    }

    /// Makes durable what was appended.
    pub(super) fn sync(&mut self) -> Result<(), NumbersError> {
        let Some(file) = self
            .file
            .take()
            .filter(|_| !sabotage::on("no_number_fsync"))
        else {
            return Ok(());
        };
        file.sync_data().map_err(self.failed("sync"))
    }

    pub(super) fn is_damaged(&self) -> bool {
        self.damaged
    }

    pub(super) fn is_long(&self) -> bool {
        self.lines > LONG
    }

    /// Writes the file anew: these lines, and the last of those that give numbers out. A damaged file is set aside.
    /// Durable when it returns; the lines have to be read again.
    pub(super) fn shorten(&mut self, heads: &[Line]) -> Result<(), NumbersError> {
        let bytes = fs::read(&self.path).map_err(self.failed("read"))?;
        if self.damaged {
            let aside = self.path.with_extension("damaged");
            fs::write(&aside, &bytes).map_err(self.failed("set aside"))?;
        }
        let text = String::from_utf8_lossy(&bytes);
        let takes = text
            .lines()
            .filter_map(Line::read)
            .filter(|line| line.kind == Kind::Take);
        let mut lines: Vec<Line> = takes.collect();
        lines.drain(..lines.len().saturating_sub(KEPT));
        lines.extend_from_slice(heads);
        self.begin(&lines)
    }

    fn begin(&mut self, lines: &[Line]) -> Result<(), NumbersError> {
        let mut text = sealed(&format!("journal\t{:016x}", fastrand::u64(..)));
        lines.iter().for_each(|line| text.push_str(&line.written()));
        durable::write(&self.path, text.as_bytes()).map_err(self.failed("write"))?;
        (self.id, self.file, self.damaged) = (String::new(), None, false);
        Ok(())
    }

    fn failed(&self, action: &'static str) -> impl FnOnce(io::Error) -> NumbersError + use<> {
        let path = self.path.clone();
        move |cause| NumbersError::Journal {
            action,
            path,
            cause,
        }
    }
}

fn is_head(line: &str) -> bool {
    unsealed(line).is_some_and(|text| text.starts_with("journal\t"))
}

/// The first line, as far as it is one: no journal has a longer one.
fn first_line(file: &mut File) -> io::Result<String> {
    let mut bytes = Vec::new();
    file.take(64).read_to_end(&mut bytes)?;
    let line = bytes
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    Ok(String::from_utf8_lossy(line).into_owned())
}
