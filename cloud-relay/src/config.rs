//! The relay's configuration file: plain structs as written, then one step to the checked form that the relay runs on.
//! Only that step can fail, and it fails with the line and the word at fault. Paths are relative to the file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use canonical::entity::EntityKind;
use config::{ConfigError, SecretRef, Spanned};
use platforms::retry::RetryPolicy;
use platforms::{Webhook, WebhookConfig};
use serde::Deserialize;

use crate::dispatch::Destination;
use crate::identity::is_name;
use crate::tls;

/// The file as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelayFile {
    /// Where the relay listens, what it keeps and whom it trusts.
    pub relay: Spanned<RelaySection>,
    /// One table per place that documents go to. Without one for a tenant, its documents are stored and stay.
    #[serde(default)]
    pub destinations: BTreeMap<String, DestinationSection>,
}

/// `[relay]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelaySection {
    /// Address and port to listen on, for agents only.
    pub listen: SocketAddr,
    /// Folder for the store.
    pub data: PathBuf,
    /// The relay's certificate chain, PEM.
    pub certificate: PathBuf,
    /// Its private key, PEM.
    pub key: SecretRef,
    /// The authority that signs agents' certificates, PEM. No other certificate is let in.
    pub agents_ca: PathBuf,
    /// How many days delivered documents are kept, for replays and comparison. Default 7.
    #[serde(default = "seven")]
    pub keep_days: u32,
    /// Largest size of the store; at the limit agents are told to wait. Default 16384.
    #[serde(default = "sixteen_gibibytes")]
    pub store_limit_mebibytes: u64,
}

/// `[destinations.NAME]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DestinationSection {
    /// Whose documents it takes: the tenant in the agents' certificates.
    pub tenant: Spanned<String>,
    /// The kinds it takes, such as `["sales_order", "shipment"]`. Default: all.
    #[serde(default)]
    pub accepts: Option<BTreeSet<EntityKind>>,
    /// Where to post them.
    pub webhook: Spanned<WebhookConfig>,
    /// How long to wait between attempts.
    #[serde(default)]
    pub retry: RetryPolicy,
}

/// A week: long enough to find out on Monday what went wrong on Friday.
fn seven() -> u32 {
    7
}

/// Room for some hundred million stock rows.
fn sixteen_gibibytes() -> u64 {
    16 << 10
}

/// The checked configuration: every file was read, every secret resolved.
#[derive(Debug)]
pub struct RelayConfig {
    pub(crate) listen: SocketAddr,
    pub(crate) data: PathBuf,
    pub(crate) tls: Arc<rustls::ServerConfig>,
    pub(crate) spool: spool::Options,
    pub(crate) destinations: Vec<Arc<Destination>>,
}

impl RelayConfig {
    /// Reads and checks a configuration file, its certificates and its secrets. Connects to nothing.
    ///
    /// # Errors
    /// The first mistake, with file, line, caret and mend.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let file: RelayFile = config::read(path)?;
        let base = path.parent().unwrap_or(Path::new("."));
        let text = fs::read_to_string(path).unwrap_or_default();
        let name = path.display().to_string();
        let wrong = |span: std::ops::Range<usize>, message: String, hint: Option<&str>| {
            ConfigError::at(&name, &text, span, message, hint.map(str::to_owned))
        };
        let span = file.relay.span();
        let relay = file.relay.into_inner();
        let tls = tls::server(&relay.certificate, &relay.key, &relay.agents_ca, base)
            .map_err(|error| wrong(span, error.to_string(), None))?;
        let mut destinations = Vec::new();
        for (name, section) in file.destinations {
            let tenant = section.tenant.span();
            let names_are_names = is_name(&name) && is_name(section.tenant.as_ref());
            if !names_are_names {
                let hint = "1 to 35 of a-z, 0-9 and -, for the destination's name and its tenant";
                let message = format!("destination {name}: not a name");
                return Err(wrong(tenant, message, Some(hint)));
            }
            let span = section.webhook.span();
            let webhook = Webhook::new(section.webhook.as_ref(), base)
                .map_err(|error| wrong(span, format!("destination {name}: {error}"), None))?;
            destinations.push(Arc::new(Destination::new(
                name,
                section.tenant.into_inner(),
                section.accepts,
                webhook,
                section.retry,
            )));
        }
        Ok(Self {
            listen: relay.listen,
            data: base.join(relay.data),
            tls: Arc::new(tls),
            spool: spool::Options {
                retention: Duration::from_hours(u64::from(relay.keep_days) * 24),
                limit_bytes: relay.store_limit_mebibytes.saturating_mul(1 << 20),
                ..spool::Options::default()
            },
            destinations,
        })
    }
}
