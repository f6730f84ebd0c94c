//! The main job on the real programs: files in, signed events out, once and in order; bad files set aside with a
//! reason and never in the way; and the same while relay, shop or agent are away for a while.

use std::fs;
use std::io::Write as _;
use std::time::{Duration, Instant};

use end_to_end::bridge::{Bridge, Feed, Plan, Side};
use end_to_end::shop::Mood;
use end_to_end::workload::{Expected, orders, stock};
use serde_json::Value;

const SOON: Duration = Duration::from_secs(15);

/// Everything that was fed in arrived once, in order per key, with good signatures.
fn check(bridge: &Bridge, expected: &Expected) {
    if let Err(problem) = expected.check(&bridge.ledger().book()) {
        panic!("{problem}\n{}", bridge.last_words());
    }
}

/// Waits until a feed has set `count` files aside.
fn wait_for_quarantine(
    bridge: &Bridge,
    feed: Feed,
    count: usize,
    within: Duration,
) -> Vec<(String, String)> {
    let began = Instant::now();
    loop {
        let found = bridge.quarantined(feed);
        if found.len() >= count {
            return found;
        }
        assert!(
            began.elapsed() < within,
            "{count} files in quarantine: only {found:?}\n{}",
            bridge.last_words()
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn files_become_signed_events_and_a_broken_one_is_set_aside() {
    let bridge = Bridge::running(Plan::default());
    let mut expected = Expected::default();
    let mut broken = orders(2, 0..3, 9);
    broken.truncate(broken.len() - 40);
    bridge.drop_file(Feed::Orders, "orders.edi", &orders(1, 0..25, 1));
    bridge.drop_file(Feed::Orders, "broken.edi", &broken);
    bridge.drop_file(Feed::Stock, "stock.csv", &stock(0..120, 1));
    expected.orders(0..25);
    expected.stock(0..120);
    bridge.settle(expected.documents(), SOON);
    check(&bridge, &expected);
    let quarantined = wait_for_quarantine(&bridge, Feed::Orders, 1, SOON);
    assert_eq!(
        quarantined
            .iter()
            .map(|(name, _)| name.as_str())
            .collect::<Vec<_>>(),
        ["broken.edi"]
    );
    assert_eq!(bridge.archived(Feed::Orders), ["orders.edi"]);
    assert_eq!(bridge.archived(Feed::Stock), ["stock.csv"]);
    let book = bridge.ledger().book();
    assert_eq!(
        book.repeats, 0,
        "nothing was lost, so nothing is sent twice"
    );
    assert!(book.signed > 0);
}

/// One bad file, the feed it goes to, and the code its reason must name.
struct Bad {
    feed: Feed,
    name: &'static str,
    content: Vec<u8>,
    code: &'static str,
}

fn bad_files() -> Vec<Bad> {
    let bad = |feed, name, content: &[u8], code| Bad {
        feed,
        name,
        content: content.to_vec(),
        code,
    };
    let whole = orders(7, 0..2, 1);
    let mut noise = vec![0_u8; 300_000];
    fastrand::Rng::with_seed(7).fill(&mut noise);
    let mut wrong_byte = stock(0..50, 1);
    wrong_byte.splice(700..701, [0x81]); // no character in Windows-1252
    let without_column = String::from_utf8(stock(0..5, 1))
        .expect("ASCII")
        .replace("Bestand", "Menge");
    let truncated = whole.get(..60).expect("an ISA is longer");
    vec![
        bad(Feed::Orders, "empty.edi", b"", "x12.empty"),
        bad(Feed::Orders, "one.edi", b"I", "x12.interchange_expected"),
        bad(
            Feed::Orders,
            "truncated.edi",
            truncated,
            "x12.header_truncated",
        ),
        bad(
            Feed::Orders,
            "noise.edi",
            &noise,
            "x12.interchange_expected",
        ),
        bad(Feed::Stock, "empty.csv", b"", "file.empty"),
        bad(Feed::Stock, "one.csv", b"A", "file.too_short"),
        bad(Feed::Stock, "noise.csv", &noise, "file.binary"),
        bad(Feed::Stock, "encoding.csv", &wrong_byte, "text.undecodable"),
        bad(
            Feed::Stock,
            "columns.csv",
            without_column.as_bytes(),
            "delimited.column_missing",
        ),
    ]
}

#[test]
fn bad_files_are_set_aside_with_a_reason_and_the_next_good_one_arrives() {
    let bridge = Bridge::running(Plan::default());
    let mut expected = Expected::default();
    for (index, bad) in bad_files().into_iter().enumerate() {
        bridge.drop_file(bad.feed, bad.name, &bad.content);
        let row = u32::try_from(index).expect("a short list");
        bridge.drop_file(
            Feed::Stock,
            &format!("good-{index}.csv"),
            &stock(row..row + 1, 1),
        );
        bridge.drop_file(
            Feed::Orders,
            &format!("good-{index}.edi"),
            &orders(100 + row, row..row + 1, 1),
        );
        expected.stock(row..row + 1);
        expected.orders(row..row + 1);
        bridge.wait_for_effects(expected.documents(), SOON);
        let began = Instant::now();
        let reason = loop {
            let found = bridge
                .quarantined(bad.feed)
                .into_iter()
                .find(|(name, _)| name == bad.name);
            if let Some((_, reason)) = found {
                break reason;
            }
            assert!(
                began.elapsed() < SOON,
                "{} is not set aside\n{}",
                bad.name,
                bridge.last_words()
            );
        };
        says_why(&bad, &reason);
    }
    check(&bridge, &expected);
}

/// The reason names the file, a stable code, a sentence, and a place wherever the file has one.
fn says_why(bad: &Bad, reason: &str) {
    let parsed: Value =
        serde_json::from_str(reason).unwrap_or_else(|problem| panic!("{}: {problem}", bad.name));
    let problem = parsed
        .pointer("/problems/0")
        .unwrap_or_else(|| panic!("{}: no problem in {reason}", bad.name));
    let text = |field: &str| {
        problem
            .get(field)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    assert_eq!(text("code"), bad.code, "{}: {reason}", bad.name);
    assert!(text("message").len() > 10, "{}: {reason}", bad.name);
    let place = ["byte", "line", "segment"]
        .iter()
        .any(|field| problem.get(field).is_some());
    assert!(
        place || bad.content.is_empty(),
        "{}: no place in {reason}",
        bad.name
    );
}

#[test]
fn a_line_of_200_megabytes_is_set_aside_in_bounded_memory() {
    let mut bridge = Bridge::running(Plan::default());
    let path = bridge.folder().join("line.csv");
    let mut file = fs::File::create(&path).expect("a big file");
    file.write_all(b"Artikel;Lager;Bestand;Stand\r\n")
        .expect("a header");
    let chunk = vec![b'9'; 1 << 20];
    (0..200).for_each(|_| file.write_all(&chunk).expect("a long line"));
    fs::rename(&path, bridge.inbox(Feed::Stock).join("line.csv")).expect("the file in the inbox");
    let found = wait_for_quarantine(&bridge, Feed::Stock, 1, Duration::from_secs(60));
    assert!(
        found
            .iter()
            .any(|(name, reason)| name == "line.csv" && reason.contains("\"byte\"")),
        "{found:?}"
    );
    let peak = bridge.program(Side::Agent).usage().peak;
    assert!(
        peak < 64 << 20,
        "the agent took {} MiB for one line",
        peak >> 20
    );
    bridge.drop_file(Feed::Stock, "good.csv", &stock(0..1, 1));
    bridge.wait_for_effects(1, SOON);
}

#[test]
fn documents_wait_while_the_relay_is_away() {
    let mut bridge = Bridge::new(Plan::default());
    let mut expected = Expected::default();
    bridge.start(Side::Agent);
    for version in 1..=3 {
        bridge.drop_file(
            Feed::Stock,
            &format!("stock-{version}.csv"),
            &stock(0..400, version),
        );
        expected.stock(0..400);
    }
    bridge
        .wait_until_archived(Feed::Stock, 3, SOON)
        .expect("files are queued without a relay");
    assert_eq!(bridge.ledger().book().calls.len(), 0);
    bridge.start(Side::Relay);
    bridge.settle(expected.documents(), SOON);
    check(&bridge, &expected);
    bridge.kill(Side::Relay);
    bridge.drop_file(Feed::Orders, "orders.edi", &orders(1, 0..30, 1));
    expected.orders(0..30);
    bridge.start(Side::Relay);
    bridge.settle(expected.documents(), SOON);
    check(&bridge, &expected);
}

#[test]
fn documents_wait_while_the_shop_is_closed_and_retry_after_is_honoured() {
    let mut bridge = Bridge::new(Plan {
        batch: 1000,
        in_flight: 1,
        ..Plan::default()
    });
    let mut expected = Expected::default();
    bridge.close_shop();
    bridge.start(Side::Relay);
    bridge.start(Side::Agent);
    bridge.drop_file(Feed::Stock, "stock.csv", &stock(0..50, 1));
    expected.stock(0..50);
    std::thread::sleep(Duration::from_millis(500));
    bridge.ledger().set_mood(Mood::Refuses(429, Some(2)));
    bridge.open_shop();
    bridge.wait("a first call", SOON, |book| !book.calls.is_empty());
    bridge.ledger().set_mood(Mood::Open);
    bridge.settle(expected.documents(), SOON);
    check(&bridge, &expected);
    let book = bridge.ledger().book();
    let [first, second, ..] = book.calls.as_slice() else {
        panic!("two calls: {:?}", book.calls)
    };
    assert_eq!(first.status, 429);
    let pause = second.at.duration_since(first.at);
    assert!(
        pause >= Duration::from_millis(1_990),
        "the shop asked for 2 s and got {pause:?}"
    );
}

#[test]
fn a_lost_answer_is_followed_by_a_repeat_without_effect() {
    let bridge = Bridge::running(Plan::default());
    let mut expected = Expected::default();
    bridge.ledger().set_mood(Mood::LosesAnswers);
    bridge.drop_file(Feed::Orders, "orders.edi", &orders(1, 0..20, 1));
    expected.orders(0..20);
    bridge.wait("a repeat", SOON, |book| book.repeats > 0);
    bridge.ledger().set_mood(Mood::Open);
    bridge.settle(expected.documents(), SOON);
    check(&bridge, &expected);
}

#[test]
fn a_refused_document_does_not_hold_up_the_others() {
    let bridge = Bridge::running(Plan {
        batch: 1,
        ..Plan::default()
    });
    let mut expected = Expected::default();
    bridge.ledger().set_mood(Mood::Refuses(422, None));
    bridge.drop_file(Feed::Orders, "refused.edi", &orders(1, 0..1, 1));
    bridge.wait("a refusal", SOON, |book| !book.calls.is_empty());
    bridge.ledger().set_mood(Mood::Open);
    bridge.drop_file(Feed::Orders, "orders.edi", &orders(2, 5..9, 1));
    expected.orders(5..9);
    bridge.settle(expected.documents(), SOON);
    check(&bridge, &expected);
    assert_eq!(
        bridge
            .ledger()
            .book()
            .calls
            .iter()
            .filter(|call| call.status == 422)
            .count(),
        1,
        "refused for good"
    );
}

#[test]
fn both_programs_stop_in_order_and_go_on_where_they_were() {
    let mut bridge = Bridge::running(Plan::default());
    let mut expected = Expected::default();
    for version in 1..=4 {
        bridge.drop_file(
            Feed::Stock,
            &format!("stock-{version}.csv"),
            &stock(0..300, version),
        );
        expected.stock(0..300);
        match version {
            1 => bridge.stop(Side::Agent),
            2 => bridge.start(Side::Agent),
            3 => bridge.stop(Side::Relay),
            _ => bridge.start(Side::Relay),
        }
    }
    bridge.settle(expected.documents(), SOON);
    check(&bridge, &expected);
    assert_eq!(
        bridge.ledger().book().repeats,
        0,
        "stopping in good order repeats nothing"
    );
}

#[test]
fn an_interchange_sent_twice_is_delivered_once_and_a_reused_number_is_set_aside() {
    let bridge = Bridge::running(Plan::default());
    let mut expected = Expected::default();
    bridge.drop_file(Feed::Orders, "first.edi", &orders(1, 0..5, 1));
    expected.orders(0..5);
    bridge.wait_for_effects(5, SOON);
    bridge.drop_file(Feed::Orders, "again.edi", &orders(1, 0..5, 1));
    bridge.drop_file(Feed::Orders, "other.edi", &orders(1, 0..5, 2));
    let aside = wait_for_quarantine(&bridge, Feed::Orders, 1, SOON);
    assert!(
        aside
            .iter()
            .all(|(name, reason)| name == "other.edi" && reason.contains("control_number")),
        "{aside:?}"
    );
    bridge.settle(expected.documents(), SOON);
    check(&bridge, &expected);
    assert_eq!(bridge.archived(Feed::Orders), ["again.edi", "first.edi"]);
}
