//! `cargo demo`: a relay, an agent and a sample shop on this machine, fed with the shipped samples, on one screen.
//! With `--once` it ends by itself: exit code 0 when all arrived once, in order and signed, and the broken file was set
//! aside with its place named; else 1, with every reason. Nothing leaves the machine.

mod progress;
mod road;
mod verdict;
mod view;

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use rustix::termios::tcgetwinsize;

use progress::{Progress, Watcher};
use road::{BROKEN, Road, SAMPLES};
use view::Ink;

/// How long `--once` waits for the samples.
const PATIENCE: Duration = Duration::from_secs(20);
const GLANCE: Duration = Duration::from_millis(100);

/// Runs the whole road on this machine and shows what arrives.
#[derive(Parser)]
#[command(after_help = "Examples:\n  cargo demo\n  cargo demo --once")]
struct Arguments {
    /// End when the samples have arrived; exit code 0 when all is well, else 1.
    #[arg(long)]
    once: bool,
    /// The port of the sample shop on 127.0.0.1. Default: any free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
}

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            eprintln!("demo: {problem:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> anyhow::Result<bool> {
    let began = Instant::now();
    let road = Road::lay(arguments.port).await?;
    let mut screen = Screen::new();
    screen.print(&view::opening(&road.places(), screen.ink))?;
    for sample in SAMPLES {
        road.drop_sample(sample)?;
    }
    let mut watcher = Watcher::new(road.feeds()?, road.ledger());
    let progress = loop {
        let progress = watcher.look()?;
        screen.draw(&view::table(&progress, screen.ink))?;
        if verdict::is_final(&progress, SAMPLES.len()) || began.elapsed() > PATIENCE {
            break progress;
        }
        tokio::time::sleep(GLANCE).await;
    };
    screen.draw("")?;
    screen.print(&whole(&progress, screen.ink))?;
    let judged = verdict::judge(&progress, SAMPLES.len(), BROKEN);
    screen.print(&view::closing(&judged, began.elapsed(), screen.ink))?;
    if !arguments.once {
        screen.print(&view::invitation(
            &road.inbox("orders"),
            &road.inbox("stock"),
            screen.ink,
        ))?;
        watch(&mut watcher, &mut screen).await?;
    }
    let kept = road.stop(judged.is_err() && arguments.once).await;
    if let Some(folder) = kept {
        screen.print(&format!("  everything is still in {}\n", folder.display()))?;
    }
    Ok(!arguments.once || judged.is_ok())
}

/// Shows what arrives until Ctrl-C.
async fn watch(watcher: &mut Watcher, screen: &mut Screen) -> anyhow::Result<()> {
    let mut stop = std::pin::pin!(tokio::signal::ctrl_c());
    let told = watcher.look()?;
    let mut shown = view::table(&told, screen.ink);
    loop {
        tokio::select! {
            stopped = &mut stop => return Ok(stopped?),
            () = tokio::time::sleep(GLANCE) => {}
        }
        let progress = watcher.look()?;
        let reasons = view::set_aside(&progress, &told, screen.ink);
        let now = format!("{}{reasons}", view::table(&progress, screen.ink));
        if now != shown {
            screen.draw(&now)?;
            shown = now;
        }
    }
}

fn whole(progress: &Progress, ink: Ink) -> String {
    let reasons = view::set_aside(progress, &Progress::default(), ink);
    format!("{}{reasons}", view::table(progress, ink))
}

/// Standard output. On a terminal the last thing drawn is drawn over; a pipe gets only what stays.
struct Screen {
    ink: Ink,
    drawn_lines: usize,
}

impl Screen {
    fn new() -> Self {
        let ink = if io::stdout().is_terminal() {
            Ink::Colour
        } else {
            Ink::Plain
        };
        Self {
            ink,
            drawn_lines: 0,
        }
    }

    /// Prints text that stays.
    fn print(&mut self, text: &str) -> io::Result<()> {
        self.drawn_lines = 0;
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.flush()
    }

    /// Draws text in place of what was drawn last.
    fn draw(&mut self, text: &str) -> io::Result<()> {
        if self.ink == Ink::Plain {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        if self.drawn_lines > 0 {
            write!(out, "\x1b[{}A\x1b[J", self.drawn_lines)?;
        }
        out.write_all(text.as_bytes())?;
        let width = tcgetwinsize(io::stdout()).map_or(80, |size| usize::from(size.ws_col));
        self.drawn_lines = text.lines().map(|line| view::rows(line, width)).sum();
        out.flush()
    }
}
