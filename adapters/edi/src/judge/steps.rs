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
    /// Whether there are others that pass over nothing either.
    pub(super) doubtful: bool,
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
        self.ahead(node, |place, _| {
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
        // What stands between an LS and an LE that are not there is meant when nothing else can be.
        let mut unbounded = Vec::new();
        let at = self.node(node).filter(|at| at.tag == tag && !at.is_trigger);
        steps.extend(at.map(|_| Step {
            target: node,
            keep: self.depth(node),
            way: Way::Repeat,
            missing: 0,
            doubtful: false,
        }));
        self.ahead(node, |place, passed| {
            let (target, trigger, way) = match place {
                Ahead::Node(at) => (at.ordinal, at.tag, Way::Forward),
                Ahead::Loop(at) => (at.first_node, at.trigger, Way::Forward),
                Ahead::Again(at) => (at.first_node, at.trigger, Way::Again),
            };
            if trigger == tag {
                let found = if passed.bounds {
                    &mut unbounded
                } else {
                    &mut steps
                };
                found.push(passed.step(target, way));
            }
        });
        steps.append(&mut unbounded);
        steps
    }

    /// Every step from `node` to this tag into a loop whose trigger is missing.
    pub(super) fn without_trigger(&self, node: u16, tag: Tag) -> Vec<Step> {
        let mut steps = Vec::new();
        self.ahead(node, |place, passed| {
            let (entered, way) = match place {
                Ahead::Loop(at) => (at, Way::Forward),
                Ahead::Again(at) => (at, Way::Again),
                Ahead::Node(_) => return,
            };
            // The trigger is missing too; so is what is mandatory between it and the segment.
            let mut passed = Passed {
                missing: passed.missing + 1,
                ..passed
            };
            self.level(entered.first_node + 1, entered.last_node, |inner, _| {
                let (target, found, mandatory) = match inner {
                    Ahead::Loop(at) | Ahead::Again(at) => (at.first_node, at.trigger, at.mandatory),
                    Ahead::Node(at) => (at.ordinal, at.tag, at.mandatory),
                };
                if found == tag {
                    steps.push(passed.step(target, way));
                }
                passed.missing += u16::from(mandatory);
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
        self.ahead(node, |place, passed_by| {
            let keep = passed_by.keep;
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
        self.level(
            first + 1,
            target.saturating_sub(1),
            |inner, _| match inner {
                Ahead::Loop(at) if at.mandatory => passed.push(at.first_node),
                Ahead::Node(at) if at.mandatory => passed.push(at.ordinal),
                Ahead::Loop(_) | Ahead::Node(_) | Ahead::Again(_) => {}
            },
        );
    }

    /// Calls back for everything that can follow `node`, in order of preference, with what is passed over until there.
    fn ahead(&self, node: u16, mut found: impl FnMut(Ahead<'_>, Passed)) {
        let Some(at) = self.node(node) else { return };
        let last_of_all = self.structure.nodes.last().map_or(0, |last| last.ordinal);
        let mut within = at.loop_index;
        let mut next = node + 1;
        let mut passed = Passed {
            missing: 0,
            keep: self.depth(node),
            bounds: false,
        };
        loop {
            let around = within.and_then(|index| self.loop_at(index));
            let last = around.map_or(last_of_all, |around| around.last_node);
            self.level(next, last, |place, bounds| {
                let mandatory = match &place {
                    Ahead::Node(at) => at.mandatory,
                    Ahead::Loop(at) | Ahead::Again(at) => at.mandatory,
                };
                found(place, Passed { bounds, ..passed });
                passed.missing += u16::from(mandatory);
            });
            let Some(around) = around else { return };
            found(Ahead::Again(around), passed);
            next = around.last_node + 1;
            within = around.parent;
            passed.keep = passed.keep.saturating_sub(1);
        }
    }

    /// Calls back for the nodes and loops of one level from `first` to `last`, which is all of one loop or what is left of
    /// it; and says whether they stand between an LS that was passed over and its LE.
    fn level(&self, first: u16, last: u16, mut found: impl FnMut(Ahead<'_>, bool)) {
        let mut next = first;
        let mut bounds = 0;
        while next <= last {
            let Some(node) = self.node(next) else { return };
            let bounded = next < bounds;
            let opened = node.loop_index.filter(|_| node.is_trigger);
            match opened.and_then(|index| self.loop_at(index)) {
                Some(opened) => {
                    next = opened.last_node + 1;
                    found(Ahead::Loop(opened), bounded);
                }
                None => {
                    if node.tag == LS {
                        bounds = self.end_of_bounds(next, last);
                    }
                    next += 1;
                    found(Ahead::Node(node), bounded);
                }
            }
        }
    }

    /// Behind the LE that belongs to the LS at `bounds`.
    fn end_of_bounds(&self, bounds: u16, last: u16) -> u16 {
        let around = self.node(bounds).map(|node| node.loop_index);
        let ends = |at: &u16| {
            let node = self.node(*at);
            node.is_some_and(|node| node.tag == LE && Some(node.loop_index) == around)
        };
        (bounds + 1..=last).find(ends).map_or(bounds, |end| end + 1)
    }
}

/// What a step passes over.
#[derive(Clone, Copy)]
struct Passed {
    /// How many mandatory places.
    missing: u16,
    /// How many of the open loops stay open.
    keep: u8,
    /// Whether an LS, but not its LE.
    bounds: bool,
}

impl Passed {
    fn step(self, target: u16, way: Way) -> Step {
        Step {
            target,
            keep: self.keep,
            way,
            missing: self.missing,
            doubtful: false,
        }
    }
}

/// X12's bounds around loops that another loop could be taken for.
const LS: Tag = Tag::new(b"LS");
const LE: Tag = Tag::new(b"LE");

/// What can follow.
enum Ahead<'s> {
    /// A segment of an open loop.
    Node(&'s Node),
    /// A loop that begins.
    Loop(&'s Loop),
    /// An open loop once more.
    Again(&'s Loop),
}
