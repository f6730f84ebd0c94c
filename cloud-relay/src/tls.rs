//! TLS towards agents: 1.3 only, HTTP/2 only, and nobody without a certificate of the agents' own authority.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use config::{SecretError, SecretRef};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// The only protocol that is spoken, as ALPN names it.
pub(crate) const HTTP_2: &[u8] = b"h2";

/// Why the relay's TLS cannot be set up. Names the file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    /// A file cannot be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file holds no certificate.
    #[error("{}: holds no usable PEM certificate", path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// The private key cannot be had.
    #[error("key: {0}")]
    Secret(#[from] SecretError),
    /// The private key is not one.
    #[error("key: holds no usable PEM private key")]
    NoKey,
    /// Certificate and key do not fit each other, or the authority cannot be used.
    #[error("certificate, key and agents_ca cannot be used together: {0}")]
    Unfit(String),
}

/// The relay's private key.
///
/// # Errors
/// [`TlsError`] says what is wrong with it.
pub(crate) fn private_key(
    key: &SecretRef,
    base: &Path,
) -> Result<PrivateKeyDer<'static>, TlsError> {
    let key = key.resolve(base)?;
    PrivateKeyDer::from_pem_slice(key.expose().as_bytes())
        .ok()
        .ok_or(TlsError::NoKey)
}

/// The certificate authorities in a file.
///
/// # Errors
/// [`TlsError`] names the file.
pub(crate) fn authorities(path: &Path) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        let unusable = || TlsError::NoCertificate {
            path: path.to_owned(),
        };
        roots.add(certificate).ok().ok_or_else(unusable)?;
    }
    Ok(roots)
}

/// The server's configuration: who it is, and whose certificates it lets in.
///
/// # Errors
/// When the three do not fit together.
pub(crate) fn server(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    agents: RootCertStore,
) -> Result<ServerConfig, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(agents), Arc::clone(&provider))
            .build()
            .map_err(|error| TlsError::Unfit(error.to_string()))?;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .and_then(|builder| {
            builder
                .with_client_cert_verifier(verifier)
                .with_single_cert(chain, key)
        })
        .map_err(|error| TlsError::Unfit(error.to_string()))?;
    config.alpn_protocols = vec![HTTP_2.to_vec()];
    // A session that outlives its certificate would outlive its revocation too.
    config.send_tls13_tickets = 0;
    Ok(config)
}

/// The certificates in a file, in its order; at least one.
///
/// # Errors
/// [`TlsError`] names the file.
pub(crate) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let pem = fs::read(path).map_err(|source| TlsError::Read {
        path: path.to_owned(),
        source,
    })?;
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match read {
        Ok(chain) if !chain.is_empty() => Ok(chain),
        Ok(_) | Err(_) => Err(TlsError::NoCertificate {
            path: path.to_owned(),
        }),
    }
}
