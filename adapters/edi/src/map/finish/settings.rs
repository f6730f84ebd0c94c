//! Values that a mapping sets itself: defaults, copies, and what stands for want of better.
//! Never changes a value that the message stated.
//! Invariant: a setting that finds nothing to copy sets nothing.

use std::collections::HashMap;

use canonical::model::{Kind, model};

use crate::map::apply::translate;
use crate::map::convert;
use crate::map::language::Address;
use crate::map::path::Path;
use crate::map::plan::{self, Rule, SetFrom};
use crate::map::read::{At, Later, Reading};
use crate::map::tree::{NodeId, Shape, Tree, unquoted};
use crate::rule::Rule as Broken;

use super::{Finding, first, no_currency};

impl Reading {
    pub(super) fn set_default(
        &mut self,
        at: &At<'_, '_>,
        object: NodeId,
        ordinal: u32,
        default: &plan::Default,
    ) {
        let path = &default.path;
        let segment = self.tree.segment(object);
        if let SetFrom::Copy(from, _) = &default.from {
            let start = self.start(object, from);
            let owner = self.tree.look(start, from);
            if owner
                .and_then(|owner| self.tree.child(owner, from.member))
                .is_none()
            {
                return;
            }
        }
        let owner = self.tree.follow(object, path, segment);
        match &default.from {
            SetFrom::Literal(text) if path.kind == Kind::Currency => {
                let stated = at.context.currency.unwrap_or(text);
                if stated == "XXX" {
                    self.complain(&first(at), Address::default(), no_currency());
                }
                self.literal(owner, path, stated, segment);
            }
            SetFrom::Literal(text) | SetFrom::Else(text) => {
                self.literal(owner, path, text, segment);
            }
            SetFrom::Ordinal => self.literal(owner, path, &ordinal.to_string(), segment),
            SetFrom::Sender { role } => {
                self.sender(at, owner, path, role);
                if matches!(path.kind, Kind::Object(kind) if model().name(kind) == "location") {
                    let finding = Finding::new(
                        Broken::LocationMissing,
                        "no warehouse is stated: the stock is taken as the sender's",
                    );
                    self.complain(&first(at), Address::default(), finding);
                }
            }
            SetFrom::Copy(from, table) => {
                self.copy(at, (owner, path.member), (object, from), *table);
            }
            SetFrom::Around { .. } | SetFrom::Below { .. } | SetFrom::Above { .. } => {}
        }
    }

    /// Copies a value from a path that starts at an object, or its word by a table.
    pub(super) fn copy(
        &mut self,
        at: &At<'_, '_>,
        (object, member): (NodeId, u16),
        (start, from): (NodeId, &Path),
        table: Option<u16>,
    ) {
        let start = self.start(start, from);
        let Some(value) = self
            .tree
            .look(start, from)
            .and_then(|owner| self.tree.child(owner, from.member))
        else {
            return;
        };
        let Some(table) = table.and_then(|table| at.plan.tables.get(usize::from(table))) else {
            self.copy_value(object, member, value);
            return;
        };
        let word = unquoted(self.tree.value(value)).and_then(|code| translate(table, code));
        if let Some(word) = word
            && self.tree.child(object, member).is_none()
        {
            let segment = self.tree.segment(object);
            let node = self.tree.ensure(object, member, Shape::Value, segment);
            let from = self.tree.text.len();
            convert::json_text(word.as_bytes(), &mut self.tree.text);
            self.tree.set_from(node, from);
        }
    }

    pub(super) fn copy_value(&mut self, object: NodeId, member: u16, value: NodeId) {
        if self.tree.child(object, member).is_some() {
            return;
        }
        let segment = self.tree.segment(object);
        let node = self.tree.ensure(object, member, Shape::Value, segment);
        self.tree.share(node, value);
    }

    /// Sets what elements say where nothing else has said it: before any default.
    pub(in crate::map) fn set_else(&mut self, at: &At<'_, '_>) {
        let waits = |later: &mut Later| matches!(later, Later::Else { .. });
        let found: Vec<Later> = self.later.extract_if(.., waits).collect();
        for later in found {
            let Later::Else {
                taken,
                object,
                number,
                address,
                segment,
                path,
            } = later
            else {
                continue;
            };
            let at = At {
                index: segment,
                ..*at
            };
            if !self.apply_late(&at, number, address, (object, taken)) {
                let section = at.plan.sections.get(usize::from(number.0));
                let rule = section.and_then(|section| section.rules.get(number.1));
                let format = rule.and_then(Rule::late_format);
                for address in [Some(address), format].into_iter().flatten() {
                    self.leave_late(&at, address, object, &path);
                }
            }
        }
    }

    /// Gives an object a value of the item that stands right below it. Where there are several, none is chosen: that they
    /// stand there is kept as unmapped.
    pub(super) fn set_below(
        &mut self,
        at: &At<'_, '_>,
        (object, member): (NodeId, u16),
        (list, from): (u16, u16),
        branch: Option<u32>,
    ) {
        let own = branch.and_then(|branch| self.branches.get(branch as usize));
        let Some(own) = own.filter(|_| self.tree.child(object, member).is_none()) else {
            return;
        };
        let items: Vec<(usize, NodeId)> = self
            .branches
            .iter()
            .filter(|below| below.parent == own.id && !own.id.is_empty())
            .filter_map(|below| Some((below.segment, below.item.filter(|(of, _)| *of == list)?.1)))
            .collect();
        if let [(_, item)] = items.as_slice()
            && let Some(value) = self.tree.child(*item, from)
        {
            self.copy_value(object, member, value);
        } else {
            let parent = own.id.clone();
            for (index, _) in items {
                let path = self.path_of(&At { index, ..*at });
                let root = self.root.unwrap_or(Tree::TOP);
                self.unmapped(root, &format!("{path}/parent"), &parent, at);
            }
        }
    }

    /// Gives an object a value of the document of the level above; where that has none, the level's number is kept.
    pub(super) fn set_above(
        &mut self,
        at: &At<'_, '_>,
        (object, member): (NodeId, u16),
        from: u16,
        branch: Option<u32>,
    ) {
        let own = branch.and_then(|branch| self.branches.get(branch as usize));
        let Some(own) = own.filter(|own| !own.parent.is_empty()) else {
            return;
        };
        let above = self.above.get(&own.parent);
        if let Some(value) = above.and_then(|above| self.tree.child(*above, from)) {
            self.copy_value(object, member, value);
            return;
        }
        let (index, parent) = (own.segment, own.parent.clone());
        let path = self.path_of(&At { index, ..*at });
        let root = self.root.unwrap_or(Tree::TOP);
        self.unmapped(root, &format!("{path}/parent"), &parent, at);
    }

    /// Gives an object that is there what a section sets in the end.
    pub(super) fn set_late(
        &mut self,
        at: &At<'_, '_>,
        object: NodeId,
        (section, set): (u16, usize),
    ) {
        let section = at.plan.sections.get(usize::from(section));
        let Some((to, from)) = section.and_then(|section| section.set.get(set)) else {
            return;
        };
        let start = self.start(object, to);
        match from {
            SetFrom::Copy(from, table) => {
                if let Some(owner) = self.tree.look(start, to) {
                    self.copy(at, (owner, to.member), (object, from), *table);
                }
            }
            SetFrom::Else(text) => {
                let segment = self.tree.segment(object);
                let owner = self.tree.follow(start, to, segment);
                self.literal(owner, to, text, segment);
            }
            _ => {}
        }
    }

    /// The nearest level above an object, or its own, that is another item of the list.
    pub(super) fn ancestor(
        &self,
        levels: &HashMap<Box<[u8]>, usize>,
        branch: Option<u32>,
        (list, object): (u16, NodeId),
    ) -> Option<NodeId> {
        let mut branch = self.branches.get(branch? as usize)?;
        for _ in 0..=self.branches.len() {
            if let Some((member, item)) = branch.item
                && member == list
                && item != object
            {
                return Some(item);
            }
            branch = self.branches.get(*levels.get(&branch.parent)?)?;
        }
        None
    }

    /// The list's only item, for a member that an object must have.
    pub(super) fn only_item(&self, list: u16, (object, member): (NodeId, u16)) -> Option<NodeId> {
        let Shape::Object(kind) = self.tree.shape(object) else {
            return None;
        };
        let member = model().members(kind).get(usize::from(member))?;
        let list = self.shared(self.root.unwrap_or(Tree::TOP), list)?;
        let mut items = self.tree.children(list);
        items
            .next()
            .filter(|item| member.required && *item != object && items.next().is_none())
    }
}
