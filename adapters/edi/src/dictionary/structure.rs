//! What a transaction set or message looks like: its segments and loops as flat tables that a position walk follows.
//! Data only; walking it is the validator's work.
//! Invariant: a loop's nodes stand together, first its trigger, which is mandatory.

use crate::segment::Tag;

/// The segments of a set in order, loops within loops laid flat.
///
/// A walk stands on a node and looks for the tag of the next segment:
/// 1. from that node forward through the nodes of the same loop; where another loop begins, only at its trigger, and past
///    its [`last_node`](Loop::last_node) otherwise. Mandatory nodes and loops that are passed over without having been
///    met are missing;
/// 2. at the end of a loop, at the loop's own trigger again (its next repetition), then in its parent after it;
/// 3. found nowhere, the segment is unexpected, and the walk stays where it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Structure {
    /// The set's or message's identifier, such as `850` or `ORDERS`.
    pub set_id: Box<str>,
    /// X12: the functional identifier of the groups that it may stand in.
    pub group: Option<Box<str>>,
    /// A short name.
    pub label: Box<str>,
    /// Every place a segment may stand at, in order.
    pub nodes: Box<[Node]>,
    /// Every loop or segment group, in the order in which they begin.
    pub loops: Box<[Loop]>,
}

/// A place in a set where a segment may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// The segment's tag.
    pub tag: Tag,
    /// Whether it must be there, once its loop is.
    pub mandatory: bool,
    /// Whether a guide leaves it out, and with a trigger its loop: it has its place, and may not be there.
    pub unused: bool,
    /// How often it may stand there; `u32::MAX` where there is no limit.
    pub max: u32,
    /// The loop that it stands in, an index into [`Structure::loops`]; for a trigger the loop that it opens.
    pub loop_index: Option<u16>,
    /// Whether it opens its loop.
    pub is_trigger: bool,
    /// Its own index in [`Structure::nodes`].
    pub ordinal: u16,
}

/// A loop (X12) or segment group (EDIFACT).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loop {
    /// What the standard calls it: X12 `N1`, EDIFACT `25`.
    pub id: Box<str>,
    /// The loop that it stands in, an index into [`Structure::loops`].
    pub parent: Option<u16>,
    /// Whether it must be there, once its parent is.
    pub mandatory: bool,
    /// How often it may stand there in a row; `u32::MAX` where there is no limit.
    pub max: u32,
    /// Its trigger, an index into [`Structure::nodes`].
    pub first_node: u16,
    /// Its last node, those of loops within it included.
    pub last_node: u16,
    /// The tag that opens it.
    pub trigger: Tag,
}

impl Structure {
    /// Whether the segment stands anywhere in this set.
    #[must_use]
    pub fn knows(&self, tag: Tag) -> bool {
        self.nodes.iter().any(|node| node.tag == tag)
    }
}
