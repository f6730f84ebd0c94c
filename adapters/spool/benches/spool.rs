//! What durability costs: the spool against a plain file that is appended to and synced, in the same run and on the
//! same disk; and what opening costs with 100,000 and 1,000,000 queued documents.
//!
//! `cargo bench -p spool`. Prints ratios, since absolute numbers are the disk's. Memory is read from `/proc`, where
//! there is one, in a process of its own.

use std::fs::{self, OpenOptions};
use std::io::{Write, stdout};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use spool::{Commit, Options, Packed, Spool};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// How long each rate is measured, and how often.
const EACH: Duration = Duration::from_millis(500);
const TURNS: u32 = 6;
const TURNS_F64: f64 = 6.0;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let ["reopen", dir] = arguments
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        return reopen(Path::new(dir));
    }
    say(
        "durable documents a second, one writer; the plain file is appended to and synced with the same bytes",
    )?;
    for batch in [1, 16, 500] {
        // Taken in turns, so that a slow moment of the disk slows both.
        let (mut plain, mut spool) = (0.0, 0.0);
        for _ in 0..TURNS {
            plain += plain_file(batch)? / TURNS_F64;
            spool += one_writer(batch)? / TURNS_F64;
        }
        say(&format!(
            "  {batch:>3} a commit: plain file {plain:>9.0}, spool {spool:>9.0}, ratio {:.2}",
            spool / plain
        ))?;
    }
    let (plain, spool) = (plain_file(1)?, many_writers(16)?);
    say(&format!(
        "  16 writers, 1 a commit: spool {spool:.0}, {:.1} times the plain file with one",
        spool / plain
    ))?;
    for documents in [100_000, 1_000_000] {
        queue(documents)?;
    }
    Ok(())
}

fn say(line: &str) -> Result<(), Failure> {
    Ok(writeln!(stdout(), "{line}")?)
}

/// A block of stock rows, about 300 bytes each.
fn block(first: usize, documents: usize) -> Result<Packed, Failure> {
    let mut rng = fastrand::Rng::with_seed(first as u64);
    let rows: String = (first..first + documents)
        .map(|n| {
            let (on_hand, at) = (rng.u32(..5000), rng.u32(..86_400));
            format!(
                "{{\"entity\":\"inventory_level\",\"sku\":\"SKU-{n:08}\",\"location\":\"WH-{:02}\",\"on_hand\":\"{on_hand}\",\
                 \"unit\":\"C62\",\"as_of_seconds\":{at},\"provenance\":{{\"ingest_id\":\"01JD0000000000000000000000\",\
                 \"received_at\":\"2026-11-23T10:00:00Z\",\"span\":{{\"byte_start\":{},\"byte_end\":{}}}}}}}\n",
                n % 20,
                n * 61,
                n * 61 + 60
            )
        })
        .collect();
    Ok(Packed::pack(rows.as_bytes())?)
}

fn plain_file(batch: usize) -> Result<f64, Failure> {
    let dir = tempfile::tempdir()?;
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(dir.path().join("plain"))?;
    let body = block(0, batch)?;
    let (started, mut documents) = (Instant::now(), 0);
    while started.elapsed() < EACH {
        file.write_all(body.bytes())?;
        file.sync_data()?;
        documents += batch;
    }
    Ok(rate(documents, started))
}

fn one_writer(batch: usize) -> Result<f64, Failure> {
    let dir = tempfile::tempdir()?;
    let spool = Spool::open(dir.path(), &Options::default())?.spool;
    let body = block(0, batch)?;
    let started = Instant::now();
    let mut documents = 0;
    while started.elapsed() < EACH {
        commit(&spool, &format!("claim{documents:012}"), &body, batch)?;
        documents += batch;
    }
    Ok(rate(documents, started))
}

fn many_writers(threads: usize) -> Result<f64, Failure> {
    let dir = tempfile::tempdir()?;
    let spool = Spool::open(dir.path(), &Options::default())?.spool;
    let body = block(0, 1)?;
    let started = Instant::now();
    let counts = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..threads)
            .map(|thread| {
                let (spool, body) = (&spool, &body);
                scope.spawn(move || {
                    let mut documents = 0;
                    while started.elapsed() < EACH {
                        commit(spool, &format!("claim{thread}/{documents:012}"), body, 1)?;
                        documents += 1;
                    }
                    Ok::<usize, Failure>(documents)
                })
            })
            .collect();
        writers
            .into_iter()
            .map(|writer| {
                writer
                    .join()
                    .map_err(|_panic| Failure::from("a writer panicked"))?
            })
            .collect::<Result<Vec<_>, _>>()
    })?;
    Ok(rate(counts.into_iter().sum(), started))
}

fn commit(spool: &Spool, claim: &str, body: &Packed, documents: usize) -> Result<(), Failure> {
    let block = spool.write(claim, "state", b"", body, u32::try_from(documents)?)?;
    Ok(spool.wait(spool.commit(&Commit {
        claim,
        blocks: &[block],
        ..Commit::default()
    })?)?)
}

fn rate(documents: usize, started: Instant) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let documents = documents as f64;
    documents / started.elapsed().as_secs_f64()
}

/// Queues documents in blocks of 500, one claim per 100,000, and opens the spool again in fresh processes.
fn queue(documents: usize) -> Result<(), Failure> {
    let dir = tempfile::tempdir()?;
    let spool = Spool::open(dir.path(), &Options::default())?.spool;
    let (started, mut blocks) = (Instant::now(), Vec::new());
    for first in (0..documents).step_by(500) {
        let claim = format!("claim{:04}", first / 100_000);
        blocks.push(spool.write(&claim, "state", b"", &block(first, 500)?, 500)?);
        if (first + 500) % 100_000 == 0 {
            spool.wait(spool.commit(&Commit {
                claim: &claim,
                blocks: &blocks,
                ..Commit::default()
            })?)?;
            blocks.clear();
        }
    }
    let (took, usage) = (started.elapsed(), spool.usage());
    say(&format!(
        "{documents} documents queued in {took:.1?}: {} blocks, {} MB of log",
        usage.blocks,
        usage.bytes >> 20
    ))?;
    spool.close();
    for (how, prepare) in [
        ("clean", None),
        ("killed", Some("index.clean")),
        ("index deleted", Some("index")),
    ] {
        if let Some(name) = prepare {
            let path = dir.path().join(name);
            if path.is_dir() {
                fs::remove_dir_all(path)?
            } else {
                fs::remove_file(path)?
            }
        }
        let output = Command::new(std::env::current_exe()?)
            .arg("reopen")
            .arg(dir.path())
            .output()?;
        say(&format!(
            "  {how:>13}: {}",
            String::from_utf8_lossy(&output.stdout).trim()
        ))?;
    }
    Ok(())
}

/// The child: opens, reads one block, closes, and says what that took.
fn reopen(dir: &Path) -> Result<(), Failure> {
    let before = resident();
    let opened = Spool::open(dir, &Options::default())?;
    let open = resident();
    let last = opened.spool.head("state");
    opened
        .spool
        .get("state", last)?
        .ok_or("the newest block is not there")?;
    opened.spool.close();
    say(&format!(
        "{}; resident {before} kB before, {open} kB open",
        opened.report
    ))
}

/// Resident memory in kB; 0 where nobody says.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}
