//! How a test's road is set up: the choices a test makes, and the two configuration files that follow from them.
//! The files are written as a customer's would be, so that a key that changes its meaning breaks a test.

use std::path::PathBuf;

use super::Side;
use crate::process::Build;

/// The customer all tests are about.
pub const TENANT: &str = "acme";
/// Its agent.
pub const AGENT: &str = "berlin-1";
/// What relay and shop sign with.
pub const SHOP_SECRET: &str = "whsec_bGVnYWN5LWJyaWRnZS10ZXN0LXNlY3JldC0wMQ==";

/// The partner of the feed `edi`, as its file says.
pub const BUYER: &str = r#"id = "buyer"
name = "Buyer"
ids = ["ZZ:BUYER"]
our_ids = ["ZZ:ACME"]
usage = "test"
sources = ["edi"]
[x12]
read.versions = ["004010"]
"#;

/// How a road differs from the usual one.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Which build of the programs runs.
    pub build: Build,
    /// Deliberate bugs to wake, comma separated; needs [`Build::Sabotage`].
    pub sabotage: String,
    /// The program in which they are awake; both when empty.
    pub sabotaged: Option<Side>,
    /// Documents in one delivery to the shop.
    pub batch: usize,
    /// Deliveries under way at once.
    pub in_flight: usize,
    /// How often the agent lists its folders when no event comes.
    pub poll_seconds: f64,
    /// How long a file must stand still.
    pub settle_seconds: f64,
    /// Folder of the agent's data and inboxes; in the road's own folder when empty.
    pub agent_home: Option<PathBuf>,
    /// Folder of the relay's data; in the road's own folder when empty.
    pub relay_home: Option<PathBuf>,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            build: Build::Release,
            sabotage: String::new(),
            sabotaged: None,
            batch: 100,
            in_flight: 4,
            poll_seconds: 0.1,
            settle_seconds: 0.05,
            agent_home: None,
            relay_home: None,
        }
    }
}

impl Plan {
    /// The sabotage build, with these deliberate bugs awake; none when empty.
    #[must_use]
    pub fn sabotaged(bugs: &str) -> Self {
        Self {
            build: Build::Sabotage,
            sabotage: bugs.to_owned(),
            ..Self::default()
        }
    }
}

/// Where the files of a road point.
pub(super) struct Places {
    pub(super) agent_data: PathBuf,
    pub(super) relay_data: PathBuf,
    pub(super) orders: PathBuf,
    pub(super) stock: PathBuf,
    pub(super) edi: PathBuf,
    pub(super) acknowledgements: PathBuf,
    pub(super) relay_port: u16,
    pub(super) shop_port: u16,
}

pub(super) fn agent_toml(plan: &Plan, places: &Places) -> String {
    let Plan {
        poll_seconds,
        settle_seconds,
        ..
    } = plan;
    let Places {
        agent_data,
        orders,
        stock,
        edi,
        acknowledgements,
        relay_port,
        ..
    } = places;
    let pace = format!("poll_seconds = {poll_seconds}, settle_seconds = {settle_seconds}");
    format!(
        r#"[agent]
tenant = "{TENANT}"
name = "{AGENT}"
data = {agent_data:?}
[relay]
url = "https://localhost:{relay_port}"
ca = "pki/ca.pem"
certificate = "pki/agent.pem"
key = {{ file = "pki/agent.key" }}
longest_pause_seconds = 1
[feeds.orders]
from.directory = {{ path = {orders:?}, include = ["*.edi"], {pace} }}
format.x12 = {{}}
[feeds.stock]
from.directory = {{ path = {stock:?}, include = ["*.csv"], {pace} }}
format.mapping = "stock.toml"
[feeds.edi]
from.directory = {{ path = {edi:?}, include = ["*.edi"], {pace} }}
format.edi = {{ partners = "partners", acknowledgements = {acknowledgements:?} }}
"#
    )
}

pub(super) fn relay_toml(plan: &Plan, places: &Places) -> String {
    let Plan {
        batch, in_flight, ..
    } = plan;
    let Places {
        relay_data,
        relay_port,
        shop_port,
        ..
    } = places;
    format!(
        r#"[relay]
listen = "127.0.0.1:{relay_port}"
data = {relay_data:?}
certificate = "pki/relay.pem"
key = {{ file = "pki/relay.key" }}
agents_ca = "pki/ca.pem"
[destinations.shop]
tenant = "{TENANT}"
[destinations.shop.webhook]
url = "http://127.0.0.1:{shop_port}/events"
secret = {{ file = "shop.secret" }}
batch = {batch}
in_flight = {in_flight}
[destinations.shop.retry]
first_milliseconds = 50
longest_milliseconds = 500
"#
    )
}
