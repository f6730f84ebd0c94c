//! What the rules of all syntaxes ask of an element: what it says, whether it counts rightly, whether it is a date.
//! Pure. Invariant: a complaint names the element, its place in the file and what was found there.

use canonical::problem::Severity;

use crate::finding::{Finding, Place};
use crate::headers::{Address, digits, shown};
use crate::rule::Rule;
use crate::segment::Segment;

/// A complaint about one element.
pub(super) fn fault(
    rule: Rule,
    segment: &Segment<'_>,
    number: usize,
    message: impl Into<std::borrow::Cow<'static, str>>,
) -> Finding {
    let place = Place {
        byte: segment.element_offset(number),
        tag: segment.tag(),
        element: u16::try_from(number).unwrap_or(u16::MAX),
        ..Place::default()
    };
    Finding::new(rule, message)
        .at(place)
        .found(segment.element(number))
}

/// A complaint about one component.
pub(super) fn part_fault(
    rule: Rule,
    segment: &Segment<'_>,
    (number, component): (u16, u16),
    message: impl Into<std::borrow::Cow<'static, str>>,
) -> Finding {
    let mut finding = fault(rule, segment, number.into(), message);
    finding.place.byte = part_offset(segment, number, component);
    finding.place.component = component;
    finding.found(segment.component(number.into(), component.into()))
}

/// Where a component begins in the file; one that is not there, where its element ends.
pub(super) fn part_offset(segment: &Segment<'_>, number: u16, component: u16) -> u64 {
    let element = segment.element(number.into());
    let before = segment.components(element).take(usize::from(component) - 1);
    let before: usize = before.map(|part| part.len() + 1).sum();
    segment.element_offset(number.into()) + before.min(element.len()) as u64
}

/// A complaint that is only a warning in a header, whatever its rule is elsewhere.
pub(super) fn warning(
    rule: Rule,
    segment: &Segment<'_>,
    number: usize,
    message: &'static str,
) -> Finding {
    let mut finding = fault(rule, segment, number, message);
    finding.severity = Severity::Warning;
    finding
}

/// What an element says, trimmed.
pub(super) fn word(segment: &Segment<'_>, number: usize) -> String {
    trimmed(segment.element(number))
}

/// What a component says, trimmed and without release characters.
pub(super) fn part(segment: &Segment<'_>, number: usize, component: usize) -> String {
    trimmed(&segment.released(segment.component(number, component)))
}

fn trimmed(bytes: &[u8]) -> String {
    shown(bytes).trim().to_owned()
}

/// A party that stands in the components of one element: its id and two more.
pub(super) fn party(
    segment: &Segment<'_>,
    number: usize,
    qualifier: usize,
    internal: usize,
) -> Address {
    Address {
        qualifier: part(segment, number, qualifier),
        id: part(segment, number, 1),
        internal: part(segment, number, internal),
    }
}

/// A complaint when an element does not count what was counted.
pub(super) fn count(
    rule: Rule,
    segment: &Segment<'_>,
    number: usize,
    counted: u64,
    message: &'static str,
) -> Option<Finding> {
    // X12 elements 96, 97 and I16, EDIFACT 0036, 0060 and 0074: ten digits at most.
    let stated = Some(segment.element(number)).filter(|stated| stated.len() <= 10);
    if stated.and_then(digits) == Some(counted) {
        return None;
    }
    Some(fault(rule, segment, number, message).expected(counted.to_string()))
}

/// Whether this is a day, `YYMMDD` or `CCYYMMDD`.
pub(super) fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (year, rest) = match bytes.len() {
        6 => bytes.split_at(2),
        8 => bytes.split_at(4),
        _ => return false,
    };
    let (month, day) = rest.split_at(2);
    let [Some(year), Some(month), Some(day)] = [year, month, day].map(digits) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0 || year == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

/// Whether this is a time of day, `HHMM` or `HHMMSS`.
pub(super) fn is_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    let within = |at: usize, limit: u64| {
        let two = bytes.get(at..at + 2).and_then(digits);
        two.is_some_and(|two| two < limit)
    };
    match bytes.len() {
        4 => within(0, 24) && within(2, 60),
        6 => within(0, 24) && within(2, 60) && within(4, 60),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_date, is_time};

    #[test]
    fn dates_and_times() {
        for (text, want) in [
            ("260131", true),
            ("20260131", true),
            ("240229", true),
            ("000229", true),
            ("19000229", false),
            ("20000229", true),
            ("250229", false),
            ("260431", false),
            ("261301", false),
            ("260100", false),
            ("2601", false),
            ("26-1-1", false),
            ("", false),
        ] {
            assert_eq!(is_date(text), want, "{text}");
        }
        for (text, want) in [
            ("0000", true),
            ("2359", true),
            ("235959", true),
            ("2400", false),
            ("1260", false),
            ("120060", false),
            ("12:00", false),
            ("", false),
        ] {
            assert_eq!(is_time(text), want, "{text}");
        }
    }
}
