//! Pruning: what goes, what stays, what is carried forward.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use spool::{Commit, DeadLetter, Options, Packed, Settlement, Spool};

use crate::fixture::{claims_on, files, open, put, small};

/// Long after anything a test wrote.
fn late() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1 << 33)
}

fn filled(dir: &Path, options: &Options) -> Spool {
    let (spool, _) = open(dir, options);
    for n in 0..20 {
        put(&spool, &format!("claim{n:02}"), &["l"]);
    }
    spool
}

fn first_there(spool: &Spool) -> u64 {
    (1..=spool.head("l"))
        .find(|ordinal| spool.get("l", *ordinal).unwrap().is_some())
        .unwrap_or(0)
}

#[test]
fn whole_settled_segments_go_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let spool = filled(dir.path(), &small());
    let before = spool.usage();
    let report = spool.prune(&|_, ordinal| ordinal <= 9, late()).unwrap();
    assert!(report.segments >= 1 && report.blocks >= 3, "{report:?}");
    let first = first_there(&spool);
    assert!(
        (4..=10).contains(&first),
        "the first unsettled block, 10, is there: {first}"
    );
    assert_eq!(report.blocks, first - 1);
    assert_eq!(
        claims_on(&spool, "l").len() as u64,
        20 - report.blocks,
        "no error for what was pruned"
    );
    let after = spool.usage();
    assert_eq!(after.blocks, before.blocks - report.blocks);
    assert_eq!(files(dir.path(), "log").len() as u64, after.segments);
    let again = spool.prune(&|_, ordinal| ordinal <= 9, late()).unwrap();
    assert_eq!(again.segments, 0);
    assert_eq!(spool.usage(), after, "a prune without work writes nothing");

    let all = spool.prune(&|_, _| true, late()).unwrap();
    assert!(all.segments >= 1);
    assert_eq!(
        spool.head("l"),
        20,
        "the newest segment stays, and the count goes on"
    );
    put(&spool, "next", &["l"]);
    assert_eq!(spool.get("l", 21).unwrap().unwrap().claim, "next");
}

#[test]
fn claims_and_keys_are_carried_forward_until_they_may_be_forgotten() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        remember: Duration::from_hours(24),
        ..small()
    };
    let (spool, _) = open(dir.path(), &options);
    let early = Commit {
        claim: "early",
        keys: &[("isa/1", [1; 32])],
        memo: b"facts",
        ..Commit::default()
    };
    spool.wait(spool.commit(&early).unwrap()).unwrap();
    let at = spool.claim("early").unwrap().unwrap().at;
    let soon = UNIX_EPOCH + Duration::from_millis(at) + Duration::from_hours(1);
    for round in 0..3 {
        for n in 0..10 {
            put(&spool, &format!("round{round}/{n}"), &["l"]);
        }
        let report = spool.prune(&|_, _| true, soon).unwrap();
        assert!(report.claims_carried > 0, "round {round}: {report:?}");
    }
    let check = |spool: &Spool| {
        let record = spool.claim("early").unwrap().expect("remembered");
        assert_eq!(
            (&*record.memo, record.blocks.len(), record.at),
            (&b"facts"[..], 0, at)
        );
        assert_eq!(spool.key("isa/1").unwrap(), Some([1; 32]));
        assert_eq!(spool.claims("round", "", 100).unwrap().len(), 30);
    };
    check(&spool);
    drop(spool);
    let (spool, report) = open(dir.path(), &options);
    assert!(
        report.damaged.is_empty(),
        "a pruned beginning is no damage: {report}"
    );
    check(&spool);

    for n in 0..10 {
        put(&spool, &format!("last/{n}"), &["l"]);
    }
    spool.prune(&|_, _| true, late()).unwrap();
    assert_eq!(
        (spool.claim("early").unwrap(), spool.key("isa/1").unwrap()),
        (None, None)
    );
    drop(spool);
    let (spool, _) = open(dir.path(), &options);
    assert_eq!(
        (spool.claim("early").unwrap(), spool.key("isa/1").unwrap()),
        (None, None)
    );
}

#[test]
fn settled_blocks_are_kept_for_the_retention() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        retention: Duration::from_hours(48),
        ..small()
    };
    let spool = filled(dir.path(), &options);
    let at = UNIX_EPOCH + Duration::from_millis(spool.claim("claim19").unwrap().unwrap().at);
    let hours = |hours| at + Duration::from_hours(hours);
    assert_eq!(spool.prune(&|_, _| true, hours(47)).unwrap().segments, 0);
    assert_eq!(
        spool.prune(&|_, _| true, UNIX_EPOCH).unwrap().segments,
        0,
        "a clock that went back frees nothing"
    );
    assert!(spool.prune(&|_, _| true, hours(49)).unwrap().segments > 0);
}

#[test]
fn an_open_dead_letter_holds_its_block_and_itself() {
    let dir = tempfile::tempdir().unwrap();
    let spool = filled(dir.path(), &small());
    let letter = DeadLetter {
        lane: "l".into(),
        ordinal: 9,
        index: 0,
        reader: "relay".into(),
        subject: "price/1".into(),
        id: "lb1-0".into(),
        code: "refused".into(),
        reason: "because".into(),
        attempts: 1,
        at: 5,
    };
    let orphan = DeadLetter {
        lane: "gone".into(),
        ..letter.clone()
    };
    let settlement = Settlement {
        dead_letters: &[letter.clone(), orphan.clone()],
        ..Settlement::default()
    };
    spool.wait(spool.settle(&settlement).unwrap()).unwrap();
    spool.prune(&|_, _| true, late()).unwrap();
    assert!(spool.get("l", 9).unwrap().is_some() && spool.get("l", 1).unwrap().is_none());
    let resolved = Settlement {
        resolved: &[letter.key()],
        ..Settlement::default()
    };
    spool.wait(spool.settle(&resolved).unwrap()).unwrap();
    for n in 0..10 {
        put(&spool, &format!("more{n}"), &["l"]);
    }
    spool.prune(&|_, _| true, late()).unwrap();
    assert!(spool.get("l", 9).unwrap().is_none());
    drop(spool);
    let (spool, _) = open(dir.path(), &small());
    assert_eq!(
        spool.dead_letters(None, 0, 10).unwrap(),
        [orphan],
        "carried forward; the resolved one is not back"
    );
}

#[test]
fn a_claim_in_progress_keeps_its_blocks() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path(), &small());
    let packed = Packed::pack(b"slow#0").unwrap();
    let slow = spool.write("slow", "l", b"tag", &packed, 1).unwrap();
    let given_up = spool.write("given up", "l", b"tag", &packed, 1).unwrap();
    for n in 0..20 {
        put(&spool, &format!("claim{n:02}"), &["l"]);
    }
    assert_eq!(spool.prune(&|_, _| true, late()).unwrap().segments, 0);
    let commit = Commit {
        claim: "slow",
        blocks: &[slow],
        ..Commit::default()
    };
    spool.wait(spool.commit(&commit).unwrap()).unwrap();
    assert_eq!(spool.get("l", 21).unwrap().unwrap().claim, "slow");
    assert_eq!(
        spool.prune(&|_, _| true, late()).unwrap().segments,
        0,
        "the other one is still there"
    );
    spool.discard(&[given_up]);
    assert!(
        spool
            .prune(&|_, ordinal| ordinal != 21, late())
            .unwrap()
            .segments
            == 0,
        "its block is not settled"
    );
    assert!(spool.prune(&|_, _| true, late()).unwrap().segments > 0);
    assert_eq!(spool.claim("slow").unwrap().unwrap().blocks, [], "pruned");
    drop(spool);
    let (spool, report) = open(dir.path(), &small());
    assert!(report.damaged.is_empty(), "{report}");
    assert_eq!(spool.get("l", 21).unwrap(), None, "pruned, not damaged");
    assert!(spool.verify().unwrap().index_agrees);
}

#[test]
fn blocks_nobody_committed_go_with_their_segment() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path(), &small());
    for _ in 0..20 {
        spool
            .write(
                "half",
                "l",
                b"tag",
                &Packed::from_parts(vec![7; 200], 300),
                1,
            )
            .unwrap();
    }
    drop(spool);
    let (spool, _) = open(dir.path(), &small());
    put(&spool, "whole", &["l"]);
    let before = spool.usage().segments;
    let report = spool.prune(&|_, _| false, late()).unwrap();
    assert!(
        report.segments > 2 && spool.usage().segments == before - report.segments,
        "{report:?}"
    );
    assert_eq!(claims_on(&spool, "l"), [Some("whole".to_owned())]);
}

fn commit_key(spool: &Spool, n: u32) {
    let (claim, key) = (format!("claim{n}"), format!("x12/{n}"));
    let commit = Commit {
        claim: &claim,
        keys: &[(&key, [7; 32])],
        ..Commit::default()
    };
    spool.wait(spool.commit(&commit).unwrap()).unwrap();
}

#[test]
fn of_too_many_keys_the_oldest_are_given_up_and_counted() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        most_keys: 100,
        ..small()
    };
    let known = |spool: &Spool| -> Vec<u32> {
        let known = |n: &u32| spool.key(&format!("x12/{n}")).unwrap().is_some();
        (0..1000).filter(known).collect()
    };
    let (spool, _) = open(dir.path(), &options);
    (0..100).for_each(|n| commit_key(&spool, n));
    let at = spool.claim("claim99").unwrap().unwrap().at;
    let now = UNIX_EPOCH + Duration::from_millis(at) + Duration::from_hours(1);
    let report = spool.prune(&|_, _| true, now).unwrap();
    assert!(report.keys_carried > 50, "{report:?}");
    assert_eq!(
        (report.keys_given_up, known(&spool).len()),
        (0, 100),
        "as many as may be"
    );

    let mut given_up = 0;
    for round in 1..=9 {
        (round * 100..round * 100 + 100).for_each(|n| commit_key(&spool, n));
        given_up += spool.prune(&|_, _| true, now).unwrap().keys_given_up;
    }
    let left = known(&spool);
    assert_eq!(given_up, 1000 - left.len() as u64);
    assert_eq!(spool.usage().keys, left.len() as u64);
    assert!((100..150).contains(&left.len()), "{}", left.len());
    assert!(
        left.iter().all(|n| *n >= 800),
        "the newest are left: {left:?}"
    );
    assert!(
        spool.claim("claim0").unwrap().is_some(),
        "claims are another matter"
    );
    drop(spool);
    let (spool, _) = open(dir.path(), &options);
    assert_eq!(known(&spool), left, "also after the index was made again");
}
