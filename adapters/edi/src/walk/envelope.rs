//! What a syntax brings to the walk: the tags of its envelope, what its headers say, and the rules of each of its service segments.
//! Rules are pure: a segment and what was counted in, findings out; where a finding stands in the file and what it spoils
//! is the walk's business.
//! Invariant: a number that its header already complained about is not complained about again in the trailer.

use super::{edifact, tradacoms, x12};
use crate::finding::Finding;
use crate::headers::{Group, Interchange, Message};
use crate::segment::{Segment, Tag};
use crate::separators::Separators;
use crate::syntax::Syntax;

/// A syntax's envelope.
pub(super) trait Envelope: Sync {
    /// The service segments.
    fn tags(&self) -> Tags;
    /// What its parts are called.
    fn words(&self) -> Words;

    /// What an interchange's header says.
    fn interchange(&self, segment: &Segment<'_>, separators: Separators) -> Interchange;
    /// What a group's header says.
    fn group(&self, segment: &Segment<'_>) -> Group;
    /// What a message's header says.
    fn message(&self, segment: &Segment<'_>, group: &Group) -> Message;

    /// The rules of an interchange's header.
    fn check_interchange(&self, segment: &Segment<'_>) -> Vec<Finding>;
    /// The rules of a group's header.
    fn check_group(&self, segment: &Segment<'_>) -> Vec<Finding>;
    /// The rules of a message's header. The message is counted already.
    fn check_message(
        &self,
        segment: &Segment<'_>,
        group: &Group,
        interchange: &Interchange,
    ) -> Vec<Finding>;
    /// The rules of a message's trailer.
    fn check_message_end(&self, segment: &Segment<'_>, message: &Message) -> Vec<Finding>;
    /// The rules of a group's trailer.
    fn check_group_end(&self, segment: &Segment<'_>, group: &Group) -> Vec<Finding>;
    /// The rules of an interchange's trailer.
    fn check_interchange_end(
        &self,
        segment: &Segment<'_>,
        interchange: &Interchange,
    ) -> Vec<Finding>;
}

/// The envelope of a syntax.
pub(super) fn of(syntax: Syntax) -> &'static dyn Envelope {
    match syntax {
        Syntax::X12 => &x12::X12,
        Syntax::Edifact => &edifact::Edifact,
        Syntax::Tradacoms => &tradacoms::Tradacoms,
    }
}

/// The service segments of a syntax.
#[derive(Clone, Copy)]
pub(super) struct Tags {
    pub(super) interchange: Tag,
    pub(super) group: Tag,
    pub(super) message: Tag,
    pub(super) message_end: Tag,
    pub(super) group_end: Tag,
    pub(super) interchange_end: Tag,
    /// Header and trailer of a package; [`Tag::NONE`] where there are none.
    pub(super) package: Tag,
    pub(super) package_end: Tag,
    /// Whether messages may stand in no group.
    pub(super) groups_optional: bool,
    /// The elements that number groups and messages.
    pub(super) group_number: usize,
    pub(super) message_number: usize,
}

/// What the parts of a syntax are called in findings.
#[derive(Clone, Copy)]
pub(super) struct Words {
    pub(super) message: &'static str,
    pub(super) group_number: &'static str,
    pub(super) message_number: &'static str,
}

/// What a service segment does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Interchange,
    Group,
    Message,
    Package,
    MessageEnd,
    GroupEnd,
    InterchangeEnd,
}

impl Tags {
    /// What a segment of this tag does; `None` for one that is no service segment.
    pub(super) fn role(&self, tag: Tag) -> Option<Role> {
        let roles = [
            (self.message, Role::Message),
            (self.message_end, Role::MessageEnd),
            (self.group, Role::Group),
            (self.group_end, Role::GroupEnd),
            (self.interchange, Role::Interchange),
            (self.interchange_end, Role::InterchangeEnd),
            (self.package, Role::Package),
            (self.package_end, Role::MessageEnd),
        ];
        let (_, role) = roles.into_iter().find(|(known, _)| *known == tag)?;
        Some(role).filter(|_| tag != Tag::NONE)
    }
}
