//! A certificate authority of one test's or one demo's own: relay and agent certificates as files.
//! Keys are readable by their owner only, because both programs refuse anything else; nothing outlives its folder.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use rcgen::string::Ia5String;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, SanType,
};

/// Issues certificates into its folder. `ca.pem` there is what the other side has to trust.
pub struct Authority {
    folder: PathBuf,
    issuer: Issuer<'static, KeyPair>,
}

/// Whom a certificate is for, which decides its names and what it may be used for.
#[derive(Clone, Copy, Debug)]
pub enum Holder<'a> {
    /// The relay: a server on `localhost` and `127.0.0.1`.
    Relay,
    /// An agent: a client whose name is the URI `lb://tenant/agent`.
    Agent {
        /// The customer the agent belongs to.
        tenant: &'a str,
        /// The agent's name within its tenant.
        name: &'a str,
    },
    /// A client the authority signed, but whose certificate names no agent.
    Nameless,
}

/// A certificate and its key, both PEM files.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The certificate.
    pub certificate: PathBuf,
    /// The private key, mode 0600.
    pub key: PathBuf,
}

impl Authority {
    /// A fresh authority whose files go into `folder`, which is created when missing.
    ///
    /// # Errors
    /// When the folder cannot be written or the random source fails.
    pub fn new(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let mut params = named("legacy-bridge test authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let certificate = params.self_signed(&key).map_err(io::Error::other)?;
        fs::write(folder.join("ca.pem"), certificate.pem())?;
        Ok(Self {
            folder: folder.to_owned(),
            issuer: Issuer::new(params, key),
        })
    }

    /// The certificate to trust.
    #[must_use]
    pub fn certificate(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// Signs a certificate for `holder` and writes `stem.pem` and `stem.key`.
    ///
    /// # Errors
    /// When a file cannot be written, or the holder's name cannot stand in a certificate.
    pub fn issue(&self, stem: &str, holder: Holder<'_>) -> io::Result<Identity> {
        let mut params = named(stem);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        match holder {
            Holder::Relay => {
                params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
                let localhost = Ia5String::try_from("localhost").map_err(io::Error::other)?;
                params.subject_alt_names = vec![
                    SanType::DnsName(localhost),
                    SanType::IpAddress(std::net::Ipv4Addr::LOCALHOST.into()),
                ];
            }
            Holder::Agent { tenant, name } => {
                params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
                let uri = Ia5String::try_from(format!("lb://{tenant}/{name}"))
                    .map_err(io::Error::other)?;
                params.subject_alt_names = vec![SanType::URI(uri)];
            }
            Holder::Nameless => {
                params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]
            }
        }
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let signed = params
            .signed_by(&key, &self.issuer)
            .map_err(io::Error::other)?;
        let identity = Identity {
            certificate: self.folder.join(format!("{stem}.pem")),
            key: self.folder.join(format!("{stem}.key")),
        };
        fs::write(&identity.certificate, signed.pem())?;
        write_secret(&identity.key, &key.serialize_pem())?;
        Ok(identity)
    }
}

/// Writes a file that only its owner may read, as both programs demand of secrets.
///
/// # Errors
/// When the file exists or cannot be written.
pub fn write_secret(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

fn named(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    params.not_before = rcgen::date_time_ymd(2024, 1, 1);
    params.not_after = rcgen::date_time_ymd(2049, 1, 1);
    params.use_authority_key_identifier_extension = true;
    params
}
