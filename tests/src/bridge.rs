//! A whole road in one folder: agent, relay and shop, set up with files as a customer would set them up, on loopback.
//! The programs are the real binaries; each can be stopped, killed and started again, and the shop closed and opened.
//! Nothing outlives the folder. Failures panic with the end of both logs.

mod folders;
mod plan;
mod waiting;

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

pub use self::folders::{Feed, files};
pub use self::plan::{AGENT, BUYER, Plan, SHOP_SECRET, TENANT};
pub use self::waiting::until;
use crate::pki::{Authority, Holder, write_secret};
use crate::process::{Build, Process, binary};
use crate::shop::{Ledger, Shop};
use crate::workload;

/// How long a program may take to be ready, or to stop, before a test gives up.
const PATIENCE: Duration = Duration::from_secs(20);

/// One of the two programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// `legacy-bridge`
    Agent,
    /// `cloud-relay`
    Relay,
}

impl Side {
    const fn program(self) -> &'static str {
        match self {
            Self::Agent => "legacy-bridge",
            Self::Relay => "cloud-relay",
        }
    }

    /// What it says when its stores are open and it takes work.
    const fn ready(self) -> &'static str {
        match self {
            Self::Agent => "agent started",
            Self::Relay => "relay listens",
        }
    }

    /// What it says of a queue that a crash must not leave behind.
    const fn damaged(self) -> &'static str {
        match self {
            Self::Agent => "queue opened with damage",
            Self::Relay => "part of the store cannot be read",
        }
    }
}

/// The road. Dropping it ends both programs and the shop.
pub struct Bridge {
    agent: Option<Process>,
    relay: Option<Process>,
    shop: Option<Shop>,
    ledger: Ledger,
    authority: Authority,
    shop_port: u16,
    relay_port: u16,
    plan: Plan,
    folder: TempDir,
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
        let (agent, relay, shop) = (None, None, Some(shop));
        let bridge = Self {
            agent,
            relay,
            shop,
            ledger,
            authority,
            shop_port,
            relay_port,
            plan,
            folder,
        };
        for feed in Feed::ALL {
            fs::create_dir_all(bridge.inbox(feed)).expect("an inbox");
        }
        bridge.write_configs();
        bridge
    }

    /// A road whose programs both run.
    #[must_use]
    pub fn running(plan: Plan) -> Self {
        let mut bridge = Self::new(plan);
        bridge.start(Side::Relay);
        bridge.start(Side::Agent);
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

    /// Where a program keeps its state.
    #[must_use]
    pub fn data(&self, side: Side) -> PathBuf {
        match side {
            Side::Agent => self.agent_home().join("agent-data"),
            Side::Relay => self
                .plan
                .relay_home
                .as_deref()
                .unwrap_or(self.folder())
                .join("relay-data"),
        }
    }

    /// A program's configuration file.
    #[must_use]
    pub fn config(&self, side: Side) -> PathBuf {
        self.folder().join(match side {
            Side::Agent => "agent.toml",
            Side::Relay => "relay.toml",
        })
    }

    /// A program's log so far, of all its starts.
    #[must_use]
    pub fn log(&self, side: Side) -> PathBuf {
        self.config(side).with_extension("log")
    }

    /// The folder a feed watches.
    #[must_use]
    pub fn inbox(&self, feed: Feed) -> PathBuf {
        self.agent_home().join("in").join(feed.name())
    }

    /// The folder that acknowledgements are written to.
    #[must_use]
    pub fn acknowledgements(&self) -> PathBuf {
        self.agent_home().join("out/acks")
    }

    /// Starts a program and waits until it is ready.
    ///
    /// # Panics
    /// When it runs already, or does not become ready.
    pub fn start(&mut self, side: Side) {
        if let Err(problem) = self.start_within(side, PATIENCE) {
            panic!("{problem}");
        }
    }

    /// Starts a program and waits until it says that it is ready. Returns how long it took.
    ///
    /// # Errors
    /// When it ended, or was not ready after `within`; it is down then.
    ///
    /// # Panics
    /// When it runs already.
    pub fn start_within(&mut self, side: Side, within: Duration) -> Result<Duration, String> {
        assert!(self.slot(side).is_none(), "{side:?} runs already");
        let began = Instant::now();
        let mut process = self.launch(side, "");
        while !process.said().contains(side.ready()) {
            if !process.is_running() {
                return Err(format!("{side:?} ended:\n{}", process.last_words()));
            }
            if began.elapsed() > within {
                return Err(format!(
                    "{side:?} is not ready after {within:?}:\n{}",
                    process.last_words()
                ));
            }
            thread::sleep(Duration::from_millis(5));
        }
        *self.slot(side) = Some(process);
        Ok(began.elapsed())
    }

    /// Starts a program, waits until it comes to a crash point and ends there, and leaves it down. `false` when it
    /// did not come there within `within`; it is down then too. Needs [`Build::Sabotage`].
    #[must_use]
    pub fn crash_at(&self, side: Side, point: &str, within: Duration) -> bool {
        self.launch(side, point).ends(within)
    }

    /// Whether a program was started and not ended since.
    #[must_use]
    pub fn runs(&self, side: Side) -> bool {
        match side {
            Side::Agent => self.agent.is_some(),
            Side::Relay => self.relay.is_some(),
        }
    }

    /// A running program.
    ///
    /// # Panics
    /// When it does not run.
    pub fn program(&mut self, side: Side) -> &mut Process {
        self.slot(side).as_mut().expect("the program was started")
    }

    /// Holds a program where it is, so that it can promise nothing any more.
    ///
    /// # Panics
    /// When it does not run.
    pub fn freeze(&mut self, side: Side) {
        self.slot(side)
            .as_ref()
            .expect("the program was started")
            .freeze();
    }

    /// kill -9. Nothing when it does not run.
    pub fn kill(&mut self, side: Side) {
        drop(self.slot(side).take());
    }

    /// Asks a program to stop and waits for it.
    ///
    /// # Panics
    /// When it does not, or not in good order.
    pub fn stop(&mut self, side: Side) {
        let status = self
            .slot(side)
            .take()
            .expect("the program was started")
            .stop(PATIENCE);
        assert!(
            status.success(),
            "{side:?} stopped with {status}:\n{}",
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

    /// Drops a file into a feed's folder as a careful ERP does.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn drop_file(&self, feed: Feed, name: &str, content: &[u8]) {
        folders::drop_file(&self.inbox(feed), name, content).expect("a file in the inbox");
    }

    /// Files in a feed's quarantine by the name the ERP gave them, with the text of their `reason.json`.
    #[must_use]
    pub fn quarantined(&self, feed: Feed) -> Vec<(String, String)> {
        folders::quarantined(&self.inbox(feed))
    }

    /// Names in a feed's archive, as the ERP gave them.
    #[must_use]
    pub fn archived(&self, feed: Feed) -> Vec<String> {
        folders::archived(&self.inbox(feed))
    }

    fn slot(&mut self, side: Side) -> &mut Option<Process> {
        match side {
            Side::Agent => &mut self.agent,
            Side::Relay => &mut self.relay,
        }
    }

    /// Starts a program that ends at a crash point, or at none when it is empty, and waits for nothing.
    pub(crate) fn launch(&self, side: Side, crash_at: &str) -> Process {
        let config = self.config(side);
        let args = ["run".as_ref(), "--config".as_ref(), config.as_os_str()];
        let is_sabotaged = self.plan.sabotaged.is_none_or(|only| only == side);
        let bugs = if is_sabotaged {
            self.plan.sabotage.as_str()
        } else {
            ""
        };
        let env = [("LB_SABOTAGE", bugs), ("LB_CRASH_AT", crash_at)];
        let env: Vec<_> = env
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect();
        assert!(
            env.is_empty() || self.plan.build == Build::Sabotage,
            "{env:?} means nothing to a release build"
        );
        Process::start(
            &binary(side.program(), self.plan.build),
            &args,
            &env,
            &self.log(side),
        )
    }

    fn agent_home(&self) -> &Path {
        self.plan.agent_home.as_deref().unwrap_or(self.folder())
    }

    fn write_configs(&self) {
        let places = plan::Places {
            agent_data: self.data(Side::Agent),
            relay_data: self.data(Side::Relay),
            orders: self.inbox(Feed::Orders),
            stock: self.inbox(Feed::Stock),
            edi: self.inbox(Feed::Edi),
            acknowledgements: self.acknowledgements(),
            relay_port: self.relay_port,
            shop_port: self.shop_port,
        };
        let write =
            |path: PathBuf, text: &str| fs::write(path, text).expect("a configuration file");
        write(self.folder().join("stock.toml"), workload::STOCK_MAPPING);
        fs::create_dir_all(self.folder().join("partners")).expect("a folder");
        write(self.folder().join("partners/buyer.toml"), BUYER);
        write(
            self.config(Side::Agent),
            &plan::agent_toml(&self.plan, &places),
        );
        write(
            self.config(Side::Relay),
            &plan::relay_toml(&self.plan, &places),
        );
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
