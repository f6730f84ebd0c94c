//! Numbers in somebody's numbering: pairs of qualifier and number, and members that a qualifier names.
//! Never corrects a number.
//! Invariant: a GTIN, GLN, SSCC or D-U-N-S number that is passed on as one has its form and check digit.

use std::borrow::Cow;

use crate::finding::Finding;
use crate::headers::shown;
use crate::map::apply::Call;
use crate::map::apply::translate;
use crate::map::apply::words::is_scheme;
use crate::map::convert;
use crate::map::fields::Fields;
use crate::map::function::CodeTable;
use crate::map::language::Address;
use crate::map::path::Path;
use crate::map::read::Reading;
use crate::map::tree::{NodeId, Shape, unquoted};
use crate::rule::Rule as Broken;
use canonical::identifiers::{self, Gtin};
use canonical::model::{Kind, ObjectId, model};

impl Reading {
    pub(super) fn pair(
        &mut self,
        call: &Call<'_, '_, '_>,
        (qualifier, table): (Address, u16),
        data: &[u8],
        fields: &mut Fields<'_>,
    ) -> bool {
        let code = if qualifier == Address::default() {
            Cow::default() // no element says what the number is
        } else {
            fields.data(qualifier)
        };
        let identified = self.identify(call, table, &code, data);
        if identified {
            fields.take(qualifier);
        }
        identified
    }

    /// Pairs over a run of elements; the call is made for each address of it, and works at every first one of a pair.
    pub(super) fn pairs(
        &mut self,
        call: &Call<'_, '_, '_>,
        table: u16,
        fields: &mut Fields<'_>,
    ) -> bool {
        let element = call.address.element;
        if call.rule.composite {
            let (number, qualifier) = (
                Address {
                    element,
                    component: 1,
                },
                Address {
                    element,
                    component: 2,
                },
            );
            let (data, code) = (fields.data(number), fields.data(qualifier));
            if !data.is_empty() && self.identify(call, table, &code, &data) {
                fields.take(number);
                fields.take(qualifier);
                self.partly = true;
            }
            return false;
        }
        if (element - call.rule.first.element) % 2 == 1 {
            return false;
        }
        let number = Address {
            element: element + 1,
            component: 0,
        };
        let data = fields.data(number);
        let code = fields.data(call.address);
        let call = Call {
            address: number,
            ..*call
        };
        let done = !data.is_empty() && self.identify(&call, table, &code, &data);
        if done {
            fields.take(number);
        }
        done
    }

    /// Adds an item to the list that the path names: an identifier `{scheme, value}` with the article number that follows
    /// from it, a reference `{type, value}`, or a date `{type, code, value}`.
    pub(super) fn identify(
        &mut self,
        call: &Call<'_, '_, '_>,
        table: u16,
        code: &[u8],
        data: &[u8],
    ) -> bool {
        let Some(table) = call.at.plan.tables.get(usize::from(table)) else {
            return false;
        };
        let Kind::Object(kind) = call.path.kind else {
            return false;
        };
        match model().name(kind) {
            "reference" => {
                let Some(word) = translate(table, code).filter(|word| is_scheme(word)) else {
                    return false;
                };
                self.add_item(call, kind, &[("type", word.as_bytes()), ("value", data)]);
            }
            "date_ref" => {
                let (Some(word), Some(day)) = (translate(table, code), convert::day(data)) else {
                    return false;
                };
                let members = [("type", word.as_bytes()), ("code", code), ("value", &day)];
                self.add_item(call, kind, &members);
            }
            _ => {
                let Some((scheme, value)) = self.identifier(call, table, code, data) else {
                    return false;
                };
                let members = [("scheme", scheme.as_bytes()), ("value", value.as_bytes())];
                let owner = self.add_item(call, kind, &members);
                if matches!(scheme.as_str(), "sku" | "seller_part") {
                    self.article(call, owner, &scheme, &value);
                }
            }
        }
        true
    }

    /// Adds an item with these texts, and gives the object that has the list.
    fn add_item(
        &mut self,
        call: &Call<'_, '_, '_>,
        kind: ObjectId,
        members: &[(&str, &[u8])],
    ) -> NodeId {
        let start = self.start(call.object, call.path);
        let owner = self.tree.follow(start, call.path, call.segment);
        let list = self
            .tree
            .ensure(owner, call.path.member, Shape::List, call.segment);
        let item = self.tree.spare(Shape::Object(kind), call.segment);
        self.tree.append(list, item);
        for (name, text) in members {
            self.text_member(item, kind, name, text, call.segment);
        }
        owner
    }

    /// The seller's article number: stated as such, or as the seller's part.
    pub(super) fn article(
        &mut self,
        call: &Call<'_, '_, '_>,
        owner: NodeId,
        scheme: &str,
        value: &str,
    ) {
        let Shape::Object(kind) = self.tree.shape(owner) else {
            return;
        };
        let Some((member, _)) = model().member(kind, "sku") else {
            return;
        };
        if scheme == "sku" || self.tree.child(owner, member).is_none() {
            let node = self.tree.ensure(owner, member, Shape::Value, call.segment);
            let from = self.tree.text.len();
            convert::json_text(value.as_bytes(), &mut self.tree.text);
            self.tree.set_from(node, from);
        }
    }

    pub(super) fn identifier(
        &mut self,
        call: &Call<'_, '_, '_>,
        table: &CodeTable,
        code: &[u8],
        data: &[u8],
    ) -> Option<(String, String)> {
        let code = if code.is_empty() {
            b"none".as_slice()
        } else {
            code
        };
        let scheme = translate(table, code)?.into_owned();
        let value = shown(data);
        let digits = |length: usize| {
            value.len() == length && value.bytes().all(|byte| byte.is_ascii_digit())
        };
        let kept = match scheme.as_str() {
            "gtin" => Gtin::normalise(&value)
                .ok()
                .map(|gtin| gtin.as_str().to_owned()),
            "gln" => identifiers::gln(&value).is_ok().then(|| value.clone()),
            "sscc" => {
                let digits = value.strip_prefix("00").filter(|_| value.len() == 20);
                let digits = digits.unwrap_or(&value);
                identifiers::sscc(digits).is_ok().then(|| digits.to_owned())
            }
            "duns" => digits(9).then(|| value.clone()),
            "duns4" => (value.len() == 13
                && value.bytes().all(|byte| byte.is_ascii_alphanumeric()))
            .then(|| value.clone()),
            _ => Some(value.clone()),
        };
        if let Some(kept) = kept {
            scheme.parse::<identifiers::Scheme>().ok()?;
            return Some((scheme, kept));
        }
        let finding = Finding::new(
            Broken::IdentifierInvalid,
            "the number has not the form or check digit that its qualifier promises",
        );
        self.complain(call.at, call.address, finding.found(data));
        let own = format!(
            "{}:{}",
            call.at.context.interchange.syntax,
            shown(code).to_ascii_lowercase()
        );
        own.parse::<identifiers::Scheme>().ok()?;
        Some((own, value))
    }

    pub(super) fn member(
        &mut self,
        call: &Call<'_, '_, '_>,
        (qualifier, table): (Address, u16),
        data: &[u8],
        fields: &mut Fields<'_>,
    ) -> bool {
        let code = fields.data(qualifier);
        let word = call
            .at
            .plan
            .tables
            .get(usize::from(table))
            .and_then(|table| translate(table, &code));
        let (Some(word), Kind::Object(kind)) = (word, call.path.kind) else {
            return false;
        };
        let Some((member, _)) = model().member(kind, &word) else {
            return false;
        };
        let start = self.start(call.object, call.path);
        let owner = self.tree.follow(start, call.path, call.segment);
        let object = if call.path.member == Path::SELF {
            owner
        } else {
            self.tree
                .ensure(owner, call.path.member, Shape::Object(kind), call.segment)
        };
        if let Some(known) = self.tree.child(object, member) {
            let same = unquoted(self.tree.value(known)) == Some(data);
            if same {
                fields.take(qualifier);
            }
            return same;
        }
        self.text_member(object, kind, &word, data, call.segment);
        fields.take(qualifier);
        true
    }
}
