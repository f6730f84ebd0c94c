//! Reads segments from a stream into one reused buffer: what a caller gets is borrowed from it until it asks for the next.
//! Knows separators, release characters, terminator suffixes, and binary data by its length; knows no envelope and judges nothing.
//! Invariant: memory is bounded by [`Limits`], however the input is cut into reads and however long it is.

mod binary;
pub(crate) mod lines;
mod opening;

use std::io::{self, ErrorKind, Read};

use sha2::{Digest as _, Sha256};

use crate::limits::Limits;
use crate::scan::Index;
use crate::segment::Segment;
use crate::separators::Separators;
use crate::syntax::Syntax;

use lines::Lines;
pub use opening::{Blank, Opening, Skipped, TextPolicy};

/// How much is indexed at a time: it stays in the processor's cache between the two stages.
const BLOCK: usize = 64 << 10;

/// Where [`Reader::advance`] got to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advance {
    /// A segment is current.
    Segment,
    /// The input ends.
    End,
    /// The input ends inside a segment, which is current; blanks at its end are not part of it.
    Unterminated,
    /// No terminator within [`Limits::segment_bytes`].
    TooLong,
}

/// Reads segments. [`Reader::advance`] makes the next one current, [`Reader::segment`] borrows it.
pub struct Reader<'r> {
    input: &'r mut dyn Read,
    limits: Limits,
    syntax: Syntax,
    separators: Separators,
    index: Index,
    buffer: Vec<u8>,
    filled: usize,
    at_end: bool,
    /// Offset of the buffer's first byte in the input.
    origin: u64,
    /// The current segment: what stands before it, its first byte, how many pending positions are its own, and what follows.
    gap: usize,
    start: usize,
    count: usize,
    next: usize,
    /// Bytes behind `next` that belong to no segment: a UNA, or the object of a package.
    lead: usize,
    /// Up to where the buffer is indexed.
    scanned: usize,
    /// The current segment's ends when they are not a run of pending positions.
    ends: Vec<u32>,
    binary_fault: bool,
    /// A binary length lied before: long ones are not believed again in this interchange.
    mistrust: bool,
    line: u64,
    line_at: usize,
    /// The line ends that are taken out of a file that was cut into lines of one width.
    lines: Option<Lines>,
    /// The digest of the bytes since it was begun, up to a place in the buffer.
    digest: Option<(Sha256, usize)>,
}

impl<'r> Reader<'r> {
    /// Reads from `input`, from where it stands.
    #[must_use]
    pub fn new(input: &'r mut dyn Read, limits: Limits) -> Self {
        let size = limits.segment_bytes * 2 + BLOCK;
        Self {
            input,
            limits,
            syntax: Syntax::X12,
            separators: Separators::X12,
            index: Index::new(),
            buffer: vec![0; size],
            filled: 0,
            at_end: false,
            origin: 0,
            gap: 0,
            start: 0,
            count: 0,
            next: 0,
            lead: 0,
            scanned: 0,
            ends: Vec::new(),
            binary_fault: false,
            mistrust: false,
            line: 1,
            line_at: 0,
            lines: None,
            digest: None,
        }
    }

    /// Goes without the instructions that not every processor has: to compare.
    #[must_use]
    pub fn portable(mut self) -> Self {
        self.index.portable();
        self
    }

    /// Goes back to before the current segment, so that [`Reader::open`] finds the interchange that begins there.
    pub fn rewind(&mut self) {
        self.next = self.start;
        self.lead = 0;
    }

    /// Makes the next segment current.
    ///
    /// # Errors
    /// The input's own.
    pub fn advance(&mut self) -> io::Result<Advance> {
        self.index.consume(self.count);
        self.index.forget_released(position(self.next));
        self.count = 0;
        self.ends.clear();
        self.binary_fault = false;
        if let Some(end) = self.skip_gap()? {
            return Ok(end);
        }
        if self.syntax == Syntax::X12 && self.at_binary()? && self.binary()? {
            return Ok(Advance::Segment);
        }
        loop {
            if let Some(count) = self.index.to_terminator() {
                let last = self.index.pending().get(count - 1);
                self.count = count;
                self.next = last.map_or(self.scanned, |hit| *hit as usize + 1);
                let long = self.next - self.start > self.limits.segment_bytes;
                return Ok(if long {
                    Advance::TooLong
                } else {
                    Advance::Segment
                });
            }
            if self.scanned - self.start > self.limits.segment_bytes {
                return Ok(Advance::TooLong);
            }
            if !self.scan()? {
                self.take_rest();
                return Ok(Advance::Unterminated);
            }
        }
    }

    /// Makes what is left of the input the current segment.
    fn take_rest(&mut self) {
        let rest = self.buffer.get(self.start..self.filled).unwrap_or_default();
        let blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0 | 0x1A);
        let end = self.filled - rest.iter().rev().take_while(blank).count();
        let end = position(end);
        let before = self.index.pending().iter().filter(|hit| **hit < end);
        self.ends.extend(before);
        self.ends.push(end);
        self.next = self.filled;
        self.index.clear();
    }

    /// The current segment.
    #[must_use]
    pub fn segment(&self) -> Segment<'_> {
        let pending = || self.index.pending().get(..self.count).unwrap_or_default();
        Segment {
            bytes: self.buffer.get(..self.filled).unwrap_or_default(),
            ends: if self.ends.is_empty() {
                pending()
            } else {
                &self.ends
            },
            start: position(self.start),
            origin: self.origin,
            separators: self.separators,
        }
    }

    /// The bytes between the previous segment's terminator and the current segment: blanks, a UNA, the object of a package.
    #[must_use]
    pub fn gap(&self) -> &[u8] {
        self.buffer.get(self.gap..self.start).unwrap_or_default()
    }

    /// The syntax of the interchange that was opened last.
    #[must_use]
    pub fn syntax(&self) -> Syntax {
        self.syntax
    }

    /// The separators in force.
    #[must_use]
    pub fn separators(&self) -> Separators {
        self.separators
    }

    /// Offset of the first byte that no segment has taken yet.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.origin + self.next as u64
    }

    /// Offset of the current segment, or of what stands where one should.
    #[must_use]
    pub fn segment_offset(&self) -> u64 {
        self.origin + self.start as u64
    }

    /// Line of the current segment's first byte, from 1. Lines end with LF.
    pub fn line(&mut self) -> u64 {
        if let Some(width) = self.joined_lines() {
            return self.segment_offset() / width as u64 + 1;
        }
        self.count_lines(self.start);
        self.line
    }

    /// The width of the lines that the file was cut into, and that are read as one; offsets count without their ends.
    #[must_use]
    pub fn joined_lines(&self) -> Option<usize> {
        self.lines.map(Lines::width)
    }

    /// Whether the current segment is binary and its length is not one: it was split like any other.
    #[must_use]
    pub fn binary_fault(&self) -> bool {
        self.binary_fault
    }

    /// Bytes of the current segment that a release character stands before although they separate nothing, and terminators
    /// that it made data: the offset of each, and what follows from it on in the segment.
    pub(crate) fn oddly_released(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let bytes = self.buffer.get(..self.next).unwrap_or_default();
        let odd = self.index.oddly_released().iter();
        odd.filter_map(|place| {
            let rest = bytes.get(*place as usize..)?;
            (!rest.is_empty()).then(|| (self.origin + u64::from(*place), rest))
        })
    }

    /// Takes the digest of what is read from the current segment on.
    pub(crate) fn begin_digest(&mut self) {
        self.digest = Some((Sha256::new(), self.start));
    }

    /// The SHA-256 of everything from the segment at which it was begun to the end of the current one.
    pub(crate) fn end_digest(&mut self) -> Option<[u8; 32]> {
        self.digest_to(self.next);
        let (digest, _) = self.digest.take()?;
        Some(digest.finalize().into())
    }

    fn digest_to(&mut self, to: usize) {
        if let Some((digest, place)) = &mut self.digest {
            digest.update(self.buffer.get(*place..to).unwrap_or_default());
            *place = to.max(*place);
        }
    }

    fn count_lines(&mut self, to: usize) {
        let passed = self.buffer.get(self.line_at..to).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', passed).count() as u64;
        self.line_at = self.line_at.max(to);
    }

    /// Stands on the next byte that is not blank. Says what it came to when there is none, or the blanks go on for too long.
    fn skip_gap(&mut self) -> io::Result<Option<Advance>> {
        let lead = std::mem::take(&mut self.lead);
        let longest = lead + self.limits.segment_bytes;
        self.gap = self.next;
        self.start = self.next + lead;
        loop {
            match self
                .buffer
                .get(..self.filled)
                .and_then(|bytes| bytes.get(self.start))
                .copied()
            {
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.start += 1,
                Some(_) => break,
                None if self.start - self.gap > longest => break,
                None if self.refill()? => {}
                None => return Ok(Some(Advance::End)),
            }
        }
        if self.start - self.gap > longest {
            return Ok(Some(Advance::TooLong));
        }
        // Where a line end is the terminator, the gap holds separators of empty lines.
        self.scanned = self.scanned.max(self.start);
        if self.start > self.gap {
            self.index.consume_before(position(self.start));
        }
        Ok(None)
    }

    /// Indexes more of the buffer, reading on when all of it is indexed. False at the end of the input.
    fn scan(&mut self) -> io::Result<bool> {
        if self.scanned == self.filled && !self.refill()? {
            return Ok(false);
        }
        let to = self.filled.min(self.scanned + BLOCK);
        let block = self.buffer.get(self.scanned..to).unwrap_or_default();
        self.index.scan(block, position(self.scanned));
        self.scanned = to;
        Ok(true)
    }

    /// Reads until `bytes` bytes stand from the current start on, or the input ends.
    fn ensure(&mut self, bytes: usize) -> io::Result<()> {
        while self.filled - self.start < bytes {
            if !self.refill()? {
                break;
            }
        }
        Ok(())
    }

    /// Drops what was consumed and fills the buffer. False when the input has ended.
    fn refill(&mut self) -> io::Result<bool> {
        if self.at_end {
            return Ok(false);
        }
        let consumed = self.gap;
        self.count_lines(consumed);
        self.digest_to(consumed);
        self.buffer.copy_within(consumed..self.filled, 0);
        self.origin += consumed as u64;
        self.index.shift(position(consumed));
        self.filled -= consumed;
        self.gap = 0;
        self.start -= consumed;
        self.next = self.next.saturating_sub(consumed);
        self.scanned = self.scanned.saturating_sub(consumed);
        self.line_at -= consumed;
        if let Some((_, place)) = &mut self.digest {
            *place -= consumed;
        }
        let usual = self.limits.segment_bytes * 2 + BLOCK;
        if self.filled == self.buffer.len() {
            // Only a binary payload gets here: every other piece is refused before it fills the buffer.
            self.buffer.resize(self.filled * 2, 0);
        } else if self.buffer.len() > usual && self.filled < usual {
            self.buffer.truncate(usual);
            self.buffer.shrink_to_fit();
        }
        let had = self.filled;
        while let Some(room) = self
            .buffer
            .get_mut(self.filled..)
            .filter(|room| !room.is_empty())
        {
            match self.input.read(room) {
                Ok(0) => {
                    self.at_end = true;
                    break;
                }
                Ok(read) => {
                    self.filled += match &mut self.lines {
                        Some(lines) => lines.strip(room.get_mut(..read).unwrap_or_default()),
                        None => read,
                    };
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.filled > had)
    }
}

/// A buffer position as the index keeps it. The buffer holds at most a binary payload and is far below 4 GiB.
fn position(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
