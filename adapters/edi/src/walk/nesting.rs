//! The part of the walk that opens and closes groups and messages, and closes what is open when something else begins
//! or the input ends.
//! Invariant: a level closes only when every level inside it is closed.

use canonical::problem::Severity;

use super::event::Event;
use super::{Walk, edifact};
use crate::finding::{Finding, Level, Place};
use crate::headers::{Group, Message, digits};
use crate::reader::Advance;
use crate::rule::Rule;
use crate::segment::Tag;
use crate::syntax::Syntax;

impl Walk<'_> {
    pub(super) fn open_group(&mut self) -> Event {
        self.interchange.groups += 1;
        if self.ungrouped {
            self.mixed();
        }
        let segment = self.reader.segment();
        self.group = self.envelope.group(&segment);
        let findings = self.envelope.check_group(&segment);
        self.enter_group(false);
        let number = self.group.control_number.as_bytes();
        let seen = self.group_numbers.insert(number);
        self.note_all(Level::Group, findings);
        self.note_seen(Level::Group, seen);
        Event::Group
    }

    /// The group of messages that stand directly in the interchange. The message's header is dealt with again.
    pub(super) fn open_implicit_group(&mut self) -> Event {
        self.again = true;
        self.ungrouped = true;
        if self.interchange.groups > 0 {
            self.mixed();
        }
        self.group = Group::default();
        self.enter_group(true);
        Event::Group
    }

    fn enter_group(&mut self, implicit: bool) {
        self.group.first_segment = self.segments;
        self.implicit = implicit;
        self.level = Level::Group;
        self.group_good = true;
        self.outside_of_group_reported = false;
        self.message_numbers.clear();
    }

    /// Messages in groups and messages outside of them.
    fn mixed(&mut self) {
        let message = "messages stand in groups and outside of groups in one interchange";
        let finding = Finding::new(Rule::GroupsMixed, message);
        let hint = "an interchange has either groups or messages";
        self.note(Level::Interchange, finding.hint(hint));
    }

    pub(super) fn open_message(&mut self) -> Event {
        self.group.messages += 1;
        self.interchange.messages += 1;
        let line = self.reader.line();
        let segment = self.reader.segment();
        self.message = Message {
            record: self.records,
            segments: 1,
            first_segment: self.segments,
            offset: segment.offset(),
            line,
            ..self.envelope.message(&segment, &self.group)
        };
        let findings = self
            .envelope
            .check_message(&segment, &self.group, &self.interchange);
        if self.message.package {
            self.object = edifact::object_length(&segment);
            self.object_ahead = true;
        }
        self.records += 1;
        self.level = Level::Message;
        self.message_good = true;
        self.release_reported = false;
        self.released = None;
        let number = self.message.control_number.as_bytes();
        let seen = self.message_numbers.insert(number);
        self.note_all(Level::Message, findings);
        self.note_seen(Level::Message, seen);
        if self.reader.syntax() == Syntax::Tradacoms {
            self.enter_file();
        }
        Event::Message
    }

    /// The trailer of the message is current.
    pub(super) fn end_message(&mut self) -> Event {
        let segment = self.reader.segment();
        let findings = self.envelope.check_message_end(&segment, &self.message);
        let package = segment.tag() == self.tags.package_end;
        if package != self.message.package {
            let tag = segment.tag();
            return self.message_unfinished(tag);
        }
        if package {
            let finding = edifact::check_object(&segment, &self.object);
            self.note_all(Level::Message, Vec::from_iter(finding));
        } else if self.message.segments <= 2 {
            self.empty(Level::Message, self.envelope.words().message);
        }
        if findings
            .iter()
            .any(|finding| finding.rule == Rule::SegmentCount)
        {
            self.note_released();
        }
        self.note_all(Level::Message, findings);
        self.close()
    }

    /// The trailer of the group is current.
    pub(super) fn end_group(&mut self) -> Event {
        let segment = self.reader.segment();
        let findings = self.envelope.check_group_end(&segment, &self.group);
        if self.group.messages == 0 {
            self.empty(Level::Group, "group");
        }
        self.note_all(Level::Group, findings);
        self.close()
    }

    /// The trailer of the interchange is current.
    pub(super) fn end_interchange(&mut self) -> Event {
        let segment = self.reader.segment();
        let mut findings = self
            .envelope
            .check_interchange_end(&segment, &self.interchange);
        let counted = self.interchange.groups + self.interchange.messages;
        if counted == 0 && self.acknowledgements == 0 {
            self.empty(Level::Interchange, "interchange");
        }
        // Some count the TA1 where there is no group; nothing is lost by that.
        let stated = digits(self.reader.segment().element(1));
        if counted == 0 && stated == Some(self.acknowledgements) {
            let counts = |finding: &&mut Finding| finding.rule == Rule::GroupCount;
            for finding in findings.iter_mut().filter(counts) {
                finding.severity = Severity::Warning;
            }
        }
        self.note_all(Level::Interchange, findings);
        self.leave_file();
        self.close()
    }

    /// What opens and closes without anything in between.
    fn empty(&mut self, level: Level, noun: &str) {
        let message = format!("nothing stands between the header and the trailer of the {noun}");
        let finding = Finding::new(Rule::EmptyBody, message);
        self.note(level, finding.hint("the sender left the content out"));
    }

    /// Another service segment stands where the message's trailer is due. It is dealt with again.
    pub(super) fn message_unfinished(&mut self, tag: Tag) -> Event {
        self.again = true;
        self.note_released();
        let noun = self.envelope.words().message;
        let trailer = if self.message.package {
            self.tags.package_end
        } else {
            self.tags.message_end
        };
        let message = format!("the {noun} is not closed by {trailer} before this {tag}");
        self.trailer_missing(
            Level::Message,
            Rule::MessageTrailerMissing,
            trailer,
            message,
        );
        self.close()
    }

    /// A service segment ends the group whose trailer is due, or that has none. It is dealt with again.
    pub(super) fn leave_group(&mut self, tag: Tag) -> Event {
        self.again = true;
        if !self.implicit {
            let trailer = self.tags.group_end;
            let message = format!("the group is not closed by {trailer} before this {tag}");
            self.trailer_missing(Level::Group, Rule::GroupTrailerMissing, trailer, message);
        }
        self.close()
    }

    fn trailer_missing(&mut self, level: Level, rule: Rule, trailer: Tag, message: String) {
        let place = Place {
            tag: trailer,
            ..Place::default()
        };
        let finding = Finding::new(rule, message).at(place);
        self.note(level, finding.expected(trailer.to_string()));
    }

    /// Closes the innermost open level.
    fn close(&mut self) -> Event {
        match self.level {
            Level::Message => {
                self.level = Level::Group;
                self.object_ahead = false;
                if !self.message_good {
                    self.refuse();
                }
                Event::MessageEnd(self.message_good)
            }
            Level::Group => {
                self.level = Level::Interchange;
                if !self.group_good {
                    self.refuse_group();
                }
                Event::GroupEnd(self.group_good)
            }
            Level::Interchange => {
                self.level = Level::File;
                Event::InterchangeEnd(self.interchange_good)
            }
            Level::File => Event::End,
        }
    }

    /// An interchange begins before the open one is closed. That is closed first, level by level.
    pub(super) fn reopen(&mut self) -> Event {
        let end = self.tags.interchange_end;
        let message = format!("another interchange begins before this one is closed by {end}");
        let ordinal = self.ordinal();
        self.interchange_broken(message, ordinal, "send the whole interchange again");
        let event = self.close_unfinished();
        if self.level == Level::File {
            self.reopening = false;
            self.reader.rewind();
        }
        event
    }

    /// Closes what is open when nothing more is read. One finding says so, not one for each level.
    pub(super) fn close_at_end(&mut self) -> Event {
        let tags = self.tags;
        let noun = self.envelope.words().message;
        let (place, missing) = match self.level {
            Level::File => return Event::End,
            Level::Interchange => ("", format!("{} is missing", tags.interchange_end)),
            Level::Group if self.implicit => ("", format!("{} is missing", tags.interchange_end)),
            Level::Group => (
                " inside a group",
                format!(
                    "{} and {} are missing",
                    tags.group_end, tags.interchange_end
                ),
            ),
            Level::Message if self.implicit => (
                noun,
                format!(
                    "{} and {} are missing",
                    tags.message_end, tags.interchange_end
                ),
            ),
            Level::Message => (
                noun,
                format!(
                    "{}, {} and {} are missing",
                    tags.message_end, tags.group_end, tags.interchange_end
                ),
            ),
        };
        let place = if self.level == Level::Message {
            format!(" inside a {place}")
        } else {
            place.to_owned()
        };
        let message = format!("the file ends{place}: {missing}");
        let ordinal = self.ordinal().saturating_add(1);
        self.interchange_broken(message, ordinal, "the file is not complete: send it again");
        self.close_unfinished()
    }

    /// One finding for an interchange that is not closed, however many levels are open.
    fn interchange_broken(&mut self, message: String, segment: u32, hint: &'static str) {
        if !self.interchange_good {
            return;
        }
        self.note_released();
        let place = Place {
            tag: self.tags.interchange_end,
            segment,
            ..Place::default()
        };
        let finding = Finding::new(Rule::InterchangeTrailerMissing, message).at(place);
        self.note(Level::Interchange, finding.hint(hint));
    }

    /// Closes the innermost open level, whose trailer never came.
    fn close_unfinished(&mut self) -> Event {
        match self.level {
            Level::Message => self.message_good = false,
            Level::Group if !self.implicit => self.group_good = false,
            Level::Group | Level::Interchange | Level::File => {}
        }
        self.close()
    }

    /// Whether the trailer of the interchange is current and lacks nothing but its terminator.
    pub(super) fn ends_without_terminator(&mut self) -> bool {
        let segment = self.reader.segment();
        let release = segment.separators().release;
        let raw = segment.raw();
        let released = raw.iter().rev().take_while(|byte| Some(**byte) == release);
        if segment.tag() != self.tags.interchange_end || released.count() % 2 == 1 {
            return false;
        }
        let message = "the last segment has no terminator";
        self.note(
            Level::Interchange,
            Finding::new(Rule::TerminatorMissing, message),
        );
        true
    }

    /// Nothing more can be read; the open interchange is lost.
    pub(super) fn break_off(&mut self, advance: Advance) {
        self.ended = true;
        self.note_released();
        let finding = if advance == Advance::TooLong {
            let limit = self.options.limits.segment_bytes;
            Finding::new(
                Rule::SegmentLength,
                "no segment terminator where one was due",
            )
            .expected(format!("a terminator within {limit} bytes"))
            .hint("the file is damaged, or its header declares another terminator")
        } else {
            Finding::new(Rule::Truncated, "the file ends inside a segment")
                .hint("send the whole file again")
        };
        self.note(Level::Interchange, finding);
    }
}
