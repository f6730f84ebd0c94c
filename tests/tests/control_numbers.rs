//! Control numbers under a power cut: a number that left is never given out again. The trial is tried itself, on a build
//! that leaves out the sync.

use std::collections::BTreeSet;
use std::process::Command;

use agent::numbers::Numbers;
use end_to_end::powercut::{self, Disk};

const COUNTER: &str = "northwind/x12/interchange";

fn take(numbers: &Numbers, thing: &str) -> u64 {
    let range = 1..=999_999_999;
    let taken = numbers.take(COUNTER, &range, thing, "997 for 1 of ZZ:NORTHWIND");
    taken.expect("a number")
}

#[test]
fn a_number_that_left_is_not_given_out_again_after_a_power_cut() {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    if !powercut::available(scratch.path()) {
        return;
    }
    let disk = Disk::new(scratch.path(), "numbers", 64).expect("a disk");
    let mut left = BTreeSet::new();
    for cut in 0..3 {
        let numbers = Numbers::open(disk.folder()).expect("a journal");
        for answer in 0..5 {
            let number = take(&numbers, &format!("claim{cut}#{answer}"));
            numbers.sync().expect("on disk");
            assert!(left.insert(number), "{number} left before");
        }
        let unsent = take(&numbers, &format!("claim{cut}#unsent"));
        assert!(!left.contains(&unsent), "{unsent} left before");
        drop(numbers);
        disk.cut().expect("a cut");
        disk.restore().expect("the power is back");
    }
}

#[test]
fn a_sync_that_is_left_out_is_caught() {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    if !powercut::available(scratch.path()) {
        return;
    }
    let trial = |bug: &str| {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.args([
            "--exact",
            "a_number_that_left_is_not_given_out_again_after_a_power_cut",
        ]);
        let output = command.env("LB_SABOTAGE", bug).output().expect("it ran");
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(told.contains("running 1 test"), "{told}");
        output.status.success()
    };
    assert!(trial(""), "the trial fails on a sound build");
    assert!(!trial("no_journal_fsync"), "a missing sync went unnoticed");
}
