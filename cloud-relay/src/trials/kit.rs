//! What the trials stand on: an authority, an agent's side of the link, documents, and a shop.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use canonical::block::{BlockBuilder, BlockLimits};
use canonical::document::Sealed;
use canonical::entity::{Entity, EntityKind};
use canonical::envelope::Envelope;
use canonical::ingest::Ingest;
use canonical::link::{self, BlockAnswer, BlockHeader, Hello, Refusal, Welcome};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http2::{self, SendRequest};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use platforms::signature::{self, Key};
use rcgen::string::Ia5String;
use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, SanType,
};
use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use spool::Packed;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;

use crate::config::RelayConfig;
use crate::{Running, Stats, start};

pub(super) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
pub(super) const EPOCH: &str = "00c0ffee00c0ffee";

/// A certificate authority.
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

/// A certificate with its key.
pub(super) struct Holder {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Authority {
    pub(super) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self {
            issuer: Issuer::new(params, key),
            pem,
        }
    }

    fn issue(&self, names: Vec<SanType>, usage: ExtendedKeyUsagePurpose) -> Holder {
        let mut params = CertificateParams::default();
        params.subject_alt_names = names;
        params.extended_key_usages = vec![usage];
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Holder { certificate, key }
    }

    /// A client with these URI names.
    pub(super) fn client(&self, uris: &[&str]) -> Holder {
        let uri = |uri: &&str| SanType::URI(Ia5String::try_from(*uri).unwrap());
        self.issue(
            uris.iter().map(uri).collect(),
            ExtendedKeyUsagePurpose::ClientAuth,
        )
    }

    fn server(&self) -> Holder {
        let name = SanType::DnsName(Ia5String::try_from("localhost").unwrap());
        self.issue(vec![name], ExtendedKeyUsagePurpose::ServerAuth)
    }
}

/// A relay with its folder.
pub(super) struct Bench {
    pub(super) folder: TempDir,
    pub(super) authority: Authority,
    running: Option<Running>,
}

impl Bench {
    /// A relay with these destinations (TOML), listening.
    pub(super) async fn new(destinations: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::new();
        let server = authority.server();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            private(&path);
        };
        write("ca.pem", &authority.pem);
        write("relay.pem", &server.certificate.pem());
        write("relay.key", &server.key.serialize_pem());
        write("shop.secret", SECRET);
        let relay = "[relay]\nlisten = \"127.0.0.1:0\"\ndata = \"data\"\ncertificate = \"relay.pem\"\n\
                     key = { file = \"relay.key\" }\nagents_ca = \"ca.pem\"\n";
        write("relay.toml", &format!("{relay}{destinations}"));
        let mut bench = Self {
            folder,
            authority,
            running: None,
        };
        bench.start().await;
        bench
    }

    /// A relay that delivers everything of `acme` to `shop`; `more` goes into the webhook's table.
    pub(super) async fn with_shop(shop: &Shop, more: &str) -> Self {
        Self::new(&destination(shop, more)).await
    }

    /// From its next start on, the relay delivers to `shop`, in batches of ten, and nowhere else.
    pub(super) fn deliver_to(&self, shop: &Shop) {
        let path = self.folder.path().join("relay.toml");
        let text = fs::read_to_string(&path).unwrap();
        let relay = text.split("[destinations").next().unwrap();
        fs::write(&path, format!("{relay}{}", destination(shop, "batch = 10"))).unwrap();
    }

    pub(super) async fn start(&mut self) {
        let config = RelayConfig::read(&self.folder.path().join("relay.toml")).unwrap();
        self.running = Some(start(config).await.unwrap());
    }

    pub(super) async fn stop(&mut self) {
        self.running.take().unwrap().stop().await;
    }

    pub(super) fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    /// Waits until the relay's own counters say `enough`, 10 s at most.
    pub(super) async fn wait(&self, enough: impl Fn(&Stats) -> bool) {
        let waited = async {
            while !enough(&self.running().stats()) {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        if tokio::time::timeout(Duration::from_secs(10), waited)
            .await
            .is_err()
        {
            panic!("{:?}", self.running().stats());
        }
    }

    /// An agent `acme/a1`, connected.
    pub(super) async fn agent(&self) -> Agent {
        self.agent_named("lb://acme/a1").await
    }

    pub(super) async fn agent_named(&self, uri: &str) -> Agent {
        let holder = self.authority.client(&[uri]);
        self.connect(Some(&holder), &rustls::version::TLS13, b"h2")
            .await
            .unwrap()
    }

    /// A TLS connection of whatever kind, or why there is none.
    pub(super) async fn connect(
        &self,
        holder: Option<&Holder>,
        version: &'static SupportedProtocolVersion,
        alpn: &[u8],
    ) -> Result<Agent, String> {
        let mut roots = RootCertStore::empty();
        let ca = rustls::pki_types::pem::PemObject::from_pem_slice(self.authority.pem.as_bytes());
        roots.add(ca.unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[version])
            .unwrap();
        let builder = builder.with_root_certificates(roots);
        let mut config = match holder {
            Some(holder) => {
                let key = PrivateKeyDer::try_from(holder.key.serialize_der()).unwrap();
                builder
                    .with_client_auth_cert(vec![holder.certificate.der().clone()], key)
                    .unwrap()
            }
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = vec![alpn.to_vec()];
        let stream = TcpStream::connect(self.running().local_addr())
            .await
            .unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let stream = TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await;
        let stream = stream.map_err(|error| error.to_string())?;
        let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .map_err(|error| error.to_string())?;
        tokio::spawn(async move { drop(connection.await) });
        Ok(Agent { sender })
    }
}

fn destination(shop: &Shop, more: &str) -> String {
    format!(
        "[destinations.shop]\ntenant = \"acme\"\nretry = {{ first_milliseconds = 5, longest_milliseconds = 20 }}\n\
         webhook = {{ url = \"http://{}/events\", secret = {{ file = \"shop.secret\" }}, {more} }}\n",
        shop.address
    )
}

fn private(path: &Path) {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    #[cfg(not(unix))]
    assert!(path.exists());
}

/// An agent's side of one connection.
#[derive(Clone)]
pub(super) struct Agent {
    sender: SendRequest<Full<Bytes>>,
}

impl Agent {
    /// Any request; status and body of the answer.
    pub(super) async fn request(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<(StatusCode, Bytes), String> {
        let answer = self
            .sender
            .clone()
            .send_request(request)
            .await
            .map_err(|error| error.to_string())?;
        let status = answer.status();
        let body = answer
            .into_body()
            .collect()
            .await
            .map_err(|error| error.to_string())?;
        Ok((status, body.to_bytes()))
    }

    pub(super) async fn hello(
        &self,
        epoch: &str,
        lanes: &[(&str, u64)],
    ) -> Result<Welcome, Refusal> {
        let lanes = lanes
            .iter()
            .map(|(lane, next)| ((*lane).to_owned(), *next))
            .collect();
        let hello = Hello {
            epoch: epoch.to_owned(),
            agent_version: "0".to_owned(),
            lanes,
        };
        let body = Full::from(serde_json::to_vec(&hello).unwrap());
        let request = Request::builder()
            .method(Method::POST)
            .uri("https://localhost/v1/hello")
            .body(body)
            .unwrap();
        let (status, body) = self.request(request).await.unwrap();
        if status == StatusCode::OK {
            Ok(json(&body))
        } else {
            Err(json(&body))
        }
    }

    /// Puts bytes as a block; status and body of the answer.
    pub(super) async fn put_bytes(
        &self,
        epoch: &str,
        lane: &str,
        ordinal: u64,
        frame: Vec<u8>,
    ) -> (StatusCode, Bytes) {
        let uri = format!(
            "https://localhost{}",
            link::block_path(epoch, lane, ordinal)
        );
        let request = Request::builder()
            .method(Method::PUT)
            .uri(uri)
            .header("content-type", link::BLOCK_CONTENT_TYPE)
            .body(Full::from(frame))
            .unwrap();
        self.request(request).await.unwrap()
    }

    pub(super) async fn put(
        &self,
        epoch: &str,
        lane: &str,
        ordinal: u64,
        frame: Vec<u8>,
    ) -> Result<BlockAnswer, (StatusCode, Refusal)> {
        let (status, body) = self.put_bytes(epoch, lane, ordinal, frame).await;
        if status == StatusCode::OK {
            Ok(json(&body))
        } else {
            Err((status, json(&body)))
        }
    }
}

fn json<T: serde::de::DeserializeOwned>(body: &[u8]) -> T {
    serde_json::from_slice(body)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(body)))
}

/// The claim number `n`.
pub(super) fn ingest(n: u32) -> Ingest {
    serde_json::from_value(serde_json::json!({
        "ingest_id": format!("01JDC4Z8Q2W3E4R5T6Y7{n:06}"),
        "feed": "stock",
        "received_at": "2026-11-23T08:41:40Z",
        "file": { "name": "stock.csv", "size": 3, "sha256": "0".repeat(64) },
    }))
    .unwrap()
}

fn sealed(kind: EntityKind, ingest: &Ingest, record: u64, members: &str) -> Sealed {
    let id = ingest.ingest_id.as_str();
    let text = format!(
        r#"{{"schema_version":"1.0","provenance":{{"ingest_id":"{id}","received_at":"2026-11-23T08:41:40Z"}},{members}}}"#
    );
    let entity = Entity::from_json(kind, text.as_bytes()).unwrap();
    Sealed {
        kind,
        record,
        revision: 0,
        subject: entity.subject(),
        partition_key: entity.partition_key(),
        time: None,
        occurrence: None,
        data: text.into_bytes(),
    }
}

/// The stock of `sku` as record `record` of `ingest`.
pub(super) fn stock(ingest: &Ingest, record: u64, sku: &str, on_hand: u32) -> Sealed {
    let members = format!(
        r#""sku":"{sku}","location":{{"code":"STO"}},"as_of":"2026-11-23","mode":"absolute","quantities":{{"on_hand":{{"value":"{on_hand}","unit":"C62"}}}}"#
    );
    sealed(EntityKind::InventoryLevel, ingest, record, &members)
}

/// The order `id` with `note` in it, as record `record` of `ingest`.
pub(super) fn order(ingest: &Ingest, record: u64, id: &str, note: &str) -> Sealed {
    let members = format!(
        r#""order_id":"{id}","currency":"EUR","parties":[{{"role":"buyer","name":"{note}"}}],"lines":[{{"line":"1","quantity":{{"value":"1","unit":"C62"}}}}]"#
    );
    sealed(EntityKind::SalesOrder, ingest, record, &members)
}

/// `count` stock rows of as many articles, records 0 to `count`.
pub(super) fn stocks(ingest: &Ingest, count: u64) -> Vec<Sealed> {
    (0..count)
        .map(|record| stock(ingest, record, &format!("B{record}"), 5))
        .collect()
}

/// A frame with these documents.
pub(super) fn frame(ingest: &Ingest, first_sequence: u64, documents: &[Sealed]) -> Vec<u8> {
    frame_with(ingest, first_sequence, documents, false)
}

pub(super) fn frame_with(
    ingest: &Ingest,
    first_sequence: u64,
    documents: &[Sealed],
    derived_again: bool,
) -> Vec<u8> {
    let mut builder = BlockBuilder::new(BlockLimits::BUILD);
    for document in documents {
        builder.push(document);
    }
    let (raw, documents) = builder.finish();
    let packed = Packed::pack(&raw).unwrap();
    let header = BlockHeader {
        ingest: ingest.clone(),
        first_sequence,
        documents,
        raw_bytes: packed.raw_len(),
        derived_again,
    };
    link::encode_block(&header, packed.bytes())
}

/// An event that the shop took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) id: String,
    pub(super) subject: String,
    pub(super) sequence: u64,
}

/// What the shop answers to a request with these events: a status and a `Retry-After` in seconds.
type Temper = Box<dyn Fn(&[Envelope]) -> (u16, Option<u64>) + Send + Sync>;

/// A receiver of webhooks on loopback.
#[derive(Clone)]
pub(super) struct Shop {
    pub(super) address: SocketAddr,
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
    pub(super) async fn open() -> Self {
        Self::with(|_| (200, None)).await
    }

    pub(super) async fn with(
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

    pub(super) fn taken(&self) -> Vec<Taken> {
        self.desk.taken.lock().unwrap().clone()
    }

    pub(super) fn calls(&self) -> Vec<(u16, usize)> {
        self.desk.calls.lock().unwrap().clone()
    }

    /// Waits until `enough`, 10 s at most.
    pub(super) async fn wait(&self, enough: impl Fn(&Self) -> bool) {
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
pub(super) fn by_subject(taken: &[Taken]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for event in taken {
        *counts.entry(event.subject.as_str()).or_default() += 1;
    }
    counts
}
