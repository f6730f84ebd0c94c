//! What a walk through the envelopes tells, in the order of the file.
//! Data only. Invariant: what opens closes once, innermost first.

/// What the walk came to. An ending says whether the rules of its level held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// An interchange opened: [`Walk::interchange`](super::Walk::interchange).
    Interchange,
    /// A TA1 interchange acknowledgement is current.
    InterchangeAck,
    /// A group opened: [`Walk::group`](super::Walk::group). Messages that stand in no group are in one without a control number.
    Group,
    /// A message, a transaction set or a package opened: [`Walk::message`](super::Walk::message). Its header is current.
    Message,
    /// A segment of the message is current.
    Segment,
    /// The message ended. When good, its trailer is current.
    MessageEnd(bool),
    /// The group ended.
    GroupEnd(bool),
    /// The interchange ended.
    InterchangeEnd(bool),
    /// Nothing more is read.
    End,
}
