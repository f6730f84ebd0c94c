//! In order, each once, durable: repeats, gaps, new logs, conflicts, restarts.

use canonical::link::{BlockAnswer, DocumentVerdict};
use http::StatusCode;

use super::kit::{Bench, EPOCH, Shop, by_subject, frame, frame_with, ingest, stock, stocks};

const NEW_EPOCH: &str = "00c0ffee00c0ffef";

fn all(count: u32, verdict: DocumentVerdict) -> BlockAnswer {
    BlockAnswer::all(count, verdict)
}

/// One letter for each document: accepted, duplicate, rejected, conflict.
fn letters(answer: &BlockAnswer) -> String {
    let mut letters = String::new();
    for run in &answer.answers {
        let letter = match run.verdict {
            DocumentVerdict::Accepted => 'a',
            DocumentVerdict::Duplicate => 'd',
            DocumentVerdict::Rejected { .. } => 'r',
            DocumentVerdict::Conflict { .. } => 'c',
        };
        letters.extend((0..run.count).map(|_| letter));
    }
    letters
}

#[tokio::test]
async fn blocks_that_overtake_each_other_are_stored_in_order() {
    let shop = Shop::open().await;
    let bench = Bench::with_shop(&shop, "batch = 10").await;
    let agent = bench.agent().await;
    assert_eq!(
        agent.hello(EPOCH, &[("state", 1)]).await.unwrap().lanes["state"],
        1
    );
    let ingest = ingest(1);
    let mut puts = Vec::new();
    for ordinal in (1..=6_u64).rev() {
        let (agent, frame) = (
            agent.clone(),
            frame(&ingest, ordinal, &[stock(&ingest, ordinal, "B1", 7)]),
        );
        puts.push(tokio::spawn(async move {
            agent.put(EPOCH, "state", ordinal, frame).await
        }));
        tokio::task::yield_now().await;
    }
    for put in puts {
        assert_eq!(
            put.await.unwrap().unwrap(),
            all(1, DocumentVerdict::Accepted)
        );
    }
    shop.wait(|shop| shop.taken().len() == 6).await;
    let order: Vec<u64> = shop.taken().iter().map(|event| event.sequence).collect();
    assert_eq!(order, [1, 2, 3, 4, 5, 6]);
    assert_eq!(
        agent.hello(EPOCH, &[("state", 1)]).await.unwrap().lanes["state"],
        7
    );
}

#[tokio::test]
async fn a_gap_is_named() {
    let bench = Bench::new("").await;
    let agent = bench.agent().await;
    agent.hello(EPOCH, &[("state", 3)]).await.unwrap();
    let block = frame(&ingest(1), 1, &stocks(&ingest(1), 1));
    for ordinal in [4, 99] {
        let (status, refusal) = agent
            .put(EPOCH, "state", ordinal, block.clone())
            .await
            .unwrap_err();
        assert_eq!(
            (status, refusal.code.as_str(), refusal.expected),
            (StatusCode::CONFLICT, "out_of_order", Some(3))
        );
    }
    // The agent's own number was taken when the stream was new, and is not taken again.
    assert_eq!(
        agent.hello(EPOCH, &[("state", 9)]).await.unwrap().lanes["state"],
        3
    );
    agent.put(EPOCH, "state", 3, block.clone()).await.unwrap();
    assert_eq!(
        agent.put(EPOCH, "state", 2, block).await.unwrap(),
        all(1, DocumentVerdict::Duplicate)
    );
}

#[tokio::test]
async fn a_repeat_is_a_duplicate_also_after_a_restart() {
    let shop = Shop::open().await;
    let mut bench = Bench::with_shop(&shop, "batch = 10").await;
    let block = frame(&ingest(1), 1, &stocks(&ingest(1), 5));
    let agent = bench.agent().await;
    agent.hello(EPOCH, &[("state", 1)]).await.unwrap();
    assert_eq!(
        letters(&agent.put(EPOCH, "state", 1, block.clone()).await.unwrap()),
        "aaaaa"
    );
    assert_eq!(
        letters(&agent.put(EPOCH, "state", 1, block.clone()).await.unwrap()),
        "ddddd"
    );
    bench.wait(|stats| stats.delivered == 5).await;
    bench.stop().await;
    bench.start().await;
    let agent = bench.agent().await;
    // No greeting is needed: the relay remembers the stream.
    assert_eq!(
        letters(&agent.put(EPOCH, "state", 1, block).await.unwrap()),
        "ddddd"
    );
    agent
        .put(
            EPOCH,
            "state",
            2,
            frame(&ingest(2), 6, &[stock(&ingest(2), 0, "last", 1)]),
        )
        .await
        .unwrap();
    shop.wait(|shop| {
        shop.taken()
            .iter()
            .any(|event| event.subject == "inventory_level/last@STO")
    })
    .await;
    assert_eq!(
        shop.taken().len(),
        6,
        "a cursor that was recorded at the stop repeats nothing"
    );
}

#[tokio::test]
async fn a_new_log_of_the_same_claims_doubles_nothing() {
    let shop = Shop::open().await;
    let bench = Bench::with_shop(&shop, "batch = 100").await;
    let agent = bench.agent().await;
    agent.hello(EPOCH, &[("state", 1)]).await.unwrap();
    let ingest = ingest(1);
    let documents = stocks(&ingest, 10);
    agent
        .put(EPOCH, "state", 1, frame(&ingest, 1, &documents[..4]))
        .await
        .unwrap();
    agent
        .put(EPOCH, "state", 2, frame(&ingest, 5, &documents[4..8]))
        .await
        .unwrap();

    // The agent lost its queue after eight of ten, and one row is not what it was.
    agent.hello(NEW_EPOCH, &[("state", 1)]).await.unwrap();
    let mut again = documents.clone();
    again[2] = stock(&ingest, 2, "B2", 999);
    let block = frame(&ingest, 1, &again);
    for _ in 0..2 {
        let answer = agent
            .put(NEW_EPOCH, "state", 1, block.clone())
            .await
            .unwrap();
        let first = letters(&answer);
        assert!(first == "ddcdddddaa" || first == "ddcddddddd", "{first}");
    }
    shop.wait(|shop| shop.taken().len() >= 10).await;
    assert!(
        by_subject(&shop.taken()).values().all(|count| *count == 1),
        "{:?}",
        shop.taken()
    );

    // Another agent's rows are its own, whatever it calls its claims.
    let other = bench.agent_named("lb://acme/a2").await;
    other.hello(EPOCH, &[("state", 1)]).await.unwrap();
    assert_eq!(
        letters(&other.put(EPOCH, "state", 1, block).await.unwrap()),
        "aaaaaaaaaa"
    );
    let stats = bench.running().stats();
    assert_eq!((stats.accepted, stats.conflicts), (20, 2));
}

#[tokio::test]
async fn what_an_agent_derived_again_is_compared_within_its_own_log() {
    let bench = Bench::new("").await;
    let agent = bench.agent().await;
    agent.hello(EPOCH, &[("state", 1)]).await.unwrap();
    let ingest = ingest(1);
    let documents = stocks(&ingest, 6);
    agent
        .put(EPOCH, "state", 1, frame(&ingest, 1, &documents[..3]))
        .await
        .unwrap();
    let block = frame_with(&ingest, 7, &documents, true);
    assert_eq!(
        letters(&agent.put(EPOCH, "state", 2, block).await.unwrap()),
        "dddaaa"
    );
    // Without that word a record under a new number is the agent's own affair.
    let block = frame(&ingest, 13, &documents[..1]);
    assert_eq!(
        letters(&agent.put(EPOCH, "state", 3, block).await.unwrap()),
        "a"
    );
    // After its next start it may have lost something else.
    agent.hello(EPOCH, &[("state", 4)]).await.unwrap();
    let block = frame_with(&ingest, 14, &documents, true);
    assert_eq!(
        letters(&agent.put(EPOCH, "state", 4, block).await.unwrap()),
        "dddddd"
    );
}

#[tokio::test]
async fn a_range_is_remembered_when_the_block_is_gone() {
    let mut bench = Bench::new("").await;
    let agent = bench.agent().await;
    agent.hello(EPOCH, &[("state", 1)]).await.unwrap();
    let ingest = ingest(1);
    agent
        .put(EPOCH, "state", 1, frame(&ingest, 1, &stocks(&ingest, 4)))
        .await
        .unwrap();
    bench.stop().await;
    prune_everything(&bench);
    bench.start().await;
    let agent = bench.agent().await;
    agent.hello(NEW_EPOCH, &[("state", 1)]).await.unwrap();
    let answer = agent
        .put(
            NEW_EPOCH,
            "state",
            1,
            frame(&ingest, 1, &stocks(&ingest, 5)),
        )
        .await
        .unwrap();
    assert_eq!(letters(&answer), "dddda");
}

/// Lets the store forget every block, as it would after the retention.
fn prune_everything(bench: &Bench) {
    let options = spool::Options {
        segment_bytes: 4096,
        retention: std::time::Duration::ZERO,
        ..spool::Options::default()
    };
    let opened = spool::Spool::open(&bench.folder.path().join("data"), &options).unwrap();
    // Only closed segments go: fill up the one that is open.
    for n in 0..4 {
        let body =
            spool::Packed::pack(&(0..8_000).map(|_| fastrand::u8(..)).collect::<Vec<_>>()).unwrap();
        let claim = format!("filler/{n}");
        let block = opened.spool.write(&claim, "filler", b"", &body, 1).unwrap();
        let commit = spool::Commit {
            claim: &claim,
            blocks: &[block],
            ..spool::Commit::default()
        };
        let ticket = opened.spool.commit(&commit).unwrap();
        opened.spool.wait(ticket).unwrap();
    }
    let later = crate::clock::now() + std::time::Duration::from_hours(1);
    opened.spool.prune(&|_, _| true, later).unwrap();
    assert_eq!(
        opened.spool.get("acme/a1/state", 1).unwrap(),
        None,
        "the block is gone"
    );
    opened.spool.close();
}

#[tokio::test]
async fn a_block_of_nothing_new_moves_the_stream_on() {
    let mut bench = Bench::new("").await;
    let agent = bench.agent().await;
    let ingest = ingest(1);
    let block = frame(&ingest, 1, &stocks(&ingest, 3));
    agent.hello(EPOCH, &[("state", 1)]).await.unwrap();
    agent.put(EPOCH, "state", 1, block.clone()).await.unwrap();
    agent.hello(NEW_EPOCH, &[("state", 1)]).await.unwrap();
    assert_eq!(
        letters(
            &agent
                .put(NEW_EPOCH, "state", 1, block.clone())
                .await
                .unwrap()
        ),
        "ddd"
    );
    bench.stop().await;
    bench.start().await;
    let agent = bench.agent().await;
    assert_eq!(
        agent.hello(NEW_EPOCH, &[("state", 1)]).await.unwrap().lanes["state"],
        2
    );
}
