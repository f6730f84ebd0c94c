//! The place of an interchange: what may stand before one, and its separators.
//! Skips blanks only; anything else is handed back for somebody to judge.
//! Invariant: separators change here and nowhere else.

use std::io;

use super::Reader;
use crate::separators::{HEADER_LIMIT, Header, HeaderFault};

/// What stands at an interchange's place.
#[derive(Debug, PartialEq, Eq)]
pub enum Opening {
    /// An ISA header, after bytes that are none of its business.
    Header {
        /// What it declares.
        header: Header,
        /// What stood before it.
        before: Blank,
    },
    /// Nothing more.
    End {
        /// What stood before the end.
        before: Blank,
    },
    /// An ISA header that cannot be used.
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
    /// NUL or the DOS end-of-file byte.
    pub control: bool,
}

impl Reader<'_> {
    /// Skips what may stand before an interchange and takes its separators. [`Reader::advance`] then gives its ISA.
    ///
    /// # Errors
    /// The input's own.
    pub fn open(&mut self) -> io::Result<Opening> {
        self.index.clear();
        self.ends.clear();
        self.count = 0;
        self.mistrust = false;
        let mut before = Blank::default();
        if self.origin == 0 && self.next == 0 {
            self.ensure(HEADER_LIMIT)?;
            if self.buffer.get(..3.min(self.filled)) == Some(b"\xEF\xBB\xBF".as_slice()) {
                before.bom = true;
                self.next = 3;
            }
        }
        loop {
            self.gap = self.next;
            self.start = self.next;
            self.scanned = self.next;
            match self
                .buffer
                .get(..self.filled)
                .and_then(|bytes| bytes.get(self.next))
                .copied()
            {
                Some(b' ' | b'\t' | b'\r' | b'\n') => before.space = true,
                Some(0 | 0x1A) => before.control = true,
                Some(_) => break,
                None if self.refill()? => continue,
                None => return Ok(Opening::End { before }),
            }
            self.next += 1;
        }
        self.ensure(HEADER_LIMIT)?;
        let bytes = self.buffer.get(self.start..self.filled).unwrap_or_default();
        let bytes = bytes.get(..HEADER_LIMIT).unwrap_or(bytes);
        if !bytes.starts_with(b"ISA") {
            return Ok(Opening::Text(bytes.get(..32).unwrap_or(bytes).to_vec()));
        }
        match Header::read(bytes) {
            Ok(header) => {
                self.separators = header.separators;
                self.index
                    .restart(header.separators.element, header.separators.terminator);
                Ok(Opening::Header { header, before })
            }
            Err(fault) => Ok(Opening::Fault(fault)),
        }
    }
}
