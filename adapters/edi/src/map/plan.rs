//! A mapping compiled against its message's structure and the canonical model: what reading and writing run on.
//! Names are looked up here and nowhere later.
//! Invariant: every path, place, table and word of a plan exists.

mod compile;
mod position;
mod target;

use std::sync::Arc;

use canonical::entity::EntityKind;
use canonical::model::ObjectId;

use crate::charset::Charset;
use crate::dictionary::Structure;
use crate::message::MessageView;
use crate::segment::Tag;

use super::fields::Fields;
use super::function::{CodeTable, Function};
use super::language::{Address, Levels};
use super::path::Path;
use super::place::Test;
pub(super) use compile::Compiler;
pub(super) use position::asked;

/// A compiled mapping of one set or message of one version.
#[derive(Debug)]
pub struct Plan {
    pub(super) kind: EntityKind,
    pub(super) root: ObjectId,
    pub(super) structure: Arc<Structure>,
    /// The loop of which each repetition is a document.
    pub(super) document: Option<u16>,
    /// What a repetition must say to be one.
    pub(super) needs: Option<Path>,
    pub(super) sections: Vec<Section>,
    /// The sections of each node, the most exact first.
    pub(super) by_node: Vec<Vec<u16>>,
    /// The nodes of each node's tag at its place, which its occurrences are counted with.
    pub(super) alike: Vec<Box<[u16]>>,
    pub(super) tables: Vec<CodeTable>,
    pub(super) defaults: Vec<Default>,
    /// What the message is to the documents around, where it is none itself.
    pub(super) part: Option<Part>,
    /// Only for reading.
    pub(super) reads_only: bool,
    /// Some element says the currency of amounts that state none.
    pub(super) states_currency: bool,
    /// What messages with a certain segment are read by instead, and their entity is written by.
    pub(super) others: Vec<(Asked, Arc<Plan>)>,
    /// Places and elements with `?` that this version does not have.
    #[cfg(test)]
    pub(super) lacking: Vec<String>,
}

/// A message that is no document, but belongs to those that follow or went before (TRADACOMS).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What it says holds for each document until the next header, a trailer, or the end of the interchange.
    Header,
    /// It ends what a header began.
    Trailer,
}

impl Plan {
    /// What the message is to the documents around, where it is none itself.
    #[must_use]
    pub fn part(&self) -> Option<Part> {
        self.part
    }

    /// The loop of a node, and whether it opens it.
    pub(super) fn loop_of(&self, node: u16) -> (Option<u16>, bool) {
        let found = self.structure.nodes.get(usize::from(node));
        let index = found.and_then(|node| node.loop_index);
        (index, found.is_some_and(|node| node.is_trigger))
    }

    /// Whether one message holds several documents.
    #[must_use]
    pub fn has_several(&self) -> bool {
        self.document.is_some()
    }

    /// Whether documents can be written by it.
    #[must_use]
    pub fn writes(&self) -> bool {
        !self.reads_only
    }

    /// Whether the items of a list of the document's top are levels of a hierarchy.
    pub(super) fn has_levels(&self, list: u16) -> bool {
        self.sections.iter().any(|section| {
            let each = section.each.as_ref().filter(|each| each.list);
            section.tree.is_some() && each.is_some_and(|each| each.member == list)
        })
    }

    /// The entity that its documents are.
    #[must_use]
    pub fn kind(&self) -> EntityKind {
        self.kind
    }

    /// The plan by which a document of this entity is written: this one, or one for certain messages of the set.
    #[must_use]
    pub fn for_kind(&self, kind: EntityKind) -> Option<&Self> {
        let other = || self.others.iter().find(|(_, plan)| plan.kind == kind);
        if self.kind == kind {
            return Some(self);
        }
        other().map(|(_, plan)| &**plan)
    }

    /// The plan for a message by its segments.
    pub(super) fn for_message(&self, view: MessageView<'_>, charset: Charset) -> &Self {
        let has = |asked: &Asked| {
            let first = view.segments().find(|segment| segment.tag() == asked.tag);
            first.is_some_and(|segment| Fields::new(segment, charset).pass(&asked.tests))
        };
        let other = self.others.iter().find(|(asked, _)| has(asked));
        other.map_or(self, |(_, plan)| plan)
    }
}

/// A place and what its elements mean.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) place: Box<str>,
    /// The sections that the loop around must have been entered by; any will do where there are none.
    pub(super) within: Vec<u16>,
    pub(super) tests: Box<[Test]>,
    /// Only behind a certain segment of the message.
    behind: bool,
    pub(super) before: Option<Before>,
    /// Not where such a segment stands beside it, in the loop around.
    pub(super) unless: Option<Asked>,
    /// Not where such a segment stands inside the loop that it opens.
    pub(super) without: Option<Asked>,
    /// Only read: what it says is written elsewhere.
    pub(super) reads_only: bool,
    /// Only written when the document has something at the path, from the object around; or has nothing.
    pub(super) when: Option<(Path, bool)>,
    /// The list that gets an item, from the object around.
    pub(super) each: Option<Path>,
    pub(super) tree: Option<Levels>,
    /// The object that the rules fill: an item of `each`, or the object around.
    pub(super) object: ObjectId,
    /// The members that an item of `each` must have from its segments, as a set.
    pub(super) stated: u64,
    pub(super) set: Vec<(Path, SetFrom)>,
    pub(super) rules: Vec<Rule>,
}

impl Plan {
    /// The sections of a node of the structure, in the order in which a reader asks them.
    pub(super) fn asked(&self, node: u16) -> &[u16] {
        self.by_node
            .get(usize::from(node))
            .map_or(&[], Vec::as_slice)
    }
}

impl Section {
    /// Whether it asks for more than the segment itself says.
    pub(super) fn asks_around(&self) -> bool {
        self.behind || self.before.is_some() || self.unless.is_some() || self.without.is_some()
    }

    /// Whether it says on which day the message is written, and nothing of the document.
    pub(super) fn says_date(&self) -> bool {
        let date = |target: &Target| matches!(target, Target::Message(Whole::Date));
        self.is_fixed() && self.rules.iter().any(|rule| rule.targets.iter().any(date))
    }

    /// Whether it writes the same whatever the document says.
    pub(super) fn is_fixed(&self) -> bool {
        let states = |target: &Target| matches!(target, Target::Literal(_) | Target::Message(_));
        let asks = |target: &Target| matches!(target, Target::Path(..) | Target::If(..));
        let mut targets = self.rules.iter().flat_map(|rule| rule.targets.iter());
        self.each.is_none() && targets.clone().any(states) && !targets.any(asks)
    }

    /// How much it asks for.
    fn exactness(&self) -> usize {
        let asks = [
            self.behind,
            self.before.is_some(),
            self.unless.is_some(),
            self.without.is_some(),
        ];
        self.tests.len() * 8 + asks.into_iter().filter(|asks| *asks).count()
    }
}

/// What the next segment must be, or not be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Before {
    pub(super) tag: Tag,
    pub(super) negated: bool,
}

/// A segment that is asked for: whether it is there.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Asked {
    pub(super) tag: Tag,
    pub(super) tests: Box<[Test]>,
}

/// Where a value comes from that no element states.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum SetFrom {
    /// A fixed word or text.
    Literal(Box<str>),
    /// A fixed word or text, when in the end nothing else has stated it.
    Else(Box<str>),
    /// The item's place in its list, from 1.
    Ordinal,
    /// A member of the nearest item of that list around, by the hierarchy where there is one.
    Around { list: u16, member: u16 },
    /// A member of the only item of that list right below in the hierarchy.
    Below { list: u16, member: u16 },
    /// A member of the document of the level above, where levels are documents.
    Above { member: u16 },
    /// A member of the document's top, or of the object around; its word by a table where there is one.
    Copy(Path, Option<u16>),
    /// The interchange's sender: a list of parties with it in this role, or the place that it is.
    Sender { role: Box<str> },
}

/// What is set where a document does not state it.
#[derive(Debug)]
pub(super) struct Default {
    /// The list of which each item gets it.
    pub(super) list: Option<u16>,
    pub(super) path: Path,
    pub(super) from: SetFrom,
}

/// What an element, or a run of them, means.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) first: Address,
    pub(super) last: Address,
    /// All addresses from the one to the other.
    pub(super) run: Box<[Address]>,
    /// Some table has a word for an element that says nothing.
    pub(super) minds_nothing: bool,
    /// Decimals that the element's type implies.
    pub(super) decimals: u8,
    /// Whether the element has components in this version.
    pub(super) composite: bool,
    /// Most characters the element takes.
    pub(super) width: u32,
    pub(super) targets: Box<[Target]>,
}

impl Rule {
    /// Whether its paths choose items by the values of other elements of the segment.
    pub(super) fn asks_beside(&self) -> bool {
        let asks = |target: &Target| matches!(target, Target::Path(path, _) if path.asks);
        self.targets.iter().any(asks)
    }

    /// The element with the format of a date that is only taken when nothing else has stated it.
    pub(super) fn late_format(&self) -> Option<Address> {
        self.targets.iter().find_map(|target| match target {
            Target::Else(_, Function::Period { format }) => Some(*format),
            _ => None,
        })
    }

    /// Whether it takes a period: its first day to one path, its last to another.
    pub(super) fn spans(&self) -> bool {
        let period = |target: &&Target| {
            matches!(
                target,
                Target::Path(_, Function::Period { .. }) | Target::Else(_, Function::Period { .. })
            )
        };
        self.targets.iter().filter(period).count() > 1
    }
}

/// Where a value goes.
#[derive(Debug)]
pub(super) enum Target {
    /// Nowhere: it says nothing that the document does not say. Any value, or one of these.
    Nowhere(Box<[Box<str>]>),
    /// Nowhere when it is this, which is what is written.
    Literal(Box<str>),
    /// The same, but only written beside another element.
    Beside(Box<str>, Address),
    /// Nowhere when it is this, which is written when the document has something at the path.
    If(Box<str>, Path),
    /// To a path.
    Path(Path, Function),
    /// To a path, when nothing else has stated it in the end. Not written.
    Else(Path, Function),
    /// The same, but written: what another place states, again.
    Echo(Path, Function),
    /// To what is said of the message as a whole.
    Message(Whole),
    /// Nowhere; written is the place of the item in its list, from 1.
    Ordinal,
}

/// What a message as a whole has that is no member of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whole {
    /// The currency of every amount whose document has no member for it.
    Currency,
    /// The day on which the message is written; nothing when it is read.
    Date,
    /// The time of day at which it is written; nothing when it is read.
    Time,
    /// The number under which it is sent; nothing when it is read.
    Number,
    /// How many levels its hierarchy has: checked when it is read, counted when it is written.
    Levels,
    /// How many documents it holds, likewise.
    Documents,
}
