//! The `edi` commands: look into interchanges, check them, answer them, write them, take them apart and put them together.
//! Each has its own file below; here are their arguments and how they end.
//! Invariant: a command sends nothing and changes no file; `write --config` alone uses up the agent's control numbers.

mod ack;
mod arguments;
mod documents;
mod input;
mod inspect;
mod ledger;
mod lines;
mod loops;
mod segment;
mod sets;
mod target;
mod terminal;
mod validate;
mod write;

use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::Context as _;
use canonical::date::DateTime;
use canonical::problem::Problem;
use edi::Engine;
use edi::dictionary::Dictionaries;
use edi::map::Mappings;

use crate::clock;
pub use arguments::Command;
use terminal::Paint;
use validate::Form;

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
        Command::Ack(arguments) => ack(arguments, &mut out),
        Command::Write(arguments) => write(arguments, &mut out),
        Command::Sets(arguments) => sets(arguments, &mut out),
        Command::ExplainAgreement(arguments) => explain(arguments, &mut out),
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

fn inspect(arguments: &arguments::Inspect, out: &mut dyn Write) -> anyhow::Result<Outcome> {
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

fn validate(arguments: &arguments::Validate, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let agreements = match arguments.agreed.agreements() {
        Ok(agreements) => agreements,
        Err(error) => return Ok(Outcome::Wrong(error)),
    };
    let form = if arguments.json {
        Form::Json
    } else {
        Form::Text(Paint::for_output(arguments.color))
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

fn segments(arguments: &arguments::Segments, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let mut file = input::open(&arguments.file)?;
    if arguments.back {
        lines::back(&mut file, out)
            .with_context(|| format!("could not write {} back", arguments.file.display()))?;
    } else {
        lines::segments(&mut file, out).with_context(|| could_not_read(&arguments.file))?;
    }
    Ok(Outcome::Done)
}

fn ack(arguments: &arguments::Ack, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let agreements = if arguments.agreed.partners.is_empty() {
        ack::everybody(arguments)
    } else {
        arguments.agreed.agreements()
    };
    let agreements = match agreements {
        Ok(agreements) => agreements,
        Err(error) => return Ok(Outcome::Wrong(error)),
    };
    let engine = Engine {
        agreements,
        ..Engine::default()
    };
    let at = moment(arguments.at.as_ref());
    let mut good = true;
    for path in &arguments.files {
        let name = input::name(path);
        let context = canonical::decode::Context {
            ingest_id: "00000000000000000000000000",
            received_at: at.as_str(),
            file_name: &name,
            modified_at: None,
            feed: arguments.agreed.feed.as_deref(),
        };
        let mut file = input::open(path)?;
        let answered = ack::answer(&mut file, &engine, &context, arguments.control_number, out)
            .with_context(|| could_not_read(path))?;
        good &= answered.refused == 0;
        if answered.answers == 0 {
            complain(&format!(
                "{name}: nothing is answered: acknowledgements never are, nor what nobody agreed on"
            ));
        }
        if answered.refused > 0 {
            let refused = answered.refused;
            complain(&format!(
                "{name}: {refused} refused; `legacy-bridge edi validate` says why"
            ));
        }
    }
    Ok(Outcome::of(good))
}

fn write(arguments: &arguments::Write, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let (order, ledger) = match write::order(arguments, &moment(arguments.at.as_ref())) {
        Ok(order) => order,
        Err(error) => return Ok(Outcome::Wrong(error)),
    };
    let form = if arguments.json {
        Form::Json
    } else {
        Form::Text(Paint::for_errors())
    };
    let mut writing = write::Out::new(&order, ledger);
    let mut good = true;
    for path in &arguments.files {
        let name = input::name(path);
        let mut file = input::open(path)?;
        let mut each = |document| {
            writing.document(document);
            good &= settle(&mut writing, &order, &name, form, out)?;
            anyhow::ensure!(!writing.stopped, "nothing more can be written");
            Ok(())
        };
        documents::documents(&mut file, &mut each).with_context(|| could_not_read(path))?;
    }
    writing.finish();
    let name = arguments
        .files
        .last()
        .map_or_else(String::new, |path| input::name(path));
    good &= settle(&mut writing, &order, &name, form, out)?;
    Ok(Outcome::of(good && writing.refused == 0))
}

/// Prints what is whole and tells what was found; whether our own judge accepts it.
fn settle(
    writing: &mut write::Out<'_>,
    order: &write::Order,
    name: &str,
    form: Form,
    out: &mut dyn Write,
) -> anyhow::Result<bool> {
    let mut errors = io::stderr().lock();
    for problem in writing.take_problems() {
        tell(problem, name, form, &mut errors)?;
    }
    let written = writing.take();
    if written.is_empty() {
        return Ok(true);
    }
    out.write_all(&written)?;
    let problems = write::judge(&written, &order.terms)?;
    let good = problems.is_empty();
    for problem in problems {
        tell(problem, "what was written", form, &mut errors)?;
    }
    Ok(good)
}

fn tell(problem: Problem, name: &str, form: Form, errors: &mut dyn Write) -> io::Result<()> {
    validate::tell(&problem.in_file(name), form, errors)
}

fn sets(arguments: &arguments::Sets, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let known = sets::known(&Dictionaries::shipped(), &Mappings::shipped())?;
    if arguments.json {
        for set in &known {
            serde_json::to_writer(&mut *out, set)?;
            writeln!(out)?;
        }
    } else {
        sets::table(&known, Paint::for_output(terminal::Colour::Auto), out)?;
    }
    Ok(Outcome::Done)
}

fn explain(
    arguments: &arguments::ExplainAgreement,
    out: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    let agreements = match arguments.agreed.agreements() {
        Ok(agreements) => agreements,
        Err(error) => return Ok(Outcome::Wrong(error)),
    };
    let mut good = true;
    for path in &arguments.files {
        let mut file = input::open(path)?;
        let explained = agreements.explain_file(&mut file, arguments.agreed.feed.as_deref());
        let explained = explained.with_context(|| could_not_read(path))?;
        if explained.is_empty() {
            let name = input::name(path);
            return Ok(Outcome::Wrong(format!(
                "{name} has no interchange; `legacy-bridge edi inspect` shows what it is"
            )));
        }
        for explanation in &explained {
            good &= explanation.findings.is_empty();
            if arguments.json {
                serde_json::to_writer(&mut *out, explanation)?;
                writeln!(out)?;
            } else {
                writeln!(out, "{explanation}")?;
            }
        }
    }
    Ok(Outcome::of(good))
}

/// The time that was given, or now.
fn moment(at: Option<&DateTime>) -> DateTime {
    at.cloned().unwrap_or_else(|| clock::rfc3339(clock::now()))
}

fn complain(text: &str) {
    // With stderr gone there is nobody left to tell; the exit code still says it.
    let _nobody = writeln!(io::stderr(), "{text}");
}

fn could_not_read(path: &Path) -> String {
    format!("could not read {}", input::name(path))
}
