//! Writes numbered blocks and says which are durable, or checks that they are all there: for power-cut and kill tests
//! of the log alone.
//!
//! ```text
//! spool-writer write DIR [--threads N] [--bytes N] [--blocks N] [--prune]     prints "ACK thread n" per durable commit, until killed
//! spool-writer verify DIR                                           reads "ACK thread n" lines on stdin; exit 1 if one is lost
//! ```
//! It never says ACK before `Spool::wait` has returned. A test that cuts the power of a loop mount must stop the writer
//! first (SIGSTOP), or count only what it read before the cut: after an ext4 shutdown a sync may still answer "done".

use std::collections::BTreeMap;
use std::io::{BufRead, Write, stdin, stdout};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use spool::{Commit, Options, Packed, Settlement, Spool};

type Failure = Box<dyn std::error::Error + Send + Sync>;

const USAGE: &str = "usage: spool-writer write DIR [--threads N] [--bytes N] [--blocks N] [--prune] | spool-writer verify DIR";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        ["write", dir, rest @ ..] => write(Path::new(dir), rest),
        ["verify", dir] => verify(Path::new(dir)),
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let said = writeln!(std::io::stderr(), "{error}");
            if said.is_ok() {
                ExitCode::FAILURE
            } else {
                ExitCode::from(2)
            }
        }
    }
}

fn options() -> Options {
    // Small segments and no retention, so that rolling and pruning happen within a short test.
    Options {
        segment_bytes: 256 << 10,
        retention: Duration::ZERO,
        ..Options::default()
    }
}

fn number(rest: &[&str], name: &str, default: u64) -> Result<u64, Failure> {
    match rest.iter().position(|word| *word == name) {
        Some(at) => Ok(rest.get(at + 1).ok_or(USAGE)?.parse()?),
        None => Ok(default),
    }
}

/// The body of a thread's `n`th block: its own name, then bytes that do not compress.
fn body(thread: u64, n: u64, bytes: u64) -> Vec<u8> {
    let mut body = format!("{thread} {n} ").into_bytes();
    let mut rng = fastrand::Rng::with_seed(thread << 32 | n);
    body.extend((0..bytes).map(|_| rng.u8(..)));
    body
}

fn write(dir: &Path, rest: &[&str]) -> Result<(), Failure> {
    let threads = number(rest, "--threads", 1)?;
    let bytes = number(rest, "--bytes", 2000)?;
    let blocks = number(rest, "--blocks", u64::MAX)?;
    let prune = rest.contains(&"--prune");
    let opened = Spool::open(dir, &options())?;
    writeln!(stdout(), "OPEN {}", opened.report)?;
    let spool = opened.spool;
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..threads)
            .map(|thread| {
                let spool = &spool;
                scope.spawn(move || write_thread(spool, thread, bytes, blocks, prune))
            })
            .collect();
        writers.into_iter().try_for_each(|writer| {
            writer
                .join()
                .map_err(|_panic| Failure::from("a writer panicked"))?
        })
    })?;
    spool.close();
    Ok(())
}

fn write_thread(
    spool: &Spool,
    thread: u64,
    bytes: u64,
    blocks: u64,
    prune: bool,
) -> Result<(), Failure> {
    let lane = format!("lane{thread}");
    let from = spool.head(&lane) + 1;
    for n in from..from.saturating_add(blocks) {
        let claim = format!("{thread}/{n:012}");
        let packed = Packed::pack(&body(thread, n, bytes))?;
        let block = spool.write(&claim, &lane, &bytes.to_le_bytes(), &packed, 1)?;
        let commit = Commit {
            claim: &claim,
            blocks: &[block],
            memo: &n.to_le_bytes(),
            ..Commit::default()
        };
        spool.wait(spool.commit(&commit)?)?;
        writeln!(stdout().lock(), "ACK {thread} {n}")?;
        if prune && n.is_multiple_of(100) {
            let cursor = (format!("cursor/reader/{lane}"), n.saturating_sub(50));
            let settlement = Settlement {
                marks: &[(&cursor.0, cursor.1)],
                ..Settlement::default()
            };
            spool.wait(spool.settle(&settlement)?)?;
            // One thread prunes for all.
            if thread > 0 {
                continue;
            }
            spool.prune(&|lane, ordinal| ordinal <= cursor_of(spool, lane), now())?;
        }
    }
    Ok(())
}

fn cursor_of(spool: &Spool, lane: &str) -> u64 {
    spool.mark(&format!("cursor/reader/{lane}")).unwrap_or(0)
}

#[expect(clippy::disallowed_methods, reason = "this program has no other clock")]
fn now() -> SystemTime {
    SystemTime::now()
}

fn verify(dir: &Path) -> Result<(), Failure> {
    let mut confirmed: BTreeMap<u64, u64> = BTreeMap::new();
    for line in stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split(' ').collect();
        // The last line may have been cut off with its writer.
        let ["ACK", thread, n] = words.as_slice() else {
            continue;
        };
        let (thread, n): (u64, u64) = (thread.parse()?, n.parse()?);
        confirmed
            .entry(thread)
            .and_modify(|highest| *highest = n.max(*highest))
            .or_insert(n);
    }
    let opened = Spool::open(dir, &options())?;
    writeln!(stdout(), "OPEN {}", opened.report)?;
    let spool = opened.spool;
    for (thread, highest) in &confirmed {
        let lane = format!("lane{thread}");
        let head = spool.head(&lane);
        if head < *highest {
            return Err(format!("{lane}: {highest} were confirmed, {head} are there").into());
        }
        for n in 1..=head {
            match spool.get(&lane, n)? {
                Some(stored) => {
                    let bytes = u64::from_le_bytes(stored.tag.as_slice().try_into()?);
                    if stored.body.unpack(64 << 20)? != body(*thread, n, bytes) {
                        return Err(format!("{lane} {n} is not what was written").into());
                    }
                }
                None if n <= cursor_of(&spool, &lane) => {}
                None => return Err(format!("{lane} {n} is gone and was never settled").into()),
            }
            if n <= *highest && spool.claim(&format!("{thread}/{n:012}"))?.is_none() {
                return Err(format!("the claim of {lane} {n} is forgotten").into());
            }
        }
    }
    let report = spool.verify()?;
    if !report.index_agrees || !report.damaged.is_empty() {
        return Err(format!("{report:?}").into());
    }
    spool.close();
    writeln!(stdout(), "OK {confirmed:?}")?;
    Ok(())
}
