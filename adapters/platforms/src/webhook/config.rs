//! How an operator writes a webhook, and the one step from there to a client that can be used. Connects to nothing.
//!
//! Invariant: documents go out encrypted or do not leave the machine; no proxy and no authority is used that was not
//! asked for, except the operating system's authorities.

use std::fs;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ::config::SecretRef;
use reqwest::{Client, Url};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use rustls_platform_verifier::BuilderVerifierExt as _;
use serde::Deserialize;

use crate::signature::{Key, KeyError};

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
        source: ::config::SecretError,
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

/// What the configuration came to.
pub(super) struct Prepared {
    pub(super) client: Client,
    pub(super) url: Url,
    /// The secret, and the one before it while a rotation lasts.
    pub(super) keys: Vec<Key>,
}

impl WebhookConfig {
    /// See [`super::Webhook::new`].
    pub(super) fn prepare(&self, base: &Path) -> Result<Prepared, WebhookError> {
        let url = checked_url(&self.url)?;
        in_range("batch", self.batch, MOST_BATCH)?;
        in_range("in_flight", self.in_flight, MOST_IN_FLIGHT)?;
        if !(1..=LONGEST_TIMEOUT_SECONDS).contains(&self.timeout_seconds) {
            return Err(WebhookError::Range {
                key: "timeout_seconds",
                found: self.timeout_seconds,
                least: 1,
                most: LONGEST_TIMEOUT_SECONDS,
            });
        }
        let mut keys = vec![key("secret", &self.secret, base)?];
        if let Some(previous) = &self.previous_secret {
            keys.push(key("previous_secret", previous, base)?);
        }
        let mut client = Client::builder()
            .tls_backend_preconfigured(tls(&url, self.ca.as_deref(), base)?)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(Duration::from_secs(self.timeout_seconds))
            .connect_timeout(CONNECT)
            .pool_max_idle_per_host(self.in_flight)
            .user_agent(concat!("legacy-bridge/", env!("CARGO_PKG_VERSION")));
        if let Some(proxy) = &self.proxy {
            client = client.proxy(reqwest::Proxy::all(proxy)?);
        }
        Ok(Prepared {
            client: client.build()?,
            url,
            keys,
        })
    }
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
}
