//! An answer that is due, and its bytes: addressed to the sender, under our own numbers, in its test or production.
//! Pure: date, time and numbers are given.
//! Invariant: the same reply with the same numbers and moment has the same bytes.

use super::record::InterchangeRecord;
use super::{Verdict, contrl, functional, ta1};
use crate::finding::Finding;
use crate::headers::{Address, Group, Interchange};
use crate::syntax::Syntax;
use crate::write::{Style, Writer};

/// Which acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// TA1, of an interchange of X12.
    Ta1,
    /// 997, of the groups of an interchange.
    F997,
    /// 999, of the groups of an interchange, where a guide is checked.
    F999,
    /// CONTRL, of an interchange of EDIFACT.
    Contrl,
}

impl Kind {
    /// `TA1`, `997`, `999` or `CONTRL`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ta1 => "TA1",
            Self::F997 => "997",
            Self::F999 => "999",
            Self::Contrl => "CONTRL",
        }
    }
}

/// Our own control numbers for one answer: an interchange with at most one group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// ISA13, or 0020 of UNB.
    pub interchange: u64,
    /// GS06.
    pub group: u64,
}

/// When an answer is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// `CCYYMMDD`.
    pub date: String,
    /// `HHMM`.
    pub time: String,
}

/// An answer that is due, not yet numbered.
#[derive(Debug)]
pub struct Reply {
    kind: Kind,
    record: InterchangeRecord,
}

/// An answer as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// Which one.
    pub kind: Kind,
    /// What it answers: [`Interchange::key`].
    pub interchange: String,
    /// What it says of the whole interchange.
    pub verdict: Verdict,
    /// The interchange that carries it.
    pub bytes: Vec<u8>,
    /// Findings, messages and groups that it does not name, because there are limits to what it can: those of the standard
    /// and those of memory. Its counts hold all the same.
    pub omitted: u64,
}

impl Reply {
    pub(super) fn new(kind: Kind, record: InterchangeRecord) -> Self {
        Self { kind, record }
    }

    /// Which acknowledgement it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What it answers.
    #[must_use]
    pub fn interchange(&self) -> &Interchange {
        &self.record.headers
    }

    /// The interchange that carries the answer.
    ///
    /// # Errors
    /// A finding, when it cannot be written: what it answers has headers that cannot be copied, or the style no separators
    /// that can separate.
    pub fn write(
        &self,
        numbers: Numbers,
        moment: &Moment,
        style: &Style,
    ) -> Result<Acknowledgement, Box<Finding>> {
        let mut style = style.clone();
        if self.kind == Kind::F999 {
            style.convention_in_header = true;
        }
        let mut writer = Writer::new(style);
        writer.open_interchange(&self.headers(numbers, moment))?;
        let group = Group {
            date: moment.date.clone(),
            time: moment.time.clone(),
            control_number: numbers.group.to_string(),
            ..Group::default()
        };
        let unlisted = match self.kind {
            Kind::Ta1 => ta1::write(&self.record, &mut writer)?,
            Kind::F997 | Kind::F999 => {
                functional::write(&self.record, self.kind, &group, &mut writer)?
            }
            Kind::Contrl => contrl::write(&self.record, &mut writer)?,
        };
        writer.close_interchange()?;
        Ok(Acknowledgement {
            kind: self.kind,
            interchange: self.record.headers.key(),
            verdict: self.verdict(),
            bytes: writer.take(),
            omitted: unlisted + self.record.omitted.count(),
        })
    }

    fn verdict(&self) -> Verdict {
        match self.kind {
            Kind::Ta1 => ta1::verdict(&self.record).0,
            Kind::F997 | Kind::F999 => functional::verdict(&self.record),
            Kind::Contrl => contrl::verdict(&self.record),
        }
    }

    /// Back to the sender, in its own version and usage.
    fn headers(&self, numbers: Numbers, moment: &Moment) -> Interchange {
        let received = &self.record.headers;
        Interchange {
            syntax: received.syntax,
            sender: qualified(received.syntax, &received.receiver),
            receiver: qualified(received.syntax, &received.sender),
            date: moment.date.clone(),
            time: moment.time.clone(),
            version: version(&received.version),
            control_number: numbers.interchange.to_string(),
            test: received.test,
            usage: if received.test {
                received.usage.clone()
            } else {
                String::new()
            },
            ..Interchange::default()
        }
    }
}

/// A party of X12 needs a qualifier; one without was left out where nobody minds.
fn qualified(syntax: Syntax, party: &Address) -> Address {
    let mut party = party.clone();
    if syntax == Syntax::X12 && party.qualifier.is_empty() {
        party.qualifier.push_str("ZZ");
    }
    party
}

/// ISA12 as it was received, or what every receiver reads.
fn version(received: &str) -> String {
    let digits = received.len() == 5 && received.bytes().all(|byte| byte.is_ascii_digit());
    let known = digits && ("00200".."00900").contains(&received);
    if known { received } else { "00401" }.to_owned()
}
