//! The place of an interchange: what may stand before one, and its separators.
//! Skips blanks, and other text only where the policy says so; judges nothing.
//! Invariant: separators change here and nowhere else.

use std::io;

use super::lines::Lines;
use super::{Advance, Reader, position};
use crate::header::{HEADER_LIMIT, Header, HeaderFault, salvage};
use crate::syntax::Syntax;

/// What becomes of text before, between and after interchanges that is neither blank nor an interchange.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextPolicy {
    /// It is refused, and nothing behind it is read.
    #[default]
    Refuse,
    /// It is passed over to the next header at the start of a line or behind a segment terminator.
    Skip,
}

/// What stands at an interchange's place.
#[derive(Debug, PartialEq, Eq)]
pub enum Opening {
    /// A header, after bytes that are none of its business.
    Header {
        /// What it declares.
        header: Header,
        /// The blanks before it.
        before: Blank,
        /// The text before it that was passed over.
        skipped: Option<Skipped>,
    },
    /// Nothing more.
    End {
        /// The blanks before the end.
        before: Blank,
        /// The text before the end that was passed over.
        skipped: Option<Skipped>,
    },
    /// A header that cannot be used. [`Reader::segment`] is what could be read of it.
    Fault(HeaderFault),
    /// Something else; the first bytes of it.
    Text(Vec<u8>),
}

/// Blank bytes that were skipped before an interchange or at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Blank {
    /// A UTF-8 byte order mark.
    pub bom: bool,
    /// Blanks and line ends.
    pub space: bool,
    /// NUL or the DOS end-of-file byte: offset and line of the first.
    pub control: Option<(u64, u64)>,
}

/// Text that was passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Offset of its first byte in the input.
    pub offset: u64,
    /// Line of its first byte, from 1.
    pub line: u64,
    /// How many bytes it has.
    pub length: u64,
    /// The first of them.
    pub first: Vec<u8>,
}

impl Reader<'_> {
    /// Skips what may stand before an interchange and takes its separators. [`Reader::advance`] then gives its header segment.
    ///
    /// # Errors
    /// The input's own.
    pub fn open(&mut self, policy: TextPolicy) -> io::Result<Opening> {
        self.index.clear();
        self.ends.clear();
        self.count = 0;
        self.mistrust = false;
        let mut before = self.skip_mark()?;
        let mut skipped: Option<Skipped> = None;
        loop {
            if self.skip_blanks(&mut before)? == Advance::End {
                return Ok(Opening::End { before, skipped });
            }
            self.ensure(HEADER_LIMIT)?;
            match Header::read(self.head()) {
                Some(Ok(header)) => {
                    self.take(&header);
                    before.space &= skipped.is_none();
                    return Ok(Opening::Header {
                        header,
                        before,
                        skipped,
                    });
                }
                Some(Err(fault)) if !is_text(fault, policy) => {
                    self.salvage();
                    return Ok(Opening::Fault(fault));
                }
                _ if policy == TextPolicy::Refuse => {
                    let head = self.head();
                    return Ok(Opening::Text(head.get(..32).unwrap_or(head).to_vec()));
                }
                _ => {}
            }
            let text = skipped.get_or_insert_with(|| self.skipping());
            text.length = self.skip_text(text.offset)?;
        }
    }

    /// A byte order mark at the very beginning.
    fn skip_mark(&mut self) -> io::Result<Blank> {
        let mut before = Blank::default();
        if self.origin == 0 && self.next == 0 {
            self.ensure(HEADER_LIMIT)?;
            if self.buffer.get(..3.min(self.filled)) == Some(b"\xEF\xBB\xBF".as_slice()) {
                before.bom = true;
                self.next = 3;
            }
            self.join_lines();
        }
        Ok(before)
    }

    /// Takes the line ends out of what was read, where they are none of the file's own.
    fn join_lines(&mut self) {
        let read = self.buffer.get_mut(self.next..self.filled);
        let Some(bytes) = read else { return };
        self.lines = Lines::detect(bytes);
        if let Some(lines) = &mut self.lines {
            self.filled = self.next + lines.strip(bytes);
        }
    }

    /// Stands on the next byte that is not blank.
    fn skip_blanks(&mut self, before: &mut Blank) -> io::Result<Advance> {
        loop {
            self.stand(self.next);
            let bytes = self.buffer.get(..self.filled).unwrap_or_default();
            match bytes.get(self.next).copied() {
                Some(b' ' | b'\t' | b'\r' | b'\n') => before.space = true,
                Some(0 | 0x1A) => {
                    let place = (self.segment_offset(), self.line());
                    before.control.get_or_insert(place);
                }
                Some(_) => return Ok(Advance::Segment),
                None if self.refill()? => continue,
                None => return Ok(Advance::End),
            }
            self.next += 1;
        }
    }

    fn stand(&mut self, place: usize) {
        self.gap = place;
        self.start = place;
        self.next = place;
        self.scanned = place;
        self.lead = 0;
    }

    /// The bytes at the current place, as many as a header may have.
    pub(crate) fn head(&self) -> &[u8] {
        let bytes = self.buffer.get(self.start..self.filled).unwrap_or_default();
        bytes.get(..HEADER_LIMIT).unwrap_or(bytes)
    }

    fn take(&mut self, header: &Header) {
        self.syntax = header.syntax;
        self.separators = header.separators;
        self.lead = header.before;
        self.scanned = self.next + header.before;
        self.index.restart(&header.separators);
    }

    /// Makes what can be read of a header that cannot be used the current segment.
    pub(crate) fn salvage(&mut self) {
        self.ends.clear();
        if let Some((separators, start, ends)) = salvage(self.head()) {
            let place = self.start;
            self.separators = separators;
            self.start += start;
            self.ends
                .extend(ends.iter().map(|end| end + position(place)));
        }
    }

    fn skipping(&mut self) -> Skipped {
        let line = self.line();
        let head = self.head();
        Skipped {
            offset: self.segment_offset(),
            line,
            length: 0,
            first: head.get(..32).unwrap_or(head).to_vec(),
        }
    }

    /// Passes over text to the next place where a header may begin, or to the end; how long the text is from `offset` on.
    fn skip_text(&mut self, offset: u64) -> io::Result<u64> {
        let terminator = self.separators.terminator;
        let ends = |byte: u8| matches!(byte, b'\n' | b'\r' | b'\'' | b'~') || byte == terminator;
        loop {
            let bytes = self.buffer.get(self.next..self.filled).unwrap_or_default();
            if let Some(end) = bytes.iter().position(|byte| ends(*byte)) {
                self.stand(self.next + end + 1);
                break;
            }
            self.stand(self.filled);
            if !self.refill()? {
                break;
            }
        }
        Ok(self.segment_offset() - offset)
    }
}

/// Whether what looks like a header is rather some text that begins with the same letters.
fn is_text(fault: HeaderFault, policy: TextPolicy) -> bool {
    match fault {
        HeaderFault::Element(byte) if byte.is_ascii_alphanumeric() => true,
        HeaderFault::Element(b' ') | HeaderFault::Malformed(Syntax::Edifact) => {
            policy == TextPolicy::Skip
        }
        HeaderFault::Truncated(_)
        | HeaderFault::Malformed(_)
        | HeaderFault::Element(_)
        | HeaderFault::Component(_)
        | HeaderFault::Repetition(_)
        | HeaderFault::Terminator(_)
        | HeaderFault::UnaLength
        | HeaderFault::ServiceCharacter(_)
        | HeaderFault::Interactive => false,
    }
}
