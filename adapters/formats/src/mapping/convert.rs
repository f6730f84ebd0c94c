//! Converts one delimited file by a compiled mapping: header, rows, documents.
//!
//! A row that cannot become a document is reported with its place and counted, and the next one follows. What makes the
//! whole file doubtful (a missing column, an open quote, an undecodable byte) refuses the file.

use std::collections::BTreeSet;
use std::io::Read;

use canonical::ack_report::{Issue, IssueSeverity};
use canonical::decode::{Context, DecodeError, Sink, Summary};
use canonical::document::Document;
use canonical::problem::Problem;
use canonical::provenance::{Provenance, Span};
use canonical::verbatim::{Unmapped, Verbatim};

use super::Mapping;
use super::entity::Carried;
use super::input::{Ragged, Shape};
use super::leaf::Facts;
use super::rule::{Fault, Record};
use crate::delimited::Rows;
use crate::fixed::Records;
use crate::table::{Row, Step, Table};
use crate::text::{Lines, Place};

/// The model keeps at most this many unmapped values in a document.
const MAX_UNMAPPED: usize = 5000;

/// How this file's header fits the mapping.
#[derive(Debug)]
struct Binding {
    names: Vec<String>,
    /// For every column of the mapping its position in the file.
    positions: Vec<usize>,
    /// The positions that nothing uses and nothing ignores, with the path they are kept under.
    unmapped: Vec<(usize, String)>,
}

/// Reads `input` to its end and gives every document and every problem to `sink`.
pub(crate) fn convert(
    mapping: &Mapping,
    input: &mut dyn Read,
    context: &Context<'_>,
    sink: &mut dyn Sink,
) -> Result<Summary, DecodeError> {
    run(mapping, input, context, sink).map_err(|error| match error {
        DecodeError::Refused(problem) => {
            DecodeError::Refused(Box::new(problem.in_file(context.file_name)))
        }
        other @ (DecodeError::Sink(_) | DecodeError::Read(_)) => other,
    })
}

fn run(
    mapping: &Mapping,
    input: &mut dyn Read,
    context: &Context<'_>,
    sink: &mut dyn Sink,
) -> Result<Summary, DecodeError> {
    let provenance = context.provenance()?;
    let modified_at = match context.modified_at {
        None => None,
        Some(text) => Some(text.parse().map_err(|error: canonical::date::DateError| {
            Problem::error("context.invalid", format!("modified at: {error}"))
        })?),
    };
    if mapping.needs.modified_at && modified_at.is_none() {
        let message = "the mapping takes the file's modification time, and it is not known";
        let problem = Problem::error("mapping.no_modified_at", message);
        return Err(problem.hint("take ingest = \"received_at\" instead").into());
    }
    let facts = Facts {
        received_at: provenance.received_at,
        modified_at,
        file_name: context.file_name,
    };
    let mut rows = match &mapping.shape {
        Shape::Delimited(shape) => {
            let lines = Lines::open(input, shape.charset, shape.dialect.record_limit)?;
            Table::Delimited(Rows::new(lines, shape.dialect))
        }
        Shape::Fixed(layout) => Table::Fixed(Records::open(input, layout)?),
    };
    let binding = read_header(mapping, &mut rows)?;
    let mut summary = Summary::default();
    let mut record = 0;
    loop {
        let problem = match rows.advance()? {
            Step::End => break,
            Step::Broken(problem) => Some(*problem),
            Step::Row if binding.is_header(rows.row()) => continue,
            Step::Row => match convert_row(mapping, &binding, &rows, &facts, &provenance, record) {
                Ok(document) => {
                    sink.document(document.seal())?;
                    summary.documents += 1;
                    None
                }
                Err(problem) => Some(*problem),
            },
        };
        if let Some(problem) = problem {
            sink.problem(problem.at_record(record).in_file(context.file_name));
            summary.refused += 1;
        }
        record += 1;
    }
    rows.describe(&mut summary);
    Ok(summary)
}

impl Binding {
    /// Whether a row is the header again, as reports print it on each page.
    fn is_header(&self, row: Row<'_>) -> bool {
        let same = |(index, name): (usize, &String)| {
            row.cell(index).is_some_and(|cell| cell.trim() == name)
        };
        row.len() == self.names.len() && self.names.iter().enumerate().all(same)
    }
}

/// The columns' names: declared, or of so many rows of the file, each column's words put together.
fn read_names(shape: &Shape, rows: &mut Table<'_>) -> Result<Vec<String>, DecodeError> {
    let shape = match shape {
        Shape::Delimited(shape) => shape,
        Shape::Fixed(layout) => {
            return Ok(layout
                .columns
                .iter()
                .map(|column| column.name.clone())
                .collect());
        }
    };
    if let Some(names) = &shape.header {
        return Ok(names.iter().map(|name| name.trim().to_owned()).collect());
    }
    let mut names: Vec<String> = Vec::new();
    for _ in 0..shape.header_lines {
        match rows.advance()? {
            Step::Row => {}
            Step::Broken(problem) => return Err(DecodeError::Refused(problem)),
            Step::End => {
                let message = "the file has no text, only line ends or blanks";
                return Err(Problem::error("file.empty", message).into());
            }
        }
        let row = rows.row();
        names.resize(names.len().max(row.len()), String::new());
        for (index, name) in names.iter_mut().enumerate() {
            let word = row.cell(index).unwrap_or_default().trim();
            if !name.is_empty() && !word.is_empty() {
                name.push(' ');
            }
            name.push_str(word);
        }
    }
    Ok(names)
}

fn read_header(mapping: &Mapping, rows: &mut Table<'_>) -> Result<Binding, DecodeError> {
    let names = read_names(&mapping.shape, rows)?;
    let mut positions = Vec::with_capacity(mapping.needs.columns.len());
    for wanted in &mapping.needs.columns {
        let mut found = names
            .iter()
            .enumerate()
            .filter(|(_, name)| *name == wanted)
            .map(|(index, _)| index);
        match (found.next(), found.next()) {
            (Some(position), None) => positions.push(position),
            (None, _) => return Err(column_missing(wanted, &names, mapping, rows.start())),
            (Some(_), Some(second)) => {
                let place = rows.cell_place(second);
                let message = "two columns have this name, and a field reads it";
                let problem = place.of(Problem::error("delimited.column_twice", message));
                return Err(problem
                    .at_path(wanted)
                    .hint("nobody can tell which one is meant: rename one in the export")
                    .into());
            }
        }
    }
    let prefix = match &mapping.shape {
        Shape::Delimited(_) => "csv:column=",
        Shape::Fixed(_) => "fixed:column=",
    };
    let unmapped = unmapped_columns(prefix, &names, &positions, &mapping.ignore);
    if unmapped.len() > MAX_UNMAPPED {
        let message = format!("{} columns are neither mapped nor ignored", unmapped.len());
        let problem = Problem::error("delimited.too_many_columns", message)
            .expected(format!("at most {MAX_UNMAPPED}"));
        return Err(problem
            .hint("check the separator, or list columns under `ignore`")
            .into());
    }
    Ok(Binding {
        names,
        positions,
        unmapped,
    })
}

fn column_missing(wanted: &str, names: &[String], mapping: &Mapping, header: Place) -> DecodeError {
    let separator = match &mapping.shape {
        Shape::Delimited(shape) => char::from(shape.dialect.separator),
        Shape::Fixed(_) => ' ',
    };
    let hint = match (config::nearest(wanted, names), names) {
        (Some(near), _) => {
            format!("the file has {near:?}: name that one in the mapping, if it is the same")
        }
        (None, [_]) => format!("the header is one column: is {separator:?} the file's separator?"),
        (None, _) => "name one of the file's columns in the mapping, or mend the export".to_owned(),
    };
    let listed = names
        .iter()
        .map(|name| format!("{name:?}"))
        .collect::<Vec<_>>()
        .join(", ");
    let message = format!(
        "the header has no column {wanted:?}; it has {}",
        clipped(&listed)
    );
    let problem = Problem::error("delimited.column_missing", message);
    header
        .of(problem)
        .at_path(wanted)
        .found("")
        .expected(format!("a column {wanted:?}"))
        .hint(hint)
        .into()
}

/// Long enough for forty columns, short enough for a log line's neighbour.
fn clipped(list: &str) -> String {
    const MOST: usize = 600;
    match list.char_indices().nth(MOST) {
        Some((end, _)) => format!("{} …", list.get(..end).unwrap_or_default()),
        None => list.to_owned(),
    }
}

fn unmapped_columns(
    prefix: &str,
    names: &[String],
    positions: &[usize],
    ignore: &[String],
) -> Vec<(usize, String)> {
    let used: BTreeSet<usize> = positions.iter().copied().collect();
    let mut seen = BTreeSet::new();
    let mut unmapped = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let is_first = seen.insert(name.as_str());
        if used.contains(&index) || ignore.contains(name) {
            continue;
        }
        // A column without a name of its own is known by its number, counted from 1.
        let number = index + 1;
        let path = match (name.is_empty(), is_first) {
            (true, _) => format!("{prefix}#{number}"),
            (false, true) => format!("{prefix}{name}"),
            (false, false) => format!("{prefix}{name}#{number}"),
        };
        unmapped.push((index, path));
    }
    unmapped
}

fn convert_row(
    mapping: &Mapping,
    binding: &Binding,
    rows: &Table<'_>,
    facts: &Facts<'_>,
    provenance: &Provenance,
    record: u64,
) -> Result<Document, Box<Problem>> {
    let row = rows.row();
    let surplus = binding.names.len()..row.len();
    let mut surplus = surplus.filter_map(|index| row.cell(index));
    let fits = match &mapping.shape {
        Shape::Delimited(shape) if shape.ragged == Ragged::Fill => {
            surplus.all(|cell| cell.trim().is_empty())
        }
        Shape::Delimited(_) | Shape::Fixed(_) => row.len() == binding.names.len(),
    };
    if !fits {
        return Err(ragged(row.len(), binding.names.len(), rows.start()));
    }
    let mut unmapped = Vec::new();
    for (position, path) in &binding.unmapped {
        let cell = row.cell(*position).unwrap_or_default();
        if !cell.is_empty() {
            unmapped.push(Unmapped::new(path.as_str(), Verbatim::text(cell)));
        }
    }
    let mut provenance = provenance.clone();
    let (start, end) = (rows.start(), rows.end());
    let mut span = Span::new(start.byte, end.byte);
    span.line_start = start.known_line();
    span.line_end = end.known_line();
    span.record_index = Some(record);
    provenance.span = Some(span);
    let positions = &binding.positions;
    let entity = mapping
        .rules
        .build(
            Record {
                row,
                positions,
                facts,
            },
            Carried {
                provenance,
                unmapped,
            },
        )
        .map_err(|fault| Box::new(describe(*fault, mapping, binding, rows)))?;
    match entity
        .check()
        .into_iter()
        .find(|issue| issue.severity == IssueSeverity::Error)
    {
        Some(issue) => Err(Box::new(contradiction(issue, rows.start()))),
        None => Ok(Document {
            entity,
            record,
            occurrence: None,
        }),
    }
}

fn ragged(found: usize, expected: usize, start: Place) -> Box<Problem> {
    let cells = |count: usize| {
        if count == 1 {
            "1 cell".to_owned()
        } else {
            format!("{count} cells")
        }
    };
    let hint = if found > expected {
        "a cell holds the separator without being quoted, or the export grew a column without a name"
    } else {
        "the row is cut off, or a line end inside a cell is not quoted"
    };
    let problem = Problem::error(
        "delimited.ragged",
        "the row has another number of cells than the header",
    );
    let problem = start.of(problem);
    Box::new(
        problem
            .found(&cells(found))
            .expected(cells(expected))
            .hint(hint),
    )
}

fn describe(fault: Fault, mapping: &Mapping, binding: &Binding, rows: &Table<'_>) -> Problem {
    let Fault {
        column,
        path,
        wrong,
    } = fault;
    let message = match wrong.code {
        "mapping.required" => "a required value is missing",
        _ => "the value cannot be used",
    };
    let mut problem = Problem::error(wrong.code, message).expected(wrong.expected);
    let position = column.and_then(|column| binding.positions.get(column));
    let place = position.map_or(rows.start(), |position| rows.cell_place(*position));
    problem = place.of(problem);
    if let Some(name) = column.and_then(|column| mapping.needs.columns.get(column)) {
        problem = problem.at_path(name.as_str());
    } else if let Some(path) = path {
        problem = problem.at_path(format!("/{path}"));
    }
    if let Some(position) = position {
        problem = problem.found(rows.row().cell(*position).unwrap_or_default());
    }
    match wrong.hint {
        Some(hint) => problem.hint(hint),
        None => problem,
    }
}

/// What the canonical model's own checks say against the document.
fn contradiction(issue: Issue, start: Place) -> Problem {
    let mut problem = start.of(Problem::error(issue.code, issue.message));
    problem.path = issue
        .path
        .map(|path| format!("/{}", path.trim_start_matches('/')));
    problem.hint = issue.hint;
    match issue.value.as_ref().and_then(Verbatim::as_text) {
        Some(found) => problem.found(found),
        None => problem,
    }
}
