//! Lays the nested loops of a set out flat, as a walk wants them.
//! Invariant: a loop opens with a mandatory segment, and every segment is one of the dictionary.

use std::fmt::Display;

use super::Dictionary;
use super::compile::{index, tag};
use super::entries::{ItemEntry, LoopEntry, PlaceEntry, SetEntry};
use super::error::Mistake;
use super::structure::{Loop, Node, Structure};

/// How deep loops may stand in each other.
pub(super) const DEEPEST: usize = 16;

/// The flat tables of a set while they are filled.
struct Layout<'d> {
    dictionary: &'d Dictionary,
    nodes: Vec<Node>,
    loops: Vec<Loop>,
}

/// The structure of one set.
pub(super) fn structure(
    dictionary: &Dictionary,
    entry: &SetEntry<'_>,
) -> Result<Structure, Mistake> {
    let mut layout = Layout {
        dictionary,
        nodes: Vec::new(),
        loops: Vec::new(),
    };
    layout.level(&entry.content, None, 0).map_err(|mistake| {
        let line = if mistake.line > 0 {
            mistake.line
        } else {
            entry.line
        };
        Mistake::at(line, format!("set {}: {}", entry.id, mistake.message))
    })?;
    Ok(Structure {
        set_id: entry.id.as_ref().into(),
        group: entry.group.as_deref().map(Box::from),
        label: entry.label.as_ref().into(),
        nodes: layout.nodes.into(),
        loops: layout.loops.into(),
    })
}

impl Layout<'_> {
    fn level(
        &mut self,
        items: &[ItemEntry<'_>],
        within: Option<u16>,
        depth: usize,
    ) -> Result<(), Mistake> {
        for item in items {
            match item {
                ItemEntry::Segment(place) => self.node(place, within)?,
                ItemEntry::Loop(entry) if depth >= DEEPEST => {
                    return Err(Mistake::at(
                        entry.line,
                        format!("loops stand at most {DEEPEST} deep"),
                    ));
                }
                ItemEntry::Loop(entry) => self.enter(entry, within, depth)?,
            }
        }
        Ok(())
    }

    fn node(&mut self, place: &PlaceEntry<'_>, within: Option<u16>) -> Result<(), Mistake> {
        let tag = tag(&place.tag, place.line)?;
        if self.dictionary.segment(tag).is_none() {
            return Err(Mistake::at(place.line, format!("no segment {tag}")));
        }
        if place.mandatory && place.unused {
            return Err(contradiction(tag, place.line));
        }
        let ordinal = index(self.nodes.len(), place.line)?;
        let opens = within.and_then(|within| self.loops.get(usize::from(within)));
        self.nodes.push(Node {
            tag,
            mandatory: place.mandatory,
            unused: place.unused,
            max: place.max.unwrap_or(u32::MAX),
            loop_index: within,
            is_trigger: opens.is_some_and(|opened| opened.first_node == ordinal),
            ordinal,
        });
        Ok(())
    }

    fn enter(
        &mut self,
        entry: &LoopEntry<'_>,
        parent: Option<u16>,
        depth: usize,
    ) -> Result<(), Mistake> {
        let trigger = match entry.content.first() {
            Some(ItemEntry::Segment(first)) if first.mandatory && first.max == Some(1) => first,
            _ => {
                let message = format!(
                    "loop {}: expected a mandatory segment, once, as its first",
                    entry.id
                );
                return Err(Mistake::at(entry.line, message));
            }
        };
        if entry.mandatory && entry.unused {
            return Err(contradiction(format_args!("loop {}", entry.id), entry.line));
        }
        let this = index(self.loops.len(), entry.line)?;
        let first_node = index(self.nodes.len(), entry.line)?;
        self.loops.push(Loop {
            id: entry.id.as_ref().into(),
            parent,
            mandatory: entry.mandatory,
            max: entry.max.unwrap_or(u32::MAX),
            first_node,
            last_node: first_node,
            trigger: tag(&trigger.tag, trigger.line)?,
        });
        self.level(&entry.content, Some(this), depth + 1)?;
        if let Some(trigger) = self.nodes.get_mut(usize::from(first_node)) {
            trigger.unused |= entry.unused;
        }
        let last_node = index(self.nodes.len().saturating_sub(1), entry.line)?;
        if let Some(done) = self.loops.get_mut(usize::from(this)) {
            done.last_node = last_node;
        }
        Ok(())
    }
}

fn contradiction(what: impl Display, line: usize) -> Mistake {
    Mistake::at(line, format!("{what} is both mandatory and unused"))
}
