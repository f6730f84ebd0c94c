//! The elements of one segment while it is mapped. What is taken has found a home; the rest is handed over as unmapped.
//! Never decides what an element means.
//! Invariant: each component with content is either taken or among [`Fields::left`]; there is no third way to lose it.

use std::borrow::Cow;

use crate::charset::Charset;
use crate::segment::Segment;

use super::facts::members;
use super::language::Address;
use super::place::Test;

/// Elements that can be marked as taken. Those beyond are never taken: no segment of a standard has so many.
const ELEMENTS: usize = 64;

/// How much was taken at some time: a bit for each element that was as a whole, and how many components were.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken {
    wholes: u64,
    components: usize,
}

/// One segment's elements.
pub(super) struct Fields<'a> {
    pub(super) segment: Segment<'a>,
    charset: Charset,
    /// Whether its bytes are ASCII and none is released, so that each piece is its own text.
    plain: bool,
    /// A bit for each element that was taken as a whole.
    wholes: u64,
    /// The components that were taken, in that order.
    components: Vec<Address>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(segment: Segment<'a>, charset: Charset) -> Self {
        let bytes = segment.raw();
        let release = segment.separators().release;
        let plain = bytes.is_ascii() && release.is_none_or(|release| !bytes.contains(&release));
        Self {
            segment,
            charset,
            plain,
            wholes: 0,
            components: Vec::new(),
        }
    }

    /// The bytes at an address without the blanks that pad them, as they stand; of a repeated element the first.
    #[inline]
    pub(super) fn raw(&self, at: Address) -> &'a [u8] {
        let element = usize::from(at.element);
        trimmed(match (at.component, self.segment.separators().repetition) {
            (0, None) => self.segment.element(element),
            (0, Some(_)) => self.segment.repetitions(element).next().unwrap_or_default(),
            (component, _) => self.segment.component(element, usize::from(component)),
        })
    }

    /// What the sender meant by them, as UTF-8.
    pub(super) fn data(&self, at: Address) -> Cow<'a, [u8]> {
        self.text(self.raw(at))
    }

    /// A piece of the segment as UTF-8, without its release characters.
    #[inline]
    pub(super) fn text(&self, piece: &'a [u8]) -> Cow<'a, [u8]> {
        if self.plain {
            return Cow::Borrowed(piece);
        }
        let data = self.segment.released(piece);
        if data.is_ascii() {
            return data;
        }
        Cow::Owned(self.charset.decode(&data).0.into_owned().into_bytes())
    }

    /// The address has found a home.
    pub(super) fn take(&mut self, at: Address) {
        if at.component > 0 {
            self.components.push(at);
        } else {
            self.wholes |= element_bit(usize::from(at.element));
        }
    }

    /// What was taken so far, to go back to.
    pub(super) fn taken(&self) -> Taken {
        Taken {
            wholes: self.wholes,
            components: self.components.len(),
        }
    }

    /// Goes back to what was taken before.
    pub(super) fn restore(&mut self, taken: Taken) {
        self.wholes = taken.wholes;
        self.components.truncate(taken.components);
    }

    /// The addresses that were taken since.
    pub(super) fn taken_since(&self, before: &Taken) -> Vec<Address> {
        let wholes = members(self.wholes & !before.wholes).map(|element| Address {
            element: u8::try_from(element).unwrap_or(u8::MAX),
            component: 0,
        });
        let components = self.components.iter().skip(before.components);
        let mut taken: Vec<Address> = wholes.chain(components.copied()).collect();
        taken.sort_by_key(|at| (at.element, at.component));
        taken.dedup();
        taken
    }

    /// Whether every test holds.
    pub(super) fn pass(&self, tests: &[Test]) -> bool {
        tests.iter().all(|test| {
            let found = self.raw(test.at);
            test.any.iter().any(|want| **want == *found) != test.negated
        })
    }

    /// Whether every element that says something was taken as a whole: mostly so, and soon seen.
    pub(super) fn is_settled(&self) -> bool {
        let repeats = self.segment.separators().repetition;
        self.segment.count() < ELEMENTS
            && (1..=self.segment.count()).all(|number| {
                let bytes = self.segment.element(number);
                let once = || repeats.is_none_or(|mark| !bytes.contains(&mark));
                bytes.is_empty() || (self.is_whole(number) && once())
            })
    }

    fn is_whole(&self, element: usize) -> bool {
        self.wholes & element_bit(element) != 0
    }

    /// The elements, components and repetitions that say something and were not taken, with their addresses and raw bytes.
    pub(super) fn left(&self, mut each: impl FnMut(Address, usize, &'a [u8])) {
        for number in 1..=self.segment.count() {
            let bytes = self.segment.element(number);
            let whole = self.is_whole(number);
            if bytes.is_empty() || (whole && self.segment.separators().repetition.is_none()) {
                continue;
            }
            for (repetition, piece) in (1..).zip(self.segment.repetitions(number)) {
                if !whole || repetition > 1 {
                    self.left_of(number, repetition, piece, &mut each);
                }
            }
        }
    }

    fn left_of(
        &self,
        number: usize,
        repetition: usize,
        piece: &'a [u8],
        each: &mut impl FnMut(Address, usize, &'a [u8]),
    ) {
        let element = u8::try_from(number).unwrap_or(u8::MAX);
        let several = self.segment.components(piece).nth(1).is_some();
        for (component, part) in (1_u8..).zip(self.segment.components(piece)) {
            let at = Address { element, component };
            let taken = repetition == 1 && self.components.contains(&at);
            if !taken && !part.trim_ascii().is_empty() {
                let component = if several { component } else { 0 };
                let at = Address { element, component };
                each(at, repetition, part.trim_ascii());
            }
        }
    }
}

/// The bit of an element; none for one that cannot be marked.
fn element_bit(element: usize) -> u64 {
    let shift = u32::try_from(element).ok();
    shift
        .and_then(|shift| 1_u64.checked_shl(shift))
        .unwrap_or_default()
}

/// Without the blanks around: mostly there are none.
fn trimmed(piece: &[u8]) -> &[u8] {
    match (piece.first(), piece.last()) {
        (Some(b'!'..), Some(b'!'..)) => piece,
        _ => piece.trim_ascii(),
    }
}

#[cfg(test)]
mod tests {
    use super::Fields;
    use crate::charset::Charset;
    use crate::headers::{Interchange, shown};
    use crate::map::language::Address;
    use crate::segment::Segment;
    use crate::separators::Separators;

    fn address(text: &str) -> Address {
        Address::read(text).unwrap()
    }

    #[test]
    fn what_is_not_taken_is_left() {
        let bytes = b"NAD+BY+4000:: 9 +X*Y:Z+ +Q";
        let ends: Vec<u32> = (0..)
            .zip(bytes)
            .filter(|(_, byte)| **byte == b'+')
            .map(|(place, _)| place)
            .collect();
        let ends = [ends, vec![u32::try_from(bytes.len()).unwrap()]].concat();
        let separators = Separators {
            repetition: Some(b'*'),
            ..Separators::EDIFACT
        };
        let charset = Charset::for_interchange(&Interchange::default(), None).unwrap();
        let mut fields = Fields::new(
            Segment {
                bytes,
                ends: &ends,
                start: 0,
                origin: 0,
                separators,
            },
            charset,
        );
        fields.take(address("01"));
        fields.take(address("02.1"));
        fields.take(address("03"));
        assert_eq!(fields.raw(address("02.3")), b"9");
        let mut left = Vec::new();
        fields.left(|at, repetition, piece| {
            left.push(format!(
                "{}.{}({repetition}) {}",
                at.element,
                at.component,
                shown(piece)
            ))
        });
        assert_eq!(left, ["2.3(1) 9", "3.1(2) Y", "3.2(2) Z", "5.0(1) Q"]);
    }
}
