//! The envelope of X12 (X12.5, X12.6): what ISA, GS and ST say, and the rules of each service segment.
//! Pure. Invariant: ids are trimmed, because an ISA pads them, and everything else is as written.

use super::element::{count, fault, is_date, is_time, warning, word};
use super::envelope::{Envelope, Tags, Words};
use super::group_codes;
use crate::finding::Finding;
use crate::headers::{Address, Group, Interchange, Message, control_number, release, shown};
use crate::rule::Rule;
use crate::segment::{Segment, Tag};
use crate::separators::Separators;
use crate::syntax::Syntax;

/// Interchange ids' qualifiers (element I05).
const QUALIFIERS: &[&str] = &[
    "01", "02", "03", "04", "07", "08", "09", "10", "11", "12", "13", "14", "15", "16", "17", "18",
    "19", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29", "30", "31", "32", "33", "34",
    "35", "36", "37", "38", "AM", "NR", "SA", "SN", "ZZ",
];

pub(super) struct X12;

impl Envelope for X12 {
    fn tags(&self) -> Tags {
        Tags {
            interchange: Tag::new(b"ISA"),
            group: Tag::new(b"GS"),
            message: Tag::new(b"ST"),
            message_end: Tag::new(b"SE"),
            group_end: Tag::new(b"GE"),
            interchange_end: Tag::new(b"IEA"),
            package: Tag::NONE,
            package_end: Tag::NONE,
            groups_optional: false,
            group_number: 6,
            message_number: 2,
        }
    }

    fn words(&self) -> Words {
        Words {
            message: "set",
            group_number: "GS06",
            message_number: "ST02",
        }
    }

    fn interchange(&self, segment: &Segment<'_>, separators: Separators) -> Interchange {
        let usage = word(segment, 15);
        Interchange {
            syntax: Syntax::X12,
            sender: address(segment, Some(5), 6),
            receiver: address(segment, Some(7), 8),
            date: word(segment, 9),
            time: word(segment, 10),
            version: word(segment, 12),
            control_number: word(segment, 13),
            ack_requested: segment.element(14) == b"1",
            test: usage == "T",
            usage,
            separators,
            ..Interchange::default()
        }
    }

    fn group(&self, segment: &Segment<'_>) -> Group {
        Group {
            functional_id: word(segment, 1),
            sender: address(segment, None, 2),
            receiver: address(segment, None, 3),
            date: word(segment, 4),
            time: word(segment, 5),
            control_number: word(segment, 6),
            agency: word(segment, 7),
            version: word(segment, 8),
            ..Group::default()
        }
    }

    /// The guide is what ST03 says, or else what follows the six digits of GS08.
    fn message(&self, segment: &Segment<'_>, group: &Group) -> Message {
        let (version, rest) = group
            .version
            .split_at_checked(6)
            .unwrap_or((&group.version, ""));
        let implementation = shown(segment.element(3));
        Message {
            id: shown(segment.element(1)),
            version: version.to_owned(),
            agency: group.agency.clone(),
            guide: if implementation.is_empty() {
                rest.to_owned()
            } else {
                implementation
            },
            control_number: shown(segment.element(2)),
            ..Message::default()
        }
    }

    fn check_interchange(&self, segment: &Segment<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        check_parties(segment, &mut findings);
        if !is_date(&word(segment, 9)) || segment.element(9).len() != 6 {
            let finding = warning(Rule::InterchangeDate, segment, 9, "ISA09 is not a date");
            findings.push(finding.expected("YYMMDD"));
        }
        if !is_time(&word(segment, 10)) {
            let finding = warning(Rule::InterchangeTime, segment, 10, "ISA10 is not a time");
            findings.push(finding.expected("HHMM"));
        }
        if !matches!(
            segment.element(12),
            [b'0', b'0', b'2'..=b'8', b'0'..=b'9', b'0'..=b'9']
        ) {
            let finding = fault(
                Rule::SyntaxVersion,
                segment,
                12,
                "ISA12 is no known version",
            );
            findings.push(finding.expected("00200 to 00899"));
        }
        if control_number(segment.element(13)).is_none() {
            let rule = Rule::InterchangeControlNumber;
            let finding = fault(rule, segment, 13, "ISA13 is not a control number");
            findings.push(finding.expected("nine digits"));
        }
        if !matches!(segment.element(14), b"0" | b"1") {
            let message = "ISA14 is neither yes nor no: no acknowledgement is taken as asked for";
            findings.push(fault(Rule::AckRequest, segment, 14, message).expected("0 or 1"));
        }
        if !matches!(segment.element(15), b"P" | b"T" | b"I") {
            let finding = fault(Rule::Usage, segment, 15, "ISA15 is no known usage");
            findings.push(finding.expected("P, T or I"));
        }
        findings
    }

    fn check_group(&self, segment: &Segment<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        if control_number(segment.element(6)).is_none() {
            let rule = Rule::GroupControlNumber;
            let finding = fault(rule, segment, 6, "GS06 is not a control number");
            findings.push(finding.expected("one to nine digits"));
        }
        if !group_codes::is_known(&word(segment, 1)) {
            let message = "GS01 is no known functional id";
            let finding = fault(Rule::GroupUnsupported, segment, 1, message);
            findings.push(finding.expected("two letters, PO for example"));
        }
        if release(&shown(segment.element(8))).is_none() {
            let finding = fault(Rule::GroupVersion, segment, 8, "GS08 is no known version");
            let hint = "a version has six digits, 004010 for example; a guide's name may follow";
            findings.push(finding.expected("001000 to 008999").hint(hint));
        }
        findings
    }

    fn check_message(
        &self,
        segment: &Segment<'_>,
        group: &Group,
        _interchange: &Interchange,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        let number = segment.element(2);
        if number.is_empty() || number.len() > 9 || !number.iter().all(u8::is_ascii_alphanumeric) {
            let rule = Rule::MessageControlNumber;
            let finding = fault(rule, segment, 2, "ST02 is not a control number");
            findings.push(finding.expected("four to nine letters or digits"));
        }
        if segment.element(1).len() != 3 {
            let finding = fault(Rule::MessageHeader, segment, 1, "ST01 names no set");
            findings.push(finding.expected("three digits, 850 for example"));
        }
        // A functional id that nobody knows was reported with its GS.
        if let Some(wanted) = group_codes::group_of(&word(segment, 1))
            && wanted != group.functional_id
            && group_codes::is_known(&group.functional_id)
        {
            let message = format!(
                "this set does not belong into a group {}",
                group.functional_id
            );
            let finding = fault(Rule::MessageNotInGroup, segment, 1, message);
            findings.push(finding.expected(format!("GS01 {wanted}")));
        }
        findings
    }

    fn check_message_end(&self, segment: &Segment<'_>, message: &Message) -> Vec<Finding> {
        let rule = Rule::SegmentCount;
        let text = "SE01 does not count the segments from ST to SE";
        let mut findings = Vec::from_iter(count(rule, segment, 1, message.segments.into(), text));
        if shown(segment.element(2)) != message.control_number {
            let rule = Rule::MessageControlMismatch;
            let finding = fault(rule, segment, 2, "SE02 is not the control number of the ST");
            findings.push(finding.expected(message.control_number.clone()));
        }
        findings
    }

    fn check_group_end(&self, segment: &Segment<'_>, group: &Group) -> Vec<Finding> {
        let rule = Rule::MessageCount;
        let text = "GE01 does not count the sets of the group";
        let mut findings = Vec::from_iter(count(rule, segment, 1, group.messages, text));
        let opened = control_number(group.control_number.as_bytes());
        if opened.is_some() && control_number(segment.element(2)) != opened {
            let rule = Rule::GroupControlMismatch;
            let finding = fault(rule, segment, 2, "GE02 is not the control number of the GS");
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
            let finding = Finding::new(Rule::TrailerIncomplete, "the IEA lacks its elements");
            let finding = finding
                .found(segment.raw())
                .expected("the number of groups and the control number");
            return vec![finding];
        }
        let text = "IEA01 does not count the groups of the interchange";
        let mut findings = Vec::from_iter(count(
            Rule::GroupCount,
            segment,
            1,
            interchange.groups,
            text,
        ));
        let opened = control_number(interchange.control_number.as_bytes());
        let written = interchange.control_number.clone();
        if opened.is_some() && control_number(segment.element(2)) != opened {
            let rule = Rule::InterchangeControlMismatch;
            let finding = fault(
                rule,
                segment,
                2,
                "IEA02 is not the control number of the ISA",
            );
            findings.push(finding.expected(written));
        } else if opened.is_some() && segment.element(2) != written.as_bytes() {
            let text = "IEA02 writes the control number of the ISA differently";
            let finding = fault(Rule::InterchangeControlForm, segment, 2, text);
            findings.push(finding.expected(written));
        }
        findings
    }
}

/// ISA01 to ISA08: who sends to whom, and whether the qualifiers are any.
fn check_parties(segment: &Segment<'_>, findings: &mut Vec<Finding>) {
    if !matches!(segment.element(1), [b'0', b'0'..=b'6']) {
        let rule = Rule::Authorization;
        let finding = warning(rule, segment, 1, "ISA01 is no known qualifier");
        findings.push(finding.expected("00 to 06"));
    }
    if !matches!(segment.element(3), b"00" | b"01") {
        let finding = warning(Rule::Security, segment, 3, "ISA03 is no known qualifier");
        findings.push(finding.expected("00 or 01"));
    }
    for (number, unknown, missing, message) in [
        (
            5,
            Rule::SenderQualifier,
            Rule::SenderMissing,
            "no sender is stated",
        ),
        (
            7,
            Rule::ReceiverQualifier,
            Rule::ReceiverMissing,
            "no receiver is stated",
        ),
    ] {
        if !QUALIFIERS.contains(&word(segment, number).as_str()) {
            let finding = warning(unknown, segment, number, "no known qualifier of an id");
            findings.push(finding.expected("01 to 38, or ZZ for one that was agreed on"));
        }
        if word(segment, number + 1).is_empty() {
            let finding = fault(missing, segment, number + 1, message);
            findings.push(finding.expected("an id of up to fifteen characters"));
        }
    }
}

fn address(segment: &Segment<'_>, qualifier: Option<usize>, id: usize) -> Address {
    Address {
        qualifier: qualifier.map_or_else(String::new, |number| word(segment, number)),
        id: word(segment, id),
        internal: String::new(),
    }
}
