//! What the programs take from a machine: memory over a backlog of 100,000 documents, an idle agent, and their size.

use std::fs;
use std::thread;
use std::time::Duration;

use end_to_end::bridge::{Bridge, Feed, Plan, Side};
use end_to_end::process::{Build, binary};
use end_to_end::workload::{Expected, stock};

const DOCUMENTS: u32 = 100_000;
const MEBIBYTE: u64 = 1 << 20;

#[test]
fn a_backlog_of_100_000_documents_stays_under_64_mebibytes_and_arrives_once() {
    let mut bridge = Bridge::new(Plan {
        batch: 1_000,
        ..Plan::default()
    });
    let mut expected = Expected::default();
    bridge.start(Side::Agent);
    for part in 0..10 {
        let rows = part * DOCUMENTS / 10..(part + 1) * DOCUMENTS / 10;
        bridge.drop_file(
            Feed::Stock,
            &format!("stock-{part}.csv"),
            &stock(rows.clone(), 1),
        );
        expected.stock(rows);
    }
    let queued = bridge.wait_until_archived(Feed::Stock, 10, Duration::from_secs(60));
    queued.unwrap_or_else(|problem| panic!("{problem}"));
    let with_backlog = bridge.program(Side::Agent).usage();
    bridge.start(Side::Relay);
    bridge.settle(expected.documents(), Duration::from_secs(60));
    if let Err(problem) = expected.check(&bridge.ledger().book()) {
        panic!("{problem}\n{}", bridge.last_words());
    }
    let peak = bridge.program(Side::Agent).usage().peak;
    println!(
        "agent: {} MiB with the backlog, {} MiB at most",
        with_backlog.resident / MEBIBYTE,
        peak / MEBIBYTE
    );
    assert!(
        peak < 64 * MEBIBYTE,
        "the agent took {} MiB",
        peak / MEBIBYTE
    );
}

#[test]
fn an_idle_agent_takes_under_20_mebibytes_and_no_measurable_time() {
    let mut bridge = Bridge::new(Plan {
        poll_seconds: 10.0,
        settle_seconds: 5.0,
        ..Plan::default()
    });
    bridge.start(Side::Relay);
    bridge.start(Side::Agent);
    thread::sleep(Duration::from_secs(2));
    let before = bridge.program(Side::Agent).usage();
    thread::sleep(Duration::from_secs(12));
    let after = bridge.program(Side::Agent).usage();
    let spent = after.cpu().saturating_sub(before.cpu());
    println!(
        "idle agent: {} KiB, {spent:?} in 12 s",
        after.resident / 1024
    );
    assert!(
        after.resident < 20 * MEBIBYTE,
        "an idle agent takes {} MiB",
        after.resident / MEBIBYTE
    );
    assert!(
        spent <= Duration::from_millis(10),
        "an idle agent took {spent:?} of 12 s"
    );
}

#[test]
fn each_release_binary_is_under_20_mebibytes() {
    for program in ["legacy-bridge", "cloud-relay"] {
        let size = fs::metadata(binary(program, Build::Release))
            .expect("the binary")
            .len();
        println!("{program}: {} KiB", size / 1024);
        assert!(size < 20 * MEBIBYTE, "{program} is {} MiB", size / MEBIBYTE);
    }
}
