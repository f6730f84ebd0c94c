//! What is agreed for one syntax, checked and ready: what is accepted, how it is read, judged, mapped, answered and written.
//! Reads no guide by itself: whoever has the file gives its text.
//! Invariant: a mapping laid over the built-in ones compiles for every version that is agreed.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use toml::{Spanned, Table};

use super::error::Mistake;
use super::file::{EdifactSection, PartnerFile, ReadSection, TradacomsSection, X12Section};
use super::writing::{Parties, WriteTerms};
use crate::acknowledge::{AckPolicy, Contrl, Functional, Ta1};
use crate::charset::Encoding;
use crate::dictionary::Dictionaries;
use crate::headers::{Interchange, Message};
use crate::judge::Policy;
use crate::map::Mappings;
use crate::reader::TextPolicy;
use crate::rule::Rule;
use crate::syntax::Syntax;
use crate::write::Style;

/// Gives the text of a guide by the name that the partner's file has for it.
pub(super) type Load<'l> = dyn FnMut(&str) -> io::Result<String> + 'l;

/// What is agreed for one syntax.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The versions that are accepted; none listed: any.
    pub versions: Vec<String>,
    /// The transaction sets or messages that are accepted; none listed: any.
    pub sets: Vec<String>,
    /// The encoding that the partner writes, whatever its headers declare.
    pub charset: Option<Encoding>,
    /// What becomes of text around interchanges.
    pub text: TextPolicy,
    /// How bad each rule is.
    pub policy: Policy,
    /// Which acknowledgements the partner gets.
    pub acknowledge: AckPolicy,
    /// The currency of amounts that state none.
    pub currency: Option<String>,
    /// The offset from UTC of times that state none.
    pub utc_offset: Option<String>,
    /// The dictionaries, with the partner's guides.
    pub dictionaries: Dictionaries,
    /// The mappings, with what the partner lays over them.
    pub mappings: Arc<Mappings>,
    /// How documents are written for the partner; none where they are not.
    pub write: Option<WriteTerms>,
}

/// What a message has that was not agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unagreed {
    Set,
    Version,
}

impl Terms {
    /// Those of nobody in particular: everything is accepted and answered as by default.
    pub(super) fn anybody(dictionaries: &Dictionaries, mappings: &Arc<Mappings>) -> Self {
        Self {
            versions: Vec::new(),
            sets: Vec::new(),
            charset: None,
            text: TextPolicy::default(),
            policy: Policy::default(),
            acknowledge: AckPolicy::default(),
            currency: None,
            utc_offset: None,
            dictionaries: dictionaries.clone(),
            mappings: Arc::clone(mappings),
            write: None,
        }
    }

    /// Those of somebody unknown where partners are known: read, judged, and not answered.
    pub(super) fn stranger(dictionaries: &Dictionaries, mappings: &Arc<Mappings>) -> Self {
        Self {
            acknowledge: AckPolicy {
                functional: Functional::None,
                ta1: Ta1::Never,
                contrl: Contrl::None,
            },
            ..Self::anybody(dictionaries, mappings)
        }
    }

    /// What of a message was not agreed; none when it is accepted.
    pub(super) fn unagreed(&self, syntax: Syntax, message: &Message) -> Option<Unagreed> {
        let set = self.sets.is_empty() || self.sets.contains(&message.id);
        let version = |agreed: &String| {
            let (base, guide) = apart(syntax, agreed);
            base == message.version && (guide.is_empty() || guide == message.guide)
        };
        if !set {
            Some(Unagreed::Set)
        } else if self.versions.is_empty() || self.versions.iter().any(version) {
            None
        } else {
            Some(Unagreed::Version)
        }
    }

    /// How an answer to an interchange is written: as the partner wants everything written, else as it writes itself.
    #[must_use]
    pub fn answering(&self, interchange: &Interchange) -> Style {
        match &self.write {
            Some(write) => write.style.clone(),
            None => Style::answering(interchange),
        }
    }
}

/// A version and the guide that narrows it down: `004010` and `VICS`, `D.96A` and `EAN008`.
fn apart(syntax: Syntax, version: &str) -> (&str, &str) {
    let parts = match syntax {
        Syntax::X12 => version.split_at_checked(6),
        Syntax::Edifact | Syntax::Tradacoms => version.split_once(':'),
    };
    parts.unwrap_or((version, ""))
}

/// What the sections of all syntaxes have.
struct Section<'f> {
    syntax: Syntax,
    guides: &'f [Spanned<String>],
    map: &'f BTreeMap<Spanned<String>, Table>,
    read: &'f ReadSection,
}

/// Where the terms of a file start from.
pub(super) struct Base<'b> {
    pub(super) file: &'b PartnerFile,
    pub(super) dictionaries: &'b Dictionaries,
    pub(super) mappings: &'b Arc<Mappings>,
    pub(super) parties: Parties<'b>,
}

impl Base<'_> {
    pub(super) fn x12(&self, section: &X12Section, load: &mut Load<'_>) -> Result<Terms, Mistake> {
        let mut terms = self.terms(
            &Section {
                syntax: Syntax::X12,
                guides: &section.guides,
                map: &section.map,
                read: &section.read,
            },
            load,
        )?;
        terms.acknowledge.functional = section.acknowledge.functional;
        terms.acknowledge.ta1 = section.acknowledge.ta1;
        let write = section.write.as_ref();
        terms.write = write
            .map(|write| WriteTerms::x12(write, &self.parties))
            .transpose()?;
        Ok(terms)
    }

    pub(super) fn edifact(
        &self,
        section: &EdifactSection,
        load: &mut Load<'_>,
    ) -> Result<Terms, Mistake> {
        let mut terms = self.terms(
            &Section {
                syntax: Syntax::Edifact,
                guides: &section.guides,
                map: &section.map,
                read: &section.read,
            },
            load,
        )?;
        terms.acknowledge.contrl = section.acknowledge.contrl;
        let write = section.write.as_ref();
        terms.write = write
            .map(|write| WriteTerms::edifact(write, &self.parties))
            .transpose()?;
        Ok(terms)
    }

    pub(super) fn tradacoms(
        &self,
        section: &TradacomsSection,
        load: &mut Load<'_>,
    ) -> Result<Terms, Mistake> {
        let section = Section {
            syntax: Syntax::Tradacoms,
            guides: &section.guides,
            map: &section.map,
            read: &section.read,
        };
        self.terms(&section, load)
    }

    fn terms(&self, section: &Section<'_>, load: &mut Load<'_>) -> Result<Terms, Mistake> {
        let Self {
            file,
            dictionaries,
            mappings,
            ..
        } = self;
        let mut terms = Terms::anybody(dictionaries, mappings);
        let versions = section.read.versions.iter();
        terms.versions = versions
            .map(|version| checked_version(section.syntax, version))
            .collect::<Result<_, _>>()?;
        let sets = section.read.sets.iter();
        terms.sets = sets
            .map(|set| checked_set(section.syntax, set))
            .collect::<Result<_, _>>()?;
        terms.charset = section.read.charset.as_ref().map(encoding).transpose()?;
        terms.text = section.read.text;
        terms.policy = policy(file, &section.read.closed_code_lists)?;
        terms.currency = file.defaults.currency.as_ref().map(currency).transpose()?;
        terms.utc_offset = file
            .defaults
            .utc_offset
            .as_ref()
            .map(utc_offset)
            .transpose()?;
        for guide in section.guides {
            add_guide(&mut terms.dictionaries, guide, load)?;
        }
        if !section.map.is_empty() {
            terms.mappings = Arc::new(laid_over(section, &terms)?);
        }
        Ok(terms)
    }
}

/// An encoding by its name.
pub(super) fn encoding(name: &Spanned<String>) -> Result<Encoding, Mistake> {
    Encoding::named(name.get_ref()).ok_or_else(|| {
        Mistake::at(
            name.span(),
            format!("no encoding is called `{}`", name.get_ref()),
        )
        .hint("known are us-ascii, utf-8, iso-8859-1 to -9 and -15, windows-1250 to -1254")
    })
}

/// A version in the form in which messages name it.
pub(super) fn checked_version(
    syntax: Syntax,
    version: &Spanned<String>,
) -> Result<String, Mistake> {
    let text = version.get_ref();
    let (base, guide) = apart(syntax, text);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (good, form) = match syntax {
        Syntax::X12 => (
            base.len() == 6 && digits(base) && guide.len() <= 6,
            "six digits, and perhaps a guide behind them: 004010 or 004010VICS",
        ),
        Syntax::Edifact => (
            base.split_once('.')
                .is_some_and(|(one, two)| !one.is_empty() && !two.is_empty()),
            "version, full stop and release, and perhaps a guide behind a colon: D.96A or D.96A:EAN008",
        ),
        Syntax::Tradacoms => (digits(base), "the version in MHD: 9"),
    };
    if good {
        Ok(text.clone())
    } else {
        Err(Mistake::at(
            version.span(),
            format!("`{text}` is no version of {syntax}"),
        )
        .hint(format!("write {form}")))
    }
}

fn checked_set(syntax: Syntax, set: &Spanned<String>) -> Result<String, Mistake> {
    let text = set.get_ref();
    let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let (good, form) = match syntax {
        Syntax::X12 => (
            text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit()),
            "three digits, as ST01 has them: 850",
        ),
        Syntax::Edifact | Syntax::Tradacoms => (
            (1..=6).contains(&text.len()) && text.bytes().all(plain),
            "the name in the message's header, in capitals: ORDERS",
        ),
    };
    if good {
        Ok(text.clone())
    } else {
        Err(
            Mistake::at(set.span(), format!("`{text}` is no message of {syntax}"))
                .hint(format!("write {form}")),
        )
    }
}

fn policy(file: &PartnerFile, closed: &[String]) -> Result<Policy, Mistake> {
    let mut policy = Policy::default();
    for (name, weight) in &file.severity {
        let Some(rule) = Rule::named(name.get_ref()) else {
            let names = Rule::ALL.iter().map(|rule| rule.name());
            let mistake = Mistake::at(
                name.span(),
                format!("no rule is called `{}`", name.get_ref()),
            );
            return Err(match super::explain::nearest(name.get_ref(), names) {
                Some(name) => mistake.hint(format!("did you mean `{name}`?")),
                None => mistake.hint("write the name that findings show behind the full stop: `x12.segment_count` is segment_count"),
            });
        };
        policy.weights.insert(rule, *weight);
    }
    policy.closed = closed
        .iter()
        .map(|element| element.as_str().into())
        .collect();
    Ok(policy)
}

fn currency(code: &Spanned<String>) -> Result<String, Mistake> {
    let text = code.get_ref();
    if text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        Ok(text.clone())
    } else {
        Err(Mistake::at(code.span(), format!("`{text}` is no currency"))
            .hint("write three capitals of ISO 4217: EUR"))
    }
}

fn utc_offset(offset: &Spanned<String>) -> Result<String, Mistake> {
    let text = offset.get_ref();
    let good = match text.as_bytes() {
        b"Z" => true,
        [b'+' | b'-', hours @ .., b':', tens, ones] => {
            let hour = std::str::from_utf8(hours)
                .ok()
                .and_then(|hours| hours.parse::<u8>().ok());
            hours.len() == 2
                && hour.is_some_and(|hour| hour <= 14)
                && (b'0'..=b'5').contains(tens)
                && ones.is_ascii_digit()
        }
        _ => false,
    };
    if good {
        Ok(text.clone())
    } else {
        Err(
            Mistake::at(offset.span(), format!("`{text}` is no offset from UTC"))
                .hint("write hours and minutes: +01:00, or Z"),
        )
    }
}

fn add_guide(
    dictionaries: &mut Dictionaries,
    guide: &Spanned<String>,
    load: &mut Load<'_>,
) -> Result<(), Mistake> {
    let name = guide.get_ref();
    let wrong = |message: String| Mistake::at(guide.span(), message);
    let text = load(name)
        .map_err(|error| wrong(format!("the guide {name} could not be read: {error}")))?;
    let added = dictionaries.add(&text, name);
    added.map(drop).map_err(|error| wrong(error.to_string()))
}

/// The built-in mappings with those of the section over them, each compiled once.
fn laid_over(section: &Section<'_>, terms: &Terms) -> Result<Mappings, Mistake> {
    let syntax = section.syntax;
    let mut mappings = Mappings::shipped();
    for (set, table) in section.map {
        let wrong = |message: String| Mistake::at(set.span(), message);
        checked_set(syntax, set)?;
        let text = toml::to_string(table).map_err(|error| wrong(error.to_string()))?;
        let name = format!("{syntax}.map.{}", set.get_ref());
        let laid = mappings.lay_over(syntax, set.get_ref(), &text, &name);
        laid.map_err(|error| wrong(error.to_string()))?;
    }
    let usual = match syntax {
        Syntax::X12 => "004010",
        Syntax::Edifact => "D.96A",
        Syntax::Tradacoms => "9",
    };
    let versions = terms.versions.iter().map(String::as_str);
    let usual = Some(usual).filter(|_| terms.versions.is_empty());
    for version in versions.chain(usual) {
        let Some(found) = terms.dictionaries.find(syntax, version) else {
            continue;
        };
        for set in section.map.keys() {
            let plan = mappings.plan(&found.dictionary, set.get_ref());
            let plan = plan.map_err(|error| Mistake::at(set.span(), error.to_string()))?;
            if plan.is_none() {
                let message = format!(
                    "the dictionary of version {version} has no {}",
                    set.get_ref()
                );
                return Err(Mistake::at(set.span(), message).hint("load a guide that has it"));
            }
        }
    }
    Ok(mappings)
}
