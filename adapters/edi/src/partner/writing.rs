//! How documents are written for a partner: addresses, versions, style and batches, and the headers that follow from them.
//! Gives out no control numbers and reads no clock: both are the caller's.
//! Invariant: the separators and the level of a style that stands here can be written with.

use std::collections::BTreeMap;

use toml::Spanned;

use super::error::Mistake;
use super::file::{
    BatchSection, EdifactWriteSection, SeparatorsSection, Usage, X12Characters, X12WriteSection,
};
use super::identity::Identity;
use super::settings::{checked_version, encoding};
use crate::charset::Repertoire;
use crate::headers::{Address, Group, Interchange, Message};
use crate::separators::Separators;
use crate::syntax::Syntax;
use crate::write::Style;

/// How documents are written for a partner in one syntax.
#[derive(Clone, Debug)]
pub struct WriteTerms {
    /// The syntax.
    pub syntax: Syntax,
    /// From us.
    pub from: Address,
    /// To the partner.
    pub to: Address,
    /// GS02 and GS03.
    pub applications: (String, String),
    /// GS08 (`004010VICS`), or version and release of messages (`D.96A`).
    pub version: String,
    /// 0057 of UNH by message.
    pub associations: BTreeMap<String, String>,
    /// 0026 of UNB.
    pub application: String,
    /// 0032 of UNB.
    pub agreement: String,
    /// Whether an acknowledgement is asked for (ISA14, 0031).
    pub request_acknowledgement: bool,
    /// Whether it is a test.
    pub test: bool,
    /// Separators, characters, line ends.
    pub style: Style,
    /// How documents share interchanges.
    pub batch: Batch,
    /// Within how many hours the partner acknowledges; none where it never does.
    pub acknowledged_within_hours: Option<u32>,
}

/// How documents share interchanges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Most messages in an interchange; at least 1.
    pub messages: u32,
    /// Whether messages of several kinds share one.
    pub mixed: bool,
    /// How long an interchange waits for more.
    pub wait_seconds: u32,
}

/// Who writes to whom.
pub(super) struct Parties<'p> {
    pub(super) theirs: &'p [Identity],
    pub(super) ours: &'p [Identity],
    pub(super) usage: Usage,
    /// Where the lists stand, for what is missing in them.
    pub(super) id: std::ops::Range<usize>,
}

impl Parties<'_> {
    fn addresses(
        &self,
        syntax: Syntax,
        to: Option<&Spanned<String>>,
        from: Option<&Spanned<String>>,
    ) -> Result<(Address, Address), Mistake> {
        let two_digits = syntax == Syntax::X12;
        let to = self.choose(to, self.theirs, "ids")?;
        let from = self.choose(from, self.ours, "our_ids")?;
        Ok((from.address(two_digits), to.address(two_digits)))
    }

    fn choose(
        &self,
        named: Option<&Spanned<String>>,
        listed: &[Identity],
        list: &str,
    ) -> Result<Identity, Mistake> {
        let Some(named) = named else {
            let message = format!("nothing can be written where `{list}` names nobody");
            return listed
                .first()
                .cloned()
                .ok_or_else(|| Mistake::at(self.id.clone(), message));
        };
        let wrong = |message: String| Mistake::at(named.span(), message);
        let identity: Identity = named
            .get_ref()
            .parse()
            .map_err(|error: &str| wrong(error.to_owned()))?;
        if listed.contains(&identity) {
            Ok(identity)
        } else {
            let mistake = wrong(format!("{identity} is not listed"));
            Err(mistake.hint(format!(
                "add it to `{list}`, so that answers are recognised"
            )))
        }
    }
}

impl WriteTerms {
    pub(super) fn x12(section: &X12WriteSection, parties: &Parties<'_>) -> Result<Self, Mistake> {
        let version = checked_version(Syntax::X12, &section.version)?;
        let (from, to) =
            parties.addresses(Syntax::X12, section.to.as_ref(), section.from.as_ref())?;
        let style = Style {
            encoding: section.charset.as_ref().map(encoding).transpose()?,
            repertoire: section.characters.map(|characters| match characters {
                X12Characters::Basic => Repertoire::Basic,
                X12Characters::Extended => Repertoire::Extended,
            }),
            upper_case: section.capitals,
            suffix: section.line_ends,
            convention_in_header: section.convention_in_header,
            on_separator: section.on_separator.clone(),
            on_character: section.on_character,
            ..Style::x12()
        };
        let application = |named: &Option<String>, address: &Address| {
            named.clone().unwrap_or_else(|| address.id.clone())
        };
        Ok(Self {
            applications: (
                application(&section.application_from, &from),
                application(&section.application_to, &to),
            ),
            syntax: Syntax::X12,
            from,
            to,
            version,
            associations: BTreeMap::new(),
            application: String::new(),
            agreement: String::new(),
            request_acknowledgement: section.request_ta1,
            test: parties.usage == Usage::Test,
            style: separated(style, Syntax::X12, section.separators.as_ref())?,
            batch: Batch::from(section.batch),
            acknowledged_within_hours: Some(section.acknowledged_within_hours)
                .filter(|hours| *hours > 0),
        })
    }

    pub(super) fn edifact(
        section: &EdifactWriteSection,
        parties: &Parties<'_>,
    ) -> Result<Self, Mistake> {
        let version = checked_version(Syntax::Edifact, &section.version)?;
        let (from, to) =
            parties.addresses(Syntax::Edifact, section.to.as_ref(), section.from.as_ref())?;
        let syntax_version = *section.syntax_version.get_ref();
        if !(1..=4).contains(&syntax_version) {
            return Err(Mistake::at(
                section.syntax_version.span(),
                "syntax versions are 1 to 4",
            ));
        }
        let style = Style {
            level: section.level.get_ref().clone(),
            syntax_version,
            encoding: section.charset.as_ref().map(encoding).transpose()?,
            upper_case: section.capitals,
            suffix: section.line_ends,
            una: section.una,
            on_character: section.on_character,
            ..Style::edifact()
        };
        let style = separated(style, Syntax::Edifact, section.separators.as_ref())?;
        style
            .check(Syntax::Edifact)
            .map_err(|finding| Mistake::at(section.level.span(), finding.message))?;
        Ok(Self {
            applications: (from.id.clone(), to.id.clone()),
            syntax: Syntax::Edifact,
            from,
            to,
            version,
            associations: section.associations.clone(),
            application: section.application.clone(),
            agreement: section.agreement.clone(),
            request_acknowledgement: section.request_contrl,
            test: parties.usage == Usage::Test,
            style,
            batch: Batch::from(section.batch),
            acknowledged_within_hours: Some(section.acknowledged_within_hours)
                .filter(|hours| *hours > 0),
        })
    }

    /// The interchange's header. The date is `CCYYMMDD`, the time `HHMM`.
    #[must_use]
    pub fn interchange(&self, control_number: &str, date: &str, time: &str) -> Interchange {
        let version = match self.syntax {
            // ISA12 has the first five digits of GS08.
            Syntax::X12 => self.version.get(..5).unwrap_or_default().to_owned(),
            Syntax::Edifact | Syntax::Tradacoms => String::new(),
        };
        Interchange {
            syntax: self.syntax,
            sender: self.from.clone(),
            receiver: self.to.clone(),
            date: date.to_owned(),
            time: time.to_owned(),
            version,
            control_number: control_number.to_owned(),
            application: self.application.clone(),
            agreement: self.agreement.clone(),
            ack_requested: self.request_acknowledgement,
            test: self.test,
            ..Interchange::default()
        }
    }

    /// The header of a group of X12. EDIFACT is written without groups: there, leave the control number empty.
    #[must_use]
    pub fn group(
        &self,
        functional_id: &str,
        control_number: &str,
        date: &str,
        time: &str,
    ) -> Group {
        let application = |id: &str| Address {
            id: id.to_owned(),
            ..Address::default()
        };
        Group {
            functional_id: functional_id.to_owned(),
            sender: application(&self.applications.0),
            receiver: application(&self.applications.1),
            date: date.to_owned(),
            time: time.to_owned(),
            control_number: control_number.to_owned(),
            version: self.version.clone(),
            ..Group::default()
        }
    }

    /// The header of a message.
    #[must_use]
    pub fn message(&self, id: &str, control_number: &str) -> Message {
        let edifact = self.syntax == Syntax::Edifact;
        Message {
            id: id.to_owned(),
            control_number: control_number.to_owned(),
            version: self.version.clone(),
            agency: if edifact { "UN" } else { "X" }.to_owned(),
            guide: self.associations.get(id).cloned().unwrap_or_default(),
            ..Message::default()
        }
    }
}

impl From<BatchSection> for Batch {
    fn from(section: BatchSection) -> Self {
        Self {
            messages: section.messages.max(1),
            mixed: section.mixed,
            wait_seconds: section.wait_seconds,
        }
    }
}

/// The style with these separators in place of its own.
fn separated(
    mut style: Style,
    syntax: Syntax,
    section: Option<&Spanned<SeparatorsSection>>,
) -> Result<Style, Mistake> {
    let Some(section) = section else {
        return Ok(style);
    };
    let wrong = |message: String| Mistake::at(section.span(), message);
    let byte = |chosen: Option<char>, usual: u8| match chosen.map(u8::try_from) {
        None => Ok(usual),
        Some(Ok(byte)) => Ok(byte),
        Some(Err(_)) => Err(wrong("a separator is a sign of ASCII".to_owned())),
    };
    let chosen = section.get_ref();
    let usual = style.separators;
    if syntax == Syntax::X12 && (chosen.release.is_some() || chosen.decimal.is_some()) {
        return Err(wrong(
            "X12 has neither a release character nor a decimal mark to choose".to_owned(),
        ));
    }
    let optional = |chosen: Option<char>, usual: Option<u8>| match (chosen, usual) {
        (None, usual) => Ok(usual),
        (chosen, _) => byte(chosen, 0).map(Some),
    };
    style.separators = Separators {
        element: byte(chosen.element, usual.element)?,
        component: byte(chosen.component, usual.component)?,
        repetition: optional(chosen.repetition, usual.repetition)?,
        terminator: byte(chosen.terminator, usual.terminator)?,
        release: optional(chosen.release, usual.release)?,
        decimal: byte(chosen.decimal, usual.decimal)?,
        tag: None,
    };
    match style.check(syntax) {
        Ok(()) => Ok(style),
        Err(finding) => {
            Err(wrong(finding.message.into_owned()).hint(finding.expected.unwrap_or_default()))
        }
    }
}
