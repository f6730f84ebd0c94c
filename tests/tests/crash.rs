//! Sixty rounds of kill -9 on agent and relay at random moments while two thousand documents flow: at the end the shop
//! has each once, in order per key (`LB_SEED` repeats a run). And a crash at each named point between two steps.

use end_to_end::bridge::Plan;
use end_to_end::trials::crash::{self, Size};
use end_to_end::trials::points;

#[test]
fn killed_sixty_times_everything_arrives_once_in_order() {
    let seed = std::env::var("LB_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(|| fastrand::u64(..));
    println!("LB_SEED={seed}");
    let report = crash::run(
        Plan::default(),
        Size {
            rounds: 60,
            articles: 45,
            orders: 22,
        },
        seed,
    );
    let report = report.unwrap_or_else(|problem| panic!("{problem}"));
    println!("{report:?}");
    assert!(report.documents >= 2_000, "{report:?}");
    assert!(
        report.lively_rounds >= 20,
        "documents flow between the kills, or the kills prove nothing: {report:?}"
    );
}

#[test]
fn a_crash_of_the_agent_at_each_point_loses_nothing() {
    for (point, queued) in points::AGENT {
        if let Err(problem) = points::agent(Plan::sabotaged(""), point, queued) {
            panic!("{point}: {problem}");
        }
    }
}

#[test]
fn a_crash_of_the_relay_at_each_point_loses_nothing() {
    for point in points::RELAY {
        if let Err(problem) = points::relay(Plan::sabotaged(""), point) {
            panic!("{point}: {problem}");
        }
    }
}
