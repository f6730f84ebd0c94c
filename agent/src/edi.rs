//! The `edi` commands: look into interchanges, check them, answer them, write them, take them apart and put them together.
//! Each has its own file below; here are their arguments and how they end.
//! Invariant: a command sends nothing, stores nothing, and changes no file.

mod input;
mod inspect;
mod lines;
mod loops;
mod segment;
mod terminal;
mod validate;

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};

use input::Agreed;
use terminal::{Colour, Paint};

/// The EDI commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show interchanges as a tree: envelopes, loops, segments, values by name, and what is wrong at its place.
    #[command(
        after_help = "Examples:\n  legacy-bridge edi inspect orders.edi\n  legacy-bridge edi inspect --limit 0 big.edi        envelopes and messages only\n  legacy-bridge edi inspect --message 3 --color always orders.edi | less -R\n  cat orders.edi | legacy-bridge edi inspect -"
    )]
    Inspect(Inspect),
    /// Check interchanges: every finding with its place, then what is accepted. Exit code 3 when something is rejected.
    #[command(
        after_help = "Examples:\n  legacy-bridge edi validate orders.edi\n  legacy-bridge edi validate --json orders.edi | jq 'select(.severity == \"error\")'\n  legacy-bridge edi validate --partner partners/northwind.toml orders.edi"
    )]
    Validate(Validate),
    /// Take a file apart into lines of JSON, one for each segment, or put it together again, byte for byte.
    #[command(
        after_help = "Examples:\n  legacy-bridge edi segments orders.edi > orders.json\n  legacy-bridge edi segments orders.edi | jq -c 'select(.[0]? == \"PO1\")'\n  legacy-bridge edi segments --back orders.json > orders.edi"
    )]
    Segments(Segments),
    /// Say whose agreement holds for each interchange of a file and why: who was found, what fits, what does not. Exit code 3
    /// when something was not agreed.
    #[command(
        after_help = "Examples:\n  legacy-bridge edi explain-agreement --partner partners orders.edi\n  legacy-bridge edi explain-agreement --partner partners --feed edi orders.edi\n  legacy-bridge edi explain-agreement --partner partners --json orders.edi | jq .found"
    )]
    ExplainAgreement(ExplainAgreement),
}

/// `edi explain-agreement`.
#[derive(Args, Debug)]
pub struct ExplainAgreement {
    /// The file; `-` for standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// One line of JSON for each interchange.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    agreed: Agreed,
}

/// `edi inspect`.
#[derive(Args, Debug)]
pub struct Inspect {
    /// The files; `-` for standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Show only this message of the file, counted from 1.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    message: Option<u64>,
    /// Show so many segments of each message, and of the rest those with findings; 0 for envelopes and messages only.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// When output is coloured.
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    color: Colour,
    #[command(flatten)]
    agreed: Agreed,
}

/// `edi validate`.
#[derive(Args, Debug)]
pub struct Validate {
    /// The files; `-` for standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// One line of JSON for each finding, and one for each file's summary.
    #[arg(long)]
    json: bool,
    /// When output is coloured.
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    color: Colour,
    #[command(flatten)]
    agreed: Agreed,
}

/// `edi segments`.
#[derive(Args, Debug)]
pub struct Segments {
    /// The file; `-` for standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The file holds lines of JSON: write the interchange they are of.
    #[arg(long)]
    back: bool,
}

/// How a command ended that did not fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All is well.
    Done,
    /// Something was rejected, as was told.
    Refused,
    /// The arguments, or files that they name, are wrong.
    Wrong(String),
}

impl Outcome {
    fn of(good: bool) -> Self {
        if good { Self::Done } else { Self::Refused }
    }
}

/// Runs a command on standard output.
///
/// # Errors
/// When a file cannot be read or the output cannot be written. Bad content is an [`Outcome`].
pub fn run(command: &Command) -> anyhow::Result<Outcome> {
    let mut out = BufWriter::new(io::stdout().lock());
    let outcome = match command {
        Command::Inspect(arguments) => inspect(arguments, &mut out),
        Command::Validate(arguments) => validate(arguments, &mut out),
        Command::Segments(arguments) => segments(arguments, &mut out),
        Command::ExplainAgreement(arguments) => explain_agreement(arguments, &mut out),
    };
    let flushed = out.flush();
    match outcome {
        Err(error) if is_closed(&error) => Ok(Outcome::Done),
        Ok(outcome) => match flushed {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
            _ => Ok(outcome),
        },
        Err(error) => Err(error),
    }
}

/// Whether nobody reads the output any more.
fn is_closed(error: &anyhow::Error) -> bool {
    let cause = error.root_cause().downcast_ref::<io::Error>();
    cause.is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

fn inspect(arguments: &Inspect, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let agreements = match arguments.agreed.agreements() {
        Ok(agreements) => agreements,
        Err(error) => return Ok(Outcome::Wrong(error)),
    };
    let view = inspect::View {
        message: arguments.message,
        limit: arguments.limit.unwrap_or(usize::MAX),
        paint: Paint::for_output(arguments.color),
    };
    let mut good = true;
    for path in &arguments.files {
        let mut file = input::open(path)?;
        if arguments.files.len() > 1 {
            writeln!(out, "==> {} <==", input::name(path))?;
        }
        let source = arguments.agreed.feed.as_deref();
        good &= inspect::inspect(&mut file, &agreements, source, view, out)
            .with_context(|| could_not_read(path))?;
    }
    Ok(Outcome::of(good))
}

fn validate(arguments: &Validate, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let agreements = match arguments.agreed.agreements() {
        Ok(agreements) => agreements,
        Err(error) => return Ok(Outcome::Wrong(error)),
    };
    let form = if arguments.json {
        validate::Form::Json
    } else {
        validate::Form::Text(Paint::for_output(arguments.color))
    };
    let mut good = true;
    for path in &arguments.files {
        let mut file = input::open(path)?;
        let source = arguments.agreed.feed.as_deref();
        let tally = validate::validate(
            &input::name(path),
            &mut file,
            &agreements,
            source,
            form,
            out,
        )
        .with_context(|| could_not_read(path))?;
        good &= tally.errors == 0 && tally.rejected == 0;
    }
    Ok(Outcome::of(good))
}

fn segments(arguments: &Segments, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let mut file = input::open(&arguments.file)?;
    if arguments.back {
        lines::back(&mut file, out)
            .with_context(|| format!("could not write {} back", arguments.file.display()))?;
    } else {
        lines::segments(&mut file, out).with_context(|| could_not_read(&arguments.file))?;
    }
    Ok(Outcome::Done)
}

fn explain_agreement(arguments: &ExplainAgreement, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let agreements = match arguments.agreed.agreements() {
        Ok(agreements) => agreements,
        Err(error) => return Ok(Outcome::Wrong(error)),
    };
    let mut file = input::open(&arguments.file)?;
    let explained = agreements.explain_file(&mut file, arguments.agreed.feed.as_deref());
    let explained = explained.with_context(|| could_not_read(&arguments.file))?;
    if explained.is_empty() {
        let name = input::name(&arguments.file);
        return Ok(Outcome::Wrong(format!(
            "{name} has no interchange; `edi inspect` shows what it is"
        )));
    }
    for explanation in &explained {
        if arguments.json {
            serde_json::to_writer(&mut *out, explanation)?;
            writeln!(out)?;
        } else {
            writeln!(out, "{explanation}")?;
        }
    }
    Ok(Outcome::of(
        explained
            .iter()
            .all(|explanation| explanation.findings.is_empty()),
    ))
}

fn could_not_read(path: &Path) -> String {
    format!("could not read {}", input::name(path))
}
