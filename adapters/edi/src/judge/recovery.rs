//! What to make of a segment that does not fit: that something before it is missing, that it came once too often, or that it
//! is out of place itself. Each reading is tried on the segments that follow; the one with the fewest faults is taken.
//! Invariant: reads a bounded number of segments ahead, so a message of nothing but faults costs linear time.

use super::position::{Remembered, Stand};
use super::steps::{Step, Steps, Way};
use crate::segment::Tag;

/// How many segments are read ahead.
pub(super) const AHEAD: usize = 8;
/// What a finding costs.
const FINDING: u32 = 2;
/// What it costs besides to take a segment for one of the next repetition of a loop, with its trigger missing. Segments of a
/// loop in another order than the standard's are far more common.
const AGAIN: u32 = 3;
/// What it costs to leave the trailer without a place: it always has one.
const NEVER: u32 = 1_000_000;

/// Weighs what a segment can mean.
pub(super) struct Recovery<'s> {
    steps: &'s Steps,
    remembered: &'s mut Remembered,
    /// What the reading at hand takes to come too often: that it goes on doing so is the same fault.
    excess: Option<u16>,
}

impl<'s> Recovery<'s> {
    pub(super) fn new(steps: &'s Steps, remembered: &'s mut Remembered) -> Self {
        Self {
            steps,
            remembered,
            excess: None,
        }
    }

    /// The step that explains best why the segment `tags` begins with comes here, or none when it is out of place itself.
    /// The other tags are those of the segments behind it.
    pub(super) fn weigh(&mut self, stand: &Stand, tags: &[Tag]) -> Option<Step> {
        let (tag, behind) = tags.split_first()?;
        let mut best = None;
        let mut least = u32::MAX;
        // In doubt a place by the rules is better than none, and none is better than a loop without its trigger.
        let ruled = self.steps.to(stand.node, *tag).into_iter().map(Some);
        let open = self.steps.without_trigger(stand.node, *tag);
        for reading in ruled.chain([None]).chain(open.into_iter().map(Some)) {
            let mut then = stand.clone();
            self.excess = None;
            let often = reading.filter(|step| !stand.fits(self.steps, step));
            let cost = self.cost(&mut then, *tag, reading);
            self.excess = often.map(|step| step.target);
            let total = cost.saturating_add(self.run(&mut then, behind));
            if total < least {
                (best, least) = (reading, total);
            }
        }
        best
    }

    /// Takes one reading of a segment and says what it costs.
    fn cost(&mut self, stand: &mut Stand, tag: Tag, reading: Option<Step>) -> u32 {
        match reading {
            Some(step) => {
                let cost = self.price(stand, &step);
                stand.take(self.steps, &step, 0);
                cost
            }
            None => self.stray(stand, tag),
        }
    }

    fn price(&self, stand: &Stand, step: &Step) -> u32 {
        let often = u32::from(!stand.fits(self.steps, step) && self.excess != Some(step.target));
        let findings = FINDING * (u32::from(step.missing) + often);
        let triggered = step.keep == self.steps.depth(step.target)
            && self
                .steps
                .node(step.target)
                .is_some_and(|node| node.is_trigger);
        if step.way == Way::Again && !triggered {
            findings + AGAIN
        } else {
            findings
        }
    }

    /// The cost of leaving a segment without a place.
    fn stray(&self, stand: &mut Stand, tag: Tag) -> u32 {
        let belongs = stand
            .astray
            .is_some_and(|astray| self.steps.loop_has(astray, tag));
        if belongs {
            return 0;
        }
        let nodes = &self.steps.structure().nodes;
        stand.astray = trigger(self.steps, tag);
        if nodes.last().is_some_and(|trailer| trailer.tag == tag) {
            NEVER
        } else {
            FINDING
        }
    }

    /// What the segments behind cost, each taken as it comes.
    fn run(&mut self, stand: &mut Stand, tags: &[Tag]) -> u32 {
        let mut total = 0_u32;
        for tag in tags {
            let cost = match stand.next(self.steps, self.remembered, *tag) {
                Some(step) => self.cost(stand, *tag, Some(step)),
                None => self.cheapest(stand, *tag),
            };
            total = total.saturating_add(cost);
        }
        total
    }

    fn cheapest(&mut self, stand: &mut Stand, tag: Tag) -> u32 {
        let steps = self.steps.to(stand.node, tag).into_iter();
        let nearest = steps.min_by_key(|step| self.price(stand, step));
        let mut left = stand.clone();
        let stray = self.stray(&mut left, tag);
        match nearest {
            Some(step) if self.price(stand, &step) <= stray => self.cost(stand, tag, Some(step)),
            _ => {
                *stand = left;
                stray
            }
        }
    }
}

/// The first loop that a tag opens.
pub(super) fn trigger(steps: &Steps, tag: Tag) -> Option<u16> {
    let loops = &steps.structure().loops;
    let place = loops.iter().position(|known| known.trigger == tag);
    place.and_then(|place| u16::try_from(place).ok())
}
