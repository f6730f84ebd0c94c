//! The contract, one promise a test.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::time::UNIX_EPOCH;

use spool::{
    BlockId, Commit, DeadLetter, IndexReport, OpenError, Options, Packed, Settlement, Spool,
    SpoolError,
};

use crate::fixture::{claims_on, mark, open, put, roomy, small};

fn pack(text: &str) -> Packed {
    Packed::pack(text.as_bytes()).unwrap()
}

#[test]
fn a_block_is_visible_once_its_commit_is_durable_and_not_before() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, report) = open(dir.path(), &roomy());
    assert_eq!(report.index, IndexReport::Created);
    let id = spool
        .write("claim", "state", b"tag", &pack("documents"), 3)
        .unwrap();
    let ticket = spool
        .commit(&Commit {
            claim: "claim",
            blocks: &[id],
            marks: &[("m", 1)],
            keys: &[("k", [7; 32])],
            memo: b"memo",
        })
        .unwrap();
    assert_eq!(
        (
            spool.head("state"),
            spool.mark("m"),
            spool.key("k").unwrap()
        ),
        (0, None, None)
    );
    assert_eq!(spool.get("state", 1).unwrap(), None);
    assert_eq!(spool.claim("claim").unwrap(), None);
    spool.wait(ticket).unwrap();
    assert_eq!(
        (
            spool.head("state"),
            spool.mark("m"),
            spool.key("k").unwrap()
        ),
        (1, Some(1), Some([7; 32]))
    );
    let stored = spool.get("state", 1).unwrap().unwrap();
    assert_eq!(
        (stored.id, &*stored.claim, &*stored.lane, stored.ordinal),
        (id, "claim", "state", 1)
    );
    assert_eq!(
        (stored.first_sequence, stored.documents, &*stored.tag),
        (1, 3, &b"tag"[..])
    );
    assert_eq!(stored.body.unpack(100).unwrap(), b"documents");
    assert_eq!(spool.block(id).unwrap(), Some(stored));
    let claim = spool.claim("claim").unwrap().unwrap();
    assert_eq!(
        (&*claim.memo, &*claim.blocks, claim.placed[0].ordinal),
        (&b"memo"[..], &[id][..], 1)
    );
    assert_eq!(spool.get("state", 2).unwrap(), None);
    assert_eq!(spool.get("state", 0).unwrap(), None);
    assert_eq!(spool.get("other", 1).unwrap(), None);
}

#[test]
fn ordinals_count_per_lane_and_sequence_numbers_over_all() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path(), &roomy());
    put(&spool, "a", &["state", "commands", "state"]);
    put(&spool, "b", &["commands"]);
    let place = |lane, ordinal| {
        let stored = spool.get(lane, ordinal).unwrap().unwrap();
        (stored.claim, stored.first_sequence)
    };
    assert_eq!(spool.lanes(), ["commands", "state"]);
    assert_eq!((spool.head("state"), spool.head("commands")), (2, 2));
    assert_eq!(place("state", 1), ("a".into(), 1));
    assert_eq!(place("commands", 1), ("a".into(), 3));
    assert_eq!(place("state", 2), ("a".into(), 5));
    assert_eq!(place("commands", 2), ("b".into(), 7));
}

#[test]
fn a_refused_commit_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path(), &roomy());
    let mine = spool.write("mine", "state", b"", &pack("x"), 1).unwrap();
    let other = spool.write("other", "state", b"", &pack("x"), 1).unwrap();
    let unknown: BlockId = "1:99999".parse().unwrap();
    for blocks in [&[mine, other][..], &[mine, mine], &[mine, unknown]] {
        let refused = spool.commit(&Commit {
            claim: "mine",
            blocks,
            ..Commit::default()
        });
        assert!(
            matches!(refused, Err(SpoolError::UnknownBlock { .. })),
            "{blocks:?}"
        );
    }
    let ticket = spool
        .commit(&Commit {
            claim: "mine",
            blocks: &[mine],
            ..Commit::default()
        })
        .unwrap();
    let again = spool.commit(&Commit {
        claim: "mine",
        blocks: &[mine],
        ..Commit::default()
    });
    assert!(
        matches!(again, Err(SpoolError::UnknownBlock { .. })),
        "a block is committed once"
    );
    spool.wait(ticket).unwrap();
    assert_eq!(spool.head("state"), 1);
}

#[test]
fn everything_confirmed_is_there_after_reopening_with_and_without_a_close() {
    for clean in [true, false] {
        let dir = tempfile::tempdir().unwrap();
        let (spool, _) = open(dir.path(), &small());
        for n in 0..20 {
            put(&spool, &format!("claim{n:02}"), &["state", "commands"]);
        }
        mark(&spool, "cursor/relay/state", 7);
        let epoch = spool.epoch();
        let want = claims_on(&spool, "state");
        assert_eq!(want.len(), 20);
        if clean {
            spool.close()
        } else {
            drop(spool)
        }

        let (spool, report) = open(dir.path(), &small());
        assert_eq!(report.index == IndexReport::Trusted, clean, "{report}");
        assert!(report.segments > 3 && report.blocks == 40, "{report}");
        assert!(
            report.damaged.is_empty() && report.torn_bytes == 0,
            "{report}"
        );
        assert_eq!((claims_on(&spool, "state"), spool.epoch()), (want, epoch));
        assert_eq!(
            spool.marks("cursor/"),
            [("cursor/relay/state".to_owned(), 7)]
        );
        put(&spool, "next", &["state"]);
        let next = spool.get("state", 21).unwrap().unwrap();
        assert_eq!((&*next.claim, next.first_sequence), ("next", 81));
    }
}

#[test]
fn blocks_without_a_commit_are_gone_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path(), &roomy());
    let id = spool.write("half", "state", b"tag", &pack("x"), 1).unwrap();
    put(&spool, "whole", &["state"]);
    drop(spool);
    let (spool, report) = open(dir.path(), &roomy());
    assert_eq!(report.blocks, 1);
    assert_eq!(claims_on(&spool, "state"), [Some("whole".to_owned())]);
    let late = spool.commit(&Commit {
        claim: "half",
        blocks: &[id],
        ..Commit::default()
    });
    assert!(matches!(late, Err(SpoolError::UnknownBlock { .. })));
}

#[test]
fn claims_are_listed_by_prefix_in_pages() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path(), &roomy());
    for claim in ["a/2", "a/1", "b/1", "a/3"] {
        put(&spool, claim, &["state"]);
    }
    let names = |after, limit| -> Vec<String> {
        spool
            .claims("a/", after, limit)
            .unwrap()
            .into_iter()
            .map(|(name, _)| name)
            .collect()
    };
    assert_eq!(names("", 10), ["a/1", "a/2", "a/3"]);
    assert_eq!(names("", 2), ["a/1", "a/2"]);
    assert_eq!(names("a/2", 2), ["a/3"]);
    assert_eq!(spool.claims("", "", 10).unwrap().len(), 4);
    assert_eq!(spool.claims("a/", "", 0).unwrap().len(), 0);
}

#[test]
fn a_claim_committed_again_has_its_newest_record() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path(), &roomy());
    put(&spool, "claim", &["state"]);
    let commit = Commit {
        claim: "claim",
        memo: b"again",
        ..Commit::default()
    };
    spool.wait(spool.commit(&commit).unwrap()).unwrap();
    drop(spool);
    let (spool, _) = open(dir.path(), &roomy());
    assert_eq!(spool.claim("claim").unwrap().unwrap().memo, b"again");
    assert_eq!(spool.head("state"), 1);
}

fn letter(reader: &str, ordinal: u64, index: u32, reason: &str) -> DeadLetter {
    DeadLetter {
        lane: "state".into(),
        ordinal,
        index,
        reader: reader.into(),
        subject: "price/1".into(),
        id: "lb1-0".into(),
        code: "refused".into(),
        reason: reason.into(),
        attempts: 1,
        at: 5,
    }
}

#[test]
fn dead_letters_are_kept_until_resolved() {
    let dir = tempfile::tempdir().unwrap();
    let (mut spool, _) = open(dir.path(), &roomy());
    put(&spool, "claim", &["state"]);
    let letters = [
        letter("relay", 1, 0, "a"),
        letter("relay", 1, 1, "b"),
        letter("shop", 1, 0, "c"),
    ];
    let settlement = Settlement {
        dead_letters: &letters,
        ..Settlement::default()
    };
    spool.wait(spool.settle(&settlement).unwrap()).unwrap();
    for _ in 0..2 {
        assert_eq!(spool.dead_letters(None, 0, 10).unwrap(), letters);
        assert_eq!(
            spool.dead_letters(Some("relay"), 0, 10).unwrap(),
            letters[..2]
        );
        assert_eq!(
            spool.dead_letters(Some("relay"), 1, 10).unwrap(),
            letters[1..2]
        );
        assert_eq!(spool.dead_letters(Some("rel"), 0, 10).unwrap(), []);
        drop(spool);
        (spool, _) = open(dir.path(), &roomy());
    }
    let replaced = [letter("relay", 1, 0, "again")];
    let settlement = Settlement {
        dead_letters: &replaced,
        resolved: &[letters[1].key(), letters[2].key()],
        ..Settlement::default()
    };
    spool.wait(spool.settle(&settlement).unwrap()).unwrap();
    assert_eq!(spool.dead_letters(None, 0, 10).unwrap(), replaced);
}

#[test]
fn whoever_wants_to_know_is_called_after_blocks_are_visible() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path(), &roomy());
    let seen = Arc::new(AtomicU64::new(0));
    let (handle, note) = (spool.clone(), Arc::clone(&seen));
    spool.on_commit(Box::new(move || {
        note.store(handle.head("state"), Ordering::SeqCst)
    }));
    mark(&spool, "m", 1);
    assert_eq!(seen.load(Ordering::SeqCst), 0, "a mark is no block");
    put(&spool, "claim", &["state", "state"]);
    assert_eq!(seen.load(Ordering::SeqCst), 2);
}

#[test]
fn a_renewed_epoch_is_durable() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path(), &roomy());
    put(&spool, "claim", &["state"]);
    let old = spool.epoch();
    let new = spool.renew_epoch().unwrap();
    assert_ne!(old, new);
    assert_eq!(new.to_string().len(), 16);
    assert_eq!(new.to_string().parse(), Ok(new));
    drop(spool);
    let (spool, _) = open(dir.path(), &roomy());
    assert_eq!((spool.epoch(), spool.head("state")), (new, 1));
}

#[test]
fn what_a_spool_does_not_take() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path(), &roomy());
    let long = "x".repeat(256);
    for name in ["", "a\0b", "a\nb", &long] {
        assert!(matches!(
            spool.write(name, "l", b"", &pack("x"), 1),
            Err(SpoolError::Invalid { what: "claim", .. })
        ));
        assert!(matches!(
            spool.write("c", name, b"", &pack("x"), 1),
            Err(SpoolError::Invalid { what: "lane", .. })
        ));
        let settlement = Settlement {
            marks: &[(name, 1)],
            ..Settlement::default()
        };
        assert!(matches!(
            spool.settle(&settlement),
            Err(SpoolError::Invalid { what: "mark", .. })
        ));
    }
    assert!(matches!(
        spool.write("c", "l", b"", &pack("x"), 0),
        Err(SpoolError::Invalid { what: "block", .. })
    ));
    let tag = vec![0; (32 << 10) + 1];
    assert!(matches!(
        spool.write("c", "l", &tag, &pack("x"), 1),
        Err(SpoolError::Invalid { what: "tag", .. })
    ));
    spool
        .write("c", "l", &tag[1..], &pack("x"), 1)
        .expect("the limit itself is allowed");
    let body = Packed::from_parts(vec![0; (16 << 20) + 1], 1);
    assert!(matches!(
        spool.write("c", "l", b"", &body, 1),
        Err(SpoolError::Invalid { what: "block", .. })
    ));
    let memo = vec![0; (64 << 10) + 1];
    let commit = Commit {
        claim: "c",
        memo: &memo,
        ..Commit::default()
    };
    assert!(matches!(
        spool.commit(&commit),
        Err(SpoolError::Invalid { what: "memo", .. })
    ));
    let ticket = spool.commit(&Commit {
        memo: &memo[1..],
        ..commit
    });
    spool
        .wait(ticket.expect("the limit itself is allowed"))
        .unwrap();
}

#[test]
fn marks_are_bounded() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path(), &roomy());
    let names: Vec<String> = (0..100_000).map(|n| format!("mark{n}")).collect();
    let marks: Vec<(&str, u64)> = names.iter().map(|name| (&**name, 1)).collect();
    let full = Settlement {
        marks: &marks,
        ..Settlement::default()
    };
    spool.wait(spool.settle(&full).unwrap()).unwrap();
    let more = Settlement {
        marks: &[("one more", 1)],
        ..Settlement::default()
    };
    assert!(matches!(
        spool.settle(&more),
        Err(SpoolError::TooMany {
            what: "marks",
            limit: 100_000
        })
    ));
    mark(&spool, "mark5", 2);
    assert_eq!(spool.mark("mark5"), Some(2));
}

#[test]
fn a_full_spool_refuses_blocks_but_finishes_what_was_begun() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        limit_bytes: 8 << 10,
        ..small()
    };
    let (spool, _) = open(dir.path(), &options);
    let body = Packed::from_parts(vec![7; 500], 1000);
    let mut blocks = Vec::new();
    let full = loop {
        match spool.write("claim", "state", b"", &body, 1) {
            Ok(id) => blocks.push(id),
            Err(error) => break error,
        }
    };
    assert!(
        matches!(full, SpoolError::Full { used, limit: 8192 } if used <= 8192),
        "{full:?}"
    );
    assert!(
        full.to_string().contains("raise the spool's limit"),
        "{full}"
    );
    spool
        .wait(
            spool
                .commit(&Commit {
                    claim: "claim",
                    blocks: &blocks,
                    ..Commit::default()
                })
                .unwrap(),
        )
        .unwrap();
    mark(&spool, "cursor/relay/state", spool.head("state"));
    assert!(spool.write("more", "state", b"", &body, 1).is_err());
    spool
        .prune(
            &|_, _| true,
            UNIX_EPOCH + std::time::Duration::from_secs(1 << 33),
        )
        .unwrap();
    spool
        .write("more", "state", b"", &body, 1)
        .expect("pruning made room");
}

#[test]
fn only_one_process_has_it() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path(), &roomy());
    let Err(error) = Spool::open(dir.path(), &roomy()) else {
        panic!("opened twice")
    };
    assert!(matches!(error, OpenError::AlreadyOpen { .. }));
    if cfg!(unix) {
        assert!(
            error
                .to_string()
                .contains(&format!("process {}", std::process::id())),
            "{error}"
        );
    }
    let clone = spool.clone();
    spool.close();
    assert!(matches!(clone.get("state", 1), Err(SpoolError::Closed)));
    assert!(matches!(
        clone.write("c", "l", b"", &pack("x"), 1),
        Err(SpoolError::Closed)
    ));
    open(dir.path(), &roomy());
}

#[test]
fn a_newer_format_and_an_unusable_place_are_refused_with_a_mend() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(dir.path().join("log")).unwrap();
    std::fs::write(dir.path().join("log/0000000003-00000000000000ab.v2"), b"").unwrap();
    let Err(error) = Spool::open(dir.path(), &roomy()) else {
        panic!("opened a newer format")
    };
    assert!(matches!(
        error,
        OpenError::Newer {
            found: 2,
            supported: 1,
            ..
        }
    ));
    assert!(
        error
            .to_string()
            .ends_with("install the newer program again"),
        "{error}"
    );

    let file = dir.path().join("file");
    std::fs::write(&file, b"").unwrap();
    let Err(error) = Spool::open(&file, &roomy()) else {
        panic!("opened a file")
    };
    assert!(matches!(error, OpenError::Unusable { .. }), "{error}");
    assert!(
        error.to_string().contains("service's account may write"),
        "{error}"
    );
}

#[test]
fn one_sync_serves_all_who_wait() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path(), &roomy());
    let tickets: Vec<_> = (0..6)
        .map(|n| {
            let claim = format!("claim{n}");
            let id = spool.write(&claim, "state", b"tag", &pack("x"), 1).unwrap();
            spool
                .commit(&Commit {
                    claim: &claim,
                    blocks: &[id],
                    ..Commit::default()
                })
                .unwrap()
        })
        .collect();
    let before = spool.syncs();
    let barrier = Barrier::new(tickets.len());
    std::thread::scope(|scope| {
        for ticket in tickets {
            let (spool, barrier) = (&spool, &barrier);
            scope.spawn(move || {
                barrier.wait();
                spool.wait(ticket).unwrap();
                assert!(spool.head("state") > 0);
            });
        }
    });
    assert_eq!(spool.syncs() - before, 1);
    assert_eq!(spool.head("state"), 6);
}

#[test]
fn many_threads_commit_without_gaps() {
    const THREADS: usize = 8;
    const EACH: usize = 25;
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path(), &small());
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let spool = &spool;
            scope.spawn(move || {
                for n in 0..EACH {
                    put(spool, &format!("{thread}/{n}"), &["state"]);
                    assert!(
                        spool.claim(&format!("{thread}/{n}")).unwrap().is_some(),
                        "visible when wait returns"
                    );
                }
            });
        }
    });
    let claims = claims_on(&spool, "state");
    assert_eq!(claims.len(), THREADS * EACH);
    for thread in 0..THREADS {
        let prefix = format!("{thread}/");
        let mine: Vec<String> = claims
            .iter()
            .flatten()
            .filter(|c| c.starts_with(&prefix))
            .cloned()
            .collect();
        assert_eq!(
            mine,
            (0..EACH)
                .map(|n| format!("{thread}/{n}"))
                .collect::<Vec<_>>(),
            "in the order committed"
        );
    }
    drop(spool);
    let (spool, _) = open(dir.path(), &small());
    assert_eq!(claims_on(&spool, "state"), claims);
    let report = spool.verify().unwrap();
    assert_eq!(
        (report.blocks, report.index_agrees, report.damaged.len()),
        (200, true, 0)
    );
}
