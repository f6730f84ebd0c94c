//! The mapping language: a TOML table that says, field by field, how records become canonical documents.
//!
//! A mapping is compiled once; every mistake in it is pointed at with a caret. Converting a file then looks nothing up
//! by name. A header that comes again (on each page) and Excel's `sep=` line are passed over. What the mapping neither uses nor ignores is kept in each document as `unmapped`, so nothing is lost.
//!
//! ```toml
//! id = "stock_de"                     # named in provenance; default: the file's name
//! version = "1"                       # default: the beginning of the file's hash
//! ignore = ["Lagerplatz"]             # columns that are dropped on purpose
//!
//! [input.delimited]
//! separator = ";"
//! encoding = "windows-1252"           # a WHATWG label, or a code page as in "cp037"; default: byte order mark, else UTF-8 or nothing
//! quote = "\""                        # "" when cells are never quoted
//! escape = "\\"                       # what is written before a quote inside a cell; default: the quote is doubled
//! skip_lines = 2                      # lines before the header: a title, the date of printing
//! header = ["Artikel", "Menge"]       # names of the columns where the file has no header
//! header_lines = 2                    # a header over several lines: its words are put together with a blank
//! ragged_rows = "fill"                # a short row has empty cells, a long one only blanks too many; default: "refuse"
//! record_limit_bytes = 1048576        # a longer row refuses the file
//!
//! # Or, for records of fixed width:
//! # [input.fixed]
//! # records = "lines"                 # or "rdw": each has its length before it; default: each as long as its columns
//! # record_length = 80                # where the columns do not reach its end
//! # encoding = "cp037"
//! # columns = [
//! #     { name = "ITEM", start = 1, length = 10 },
//! #     { name = "ON-HAND", start = 11, length = 5, type = "packed", decimals = 2 },   # or zoned, binary
//! # ]
//! # copybook = """…"""                # the columns as COBOL declares them; names with OCCURS are QTY(1), QTY(2)
//!
//! [document]
//! entity = "inventory_level"
//!
//! [defaults]                          # for every field that does not say otherwise
//! decimal = { mark = ",", group = "." }
//! unit = { constant = "C62" }
//!
//! [fields]                            # canonical path = where its value comes from
//! sku = { column = "Artikel" }
//! location.code = { constant = "MAIN" }
//! as_of = { column = "Stand", date = { pattern = "dd.MM.yyyy", time = "00:00", zone = "Europe/Berlin" } }
//! mode = { constant = "absolute" }
//! quantities.available = { column = "Menge" }
//! ```

mod convert;
mod entity;
mod fields;
mod input;
mod leaf;
mod moment;
mod number;
mod rule;
mod spec;

use std::ops::Range;

use canonical::entity::EntityKind;
use canonical::provenance::MappingRef;
use config::{ConfigError, Spanned, nearest};
use serde::Deserialize;
use serde::de::IgnoredAny;
use sha2::{Digest as _, Sha256};
use toml::de::DeTable;

use entity::{EntityRules, SUPPORTED};
use fields::{Fields, Needs};
use input::{Input, Shape};
use spec::{Source, did_you_mean};

pub(crate) use convert::convert;

/// A compiled mapping.
#[derive(Debug)]
pub(crate) struct Mapping {
    pub(crate) reference: MappingRef,
    shape: Shape,
    rules: EntityRules,
    needs: Needs,
    ignore: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MappingFile {
    id: Option<Spanned<String>>,
    version: Option<Spanned<String>>,
    #[serde(default)]
    ignore: Vec<Spanned<String>>,
    input: Input,
    document: DocumentSection,
    /// Read by [`spec`], which keeps the place of every word.
    #[serde(default, rename = "defaults")]
    _defaults: IgnoredAny,
    #[serde(rename = "fields")]
    _fields: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentSection {
    entity: Spanned<String>,
}

impl Mapping {
    /// Reads and compiles a mapping; `name` is what errors call it, and its stem is the default id.
    pub(crate) fn compile(text: &str, name: &str) -> Result<Self, ConfigError> {
        let source = Source { name, text };
        let file: MappingFile = config::parse(text, name)?;
        let kind = entity_kind(source, &file.document.entity)?;
        let mut fields = fields(source, kind, file.document.entity.span())?;
        let rules = EntityRules::compile(kind, &mut fields)?
            .ok_or_else(|| unsupported(source, &file.document.entity))?;
        let needs = fields.finish()?;
        if let Some(both) = file
            .ignore
            .iter()
            .find(|ignored| needs.columns.contains(ignored.get_ref()))
        {
            let message = format!("column `{}` is used by a field and ignored", both.get_ref());
            return Err(source.error(both.span(), message, "remove it from `ignore`"));
        }
        let shape = file.input.compile(source, &needs.columns)?;
        Ok(Self {
            reference: file.reference(source)?,
            shape,
            rules,
            needs,
            ignore: file.ignore.into_iter().map(Spanned::into_inner).collect(),
        })
    }
}

impl MappingFile {
    fn reference(&self, source: Source<'_>) -> Result<MappingRef, ConfigError> {
        let digest: [u8; 32] = Sha256::digest(source.text.as_bytes()).into();
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let stem = source.name.rsplit(['/', '\\']).next().unwrap_or_default();
        let stem = stem.strip_suffix(".toml").unwrap_or(stem);
        let said = |value: &Option<Spanned<String>>, default: &str| match value {
            Some(said) if said.get_ref().trim().is_empty() => {
                Err(source.error(said.span(), "this is empty", ""))
            }
            Some(said) => Ok(said.get_ref().clone()),
            None => Ok(default.to_owned()),
        };
        let short: String = hex.chars().take(12).collect();
        let mut reference = MappingRef::new(said(&self.id, stem)?, said(&self.version, &short)?);
        reference.sha256 = hex.parse().ok();
        Ok(reference)
    }
}

fn entity_kind(source: Source<'_>, written: &Spanned<String>) -> Result<EntityKind, ConfigError> {
    let known = EntityKind::WORDS;
    written
        .get_ref()
        .parse()
        .map_err(|_unknown: canonical::word::UnknownWord| {
            let hint = nearest(written.get_ref(), known)
                .map_or_else(|| format!("one of {}", known.join(", ")), did_you_mean);
            source.error(
                written.span(),
                format!("there is no entity `{}`", written.get_ref()),
                hint,
            )
        })
}

fn unsupported(source: Source<'_>, written: &Spanned<String>) -> ConfigError {
    let words: Vec<&str> = SUPPORTED.iter().map(|kind| kind.as_str()).collect();
    let message = format!("{} cannot be made of single rows", written.get_ref());
    source.error(
        written.span(),
        message,
        format!("rows can be made into {}", words.join(", ")),
    )
}

/// The `[fields]` and `[defaults]` tables, read a second time for the places of their words.
fn fields(
    source: Source<'_>,
    kind: EntityKind,
    entity_span: Range<usize>,
) -> Result<Fields<'_>, ConfigError> {
    let document = DeTable::parse(source.text).map_err(|error| {
        // Cannot happen: the same text was parsed before.
        source.error(error.span().unwrap_or_default(), error.message(), "")
    })?;
    let table = |name: &str| -> Result<Option<&DeTable<'_>>, ConfigError> {
        let Some(value) = document.get_ref().get(name) else {
            return Ok(None);
        };
        let found = value.get_ref().as_table();
        let message = format!("`{name}` is a table");
        found.map(Some).ok_or_else(|| {
            source.error(
                value.span(),
                message,
                format!("write [{name}] on a line of its own"),
            )
        })
    };
    let specs = table("fields")?
        .map(|fields| source.fields(fields))
        .transpose()?;
    let defaults = table("defaults")?
        .map(|defaults| source.defaults(defaults))
        .transpose()?;
    let (specs, defaults) = (specs.unwrap_or_default(), defaults.unwrap_or_default());
    Ok(Fields::new(
        source,
        specs,
        defaults,
        kind.as_str(),
        entity_span,
    ))
}

#[cfg(test)]
mod tests;
