//! Damage to the index, file by file and entry by entry: it is rebuilt, and nothing is lost.

use std::fs;
use std::path::Path;

use spool::{Commit, IndexReport, OpenReport, Spool};

use crate::fixture::{claims_on, copy, files, mark, open, put, small};

const BLOCKS: usize = 12;

/// A cleanly closed spool to take copies of.
fn closed() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = open(dir.path(), &small());
    for n in 0..BLOCKS {
        put(&spool, &format!("claim{n:02}"), &["l"]);
    }
    let keys = Commit {
        claim: "keys",
        keys: &[("k", [9; 32])],
        ..Commit::default()
    };
    spool.wait(spool.commit(&keys).unwrap()).unwrap();
    mark(&spool, "cursor/relay/l", 5);
    spool.close();
    dir
}

fn check_whole(spool: &Spool, what: &str) {
    let want: Vec<_> = (0..BLOCKS).map(|n| Some(format!("claim{n:02}"))).collect();
    assert_eq!(claims_on(spool, "l"), want, "{what}");
    assert_eq!(
        spool.claim("claim03").unwrap().unwrap().memo,
        b"claim03",
        "{what}"
    );
    assert_eq!(spool.key("k").unwrap(), Some([9; 32]), "{what}");
    assert_eq!(spool.mark("cursor/relay/l"), Some(5), "{what}");
}

/// Opens a copy of `of` after `harm` was done to it and checks that nothing is missing.
fn survives(of: &Path, what: &str, harm: impl FnOnce(&Path)) -> OpenReport {
    let dir = tempfile::tempdir().unwrap();
    copy(of, dir.path());
    harm(dir.path());
    let (spool, report) = open(dir.path(), &small());
    check_whole(&spool, what);
    put(&spool, "next", &["l"]);
    spool.close();
    let (_, again) = open(dir.path(), &small());
    assert_eq!(
        again.index,
        IndexReport::Trusted,
        "{what}: a rebuilt index closes and opens as any: {again}"
    );
    report
}

#[test]
fn an_untouched_index_is_trusted() {
    let dir = closed();
    assert_eq!(
        survives(dir.path(), "untouched", |_| ()).index,
        IndexReport::Trusted
    );
}

#[test]
fn a_lost_index_is_rebuilt() {
    let dir = closed();
    let report = survives(dir.path(), "deleted", |dir| {
        fs::remove_dir_all(dir.join("index")).unwrap()
    });
    assert_eq!(
        report.index,
        IndexReport::Rebuilt {
            why: "the index is missing".to_owned()
        }
    );
    let report = survives(dir.path(), "a file in its place", |dir| {
        fs::remove_dir_all(dir.join("index")).unwrap();
        fs::write(dir.join("index"), b"not a directory").unwrap();
    });
    assert!(matches!(report.index, IndexReport::Rebuilt { .. }));
}

#[test]
fn an_index_with_any_file_harmed_is_set_aside_and_rebuilt() {
    let dir = closed();
    let of = dir.path();
    let mut rng = fastrand::Rng::with_seed(3);
    let mut tried = 0;
    for path in files(of, "index") {
        let name = path.strip_prefix(of).unwrap().to_owned();
        let bytes = fs::read(&path).unwrap();
        let mut noise = bytes.clone();
        rng.fill(&mut noise);
        let mut flipped = bytes.clone();
        if let Some(middle) = flipped.get_mut(bytes.len() / 2) {
            *middle ^= 0x55;
        }
        let cases: [(&str, Option<&[u8]>); 6] = [
            ("deleted", None),
            ("emptied", Some(b"")),
            ("halved", Some(&bytes[..bytes.len() / 2])),
            ("noise", Some(&noise)),
            ("zeros", Some(&vec![0; bytes.len()])),
            ("one byte changed", Some(&flipped)),
        ];
        for (harm, content) in cases {
            let what = format!("{} {harm}", name.display());
            let report = survives(of, &what, |dir| match content {
                Some(content) => fs::write(dir.join(&name), content).unwrap(),
                None => fs::remove_file(dir.join(&name)).unwrap(),
            });
            assert!(report.damaged.is_empty(), "{what}: {report}");
            tried += 1;
        }
    }
    assert!(tried >= 6, "sled has files to harm");
    let report = survives(of, "all noise", |dir| {
        for path in files(dir, "index") {
            let mut noise = fs::read(&path).unwrap();
            fastrand::Rng::with_seed(4).fill(&mut noise);
            fs::write(path, noise).unwrap();
        }
    });
    assert!(
        matches!(report.index, IndexReport::Rebuilt { .. }),
        "{report}"
    );
    assert_eq!(report.set_aside.len(), 1, "{report}");
}

/// Changes the index as a database that forgot or invented something would have it.
fn meddle(dir: &Path, with: impl FnOnce(&sled::Db)) {
    let db = sled::Config::new().path(dir.join("index")).open().unwrap();
    with(&db);
    db.flush().unwrap();
}

#[test]
fn an_entry_that_is_silently_missing_old_or_new_is_noticed() {
    let dir = closed();
    let key = |n: usize| move |db: &sled::Db| db.iter().nth(n).unwrap().unwrap();
    for n in [0, 7, 20] {
        let report = survives(dir.path(), "missing", |dir| {
            meddle(dir, |db| drop(db.remove(key(n)(db).0).unwrap()))
        });
        assert!(
            matches!(report.index, IndexReport::Rebuilt { .. }),
            "missing {n}: {report}"
        );
        let report = survives(dir.path(), "altered", |dir| {
            meddle(dir, |db| {
                let (key, value) = key(n)(db);
                let mut value = value.to_vec();
                value[0] ^= 1;
                db.insert(key, value).unwrap();
            });
        });
        assert!(
            matches!(report.index, IndexReport::Rebuilt { .. }),
            "altered {n}: {report}"
        );
    }
    let report = survives(dir.path(), "swapped", |dir| {
        meddle(dir, |db| {
            let ((one, first), (two, second)) = (key(0)(db), key(1)(db));
            db.insert(one, second).unwrap();
            db.insert(two, first).unwrap();
        });
    });
    assert!(
        matches!(report.index, IndexReport::Rebuilt { .. }),
        "{report}"
    );
    let report = survives(dir.path(), "invented", |dir| {
        meddle(dir, |db| drop(db.insert(b"onone", b"such").unwrap()))
    });
    assert!(
        matches!(report.index, IndexReport::Rebuilt { .. }),
        "{report}"
    );
}

#[test]
fn a_log_that_went_on_without_its_index_is_not_mistaken() {
    let dir = closed();
    let before = tempfile::tempdir().unwrap();
    copy(dir.path(), before.path());
    let (spool, _) = open(dir.path(), &small());
    put(&spool, "later", &["l"]);
    spool.close();
    // The index and note of before, the log of after: as from a half restored backup.
    for part in ["index", "index.clean"] {
        let (old, new) = (before.path().join(part), dir.path().join(part));
        if old.is_dir() {
            fs::remove_dir_all(&new).unwrap();
            copy(&old, &new);
        } else {
            fs::copy(old, new).unwrap();
        }
    }
    let (spool, report) = open(dir.path(), &small());
    assert!(
        matches!(report.index, IndexReport::Rebuilt { .. }),
        "{report}"
    );
    assert_eq!(spool.get("l", 13).unwrap().unwrap().claim, "later");
}

#[test]
fn three_damaged_indexes_are_kept_and_no_more() {
    let dir = closed();
    for _ in 0..5 {
        for path in files(dir.path(), "index") {
            fs::write(path, b"noise").unwrap();
        }
        let (spool, report) = open(dir.path(), &small());
        assert_eq!(report.set_aside.len(), 1, "{report}");
        check_whole(&spool, "again and again");
        spool.close();
    }
    let mut aside: Vec<String> = fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("index.damaged-"))
        .collect();
    aside.sort();
    assert_eq!(
        aside,
        ["index.damaged-3", "index.damaged-4", "index.damaged-5"]
    );
}

#[test]
fn a_damaged_note_of_the_last_close_is_no_reason_to_trust() {
    let dir = closed();
    for content in [
        &b""[..],
        b"{",
        b"{\"directory\":\"../elsewhere\"}",
        &[0xFF; 10_000],
    ] {
        let report = survives(dir.path(), "note", |dir| {
            fs::write(dir.join("index.clean"), content).unwrap()
        });
        assert!(
            matches!(report.index, IndexReport::Rebuilt { .. }),
            "{report}"
        );
    }
}
