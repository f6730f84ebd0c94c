//! Which sections and objects a node of the structure is written for, and how often.
//! Writes nothing.
//! Invariant: an item that was written is not written again by another section.

use canonical::model::{Kind, ObjectId, model};

use crate::map::compose::{Composing, Draft};
use crate::map::function::Function;
use crate::map::plan::{Plan, Rule, Section, SetFrom, Target};
use crate::map::tree::{NodeId, Shape};

use super::{Level, Writing, list_of};

impl Writing {
    /// Which section writes which object at a node, in turn. Items of one list keep their order, whichever section writes them.
    pub(super) fn turns(&self, plan: &Plan, level: Level, node: u16) -> Vec<(u16, NodeId)> {
        let numbers = self.sections_of(plan, level, node);
        let each = |number: &u16| {
            plan.sections
                .get(usize::from(*number))
                .and_then(|section| section.each.as_ref())
        };
        let mut turns: Vec<(usize, NodeId, u16)> = Vec::new();
        for (place, number) in numbers.iter().enumerate() {
            let Some(section) = plan.sections.get(usize::from(*number)) else {
                continue;
            };
            let list = each(number).filter(|path| path.list);
            let rank = numbers
                .iter()
                .position(|other| list.is_some() && each(other) == list)
                .unwrap_or(place);
            turns.extend(
                self.objects(plan, section, level.object)
                    .into_iter()
                    .map(|object| (rank, object, *number)),
            );
        }
        turns.sort_by_key(|(rank, object, _)| (*rank, *object));
        turns
            .into_iter()
            .map(|(_, object, number)| (number, object))
            .collect()
    }

    /// The sections of a node that can stand in this loop, the most exact first.
    pub(in crate::map) fn sections_of(&self, plan: &Plan, level: Level, node: u16) -> Vec<u16> {
        let list = plan
            .by_node
            .get(usize::from(node))
            .cloned()
            .unwrap_or_default();
        let inside = |number: &u16| {
            plan.sections
                .get(usize::from(*number))
                .is_some_and(|section| {
                    let inside =
                        section.within.is_empty() || section.within.contains(&level.section);
                    inside && !section.reads_only
                })
        };
        list.into_iter().filter(inside).collect()
    }

    /// The objects that a section writes: the items of its list that are not written yet, or one object.
    pub(in crate::map) fn objects(
        &self,
        plan: &Plan,
        section: &Section,
        around: NodeId,
    ) -> Vec<NodeId> {
        if let Some((path, there)) = &section.when
            && self.value_at(around, path).is_some() != *there
        {
            return Vec::new();
        }
        let Some(each) = &section.each else {
            return vec![around];
        };
        let start = if each.from_root { self.root } else { around };
        let owner = self.tree.look(start, each);
        let Some(node) = owner.and_then(|owner| self.tree.child(owner, each.member)) else {
            return Vec::new();
        };
        if !each.list {
            return vec![node];
        }
        let free = |item: &NodeId| {
            self.is_free(*item, section.object) && self.is_set(plan, section, (*item, around))
        };
        self.tree.children(node).filter(free).collect()
    }

    /// Whether nothing that an item must have was written before.
    pub(super) fn is_free(&self, item: NodeId, kind: ObjectId) -> bool {
        (0_u16..)
            .zip(model().members(kind))
            .filter(|(_, member)| member.required)
            .all(|(place, _)| {
                self.tree
                    .child(item, place)
                    .is_none_or(|node| !self.is_written(node))
            })
    }

    pub(super) fn is_written(&self, node: NodeId) -> bool {
        match self.tree.shape(node) {
            Shape::Value => self.tree.is_used(node) && !self.understood.contains(&node),
            Shape::Object(_) | Shape::List => {
                self.tree.children(node).any(|child| self.is_written(child))
            }
        }
    }

    /// Whether an item has what a section sets when it reads one.
    pub(super) fn is_set(
        &self,
        plan: &Plan,
        section: &Section,
        (item, around): (NodeId, NodeId),
    ) -> bool {
        section
            .set
            .iter()
            .filter(|(path, _)| !path.from_root)
            .all(|(path, from)| match from {
                SetFrom::Literal(text) => {
                    let node = self.value_at(item, path);
                    node.is_some_and(|node| self.text(node) == **text)
                }
                SetFrom::Around { list, member } => {
                    let stated = self.value_at(item, path).map(|node| self.text(node));
                    self.belongs(plan, stated, (*list, *member), around)
                }
                SetFrom::Ordinal
                | SetFrom::Else(_)
                | SetFrom::Below { .. }
                | SetFrom::Above { .. }
                | SetFrom::Copy(..)
                | SetFrom::Sender { .. } => true,
            })
    }

    /// Whether a section that a reader asks before would take the segment for something that the document does not have.
    pub(in crate::map) fn is_claimed(&self, with: Composing<'_>, draft: &Draft) -> bool {
        let (around, opened_by) = with.around;
        let own = |number: &&u16| {
            let section = with.plan.sections.get(usize::from(**number));
            section.is_some_and(|section| std::ptr::eq(section, with.section))
        };
        let before = with.asked.iter().take_while(|number| !own(number));
        before
            .filter_map(|number| with.plan.sections.get(usize::from(*number)))
            .filter(|other| other.within.is_empty() || other.within.contains(&opened_by))
            .filter(|other| !other.asks_around() && self.holds(other, draft))
            .any(|other| match &other.each {
                Some(each) if Some(each) == with.section.each.as_ref() => false,
                Some(each) => each.list || self.value_at(around, each).is_none(),
                None => self.would_fill(other, around, draft),
            })
    }

    /// Whether a section would give the object around something that it does not have.
    fn would_fill(&self, section: &Section, around: NodeId, draft: &Draft) -> bool {
        section.rules.iter().any(|rule| {
            let states = |target: &Target| match target {
                Target::Path(path, _) => {
                    // A day alone is no instant.
                    let instant = path.kind != Kind::DateTime || is_instant(rule, draft);
                    instant && self.value_at(around, path).is_none()
                }
                _ => false,
            };
            !draft.row.get(rule.first).is_empty() && rule.targets.iter().any(states)
        })
    }

    /// Whether an object that is no item of a list was written before.
    pub(super) fn is_filled(&self, section: &Section, object: NodeId) -> bool {
        let alone = section.each.as_ref().is_some_and(|each| !each.list);
        alone && self.tree.children(object).any(|node| self.is_written(node))
    }

    /// Whether an object is still to be written: another section may have written the item in its turn.
    pub(super) fn waits(&self, section: &Section, object: NodeId) -> bool {
        list_of(section).is_none() || self.is_free(object, section.object)
    }
}

/// Whether the row has a time of day beside the day of a rule.
fn is_instant(rule: &Rule, draft: &Draft) -> bool {
    rule.targets.iter().any(|target| match target {
        Target::Path(_, Function::Moment { time, .. }) => !draft.row.get(*time).is_empty(),
        Target::Path(_, Function::Period { format }) => draft.row.get(*format) != "102",
        _ => true,
    })
}
