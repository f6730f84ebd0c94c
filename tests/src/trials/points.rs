//! A crash at each named point between two steps that belong together, one after the other, on builds that can.
//! Shows what random kills seldom hit: a step taken before the one that has to come first.

use std::time::Duration;

use crate::bridge::{Bridge, Feed, Plan};
use crate::shop::Mood;
use crate::workload::{Expected, orders, stock};

/// The agent's points, in the order a file comes to them.
pub const AGENT: [&str; 4] = [
    "agent.after_claim",
    "agent.after_raw",
    "agent.before_commit",
    "agent.after_commit",
];

/// Drops a stock file, lets the agent crash at `point` over it, starts it again, and looks whether all arrived once.
///
/// # Errors
/// What was lost or doubled, or that the agent never came to the point.
pub fn agent(plan: Plan, point: &str) -> Result<(), String> {
    let mut bridge = Bridge::new(plan);
    let mut expected = Expected::default();
    bridge.start_relay();
    bridge.drop_file(Feed::Stock, "stock.csv", &stock(0..700, 1));
    expected.stock(0..700);
    if !bridge.crash_agent_at(point, Duration::from_secs(10)) {
        return Err(format!("the agent never came to {point}"));
    }
    bridge.start_agent();
    finish(&bridge, &expected)
}

/// Lets the relay crash at `point` while the agent sends, with the shop closed, starts it again, and looks whether the
/// shop is then sent everything once: nothing was delivered before, so a repeat is the relay's own.
///
/// # Errors
/// What was lost, doubled or sent twice, or that the relay never came to the point.
pub fn relay(plan: Plan, point: &str) -> Result<(), String> {
    let mut bridge = Bridge::new(plan);
    let mut expected = Expected::default();
    bridge.ledger().set_mood(Mood::Refuses(503, None));
    bridge.drop_file(Feed::Orders, "orders.edi", &orders(1, 0..300, 1));
    expected.orders(0..300);
    bridge.start_agent();
    if !bridge.crash_relay_at(point, Duration::from_secs(10)) {
        return Err(format!("the relay never came to {point}"));
    }
    bridge.start_relay();
    bridge.ledger().set_mood(Mood::Open);
    finish(&bridge, &expected)?;
    let repeats = bridge.ledger().book().repeats;
    if repeats == 0 {
        Ok(())
    } else {
        Err(format!(
            "{point}: {repeats} documents were sent to the shop twice"
        ))
    }
}

fn finish(bridge: &Bridge, expected: &Expected) -> Result<(), String> {
    bridge.settle(expected.documents(), Duration::from_secs(20));
    expected
        .check(&bridge.ledger().book())
        .map_err(|problem| format!("{problem}\n{}", bridge.last_words()))
}
