//! Damage to the index under a full queue: deleted, truncated, overwritten with noise, and each of its files in turn.
//! After each the program has to be ready in time and say what it did; at the end nothing may be missing or doubled.
//! The program is stopped in good order before each damage, so that its index is one it would trust.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use fastrand::Rng;

use crate::bridge::{Bridge, Feed, Plan, Side, files};
use crate::shop::Mood;
use crate::workload::{Expected, stock};

/// How long a program may take to be ready over 100,000 queued documents.
const READY: Duration = Duration::from_secs(5);

/// What is done to the index.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Damage {
    /// The whole folder is gone.
    Deleted,
    /// Every file is cut to half.
    Truncated,
    /// Every file is overwritten with noise of the same length.
    Noise,
    /// One file is gone.
    FileDeleted(PathBuf),
    /// One file is empty.
    FileEmptied(PathBuf),
    /// One file is noise.
    FileNoise(PathBuf),
}

/// Queues `documents` on one side, damages its index in every way, and looks whether all arrive in the end.
///
/// # Errors
/// The damage after which the program was late or silent, or what was lost or doubled.
pub fn run(side: Side, plan: Plan, documents: u32) -> Result<Vec<String>, String> {
    let mut bridge = Bridge::new(plan);
    let mut expected = Expected::default();
    bridge.ledger().set_mood(Mood::Refuses(503, None));
    if side == Side::Relay {
        bridge.start(Side::Relay);
    }
    bridge.start(Side::Agent);
    bridge.drop_file(Feed::Stock, "stock.csv", &stock(0..documents, 1));
    expected.stock(0..documents);
    bridge.wait_until_archived(Feed::Stock, 1, Duration::from_secs(60))?;
    if side == Side::Relay {
        bridge.wait_until_forwarded(Duration::from_secs(60))?;
    }
    let mut told = Vec::new();
    bridge.stop(side);
    let queue = bridge.data(side);
    for damage in damages(&index_of(&queue)?) {
        do_damage(&index_of(&queue)?, &damage)?;
        let took = bridge
            .start_within(side, READY)
            .map_err(|problem| format!("{damage:?}: {problem}"))?;
        let said = bridge.program(side).said();
        let whole = matches!(damage, Damage::Deleted | Damage::Truncated | Damage::Noise);
        if !(said.contains("index rebuilt") || (!whole && said.contains("index trusted"))) {
            return Err(format!(
                "{damage:?}: nothing is said of a rebuilt index:\n{}",
                bridge.last_words()
            ));
        }
        told.push(format!("{side:?} {damage:?}: ready in {took:?}"));
        bridge.stop(side);
    }
    bridge.ledger().set_mood(Mood::Open);
    if side == Side::Agent {
        bridge.start(Side::Relay);
    }
    bridge.start(side);
    bridge.settle(
        expected.documents(),
        Duration::from_secs(10 + u64::from(documents) / 2_000),
    );
    expected
        .check(&bridge.ledger().book())
        .map_err(|problem| format!("{problem}\n{}", bridge.last_words()))?;
    Ok(told)
}

/// The folder of the index: the one beside the log.
fn index_of(data: &Path) -> Result<PathBuf, String> {
    let log = find(data, &|path| {
        path.is_dir() && path.file_name().is_some_and(|name| name == "log")
    });
    let queue = log
        .as_deref()
        .and_then(Path::parent)
        .ok_or_else(|| format!("no log under {}", data.display()))?;
    let is_index =
        |path: &Path| path.is_dir() && path.file_name().is_some_and(|name| name == "index");
    find(queue, &is_index).ok_or_else(|| format!("no index under {}", queue.display()))
}

fn find(folder: &Path, is_it: &dyn Fn(&Path) -> bool) -> Option<PathBuf> {
    let mut below: Vec<PathBuf> = fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    below.sort();
    below
        .iter()
        .find(|path| is_it(path))
        .cloned()
        .or_else(|| below.iter().find_map(|path| find(path, is_it)))
}

fn damages(index: &Path) -> Vec<Damage> {
    let mut damages = vec![Damage::Deleted, Damage::Truncated, Damage::Noise];
    for file in files(index) {
        // Snapshots are numbered anew at each close; their kind is what the turn is about.
        damages.extend([
            Damage::FileDeleted(file.clone()),
            Damage::FileEmptied(file.clone()),
            Damage::FileNoise(file),
        ]);
    }
    damages
}

fn do_damage(index: &Path, damage: &Damage) -> Result<(), String> {
    let done = match damage {
        Damage::Deleted => fs::remove_dir_all(index),
        Damage::Truncated => files(index).iter().try_for_each(|file| {
            let length = fs::metadata(file)?.len();
            fs::OpenOptions::new()
                .write(true)
                .open(file)?
                .set_len(length / 2)
        }),
        Damage::Noise => files(index).iter().try_for_each(|file| noise(file)),
        Damage::FileDeleted(file) => fs::remove_file(alike(index, file)),
        Damage::FileEmptied(file) => fs::write(alike(index, file), b""),
        Damage::FileNoise(file) => noise(&alike(index, file)),
    };
    done.map_err(|problem| format!("{damage:?} could not be done: {problem}"))
}

/// The file itself, or the one that took its place since: same folder, same beginning of the name.
fn alike(index: &Path, file: &Path) -> PathBuf {
    if file.is_file() {
        return file.to_owned();
    }
    let stem = |path: &Path| path.file_stem().map(ToOwned::to_owned);
    let same = |other: &PathBuf| stem(other) == stem(file);
    files(index)
        .into_iter()
        .find(same)
        .unwrap_or_else(|| file.to_owned())
}

fn noise(file: &Path) -> std::io::Result<()> {
    let length = usize::try_from(fs::metadata(file)?.len()).unwrap_or(usize::MAX);
    let mut bytes = vec![0; length.max(64)];
    Rng::with_seed(5).fill(&mut bytes);
    fs::write(file, bytes)
}
