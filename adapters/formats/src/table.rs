//! Rows of cells, whatever they were cut from.
//! Knows nothing of what cells mean.

use canonical::decode::{DecodeError, Summary};
use canonical::problem::Problem;

use crate::delimited::Rows;
use crate::fixed::Records;
use crate::text::{Lines, Place};

/// One cell of the current row: where its text is in the row, and where it came from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Offset of the cell's first byte in the row as it was written, quotes and line ends included.
    pub(crate) origin: usize,
}

/// The cells of one row, as text.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    text: &'a str,
    cells: &'a [Cell],
}

impl<'a> Row<'a> {
    pub(crate) fn new(text: &'a str, cells: &'a [Cell]) -> Self {
        Self { text, cells }
    }

    /// How many cells the row has: at least one.
    pub(crate) fn len(self) -> usize {
        self.cells.len()
    }

    /// The text of a cell, without quotes; `None` behind the last cell.
    pub(crate) fn cell(self, index: usize) -> Option<&'a str> {
        let cell = self.cells.get(index)?;
        self.text.get(cell.start..cell.end)
    }

    /// Whether some cell says something.
    pub(crate) fn has_a_value(self) -> bool {
        (0..self.len()).any(|index| self.cell(index).is_some_and(|cell| !cell.trim().is_empty()))
    }
}

/// What an `advance` found.
pub(crate) enum Step {
    /// A row.
    Row,
    /// A row that cannot be cut into cells, and why.
    Broken(Box<Problem>),
    /// The end of the file.
    End,
}

/// A file that is read row by row. After [`Table::advance`] has said [`Step::Row`], the other methods speak of that row.
pub(crate) enum Table<'r> {
    Delimited(Rows<'r>),
    Fixed(Records<'r>),
}

impl<'r> Table<'r> {
    /// Goes to the next row that says something.
    pub(crate) fn advance(&mut self) -> Result<Step, DecodeError> {
        match self {
            Self::Delimited(rows) => rows.advance(),
            Self::Fixed(records) => records.advance(),
        }
    }

    /// The row's cells as text.
    pub(crate) fn row(&self) -> Row<'_> {
        match self {
            Self::Delimited(rows) => rows.row(),
            Self::Fixed(records) => records.row(),
        }
    }

    /// Where the row starts.
    pub(crate) fn start(&self) -> Place {
        match self {
            Self::Delimited(rows) => rows.start(),
            Self::Fixed(records) => records.start(),
        }
    }

    /// The row's last line, and the byte after its last character (line end not included).
    pub(crate) fn end(&self) -> Place {
        match self {
            Self::Delimited(rows) => rows.end(),
            Self::Fixed(records) => records.end(),
        }
    }

    /// Where a cell starts in the source.
    pub(crate) fn cell_place(&self, index: usize) -> Place {
        match self {
            Self::Delimited(rows) => rows.cell_place(index),
            Self::Fixed(records) => records.cell_place(index),
        }
    }

    /// Adds what is known of the file: encoding, byte order mark, line ends.
    pub(crate) fn describe(&self, summary: &mut Summary) {
        let of_lines = |lines: &Lines<'_>, summary: &mut Summary| {
            summary.encoding = Some(lines.charset().name());
            summary.bom = Some(lines.bom());
            summary.line_ending = lines.line_ending();
        };
        match self {
            Self::Delimited(rows) => of_lines(rows.lines(), summary),
            Self::Fixed(records) => match records.lines() {
                Some(lines) => of_lines(lines, summary),
                None => summary.encoding = records.encoding(),
            },
        }
    }
}
