//! Records of fixed width: lines, or bytes of one length or with their length before them (RDW), cut into columns.
//!
//! A record is judged by itself: a column that a field reads and that cannot be read refuses that record. Of a column
//! that nothing reads, what is no text is kept as its bytes in hexadecimal digits.
//! Invariant: each byte of a record is in a column, a declared one or the gap between two, or refuses the record.

mod copybook;
mod layout;
mod number;

use std::io::Read;
use std::ops::Range;

use canonical::decode::DecodeError;
use canonical::problem::Problem;

use crate::ahead::{Ahead, empty_file};
use crate::table::{Cell, Row, Step};
use crate::text::{Charset, Lines, Place};

pub(crate) use copybook::{Copybook, read_copybook};
use layout::is_unset;
pub(crate) use layout::{Column, Framing, Kind, Layout, Sign};
pub(crate) use number::MAX_DIGITS;

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

/// Records of bytes.
struct Bytes<'r> {
    ahead: Ahead<'r>,
    /// Where the current record is in what was read ahead.
    record: Range<usize>,
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
        let record = match &self.source {
            Source::Lines(lines) => Record {
                bytes: lines.text().as_bytes(),
                characters: Some(lines.text()).filter(|line| !line.is_ascii()),
                charset: None,
            },
            Source::Bytes(bytes) => Record {
                bytes: bytes.record(),
                characters: None,
                charset: self.layout.charset,
            },
        };
        (self.start, self.end) = match &self.source {
            Source::Lines(lines) => {
                let start = lines.start();
                let byte = lines.end();
                (start, Place { byte, ..start })
            }
            Source::Bytes(bytes) => {
                let at = |place| Place {
                    line: 0,
                    byte: bytes.ahead.offset(place),
                };
                (at(bytes.record.start), at(bytes.record.end))
            }
        };
        for column in &self.layout.columns {
            let from = record.at(column.start);
            let piece = record.piece(from, record.at(column.start + column.length));
            let start = self.text.len();
            if let Err(wrong) = column.read(piece, record.charset, &mut self.text) {
                return Err(wrong.problem(column, piece, self.place(from)));
            }
            let (end, origin) = (self.text.len(), from);
            self.cells.push(Cell { start, end, origin });
        }
        let from = record.at(self.layout.width);
        let rest = record.piece(from, record.bytes.len());
        if is_unset(rest, record.charset) {
            return Ok(());
        }
        Err(Box::new(self.too_long(rest, from)))
    }

    fn too_long(&self, rest: &[u8], from: usize) -> Problem {
        let (what, unit) = match &self.source {
            Source::Lines(_) => ("line", "characters"),
            Source::Bytes(_) => ("record", "bytes"),
        };
        let message = format!("the {what} goes on behind the last column");
        let problem = self
            .place(from)
            .of(Problem::error("fixed.record_long", message));
        problem
            .found(&readable(rest))
            .expected(format!("at most {} {unit}", self.layout.width))
            .hint("declare the columns that are missing in the mapping")
    }

    /// Where an offset of the record, as it is cut, stands in the source.
    fn place(&self, offset: usize) -> Place {
        let delta = match &self.source {
            Source::Lines(lines) => lines.charset().source_offset(lines.raw(), offset),
            Source::Bytes(_) => offset,
        };
        Place {
            byte: self.start.byte + delta as u64,
            ..self.start
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
        self.place(self.cells.get(index).map_or(0, |cell| cell.origin))
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

/// A record that is cut.
struct Record<'a> {
    bytes: &'a [u8],
    /// The same where a column is counted in characters, and one is not a byte.
    characters: Option<&'a str>,
    charset: Option<Charset>,
}

impl<'a> Record<'a> {
    /// Where so many characters or bytes end.
    fn at(&self, count: usize) -> usize {
        let found = self.characters.map(|text| text.char_indices().nth(count));
        let offset = found.map_or(Some(count), |found| found.map(|(offset, _)| offset));
        offset.unwrap_or(usize::MAX).min(self.bytes.len())
    }

    fn piece(&self, from: usize, to: usize) -> &'a [u8] {
        self.bytes.get(from..to).unwrap_or_default()
    }
}

impl<'r> Bytes<'r> {
    fn open(input: &'r mut dyn Read) -> Result<Self, DecodeError> {
        let mut bytes = Self {
            ahead: Ahead::new(input),
            record: 0..0,
        };
        if bytes.ahead.have(1)? {
            Ok(bytes)
        } else {
            Err(empty_file().into())
        }
    }

    fn record(&self) -> &[u8] {
        self.ahead.bytes(self.record.clone())
    }

    /// Goes to the next record.
    fn advance(&mut self, layout: &Layout) -> Result<bool, DecodeError> {
        let (before, length) = match layout.framing {
            Framing::Length(length) => (0, length),
            Framing::Rdw | Framing::Lines => {
                if !self.ahead.have(RDW)? {
                    return self.end(RDW);
                }
                (RDW, self.described()?)
            }
        };
        if !self.ahead.have(before + length)? {
            return self.end(before + length);
        }
        let from = self.ahead.next() + before;
        self.record = from..from + length;
        self.ahead.pass(before + length);
        Ok(true)
    }

    /// The length that the record's descriptor word says.
    fn described(&self) -> Result<usize, DecodeError> {
        let word = self.ahead.unread().first_chunk::<RDW>();
        let word = word.copied().unwrap_or_default();
        let [high, low, zero, other] = word;
        let length = usize::from(u16::from_be_bytes([high, low]));
        if length < RDW || (zero, other) != (0, 0) {
            let problem = Problem::error("fixed.rdw", "this is no record descriptor word");
            let problem = problem
                .at_byte(self.ahead.offset(self.ahead.next()))
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
        let rest = self.ahead.unread();
        if rest.iter().all(|byte| matches!(byte, b'\n' | b'\r' | 0x1A)) {
            return Ok(false);
        }
        let problem = Problem::error("fixed.record_cut", "the last record is cut off");
        let found = format!("{} bytes", rest.len());
        Err(problem
            .at_byte(self.ahead.offset(self.ahead.next()))
            .found(&found)
            .expected(format!("{wanted} bytes"))
            .hint("the file is incomplete, or its records have another length than the mapping declares")
            .into())
    }
}

/// Bytes as COBOL writes them: `X'4040'`.
fn hexadecimal(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    format!("X'{digits}'")
}

/// Bytes as a person can read them.
fn readable(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains(char::is_control) => text.to_owned(),
        _ => hexadecimal(bytes),
    }
}

#[cfg(test)]
mod tests;
