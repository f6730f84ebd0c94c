//! The webhook platform: CloudEvents 1.0 over HTTPS, signed as Standard Webhooks 1.0.0.
//!
//! One event goes out in structured mode (`application/cloudevents+json`, `webhook-id` = the event's id), several as
//! `application/cloudevents-batch+json` with a `webhook-id` that is a hash of their ids. It follows no redirect, asks
//! no proxy that is not configured, and keeps at most 4 KiB of an answer.
//!
//! Invariant: the same batch always carries the same `webhook-id`; only the timestamp and the signature change between
//! attempts. A receiver that must not see a document twice compares the ids of the events: after a crash of the relay
//! the same events may come grouped into other batches.

use std::fs;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use config::SecretRef;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, Method, Response, Url};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use rustls_platform_verifier::BuilderVerifierExt as _;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::signature::{self, Key, KeyError};
use crate::verdict::classify;
use crate::{Event, Verdict, clock};

/// How much of a receiver's answer is kept as the reason.
const REASON_BYTES: usize = 4096;
/// Opening a connection takes this long at most, whatever the whole request may take.
const CONNECT: Duration = Duration::from_secs(10);
/// The most documents in one batch.
const MOST_BATCH: usize = 1_000;
/// The most deliveries at once to one destination.
const MOST_IN_FLIGHT: usize = 256;
/// The longest a receiver may take over one delivery.
const LONGEST_TIMEOUT_SECONDS: u64 = 600;

/// A webhook destination as an operator writes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookConfig {
    /// Where to post. `https`, or `http` for a host on this machine.
    pub url: String,
    /// The signing secret, `whsec_…`.
    pub secret: SecretRef,
    /// The secret before it, while a rotation lasts: every delivery is then signed with both.
    #[serde(default)]
    pub previous_secret: Option<SecretRef>,
    /// The most documents in one request, 1 to 1,000. 1 (the default) is structured mode, more is batch mode.
    #[serde(default = "one")]
    pub batch: usize,
    /// The most requests under way at once, 1 to 256. Default 4.
    #[serde(default = "four")]
    pub in_flight: usize,
    /// How long the receiver may take over one request, 1 to 600. Default 30.
    #[serde(default = "thirty")]
    pub timeout_seconds: u64,
    /// A PEM file with the only certificate authorities to trust. Without it: those of the operating system.
    #[serde(default)]
    pub ca: Option<PathBuf>,
    /// An HTTP proxy to go through, `http://host:port`. The environment's proxy settings are never used.
    #[serde(default)]
    pub proxy: Option<String>,
}

/// Structured mode: one document in a request.
fn one() -> usize {
    1
}

/// Enough to hide a round trip, few enough not to press a small shop.
fn four() -> usize {
    4
}

/// The upper end of what Standard Webhooks advises (15 to 30 s).
fn thirty() -> u64 {
    30
}

/// Why a webhook cannot be set up. Finishes "destination NAME: …".
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// The url is none, or may not be used.
    #[error("url: {reason}")]
    Url {
        /// What is wrong and what to write instead.
        reason: String,
    },
    /// A number is out of its range.
    #[error("{key} = {found} is out of range: {least} to {most}")]
    Range {
        /// The key in the configuration.
        key: &'static str,
        /// What it says.
        found: u64,
        /// The smallest allowed.
        least: u64,
        /// The greatest allowed.
        most: u64,
    },
    /// A secret cannot be had.
    #[error("{key}: {source}")]
    Secret {
        /// The key in the configuration.
        key: &'static str,
        /// Why.
        source: config::SecretError,
    },
    /// A secret is not a webhook secret.
    #[error("{key}: {source}")]
    Key {
        /// The key in the configuration.
        key: &'static str,
        /// Why.
        source: KeyError,
    },
    /// The file of certificate authorities cannot be read.
    #[error("ca {path}: {source}", path = path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file of certificate authorities holds none.
    #[error("ca {path}: holds no usable PEM certificate", path = path.display())]
    CaEmpty {
        /// The file.
        path: PathBuf,
    },
    /// TLS cannot be set up, for example because the operating system has no certificate authorities.
    #[error("could not set up TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The HTTP client cannot be built, for example because of the proxy's address.
    #[error("could not build the HTTP client: {0}")]
    Client(#[from] reqwest::Error),
}

/// A receiver of webhooks.
#[derive(Debug)]
pub struct Webhook {
    client: Client,
    url: Url,
    keys: Vec<Key>,
    batch: usize,
    in_flight: usize,
}

impl Webhook {
    /// Checks the configuration, reads secrets and certificates, and prepares the client. Connects to nothing.
    /// Relative paths are looked up in `base`, the folder of the configuration file.
    ///
    /// # Errors
    /// [`WebhookError`] names the key that is wrong.
    pub fn new(config: &WebhookConfig, base: &Path) -> Result<Self, WebhookError> {
        let url = checked_url(&config.url)?;
        in_range("batch", config.batch, MOST_BATCH)?;
        in_range("in_flight", config.in_flight, MOST_IN_FLIGHT)?;
        if !(1..=LONGEST_TIMEOUT_SECONDS).contains(&config.timeout_seconds) {
            return Err(WebhookError::Range {
                key: "timeout_seconds",
                found: config.timeout_seconds,
                least: 1,
                most: LONGEST_TIMEOUT_SECONDS,
            });
        }
        let mut keys = vec![key("secret", &config.secret, base)?];
        if let Some(previous) = &config.previous_secret {
            keys.push(key("previous_secret", previous, base)?);
        }
        let mut client = Client::builder()
            .tls_backend_preconfigured(tls(&url, config.ca.as_deref(), base)?)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(Duration::from_secs(config.timeout_seconds))
            .connect_timeout(CONNECT)
            .pool_max_idle_per_host(config.in_flight)
            .user_agent(concat!("legacy-bridge/", env!("CARGO_PKG_VERSION")));
        if let Some(proxy) = &config.proxy {
            client = client.proxy(reqwest::Proxy::all(proxy)?);
        }
        Ok(Self {
            client: client.build()?,
            url,
            keys,
            batch: config.batch,
            in_flight: config.in_flight,
        })
    }

    /// The most events [`deliver`](Self::deliver) should be given at once; 1 is structured mode.
    pub fn batch(&self) -> usize {
        self.batch
    }

    /// The most deliveries that should be under way at once.
    pub fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// Asks the receiver for its options, which has no effect there. Any HTTP answer is good: it shows that name,
    /// network, proxy and certificate are.
    ///
    /// # Errors
    /// Why there was no answer.
    pub async fn probe(&self) -> Result<(), String> {
        let sent = self
            .client
            .request(Method::OPTIONS, self.url.clone())
            .send()
            .await;
        sent.map(drop).map_err(causes)
    }

    /// Posts these events in one request, and says what became of it. An empty batch is delivered without a request.
    ///
    /// The mode is the destination's: with `batch` above 1 even a single event goes as a batch of one, so that a
    /// receiver sees one content type only.
    pub async fn deliver(&self, batch: &[Event]) -> Verdict {
        let Some(first) = batch.first() else {
            return Verdict::Delivered;
        };
        let (id, content_type, body) = if self.batch == 1 && batch.len() == 1 {
            (
                first.id.clone(),
                "application/cloudevents+json",
                first.body.clone(),
            )
        } else {
            (
                batch_id(batch),
                "application/cloudevents-batch+json",
                joined(batch),
            )
        };
        let timestamp = clock::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default()
            .as_secs();
        let signatures = signature::sign(&self.keys, &id, timestamp, &body);
        let sent = self
            .client
            .post(self.url.clone())
            .header(CONTENT_TYPE, content_type)
            .header(signature::ID_HEADER, id)
            .header(signature::TIMESTAMP_HEADER, timestamp)
            .header(signature::SIGNATURE_HEADER, signatures)
            .body(body)
            .send()
            .await;
        match sent {
            Ok(response) => answered(response).await,
            Err(error) => Verdict::Retry {
                after: None,
                status: None,
                reason: causes(error),
            },
        }
    }
}

/// The verdict of an answer that began to arrive. Its status decides; the body is only read for the reason.
async fn answered(mut response: Response) -> Verdict {
    let status = response.status().as_u16();
    let retry_after = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let mut kept = Vec::new();
    // Also read on success: a connection with an unread answer cannot be used again. A body that breaks off takes
    // nothing back from the status.
    while kept.len() < REASON_BYTES {
        let Ok(Some(chunk)) = response.chunk().await else {
            break;
        };
        let room = REASON_BYTES - kept.len();
        kept.extend(chunk.iter().take(room));
    }
    classify(
        status,
        retry_after.as_deref(),
        readable(&kept),
        clock::now(),
    )
}

/// An answer's body as one line of text: what is not UTF-8 replaced, control characters as spaces.
fn readable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect::<String>()
        .trim()
        .to_owned()
}

/// A failed request with all its causes, without the url: it may hold a token.
fn causes(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

/// A name for this very batch: the same events in the same order have the same one. Holds no dot, as the standard asks.
fn batch_id(batch: &[Event]) -> String {
    let mut hash = Sha256::new();
    hash.update(b"lb-batch-1");
    for event in batch {
        hash.update(b"\n");
        hash.update(event.id.as_bytes());
    }
    let mut id = String::from("lbb1-");
    for byte in hash.finalize() {
        for half in [byte >> 4, byte & 15] {
            id.push(char::from_digit(half.into(), 16).unwrap_or('0'));
        }
    }
    id
}

/// The events as one JSON array (CloudEvents JSON batch format), their bytes unchanged.
fn joined(batch: &[Event]) -> Vec<u8> {
    let bytes = batch
        .iter()
        .map(|event| event.body.len() + 1)
        .sum::<usize>();
    let mut body = Vec::with_capacity(bytes + 1);
    body.push(b'[');
    for (index, event) in batch.iter().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        body.extend_from_slice(&event.body);
    }
    body.push(b']');
    body
}

/// The address, if documents may be sent there: encrypted, or not leaving this machine.
fn checked_url(text: &str) -> Result<Url, WebhookError> {
    let wrong = |reason: String| WebhookError::Url { reason };
    let url =
        Url::parse(text).map_err(|error| wrong(format!("{error}: write https://host/path")))?;
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let loopback =
        host == "localhost" || address.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        "http" => {
            return Err(wrong(
                "http is for hosts on this machine only: write https://…".to_owned(),
            ));
        }
        other => {
            return Err(wrong(format!(
                "scheme {other} is not known: write https://…"
            )));
        }
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(
            "holds a user or password: the signature proves who is sending, leave them out"
                .to_owned(),
        ));
    }
    Ok(url)
}

fn in_range(key: &'static str, found: usize, most: usize) -> Result<(), WebhookError> {
    if (1..=most).contains(&found) {
        return Ok(());
    }
    Err(WebhookError::Range {
        key,
        found: found as u64,
        least: 1,
        most: most as u64,
    })
}

fn key(name: &'static str, secret: &SecretRef, base: &Path) -> Result<Key, WebhookError> {
    let secret = secret
        .resolve(base)
        .map_err(|source| WebhookError::Secret { key: name, source })?;
    Key::parse(secret.expose()).map_err(|source| WebhookError::Key { key: name, source })
}

/// TLS 1.2 or 1.3 towards the receiver, trusting `ca` alone or else what the operating system trusts.
fn tls(url: &Url, ca: Option<&Path>, base: &Path) -> Result<ClientConfig, WebhookError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let builder = match ca {
        Some(ca) => builder.with_root_certificates(authorities(&base.join(ca))?),
        // A machine without certificate authorities can still deliver to itself.
        None if url.scheme() == "http" => builder.with_root_certificates(RootCertStore::empty()),
        None => builder.with_platform_verifier()?,
    };
    let mut config = builder.with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn authorities(path: &Path) -> Result<RootCertStore, WebhookError> {
    let pem = fs::read(path).map_err(|source| WebhookError::CaFile {
        path: path.to_owned(),
        source,
    })?;
    let empty = || WebhookError::CaEmpty {
        path: path.to_owned(),
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.ok().ok_or_else(empty)?;
        roots.add(certificate).ok().ok_or_else(empty)?;
    }
    if roots.is_empty() {
        return Err(empty());
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(id: &str, body: &str) -> Event {
        Event {
            id: id.to_owned(),
            key: String::new(),
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn addresses() {
        for (url, allowed) in [
            ("https://shop.example/hooks", true),
            ("https://10.0.0.7:8443/", true),
            ("http://127.0.0.1:8080/hooks", true),
            ("http://127.9.9.9/", true),
            ("http://[::1]:8080/", true),
            ("http://localhost:1/", true),
            ("http://shop.example/", false),
            ("http://10.0.0.7/", false),
            ("http://localhost.evil.example/", false),
            ("http://127.0.0.1.evil.example/", false),
            ("ftp://127.0.0.1/", false),
            ("https://user:word@shop.example/", false),
            ("shop.example", false),
            ("", false),
        ] {
            assert_eq!(checked_url(url).is_ok(), allowed, "{url}");
        }
    }

    #[test]
    fn a_batch_is_a_json_array_of_the_same_bytes() {
        let batch = [
            event("a", r#"{"id":"a","n":1.10}"#),
            event("b", r#"{"id":"b"}"#),
        ];
        assert_eq!(joined(&batch), br#"[{"id":"a","n":1.10},{"id":"b"}]"#);
        assert_eq!(joined(&batch[..1]), br#"[{"id":"a","n":1.10}]"#);
    }

    #[test]
    fn a_batch_is_named_after_its_events_in_their_order() {
        let (a, b) = (event("a", "1"), event("b", "2"));
        let name = batch_id(&[a.clone(), b.clone()]);
        assert_eq!(name, batch_id(&[event("a", "other"), b.clone()]));
        assert_ne!(name, batch_id(&[b.clone(), a.clone()]));
        assert_ne!(name, batch_id(&[a]));
        assert_ne!(
            batch_id(&[event("ab", "")]),
            batch_id(&[event("a", ""), event("b", "")])
        );
        assert_eq!(name.len(), 5 + 64);
        assert!(!name.contains('.'));
    }

    #[test]
    fn answers_become_one_line() {
        assert_eq!(
            readable(b" bad\r\n\x1b[31mfield \xff\n"),
            "bad   [31mfield \u{fffd}"
        );
    }
}
