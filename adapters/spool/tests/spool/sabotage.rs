//! The tests are tested: each deliberate bug fails a named test, each crash point loses nothing.
//!
//! A test runs this same binary again with the bug or the crash switched on and looks at how it ends.

use std::path::Path;
use std::process::{Command, ExitStatus};
use std::time::{Duration, UNIX_EPOCH};

use spool::{Options, Spool};

use crate::fixture::{claims_on, mark, open, put, small};

/// Small segments whose claims are never forgotten, however late it is.
fn never_forgetting() -> Options {
    Options {
        remember: Duration::MAX,
        ..small()
    }
}

/// Runs one test of this binary with the given environment.
fn run(test: &str, environment: &[(&str, &str)]) -> ExitStatus {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", test, "--test-threads=1"])
        .env_remove("LB_SABOTAGE")
        .env_remove("LB_CRASH_AT");
    command.envs(environment.iter().copied());
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        text.contains("running 1 test"),
        "no such test: {test}\n{text}"
    );
    output.status
}

#[test]
fn an_index_that_is_not_rebuilt_is_caught() {
    for test in [
        "index::a_lost_index_is_rebuilt",
        "index::an_index_with_any_file_harmed_is_set_aside_and_rebuilt",
    ] {
        assert!(run(test, &[]).success());
        assert!(
            !run(test, &[("LB_SABOTAGE", "index_not_rebuilt")]).success(),
            "{test} did not notice"
        );
    }
}

/// Fills a spool, settles and prunes it: run by the tests below in a process that is made to crash.
fn settle_and_prune(dir: &Path) {
    let (spool, _) = open(dir, &never_forgetting());
    for n in 0..20 {
        put(&spool, &format!("claim{n:02}"), &["l"]);
    }
    mark(&spool, "cursor/relay/l", 12);
    prune(&spool);
}

fn prune(spool: &Spool) {
    let cursor = spool.mark("cursor/relay/l").unwrap_or(0);
    spool
        .prune(
            &|_, ordinal| ordinal <= cursor,
            UNIX_EPOCH + Duration::from_secs(1 << 33),
        )
        .unwrap();
}

/// Blocks that no cursor has passed and that cannot be read any more.
fn gone_beyond_cursor(dir: &Path) -> Vec<u64> {
    let (spool, _) = open(dir, &never_forgetting());
    let cursor = spool.mark("cursor/relay/l").unwrap_or(0);
    assert_eq!(spool.head("l"), 20);
    (cursor + 1..=20)
        .filter(|ordinal| !matches!(spool.get("l", *ordinal), Ok(Some(_))))
        .collect()
}

#[test]
fn the_child_that_settles_and_prunes() {
    if let Ok(dir) = std::env::var("LB_TEST_SPOOL") {
        settle_and_prune(Path::new(&dir));
    }
}

fn crash_at(point: &str, sabotage: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let environment = [
        ("LB_TEST_SPOOL", dir.path().to_str().unwrap()),
        ("LB_CRASH_AT", point),
        ("LB_SABOTAGE", sabotage),
    ];
    let status = run("sabotage::the_child_that_settles_and_prunes", &environment);
    assert!(!status.success(), "it was to crash at {point}");
    dir
}

#[test]
fn a_crash_between_cursor_and_deletion_loses_nothing_and_the_deletion_is_finished() {
    let dir = crash_at("spool.between_cursor_and_delete", "");
    let segments = crate::fixture::files(dir.path(), "log").len() as u64;
    let (spool, _) = open(dir.path(), &never_forgetting());
    assert!(
        spool.usage().segments < segments,
        "what was decided is done at the next opening"
    );
    assert_eq!(spool.get("l", 1).unwrap(), None);
    drop(spool);
    assert_eq!(gone_beyond_cursor(dir.path()), [0_u64; 0]);
    let (spool, report) = open(dir.path(), &never_forgetting());
    assert!(report.damaged.is_empty(), "{report}");
    assert_eq!(
        spool.claims("claim", "", 100).unwrap().len(),
        20,
        "carried forward"
    );
    prune(&spool);
    assert!(spool.verify().unwrap().index_agrees);
}

#[test]
fn deleting_before_the_cursor_is_caught() {
    let dir = crash_at("spool.between_delete_and_cursor", "delete_before_cursor");
    let gone = gone_beyond_cursor(dir.path());
    assert!(
        !gone.is_empty(),
        "the bug is not one, or this test is blind to it"
    );
}

#[test]
fn a_crash_at_any_point_keeps_what_was_confirmed() {
    for point in [
        "spool.before_fsync",
        "spool.after_fsync",
        "spool.after_block_write",
    ] {
        for time in [1, 7, 20] {
            let dir = crash_at(&format!("{point}:{time}"), "");
            let (spool, report) = open(dir.path(), &never_forgetting());
            assert!(report.damaged.is_empty(), "{point}:{time}: {report}");
            let there = claims_on(&spool, "l");
            let want: Vec<_> = (0..there.len())
                .map(|n| Some(format!("claim{n:02}")))
                .collect();
            assert_eq!(there, want, "{point}:{time}");
            assert!(
                there.len() + 1 >= time,
                "{point}:{time}: {} blocks",
                there.len()
            );
        }
    }
}
