//! What a walk through the envelopes tells: events in the order of the file, findings with the level that they spoil.
//! Data only.
//! Invariant: levels are ordered from the outside in.

use canonical::problem::Problem;

/// What the walk came to. An ending says whether the rules of its level held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// An interchange opened: [`Walk::interchange`](super::Walk::interchange).
    Interchange,
    /// A TA1 interchange acknowledgement is current.
    Acknowledgement,
    /// A group opened: [`Walk::group`](super::Walk::group).
    Group,
    /// A set opened: [`Walk::set`](super::Walk::set). Its ST is current.
    Set,
    /// A segment of the set is current.
    Segment,
    /// The set ended. When good, its SE is current.
    SetEnd(bool),
    /// The group ended.
    GroupEnd(bool),
    /// The interchange ended.
    InterchangeEnd(bool),
    /// Nothing more is read.
    End,
}

/// What a finding spoils when it is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// What stands outside of any interchange: no set, but nothing behind it is read.
    File,
    /// The interchange with all its groups.
    Interchange,
    /// The group with all its sets.
    Group,
    /// The set.
    Set,
}

/// A finding and what it spoils.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whose rule was broken.
    pub level: Level,
    /// What, where, and how bad.
    pub problem: Problem,
}
