//! `check`: tries what `run` would need, one line per finding, without taking a file or sending a document.

use std::fmt;
use std::path::Path;

use canonical::link::Hello;
use sources::Directory;

use crate::config::{AgentConfig, FeedConfig};
use crate::relay::RelayClient;

/// One thing that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was tried, for example `feed stock`.
    pub subject: String,
    /// What was seen: fine, or what is wrong and how to mend it.
    pub outcome: Result<String, String>,
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.outcome {
            Ok(seen) => write!(out, "ok    {}: {seen}", self.subject),
            Err(wrong) => write!(out, "WRONG {}: {wrong}", self.subject),
        }
    }
}

/// Tries every folder and the relay. The configuration itself was read, so it is right.
pub async fn check(config: &AgentConfig) -> Vec<Finding> {
    let mut findings = vec![writable("data folder".to_owned(), &config.data)];
    findings.extend(config.feeds.iter().map(|feed| {
        let outcome = Directory::open(feed.directory.clone())
            .and_then(|directory| directory.list())
            .map(|files| format!("{} files to take in {}", files.len(), feed.directory.inbox.display()))
            .map_err(|error| format!("{error}; make the folder, or give the service's account the right to list, create and rename in it"));
        Finding { subject: format!("feed {}", feed.name), outcome }
    }));
    let answered = |feed: &FeedConfig| {
        let folder = feed.acknowledgements.as_ref()?;
        Some(writable(
            format!("acknowledgements of feed {}", feed.name),
            folder,
        ))
    };
    findings.extend(config.feeds.iter().filter_map(answered));
    findings.push(relay(config).await);
    findings
}

fn writable(subject: String, folder: &Path) -> Finding {
    let probe = folder.join("check");
    let outcome = std::fs::create_dir_all(folder)
        .and_then(|()| sources::durable::write(&probe, b"legacy-bridge check\n"))
        .and_then(|()| std::fs::remove_file(&probe))
        .map(|()| format!("{} can be written", folder.display()))
        .map_err(|error| {
            format!(
                "{} cannot be written: {error}; give the service's account the right to",
                folder.display()
            )
        });
    Finding { subject, outcome }
}

async fn relay(config: &AgentConfig) -> Finding {
    let subject = "relay".to_owned();
    let Some(relay) = &config.relay else {
        return Finding {
            subject,
            outcome: Ok("none configured; documents are queued and stay".to_owned()),
        };
    };
    let client = match RelayClient::new(relay, &config.tenant, &config.name) {
        Ok(client) => client,
        Err(error) => {
            return Finding {
                subject,
                outcome: Err(error.to_string()),
            };
        }
    };
    // A greeting without lanes changes nothing at the relay.
    let hello = Hello {
        epoch: "0".repeat(16),
        agent_version: env!("CARGO_PKG_VERSION").to_owned(),
        lanes: std::collections::BTreeMap::new(),
    };
    let outcome = match client.hello(&hello).await {
        Ok(welcome) => Ok(format!(
            "{} knows this agent as {}/{}",
            relay.url, welcome.tenant, welcome.agent
        )),
        Err(error) => Err(format!(
            "{}: {error}; check the URL, the network and the certificates",
            relay.url
        )),
    };
    Finding { subject, outcome }
}
