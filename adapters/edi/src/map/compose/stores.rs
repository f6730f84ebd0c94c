//! Places and their quantities in one segment (SDQ), from the parts of a schedule.
//! Takes only parts that say nothing else: any other is written elsewhere.
//! Invariant: all places of one segment have one numbering and one unit.

use std::collections::HashMap;

use canonical::model::model;

use crate::map::compose::{Composing, Draft};
use crate::map::function::CodeTable;
use crate::map::language::Address;
use crate::map::tree::{NodeId, Shape};
use crate::map::unconvert;
use crate::map::write::Writing;

/// A place and its quantity.
#[derive(Debug, Default)]
struct Store {
    scheme: String,
    id: String,
    amount: String,
    unit: String,
    source_unit: Option<String>,
    nodes: Vec<NodeId>,
}

impl Store {
    /// The unit as it came, where it still says the same, else the table's code for it.
    fn unit_code(&self, writing: &Writing, with: Composing<'_>, units: u16) -> String {
        let table = with.plan.tables.get(usize::from(units));
        let same = |code: &String| {
            let known = table.and_then(|table| table.listed(code.as_bytes()));
            known.unwrap_or(code) == self.unit || self.unit == "ZZ"
        };
        let stated = self.source_unit.clone().filter(same);
        stated.unwrap_or_else(|| writing.unit_code(with, units, &self.unit))
    }
}

impl Writing {
    /// The next part of a schedule that says nothing but a place by its number and a quantity.
    pub(super) fn store(
        &self,
        with: Composing<'_>,
        list: NodeId,
        (at, first): (Address, Address),
        (qualifier, table): (Address, u16),
        (unit_at, units): (Address, u16),
        draft: &mut Draft,
    ) {
        let Some(table) = with.plan.tables.get(usize::from(table)) else {
            return;
        };
        if (at.element - first.element) % 2 == 1 {
            return;
        }
        for item in self.tree.children(list) {
            let Some(store) = self.bare_store(item, table) else {
                continue;
            };
            if store
                .nodes
                .iter()
                .any(|node| self.tree.is_used(*node) || draft.used.contains(node))
            {
                continue;
            }
            let unit = store.unit_code(self, with, units);
            let fits = |cell: Address, code: &str| {
                draft.row.get(cell).is_empty() || draft.row.get(cell) == code
            };
            if !fits(qualifier, &store.scheme) || !fits(unit_at, &unit) {
                continue;
            }
            draft.row.set(qualifier, store.scheme);
            draft.row.set(unit_at, unit);
            draft.row.set(at, store.id);
            let second = Address {
                element: at.element + 1,
                component: 0,
            };
            draft.row.set(second, store.amount);
            draft.used.extend(store.nodes);
            draft.fresh = true;
            return;
        }
    }

    fn bare_store(&self, item: NodeId, table: &CodeTable) -> Option<Store> {
        let Shape::Object(kind) = self.tree.shape(item) else {
            return None;
        };
        let (place, _) = model().member(kind, "ship_to")?;
        self.tree.child(item, place)?; // most parts of a schedule name no place
        let mut values = Vec::new();
        self.values_of(item, "", &mut values);
        let mut store = Store {
            nodes: values.iter().map(|(node, _, _)| *node).collect(),
            ..Store::default()
        };
        let mut parts: HashMap<String, String> = values
            .into_iter()
            .map(|(_, path, text)| (path, text))
            .collect();
        let mut part = |name: &str| parts.remove(name);
        let scheme = part("ship_to.identifiers.scheme")?;
        let value = part("ship_to.identifiers.value")?;
        (store.scheme, store.id) = unconvert::identifier(table, &scheme, &value)?;
        store.amount = part("quantity.value")?;
        store.unit = part("quantity.unit")?;
        store.source_unit = part("quantity.source_unit");
        (part("ship_to.role")? == "ship_to" && parts.is_empty()).then_some(store)
    }

    /// Every value below a node, with its path without the places in lists.
    pub(in crate::map) fn values_of(
        &self,
        node: NodeId,
        path: &str,
        values: &mut Vec<(NodeId, String, String)>,
    ) {
        let members = match self.tree.shape(node) {
            Shape::Object(kind) => model().members(kind),
            Shape::List => &[],
            Shape::Value => return values.push((node, path.to_owned(), self.text(node))),
        };
        for child in self.tree.children(node) {
            let place = usize::from(self.tree.member_of(child));
            match members.get(place) {
                Some(member) if path.is_empty() => self.values_of(child, member.name, values),
                Some(member) => self.values_of(child, &format!("{path}.{}", member.name), values),
                None => self.values_of(child, path, values),
            }
        }
    }
}
