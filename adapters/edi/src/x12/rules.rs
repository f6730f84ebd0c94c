//! The rules of the envelopes, one function for each service segment and one for all others. Pure: a segment and what was counted in,
//! findings out; where a finding stands in the file and what it spoils is the walk's business.
//! Invariant: a number that its header already complained about is not complained about again in the trailer.

use canonical::problem::Problem;

use super::finding::Rule;
use super::group_codes;
use crate::control::Seen;
use crate::headers::{Group, Interchange, Message, control_number, digits, shown};
use crate::limits::Limits;
use crate::reader::Reader;
use crate::segment::Segment;
use crate::separators::HeaderFault;

/// A complaint about one element: its path, offset and content.
fn at(problem: Problem, segment: &Segment<'_>, number: usize) -> Problem {
    problem
        .at_path(format!("{}/{number:02}", segment.tag()))
        .at_byte(segment.element_offset(number))
        .found(&shown(segment.element(number)))
}

/// A count: at most ten digits (X12 elements 96 and 97).
fn count(bytes: &[u8]) -> Option<u64> {
    if bytes.len() <= 10 {
        digits(bytes)
    } else {
        None
    }
}

pub(super) fn isa(segment: &Segment<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    if control_number(segment.element(13)).is_none() {
        let problem = Rule::InterchangeControlNumber.problem("ISA13 is not a control number");
        problems.push(at(problem, segment, 13).expected("nine digits"));
    }
    problems
}

pub(super) fn gs(segment: &Segment<'_>, seen: Seen) -> Vec<Problem> {
    let mut problems = Vec::new();
    if control_number(segment.element(6)).is_none() {
        let problem = Rule::GroupControlNumber.problem("GS06 is not a control number");
        problems.push(at(problem, segment, 6).expected("one to nine digits"));
    }
    if !group_codes::is_known(segment.element(1)) {
        problems.push(at(
            Rule::GroupUnsupported.problem("GS01 is no known functional id"),
            segment,
            1,
        ));
    }
    if !matches!(
        segment.element(8),
        [
            b'0',
            b'0',
            b'1'..=b'8',
            b'0'..=b'9',
            b'0'..=b'9',
            b'0'..=b'9',
            ..
        ]
    ) {
        let problem = at(
            Rule::GroupVersion.problem("GS08 is no known version"),
            segment,
            8,
        );
        let hint = "a version has six digits, 004010 for example; a guide's name may follow";
        problems.push(problem.expected("001000 to 008999").hint(hint));
    }
    match seen {
        Seen::New => {}
        Seen::Again => {
            let problem = Rule::GroupDuplicate.problem("GS06 was used before in this interchange");
            problems.push(at(problem, segment, 6));
        }
        Seen::Full => {
            let problem =
                Rule::ControlNumberLimit.problem("too many groups whose numbers do not count up");
            problems.push(at(problem, segment, 6));
        }
    }
    problems
}

pub(super) fn st(segment: &Segment<'_>, group: &Group, seen: Seen) -> Vec<Problem> {
    let mut problems = Vec::new();
    let number = segment.element(2);
    if number.is_empty() || number.len() > 9 || !number.iter().all(u8::is_ascii_alphanumeric) {
        let problem = Rule::SetControlNumber.problem("ST02 is not a control number");
        problems.push(at(problem, segment, 2).expected("four to nine letters or digits"));
    }
    match seen {
        Seen::New => {}
        Seen::Again => {
            problems.push(at(
                Rule::SetDuplicate.problem("ST02 was used before in this group"),
                segment,
                2,
            ));
        }
        Seen::Full => {
            let problem =
                Rule::ControlNumberLimit.problem("too many sets whose numbers do not count up");
            problems.push(at(problem, segment, 2));
        }
    }
    // A functional id that nobody knows was reported with its GS.
    if let Some(wanted) = group_codes::group_of(segment.element(1))
        && wanted != group.functional_id
        && group_codes::is_known(group.functional_id.as_bytes())
    {
        let message = format!(
            "this set does not belong into a group {}",
            group.functional_id
        );
        problems.push(
            at(Rule::SetNotInGroup.problem(message), segment, 1).expected(format!("GS01 {wanted}")),
        );
    }
    problems
}

pub(super) fn se(segment: &Segment<'_>, set: &Message) -> Vec<Problem> {
    let mut problems = Vec::new();
    if count(segment.element(1)) != Some(u64::from(set.segments)) {
        let problem = Rule::SegmentCount.problem("SE01 does not count the segments from ST to SE");
        problems.push(at(problem, segment, 1).expected(set.segments.to_string()));
    }
    if shown(segment.element(2)) != set.control_number {
        let problem = Rule::SetControlMismatch.problem("SE02 is not the control number of the ST");
        problems.push(at(problem, segment, 2).expected(set.control_number.clone()));
    }
    problems
}

pub(super) fn ge(segment: &Segment<'_>, group: &Group) -> Vec<Problem> {
    let mut problems = Vec::new();
    if count(segment.element(1)) != Some(group.messages) {
        let problem = Rule::SetCount.problem("GE01 does not count the sets of the group");
        problems.push(at(problem, segment, 1).expected(group.messages.to_string()));
    }
    let opened = control_number(group.control_number.as_bytes());
    if opened.is_some() && control_number(segment.element(2)) != opened {
        let problem =
            Rule::GroupControlMismatch.problem("GE02 is not the control number of the GS");
        problems.push(at(problem, segment, 2).expected(group.control_number.clone()));
    }
    problems
}

pub(super) fn iea(segment: &Segment<'_>, interchange: &Interchange) -> Vec<Problem> {
    let mut problems = Vec::new();
    if segment.element(1).is_empty() || segment.element(2).is_empty() {
        let problem = Rule::IeaIncomplete
            .problem("the IEA lacks its elements")
            .found(&shown(segment.raw()));
        problems.push(problem.expected("the number of groups and the control number"));
        return problems;
    }
    if count(segment.element(1)) != Some(interchange.groups) {
        let problem =
            Rule::GroupCount.problem("IEA01 does not count the groups of the interchange");
        problems.push(at(problem, segment, 1).expected(interchange.groups.to_string()));
    }
    let opened = control_number(interchange.control_number.as_bytes());
    let written = interchange.control_number.clone();
    if opened.is_some() && control_number(segment.element(2)) != opened {
        let problem =
            Rule::InterchangeControlMismatch.problem("IEA02 is not the control number of the ISA");
        problems.push(at(problem, segment, 2).expected(written));
    } else if opened.is_some() && segment.element(2) != written.as_bytes() {
        let problem = Rule::InterchangeControlForm
            .problem("IEA02 writes the control number of the ISA differently");
        problems.push(at(problem, segment, 2).expected(written));
    }
    problems
}

/// A segment inside a set: whether it is one at all.
pub(super) fn body(reader: &Reader<'_>, limits: &Limits) -> Vec<Problem> {
    let segment = reader.segment();
    let problem = if !segment.tag().is_valid() {
        let problem = Rule::SegmentTag
            .problem("this is no segment")
            .found(&shown(segment.element(0)));
        problem.expected("a tag of two or three capitals or digits")
    } else if segment.count() > limits.elements {
        let problem = Rule::ElementLimit
            .problem("more elements than are read")
            .found(&segment.count().to_string());
        problem.expected(format!("at most {}", limits.elements))
    } else if reader.binary_fault() {
        let problem = Rule::BinaryLength
            .problem("the length of the binary element does not lead to a terminator");
        at(problem, &segment, 1).expected(format!(
            "the number of bytes, at most {}",
            limits.binary_bytes
        ))
    } else {
        return Vec::new();
    };
    vec![problem]
}

/// An ISA whose separators cannot be used.
pub(super) fn header(fault: HeaderFault) -> Problem {
    let hint = "separators are no letters, digits or blanks, and differ from each other";
    let unfit = |rule: Rule, what: &str, path: &str, byte: u8| {
        let problem = rule.problem(format!("the ISA declares an unusable {what}"));
        problem.at_path(path).found(&shown(&[byte])).hint(hint)
    };
    match fault {
        HeaderFault::Truncated(found) => Rule::IsaTruncated
            .problem("the file ends inside the ISA segment")
            .expected("106 bytes")
            .hint("the file is not complete: send it again")
            .found(&format!("{found} bytes")),
        HeaderFault::Malformed => Rule::IsaMalformed
            .problem("the ISA segment does not have its sixteen elements")
            .expected("sixteen element separators"),
        HeaderFault::Element(byte) => {
            unfit(Rule::ElementSeparator, "element separator", "ISA/00", byte)
        }
        HeaderFault::Component(byte) => unfit(
            Rule::ComponentSeparator,
            "component separator",
            "ISA/16",
            byte,
        ),
        HeaderFault::Repetition(byte) => unfit(
            Rule::RepetitionSeparator,
            "repetition separator",
            "ISA/11",
            byte,
        ),
        HeaderFault::Terminator(byte) => {
            unfit(Rule::Terminator, "segment terminator", "ISA/16", byte)
        }
    }
}

/// A file that begins with something else than an ISA.
pub(super) fn no_interchange(bytes: &[u8]) -> Problem {
    let hint = match bytes {
        [0xC9, 0xE2, 0xC1, ..] => "the file is in EBCDIC: have it sent as ASCII",
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [0, b'I', ..] | [b'I', 0, ..] => {
            "the file is in UTF-16: have it sent as ASCII"
        }
        [b'U', b'N', b'A' | b'B', ..] => "this is EDIFACT, not X12",
        _ => "X12 begins with an ISA segment",
    };
    let problem = Rule::IsaExpected.problem("the file does not begin with an ISA segment");
    problem.found(&shown(bytes)).expected("ISA").hint(hint)
}
