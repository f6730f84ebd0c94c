//! A journal that several programs may write: lines with checksums, appended under a lock, read on from where they were left,
//! shortened when there are many, set aside when one is damaged. People can read it.
//! Knows lines, not what they mean.
//! Invariant: while the lock is held, everything in the file was read, and it ends with a whole line.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use sources::durable;
use spool::sabotage;

/// Lines after which a journal is long.
const LONG: usize = 20_000;
/// Longest name of a journal, in its first line.
const LONGEST_HEAD: u64 = 64;

/// A call on a journal that failed.
#[derive(Debug, thiserror::Error)]
#[error("could not {action} {path}: {cause}", path = path.display())]
pub struct JournalError {
    action: &'static str,
    path: PathBuf,
    #[source]
    cause: io::Error,
}

/// The file, and how far it was read.
#[derive(Debug)]
pub(crate) struct Journal {
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
pub(crate) struct Held {
    _lock: File,
}

impl Journal {
    /// The journal of this name in a data folder. Nothing is read or written yet.
    pub(crate) fn new(data: &Path, name: &str) -> Self {
        Self {
            path: data.join(format!("{name}.journal")),
            lock: data.join(format!("{name}.lock")),
            id: String::new(),
            read: 0,
            lines: 0,
            damaged: false,
            file: None,
        }
    }

    /// Waits for the lock. Whoever holds it is done within milliseconds.
    pub(crate) fn hold(&self) -> Result<Held, JournalError> {
        let open = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.lock);
        let held = open.and_then(|lock| lock.lock().map(|()| Held { _lock: lock }));
        held.map_err(|cause| JournalError {
            action: "lock",
            path: self.lock.clone(),
            cause,
        })
    }

    /// Gives the lines that came since, after cutting off what a crash left of an unfinished one. Begins a journal where
    /// there is none. `each` says whether it understands a line; one that it does not is damaged.
    pub(crate) fn catch_up(
        &mut self,
        each: &mut dyn FnMut(&str) -> bool,
    ) -> Result<(), JournalError> {
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
            let text = std::str::from_utf8(line).ok().and_then(unsealed);
            let head = self.lines == 1 && text.is_some_and(|text| text.starts_with("journal\t"));
            self.damaged |= !head && !text.is_some_and(&mut *each);
        }
        self.read += whole.len() as u64;
        Ok(())
    }

    /// Adds a line. It is on disk only after [`Journal::sync`].
    pub(crate) fn append(&mut self, line: &str) -> Result<(), JournalError> {
        let text = sealed(line);
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
    pub(crate) fn sync(&mut self) -> Result<(), JournalError> {
        let Some(file) = self
            .file
            .take()
            .filter(|_| !sabotage::on("no_journal_fsync"))
        else {
            return Ok(());
        };
        file.sync_data().map_err(self.failed("sync"))
    }

    pub(crate) fn is_damaged(&self) -> bool {
        self.damaged
    }

    pub(crate) fn is_long(&self) -> bool {
        self.lines > LONG
    }

    /// Every line that is whole.
    pub(crate) fn lines(&self) -> Result<Vec<String>, JournalError> {
        let bytes = fs::read(&self.path).map_err(self.failed("read"))?;
        let text = String::from_utf8_lossy(&bytes);
        let whole = text.lines().filter_map(unsealed).skip(1);
        Ok(whole.map(str::to_owned).collect())
    }

    /// Writes the file anew with these lines, durably; they have to be read again. A damaged file is set aside before.
    pub(crate) fn begin(&mut self, lines: &[String]) -> Result<(), JournalError> {
        if self.damaged {
            let aside = self.path.with_extension("damaged");
            fs::copy(&self.path, &aside).map_err(self.failed("set aside"))?;
        }
        let mut text = sealed(&format!("journal\t{:016x}", fastrand::u64(..)));
        lines.iter().for_each(|line| text.push_str(&sealed(line)));
        durable::write(&self.path, text.as_bytes()).map_err(self.failed("write"))?;
        (self.id, self.file, self.damaged) = (String::new(), None, false);
        Ok(())
    }

    fn failed(&self, action: &'static str) -> impl FnOnce(io::Error) -> JournalError + use<> {
        let path = self.path.clone();
        move |cause| JournalError {
            action,
            path,
            cause,
        }
    }
}

/// A line with its checksum before it and its end behind.
fn sealed(text: &str) -> String {
    format!("{:08x}\t{text}\n", crc32c::crc32c(text.as_bytes()))
}

/// The text of a line that is whole.
fn unsealed(line: &str) -> Option<&str> {
    let (sum, text) = line.split_once('\t')?;
    let stated = u32::from_str_radix(sum, 16).ok()?;
    (sum.len() == 8 && stated == crc32c::crc32c(text.as_bytes())).then_some(text)
}

/// The first line, as far as it is one: no journal has a longer one.
fn first_line(file: &mut File) -> io::Result<String> {
    let mut bytes = Vec::new();
    file.take(LONGEST_HEAD).read_to_end(&mut bytes)?;
    let line = bytes
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    Ok(String::from_utf8_lossy(line).into_owned())
}

#[cfg(test)]
mod tests {
    use super::{sealed, unsealed};

    #[test]
    fn a_line_is_read_as_it_was_written_or_not_at_all() {
        let line = sealed("take\tnorthwind/x12/interchange\t0\t17\t01JD#1 997");
        assert_eq!(
            line,
            "b9dca7ca\ttake\tnorthwind/x12/interchange\t0\t17\t01JD#1 997\n"
        );
        let whole = line.trim_end();
        assert!(unsealed(whole).is_some());
        for place in 0..whole.len() {
            let mut bytes = whole.as_bytes().to_vec();
            bytes[place] ^= 1;
            let harmed = String::from_utf8(bytes).unwrap();
            assert_eq!(unsealed(&harmed), None, "{harmed}");
            assert_eq!(unsealed(whole.get(..place).unwrap()), None);
        }
    }
}
