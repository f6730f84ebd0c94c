//! Power cuts: the disk under one program's store loses what was not synced, while documents flow; then the power is
//! back and everything that was acknowledged has to be there. Continues on the same disk from cut to cut, so that what
//! one recovery leaves behind meets the next cut.

use std::fs;
use std::thread;
use std::time::Duration;

use fastrand::Rng;

use crate::bridge::{Bridge, Feed, Plan, Side};
use crate::powercut::Disk;
use crate::shop::Mood;
use crate::workload::{Expected, orders, stock};

/// What the agent says when the relay asks for a block that it had acknowledged. After a power cut that is a loss, even
/// though the agent heals it by sending again.
const RELAY_LOST: &str = "relay lost blocks it had accepted";

/// Cuts the power of `side` `cuts` times. The same `seed` pauses alike.
///
/// # Errors
/// What was lost, doubled or out of order after which cut.
pub fn run(side: Side, mut plan: Plan, cuts: u32, seed: u64) -> Result<usize, String> {
    let mut random = Rng::with_seed(seed);
    let scratch = tempfile::tempdir().map_err(|problem| problem.to_string())?;
    let disk = Disk::new(scratch.path(), "store", 512)?;
    match side {
        Side::Agent => plan.agent_home = Some(disk.folder().to_owned()),
        Side::Relay => plan.relay_home = Some(disk.folder().to_owned()),
    }
    let mut bridge = Bridge::running(plan);
    let mut expected = Expected::default();
    for cut in 1..=cuts {
        // While the shop is closed nothing leaves the relay, so its store is all there is.
        let closed = random.bool();
        bridge.ledger().set_mood(if closed {
            Mood::Refuses(503, None)
        } else {
            Mood::Open
        });
        bridge.drop_file(
            Feed::Stock,
            &format!("stock-{cut:04}.csv"),
            &stock(0..600, cut),
        );
        expected.stock(0..600);
        bridge.drop_file(
            Feed::Orders,
            &format!("orders-{cut:04}.edi"),
            &orders(cut, 0..40, cut),
        );
        expected.orders(0..40);
        thread::sleep(Duration::from_millis(random.u64(10..700)));
        // A machine without power answers nobody, but a program on a dead file system might: its last syncs can still
        // report success. So it is held first, and what it had promised by then counts.
        bridge.freeze(side);
        disk.cut()?;
        bridge.kill(side);
        disk.restore()?;
        bridge.start(side);
        let agent_log = fs::read_to_string(bridge.log(Side::Agent)).unwrap_or_default();
        if let Some(line) = agent_log.lines().find(|line| line.contains(RELAY_LOST)) {
            return Err(format!("seed {seed}, cut {cut}: {line}"));
        }
    }
    bridge.ledger().set_mood(Mood::Open);
    bridge.settle(expected.documents(), Duration::from_secs(30));
    let sound = expected
        .check(&bridge.ledger().book())
        .and_then(|()| bridge.check_never_damaged());
    sound.map_err(|problem| {
        format!(
            "seed {seed}, {cuts} cuts: {problem}\n{}",
            bridge.last_words()
        )
    })?;
    Ok(expected.documents())
}
