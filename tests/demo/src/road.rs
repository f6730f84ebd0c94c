//! Lays the demo's road in a temporary folder: certificates, configuration files, a shop, and both programs as the
//! libraries they are, started from those files. Everything listens on loopback; the folder is gone at the end.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use agent::config::AgentConfig;
use anyhow::Context as _;
use end_to_end::bridge::free_port;
use end_to_end::pki::{Authority, Holder, write_secret};
use end_to_end::shop::{Ledger, Shop};
use tempfile::TempDir;

/// The customer the demo is about.
pub(crate) const TENANT: &str = "acme";
/// Its agent.
pub(crate) const AGENT: &str = "berlin-1";
/// Known to the shop and the relay, and worth nothing outside this folder.
const SECRET: &str = "whsec_ZGVtby1zZWNyZXQtb2YtdGhlLXNhbXBsZS1zaG9w";

/// A sample that is dropped at the start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    /// Where it lies in the project.
    folder: &'static str,
    /// Its name.
    name: &'static str,
    /// The feed that takes it.
    feed: &'static str,
}

/// What is dropped at the start: orders as a trading partner sends them, a stock export as a German ERP writes it
/// (Latin-1, semicolons, decimal commas), and two orders of which the second says "2O" for a quantity.
pub(crate) const SAMPLES: [Sample; 3] = [
    Sample {
        folder: "config/examples",
        name: "orders.edi",
        feed: "orders",
    },
    Sample {
        folder: "config/examples",
        name: "stock_de.csv",
        feed: "stock",
    },
    Sample {
        folder: "tests/fixtures/broken",
        name: BROKEN,
        feed: "orders",
    },
];
/// The sample that has to be set aside.
pub(crate) const BROKEN: &str = "bad_quantity.edi";

/// The road. Both programs run until [`Road::stop`].
pub(crate) struct Road {
    folder: TempDir,
    shop: Shop,
    relay: cloud_relay::Running,
    relay_port: u16,
    agent: agent::Running,
}

impl Road {
    /// Lays the road and starts everything on it.
    ///
    /// # Errors
    /// When a file, a port or a program cannot be had.
    pub(crate) async fn lay(shop_port: u16) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("legacy-bridge-demo-")
            .tempdir()?;
        let at = folder.path();
        log_to(&at.join("demo.log"))?;
        let authority = Authority::new(&at.join("pki"))?;
        authority.issue("relay", Holder::Relay)?;
        authority.issue(
            "agent",
            Holder::Agent {
                tenant: TENANT,
                name: AGENT,
            },
        )?;
        write_secret(&at.join("shop.secret"), SECRET)?;
        for sample in SAMPLES {
            fs::create_dir_all(at.join("in").join(sample.feed))?;
        }
        let ledger = Ledger::new(SECRET);
        let shop = Shop::open(&ledger, shop_port)
            .with_context(|| format!("port {shop_port} of the shop"))?;
        let relay_port = free_port();
        fs::write(at.join("relay.toml"), relay_toml(relay_port, &shop.url()))?;
        fs::write(at.join("agent.toml"), agent_toml(relay_port))?;
        let relay = cloud_relay::config::RelayConfig::read(&at.join("relay.toml"))?;
        let relay = cloud_relay::start(relay).await?;
        let agent = agent::start(AgentConfig::read(&at.join("agent.toml"))?).await?;
        Ok(Self {
            folder,
            shop,
            relay,
            relay_port,
            agent,
        })
    }

    /// The shop's book.
    #[must_use]
    pub(crate) fn ledger(&self) -> Ledger {
        self.shop.ledger()
    }

    /// The feeds, to look at their folders.
    ///
    /// # Errors
    /// When the agent's configuration cannot be read again.
    pub(crate) fn feeds(&self) -> anyhow::Result<Vec<agent::config::FeedConfig>> {
        Ok(AgentConfig::read(&self.folder.path().join("agent.toml"))?.feeds)
    }

    /// Drops a shipped sample into its feed's folder, written elsewhere first as a careful ERP does.
    ///
    /// # Errors
    /// When the sample cannot be copied.
    pub(crate) fn drop_sample(&self, sample: Sample) -> anyhow::Result<()> {
        let aside = self.folder.path().join(sample.name);
        let from = project().join(sample.folder).join(sample.name);
        fs::copy(&from, &aside).with_context(|| format!("the sample {}", from.display()))?;
        fs::rename(&aside, self.inbox(sample.feed).join(sample.name))?;
        Ok(())
    }

    /// The folder a feed watches.
    #[must_use]
    pub(crate) fn inbox(&self, feed: &str) -> PathBuf {
        self.folder.path().join("in").join(feed)
    }

    /// Who is where, for the top of the screen.
    #[must_use]
    pub(crate) fn places(&self) -> Vec<(&'static str, String)> {
        vec![
            (
                "agent",
                format!(
                    "lb://{TENANT}/{AGENT}, its certificate fresh from an authority of its own"
                ),
            ),
            (
                "relay",
                format!(
                    "https://localhost:{} (TLS 1.3, both sides show a certificate)",
                    self.relay_port
                ),
            ),
            (
                "shop",
                format!("{} (checks every signature)", self.shop.url()),
            ),
            ("folder", self.folder.path().display().to_string()),
        ]
    }

    /// Stops both programs in order and removes the folder; with `keep` it stays, and its path is returned.
    pub(crate) async fn stop(self, keep: bool) -> Option<PathBuf> {
        self.agent.stop().await;
        self.relay.stop().await;
        keep.then(|| self.folder.keep())
    }
}

/// The top of the project, whose samples and mapping the demo uses as they are.
fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn log_to(path: &Path) -> anyhow::Result<()> {
    let file = Mutex::new(File::create(path)?);
    tracing_subscriber::fmt()
        .with_writer(file)
        .with_ansi(false)
        .init();
    Ok(())
}

fn agent_toml(relay_port: u16) -> String {
    let mapping = project().join("config/mappings/stock_de.toml");
    format!(
        r#"[agent]
tenant = "{TENANT}"
name = "{AGENT}"
data = "agent-data"
[relay]
url = "https://localhost:{relay_port}"
ca = "pki/ca.pem"
certificate = "pki/agent.pem"
key = {{ file = "pki/agent.key" }}
[feeds.orders]
from.directory = {{ path = "in/orders", poll_seconds = 0.2, settle_seconds = 0.2 }}
format.x12 = {{}}
[feeds.stock]
from.directory = {{ path = "in/stock", poll_seconds = 0.2, settle_seconds = 0.2 }}
format.mapping = {mapping:?}
"#
    )
}

fn relay_toml(relay_port: u16, shop_url: &str) -> String {
    format!(
        r#"[relay]
listen = "127.0.0.1:{relay_port}"
data = "relay-data"
certificate = "pki/relay.pem"
key = {{ file = "pki/relay.key" }}
agents_ca = "pki/ca.pem"
[destinations.shop]
tenant = "{TENANT}"
webhook = {{ url = "{shop_url}", secret = {{ file = "shop.secret" }}, batch = 100 }}
"#
    )
}
