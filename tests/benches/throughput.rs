//! How fast the durable road is, and what each part of it costs: 100,000 stock rows from a file through both logs to
//! the shop's answer, with the release binaries. Prints a table for `tests/RESULTS.md`. Run it with
//! `cargo bench -p end-to-end`; the programs have to be built before.

#![allow(clippy::print_stdout, reason = "the table is what a benchmark is for")]

use std::thread;
use std::time::{Duration, Instant};

use canonical::decode::{Context, Sink, SinkError};
use canonical::document::Sealed;
use canonical::problem::Problem;
use end_to_end::bridge::{Bridge, Feed, Plan, Side};
use end_to_end::process::{Usage, usage_of};
use end_to_end::workload::{Expected, STOCK_MAPPING, stock};

const ROWS: u32 = 100_000;
const RUNS: usize = 3;
/// No stage takes longer on the slowest machine we know.
const PATIENCE: Duration = Duration::from_secs(120);

/// Processor time of the parts over one run.
struct Cost {
    wall: Duration,
    agent: Usage,
    relay: Usage,
    shop: Duration,
}

fn main() {
    let decode = (0..RUNS).map(|_| decode()).min().unwrap_or_default();
    let queue = best(queue);
    let link = best(link);
    let whole = best(whole);
    let rate = f64::from(ROWS) / whole.wall.as_secs_f64();
    println!("\n{ROWS} stock rows, best of {RUNS}, release binaries, batches of 500, fsync on\n");
    println!(
        "file → agent log → relay log → shop: {rate:.0} documents/s ({:.2} s)\n",
        whole.wall.as_secs_f64()
    );
    println!("| part | processor time | per document | measured as |");
    println!("| --- | ---: | ---: | --- |");
    let row = |part: &str, time: Duration, how: &str| {
        let micros = time.as_secs_f64() * 1e6 / f64::from(ROWS);
        println!(
            "| {part} | {:.2} s | {micros:.1} µs | {how} |",
            time.as_secs_f64()
        );
    };
    let rest = |more: Duration, less: Duration| more.saturating_sub(less);
    row(
        "decode, map, seal",
        decode,
        "the format alone, in this process",
    );
    row(
        "agent: raw copy, blocks, log",
        rest(queue.agent.cpu(), decode),
        "agent without a relay, less the above",
    );
    row(
        "agent: TLS, HTTP/2, answers",
        rest(link.agent.cpu(), queue.agent.cpu()),
        "agent with a relay, less the above",
    );
    row(
        "relay: TLS, checks, log",
        link.relay.cpu(),
        "relay whose shop is closed",
    );
    row(
        "relay: envelopes, signatures, webhook",
        rest(whole.relay.cpu(), link.relay.cpu()),
        "relay with a shop, less the above",
    );
    row("shop (the test's own)", whole.shop, "this process");
    let (agent, relay) = (whole.agent.peak >> 20, whole.relay.peak >> 20);
    println!("\nMost memory: agent {agent} MiB, relay {relay} MiB.");
}

fn best(stage: fn() -> Cost) -> Cost {
    (0..RUNS)
        .map(|_| stage())
        .min_by_key(|cost| cost.wall)
        .expect("at least one run")
}

/// The format's own work, in this process: decode, map and seal every row, and drop it.
fn decode() -> Duration {
    struct Nowhere(u32);
    impl Sink for Nowhere {
        fn document(&mut self, document: Sealed) -> Result<(), SinkError> {
            self.0 += u32::from(!document.data.is_empty());
            Ok(())
        }
        fn problem(&mut self, problem: Problem) {
            panic!("{problem}");
        }
        fn boundary(&mut self) {}
        fn discard_to_boundary(&mut self) {}
    }
    let plan = formats::Plan::from_mapping(STOCK_MAPPING, "stock.toml").expect("the mapping");
    let file = stock(0..ROWS, 1);
    let context = Context {
        ingest_id: "01JDC4Z8Q2W3E4R5T6Y7H8J9K0",
        received_at: "2026-11-23T08:41:40.120Z",
        file_name: "stock.csv",
        modified_at: None,
        feed: None,
    };
    let (before, mut nowhere) = (usage_of(std::process::id()).cpu(), Nowhere(0));
    plan.decode(&mut file.as_slice(), &context, &mut nowhere)
        .expect("a good file");
    assert_eq!(nowhere.0, ROWS);
    usage_of(std::process::id()).cpu() - before
}

fn plan() -> Plan {
    Plan {
        batch: 500,
        in_flight: 4,
        poll_seconds: 0.05,
        settle_seconds: 0.02,
        ..Plan::default()
    }
}

/// Lays a road, runs `start`, drops the file, and measures until `arrived`.
fn measure(start: impl Fn(&mut Bridge), arrived: impl Fn(&Bridge)) -> Cost {
    let mut bridge = Bridge::new(plan());
    start(&mut bridge);
    let file = stock(0..ROWS, 1);
    thread::sleep(Duration::from_millis(300));
    let sides = |bridge: &mut Bridge, side| {
        if bridge.runs(side) {
            bridge.program(side).usage()
        } else {
            Usage::default()
        }
    };
    let (agent, relay) = (
        sides(&mut bridge, Side::Agent),
        sides(&mut bridge, Side::Relay),
    );
    let own = usage_of(std::process::id()).cpu();
    let began = Instant::now();
    bridge.drop_file(Feed::Stock, "stock.csv", &file);
    arrived(&bridge);
    let wall = began.elapsed();
    let shop = usage_of(std::process::id()).cpu() - own;
    let spent = |before: Usage, after: Usage| Usage {
        user: after.user - before.user,
        system: after.system - before.system,
        ..after
    };
    let agent = spent(agent, sides(&mut bridge, Side::Agent));
    let relay = spent(relay, sides(&mut bridge, Side::Relay));
    Cost {
        wall,
        agent,
        relay,
        shop,
    }
}

fn queue() -> Cost {
    let queued = |bridge: &Bridge| {
        bridge
            .wait_until_archived(Feed::Stock, 1, PATIENCE)
            .expect("all queued")
    };
    measure(|bridge| bridge.start(Side::Agent), queued)
}

fn link() -> Cost {
    let start = |bridge: &mut Bridge| {
        bridge.close_shop();
        bridge.start(Side::Relay);
        bridge.start(Side::Agent);
    };
    let forwarded = |bridge: &Bridge| {
        bridge
            .wait_until_archived(Feed::Stock, 1, PATIENCE)
            .expect("all queued");
        bridge
            .wait_until_forwarded(PATIENCE)
            .expect("all at the relay");
    };
    measure(start, forwarded)
}

fn whole() -> Cost {
    let start = |bridge: &mut Bridge| {
        bridge.start(Side::Relay);
        bridge.start(Side::Agent);
    };
    let mut expected = Expected::default();
    expected.stock(0..ROWS);
    measure(start, |bridge| {
        bridge.wait_for_effects(ROWS as usize, PATIENCE);
        if let Err(problem) = expected.check(&bridge.ledger().book()) {
            panic!("{problem}");
        }
    })
}
