//! Who is speaking, from the client's certificate and from nothing else.
//!
//! Invariant: an [`Identity`] comes from exactly one URI `lb://{tenant}/{agent}` among the certificate's names; its two
//! names are safe in a path, a lane and a log field.

use std::fmt;

use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

/// The longest tenant or agent name.
const NAME_BYTES: usize = 35;

/// An agent, as its certificate names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    tenant: String,
    agent: String,
}

/// Why a certificate names no agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// There is none, or it cannot be read.
    #[error("the client certificate cannot be read")]
    Unreadable,
    /// Not exactly one URI among the subject alternative names.
    #[error(
        "the client certificate holds {found} URI names, expected exactly one: lb://tenant/agent"
    )]
    Count {
        /// How many there are.
        found: usize,
    },
    /// The URI is no agent's name.
    #[error(
        "the client certificate's URI name is not lb://tenant/agent with 1 to 35 of a-z, 0-9 and - in each"
    )]
    Form,
}

impl Identity {
    /// Reads the identity from a certificate (DER) that was verified already.
    ///
    /// # Errors
    /// [`IdentityError`] when it names no agent, or more than one.
    pub fn from_certificate(der: &[u8]) -> Result<Self, IdentityError> {
        let (rest, certificate) = X509Certificate::from_der(der)
            .ok()
            .ok_or(IdentityError::Unreadable)?;
        if !rest.is_empty() {
            return Err(IdentityError::Unreadable);
        }
        let names = certificate
            .subject_alternative_name()
            .ok()
            .ok_or(IdentityError::Unreadable)?;
        let names = names
            .map(|extension| extension.value.general_names.as_slice())
            .unwrap_or_default();
        let uris: Vec<&str> = names
            .iter()
            .filter_map(|name| {
                if let GeneralName::URI(uri) = name {
                    Some(*uri)
                } else {
                    None
                }
            })
            .collect();
        match uris.as_slice() {
            [uri] => Self::from_uri(uri).ok_or(IdentityError::Form),
            others => Err(IdentityError::Count {
                found: others.len(),
            }),
        }
    }

    fn from_uri(uri: &str) -> Option<Self> {
        let (tenant, agent) = uri.strip_prefix("lb://")?.split_once('/')?;
        (is_name(tenant) && is_name(agent)).then(|| Self {
            tenant: tenant.to_owned(),
            agent: agent.to_owned(),
        })
    }

    /// The tenant.
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// The agent, within its tenant.
    pub fn agent(&self) -> &str {
        &self.agent
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.tenant, self.agent)
    }
}

/// Whether `text` can be the name of a tenant or an agent: 1 to 35 of a-z, 0-9 and -.
pub(crate) fn is_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=NAME_BYTES).contains(&text.len()) && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use rcgen::string::Ia5String;
    use rcgen::{CertificateParams, KeyPair, SanType};

    use super::*;

    fn certificate(uris: &[&str]) -> Vec<u8> {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        for uri in uris {
            params
                .subject_alt_names
                .push(SanType::URI(Ia5String::try_from(*uri).unwrap()));
        }
        params
            .self_signed(&KeyPair::generate().unwrap())
            .unwrap()
            .der()
            .to_vec()
    }

    #[test]
    fn names() {
        let long = "a".repeat(36);
        for (uris, want) in [
            (&["lb://acme/berlin-1"][..], Ok("acme/berlin-1")),
            (&[], Err(IdentityError::Count { found: 0 })),
            (
                &["lb://acme/a", "lb://other/b"],
                Err(IdentityError::Count { found: 2 }),
            ),
            (
                &["lb://acme/a", "https://acme.example/"],
                Err(IdentityError::Count { found: 2 }),
            ),
            (&["https://acme.example/"], Err(IdentityError::Form)),
            (&["lb://acme"], Err(IdentityError::Form)),
            (&["lb://acme/"], Err(IdentityError::Form)),
            (&["lb:///a"], Err(IdentityError::Form)),
            (&["lb://acme/a/b"], Err(IdentityError::Form)),
            (&["lb://acme/.."], Err(IdentityError::Form)),
            (&["lb://Acme/a"], Err(IdentityError::Form)),
            (&["LB://acme/a"], Err(IdentityError::Form)),
            (&["lb://ac me/a"], Err(IdentityError::Form)),
            (&[&format!("lb://acme/{long}")], Err(IdentityError::Form)),
        ] {
            let got =
                Identity::from_certificate(&certificate(uris)).map(|identity| identity.to_string());
            assert_eq!(got, want.map(str::to_owned), "{uris:?}");
        }
    }

    #[test]
    fn what_is_no_certificate() {
        let mut trailing = certificate(&["lb://acme/a"]);
        trailing.push(0);
        for bytes in [&b""[..], b"x", &[0x30, 0x82, 0xff, 0xff], &trailing] {
            assert_eq!(
                Identity::from_certificate(bytes),
                Err(IdentityError::Unreadable)
            );
        }
    }
}
