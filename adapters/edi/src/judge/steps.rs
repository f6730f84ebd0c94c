//! Where a segment can stand next: the steps from one place of a structure to another, and what each passes over.
//! Knows the structure alone, not how often anything came: that is the position's.
//! Invariant: steps come in order of preference, the nearest place first, and deeper loops before those around them.

use std::sync::Arc;

use crate::dictionary::{Loop, Node, Structure};
use crate::rule::Rule;
use crate::segment::Tag;

/// How many of the tags that can follow are told.
const NEAREST: usize = 12;

/// A step to the place of the next segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// The node that the segment takes.
    pub(super) target: u16,
    /// How many of the open loops stay open.
    pub(super) keep: u8,
    /// How the target is reached.
    pub(super) way: Way,
    /// Mandatory segments and loops that are passed over.
    pub(super) missing: u16,
}

/// How a step reaches its node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// The same node once more.
    Repeat,
    /// Forward, perhaps into a loop.
    Forward,
    /// To the innermost loop that stays open, once more.
    Again,
}

/// A structure with what the steps through it need.
pub(super) struct Steps {
    structure: Arc<Structure>,
    /// How many loops are around each node, its own included.
    depths: Box<[u8]>,
}

impl Steps {
    pub(super) fn new(structure: Arc<Structure>) -> Self {
        let depth = |node: &Node| {
            let around = std::iter::successors(node.loop_index, |index| {
                structure.loops.get(usize::from(*index))?.parent
            });
            u8::try_from(around.count()).unwrap_or(u8::MAX)
        };
        let depths = structure.nodes.iter().map(depth).collect();
        Self { structure, depths }
    }

    pub(super) fn structure(&self) -> &Structure {
        &self.structure
    }

    pub(super) fn node(&self, index: u16) -> Option<&Node> {
        self.structure.nodes.get(usize::from(index))
    }

    pub(super) fn loop_at(&self, index: u16) -> Option<&Loop> {
        self.structure.loops.get(usize::from(index))
    }

    pub(super) fn depth(&self, index: u16) -> u8 {
        self.depths.get(usize::from(index)).copied().unwrap_or(0)
    }

    /// The loop around a node that has so many loops around itself, or fewer by one.
    pub(super) fn loop_around(&self, index: u16, depth: usize) -> Option<u16> {
        let innermost = self.node(index)?.loop_index;
        let above = usize::from(self.depth(index)).checked_sub(depth + 1)?;
        std::iter::successors(innermost, |index| self.loop_at(*index)?.parent).nth(above)
    }

    /// Whether a loop, or one within it, has this tag.
    pub(super) fn loop_has(&self, index: u16, tag: Tag) -> bool {
        let nodes = self.loop_at(index).and_then(|within| {
            let (first, last) = (
                usize::from(within.first_node),
                usize::from(within.last_node),
            );
            self.structure.nodes.get(first..=last)
        });
        nodes.is_some_and(|nodes| nodes.iter().any(|node| node.tag == tag))
    }

    /// The first node of this tag.
    pub(super) fn first(&self, tag: Tag) -> Option<u16> {
        let nodes = &self.structure.nodes;
        nodes
            .iter()
            .find(|node| node.tag == tag)
            .map(|node| node.ordinal)
    }

    /// Every node of this tag directly in a loop (or in none), the triggers of loops in it included; with the rule that it
    /// breaks when it comes more often than the number says.
    pub(super) fn members(
        &self,
        around: Option<u16>,
        tag: Tag,
    ) -> impl Iterator<Item = (u16, Rule, u32)> {
        let nodes = self
            .structure
            .nodes
            .iter()
            .filter(move |node| node.tag == tag);
        nodes.filter_map(move |node| match node.loop_index {
            own if own == around && !node.is_trigger => {
                Some((node.ordinal, Rule::SegmentRepeats, node.max))
            }
            Some(own) if node.is_trigger => {
                let opened = self.loop_at(own)?;
                let inside = opened.parent == around;
                inside.then_some((node.ordinal, Rule::LoopRepeats, opened.max))
            }
            _ => None,
        })
    }

    /// The tags that can follow a node, the nearest first, up to the first that must.
    pub(super) fn following(&self, node: u16) -> Vec<Tag> {
        let mut tags = Vec::new();
        let mut over = false;
        self.ahead(node, |place, _, _| {
            let (tag, mandatory) = match place {
                Ahead::Node(at) => (at.tag, at.mandatory),
                Ahead::Loop(at) => (at.trigger, at.mandatory),
                Ahead::Again(at) => (at.trigger, false),
            };
            if !over && !tags.contains(&tag) {
                tags.push(tag);
            }
            over |= mandatory || tags.len() >= NEAREST;
        });
        tags
    }

    /// Every step from `node` to this tag that enters loops by their triggers.
    pub(super) fn to(&self, node: u16, tag: Tag) -> Vec<Step> {
        let mut steps = Vec::new();
        if self
            .node(node)
            .is_some_and(|at| at.tag == tag && !at.is_trigger)
        {
            steps.push(Step {
                target: node,
                keep: self.depth(node),
                way: Way::Repeat,
                missing: 0,
            });
        }
        self.ahead(node, |place, missing, keep| {
            let step = |target: u16, way: Way| Step {
                target,
                keep,
                way,
                missing,
            };
            match place {
                Ahead::Node(at) if at.tag == tag => steps.push(step(at.ordinal, Way::Forward)),
                Ahead::Loop(at) if at.trigger == tag => {
                    steps.push(step(at.first_node, Way::Forward));
                }
                Ahead::Again(at) if at.trigger == tag => {
                    steps.push(step(at.first_node, Way::Again));
                }
                Ahead::Node(_) | Ahead::Loop(_) | Ahead::Again(_) => {}
            }
        });
        steps
    }

    /// Every step from `node` to this tag into a loop whose trigger is missing.
    pub(super) fn without_trigger(&self, node: u16, tag: Tag) -> Vec<Step> {
        let mut steps = Vec::new();
        self.ahead(node, |place, missing, keep| {
            let (entered, way) = match place {
                Ahead::Loop(at) => (at, Way::Forward),
                Ahead::Again(at) => (at, Way::Again),
                Ahead::Node(_) => return,
            };
            // The trigger is missing too; so is what is mandatory between it and the segment.
            let mut missing = missing + 1;
            self.level(entered.first_node + 1, entered.last_node, |inner| {
                let (target, found, mandatory) = match inner {
                    Ahead::Loop(at) | Ahead::Again(at) => (at.first_node, at.trigger, at.mandatory),
                    Ahead::Node(at) => (at.ordinal, at.tag, at.mandatory),
                };
                if found == tag {
                    steps.push(Step {
                        target,
                        keep,
                        way,
                        missing,
                    });
                }
                missing += u16::from(mandatory);
            });
        });
        steps
    }

    /// The mandatory nodes (triggers of loops included) that a step from `node` passes over.
    pub(super) fn passed_over(&self, node: u16, step: &Step) -> Vec<u16> {
        let mut passed = Vec::new();
        if step.way == Way::Repeat {
            return passed;
        }
        let mut arrived = false;
        self.ahead(node, |place, _, keep| {
            let (first, last, mandatory, way) = match place {
                Ahead::Node(at) => (at.ordinal, at.ordinal, at.mandatory, Way::Forward),
                Ahead::Loop(at) => (at.first_node, at.last_node, at.mandatory, Way::Forward),
                Ahead::Again(at) => (at.first_node, at.last_node, false, Way::Again),
            };
            if arrived {
            } else if way == step.way && keep == step.keep && (first..=last).contains(&step.target)
            {
                arrived = true;
                self.untriggered(first, step.target, &mut passed);
            } else if mandatory && way == Way::Forward {
                passed.push(first);
            }
        });
        passed
    }

    /// What is missing of a loop that is entered at `target` instead of at its trigger `first`.
    fn untriggered(&self, first: u16, target: u16, passed: &mut Vec<u16>) {
        if first == target {
            return;
        }
        passed.push(first);
        self.level(first + 1, target.saturating_sub(1), |inner| match inner {
            Ahead::Loop(at) if at.mandatory => passed.push(at.first_node),
            Ahead::Node(at) if at.mandatory => passed.push(at.ordinal),
            Ahead::Loop(_) | Ahead::Node(_) | Ahead::Again(_) => {}
        });
    }

    /// Calls back for everything that can follow `node`, in order of preference, with the number of mandatory places passed
    /// over until there and how many of the open loops stay open.
    fn ahead(&self, node: u16, mut found: impl FnMut(Ahead<'_>, u16, u8)) {
        let Some(at) = self.node(node) else { return };
        let last_of_all = u16::try_from(self.structure.nodes.len()).unwrap_or(u16::MAX);
        let mut within = at.loop_index;
        let mut depth = self.depth(node);
        let mut next = node + 1;
        let mut missing = 0;
        loop {
            let around = within.and_then(|index| self.loop_at(index));
            let last = around.map_or(last_of_all - 1, |around| around.last_node);
            self.level(next, last, |place| {
                let mandatory = match &place {
                    Ahead::Node(at) => at.mandatory,
                    Ahead::Loop(at) | Ahead::Again(at) => at.mandatory,
                };
                found(place, missing, depth);
                missing += u16::from(mandatory);
            });
            let Some(around) = around else { return };
            found(Ahead::Again(around), missing, depth);
            next = around.last_node + 1;
            within = around.parent;
            depth = depth.saturating_sub(1);
        }
    }

    /// Calls back for the nodes and loops of one level from `first` to `last`, which is all of one loop or what is left of it.
    fn level(&self, first: u16, last: u16, mut found: impl FnMut(Ahead<'_>)) {
        let mut next = first;
        while next <= last {
            let Some(node) = self.node(next) else { return };
            let opened = node.loop_index.filter(|_| node.is_trigger);
            match opened.and_then(|index| self.loop_at(index)) {
                Some(opened) => {
                    next = opened.last_node + 1;
                    found(Ahead::Loop(opened));
                }
                None => {
                    next += 1;
                    found(Ahead::Node(node));
                }
            }
        }
    }
}

/// What can follow.
enum Ahead<'s> {
    /// A segment of an open loop.
    Node(&'s Node),
    /// A loop that begins.
    Loop(&'s Loop),
    /// An open loop once more.
    Again(&'s Loop),
}
