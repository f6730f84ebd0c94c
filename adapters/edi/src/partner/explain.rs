//! How an agreement was found or missed, for people: each partner that came near, and what fitted and what did not.
//! Says what [`Agreements::find`] does, from the same comparison.
//! Invariant: an explanation is bounded, however many partners there are.

use std::collections::BTreeSet;
use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;

use serde::Serialize;

use super::agreement::Agreement;
use super::agreements::Agreements;
use super::file::Usage;
use super::identity::Identity;
use super::terms::Unagreed;
use crate::finding::Finding;
use crate::headers::{Interchange, Message};
use crate::walk::{Event, Walk, WalkOptions};

/// Partners that are told of although they are not the sender.
const NEAR: usize = 5;

/// Interchanges of a file, and kinds of messages of an interchange, that are told of.
const MOST: usize = 100;

/// How the agreement of an interchange was found, or why there is none. [`fmt::Display`] is for people.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// Sender, receiver, number, usage and source.
    pub interchange: String,
    /// The partner whose agreement holds.
    pub found: Option<String>,
    /// The partners that were looked at, that one first.
    pub partners: Vec<Candidate>,
    /// How many others there are whose ids are nothing like the sender's.
    pub others: usize,
    /// What was not agreed, and what to do about it.
    pub findings: Vec<String>,
}

/// A partner that was looked at.
#[derive(Clone, Debug, Serialize)]
pub struct Candidate {
    /// Its id.
    pub partner: String,
    /// Its file.
    pub file: String,
    /// What was compared.
    pub checks: Vec<Check>,
}

/// One comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// The setting that was looked at.
    pub setting: String,
    /// Whether it fits.
    pub fits: bool,
    /// Why.
    pub reason: String,
}

impl Check {
    fn new(setting: impl Into<String>, fits: bool, reason: impl Into<String>) -> Self {
        Self {
            setting: setting.into(),
            fits,
            reason: reason.into(),
        }
    }
}

impl Agreements {
    /// How the agreement of an interchange was found or missed. `messages` are those of it that are to be told of; each
    /// kind is told of once.
    #[must_use]
    pub fn explain(
        &self,
        interchange: &Interchange,
        source: Option<&str>,
        messages: &[Message],
    ) -> Explanation {
        let decision = self.find(interchange, source);
        let sender = Identity::from(&interchange.sender);
        let best = decision.agreement().cloned();
        let mut told: Vec<Arc<Agreement>> = best.iter().cloned().collect();
        let known = self.known_as(&sender).iter();
        let alike = self.near(&sender);
        for agreement in known.chain(&alike) {
            if told.len() <= NEAR && told.iter().all(|other| other.id != agreement.id) {
                told.push(Arc::clone(agreement));
            }
        }
        let mut partners: Vec<Candidate> = told
            .iter()
            .map(|agreement| candidate(agreement, interchange, source))
            .collect();
        let mut findings: Vec<Finding> = decision.findings().to_vec();
        let mut kinds = BTreeSet::new();
        for message in messages {
            if !kinds.insert((&message.id, &message.version, &message.guide)) {
                continue;
            }
            findings.extend(decision.message(message));
            let chosen = partners.first_mut().filter(|_| best.is_some());
            let terms = best
                .as_ref()
                .and_then(|agreement| agreement.terms(interchange.syntax));
            if let (Some(candidate), Some(terms)) = (chosen, terms) {
                candidate.checks.push(check_message(
                    terms.unagreed(interchange.syntax, message),
                    interchange,
                    message,
                ));
            }
        }
        let usage = if interchange.test {
            "test"
        } else {
            "production"
        };
        let through =
            source.map_or_else(|| "no feed".to_owned(), |source| format!("feed {source:?}"));
        Explanation {
            interchange: format!(
                "{} {}: {sender} to {}, {usage}, through {through}",
                interchange.syntax,
                interchange.control_number,
                Identity::from(&interchange.receiver),
            ),
            found: best.map(|agreement| agreement.id.to_string()),
            others: self.iter().count() - partners.len(),
            partners,
            findings: findings.iter().map(told_of).collect(),
        }
    }

    /// The same for every interchange of a file, in their order, as far as they can be read.
    ///
    /// # Errors
    /// The input's own.
    pub fn explain_file(
        &self,
        input: &mut dyn Read,
        source: Option<&str>,
    ) -> io::Result<Vec<Explanation>> {
        let options = WalkOptions {
            text: self.text_policy(source),
            ..WalkOptions::default()
        };
        let mut walk = Walk::new(input, options);
        let (mut told, mut messages) = (Vec::new(), Vec::new());
        loop {
            let event = walk.advance()?;
            walk.take_findings();
            match event {
                Event::Interchange => messages.clear(),
                Event::Message => keep_kind(&mut messages, walk.message()),
                Event::InterchangeEnd(_) if told.len() < MOST => {
                    told.push(self.explain(walk.interchange(), source, &messages));
                }
                Event::End => return Ok(told),
                Event::InterchangeAck
                | Event::Group
                | Event::Segment
                | Event::MessageEnd(_)
                | Event::GroupEnd(_)
                | Event::InterchangeEnd(_) => {}
            }
        }
    }

    /// Partners with an id that looks like this one.
    fn near(&self, sender: &Identity) -> Vec<Arc<Agreement>> {
        let alike = self
            .alike(sender)
            .iter()
            .map(|(_, agreement)| Arc::clone(agreement));
        let loose = sender.loose();
        let close = self.iter().filter(|agreement| {
            let ids = agreement.theirs.iter().map(Identity::loose);
            ids.into_iter()
                .any(|id| distance(&loose, &id) <= 1 + loose.chars().count() / 6)
        });
        alike.chain(close.cloned()).collect()
    }
}

/// Keeps one message of each kind.
fn keep_kind(messages: &mut Vec<Message>, message: &Message) {
    let same = |other: &Message| {
        (&other.id, &other.version, &other.guide) == (&message.id, &message.version, &message.guide)
    };
    if messages.len() < MOST && !messages.iter().any(same) {
        messages.push(message.clone());
    }
}

fn told_of(finding: &Finding) -> String {
    match &finding.hint {
        Some(hint) => format!("{}: {}; {hint}", finding.rule.name(), finding.message),
        None => format!("{}: {}", finding.rule.name(), finding.message),
    }
}

fn candidate(agreement: &Agreement, interchange: &Interchange, source: Option<&str>) -> Candidate {
    let fit = agreement.fit(interchange, source);
    let sender = Identity::from(&interchange.sender);
    let receiver = Identity::from(&interchange.receiver);
    let is_sender = agreement.theirs.is_empty() || agreement.theirs.contains(&sender);
    let agreed_usage = match agreement.usage {
        Usage::Production => "production is agreed",
        Usage::Test => "test is agreed",
        Usage::Any => "test and production are agreed",
    };
    let syntax = interchange.syntax.to_string();
    let agreed_syntax = if fit.syntax {
        "it is agreed"
    } else {
        "there is no such table"
    };
    let through = match source {
        _ if agreement.sources.is_empty() => "any feed will do".to_owned(),
        None => format!(
            "no feed is named, {} would do",
            agreement.sources.join(", ")
        ),
        Some(source) if fit.source => format!("{source} is listed"),
        Some(source) => format!(
            "{source} is not listed, only {}",
            agreement.sources.join(", ")
        ),
    };
    Candidate {
        partner: agreement.id.to_string(),
        file: agreement.file.clone(),
        checks: vec![
            Check::new("ids", is_sender, listed(&sender, &agreement.theirs)),
            Check::new("our_ids", fit.receiver, listed(&receiver, &agreement.ours)),
            Check::new("usage", fit.usage, agreed_usage),
            Check::new(syntax, fit.syntax, agreed_syntax),
            Check::new("sources", fit.source, through),
        ],
    }
}

fn listed(identity: &Identity, list: &[Identity]) -> String {
    let Some(first) = list.first() else {
        return "anybody will do".to_owned();
    };
    if let Some(same) = list.iter().find(|listed| *listed == identity) {
        let (written, there) = (identity.to_string(), same.to_string());
        return match written == there {
            true => format!("{written} is listed"),
            false => format!("{written} is listed, as {there}"),
        };
    }
    let loose = identity.loose();
    match list.iter().find(|listed| listed.loose() == loose) {
        Some(alike) if alike.id == identity.id => {
            format!("{identity} is not listed, {alike} is: another qualifier")
        }
        Some(alike) => format!("{identity} is not listed, {alike} is: alike, but not the same"),
        None if list.len() == 1 => format!("{identity} is not listed, {first} is"),
        None => {
            let all: Vec<String> = list.iter().map(ToString::to_string).collect();
            format!("{identity} is not listed, these are: {}", all.join(", "))
        }
    }
}

fn check_message(
    unagreed: Option<Unagreed>,
    interchange: &Interchange,
    message: &Message,
) -> Check {
    let separator = if interchange.syntax == crate::Syntax::X12 || message.guide.is_empty() {
        ""
    } else {
        ":"
    };
    let kind = format!(
        "{} {}{separator}{}",
        message.id, message.version, message.guide
    );
    match unagreed {
        None => Check::new(kind, true, "it is agreed"),
        Some(Unagreed::Set) => Check::new(kind, false, "not among `read.sets`"),
        Some(Unagreed::Version) => Check::new(kind, false, "not among `read.versions`"),
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}", self.interchange)?;
        match &self.found {
            Some(partner) if self.findings.is_empty() => writeln!(out, "agreed with {partner}")?,
            Some(partner) => writeln!(out, "agreed with {partner}, but not like this")?,
            None if self.partners.is_empty() && self.others == 0 => {
                writeln!(
                    out,
                    "no partners are configured: everybody is accepted, by the default rules"
                )?;
            }
            None => writeln!(out, "no agreement")?,
        }
        for finding in &self.findings {
            writeln!(out, "  {finding}")?;
        }
        for candidate in &self.partners {
            writeln!(out, "{} ({})", candidate.partner, candidate.file)?;
            for Check {
                setting,
                fits,
                reason,
            } in &candidate.checks
            {
                let answer = if *fits { "yes" } else { "no " };
                writeln!(out, "  {answer} {setting}: {reason}")?;
            }
        }
        match self.others {
            0 => Ok(()),
            1 => writeln!(out, "1 other partner has nothing like it"),
            others => writeln!(out, "{others} other partners have nothing like it"),
        }
    }
}

/// The name that was probably meant; none when none is near.
pub(super) fn nearest<'n>(word: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let limit = 1 + word.chars().count() / 5;
    let distances = names.map(|name| (distance(word, name), name));
    let (distance, name) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance <= limit).then_some(name)
}

/// How many letters have to be put in, left out or exchanged to make one word of the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().take(64).enumerate() {
        let mut before = line;
        let mut left = line + 1;
        let mut next = vec![left];
        for (&with, above) in other.iter().zip(row.iter().skip(1)) {
            let exchanged = before + usize::from(with != letter);
            before = *above;
            left = exchanged.min(above + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
