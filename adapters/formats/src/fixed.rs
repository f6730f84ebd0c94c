//! Records of fixed width: lines, or bytes of one length or with their length before them (RDW), cut into columns.
//!
//! A record is judged by itself: a column that a field reads and that cannot be read refuses that record. Of a column
//! that nothing reads, what is no text is kept as its bytes in hexadecimal digits.
//! Invariant: each byte of a record is in a column, a declared one or the gap between two.

mod copybook;
mod layout;
mod number;

use std::io::Read;

use canonical::decode::DecodeError;
use canonical::problem::Problem;

use crate::table::{Cell, Row, Step, read_into};
use crate::text::{Lines, Place};

pub(crate) use copybook::{Copybook, read_copybook};
pub(crate) use layout::{Column, Framing, Kind, Layout, Sign};
pub(crate) use number::MAX_DIGITS;

/// How much is asked of the input at once, in bytes.
const CHUNK: usize = 128 << 10;
/// Length of a record descriptor word: the record's length with the word's own as two bytes, and two zeros.
const RDW: usize = 4;

/// Reads records. After [`Records::advance`] has said [`Step::Row`], the other methods speak of that record.
pub(crate) struct Records<'r> {
    source: Source<'r>,
    layout: &'r Layout,
    text: String,
    cells: Vec<Cell>,
    start: Place,
    end: Place,
}

enum Source<'r> {
    Lines(Lines<'r>),
    Bytes(Bytes<'r>),
}

/// Bytes that were read ahead.
struct Bytes<'r> {
    input: &'r mut dyn Read,
    buffer: Vec<u8>,
    /// Bytes read and not yet passed are `buffer[next..filled]`.
    next: usize,
    filled: usize,
    at_end: bool,
    /// Source offset of `buffer[0]`.
    base: u64,
    /// Where the current record is in `buffer`.
    record: std::ops::Range<usize>,
}

impl<'r> Records<'r> {
    /// Refuses with `file.empty`, and as [`Lines::open`] does.
    pub(crate) fn open(input: &'r mut dyn Read, layout: &'r Layout) -> Result<Self, DecodeError> {
        let source = match layout.framing {
            Framing::Lines => Source::Lines(Lines::open(input, layout.charset, layout.limit)?),
            Framing::Length(_) | Framing::Rdw => Source::Bytes(Bytes::open(input)?),
        };
        let nowhere = Place { line: 0, byte: 0 };
        Ok(Self {
            source,
            layout,
            text: String::new(),
            cells: Vec::with_capacity(layout.columns.len()),
            start: nowhere,
            end: nowhere,
        })
    }

    /// Goes to the next record that says something.
    ///
    /// Refuses the file as [`Lines::advance`] does, and with `fixed.record_cut` or `fixed.rdw`.
    pub(crate) fn advance(&mut self) -> Result<Step, DecodeError> {
        loop {
            let is_there = match &mut self.source {
                Source::Lines(lines) => lines.advance()?,
                Source::Bytes(bytes) => bytes.advance(self.layout)?,
            };
            if !is_there {
                return Ok(Step::End);
            }
            if let Err(problem) = self.cut() {
                return Ok(Step::Broken(problem));
            }
            if self.row().has_a_value() {
                return Ok(Step::Row);
            }
        }
    }

    /// Cuts the record into its columns.
    fn cut(&mut self) -> Result<(), Box<Problem>> {
        self.text.clear();
        self.cells.clear();
        match &self.source {
            Source::Lines(lines) => {
                self.start = lines.start();
                self.end = Place {
                    byte: lines.end(),
                    ..self.start
                };
                cut_line(lines, self.layout, &mut self.text, &mut self.cells)
            }
            Source::Bytes(bytes) => {
                let record = bytes.record();
                let byte = bytes.base + bytes.record.start as u64;
                self.start = Place { line: 0, byte };
                self.end = Place {
                    line: 0,
                    byte: byte + record.len() as u64,
                };
                for column in &self.layout.columns {
                    let from = column.start.min(record.len());
                    let to = (column.start + column.length).min(record.len());
                    let piece = record.get(from..to).unwrap_or_default();
                    let start = self.text.len();
                    if let Err(wrong) = column.read(piece, self.layout.charset, &mut self.text) {
                        let byte = byte + from as u64;
                        return Err(wrong.problem(column, piece, Place { line: 0, byte }));
                    }
                    let (end, origin) = (self.text.len(), from);
                    self.cells.push(Cell { start, end, origin });
                }
                Ok(())
            }
        }
    }

    /// The record's cells as text.
    pub(crate) fn row(&self) -> Row<'_> {
        Row::new(&self.text, &self.cells)
    }

    /// Where the record starts; without a line where there are none.
    pub(crate) fn start(&self) -> Place {
        self.start
    }

    /// Where it ends.
    pub(crate) fn end(&self) -> Place {
        self.end
    }

    /// Where a column starts in the source.
    pub(crate) fn cell_place(&self, index: usize) -> Place {
        let origin = self.cells.get(index).map_or(0, |cell| cell.origin);
        let delta = match &self.source {
            Source::Lines(lines) => lines.charset().source_offset(lines.raw(), origin),
            Source::Bytes(_) => origin,
        };
        Place {
            byte: self.start.byte + delta as u64,
            ..self.start
        }
    }

    /// The lines under the records, where they are lines.
    pub(crate) fn lines(&self) -> Option<&Lines<'r>> {
        match &self.source {
            Source::Lines(lines) => Some(lines),
            Source::Bytes(_) => None,
        }
    }

    /// The encoding of the texts among the bytes.
    pub(crate) fn encoding(&self) -> Option<String> {
        self.layout.charset.map(|charset| charset.name())
    }
}

impl<'r> Bytes<'r> {
    fn open(input: &'r mut dyn Read) -> Result<Self, DecodeError> {
        let mut bytes = Self {
            input,
            buffer: Vec::new(),
            next: 0,
            filled: 0,
            at_end: false,
            base: 0,
            record: 0..0,
        };
        if !bytes.have(1)? {
            let hint = "the program that writes it may have failed, or was still writing";
            return Err(Problem::error("file.empty", "the file is empty (0 bytes)")
                .hint(hint)
                .into());
        }
        Ok(bytes)
    }

    fn record(&self) -> &[u8] {
        self.buffer.get(self.record.clone()).unwrap_or_default()
    }

    fn rest(&self) -> &[u8] {
        self.buffer.get(self.next..self.filled).unwrap_or_default()
    }

    /// Reads until so many bytes are there; whether they are.
    fn have(&mut self, wanted: usize) -> Result<bool, DecodeError> {
        while self.filled - self.next < wanted && !self.at_end {
            if self.next > 0 {
                self.buffer.copy_within(self.next..self.filled, 0);
                self.base += self.next as u64;
                self.filled -= self.next;
                self.next = 0;
            }
            if self.buffer.len() < self.filled + CHUNK / 2 {
                self.buffer.resize(self.filled + CHUNK, 0);
            }
            let free = self.buffer.get_mut(self.filled..).unwrap_or_default();
            let read = read_into(self.input, free)?;
            self.filled += read;
            self.at_end = read == 0;
        }
        Ok(self.filled - self.next >= wanted)
    }

    /// Goes to the next record.
    fn advance(&mut self, layout: &Layout) -> Result<bool, DecodeError> {
        let (before, length) = match layout.framing {
            Framing::Length(length) => (0, length),
            Framing::Rdw | Framing::Lines => {
                if !self.have(RDW)? {
                    return self.end(RDW);
                }
                (RDW, self.described()?)
            }
        };
        if !self.have(before + length)? {
            return self.end(before + length);
        }
        let from = self.next + before;
        self.record = from..from + length;
        self.next = self.record.end;
        Ok(true)
    }

    /// The length that the record's descriptor word says.
    fn described(&self) -> Result<usize, DecodeError> {
        let word = self
            .rest()
            .first_chunk::<RDW>()
            .copied()
            .unwrap_or_default();
        let [high, low, zero, other] = word;
        let length = usize::from(u16::from_be_bytes([high, low]));
        if length < RDW || (zero, other) != (0, 0) {
            let problem = Problem::error("fixed.rdw", "this is no record descriptor word");
            let problem = problem
                .at_byte(self.base + self.next as u64)
                .found(&hexadecimal(&word));
            return Err(problem
                .expected("two bytes with the record's length, and two zeros")
                .hint("the file has no descriptor words, or a transfer has changed its bytes: transfer it in binary mode")
                .into());
        }
        Ok(length - RDW)
    }

    /// No whole record is left: the end, but for a line end that a transfer added.
    fn end(&self, wanted: usize) -> Result<bool, DecodeError> {
        let rest = self.rest();
        if rest.iter().all(|byte| matches!(byte, b'\n' | b'\r' | 0x1A)) {
            return Ok(false);
        }
        let problem = Problem::error("fixed.record_cut", "the last record is cut off");
        let found = format!("{} bytes", rest.len());
        Err(problem
            .at_byte(self.base + self.next as u64)
            .found(&found)
            .expected(format!("{wanted} bytes"))
            .hint("the file is incomplete, or its records have another length than the mapping declares")
            .into())
    }
}

/// Cuts a line into columns of so many characters each.
fn cut_line(
    lines: &Lines<'_>,
    layout: &Layout,
    text: &mut String,
    cells: &mut Vec<Cell>,
) -> Result<(), Box<Problem>> {
    let line = lines.text();
    let at = |character: usize| {
        if line.is_ascii() {
            return character.min(line.len());
        }
        let found = line.char_indices().nth(character);
        found.map_or(line.len(), |(offset, _)| offset)
    };
    let place = |offset: usize| Place {
        byte: lines.start().byte + lines.charset().source_offset(lines.raw(), offset) as u64,
        ..lines.start()
    };
    for column in &layout.columns {
        let (from, to) = (at(column.start), at(column.start + column.length));
        let piece = line.get(from..to).unwrap_or_default().as_bytes();
        let start = text.len();
        if let Err(wrong) = column.read(piece, None, text) {
            return Err(wrong.problem(column, piece, place(from)));
        }
        let (end, origin) = (text.len(), from);
        cells.push(Cell { start, end, origin });
    }
    let from = at(layout.width());
    let rest = line.get(from..).unwrap_or_default();
    if rest.trim().is_empty() {
        return Ok(());
    }
    let message = "the line goes on behind the last column";
    let problem = place(from).of(Problem::error("fixed.record_long", message));
    let width = layout.width();
    Err(Box::new(
        problem
            .found(rest)
            .expected(format!("at most {width} characters"))
            .hint("declare the columns that are missing in the mapping"),
    ))
}

/// Bytes as COBOL writes them: `X'4040'`.
fn hexadecimal(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    format!("X'{digits}'")
}

#[cfg(test)]
mod tests;
