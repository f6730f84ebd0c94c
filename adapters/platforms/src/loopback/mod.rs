//! The webhook platform against a real HTTP server on loopback: every kind of answer, and what goes over the wire.

mod receiver;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use self::receiver::{Answer, Log, Seen, answer, receiver, reply};
use crate::signature::{self, Key};
use crate::{Event, Verdict, Webhook, WebhookConfig};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const PREVIOUS: &str = "whsec_bmV3IHNlY3JldCBvZiAyNCBieXRlcyEh";

fn secret(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    #[cfg(unix)]
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    format!("secret = {{ file = \"{name}\" }}")
}

fn webhook(url: &str, more: &str) -> Webhook {
    let folder = tempfile::tempdir().unwrap();
    let secret = secret(folder.path(), "secret", SECRET);
    let config: WebhookConfig =
        toml::from_str(&format!("url = \"{url}\"\n{secret}\n{more}")).unwrap();
    Webhook::new(&config, folder.path()).unwrap()
}

fn event(id: &str) -> Event {
    Event {
        id: id.to_owned(),
        key: "k".to_owned(),
        body: format!("{{\"id\":\"{id}\"}}").into_bytes(),
    }
}

fn now() -> u64 {
    #[allow(clippy::disallowed_methods, reason = "the receiver's clock")]
    let now = SystemTime::now();
    now.duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn verified(seen: &Seen, secret: &str) -> bool {
    let header = |name: &str| seen.headers[name].to_str().unwrap();
    signature::verify(
        &[Key::parse(secret).unwrap()],
        header(signature::ID_HEADER),
        header(signature::TIMESTAMP_HEADER),
        header(signature::SIGNATURE_HEADER),
        &seen.body,
        now(),
        signature::TOLERANCE,
    )
    .is_ok()
}

fn refused(status: u16) -> Verdict {
    Verdict::Refused {
        status,
        reason: "because".to_owned(),
    }
}

fn retry(status: u16, after: Option<u64>) -> Verdict {
    Verdict::Retry {
        after: after.map(Duration::from_secs),
        status: Some(status),
        reason: "because".to_owned(),
    }
}

fn unauthorised(status: u16) -> Verdict {
    Verdict::Unauthorised {
        status,
        reason: "because".to_owned(),
    }
}

#[tokio::test]
async fn every_kind_of_answer() {
    let gone = Verdict::Gone {
        reason: "because".to_owned(),
    };
    let long_ago = ("retry-after", "Thu, 01 Jan 1970 00:00:00 GMT");
    for (status, header, want) in [
        (200, None, Verdict::Delivered),
        (202, None, Verdict::Delivered),
        (302, Some(("location", "/elsewhere")), refused(302)),
        (308, Some(("location", "/elsewhere")), refused(308)),
        (400, None, refused(400)),
        (401, None, unauthorised(401)),
        (403, None, unauthorised(403)),
        (410, None, gone),
        (413, None, refused(413)),
        (429, Some(("retry-after", "7")), retry(429, Some(7))),
        (503, Some(long_ago), retry(503, Some(0))),
        (429, None, retry(429, None)),
        (500, None, retry(500, None)),
    ] {
        let headers = header.into_iter().collect();
        let (address, log) = receiver(Answer {
            headers,
            ..answer(status)
        })
        .await;
        let hook = webhook(&format!("http://{address}/hooks"), "");
        assert_eq!(hook.deliver(&[event("a")]).await, want, "status {status}");
        let paths: Vec<String> = log
            .lock()
            .unwrap()
            .iter()
            .map(|seen| seen.path.clone())
            .collect();
        assert_eq!(
            paths,
            ["/hooks"],
            "one request, no redirect followed, {status}"
        );
    }
}

#[tokio::test]
async fn what_is_no_answer_is_tried_again() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let refused = closed.local_addr().unwrap();
    drop(closed);

    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let drops = silent.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = silent.accept().await.unwrap();
            let mut some = [0; 1024];
            assert!(stream.read(&mut some).await.unwrap() > 0);
        }
    });

    let rude = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gibberish = rude.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = rude.accept().await.unwrap();
            stream.write_all(b"250 OK\r\n\r\n").await.unwrap();
        }
    });

    let (slow, _log) = receiver(Answer {
        after: Duration::from_secs(60),
        ..answer(200)
    })
    .await;
    for address in [refused, drops, gibberish, slow] {
        let hook = webhook(&format!("http://{address}/t0ken"), "timeout_seconds = 1");
        let verdict = hook.deliver(&[event("a")]).await;
        let Verdict::Retry {
            after: None,
            status: None,
            reason,
        } = verdict
        else {
            panic!("{verdict:?}");
        };
        assert!(!reason.is_empty() && !reason.contains("t0ken"), "{reason}");
    }
}

#[tokio::test]
async fn an_answer_is_kept_to_four_kilobytes() {
    let (address, _log) = receiver(Answer {
        body: vec![b'x'; 1 << 20],
        ..answer(422)
    })
    .await;
    let verdict = webhook(&format!("http://{address}/"), "")
        .deliver(&[event("a")])
        .await;
    let Verdict::Refused {
        status: 422,
        reason,
    } = verdict
    else {
        panic!("{verdict:?}");
    };
    assert_eq!(reason.len(), 4096);
}

#[tokio::test]
async fn one_event_goes_out_in_structured_mode() {
    let (address, log) = receiver(answer(204)).await;
    let hook = webhook(&format!("http://{address}/hooks"), "");
    for _ in 0..2 {
        assert_eq!(hook.deliver(&[event("lb1-7")]).await, Verdict::Delivered);
    }
    for seen in log.lock().unwrap().iter() {
        assert_eq!(seen.headers["content-type"], "application/cloudevents+json");
        assert_eq!(seen.headers["webhook-id"], "lb1-7");
        assert_eq!(seen.body, br#"{"id":"lb1-7"}"#);
        assert!(verified(seen, SECRET) && !verified(seen, PREVIOUS));
    }
}

#[tokio::test]
async fn several_events_go_out_as_a_batch_with_a_stable_id() {
    let (address, log) = receiver(answer(200)).await;
    let hook = webhook(&format!("http://{address}/hooks"), "batch = 10");
    for batch in [
        &[event("a"), event("b")][..],
        &[event("a"), event("b")],
        &[event("c")],
        &[],
    ] {
        assert_eq!(hook.deliver(batch).await, Verdict::Delivered);
    }
    let log = log.lock().unwrap();
    let ids: Vec<&str> = log
        .iter()
        .map(|seen| seen.headers["webhook-id"].to_str().unwrap())
        .collect();
    assert_eq!(ids.len(), 3, "an empty batch is no request");
    assert_eq!(ids[0], ids[1]);
    assert_ne!(ids[0], ids[2]);
    assert_eq!(log[0].body, br#"[{"id":"a"},{"id":"b"}]"#);
    assert_eq!(
        log[2].body, br#"[{"id":"c"}]"#,
        "a batch of one is still a batch"
    );
    for seen in log.iter() {
        assert_eq!(
            seen.headers["content-type"],
            "application/cloudevents-batch+json"
        );
        assert!(verified(seen, SECRET));
    }
}

#[tokio::test]
async fn during_a_rotation_both_secrets_sign() {
    let (address, log) = receiver(answer(200)).await;
    let folder = tempfile::tempdir().unwrap();
    let new = secret(folder.path(), "new", SECRET);
    let old = secret(folder.path(), "old", PREVIOUS);
    let config: WebhookConfig = toml::from_str(&format!(
        "url = \"http://{address}/\"\n{new}\nprevious_{old}"
    ))
    .unwrap();
    let hook = Webhook::new(&config, folder.path()).unwrap();
    assert_eq!(hook.deliver(&[event("a")]).await, Verdict::Delivered);
    let log = log.lock().unwrap();
    assert!(verified(&log[0], SECRET) && verified(&log[0], PREVIOUS));
}

#[tokio::test]
async fn over_tls_only_the_configured_authority_is_trusted() {
    let key = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("shop.pem"), key.cert.pem()).unwrap();
    let other = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    fs::write(folder.path().join("other.pem"), other.cert.pem()).unwrap();

    let private =
        rustls_pki_types::PrivateKeyDer::try_from(key.signing_key.serialize_der()).unwrap();
    let tls = rustls::ServerConfig::builder_with_provider(Arc::new(
        rustls::crypto::ring::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .unwrap()
    .with_no_client_auth()
    .with_single_cert(vec![key.cert.der().clone()], private)
    .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(tls));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else {
                    return;
                };
                let service = service_fn(|request| reply(request, answer(200), Log::default()));
                drop(
                    auto::Builder::new(TokioExecutor::new())
                        .serve_connection(TokioIo::new(stream), service)
                        .await,
                );
            });
        }
    });

    let secret = secret(folder.path(), "secret", SECRET);
    for (ca, trusted) in [
        ("ca = \"shop.pem\"", true),
        ("ca = \"other.pem\"", false),
        ("", false),
    ] {
        let text = format!("url = \"https://localhost:{port}/\"\n{secret}\n{ca}");
        let hook = Webhook::new(&toml::from_str(&text).unwrap(), folder.path());
        // Without `ca` it is the system's authorities: none of them, or none at all.
        let delivered = match hook {
            Ok(hook) => hook.deliver(&[event("a")]).await == Verdict::Delivered,
            Err(_) => false,
        };
        assert_eq!(delivered, trusted, "{ca:?}");
    }
}

#[tokio::test]
async fn only_a_configured_proxy_is_asked() {
    let (proxy, log) = receiver(answer(200)).await;
    let hook = webhook(
        "http://127.0.0.1:9/hooks",
        &format!("proxy = \"http://{proxy}\""),
    );
    assert_eq!(hook.deliver(&[event("a")]).await, Verdict::Delivered);
    assert_eq!(log.lock().unwrap()[0].path, "/hooks");
}

#[tokio::test]
async fn a_probe_has_no_effect() {
    let (address, log) = receiver(answer(405)).await;
    assert_eq!(
        webhook(&format!("http://{address}/"), "").probe().await,
        Ok(())
    );
    assert!(log.lock().unwrap()[0].body.is_empty());
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let refused = closed.local_addr().unwrap();
    drop(closed);
    let error = webhook(&format!("http://{refused}/"), "")
        .probe()
        .await
        .unwrap_err();
    assert!(error.contains("connect"), "{error}");
}

#[test]
fn what_is_wrong_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let secret = secret(folder.path(), "secret", SECRET);
    fs::write(folder.path().join("empty.pem"), "no certificate here").unwrap();
    for (text, want) in [
        (
            format!("url = \"http://shop.example/\"\n{secret}"),
            "url: http is for hosts on this machine only",
        ),
        (
            format!("url = \"nonsense\"\n{secret}"),
            "url: relative URL without a base",
        ),
        (
            format!("url = \"https://shop.example/\"\n{secret}\nbatch = 0"),
            "batch = 0 is out of range: 1 to 1000",
        ),
        (
            format!("url = \"https://shop.example/\"\n{secret}\nin_flight = 999"),
            "in_flight = 999 is out of range",
        ),
        (
            format!("url = \"https://shop.example/\"\n{secret}\ntimeout_seconds = 0"),
            "timeout_seconds = 0 is out of",
        ),
        (
            format!("url = \"https://shop.example/\"\n{secret}\nca = \"empty.pem\""),
            "holds no usable PEM certificate",
        ),
        (
            format!("url = \"https://shop.example/\"\n{secret}\nca = \"none.pem\""),
            "none.pem",
        ),
        (
            "url = \"https://shop.example/\"\nsecret = { file = \"empty.pem\" }".to_owned(),
            "secret",
        ),
    ] {
        let error = Webhook::new(&toml::from_str(&text).unwrap(), folder.path())
            .expect_err(want)
            .to_string();
        assert!(error.contains(want), "{error:?} should say {want:?}");
    }
}
