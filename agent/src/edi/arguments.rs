//! The arguments of the `edi` commands, with the help that people see.
//! Says what may be given, never what is done with it.

use std::path::PathBuf;

use canonical::date::DateTime;
use clap::{Args, Subcommand};
use edi::partner::Identity;

use super::input::Agreed;
use super::target::Target;
use super::terminal::Colour;

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
    /// Print the answers that the senders would get: TA1, 997, 999 or CONTRL. Exit code 3 when something is refused.
    #[command(
        after_help = "Examples:\n  legacy-bridge edi ack orders.edi\n  legacy-bridge edi ack --functional 999 --ta1 always orders.edi\n  legacy-bridge edi ack --partner partners/northwind.toml orders.edi | legacy-bridge edi inspect -"
    )]
    Ack(Ack),
    /// Write canonical documents, or the envelopes that `convert` prints, as an interchange.
    #[command(
        after_help = "Examples:\n  legacy-bridge edi write --to x12:855:004010 --sender ZZ:ACME --receiver ZZ:NORTHWIND acks.ndjson > 855.edi\n  legacy-bridge edi write --to edifact:INVOIC --partner partners/hansa-markt.toml --control-number 4711 invoices.json\n  legacy-bridge edi write --to x12:810 --partner partners/northwind.toml --config agent.toml invoices.json > out/810.edi\n  legacy-bridge convert --format edi orders.edi | legacy-bridge edi write --to x12:850:005010 --sender ZZ:A --receiver ZZ:B -"
    )]
    Write(Write),
    /// List the transaction sets and messages that are known, read and written.
    #[command(
        after_help = "Examples:\n  legacy-bridge edi sets\n  legacy-bridge edi sets --json | jq -r 'select(.written) | .set'"
    )]
    Sets(Sets),
    /// Say whose agreement holds for each interchange of a file and why: who was found, what fits, what does not. Exit code 3
    /// when something was not agreed.
    #[command(
        after_help = "Examples:\n  legacy-bridge edi explain-agreement --partner partners orders.edi\n  legacy-bridge edi explain-agreement --partner partners --feed edi orders.edi\n  legacy-bridge edi explain-agreement --partner partners --json orders.edi | jq .found"
    )]
    ExplainAgreement(ExplainAgreement),
}

/// `edi inspect`.
#[derive(Args, Debug)]
pub struct Inspect {
    /// The files; `-` for standard input.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Show only this message of the file, counted from 1.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub message: Option<u64>,
    /// Show so many segments of each message, and of the rest those with findings; 0 for envelopes and messages only.
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// When output is coloured.
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    pub color: Colour,
    /// Partners and feed.
    #[command(flatten)]
    pub agreed: Agreed,
}

/// `edi validate`.
#[derive(Args, Debug)]
pub struct Validate {
    /// The files; `-` for standard input.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// One line of JSON for each finding, and one for each file's summary.
    #[arg(long)]
    pub json: bool,
    /// When output is coloured.
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    pub color: Colour,
    /// Partners and feed.
    #[command(flatten)]
    pub agreed: Agreed,
}

/// `edi segments`.
#[derive(Args, Debug)]
pub struct Segments {
    /// The file; `-` for standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The file holds lines of JSON: write the interchange they are of.
    #[arg(long)]
    pub back: bool,
}

/// `edi ack`.
#[derive(Args, Debug)]
pub struct Ack {
    /// The files; `-` for standard input.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// What answers groups of X12; 999 from version 005010 on.
    #[arg(long, value_name = "KIND", default_value = "997", value_parser = ["997", "999", "none"], conflicts_with = "partners")]
    pub functional: String,
    /// When a TA1 answers an interchange of X12: where ISA14 asks for it, also where it is rejected, …
    #[arg(long, value_name = "WHEN", default_value = "on_error", value_parser = ["never", "on_request", "on_error", "always"], conflicts_with = "partners")]
    pub ta1: String,
    /// What a CONTRL answers: every message, or the interchange alone.
    #[arg(long, value_name = "WHAT", default_value = "full", value_parser = ["full", "receipt", "none"], conflicts_with = "partners")]
    pub contrl: String,
    /// The first of our control numbers; none is used up.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub control_number: u64,
    /// When the answer is written, as 2026-01-31T08:00:00Z. Default: now.
    #[arg(long, value_name = "TIME")]
    pub at: Option<DateTime>,
    /// Partners and feed.
    #[command(flatten)]
    pub agreed: Agreed,
}

/// `edi write`.
#[derive(Args, Debug)]
pub struct Write {
    /// Files of JSON documents, or of envelopes; `-` for standard input.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// What is written, as SYNTAX:SET:VERSION. With --partner the version is the partner's.
    #[arg(long, value_name = "SET")]
    pub to: Target,
    /// The file of the partner that it is written for.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["sender", "receiver", "test", "line_ends"])]
    pub partner: Option<PathBuf>,
    /// We, as QUALIFIER:ID.
    #[arg(long, value_name = "ID", value_parser = identity, required_unless_present = "partner")]
    pub sender: Option<Identity>,
    /// The partner, as QUALIFIER:ID.
    #[arg(long, value_name = "ID", value_parser = identity, required_unless_present = "partner")]
    pub receiver: Option<Identity>,
    /// Mark it as a test.
    #[arg(long)]
    pub test: bool,
    /// What follows each segment: none, lf or cr_lf.
    #[arg(long, value_name = "END", default_value = "none", value_parser = ["none", "lf", "cr_lf"])]
    pub line_ends: String,
    /// The control number of the first interchange; the next has the next. None is remembered.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub control_number: u64,
    /// The agent's configuration: control numbers are taken from its data and used up, and it watches that what is written
    /// is acknowledged in time. The agent may run.
    #[arg(
        long,
        value_name = "FILE",
        requires = "partner",
        conflicts_with = "control_number"
    )]
    pub config: Option<PathBuf>,
    /// When it is written, as 2026-01-31T08:00:00Z. Default: now.
    #[arg(long, value_name = "TIME")]
    pub at: Option<DateTime>,
    /// What is told on standard error is lines of JSON.
    #[arg(long)]
    pub json: bool,
}

fn identity(text: &str) -> Result<Identity, &'static str> {
    text.parse()
}

/// `edi sets`.
#[derive(Args, Debug)]
pub struct Sets {
    /// A line of JSON for each.
    #[arg(long)]
    pub json: bool,
}

/// `edi explain-agreement`.
#[derive(Args, Debug)]
pub struct ExplainAgreement {
    /// The files; `-` for standard input.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// A line of JSON for each interchange.
    #[arg(long)]
    pub json: bool,
    /// Partners and feed.
    #[command(flatten)]
    pub agreed: Agreed,
}
