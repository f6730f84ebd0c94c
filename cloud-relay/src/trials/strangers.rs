//! Who is let in, and what is done with hostile bytes.

use bytes::Bytes;
use canonical::document::Sealed;
use canonical::link::{BLOCK_CONTENT_TYPE, BlockHeader, DocumentVerdict, Refusal, encode_block};
use http::{Method, Request, StatusCode};
use http_body_util::Full;
use proptest::prelude::{Strategy as _, any, prop};
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use rustls::version::{TLS12, TLS13};
use spool::Packed;

use super::kit::{Authority, Bench, EPOCH, frame, ingest, stock, stocks};

#[tokio::test]
async fn only_a_certificate_of_the_authority_opens_the_door() {
    let bench = Bench::new("").await;
    let good = bench.authority.client(&["lb://acme/a1"]);
    let foreign = Authority::new().client(&["lb://acme/a1"]);
    for (what, holder, version, alpn) in [
        ("no certificate", None, &TLS13, &b"h2"[..]),
        (
            "a certificate of another authority",
            Some(&foreign),
            &TLS13,
            b"h2",
        ),
        ("TLS 1.2", Some(&good), &TLS12, b"h2"),
        ("HTTP/1.1", Some(&good), &TLS13, b"http/1.1"),
    ] {
        // In TLS 1.3 a client learns only from its first read that it is not wanted.
        let hello = async {
            let agent = bench.connect(holder, version, alpn).await?;
            agent.hello_raw().await
        };
        let got = hello.await;
        assert!(got.is_err(), "{what}: {got:?}");
    }
    let agent = bench.connect(Some(&good), &TLS13, b"h2").await.unwrap();
    let welcome = agent.hello(EPOCH, &[("state", 1)]).await.unwrap();
    assert_eq!(
        (welcome.tenant.as_str(), welcome.agent.as_str()),
        ("acme", "a1")
    );
}

#[tokio::test]
async fn a_certificate_that_names_no_agent_is_told_so() {
    let bench = Bench::new("").await;
    for uris in [
        &[][..],
        &["https://acme.example/"],
        &["lb://acme"],
        &["lb://acme/a", "lb://acme/b"],
    ] {
        let holder = bench.authority.client(uris);
        let agent = bench.connect(Some(&holder), &TLS13, b"h2").await.unwrap();
        let refusal = agent.hello(EPOCH, &[("state", 1)]).await.unwrap_err();
        assert_eq!(refusal.code, "no_identity", "{uris:?}");
        let (status, _) = agent.put_bytes(EPOCH, "state", 1, Vec::new()).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{uris:?}");
    }
}

/// Method, path, body length, and the answer: status and code. `+` stands for the blocks of a known stream.
const WRONG: &[(&str, &str, usize, u16, &str)] = &[
    ("GET", "/", 0, 404, "not_found"),
    ("GET", "/v1/hello", 0, 404, "not_found"),
    ("POST", "/v1/hello/", 0, 404, "not_found"),
    ("POST", "/v1/hello", 1, 400, "bad_hello"),
    ("POST", "/v1/hello", 70_000, 413, "too_large"),
    ("PUT", "+/x", 1, 400, "bad_ordinal"),
    ("PUT", "+/-1", 1, 400, "bad_ordinal"),
    ("PUT", "+/0", 1, 409, "unknown_stream"),
    (
        "PUT",
        "/v1/streams/ffffffffffffffff/state/blocks/1",
        1,
        409,
        "unknown_stream",
    ),
    (
        "PUT",
        "/v1/streams/00c0ffee00c0ffee/..%2fx/blocks/1",
        1,
        409,
        "unknown_stream",
    ),
    ("PUT", "+/1", 1, 400, "bad_block"),
    ("PUT", "+/1", (8 << 20) + 1, 413, "too_large"),
    ("PUT", "+/1/2", 1, 404, "not_found"),
];

#[tokio::test]
async fn what_is_asked_wrongly_is_answered_rightly() {
    let bench = Bench::new("").await;
    let agent = bench.agent().await;
    agent.hello(EPOCH, &[("state", 1)]).await.unwrap();
    let ask = async |method: &str, path: &str, content_type: &str, length: usize| {
        let path = path.replace('+', &format!("/v1/streams/{EPOCH}/state/blocks"));
        let request = Request::builder()
            .method(Method::try_from(method).unwrap())
            .uri(format!("https://localhost{path}"))
            .header("content-type", content_type)
            .body(Full::from(vec![b'{'; length]))
            .unwrap();
        let (status, body) = agent.request(request).await.unwrap();
        let refusal: Refusal = serde_json::from_slice(&body).unwrap();
        (status.as_u16(), refusal.code)
    };
    for (method, path, length, status, code) in WRONG {
        let got = ask(method, path, BLOCK_CONTENT_TYPE, *length).await;
        assert_eq!(
            got,
            (*status, (*code).to_owned()),
            "{method} {path} {length}"
        );
    }
    let got = ask("PUT", "+/1", "application/json", 1).await;
    assert_eq!(got, (415, "content_type".to_owned()));
}

#[tokio::test]
async fn greetings_are_bounded() {
    let bench = Bench::new("").await;
    let agent = bench.agent().await;
    for (epoch, lane, next) in [
        ("C0FFEE", "state", 1),
        (EPOCH, "../state", 1),
        (EPOCH, "state", 0),
    ] {
        let refusal = agent.hello(epoch, &[(lane, next)]).await.unwrap_err();
        assert_eq!(refusal.code, "bad_hello", "{epoch} {lane} {next}");
    }
    let lanes: Vec<String> = (0..17).map(|n| format!("lane{n}")).collect();
    let lanes: Vec<(&str, u64)> = lanes.iter().map(|lane| (lane.as_str(), 1)).collect();
    assert_eq!(
        agent.hello(EPOCH, &lanes).await.unwrap_err().code,
        "bad_hello"
    );
    for n in 0..125_u64 {
        let eight: Vec<(&str, u64)> = lanes.iter().copied().take(8).collect();
        agent.hello(&format!("{n:016x}"), &eight).await.unwrap();
    }
    let refusal = agent
        .hello("ffffffffffffffff", &[("state", 1)])
        .await
        .unwrap_err();
    assert_eq!(refusal.code, "too_many_streams");
    // What was begun goes on, and others are not concerned.
    agent
        .hello("0000000000000000", &[("lane0", 1)])
        .await
        .unwrap();
    bench
        .agent_named("lb://acme/a2")
        .await
        .hello(EPOCH, &[("state", 1)])
        .await
        .unwrap();
}

#[tokio::test]
async fn hostile_blocks_are_refused_and_the_next_good_one_is_taken() {
    let bench = Bench::new("").await;
    let agent = bench.agent().await;
    agent.hello(EPOCH, &[("state", 1)]).await.unwrap();
    let good = frame(&ingest(1), 1, &stocks(&ingest(1), 3));
    let header = |documents, raw_bytes| BlockHeader {
        ingest: ingest(1),
        first_sequence: 1,
        documents,
        raw_bytes,
        derived_again: false,
    };
    let zeros = Packed::pack(&vec![0; 100 << 20]).unwrap();
    let mut hostile = vec![
        encode_block(&header(1, zeros.raw_len()), zeros.bytes()),
        encode_block(&header(1, 1 << 20), zeros.bytes()),
        encode_block(&header(1, u32::MAX), zeros.bytes()),
        encode_block(
            &header(0, 5),
            Packed::pack(&[1, 0, 0, 0, 0]).unwrap().bytes(),
        ),
        encode_block(
            &header(9, 5),
            Packed::pack(&[1, 255, 255, 255, 255]).unwrap().bytes(),
        ),
        frame(&ingest(1), u64::MAX, &stocks(&ingest(1), 1)),
        Vec::new(),
    ];
    let mut runner = TestRunner::deterministic();
    for _ in 0..60 {
        let damage = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6);
        let mut bytes = good.clone();
        for (at, byte) in damage.new_tree(&mut runner).unwrap().current() {
            *at.get_mut(&mut bytes) = byte;
        }
        if bytes != good {
            hostile.push(bytes);
        }
        let noise = prop::collection::vec(any::<u8>(), 0..400);
        hostile.push(noise.new_tree(&mut runner).unwrap().current());
    }
    for bytes in hostile {
        // Ordinal 70 is never due, so that nothing that is well formed by chance is stored.
        let (status, body) = agent.put_bytes(EPOCH, "state", 70, bytes).await;
        let refusal: Refusal = serde_json::from_slice(&body).unwrap();
        let expected = matches!(
            (status.as_u16(), refusal.code.as_str()),
            (400, "bad_block") | (409, "out_of_order")
        );
        assert!(expected, "{status} {refusal:?}");
    }
    let answer = agent.put(EPOCH, "state", 1, good).await.unwrap();
    assert!(answer.covers(3) && answer.answers.len() == 1, "{answer:?}");
}

type Change = fn(&mut Sealed);

/// What is done to a good document, and the code it is then rejected with.
const CHANGES: &[(&str, Change)] = &[
    ("bad_subject", |it| it.subject = "product/B1".to_owned()),
    ("bad_subject", |it| {
        it.subject = "inventory_level/".to_owned()
    }),
    ("bad_subject", |it| {
        it.subject = "inventory_level/B\n1".to_owned()
    }),
    ("bad_subject", |it| {
        it.subject = format!("inventory_level/{}", "B".repeat(600))
    }),
    ("bad_partition_key", |it| it.partition_key = String::new()),
    ("bad_occurrence", |it| {
        it.occurrence = Some("a\u{0}b".to_owned())
    }),
    ("bad_time", |it| it.time = Some("yesterday".to_owned())),
    ("bad_document", |it| it.data = b"[]".to_vec()),
    ("bad_document", |it| it.data = b"{}".to_vec()),
    ("bad_document", |it| it.data = Vec::new()),
    ("bad_document", |it| it.data = b"[".repeat(100_000)),
    ("bad_document", |it| {
        replace(it, b"\"sku\":\"B", b"\"x\":\"\xff\",\"sku\":\"B")
    }),
    ("bad_document", |it| replace(it, b"\"C62\"", b"\"SACK\"")),
    ("bad_document", |it| replace(it, b"\"5\"", b"5")),
    ("bad_provenance", |it| {
        replace(
            it,
            b"01JDC4Z8Q2W3E4R5T6Y7000001",
            b"01JDC4Z8Q2W3E4R5T6Y7999999",
        )
    }),
];

fn replace(document: &mut Sealed, from: &[u8], to: &[u8]) {
    let at = document
        .data
        .windows(from.len())
        .position(|window| window == from)
        .unwrap();
    document
        .data
        .splice(at..at + from.len(), to.iter().copied());
}

#[tokio::test]
async fn a_document_that_is_none_is_rejected_alone() {
    let bench = Bench::new("").await;
    let agent = bench.agent().await;
    agent.hello(EPOCH, &[("state", 1)]).await.unwrap();
    let ingest = ingest(1);
    let mut documents = vec![stock(&ingest, 0, "B1", 5)];
    documents.extend(CHANGES.iter().map(|(_, change)| {
        let mut document = stock(&ingest, 0, "B1", 5);
        change(&mut document);
        document
    }));
    documents.push(stock(&ingest, 1, "B2", 5));
    let frame = frame(&ingest, 1, &documents);
    for good in ["accepted", "duplicate"] {
        let answer = agent.put(EPOCH, "state", 1, frame.clone()).await.unwrap();
        let mut codes = Vec::new();
        for run in &answer.answers {
            let code = match &run.verdict {
                DocumentVerdict::Accepted => "accepted",
                DocumentVerdict::Duplicate => "duplicate",
                DocumentVerdict::Rejected { code, .. } => code,
                DocumentVerdict::Conflict { .. } => "conflict",
            };
            codes.extend((0..run.count).map(|_| code.to_owned()));
        }
        let mut want = vec![good];
        want.extend(CHANGES.iter().map(|(code, _)| *code));
        want.push(good);
        assert_eq!(codes, want, "a lost answer is given again");
    }
}

impl super::kit::Agent {
    /// A greeting whose failure is the connection's.
    async fn hello_raw(&self) -> Result<StatusCode, String> {
        let body = Full::from(Bytes::from_static(b"{}"));
        let request = Request::builder()
            .method(Method::POST)
            .uri("https://localhost/v1/hello")
            .body(body)
            .unwrap();
        Ok(self.request(request).await?.0)
    }
}
