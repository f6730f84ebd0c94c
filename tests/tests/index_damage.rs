//! The index over a queue of 100,000 documents deleted, truncated, overwritten with noise, and each of its files in
//! turn: both programs are ready within five seconds, say what they did, and lose nothing.

use end_to_end::bridge::{Plan, Side};
use end_to_end::trials::damage;

const DOCUMENTS: u32 = 100_000;

fn survives(side: Side) {
    match damage::run(
        side,
        Plan {
            batch: 1_000,
            ..Plan::default()
        },
        DOCUMENTS,
    ) {
        Ok(told) => eprintln!("{}", told.join("\n")),
        Err(problem) => panic!("{problem}"),
    }
}

#[test]
fn the_agent_survives_every_damage_to_its_index() {
    survives(Side::Agent);
}

#[test]
fn the_relay_survives_every_damage_to_its_index() {
    survives(Side::Relay);
}
