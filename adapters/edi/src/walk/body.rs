//! The part of the walk that meets segments which are no service segments: those of a message, and those that stand
//! where none may.
//! Judges no content. Invariant: whatever stands outside of messages is reported once for each group or interchange.

use super::event::Event;
use super::{Walk, element, tradacoms};
use crate::finding::{Finding, Level, Place};
use crate::rule::Rule;
use crate::segment::Tag;
use crate::separators::Separators;
use crate::syntax::Syntax;

const TA1: Tag = Tag::new(b"TA1");
const UNA: Tag = Tag::new(b"UNA");
/// How much of something that is no tag is shown.
const EXCERPT: usize = 32;

/// Where a release character seems to keep a terminator from ending its segment.
pub(super) type Released = Place;

impl Walk<'_> {
    /// A segment that belongs to whoever is open.
    pub(super) fn plain(&mut self, tag: Tag) -> Option<Event> {
        // Other separators, or another syntax: the tag does not say so.
        if (tag == UNA || !tag.is_valid()) && self.header_begins() {
            self.reopening = true;
            return None;
        }
        match self.level {
            Level::Message => {
                self.check_body(tag);
                Some(Event::Segment)
            }
            Level::Group if self.implicit => {
                self.outside(Level::Interchange, Rule::SegmentOutside);
                None
            }
            Level::Group => {
                self.outside(Level::Group, Rule::SegmentOutside);
                None
            }
            Level::Interchange if tag == TA1 && self.reader.syntax() == Syntax::X12 => {
                self.acknowledgements += 1;
                Some(Event::InterchangeAck)
            }
            Level::Interchange | Level::File => {
                self.outside(Level::Interchange, Rule::GroupExpected);
                None
            }
        }
    }

    /// A segment that stands where only service segments may.
    fn outside(&mut self, level: Level, rule: Rule) {
        let reported = match level {
            Level::Group => &mut self.outside_of_group_reported,
            Level::File | Level::Interchange | Level::Message => &mut self.outside_reported,
        };
        if std::mem::replace(reported, true) {
            return;
        }
        let tags = self.tags;
        let noun = self.envelope.words().message;
        let end = if self.level == Level::Group && !self.implicit {
            tags.group_end
        } else {
            tags.interchange_end
        };
        let (message, expected) = if self.level == Level::Group {
            let message = format!("a segment stands between {noun}s");
            (message, format!("{} or {end}", tags.message))
        } else if tags.groups_optional {
            let message = format!("a segment stands outside of any {noun}");
            (
                message,
                format!("{}, {} or {end}", tags.group, tags.message),
            )
        } else {
            let message = "a segment stands outside of any group".to_owned();
            (message, format!("{}, TA1 or {end}", tags.group))
        };
        let found = self.reader.segment().element(0);
        let found = found.get(..EXCERPT).unwrap_or(found);
        let finding = Finding::new(rule, message).found(found);
        self.note(level, finding.expected(expected));
    }

    /// The rules of a segment inside a message: whether it is one at all.
    fn check_body(&mut self, tag: Tag) {
        let segment = self.reader.segment();
        let limits = &self.options.limits;
        let finding = if !tag.is_valid() {
            let finding = Finding::new(Rule::SegmentTag, "this is no segment");
            let found = segment.element(0);
            let finding = finding.found(found.get(..EXCERPT).unwrap_or(found));
            Some(finding.expected("a tag of two or three capitals or digits"))
        } else if segment.count() > limits.elements {
            let (most, message) = (limits.elements, "more elements than are read");
            let finding = element::fault(Rule::ElementLimit, &segment, most + 1, message);
            let finding = finding.found(segment.count().to_string().as_bytes());
            Some(finding.expected(format!("at most {most}")))
        } else if self.reader.binary_fault() {
            let message = "the length of the binary element does not lead to a terminator";
            let finding = element::fault(Rule::BinaryLength, &segment, 1, message);
            let limit = limits.binary_bytes;
            Some(finding.expected(format!("the number of bytes, at most {limit}")))
        } else if self.reader.syntax() == Syntax::Tradacoms {
            tradacoms::tag_separator(&segment)
        } else {
            None
        };
        if let Some(finding) = finding {
            self.note(Level::Message, finding);
        }
        if self.reader.syntax() == Syntax::Tradacoms {
            self.check_totals();
        }
        self.check_release();
    }

    /// Release characters where there is nothing to release, and terminators that they seem to keep from ending a segment.
    fn check_release(&mut self) {
        if self.reader.oddly_released().next().is_none() {
            return;
        }
        let separators = self.reader.separators();
        let mut odd = None;
        let mut swallowed = None;
        for (byte, rest) in self.reader.oddly_released() {
            if rest.first() != Some(&separators.terminator) {
                odd.get_or_insert((byte, rest.first().copied().unwrap_or_default()));
            } else if swallowed.is_none() && begins_segment(rest, &separators) {
                swallowed = Some(byte);
            }
        }
        if let Some((byte, found)) = odd
            && !std::mem::replace(&mut self.release_reported, true)
        {
            let message = "a release character stands before a byte that separates nothing";
            let place = Place {
                byte,
                ..Place::default()
            };
            let finding = Finding::new(Rule::ReleaseCharacter, message).at(place);
            self.note(Level::Message, finding.found(&[found]));
        }
        if let Some(byte) = swallowed
            && self.released.is_none()
        {
            self.released = Some(Place {
                byte,
                line: self.reader.line(),
                segment: self.message.segments,
                tag: self.reader.segment().tag(),
                ..Place::default()
            });
        }
    }

    /// The message does not end as it should, and a release character may be why.
    pub(super) fn note_released(&mut self) {
        if self.level != Level::Message {
            return;
        }
        let Some(place) = self.released.take() else {
            return;
        };
        let message = "a release character seems to keep this terminator from ending its segment";
        let finding = Finding::new(Rule::ReleasedTerminator, message).at(place);
        let hint = "a release character that is meant as one is written twice";
        self.note(Level::Message, finding.hint(hint));
    }
}

/// Whether a segment seems to begin behind the terminator that these bytes begin with.
fn begins_segment(bytes: &[u8], separators: &Separators) -> bool {
    let rest = bytes.get(1..).unwrap_or_default().trim_ascii_start();
    let Some((tag, rest)) = rest.split_at_checked(3) else {
        return false;
    };
    let first = rest.first().copied();
    Tag::new(tag).is_valid() && (first == Some(separators.element) || first == separators.tag)
}
