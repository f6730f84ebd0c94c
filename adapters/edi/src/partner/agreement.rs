//! One partner's agreement, from its file: who it is, what it may send where, and the terms for each syntax.
//! Invariant: an agreement that exists can be used as it is; whatever could be wrong with it was said when it was read.

use std::fmt;
use std::sync::Arc;

use toml::Spanned;

use super::error::Mistake;
use super::file::{PartnerFile, Usage};
use super::identity::Identity;
use super::terms::{Base, Load, Terms};
use super::writing::Parties;
use crate::dictionary::Dictionaries;
use crate::headers::Interchange;
use crate::map::Mappings;
use crate::syntax::Syntax;

/// A partner's name in logs, paths and control numbers.
///
/// Invariant: 1 to 35 of `a` to `z`, `0` to `9` and `-`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartnerId(String);

impl PartnerId {
    /// The name, if it can be one.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let good = (1..=35).contains(&text.len()) && text.bytes().all(plain);
        good.then(|| Self(text.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PartnerId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What was agreed with one partner.
#[derive(Debug)]
pub struct Agreement {
    /// Its name in logs, paths and control numbers.
    pub id: PartnerId,
    /// Its name for people.
    pub name: String,
    /// The file it was read from.
    pub file: String,
    /// How envelopes name it, the one we write to first; empty: whoever nobody else names.
    pub theirs: Vec<Identity>,
    /// How it names us, the one we write from first; empty: whatever it calls us.
    pub ours: Vec<Identity>,
    /// What the test indicators may say.
    pub usage: Usage,
    /// The feeds that its ids may come from; none listed: any.
    pub sources: Vec<String>,
    x12: Option<Arc<Terms>>,
    edifact: Option<Arc<Terms>>,
    tradacoms: Option<Arc<Terms>>,
}

/// How well an interchange fits an agreement, the most important first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fit {
    pub(super) receiver: bool,
    pub(super) usage: bool,
    pub(super) syntax: bool,
    pub(super) source: bool,
}

impl Agreement {
    pub(super) fn read(
        file: &PartnerFile,
        name: &str,
        dictionaries: &Dictionaries,
        mappings: &Arc<Mappings>,
        load: &mut Load<'_>,
    ) -> Result<Self, Mistake> {
        let wrong_id = || {
            Mistake::at(
                file.id.span(),
                format!("`{}` cannot be the id of a partner", file.id.get_ref()),
            )
            .hint("write 1 to 35 of a to z, 0 to 9 and -")
        };
        let id = PartnerId::new(file.id.get_ref()).ok_or_else(wrong_id)?;
        let (theirs, ours) = (
            identities(&file.ids, "ids", &file.id)?,
            identities(&file.our_ids, "our_ids", &file.id)?,
        );
        if file.x12.is_none() && file.edifact.is_none() && file.tradacoms.is_none() {
            let mistake = Mistake::at(file.id.span(), "nothing is agreed with this partner");
            return Err(mistake.hint("add a table [x12], [edifact] or [tradacoms], be it empty"));
        }
        let base = Base {
            file,
            dictionaries,
            mappings,
            parties: Parties {
                theirs: &theirs,
                ours: &ours,
                usage: file.usage,
                id: file.id.span(),
            },
        };
        let x12 = file
            .x12
            .as_ref()
            .map(|section| base.x12(section, load))
            .transpose()?;
        let edifact = file
            .edifact
            .as_ref()
            .map(|section| base.edifact(section, load))
            .transpose()?;
        let tradacoms = file
            .tradacoms
            .as_ref()
            .map(|section| base.tradacoms(section, load))
            .transpose()?;
        Ok(Self {
            id,
            name: file.name.clone(),
            file: name.to_owned(),
            usage: file.usage,
            sources: file.sources.clone(),
            x12: x12.map(Arc::new),
            edifact: edifact.map(Arc::new),
            tradacoms: tradacoms.map(Arc::new),
            theirs,
            ours,
        })
    }

    /// What is agreed for a syntax; none where it is not agreed.
    #[must_use]
    pub fn terms(&self, syntax: Syntax) -> Option<&Arc<Terms>> {
        match syntax {
            Syntax::X12 => self.x12.as_ref(),
            Syntax::Edifact => self.edifact.as_ref(),
            Syntax::Tradacoms => self.tradacoms.as_ref(),
        }
    }

    pub(super) fn fit(&self, interchange: &Interchange, source: Option<&str>) -> Fit {
        let receiver = Identity::from(&interchange.receiver);
        Fit {
            receiver: self.ours.is_empty() || self.ours.contains(&receiver),
            usage: match self.usage {
                Usage::Production => !interchange.test,
                Usage::Test => interchange.test,
                Usage::Any => true,
            },
            syntax: self.terms(interchange.syntax).is_some(),
            source: self.sources.is_empty()
                || source.is_none_or(|source| self.sources.iter().any(|listed| listed == source)),
        }
    }

    /// The identity by which an interchange could belong to both.
    pub(super) fn clash(&self, other: &Self) -> Option<String> {
        let usage =
            self.usage == other.usage || self.usage == Usage::Any || other.usage == Usage::Any;
        let syntaxes = [Syntax::X12, Syntax::Edifact, Syntax::Tradacoms];
        let syntax = syntaxes
            .iter()
            .any(|syntax| self.terms(*syntax).is_some() && other.terms(*syntax).is_some());
        let shared = |one: &[Identity], two: &[Identity]| match (one, two) {
            ([], []) => Some("*".to_owned()),
            _ => one
                .iter()
                .find(|identity| two.contains(identity))
                .map(ToString::to_string),
        };
        let ours = self.ours.is_empty()
            || other.ours.is_empty()
            || shared(&self.ours, &other.ours).is_some();
        shared(&self.theirs, &other.theirs).filter(|_| usage && syntax && ours)
    }
}

/// The identities of a list; none for `"*"`.
fn identities(
    listed: &[Spanned<String>],
    list: &str,
    id: &Spanned<String>,
) -> Result<Vec<Identity>, Mistake> {
    let mut identities: Vec<Identity> = Vec::with_capacity(listed.len());
    for text in listed {
        let wrong = |message: &str| Mistake::at(text.span(), message);
        match text.get_ref().as_str() {
            "*" if listed.len() == 1 => return Ok(identities),
            "*" => return Err(wrong("`*` is everybody, and stands alone")),
            _ => {}
        }
        let identity: Identity = text.get_ref().parse().map_err(wrong)?;
        if identities.contains(&identity) {
            let message = format!(
                "{identity} is listed twice: case, blanks and zeros before a qualifier make no difference"
            );
            return Err(wrong(&message));
        }
        identities.push(identity);
    }
    if identities.is_empty() {
        let mistake = Mistake::at(id.span(), format!("`{list}` is empty"));
        return Err(mistake.hint("list the ids that stand in the envelopes: \"ZZ:ACME\""));
    }
    Ok(identities)
}
