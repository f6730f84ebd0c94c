//! Applies one rule of a section: from an element to its paths, through the rule's function.
//! Never complains about what a dictionary judges; a value that its member cannot take stays unmapped, with a warning
//! where a person should know.
//! Invariant: an address is taken only when some target took it.

mod dates;
mod numberings;
mod values;
mod words;

use canonical::codes::{Country, Currency};
use canonical::decimal::Decimal;
use canonical::identifiers::Gtin;
use canonical::model::{Kind, model};

use crate::finding::Finding;
use crate::headers::shown;
use crate::rule::Rule as Broken;

pub(super) use numberings::kept_number;

use super::convert;
use super::fields::Fields;
use super::function::{CodeTable, Function};
use super::language::Address;
use super::path::Path;
use super::plan::{Rule, Target, Whole};
use super::read::{At, Later, Reading};
use super::tree::{NodeId, Shape};

/// Most lines of an address.
const ADDRESS_LINES: u32 = 6;

/// Everything that one application of a function works with.
#[derive(Clone, Copy)]
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
    ) -> bool {
        let mut any = false;
        for &address in &rule.run {
            if !fields.raw(address).is_empty() {
                any |= self.element(at, fields, number, rule, address, object);
            } else if rule.minds_nothing {
                self.word_of_nothing(at, number, rule, address, object);
            } else if usize::from(address.element) > fields.segment.count() {
                break;
            }
        }
        any
    }

    /// Gives one element to all targets; whether some took it, or a part of it.
    fn element(
        &mut self,
        at: &At<'_, '_>,
        fields: &mut Fields<'_>,
        number: (u16, usize),
        rule: &Rule,
        address: Address,
        object: NodeId,
    ) -> bool {
        let segment = u32::try_from(at.index).unwrap_or(u32::MAX);
        let raw = fields.raw(address);
        let data = fields.text(raw);
        let (mut taken, mut late) = (false, false);
        for (place, target) in rule.targets.iter().enumerate() {
            taken |= match target {
                Target::Nowhere(values) => {
                    values.is_empty() || values.iter().any(|value| value.as_bytes() == raw)
                }
                Target::Literal(text) | Target::Beside(text, _) | Target::If(text, _) => {
                    text.as_bytes() == raw
                }
                Target::Message(Whole::Currency) => self.currency(at, address, &data),
                Target::Message(whole @ (Whole::Levels | Whole::Documents)) => {
                    self.count_later(at, *whole, address, fields);
                    true
                }
                Target::Ordinal | Target::Message(Whole::Date | Whole::Time | Whole::Number) => {
                    false
                }
                Target::Else(..) | Target::Echo(..) => {
                    late = true;
                    false
                }
                Target::Path(path, function) => {
                    let Some(path) = path.with_values(|at| shown(&fields.data(at))) else {
                        continue;
                    };
                    let call = Call {
                        at,
                        rule,
                        number,
                        target: place,
                        path: &path,
                        address,
                        object,
                        segment,
                    };
                    self.call(&call, function, &data, fields)
                }
            };
        }
        if late {
            self.later.push(Later::Else {
                taken,
                object,
                number,
                address,
                segment: at.index,
                path: self.path_of(at),
            });
            taken = true;
            if let Some(format) = rule.late_format() {
                fields.take(format);
            }
        }
        if taken {
            fields.take(address);
        }
        taken || std::mem::take(&mut self.partly)
    }

    /// A count of the message is compared when all of it was read.
    fn count_later(
        &mut self,
        at: &At<'_, '_>,
        whole: Whole,
        address: Address,
        fields: &Fields<'_>,
    ) {
        self.later.push(Later::Number {
            whole,
            value: fields.data(address).as_ref().into(),
            address,
            segment: at.index,
        });
    }

    /// The word that a table has for an element without a code.
    fn word_of_nothing(
        &mut self,
        at: &At<'_, '_>,
        number: (u16, usize),
        rule: &Rule,
        address: Address,
        object: NodeId,
    ) {
        for (target, found) in rule.targets.iter().enumerate() {
            if let Target::Path(path, Function::Codes(name)) = found
                && let Some(table) = at.plan.tables.get(usize::from(*name))
                && table.listed(b"none").is_some()
            {
                let call = Call {
                    at,
                    rule,
                    number,
                    target,
                    path,
                    address,
                    object,
                    segment: u32::try_from(at.index).unwrap_or(u32::MAX),
                };
                self.word(&call, *name, b"none");
            }
        }
    }

    /// Applies what a rule says for the case that nothing else has stated it.
    pub(super) fn apply_late(
        &mut self,
        at: &At<'_, '_>,
        number: (u16, usize),
        address: Address,
        (object, taken): (NodeId, bool),
    ) -> bool {
        let section = at.plan.sections.get(usize::from(number.0));
        let rule = section.and_then(|section| section.rules.get(number.1));
        let (Some(rule), Some(segment)) = (rule, at.view.segment(at.index)) else {
            return false;
        };
        let mut fields = Fields::new(segment, at.context.charset);
        let mut any = false;
        for (target, found) in rule.targets.iter().enumerate() {
            if let Target::Else(path, function) | Target::Echo(path, function) = found
                && !(taken && adds(path, function))
            {
                let call = Call {
                    at,
                    rule,
                    number,
                    target,
                    path,
                    address,
                    object,
                    segment: u32::try_from(at.index).unwrap_or(u32::MAX),
                };
                let data = fields.data(address);
                any |= self.call(&call, function, &data, &mut fields);
            }
        }
        taken || any
    }

    /// The currency of the amounts of this document, or of all documents of the message; one that is stated first stays.
    fn currency(&mut self, at: &At<'_, '_>, address: Address, data: &[u8]) -> bool {
        if !parsed::<Currency>(data) {
            let finding = Finding::new(Broken::ElementCode, "this is no currency");
            self.complain(at, address, finding.expected("a code of ISO 4217"));
            return false;
        }
        let own = self.root.is_some() && at.plan.document.is_some();
        let home = if own {
            &mut self.currencies.1
        } else {
            &mut self.currencies.0
        };
        let code = home.get_or_insert_with(|| shown(data).into());
        code.as_bytes() == data
    }

    fn call(
        &mut self,
        call: &Call<'_, '_, '_>,
        function: &Function,
        data: &[u8],
        fields: &mut Fields<'_>,
    ) -> bool {
        match function {
            Function::Plain => self.plain(call, data),
            Function::Codes(table) => self.word(call, *table, data),
            Function::Lines => self.grow(call, data, b"\\n"),
            Function::Join => self.grow(call, data, b" "),
            Function::Moment { time, zone } => self.moment(call, data, (*time, *zone), fields),
            Function::Period { format } => self.period(call, data, *format, fields),
            Function::Pair { qualifier, table } => {
                self.pair(call, (*qualifier, *table), data, fields)
            }
            Function::Pairs { table } => self.pairs(call, *table, fields),
            Function::Member { qualifier, table } => {
                self.member(call, (*qualifier, *table), data, fields)
            }
            Function::Unit(table) => self.unit(call, *table, data),
            Function::Basis(table) => self.basis(call, *table, data),
            Function::Size => {
                let size = data.strip_prefix(b"-").unwrap_or(data);
                self.plain(call, size)
            }
            Function::Add => self.add(call, data),
            Function::Scac => is_scac(data) && self.text(call, data),
            Function::Stores {
                qualifier,
                table,
                unit,
                units,
            } => self.store(call, (*qualifier, *table), (*unit, *units), fields),
            Function::Sscc => self.sscc(call, data),
            Function::Entry(members) => self.entry(call, members, data),
            Function::Count | Function::Sum => {
                let (section, rule) = call.number;
                let value = data.into();
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
            let item = self.tree.spare(Shape::Value, call.segment);
            self.tree.append(list, item);
            self.tree.set(item, text);
            return true;
        }
        if let Some(known) = self.tree.child(owner, call.path.member) {
            return self.tree.text.get(text) == Some(self.tree.value(known));
        }
        let node = self
            .tree
            .add_member(owner, call.path.member, Shape::Value, call.segment);
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

    fn plain(&mut self, call: &Call<'_, '_, '_>, data: &[u8]) -> bool {
        let decimals = call.rule.decimals;
        let mark = call.at.mark();
        match call.path.kind {
            Kind::Decimal => self.put(call, |out| convert::decimal(data, decimals, mark, out)),
            Kind::Integer | Kind::Ordinal => self.put(call, |out| {
                let none = |number: &Decimal| number.is_zero() && call.path.kind == Kind::Ordinal;
                let number = convert::number(data, decimals, mark)
                    .filter(|number| number.scale() == 0 && !number.is_negative() && !none(number));
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
            Kind::Unit => {
                let unit = self.unit_word(call, None, data);
                self.text(call, unit.as_bytes())
            }
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
}

/// Whether a text has the form of a carrier's code.
pub(super) fn is_scac(data: &[u8]) -> bool {
    (2..=4).contains(&data.len()) && data.iter().all(u8::is_ascii_uppercase)
}

/// Whether a text is a code of a list.
fn parsed<T: std::str::FromStr>(data: &[u8]) -> bool {
    std::str::from_utf8(data).is_ok_and(|text| text.parse::<T>().is_ok())
}

/// The word for a code: the table's, or what it has for any other.
pub(super) fn translate<'t>(
    table: &'t CodeTable,
    code: &[u8],
) -> Option<std::borrow::Cow<'t, str>> {
    if let Some(word) = table.listed(code) {
        return Some(word.into());
    }
    let other = table.other()?;
    if !other.ends_with([':', '.']) {
        return Some(other.into());
    }
    (!code.is_empty()).then(|| format!("{other}{}", shown(code).to_ascii_lowercase()).into())
}

/// Whether a value is one more item of a list, which nobody misses where another target has taken it.
fn adds(path: &Path, function: &Function) -> bool {
    path.list || matches!(function, Function::Pair { .. } | Function::Pairs { .. })
}
