//! The part of the walk that records findings: where they stand, and what they spoil.
//! Invariant: an error spoils exactly its level; whoever is outside of that hears of it by a count, if at all.

use super::{Walk, element};
use crate::control::Seen;
use crate::finding::{Finding, Level};
use crate::rule::Rule;
use crate::segment::Tag;

impl Walk<'_> {
    pub(super) fn note_all(&mut self, level: Level, findings: Vec<Finding>) {
        for finding in findings {
            self.note(level, finding);
        }
    }

    /// Records a finding at the current segment, so far as it does not say where it is. An error spoils its level;
    /// how bad it is may have been agreed.
    pub(super) fn note(&mut self, level: Level, finding: Finding) {
        let Some(mut finding) = self.policy.weigh(finding.at_level(level)) else {
            return;
        };
        if finding.is_error() {
            match level {
                Level::Message => self.message_good = false,
                Level::Group => self.group_good = false,
                Level::Interchange => self.interchange_good = false,
                Level::File => {}
            }
        }
        let place = &mut finding.place;
        // Whoever knows the line knows the offset, and that may be 0.
        if place.line == 0 {
            let start = self.reader.segment_offset();
            let segment = self.reader.segment();
            if place.byte == 0 {
                place.byte = match (place.element, place.component) {
                    (0, _) => start,
                    (element, 0) => segment.element_offset(element.into()),
                    (element, component) => element::part_offset(&segment, element, component),
                };
            }
            let segment = segment.raw();
            let within = usize::try_from(place.byte.saturating_sub(start)).unwrap_or(usize::MAX);
            let before = segment.get(..within).unwrap_or_default();
            let lines = before.iter().filter(|byte| **byte == b'\n').count() as u64;
            place.line = self.reader.line() + lines;
        }
        if self.level > Level::File && place.tag == Tag::NONE {
            place.tag = self.reader.segment().tag();
        }
        if self.level == Level::Message {
            place.record = Some(self.message.record);
        }
        if place.segment == 0 {
            place.segment = self.ordinal();
        }
        self.findings.push(finding);
    }

    /// The ordinal of the current segment: in its message, or else in its interchange.
    pub(super) fn ordinal(&self) -> u32 {
        match self.level {
            Level::Message => self.message.segments,
            Level::Group | Level::Interchange => self.segments,
            Level::File => 0,
        }
    }

    /// A control number that came before, or that cannot be remembered.
    pub(super) fn note_seen(&mut self, level: Level, seen: Seen) {
        let words = self.envelope.words();
        let (number, name, scope, rule) = if level == Level::Group {
            let scope = "interchange";
            (
                self.tags.group_number,
                words.group_number,
                scope,
                Rule::GroupDuplicate,
            )
        } else {
            let scope = if self.implicit {
                "interchange"
            } else {
                "group"
            };
            (
                self.tags.message_number,
                words.message_number,
                scope,
                Rule::MessageDuplicate,
            )
        };
        let (rule, message) = match seen {
            Seen::New => return,
            Seen::Again => (rule, format!("{name} was used before in this {scope}")),
            Seen::Full => (
                Rule::ControlNumberLimit,
                format!("too many numbers that do not count up to know whether {name} came before"),
            ),
        };
        let segment = self.reader.segment();
        let finding = super::element::fault(rule, &segment, number, message);
        self.note(level, finding);
    }
}
