//! Where in the message something stands, for people and for `unmapped`.
//! Costs nothing until somebody asks.
//! Invariant: two elements of one message never have the same path.

use crate::dictionary::Structure;
use crate::finding::{Finding, Place};
use crate::map::fields::Fields;
use crate::map::language::Address;
use crate::map::read::At;
use crate::map::read::NONE;
use crate::map::read::Reading;
use crate::map::tree::{NodeId, Tree};
use crate::segment::Tag;

impl Reading {
    /// Hands over what no rule took.
    pub(in crate::map) fn leave(&mut self, at: &At<'_, '_>, fields: &Fields<'_>, object: NodeId) {
        if at.index == 0 || at.index + 1 == at.view.len() {
            return; // the envelope's own
        }
        if fields.is_settled() {
            return;
        }
        let tag = fields.segment.tag();
        if tag == Tag::new(b"LS") || tag == Tag::new(b"LE") {
            return; // the bounds of a loop
        }
        let mut left = Vec::new();
        fields.left(|address, repetition, piece| left.push((address, repetition, piece)));
        if left.is_empty() {
            return;
        }
        let path = self.path_of(at);
        for (address, repetition, piece) in left {
            let data = fields.text(piece);
            self.unmapped(
                object,
                &element_path(&path, address, repetition),
                &data,
                "no_mapping",
                at,
            );
        }
    }

    /// Hands over an element that in the end was not taken.
    pub(in crate::map) fn leave_late(
        &mut self,
        at: &At<'_, '_>,
        address: Address,
        object: NodeId,
        path: &str,
    ) {
        let Some(segment) = at.view.segment(at.index) else {
            return;
        };
        let fields = Fields::new(segment, at.context.charset);
        let data = fields.data(address);
        let path = element_path(path, address, 1);
        // What all documents of the message share is kept in the one at hand.
        let object = match self.root {
            Some(root) if object == Tree::TOP => root,
            _ => object,
        };
        self.unmapped(object, &path, &data, "no_mapping", at);
    }

    /// The way to the segment at hand through the loops: `PO1[2]/PID[1]`.
    pub(in crate::map) fn path_of(&self, at: &At<'_, '_>) -> String {
        let structure = &at.plan.structure;
        let node = at.nodes.get(at.index).copied().unwrap_or(NONE);
        let Some(found) = structure.nodes.get(usize::from(node)) else {
            let tag = at
                .view
                .segment(at.index)
                .map(|segment| segment.tag())
                .unwrap_or_default();
            return format!("{tag}[1]");
        };
        let counted;
        let counts = if at.index == self.index {
            &self.counts
        } else {
            counted = recount(at);
            &counted
        };
        let ordinal = |tag, loop_index: Option<u16>, trigger: bool| -> u32 {
            let same = structure.nodes.iter().filter(|other| {
                let inside = if other.is_trigger {
                    trigger
                        && other
                            .loop_index
                            .and_then(|index| structure.loops.get(usize::from(index)))
                            .is_some_and(|found| found.parent == loop_index)
                } else {
                    !trigger && other.loop_index == loop_index
                };
                inside && other.tag == tag
            });
            same.filter_map(|other| counts.get(usize::from(other.ordinal)))
                .sum()
        };
        let mut parts = Vec::new();
        let mut around = found.loop_index;
        if !found.is_trigger {
            parts.push(format!(
                "{}[{}]",
                found.tag,
                ordinal(found.tag, found.loop_index, false)
            ));
        }
        while let Some(outer) = around.and_then(|index| structure.loops.get(usize::from(index))) {
            parts.push(format!(
                "{}[{}]",
                outer.trigger,
                ordinal(outer.trigger, outer.parent, true)
            ));
            around = outer.parent;
        }
        parts.reverse();
        parts.join("/")
    }

    /// Complains about the segment at hand, or an element of it.
    pub(in crate::map) fn complain(&mut self, at: &At<'_, '_>, address: Address, finding: Finding) {
        let Some(segment) = at.view.segment(at.index) else {
            return;
        };
        let element = usize::from(address.element);
        let whole = segment.element(element);
        let before = segment
            .components(whole)
            .take(usize::from(address.component).saturating_sub(1));
        let before: usize = before.map(|part| part.len() + 1).sum();
        let byte = segment.element_offset(element) + before.min(whole.len()) as u64;
        let mut known = at.view.known_line();
        let place = Place {
            byte,
            line: at.view.line_of(byte, &mut known),
            record: Some(at.context.message.record),
            segment: u32::try_from(at.index + 1).unwrap_or(u32::MAX),
            tag: segment.tag(),
            path: self.path_of(at),
            element: u16::from(address.element),
            component: u16::from(address.component),
            ..Place::default()
        };
        let finding = match finding.found {
            None if address.element > 0 => finding.found(whole),
            _ => finding,
        };
        self.findings.push(finding.at(place));
    }
}

/// How often each node occurred, up to the segment at hand, in the loop that was open there.
fn recount(at: &At<'_, '_>) -> Vec<u32> {
    let structure = &at.plan.structure;
    let mut counts = vec![0; structure.nodes.len()];
    for node in at.nodes.iter().take(at.index + 1) {
        count(structure, *node, &mut counts);
    }
    counts
}

/// Counts a node, and starts again for those of a loop that it opens.
pub(in crate::map) fn count(structure: &Structure, node: u16, counts: &mut [u32]) {
    let found = structure.nodes.get(usize::from(node));
    let opened = found
        .filter(|node| node.is_trigger)
        .and_then(|node| node.loop_index)
        .and_then(|index| structure.loops.get(usize::from(index)));
    if let Some(opened) = opened {
        let inner = usize::from(opened.first_node) + 1..usize::from(opened.last_node) + 1;
        counts.get_mut(inner).unwrap_or_default().fill(0);
    }
    if let Some(count) = counts.get_mut(usize::from(node)) {
        *count += 1;
    }
}

/// `PO1[2]/05`, `LIN[1]/03.2`, `REF[1]/04(2)`.
pub(in crate::map) fn element_path(path: &str, address: Address, repetition: usize) -> String {
    let mut text = format!("{path}/{:02}", address.element);
    if repetition > 1 {
        text.push_str(&format!("({repetition})"));
    }
    if address.component > 0 {
        text.push_str(&format!(".{}", address.component));
    }
    text
}
