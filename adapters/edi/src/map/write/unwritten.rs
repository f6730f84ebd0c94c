//! What need not be written, since a mapping says it itself; and the report of what could not be.
//! Writes nothing.
//! Invariant: every value that no segment used is either said by the mapping, or named in a finding.

use std::collections::HashSet;

use canonical::model::{Kind, ObjectId, model};

use crate::finding::Finding;
use crate::map::plan::{Plan, SetFrom};
use crate::map::tree::{NodeId, Shape};
use crate::rule::Rule as Broken;
use crate::syntax::Syntax;

use super::{Writing, list_of};

impl Writing {
    /// What the segments before the documents' loop said of the first document they said of all that have the same.
    pub(super) fn use_shared(&mut self, documents: &[NodeId]) {
        let Some((first, others)) = documents.split_first() else {
            return;
        };
        let members: Vec<NodeId> = self.tree.children(*first).collect();
        for said in members {
            let mut values = Vec::new();
            self.values_of(said, "", &mut values);
            let was = |node: NodeId| self.tree.is_used(node) && !self.understood.contains(&node);
            if !values.iter().all(|(node, _, _)| was(*node)) {
                continue;
            }
            for other in others {
                let mut same = Vec::new();
                if let Some(member) = self.tree.child(*other, self.tree.member_of(said)) {
                    self.values_of(member, "", &mut same);
                }
                let equal = values.len() == same.len()
                    && values
                        .iter()
                        .zip(&same)
                        .all(|((_, path, text), (_, other, same))| path == other && text == same);
                for (node, _, _) in same {
                    if equal {
                        self.tree.use_up(node);
                    } else {
                        self.overruled.insert(node);
                    }
                }
            }
        }
    }

    /// What is known of a party or a place only from the interchange that brought it is said by the interchange's sender.
    pub(super) fn use_sender(&mut self, plan: &Plan, root: NodeId) {
        for default in &plan.defaults {
            let SetFrom::Sender { role } = &default.from else {
                continue;
            };
            let Some(stated) = self.value_at(root, &default.path) else {
                continue;
            };
            if self.tree.shape(stated) == Shape::List && self.tree.children(stated).nth(1).is_some()
            {
                continue; // somebody else is named, too
            }
            let mut values = Vec::new();
            self.values_of(stated, "", &mut values);
            let scheme = match self.style.syntax {
                Syntax::X12 => "x12:i05.",
                Syntax::Edifact | Syntax::Tradacoms => "edifact:0007.",
            };
            let mut schemes = values
                .iter()
                .filter(|(_, path, _)| path.ends_with("identifiers.scheme"));
            let from_envelope = matches!((schemes.next(), schemes.next()), (Some((_, _, text)), None) if text.starts_with(scheme));
            let other_role = values
                .iter()
                .any(|(_, path, text)| path.ends_with("role") && *text != **role);
            let nothing_else = values.iter().all(|(_, path, _)| {
                let member = path.rsplit('.').next().unwrap_or_default();
                matches!(member, "role" | "code" | "scheme" | "value")
            });
            if from_envelope && nothing_else && !other_role {
                for (node, _, _) in values {
                    self.tree.use_up(node);
                }
            }
        }
    }

    /// What a mapping sets where nothing states it need not be written.
    pub(super) fn use_defaults(&mut self, plan: &Plan, root: NodeId) {
        for (_, node) in self.defaults_of(plan, root) {
            if !self.overruled.contains(&node) && !self.spoiled.contains(&node) {
                self.tree.use_up(node);
            }
        }
    }

    /// An object that is all defaults (the quantity from which a price without one holds) is not written at all.
    pub(super) fn use_default_objects(&mut self, plan: &Plan, root: NodeId) {
        let defaults = self.defaults_of(plan, root);
        for (owner, node) in &defaults {
            let whole = owner.is_some_and(|owner| {
                let said = |child| defaults.iter().any(|(_, other)| *other == child);
                self.tree.children(owner).all(said)
            });
            if whole {
                self.tree.use_up(*node);
                self.understood.insert(*node);
            }
        }
    }

    /// The values that are what the mapping's defaults would give, with the object inside the item that they belong to.
    fn defaults_of(&self, plan: &Plan, root: NodeId) -> Vec<(Option<NodeId>, NodeId)> {
        let mut found = Vec::new();
        let mut decided = HashSet::new();
        for default in &plan.defaults {
            let mut objects: Vec<NodeId> = match default.list {
                None => vec![root],
                Some(list) => self
                    .tree
                    .child(root, list)
                    .map(|list| self.tree.children(list).collect())
                    .unwrap_or_default(),
            };
            // Items that are levels come back in the order of these.
            if default.list.is_some_and(|list| plan.has_levels(list)) {
                let level = |object: &NodeId| self.levels.iter().position(|level| level == object);
                objects.sort_by_key(|object| level(object).unwrap_or(usize::MAX));
            }
            for (ordinal, object) in (1_u32..).zip(objects) {
                let Some(node) = self.value_at(object, &default.path) else {
                    continue;
                };
                if default.path.kind == Kind::Currency
                    && self.text(node) == "XXX"
                    && self.currency_below(root).is_some()
                {
                    continue; // what stands for no currency does not stand beside one
                }
                let gives = match &default.from {
                    SetFrom::Literal(text) | SetFrom::Else(text) => self.text(node) == **text,
                    SetFrom::Ordinal => self.text(node) == ordinal.to_string(),
                    SetFrom::Copy(from, _) if self.value_at(object, from).is_none() => continue,
                    SetFrom::Copy(from, table) => self.is_copy(plan, object, node, (from, *table)),
                    SetFrom::Around { .. }
                    | SetFrom::Below { .. }
                    | SetFrom::Above { .. }
                    | SetFrom::Sender { .. } => {
                        continue;
                    }
                };
                // Of several defaults the first that gives something counts.
                if decided.insert(node) && gives {
                    let owner = self.tree.look(object, &default.path);
                    found.push((owner.filter(|_| !default.path.steps.is_empty()), node));
                }
            }
        }
        found
    }

    /// What a section takes from the only item of a list (the one order of a shipment) need not be written again.
    pub(super) fn use_only_items(&mut self, plan: &Plan, root: NodeId) {
        for section in &plan.sections {
            let Some(each) = list_of(section) else {
                continue;
            };
            let items: Vec<NodeId> = match self.tree.look(root, each) {
                Some(owner) => self.tree.child(owner, each.member),
                None => None,
            }
            .map(|list| self.tree.children(list).collect())
            .unwrap_or_default();
            for (path, from) in &section.set {
                let SetFrom::Around { list, member } = from else {
                    continue;
                };
                let Some(only) = self.only_value(root, (*list, *member)) else {
                    continue;
                };
                for item in &items {
                    if let Some(node) = self
                        .value_at(*item, path)
                        .filter(|node| self.text(*node) == only)
                    {
                        self.tree.use_up(node);
                    }
                }
            }
        }
    }

    /// A member of the only item of a list.
    pub(super) fn only_value(&self, root: NodeId, (list, member): (u16, u16)) -> Option<String> {
        let mut items = self.tree.children(self.tree.child(root, list)?);
        let only = items.next().filter(|_| items.next().is_none())?;
        self.tree.child(only, member).map(|node| self.text(node))
    }

    /// Names what was not written.
    pub(super) fn report(&mut self, plan: &Plan, root: NodeId) {
        let mut missing = Vec::new();
        self.unwritten_values((root, plan.root), "", None, &mut missing);
        for (path, text) in missing.into_iter().take(100) {
            let finding = Finding::new(
                Broken::NotWritten,
                format!("the message has no place for {path}"),
            );
            self.findings.push(finding.found(text.as_bytes()));
        }
    }

    pub(super) fn unwritten_values(
        &self,
        (object, kind): (NodeId, ObjectId),
        path: &str,
        unit: Option<&str>,
        missing: &mut Vec<(String, String)>,
    ) {
        let unit = self.unit_beside(object).or(unit.map(str::to_owned));
        let unit = unit.as_deref();
        for node in self.tree.children(object) {
            let place = self.tree.member_of(node);
            let Some(member) = model().members(kind).get(usize::from(place)) else {
                continue;
            };
            if matches!(
                member.name,
                "schema_version" | "provenance" | "unmapped" | "ext"
            ) {
                continue;
            }
            let path = format!("{path}/{}", member.name);
            if member.name == "per" && self.is_one_of(node, unit) {
                continue; // a price is for one of the unit beside where nothing else is said
            }
            match (self.tree.shape(node), member.kind) {
                (Shape::Object(_), _) if self.tree.is_used(node) => {}
                (Shape::Object(inner), _) => {
                    self.unwritten_values((node, inner), &path, unit, missing);
                }
                (Shape::List, Kind::Object(inner)) => {
                    for (index, item) in self.tree.children(node).enumerate() {
                        self.unwritten_values(
                            (item, inner),
                            &format!("{path}/{index}"),
                            unit,
                            missing,
                        );
                    }
                }
                (Shape::List, _) => {
                    let done = self.progress.get(&node).copied().unwrap_or(0);
                    missing.extend(
                        self.tree
                            .children(node)
                            .skip(done)
                            .map(|item| (path.clone(), self.text(item))),
                    );
                }
                (Shape::Value, _) => {
                    let complete = self
                        .progress
                        .get(&node)
                        .is_none_or(|done| *done >= self.text(node).len());
                    let follows = self.follows(model().name(kind), member.name, node);
                    if !(self.tree.is_used(node) && complete || follows) {
                        missing.push((path, self.text(node)));
                    }
                }
            }
        }
    }

    /// Whether a value is what a reader takes it for where nothing states it: an amount's currency is the document's.
    fn follows(&self, object: &str, member: &str, node: NodeId) -> bool {
        match (object, member) {
            ("money" | "unit_price", "currency") => {
                let own = match self.tree.shape(self.root) {
                    Shape::Object(kind) => model().member(kind, "currency"),
                    Shape::List | Shape::Value => None,
                };
                let own = match own {
                    Some((member, _)) => self
                        .tree
                        .child(self.root, member)
                        .map(|node| self.text(node)),
                    None => self
                        .currency_below(self.root)
                        .or_else(|| self.currency.clone()),
                };
                self.text(node) == own.as_deref().unwrap_or("XXX")
            }
            _ => false,
        }
    }
}
