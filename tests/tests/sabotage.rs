//! The tests tested: for each deliberate bug the same trial passes on a sound build and fails on the broken one.
//! A trial that does not notice its bug guards nothing.

use end_to_end::bridge::{Plan, Side};
use end_to_end::powercut;
use end_to_end::trials::{damage, points, power};

/// Runs a trial on a sound build and on one with `bug` awake; both are the same binaries.
fn is_caught(bug: &str, trial: impl Fn(Plan) -> Result<(), String>) {
    if let Err(problem) = trial(Plan::sabotaged("")) {
        panic!("the trial fails on a sound build: {problem}");
    }
    match trial(Plan::sabotaged(bug)) {
        Err(problem) => eprintln!("{bug} was caught: {problem}"),
        Ok(()) => panic!("{bug} went unnoticed"),
    }
}

fn power_cuts(side: Side) -> impl Fn(Plan) -> Result<(), String> {
    move |plan| power::run(side, plan, 5, 7).map(|_documents| ())
}

fn can_cut() -> bool {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    powercut::available(scratch.path())
}

#[test]
fn no_fsync_at_the_agent_is_caught_by_the_power_cut() {
    if can_cut() {
        is_caught("no_fsync", power_cuts(Side::Agent));
    }
}

#[test]
fn no_fsync_at_the_relay_is_caught_by_the_power_cut() {
    if can_cut() {
        is_caught("no_fsync", power_cuts(Side::Relay));
    }
}

#[test]
fn archive_before_queue_is_caught_by_a_crash_between_them() {
    is_caught("archive_before_queue", |plan| {
        points::agent(plan, "agent.before_commit", false)
    });
}

#[test]
fn delete_before_cursor_is_caught_by_a_crash_between_them() {
    is_caught("delete_before_cursor", points::letting_go);
}

#[test]
fn no_duplicate_removal_is_caught_by_a_lost_answer() {
    is_caught("no_duplicate_removal", |plan| {
        points::relay(plan, "relay.after_commit")
    });
}

#[test]
fn index_not_rebuilt_is_caught_by_its_loss() {
    is_caught("index_not_rebuilt", |plan| {
        damage::run(Side::Agent, plan, 3_000).map(|_told| ())
    });
}
