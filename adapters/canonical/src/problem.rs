//! One positioned complaint about content: where, what was found, what was expected, what to do.
//! Goes to `convert`'s stderr, reason files, findings on EDI. May quote content, so never into a log.
//! Invariant: every part is one line, and a quoted value is at most 80 characters.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Longest quotation of a value, in characters.
pub const MAX_FOUND_CHARS: usize = 80;

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The record, set or file cannot be used.
    Error,
    /// It can be used, but a person should know.
    Warning,
}

/// One complaint with its place. Serialises as one line of JSON; displays as one readable line.
///
/// ```
/// use canonical::problem::Problem;
/// let problem = Problem::error("delimited.number", "expected a decimal number")
///     .in_file("stock.csv").at_line(14).at_byte(392).at_path("Menge")
///     .found("12,3x").hint("write digits with one decimal comma");
/// assert_eq!(problem.to_string(), "stock.csv line 14, byte 392, column \"Menge\": \
///     expected a decimal number, found \"12,3x\" — write digits with one decimal comma [delimited.number]");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Stable code, `area.what`: `delimited.column_missing`, `x12.segment_count`.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, one sentence, lowercase.
    pub message: String,
    /// File name, without its folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Line, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Byte offset in the file, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub byte: Option<u64>,
    /// Record or transaction index in the file, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<u64>,
    /// Segment ordinal, from 1 (EDI: within its transaction set, else within the interchange).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<u32>,
    /// Column name, element position (`PO1[2]/02`) or, beginning with `/`, a path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The value found, clipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// What would have been right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Problem {
    /// A problem that makes the record, set or file unusable.
    pub fn error(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message)
    }

    /// A problem worth knowing that stops nothing.
    pub fn warning(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message)
    }

    fn new(code: impl Into<String>, severity: Severity, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            severity,
            message: one_line(message.into()),
            file: None,
            line: None,
            byte: None,
            record: None,
            segment: None,
            path: None,
            found: None,
            expected: None,
            hint: None,
        }
    }

    /// Names the file.
    #[must_use]
    pub fn in_file(mut self, name: impl Into<String>) -> Self {
        self.file = Some(one_line(name.into()));
        self
    }

    /// Line, from 1.
    #[must_use]
    pub fn at_line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    /// Byte offset, from 0.
    #[must_use]
    pub fn at_byte(mut self, byte: u64) -> Self {
        self.byte = Some(byte);
        self
    }

    /// Record or transaction index, from 0.
    #[must_use]
    pub fn at_record(mut self, record: u64) -> Self {
        self.record = Some(record);
        self
    }

    /// Segment ordinal, from 1.
    #[must_use]
    pub fn at_segment(mut self, segment: u32) -> Self {
        self.segment = Some(segment);
        self
    }

    /// Column, element position or path.
    #[must_use]
    pub fn at_path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(one_line(path.into()));
        self
    }

    /// The value that was found; clipped to [`MAX_FOUND_CHARS`].
    #[must_use]
    pub fn found(mut self, found: &str) -> Self {
        self.found = Some(match found.char_indices().nth(MAX_FOUND_CHARS) {
            Some(_) => found
                .chars()
                .take(MAX_FOUND_CHARS - 1)
                .chain(['…'])
                .collect(),
            None => found.to_owned(),
        });
        self
    }

    /// What would have been right, as it reads after "expected".
    #[must_use]
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(one_line(expected.into()));
        self
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(one_line(hint.into()));
        self
    }

    /// The problem as one line of JSON, without the line's end.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a struct of strings and numbers always serialises")
    }

    fn place(&self) -> Vec<String> {
        let mut place = Vec::new();
        let mut say = |text: Option<String>| place.extend(text);
        say(self.line.map(|line| format!("line {line}")));
        say(self.byte.map(|byte| format!("byte {byte}")));
        say(self.segment.map(|segment| format!("segment {segment}")));
        if self.line.is_none() && self.segment.is_none() {
            say(self.record.map(|record| format!("record {record}")));
        }
        say(self.path.as_ref().map(|path| {
            if self.segment.is_some() || path.starts_with('/') {
                path.clone()
            } else {
                format!("column {path:?}")
            }
        }));
        place
    }
}

fn one_line(text: String) -> String {
    if text.contains(char::is_control) {
        text.replace(char::is_control, " ")
    } else {
        text
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.place().join(", ");
        match (&self.file, place.is_empty()) {
            (Some(file), true) => write!(f, "{file}: ")?,
            (Some(file), false) => write!(f, "{file} {place}: ")?,
            (None, true) => {}
            (None, false) => write!(f, "{place}: ")?,
        }
        f.write_str(&self.message)?;
        if let Some(expected) = &self.expected {
            write!(f, ", expected {expected}")?;
        }
        if let Some(found) = &self.found {
            write!(f, ", found {found:?}")?;
        }
        if let Some(hint) = &self.hint {
            write!(f, " — {hint}")?;
        }
        write!(f, " [{}]", self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_FOUND_CHARS, Problem};
    use expect_test::expect;

    #[test]
    fn one_readable_line() {
        let lines = [
            Problem::error(
                "delimited.column_missing",
                "the file has no column \"Menge\"",
            )
            .in_file("stock.csv")
            .hint("name the column the file has in the mapping"),
            Problem::error("x12.segment_count", "the count in SE01 is wrong")
                .in_file("orders.edi")
                .at_byte(512)
                .at_segment(14)
                .at_path("SE/01")
                .expected("14")
                .found("13"),
            Problem::warning("mapping.unit", "unit is not listed")
                .at_record(3)
                .found("a\nb"),
            Problem::error("read.empty", "the file is empty"),
        ]
        .map(|problem| problem.to_string())
        .join("\n");
        expect![[r#"
            stock.csv: the file has no column "Menge" — name the column the file has in the mapping [delimited.column_missing]
            orders.edi byte 512, segment 14, SE/01: the count in SE01 is wrong, expected 14, found "13" [x12.segment_count]
            record 3: unit is not listed, found "a\nb" [mapping.unit]
            the file is empty [read.empty]"#]]
        .assert_eq(&lines);
    }

    #[test]
    fn one_line_of_json_that_reads_back() {
        let problem = Problem::error("x.y", "two\nlines")
            .at_line(1)
            .found(&"ä".repeat(500));
        assert_eq!(
            problem.found.as_ref().unwrap().chars().count(),
            MAX_FOUND_CHARS
        );
        let json = problem.to_json();
        assert!(
            !json.contains('\n')
                && json.starts_with(
                    r#"{"code":"x.y","severity":"error","message":"two lines","line":1"#
                )
        );
        assert_eq!(serde_json::from_str::<Problem>(&json).unwrap(), problem);
    }
}
