//! Numbers in somebody's numbering: pairs of qualifier and number, and members that a qualifier names.
//! Never corrects a number.
//! Invariant: a GTIN, GLN, SSCC or D-U-N-S number that is passed on as one has its form and check digit.

use std::borrow::Cow;

use crate::finding::Finding;
use crate::headers::shown;
use crate::map::apply::Call;
use crate::map::apply::translate;
use crate::map::convert;
use crate::map::facts::{Pairing, facts};
use crate::map::fields::Fields;
use crate::map::function::CodeTable;
use crate::map::language::Address;
use crate::map::path::Path;
use crate::map::read::Reading;
use crate::map::tree::{NodeId, Shape, unquoted};
use crate::rule::Rule as Broken;
use canonical::identifiers::{self, Gtin, Scheme};
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
        match facts(kind).pairing {
            Some(Pairing::Reference {
                kind: member,
                value,
            }) => {
                let Some(word) = translate(table, code).filter(|word| Scheme::has_form(word))
                else {
                    return false;
                };
                self.add_item(call, kind, &[(member, word.as_bytes()), (value, data)]);
            }
            Some(Pairing::Date {
                kind: member,
                code: stated,
                value,
            }) => {
                let (Some(word), Some(day)) = (translate(table, code), convert::day(data)) else {
                    return false;
                };
                let members = [(member, word.as_bytes()), (stated, code), (value, &day)];
                self.add_item(call, kind, &members);
            }
            Some(Pairing::Identifier {
                scheme: member,
                value,
            }) => {
                let Some((scheme, number)) = self.identifier(call, table, code, data) else {
                    return false;
                };
                let members = [(member, scheme.as_bytes()), (value, number.as_ref())];
                let owner = self.add_item(call, kind, &members);
                if matches!(scheme.as_ref(), "sku" | "seller_part") {
                    self.article(call, owner, &scheme, &number);
                }
            }
            None => return false,
        }
        true
    }

    /// Adds an item with these texts, and gives the object that has the list.
    fn add_item(
        &mut self,
        call: &Call<'_, '_, '_>,
        kind: ObjectId,
        members: &[(u16, &[u8])],
    ) -> NodeId {
        let start = self.start(call.object, call.path);
        let owner = self.tree.follow(start, call.path, call.segment);
        let list = self
            .tree
            .ensure(owner, call.path.member, Shape::List, call.segment);
        let item = self.tree.spare(Shape::Object(kind), call.segment);
        self.tree.append(list, item);
        for (member, text) in members {
            self.tree.write_text(item, *member, text, call.segment);
        }
        owner
    }

    /// The seller's article number: stated as such, or as the seller's part.
    fn article(&mut self, call: &Call<'_, '_, '_>, owner: NodeId, scheme: &str, number: &[u8]) {
        let Shape::Object(kind) = self.tree.shape(owner) else {
            return;
        };
        let Some(member) = facts(kind).sku else {
            return;
        };
        if scheme == "sku" || self.tree.child(owner, member).is_none() {
            self.tree.write_text(owner, member, number, call.segment);
        }
    }

    /// The numbering that a code stands for, and the number as it is kept: with a finding, and in the code's own numbering,
    /// where it is none.
    pub(super) fn identifier<'c>(
        &mut self,
        call: &Call<'c, '_, '_>,
        table: &'c CodeTable,
        code: &[u8],
        data: &'c [u8],
    ) -> Option<(Cow<'c, str>, Cow<'c, [u8]>)> {
        let code = if code.is_empty() {
            b"none".as_slice()
        } else {
            code
        };
        let scheme = translate(table, code)?;
        if let Some(kept) = kept_number(&scheme, data) {
            return Scheme::has_form(&scheme).then_some((scheme, kept));
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
        Scheme::has_form(&own).then(|| (own.into(), data.into()))
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

/// A number as it is kept in its numbering; nothing where it has not the form or check digit of one.
pub(in crate::map) fn kept_number<'a>(scheme: &str, data: &'a [u8]) -> Option<Cow<'a, [u8]>> {
    let text = std::str::from_utf8(data).ok()?;
    let same = |good: bool| good.then_some(Cow::Borrowed(data));
    match scheme {
        "gtin" => {
            let gtin = Gtin::normalise(text).ok()?;
            Some(gtin.as_str().as_bytes().to_vec().into())
        }
        "gln" => same(identifiers::gln(text).is_ok()),
        "sscc" => {
            let digits = text.strip_prefix("00").filter(|_| text.len() == 20);
            let digits = digits.unwrap_or(text);
            let good = identifiers::sscc(digits).is_ok();
            good.then_some(Cow::Borrowed(digits.as_bytes()))
        }
        "duns" => same(data.len() == 9 && data.iter().all(u8::is_ascii_digit)),
        "duns4" => same(data.len() == 13 && data.iter().all(u8::is_ascii_alphanumeric)),
        _ => same(true),
    }
}
