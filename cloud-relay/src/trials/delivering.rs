//! What reaches the shop: everything once, in order per key, whatever the shop says.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::config::RelayConfig;
use crate::dead_letters::{DeadLetters, Selection};

use super::kit::{Bench, EPOCH, Shop, by_subject, frame, ingest, order, stock, stocks};

/// Sends `documents` as the first block of `lane`.
macro_rules! send {
    ($bench:expr, $lane:expr, $documents:expr) => {{
        let agent = $bench.agent().await;
        agent.hello(EPOCH, &[($lane, 1)]).await.unwrap();
        agent
            .put(EPOCH, $lane, 1, frame(&ingest(1), 1, &$documents))
            .await
            .unwrap();
    }};
}

#[tokio::test]
async fn one_by_one_and_in_batches() {
    for (settings, largest) in [("in_flight = 3", 1), ("batch = 40", 40)] {
        let shop = Shop::open().await;
        let bench = Bench::with_shop(&shop, settings).await;
        let mut documents = stocks(&ingest(1), 100);
        documents.push(stock(&ingest(1), 100, "B7", 6));
        send!(bench, "state", documents);
        shop.wait(|shop| shop.taken().len() >= 101).await;
        let taken = shop.taken();
        assert_eq!(taken.len(), 101);
        assert_eq!(by_subject(&taken).len(), 100);
        let of_b7: Vec<u64> = taken
            .iter()
            .filter(|event| event.subject == "inventory_level/B7@STO")
            .map(|event| event.sequence)
            .collect();
        assert_eq!(of_b7, [8, 101]);
        assert!(
            shop.calls().iter().all(|(_, events)| *events <= largest),
            "{:?}",
            shop.calls()
        );
        bench.wait(|stats| stats.delivered == 101).await;
    }
}

#[tokio::test]
async fn a_shop_that_fails_is_tried_again_and_other_keys_pass() {
    let tries = AtomicUsize::new(0);
    let shop = Shop::with(move |events| {
        let stubborn = events
            .iter()
            .any(|event| event.subject == "inventory_level/B1@STO");
        if stubborn && tries.fetch_add(1, Ordering::SeqCst) < 5 {
            (500, None)
        } else {
            (200, None)
        }
    })
    .await;
    let bench = Bench::with_shop(&shop, "in_flight = 2").await;
    let mut documents = stocks(&ingest(1), 30);
    documents.push(stock(&ingest(1), 30, "B1", 6));
    send!(bench, "state", documents);
    shop.wait(|shop| shop.taken().len() == 31).await;
    let of_b1: Vec<u64> = shop
        .taken()
        .iter()
        .filter(|event| event.subject == "inventory_level/B1@STO")
        .map(|event| event.sequence)
        .collect();
    assert_eq!(of_b1, [2, 31], "the second of the key waited for the first");
    bench
        .wait(|stats| (stats.delivered, stats.retries, stats.dead) == (31, 5, 0))
        .await;
}

#[tokio::test]
async fn retry_after_holds_back_everything() {
    let asked: &'static Mutex<Option<Instant>> = Box::leak(Box::default());
    let shop = Shop::with(move |_| {
        let mut asked = asked.lock().unwrap();
        match *asked {
            None => {
                *asked = Some(Instant::now());
                (429, Some(1))
            }
            Some(at) if at.elapsed() < Duration::from_secs(1) => (418, None),
            Some(_) => (200, None),
        }
    })
    .await;
    let bench = Bench::with_shop(&shop, "in_flight = 1").await;
    send!(bench, "state", stocks(&ingest(1), 20));
    shop.wait(|shop| shop.taken().len() == 20).await;
    assert!(
        shop.calls().iter().all(|(status, _)| *status != 418),
        "{:?}",
        shop.calls()
    );
}

#[tokio::test]
async fn the_poison_in_a_batch_is_found_and_the_rest_arrives() {
    let shop = Shop::with(|events| {
        let poison = events.iter().any(|event| event.subject.contains("/B17@"));
        if poison { (422, None) } else { (200, None) }
    })
    .await;
    let mut bench = Bench::with_shop(&shop, "batch = 50").await;
    send!(bench, "state", stocks(&ingest(1), 50));
    bench
        .wait(|stats| (stats.delivered, stats.dead) == (49, 1))
        .await;
    assert!(
        shop.calls().len() <= 2 * 7,
        "found by halving: {:?}",
        shop.calls()
    );
    let taken = shop.taken();
    let sequences: Vec<u64> = taken.iter().map(|event| event.sequence).collect();
    assert!(
        sequences.is_sorted(),
        "halves keep their order: {sequences:?}"
    );
    bench.stop().await;
    let letters = letters(&bench);
    assert_eq!(letters.len(), 1);
    let letter = &letters[0];
    assert_eq!(
        (letter.reader.as_str(), letter.lane.as_str()),
        ("shop", "acme/a1/state")
    );
    assert_eq!((letter.ordinal, letter.index, letter.attempts), (1, 17, 1));
    assert_eq!(letter.subject, "inventory_level/B17@STO");
    assert_eq!(
        (letter.code.as_str(), letter.reason.as_str()),
        ("platform.refused", "answered 422: because")
    );
}

/// The dead letters of a relay that stands still.
fn letters(bench: &Bench) -> Vec<spool::DeadLetter> {
    let opened = spool::Spool::open(
        &bench.folder.path().join("data"),
        &spool::Options::default(),
    )
    .unwrap();
    let letters = opened.spool.dead_letters(None, 0, 100).unwrap();
    opened.spool.close();
    letters
}

#[tokio::test]
async fn behind_a_refused_order_its_key_waits_for_a_person() {
    let shop = Shop::with(|events| {
        let poison = events
            .iter()
            .any(|event| event.subject == "sales_order/PO1" && event.sequence.ends_with("02"));
        if poison { (400, None) } else { (200, None) }
    })
    .await;
    let mut bench = Bench::with_shop(&shop, "in_flight = 2").await;
    let ingest_1 = ingest(1);
    let documents = [
        order(&ingest_1, 0, "PO1", "first"),
        order(&ingest_1, 1, "PO1", "poison"),
        order(&ingest_1, 2, "PO2", "other"),
        order(&ingest_1, 3, "PO1", "behind"),
    ];
    send!(bench, "commands", documents);
    bench
        .wait(|stats| (stats.delivered, stats.dead) == (2, 2))
        .await;
    bench.stop().await;
    bench.start().await;
    let agent = bench.agent().await;
    let later = [
        order(&ingest(2), 0, "PO1", "later"),
        order(&ingest(2), 1, "PO3", "free"),
    ];
    agent
        .put(EPOCH, "commands", 2, frame(&ingest(2), 5, &later))
        .await
        .unwrap();
    bench
        .wait(|stats| (stats.delivered, stats.dead) == (1, 1))
        .await;
    bench.stop().await;
    let mut taken: Vec<u64> = shop.taken().iter().map(|event| event.sequence).collect();
    taken.sort_unstable();
    assert_eq!(taken, [1, 3, 6]);
    let mut letters = letters(&bench);
    letters.sort_by_key(|letter| (letter.ordinal, letter.index));
    let places: Vec<(u64, u32, &str)> = letters
        .iter()
        .map(|letter| (letter.ordinal, letter.index, letter.code.as_str()))
        .collect();
    assert_eq!(
        places,
        [
            (1, 1, "platform.refused"),
            (1, 3, "relay.behind"),
            (2, 0, "relay.behind")
        ]
    );
    assert_eq!(letters[2].reason, format!("behind {}", letters[0].id));
}

#[tokio::test]
async fn a_replay_sends_the_whole_key_in_order_and_frees_it() {
    let mended: &'static AtomicUsize = Box::leak(Box::default());
    let shop = Shop::with(move |events| {
        let poison = events.iter().any(|event| event.sequence.ends_with("01"));
        if poison && mended.load(Ordering::SeqCst) == 0 {
            (422, None)
        } else {
            (200, None)
        }
    })
    .await;
    let mut bench = Bench::with_shop(&shop, "in_flight = 2").await;
    let ingest_1 = ingest(1);
    let documents = [
        order(&ingest_1, 0, "PO1", "poison"),
        order(&ingest_1, 1, "PO1", "behind"),
        order(&ingest_1, 2, "PO2", "other"),
    ];
    send!(bench, "commands", documents);
    bench
        .wait(|stats| (stats.delivered, stats.dead) == (1, 2))
        .await;
    bench.stop().await;
    mended.store(1, Ordering::SeqCst);
    let config = RelayConfig::read(&bench.folder.path().join("relay.toml")).unwrap();
    let store = DeadLetters::open(&config).unwrap();
    let letters = store.list().unwrap();
    // The one behind is named; the one before it comes along, and first.
    let chosen = Selection::Ids([letters[1].id.clone()].into());
    assert_eq!(store.replay(&chosen).unwrap().documents, 2);
    assert_eq!(store.replay(&Selection::All).unwrap().documents, 0);
    assert!(store.list().unwrap().is_empty());
    store.close();
    bench.start().await;
    let agent = bench.agent().await;
    let later = [order(&ingest(2), 0, "PO1", "later")];
    agent
        .put(EPOCH, "commands", 2, frame(&ingest(2), 4, &later))
        .await
        .unwrap();
    bench.wait(|stats| stats.delivered == 3).await;
    let sequences: Vec<u64> = shop.taken().iter().map(|event| event.sequence).collect();
    assert_eq!(sequences, [3, 1, 2, 4]);
    let ids: Vec<String> = shop.taken().iter().map(|event| event.id.clone()).collect();
    assert_eq!(ids[1..3], [letters[0].id.clone(), letters[1].id.clone()]);
}

#[tokio::test]
async fn what_is_let_go_frees_its_key() {
    let shop = Shop::with(|events| {
        let poison = events.iter().any(|event| event.sequence.ends_with("01"));
        if poison { (422, None) } else { (200, None) }
    })
    .await;
    let mut bench = Bench::with_shop(&shop, "in_flight = 2").await;
    send!(bench, "commands", [order(&ingest(1), 0, "PO1", "poison")]);
    bench.wait(|stats| stats.dead == 1).await;
    bench.stop().await;
    let config = RelayConfig::read(&bench.folder.path().join("relay.toml")).unwrap();
    let store = DeadLetters::open(&config).unwrap();
    assert_eq!(
        store
            .let_go(&Selection::Ids(["lb1-unknown".to_owned()].into()))
            .unwrap(),
        0
    );
    assert_eq!(store.let_go(&Selection::All).unwrap(), 1);
    store.close();
    bench.start().await;
    let agent = bench.agent().await;
    let later = [order(&ingest(2), 0, "PO1", "later")];
    agent
        .put(EPOCH, "commands", 2, frame(&ingest(2), 2, &later))
        .await
        .unwrap();
    bench.wait(|stats| stats.delivered == 1).await;
}

#[tokio::test]
async fn only_what_a_destination_takes() {
    let (shop, other) = (Shop::open().await, Shop::open().await);
    let bench = Bench::new(&format!(
        "[destinations.orders]\ntenant = \"acme\"\naccepts = [\"sales_order\"]\n\
         webhook = {{ url = \"http://{}/\", secret = {{ file = \"shop.secret\" }} }}\n\
         [destinations.elsewhere]\ntenant = \"other\"\n\
         webhook = {{ url = \"http://{}/\", secret = {{ file = \"shop.secret\" }} }}\n",
        shop.address, other.address
    ))
    .await;
    let ingest = ingest(1);
    send!(
        bench,
        "commands",
        [
            stock(&ingest, 0, "B1", 1),
            order(&ingest, 1, "PO1", "x"),
            stock(&ingest, 2, "B2", 1)
        ]
    );
    shop.wait(|shop| shop.taken().len() == 1).await;
    assert_eq!(shop.taken()[0].subject, "sales_order/PO1");
    assert_eq!(shop.taken()[0].sequence, 2);
    assert!(other.calls().is_empty());
}

#[tokio::test]
async fn what_was_stored_without_a_shop_arrives_when_there_is_one() {
    let shop = Shop::open().await;
    let mut bench = Bench::new("").await;
    send!(bench, "state", stocks(&ingest(1), 10));
    bench.stop().await;
    bench.deliver_to(&shop);
    bench.start().await;
    shop.wait(|shop| shop.taken().len() == 10).await;
}

#[tokio::test]
async fn a_stop_ends_no_request_and_loses_nothing() {
    let shop = Shop::with(|_| {
        std::thread::sleep(Duration::from_millis(5));
        (200, None)
    })
    .await;
    let mut bench = Bench::with_shop(&shop, "in_flight = 3").await;
    send!(bench, "state", stocks(&ingest(1), 300));
    for at_least in [20, 100, 200] {
        shop.wait(|shop| shop.taken().len() >= at_least).await;
        bench.stop().await;
        bench.start().await;
    }
    shop.wait(|shop| shop.taken().len() >= 300).await;
    bench.stop().await;
    assert_eq!(
        shop.taken().len(),
        300,
        "every answer was heard and every cursor recorded"
    );
    assert_eq!(by_subject(&shop.taken()).len(), 300);
}

#[tokio::test]
async fn a_shop_that_is_gone_or_does_not_know_us_condemns_nothing() {
    for status in [401, 403, 410] {
        let shop = Shop::with(move |_| (status, None)).await;
        let mut bench = Bench::with_shop(&shop, "in_flight = 1").await;
        send!(bench, "state", stocks(&ingest(1), 5));
        shop.wait(|shop| !shop.calls().is_empty()).await;
        bench.stop().await;
        assert!(letters(&bench).is_empty(), "{status}");
        if status == 410 {
            assert_eq!(shop.calls().len(), 1, "a retired address is left alone");
        }
    }
}
