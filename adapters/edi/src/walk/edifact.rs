//! The envelope of EDIFACT (ISO 9735, syntax versions 1 to 4): what UNB, UNG, UNH and UNO say, and the rules of each
//! service segment.
//! Pure. Invariant: everything is without its release characters and trimmed, and otherwise as written.

use super::element::{count, fault, is_date, is_time, part, part_fault, party, warning};
use super::envelope::{Envelope, Tags, Words};
use crate::finding::Finding;
use crate::headers::{Group, Interchange, Message, digits};
use crate::rule::Rule;
use crate::segment::{Segment, Tag};
use crate::separators::Separators;
use crate::syntax::Syntax;

pub(super) struct Edifact;

pub(super) const UNO: Tag = Tag::new(b"UNO");
const UNP: Tag = Tag::new(b"UNP");

/// Longest reference (0020, 0048, 0062).
const REFERENCE: usize = 14;

impl Envelope for Edifact {
    fn tags(&self) -> Tags {
        Tags {
            interchange: Tag::new(b"UNB"),
            group: Tag::new(b"UNG"),
            message: Tag::new(b"UNH"),
            message_end: Tag::new(b"UNT"),
            group_end: Tag::new(b"UNE"),
            interchange_end: Tag::new(b"UNZ"),
            package: UNO,
            package_end: UNP,
            groups_optional: true,
            group_number: 5,
            message_number: 1,
        }
    }

    fn words(&self) -> Words {
        Words {
            message: "message",
            group_number: "the group's reference (0048)",
            message_number: "the message's reference (0062)",
        }
    }

    fn interchange(&self, segment: &Segment<'_>, separators: Separators) -> Interchange {
        let usage = part(segment, 11, 1);
        Interchange {
            syntax: Syntax::Edifact,
            sender: party(segment, 2, 2, 3),
            receiver: party(segment, 3, 2, 3),
            date: part(segment, 4, 1),
            time: part(segment, 4, 2),
            version: format!("{}:{}", part(segment, 1, 1), part(segment, 1, 2)),
            control_number: part(segment, 5, 1),
            application: part(segment, 7, 1),
            ack_requested: matches!(part(segment, 9, 1).as_str(), "1" | "2"),
            test: !matches!(usage.as_str(), "" | "0"),
            usage,
            agreement: part(segment, 10, 1),
            separators,
            ..Interchange::default()
        }
    }

    fn group(&self, segment: &Segment<'_>) -> Group {
        let version = [1, 2, 3].map(|component| part(segment, 7, component));
        Group {
            functional_id: part(segment, 1, 1),
            sender: party(segment, 2, 2, 3),
            receiver: party(segment, 3, 2, 3),
            date: part(segment, 4, 1),
            time: part(segment, 4, 2),
            control_number: part(segment, 5, 1),
            agency: part(segment, 6, 1),
            version: version.join(":").trim_end_matches(':').to_owned(),
            ..Group::default()
        }
    }

    fn message(&self, segment: &Segment<'_>, _group: &Group) -> Message {
        if segment.tag() == UNO {
            return Message {
                package: true,
                control_number: part(segment, 1, 1),
                ..Message::default()
            };
        }
        let version = [2, 3].map(|component| part(segment, 2, component));
        Message {
            id: part(segment, 2, 1),
            version: version.join(".").trim_end_matches('.').to_owned(),
            agency: part(segment, 2, 4),
            guide: part(segment, 2, 5),
            control_number: part(segment, 1, 1),
            ..Message::default()
        }
    }

    fn check_interchange(&self, segment: &Segment<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        if !matches!(part(segment, 1, 2).as_str(), "1" | "2" | "3" | "4") {
            let message = "the syntax version (0002) is none that is read";
            findings.push(fault(Rule::SyntaxVersion, segment, 1, message).expected("1 to 4"));
        }
        for (number, rule, message) in [
            (2, Rule::SenderMissing, "no sender is stated (0004)"),
            (3, Rule::ReceiverMissing, "no receiver is stated (0010)"),
        ] {
            if part(segment, number, 1).is_empty() {
                findings.push(fault(rule, segment, number, message).expected("an id"));
            }
        }
        if !is_date(&part(segment, 4, 1)) {
            let message = "the date of preparation (0017) is not a date";
            let finding = part_fault(Rule::InterchangeDate, segment, (4, 1), message);
            findings.push(finding.expected("YYMMDD, or CCYYMMDD from syntax version 4 on"));
        }
        if !is_time(&part(segment, 4, 2)) {
            let message = "the time of preparation (0019) is not a time";
            let finding = part_fault(Rule::InterchangeTime, segment, (4, 2), message);
            findings.push(finding.expected("HHMM"));
        }
        let rule = Rule::InterchangeControlNumber;
        findings.extend(reference(
            rule,
            segment,
            5,
            "the interchange's reference (0020)",
        ));
        if !matches!(part(segment, 9, 1).as_str(), "" | "0" | "1" | "2") {
            let message = "the request for an acknowledgement (0031) is none of its codes";
            findings.push(fault(Rule::AckRequest, segment, 9, message).expected("nothing, 1 or 2"));
        }
        if !matches!(
            part(segment, 11, 1).as_str(),
            "" | "0" | "1" | "2" | "3" | "4"
        ) {
            let message = "the test indicator (0035) is none of its codes";
            findings.push(fault(Rule::Usage, segment, 11, message).expected("nothing, or 1 to 4"));
        }
        findings
    }

    fn check_group(&self, segment: &Segment<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        let rule = Rule::GroupControlNumber;
        findings.extend(reference(rule, segment, 5, "the group's reference (0048)"));
        if !is_date(&part(segment, 4, 1)) || !is_time(&part(segment, 4, 2)) {
            let message = "the date or time of the group (S004) is none";
            let finding = warning(Rule::ElementDate, segment, 4, message);
            findings.push(finding.expected("YYMMDD:HHMM"));
        }
        findings
    }

    fn check_message(
        &self,
        segment: &Segment<'_>,
        _group: &Group,
        _interchange: &Interchange,
    ) -> Vec<Finding> {
        let rule = Rule::MessageControlNumber;
        let mut findings = Vec::from_iter(reference(
            rule,
            segment,
            1,
            "the message's reference (0062)",
        ));
        if segment.tag() == UNO {
            return findings;
        }
        let lacks = |component: u16| part(segment, 2, component.into()).is_empty();
        let missing = [
            (1, "type (0065)"),
            (2, "version (0052)"),
            (3, "release (0054)"),
            (4, "agency (0051)"),
        ]
        .into_iter()
        .find(|(component, _)| lacks(*component));
        if let Some((component, name)) = missing {
            let message = format!("the message's {name} is not stated");
            let finding = part_fault(Rule::MessageHeader, segment, (2, component), message);
            findings.push(finding.expected("type, version, release and agency: ORDERS:D:96A:UN"));
        }
        findings
    }

    fn check_message_end(&self, segment: &Segment<'_>, message: &Message) -> Vec<Finding> {
        let (counts, refers) = if message.package {
            (None, 2)
        } else {
            let text = "0074 does not count the segments from UNH to UNT";
            let counted = message.segments.into();
            (count(Rule::SegmentCount, segment, 1, counted, text), 2)
        };
        let mut findings = Vec::from_iter(counts);
        if part(segment, refers, 1) != message.control_number {
            let rule = Rule::MessageControlMismatch;
            let text = "the trailer does not repeat the reference of the header";
            let finding = fault(rule, segment, refers, text);
            findings.push(finding.expected(message.control_number.clone()));
        }
        findings
    }

    fn check_group_end(&self, segment: &Segment<'_>, group: &Group) -> Vec<Finding> {
        let text = "0060 does not count the messages of the group";
        let mut findings =
            Vec::from_iter(count(Rule::MessageCount, segment, 1, group.messages, text));
        if part(segment, 2, 1) != group.control_number {
            let rule = Rule::GroupControlMismatch;
            let text = "the UNE does not repeat the reference of the UNG (0048)";
            let finding = fault(rule, segment, 2, text);
            findings.push(finding.expected(group.control_number.clone()));
        }
        findings
    }

    fn check_interchange_end(
        &self,
        segment: &Segment<'_>,
        interchange: &Interchange,
    ) -> Vec<Finding> {
        if segment.element(1).is_empty() || segment.element(2).is_empty() {
            let finding = Finding::new(Rule::TrailerIncomplete, "the UNZ lacks its elements");
            let finding = finding
                .found(segment.raw())
                .expected("the number of messages or groups (0036) and the reference (0020)");
            return vec![finding];
        }
        let (counted, text) = if interchange.groups > 0 {
            let text = "0036 does not count the groups of the interchange";
            (interchange.groups, text)
        } else {
            let text = "0036 does not count the messages of the interchange";
            (interchange.messages, text)
        };
        let mut findings = Vec::from_iter(count(Rule::GroupCount, segment, 1, counted, text));
        if part(segment, 2, 1) != interchange.control_number {
            let rule = Rule::InterchangeControlMismatch;
            let text = "the UNZ does not repeat the reference of the UNB (0020)";
            let finding = fault(rule, segment, 2, text);
            findings.push(finding.expected(interchange.control_number.clone()));
        }
        findings
    }
}

/// A complaint when a reference is missing or too long.
fn reference(
    rule: Rule,
    segment: &Segment<'_>,
    number: usize,
    name: &'static str,
) -> Option<Finding> {
    let length = part(segment, number, 1).chars().count();
    if (1..=REFERENCE).contains(&length) {
        return None;
    }
    let what = if length == 0 { "missing" } else { "too long" };
    let finding = fault(rule, segment, number, format!("{name} is {what}"));
    Some(finding.expected("one to fourteen characters"))
}

/// How long a package's object is (0810), as its UNO says: in the status of the object, or in the last element where a
/// sender leaves out what stands before it.
pub(crate) fn object_length(segment: &Segment<'_>) -> Vec<u8> {
    let last = segment.count();
    let stated = [4, last].map(|number| segment.component(number, 1));
    let stated = stated.into_iter().find(|length| digits(length).is_some());
    stated.unwrap_or_default().to_vec()
}

/// A complaint when the UNP states another length (0810) than its UNO.
pub(super) fn check_object(segment: &Segment<'_>, stated: &[u8]) -> Option<Finding> {
    if digits(segment.component(1, 1)) == digits(stated) {
        return None;
    }
    let message = "the UNP states another length of the object than the UNO (0810)";
    let finding = fault(Rule::BinaryLength, segment, 1, message);
    Some(finding.expected(crate::headers::shown(stated)))
}
