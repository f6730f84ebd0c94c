//! Walks the envelopes of all syntaxes: interchange, group, message. Every count, control number and order of rules is
//! checked here, whether or not anybody understands what is inside.
//! Holds no segment: the caller takes from [`Walk::segment`] what it wants to keep.
//! Invariant: whatever opens is closed once, innermost first, also when the input breaks off; it is good only if every
//! rule of its level held. A broken message spoils no other message and a broken group no other group, but where a header
//! message of TRADACOMS is lost.

mod body;
mod edifact;
mod element;
mod envelope;
mod event;
mod group_codes;
mod nesting;
mod note;
mod opening;
mod tradacoms;
mod x12;

use std::collections::HashSet;
use std::io::{self, Read};

use canonical::id::Digest;

use crate::control::ControlNumbers;
use crate::finding::{Finding, Level, Place};
use crate::header::Header;
use crate::headers::{Group, Interchange, Message};
use crate::judge::Policy;
use crate::limits::Limits;
use crate::reader::{Advance, Reader, TextPolicy};
use crate::rule::Rule;
use crate::segment::{Segment, Tag};
use crate::syntax::Syntax;
pub(crate) use edifact::object_length;
use envelope::{Envelope, Role, Tags};
pub use event::Event;

/// What a walk may be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WalkOptions {
    /// What one piece of input may cost.
    pub limits: Limits,
    /// What becomes of text outside of interchanges.
    pub text: TextPolicy,
}

/// A walk through one input.
///
/// ```
/// use edi::{Event, Rule, Walk, WalkOptions};
/// let file = "UNB+UNOA:3+S+R+260131:1200+7'UNH+1+ORDERS:D:96A:UN'BGM+220+4711+9'UNT+4+1'UNZ+1+7'";
/// let mut input = file.as_bytes();
/// let mut walk = Walk::new(&mut input, WalkOptions::default());
/// let mut events = Vec::new();
/// while events.last() != Some(&Event::End) {
///     events.push(walk.advance()?);
/// }
/// assert_eq!(events, [
///     Event::Interchange, Event::Group, Event::Message, Event::Segment,
///     Event::MessageEnd(false), Event::GroupEnd(true), Event::InterchangeEnd(true), Event::End,
/// ]);
/// let findings = walk.take_findings();
/// assert_eq!((findings[0].rule, findings[0].expected.as_deref()), (Rule::SegmentCount, Some("3")));
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Walk<'r> {
    reader: Reader<'r>,
    options: WalkOptions,
    envelope: &'static dyn Envelope,
    tags: Tags,
    level: Level,
    /// The current segment was not dealt with: it closed something first.
    again: bool,
    /// An interchange begins before the open one has ended.
    reopening: bool,
    /// The input broke off or ended.
    ended: bool,
    interchange: Interchange,
    group: Group,
    message: Message,
    /// Whether the open group has no header: messages that stand directly in the interchange.
    implicit: bool,
    /// Whether messages stood outside of groups in the open interchange.
    ungrouped: bool,
    /// Acknowledgements of other interchanges (TA1) so far in the open one.
    acknowledgements: u64,
    /// The length of the open package's object, as its header writes it; and whether the object is still to be passed over.
    object: Vec<u8>,
    object_ahead: bool,
    records: u64,
    /// Whether the rules of each open level held so far.
    interchange_good: bool,
    group_good: bool,
    message_good: bool,
    /// One finding of these kinds per interchange is enough.
    blank_reported: bool,
    outside_reported: bool,
    /// One finding of this kind per group is enough.
    outside_of_group_reported: bool,
    /// One finding of these kinds per message is enough.
    release_reported: bool,
    released: Option<body::Released>,
    segments: u32,
    interchanges: HashSet<u64>,
    group_numbers: ControlNumbers,
    message_numbers: ControlNumbers,
    /// The file of a TRADACOMS transmission that is open, or closed last.
    file: Option<tradacoms::File>,
    findings: Vec<Finding>,
    /// Where the findings of the open interchange begin.
    opened: usize,
    policy: Policy,
}

impl<'r> Walk<'r> {
    /// A walk through `input`.
    #[must_use]
    pub fn new(input: &'r mut dyn Read, options: WalkOptions) -> Self {
        let envelope = envelope::of(Syntax::X12);
        Self {
            reader: Reader::new(input, options.limits),
            options,
            envelope,
            tags: envelope.tags(),
            level: Level::File,
            again: false,
            reopening: false,
            ended: false,
            interchange: Interchange::default(),
            group: Group::default(),
            message: Message::default(),
            implicit: false,
            ungrouped: false,
            acknowledgements: 0,
            object: Vec::new(),
            object_ahead: false,
            records: 0,
            interchange_good: false,
            group_good: false,
            message_good: false,
            blank_reported: false,
            outside_reported: false,
            outside_of_group_reported: false,
            release_reported: false,
            released: None,
            segments: 0,
            interchanges: HashSet::new(),
            group_numbers: ControlNumbers::default(),
            message_numbers: ControlNumbers::default(),
            file: None,
            findings: Vec::new(),
            opened: 0,
            policy: Policy::default(),
        }
    }

    /// Goes on to the next event. After [`Event::End`] it stays there.
    ///
    /// # Errors
    /// Only the input's own: what is wrong with the content is a finding.
    pub fn advance(&mut self) -> io::Result<Event> {
        loop {
            if self.reopening {
                return Ok(self.reopen());
            }
            if self.ended {
                return Ok(self.close_at_end());
            }
            if self.level == Level::File {
                return self.open();
            }
            if !self.again && !self.next_segment()? {
                continue;
            }
            self.again = false;
            let tag = self.reader.segment().tag();
            let event = match self.tags.role(tag) {
                Some(role) => self.service(role, tag),
                None => self.plain(tag),
            };
            if let Some(event) = event {
                return Ok(event);
            }
        }
    }

    /// The current segment.
    #[must_use]
    pub fn segment(&self) -> Segment<'_> {
        self.reader.segment()
    }

    /// The reader, for the bytes around the segment.
    #[must_use]
    pub fn reader(&self) -> &Reader<'r> {
        &self.reader
    }

    /// The interchange that is open, or ended last.
    #[must_use]
    pub fn interchange(&self) -> &Interchange {
        &self.interchange
    }

    /// The group that is open, or ended last.
    #[must_use]
    pub fn group(&self) -> &Group {
        &self.group
    }

    /// The message that is open, or ended last.
    #[must_use]
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// The findings since the last call, in the order they were made.
    pub fn take_findings(&mut self) -> Vec<Finding> {
        self.opened = 0;
        std::mem::take(&mut self.findings)
    }

    /// Takes the digest of the interchange that has just opened.
    pub(crate) fn begin_digest(&mut self) {
        self.reader.begin_digest();
    }

    /// The SHA-256 of the interchange that has just ended, header to trailer.
    pub(crate) fn end_digest(&mut self) -> Option<Digest> {
        self.reader.end_digest().map(Digest)
    }

    /// The interchange that has just opened is its sender's, with whom these severities were agreed: they hold for its header
    /// and for what follows, until the next interchange opens.
    pub fn hold_to(&mut self, policy: &Policy) {
        self.policy.clone_from(policy);
        let begun = self
            .findings
            .split_off(self.opened.min(self.findings.len()));
        let weighed = begun
            .into_iter()
            .filter_map(|finding| policy.weigh(finding));
        self.findings.extend(weighed);
        let spoils = |finding: &Finding| finding.is_error() && finding.level == Level::Interchange;
        let header = self.findings.get(self.opened..).unwrap_or_default();
        self.interchange_good = !header.iter().any(spoils);
    }

    /// Adds a finding of the caller's at the current segment; an error spoils its level, so far as that is open.
    pub fn complain(&mut self, finding: Finding) {
        let level = finding.level;
        self.note(level, finding);
    }

    /// Reads on. False when there is nothing to deal with.
    fn next_segment(&mut self) -> io::Result<bool> {
        if std::mem::take(&mut self.object_ahead) {
            self.skip_object()?;
        }
        let advance = self.reader.advance()?;
        if advance == Advance::End {
            self.ended = true;
            return Ok(false);
        }
        self.segments = self.segments.saturating_add(1);
        if self.level == Level::Message {
            self.message.segments = self.message.segments.saturating_add(1);
        }
        if matches!(advance, Advance::Unterminated | Advance::TooLong) {
            if self.header_begins() {
                self.reopening = true;
                return Ok(false);
            }
            if advance == Advance::TooLong || !self.ends_without_terminator() {
                self.break_off(advance);
                return Ok(false);
            }
        }
        if !self.blank_reported
            && !matches!(self.reader.gap(), b"" | b"\n" | b"\r" | b"\r\n")
            && !self.message.package
        {
            self.blank_reported = true;
            let finding = Finding::new(Rule::BlankLines, "blanks or blank lines before a segment");
            self.note(Level::Interchange, finding);
        }
        Ok(true)
    }

    /// Passes over a package's object, so that its trailer is next.
    fn skip_object(&mut self) -> io::Result<()> {
        let stated = std::mem::take(&mut self.object);
        if !self.reader.skip_object(&stated)? {
            let message = "the length of the object does not lead to a UNP";
            let limit = self.options.limits.binary_bytes;
            let finding = Finding::new(Rule::BinaryLength, message).found(&stated);
            let finding = finding.expected(format!("the number of bytes (0810), at most {limit}"));
            let place = Place {
                tag: edifact::UNO,
                ..Place::default()
            };
            self.note(Level::Message, finding.at(place));
        }
        self.object = stated;
        Ok(())
    }

    /// Whether the current place is the header of an interchange, in whatever syntax and with whatever separators.
    fn header_begins(&self) -> bool {
        matches!(Header::read(self.reader.head()), Some(Ok(_)))
    }

    /// A segment of the envelope.
    fn service(&mut self, role: Role, tag: Tag) -> Option<Event> {
        match (self.level, role) {
            (_, Role::Interchange) => {
                self.reopening = true;
                None
            }
            (Level::Message, Role::MessageEnd) => Some(self.end_message()),
            (Level::Message, _) => Some(self.message_unfinished(tag)),
            (Level::Group, Role::Message | Role::Package) => Some(self.open_message()),
            (Level::Group, Role::GroupEnd) if !self.implicit => Some(self.end_group()),
            (Level::Group, Role::Group | Role::InterchangeEnd) => Some(self.leave_group(tag)),
            (Level::Interchange, Role::Group) => Some(self.open_group()),
            (Level::Interchange, Role::Message | Role::Package) if self.tags.groups_optional => {
                Some(self.open_implicit_group())
            }
            (Level::Interchange, Role::InterchangeEnd) => Some(self.end_interchange()),
            _ => self.plain(tag),
        }
    }
}
