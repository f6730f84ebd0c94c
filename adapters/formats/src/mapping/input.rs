//! `[input.…]` of a mapping: how the bytes become rows.
//! Knows nothing of fields.
//! Invariant: what compiles can be told apart: separator, quote and escape are three characters.

mod fixed;

use config::{ConfigError, Spanned};
use serde::Deserialize;

use super::spec::Source;
use crate::delimited::Dialect;
use crate::fixed::Layout;
use crate::text::{Charset, charset_for};
pub(super) use fixed::Fixed;

/// The longest row unless the mapping says otherwise, in bytes.
const RECORD_LIMIT: usize = 1 << 20;
/// The longest row a mapping may allow, in bytes: a row is held in memory.
const MAX_RECORD_LIMIT: usize = 64 << 20;
/// Most lines of a header.
const MAX_HEADER_LINES: usize = 10;

/// The shape of the input. Each further format is one more kind here.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Input {
    Delimited(Delimited),
    Fixed(Fixed),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Delimited {
    separator: Spanned<String>,
    quote: Option<Spanned<String>>,
    escape: Option<Spanned<String>>,
    encoding: Option<Spanned<String>>,
    #[serde(default)]
    skip_lines: u64,
    header: Option<Spanned<Vec<String>>>,
    header_lines: Option<Spanned<usize>>,
    #[serde(default)]
    ragged_rows: Ragged,
    record_limit_bytes: Option<Spanned<usize>>,
}

/// What is done with a row that has another number of cells than the header.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum Ragged {
    /// It is refused.
    #[default]
    Refuse,
    /// Cells that are missing are empty, and those too many must be.
    Fill,
}

/// What is known of files before one is seen.
#[derive(Debug)]
pub(super) enum Shape {
    Delimited(Delimiting),
    Fixed(Layout),
}

/// What is known of delimited files.
#[derive(Debug)]
pub(super) struct Delimiting {
    pub(super) dialect: Dialect,
    pub(super) charset: Option<Charset>,
    /// The columns' names, where the file does not have them.
    pub(super) header: Option<Vec<String>>,
    /// How many rows the header takes, where the file has one.
    pub(super) header_lines: usize,
    pub(super) ragged: Ragged,
}

impl Input {
    /// The shape, where each of `columns` is read by a field.
    pub(super) fn compile(
        &self,
        source: Source<'_>,
        columns: &[String],
    ) -> Result<Shape, ConfigError> {
        match self {
            Self::Delimited(input) => {
                input.has(source, columns)?;
                Ok(Shape::Delimited(input.compile(source)?))
            }
            Self::Fixed(input) => Ok(Shape::Fixed(input.compile(source, columns)?)),
        }
    }
}

/// The encoding that a label declares.
fn charset(
    source: Source<'_>,
    label: Option<&Spanned<String>>,
) -> Result<Option<Charset>, ConfigError> {
    let Some(label) = label else {
        return Ok(None);
    };
    let known = charset_for(label.get_ref()).ok_or_else(|| {
        let message = format!("no encoding is known as `{}`", label.get_ref());
        let hint = "known are the labels of the WHATWG encoding standard, such as \"utf-8\", \"windows-1252\", \"iso-8859-15\" or \"utf-16le\", and code pages of EBCDIC and DOS, such as \"cp037\", \"cp273\", \"cp1140\" or \"cp850\"";
        source.error(label.span(), message, hint)
    })?;
    Ok(Some(known))
}

impl Delimited {
    fn compile(&self, source: Source<'_>) -> Result<Delimiting, ConfigError> {
        let (separator, quote, escape) = self.marks(source)?;
        let charset = charset(source, self.encoding.as_ref())?;
        let record_limit = match &self.record_limit_bytes {
            None => RECORD_LIMIT,
            Some(limit) if (1..=MAX_RECORD_LIMIT).contains(limit.get_ref()) => *limit.get_ref(),
            Some(limit) => {
                let message =
                    format!("a row is held in memory: between 1 and {MAX_RECORD_LIMIT} bytes");
                return Err(source.error(limit.span(), message, ""));
            }
        };
        let header_lines = match (&self.header_lines, &self.header) {
            (None, _) => 1,
            (Some(lines), Some(_)) => {
                let message = "`header` is for files without one";
                return Err(source.error(lines.span(), message, "remove one of the two"));
            }
            (Some(lines), None) if (1..=MAX_HEADER_LINES).contains(lines.get_ref()) => {
                *lines.get_ref()
            }
            (Some(lines), None) => {
                let message = format!("a header has between 1 and {MAX_HEADER_LINES} lines");
                let hint = "for a file without a header, name its columns: header = [\"…\", \"…\"]";
                return Err(source.error(lines.span(), message, hint));
            }
        };
        Ok(Delimiting {
            dialect: Dialect {
                separator,
                quote,
                escape,
                record_limit,
                skip_lines: self.skip_lines,
            },
            charset,
            header: self.header.as_ref().map(|names| names.get_ref().clone()),
            header_lines,
            ragged: self.ragged_rows,
        })
    }

    /// The characters between cells, around them, and before a quote inside.
    fn marks(&self, source: Source<'_>) -> Result<(u8, Option<u8>, Option<u8>), ConfigError> {
        let one = |text: &Spanned<String>| match text.get_ref().as_bytes() {
            [byte]
                if byte.is_ascii()
                    && !byte.is_ascii_alphanumeric()
                    && !matches!(byte, b'\n' | b'\r' | 0) =>
            {
                Some(*byte)
            }
            _ => None,
        };
        let separator = one(&self.separator).ok_or_else(|| {
            let hint = "write separator = \";\", \",\", \"|\" or \"\\t\"";
            source.error(
                self.separator.span(),
                "a separator is one ASCII character that is no letter or digit",
                hint,
            )
        })?;
        let quote = match &self.quote {
            None => Some(b'"'),
            Some(quote) if quote.get_ref().is_empty() => None,
            Some(quote) => {
                let found = one(quote).filter(|found| *found != separator);
                let message = "a quote is one ASCII character other than the separator";
                let hint = "write quote = \"\\\"\", or quote = \"\" when cells are never quoted";
                Some(found.ok_or_else(|| source.error(quote.span(), message, hint))?)
            }
        };
        let escape = match (&self.escape, quote) {
            (None, _) => None,
            (Some(escape), None) => {
                let message = "an escape stands before a quote, and cells are never quoted";
                return Err(source.error(escape.span(), message, "remove it, or declare `quote`"));
            }
            (Some(escape), Some(quote)) => {
                let found = one(escape).filter(|found| ![separator, quote].contains(found));
                let message =
                    "an escape is one ASCII character other than the separator and the quote";
                let hint = "write escape = \"\\\\\", or leave it out when quotes are doubled";
                Some(found.ok_or_else(|| source.error(escape.span(), message, hint))?)
            }
        };
        Ok((separator, quote, escape))
    }

    /// Refuses a declared header without a column that a field reads.
    fn has(&self, source: Source<'_>, columns: &[String]) -> Result<(), ConfigError> {
        let Some(header) = &self.header else {
            return Ok(());
        };
        let names = header.get_ref();
        let is_once = |column: &&String| names.iter().filter(|name| name == column).count() != 1;
        match columns.iter().find(is_once) {
            None => Ok(()),
            Some(column) => {
                let message =
                    format!("a field reads column `{column}`, which is not named once here");
                let hint = config::nearest(column, names)
                    .map_or_else(String::new, super::spec::did_you_mean);
                Err(source.error(header.span(), message, hint))
            }
        }
    }
}
