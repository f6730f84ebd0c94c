//! The envelope of TRADACOMS: what STX, BAT and MHD say, and the rules of each service segment.
//! Pure. Invariant: a segment whose tag is not followed by `=` breaks a rule, wherever it stands.

mod file;

use super::Walk;
use super::element::{count, fault, is_date, is_time, part, part_fault};
use super::envelope::{Envelope, Tags, Words};
use crate::finding::{Finding, Level};
use crate::headers::{Address, Group, Interchange, Message, digits};
use crate::rule::Rule;
use crate::segment::{Segment, Tag};
use crate::separators::Separators;
use crate::syntax::Syntax;
pub(super) use file::File;

pub(super) struct Tradacoms;

const RSG: Tag = Tag::new(b"RSG");

impl Envelope for Tradacoms {
    fn tags(&self) -> Tags {
        Tags {
            interchange: Tag::new(b"STX"),
            group: Tag::new(b"BAT"),
            message: Tag::new(b"MHD"),
            message_end: Tag::new(b"MTR"),
            group_end: Tag::new(b"EOB"),
            interchange_end: Tag::new(b"END"),
            package: Tag::NONE,
            package_end: Tag::NONE,
            groups_optional: true,
            group_number: 1,
            message_number: 1,
        }
    }

    fn words(&self) -> Words {
        Words {
            message: "message",
            group_number: "the number of the BAT",
            message_number: "the number of the MHD",
        }
    }

    fn interchange(&self, segment: &Segment<'_>, separators: Separators) -> Interchange {
        let party = |number| Address {
            qualifier: String::new(),
            id: part(segment, number, 1),
            internal: part(segment, number, 2),
        };
        Interchange {
            syntax: Syntax::Tradacoms,
            sender: party(2),
            receiver: party(3),
            date: part(segment, 4, 1),
            time: part(segment, 4, 2),
            version: format!("{}:{}", part(segment, 1, 1), part(segment, 1, 2)),
            control_number: part(segment, 5, 1),
            application: part(segment, 7, 1),
            separators,
            ..Interchange::default()
        }
    }

    fn group(&self, segment: &Segment<'_>) -> Group {
        Group {
            control_number: part(segment, 1, 1),
            ..Group::default()
        }
    }

    fn message(&self, segment: &Segment<'_>, _group: &Group) -> Message {
        Message {
            id: part(segment, 2, 1),
            version: part(segment, 2, 2),
            control_number: part(segment, 1, 1),
            ..Message::default()
        }
    }

    fn check_interchange(&self, segment: &Segment<'_>) -> Vec<Finding> {
        let mut findings = Vec::from_iter(tag_separator(segment));
        for (number, rule, message) in [
            (2, Rule::SenderMissing, "no sender is stated"),
            (3, Rule::ReceiverMissing, "no receiver is stated"),
        ] {
            let [code, name] = [1, 2].map(|component| part(segment, number, component));
            if code.is_empty() && name.is_empty() {
                findings.push(fault(rule, segment, number, message).expected("a code or a name"));
            }
        }
        if !is_date(&part(segment, 4, 1)) {
            let message = "the date of transmission is not a date";
            let finding = part_fault(Rule::InterchangeDate, segment, (4, 1), message);
            findings.push(finding.expected("YYMMDD"));
        }
        let time = part(segment, 4, 2);
        if !time.is_empty() && !is_time(&time) {
            let message = "the time of transmission is not a time";
            let finding = part_fault(Rule::InterchangeTime, segment, (4, 2), message);
            findings.push(finding.expected("HHMMSS"));
        }
        if part(segment, 5, 1).is_empty() {
            let message = "the sender's transmission reference is missing";
            let finding = fault(Rule::InterchangeControlNumber, segment, 5, message);
            findings.push(finding.expected("one to fourteen characters"));
        }
        findings
    }

    fn check_group(&self, segment: &Segment<'_>) -> Vec<Finding> {
        Vec::from_iter(tag_separator(segment))
    }

    fn check_message(
        &self,
        segment: &Segment<'_>,
        _group: &Group,
        interchange: &Interchange,
    ) -> Vec<Finding> {
        let mut findings = Vec::from_iter(tag_separator(segment));
        match digits(segment.element(1)) {
            None => {
                let rule = Rule::MessageControlNumber;
                let finding = fault(rule, segment, 1, "the number of the message is none");
                findings.push(finding.expected("1, 2, 3 and so on"));
            }
            Some(number) if number != interchange.messages => {
                let message = "the messages of a transmission are numbered from 1 on";
                let finding = fault(Rule::MessageNumberOrder, segment, 1, message);
                findings.push(finding.expected(interchange.messages.to_string()));
            }
            Some(_) => {}
        }
        if part(segment, 2, 1).is_empty() {
            let finding = fault(Rule::MessageHeader, segment, 2, "the MHD names no type");
            findings.push(finding.expected("a type and its version: ORDERS:9"));
        }
        findings
    }

    fn check_message_end(&self, segment: &Segment<'_>, message: &Message) -> Vec<Finding> {
        let mut findings = Vec::from_iter(tag_separator(segment));
        let text = "the MTR does not count the segments from MHD to MTR";
        let counted = message.segments.into();
        findings.extend(count(Rule::SegmentCount, segment, 1, counted, text));
        findings
    }

    fn check_group_end(&self, segment: &Segment<'_>, group: &Group) -> Vec<Finding> {
        let mut findings = Vec::from_iter(tag_separator(segment));
        let text = "the EOB does not count the messages of the batch";
        findings.extend(count(Rule::MessageCount, segment, 1, group.messages, text));
        findings
    }

    fn check_interchange_end(
        &self,
        segment: &Segment<'_>,
        interchange: &Interchange,
    ) -> Vec<Finding> {
        let mut findings = Vec::from_iter(tag_separator(segment));
        let text = "the END does not count the messages of the transmission";
        let counted = interchange.messages;
        findings.extend(count(Rule::GroupCount, segment, 1, counted, text));
        findings
    }
}

/// A complaint when another byte than `=` stands behind the tag.
pub(super) fn tag_separator(segment: &Segment<'_>) -> Option<Finding> {
    let found = segment.tag_separator()?;
    if Some(found) == segment.separators().tag {
        return None;
    }
    let message = "the tag is not followed by an equals sign";
    let finding = Finding::new(Rule::TagSeparator, message);
    Some(finding.found(&[found]).expected("="))
}

impl Walk<'_> {
    /// A segment of a message that speaks of the transmission or its file.
    pub(super) fn check_totals(&mut self) {
        let findings = [
            reconciliation(&self.reader.segment(), &self.interchange),
            self.count_file(),
        ];
        for finding in findings.into_iter().flatten() {
            self.note(Level::Interchange, finding);
        }
    }
}

/// A complaint when the reconciliation names another transmission than the STX.
fn reconciliation(segment: &Segment<'_>, interchange: &Interchange) -> Option<Finding> {
    if segment.tag() != RSG || part(segment, 1, 1) == interchange.control_number {
        return None;
    }
    let message = "the RSG does not repeat the transmission reference of the STX";
    let finding = fault(Rule::InterchangeControlMismatch, segment, 1, message);
    Some(finding.expected(interchange.control_number.clone()))
}
