//! What is agreed for one syntax, checked and ready: what is accepted, how it is read, judged, mapped, answered and written.
//! Reads no guide by itself: whoever has the file gives its text.
//! Invariant: a mapping laid over the built-in ones compiles for every version that is agreed.

use std::collections::BTreeMap;
use std::io;
use std::ops::RangeInclusive;
use std::sync::Arc;

use toml::{Spanned, Table};

use super::error::Mistake;
use super::file::{EdifactSection, PartnerFile, ReadSection, TradacomsSection, X12Section};
use super::settings::{
    apart, checked_set, checked_version, control_numbers, currency, encoding, policy, utc_offset,
};
use super::writing::{Parties, WriteTerms};
use crate::acknowledge::{AckPolicy, Contrl, Functional, Ta1};
use crate::charset::Encoding;
use crate::dictionary::Dictionaries;
use crate::headers::{Interchange, Message};
use crate::judge::Policy;
use crate::map::Mappings;
use crate::reader::TextPolicy;
use crate::syntax::Syntax;
use crate::write::Style;

/// The highest control number of X12: nine digits. EDIFACT has room for fourteen.
const LAST_OF_X12: u64 = 999_999_999;
const LAST_OF_EDIFACT: u64 = 99_999_999_999_999;

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
    /// Our control numbers towards the partner; the first follows the last.
    pub control_numbers: RangeInclusive<u64>,
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
            control_numbers: 1..=LAST_OF_X12,
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
        terms.control_numbers = control_numbers(section.control_numbers.as_ref(), LAST_OF_X12)?;
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
        terms.control_numbers = control_numbers(section.control_numbers.as_ref(), LAST_OF_EDIFACT)?;
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
