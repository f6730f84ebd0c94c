//! Which errors of EDIFACT (0085) may be named at which level of a CONTRL.
//! Reference: ISO 9735-4, annex on the use of error codes.
//! Invariant: code 18 may stand at every level, so every error can be named at its own or a higher one.

use super::record::Note;
use crate::segment::Tag;

/// What a segment of a CONTRL is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Depth {
    /// UCI.
    Interchange,
    /// UCF.
    Group,
    /// UCM.
    Message,
    /// UCS.
    Segment,
    /// UCD.
    Element,
}

use Depth::{Element, Group, Interchange, Message, Segment};

/// The unspecified error.
pub(super) const UNSPECIFIED: &str = "18";

/// Where a code may stand.
fn levels(code: &str) -> &'static [Depth] {
    match code {
        "12" | "13" | "14" | "15" | "16" | "18" | "21" | "22" => {
            &[Interchange, Group, Message, Segment, Element]
        }
        "17" | "25" => &[Interchange, Group, Message, Segment],
        "2" | "7" | "20" | "23" | "46" => &[Interchange],
        "24" | "32" | "33" => &[Interchange, Group],
        "26" | "28" | "29" | "30" => &[Interchange, Group, Message],
        "35" => &[Message, Segment, Element],
        "36" => &[Segment],
        "19" | "37" | "38" | "39" | "40" => &[Interchange, Group, Message, Element],
        "45" => &[Interchange, Group, Message, Segment],
        "47" => &[Group, Message],
        _ => &[],
    }
}

/// The code as it may stand at this level.
pub(super) fn code_at(note: &Note, depth: Depth) -> &'static str {
    let code = note.rule.codes().contrl;
    if levels(code).contains(&depth) {
        code
    } else {
        UNSPECIFIED
    }
}

/// Where a finding of a message is named: as deep as its place goes and its code may stand.
pub(super) fn depth(note: &Note) -> Depth {
    if service_tag(note).is_some() || note.segment == 0 {
        return Message;
    }
    let wanted: &[Depth] = match note.element {
        0 => &[Segment],
        _ => &[Element, Segment],
    };
    let code = note.rule.codes().contrl;
    let allowed = wanted.iter().find(|depth| levels(code).contains(depth));
    allowed.copied().unwrap_or(Segment)
}

/// The header or trailer of the message, when the finding is about that. The first segment is the header.
pub(super) fn service_tag(note: &Note) -> Option<&'static str> {
    let tag = note.tag.to_string();
    let known = ["UNH", "UNT", "UNO", "UNP"]
        .into_iter()
        .find(|known| *known == tag);
    let header = note.segment == 1 && note.tag == Tag::NONE;
    known.or(header.then_some("UNH"))
}

#[cfg(test)]
mod tests {
    use super::{Depth, levels};
    use crate::rule::Rule;

    #[test]
    fn every_code_in_use_has_a_level() {
        for rule in Rule::ALL {
            let code = rule.codes().contrl;
            assert!(
                code.is_empty() || !levels(code).is_empty(),
                "{rule:?} {code}"
            );
        }
        assert_eq!(levels("99"), &[] as &[Depth]);
    }
}
