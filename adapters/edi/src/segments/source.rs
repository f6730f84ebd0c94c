//! The input as the reader gets it, and a copy of what no line was written for yet: the reader forgets what stands outside of
//! interchanges. Line ends of files that were cut into lines of one width are taken out before both.
//! Invariant: offsets here are the reader's; the copy is bounded, and beyond the bound the reader gets no more.

use std::cell::RefCell;
use std::io::{self, Read};

use crate::reader::lines::Lines;

/// Bytes that are looked at before the first are given: a mark, and as many as lines of one width are known by.
const FIRST: usize = 1024;

/// A UTF-8 byte order mark.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// The bytes that no line was written for yet.
#[derive(Default)]
pub(super) struct Kept {
    bytes: Vec<u8>,
    head: usize,
    offset: u64,
    /// The lines of one width, and where the first of them begins.
    lines: Option<(Lines, u64)>,
}

impl Kept {
    /// Offset of the first byte.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// How many bytes there are.
    pub(super) fn len(&self) -> usize {
        self.bytes.len() - self.head
    }

    /// Where the bytes end, at most so many of them.
    pub(super) fn end_of(&self, most: usize) -> u64 {
        let bytes = self.bytes.get(self.head..).unwrap_or_default();
        self.offset + whole(bytes, most) as u64
    }

    /// The bytes up to this offset, which are kept no longer.
    pub(super) fn take(&mut self, to: u64) -> Vec<u8> {
        let wanted = usize::try_from(to.saturating_sub(self.offset)).unwrap_or(usize::MAX);
        let end = self.head.saturating_add(wanted).min(self.bytes.len());
        let taken = self.bytes.get(self.head..end).unwrap_or_default().to_vec();
        self.head = end;
        self.offset += taken.len() as u64;
        taken
    }

    /// Passes over bytes that the caller has from the reader.
    pub(super) fn pass(&mut self, to: u64) {
        let passed = usize::try_from(to.saturating_sub(self.offset)).unwrap_or(usize::MAX);
        let passed = passed.min(self.len());
        self.head += passed;
        self.offset += passed as u64;
    }

    /// Where the lines of one width begin.
    pub(super) fn lines_from(&self) -> u64 {
        self.lines.map_or(0, |(_, from)| from)
    }

    /// The lines that the file was cut into, as they are now.
    pub(super) fn lines(&self) -> Option<Lines> {
        Some(self.lines?.0)
    }

    /// Offset of the byte from which on the lines have no one width any more.
    pub(super) fn broken_at(&self) -> Option<u64> {
        let (lines, from) = self.lines?;
        Some(from + lines.broken_after()?)
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.head > FIRST.max(self.bytes.len() / 2) {
            self.bytes.drain(..self.head);
            self.head = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }
}

/// How many of these bytes can be told together, at most so many: a character of UTF-8 is not cut.
pub(super) fn whole(bytes: &[u8], most: usize) -> usize {
    let Some(next) = bytes.get(most) else {
        return bytes.len();
    };
    let within = |byte: &u8| matches!(byte, 0x80..=0xBF);
    let before = bytes.get(..most).unwrap_or_default();
    let cut = before.iter().rev().take(3).take_while(|byte| within(byte));
    if within(next) {
        most - (cut.count() + 1).min(most)
    } else {
        most
    }
}

/// The input.
pub(super) struct Source<'r> {
    input: &'r mut dyn Read,
    kept: &'r RefCell<Kept>,
    most: usize,
    first: io::Cursor<Vec<u8>>,
    started: bool,
}

impl<'r> Source<'r> {
    /// Keeps at most about `most` bytes.
    pub(super) fn new(input: &'r mut dyn Read, kept: &'r RefCell<Kept>, most: usize) -> Self {
        Self {
            input,
            kept,
            most,
            first: io::Cursor::default(),
            started: false,
        }
    }

    /// Lifts the bound: what is read from now on is taken at once.
    pub(super) fn unbounded(&mut self) {
        self.most = usize::MAX;
    }

    /// Looks at the beginning, and takes the line ends out of it.
    fn start(&mut self) -> io::Result<()> {
        self.started = true;
        let mut first = Vec::new();
        (&mut *self.input)
            .take(FIRST as u64)
            .read_to_end(&mut first)?;
        let mark = if first.starts_with(MARK) {
            MARK.len()
        } else {
            0
        };
        let mut kept = self.kept.borrow_mut();
        let text = first.get_mut(mark..).unwrap_or_default();
        if let Some(mut lines) = Lines::detect(text) {
            let length = lines.strip(text);
            first.truncate(mark + length);
            kept.lines = Some((lines, mark as u64));
        }
        kept.keep(&first);
        self.first = io::Cursor::new(first);
        Ok(())
    }
}

impl Read for Source<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if !self.started {
            self.start()?;
        }
        let read = self.first.read(room)?;
        if read > 0 {
            return Ok(read);
        }
        let mut kept = self.kept.borrow_mut();
        if kept.len() >= self.most {
            return Ok(0);
        }
        loop {
            let read = self.input.read(room)?;
            let bytes = room.get_mut(..read).unwrap_or_default();
            let length = match &mut kept.lines {
                Some((lines, _)) => lines.strip(bytes),
                None => read,
            };
            kept.keep(bytes.get(..length).unwrap_or_default());
            if length > 0 || read == 0 {
                return Ok(length);
            }
        }
    }
}
