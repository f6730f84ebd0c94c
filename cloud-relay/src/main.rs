//! The command line of the relay. Parses, calls the library, turns outcomes into exit codes:
//! 0 done, 1 failed with the reason on stderr, 2 wrong usage or configuration.

#[cfg_attr(unix, path = "stop_unix.rs")]
#[cfg_attr(windows, path = "stop_windows.rs")]
mod stop;

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use cloud_relay::config::RelayConfig;
use cloud_relay::dead_letters::{DeadLetters, Selection};
use cloud_relay::{check, run};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

const FAILED: u8 = 1;
const WRONG_USAGE: u8 = 2;

/// Takes documents from agents, stores them, and delivers them to commerce platforms.
#[derive(Parser)]
#[command(
    name = "cloud-relay",
    version,
    after_help = "Example:\n  cloud-relay check --config /etc/cloud-relay/relay.toml\n  cloud-relay run --config /etc/cloud-relay/relay.toml"
)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the relay in the foreground until it is told to stop (Ctrl-C or SIGTERM).
    #[command(after_help = "Example:\n  cloud-relay run --config relay.toml")]
    Run(ConfigFile),
    /// Try the configuration: certificates, secrets, the address, each destination. Takes and delivers nothing.
    #[command(after_help = "Example:\n  cloud-relay check --config relay.toml")]
    Check(ConfigFile),
    /// Documents that a destination refused. The relay has to stand still: it holds its store locked.
    #[command(subcommand)]
    DeadLetters(DeadLetterCommand),
}

#[derive(Subcommand)]
enum DeadLetterCommand {
    /// Show the documents that were given up, one line each.
    #[command(after_help = "Example:\n  cloud-relay dead-letters list --config relay.toml --json")]
    List {
        #[command(flatten)]
        file: ConfigFile,
        /// One JSON object per line, with all fields.
        #[arg(long)]
        json: bool,
    },
    /// Send documents again when the relay runs, with all that is parked behind them.
    #[command(after_help = "Example:\n  cloud-relay dead-letters replay --config relay.toml --all")]
    Replay(Chosen),
    /// Let documents go: they are not delivered.
    #[command(
        after_help = "Example:\n  cloud-relay dead-letters drop --config relay.toml lb1-0f3c…"
    )]
    Drop(Chosen),
}

#[derive(Args)]
struct Chosen {
    #[command(flatten)]
    file: ConfigFile,
    /// All dead letters.
    #[arg(long, conflicts_with = "ids")]
    all: bool,
    /// Ids of documents, as `list` shows them.
    #[arg(required_unless_present = "all")]
    ids: Vec<String>,
}

impl Chosen {
    fn selection(&self) -> Selection {
        if self.all {
            Selection::All
        } else {
            Selection::Ids(self.ids.iter().cloned().collect())
        }
    }
}

#[derive(Args)]
struct ConfigFile {
    /// The configuration file.
    #[arg(long)]
    config: PathBuf,
}

fn main() -> ExitCode {
    let command_line = CommandLine::parse();
    tracing_subscriber::fmt()
        .with_env_filter(
            EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info")),
        )
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return ended(FAILED, &error),
    };
    match command_line.command {
        Command::Run(file) => with_config(&file, |config| runtime.block_on(serve(config))),
        Command::Check(file) => with_config(&file, |config| {
            let findings = runtime.block_on(check::check(&config));
            let mut out = io::stdout().lock();
            let mut good = true;
            for finding in findings {
                good &= finding.good;
                if writeln!(out, "{finding}").is_err() {
                    return ExitCode::from(FAILED);
                }
            }
            ExitCode::from(if good { 0 } else { FAILED })
        }),
        Command::DeadLetters(command) => match command {
            DeadLetterCommand::List { file, json } => {
                on_letters(&file, |letters| list(letters, json))
            }
            DeadLetterCommand::Replay(chosen) => on_letters(&chosen.file, |letters| {
                let replayed = letters.replay(&chosen.selection())?;
                let mut text = format!(
                    "{} documents are sent again when the relay runs\n",
                    replayed.documents
                );
                for letter in &replayed.unreadable {
                    writeln!(
                        text,
                        "block {} of lane {} cannot be read any more: ask that agent (queue replay), then drop",
                        letter.ordinal, letter.lane
                    )?;
                }
                Ok((text, replayed.unreadable.is_empty()))
            }),
            DeadLetterCommand::Drop(chosen) => on_letters(&chosen.file, |letters| {
                let dropped = letters.let_go(&chosen.selection())?;
                Ok((
                    format!("{dropped} documents dropped\n"),
                    dropped > 0 || chosen.all,
                ))
            }),
        },
    }
}

/// One line for each letter.
fn list(letters: &DeadLetters, json: bool) -> anyhow::Result<(String, bool)> {
    let mut text = String::new();
    for letter in letters.list()? {
        if json {
            writeln!(text, "{}", serde_json::to_string(&letter)?)?;
        } else {
            let reason: String = letter.reason.chars().take(120).collect();
            writeln!(
                text,
                "{}  {}  {}  {}: {reason}",
                letter.id, letter.reader, letter.subject, letter.code
            )?;
        }
    }
    Ok((text, true))
}

/// Opens the store, does `work`, closes it, and prints what came of it; `false` is exit code 1.
fn on_letters(
    file: &ConfigFile,
    work: impl FnOnce(&DeadLetters) -> anyhow::Result<(String, bool)>,
) -> ExitCode {
    with_config(file, |config| {
        let letters = match DeadLetters::open(&config) {
            Ok(letters) => letters,
            Err(error) => return ended(FAILED, &error),
        };
        let done = work(&letters);
        letters.close();
        match done {
            Err(error) => ended(FAILED, &error),
            Ok((text, good)) => {
                let printed = io::stdout().lock().write_all(text.as_bytes());
                ExitCode::from(if good && printed.is_ok() { 0 } else { FAILED })
            }
        }
    })
}

fn with_config(file: &ConfigFile, then: impl FnOnce(RelayConfig) -> ExitCode) -> ExitCode {
    match RelayConfig::read(&file.config) {
        Ok(config) => then(config),
        Err(error) => ended(WRONG_USAGE, &error),
    }
}

async fn serve(config: RelayConfig) -> ExitCode {
    let stop = CancellationToken::new();
    match stop::told() {
        Ok(told) => {
            let stop = stop.clone();
            tokio::spawn(async move {
                told.await;
                stop.cancel();
            });
        }
        Err(error) => {
            tracing::warn!(%error, "stop signals cannot be heard; end the program by force, which loses nothing")
        }
    }
    match run(config, stop).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => ended(FAILED, &error),
    }
}

fn ended(code: u8, reason: &dyn std::fmt::Display) -> ExitCode {
    // Where stderr is closed, the exit code is all that can be said.
    drop(writeln!(io::stderr(), "{reason}"));
    ExitCode::from(code)
}
