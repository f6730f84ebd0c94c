//! Damage to the log, byte by byte: the spool opens, keeps what is whole, says what is not.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use spool::{Commit, IndexReport, Packed, SpoolError};

use crate::fixture::{body, claims_on, copy, files, mark, only_segment, open, put, roomy, small};

/// A log of one segment and, for each claim, where the log ended when it was confirmed.
struct Small {
    bytes: Vec<u8>,
    segment: PathBuf,
    confirmed: Vec<(String, usize)>,
    /// Where each claim's block ends.
    blocks: Vec<usize>,
    /// Where the first checkpoint ends.
    checkpoint: usize,
}

fn small_log() -> Small {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path(), &roomy());
    let segment = files(dir.path(), "log").remove(0);
    let length = || usize::try_from(fs::metadata(&segment).unwrap().len()).unwrap();
    let checkpoint = length();
    let (mut confirmed, mut blocks) = (Vec::new(), Vec::new());
    for claim in ["one", "two", "three"] {
        let id = spool
            .write(
                claim,
                "l",
                b"tag",
                &Packed::pack(&body(claim, 0)).unwrap(),
                1,
            )
            .unwrap();
        blocks.push(length());
        let commit = Commit {
            claim,
            blocks: &[id],
            memo: claim.as_bytes(),
            ..Commit::default()
        };
        spool.wait(spool.commit(&commit).unwrap()).unwrap();
        confirmed.push((claim.to_owned(), length()));
    }
    Small {
        bytes: fs::read(&segment).unwrap(),
        segment,
        confirmed,
        blocks,
        checkpoint,
    }
}

fn names(claims: &[(String, usize)]) -> Vec<Option<String>> {
    claims.iter().map(|(name, _)| Some(name.clone())).collect()
}

#[test]
fn a_log_cut_at_any_byte_opens_with_everything_confirmed_before() {
    let log = small_log();
    for cut in 0..=log.bytes.len() {
        let dir = only_segment(&log.segment, &log.bytes[..cut]);
        let (spool, report) = open(dir.path(), &roomy());
        let whole: Vec<_> = log
            .confirmed
            .iter()
            .filter(|(_, end)| *end <= cut)
            .cloned()
            .collect();
        assert_eq!(
            claims_on(&spool, "l"),
            names(&whole),
            "cut at {cut}: {report}"
        );
        assert!(
            report.damaged.is_empty(),
            "an unfinished write is no damage; cut at {cut}: {report}"
        );
        let ends = log
            .confirmed
            .iter()
            .map(|(_, end)| *end)
            .chain(log.blocks.iter().copied())
            .chain([0, log.checkpoint]);
        let last_end = ends.filter(|end| *end <= cut).max().unwrap();
        assert_eq!(
            report.torn_bytes,
            (cut - last_end) as u64,
            "cut at {cut}: {report}"
        );
        put(&spool, "next", &["l"]);
        assert_eq!(
            spool
                .get("l", whole.len() as u64 + 1)
                .unwrap()
                .unwrap()
                .claim,
            "next",
            "cut at {cut}"
        );
    }
}

#[test]
fn a_log_with_any_byte_changed_opens_and_keeps_the_rest() {
    let log = small_log();
    for at in 0..log.bytes.len() {
        let mut bytes = log.bytes.clone();
        bytes[at] ^= 1 << (at % 8);
        let dir = only_segment(&log.segment, &bytes);
        let (spool, report) = open(dir.path(), &roomy());
        let found: BTreeSet<String> = claims_on(&spool, "l").into_iter().flatten().collect();
        let start = log.confirmed.iter().filter(|(_, end)| *end <= at).count();
        let hit = log
            .confirmed
            .get(start)
            .filter(|_| at >= log.checkpoint)
            .map(|(name, _)| name.clone());
        let want: BTreeSet<String> = log
            .confirmed
            .iter()
            .map(|(name, _)| name.clone())
            .filter(|name| Some(name) != hit.as_ref())
            .collect();
        assert_eq!(found, want, "byte {at}: {report}");
        let last_commit = at >= *log.blocks.last().unwrap();
        assert_eq!(
            report.torn_bytes > 0,
            last_commit,
            "only the last frame may pass for unfinished; byte {at}: {report}"
        );
        assert_eq!(
            report.damaged.is_empty(),
            last_commit,
            "byte {at}: {report}"
        );
        if let Some(hit) = hit.filter(|_| !last_commit) {
            assert_eq!(report.damaged[0].claims, [hit], "byte {at}: {report}");
        }
        // What was damaged is derived again; life goes on.
        put(&spool, "next", &["l"]);
        assert_eq!(
            spool.get("l", spool.head("l")).unwrap().unwrap().claim,
            "next",
            "byte {at}"
        );
    }
}

const CLAIMS: usize = 24;

/// A spool of several segments, closed or not, and what its lane `l` holds.
fn several_segments(dir: &Path, clean: bool) -> Vec<Option<String>> {
    let (spool, _) = open(dir, &small());
    for n in 0..CLAIMS {
        put(&spool, &format!("claim{n:02}"), &["l", "k"]);
    }
    mark(&spool, "cursor/relay/l", 3);
    let claims = claims_on(&spool, "l");
    if clean {
        spool.close()
    } else {
        drop(spool)
    }
    assert!(files(dir, "log").len() > 4);
    claims
}

#[test]
fn a_damaged_body_is_reported_with_its_claim_when_it_is_asked_for() {
    for clean in [true, false] {
        let dir = tempfile::tempdir().unwrap();
        several_segments(dir.path(), clean);
        let segment = files(dir.path(), "log").remove(0);
        let mut bytes = fs::read(&segment).unwrap();
        // The first body's text: claim00#0.
        let at = bytes.windows(9).position(|w| w == b"claim00#0").unwrap();
        bytes[at] ^= 1;
        fs::write(&segment, bytes).unwrap();
        let (spool, _) = open(dir.path(), &small());
        let rebuilds = spool.usage().index_rebuilds;
        let Err(SpoolError::Damaged {
            lane,
            ordinal,
            claim,
            ..
        }) = spool.get("l", 1)
        else {
            panic!("a damaged body was given")
        };
        assert_eq!(
            (&*lane, ordinal, claim.as_deref()),
            ("l", 1, Some("claim00"))
        );
        assert_eq!(claims_on(&spool, "l").iter().flatten().count(), CLAIMS - 1);
        assert_eq!(
            spool.usage().index_rebuilds,
            rebuilds,
            "the index is not to blame"
        );
        let report = spool.verify().unwrap();
        assert_eq!(report.damaged.len(), 1);
        assert_eq!(report.damaged[0].claims, ["claim00"]);
    }
}

#[test]
fn a_damaged_head_is_reported_with_the_claim_its_commit_names() {
    let dir = tempfile::tempdir().unwrap();
    several_segments(dir.path(), false);
    let segment = files(dir.path(), "log").remove(1);
    let mut bytes = fs::read(&segment).unwrap();
    let heads: Vec<usize> = (0..bytes.len() - 4)
        .filter(|at| bytes[*at..].starts_with(b"\xB5LB\x1E"))
        .collect();
    let block = *heads.iter().find(|at| bytes[**at + 5] == 2).unwrap();
    bytes[block + 21] ^= 0xFF;
    fs::write(&segment, bytes).unwrap();
    let (spool, report) = open(dir.path(), &small());
    assert_eq!(report.damaged.len(), 1, "{report}");
    let claims = &report.damaged[0].claims;
    assert!(
        matches!(&**claims, [claim] if claim.starts_with("claim")),
        "{report}"
    );
    let lost = ["l", "k"].iter().find_map(|lane| {
        (1..=CLAIMS as u64).find_map(|ordinal| match spool.get(lane, ordinal) {
            Err(SpoolError::Damaged { claim, .. }) => claim,
            Ok(_) | Err(_) => None,
        })
    });
    assert_eq!(lost.as_ref(), claims.first());
}

#[test]
fn a_damaged_commit_is_reported_and_leaves_a_gap_that_says_so() {
    let dir = tempfile::tempdir().unwrap();
    several_segments(dir.path(), false);
    let segment = files(dir.path(), "log").remove(1);
    let mut bytes = fs::read(&segment).unwrap();
    let heads: Vec<usize> = (0..bytes.len() - 4)
        .filter(|at| bytes[*at..].starts_with(b"\xB5LB\x1E"))
        .collect();
    let commit = *heads.iter().find(|at| bytes[**at + 5] == 3).unwrap();
    bytes[commit + 30] ^= 0xFF;
    fs::write(&segment, bytes).unwrap();
    let (spool, report) = open(dir.path(), &small());
    let claim = report.damaged[0]
        .claims
        .first()
        .cloned()
        .expect("the claim whose commit is gone");
    assert_eq!(spool.claim(&claim).unwrap(), None, "to be derived again");
    let on_lane = claims_on(&spool, "l");
    assert_eq!(
        (on_lane.len(), on_lane.iter().flatten().count()),
        (CLAIMS, CLAIMS - 1)
    );
    let rebuilds = spool.usage().index_rebuilds;
    claims_on(&spool, "l");
    assert_eq!(
        spool.usage().index_rebuilds,
        rebuilds,
        "a known gap is not looked for again and again"
    );
}

#[test]
fn a_lost_segment_costs_what_was_in_it() {
    let all = {
        let dir = tempfile::tempdir().unwrap();
        several_segments(dir.path(), false);
        files(dir.path(), "log").len()
    };
    for clean in [true, false] {
        for victim in 0..all {
            let dir = tempfile::tempdir().unwrap();
            let want = several_segments(dir.path(), clean);
            fs::remove_file(&files(dir.path(), "log")[victim]).unwrap();
            let (spool, report) = open(dir.path(), &small());
            let found: BTreeSet<_> = claims_on(&spool, "l").into_iter().flatten().collect();
            let want: BTreeSet<_> = want.into_iter().flatten().collect();
            assert!(
                found.is_subset(&want) && found.len() >= 14,
                "segment {victim}: {found:?}"
            );
            let last = victim + 1 == all;
            assert_eq!(
                report.damaged.is_empty(),
                last && !clean,
                "segment {victim}: {report}"
            );
            if !last {
                assert_eq!(spool.head("l"), CLAIMS as u64, "segment {victim}");
                assert_eq!(spool.mark("cursor/relay/l"), Some(3), "segment {victim}");
            }
            put(&spool, "next", &["l"]);
            assert_eq!(
                spool.get("l", spool.head("l")).unwrap().unwrap().claim,
                "next"
            );
        }
    }
}

#[test]
fn a_log_that_lost_its_end_begins_a_new_epoch() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path(), &roomy());
    put(&spool, "one", &["l"]);
    put(&spool, "two", &["l"]);
    let epoch = spool.epoch();
    spool.close();
    let segment = files(dir.path(), "log").remove(0);
    let bytes = fs::read(&segment).unwrap();
    fs::write(&segment, &bytes[..bytes.len() - 1]).unwrap();
    let (spool, report) = open(dir.path(), &roomy());
    assert_eq!(report.damaged.len(), 1, "{report}");
    assert_eq!(spool.head("l"), 1);
    assert_ne!(spool.epoch(), epoch, "ordinal 2 will be given again");
    let epoch = spool.epoch();
    drop(spool);
    assert_eq!(open(dir.path(), &roomy()).0.epoch(), epoch);
}

#[test]
fn whatever_lies_in_the_log_directory_the_spool_opens() {
    let mut noise = vec![0_u8; 100_000];
    fastrand::Rng::with_seed(1).fill(&mut noise);
    let magic: Vec<u8> = b"\xB5LB\x1E\x01\x02".repeat(20_000);
    let contents: [&[u8]; 6] = [b"", b"x", &[0; 5000], &noise, &magic, b"\xB5LB\x1E"];
    for (n, content) in contents.into_iter().enumerate() {
        for name in [
            "0000000001-00000000000000ab.v1",
            "8999999999-00000000000000ab.v1",
            "notes.txt",
        ] {
            let dir = tempfile::tempdir().unwrap();
            fs::create_dir_all(dir.path().join("log")).unwrap();
            fs::write(dir.path().join("log").join(name), content).unwrap();
            let (spool, report) = open(dir.path(), &roomy());
            let empty =
                content.iter().all(|byte| *byte == 0) || content.len() < 24 || name == "notes.txt";
            assert_eq!(
                report.damaged.is_empty(),
                empty,
                "content {n} as {name}: {report}"
            );
            put(&spool, "claim", &["l"]);
            drop(spool);
            let (spool, _) = open(dir.path(), &roomy());
            assert_eq!(
                claims_on(&spool, "l"),
                [Some("claim".to_owned())],
                "content {n} as {name}"
            );
        }
    }
}

#[test]
fn noise_in_the_newest_segment_is_left_behind_for_a_new_one() {
    let dir = tempfile::tempdir().unwrap();
    let want = several_segments(dir.path(), false);
    let newest = files(dir.path(), "log").pop().unwrap();
    let mut noise = fs::read(&newest).unwrap();
    fastrand::Rng::with_seed(2).fill(&mut noise);
    fs::write(&newest, noise).unwrap();
    let (spool, report) = open(dir.path(), &small());
    assert_eq!(report.damaged.len(), 1, "{report}");
    let before = claims_on(&spool, "l");
    assert!(
        before.len() >= 14 && want.starts_with(&before),
        "{before:?}"
    );
    put(&spool, "next", &["l"]);
    drop(spool);
    let (spool, report) = open(dir.path(), &small());
    assert_eq!(
        report.damaged.len(),
        1,
        "still there, still reported: {report}"
    );
    assert_eq!(
        spool.get("l", spool.head("l")).unwrap().unwrap().claim,
        "next"
    );
}

#[test]
fn a_copy_taken_while_it_runs_opens_like_after_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path(), &small());
    for n in 0..8 {
        put(&spool, &format!("claim{n}"), &["l"]);
        let other = tempfile::tempdir().unwrap();
        copy(dir.path(), other.path());
        let (copied, report) = open(other.path(), &small());
        assert!(
            matches!(report.index, IndexReport::Rebuilt { .. }),
            "{report}"
        );
        assert_eq!(claims_on(&copied, "l"), claims_on(&spool, "l"));
    }
}
