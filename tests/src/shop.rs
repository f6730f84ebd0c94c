//! A sample shop: an HTTP server on loopback that takes CloudEvents, one or a batch to a request, checks every
//! signature and keeps book. An event's effect happens once, by its id; a repeat is counted and has none.
//! It can be told to be closed, slow, moody, or to lose its answers. Its book outlives it, as a real shop's would.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use std::{fmt, io};

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::signature;

const BODY_LIMIT: usize = 16 << 20;
const SINGLE: &str = "application/cloudevents+json";
const BATCH: &str = "application/cloudevents-batch+json";

/// What the shop does with the next requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Takes everything.
    Open,
    /// Refuses everything with this status and, when given, a Retry-After of so many seconds.
    Refuses(u16, Option<u64>),
    /// Takes everything, but drops the connection instead of answering.
    LosesAnswers,
    /// Takes everything, this late.
    Slow(Duration),
    /// One in eight: refused, answer lost, or connection dropped before reading. For crash tests.
    Moody,
}

/// One business document that had its effect.
#[derive(Clone, Debug)]
pub struct Effect {
    /// The event's id.
    pub id: String,
    /// Such as `sales_order/4711`.
    pub subject: String,
    /// What order is kept by.
    pub partition_key: String,
    /// The sender's running number.
    pub sequence: u64,
    /// The document, as JSON text.
    pub data: Box<str>,
}

/// One request and what became of it.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// When it had been read.
    pub at: Instant,
    /// What it was answered, also when the answer was then dropped on purpose.
    pub status: u16,
    /// How many events it held; 0 when it was refused unread.
    pub events: usize,
}

/// Everything the shop knows.
#[derive(Debug, Default)]
pub struct Book {
    /// Effects in the order they happened.
    pub effects: Vec<Effect>,
    /// How often a known event came again.
    pub repeats: u64,
    /// Requests whose signature was good.
    pub signed: u64,
    /// Everything that must not happen: bad signatures, malformed events, order broken, an id with other content.
    pub complaints: Vec<String>,
    /// All requests.
    pub calls: Vec<Call>,
    known: HashMap<String, usize>,
    last_of_key: HashMap<String, u64>,
}

/// The parts of a CloudEvent that a shop cares for; it does not use the sender's types.
#[derive(Deserialize)]
struct Event<'a> {
    specversion: &'a str,
    id: String,
    subject: String,
    partitionkey: String,
    sequence: String,
    #[serde(borrow)]
    data: &'a RawValue,
}

impl Book {
    fn enter(&mut self, event: &Event<'_>) {
        if event.specversion != "1.0" {
            self.complaints
                .push(format!("{}: specversion {:?}", event.id, event.specversion));
        }
        if let Some(effect) = self
            .known
            .get(&event.id)
            .and_then(|&index| self.effects.get(index))
        {
            self.repeats += 1;
            if *effect.data != *event.data.get() {
                self.complaints
                    .push(format!("{} came again with other content", event.id));
            }
            return;
        }
        let sequence = event.sequence.parse().unwrap_or(0);
        let last = self
            .last_of_key
            .insert(event.partitionkey.clone(), sequence)
            .unwrap_or(0);
        if sequence <= last {
            self.complaints.push(format!(
                "{}: {sequence} came after {last} of {}",
                event.id, event.partitionkey
            ));
        }
        self.known.insert(event.id.clone(), self.effects.len());
        self.effects.push(Effect {
            id: event.id.clone(),
            subject: event.subject.clone(),
            partition_key: event.partitionkey.clone(),
            sequence,
            data: event.data.get().into(),
        });
    }
}

/// A shop that is open for business. Dropping it closes the door; the book stays.
pub struct Shop {
    address: SocketAddr,
    desk: Arc<Desk>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What the shop's requests share.
struct Desk {
    secret: String,
    book: Mutex<Book>,
    mood: Mutex<Mood>,
}

/// A shop's book and secret, from which it can be opened again after it was closed.
#[derive(Clone)]
pub struct Ledger(Arc<Desk>);

impl Ledger {
    /// An empty book of a shop that shares `secret` (`whsec_…`) with the relay.
    #[must_use]
    pub fn new(secret: &str) -> Self {
        let desk = Desk {
            secret: secret.to_owned(),
            book: Mutex::default(),
            mood: Mutex::new(Mood::Open),
        };
        Self(Arc::new(desk))
    }

    /// The book, locked while it is looked at.
    pub fn book(&self) -> MutexGuard<'_, Book> {
        self.0.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes how the next requests are met.
    pub fn set_mood(&self, mood: Mood) {
        *self.0.mood.lock().unwrap_or_else(PoisonError::into_inner) = mood;
    }

    /// Waits until `enough` of the book holds, looking every few milliseconds.
    ///
    /// # Panics
    /// When it does not within `within`; the message tells what the book has.
    pub fn wait(&self, what: &str, within: Duration, enough: impl Fn(&Book) -> bool) {
        let began = Instant::now();
        while !enough(&self.book()) {
            assert!(
                began.elapsed() < within,
                "{what}: not within {within:?}; the shop has {}",
                self.book()
            );
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl fmt::Display for Book {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            effects,
            repeats,
            calls,
            complaints,
            ..
        } = self;
        write!(
            f,
            "{} effects, {repeats} repeats, {} calls, {} complaints",
            effects.len(),
            calls.len(),
            complaints.len()
        )?;
        complaints
            .iter()
            .take(5)
            .try_for_each(|complaint| write!(f, "\n  {complaint}"))
    }
}

impl Shop {
    /// Opens on `port` of 127.0.0.1, or on any free one when it is 0.
    ///
    /// # Errors
    /// When the port cannot be had.
    pub fn open(ledger: &Ledger, port: u16) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let desk = Arc::clone(&ledger.0);
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let thread = thread::spawn({
            let desk = Arc::clone(&desk);
            move || runtime.block_on(serve(listener, desk, stopped))
        });
        Ok(Self {
            address,
            desk,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where events go.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/events", self.address)
    }

    /// The port, to open again on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Its book.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        Ledger(Arc::clone(&self.desk))
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join()); // A panic in there has been printed; the book shows what is missing.
        }
    }
}

async fn serve(
    listener: std::net::TcpListener,
    desk: Arc<Desk>,
    mut stopped: oneshot::Receiver<()>,
) {
    let listener = TcpListener::from_std(listener).expect("a listener that does not block");
    loop {
        let stream = tokio::select! {
            _ = &mut stopped => return, // The runtime goes with this future, and every connection with the runtime.
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(_) => continue,
            },
        };
        let desk = Arc::clone(&desk);
        tokio::spawn(async move {
            let service = service_fn(move |request| answer(Arc::clone(&desk), request));
            // An error here is the sender going away or `Dropped`: both are part of the game.
            drop(
                auto::Builder::new(TokioExecutor::new())
                    .serve_connection(TokioIo::new(stream), service)
                    .await,
            );
        });
    }
}

/// Makes the server drop the connection instead of answering.
#[derive(Debug)]
struct Dropped;

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("dropped on purpose")
    }
}

impl std::error::Error for Dropped {}

impl From<Infallible> for Dropped {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

async fn answer(
    desk: Arc<Desk>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Dropped> {
    let mood = *desk.mood.lock().unwrap_or_else(PoisonError::into_inner);
    let mood = match mood {
        Mood::Moody => match fastrand::u8(0..24) {
            0 => Mood::Refuses(503, None),
            1 => Mood::LosesAnswers,
            2 => return Err(Dropped),
            _ => Mood::Open,
        },
        Mood::Open | Mood::Refuses(..) | Mood::LosesAnswers | Mood::Slow(_) => mood,
    };
    if let Mood::Slow(delay) = mood {
        tokio::time::sleep(delay).await;
    }
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, BODY_LIMIT).collect().await else {
        return Err(Dropped);
    };
    let body = body.to_bytes();
    if let Mood::Refuses(status, retry_after) = mood {
        desk.note(status, 0);
        return Ok(refusal(status, retry_after));
    }
    let status = desk.take(&head, &body);
    if mood == Mood::LosesAnswers {
        return Err(Dropped);
    }
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    Ok(response)
}

fn refusal(status: u16, retry_after: Option<u64>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Some(seconds) = retry_after {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

impl Desk {
    fn note(&self, status: u16, events: usize) {
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        book.calls.push(Call {
            at: Instant::now(),
            status,
            events,
        });
    }

    /// Enters a request's events into the book, all or none.
    fn take(&self, head: &http::request::Parts, body: &[u8]) -> StatusCode {
        let signed = signature::verify(&self.secret, &head.headers, body, now());
        let kind = head
            .headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let events = signed.and_then(|_| read(kind, body));
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        let (status, count) = match &events {
            Ok(events) => {
                book.signed += 1;
                events.iter().for_each(|event| book.enter(event));
                (StatusCode::NO_CONTENT, events.len())
            }
            Err(problem) => {
                book.complaints.push(problem.clone());
                (StatusCode::BAD_REQUEST, 0)
            }
        };
        book.calls.push(Call {
            at: Instant::now(),
            status: status.as_u16(),
            events: count,
        });
        status
    }
}

fn read<'a>(kind: &str, body: &'a [u8]) -> Result<Vec<Event<'a>>, String> {
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let events = match kind {
        SINGLE => serde_json::from_slice(body).map(|event| vec![event]),
        BATCH => serde_json::from_slice(body),
        other => return Err(format!("content type {other:?}")),
    };
    events.map_err(|problem| format!("{kind}: {problem}"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the shop is a program of its own, and its door has a clock"
)]
fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
