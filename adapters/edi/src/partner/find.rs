//! Which agreement an interchange belongs to, and what of it was not agreed.
//! Decides nothing about the data: a finding does, by the severity that the agreement gives it.
//! Invariant: whoever is a stranger is not answered; whoever is known is answered as agreed.

use std::cmp::Reverse;
use std::sync::Arc;

use canonical::problem::Severity;

use super::agreement::{Agreement, Fit};
use super::agreements::Agreements;
use super::file::Usage;
use super::identity::Identity;
use super::terms::{Terms, Unagreed};
use crate::finding::{Finding, Level, Place};
use crate::headers::{Interchange, Message};
use crate::rule::Rule;
use crate::segment::Tag;
use crate::syntax::Syntax;

/// What is known of an interchange by its header.
#[derive(Clone, Debug)]
pub struct Decision {
    agreement: Option<Arc<Agreement>>,
    terms: Arc<Terms>,
    syntax: Syntax,
    findings: Vec<Finding>,
}

impl Decision {
    /// The agreement; none for a stranger, and as long as no partner is known.
    #[must_use]
    pub fn agreement(&self) -> Option<&Arc<Agreement>> {
        self.agreement.as_ref()
    }

    /// How the interchange is read, judged and answered.
    #[must_use]
    pub fn terms(&self) -> &Arc<Terms> {
        &self.terms
    }

    /// What of the header was not agreed.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// What of a message was not agreed; none when it is accepted.
    #[must_use]
    pub fn message(&self, message: &Message) -> Option<Finding> {
        let unagreed = self.terms.unagreed(self.syntax, message)?;
        let (what, found, list) = match unagreed {
            Unagreed::Set => ("the message", &message.id, &self.terms.sets),
            Unagreed::Version => (
                "the version of the message",
                &message.version,
                &self.terms.versions,
            ),
        };
        let partner = self
            .agreement
            .as_ref()
            .map_or("the partner", |agreement| agreement.name.as_str());
        let finding = Finding::new(
            Rule::NoAgreement,
            format!("{what} was not agreed with {partner}"),
        )
        .found(found.as_bytes())
        .expected(list.join(", "));
        let list = match unagreed {
            Unagreed::Set => "read.sets",
            Unagreed::Version => "read.versions",
        };
        let finding = match &self.agreement {
            Some(agreement) => finding.hint(format!(
                "if it is wanted, add it to `{}.{list}` in {}",
                self.syntax, agreement.file
            )),
            None => finding,
        };
        self.terms.policy.weigh(finding)
    }
}

impl Agreements {
    /// The agreement that an interchange belongs to. `source` is the feed it came through, where it came through one.
    #[must_use]
    pub fn find(&self, interchange: &Interchange, source: Option<&str>) -> Decision {
        let syntax = interchange.syntax;
        if self.is_empty() {
            return Decision {
                agreement: None,
                terms: Arc::clone(&self.anybody),
                syntax,
                findings: Vec::new(),
            };
        }
        let Some((agreement, fit)) = self.best(interchange, source) else {
            return Decision {
                agreement: None,
                terms: Arc::clone(&self.stranger),
                syntax,
                findings: vec![self.unknown(interchange)],
            };
        };
        let terms = Arc::clone(agreement.terms(syntax).unwrap_or(&self.anybody));
        let findings = misfits(agreement, fit, interchange, source);
        Decision {
            agreement: Some(Arc::clone(agreement)),
            findings: findings
                .into_iter()
                .filter_map(|finding| terms.policy.weigh(finding))
                .collect(),
            terms,
            syntax,
        }
    }

    /// The agreement with the sender that fits best.
    pub(super) fn best(
        &self,
        interchange: &Interchange,
        source: Option<&str>,
    ) -> Option<(&Arc<Agreement>, Fit)> {
        let sender = Identity::from(&interchange.sender);
        let fits = self
            .known_as(&sender)
            .iter()
            .map(|agreement| (agreement, agreement.fit(interchange, source)));
        fits.min_by_key(|(_, fit)| Reverse(*fit))
    }

    fn unknown(&self, interchange: &Interchange) -> Finding {
        let sender = Identity::from(&interchange.sender);
        let finding = Finding::new(Rule::SenderUnknown, "no partner goes by the sender's id")
            .at_level(Level::Interchange)
            .at(header(interchange.syntax, 6, 2))
            .found(sender.to_string().as_bytes());
        debug_assert_eq!(finding.severity, Severity::Error);
        let receiver = Identity::from(&interchange.receiver);
        let swapped = self
            .known_as(&receiver)
            .iter()
            .find(|agreement| agreement.ours.contains(&sender));
        if let Some(agreement) = swapped {
            return finding.hint(format!(
                "this is what we send to {}: it was dropped where it is read",
                agreement.name
            ));
        }
        match self.alike(&sender).first() {
            Some((identity, agreement)) => finding.expected(identity.to_string()).hint(format!(
                "if {} goes by this id too, add \"{sender}\" to `ids` in {}",
                agreement.name, agreement.file
            )),
            None => finding.hint(format!(
                "add \"{sender}\" to the `ids` of its partner's file, or make one"
            )),
        }
    }
}

/// What does not fit.
fn misfits(
    agreement: &Agreement,
    fit: Fit,
    interchange: &Interchange,
    source: Option<&str>,
) -> Vec<Finding> {
    let syntax = interchange.syntax;
    let finding = |rule: Rule, message: String, found: &str, place: Place| {
        let finding = Finding::new(rule, message);
        finding
            .at_level(Level::Interchange)
            .found(found.as_bytes())
            .at(place)
    };
    let (name, file) = (&agreement.name, &agreement.file);
    let mut findings = Vec::new();
    if !fit.receiver {
        let receiver = Identity::from(&interchange.receiver).to_string();
        let message = format!("{name} sends this to somebody else than us");
        let ours: Vec<String> = agreement.ours.iter().map(ToString::to_string).collect();
        let found = finding(
            Rule::ReceiverUnknown,
            message,
            &receiver,
            header(syntax, 8, 3),
        );
        let hint = format!("if it is one of ours, add \"{receiver}\" to `our_ids` in {file}");
        findings.push(found.expected(ours.join(", ")).hint(hint));
    }
    if !fit.usage {
        let (agreed, found) = match agreement.usage {
            Usage::Test => ("test", "production"),
            Usage::Production | Usage::Any => ("production", "test"),
        };
        let message = format!("{found} was not agreed with {name}, {agreed} was");
        let found = finding(
            Rule::TestIndicator,
            message,
            &interchange.usage,
            header(syntax, 15, 11),
        );
        findings.push(found.hint(format!("if both are, write `usage = \"any\"` in {file}")));
    }
    if !fit.syntax {
        let message = format!("no {syntax} was agreed with {name}");
        let found = finding(
            Rule::NoAgreement,
            message,
            syntax.as_str(),
            header(syntax, 0, 0),
        );
        findings.push(found.hint(format!("if it is wanted, add a table [{syntax}] to {file}")));
    }
    if !fit.source {
        let source = source.unwrap_or_default();
        let sender = Identity::from(&interchange.sender).to_string();
        let message = format!("{name} does not send through the feed {source:?}");
        let found = finding(Rule::SenderNotHere, message, &sender, header(syntax, 6, 2));
        let hint = format!(
            "find out who put it there; if it is right, add \"{source}\" to `sources` in {file}"
        );
        findings.push(found.expected(agreement.sources.join(", ")).hint(hint));
    }
    findings
}

/// An element of the interchange's header: of ISA, and of UNB or STX.
fn header(syntax: Syntax, isa: u16, other: u16) -> Place {
    let (tag, element) = match syntax {
        Syntax::X12 => (Tag::new(b"ISA"), isa),
        Syntax::Edifact => (Tag::new(b"UNB"), other),
        Syntax::Tradacoms => (Tag::new(b"STX"), other),
    };
    Place {
        tag,
        element,
        ..Place::default()
    }
}
