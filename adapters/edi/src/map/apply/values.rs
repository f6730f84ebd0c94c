//! Units, price bases, container codes, and values that no element states.
//! Never converts a quantity.
//! Invariant: what is set here was not set before.

use std::borrow::Cow;

use crate::finding::Finding;
use crate::headers::shown;
use crate::map::apply::Call;
use crate::map::convert;
use crate::map::fields::Fields;
use crate::map::language::Address;
use crate::map::path::Path;
use crate::map::plan::Section;
use crate::map::read::{At, Reading};
use crate::map::tree::{NodeId, Shape, unquoted};
use crate::rule::Rule as Broken;
use crate::syntax::Syntax;
use canonical::codes::Unit;
use canonical::decimal::Decimal;
use canonical::identifiers::{self};
use canonical::model::{Kind, ObjectId, model};

impl At<'_, '_> {
    /// The decimal mark besides the full stop: EDIFACT takes the comma from everybody, whatever the UNA says.
    pub(in crate::map) fn mark(&self) -> u8 {
        match self.context.interchange.syntax {
            Syntax::X12 => b'.',
            Syntax::Edifact | Syntax::Tradacoms => b',',
        }
    }
}

impl Reading {
    pub(super) fn unit(&mut self, call: &Call<'_, '_, '_>, table: u16, data: &[u8]) -> bool {
        let unit = self.unit_word(call, Some(table), data);
        self.text(call, unit.as_bytes())
    }

    /// The unit for a code: the table's, or the code itself where Recommendation 20 has it, else `ZZ` and a warning.
    pub(super) fn unit_word<'c>(
        &mut self,
        call: &Call<'c, '_, '_>,
        table: Option<u16>,
        data: &[u8],
    ) -> Cow<'c, str> {
        let table = table.and_then(|table| call.at.plan.tables.get(usize::from(table)));
        if let Some(unit) = table.and_then(|table| table.listed(data)) {
            return unit.into();
        }
        let unit = shown(data).parse::<Unit>().ok().filter(Unit::is_listed);
        if let Some(unit) = unit {
            return unit.to_string().into();
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
        "ZZ".into()
    }

    /// Adds a number to the one that is there.
    pub(super) fn add(&mut self, call: &Call<'_, '_, '_>, data: &[u8]) -> bool {
        let start = self.start(call.object, call.path);
        let known = self
            .tree
            .look(start, call.path)
            .and_then(|owner| self.tree.child(owner, call.path.member));
        let Some(known) = known else {
            return self.plain(call, data);
        };
        let mark = call.at.mark();
        let sum = unquoted(self.tree.value(known))
            .and_then(|text| shown(text).parse::<Decimal>().ok())
            .zip(convert::number(data, call.rule.decimals, mark))
            .and_then(|(one, other)| one.checked_add(other));
        let Some(sum) = sum else {
            return false;
        };
        let from = self.tree.text.len();
        convert::json_text(sum.to_string().as_bytes(), &mut self.tree.text);
        self.tree.set_from(known, from);
        true
    }

    /// A place and its quantity, as a part of a schedule; the call is made for each element of the run, and works at every
    /// first one of a pair.
    pub(super) fn store(
        &mut self,
        call: &Call<'_, '_, '_>,
        (qualifier, table): (Address, u16),
        (unit_at, units): (Address, u16),
        fields: &mut Fields<'_>,
    ) -> bool {
        let place = call.address;
        let second = Address {
            element: place.element + 1,
            component: 0,
        };
        let amount = fields.data(second);
        let mark = call.at.mark();
        let (Kind::Object(part), Some(table), Some(amount)) = (
            call.path.kind,
            call.at.plan.tables.get(usize::from(table)),
            convert::number(&amount, 0, mark),
        ) else {
            return false;
        };
        if (place.element - call.rule.first.element) % 2 == 1 {
            return false;
        }
        let (numbering, number) = (fields.data(qualifier), fields.data(place));
        let id = self.identifier(call, table, &numbering, &number);
        let Some((scheme, id)) = id else {
            return false;
        };
        let start = self.start(call.object, call.path);
        let owner = self.tree.follow(start, call.path, call.segment);
        let list = self
            .tree
            .ensure(owner, call.path.member, Shape::List, call.segment);
        let item = self.tree.spare(Shape::Object(part), call.segment);
        self.tree.append(list, item);
        if let Some((quantity, kind)) = self.inner(item, part, "quantity", call.segment) {
            let code = fields.data(unit_at);
            let amount = amount.to_string();
            self.text_member(quantity, kind, "value", amount.as_bytes(), call.segment);
            if !code.is_empty() {
                let unit = self.unit_word(call, Some(units), &code);
                self.text_member(quantity, kind, "unit", unit.as_bytes(), call.segment);
                self.text_member(quantity, kind, "source_unit", &code, call.segment);
            }
        }
        if let Some((party, kind)) = self.inner(item, part, "ship_to", call.segment) {
            self.text_member(party, kind, "role", b"ship_to", call.segment);
            self.add_identifier(party, kind, (&scheme, &id), call.segment);
        }
        for at in [qualifier, unit_at, second] {
            fields.take(at);
        }
        true
    }

    /// The object of a member, made when it is not there.
    fn inner(
        &mut self,
        object: NodeId,
        kind: ObjectId,
        name: &str,
        segment: u32,
    ) -> Option<(NodeId, ObjectId)> {
        let (member, found) = model().member(kind, name)?;
        let Kind::Object(inner) = found.kind else {
            return None;
        };
        let node = self
            .tree
            .ensure(object, member, Shape::Object(inner), segment);
        Some((node, inner))
    }

    /// Adds to an object's identifiers.
    fn add_identifier(
        &mut self,
        object: NodeId,
        kind: ObjectId,
        (scheme, value): (&str, &[u8]),
        segment: u32,
    ) {
        let Some((member, found)) = model().member(kind, "identifiers") else {
            return;
        };
        let Kind::Object(identifier) = found.kind else {
            return;
        };
        let list = self.tree.ensure(object, member, Shape::List, segment);
        let item = self.tree.spare(Shape::Object(identifier), segment);
        self.tree.append(list, item);
        self.text_member(item, identifier, "scheme", scheme.as_bytes(), segment);
        self.text_member(item, identifier, "value", value, segment);
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

    /// An item of the list that has this value in its first member, and in the others; made when there is none.
    pub(super) fn entry(
        &mut self,
        call: &Call<'_, '_, '_>,
        members: &[Box<str>],
        data: &[u8],
    ) -> bool {
        let Kind::Object(kind) = call.path.kind else {
            return false;
        };
        let Some((first, _)) = members.first().and_then(|name| model().member(kind, name)) else {
            return false;
        };
        let start = self.start(call.object, call.path);
        let owner = self.tree.follow(start, call.path, call.segment);
        let list = self
            .tree
            .ensure(owner, call.path.member, Shape::List, call.segment);
        let mut json = Vec::new();
        convert::json_text(data, &mut json);
        let same = |item: NodeId| {
            self.tree
                .child(item, first)
                .is_some_and(|value| self.tree.value(value) == json)
        };
        if !self.tree.children(list).any(same) {
            let item = self.tree.spare(Shape::Object(kind), call.segment);
            self.tree.append(list, item);
            for name in members {
                self.text_member(item, kind, name, data, call.segment);
            }
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
                Kind::Boolean | Kind::Integer | Kind::Ordinal => {
                    self.tree.text.extend_from_slice(text.as_bytes())
                }
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
            let item = self.tree.spare(Shape::Object(kind), segment);
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
        if !sender.id.is_empty() && scheme.parse::<identifiers::Scheme>().is_ok() {
            self.add_identifier(object, kind, (&scheme, sender.id.as_bytes()), segment);
        }
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
            self.tree.write_text(object, member, data, segment);
        }
    }
}
