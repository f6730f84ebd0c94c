//! Where in the message something stands, for people and for `unmapped`.
//! Costs nothing until somebody asks.
//! Invariant: two elements of one message never have the same path.

use crate::dictionary::Structure;
use crate::finding::{Finding, Place};
use crate::map::fields::Fields;
use crate::map::language::Address;
use crate::map::plan::Plan;
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
        let mut path = std::mem::take(&mut self.path);
        path.clear();
        self.push_path(at, &mut path);
        let stem = path.len();
        fields.left(|address, repetition, piece| {
            path.truncate(stem);
            push_element(&mut path, address, repetition);
            self.unmapped(object, &path, &fields.text(piece), at);
        });
        self.path = path;
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
        self.unmapped(object, &path, &data, at);
    }

    /// The way to the segment at hand through the loops: `PO1[2]/PID[1]`.
    pub(in crate::map) fn path_of(&self, at: &At<'_, '_>) -> String {
        let mut path = String::new();
        self.push_path(at, &mut path);
        path
    }

    fn push_path(&self, at: &At<'_, '_>, path: &mut String) {
        let node = at.nodes.get(at.index).copied().unwrap_or(NONE);
        let Some(found) = at.plan.structure.nodes.get(usize::from(node)) else {
            let segment = at.view.segment(at.index);
            segment.map_or(Tag::NONE, |found| found.tag()).push_to(path);
            return path.push_str("[1]");
        };
        let counted;
        let counts = if at.index == self.index {
            &self.counts
        } else {
            counted = recount(at);
            &counted
        };
        push_loops(at.plan, found.loop_index, counts, path);
        if !found.is_trigger {
            if found.loop_index.is_some() {
                path.push('/');
            }
            push_node(at.plan, node, counts, path);
        }
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

/// The loops around, the outermost first.
fn push_loops(plan: &Plan, loop_index: Option<u16>, counts: &[u32], path: &mut String) {
    let found = loop_index.and_then(|index| plan.structure.loops.get(usize::from(index)));
    if let Some(found) = found {
        push_loops(plan, found.parent, counts, path);
        if found.parent.is_some() {
            path.push('/');
        }
        push_node(plan, found.first_node, counts, path);
    }
}

/// A node's tag, and how often it occurred beside its like.
fn push_node(plan: &Plan, node: u16, counts: &[u32], path: &mut String) {
    let node = usize::from(node);
    let found = plan.structure.nodes.get(node);
    found.map_or(Tag::NONE, |node| node.tag).push_to(path);
    let alike = plan.alike.get(node).into_iter().flatten();
    let count = alike.filter_map(|other| counts.get(usize::from(*other)));
    path.push('[');
    push_number(count.sum(), path);
    path.push(']');
}

/// A number without the cost of formatting.
fn push_number(number: u32, text: &mut String) {
    if number > 9 {
        push_number(number / 10, text);
    }
    text.extend(char::from_digit(number % 10, 10));
}

/// `PO1[2]/05`, `LIN[1]/03.2`, `REF[1]/04(2)`.
pub(in crate::map) fn element_path(path: &str, address: Address, repetition: usize) -> String {
    let mut text = path.to_owned();
    push_element(&mut text, address, repetition);
    text
}

fn push_element(path: &mut String, address: Address, repetition: usize) {
    path.push_str(if address.element < 10 { "/0" } else { "/" });
    push_number(u32::from(address.element), path);
    if repetition > 1 {
        path.push('(');
        push_number(u32::try_from(repetition).unwrap_or(u32::MAX), path);
        path.push(')');
    }
    if address.component > 0 {
        path.push('.');
        push_number(u32::from(address.component), path);
    }
}
