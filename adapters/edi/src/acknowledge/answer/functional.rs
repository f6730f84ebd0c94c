//! Reads the segments of a 997 or 999.
//! Invariant: an AK3 of code 8 stands for the AK4 that follow it, or for itself where none does.

use super::{Fault, List, Reading, number, part, text, x12_verdict};
use crate::message::MessageView;
use crate::segment::Segment;

pub(super) fn read(view: MessageView<'_>, reading: &mut Reading) {
    // The segment that the next AK4 are about, and whether any came.
    let mut place: Option<(Fault, bool)> = None;
    for segment in view.segments() {
        let tag = segment.element(0);
        if !matches!(tag, b"AK4" | b"IK4" | b"CTX") {
            close(place.take(), reading);
        }
        match tag {
            b"AK1" => reading.group(text(&segment, 1), text(&segment, 2), x12_verdict("")),
            b"AK2" => reading.message(text(&segment, 1), text(&segment, 2), x12_verdict("")),
            b"AK3" | b"IK3" => place = segment_fault(&segment, reading),
            b"AK4" | b"IK4" => {
                if let Some((fault, used)) = &mut place {
                    *used = true;
                    reading.message_fault(element_fault(&segment, fault));
                }
            }
            b"AK5" | b"IK5" => {
                if let Some(message) = reading.last_message() {
                    message.verdict = x12_verdict(&text(&segment, 1));
                }
                for code in codes(&segment, 2) {
                    reading.message_fault(Fault::new(List::Set, code));
                }
            }
            b"AK9" => group_end(&segment, reading),
            _ => {}
        }
    }
}

fn close(place: Option<(Fault, bool)>, reading: &mut Reading) {
    if let Some((fault, false)) = place {
        reading.message_fault(fault);
    }
}

fn codes(segment: &Segment<'_>, first: usize) -> impl Iterator<Item = String> {
    let codes = (first..first + 5).map(|number| text(segment, number));
    codes.filter(|code| !code.is_empty())
}

/// The faults of the segment itself; the one of code 8 is returned.
fn segment_fault(segment: &Segment<'_>, reading: &mut Reading) -> Option<(Fault, bool)> {
    let mut elements = None;
    for code in codes(segment, 4) {
        let wrong_elements = code == "8";
        let fault = Fault {
            tag: text(segment, 1),
            segment: number(&text(segment, 2)),
            loop_id: text(segment, 3),
            ..Fault::new(List::Segment, code)
        };
        if wrong_elements {
            elements = Some((fault, false));
        } else {
            reading.message_fault(fault);
        }
    }
    elements
}

fn element_fault(segment: &Segment<'_>, place: &Fault) -> Fault {
    Fault {
        list: List::Element,
        code: text(segment, 3),
        element: number(&part(segment, 1, 1)),
        component: number(&part(segment, 1, 2)),
        repetition: number(&part(segment, 1, 3)),
        reference: text(segment, 2),
        value: text(segment, 4),
        ..place.clone()
    }
}

fn group_end(segment: &Segment<'_>, reading: &mut Reading) {
    if let Some(group) = reading.answer.groups.last_mut() {
        group.verdict = x12_verdict(&text(segment, 1));
        group.counts = [2, 3, 4].map(|place| text(segment, place).parse().ok());
    }
    for code in codes(segment, 5) {
        reading.group_fault(Fault::new(List::Group, code));
    }
}
