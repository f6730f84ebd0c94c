//! Numbers in somebody's numbering, references and dates by their kind: qualifier and value in two elements.
//! Never writes a number under another qualifier than its own.
//! Invariant: an item is written once, and only where the table has a code for it.

use canonical::model::{Kind, ObjectId, model};

use crate::map::apply::{kept_number, translate};
use crate::map::compose::{Composing, Draft};
use crate::map::function::CodeTable;
use crate::map::language::Address;
use crate::map::plan::Rule;
use crate::map::tree::{NodeId, Shape};
use crate::map::unconvert;
use crate::map::write::Writing;

impl Writing {
    /// The identifiers of a list that are not written yet and that the table has a code for.
    pub(super) fn unwritten(
        &self,
        list: NodeId,
        kind: ObjectId,
        table: &CodeTable,
        draft: &Draft,
    ) -> Option<(NodeId, String, String)> {
        let part = |item: NodeId, name: &str| {
            let (member, _) = model().member(kind, name)?;
            self.tree.child(item, member)
        };
        self.tree.children(list).find_map(|item| {
            let value = part(item, "value")?;
            if self.tree.is_used(value) || draft.used.contains(&value) {
                return None;
            }
            let text = self.text(value);
            let (code, number) = match model().name(kind) {
                "reference" => {
                    let more = part(item, "line").or_else(|| part(item, "date"));
                    let code = table.code(&self.text(part(item, "type")?))?;
                    (more.is_none().then_some(code)?, text)
                }
                "date_ref" => {
                    let stated = part(item, "code").map(|code| self.text(code));
                    let word = self.text(part(item, "type")?);
                    let stated = stated
                        .filter(|code| translate(table, code.as_bytes()).as_deref() == Some(&word));
                    let bare = unconvert::clock(&text).is_none();
                    let day = unconvert::day(&text, 8).filter(|_| bare)?;
                    (stated.or_else(|| table.code(&word))?, day)
                }
                _ => {
                    let scheme = self.text(part(item, "scheme")?);
                    kept_number(&scheme, text.as_bytes())
                        .filter(|kept| **kept == *text.as_bytes())?; // or a reader takes it for another
                    unconvert::identifier(table, &scheme, &text)?
                }
            };
            Some((item, code, number))
        })
    }

    /// Uses an item up, and the seller's article number that it says besides.
    pub(super) fn use_identifier(
        &self,
        with: Composing<'_>,
        (item, code, number): (NodeId, &str, &str),
        draft: &mut Draft,
    ) {
        let part = |name: &str| match self.tree.shape(item) {
            Shape::Object(kind) => model()
                .member(kind, name)
                .and_then(|(member, _)| self.tree.child(item, member)),
            Shape::List | Shape::Value => None,
        };
        let other = part("code").filter(|node| self.text(*node) != code);
        let said = self.tree.children(item);
        draft.used.extend(said.filter(|node| Some(*node) != other));
        draft.fresh = true;
        if let Shape::Object(kind) = self.tree.shape(with.object)
            && let Some((member, _)) = model().member(kind, "sku")
            && let Some(sku) = self.tree.child(with.object, member)
        {
            let scheme = part("scheme").map(|scheme| self.text(scheme));
            let gives = matches!(scheme.as_deref(), Some("sku" | "seller_part"));
            if gives && self.text(sku) == number {
                draft.used.push(sku);
            } else if gives && !self.tree.is_used(sku) && !self.is_own_number(with, sku) {
                draft.spoiled.push(sku); // the first that gives one is believed
            }
        }
    }

    /// Whether the seller's article number is stated as just that, which is believed wherever it stands.
    fn is_own_number(&self, with: Composing<'_>, sku: NodeId) -> bool {
        let part = |object: NodeId, name: &str| match self.tree.shape(object) {
            Shape::Object(kind) => model()
                .member(kind, name)
                .and_then(|(member, _)| self.tree.child(object, member)),
            Shape::List | Shape::Value => None,
        };
        let text = |item: NodeId, name: &str| part(item, name).map(|node| self.text(node));
        part(with.object, "identifiers").is_some_and(|list| {
            self.tree.children(list).any(|item| {
                text(item, "scheme").as_deref() == Some("sku")
                    && text(item, "value") == Some(self.text(sku))
            })
        })
    }

    pub(super) fn pair(
        &self,
        with: Composing<'_>,
        list: NodeId,
        (table, kind): (u16, Kind),
        (qualifier, at): (Address, Address),
        draft: &mut Draft,
    ) {
        let (Some(table), Kind::Object(kind)) = (with.plan.tables.get(usize::from(table)), kind)
        else {
            return;
        };
        let Some((item, code, number)) = self.unwritten(list, kind, table, draft) else {
            return;
        };
        let fixed = draft.row.get(qualifier).to_owned();
        if !fixed.is_empty() && fixed != code {
            return;
        }
        draft.row.set(qualifier, code.clone());
        draft.row.set(at, number.clone());
        self.use_identifier(with, (item, &code, &number), draft);
    }

    pub(super) fn next_pair(
        &self,
        with: Composing<'_>,
        rule: &Rule,
        list: NodeId,
        (table, kind): (u16, Kind),
        at: Address,
        draft: &mut Draft,
    ) {
        let (Some(table), Kind::Object(kind)) = (with.plan.tables.get(usize::from(table)), kind)
        else {
            return;
        };
        let composite = self.is_composite(draft.row.tag, at.element);
        if !composite && (at.element - rule.first.element) % 2 == 1 {
            return;
        }
        let Some((item, code, number)) = self.unwritten(list, kind, table, draft) else {
            return;
        };
        let (qualifier, value) = if composite {
            (
                Address { component: 2, ..at },
                Address { component: 1, ..at },
            )
        } else {
            (
                at,
                Address {
                    element: at.element + 1,
                    ..at
                },
            )
        };
        draft.row.set(qualifier, code.clone());
        draft.row.set(value, number.clone());
        self.use_identifier(with, (item, &code, &number), draft);
    }

    pub(super) fn member(
        &self,
        with: Composing<'_>,
        object: NodeId,
        (table, kind): (u16, Kind),
        (qualifier, at): (Address, Address),
        draft: &mut Draft,
    ) {
        let (Some(table), Kind::Object(kind)) = (with.plan.tables.get(usize::from(table)), kind)
        else {
            return;
        };
        let next = self.tree.children(object).find_map(|node| {
            let name = model()
                .members(kind)
                .get(usize::from(self.tree.member_of(node)))?
                .name;
            let free = !self.tree.is_used(node) && !draft.used.contains(&node);
            Some((node, table.code(name).filter(|_| free)?))
        });
        let Some((node, code)) = next else { return };
        let fixed = draft.row.get(qualifier).to_owned();
        if !fixed.is_empty() && fixed != code {
            return;
        }
        draft.row.set(qualifier, code.clone());
        draft.row.set(at, self.text(node));
        draft.used.push(node);
        draft.fresh = true;
    }
}
