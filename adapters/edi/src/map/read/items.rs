//! Items of lists and the objects that sections fill.
//! Decides nothing about which section it is.
//! Invariant: an item of a segment is complete or leaves no trace.

use crate::map::facts::{facts, members};
use crate::map::fields::{Fields, Taken};
use crate::map::path::Path;
use crate::map::plan::{Plan, Section, SetFrom};
use crate::map::read::At;
use crate::map::read::Branch;
use crate::map::read::Frame;
use crate::map::read::Later;
use crate::map::read::Opening;
use crate::map::read::Reading;
use crate::map::tree::{NodeId, Shape, Tree};

impl Reading {
    /// A segment that is an item by itself: kept when it is complete, else nothing of it is taken.
    pub(in crate::map) fn item_of_segment(
        &mut self,
        at: &At<'_, '_>,
        fields: &mut Fields<'_>,
        number: u16,
        around: NodeId,
        branch: Option<u32>,
    ) -> bool {
        let Some((section, each)) = at
            .plan
            .sections
            .get(usize::from(number))
            .and_then(|section| Some((section, section.each.as_ref()?)))
        else {
            return false;
        };
        let segment = u32::try_from(at.index).unwrap_or(u32::MAX);
        let owner = self.start(around, each);
        let owner = self.tree.follow(owner, each, segment);
        let later = self.later.len();
        if !each.list {
            if self.tree.child(owner, each.member).is_some() {
                return false;
            }
            let item = self
                .tree
                .ensure(owner, each.member, Shape::Object(section.object), segment);
            if self.fill(at, fields, number, item, branch) {
                return true;
            }
            self.tree.unlink(owner, item);
            return false;
        }
        let list = self.tree.ensure(owner, each.member, Shape::List, segment);
        let mark = self.tree.mark(list);
        let item = self.tree.spare(Shape::Object(section.object), segment);
        self.tree.append(list, item);
        self.fill(at, fields, number, item, branch);
        if self.has_required(item, section) {
            return true;
        }
        self.tree.take_back(mark);
        self.later.truncate(later);
        false
    }

    /// Remembers what the first segment of a loop gave to an item that is not complete yet.
    pub(in crate::map) fn keep_opening(
        &mut self,
        at: &At<'_, '_>,
        fields: &Fields<'_>,
        (item, section): (NodeId, &Section),
        before: &Taken,
    ) {
        if !self.has_required(item, section) {
            let path = self.path_of(at);
            self.openings.push(Opening {
                item,
                path,
                elements: fields.taken_since(before),
            });
        }
    }

    /// Whether an item has what it must have, but for what follows from the document around it.
    fn has_required(&self, item: NodeId, section: &Section) -> bool {
        let objects = section.stated & facts(section.object).objects;
        let whole = |member| {
            let child = self.tree.child(item, member);
            child.is_some_and(|child| self.is_whole(child))
        };
        self.tree.members(item) & section.stated == section.stated && members(objects).all(whole)
    }

    fn is_whole(&self, node: NodeId) -> bool {
        match self.tree.shape(node) {
            Shape::Object(kind) => {
                let stated = facts(kind).stated;
                self.tree.members(node) & stated == stated
            }
            Shape::List => !self.tree.is_empty(node),
            Shape::Value => true,
        }
    }

    pub(in crate::map) fn new_item(
        &mut self,
        around: NodeId,
        each: &Path,
        section: &Section,
        index: usize,
    ) -> NodeId {
        let segment = u32::try_from(index).unwrap_or(u32::MAX);
        let start = self.start(around, each);
        let owner = self.tree.follow(start, each, segment);
        if !each.list {
            return self
                .tree
                .ensure(owner, each.member, Shape::Object(section.object), segment);
        }
        let list = self.tree.ensure(owner, each.member, Shape::List, segment);
        let item = self.tree.spare(Shape::Object(section.object), segment);
        self.tree.append(list, item);
        item
    }

    /// The object that a path starts from.
    pub(in crate::map) fn start(&self, object: NodeId, path: &Path) -> NodeId {
        if path.from_root {
            self.root.unwrap_or(Tree::TOP)
        } else {
            object
        }
    }

    pub(in crate::map) fn branch(
        &mut self,
        at: &At<'_, '_>,
        fields: &mut Fields<'_>,
        section: &Section,
        object: NodeId,
    ) -> Option<u32> {
        let levels = section.tree?;
        let branch = Branch {
            id: fields.raw(levels.own).into(),
            parent: fields.raw(levels.parent).into(),
            item: section.each.as_ref().map(|each| (each.member, object)),
            segment: at.index,
        };
        fields.take(levels.own);
        fields.take(levels.parent);
        if let Some(below) = levels.below {
            fields.take(below);
        }
        self.branches.push(branch);
        u32::try_from(self.branches.len() - 1).ok()
    }

    /// Applies a section's rules and settings to an object. False when there was something to take and nothing was.
    pub(in crate::map) fn fill(
        &mut self,
        at: &At<'_, '_>,
        fields: &mut Fields<'_>,
        number: u16,
        object: NodeId,
        branch: Option<u32>,
    ) -> bool {
        let Some(section) = at.plan.sections.get(usize::from(number)) else {
            return false;
        };
        let mut taken = section.rules.is_empty() || section.tree.is_some();
        for (place, rule) in section.rules.iter().enumerate() {
            taken |= self.apply(at, fields, (number, place), rule, object);
        }
        if !taken && section.each.as_ref().is_none_or(|each| !each.list) {
            return false;
        }
        for (place, (path, from)) in section.set.iter().enumerate() {
            let segment = u32::try_from(at.index).unwrap_or(u32::MAX);
            if let SetFrom::Below { list, member } = from {
                self.later.push(Later::Below {
                    object,
                    member: path.member,
                    list: *list,
                    from: *member,
                    branch,
                });
                continue;
            }
            if let SetFrom::Copy(..) | SetFrom::Else(_) = from {
                self.later.push(Later::Set {
                    object,
                    section: number,
                    set: place,
                });
                continue;
            }
            let start = self.start(object, path);
            let owner = self.tree.follow(start, path, segment);
            let member = path.member;
            match from {
                SetFrom::Literal(text) => self.literal(owner, path, text, segment),
                SetFrom::Ordinal => self.ordinal(owner, member, segment, section),
                SetFrom::Around { list, member: from } => {
                    let items = self.items_around(at.plan);
                    self.later.push(Later::Around {
                        object: owner,
                        member,
                        list: *list,
                        from: *from,
                        branch,
                        items,
                    });
                }
                SetFrom::Above { member: from } => self.later.push(Later::Above {
                    object: owner,
                    member,
                    from: *from,
                    branch,
                }),
                SetFrom::Copy(..) | SetFrom::Else(_) | SetFrom::Below { .. } => {}
                SetFrom::Sender { role } => self.sender(at, owner, path, role),
            }
        }
        true
    }

    /// The items that the open loops stand for, the innermost first.
    pub(in crate::map) fn items_around(&self, plan: &Plan) -> Vec<(u16, NodeId)> {
        let item = |frame: &Frame| {
            let section = plan.sections.get(usize::from(frame.section))?;
            Some((
                section.each.as_ref().filter(|each| each.list)?.member,
                frame.object,
            ))
        };
        self.frames.iter().rev().filter_map(item).collect()
    }

    /// The objects of the loops that are open, the innermost first.
    pub(in crate::map) fn objects_around(&self) -> impl Iterator<Item = NodeId> {
        self.frames.iter().rev().map(|frame| frame.object)
    }
}
