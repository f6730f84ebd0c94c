//! The webhook platform: CloudEvents 1.0 over HTTPS, signed as Standard Webhooks 1.0.0.
//!
//! One event goes out in structured mode (`application/cloudevents+json`, `webhook-id` = the event's id), several as
//! `application/cloudevents-batch+json` with a `webhook-id` that is a hash of their ids. It follows no redirect, asks
//! no proxy that is not configured, and keeps at most 4 KiB of an answer.
//!
//! Invariant: the same batch always carries the same `webhook-id`; only the timestamp and the signature change between
//! attempts. A receiver that must not see a document twice compares the ids of the events: after a crash of the relay
//! the same events may come grouped into other batches.

mod config;

use std::path::Path;
use std::time::SystemTime;

use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, Method, Response, Url};
use sha2::{Digest as _, Sha256};

use self::config::Prepared;
pub use self::config::{WebhookConfig, WebhookError};
use crate::signature::{self, Key};
use crate::verdict::classify;
use crate::{Event, Verdict, clock};

/// How much of a receiver's answer is kept as the reason.
const REASON_BYTES: usize = 4096;

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
        let Prepared { client, url, keys } = config.prepare(base)?;
        Ok(Self {
            client,
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
