//! A segment while it is composed, and what it is composed of.
//! Holds; decides nothing.
//! Invariant: what a draft would use up is not used up before it is written.

use crate::map::language::Address;
use crate::map::plan::{Plan, Section};
use crate::map::row::Row;
use crate::map::tree::NodeId;
use crate::rule::Rule as Broken;
use crate::segment::Tag;

/// A segment in the making and what it would use up.
#[derive(Clone, Debug, Default)]
pub(in crate::map) struct Draft {
    pub(in crate::map) row: Row,
    pub(in crate::map) used: Vec<NodeId>,
    /// Members that chose an item: said by the place itself.
    pub(in crate::map) noted: Vec<NodeId>,
    /// Values of the document as a whole of which it says something else.
    pub(in crate::map) spoiled: Vec<NodeId>,
    /// How much of growing texts and lists was written.
    pub(in crate::map) progress: Vec<(NodeId, usize)>,
    /// Whether it says something that was not said before.
    pub(in crate::map) fresh: bool,
    /// Why it cannot be written as it is.
    pub(in crate::map) fault: Option<(Address, Broken, String)>,
    /// Whether the document says something else where the section asks for a certain value.
    pub(in crate::map) unfit: bool,
}

/// A segment that continues the one before it repeats what does not grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::map) enum Mode {
    First,
    Again,
}

/// What composing works with.
#[derive(Clone, Copy)]
pub(in crate::map) struct Composing<'p> {
    pub(in crate::map) plan: &'p Plan,
    pub(in crate::map) section: &'p Section,
    pub(in crate::map) object: NodeId,
    pub(in crate::map) mode: Mode,
    /// The sections of the node, as a reader asks them in turn; none where levels of a hierarchy are written.
    pub(in crate::map) asked: &'p [u16],
    /// The object around and the section that opened it.
    pub(in crate::map) around: (NodeId, u16),
}

impl Draft {
    pub(in crate::map) fn new(tag: Tag) -> Self {
        Self {
            row: Row::new(tag),
            ..Self::default()
        }
    }
}
