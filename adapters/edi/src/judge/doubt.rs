//! Steps that could have gone another way: where a tag stands at several places, the nearest one is taken, and only a later
//! segment may show that another one was meant. Then the way is gone again from there.
//! Invariant: a way that is gone again breaks no rule up to the segment that asked for it.

use super::position::{Remembered, Stand};
use super::steps::{Step, Steps};
use crate::segment::Tag;

/// How many doubtful steps are kept.
const KEPT: usize = 8;
/// How many segments back a doubtful step can be.
const BACK: usize = 256;

/// The last doubtful steps.
#[derive(Default)]
pub(super) struct Doubts {
    kept: [Doubt; KEPT],
    /// How many were kept so far; the last is in the place of this number less one.
    count: usize,
    /// How many segments may still be gone over again, so that no message costs more than a few times its length.
    patience: usize,
}

/// A step that could have gone another way.
#[derive(Default)]
struct Doubt {
    /// Where the walk stood before.
    stand: Stand,
    /// The segment, by index.
    index: usize,
    /// Where it went.
    target: u16,
}

/// Another way to a segment.
pub(super) struct Way {
    /// The first segment that goes it.
    pub(super) first: usize,
    /// The node of each segment from there on, up to the one that asked.
    pub(super) nodes: Vec<u16>,
    /// Where the walk then stands.
    pub(super) stand: Stand,
}

impl Doubts {
    /// There are none, before a message of so many segments.
    pub(super) fn start(&mut self, segments: usize) {
        self.clear();
        self.patience = 4 * BACK + 4 * segments;
    }

    /// There are none.
    pub(super) fn clear(&mut self) {
        self.count = 0;
    }

    /// Keeps the step that segment `index` takes from `stand`.
    pub(super) fn keep(&mut self, stand: &Stand, index: usize, step: &Step) {
        if let Some(doubt) = self.kept.get_mut(self.count % KEPT) {
            doubt.stand.clone_from(stand);
            doubt.index = index;
            doubt.target = step.target;
        }
        self.count += 1;
    }

    /// Another way to segment `index`, from the last step on that allows one. `tag` says the tag of a segment.
    pub(super) fn reconsider(
        &mut self,
        steps: &Steps,
        remembered: &mut Remembered,
        index: usize,
        tag: impl Fn(usize) -> Option<Tag>,
    ) -> Option<Way> {
        let Self {
            kept,
            count,
            patience,
        } = self;
        let last = (0..*count).rev().take(KEPT);
        let doubts = last.filter_map(|number| kept.get(number % KEPT));
        let near = doubts.filter(|doubt| doubt.index < index && doubt.index + BACK > index);
        near.into_iter().find_map(|doubt| {
            let others = steps.to(doubt.stand.node, tag(doubt.index)?);
            let others = others.into_iter().filter(|step| {
                step.missing == 0 && step.target != doubt.target && doubt.stand.fits(steps, step)
            });
            others.into_iter().find_map(|step| {
                let mut stand = doubt.stand.clone();
                stand.take(steps, &step, doubt.index);
                let mut nodes = vec![step.target];
                for next in doubt.index + 1..=index {
                    *patience = patience.checked_sub(1)?;
                    let step = stand.next(steps, remembered, tag(next)?)?;
                    stand.take(steps, &step, next);
                    nodes.push(step.target);
                }
                Some(Way {
                    first: doubt.index,
                    nodes,
                    stand,
                })
            })
        })
    }
}
