//! The names and depths of the segments of one message: which loop each stands in, and for the how-manyth time.
//! Invariant: a name is the last step of the path that findings have for the same place.

use edi::Tag;
use edi::dictionary::Structure;
use edi::examine::Examined;
use edi::judge::Judged;

/// Counts the loops of a message as its segments pass.
pub(super) struct Loops<'e> {
    structure: Option<&'e Structure>,
    nodes: &'e [u16],
    counts: Vec<u32>,
    depth: usize,
}

impl<'e> Loops<'e> {
    /// Those of this message.
    #[must_use]
    pub(super) fn new(examined: &Examined<'e>) -> Self {
        let structure = examined.kind.map(|(_, structure)| structure);
        Self {
            structure,
            nodes: examined.nodes,
            counts: vec![0; structure.map_or(0, |structure| structure.loops.len())],
            depth: 0,
        }
    }

    /// What the next segment is called, and how deep it stands: `("PO1[2]", 0)`, then `("PID[1]", 1)`.
    pub(super) fn name(&mut self, index: usize, tag: Tag) -> (String, usize) {
        let node = self.nodes.get(index).filter(|node| **node != Judged::NONE);
        let node = node.and_then(|node| self.structure?.nodes.get(usize::from(*node)));
        let Some(node) = node else {
            return (tag.to_string(), self.depth);
        };
        let inside = self.depth_of(node.loop_index);
        self.depth = inside;
        match node.loop_index {
            Some(entered) if node.is_trigger => {
                let count = self.enter(entered);
                (format!("{tag}[{count}]"), inside.saturating_sub(1))
            }
            _ => (tag.to_string(), inside),
        }
    }

    fn depth_of(&self, innermost: Option<u16>) -> usize {
        let loops = self.structure.map_or(&[][..], |structure| &structure.loops);
        let parent = |index: &u16| loops.get(usize::from(*index))?.parent;
        std::iter::successors(innermost, parent).count()
    }

    /// Counts a loop, and begins to count those within it anew.
    fn enter(&mut self, entered: u16) -> u32 {
        let loops = self.structure.map_or(&[][..], |structure| &structure.loops);
        let Some(outer) = loops.get(usize::from(entered)) else {
            return 0;
        };
        for (inner, count) in loops.iter().zip(&mut self.counts) {
            if inner.first_node > outer.first_node && inner.first_node <= outer.last_node {
                *count = 0;
            }
        }
        match self.counts.get_mut(usize::from(entered)) {
            Some(count) => {
                *count += 1;
                *count
            }
            None => 0,
        }
    }
}
