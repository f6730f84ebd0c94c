//! Judges the elements of one segment against the dictionary. Pure: a segment and its version in, complaints out.
//! Which set a complaint spoils, and where the segment stands in it, is the caller's business.
//! Invariant: an element is complained about once, for the first rule it breaks.

use canonical::problem::Problem;

use super::dictionary::{Element, Kind, SegmentSpec};
use super::finding::Rule;
use super::value::{date, implied, real, time, trimmed};
use crate::headers::shown;
use crate::segment::Segment;
use crate::separators::Separators;

/// The version a set is written in: the first six characters of GS08.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version([u8; 6]);

impl Version {
    pub(super) fn of(text: &str) -> Self {
        let digits = text.as_bytes().first_chunk::<6>();
        Self(digits.copied().unwrap_or(*b"004010"))
    }

    fn is_before(self, other: &[u8; 6]) -> bool {
        self.0 < *other
    }
}

/// Complaints about the elements of `segment`, each with the element's number; 0 stands for the segment.
pub(super) fn elements(
    spec: &SegmentSpec,
    segment: &Segment<'_>,
    version: Version,
    separators: Separators,
    mut report: impl FnMut(usize, Problem),
) {
    for (element, number) in spec.elements.iter().zip(1..) {
        let bytes = trimmed(segment.element(number));
        if bytes.is_empty() {
            if element.required {
                let problem =
                    Rule::ElementMissing.problem("an element is missing that has to be there");
                report(number, problem.found("").expected("a value"));
            }
            continue;
        }
        if let Some(problem) = one(element, bytes, version, separators) {
            report(number, problem.found(&shown(segment.element(number))));
        }
    }
    let known = spec.elements.len();
    let count = segment.count();
    if count > 0 && segment.element(count).is_empty() {
        let problem = Rule::TrailingSeparators
            .problem("separators stand after the last element that says something");
        report(count, problem);
    }
    // Later versions added elements to many segments; those are kept as unmapped content.
    let counted = !version.is_before(b"004010") && version.is_before(b"005010");
    let beyond = (known + 1..=count).find(|number| !segment.element(*number).is_empty());
    if let Some(number) = beyond.filter(|_| counted) {
        let problem =
            Rule::ElementsBeyond.problem("the segment has more elements than its version knows");
        let expected = format!("at most {known} elements");
        report(
            number,
            problem
                .found(&shown(segment.element(number)))
                .expected(expected),
        );
    }
}

/// The first rule that an element breaks.
fn one(
    element: &Element,
    bytes: &[u8],
    version: Version,
    separators: Separators,
) -> Option<Problem> {
    if element.kind == Kind::C {
        return characters(bytes);
    }
    // Repetitions of a simple element are judged one by one.
    let repeated = separators
        .repetition
        .filter(|separator| bytes.contains(separator));
    match repeated {
        Some(separator) => bytes
            .split(|byte| *byte == separator)
            .find_map(|part| single(element, part, version)),
        None => single(element, bytes, version),
    }
}

fn single(element: &Element, bytes: &[u8], version: Version) -> Option<Problem> {
    match element.kind {
        Kind::An | Kind::Id | Kind::C => characters(bytes)
            .or_else(|| length(element, count(bytes), version))
            .or_else(|| code(element, bytes)),
        Kind::R => number(
            element,
            bytes,
            real(bytes),
            "digits with one point, as 1234.5",
            version,
        ),
        Kind::N(0) => number(element, bytes, implied(bytes, 0), "a whole number", version),
        Kind::N(places) => {
            let expected = format!("digits without a point, the last {places} being decimals");
            number(element, bytes, implied(bytes, places), &expected, version)
        }
        Kind::Dt => {
            let short = bytes.len() == 6 && !version.is_before(b"004010");
            let wrong = short || date(bytes).is_none();
            wrong.then(|| {
                Rule::ElementDate
                    .problem("this is no date")
                    .expected("a date as CCYYMMDD")
            })
        }
        Kind::Tm => time(bytes).is_none().then(|| {
            Rule::ElementTime
                .problem("this is no time")
                .expected("a time as HHMM or HHMMSS")
        }),
    }
}

fn characters(bytes: &[u8]) -> Option<Problem> {
    let control = bytes.iter().any(|byte| *byte < 0x20 || *byte == 0x7F);
    control.then(|| {
        Rule::ElementCharacters.problem("control characters are not allowed in an element")
    })
}

/// Characters, not bytes: length limits count what a reader sees.
fn count(bytes: &[u8]) -> usize {
    if bytes.is_ascii() {
        bytes.len()
    } else {
        shown(bytes).chars().count()
    }
}

fn length(element: &Element, length: usize, version: Version) -> Option<Problem> {
    let max = if version.is_before(b"005010") {
        element.max
    } else {
        element.max_5010
    };
    if length > max {
        let problem = Rule::ElementLong.problem(format!("the element has {length} characters"));
        return Some(problem.expected(format!("at most {max} characters")));
    }
    // Minimum lengths of codes grew with the versions; those before 004010 are not in the table.
    if length < element.min && !version.is_before(b"004010") {
        let problem = Rule::ElementShort.problem(format!("the element has {length} characters"));
        return Some(problem.expected(format!("at least {} characters", element.min)));
    }
    None
}

fn code(element: &Element, bytes: &[u8]) -> Option<Problem> {
    let known =
        element.codes.is_empty() || element.codes.iter().any(|code| code.as_bytes() == bytes);
    (!known).then(|| {
        Rule::ElementCode
            .problem("this code cannot be used here")
            .expected(element.codes.join(", "))
    })
}

fn number(
    element: &Element,
    bytes: &[u8],
    number: Option<super::value::Number>,
    expected: &str,
    version: Version,
) -> Option<Problem> {
    let Some(number) = number else {
        let odd = bytes
            .iter()
            .any(|byte| !matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'E'));
        let rule = if odd {
            Rule::ElementCharacters
        } else {
            Rule::ElementNumber
        };
        return Some(rule.problem("this is no number").expected(expected));
    };
    if number.plus {
        return Some(
            Rule::NumberForm
                .problem("a plus sign is no part of a number")
                .expected(expected),
        );
    }
    if number.exponent && version.is_before(b"004020") {
        return Some(
            Rule::NumberForm
                .problem("numbers have no exponent before version 004020")
                .expected(expected),
        );
    }
    length(element, number.digits, version)
}

#[cfg(test)]
mod tests {
    use super::{Version, elements};
    use crate::segment::Segment;
    use crate::separators::Separators;
    use crate::x12::dictionary;

    /// What is wrong with a segment: `number code`.
    fn wrong(text: &str, version: &str) -> Vec<String> {
        let ends: Vec<u32> = text
            .bytes()
            .zip(0..)
            .filter(|(byte, _)| *byte == b'*')
            .map(|(_, place)| place)
            .collect();
        let ends = [ends, vec![u32::try_from(text.len()).unwrap()]].concat();
        let segment = Segment {
            bytes: text.as_bytes(),
            ends: &ends,
            start: 0,
            origin: 0,
            separators: Separators::X12,
        };
        let spec = dictionary::segment(segment.tag()).unwrap();
        let separators = Separators {
            element: b'*',
            component: b'>',
            repetition: Some(b'^'),
            terminator: b'~',
            ..Separators::X12
        };
        let mut found = Vec::new();
        elements(
            spec,
            &segment,
            Version::of(version),
            separators,
            |number, problem| {
                found.push(format!("{number} {}", problem.code));
            },
        );
        found
    }

    #[test]
    fn one_rule_a_row() {
        for (text, want) in [
            ("BEG*00*SA*PO-1**20260131", ""),
            ("BEG*00*SA***20260131", "3 x12.element_missing"),
            (
                "BEG*00*SA*PPPPPPPPPPPPPPPPPPPPPPP**20260131",
                "3 x12.element_long",
            ),
            ("BEG*0*SA*PO-1**20260131", "1 x12.element_short"),
            ("BEG*ZQ*SA*PO-1**20260131", "1 x12.element_code"),
            ("BEG*00*SA*PO-1**20261301", "5 x12.element_date"),
            ("BEG*00*SA*PO-1**260131", "5 x12.element_date"),
            ("BEG*00*SA*PO-1**20260131*", "6 x12.trailing_separators"),
            ("DTM*002*20260131*2561", "3 x12.element_time"),
            ("DTM*002*20260131**AA*BB*C*D", "7 x12.elements_beyond"),
            ("PO1*1*10*EA*12,5", "4 x12.element_characters"),
            ("PO1*1*1.2.3*EA", "2 x12.element_number"),
            ("PO1*1**EA", "2 x12.element_missing"),
            ("PO1*1*+4*EA*1E3", "2 x12.number_form 4 x12.number_form"),
            ("PO1*1*1234567890123456*EA", "2 x12.element_long"),
            ("PO1*1*-12345678901234.5*EA", ""),
            ("SAC*A*****", "6 x12.trailing_separators"),
            ("SAC*A****12.5", "5 x12.element_number"),
            ("PID*F****BLUE\u{7}", "5 x12.element_characters"),
            ("REF*DP*1^2^3", ""),
            (
                "BEG",
                "1 x12.element_missing 2 x12.element_missing 3 x12.element_missing 5 x12.element_missing",
            ),
        ] {
            assert_eq!(wrong(text, "004010").join(" "), want, "{text}");
        }
    }

    #[test]
    fn versions_differ() {
        let long = format!("REF*DP*{}", "R".repeat(40));
        for (text, version, want) in [
            (long.as_str(), "004010", "2 x12.element_long"),
            (long.as_str(), "005010X999", ""),
            ("DTM*007*260131", "003040", ""),
            ("PO1*1*1E3*EA", "005010", ""),
            ("DTM*002*20260131**AA*BB*C*D", "006010", ""),
        ] {
            assert_eq!(wrong(text, version).join(" "), want, "{text} {version}");
        }
    }
}
