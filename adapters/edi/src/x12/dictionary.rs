//! What X12 says about the segments that are converted: elements in order, whether one must be there, its type, its
//! shortest and longest length. Data, no judgement: facts of version 004010, and the lengths that 005010 changed.
//! Elements that depend on others (`X` in the standard) are optional here; those rules follow with the full dictionary.
//! Invariant: a segment stands once.

use crate::segment::Tag;

/// The type of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text.
    An,
    /// A code.
    Id,
    /// A number with an explicit point.
    R,
    /// A number with the point implied so many digits from the right.
    N(u32),
    /// A date.
    Dt,
    /// A time.
    Tm,
    /// A composite: its components are not described.
    C,
}

/// One element of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) required: bool,
    pub(super) kind: Kind,
    pub(super) min: usize,
    pub(super) max: usize,
    /// The longest length from version 005010 on.
    pub(super) max_5010: usize,
    /// The codes that can be used here; empty when any can.
    pub(super) codes: &'static [&'static str],
}

/// One segment.
pub(super) struct SegmentSpec {
    pub(super) tag: Tag,
    pub(super) elements: &'static [Element],
}

const fn element(required: bool, kind: Kind, min: usize, max: usize) -> Element {
    Element {
        required,
        kind,
        min,
        max,
        max_5010: max,
        codes: &[],
    }
}

const fn longer(element: Element, max_5010: usize) -> Element {
    Element {
        max_5010,
        ..element
    }
}

const fn one_of(element: Element, codes: &'static [&'static str]) -> Element {
    Element { codes, ..element }
}

const fn must(element: Element) -> Element {
    Element {
        required: true,
        ..element
    }
}

const fn an(min: usize, max: usize) -> Element {
    element(false, Kind::An, min, max)
}

const fn id(min: usize, max: usize) -> Element {
    element(false, Kind::Id, min, max)
}

const fn real(min: usize, max: usize) -> Element {
    element(false, Kind::R, min, max)
}

const fn whole(min: usize, max: usize) -> Element {
    element(false, Kind::N(0), min, max)
}

const fn cents(min: usize, max: usize) -> Element {
    element(false, Kind::N(2), min, max)
}

const DATE: Element = element(false, Kind::Dt, 8, 8);
const TIME: Element = element(false, Kind::Tm, 4, 8);
const COMPOSITE: Element = element(false, Kind::C, 1, 4096);

/// Element 127.
const REFERENCE: Element = longer(an(1, 30), 50);
/// Elements 235 and 234, which come in pairs.
const PRODUCT: (Element, Element) = (id(2, 2), longer(an(1, 48), 80));
/// Element 364.
const NUMBER: Element = longer(an(1, 80), 256);
/// Element 67.
const PARTY_ID: Element = an(2, 80);
/// Element 380.
const QUANTITY: Element = real(1, 15);

/// Purpose codes (element 353) that are acted upon.
const ORDER_PURPOSES: &[&str] = &["00", "01", "04", "05", "06", "07"];
const REPORT_PURPOSES: &[&str] = &["00", "04", "05", "06", "07", "08"];

macro_rules! segments {
    ($($tag:literal: [$($element:expr),+ $(,)?],)+) => {
        &[$(SegmentSpec { tag: Tag::new($tag), elements: &[$($element),+] },)+]
    };
}

const P: Element = PRODUCT.0;
const V: Element = PRODUCT.1;

static SEGMENTS: &[SegmentSpec] = segments! {
    b"AMT": [must(id(1, 3)), must(real(1, 18)), id(1, 1)],
    b"BEG": [
        one_of(must(id(2, 2)), ORDER_PURPOSES), must(id(2, 2)), must(an(1, 22)), an(1, 30), must(DATE), an(1, 30),
        id(2, 2), id(3, 3), id(2, 2), id(2, 2), id(2, 2), id(2, 2),
    ],
    b"BIA": [one_of(must(id(2, 2)), REPORT_PURPOSES), must(id(2, 2)), must(REFERENCE), must(DATE), TIME, id(1, 2)],
    b"CTT": [must(whole(1, 6)), real(1, 10), real(1, 10), id(2, 2), real(1, 8), id(2, 2), an(1, 80)],
    b"CUR": [
        must(id(2, 3)), must(id(3, 3)), real(4, 10), id(2, 3), id(3, 3), id(3, 3), id(3, 3), DATE, TIME,
        id(3, 3), DATE, TIME, id(3, 3), DATE, TIME, id(3, 3), DATE, TIME, id(3, 3), DATE, TIME,
    ],
    b"DTM": [must(id(3, 3)), DATE, TIME, id(2, 2), id(2, 3), an(1, 35)],
    b"FOB": [must(id(2, 2)), id(1, 2), an(1, 80), id(2, 2), id(3, 3), id(1, 2), an(1, 80), id(2, 2), an(1, 80)],
    b"ITD": [
        id(2, 2), id(1, 2), real(1, 6), DATE, whole(1, 3), DATE, whole(1, 3), cents(1, 10), DATE, cents(1, 10),
        real(1, 5), an(1, 80), whole(1, 2), id(1, 2), real(1, 5),
    ],
    b"LIN": [
        an(1, 20), must(P), must(V), P, V, P, V, P, V, P, V, P, V, P, V, P, V, P, V, P, V, P, V, P, V, P, V, P, V, P, V,
    ],
    b"MSG": [must(an(1, 264)), id(2, 2), whole(1, 9)],
    b"MTX": [id(3, 3), an(1, 4096), an(1, 4096), id(2, 2), whole(1, 9), id(1, 3)],
    b"N1": [must(id(2, 3)), an(1, 60), id(1, 2), PARTY_ID, id(2, 2), id(2, 3)],
    b"N2": [must(an(1, 60)), an(1, 60)],
    b"N3": [must(an(1, 55)), an(1, 55)],
    b"N4": [an(2, 30), id(2, 2), id(3, 15), id(2, 3), id(1, 2), an(1, 30), id(1, 3)],
    b"N9": [must(id(2, 3)), REFERENCE, an(1, 45), DATE, TIME, id(2, 2), COMPOSITE],
    b"PER": [must(id(2, 2)), an(1, 60), id(2, 2), NUMBER, id(2, 2), NUMBER, id(2, 2), NUMBER, an(1, 20)],
    b"PID": [
        one_of(must(id(1, 1)), &["F", "S", "X"]), id(2, 3), id(2, 2), an(1, 12), an(1, 80), id(2, 2), an(1, 15),
        id(1, 1), id(2, 3),
    ],
    b"PO1": [
        an(1, 20), must(QUANTITY), id(2, 2), real(1, 17), id(2, 2), P, V, P, V, P, V, P, V, P, V, P, V, P, V, P, V,
        P, V, P, V,
    ],
    b"QTY": [must(id(2, 2)), QUANTITY, COMPOSITE, an(1, 30)],
    b"REF": [must(id(2, 3)), REFERENCE, an(1, 80), COMPOSITE],
    b"SAC": [
        one_of(must(id(1, 1)), &["A", "C", "N", "P", "Q", "R"]), id(4, 4), id(2, 2), an(1, 10), cents(1, 15), id(1, 1),
        real(1, 6), real(1, 9), id(2, 2), QUANTITY, QUANTITY, id(2, 2), REFERENCE, an(1, 20), an(1, 80), id(2, 3),
    ],
    b"SCH": [
        must(QUANTITY), must(id(2, 2)), id(2, 3), an(1, 60), must(id(3, 3)), must(DATE), TIME, id(3, 3), DATE, TIME,
        REFERENCE, an(1, 20),
    ],
    b"SDQ": [
        must(id(2, 2)), id(1, 2), must(PARTY_ID), must(QUANTITY), PARTY_ID, QUANTITY, PARTY_ID, QUANTITY, PARTY_ID,
        QUANTITY, PARTY_ID, QUANTITY, PARTY_ID, QUANTITY, PARTY_ID, QUANTITY, PARTY_ID, QUANTITY, PARTY_ID, QUANTITY,
        PARTY_ID, QUANTITY, an(1, 30),
    ],
    b"TD5": [
        id(1, 2), id(1, 2), PARTY_ID, id(1, 2), an(1, 35), id(2, 2), id(1, 2), an(1, 30), id(2, 2), id(2, 2),
        real(1, 4), id(2, 2), id(2, 2), id(2, 2), id(2, 3),
    ],
    b"TXI": [
        must(id(2, 2)), real(1, 18), real(1, 10), id(2, 2), an(1, 10), id(1, 1), id(1, 1), real(1, 9), an(1, 20),
        an(1, 20),
    ],
    b"UIT": [COMPOSITE, real(1, 17), id(2, 2)],
};

/// What is known about a segment.
pub(super) fn segment(tag: Tag) -> Option<&'static SegmentSpec> {
    let place = SEGMENTS.binary_search_by_key(&tag, |spec| spec.tag).ok()?;
    SEGMENTS.get(place)
}

#[cfg(test)]
mod tests {
    use super::{SEGMENTS, segment};
    use crate::segment::Tag;

    #[test]
    fn segments_stand_once_and_in_order() {
        assert!(SEGMENTS.is_sorted_by(|a, b| a.tag < b.tag));
        assert!(segment(Tag::new(b"BEG")).is_some() && segment(Tag::new(b"ZZZ")).is_none());
        assert_eq!(
            segment(Tag::new(b"PO1")).map(|spec| spec.elements.len()),
            Some(25)
        );
        assert_eq!(
            segment(Tag::new(b"LIN")).map(|spec| spec.elements.len()),
            Some(31)
        );
        for spec in SEGMENTS {
            assert!(
                spec.elements
                    .iter()
                    .all(|element| element.min <= element.max && element.max <= element.max_5010)
            );
        }
    }
}
