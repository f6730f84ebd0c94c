//! Applies one rule of a section: from an element to its paths, through the rule's function.
//! Never complains about what a dictionary judges; a value that its member cannot take stays unmapped, with a warning
//! where a person should know.
//! Invariant: an address is taken only when some target took it.

use canonical::codes::{Country, Currency, Unit};
use canonical::identifiers::{self, Gtin};
use canonical::model::{Kind, ObjectId, model};

use crate::finding::Finding;
use crate::headers::shown;
use crate::rule::Rule as Broken;

use super::convert;
use super::fields::Fields;
use super::function::{CodeTable, Function};
use super::language::Address;
use super::path::Path;
use super::plan::{Rule, Section, Target};
use super::read::{At, Later, Reading};
use super::tree::{NodeId, Shape};

/// Longest text that grows by lines while others are written between them.
const GROWING: usize = 64 << 10;
/// Most lines of an address.
const ADDRESS_LINES: u32 = 6;

/// Everything that one application of a function works with.
struct Call<'c, 'p, 'a> {
    at: &'c At<'p, 'a>,
    rule: &'c Rule,
    /// Section and rule by number.
    number: (u16, usize),
    target: usize,
    path: &'c Path,
    /// The address at hand within the rule's run.
    address: Address,
    object: NodeId,
    segment: u32,
}

impl Reading {
    pub(super) fn apply(
        &mut self,
        at: &At<'_, '_>,
        fields: &mut Fields<'_>,
        number: (u16, usize),
        rule: &Rule,
        object: NodeId,
    ) {
        let segment = u32::try_from(at.index).unwrap_or(u32::MAX);
        for address in run(rule) {
            let raw = fields.raw(address);
            if raw.is_empty() {
                continue;
            }
            let mut taken = false;
            for (place, target) in rule.targets.iter().enumerate() {
                taken |= match target {
                    Target::Nowhere => true,
                    Target::Literal(text) => text.as_bytes() == raw,
                    Target::Path(path, function) => {
                        let call = Call {
                            at,
                            rule,
                            number,
                            target: place,
                            path,
                            address,
                            object,
                            segment,
                        };
                        self.call(&call, function, fields)
                    }
                };
            }
            if taken {
                fields.take(address);
            }
        }
    }

    fn call(
        &mut self,
        call: &Call<'_, '_, '_>,
        function: &Function,
        fields: &mut Fields<'_>,
    ) -> bool {
        let data = fields.data(call.address);
        match function {
            Function::Plain => self.plain(call, &data, fields),
            Function::Codes(table) => self.word(call, *table, &data),
            Function::Lines => self.grow(call, &data, b"\\n"),
            Function::Join => self.grow(call, &data, b" "),
            Function::Moment { time, zone } => self.moment(call, &data, (*time, *zone), fields),
            Function::Period { format } => self.period(call, &data, *format, fields),
            Function::Pair { qualifier, table } => {
                self.pair(call, (*qualifier, *table), &data, fields)
            }
            Function::Pairs { table } => self.pairs(call, *table, fields),
            Function::Member { qualifier, table } => {
                self.member(call, (*qualifier, *table), &data, fields)
            }
            Function::Unit(table) => self.unit(call, *table, &data),
            Function::Basis(table) => self.basis(call, *table, &data),
            Function::Sscc => self.sscc(call, &data),
            Function::Count | Function::Sum => {
                let (section, rule) = call.number;
                let value = data.as_ref().into();
                self.later.push(Later::Check {
                    section,
                    rule,
                    target: call.target,
                    value,
                    segment: call.at.index,
                });
                true
            }
        }
    }

    /// Writes a value to a path, once; what writes says whether it could.
    fn put(&mut self, call: &Call<'_, '_, '_>, write: impl FnOnce(&mut Vec<u8>) -> bool) -> bool {
        let from = self.tree.text.len();
        if !write(&mut self.tree.text) {
            self.tree.text.truncate(from);
            return false;
        }
        let text = from..self.tree.text.len();
        let start = self.start(call.object, call.path);
        let owner = self.tree.follow(start, call.path, call.segment);
        if call.path.list {
            let list = self
                .tree
                .ensure(owner, call.path.member, Shape::List, call.segment);
            if self.is_full(call, list) {
                return false;
            }
            let item = self.tree.new(Shape::Value, call.segment);
            self.tree.append(list, item);
            self.tree.set(item, text);
            return true;
        }
        if let Some(known) = self.tree.child(owner, call.path.member) {
            return self.tree.text.get(text) == Some(self.tree.value(known));
        }
        let node = self
            .tree
            .ensure(owner, call.path.member, Shape::Value, call.segment);
        self.tree.set(node, text);
        true
    }

    fn is_full(&self, call: &Call<'_, '_, '_>, list: NodeId) -> bool {
        let owner = call.path.steps.last();
        let address = owner.is_some_and(|step| match step {
            super::path::Step::Member { object, .. } | super::path::Step::Item { object, .. } => {
                model().name(*object) == "address"
            }
        });
        address && self.tree.count(list) >= ADDRESS_LINES
    }

    fn plain(&mut self, call: &Call<'_, '_, '_>, data: &[u8], fields: &Fields<'_>) -> bool {
        let decimals = call.rule.decimals;
        let mark = fields.segment.separators().decimal;
        match call.path.kind {
            Kind::Decimal => self.put(call, |out| convert::decimal(data, decimals, mark, out)),
            Kind::Integer => self.put(call, |out| {
                let number = convert::number(data, decimals, mark)
                    .filter(|number| number.scale() == 0 && !number.is_negative());
                number.is_some_and(|number| convert::integer(number.to_string().as_bytes(), out))
            }),
            Kind::Date | Kind::DateOrTime => self.put(call, |out| {
                convert::day(data)
                    .map(|day| convert::moment(day, b"", None, out))
                    .is_some()
            }),
            Kind::DateTime => false,
            Kind::Boolean => self.put(call, |out| {
                let word: Option<&[u8]> = match data {
                    b"Y" | b"1" => Some(b"true"),
                    b"N" | b"0" => Some(b"false"),
                    _ => None,
                };
                word.map(|word| out.extend_from_slice(word)).is_some()
            }),
            Kind::Currency if parsed::<Currency>(data) => self.text(call, data),
            Kind::Currency => self.refuse(call, "this is no currency", "a code of ISO 4217"),
            Kind::Country if parsed::<Country>(data) => self.text(call, data),
            Kind::Country => self.refuse(call, "this is no country", "two letters of ISO 3166-1"),
            Kind::Gtin => match Gtin::normalise(&shown(data)) {
                Ok(gtin) => self.text(call, gtin.as_str().as_bytes()),
                Err(_wrong) => self.refuse(
                    call,
                    "this is no GTIN: its length or check digit is wrong",
                    "8, 12, 13 or 14 digits",
                ),
            },
            Kind::Unit => self.unit_code(call, None, data),
            Kind::Object(_) | Kind::Words(_) | Kind::Free | Kind::Sscc => false,
            Kind::Text | Kind::Language | Kind::Scheme | Kind::ReferenceType | Kind::Verbatim => {
                self.text(call, data)
            }
        }
    }

    fn text(&mut self, call: &Call<'_, '_, '_>, data: &[u8]) -> bool {
        self.put(call, |out| {
            convert::json_text(data, out);
            true
        })
    }

    /// Leaves a value unmapped and says why.
    fn refuse(
        &mut self,
        call: &Call<'_, '_, '_>,
        what: &'static str,
        expected: &'static str,
    ) -> bool {
        let rule = if matches!(call.path.kind, Kind::Currency) {
            Broken::ElementCode
        } else {
            Broken::IdentifierInvalid
        };
        self.complain(
            call.at,
            call.address,
            Finding::new(rule, what).expected(expected),
        );
        false
    }

    fn word(&mut self, call: &Call<'_, '_, '_>, table: u16, data: &[u8]) -> bool {
        let Some(table) = call.at.plan.tables.get(usize::from(table)) else {
            return false;
        };
        let Some(word) = translate(table, data) else {
            return false;
        };
        if matches!(call.path.kind, Kind::Boolean) {
            return self.put(call, |out| {
                out.extend_from_slice(word.as_bytes());
                matches!(word.as_ref(), "true" | "false")
            });
        }
        if matches!(call.path.kind, Kind::Scheme | Kind::ReferenceType)
            && word.parse::<identifiers::Scheme>().is_err()
        {
            return false;
        }
        self.text(call, word.as_bytes())
    }

    /// Adds to a text: a new line, or after a blank.
    fn grow(&mut self, call: &Call<'_, '_, '_>, data: &[u8], between: &[u8]) -> bool {
        let start = self.start(call.object, call.path);
        let owner = self.tree.follow(start, call.path, call.segment);
        let Some(node) = self.tree.child(owner, call.path.member) else {
            return self.text(call, data);
        };
        let (from, length) = (self.tree.text.len(), self.tree.value(node).len());
        if self.tree.ends_text(node) {
            self.tree.text.pop();
            self.tree.text.extend_from_slice(between);
            convert::json_inner(data, &mut self.tree.text);
            self.tree.text.push(b'"');
            let to = self.tree.text.len();
            self.tree.set(node, from - length..to);
            return true;
        }
        if length > GROWING {
            return false;
        }
        let mut text = self.tree.value(node).to_vec();
        text.pop();
        self.tree.text.extend_from_slice(&text);
        self.tree.text.extend_from_slice(between);
        convert::json_inner(data, &mut self.tree.text);
        self.tree.text.push(b'"');
        self.tree.set_from(node, from);
        true
    }

    fn moment(
        &mut self,
        call: &Call<'_, '_, '_>,
        data: &[u8],
        (time, zone): (Address, Address),
        fields: &mut Fields<'_>,
    ) -> bool {
        let Some(day) = convert::day(data) else {
            return false;
        };
        let clock = fields.data(time);
        let stated = if zone.element == 0 {
            None
        } else {
            convert::zone(fields.raw(zone))
        };
        let offset = stated
            .as_deref()
            .or(call.at.context.offset)
            .filter(|_| call.path.kind != Kind::Date);
        let mut instant = false;
        let put = self.put(call, |out| {
            instant = convert::moment(day, &clock, offset, out);
            instant || call.path.kind != Kind::DateTime
        });
        if put && instant {
            fields.take(time);
            if stated.is_some() {
                fields.take(zone);
            }
        }
        put
    }

    /// A time without a zone is no instant: it stays unmapped beside the day.
    fn period(
        &mut self,
        call: &Call<'_, '_, '_>,
        data: &[u8],
        format: Address,
        fields: &mut Fields<'_>,
    ) -> bool {
        let code = fields.data(format);
        let Some(period) = convert::period(data, &code) else {
            return false;
        };
        let second = call.target > 0 && period.end.is_some();
        let day = if second {
            period.end.unwrap_or(period.day)
        } else {
            period.day
        };
        let stated = edifact_zone(data, &code);
        let offset = stated
            .as_deref()
            .or(call.at.context.offset)
            .filter(|_| call.path.kind != Kind::Date);
        let mut instant = false;
        let put = self.put(call, |out| {
            instant = convert::moment(day, period.time, offset, out);
            instant || call.path.kind != Kind::DateTime
        });
        let complete = instant || period.time.iter().all(|digit| *digit == b'0');
        if put && complete {
            fields.take(format);
        }
        put && complete
    }

    fn pair(
        &mut self,
        call: &Call<'_, '_, '_>,
        (qualifier, table): (Address, u16),
        data: &[u8],
        fields: &mut Fields<'_>,
    ) -> bool {
        let code = fields.data(qualifier);
        let identified = self.identify(call, table, &code, data);
        if identified {
            fields.take(qualifier);
        }
        identified
    }

    /// Pairs over a run of elements; the call is made for each address of it, and works at every first one of a pair.
    fn pairs(&mut self, call: &Call<'_, '_, '_>, table: u16, fields: &mut Fields<'_>) -> bool {
        let Address { element, component } = call.address;
        let composite = component > 0
            || fields
                .segment
                .components(fields.segment.element(usize::from(element)))
                .nth(1)
                .is_some();
        if composite {
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
        let done = !data.is_empty() && self.identify(call, table, &code, &data);
        if done {
            fields.take(number);
        }
        done
    }

    /// Adds an identifier `{scheme, value}` to the list that the path names, and the article number that follows from it.
    fn identify(&mut self, call: &Call<'_, '_, '_>, table: u16, code: &[u8], data: &[u8]) -> bool {
        let Some(table) = call.at.plan.tables.get(usize::from(table)) else {
            return false;
        };
        let Kind::Object(kind) = call.path.kind else {
            return false;
        };
        let Some((scheme, value)) = self.identifier(call, table, code, data) else {
            return false;
        };
        let start = self.start(call.object, call.path);
        let owner = self.tree.follow(start, call.path, call.segment);
        let list = self
            .tree
            .ensure(owner, call.path.member, Shape::List, call.segment);
        let item = self.tree.new(Shape::Object(kind), call.segment);
        self.tree.append(list, item);
        self.text_member(item, kind, "scheme", scheme.as_bytes(), call.segment);
        self.text_member(item, kind, "value", value.as_bytes(), call.segment);
        if matches!(scheme.as_str(), "sku" | "seller_part") {
            self.article(call, owner, &scheme, &value);
        }
        true
    }

    /// The seller's article number: stated as such, or as the seller's part.
    fn article(&mut self, call: &Call<'_, '_, '_>, owner: NodeId, scheme: &str, value: &str) {
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

    fn identifier(
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
            "sscc" => identifiers::sscc(&value).is_ok().then(|| value.clone()),
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

    pub(super) fn text_member(
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

    fn member(
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
        let object = self
            .tree
            .ensure(owner, call.path.member, Shape::Object(kind), call.segment);
        if self.tree.child(object, member).is_some() {
            return false;
        }
        self.text_member(object, kind, &word, data, call.segment);
        fields.take(qualifier);
        true
    }

    fn unit(&mut self, call: &Call<'_, '_, '_>, table: u16, data: &[u8]) -> bool {
        let table = call.at.plan.tables.get(usize::from(table));
        let known = table
            .and_then(|table| table.listed(data))
            .map(str::to_owned);
        self.unit_code(call, known, data)
    }

    fn unit_code(&mut self, call: &Call<'_, '_, '_>, known: Option<String>, data: &[u8]) -> bool {
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
    fn basis(&mut self, call: &Call<'_, '_, '_>, table: u16, data: &[u8]) -> bool {
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

    fn sscc(&mut self, call: &Call<'_, '_, '_>, data: &[u8]) -> bool {
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

    pub(super) fn literal(&mut self, owner: NodeId, path: &Path, text: &str, segment: u32) {
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
    pub(super) fn ordinal(&mut self, owner: NodeId, member: u16, segment: u32, section: &Section) {
        if self.tree.child(owner, member).is_some() {
            return;
        }
        let list = section.each.as_ref().and_then(|each| {
            let start = self.root.unwrap_or(super::tree::Tree::TOP);
            self.tree.child(self.tree.look(start, each)?, each.member)
        });
        let count = list.map_or(1, |list| self.tree.count(list));
        let node = self.tree.ensure(owner, member, Shape::Value, segment);
        let from = self.tree.text.len();
        convert::json_text(count.to_string().as_bytes(), &mut self.tree.text);
        self.tree.set_from(node, from);
    }

    /// The interchange's sender, as a party in a role or as a place.
    pub(super) fn sender(&mut self, at: &At<'_, '_>, owner: NodeId, path: &Path, role: &str) {
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
}

/// Whether a text is a code of a list.
fn parsed<T: std::str::FromStr>(data: &[u8]) -> bool {
    std::str::from_utf8(data).is_ok_and(|text| text.parse::<T>().is_ok())
}

/// The addresses of a rule's run.
fn run(rule: &Rule) -> impl Iterator<Item = Address> + use<> {
    let (first, last) = (rule.first, rule.last);
    (first.element..=last.element).flat_map(move |element| {
        let components = if element == first.element && element == last.element {
            first.component..=last.component.max(first.component)
        } else {
            first.component..=first.component
        };
        components.map(move |component| Address { element, component })
    })
}

/// The word for a code: the table's, or what it has for any other.
fn translate<'t>(table: &'t CodeTable, code: &[u8]) -> Option<std::borrow::Cow<'t, str>> {
    if let Some(word) = table.listed(code) {
        return Some(word.into());
    }
    let other = table.other()?;
    if !other.ends_with(':') {
        return Some(other.into());
    }
    (!code.is_empty()).then(|| format!("{other}{}", shown(code).to_ascii_lowercase()).into())
}

/// The offset at the end of a date in a format that has one: `+01`, `-05`, or a zone's name, of which `UTC`, `GMT` and `Z` are known.
fn edifact_zone(data: &[u8], format: &[u8]) -> Option<String> {
    let zone = match format {
        b"205" | b"303" => data.get(12..)?,
        b"304" => data.get(14..)?,
        b"301" => data.get(10..)?,
        b"302" => data.get(12..)?,
        _ => return None,
    };
    match zone {
        b"UTC" | b"GMT" | b"Z" => Some("Z".to_owned()),
        [sign @ (b'+' | b'-'), hours @ ..]
            if matches!(hours.len(), 2 | 4) && hours.iter().all(u8::is_ascii_digit) =>
        {
            let (hours, minutes) = hours.split_at_checked(2)?;
            let minutes = if minutes.is_empty() {
                b"00".as_slice()
            } else {
                minutes
            };
            Some(format!(
                "{}{}:{}",
                char::from(*sign),
                shown(hours),
                shown(minutes)
            ))
        }
        _ => None,
    }
}
