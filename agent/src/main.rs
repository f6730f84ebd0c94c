//! The command line of the agent. Parses, calls the library, turns outcomes into exit codes:
//! 0 done, 1 failed with the reason on stderr, 2 wrong usage or configuration, 3 some documents were refused.

#[cfg(not(windows))]
#[path = "stop_unix.rs"]
mod stop;
#[cfg(windows)]
#[path = "stop_windows.rs"]
mod stop;

use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ::edi::partner::Agreements;
use agent::check;
use agent::config::{AgentConfig, read_mapping};
use agent::convert::{self, Speaker};
use agent::edi::{self, Outcome};
use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use formats::Plan;
use tracing_subscriber::EnvFilter;

const FAILED: u8 = 1;
const WRONG_USAGE: u8 = 2;
const SOME_REFUSED: u8 = 3;

/// Takes files from an ERP without an API and relays them as business documents.
#[derive(Parser)]
#[command(
    name = "legacy-bridge",
    version,
    after_help = "Example:\n  legacy-bridge check --config /etc/legacy-bridge/agent.toml\n  legacy-bridge run --config /etc/legacy-bridge/agent.toml"
)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the agent in the foreground until it is told to stop (Ctrl-C or SIGTERM).
    #[command(after_help = "Example:\n  legacy-bridge run --config agent.toml")]
    Run(ConfigFile),
    /// Try the configuration: folders, mappings, certificates, the relay. Takes and sends nothing.
    #[command(after_help = "Example:\n  legacy-bridge check --config agent.toml")]
    Check(ConfigFile),
    /// Show what files would become: envelopes on stdout, problems on stderr, one line of JSON each.
    #[command(
        after_help = "Examples:\n  legacy-bridge convert --config agent.toml --feed stock stock.csv\n  legacy-bridge convert --format edi orders.edi\n  legacy-bridge convert --mapping mappings/stock_de.toml stock.csv"
    )]
    Convert(ConvertArguments),
    /// Look into interchanges of X12, EDIFACT and TRADACOMS, check, answer and write them.
    #[command(subcommand)]
    Edi(edi::Command),
}

#[derive(Args)]
struct ConfigFile {
    /// The configuration file.
    #[arg(long)]
    config: PathBuf,
}

#[derive(Args)]
struct ConvertArguments {
    /// The configuration file that names the feed.
    #[arg(long, requires = "feed")]
    config: Option<PathBuf>,
    /// The feed whose format is used.
    #[arg(long, requires = "config")]
    feed: Option<String>,
    /// The format, where no feed is named; `x12` is another name for `edi`.
    #[arg(long, conflicts_with = "feed", value_parser = ["edi", "x12", "mapping"])]
    format: Option<String>,
    /// The mapping file, where no feed is named.
    #[arg(long, conflicts_with = "feed")]
    mapping: Option<PathBuf>,
    /// The files to convert.
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = CommandLine::parse();
    let outcome = match &arguments.command {
        Command::Run(file) => run(&file.config),
        Command::Check(file) => check(&file.config),
        Command::Convert(arguments) => convert(arguments),
        Command::Edi(command) => edi(command),
    };
    outcome.unwrap_or_else(|error| {
        complain(&format!("legacy-bridge: {error:#}"));
        ExitCode::from(FAILED)
    })
}

fn run(path: &Path) -> anyhow::Result<ExitCode> {
    let config = match AgentConfig::read(path) {
        Ok(config) => config,
        Err(error) => return Ok(wrong(&error)),
    };
    start_log();
    runtime()?.block_on(async {
        let told = stop::signal(); // before anything says that we run
        let running = agent::start(config).await?;
        let failed = tokio::select! {
            () = told => None,
            reason = running.failed() => Some(reason),
        };
        if let Some(reason) = failed {
            // Fail-stop: after a failed sync nothing may be promised any more; the supervisor starts us anew.
            anyhow::bail!("the queue can no longer be trusted to keep data: {reason}");
        }
        running.stop().await;
        Ok(ExitCode::SUCCESS)
    })
}

fn check(path: &Path) -> anyhow::Result<ExitCode> {
    let config = match AgentConfig::read(path) {
        Ok(config) => config,
        Err(error) => return Ok(wrong(&error)),
    };
    let findings = runtime()?.block_on(check::check(&config));
    let mut out = io::stdout().lock();
    for finding in &findings {
        writeln!(out, "{finding}")?;
    }
    let all_well = findings.iter().all(|finding| finding.outcome.is_ok());
    Ok(if all_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(FAILED)
    })
}

fn convert(arguments: &ConvertArguments) -> anyhow::Result<ExitCode> {
    let (config, given);
    let (plan, speaker) = match (&arguments.config, &arguments.feed) {
        (Some(path), Some(name)) => {
            config = match AgentConfig::read(path) {
                Ok(config) => config,
                Err(error) => return Ok(wrong(&error)),
            };
            let Some(feed) = config.feed(name) else {
                let names: Vec<_> = config.feeds.iter().map(|feed| feed.name.as_str()).collect();
                return Ok(wrong(&format!(
                    "no feed {name:?} in {}; there are: {}",
                    path.display(),
                    names.join(", ")
                )));
            };
            (
                &feed.plan,
                Speaker {
                    tenant: &config.tenant,
                    agent: &config.name,
                    feed: name,
                },
            )
        }
        _ => {
            given = match plan(arguments) {
                Ok(plan) => plan,
                Err(error) => return Ok(wrong(&error)),
            };
            (
                &given,
                Speaker {
                    tenant: "dry-run",
                    agent: "dry-run",
                    feed: "dry-run",
                },
            )
        }
    };
    let (mut out, mut complaints, mut refused) = (io::stdout().lock(), io::stderr().lock(), 0);
    for path in &arguments.files {
        let converted = match convert::convert(plan, path, speaker, &mut out, &mut complaints) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                return Ok(ExitCode::SUCCESS);
            }
            converted => {
                converted.with_context(|| format!("could not convert {}", path.display()))?
            }
        };
        refused += converted.refused;
    }
    Ok(if refused == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(SOME_REFUSED)
    })
}

fn edi(command: &edi::Command) -> anyhow::Result<ExitCode> {
    Ok(match edi::run(command)? {
        Outcome::Done => ExitCode::SUCCESS,
        Outcome::Refused => ExitCode::from(SOME_REFUSED),
        Outcome::Wrong(error) => wrong(&error),
    })
}

fn plan(arguments: &ConvertArguments) -> Result<Plan, String> {
    match (arguments.format.as_deref(), &arguments.mapping) {
        (Some("edi" | "x12"), None) => Ok(Plan::edi(Agreements::default())),
        (None | Some("mapping"), Some(mapping)) => {
            read_mapping(mapping).map_err(|error| error.to_string())
        }
        (Some("edi" | "x12"), Some(_)) => Err("--format edi takes no --mapping".to_owned()),
        _ => Err(
            "say what the files are: --config FILE --feed NAME, or --format edi, or --mapping FILE"
                .to_owned(),
        ),
    }
}

fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
}

/// People read a terminal; programs read JSON.
fn start_log() {
    let filter = EnvFilter::try_from_env("LB_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr);
    if io::stderr().is_terminal() {
        log.init()
    } else {
        log.json().flatten_event(true).init()
    }
}

fn wrong(error: &dyn std::fmt::Display) -> ExitCode {
    complain(&error.to_string());
    ExitCode::from(WRONG_USAGE)
}

fn complain(text: &str) {
    // With stderr gone there is nobody left to tell; the exit code still says it.
    let _nobody = writeln!(io::stderr(), "{text}");
}
