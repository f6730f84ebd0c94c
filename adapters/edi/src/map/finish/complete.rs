//! What follows from what is there: currencies, units, price bases; and optional objects that lack what they must have.
//! Never changes a value that the message stated.
//! Invariant: what is taken out of a document is kept as unmapped.

use crate::finding::Finding;
use crate::map::fields::Fields;
use crate::map::finish::{first, no_currency};
use crate::map::language::Address;
use crate::map::read::places::element_path;
use crate::map::read::{At, Reading};
use crate::map::tree::{NodeId, Shape, Tree};
use crate::rule::Rule as Broken;
use canonical::model::{Kind, ObjectId, model};

impl Reading {
    /// Adds currencies, units and price bases, and drops optional objects that lack what they must have. Returns whether
    /// the object has all of it. `unit` is that of the quantity beside.
    pub(in crate::map) fn complete(
        &mut self,
        at: &At<'_, '_>,
        object: NodeId,
        kind: ObjectId,
        unit: Option<NodeId>,
    ) -> bool {
        let members = model().members(kind);
        let unit = self.unit_of(object, kind).or(unit);
        if model().name(kind) == "unit_price" {
            self.fill_basis(object, kind, unit);
        }
        let mut child = self.tree.children(object).next();
        while let Some(node) = child {
            let member = self.tree.member_of(node);
            if let Some(found) = members.get(usize::from(member))
                && let Kind::Object(inner) = found.kind
            {
                self.complete_member(at, node, (inner, found.required), unit);
            }
            child = self.tree.next(node);
        }
        self.fill_in(at, object, kind);
        for (place, member) in (0_u16..).zip(members) {
            // What is there can be an empty list: an address without lines, a cancellation that names none.
            let shared = Some(object) == self.root && self.tree.child(Tree::TOP, place).is_some();
            if member.required && member.list && !member.filled && !shared {
                self.tree
                    .ensure(object, place, Shape::List, self.tree.segment(object));
            }
        }
        (0_u16..).zip(members).all(|(place, member)| {
            !member.required
                || self
                    .tree
                    .child(object, place)
                    .is_some_and(|child| !self.tree.is_used(child))
        })
    }

    pub(in crate::map) fn complete_member(
        &mut self,
        at: &At<'_, '_>,
        node: NodeId,
        (kind, required): (ObjectId, bool),
        unit: Option<NodeId>,
    ) {
        if self.tree.shape(node) != Shape::List {
            if !self.complete(at, node, kind, unit) {
                self.drop_object(at, node);
            }
            return;
        }
        let mut item = self.tree.children(node).next();
        while let Some(found) = item {
            if self.tree.shape(found) != Shape::Value && !self.complete(at, found, kind, unit) {
                if required {
                    self.complain_missing(at, found, kind);
                } else {
                    self.drop_object(at, found);
                }
            }
            item = self.tree.next(found);
        }
    }

    /// The unit of an object's quantity.
    pub(in crate::map) fn unit_of(&self, object: NodeId, kind: ObjectId) -> Option<NodeId> {
        let quantity = model().member(kind, "quantity");
        let (member, found) = quantity.or_else(|| model().member(kind, "min_quantity"))?;
        let Kind::Object(quantity) = found.kind else {
            return None;
        };
        let (unit, _) = model().member(quantity, "unit")?;
        self.tree.child(self.tree.child(object, member)?, unit)
    }

    fn fill_in(&mut self, at: &At<'_, '_>, object: NodeId, kind: ObjectId) {
        match model().name(kind) {
            "money" | "unit_price" => self.fill_currency(at, object, kind),
            "quantity" => self.fill_unit(at, object, kind),
            // An address without a street still has a town.
            "address" => {
                if let Some((lines, _)) = model().member(kind, "lines") {
                    let segment = self.tree.segment(object);
                    self.tree.ensure(object, lines, Shape::List, segment);
                }
            }
            _ => {}
        }
    }

    /// A quantity without a unit is in `ZZ`, with a warning.
    fn fill_unit(&mut self, at: &At<'_, '_>, object: NodeId, kind: ObjectId) {
        let member = |name| model().member(kind, name).map(|(member, _)| member);
        let child = |member: Option<u16>| self.tree.child(object, member?);
        if child(member("unit")).is_some() || child(member("value")).is_none() {
            return;
        }
        self.constant(object, kind, "unit", b"\"ZZ\"");
        let index = self.tree.segment(object) as usize;
        let finding = Finding::new(Broken::UnitMissing, "the quantity has no unit");
        self.complain(
            &At { index, ..*at },
            Address::default(),
            finding.hint("it is passed on as ZZ, mutually defined"),
        );
    }

    /// The currency of the document, of its amounts, of the partner; else `XXX`, with a warning.
    fn fill_currency(&mut self, at: &At<'_, '_>, object: NodeId, kind: ObjectId) {
        let Some((member, _)) = model().member(kind, "currency") else {
            return;
        };
        if self.tree.child(object, member).is_some() {
            return;
        }
        let stated = model()
            .member(at.plan.root, "currency")
            .and_then(|(place, _)| self.shared(self.root.unwrap_or(Tree::TOP), place));
        if let Some(stated) = stated {
            self.copy_value(object, member, stated);
            return;
        }
        let (message, document) = &self.currencies;
        let own = document.as_deref().or(message.as_deref());
        if let Some(code) = own.or(at.context.currency) {
            let json = format!("\"{code}\"");
            self.constant(object, kind, "currency", json.as_bytes());
            return;
        }
        self.constant(object, kind, "currency", b"\"XXX\"");
        if !self.warned_of_currency {
            self.warned_of_currency = true;
            self.complain(&first(at), Address::default(), no_currency());
        }
    }

    /// A price is for one of the line's unit where nothing else is said.
    pub(in crate::map) fn fill_basis(
        &mut self,
        object: NodeId,
        kind: ObjectId,
        unit: Option<NodeId>,
    ) {
        let Some((member, found)) = model().member(kind, "per") else {
            return;
        };
        let Kind::Object(quantity) = found.kind else {
            return;
        };
        let per = self.tree.ensure(
            object,
            member,
            Shape::Object(quantity),
            self.tree.segment(object),
        );
        for (name, fixed) in [("value", b"\"1\"".as_slice()), ("unit", b"\"C62\"")] {
            let Some((place, _)) = model().member(quantity, name) else {
                continue;
            };
            if self.tree.child(per, place).is_some() {
                continue;
            }
            match unit.filter(|_| name == "unit") {
                Some(unit) => self.copy_value(per, place, unit),
                None => self.constant(per, quantity, name, fixed),
            }
        }
    }

    /// Takes an optional object out of the document; what it held is kept as unmapped: the elements of the segment that
    /// opened it, or its values.
    fn drop_object(&mut self, at: &At<'_, '_>, object: NodeId) {
        self.tree.use_up(object);
        let made_by = self.tree.segment(object);
        let root = self.root.unwrap_or(Tree::TOP);
        let opening = self
            .openings
            .iter()
            .position(|opening| opening.item == object)
            .map(|place| self.openings.swap_remove(place));
        if let Some(opening) = &opening
            && let Some(segment) = at.view.segment(made_by as usize)
        {
            let fields = Fields::new(segment, at.context.charset);
            for address in &opening.elements {
                let data = fields.data(*address);
                if !data.is_empty() {
                    let path = element_path(&opening.path, *address, 1);
                    self.unmapped(root, &path, &data, "no_mapping", at);
                }
            }
        }
        self.keep_values(at, object, opening.map(|_| made_by));
    }

    /// Keeps an object's values as unmapped, but for those of one segment.
    pub(in crate::map) fn keep_values(
        &mut self,
        at: &At<'_, '_>,
        object: NodeId,
        but: Option<u32>,
    ) {
        let mut values = Vec::new();
        self.values_below(object, "", &mut values);
        let root = self.root.unwrap_or(Tree::TOP);
        for (segment, name, value) in values {
            if but != Some(segment) {
                let index = segment as usize;
                let path = self.path_of(&At { index, ..*at });
                self.unmapped_json(root, &format!("{path}/{name}"), &value, "no_mapping", at);
            }
        }
    }

    /// The JSON values of an object and of all that it holds, each with its segment and the member's name; but for counts
    /// and hash totals, which were held against the document.
    fn values_below(
        &self,
        node: NodeId,
        name: &'static str,
        values: &mut Vec<(u32, &'static str, Vec<u8>)>,
    ) {
        let members = match self.tree.shape(node) {
            Shape::Object(kind) => model().members(kind),
            Shape::List | Shape::Value => &[],
        };
        for child in self.tree.children(node) {
            let place = usize::from(self.tree.member_of(child));
            let name = members.get(place).map_or(name, |member| member.name);
            if self.tree.is_used(child) || matches!(name, "line_count" | "hash_total") {
                continue;
            }
            match self.tree.shape(child) {
                Shape::Value => {
                    let value = self.tree.value(child).to_vec();
                    values.push((self.tree.segment(child), name, value));
                }
                Shape::Object(_) | Shape::List => self.values_below(child, name, values),
            }
        }
    }

    pub(in crate::map) fn complain_missing(
        &mut self,
        at: &At<'_, '_>,
        object: NodeId,
        kind: ObjectId,
    ) {
        let missing: Vec<&str> = (0_u16..)
            .zip(model().members(kind))
            .filter(|(place, member)| {
                member.required
                    && self
                        .tree
                        .child(object, *place)
                        .is_none_or(|child| self.tree.is_used(child))
            })
            .map(|(_, member)| member.name)
            .collect();
        let names = missing.join(", ");
        let index = self.tree.segment(object) as usize;
        let finding = Finding::new(
            Broken::DocumentInvalid,
            format!(
                "the {} states no {names}",
                model().name(kind).replace('_', " ")
            ),
        );
        self.complain(&At { index, ..*at }, Address::default(), finding.hint("the canonical document cannot do without: ask the sender, or map it from elsewhere"));
    }
}
