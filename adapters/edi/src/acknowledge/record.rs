//! What is remembered of an interchange until it is answered: its headers, the verdicts, and findings as far as a code of
//! an acknowledgement stands for them.
//! Data only. Invariant: its size is bounded by [`Budget`]; rejected messages find room where accepted ones no longer do.

use crate::finding::Finding;
use crate::headers::{Group, Interchange, Message, shown};
use crate::rule::Rule;
use crate::segment::Tag;
use crate::syntax::Syntax;

use super::policy::AckPolicy;

/// Longest value that is copied back (X12 element 724).
const VALUE: usize = 99;
/// Most findings that are kept of an interchange or a group itself.
const NOTES: usize = 64;

/// An interchange that is to be answered.
#[derive(Debug)]
pub(super) struct InterchangeRecord {
    pub(super) headers: Interchange,
    pub(super) policy: AckPolicy,
    pub(super) notes: Vec<Note>,
    pub(super) groups: Vec<GroupRecord>,
    /// Whether it holds TA1 segments.
    pub(super) acknowledges: bool,
    pub(super) accepted: bool,
    pub(super) budget: Budget,
    pub(super) omitted: Omitted,
}

/// What there was no room to remember.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Omitted {
    pub(super) findings: u64,
    pub(super) groups: u64,
    pub(super) accepted: u64,
    /// Rejected messages, and messages of rejected groups.
    pub(super) rejected: u64,
}

impl Omitted {
    pub(super) fn count(self) -> u64 {
        self.findings + self.groups + self.accepted + self.rejected
    }
}

/// A group, or the messages that stand in none.
#[derive(Debug)]
pub(super) struct GroupRecord {
    pub(super) headers: Group,
    pub(super) notes: Vec<Note>,
    pub(super) messages: Vec<MessageRecord>,
    /// The kinds of its messages, mostly one. The same one may stand here twice.
    pub(super) kinds: Vec<MessageKind>,
    pub(super) accepted: bool,
    /// What the trailer counts, where that is wrong.
    pub(super) claimed: Option<u64>,
    pub(super) counts: Counts,
}

impl GroupRecord {
    /// Whether anything is said against what is accepted of it.
    pub(super) fn has_errors(&self) -> bool {
        self.counts.with_errors > 0 || !self.notes.is_empty()
    }
}

/// How many messages a group had, those included that there was no room for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) received: u64,
    pub(super) accepted: u64,
    pub(super) with_errors: u64,
    pub(super) acknowledgements: u64,
}

/// What messages of a kind have in common.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct MessageKind {
    pub(super) id: String,
    pub(super) version: String,
    pub(super) agency: String,
    pub(super) guide: String,
    pub(super) package: bool,
}

impl MessageKind {
    fn cost(&self) -> usize {
        let text = [&self.id, &self.version, &self.agency, &self.guide];
        size_of::<Self>() + text.iter().map(|text| text.len()).sum::<usize>()
    }

    pub(super) fn of(message: &Message) -> Self {
        Self {
            id: message.id.clone(),
            version: message.version.clone(),
            agency: message.agency.clone(),
            guide: message.guide.clone(),
            package: message.package,
        }
    }

    pub(super) fn is_of(&self, message: &Message) -> bool {
        (
            &self.id,
            &self.version,
            &self.agency,
            &self.guide,
            self.package,
        ) == (
            &message.id,
            &message.version,
            &message.agency,
            &message.guide,
            message.package,
        )
    }

    /// Whether messages of this id are acknowledgements, which are never answered.
    pub(super) fn acknowledges(id: &str) -> bool {
        matches!(id, "997" | "999" | "CONTRL")
    }
}

/// A message.
#[derive(Debug)]
pub(super) struct MessageRecord {
    /// Its kind, by its index in the group.
    pub(super) kind: usize,
    pub(super) control_number: Box<str>,
    pub(super) accepted: bool,
    pub(super) notes: Vec<Note>,
    /// Whether there was no room for a finding.
    pub(super) unheard: bool,
}

impl MessageRecord {
    /// Whether an answer says anything against it.
    pub(super) fn has_errors(&self) -> bool {
        self.unheard || !self.notes.is_empty()
    }
}

/// A finding that an acknowledgement has a code for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Note {
    pub(super) rule: Rule,
    pub(super) error: bool,
    pub(super) segment: u32,
    pub(super) tag: Tag,
    pub(super) loop_id: Box<str>,
    pub(super) element: u16,
    pub(super) component: u16,
    pub(super) repetition: u16,
    pub(super) reference: Box<str>,
    /// The value that is wrong, where it can be copied; the text of a tag that is none.
    pub(super) value: Box<str>,
}

impl Note {
    /// None for a finding that no acknowledgement of the syntax has a word for.
    pub(super) fn of(finding: &Finding, syntax: Syntax) -> Option<Self> {
        let codes = finding.rule.codes();
        let heard = match syntax {
            Syntax::X12 => [
                codes.ta1,
                codes.group,
                codes.set,
                codes.segment,
                codes.element,
            ]
            .concat(),
            Syntax::Edifact => codes.contrl.to_owned(),
            Syntax::Tradacoms => String::new(),
        };
        if heard.is_empty() {
            return None;
        }
        let place = &finding.place;
        let value = finding.found.as_deref().map(copied);
        Some(Self {
            rule: finding.rule,
            error: finding.is_error(),
            segment: place.segment,
            tag: place.tag,
            loop_id: place.loop_id.as_ref().into(),
            element: place.element,
            component: place.component,
            repetition: place.repetition,
            reference: place.reference.as_ref().into(),
            value: value.unwrap_or_default(),
        })
    }

    fn cost(&self) -> usize {
        size_of::<Self>() + self.loop_id.len() + self.reference.len() + self.value.len()
    }
}

/// A value as it can be copied into an answer: not at all where it cannot be seen.
fn copied(value: &[u8]) -> Box<str> {
    let text = shown(value);
    if text.chars().any(char::is_control) {
        return Box::default();
    }
    text.chars().take(VALUE).collect()
}

/// Keeps a note of an interchange or group itself.
pub(super) fn keep(notes: &mut Vec<Note>, finding: &Finding, syntax: Syntax) {
    if notes.len() < NOTES {
        notes.extend(Note::of(finding, syntax));
    }
}

/// How much may be remembered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    limit: usize,
    spent: usize,
}

impl Budget {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, spent: 0 }
    }

    /// Whether there is room for this many bytes within so many quarters of the whole; then they are spent.
    fn spend(&mut self, bytes: usize, quarters: usize) -> bool {
        let room = self.spent.saturating_add(bytes) <= self.limit / 4 * quarters;
        if room {
            self.spent += bytes;
        }
        room
    }

    /// Room for a finding, in half of the whole.
    pub(super) fn note(&mut self, note: &Note) -> bool {
        self.spend(note.cost(), 2)
    }

    /// Room for a group.
    pub(super) fn group(&mut self, group: &Group) -> bool {
        let text = [&group.functional_id, &group.control_number, &group.version];
        let text: usize = text.iter().map(|text| text.len()).sum();
        let parties = group.sender.id.len() + group.receiver.id.len();
        self.spend(size_of::<GroupRecord>() + text + parties, 3)
    }

    /// Room for a message. Where little is left it is for rejected ones: an accepted one follows from the counts.
    pub(super) fn message(&mut self, message: &MessageRecord, kind: Option<&MessageKind>) -> bool {
        let kind = kind.map_or(0, MessageKind::cost);
        let bytes = size_of::<MessageRecord>() + message.control_number.len() + kind;
        self.spend(bytes, if message.accepted { 3 } else { 4 })
    }
}
