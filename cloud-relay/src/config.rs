//! The relay's configuration file: plain structs as written, then one step to the checked form that the relay runs on.
//! Only that step can fail, and it fails with the line and the word at fault. Paths are relative to the file.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
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
    pub relay: RelaySection,
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
    pub certificate: Spanned<PathBuf>,
    /// Its private key, PEM.
    pub key: Spanned<SecretRef>,
    /// The authority that signs agents' certificates, PEM. No other certificate is let in.
    pub agents_ca: Spanned<PathBuf>,
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
        let place = Place {
            path,
            base: path.parent().unwrap_or(Path::new(".")),
        };
        let relay = file.relay;
        let tls = place.tls(&relay)?;
        let mut destinations = Vec::new();
        for (name, section) in file.destinations {
            destinations.push(Arc::new(place.destination(name, section)?));
        }
        Ok(Self {
            listen: relay.listen,
            data: place.base.join(relay.data),
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

/// The file that is read, for paths in it and for mistakes in it.
#[derive(Clone, Copy)]
struct Place<'a> {
    path: &'a Path,
    base: &'a Path,
}

impl Place<'_> {
    /// A mistake at a value.
    fn wrong<T>(self, at: &Spanned<T>, message: impl Display, hint: Option<&str>) -> ConfigError {
        // Gone since it was read: the mistake is then shown without its line.
        let text = fs::read_to_string(self.path).unwrap_or_default();
        let name = self.path.display().to_string();
        ConfigError::at(
            &name,
            &text,
            at.span(),
            message.to_string(),
            hint.map(str::to_owned),
        )
    }

    fn tls(self, relay: &RelaySection) -> Result<rustls::ServerConfig, ConfigError> {
        let chain = tls::certificates(&self.base.join(relay.certificate.as_ref()))
            .map_err(|error| self.wrong(&relay.certificate, error, None))?;
        let key = tls::private_key(relay.key.as_ref(), self.base)
            .map_err(|error| self.wrong(&relay.key, error, None))?;
        let agents = tls::authorities(&self.base.join(relay.agents_ca.as_ref()))
            .map_err(|error| self.wrong(&relay.agents_ca, error, None))?;
        tls::server(chain, key, agents).map_err(|error| self.wrong(&relay.certificate, error, None))
    }

    fn destination(
        self,
        name: String,
        section: DestinationSection,
    ) -> Result<Destination, ConfigError> {
        if !is_name(&name) || !is_name(section.tenant.as_ref()) {
            let hint = "1 to 35 of a-z, 0-9 and -, for the destination's name and for its tenant";
            let message = format!("destination {name}: its name or its tenant cannot be one");
            return Err(self.wrong(&section.tenant, message, Some(hint)));
        }
        let webhook = Webhook::new(section.webhook.as_ref(), self.base).map_err(|error| {
            self.wrong(
                &section.webhook,
                format!("destination {name}: {error}"),
                None,
            )
        })?;
        let tenant = section.tenant.into_inner();
        Ok(Destination::new(
            name,
            tenant,
            section.accepts,
            webhook,
            section.retry,
        ))
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use expect_test::{Expect, expect};

    use super::*;

    const GOOD: &str = r#"[relay]
listen = "127.0.0.1:0"
data = "data"
certificate = "relay.pem"
key = { file = "relay.key" }
agents_ca = "relay.pem"

[destinations.shop]
tenant = "acme"
accepts = ["sales_order"]
webhook = { url = "https://shop.example/", secret = { file = "shop.secret" }, ca = "relay.pem" }
"#;

    /// What is said when `from` is replaced by `to` in a good file.
    fn check(from: &str, to: &str, want: &Expect) {
        let folder = tempfile::tempdir().unwrap();
        let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            #[cfg(unix)]
            fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600))
                .unwrap();
            path
        };
        write("relay.pem", &own.cert.pem());
        write("relay.key", &own.signing_key.serialize_pem());
        write("shop.secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        assert!(GOOD.contains(from));
        let path = write("relay.toml", &GOOD.replace(from, to));
        let mut said = String::new();
        match RelayConfig::read(&path) {
            Ok(config) => {
                writeln!(said, "good, {} destinations", config.destinations.len()).unwrap()
            }
            Err(error) => writeln!(said, "{error}").unwrap(),
        }
        want.assert_eq(&said.replace(&format!("{}/", folder.path().display()), ""));
    }

    #[test]
    fn a_mistake_is_pointed_at() {
        check(
            "acme",
            "acme",
            &expect![[r#"
            good, 1 destinations
        "#]],
        );
        check(
            "relay.key",
            "none.key",
            &expect![[r#"
            relay.toml:5:7: key: secret file none.key: could not be read: No such file or directory (os error 2)
              5 | key = { file = "none.key" }
                |       ^^^^^^^^^^^^^^^^^^^^^
        "#]],
        );
        check(
            "agents_ca = \"relay.pem\"",
            "agents_ca = \"shop.secret\"",
            &expect![[r#"
                relay.toml:6:13: shop.secret: holds no usable PEM certificate
                  6 | agents_ca = "shop.secret"
                    |             ^^^^^^^^^^^^^
            "#]],
        );
        check(
            "certificate = \"relay.pem\"",
            "certificate = \"none.pem\"",
            &expect![[r#"
                relay.toml:4:15: none.pem: No such file or directory (os error 2)
                  4 | certificate = "none.pem"
                    |               ^^^^^^^^^^
            "#]],
        );
    }

    #[test]
    fn a_mistake_in_a_destination_is_pointed_at() {
        check(
            "\"acme\"",
            "\"Acme Ltd\"",
            &expect![[r#"
            relay.toml:9:10: destination shop: its name or its tenant cannot be one
              9 | tenant = "Acme Ltd"
                |          ^^^^^^^^^^
              1 to 35 of a-z, 0-9 and -, for the destination's name and for its tenant
        "#]],
        );
        check(
            "sales_order",
            "sales_orders",
            &expect![[r#"
            relay.toml:10:12: unknown variant `sales_orders`, expected one of `product`, `inventory_level`, `price_list`, `price`, `customer`, `sales_order`, `order_change`, `order_ack`, `shipment`, `invoice`, `payment`, `ack_report`
              10 | accepts = ["sales_orders"]
                 |            ^^^^^^^^^^^^^^
              did you mean `sales_order`?
        "#]],
        );
        check(
            "https://",
            "http://",
            &expect![[r#"
            relay.toml:11:11: destination shop: url: http is for hosts on this machine only: write https://…
              11 | webhook = { url = "http://shop.example/", secret = { file = "shop.secret" }, ca = "relay.p
                 |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        "#]],
        );
        check(
            "tenant =",
            "tenat =",
            &expect![[r#"
            relay.toml:9:1: unknown field `tenat`, expected one of `tenant`, `accepts`, `webhook`, `retry`
              9 | tenat = "acme"
                | ^^^^^
              did you mean `tenant`?
        "#]],
        );
    }
}
