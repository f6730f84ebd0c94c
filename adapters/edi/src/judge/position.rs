//! Walks a structure segment by segment: which node each takes, which loops are open, and how often everything came.
//! A segment that fits goes the step that was remembered for it; what does not fit is for `recovery` to weigh.
//! Invariant: the open loops are exactly those around the node that the walk stands on.

use super::steps::{Step, Steps, Way};
use crate::segment::Tag;

/// Places for remembered steps: far more than the pairs of neighbours that messages of one kind have.
const REMEMBERED: usize = 1024;

/// A place that the walk can stand at.
#[derive(Debug, Default)]
pub(super) struct Stand {
    /// The node of the last segment that had a place.
    pub(super) node: u16,
    /// How often that node came in its loop.
    pub(super) count: u32,
    /// The open loops, outermost first.
    pub(super) open: Vec<Open>,
    /// The loop of a trigger that had no place: what belongs to it has none either, and needs no word of its own.
    pub(super) astray: Option<u16>,
}

impl Clone for Stand {
    fn clone(&self) -> Self {
        let mut clone = Self::default();
        clone.clone_from(self);
        clone
    }

    /// Takes the memory that is there already.
    fn clone_from(&mut self, other: &Self) {
        self.node = other.node;
        self.count = other.count;
        self.open.clone_from(&other.open);
        self.astray = other.astray;
    }
}

/// An open loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Open {
    /// Which.
    pub(super) loop_index: u16,
    /// Its how-manieth repetition.
    pub(super) ordinal: u32,
    /// The segment that opened it, by index in the message.
    pub(super) first: usize,
}

/// Steps that were found before, by the node they start from and the tag they lead to.
pub(super) struct Remembered(Box<[Option<(u16, Tag, Step)>]>);

impl Remembered {
    pub(super) fn new() -> Self {
        Self(vec![None; REMEMBERED].into())
    }

    /// The two places where a step may be.
    fn places(node: u16, tag: Tag) -> [usize; 2] {
        let mixed =
            (tag.packed() ^ (u32::from(node) << 20) ^ u32::from(node)).wrapping_mul(0x9E37_79B1);
        let place = (mixed >> 16) as usize % REMEMBERED;
        [place, place ^ 1]
    }

    fn get(&self, node: u16, tag: Tag) -> Option<Step> {
        Self::places(node, tag)
            .into_iter()
            .find_map(|place| match self.0.get(place) {
                Some(Some((from, to, step))) if *from == node && *to == tag => Some(*step),
                _ => None,
            })
    }

    fn put(&mut self, node: u16, tag: Tag, step: Step) {
        let [first, second] = Self::places(node, tag);
        let free = matches!(self.0.get(second), Some(None));
        let taken = matches!(self.0.get(first), Some(Some(_)));
        let place = if taken && free { second } else { first };
        if let Some(slot) = self.0.get_mut(place) {
            *slot = Some((node, tag, step));
        }
    }
}

impl Stand {
    /// Back to the start, before the first node.
    pub(super) fn reset(&mut self) {
        self.node = 0;
        self.count = 1;
        self.open.clear();
        self.astray = None;
    }

    /// The step to the next segment, if it passes over nothing mandatory and is not once too often.
    pub(super) fn next(
        &self,
        steps: &Steps,
        remembered: &mut Remembered,
        tag: Tag,
    ) -> Option<Step> {
        match remembered.get(self.node, tag) {
            Some(step) if self.fits(steps, &step) => Some(step),
            _ => {
                let mut whole = steps.to(self.node, tag);
                whole.retain(|step| step.missing == 0);
                let doubtful = whole.len() > 1;
                for step in &mut whole {
                    step.doubtful = doubtful;
                }
                if let Some(nearest) = whole.first() {
                    remembered.put(self.node, tag, *nearest);
                }
                whole.into_iter().find(|step| self.fits(steps, step))
            }
        }
    }

    /// Whether a step is not one repetition too many.
    pub(super) fn fits(&self, steps: &Steps, step: &Step) -> bool {
        self.repeats(steps, step)
            .is_none_or(|(count, most)| count < most)
    }

    /// Whether what a step repeats came too often before.
    pub(super) fn beyond(&self, steps: &Steps, step: &Step) -> bool {
        self.repeats(steps, step)
            .is_some_and(|(count, most)| count > most)
    }

    /// How often what a step repeats came so far, and how often it may; none when the step goes forward.
    fn repeats(&self, steps: &Steps, step: &Step) -> Option<(u32, u32)> {
        match step.way {
            Way::Forward => None,
            Way::Repeat => {
                let most = steps.node(step.target).map_or(0, |node| node.max);
                Some((self.count, most))
            }
            Way::Again => {
                let last = usize::from(step.keep).checked_sub(1);
                let open = last.and_then(|last| self.open.get(last));
                let most =
                    open.and_then(|open| Some((open.ordinal, steps.loop_at(open.loop_index)?.max)));
                Some(most.unwrap_or((0, 0)))
            }
        }
    }

    /// Takes a step, for segment `index` of the message.
    pub(super) fn take(&mut self, steps: &Steps, step: &Step, index: usize) {
        self.astray = None;
        if step.way == Way::Repeat {
            self.count = self.count.saturating_add(1);
            return;
        }
        self.open.truncate(usize::from(step.keep));
        if let (Way::Again, Some(again)) = (step.way, self.open.last_mut()) {
            again.ordinal = again.ordinal.saturating_add(1);
            again.first = index;
        }
        while self.open.len() < usize::from(steps.depth(step.target)) {
            let Some(loop_index) = steps.loop_around(step.target, self.open.len()) else {
                break;
            };
            self.open.push(Open {
                loop_index,
                ordinal: 1,
                first: index,
            });
        }
        self.node = step.target;
        self.count = 1;
    }
}
