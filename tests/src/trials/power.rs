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
/// Rows of each stock file.
const ROWS: u32 = 600;
/// The blocks of at most 500 documents that they fill.
const ROW_BLOCKS: usize = 2;
/// Orders of each interchange, which fill one block.
const ORDERS: u32 = 40;

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
        // Every other cut comes when all is stored and, with the shop closed, nowhere else; the others come anywhere.
        let is_calm = cut % 2 == 1;
        let is_closed = is_calm || random.bool();
        bridge.ledger().set_mood(if is_closed {
            Mood::Refuses(503, None)
        } else {
            Mood::Open
        });
        bridge.drop_file(
            Feed::Stock,
            &format!("stock-{cut:04}.csv"),
            &stock(0..ROWS, cut),
        );
        expected.stock(0..ROWS);
        bridge.drop_file(
            Feed::Orders,
            &format!("orders-{cut:04}.edi"),
            &orders(cut, 0..ORDERS, cut),
        );
        expected.orders(0..ORDERS);
        thread::sleep(Duration::from_millis(if is_calm {
            900
        } else {
            random.u64(10..700)
        }));
        // A machine without power answers nobody, but a program on a dead file system might: its last syncs can still
        // report success. So it is held first, and what it had promised by then counts.
        bridge.freeze(side);
        disk.cut()?;
        bridge.kill(side);
        disk.restore()?;
        let promised =
            bridge.archived(Feed::Stock).len() * ROW_BLOCKS + bridge.archived(Feed::Orders).len();
        bridge.start(side);
        let kept = match side {
            Side::Agent => has_queued(&mut bridge, promised),
            Side::Relay => has_lost_nothing(&bridge),
        };
        kept.map_err(|problem| format!("seed {seed}, cut {cut}: {problem}"))?;
    }
    bridge.ledger().set_mood(Mood::Open);
    bridge.settle(expected.documents(), Duration::from_secs(20));
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

/// What lies in the archive must lie in the queue, and before anything is derived again from the raw copies.
fn has_queued(bridge: &mut Bridge, promised: usize) -> Result<(), String> {
    let blocks = bridge
        .blocks_at_start(Side::Agent)
        .ok_or("the agent does not say how many blocks it found")?;
    if blocks >= promised {
        return Ok(());
    }
    Err(format!(
        "the archive stands for {promised} blocks, the queue has {blocks}"
    ))
}

fn has_lost_nothing(bridge: &Bridge) -> Result<(), String> {
    let log = fs::read_to_string(bridge.log(Side::Agent)).unwrap_or_default();
    log.lines()
        .find(|line| line.contains(RELAY_LOST))
        .map_or(Ok(()), |line| Err(line.to_owned()))
}
