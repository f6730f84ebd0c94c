//! Power cuts under the agent's and the relay's store, twenty each: everything acknowledged is there afterwards, and
//! nothing is doubled. `LB_SEED` repeats a run. Without loop mounts it says so loudly, and in CI it fails.

use std::fs::{self, File};
use std::io::Write as _;

use end_to_end::bridge::{Plan, Side};
use end_to_end::powercut::{self, Disk};
use end_to_end::trials::power;

const CUTS: u32 = 20;

fn cut_the_power_of(side: Side) {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    if !powercut::available(scratch.path()) {
        return;
    }
    let seed = std::env::var("LB_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(|| fastrand::u64(..));
    eprintln!("LB_SEED={seed}");
    match power::run(side, Plan::default(), CUTS, seed) {
        Ok(documents) => eprintln!("{CUTS} cuts, {documents} documents, each there once"),
        Err(problem) => panic!("{problem}"),
    }
}

#[test]
fn the_agent_loses_nothing_in_a_power_cut() {
    cut_the_power_of(Side::Agent);
}

#[test]
fn the_relay_loses_nothing_in_a_power_cut() {
    cut_the_power_of(Side::Relay);
}

#[test]
fn a_cut_drops_what_was_not_synced_and_keeps_what_was() {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    if !powercut::available(scratch.path()) {
        return;
    }
    let disk = Disk::new(scratch.path(), "probe", 64).expect("a disk");
    let write = |name: &str, synced: bool| {
        let mut file = File::create(disk.folder().join(name)).expect("a file");
        file.write_all(&[7; 4096]).expect("its content");
        if synced {
            file.sync_all().expect("its content on disk");
            File::open(disk.folder())
                .and_then(|folder| folder.sync_all())
                .expect("its name on disk");
        }
    };
    write("synced", true);
    write("unsynced", false);
    disk.cut().expect("a cut");
    assert!(
        fs::write(disk.folder().join("late"), b"late").is_err(),
        "no power, no writing"
    );
    disk.restore().expect("the power is back");
    assert_eq!(
        fs::read(disk.folder().join("synced")).ok(),
        Some(vec![7; 4096])
    );
    assert_ne!(
        fs::read(disk.folder().join("unsynced")).ok(),
        Some(vec![7; 4096])
    );
}
