//! Delimited text: lines cut into rows of cells, every cell with its place in the source.
//!
//! Knows quotes, doubled quotes and quoted line ends, and nothing of what cells mean. A row is judged by itself:
//! a stray quote refuses that row. A quote that never closes refuses the file, because nobody can tell what it swallowed.

use canonical::decode::DecodeError;
use canonical::problem::Problem;

use crate::table::{Cell, Row, Step};
use crate::text::{Lines, Place};

/// How rows and cells are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dialect {
    /// The ASCII character between two cells.
    pub(crate) separator: u8,
    /// The ASCII character around a cell that holds separators or line ends; doubled inside to stand for itself.
    pub(crate) quote: Option<u8>,
    /// The ASCII character that is written before a quote, or itself, inside a quoted cell; a quote can be doubled all the same.
    pub(crate) escape: Option<u8>,
    /// How many lines stand before the first row.
    pub(crate) skip_lines: u64,
    /// The longest row in bytes.
    pub(crate) record_limit: usize,
}

/// Reads rows. After [`Rows::advance`] has said [`Step::Row`], the other methods speak of that row.
pub(crate) struct Rows<'r> {
    lines: Lines<'r>,
    dialect: Dialect,
    cells: Vec<Cell>,
    /// Cells of a row with quotes, without their quotes, one after the other.
    unquoted: String,
    /// The row as it was written, when it takes more than one line.
    joined: String,
    pieces: Vec<Piece>,
    quoted: bool,
    start: Place,
    end: Place,
}

/// One line of a row that takes several, for the way back to source bytes.
struct Piece {
    text_start: usize,
    start: u64,
    /// Only kept when the line had to be decoded.
    raw: Option<Vec<u8>>,
}

impl<'r> Rows<'r> {
    pub(crate) fn new(lines: Lines<'r>, dialect: Dialect) -> Self {
        let nowhere = Place { line: 0, byte: 0 };
        Self {
            lines,
            dialect,
            cells: Vec::new(),
            unquoted: String::new(),
            joined: String::new(),
            pieces: Vec::new(),
            quoted: false,
            start: nowhere,
            end: nowhere,
        }
    }

    /// Goes to the next row. Rows without any value (blank lines, lines of separators only) are passed over: they
    /// carry nothing, and spreadsheets leave them behind.
    ///
    /// Refuses the file as [`Lines::advance`] does, and with `delimited.unclosed_quote` or `delimited.row_too_long`.
    pub(crate) fn advance(&mut self) -> Result<Step, DecodeError> {
        while self.lines.advance()? {
            self.start = self.lines.start();
            if self.is_preamble()? {
                continue;
            }
            self.mark_end();
            self.cells.clear();
            self.quoted = false;
            if !self.split_plain() {
                self.quoted = true;
                if let Some(problem) = self.split_quoted()? {
                    return Ok(Step::Broken(problem));
                }
            }
            if self.row().has_a_value() {
                return Ok(Step::Row);
            }
        }
        Ok(Step::End)
    }

    /// The row's cells as text. What `index` a cell has is known from the header.
    pub(crate) fn row(&self) -> Row<'_> {
        let text = if self.quoted {
            &self.unquoted
        } else {
            self.lines.text()
        };
        let cells = &self.cells;
        Row::new(text, cells)
    }

    /// Where the row starts.
    pub(crate) fn start(&self) -> Place {
        self.start
    }

    /// The row's last line, and the byte after its last character (line end not included).
    pub(crate) fn end(&self) -> Place {
        self.end
    }

    /// Where a cell starts in the source: its quote, if it has one.
    pub(crate) fn cell_place(&self, index: usize) -> Place {
        match self.cells.get(index) {
            Some(cell) => self.place(cell.origin),
            None => self.start,
        }
    }

    /// The lines under the rows, for what is known of the file: encoding, byte order mark, line ends.
    pub(crate) fn lines(&self) -> &Lines<'r> {
        &self.lines
    }

    /// Where the character at `offset` of the row as written stands in the source.
    fn place(&self, offset: usize) -> Place {
        let charset = self.lines.charset();
        let Some((index, piece)) = self
            .pieces
            .iter()
            .enumerate()
            .rfind(|(_, piece)| piece.text_start <= offset)
        else {
            let delta = charset.source_offset(self.lines.raw(), offset);
            let byte = self.start.byte + delta as u64;
            return Place { byte, ..self.start };
        };
        let inside = offset - piece.text_start;
        let delta = match &piece.raw {
            Some(raw) => charset.source_offset(raw, inside),
            None => inside,
        };
        Place {
            line: self.start.line + index as u64,
            byte: piece.start + delta as u64,
        }
    }

    /// Whether the line stands before the rows: as declared, or as Excel's own word on the separator.
    fn is_preamble(&self) -> Result<bool, DecodeError> {
        let line = self.start.line;
        if line <= self.dialect.skip_lines {
            return Ok(true);
        }
        let said = self.lines.text().strip_prefix("sep=").filter(|_| line == 1);
        let Some([said]) = said.map(str::as_bytes) else {
            return Ok(false);
        };
        if *said == self.dialect.separator {
            return Ok(true);
        }
        let message = "the file names another separator than the mapping";
        Err(Problem::error("delimited.separator", message)
            .at_line(line)
            .at_byte(self.start.byte)
            .found(&char::from(*said).to_string())
            .expected(format!("{:?}", char::from(self.dialect.separator)))
            .hint("declare the separator of the file in the mapping")
            .into())
    }

    fn mark_end(&mut self) {
        self.end = Place {
            line: self.lines.start().line,
            byte: self.lines.end(),
        };
    }

    /// Cuts a line without quotes; `false` at the first quote.
    fn split_plain(&mut self) -> bool {
        self.pieces.clear();
        let text = self.lines.text();
        let Dialect {
            separator, quote, ..
        } = self.dialect;
        let mut start = 0;
        for at in memchr::memchr2_iter(separator, quote.unwrap_or(separator), text.as_bytes()) {
            if text.as_bytes().get(at) != Some(&separator) {
                self.cells.clear();
                return false;
            }
            self.cells.push(Cell {
                start,
                end: at,
                origin: start,
            });
            start = at + 1;
        }
        self.cells.push(Cell {
            start,
            end: text.len(),
            origin: start,
        });
        true
    }

    /// Cuts a row that has quotes, taking in further lines while a quote is open.
    ///
    /// Blanks around a quoted cell are no part of it; a quote inside a cell that did not begin with one is an ordinary
    /// character (`5" pipe`).
    fn split_quoted(&mut self) -> Result<Option<Box<Problem>>, DecodeError> {
        self.unquoted.clear();
        self.joined.clear();
        self.take_line();
        let separator = self.dialect.separator;
        let mut at = 0;
        loop {
            let start = self.unquoted.len();
            let origin = at;
            let open = self.behind_blanks(at);
            let is_quoted = self.dialect.quote.is_some() && self.byte(open) == self.dialect.quote;
            let after = if is_quoted {
                match self.take_quoted_cell(open)? {
                    Ok(after) => after,
                    Err(problem) => return Ok(Some(problem)),
                }
            } else {
                let rest = self.joined.get(at..).unwrap_or_default();
                let length = memchr::memchr(separator, rest.as_bytes()).unwrap_or(rest.len());
                self.unquoted
                    .push_str(rest.get(..length).unwrap_or_default());
                at + length
            };
            let end = self.unquoted.len();
            self.cells.push(Cell { start, end, origin });
            if self.byte(after) != Some(separator) {
                return Ok(None);
            }
            at = after + 1;
        }
    }

    /// Takes a cell whose quote opens at `open`; returns where the text goes on: at a separator or at the row's end.
    fn take_quoted_cell(
        &mut self,
        open: usize,
    ) -> Result<Result<usize, Box<Problem>>, DecodeError> {
        let quote = self.dialect.quote.unwrap_or_default();
        let mut at = open + 1;
        loop {
            let rest = self.joined.get(at..).unwrap_or_default();
            let escape = self.dialect.escape.unwrap_or(quote);
            let Some(length) = memchr::memchr2(quote, escape, rest.as_bytes()) else {
                self.unquoted.push_str(rest);
                at = self.joined.len();
                self.take_next_line(open)?;
                let ending = self.joined.get(at..).unwrap_or_default();
                debug_assert!(
                    !ending.is_empty(),
                    "a further line brings at least a line end"
                );
                continue;
            };
            self.unquoted
                .push_str(rest.get(..length).unwrap_or_default());
            let close = at + length;
            if self.byte(close) != Some(quote) {
                // An escape: of what needs one, or a character like any other.
                let escaped = self.byte(close + 1);
                let escaped = escaped.filter(|next| [quote, escape].contains(next));
                self.unquoted.push(char::from(escaped.unwrap_or(escape)));
                at = close + 1 + usize::from(escaped.is_some());
                continue;
            }
            match self.byte(close + 1) {
                Some(next) if next == quote => {
                    self.unquoted.push(char::from(quote));
                    at = close + 2;
                }
                Some(_) | None => {
                    let after = self.behind_blanks(close + 1);
                    let ends = self
                        .byte(after)
                        .is_none_or(|next| next == self.dialect.separator);
                    return Ok(if ends {
                        Ok(after)
                    } else {
                        Err(Box::new(self.stray_quote(close)))
                    });
                }
            }
        }
    }

    /// The next place that has no blank: around a quoted cell they say nothing.
    fn behind_blanks(&self, at: usize) -> usize {
        let rest = self.joined.get(at..).unwrap_or_default().bytes();
        let blank = |byte: &u8| *byte == b' ' && self.dialect.separator != b' ';
        at + rest.take_while(blank).count()
    }

    /// Adds the current line to the row as written.
    fn take_line(&mut self) {
        let lines = &self.lines;
        let verbatim = lines.charset().is_verbatim(lines.raw());
        self.pieces.push(Piece {
            text_start: self.joined.len(),
            start: lines.start().byte,
            raw: (!verbatim).then(|| lines.raw().to_vec()),
        });
        self.joined.push_str(lines.text());
    }

    fn take_next_line(&mut self, open: usize) -> Result<(), DecodeError> {
        let ending = self.lines.ending();
        if !self.lines.advance()? {
            let opened = self.place(open);
            let message = "a quote opens here and is never closed";
            let problem = Problem::error("delimited.unclosed_quote", message)
                .at_line(opened.line)
                .at_byte(opened.byte)
                .found(self.joined.get(open..).unwrap_or_default().lines().next().unwrap_or_default())
                .expected("a closing quote before the end of the file")
                .hint("the file is cut off, or a cell begins with a quote that is not doubled; if it has no quoting, declare quote = \"\"");
            return Err(problem.into());
        }
        self.joined.push_str(ending);
        self.take_line();
        self.mark_end();
        if self.joined.len() > self.dialect.record_limit {
            let opened = self.place(open);
            let message = format!(
                "the quoted cell that opens here is longer than {} bytes",
                self.dialect.record_limit
            );
            let problem = Problem::error("delimited.row_too_long", message);
            let problem = problem.at_line(opened.line).at_byte(opened.byte);
            return Err(problem.hint("a closing quote is missing").into());
        }
        Ok(())
    }

    fn stray_quote(&self, close: usize) -> Problem {
        let place = self.place(close);
        let rest = self.joined.get(close..).unwrap_or_default();
        let separator = char::from(self.dialect.separator);
        Problem::error("delimited.quote", "text follows a closing quote")
            .at_line(place.line)
            .at_byte(place.byte)
            .found(rest.lines().next().unwrap_or_default())
            .expected(format!(
                "{separator:?} or the end of the line after the quote"
            ))
            .hint("a quote inside a quoted cell is written twice")
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.joined.as_bytes().get(at).copied()
    }
}

#[cfg(test)]
mod tests {
    use canonical::decode::DecodeError;
    use proptest::prelude::{any, prop, prop_assert_eq, proptest};

    use super::{Dialect, Rows, Step};
    use crate::text::{Lines, charset_for};

    const DIALECT: Dialect = Dialect {
        separator: b';',
        quote: Some(b'"'),
        escape: None,
        skip_lines: 0,
        record_limit: 1000,
    };

    /// Each row as its cells with a place each, or as the code and place of what is wrong with it.
    fn rows(bytes: &[u8], label: &str, dialect: Dialect) -> Result<Vec<String>, DecodeError> {
        let mut input = bytes;
        let lines = Lines::open(&mut input, charset_for(label), dialect.record_limit)?;
        let mut rows = Rows::new(lines, dialect);
        let mut found = Vec::new();
        loop {
            match rows.advance()? {
                Step::End => return Ok(found),
                Step::Broken(problem) => {
                    found.push(format!(
                        "{} {:?}:{:?}",
                        problem.code, problem.line, problem.byte
                    ));
                }
                Step::Row => {
                    let row = rows.row();
                    let cells = (0..row.len()).map(|index| {
                        let place = rows.cell_place(index);
                        format!(
                            "[{}]{}:{}",
                            row.cell(index).unwrap(),
                            place.line,
                            place.byte
                        )
                    });
                    let (start, end) = (rows.start(), rows.end());
                    found.push(format!(
                        "{} ({}-{})",
                        cells.collect::<String>(),
                        start.byte,
                        end.byte
                    ));
                }
            }
        }
    }

    #[test]
    fn cells_and_their_places() {
        for (text, want) in [
            (
                "a;b\nc;d\n",
                vec!["[a]1:0[b]1:2 (0-3)", "[c]2:4[d]2:6 (4-7)"],
            ),
            ("a;;\n", vec!["[a]1:0[]1:2[]1:3 (0-3)"]),
            (";b", vec!["[]1:0[b]1:1 (0-2)"]),
            ("ä;b", vec!["[ä]1:0[b]1:3 (0-4)"]),
            ("\"a\";b", vec!["[a]1:0[b]1:4 (0-5)"]),
            ("a;\"b;c\"", vec!["[a]1:0[b;c]1:2 (0-7)"]),
            ("a;\"\"", vec!["[a]1:0[]1:2 (0-4)"]),
            ("a;\"\";", vec!["[a]1:0[]1:2[]1:5 (0-5)"]),
            (
                "a;\"say \"\"hi\"\"\";b",
                vec!["[a]1:0[say \"hi\"]1:2[b]1:15 (0-16)"],
            ),
            (
                "a;\"x\r\ny\";b\r\nc;d",
                vec!["[a]1:0[x\r\ny]1:2[b]2:9 (0-10)", "[c]3:12[d]3:14 (12-15)"],
            ),
            ("a; \"b;c\" ;d", vec!["[a]1:0[b;c]1:2[d]1:10 (0-11)"]),
            ("a;\"b\" x;c", vec!["delimited.quote Some(1):Some(4)"]),
            ("a;5\" pipe;b", vec!["[a]1:0[5\" pipe]1:2[b]1:10 (0-11)"]),
            (
                "a;\"b\"x;c\nd;e",
                vec!["delimited.quote Some(1):Some(4)", "[d]2:9[e]2:11 (9-12)"],
            ),
            (
                "a;b\n\n;\n \t;\nc;d\n\n",
                vec!["[a]1:0[b]1:2 (0-3)", "[c]5:11[d]5:13 (11-14)"],
            ),
        ] {
            let found = rows(text.as_bytes(), "utf-8", DIALECT).unwrap();
            assert_eq!(found, want, "{text:?}");
        }
    }

    #[test]
    fn places_in_decoded_text_are_those_of_the_source() {
        let latin = rows(b"\xe4\xf6;\xfc;x", "windows-1252", DIALECT).unwrap();
        assert_eq!(latin, ["[äö]1:0[ü]1:3[x]1:5 (0-6)"]);
        let quoted = rows(b"\xe4;\"\xf6\n\xfc;\";x", "windows-1252", DIALECT).unwrap();
        assert_eq!(quoted, ["[ä]1:0[ö\nü;]1:2[x]2:9 (0-10)"]);
        let utf16: Vec<u8> = "ä;\"ö\nü\";x"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let found = rows(&utf16, "utf-16le", DIALECT).unwrap();
        assert_eq!(found, ["[ä]1:0[ö\nü]1:4[x]2:16 (0-18)"]);
    }

    #[test]
    fn without_quoting_a_quote_is_a_character() {
        let plain = Dialect {
            quote: None,
            ..DIALECT
        };
        let found = rows(b"a;\"b;c\"\n", "utf-8", plain).unwrap();
        assert_eq!(found, ["[a]1:0[\"b]1:2[c\"]1:5 (0-7)"]);
    }

    #[test]
    fn an_escape_stands_before_a_quote_or_itself() {
        let escaping = Dialect {
            escape: Some(b'\\'),
            ..DIALECT
        };
        for (text, want) in [
            (r#""5\" pipe";b"#, r#"[5" pipe]1:0[b]1:11 (0-12)"#),
            (r#""a\\";b"#, r#"[a\]1:0[b]1:6 (0-7)"#),
            (r#""C:\new";b"#, r#"[C:\new]1:0[b]1:9 (0-10)"#),
            (r#""a""b";b"#, r#"[a"b]1:0[b]1:7 (0-8)"#),
            (r#"a\;b"#, r#"[a\]1:0[b]1:3 (0-4)"#),
        ] {
            assert_eq!(
                rows(text.as_bytes(), "utf-8", escaping).unwrap(),
                [want],
                "{text}"
            );
        }
        let open = rows(br#"a;"b\"#, "utf-8", escaping);
        assert!(
            matches!(open, Err(DecodeError::Refused(problem)) if problem.code == "delimited.unclosed_quote")
        );
    }

    #[test]
    fn lines_before_the_first_row() {
        let behind = |skip_lines| Dialect {
            skip_lines,
            ..DIALECT
        };
        for (text, skip_lines, want) in [
            ("Stock of today\n\"\n\na;b\n", 2, "[a]4:18[b]4:20 (18-21)"),
            ("sep=;\r\na;b\n", 0, "[a]2:7[b]2:9 (7-10)"),
            ("sep=;x\n", 0, "[sep=]1:0[x]1:5 (0-6)"),
            ("sep=\n", 0, "[sep=]1:0 (0-4)"),
        ] {
            assert_eq!(
                rows(text.as_bytes(), "utf-8", behind(skip_lines)).unwrap(),
                [want],
                "{text:?}"
            );
        }
        let other = rows(b"sep=,\na,b\n", "utf-8", DIALECT);
        assert!(
            matches!(other, Err(DecodeError::Refused(problem)) if problem.code == "delimited.separator")
        );
    }

    #[test]
    fn an_open_quote_refuses_the_file() {
        let refusal = |text: &str| match rows(text.as_bytes(), "utf-8", DIALECT) {
            Err(DecodeError::Refused(problem)) => {
                format!("{} {:?}:{:?}", problem.code, problem.line, problem.byte)
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(
            refusal("a;b\nc;\"d\ne;f\n"),
            "delimited.unclosed_quote Some(2):Some(6)"
        );
        assert_eq!(refusal("ab;\""), "delimited.unclosed_quote Some(1):Some(3)");
        let long = format!("a;b\nc;\"{}\n", "d\n".repeat(600));
        assert_eq!(refusal(&long), "delimited.row_too_long Some(2):Some(6)");
    }

    proptest! {
        /// What a writer quotes, the reader unquotes, whatever the cells hold.
        #[test]
        fn written_cells_come_back(table in prop::collection::vec(prop::collection::vec("[ab;\"\n\rä ]{1,6}x", 3), 1..6)) {
            let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
            let line = |row: &Vec<String>| row.iter().map(quoted).collect::<Vec<_>>().join(";");
            let text = table.iter().map(line).collect::<Vec<_>>().join("\n");
            let mut input = text.as_bytes();
            let mut rows = Rows::new(Lines::open(&mut input, None, 1000).unwrap(), DIALECT);
            for want in &table {
                assert!(matches!(rows.advance().unwrap(), Step::Row));
                let row = rows.row();
                let found: Vec<_> = (0..row.len()).map(|index| row.cell(index).unwrap().to_owned()).collect();
                prop_assert_eq!(&found, want);
                for index in 0..3 {
                    let place = rows.cell_place(index);
                    prop_assert_eq!(text.as_bytes()[usize::try_from(place.byte).unwrap()], b'"');
                }
            }
            assert!(matches!(rows.advance().unwrap(), Step::End));
        }

        #[test]
        fn hostile_bytes_end_well(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "[;\"\n\ra]{0,60}") {
            for label in ["utf-8", "windows-1252", "utf-16le", "shift_jis"] {
                let (_, _) = (rows(&bytes, label, DIALECT), rows(text.as_bytes(), label, DIALECT));
            }
        }
    }
}
