//! How far each file has come: found in the agent's folders, counted by a dry run, and compared with the shop's book.
//! Only looks; what it reports is what lies on disk and what the shop has, not what the programs say of themselves.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use agent::config::FeedConfig;
use agent::convert::{self, Speaker};
use canonical::problem::Problem;
use end_to_end::shop::Ledger;
use serde::Deserialize;
use sources::Reason;

use crate::road::{AGENT, TENANT};

/// The state of the road at one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    /// All files in the order they were claimed, those not claimed yet last.
    pub files: Vec<File>,
    /// Deliveries whose signature was good.
    pub signed: u64,
    /// Documents that the shop saw again.
    pub repeats: u64,
    /// What the shop complains about.
    pub complaints: Vec<String>,
}

/// One file.
#[derive(Clone, Debug)]
pub(crate) struct File {
    /// The name it was dropped under.
    pub name: String,
    /// The feed that takes it.
    pub feed: String,
    /// How many documents of it were queued; none while that is not known.
    pub documents: Option<u64>,
    /// How many of them had their effect in the shop.
    pub delivered: u64,
    /// What became of it.
    pub verdict: Verdict,
    /// The reason beside it, when it was set aside.
    pub aside: Option<Aside>,
}

impl File {
    /// Whether everything that was queued of it is in the shop.
    #[must_use]
    pub(crate) fn has_arrived(&self) -> bool {
        self.documents
            .is_some_and(|documents| self.delivered == documents)
    }
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Not all of it is in the shop yet.
    OnTheWay,
    /// Archived, and the shop has every document of it.
    Arrived,
    /// In quarantine.
    SetAside,
}

/// A file in quarantine.
#[derive(Clone, Debug)]
pub(crate) struct Aside {
    /// The reason for people.
    pub text: String,
    /// Where that reason lies.
    pub path: PathBuf,
    /// Whether it names a place in the file: line or segment, and byte.
    pub names_the_place: bool,
}

/// Looks at a road again and again, and remembers what it counted.
pub(crate) struct Watcher {
    feeds: Vec<FeedConfig>,
    ledger: Ledger,
    /// Ids of a file's documents as a dry run gives them, by ingest id.
    counted: HashMap<String, Vec<String>>,
    /// How many effects of the shop were looked at already.
    seen: usize,
    /// Effects by the ingest they came from.
    delivered: HashMap<String, u64>,
    /// Ids of all effects.
    known: HashSet<String>,
}

/// The part of a document that says which file it came from.
#[derive(Deserialize)]
struct Origin {
    provenance: Provenance,
}

/// The part of an envelope that names it.
#[derive(Deserialize)]
struct Named {
    id: String,
}

#[derive(Deserialize)]
struct Provenance {
    ingest_id: String,
}

impl Watcher {
    /// Watches the folders of `feeds` and the shop's book.
    #[must_use]
    pub(crate) fn new(feeds: Vec<FeedConfig>, ledger: Ledger) -> Self {
        let (counted, delivered, known) = (HashMap::new(), HashMap::new(), HashSet::new());
        Self {
            feeds,
            ledger,
            counted,
            seen: 0,
            delivered,
            known,
        }
    }

    /// The state now.
    ///
    /// # Errors
    /// When a folder or a file in it cannot be read.
    pub(crate) fn look(&mut self) -> io::Result<Progress> {
        let mut progress = self.read_the_book();
        let mut files = BTreeMap::new();
        for feed in &self.feeds {
            let inbox = &feed.directory.inbox;
            for path in files_in(inbox)? {
                let name = name_of(&path);
                files.insert((String::from("~"), name.clone()), on_the_way(name, feed));
            }
            let own = inbox.join(".legacy-bridge");
            for (id, name, _) in claims_in(&own.join("work"))? {
                files.insert((id, name.clone()), on_the_way(name, feed));
            }
            for day in folders_in(&own.join("archive"))? {
                for (id, name, path) in claims_in(&day)? {
                    if !self.counted.contains_key(&id) {
                        self.counted.insert(id.clone(), ids_in(feed, &path)?);
                    }
                    let ids = self.counted.get(&id).map(Vec::as_slice).unwrap_or_default();
                    let file = archived(
                        on_the_way(name.clone(), feed),
                        ids,
                        self.delivered_of(&id, ids),
                    );
                    files.insert((id, name), file);
                }
            }
            for (id, name, path) in claims_in(&own.join("quarantine"))? {
                let (aside, queued) = aside(&path)?;
                let (documents, delivered) = (Some(queued), self.delivered_of(&id, &[]));
                let file = File {
                    documents,
                    delivered,
                    verdict: Verdict::SetAside,
                    aside: Some(aside),
                    ..on_the_way(name.clone(), feed)
                };
                files.insert((id, name), file);
            }
        }
        progress.files = files.into_values().collect();
        Ok(progress)
    }

    /// Takes in what is new in the shop's book.
    fn read_the_book(&mut self) -> Progress {
        let book = self.ledger.book();
        for effect in book.effects.iter().skip(self.seen) {
            self.known.insert(effect.id.clone());
            if let Ok(Origin { provenance }) = serde_json::from_str(&effect.data) {
                *self.delivered.entry(provenance.ingest_id).or_default() += 1;
            }
        }
        self.seen = book.effects.len();
        let (signed, repeats, complaints) = (book.signed, book.repeats, book.complaints.clone());
        Progress {
            files: Vec::new(),
            signed,
            repeats,
            complaints,
        }
    }

    /// Documents of a file that are in the shop. Those of an interchange that was dropped before came with the first
    /// one: its ids are the same.
    fn delivered_of(&self, ingest: &str, ids: &[String]) -> u64 {
        let before = ids.iter().filter(|id| self.known.contains(*id)).count();
        self.delivered.get(ingest).copied().unwrap_or(before as u64)
    }
}

fn archived(file: File, ids: &[String], delivered: u64) -> File {
    let documents = ids.len() as u64;
    let verdict = if delivered >= documents {
        Verdict::Arrived
    } else {
        Verdict::OnTheWay
    };
    File {
        documents: Some(documents),
        delivered,
        verdict,
        ..file
    }
}

fn on_the_way(name: String, feed: &FeedConfig) -> File {
    let feed = feed.name.clone();
    File {
        name,
        feed,
        documents: None,
        delivered: 0,
        verdict: Verdict::OnTheWay,
        aside: None,
    }
}

/// Ids of the documents in a file, by a dry run that sends and stores nothing.
fn ids_in(feed: &FeedConfig, path: &Path) -> io::Result<Vec<String>> {
    let speaker = Speaker {
        tenant: TENANT,
        agent: AGENT,
        feed: &feed.name,
    };
    let mut envelopes = Vec::new();
    convert::convert(&feed.plan, path, speaker, &mut envelopes, &mut io::sink())?;
    let id = |envelope: &[u8]| {
        serde_json::from_slice(envelope)
            .map(|Named { id }| id)
            .map_err(io::Error::other)
    };
    envelopes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(id)
        .collect()
}

/// The reason beside a file in quarantine, and how many of its documents were queued all the same.
fn aside(path: &Path) -> io::Result<(Aside, u64)> {
    let beside = |suffix: &str| PathBuf::from(format!("{}{suffix}", path.display()));
    let reason: Reason =
        serde_json::from_slice(&fs::read(beside(".reason.json"))?).map_err(io::Error::other)?;
    let placed = |problem: &Problem| {
        problem.byte.is_some() && (problem.line.is_some() || problem.segment.is_some())
    };
    let names_the_place = reason.problems.first().is_some_and(placed);
    let path = beside(".reason.txt");
    Ok((
        Aside {
            text: fs::read_to_string(&path)?,
            path,
            names_the_place,
        },
        reason.queued,
    ))
}

/// Claimed files as (ingest id, name it was dropped under, path); reason files are not among them.
fn claims_in(folder: &Path) -> io::Result<Vec<(String, String, PathBuf)>> {
    let claim = |path: PathBuf| {
        let name = name_of(&path);
        let (id, given) = name.split_once("__")?;
        let is_reason = given.ends_with(".reason.json") || given.ends_with(".reason.txt");
        (!is_reason).then(|| (id.to_owned(), given.to_owned(), path))
    };
    Ok(files_in(folder)?.into_iter().filter_map(claim).collect())
}

fn files_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    entries(folder, |kind| kind.is_file())
}

fn folders_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    entries(folder, |kind| kind.is_dir())
}

fn entries(folder: &Path, takes: impl Fn(fs::FileType) -> bool) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Ok(entries) => {
            let entries = entries.collect::<io::Result<Vec<_>>>()?;
            let takes = |entry: &fs::DirEntry| entry.file_type().is_ok_and(&takes);
            Ok(entries
                .iter()
                .filter(|entry| takes(entry))
                .map(fs::DirEntry::path)
                .collect())
        }
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(problem) => Err(problem),
    }
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
