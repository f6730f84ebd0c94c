//! What stands around a segment, for sections that are chosen by it: the next tag, a segment beside, a segment inside.
//! Never reads a value into the document.
//! Invariant: looks at no more than [`NEAR`] segments in each direction, however long a message is.

use crate::map::fields::Fields;
use crate::map::plan::{Asked, Section};
use crate::map::read::At;

/// How far "beside" reaches, in segments.
const NEAR: usize = 1000;

impl At<'_, '_> {
    /// Whether what stands around the segment at hand is what the section asks for.
    pub(super) fn suits(&self, section: &Section) -> bool {
        let next = || self.view.segment(self.index + 1).map(|next| next.tag());
        section
            .before
            .is_none_or(|before| (next() == Some(before.tag)) != before.negated)
            && !section
                .unless
                .as_ref()
                .is_some_and(|asked| self.stands_beside(asked))
            && !section
                .without
                .as_ref()
                .is_some_and(|asked| self.holds(asked))
    }

    /// Whether such a segment stands in the loop around the one at hand.
    fn stands_beside(&self, asked: &Asked) -> bool {
        let around = self.loop_around(self.index);
        let before = (0..self.index).rev().take(NEAR);
        let behind = (self.index + 1..self.view.len()).take(NEAR);
        let beside = |index: &usize| self.loop_around(*index) == around;
        self.any(before, around, (asked, &beside)) || self.any(behind, around, (asked, &beside))
    }

    /// Whether such a segment stands in the loop that the one at hand opens.
    fn holds(&self, asked: &Asked) -> bool {
        let opens = self.loop_of(self.index);
        opens.is_some()
            && self.any(
                (self.index + 1..self.view.len()).take(NEAR),
                opens,
                (asked, &|_| true),
            )
    }

    /// Looks through segments as long as they stand in this repetition of the loop.
    fn any(
        &self,
        mut segments: impl Iterator<Item = usize>,
        around: Option<u16>,
        (asked, stands): (&Asked, &dyn Fn(&usize) -> bool),
    ) -> bool {
        let mut left = false;
        segments.any(|index| {
            left |= !self.is_inside(index, around);
            let segment = self.view.segment(index).filter(|_| !left);
            left |= self.begins(index, around);
            segment.is_some_and(|segment| {
                segment.tag() == asked.tag
                    && stands(&index)
                    && Fields::new(segment, self.context.charset).pass(&asked.tests)
            })
        })
    }

    fn loop_of(&self, index: usize) -> Option<u16> {
        let node = self.nodes.get(index)?;
        self.plan
            .structure
            .nodes
            .get(usize::from(*node))?
            .loop_index
    }

    fn begins(&self, index: usize, around: Option<u16>) -> bool {
        let node = self.nodes.get(index);
        let node = node.and_then(|node| self.plan.structure.nodes.get(usize::from(*node)));
        around.is_some() && node.is_some_and(|node| node.is_trigger && node.loop_index == around)
    }

    /// The loop around a segment: for a trigger the one around its own.
    fn loop_around(&self, index: usize) -> Option<u16> {
        let own = self.loop_of(index);
        if !self.begins(index, own) {
            return own;
        }
        self.plan.structure.loops.get(usize::from(own?))?.parent
    }

    fn is_inside(&self, index: usize, around: Option<u16>) -> bool {
        let mut own = self.loop_of(index);
        while own != around {
            let Some(found) = own.and_then(|own| self.plan.structure.loops.get(usize::from(own)))
            else {
                return false;
            };
            own = found.parent;
        }
        true
    }
}
