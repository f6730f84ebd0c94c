//! Judges the elements of one segment: what must be there and what must not stand together, how often, how long, of which
//! characters, and whether dates, times and codes are ones.
//! Knows no loops and makes no findings: it says what is wrong with which bytes, and the judge says where that is.
//! Invariant: a value breaks one rule at most; a segment that breaks none allocates nothing.

use super::case::{Case, Content};
use super::characters::{ClassTable, Classes, trimmed};
use super::fault::{Fault, Spot, expected};
use super::glance::{Glance, Window};
use super::tables::{SegmentTable, Test, Use};
use super::value;
use crate::dictionary::{Dictionary, UseKind};
use crate::rule::Rule;
use crate::segment::{Parts, Segment};

/// What the elements of a message are judged by.
pub(super) struct Elements<'d> {
    pub(super) dictionary: &'d Dictionary,
    pub(super) classes: &'d ClassTable,
    pub(super) glance: &'d Glance,
    /// Whether the version knows exponents in numbers.
    pub(super) exponents: bool,
}

impl Elements<'_> {
    /// Adds what is wrong with the elements of a segment.
    pub(super) fn judge<'v>(
        &self,
        table: &SegmentTable,
        segment: &Segment<'v>,
        scratch: &mut Vec<u8>,
        faults: &mut Vec<Fault<'v>>,
    ) {
        let mut case = Case::new(segment, scratch, faults);
        let mut content = Content::default();
        let mut last_empty = false;
        for (number, element) in (1_u16..).zip(windows(segment)) {
            last_empty = element.is_empty();
            if last_empty {
                continue;
            }
            let Some(used) = table.uses.get(usize::from(number) - 1) else {
                case.elements_beyond(table.uses.len());
                break;
            };
            if self.glance.passes(used, element)
                || self.element(used, number, element.bytes(), &mut case)
            {
                content.note(number, element.bytes(), table.period.as_ref());
            }
        }
        if content.present == 0 && table.mandatory == 0 {
            case.fault(
                Rule::SegmentEmpty,
                Spot::default(),
                &[],
                "at least one element",
            );
            return;
        }
        if !table.holds(content.present) {
            case.relations(table, content.present, Spot::default());
        }
        case.period(table, &content, Spot::default());
        if last_empty && content.present != 0 {
            let element = u16::try_from(segment.count()).unwrap_or(u16::MAX);
            case.trailing(Spot {
                element,
                ..Spot::default()
            });
        }
        case.close();
    }

    /// Looks closer at an element, repetition by repetition; whether it says anything.
    pub(super) fn element<'v>(
        &self,
        used: &Use,
        number: u16,
        bytes: &'v [u8],
        case: &mut Case<'_, 'v>,
    ) -> bool {
        if used.test == Test::Any {
            return true;
        }
        let spot = Spot {
            element: number,
            ..Spot::default()
        };
        let seen = self.classes.classes(bytes);
        let single =
            |pieces: &mut Parts<'_>| pieces.next().is_none_or(|first| first.len() == bytes.len());
        let pieces = case.segment.repetitions(spot.element.into());
        if !seen.has(Classes::REPETITION) || single(&mut pieces.clone()) {
            return self.piece(used, spot, bytes, seen, case);
        }
        let mut any = false;
        let mut within = 0;
        for (repetition, piece) in (1_u16..).zip(pieces) {
            let spot = Spot {
                repetition,
                within,
                ..spot
            };
            if repetition == used.repeat.saturating_add(1) {
                let most = usize::from(used.repeat);
                case.beyond(Rule::ElementRepeats, spot, piece, most);
            }
            any |= !piece.is_empty()
                && self.piece(used, spot, piece, self.classes.classes(piece), case);
            within += piece.len() + 1;
        }
        any
    }

    /// Judges one repetition; whether it says anything.
    fn piece<'v>(
        &self,
        used: &Use,
        spot: Spot,
        piece: &'v [u8],
        seen: Classes,
        case: &mut Case<'_, 'v>,
    ) -> bool {
        if let Some(table) = &used.components {
            return self.composite(table, spot, piece, case);
        }
        if !seen.has(Classes::COMPONENT) {
            return self.value(used, spot, piece, seen, case);
        }
        let mut parts = case.segment.components(piece);
        let first = parts.next().unwrap_or_default();
        if first.len() == piece.len() {
            return self.value(used, spot, piece, seen, case);
        }
        let second = parts.next().unwrap_or_default();
        let spot_of_second = Spot {
            component: 2,
            within: spot.within + first.len() + 1,
            ..spot
        };
        if second.is_empty() && parts.all(<[u8]>::is_empty) {
            case.trailing(spot_of_second);
        } else {
            case.components_beyond(spot, piece, 1);
        }
        !first.is_empty() && self.value(used, spot, first, self.classes.classes(first), case)
    }

    /// Judges a composite component by component; whether it says anything.
    fn composite<'v>(
        &self,
        table: &SegmentTable,
        base: Spot,
        piece: &'v [u8],
        case: &mut Case<'_, 'v>,
    ) -> bool {
        let mut content = Content::default();
        let mut spot = base;
        let mut beyond = false;
        let mut last_empty = false;
        for (component, bytes) in (1_u16..).zip(case.segment.components(piece)) {
            spot.component = component;
            last_empty = bytes.is_empty();
            if !last_empty && !beyond {
                match table.uses.get(usize::from(component) - 1) {
                    Some(used) => {
                        if self.component(used, spot, bytes, piece, case) {
                            content.note(component, bytes, table.period.as_ref());
                        }
                    }
                    None => {
                        beyond = true;
                        case.components_beyond(base, piece, table.uses.len());
                    }
                }
            }
            spot.within += bytes.len() + 1;
        }
        if last_empty && spot.component > 1 {
            spot.within -= 1;
            case.trailing(spot);
        }
        if content.present == 0 {
            return beyond;
        }
        let inside = Spot {
            component: 1,
            ..base
        };
        if !table.holds(content.present) {
            case.relations(table, content.present, inside);
        }
        case.period(table, &content, inside);
        true
    }

    /// Judges a component. A code from a list that the composite says is not the directory's own is not looked up.
    fn component<'v>(
        &self,
        used: &Use,
        spot: Spot,
        bytes: &'v [u8],
        piece: &'v [u8],
        case: &mut Case<'_, 'v>,
    ) -> bool {
        let before = case.faults.len();
        let seen = self.classes.classes(bytes);
        let present = self.value(used, spot, bytes, seen, case);
        let unlisted = |fault: &Fault<'_>| fault.rule == Rule::ElementCode;
        if case.faults.get(before).is_some_and(unlisted) {
            let named = |place: u16| {
                let before = usize::from(place).checked_sub(1)?;
                case.segment.components(piece).nth(before)
            };
            let [list, agency] = used.list.map(|place| named(place).unwrap_or_default());
            // 6 is UN/ECE, whose codes the directory has.
            if !list.is_empty() || !matches!(agency, b"" | b"6") {
                case.faults.truncate(before);
            }
        }
        present
    }

    /// Judges a simple value; whether it says anything.
    fn value<'v>(
        &self,
        used: &Use,
        spot: Spot,
        bytes: &'v [u8],
        seen: Classes,
        case: &mut Case<'_, 'v>,
    ) -> bool {
        let UseKind::Simple(index) = used.kind else {
            return false;
        };
        let spec = self.dictionary.element(index);
        let released = seen.has(Classes::RELEASE);
        let (data, seen) = if released {
            release(self.classes, bytes, case.scratch);
            (
                case.scratch.as_slice(),
                self.classes.data_classes(case.scratch),
            )
        } else {
            (bytes, seen)
        };
        if trimmed(data).is_empty() {
            return false;
        }
        if let Some(rule) = value::fault(spec, data, seen, self.classes, self.exponents) {
            case.faults.push(Fault {
                rule,
                spot,
                reference: String::from(&*spec.id).into(),
                found: bytes,
                expected: expected(rule, spec),
            });
        }
        true
    }
}

/// The elements of a segment, from the first.
fn windows<'v>(segment: &Segment<'v>) -> impl Iterator<Item = Window<'v>> + use<'v> {
    let buffer = segment.bytes;
    let ends = segment.ends.iter().map(|end| *end as usize);
    let (starts, ends) = (ends.clone(), ends.skip(1));
    starts.zip(ends).map(move |(before, end)| Window {
        buffer,
        start: before + 1,
        end,
    })
}

/// The data without its release characters: the byte behind each is meant.
fn release(classes: &ClassTable, bytes: &[u8], data: &mut Vec<u8>) {
    data.clear();
    let mut bytes = bytes.iter().copied();
    while let Some(byte) = bytes.next() {
        let meant = if classes.releases(byte) {
            bytes.next()
        } else {
            None
        };
        data.push(meant.unwrap_or(byte));
    }
}
