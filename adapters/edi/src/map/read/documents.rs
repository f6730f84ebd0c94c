//! Where the documents of a message begin and end, and which of them are none: a loop's repetition that says nothing that the
//! mapping needs.
//! Completes no document: `finish` does.
//! Invariant: what a repetition of a loop around the documents says is of those inside it; what the header says and has no home is in the first document that is not passed over.

use canonical::model::model;

use crate::finding::Finding;
use crate::map::language::Address;
use crate::map::path::Path;
use crate::map::plan::Plan;
use crate::map::tree::{NodeId, Shape, Tree};
use crate::rule::Rule as Broken;

use super::{At, Emit, Later, Reading};

/// How much the header left behind for the first document: in `unmapped`, for the end, and to be given back.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Header {
    unmapped: u32,
    later: usize,
    openings: usize,
}

/// Documents that were passed over.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Passed {
    count: u64,
    /// The segment that opened the first of them.
    first: usize,
}

impl Reading {
    pub(super) fn open_document(&mut self, plan: &Plan, index: usize) {
        let segment = u32::try_from(index).unwrap_or(u32::MAX);
        self.currencies.1 = None;
        self.documents += 1;
        let root = self.tree.spare(Shape::Object(plan.root), segment);
        self.root = Some(root);
        self.depth = self.frames.len();
        // What the header says and has no home is kept in the first document behind it, and only there.
        self.header = Header {
            unmapped: 0,
            later: self.later.len(),
            openings: self.openings.len(),
        };
        if let Some((unmapped, _)) = model().member(plan.root, "unmapped") {
            self.tree.move_member(Tree::TOP, root, unmapped);
            let list = self.tree.child(root, unmapped);
            self.header.unmapped = list.map_or(0, |list| self.tree.count(list));
        }
    }

    /// A loop around that of the documents opens: what its repetition before said is of no document behind.
    pub(super) fn open_outer(&mut self, at: &At<'_, '_>, loop_index: u16) {
        let parent = |index: u16| at.plan.structure.loops.get(usize::from(index))?.parent;
        let mut around = std::iter::successors(at.plan.document.and_then(parent), |of| parent(*of));
        if !around.any(|outer| outer == loop_index) {
            return;
        }
        let open = self
            .outer
            .iter()
            .position(|(outer, _)| *outer == loop_index);
        if let Some(place) = open {
            let since = self.outer.drain(place..).next();
            self.forget_since(at, since.map_or(at.index, |(_, since)| since));
        }
        self.outer.push((loop_index, at.index));
    }

    /// Forgets what the documents share from a segment on, but for what has no home.
    fn forget_since(&mut self, at: &At<'_, '_>, since: usize) {
        let (waits, kept) = std::mem::take(&mut self.later)
            .into_iter()
            .partition(|later| matches!(later, Later::Else { segment, .. } if *segment >= since));
        self.later = waits;
        self.set_else(at);
        self.later = kept;
        let unmapped = model().member(at.plan.root, "unmapped");
        self.tree.forget_since(
            Tree::TOP,
            u32::try_from(since).unwrap_or(u32::MAX),
            unmapped.map(|(place, _)| place),
        );
    }

    /// Whether a segment stands before the documents' loop, so that what it says is of the documents that come. One behind
    /// the loop is left to the last of them.
    pub(super) fn leaves_document(&self, plan: &Plan, node: u16) -> bool {
        let document = plan.document.filter(|_| self.root.is_some());
        let found = document.and_then(|index| plan.structure.loops.get(usize::from(index)));
        found.is_some_and(|found| node < found.first_node)
    }

    pub(super) fn stands_inside(&self, plan: &Plan, node: u16) -> bool {
        let found = plan
            .document
            .and_then(|index| plan.structure.loops.get(usize::from(index)));
        found.is_some_and(|found| (found.first_node..=found.last_node).contains(&node))
    }

    pub(super) fn close_document<E>(
        &mut self,
        at: &At<'_, '_>,
        first: usize,
        emit: &mut Emit<'_, E>,
    ) -> Result<(), E> {
        let Some(root) = self.root.take() else {
            return Ok(());
        };
        if let Some(needs) = &at.plan.needs
            && !self.has(root, needs)
        {
            self.pass_over(at.plan, root, first);
            return Ok(());
        }
        let made = self.finish(at, root, first, self.last.max(first));
        match made {
            Some(made) => {
                let mut json = std::mem::take(&mut self.json);
                json.clear();
                self.tree.write_document(root, at.plan.root, &mut json);
                let emitted = emit(made, &json);
                self.json = json;
                emitted?;
                self.made += 1;
            }
            None => self.refused += 1,
        }
        Ok(())
    }

    /// Whether a document has something at a path.
    fn has(&self, root: NodeId, path: &Path) -> bool {
        let found = self
            .tree
            .look(root, path)
            .and_then(|owner| self.tree.child(owner, path.member));
        found.is_some_and(|node| self.tree.shape(node) == Shape::Value || !self.tree.is_empty(node))
    }

    /// Forgets a document, but for what the header left in it.
    fn pass_over(&mut self, plan: &Plan, root: NodeId, first: usize) {
        if let Some((unmapped, _)) = model().member(plan.root, "unmapped")
            && let Some(list) = self.tree.child(root, unmapped)
            && self.header.unmapped > 0
        {
            self.tree.cut(list, self.header.unmapped);
            self.tree.move_member(root, Tree::TOP, unmapped);
        }
        drop(self.tree.join_implied()); // the header's have their place; the document's are not needed
        self.later.truncate(self.header.later);
        self.openings.truncate(self.header.openings);
        self.branches.clear();
        if self.passed.count == 0 {
            self.passed.first = first;
        }
        self.passed.count += 1;
    }

    /// Says once of a message that some of its items are no documents.
    pub(super) fn tell_passed(&mut self, at: &At<'_, '_>) {
        let Passed { count, first } = std::mem::take(&mut self.passed);
        let Some(needs) = at.plan.needs.as_ref().filter(|_| count > 0) else {
            return;
        };
        let members = model().members(at.plan.root);
        let name = members
            .get(usize::from(needs.member))
            .map_or("", |member| member.name);
        let what = format!("items that state no {name} were passed over: {count}");
        let finding = Finding::new(Broken::ItemPassed, what)
            .hint("the canonical model has no place for what they say; the file keeps it");
        let at = At {
            index: first,
            ..*at
        };
        self.complain(&at, Address::default(), finding);
    }
}
