//! The columns of a record, and how each becomes text.
//! Knows nothing of files.
//! Invariant: columns that are read in order cover the record; only those that overlay others are beside them.

use canonical::problem::Problem;

use super::number::{Number, binary, packed, zoned};
use super::{hexadecimal, readable};
use crate::text::{Charset, Place};

/// How records are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// Each is a line; columns count characters.
    Lines,
    /// Each has so many bytes.
    Length(usize),
    /// Each has its length before it.
    Rdw,
}

/// The layout of a file's records.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) framing: Framing,
    pub(crate) charset: Option<Charset>,
    pub(crate) columns: Vec<Column>,
    /// Where the last column ends.
    pub(crate) width: usize,
    /// The longest line in bytes.
    pub(crate) limit: usize,
}

/// One column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// In bytes, or in characters of a line, from 0.
    pub(crate) start: usize,
    pub(crate) length: usize,
    pub(crate) kind: Kind,
    /// A field reads it, so that what cannot be read refuses the record.
    pub(crate) is_read: bool,
    /// It lies over others, which keep its bytes.
    pub(crate) overlays: bool,
}

/// What a column's bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    /// A digit a byte (COBOL: DISPLAY).
    Zoned {
        decimals: u8,
        sign: Sign,
    },
    /// Two digits a byte, the sign in the last half (COMP-3).
    Packed {
        decimals: u8,
    },
    /// Two's complement, the highest byte first (COMP); or without a sign.
    Binary {
        decimals: u8,
        signed: bool,
    },
}

/// Where the sign of a zoned number is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sign {
    /// In the zone of the last digit ("overpunch"), where there is one.
    #[default]
    Trailing,
    /// In the zone of the first digit.
    Leading,
    /// A character behind the digits.
    SeparateTrailing,
    /// A character before the digits.
    SeparateLeading,
}

/// Why a column cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    Number,
    Text { at: usize },
}

impl Layout {
    /// A layout of these columns, and of one in every gap between them, up to the end of records that have one length: so
    /// that nothing is lost.
    pub(crate) fn new(
        framing: Framing,
        charset: Option<Charset>,
        columns: Vec<Column>,
        limit: usize,
    ) -> Self {
        let mut layout = Self {
            framing,
            charset,
            columns,
            width: 0,
            limit,
        };
        layout.close_gaps();
        layout
    }

    fn close_gaps(&mut self) {
        let mut gaps = Vec::new();
        let mut gap = |from: usize, to: usize| {
            if from < to {
                gaps.push(Column {
                    name: format!("#{}-{}", from + 1, to),
                    start: from,
                    length: to - from,
                    kind: Kind::Text,
                    is_read: false,
                    overlays: false,
                });
            }
        };
        self.columns.sort_by_key(|column| column.start);
        let mut covered = 0;
        for column in self.columns.iter().filter(|column| !column.overlays) {
            gap(covered, column.start);
            covered = covered.max(column.end());
        }
        let ends = self.columns.iter().map(Column::end);
        self.width = match self.framing {
            Framing::Length(length) => length,
            Framing::Lines | Framing::Rdw => ends.max().unwrap_or_default(),
        };
        gap(covered, self.width);
        self.columns.append(&mut gaps);
        self.columns.sort_by_key(|column| column.start);
    }
}

impl Column {
    /// The place behind it.
    pub(crate) fn end(&self) -> usize {
        self.start + self.length
    }

    /// Adds the column's text: nothing for blanks and for bytes that were never set, and nothing for one that lies over
    /// others unless a field reads it. `charset` is that of raw bytes; without one they are UTF-8.
    pub(crate) fn read(
        &self,
        bytes: &[u8],
        charset: Option<Charset>,
        out: &mut String,
    ) -> Result<(), Unreadable> {
        if self.overlays && !self.is_read {
            return Ok(());
        }
        let start = out.len();
        match self.decode(bytes, charset, out) {
            Ok(()) => Ok(()),
            Err(wrong) if self.is_read => Err(wrong),
            Err(_) => {
                out.truncate(start);
                out.push_str(&hexadecimal(bytes));
                Ok(())
            }
        }
    }

    fn decode(
        &self,
        bytes: &[u8],
        charset: Option<Charset>,
        out: &mut String,
    ) -> Result<(), Unreadable> {
        let is_ebcdic = charset.is_some_and(Charset::is_ebcdic);
        // Zeros and blanks are numbers where a byte is one.
        let can_be_unset = !matches!(self.kind, Kind::Binary { .. });
        if bytes.is_empty() || (can_be_unset && is_unset(bytes, charset)) {
            return Ok(());
        }
        if self.kind != Kind::Text && bytes.len() != self.length {
            return Err(Unreadable::Number); // cut off: what is left is another number
        }
        let (number, decimals) = match self.kind {
            Kind::Text => return text(bytes, charset, out),
            Kind::Zoned { decimals, sign } => (zoned(bytes, is_ebcdic, sign), decimals),
            Kind::Packed { decimals } => (packed(bytes), decimals),
            Kind::Binary { decimals, signed } => (binary(bytes, signed), decimals),
        };
        let number: Number = number.ok_or(Unreadable::Number)?;
        number.write(decimals, out);
        Ok(())
    }
}

/// Whether bytes are blanks, or zeros that nobody has written over.
pub(super) fn is_unset(bytes: &[u8], charset: Option<Charset>) -> bool {
    let is_ebcdic = charset.is_some_and(Charset::is_ebcdic);
    let blank = if is_ebcdic { 0x40 } else { b' ' };
    let all = |wanted: u8| bytes.iter().all(|byte| *byte == wanted);
    all(blank) || all(0)
}

fn text(bytes: &[u8], charset: Option<Charset>, out: &mut String) -> Result<(), Unreadable> {
    let start = out.len();
    match charset {
        Some(charset) => charset
            .decode_onto(bytes, out)
            .map_err(|wrong| Unreadable::Text { at: wrong.at })?,
        None => {
            let decoded = std::str::from_utf8(bytes);
            out.push_str(decoded.map_err(|wrong| Unreadable::Text {
                at: wrong.valid_up_to(),
            })?);
        }
    }
    let decoded = out.get(start..).unwrap_or_default();
    match memchr::memchr(0, decoded.as_bytes()) {
        None => Ok(()),
        Some(_) => Err(Unreadable::Text {
            at: memchr::memchr(0, bytes).unwrap_or_default(),
        }),
    }
}

impl Unreadable {
    /// What is said of a column at this place.
    pub(crate) fn problem(self, column: &Column, bytes: &[u8], place: Place) -> Box<Problem> {
        let (code, message, delta) = match self {
            Self::Number => ("fixed.number", "the column holds no such number", 0),
            Self::Text { at } => ("text.undecodable", "a byte cannot be decoded", at),
        };
        let expected = match column.kind {
            Kind::Text => "text in the encoding that the mapping declares".to_owned(),
            Kind::Zoned { .. } => {
                "digits, a sign in the place that the mapping declares".to_owned()
            }
            Kind::Packed { .. } => "two digits a byte, and in the last half byte a sign".to_owned(),
            Kind::Binary { .. } => "1 to 8 bytes".to_owned(),
        };
        let byte = place.byte + delta as u64;
        let problem = Place { byte, ..place }.of(Problem::error(code, message));
        let hint = "the layout does not fit, or a transfer has changed the bytes: transfer the file in binary mode";
        Box::new(
            problem
                .at_path(&column.name)
                .found(&readable(bytes))
                .expected(expected)
                .hint(hint),
        )
    }
}
