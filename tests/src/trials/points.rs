//! A crash at each named point between two steps that belong together, one after the other, on builds that can.
//! Shows what random kills seldom hit: a step taken before the one that has to come first.

use std::time::Duration;

use crate::bridge::{Bridge, Feed, Plan, Side, until};
use crate::shop::Mood;
use crate::workload::{Expected, fat_stock, orders, stock};

/// The agent's points in the order a file comes to them, and whether its documents are queued by then.
pub const AGENT: [(&str, bool); 7] = [
    ("agent.after_claim", false),
    ("agent.after_raw", false),
    ("agent.before_commit", false),
    ("spool.after_block_write", false),
    ("spool.before_fsync", false),
    ("spool.after_fsync", true),
    ("agent.after_commit", true),
];
/// The relay's points.
pub const RELAY: [&str; 4] = [
    "spool.after_block_write",
    "spool.before_fsync",
    "spool.after_fsync",
    "relay.after_commit",
];

const SOON: Duration = Duration::from_secs(20);

/// Drops a stock file, lets the agent crash at `point` over it, and looks whether the file is still in hand unless its
/// documents are `queued`; then starts it again and looks whether all arrive once.
///
/// # Errors
/// What was archived too early, lost or doubled, or that the agent never came to the point.
pub fn agent(plan: Plan, point: &str, queued: bool) -> Result<(), String> {
    let mut bridge = Bridge::new(plan);
    let mut expected = Expected::default();
    bridge.start(Side::Relay);
    bridge.drop_file(Feed::Stock, "stock.csv", &stock(0..700, 1));
    expected.stock(0..700);
    if !bridge.crash_at(Side::Agent, point, SOON) {
        return Err(format!(
            "the agent never came to {point}\n{}",
            bridge.last_words()
        ));
    }
    if !queued && !bridge.archived(Feed::Stock).is_empty() {
        return Err(format!(
            "{point}: the file is archived before its documents are queued"
        ));
    }
    bridge.start(Side::Agent);
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
    bridge.start(Side::Agent);
    if !bridge.crash_at(Side::Relay, point, SOON) {
        return Err(format!(
            "the relay never came to {point}\n{}",
            bridge.last_words()
        ));
    }
    bridge.start(Side::Relay);
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

/// Fills more than a segment of the agent's log, ends the agent while it lets the first segment go as the relay's
/// answers come in (a sound build lets nothing go by then and is killed when all is sent), and looks what it finds.
///
/// # Errors
/// What was lost or doubled, or that the log has a hole.
pub fn letting_go(plan: Plan) -> Result<(), String> {
    let mut bridge = Bridge::new(Plan {
        sabotaged: Some(Side::Agent),
        ..plan
    });
    let rows = 90_000;
    let mut expected = Expected::default();
    bridge.start(Side::Agent);
    bridge.drop_file(Feed::Stock, "stock.csv", &fat_stock(0..rows, 1));
    expected.stock(0..rows);
    bridge.wait_until_archived(Feed::Stock, 1, 3 * SOON)?;
    bridge.stop(Side::Agent);
    bridge.start(Side::Agent);
    let blocks = bridge.blocks_at_start(Side::Agent).unwrap_or(0);
    bridge.kill(Side::Agent);
    bridge.start(Side::Relay);
    // Nearly at the end: the first of two segments has been answered for, the last blocks of the second have not.
    let mut agent = bridge.launch(
        Side::Agent,
        &format!("spool.between_delete_and_cursor:{}", blocks - blocks / 50),
    );
    let all = || bridge.ledger().book().effects.len() == expected.documents();
    until(3 * SOON, || !agent.is_running() || all());
    agent.kill();
    bridge.start(Side::Agent);
    finish(&bridge, &expected)
}

fn finish(bridge: &Bridge, expected: &Expected) -> Result<(), String> {
    bridge.settle(expected.documents(), SOON);
    let sound = expected
        .check(&bridge.ledger().book())
        .and_then(|()| bridge.check_never_damaged());
    sound.map_err(|problem| format!("{problem}\n{}", bridge.last_words()))
}
