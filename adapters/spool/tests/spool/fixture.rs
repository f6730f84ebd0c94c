//! A small spool and what can be done to its files.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use spool::{Commit, OpenReport, Options, Packed, Settlement, Spool, SpoolError};

/// Segments so small that a handful of blocks fills one; settled blocks may go at once.
pub(crate) fn small() -> Options {
    Options {
        segment_bytes: 1024,
        retention: Duration::ZERO,
        ..Options::default()
    }
}

/// One segment holds everything a test writes.
pub(crate) fn roomy() -> Options {
    Options {
        retention: Duration::ZERO,
        ..Options::default()
    }
}

pub(crate) fn open(dir: &Path, options: &Options) -> (Spool, OpenReport) {
    let opened = Spool::open(dir, options).expect("a spool always opens");
    (opened.spool, opened.report)
}

/// The body of the `n`th block of a claim.
pub(crate) fn body(claim: &str, n: usize) -> Vec<u8> {
    format!("{claim}#{n} {}", "incompressible? no. ".repeat(n % 3)).into_bytes()
}

/// Writes and commits a claim with one block on each of `lanes`, and waits.
pub(crate) fn put(spool: &Spool, claim: &str, lanes: &[&str]) {
    let blocks: Vec<_> = lanes
        .iter()
        .enumerate()
        .map(|(n, lane)| {
            spool
                .write(
                    claim,
                    lane,
                    b"tag",
                    &Packed::pack(&body(claim, n)).unwrap(),
                    2,
                )
                .unwrap()
        })
        .collect();
    let commit = Commit {
        claim,
        blocks: &blocks,
        memo: claim.as_bytes(),
        ..Commit::default()
    };
    spool.wait(spool.commit(&commit).unwrap()).unwrap();
}

/// Sets a mark, durably.
pub(crate) fn mark(spool: &Spool, name: &str, value: u64) {
    let settlement = Settlement {
        marks: &[(name, value)],
        ..Settlement::default()
    };
    spool.wait(spool.settle(&settlement).unwrap()).unwrap();
}

/// The claims of a lane in the order of their ordinals; damaged ones as `None`.
pub(crate) fn claims_on(spool: &Spool, lane: &str) -> Vec<Option<String>> {
    (1..=spool.head(lane))
        .filter_map(|ordinal| match spool.get(lane, ordinal) {
            Ok(None) => None,
            Ok(Some(stored)) => {
                assert_eq!(
                    (stored.ordinal, &*stored.lane, &*stored.tag),
                    (ordinal, lane, &b"tag"[..])
                );
                let body = stored.body.unpack(1 << 20).unwrap();
                assert!(
                    body.starts_with(stored.claim.as_bytes()),
                    "a body of another claim"
                );
                Some(Some(stored.claim))
            }
            Err(SpoolError::Damaged { .. }) => Some(None),
            Err(other) => panic!("{other}"),
        })
        .collect()
}

/// The files of `dir/part`, sorted.
pub(crate) fn files(dir: &Path, part: &str) -> Vec<PathBuf> {
    fn walk(dir: &Path, into: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, into)
            } else {
                into.push(path)
            }
        }
    }
    let mut paths = Vec::new();
    walk(&dir.join(part), &mut paths);
    paths.sort();
    paths
}

/// Copies a directory as it is now: what another process would find after this one was killed.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A spool directory that holds one segment file with these bytes under the name of `like`.
pub(crate) fn only_segment(like: &Path, bytes: &[u8]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("log")).unwrap();
    fs::write(
        dir.path().join("log").join(like.file_name().unwrap()),
        bytes,
    )
    .unwrap();
    dir
}
