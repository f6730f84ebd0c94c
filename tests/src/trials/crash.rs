//! kill -9 at random moments, on agent, relay or both, while documents flow and the shop is moody.
//! Shows lost and doubled work between processes; never a missing fsync, for the kernel keeps what a killed process wrote.

use std::thread;
use std::time::Duration;

use fastrand::Rng;

use crate::bridge::{Bridge, Feed, Plan, Side};
use crate::shop::Mood;
use crate::workload::{Expected, orders, stock};

/// How much of it.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Kills.
    pub rounds: u32,
    /// Articles in each stock file; every second round brings one.
    pub articles: u32,
    /// Orders in each interchange; every other round brings one.
    pub orders: u32,
}

/// What was seen, for the log of a run that went well.
#[derive(Clone, Copy, Debug)]
pub struct Report {
    /// Documents that arrived.
    pub documents: usize,
    /// Rounds in which the shop had something new before the kill.
    pub lively_rounds: u32,
    /// Documents that the shop saw again.
    pub repeats: u64,
}

/// Runs the trial. The same `seed` kills the same programs after the same pauses.
///
/// # Errors
/// What was lost, doubled or out of order.
pub fn run(plan: Plan, size: Size, seed: u64) -> Result<Report, String> {
    let mut random = Rng::with_seed(seed);
    let mut bridge = Bridge::running(plan);
    bridge.ledger().set_mood(Mood::Moody);
    let mut expected = Expected::default();
    let (mut lively_rounds, mut seen) = (0, 0);
    for round in 0..size.rounds {
        let version = round / 2 + 1;
        if round % 2 == 0 {
            bridge.drop_file(
                Feed::Stock,
                &format!("stock-{version:04}.csv"),
                &stock(0..size.articles, version),
            );
            expected.stock(0..size.articles);
        } else {
            bridge.drop_file(
                Feed::Orders,
                &format!("orders-{version:04}.edi"),
                &orders(version, 0..size.orders, version),
            );
            expected.orders(0..size.orders);
        }
        thread::sleep(Duration::from_millis(random.u64(50..450)));
        let now = bridge.ledger().book().effects.len();
        lively_rounds += u32::from(now > seen);
        seen = now;
        match random.u8(0..5) {
            0 | 1 => {
                bridge.kill(Side::Agent);
                bridge.start(Side::Agent);
            }
            2 | 3 => {
                bridge.kill(Side::Relay);
                bridge.start(Side::Relay);
            }
            _ => {
                bridge.kill(Side::Relay);
                bridge.kill(Side::Agent);
                bridge.start(Side::Agent);
                bridge.start(Side::Relay);
            }
        }
    }
    bridge.ledger().set_mood(Mood::Open);
    let documents = expected.documents();
    bridge.settle(documents, Duration::from_secs(60));
    let book = bridge.ledger().book();
    let sound = expected
        .check(&book)
        .and_then(|()| bridge.check_never_damaged());
    sound.map_err(|problem| {
        format!(
            "seed {seed}: {problem}
{}",
            bridge.last_words()
        )
    })?;
    Ok(Report {
        documents,
        lively_rounds,
        repeats: book.repeats,
    })
}
