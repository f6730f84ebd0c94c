//! Reads the segments of a CONTRL.
//! Invariant: positions of elements are counted as everywhere else here, without the tag.

use super::{Answer, Fault, List, Reading, number, part, text};
use crate::acknowledge::Verdict;
use crate::message::MessageView;
use crate::segment::Segment;

pub(super) fn read(view: MessageView<'_>, reading: &mut Reading) {
    // Position of the segment in error, and whether an element of it was named.
    let mut place: Option<(Fault, bool)> = None;
    for segment in view.segments() {
        let tag = segment.element(0);
        if tag != b"UCD" {
            close(place.take(), reading);
        }
        match tag {
            b"UCI" => {
                let verdict = verdict(&text(&segment, 4));
                let Answer {
                    interchange,
                    faults,
                    groups,
                    ..
                } = &mut reading.answer;
                *interchange = Some((part(&segment, 1, 1), verdict));
                faults.extend(stated(&segment, 5));
                groups.clear();
            }
            b"UCF" => {
                let control_number = part(&segment, 1, 1);
                reading.group(String::new(), control_number, verdict(&text(&segment, 4)));
                if let Some(fault) = stated(&segment, 5) {
                    reading.group_fault(fault);
                }
            }
            b"UCM" => message(&segment, reading),
            b"UCS" => place = Some(segment_fault(&segment)),
            b"UCD" => {
                if let Some((fault, used)) = &mut place {
                    *used = true;
                    let fault = Fault {
                        code: part(&segment, 1, 1),
                        ..fault.clone()
                    };
                    reading.message_fault(at_element(fault, &segment, 2));
                }
            }
            _ => {}
        }
    }
    close(place, reading);
    qualify(&mut reading.answer);
}

/// A UCS that names no element, or has a code of its own.
fn close(place: Option<(Fault, bool)>, reading: &mut Reading) {
    if let Some((fault, used)) = place
        && !(used && fault.code.is_empty())
    {
        reading.message_fault(fault);
    }
}

fn message(segment: &Segment<'_>, reading: &mut Reading) {
    if reading.answer.groups.is_empty() {
        let whole = reading.answer.interchange.as_ref();
        let verdict = whole.map_or(Verdict::Received, |(_, verdict)| *verdict);
        reading.group(String::new(), String::new(), verdict);
    }
    let package = part(segment, 1, 1).is_empty();
    let control_number = part(segment, if package { 7 } else { 1 }, 1);
    let before = reading.answer.omitted;
    reading.message(
        part(segment, 2, 1),
        control_number,
        verdict(&text(segment, 3)),
    );
    if let Some(fault) = stated(segment, 4).filter(|_| reading.answer.omitted == before) {
        reading.message_fault(fault);
    }
}

fn segment_fault(segment: &Segment<'_>) -> (Fault, bool) {
    let fault = Fault {
        segment: number(&text(segment, 1)),
        ..Fault::new(List::Contrl, text(segment, 2))
    };
    (fault, false)
}

/// 0085, 0135 and S011 from this element on.
fn stated(segment: &Segment<'_>, first: usize) -> Option<Fault> {
    let code = text(segment, first);
    if code.is_empty() {
        return None;
    }
    let fault = Fault {
        tag: text(segment, first + 1),
        ..Fault::new(List::Contrl, code)
    };
    Some(at_element(fault, segment, first + 2))
}

fn at_element(fault: Fault, segment: &Segment<'_>, place: usize) -> Fault {
    let position: u16 = number(&part(segment, place, 1));
    Fault {
        element: position.saturating_sub(1),
        component: number(&part(segment, place, 2)),
        repetition: number(&part(segment, place, 3)),
        ..fault
    }
}

/// 0083. Versions 1 and 2 said 1 for what is accepted.
fn verdict(code: &str) -> Verdict {
    match code {
        "4" => Verdict::Rejected,
        "1" | "7" => Verdict::Accepted,
        _ => Verdict::Received,
    }
}

/// What is accepted with remarks, or in part: the codes of EDIFACT do not tell these apart.
fn qualify(answer: &mut Answer) {
    let flawed = |verdict: &mut Verdict, faults: &[Fault]| {
        if *verdict == Verdict::Accepted && !faults.is_empty() {
            *verdict = Verdict::AcceptedWithErrors;
        }
    };
    for group in &mut answer.groups {
        flawed(&mut group.verdict, &group.faults);
        for message in &mut group.messages {
            flawed(&mut message.verdict, &message.faults);
        }
    }
    if let Some((_, verdict)) = &mut answer.interchange {
        flawed(verdict, &answer.faults);
    }
}
