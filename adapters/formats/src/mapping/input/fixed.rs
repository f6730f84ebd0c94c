//! `[input.fixed]` of a mapping: the columns of records of fixed width.
//! Knows nothing of fields.
//! Invariant: columns of numbers in bytes stand only in records that are bytes.

use config::{ConfigError, Spanned, nearest};
use serde::Deserialize;

use super::{RECORD_LIMIT, charset};
use crate::fixed::{Column, Copybook, Framing, Kind, Layout, MAX_DIGITS, Sign, read_copybook};
use crate::mapping::spec::{Source, did_you_mean};

/// Longest record, in bytes or characters.
const MAX_LENGTH: usize = 1 << 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::mapping) struct Fixed {
    records: Option<Spanned<Records>>,
    record_length: Option<Spanned<usize>>,
    encoding: Option<Spanned<String>>,
    #[serde(default)]
    columns: Vec<Spanned<ColumnSource>>,
    copybook: Option<Spanned<String>>,
}

/// How records are told apart, where not by their length.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Records {
    Lines,
    Rdw,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnSource {
    name: String,
    start: usize,
    length: usize,
    #[serde(default, rename = "type")]
    kind: KindWord,
    #[serde(default)]
    decimals: u8,
    #[serde(default)]
    sign: Sign,
    #[serde(default = "yes")]
    signed: bool,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KindWord {
    #[default]
    Text,
    Zoned,
    Packed,
    Binary,
}

fn yes() -> bool {
    true
}

impl Fixed {
    pub(super) fn compile(
        &self,
        source: Source<'_>,
        read: &[String],
    ) -> Result<Layout, ConfigError> {
        let charset = charset(source, self.encoding.as_ref())?;
        let (mut columns, length) = match &self.copybook {
            None => self.declared(source)?,
            Some(text) if self.columns.is_empty() => copied(source, text)?,
            Some(text) => {
                let message = "columns come from `columns` or from `copybook`";
                return Err(source.error(text.span(), message, "remove one of the two"));
            }
        };
        let framing = self.framing(source, length)?;
        if framing == Framing::Lines {
            self.only_characters(source, &columns)?;
        }
        for name in read {
            let mut found = columns.iter_mut().filter(|column| column.name == *name);
            match (found.next(), found.next()) {
                (Some(column), None) => column.is_read = true,
                (Some(_), Some(_)) => {
                    return Err(self.wrong(
                        source,
                        format!("two columns are called `{name}`, which a field reads"),
                        "",
                    ));
                }
                (None, _) => {
                    let names: Vec<&str> =
                        columns.iter().map(|column| column.name.as_str()).collect();
                    let hint = nearest(name, &names)
                        .map_or_else(|| format!("there are {}", names.join(", ")), did_you_mean);
                    return Err(self.wrong(
                        source,
                        format!("a field reads column `{name}`, which the layout does not have"),
                        hint,
                    ));
                }
            }
        }
        Ok(Layout::new(framing, charset, columns, RECORD_LIMIT))
    }

    /// A mistake of the layout as a whole.
    fn wrong(
        &self,
        source: Source<'_>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> ConfigError {
        let copybook = self.copybook.as_ref().map(Spanned::span);
        let first = self.columns.first().map(Spanned::span);
        source.error(copybook.or(first).unwrap_or_default(), message, hint)
    }

    fn declared(&self, source: Source<'_>) -> Result<(Vec<Column>, usize), ConfigError> {
        let mut columns = Vec::with_capacity(self.columns.len());
        for written in &self.columns {
            let found = written.get_ref();
            let end = found.start.saturating_add(found.length);
            if found.start == 0 || found.length == 0 || end > MAX_LENGTH {
                let message =
                    format!("a column starts at 1 or behind and ends before {MAX_LENGTH}");
                return Err(source.error(
                    written.span(),
                    message,
                    "write start = 1, length = 10 for the first ten",
                ));
            }
            let fits = match found.kind {
                KindWord::Text => true,
                KindWord::Zoned => found.length <= MAX_DIGITS + 1,
                KindWord::Packed => found.length <= 16,
                KindWord::Binary => found.length <= 8,
            };
            if !fits || found.decimals > 31 {
                let message = "no such number is so long";
                return Err(source.error(
                    written.span(),
                    message,
                    "a zoned number has up to 31 digits, a packed one up to 16 bytes, a binary one up to 8",
                ));
            }
            let decimals = found.decimals;
            columns.push(Column {
                name: found.name.clone(),
                start: found.start - 1,
                length: found.length,
                kind: match found.kind {
                    KindWord::Text => Kind::Text,
                    KindWord::Zoned => Kind::Zoned {
                        decimals,
                        sign: found.sign,
                    },
                    KindWord::Packed => Kind::Packed { decimals },
                    KindWord::Binary => Kind::Binary {
                        decimals,
                        signed: found.signed,
                    },
                },
                is_read: false,
                overlays: false,
            });
        }
        if columns.is_empty() {
            return Err(source.error(0..0, "`[input.fixed]` has no columns", "add columns = [{ name = \"…\", start = 1, length = 10 }], or copybook = \"\"\"…\"\"\""));
        }
        columns.sort_by_key(|column| column.start);
        let mut covered = 0;
        for column in &mut columns {
            column.overlays = column.start < covered;
            covered = covered.max(column.end());
        }
        Ok((columns, covered))
    }

    fn framing(&self, source: Source<'_>, length: usize) -> Result<Framing, ConfigError> {
        let records = self.records.as_ref().map(Spanned::get_ref);
        match (records, &self.record_length) {
            (Some(Records::Lines), None) => Ok(Framing::Lines),
            (Some(Records::Rdw), None) => Ok(Framing::Rdw),
            (Some(_), Some(length)) => {
                let message =
                    "`record_length` is for records without line ends and descriptor words";
                Err(source.error(length.span(), message, "remove one of the two"))
            }
            (None, Some(stated)) if !(length..=MAX_LENGTH).contains(stated.get_ref()) => {
                let message = format!("the columns take {length} bytes");
                Err(source.error(
                    stated.span(),
                    message,
                    "a record is as long as its columns, or longer",
                ))
            }
            (None, stated) => Ok(Framing::Length(
                stated.as_ref().map_or(length, |stated| *stated.get_ref()),
            )),
        }
    }

    /// In lines, bytes were decoded before columns are cut.
    fn only_characters(&self, source: Source<'_>, columns: &[Column]) -> Result<(), ConfigError> {
        let raw = columns
            .iter()
            .find(|column| matches!(column.kind, Kind::Packed { .. } | Kind::Binary { .. }));
        match raw {
            None => Ok(()),
            Some(column) => {
                let message = format!(
                    "`{}` is a number in bytes, which can look like a line end",
                    column.name
                );
                Err(self.wrong(
                    source,
                    message,
                    "declare record_length instead of records = \"lines\"",
                ))
            }
        }
    }
}

fn copied(source: Source<'_>, text: &Spanned<String>) -> Result<(Vec<Column>, usize), ConfigError> {
    match read_copybook(text.get_ref()) {
        Ok(Copybook { columns, length }) => Ok((columns, length)),
        Err(wrong) => {
            let message = format!("line {} of the copybook: {}", wrong.line, wrong.message);
            Err(source.error(text.span(), message, ""))
        }
    }
}
