//! The agent's configuration file: plain structs as written, then one step to the checked form that the agent runs on.
//! Only that step can fail, and it fails with the line and the word at fault. Paths are relative to the file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use config::{ConfigError, Secret, SecretRef, Spanned};
use edi::partner::Agreements;
use formats::Plan;
use serde::Deserialize;
use sources::{DirectoryOptions, NamePatterns};

use crate::partners;

/// The file as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentFile {
    /// Who this agent is and where it keeps its state.
    pub agent: AgentSection,
    /// Where documents go. Without it, documents are queued and stay.
    pub relay: Option<RelaySection>,
    /// One table per feed: where files come from and what they are.
    #[serde(default)]
    pub feeds: BTreeMap<String, FeedSection>,
}

/// `[agent]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentSection {
    /// Tenant, as in the certificate's `lb://tenant/agent`.
    pub tenant: String,
    /// Name of this agent, as in the certificate.
    pub name: String,
    /// Folder for the queue and the raw copies.
    pub data: PathBuf,
    /// How many days raw copies and forwarded blocks are kept. Default 7.
    #[serde(default = "seven")]
    pub keep_days: u32,
    /// Largest size of the queue; at the limit files stay in their folders. Default 4096.
    #[serde(default = "four_gibibytes")]
    pub queue_limit_mebibytes: u64,
}

/// `[relay]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelaySection {
    /// `https://host:port`
    pub url: String,
    /// The certificate authority of the relay, PEM. System roots are not used.
    pub ca: Spanned<PathBuf>,
    /// This agent's certificate chain, PEM.
    pub certificate: Spanned<PathBuf>,
    /// This agent's private key, PEM.
    pub key: Spanned<SecretRef>,
    /// Blocks on the way at once per lane. Default 4.
    #[serde(default = "four")]
    pub in_flight: usize,
    /// How long one request may take. Default 30.
    #[serde(default = "thirty")]
    pub timeout_seconds: f64,
    /// Longest pause between tries while the relay cannot be reached. Default 60.
    #[serde(default = "sixty")]
    pub longest_pause_seconds: f64,
}

/// `[feeds.NAME]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedSection {
    /// Where files come from.
    pub from: FromSection,
    /// What the files are.
    pub format: FormatSection,
}

/// `from.…`: the kind of source.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FromSection {
    /// A folder on a local or mounted volume.
    Directory(DirectorySection),
}

/// `from.directory`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirectorySection {
    /// The folder that the ERP writes into.
    pub path: PathBuf,
    /// Names to take, with `*` and `?`. Default: all.
    #[serde(default)]
    pub include: Vec<String>,
    /// Names never to take, besides the usual temporary ones.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// How often the folder is listed when no event comes. Default 10.
    #[serde(default = "ten")]
    pub poll_seconds: f64,
    /// How long size and time must stand still before a file is taken. Default 5.
    #[serde(default = "five")]
    pub settle_seconds: f64,
    /// Archive folder on the same volume. Default `.legacy-bridge/archive` in the folder.
    pub archive: Option<PathBuf>,
    /// Quarantine folder on the same volume. Default `.legacy-bridge/quarantine` in the folder.
    pub quarantine: Option<PathBuf>,
}

/// `format.…`: what the files of a feed are.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormatSection {
    /// X12 interchanges of anybody, not answered.
    X12(X12Section),
    /// EDI interchanges of trading partners: X12, EDIFACT, TRADACOMS.
    Edi(EdiSection),
    /// Whatever this mapping file describes.
    Mapping(PathBuf),
}

/// `format.x12`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct X12Section {}

/// `format.edi`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EdiSection {
    /// Folder with a file for each partner, `NAME.toml`. Without it, everybody is accepted.
    pub partners: Option<Spanned<PathBuf>>,
    /// Folder that acknowledgements are written to, in a folder for each partner. Without it, nobody is answered.
    pub acknowledgements: Option<PathBuf>,
}

fn seven() -> u32 {
    7
}
fn four_gibibytes() -> u64 {
    4096
}
fn four() -> usize {
    4
}
fn thirty() -> f64 {
    30.0
}
fn sixty() -> f64 {
    60.0
}
fn ten() -> f64 {
    10.0
}
fn five() -> f64 {
    5.0
}

/// The checked configuration.
#[derive(Debug)]
pub struct AgentConfig {
    /// Tenant of this agent.
    pub tenant: String,
    /// Name of this agent.
    pub name: String,
    /// Folder for the queue and the raw copies.
    pub data: PathBuf,
    /// How long raw copies and forwarded blocks are kept.
    pub keep: Duration,
    /// Largest size of the queue in bytes.
    pub queue_limit_bytes: u64,
    /// Where documents go.
    pub relay: Option<RelayConfig>,
    /// The feeds by name.
    pub feeds: Vec<FeedConfig>,
}

/// How the relay is reached.
#[derive(Debug)]
pub struct RelayConfig {
    /// Base URL without a trailing slash.
    pub url: String,
    /// PEM of the relay's authority.
    pub ca: Vec<u8>,
    /// PEM of this agent's chain.
    pub certificate: Vec<u8>,
    /// PEM of this agent's key.
    pub key: Secret,
    /// Blocks on the way at once per lane.
    pub in_flight: usize,
    /// Limit for one request.
    pub timeout: Duration,
    /// Longest pause between tries.
    pub longest_pause: Duration,
}

/// One feed, ready to run.
#[derive(Debug)]
pub struct FeedConfig {
    /// Its name.
    pub name: String,
    /// Folder options.
    pub directory: DirectoryOptions,
    /// How often the folder is listed.
    pub poll: Duration,
    /// How long a file must stand still.
    pub settle: Duration,
    /// The compiled format.
    pub plan: Plan,
    /// Where acknowledgements go; none where nobody is answered.
    pub acknowledgements: Option<PathBuf>,
}

impl AgentConfig {
    /// Reads and checks a configuration file, its mappings and its secrets. Touches no feed folder.
    ///
    /// # Errors
    /// The first mistake, with file, line, caret and mend.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let file: AgentFile = config::read(path)?;
        let place = Place {
            file: path,
            folder: path.parent().unwrap_or(Path::new(".")),
        };
        let feeds = file
            .feeds
            .into_iter()
            .map(|(name, feed)| FeedConfig::checked(name, feed, place));
        Ok(Self {
            tenant: file.agent.tenant,
            name: file.agent.name,
            data: place.folder.join(file.agent.data),
            keep: Duration::from_secs(u64::from(file.agent.keep_days) * 24 * 3600),
            queue_limit_bytes: file.agent.queue_limit_mebibytes.saturating_mul(1024 * 1024),
            relay: file
                .relay
                .map(|relay| RelayConfig::checked(relay, place))
                .transpose()?,
            feeds: feeds.collect::<Result<_, _>>()?,
        })
    }

    /// The feed of this name.
    #[must_use]
    pub fn feed(&self, name: &str) -> Option<&FeedConfig> {
        self.feeds.iter().find(|feed| feed.name == name)
    }
}

/// Reads and compiles a mapping file.
///
/// # Errors
/// When it cannot be read, or its first mistake.
pub fn read_mapping(path: &Path) -> Result<Plan, ConfigError> {
    let name = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => Plan::from_mapping(&text, &name),
        Err(cause) => Err(ConfigError::Read { name, cause }),
    }
}

/// The configuration file and the folder that its relative paths start at.
#[derive(Clone, Copy)]
struct Place<'a> {
    file: &'a Path,
    folder: &'a Path,
}

impl Place<'_> {
    fn bytes(self, path: &Spanned<PathBuf>) -> Result<Vec<u8>, ConfigError> {
        let full = self.folder.join(path.get_ref());
        std::fs::read(&full).map_err(|error| {
            self.mistake(
                path.span(),
                format!("{} could not be read: {error}", full.display()),
            )
        })
    }

    fn secret(self, secret: &Spanned<SecretRef>) -> Result<Secret, ConfigError> {
        secret
            .get_ref()
            .resolve(self.folder)
            .map_err(|error| self.mistake(secret.span(), error.to_string()))
    }

    fn partners(self, folder: &Spanned<PathBuf>) -> Result<Agreements, ConfigError> {
        let full = self.folder.join(folder.get_ref());
        let wrong = |what: String| self.mistake(folder.span(), what);
        let files = partners::files(&full)
            .map_err(|error| wrong(format!("{} could not be read: {error}", full.display())))?;
        if files.is_empty() {
            let what = format!(
                "{} has no partner's file; add one, or leave `partners` out to accept everybody",
                full.display()
            );
            return Err(wrong(what));
        }
        partners::read(&files)
    }

    /// A mistake that only showed after the file was parsed, pointed at in the file all the same.
    fn mistake(self, span: std::ops::Range<usize>, message: String) -> ConfigError {
        let text = std::fs::read_to_string(self.file).unwrap_or_default();
        ConfigError::at(&self.file.display().to_string(), &text, span, message, None)
    }
}

impl RelayConfig {
    fn checked(relay: RelaySection, place: Place<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            ca: place.bytes(&relay.ca)?,
            certificate: place.bytes(&relay.certificate)?,
            key: place.secret(&relay.key)?,
            url: relay.url.trim_end_matches('/').to_owned(),
            in_flight: relay.in_flight.clamp(1, 64),
            timeout: Duration::from_secs_f64(relay.timeout_seconds.clamp(0.1, 3600.0)),
            longest_pause: Duration::from_secs_f64(relay.longest_pause_seconds.clamp(0.01, 3600.0)),
        })
    }
}

impl FeedConfig {
    fn checked(name: String, feed: FeedSection, place: Place<'_>) -> Result<Self, ConfigError> {
        let FromSection::Directory(directory) = feed.from;
        let mut acknowledgements = None;
        let plan = match feed.format {
            FormatSection::X12(X12Section {}) => Plan::x12(),
            FormatSection::Mapping(path) => read_mapping(&place.folder.join(path))?,
            FormatSection::Edi(edi) => {
                acknowledgements = edi.acknowledgements.map(|path| place.folder.join(path));
                let partners = edi.partners.map(|folder| place.partners(&folder));
                Plan::edi(partners.transpose()?.unwrap_or_default())
            }
        };
        Ok(Self {
            name,
            poll: Duration::from_secs_f64(directory.poll_seconds.clamp(0.01, 86_400.0)),
            settle: Duration::from_secs_f64(directory.settle_seconds.clamp(0.0, 86_400.0)),
            directory: DirectoryOptions {
                inbox: place.folder.join(directory.path),
                archive: directory.archive.map(|path| place.folder.join(path)),
                quarantine: directory.quarantine.map(|path| place.folder.join(path)),
                names: NamePatterns::new(&directory.include, &directory.ignore),
            },
            plan,
            acknowledgements,
        })
    }
}
