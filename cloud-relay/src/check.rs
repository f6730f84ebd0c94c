//! `cloud-relay check`: what reading the configuration cannot show. Takes no documents and delivers none.

use std::fmt;

use tokio::net::TcpListener;

use crate::config::RelayConfig;

/// One thing that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether it is as it should be.
    pub good: bool,
    /// What was tried and what came of it, with what to do when it is not good.
    pub text: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}  {}",
            if self.good { "ok   " } else { "wrong" },
            self.text
        )
    }
}

/// Tries the address and each destination. Certificates and secrets were read with the configuration.
pub async fn check(config: &RelayConfig) -> Vec<Finding> {
    let mut findings = vec![Finding {
        good: true,
        text: "configuration, certificates and secrets are readable and fit together".to_owned(),
    }];
    findings.push(match TcpListener::bind(config.listen).await {
        Ok(_listener) => Finding {
            good: true,
            text: format!("can listen on {}", config.listen),
        },
        Err(error) => Finding {
            good: false,
            text: format!(
                "cannot listen on {}: {error}. Is the relay running already?",
                config.listen
            ),
        },
    });
    for destination in &config.destinations {
        let name = destination.name();
        findings.push(match destination.probe().await {
            Ok(()) => Finding {
                good: true,
                text: format!("destination {name} answers"),
            },
            Err(error) => Finding {
                good: false,
                text: format!(
                    "destination {name} does not answer: {error}. Check url, ca and proxy"
                ),
            },
        });
    }
    if config.destinations.is_empty() {
        findings.push(Finding {
            good: false,
            text: "there is no destination: documents are stored and go nowhere. Add [destinations.NAME]".to_owned(),
        });
    }
    findings
}
