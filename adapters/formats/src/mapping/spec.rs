//! The `[fields]` and `[defaults]` of a mapping file as they were written, every word with its place.
//!
//! Knows which words a field may have and how their values look, and nothing of entities. A path may be written as
//! one quoted key (`"location.code" = …`) or as dotted keys (`location.code = …`); both mean the same.

mod options;

use std::ops::Range;

use config::{ConfigError, nearest};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::moment::Pattern;
use super::number::NumberFormat;

/// The mapping file, for pointing at a place in it.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) name: &'a str,
    pub(crate) text: &'a str,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// `column = "Artikel"`
    Column(String),
    /// `constant = "MAIN"`
    Constant(String),
    /// `ingest = "received_at"`
    Ingest(Fact),
}

/// What is known of the file besides its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    /// When the file was claimed.
    ReceivedAt,
    /// The file's modification time.
    ModifiedAt,
    /// The file's name without its folder.
    FileName,
}

/// How a date is written; nothing set means ISO 8601 as canonical documents have it.
#[derive(Clone, Debug, Default)]
pub(crate) struct DateSpec {
    pub(crate) pattern: Option<Pattern>,
    pub(crate) zone: Option<jiff::tz::TimeZone>,
    pub(crate) time: Option<jiff::civil::Time>,
}

/// One entry of `[fields]`.
#[derive(Debug)]
pub(crate) struct FieldSpec {
    /// The canonical path it sets.
    pub(crate) path: String,
    /// Where the path stands in the mapping.
    pub(crate) key: Range<usize>,
    pub(crate) origin: Spanned<Origin>,
    pub(crate) default: Option<Spanned<String>>,
    pub(crate) required: Option<Spanned<bool>>,
    pub(crate) options: Options,
}

/// How a value is to be read, and its companions. The same words are allowed in `[defaults]`.
#[derive(Debug, Default)]
pub(crate) struct Options {
    pub(crate) decimal: Option<Spanned<NumberFormat>>,
    pub(crate) date: Option<Spanned<DateSpec>>,
    pub(crate) unit: Option<Box<FieldSpec>>,
    pub(crate) currency: Option<Box<FieldSpec>>,
    pub(crate) per: Option<Box<FieldSpec>>,
}

const ORIGINS: [&str; 3] = ["column", "constant", "ingest"];
const WORDS: [&str; 10] = [
    "column", "constant", "ingest", "decimal", "date", "default", "required", "unit", "currency",
    "per",
];
const DEFAULT_WORDS: [&str; 4] = ["decimal", "date", "unit", "currency"];

impl Source<'_> {
    /// A mistake in the mapping file.
    pub(crate) fn error(
        self,
        span: Range<usize>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> ConfigError {
        let hint = hint.into();
        let hint = (!hint.is_empty()).then_some(hint);
        ConfigError::at(self.name, self.text, span, message, hint)
    }

    /// All entries of `[fields]`, in the order of their paths.
    pub(crate) fn fields(self, table: &DeTable<'_>) -> Result<Vec<FieldSpec>, ConfigError> {
        let mut specs = Vec::new();
        self.walk("", table, &mut specs)?;
        specs.sort_by(|a: &FieldSpec, b: &FieldSpec| a.path.cmp(&b.path));
        let same = specs.windows(2).find_map(|pair| match pair {
            [first, second] if first.path == second.path => {
                Some((second.key.clone(), second.path.clone()))
            }
            _ => None,
        });
        match same {
            Some((span, path)) => Err(self.error(
                span,
                format!("`{path}` is set twice"),
                "remove one of the two",
            )),
            None => Ok(specs),
        }
    }

    /// `[defaults]`: what holds for every field that does not say otherwise.
    pub(crate) fn defaults(self, table: &DeTable<'_>) -> Result<Options, ConfigError> {
        let mut options = Options::default();
        for (key, value) in table {
            if !DEFAULT_WORDS.contains(&key.as_ref().as_ref())
                || !self.option(&mut options, key, value)?
            {
                return Err(self.unknown_word(key, &DEFAULT_WORDS));
            }
        }
        Ok(options)
    }

    fn walk(
        self,
        prefix: &str,
        table: &DeTable<'_>,
        specs: &mut Vec<FieldSpec>,
    ) -> Result<(), ConfigError> {
        for (key, value) in table {
            let path = if prefix.is_empty() {
                key.as_ref().to_string()
            } else {
                format!("{prefix}.{}", key.as_ref())
            };
            let Some(inner) = value.as_ref().as_table() else {
                if prefix.is_empty() {
                    let message = format!("`{path}` needs to know where its value comes from");
                    let written = value.as_ref().as_str().unwrap_or("…");
                    let hint = format!(
                        "write {{ column = \"{written}\" }} or {{ constant = \"{written}\" }}"
                    );
                    return Err(self.error(value.span(), message, hint));
                }
                return Err(self.unknown_word(key, &WORDS));
            };
            let is_field = inner.iter().any(|(word, value)| {
                ORIGINS.contains(&word.as_ref().as_ref()) && !value.as_ref().is_table()
            });
            if is_field {
                specs.push(self.field(path, key.span(), inner, value.span())?);
            } else if inner.is_empty() {
                let message = format!("`{path}` needs to know where its value comes from");
                return Err(self.error(
                    value.span(),
                    message,
                    "add column = \"…\", constant = \"…\" or ingest = \"…\"",
                ));
            } else {
                self.walk(&path, inner, specs)?;
            }
        }
        Ok(())
    }

    fn field(
        self,
        path: String,
        key: Range<usize>,
        table: &DeTable<'_>,
        span: Range<usize>,
    ) -> Result<FieldSpec, ConfigError> {
        let mut origin: Option<Spanned<Origin>> = None;
        let (mut default, mut required, mut options) = (None, None, Options::default());
        for (word, value) in table {
            let place = word.span().start..value.span().end;
            let found = match word.as_ref().as_ref() {
                "column" => Origin::Column(self.text_of(value)?),
                "constant" => Origin::Constant(self.constant(value)?),
                "ingest" => Origin::Ingest(self.fact(value)?),
                "default" => {
                    default = Some(Spanned::new(value.span(), self.constant(value)?));
                    continue;
                }
                "required" => {
                    let Some(flag) = value.as_ref().as_bool() else {
                        return Err(self.error(
                            value.span(),
                            "`required` is true or false",
                            "write it without quotes",
                        ));
                    };
                    required = Some(Spanned::new(place, flag));
                    continue;
                }
                _ if self.option(&mut options, word, value)? => continue,
                _ => return Err(self.unknown_word(word, &WORDS)),
            };
            if origin.is_some() {
                let message = format!(
                    "`{path}` has two origins; a value comes from one of `column`, `constant`, `ingest`"
                );
                return Err(self.error(word.span(), message, "remove all but one"));
            }
            origin = Some(Spanned::new(place, found));
        }
        let Some(origin) = origin else {
            let message = format!("`{path}` needs to know where its value comes from");
            return Err(self.error(
                span,
                message,
                "add column = \"…\", constant = \"…\" or ingest = \"…\"",
            ));
        };
        Ok(FieldSpec {
            path,
            key,
            origin,
            default,
            required,
            options,
        })
    }

    /// Reads one of the words of [`Options`]; `false` when it is none of them.
    fn option(
        self,
        options: &mut Options,
        word: &Spanned<std::borrow::Cow<'_, str>>,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<bool, ConfigError> {
        let companion = |name: &str| -> Result<Option<Box<FieldSpec>>, ConfigError> {
            let Some(table) = value.as_ref().as_table() else {
                let hint = format!(
                    "write {name} = {{ constant = \"…\" }} or {name} = {{ column = \"…\" }}"
                );
                return Err(self.error(
                    value.span(),
                    format!("`{name}` needs to know where its value comes from"),
                    hint,
                ));
            };
            let spec = self.field(name.to_owned(), word.span(), table, value.span())?;
            Ok(Some(Box::new(spec)))
        };
        match word.as_ref().as_ref() {
            "decimal" => {
                options.decimal = Some(Spanned::new(word.span(), self.number_format(value)?))
            }
            "date" => options.date = Some(Spanned::new(word.span(), self.date(value)?)),
            "unit" => options.unit = companion("unit")?,
            "currency" => options.currency = companion("currency")?,
            "per" => options.per = companion("per")?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn text_of(self, value: &Spanned<DeValue<'_>>) -> Result<String, ConfigError> {
        match value.as_ref().as_str() {
            Some("") => Err(self.error(value.span(), "this is empty", "")),
            Some(text) => Ok(text.to_owned()),
            None => Err(self.error(value.span(), "this is no text", "put it in double quotes")),
        }
    }

    /// Numbers and booleans are taken as they are written.
    fn constant(self, value: &Spanned<DeValue<'_>>) -> Result<String, ConfigError> {
        if let Some(flag) = value.as_ref().as_bool() {
            return Ok(flag.to_string());
        }
        if value.as_ref().is_integer() {
            let written = self.text.get(value.span()).unwrap_or_default();
            if written
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'-')
            {
                return Ok(written.to_owned());
            }
        }
        self.text_of(value)
    }

    fn unknown_word(
        self,
        word: &Spanned<std::borrow::Cow<'_, str>>,
        known: &[&str],
    ) -> ConfigError {
        let hint = nearest(word.as_ref(), known);
        let hint = hint.map_or_else(|| format!("known here: {}", known.join(", ")), did_you_mean);
        self.error(
            word.span(),
            format!("unknown key `{}`", word.as_ref()),
            hint,
        )
    }
}

pub(crate) fn did_you_mean(word: &str) -> String {
    format!("did you mean `{word}`?")
}
