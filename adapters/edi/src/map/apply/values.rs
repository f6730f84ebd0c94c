//! Units, price bases, container codes, and values that no element states.
//! Never converts a quantity.
//! Invariant: what is set here was not set before.

use crate::finding::Finding;
use crate::headers::shown;
use crate::map::apply::Call;
use crate::map::convert;
use crate::map::path::Path;
use crate::map::plan::Section;
use crate::map::read::{At, Reading};
use crate::map::tree::{NodeId, Shape};
use crate::rule::Rule as Broken;
use canonical::codes::Unit;
use canonical::identifiers::{self};
use canonical::model::{Kind, ObjectId, model};

impl Reading {
    pub(super) fn unit(&mut self, call: &Call<'_, '_, '_>, table: u16, data: &[u8]) -> bool {
        let table = call.at.plan.tables.get(usize::from(table));
        let known = table
            .and_then(|table| table.listed(data))
            .map(str::to_owned);
        self.unit_code(call, known, data)
    }

    pub(super) fn unit_code(
        &mut self,
        call: &Call<'_, '_, '_>,
        known: Option<String>,
        data: &[u8],
    ) -> bool {
        let listed = || {
            shown(data)
                .parse::<Unit>()
                .ok()
                .filter(Unit::is_listed)
                .map(|unit| unit.to_string())
        };
        if let Some(unit) = known.or_else(listed) {
            return self.text(call, unit.as_bytes());
        }
        let finding = Finding::new(
            Broken::UnitUnknown,
            "the unit has no counterpart in UN/ECE Recommendation 20",
        );
        self.complain(
            call.at,
            call.address,
            finding.hint("it is passed on as ZZ, mutually defined"),
        );
        self.put(call, |out| {
            out.extend_from_slice(b"\"ZZ\"");
            true
        })
    }

    /// What a price is for: `1`, `100`, `1000`, each or of the line's unit. Only where there is a price.
    pub(super) fn basis(&mut self, call: &Call<'_, '_, '_>, table: u16, data: &[u8]) -> bool {
        let word = call
            .at
            .plan
            .tables
            .get(usize::from(table))
            .and_then(|table| table.listed(data));
        let (Some(word), Kind::Object(kind)) = (word, call.path.kind) else {
            return false;
        };
        let start = self.start(call.object, call.path);
        let Some(owner) = self.tree.look(start, call.path) else {
            return false;
        };
        let per = self
            .tree
            .ensure(owner, call.path.member, Shape::Object(kind), call.segment);
        let (value, unit) = word.split_once('/').unwrap_or((word, ""));
        self.text_member(per, kind, "value", value.as_bytes(), call.segment);
        if !unit.is_empty() {
            self.text_member(per, kind, "unit", unit.as_bytes(), call.segment);
        }
        true
    }

    pub(super) fn sscc(&mut self, call: &Call<'_, '_, '_>, data: &[u8]) -> bool {
        let digits = if data.len() == 20 {
            data.strip_prefix(b"00").unwrap_or(data)
        } else {
            data
        };
        if identifiers::sscc(&shown(digits)).is_ok() {
            return self.text(call, digits);
        }
        self.complain(
            call.at,
            call.address,
            Finding::new(
                Broken::IdentifierInvalid,
                "this is no SSCC: its length or check digit is wrong",
            )
            .expected("18 digits"),
        );
        false
    }

    pub(in crate::map) fn literal(&mut self, owner: NodeId, path: &Path, text: &str, segment: u32) {
        if self.tree.child(owner, path.member).is_none() {
            let node = self.tree.ensure(owner, path.member, Shape::Value, segment);
            let from = self.tree.text.len();
            match path.kind {
                Kind::Boolean | Kind::Integer => self.tree.text.extend_from_slice(text.as_bytes()),
                _ => convert::json_text(text.as_bytes(), &mut self.tree.text),
            }
            self.tree.set_from(node, from);
        }
    }

    /// The item's place in its list, from 1.
    pub(in crate::map) fn ordinal(
        &mut self,
        owner: NodeId,
        member: u16,
        segment: u32,
        section: &Section,
    ) {
        if self.tree.child(owner, member).is_some() {
            return;
        }
        let list = section.each.as_ref().and_then(|each| {
            let start = self.root.unwrap_or(crate::map::tree::Tree::TOP);
            self.tree.child(self.tree.look(start, each)?, each.member)
        });
        let count = list.map_or(1, |list| self.tree.count(list));
        let node = self.tree.ensure(owner, member, Shape::Value, segment);
        let from = self.tree.text.len();
        convert::json_text(count.to_string().as_bytes(), &mut self.tree.text);
        self.tree.set_from(node, from);
    }

    /// The interchange's sender, as a party in a role or as a place.
    pub(in crate::map) fn sender(
        &mut self,
        at: &At<'_, '_>,
        owner: NodeId,
        path: &Path,
        role: &str,
    ) {
        let Kind::Object(kind) = path.kind else {
            return;
        };
        if self.tree.child(owner, path.member).is_some() {
            return;
        }
        let segment = u32::try_from(at.index).unwrap_or(u32::MAX);
        let sender = &at.context.interchange.sender;
        let object = if path.list {
            let list = self.tree.ensure(owner, path.member, Shape::List, segment);
            let item = self.tree.new(Shape::Object(kind), segment);
            self.tree.append(list, item);
            self.text_member(item, kind, "role", role.as_bytes(), segment);
            item
        } else {
            let object = self
                .tree
                .ensure(owner, path.member, Shape::Object(kind), segment);
            self.text_member(object, kind, "code", sender.id.as_bytes(), segment);
            object
        };
        let prefix = if at.context.interchange.syntax == crate::syntax::Syntax::X12 {
            "x12:i05."
        } else {
            "edifact:0007."
        };
        let scheme = format!("{prefix}{}", sender.qualifier.to_ascii_lowercase());
        let Some((member, found)) = model().member(kind, "identifiers") else {
            return;
        };
        let Kind::Object(identifier) = found.kind else {
            return;
        };
        if sender.id.is_empty() || scheme.parse::<identifiers::Scheme>().is_err() {
            return;
        }
        let list = self.tree.ensure(object, member, Shape::List, segment);
        let item = self.tree.new(Shape::Object(identifier), segment);
        self.tree.append(list, item);
        self.text_member(item, identifier, "scheme", scheme.as_bytes(), segment);
        self.text_member(item, identifier, "value", sender.id.as_bytes(), segment);
    }

    pub(in crate::map) fn text_member(
        &mut self,
        object: NodeId,
        kind: ObjectId,
        name: &str,
        data: &[u8],
        segment: u32,
    ) {
        if let Some((member, _)) = model().member(kind, name) {
            let node = self.tree.ensure(object, member, Shape::Value, segment);
            let from = self.tree.text.len();
            convert::json_text(data, &mut self.tree.text);
            self.tree.set_from(node, from);
        }
    }
}
