//! A receiver of webhooks that checks every signature and keeps what it took.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use canonical::envelope::Envelope;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use platforms::signature::{self, Key};
use tokio::net::TcpListener;

use super::{SECRET, json};

/// An event that the shop took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::trials) struct Taken {
    pub(in crate::trials) id: String,
    pub(in crate::trials) subject: String,
    pub(in crate::trials) sequence: u64,
}

/// What the shop answers to a request with these events: a status and a `Retry-After` in seconds.
type Temper = Box<dyn Fn(&[Envelope]) -> (u16, Option<u64>) + Send + Sync>;

/// A receiver of webhooks on loopback.
#[derive(Clone)]
pub(in crate::trials) struct Shop {
    pub(in crate::trials) address: SocketAddr,
    desk: Arc<Desk>,
}

struct Desk {
    temper: Temper,
    /// Events of requests that were answered with 2xx, in order.
    taken: Mutex<Vec<Taken>>,
    /// For each request: its status and how many events it held.
    calls: Mutex<Vec<(u16, usize)>>,
    changed: tokio::sync::watch::Sender<()>,
}

impl Shop {
    pub(in crate::trials) async fn open() -> Self {
        Self::with(|_| (200, None)).await
    }

    pub(in crate::trials) async fn with(
        temper: impl Fn(&[Envelope]) -> (u16, Option<u64>) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let desk = Arc::new(Desk {
            temper: Box::new(temper),
            taken: Mutex::default(),
            calls: Mutex::default(),
            changed: tokio::sync::watch::Sender::new(()),
        });
        let shop = Self {
            address,
            desk: Arc::clone(&desk),
        };
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let desk = Arc::clone(&desk);
                tokio::spawn(async move {
                    let service = service_fn(move |request| Arc::clone(&desk).serve(request));
                    let served = auto::Builder::new(TokioExecutor::new());
                    drop(served.serve_connection(TokioIo::new(stream), service).await);
                });
            }
        });
        shop
    }

    pub(in crate::trials) fn taken(&self) -> Vec<Taken> {
        self.desk.taken.lock().unwrap().clone()
    }

    pub(in crate::trials) fn calls(&self) -> Vec<(u16, usize)> {
        self.desk.calls.lock().unwrap().clone()
    }

    /// Waits until `enough`, 10 s at most.
    pub(in crate::trials) async fn wait(&self, enough: impl Fn(&Self) -> bool) {
        let mut changed = self.desk.changed.subscribe();
        let waited = async {
            while !enough(self) {
                changed.changed().await.unwrap();
            }
        };
        if tokio::time::timeout(Duration::from_secs(10), waited)
            .await
            .is_err()
        {
            panic!("took {:?}, calls {:?}", self.taken(), self.calls());
        }
    }
}

impl Desk {
    async fn serve(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, Infallible> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let header = |name: &str| head.headers[name].to_str().unwrap();
        let timestamp = header(signature::TIMESTAMP_HEADER);
        signature::verify(
            &[Key::parse(SECRET).unwrap()],
            header(signature::ID_HEADER),
            timestamp,
            header(signature::SIGNATURE_HEADER),
            &body,
            timestamp.parse().unwrap(),
            signature::TOLERANCE,
        )
        .unwrap();
        let events: Vec<Envelope> = match header("content-type") {
            "application/cloudevents+json" => vec![json(&body)],
            "application/cloudevents-batch+json" => json(&body),
            other => panic!("content type {other}"),
        };
        let (status, retry_after) = (self.temper)(&events);
        if status < 300 {
            self.taken
                .lock()
                .unwrap()
                .extend(events.iter().map(|event| Taken {
                    id: event.id.to_string(),
                    subject: event.subject.clone(),
                    sequence: event.sequence.parse().unwrap(),
                }));
        }
        self.calls.lock().unwrap().push((status, events.len()));
        self.changed.send_replace(());
        let mut response = Response::builder().status(status);
        if let Some(seconds) = retry_after {
            response = response.header("retry-after", seconds);
        }
        Ok(response.body(Full::from("because")).unwrap())
    }
}

/// How often each subject was taken.
pub(in crate::trials) fn by_subject(taken: &[Taken]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for event in taken {
        *counts.entry(event.subject.as_str()).or_default() += 1;
    }
    counts
}
