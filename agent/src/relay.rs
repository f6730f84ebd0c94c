//! The agent's side of the link: one HTTP/2 client over mutual TLS 1.3, trusting only the relay's own authority.
//! Follows no redirect, uses no proxy and no system root. Knows nothing of queues.

use std::time::Duration;

use bytes::Bytes;
use canonical::link::{self, BlockAnswer, Hello, Refusal, Welcome};
use reqwest::{Client, Response, StatusCode, header, redirect};
use rustls::RootCertStore;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde::de::DeserializeOwned;

use crate::config::RelayConfig;

/// Largest answer that is read.
const ANSWER_BYTES: usize = 1024 * 1024;

/// Why the client could not be made: the files of `[relay]` do not fit.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// A PEM file holds something else.
    #[error("[relay] {what}: {cause}")]
    Pem {
        /// The setting at fault.
        what: &'static str,
        /// What the PEM reader says.
        cause: rustls_pki_types::pem::Error,
    },
    /// A PEM file holds no certificate.
    #[error("[relay] {0}: no certificate in this file; expected PEM with BEGIN CERTIFICATE")]
    Empty(&'static str),
    /// Certificate and key do not fit together or cannot be used.
    #[error("[relay] certificate and key cannot be used: {0}")]
    Tls(#[from] rustls::Error),
    /// The HTTP client could not be made.
    #[error("the HTTP client could not be made: {0}")]
    Http(#[from] reqwest::Error),
    /// The certificate speaks for somebody else than the configuration.
    #[error(
        "the certificate is for {found:?}, but [agent] says {expected}; use the certificate of this agent or mend tenant and name"
    )]
    Identity {
        /// URI names of the certificate.
        found: Vec<String>,
        /// What the configuration expects.
        expected: String,
    },
}

/// Why a request brought no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// The relay cannot be reached, or the connection broke.
    #[error("{}", innermost(.0))]
    Transport(#[from] reqwest::Error),
    /// The relay said no.
    #[error("relay refused with status {status}: {} [{}]", refusal.message, refusal.code)]
    Refused {
        status: StatusCode,
        refusal: Box<Refusal>,
        retry_after: Option<Duration>,
    },
    /// The relay said something that is not an answer.
    #[error("relay answered with something that is not an answer: {0}")]
    Answer(String),
}

/// The chain of causes in one line: reqwest's own message hides the reason.
fn innermost(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// A connection to one relay.
#[derive(Clone, Debug)]
pub(crate) struct RelayClient {
    http: Client,
    url: String,
}

impl RelayClient {
    /// Makes the client; does not connect yet.
    pub(crate) fn new(
        config: &RelayConfig,
        tenant: &str,
        agent: &str,
    ) -> Result<Self, ClientError> {
        let chain = certificates("certificate", &config.certificate)?;
        let key = PrivateKeyDer::from_pem_slice(config.key.expose().as_bytes())
            .map_err(|cause| ClientError::Pem { what: "key", cause })?;
        if let Some(leaf) = chain.first() {
            identity_is(leaf, tenant, agent)?;
        }
        let mut roots = RootCertStore::empty();
        for authority in certificates("ca", &config.ca)? {
            roots.add(authority)?;
        }
        let provider = rustls::crypto::ring::default_provider();
        let mut tls = rustls::ClientConfig::builder_with_provider(provider.into())
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_root_certificates(roots)
            .with_client_auth_cert(chain, key)?;
        tls.alpn_protocols = vec![b"h2".to_vec()];
        let http = Client::builder()
            .tls_backend_preconfigured(tls)
            .http2_prior_knowledge()
            .http2_adaptive_window(true)
            .http2_keep_alive_interval(Duration::from_secs(30))
            .http2_keep_alive_timeout(Duration::from_secs(20))
            .https_only(true)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .connect_timeout(config.timeout.min(Duration::from_secs(10)))
            .timeout(config.timeout)
            .build()?;
        Ok(Self {
            http,
            url: config.url.clone(),
        })
    }

    /// Introduces this epoch's streams and learns what the relay expects next.
    pub(crate) async fn hello(&self, hello: &Hello) -> Result<Welcome, CallError> {
        let body =
            serde_json::to_vec(hello).map_err(|error| CallError::Answer(error.to_string()))?;
        let request = self.http.post(format!("{}{}", self.url, link::HELLO_PATH));
        answer(
            request
                .header(header::CONTENT_TYPE, "application/json")
                .body(body)
                .send()
                .await?,
        )
        .await
    }

    /// Hands over one block.
    pub(crate) async fn put(
        &self,
        epoch: &str,
        lane: &str,
        ordinal: u64,
        body: Bytes,
    ) -> Result<BlockAnswer, CallError> {
        let request = self.http.put(format!(
            "{}{}",
            self.url,
            link::block_path(epoch, lane, ordinal)
        ));
        answer(
            request
                .header(header::CONTENT_TYPE, link::BLOCK_CONTENT_TYPE)
                .body(body)
                .send()
                .await?,
        )
        .await
    }
}

async fn answer<T: DeserializeOwned>(response: Response) -> Result<T, CallError> {
    let status = response.status();
    let retry_after = response
        .headers()
        .get(header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.trim().parse().ok())
        .map(Duration::from_secs);
    let body = limited(response).await?;
    if status.is_success() {
        return serde_json::from_slice(&body).map_err(|error| CallError::Answer(error.to_string()));
    }
    let refusal = serde_json::from_slice(&body).unwrap_or_else(|_| {
        Refusal::new(
            "http",
            format!(
                "{} bytes that are no refusal of a relay; is the URL right?",
                body.len()
            ),
        )
    });
    Err(CallError::Refused {
        status,
        refusal: Box::new(refusal),
        retry_after,
    })
}

async fn limited(mut response: Response) -> Result<Vec<u8>, CallError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > ANSWER_BYTES {
            return Err(CallError::Answer(format!(
                "an answer of more than {ANSWER_BYTES} bytes"
            )));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn certificates(
    what: &'static str,
    pem: &[u8],
) -> Result<Vec<CertificateDer<'static>>, ClientError> {
    let all: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|cause| ClientError::Pem { what, cause })?;
    if all.is_empty() {
        Err(ClientError::Empty(what))
    } else {
        Ok(all)
    }
}

/// The relay believes the certificate alone; a configuration that says otherwise would give ids nobody expects.
fn identity_is(leaf: &CertificateDer<'_>, tenant: &str, agent: &str) -> Result<(), ClientError> {
    use x509_parser::extensions::GeneralName;
    let expected = format!("lb://{tenant}/{agent}");
    let mut found = Vec::new();
    if let Ok((_, certificate)) = x509_parser::parse_x509_certificate(leaf)
        && let Ok(Some(names)) = certificate.subject_alternative_name()
    {
        let uris = names.value.general_names.iter();
        found.extend(uris.filter_map(|name| {
            if let GeneralName::URI(uri) = name {
                Some((*uri).to_owned())
            } else {
                None
            }
        }));
    }
    if found == [expected.as_str()] {
        Ok(())
    } else {
        Err(ClientError::Identity { found, expected })
    }
}
