//! A whole road in one folder: agent, relay and shop, set up with files as a customer would set them up, on loopback.
//! The programs are the real binaries; each can be stopped, killed and started again, and the shop closed and opened.
//! Nothing outlives the folder. Failures panic with the end of both logs.

use std::fs::{self, File};
use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::pki::{Authority, Holder, write_secret};
use crate::process::{Build, Process, binary};
use crate::shop::{Book, Ledger, Shop};
use crate::workload;

/// The customer all tests are about.
pub const TENANT: &str = "acme";
/// Its agent.
pub const AGENT: &str = "berlin-1";
/// What relay and shop sign with.
pub const SHOP_SECRET: &str = "whsec_bGVnYWN5LWJyaWRnZS10ZXN0LXNlY3JldC0wMQ==";

/// How a road differs from the usual one.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Which build of the programs runs.
    pub build: Build,
    /// Deliberate bugs to wake, comma separated; needs [`Build::Sabotage`].
    pub sabotage: String,
    /// Documents in one delivery to the shop, and deliveries under way at once.
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
            batch: 100,
            in_flight: 4,
            poll_seconds: 0.1,
            settle_seconds: 0.05,
            agent_home: None,
            relay_home: None,
        }
    }
}

/// A feed's folder on the road.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feed {
    /// X12 850.
    Orders,
    /// Semicolon stock exports.
    Stock,
}

impl Feed {
    const fn name(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Stock => "stock",
        }
    }
}

/// One of the two programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// `legacy-bridge`
    Agent,
    /// `cloud-relay`
    Relay,
}

/// The road. Dropping it ends both programs and the shop.
pub struct Bridge {
    folder: TempDir,
    plan: Plan,
    authority: Authority,
    ledger: Ledger,
    shop: Option<Shop>,
    shop_port: u16,
    relay_port: u16,
    agent: Option<Process>,
    relay: Option<Process>,
}

impl Bridge {
    /// Lays the road and opens the shop. Neither program runs yet.
    ///
    /// # Panics
    /// When a file or port cannot be had.
    #[must_use]
    pub fn new(plan: Plan) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let authority = Authority::new(&folder.path().join("pki")).expect("certificates");
        authority
            .issue("relay", Holder::Relay)
            .expect("the relay's certificate");
        authority
            .issue(
                "agent",
                Holder::Agent {
                    tenant: TENANT,
                    name: AGENT,
                },
            )
            .expect("the agent's certificate");
        write_secret(&folder.path().join("shop.secret"), SHOP_SECRET).expect("the shop's secret");
        let ledger = Ledger::new(SHOP_SECRET);
        let shop = Shop::open(&ledger, free_port()).expect("the shop's port");
        let (shop_port, relay_port) = (shop.port(), free_port());
        let bridge = Self {
            folder,
            plan,
            authority,
            ledger,
            shop: Some(shop),
            shop_port,
            relay_port,
            agent: None,
            relay: None,
        };
        for feed in [Feed::Orders, Feed::Stock] {
            fs::create_dir_all(bridge.inbox(feed)).expect("an inbox");
        }
        bridge.write_configs();
        bridge
    }

    /// A road whose programs both run.
    #[must_use]
    pub fn running(plan: Plan) -> Self {
        let mut bridge = Self::new(plan);
        bridge.start_relay();
        bridge.start_agent();
        bridge
    }

    /// The road's folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its certificate authority.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The shop's book and moods.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The relay's port on loopback.
    #[must_use]
    pub fn relay_port(&self) -> u16 {
        self.relay_port
    }

    /// Where the agent keeps its queue.
    #[must_use]
    pub fn agent_data(&self) -> PathBuf {
        self.agent_home().join("agent-data")
    }

    /// Where the relay keeps its queue.
    #[must_use]
    pub fn relay_data(&self) -> PathBuf {
        self.plan
            .relay_home
            .as_deref()
            .unwrap_or(self.folder())
            .join("relay-data")
    }

    /// The agent's configuration file.
    #[must_use]
    pub fn agent_config(&self) -> PathBuf {
        self.folder().join("agent.toml")
    }

    /// The folder a feed watches.
    #[must_use]
    pub fn inbox(&self, feed: Feed) -> PathBuf {
        self.agent_home().join("in").join(feed.name())
    }

    /// The agent's log so far, of all its starts.
    #[must_use]
    pub fn agent_log(&self) -> PathBuf {
        self.folder().join("agent.log")
    }

    /// The relay's log so far, of all its starts.
    #[must_use]
    pub fn relay_log(&self) -> PathBuf {
        self.folder().join("relay.log")
    }

    /// Starts the agent.
    ///
    /// # Panics
    /// When it runs already.
    pub fn start_agent(&mut self) {
        assert!(self.agent.is_none(), "the agent runs already");
        self.agent = Some(self.start(Side::Agent, ""));
    }

    /// Starts the agent, waits until it comes to a crash point and ends there, and leaves it down. `false` when it
    /// did not come there within `within`; it is down then too. Needs [`Build::Sabotage`].
    #[must_use]
    pub fn crash_agent_at(&mut self, point: &str, within: Duration) -> bool {
        self.start(Side::Agent, point).ends(within)
    }

    /// The same for the relay.
    #[must_use]
    pub fn crash_relay_at(&mut self, point: &str, within: Duration) -> bool {
        self.start(Side::Relay, point).ends(within)
    }

    /// Starts the relay and waits until it takes connections.
    ///
    /// # Panics
    /// When it does not within ten seconds.
    pub fn start_relay(&mut self) {
        assert!(self.relay.is_none(), "the relay runs already");
        let mut relay = self.start(Side::Relay, "");
        let began = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.relay_port)).is_err() {
            assert!(
                relay.is_running(),
                "the relay ended:\n{}",
                relay.last_words()
            );
            assert!(
                began.elapsed() < Duration::from_secs(10),
                "the relay does not listen:\n{}",
                relay.last_words()
            );
            thread::sleep(Duration::from_millis(5));
        }
        self.relay = Some(relay);
    }

    /// The running agent.
    ///
    /// # Panics
    /// When it does not run.
    pub fn agent(&mut self) -> &mut Process {
        self.agent.as_mut().expect("the agent was started")
    }

    /// The running relay.
    ///
    /// # Panics
    /// When it does not run.
    pub fn relay(&mut self) -> &mut Process {
        self.relay.as_mut().expect("the relay was started")
    }

    /// kill -9. Nothing when it does not run.
    pub fn kill_agent(&mut self) {
        drop(self.agent.take());
    }

    /// kill -9. Nothing when it does not run.
    pub fn kill_relay(&mut self) {
        drop(self.relay.take());
    }

    /// Asks the agent to stop and waits for it.
    ///
    /// # Panics
    /// When it does not, or not in good order.
    pub fn stop_agent(&mut self) {
        let status = self
            .agent
            .take()
            .expect("the agent was started")
            .stop(Duration::from_secs(20));
        assert!(
            status.success(),
            "the agent stopped with {status}:\n{}",
            self.last_words()
        );
    }

    /// Asks the relay to stop and waits for it.
    ///
    /// # Panics
    /// When it does not, or not in good order.
    pub fn stop_relay(&mut self) {
        let status = self
            .relay
            .take()
            .expect("the relay was started")
            .stop(Duration::from_secs(20));
        assert!(
            status.success(),
            "the relay stopped with {status}:\n{}",
            self.last_words()
        );
    }

    /// Closes the shop's door: connections are refused.
    pub fn close_shop(&mut self) {
        drop(self.shop.take());
    }

    /// Opens the shop again at the same address, with the same book.
    ///
    /// # Panics
    /// When the port was taken meanwhile.
    pub fn open_shop(&mut self) {
        self.shop = Some(Shop::open(&self.ledger, self.shop_port).expect("the shop's own port"));
    }

    /// Drops a file into a feed's folder as a careful ERP does: written elsewhere, then renamed into place.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn drop_file(&self, feed: Feed, name: &str, content: &[u8]) {
        let inbox = self.inbox(feed);
        let aside = inbox.with_extension("writing");
        fs::create_dir_all(&aside).expect("a folder beside the inbox");
        let mut file = File::create(aside.join(name)).expect("a file beside the inbox");
        file.write_all(content).expect("a file beside the inbox");
        // What the ERP wrote survives a power cut; only then is its loss somebody's fault.
        file.sync_all().expect("a file on disk");
        fs::rename(aside.join(name), inbox.join(name)).expect("the file in the inbox");
        File::open(&inbox)
            .and_then(|folder| folder.sync_all())
            .expect("its name on disk");
    }

    /// Waits until the shop's book holds what is asked, then until both programs have nothing on the way.
    ///
    /// # Panics
    /// When it does not within `within`, with the ends of both logs.
    pub fn wait(&self, what: &str, within: Duration, enough: impl Fn(&Book) -> bool) {
        let began = Instant::now();
        while !enough(&self.ledger.book()) {
            if began.elapsed() > within {
                let book = self.ledger.book().to_string();
                panic!(
                    "{what}: not within {within:?}; the shop has {book}\n{}",
                    self.last_words()
                );
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until the shop has `count` effects.
    pub fn wait_for_effects(&self, count: usize, within: Duration) {
        self.wait(&format!("{count} effects"), within, |book| {
            book.effects.len() >= count
        });
    }

    /// Waits until the shop has `count` effects and a quiet second has followed, in which what comes twice would come.
    /// Gives up after `within` without a panic: what is missing then is the caller's verdict.
    pub fn settle(&self, count: usize, within: Duration) {
        let began = Instant::now();
        let (mut calls, mut quiet_since) = (0, began);
        while began.elapsed() < within {
            let (effects, now) = {
                let book = self.ledger.book();
                (book.effects.len(), book.calls.len())
            };
            if effects < count || now > calls {
                (calls, quiet_since) = (now, Instant::now());
            } else if quiet_since.elapsed() > Duration::from_secs(1) {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Files in a feed's quarantine by the name the ERP gave them, with the text of their reason file.
    #[must_use]
    pub fn quarantined(&self, feed: Feed) -> Vec<(String, String)> {
        let folder = self.inbox(feed).join(".legacy-bridge/quarantine");
        let Ok(entries) = fs::read_dir(&folder) else {
            return Vec::new();
        };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut found: Vec<(String, String)> = names
            .filter_map(|name| {
                let given = name
                    .split_once("__")?
                    .1
                    .strip_suffix(".reason.json")?
                    .to_owned();
                Some((given, fs::read_to_string(folder.join(&name)).ok()?))
            })
            .collect();
        found.sort();
        found
    }

    /// Names in a feed's archive, as the ERP gave them.
    #[must_use]
    pub fn archived(&self, feed: Feed) -> Vec<String> {
        let mut found = Vec::new();
        collect_files(&self.inbox(feed).join(".legacy-bridge/archive"), &mut found);
        let mut names: Vec<String> = found
            .iter()
            .filter_map(|path| path.file_name()?.to_str())
            .map(|name| {
                name.split_once("__")
                    .map_or(name, |(_, given)| given)
                    .to_owned()
            })
            .collect();
        names.sort();
        names
    }

    /// The ends of both logs, for a failing test's message.
    #[must_use]
    pub fn last_words(&self) -> String {
        let end = |path: PathBuf| {
            let text = fs::read_to_string(path).unwrap_or_default();
            let lines: Vec<&str> = text.lines().collect();
            lines
                .get(lines.len().saturating_sub(15)..)
                .unwrap_or_default()
                .join("\n")
        };
        format!(
            "agent:\n{}\nrelay:\n{}",
            end(self.agent_log()),
            end(self.relay_log())
        )
    }

    fn start(&self, side: Side, crash_at: &str) -> Process {
        let (program, config, log) = match side {
            Side::Agent => ("legacy-bridge", self.agent_config(), self.agent_log()),
            Side::Relay => (
                "cloud-relay",
                self.folder().join("relay.toml"),
                self.relay_log(),
            ),
        };
        let args = ["run".as_ref(), "--config".as_ref(), config.as_os_str()];
        let env = [
            ("LB_SABOTAGE", self.plan.sabotage.as_str()),
            ("LB_CRASH_AT", crash_at),
        ];
        let env: Vec<_> = env
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect();
        assert!(
            env.is_empty() || self.plan.build == Build::Sabotage,
            "{env:?} means nothing to a release build"
        );
        Process::start(&binary(program, self.plan.build), &args, &env, &log)
    }

    fn agent_home(&self) -> &Path {
        self.plan.agent_home.as_deref().unwrap_or(self.folder())
    }

    fn write_configs(&self) {
        fs::write(self.folder().join("stock.toml"), workload::STOCK_MAPPING).expect("the mapping");
        fs::write(self.agent_config(), self.agent_toml()).expect("the agent's configuration");
        fs::write(self.folder().join("relay.toml"), self.relay_toml())
            .expect("the relay's configuration");
    }

    fn agent_toml(&self) -> String {
        let Plan {
            poll_seconds,
            settle_seconds,
            ..
        } = self.plan;
        let (data, relay_port) = (self.agent_data(), self.relay_port);
        let (orders, stock) = (self.inbox(Feed::Orders), self.inbox(Feed::Stock));
        format!(
            r#"[agent]
tenant = "{TENANT}"
name = "{AGENT}"
data = {data:?}
[relay]
url = "https://localhost:{relay_port}"
ca = "pki/ca.pem"
certificate = "pki/agent.pem"
key = {{ file = "pki/agent.key" }}
longest_pause_seconds = 1
[feeds.orders]
from.directory = {{ path = {orders:?}, include = ["*.edi"], poll_seconds = {poll_seconds}, settle_seconds = {settle_seconds} }}
format.x12 = {{}}
[feeds.stock]
from.directory = {{ path = {stock:?}, include = ["*.csv"], poll_seconds = {poll_seconds}, settle_seconds = {settle_seconds} }}
format.mapping = "stock.toml"
"#
        )
    }

    fn relay_toml(&self) -> String {
        let Plan {
            batch, in_flight, ..
        } = self.plan;
        let (data, relay_port, shop_port) = (self.relay_data(), self.relay_port, self.shop_port);
        format!(
            r#"[relay]
listen = "127.0.0.1:{relay_port}"
data = {data:?}
certificate = "pki/relay.pem"
key = {{ file = "pki/relay.key" }}
agents_ca = "pki/ca.pem"
[destinations.shop]
tenant = "{TENANT}"
webhook = {{ url = "http://127.0.0.1:{shop_port}/events", secret = {{ file = "shop.secret" }}, batch = {batch}, in_flight = {in_flight} }}
"#
        )
    }
}

/// A port of loopback that is free now and that the system does not give to outgoing connections, so that a
/// program can be started on it again and again.
///
/// # Panics
/// When none is free.
#[must_use]
pub fn free_port() -> u16 {
    let is_free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    (0..200)
        .map(|_| fastrand::u16(12_000..32_000))
        .find(is_free)
        .expect("a free port")
}

fn collect_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect_files(&path, found);
        } else {
            found.push(path);
        }
    }
}
