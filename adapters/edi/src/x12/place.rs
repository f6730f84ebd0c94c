//! Where a segment belongs: which loops are open around it, and its path (`PO1[2]/N1[1]/N4[1]`).
//! Follows the loops of a set by their first segments; whether a segment may stand there is for the full dictionary.
//! Invariant: a loop is open only inside its parent, and a segment that belongs to no open loop closes them.

use std::fmt::Write as _;

use super::tags::SE;
use crate::segment::Tag;

/// A loop of a set.
pub(super) struct Loop {
    /// The segment that opens it.
    first: Tag,
    inside: Vec<Loop>,
    members: Members,
}

enum Members {
    /// These only.
    These(&'static [&'static [u8]]),
    /// Everything that does not open a loop further out.
    Rest,
}

/// The loops of a set: a list of its outermost ones.
pub(super) struct Structure {
    loops: Vec<Loop>,
}

const PARTY: &[&[u8]] = &[
    b"N2", b"N3", b"N4", b"NX2", b"REF", b"PER", b"SI", b"FOB", b"TD1", b"TD5", b"TD3", b"TD4",
    b"PKG", b"QTY", b"DTM", b"SCH", b"LDT",
];
const NOTE: &[&[u8]] = &[b"DTM", b"MEA", b"MSG", b"MTX", b"PWK", b"EFI"];
const SUB_LINE: &[&[u8]] = &[
    b"MSG", b"SI", b"PID", b"PO3", b"TC2", b"SAC", b"CUR", b"CTP", b"DTM", b"PO4", b"IT8", b"TAX",
    b"TXI", b"QTY", b"REF", b"PER", b"N9", b"N1", b"N2", b"N3", b"N4", b"ADV", b"MEA",
];

fn within(first: &[u8], members: &'static [&'static [u8]]) -> Loop {
    Loop {
        first: Tag::new(first),
        inside: Vec::new(),
        members: Members::These(members),
    }
}

impl Structure {
    /// The loops of an 850 that matter for what is converted.
    pub(super) fn order() -> Self {
        let line = Loop {
            first: Tag::new(b"PO1"),
            inside: vec![
                within(b"CTP", &[b"CUR"]),
                within(b"PID", &[b"MEA"]),
                within(b"SAC", &[b"CUR", b"CTP"]),
                within(b"PKG", &[b"MEA"]),
                within(b"SCH", &[b"TD1", b"TD5", b"TD3", b"TD4", b"REF"]),
                within(b"LDT", &[b"QTY", b"MSG", b"REF", b"LM", b"LQ"]),
                within(b"N9", NOTE),
                within(b"N1", PARTY),
                within(b"SLN", SUB_LINE),
                within(b"AMT", &[b"REF", b"PCT"]),
                within(b"QTY", &[b"SI"]),
            ],
            members: Members::Rest,
        };
        Self {
            loops: vec![
                within(b"SAC", &[b"CUR"]),
                within(b"AMT", &[b"REF", b"DTM", b"PCT", b"FA1", b"FA2"]),
                within(b"N9", NOTE),
                within(b"N1", PARTY),
                line,
                within(b"CTT", &[b"AMT"]),
            ],
        }
    }

    /// The loops of an 846 that matter for what is converted.
    pub(super) fn stock() -> Self {
        let item = Loop {
            first: Tag::new(b"LIN"),
            inside: vec![
                within(b"QTY", &[b"UIT", b"MEA", b"DTM", b"REF", b"LS", b"LE"]),
                within(b"N1", &[b"N2", b"N3", b"N4", b"REF", b"PER", b"FOB"]),
                within(b"SLN", SUB_LINE),
            ],
            members: Members::Rest,
        };
        let party = within(b"N1", &[b"N2", b"N3", b"N4", b"REF", b"PER", b"FOB"]);
        Self {
            loops: vec![party, item, within(b"CTT", &[])],
        }
    }
}

struct Frame<'s> {
    kind: &'s Loop,
    ordinal: u32,
    counts: Counts,
}

/// How often each segment or loop came inside one loop.
#[derive(Default)]
struct Counts(Vec<(Tag, u32)>);

impl Counts {
    fn next(&mut self, tag: Tag) -> u32 {
        if let Some((_, count)) = self.0.iter_mut().find(|(known, _)| *known == tag) {
            *count = count.saturating_add(1);
            return *count;
        }
        self.0.push((tag, 1));
        1
    }
}

/// The place of the current segment.
pub(super) struct Place<'s> {
    structure: &'s Structure,
    frames: Vec<Frame<'s>>,
    counts: Counts,
    /// The first segments of the open loops, outermost first.
    tags: Vec<Tag>,
    tag: Tag,
    ordinal: u32,
    opens: bool,
}

impl<'s> Place<'s> {
    pub(super) fn new(structure: &'s Structure) -> Self {
        Self {
            structure,
            frames: Vec::new(),
            counts: Counts::default(),
            tags: Vec::new(),
            tag: Tag::NONE,
            ordinal: 0,
            opens: false,
        }
    }

    /// Goes on to a segment with this tag.
    pub(super) fn enter(&mut self, tag: Tag) {
        self.tag = tag;
        loop {
            let (inside, rest) = match self.frames.last() {
                Some(frame) => (
                    &frame.kind.inside,
                    matches!(frame.kind.members, Members::Rest),
                ),
                None => (&self.structure.loops, true),
            };
            if let Some(kind) = inside.iter().find(|kind| kind.first == tag) {
                let ordinal = self.count(tag);
                self.frames.push(Frame {
                    kind,
                    ordinal,
                    counts: Counts::default(),
                });
                self.tags.push(tag);
                self.opens = true;
                return;
            }
            let member = match self.frames.last().map(|frame| &frame.kind.members) {
                Some(Members::These(members)) => {
                    members.iter().any(|member| Tag::new(member) == tag)
                }
                Some(Members::Rest) => rest && !self.opens_outside(tag),
                None => true,
            };
            if member {
                self.ordinal = self.count(tag);
                self.opens = false;
                return;
            }
            self.frames.pop();
            self.tags.pop();
        }
    }

    /// Whether the tag opens an outermost loop, or ends the set: then no loop inside can hold it.
    fn opens_outside(&self, tag: Tag) -> bool {
        tag == SE || self.structure.loops.iter().any(|kind| kind.first == tag)
    }

    fn count(&mut self, tag: Tag) -> u32 {
        match self.frames.last_mut() {
            Some(frame) => frame.counts.next(tag),
            None => self.counts.next(tag),
        }
    }

    /// The first segments of the open loops, outermost first. A segment that opens a loop is in it.
    pub(super) fn loops(&self) -> &[Tag] {
        &self.tags
    }

    /// `PO1[2]/N1[1]/N4[1]`; a segment that opens a loop is the loop.
    pub(super) fn path(&self) -> String {
        let mut path = String::new();
        for frame in &self.frames {
            // Writing to a string cannot fail.
            write!(path, "{}[{}]/", frame.kind.first, frame.ordinal).unwrap_or_default();
        }
        if self.opens {
            path.pop();
        } else {
            write!(path, "{}[{}]", self.tag, self.ordinal).unwrap_or_default();
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, Structure};
    use crate::segment::Tag;

    fn paths(structure: &Structure, tags: &str) -> Vec<String> {
        let mut place = Place::new(structure);
        let mut path = |tag: &str| {
            place.enter(Tag::new(tag.as_bytes()));
            place.path()
        };
        tags.split(' ').map(&mut path).collect()
    }

    #[test]
    fn loops_of_an_order() {
        let tags = "ST BEG REF REF SAC N9 MSG N1 N3 REF N1 PO1 REF PID PID N1 N4 SCH PO1 SAC CUR SLN PID PO1 TXI CTT AMT SE";
        let want = "ST[1] BEG[1] REF[1] REF[2] SAC[1] N9[1] N9[1]/MSG[1] N1[1] N1[1]/N3[1] N1[1]/REF[1] N1[2] \
            PO1[1] PO1[1]/REF[1] PO1[1]/PID[1] PO1[1]/PID[2] PO1[1]/N1[1] PO1[1]/N1[1]/N4[1] PO1[1]/N1[1]/SCH[1] \
            PO1[2] PO1[2]/SAC[1] PO1[2]/SAC[1]/CUR[1] PO1[2]/SLN[1] PO1[2]/SLN[1]/PID[1] PO1[3] PO1[3]/TXI[1] \
            CTT[1] CTT[1]/AMT[1] SE[1]";
        assert_eq!(paths(&Structure::order(), tags).join(" "), want);
    }

    #[test]
    fn loops_of_a_stock_report() {
        let tags = "ST BIA N1 N3 LIN PID QTY REF SCH QTY N1 N4 LIN QTY CTT SE";
        let want = "ST[1] BIA[1] N1[1] N1[1]/N3[1] LIN[1] LIN[1]/PID[1] LIN[1]/QTY[1] LIN[1]/QTY[1]/REF[1] LIN[1]/SCH[1] \
            LIN[1]/QTY[2] LIN[1]/N1[1] LIN[1]/N1[1]/N4[1] LIN[2] LIN[2]/QTY[1] CTT[1] SE[1]";
        assert_eq!(paths(&Structure::stock(), tags).join(" "), want);
    }
}
