//! What ISA, GS and ST say.
//! Judges nothing. Invariant: ids are trimmed, because an ISA pads them, and everything else is as written.

use crate::headers::{Address, Group, Interchange, Message, shown};
use crate::segment::Segment;
use crate::separators::Separators;
use crate::syntax::Syntax;

fn word(segment: &Segment<'_>, number: usize) -> String {
    shown(segment.element(number)).trim().to_owned()
}

fn address(segment: &Segment<'_>, qualifier: usize, id: usize) -> Address {
    Address {
        qualifier: if qualifier == 0 {
            String::new()
        } else {
            word(segment, qualifier)
        },
        id: word(segment, id),
        internal: String::new(),
    }
}

pub(super) fn isa(segment: &Segment<'_>, ordinal: u64, separators: Separators) -> Interchange {
    let usage = word(segment, 15);
    Interchange {
        syntax: Syntax::X12,
        ordinal,
        sender: address(segment, 5, 6),
        receiver: address(segment, 7, 8),
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

pub(super) fn gs(segment: &Segment<'_>, first_segment: u32) -> Group {
    Group {
        functional_id: word(segment, 1),
        sender: address(segment, 0, 2),
        receiver: address(segment, 0, 3),
        date: word(segment, 4),
        time: word(segment, 5),
        control_number: word(segment, 6),
        agency: word(segment, 7),
        version: word(segment, 8),
        first_segment,
        messages: 0,
    }
}

/// The set, the guide being what its ST03 says or else what follows the six digits of GS08.
pub(super) fn st(
    segment: &Segment<'_>,
    group: &Group,
    record: u64,
    first_segment: u32,
    line: u64,
) -> Message {
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
        record,
        segments: 1,
        first_segment,
        offset: segment.offset(),
        line,
    }
}
