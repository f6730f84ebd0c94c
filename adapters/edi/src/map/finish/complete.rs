//! What follows from what is there: currencies, units, price bases; and optional objects that lack what they must have.
//! Never changes a value that the message stated.
//! Invariant: what is taken out of a document is kept as unmapped.

use crate::finding::Finding;
use crate::map::facts::{Facts, Fill, Per, bit, facts, members};
use crate::map::fields::Fields;
use crate::map::finish::{first, no_currency};
use crate::map::language::Address;
use crate::map::read::places::element_path;
use crate::map::read::{At, Reading};
use crate::map::tree::{NodeId, Shape, Tree};
use crate::rule::Rule as Broken;
use canonical::model::{ObjectId, model};

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
        let known = facts(kind);
        if known.is_plain {
            return self.tree.has_all(object, known.required);
        }
        let unit = self.unit_of(object, known).or(unit);
        if let Fill::Price { per, .. } = known.fill {
            self.fill_basis(object, per, unit);
        }
        let inner = known.objects & self.tree.members(object);
        let mut child = self.tree.first(object).filter(|_| inner != 0);
        while let Some(node) = child {
            let member = bit(self.tree.member_of(node));
            if known.objects & member != 0 {
                self.complete_member(at, node, known.required & member != 0, unit);
            }
            child = self.tree.next(node);
        }
        self.fill_in(at, object, known.fill);
        self.add_empty(object, known.empties);
        self.tree.has_all(object, known.required)
    }

    fn complete_member(
        &mut self,
        at: &At<'_, '_>,
        node: NodeId,
        required: bool,
        unit: Option<NodeId>,
    ) {
        if let Shape::Object(kind) = self.tree.shape(node) {
            if !self.complete(at, node, kind, unit) {
                self.drop_object(at, node);
            }
            return;
        }
        let mut item = self.tree.first(node);
        while let Some(found) = item {
            if let Shape::Object(kind) = self.tree.shape(found)
                && !self.complete(at, found, kind, unit)
            {
                if required {
                    self.complain_missing(at, found, kind);
                } else {
                    self.drop_object(at, found);
                }
            }
            item = self.tree.next(found);
        }
    }

    /// Adds the lists that can be empty: an address without lines, a cancellation that names none.
    fn add_empty(&mut self, object: NodeId, lists: u64) {
        let mut missing = lists & !self.tree.members(object);
        if Some(object) == self.root {
            missing &= !self.tree.members(Tree::TOP);
        }
        for list in members(missing) {
            let segment = self.tree.segment(object);
            self.tree.ensure(object, list, Shape::List, segment);
        }
    }

    /// The unit of an object's quantity.
    fn unit_of(&self, object: NodeId, known: &Facts) -> Option<NodeId> {
        let (quantity, unit) = known.quantity?;
        self.tree.child(self.tree.child(object, quantity)?, unit)
    }

    fn fill_in(&mut self, at: &At<'_, '_>, object: NodeId, fill: Fill) {
        match fill {
            Fill::Money { currency } | Fill::Price { currency, .. } => {
                self.fill_currency(at, object, currency);
            }
            Fill::Quantity { value, unit } => self.fill_unit(at, object, (value, unit)),
            Fill::None => {}
        }
    }

    /// A quantity without a unit is in `ZZ`, with a warning.
    fn fill_unit(&mut self, at: &At<'_, '_>, object: NodeId, (value, unit): (u16, u16)) {
        if self.tree.members(object) & (bit(value) | bit(unit)) != bit(value) {
            return;
        }
        self.fixed(object, unit, b"\"ZZ\"");
        let index = self.tree.segment(object) as usize;
        let finding = Finding::new(Broken::UnitMissing, "the quantity has no unit");
        self.complain(
            &At { index, ..*at },
            Address::default(),
            finding.hint("it is passed on as ZZ, mutually defined"),
        );
    }

    /// The currency of the document, of its amounts, of the partner; else `XXX`, with a warning.
    fn fill_currency(&mut self, at: &At<'_, '_>, object: NodeId, member: u16) {
        if self.tree.members(object) & bit(member) != 0 {
            return;
        }
        let stated = facts(at.plan.root)
            .currency
            .and_then(|place| self.shared(self.root.unwrap_or(Tree::TOP), place));
        if let Some(stated) = stated {
            self.copy_value(object, member, stated);
            return;
        }
        let (message, document) = &self.currencies;
        let own = document.as_deref().or(message.as_deref());
        if let Some(code) = own.or(at.context.currency) {
            let json = format!("\"{code}\"");
            self.fixed(object, member, json.as_bytes());
            return;
        }
        self.fixed(object, member, b"\"XXX\"");
        if !self.warned_of_currency {
            self.warned_of_currency = true;
            self.complain(&first(at), Address::default(), no_currency());
        }
    }

    /// A price is for one of the line's unit where nothing else is said.
    fn fill_basis(&mut self, object: NodeId, per: Per, unit: Option<NodeId>) {
        let segment = self.tree.segment(object);
        let shape = Shape::Object(per.object);
        let basis = self.tree.ensure(object, per.member, shape, segment);
        let known = self.tree.members(basis);
        if known & bit(per.value) == 0 {
            self.fixed(basis, per.value, b"\"1\"");
        }
        if known & bit(per.unit) == 0 {
            match unit {
                Some(unit) => self.copy_value(basis, per.unit, unit),
                None => self.fixed(basis, per.unit, b"\"C62\""),
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
                    self.unmapped(root, &path, &data, at);
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
                let path = format!("{path}/{name}");
                self.keep_unmapped(root, &path, at, |out| out.extend_from_slice(&value));
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
