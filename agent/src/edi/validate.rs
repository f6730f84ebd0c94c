//! `edi validate`: every finding of a file with its place, and what was accepted.
//! Invariant: something rejected means an error was told, and the other way round.

use std::fmt;
use std::io::{self, Read, Write};

use canonical::problem::{Problem, Severity};
use edi::examine::{Examination, Step};
use edi::partner::Agreements;
use serde::Serialize;

use super::terminal::{Paint, Role, safe};

/// How findings are told.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    /// One line of JSON each.
    Json,
    /// One line of text each.
    Text(Paint),
}

/// What was in a file, and what of it is accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Tally {
    /// The file.
    pub(super) file: String,
    /// Interchanges.
    pub(super) interchanges: u64,
    /// Groups with a header.
    pub(super) groups: u64,
    /// Messages, transaction sets and packages.
    pub(super) messages: u64,
    /// Those of them that stand with their group and interchange.
    pub(super) accepted: u64,
    /// The others.
    pub(super) rejected: u64,
    /// Findings that reject something.
    pub(super) errors: u64,
    /// Other findings.
    pub(super) warnings: u64,
}

/// Tells every finding of one input, and a summary at its end.
///
/// # Errors
/// The input's and the output's own.
pub(super) fn validate(
    name: &str,
    input: &mut dyn Read,
    agreements: &Agreements,
    source: Option<&str>,
    form: Form,
    out: &mut dyn Write,
) -> io::Result<Tally> {
    let mut examination = Examination::new(input, agreements, source);
    let mut tally = Tally {
        file: name.to_owned(),
        ..Tally::default()
    };
    // Messages that are accepted unless what is open around them turns out broken.
    let (mut in_group, mut in_interchange) = (0, 0);
    loop {
        let step = examination.advance()?;
        let syntax = examination.walk().interchange().syntax;
        for finding in examination.take_findings() {
            match finding.severity {
                Severity::Error => tally.errors += 1,
                Severity::Warning => tally.warnings += 1,
            }
            tell(&finding.problem(syntax).in_file(name), form, out)?;
        }
        match step {
            Step::Interchange => {
                tally.interchanges += 1;
                in_interchange = 0;
            }
            Step::Group => {
                tally.groups += u64::from(!examination.walk().group().control_number.is_empty());
                in_group = 0;
            }
            Step::Message(accepted) => {
                tally.messages += 1;
                in_group += u64::from(accepted);
            }
            Step::GroupEnd(good) => in_interchange += if good { in_group } else { 0 },
            Step::InterchangeEnd(good) => tally.accepted += if good { in_interchange } else { 0 },
            Step::InterchangeAck => {}
            Step::End => break,
        }
    }
    tally.rejected = tally.messages - tally.accepted;
    match form {
        Form::Json => {
            let line = serde_json::json!({ "summary": tally });
            writeln!(out, "{line}")?;
        }
        Form::Text(paint) => {
            let role = if tally.errors == 0 {
                Role::Good
            } else {
                Role::Bad
            };
            writeln!(out, "{}", paint.paint(role, &tally))?;
        }
    }
    Ok(tally)
}

/// Tells one problem.
///
/// # Errors
/// The output's own.
pub(super) fn tell(problem: &Problem, form: Form, out: &mut dyn Write) -> io::Result<()> {
    match form {
        Form::Json => writeln!(out, "{}", problem.to_json()),
        Form::Text(paint) => writeln!(out, "{}", line(problem, paint)),
    }
}

/// `orders.edi:12: error: segment 9, PO1[2]/02: not a number; expected digits, found "1O"; hint [x12.element_type]`
fn line(problem: &Problem, paint: Paint) -> String {
    let (role, word) = match problem.severity {
        Severity::Error => (Role::Bad, "error"),
        Severity::Warning => (Role::Doubtful, "warning"),
    };
    let mut text = problem.file.clone().unwrap_or_default();
    match (problem.line, problem.record) {
        (Some(line), _) => text.push_str(&format!(":{line}")),
        (None, Some(record)) => text.push_str(&format!(" document {}", record + 1)),
        (None, None) => {}
    }
    text.push_str(&format!(": {}: ", paint.paint(role, word)));
    let segment = problem.segment.map(|ordinal| format!("segment {ordinal}"));
    let place: Vec<String> = segment.into_iter().chain(problem.path.clone()).collect();
    if !place.is_empty() {
        text.push_str(&format!("{}: ", paint.paint(Role::Name, place.join(", "))));
    }
    text.push_str(&problem.message);
    if let Some(expected) = &problem.expected {
        text.push_str(&format!("; expected {expected}"));
    }
    if let Some(found) = &problem.found {
        text.push_str(&format!(", found {:?}", safe(found, 80)));
    }
    if let Some(hint) = &problem.hint {
        text.push_str(&format!("; {hint}"));
    }
    let code = format!("[{}]", problem.code);
    format!("{text} {}", paint.paint(Role::Aside, code))
}

impl fmt::Display for Tally {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let several =
            |count: u64, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
        write!(
            out,
            "{}: {}",
            self.file,
            several(self.interchanges, "interchange")
        )?;
        if self.groups > 0 {
            write!(out, ", {}", several(self.groups, "group"))?;
        }
        write!(
            out,
            ", {}: {} accepted, {} rejected; {}, {}",
            several(self.messages, "message"),
            self.accepted,
            self.rejected,
            several(self.errors, "error"),
            several(self.warnings, "warning")
        )
    }
}
