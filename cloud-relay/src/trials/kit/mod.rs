//! What the trials stand on: an authority, a relay in a folder, an agent's side of the link.

mod documents;
mod shop;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use canonical::link::{self, BlockAnswer, Hello, Refusal, Welcome};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::string::Ia5String;
use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, SanType,
};
use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

pub(in crate::trials) use documents::{frame, frame_with, ingest, order, stock, stocks};
pub(in crate::trials) use shop::{Shop, by_subject};

use crate::config::RelayConfig;
use crate::{Running, Stats, start};

pub(in crate::trials) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
pub(in crate::trials) const EPOCH: &str = "00c0ffee00c0ffee";

/// A certificate authority.
pub(in crate::trials) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

/// A certificate with its key.
pub(in crate::trials) struct Holder {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Authority {
    pub(in crate::trials) fn new() -> Self {
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
    pub(in crate::trials) fn client(&self, uris: &[&str]) -> Holder {
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
pub(in crate::trials) struct Bench {
    pub(in crate::trials) folder: TempDir,
    pub(in crate::trials) authority: Authority,
    running: Option<Running>,
}

impl Bench {
    /// A relay with these destinations (TOML), listening.
    pub(in crate::trials) async fn new(destinations: &str) -> Self {
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
    pub(in crate::trials) async fn with_shop(shop: &Shop, more: &str) -> Self {
        Self::new(&destination(shop, more)).await
    }

    /// From its next start on, the relay delivers to `shop`, in batches of ten, and nowhere else.
    pub(in crate::trials) fn deliver_to(&self, shop: &Shop) {
        let path = self.folder.path().join("relay.toml");
        let text = fs::read_to_string(&path).unwrap();
        let relay = text.split("[destinations").next().unwrap();
        fs::write(&path, format!("{relay}{}", destination(shop, "batch = 10"))).unwrap();
    }

    pub(in crate::trials) async fn start(&mut self) {
        let config = RelayConfig::read(&self.folder.path().join("relay.toml")).unwrap();
        self.running = Some(start(config).await.unwrap());
    }

    pub(in crate::trials) async fn stop(&mut self) {
        self.running.take().unwrap().stop().await;
    }

    pub(in crate::trials) fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    /// Waits until the relay's own counters say `enough`, 10 s at most.
    pub(in crate::trials) async fn wait(&self, enough: impl Fn(&Stats) -> bool) {
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
    pub(in crate::trials) async fn agent(&self) -> Agent {
        self.agent_named("lb://acme/a1").await
    }

    pub(in crate::trials) async fn agent_named(&self, uri: &str) -> Agent {
        let holder = self.authority.client(&[uri]);
        self.connect(Some(&holder), &rustls::version::TLS13, b"h2")
            .await
            .unwrap()
    }

    /// A TLS connection of whatever kind, or why there is none.
    pub(in crate::trials) async fn connect(
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
pub(in crate::trials) struct Agent {
    sender: SendRequest<Full<Bytes>>,
}

impl Agent {
    /// Any request; status and body of the answer.
    pub(in crate::trials) async fn request(
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

    pub(in crate::trials) async fn hello(
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
    pub(in crate::trials) async fn put_bytes(
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

    pub(in crate::trials) async fn put(
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
