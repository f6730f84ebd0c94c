//! A store with a damaged block: the relay starts, says so, delivers the rest, and takes the block again.

use std::fs;
use std::path::{Path, PathBuf};

use canonical::link::decode_block;

use crate::config::RelayConfig;
use crate::dead_letters::{DeadLetters, Selection};

use super::kit::{Bench, EPOCH, Shop, by_subject, frame, ingest, stocks};

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// Flips a byte in the middle of `bytes` wherever they are stored under `folder`.
fn damage(folder: &Path, bytes: &[u8]) {
    let mut hits = 0;
    for path in files(folder) {
        let mut content = fs::read(&path).unwrap();
        if let Some(at) = content
            .windows(bytes.len())
            .position(|window| window == bytes)
        {
            content[at + bytes.len() / 2] ^= 0x40;
            fs::write(&path, content).unwrap();
            hits += 1;
        }
    }
    assert_eq!(hits, 1, "the block lies in one file, as it was sent");
}

#[tokio::test]
async fn a_damaged_block_hides_no_other_and_can_be_sent_again() {
    let shop = Shop::with(|_| (503, None)).await;
    let mut bench = Bench::with_shop(&shop, "batch = 10").await;
    let agent = bench.agent().await;
    agent.hello(EPOCH, &[("state", 1)]).await.unwrap();
    let documents = stocks(&ingest(1), 9);
    let frames: Vec<Vec<u8>> = (0..3_u64)
        .map(|n| {
            let at = usize::try_from(n).unwrap() * 3;
            frame(&ingest(1), n * 3 + 1, &documents[at..at + 3])
        })
        .collect();
    for (ordinal, frame) in (1..).zip(&frames) {
        agent
            .put(EPOCH, "state", ordinal, frame.clone())
            .await
            .unwrap();
    }
    bench.stop().await;
    let (_, body) = decode_block(&frames[1]).unwrap();
    damage(&bench.folder.path().join("data"), body);

    let shop = Shop::open().await;
    bench.deliver_to(&shop);
    bench.start().await;
    shop.wait(|shop| shop.taken().len() == 6).await;
    let sequences: Vec<u64> = shop.taken().iter().map(|event| event.sequence).collect();
    assert_eq!(sequences, [1, 2, 3, 7, 8, 9]);

    // The agent derives the claim again and sends it under a new log.
    let agent = bench.agent().await;
    agent
        .hello("00c0ffee00c0ffef", &[("state", 1)])
        .await
        .unwrap();
    agent
        .put(
            "00c0ffee00c0ffef",
            "state",
            1,
            frame(&ingest(1), 1, &documents),
        )
        .await
        .unwrap();
    shop.wait(|shop| shop.taken().len() == 9).await;
    assert_eq!(by_subject(&shop.taken()).len(), 9, "each once");
    bench.stop().await;

    let config = RelayConfig::read(&bench.folder.path().join("relay.toml")).unwrap();
    let store = DeadLetters::open(&config).unwrap();
    let letters = store.list().unwrap();
    let found: Vec<(&str, u64)> = letters
        .iter()
        .map(|letter| (letter.code.as_str(), letter.ordinal))
        .collect();
    assert_eq!(found, [("relay.block_unreadable", 2)]);
    let replayed = store.replay(&Selection::All).unwrap();
    assert_eq!((replayed.documents, replayed.unreadable.len()), (0, 1));
    store.close();
}
