//! The value of a cell with several possible sources: units, codes and words, of which one agrees with the row so far.
//! Decides nothing about which segment is written.
//! Invariant: an item that was written is not chosen again.

use canonical::codes::Unit;
use canonical::model::{Kind, model};

use crate::map::apply::{is_scac, translate};
use crate::map::function::{CodeTable, Function};
use crate::map::language::Address;
use crate::map::path::{Path, Step};
use crate::map::plan::{Rule, Target};
use crate::map::row::Row;
use crate::map::tree::{NodeId, Shape};
use crate::map::unconvert;
use crate::map::write::Writing;
use crate::rule::Rule as Broken;
use crate::syntax::Syntax;

use super::{Composing, Draft};

impl Writing {
    /// The code for one target's value.
    pub(super) fn choice(
        &self,
        with: Composing<'_>,
        rule: &Rule,
        (path, function): (&Path, &Function),
        address: Address,
        draft: &mut Draft,
    ) -> Option<(String, NodeId)> {
        let noted = draft.noted.len();
        let owner = self.owner(with, path, draft)?;
        let Some(member) = self.tree.child(owner, path.member) else {
            draft.noted.truncate(noted); // the item is not spoken of
            return None;
        };
        if path.list {
            return self.next_item(member, draft);
        }
        if is_basis(path) && self.is_one_of(owner, self.unit_beside(with.object).as_deref()) {
            draft.noted.push(member);
            return None;
        }
        if path.kind == Kind::Currency && self.is_stated(with, path, &self.text(member)) {
            draft.noted.push(member);
            return None;
        }
        if let Function::Unit(table) = function
            && self.text(member) == "ZZ"
        {
            if !is_basis(path) && self.is_no_unit(with, path, (owner, *table)) {
                draft.noted.push(member);
            }
            return None;
        }
        let written = match function {
            Function::Basis(table) => self.basis_code(with, *table, member, path)?,
            Function::Codes(table) => with
                .plan
                .tables
                .get(usize::from(*table))?
                .code(&self.text(member))
                .filter(|code| code != "none")?,
            Function::Unit(table) => self.unit_code(with, *table, &self.text(member)),
            Function::Scac => Some(self.text(member)).filter(|code| is_scac(code.as_bytes()))?,
            Function::Sscc if self.style.syntax == Syntax::X12 => {
                format!("00{}", self.text(member))
            }
            // What stands for no currency is not written.
            _ if path.kind == Kind::Currency && self.text(member) == "XXX" => return None,
            _ => {
                let text = self.text(member);
                if text.is_empty() {
                    return None; // nothing can be said in no characters
                }
                let written = unconvert::plain(
                    &text,
                    path.kind,
                    (rule.decimals, rule.width, self.style.decimal),
                );
                if written.is_none() {
                    draft.fault = Some((address, Broken::ElementUnwritable, text));
                }
                written?
            }
        };
        Some((written, member))
    }

    /// Whether `ZZ` is what a reader takes a quantity for: it has no unit, or one that the table does not know.
    fn is_no_unit(&self, with: Composing<'_>, path: &Path, (owner, table): (NodeId, u16)) -> bool {
        let received = match self.tree.shape(owner) {
            Shape::Object(kind) => model()
                .member(kind, "source_unit")
                .and_then(|(member, _)| self.tree.child(owner, member)),
            Shape::List | Shape::Value => None,
        };
        let table = with.plan.tables.get(usize::from(table));
        match received.map(|node| self.text(node)) {
            Some(code) => unit_of(table, &code) == "ZZ",
            None => {
                let set = with.section.set.iter().any(|(set, _)| set == path);
                !set && matches!(self.tree.shape(owner), Shape::Object(kind) if model().name(kind) == "quantity")
            }
        }
    }

    /// The next item of a list of texts.
    pub(super) fn next_item(&self, list: NodeId, draft: &mut Draft) -> Option<(String, NodeId)> {
        let done = self.progress_of(list, draft);
        let item = self.tree.children(list).nth(done)?;
        draft.progress.push((list, done + 1));
        draft.fresh = true;
        Some((self.text(item), item))
    }

    pub(super) fn progress_of(&self, node: NodeId, draft: &Draft) -> usize {
        let here = draft
            .progress
            .iter()
            .rev()
            .find(|(known, _)| *known == node)
            .map(|(_, done)| *done);
        here.or_else(|| self.progress.get(&node).copied())
            .unwrap_or(0)
    }

    /// Whether a code, read again, gives what every target of the rule has.
    pub(super) fn agrees(&self, with: Composing<'_>, rule: &Rule, code: &str, row: &Row) -> bool {
        rule.targets
            .iter()
            .filter_map(|target| self.agreement(with, target, code, row))
            .all(|(_, agrees)| agrees)
    }

    /// The value of a target, and whether a code gives the same when it is read again.
    pub(super) fn agreement(
        &self,
        with: Composing<'_>,
        target: &Target,
        code: &str,
        row: &Row,
    ) -> Option<(NodeId, bool)> {
        let (Target::Path(path, function) | Target::Echo(path, function)) = target else {
            return None;
        };
        let path = path.with_values(|at| row.get(at).to_owned())?;
        let node = self.value_at(with.object, &path)?;
        let table = |table: &u16| with.plan.tables.get(usize::from(*table));
        let agrees = match function {
            Function::Codes(name) => table(name)
                .and_then(|table| translate(table, code.as_bytes()))
                .is_some_and(|word| word == self.text(node)),
            Function::Unit(name) => unit_of(table(name), code) == self.text(node),
            Function::Plain if path.kind == Kind::Text => code == self.text(node),
            _ => true,
        };
        Some((node, agrees))
    }

    pub(super) fn unit_code(&self, with: Composing<'_>, table: u16, unit: &str) -> String {
        let code = with
            .plan
            .tables
            .get(usize::from(table))
            .and_then(|table| table.code(unit));
        code.unwrap_or_else(|| unit.to_owned())
    }

    /// The code for what a price is for; none where that is one of the line's unit.
    pub(super) fn basis_code(
        &self,
        with: Composing<'_>,
        table: u16,
        per: NodeId,
        path: &Path,
    ) -> Option<String> {
        let Kind::Object(kind) = path.kind else {
            return None;
        };
        let part = |name: &str| {
            let (member, _) = model().member(kind, name)?;
            self.tree.child(per, member).map(|node| self.text(node))
        };
        if part("source_unit").is_some() {
            return None; // no code says it as it came
        }
        let (value, unit) = (part("value")?, part("unit")?);
        let line = self.unit_beside(with.object);
        let table = with.plan.tables.get(usize::from(table))?;
        let of_unit = Some(&unit) == line.as_ref();
        if of_unit && value == "1" {
            return None;
        }
        let exact = table.code(&format!("{value}/{unit}"));
        exact.or_else(|| table.code(&value).filter(|_| of_unit))
    }

    /// Whether a quantity is what a price is for, and that is one of the line's unit: said by saying nothing.
    pub(in crate::map) fn is_one_of(&self, quantity: NodeId, unit: Option<&str>) -> bool {
        let Shape::Object(kind) = self.tree.shape(quantity) else {
            return false;
        };
        let part = |name: &str| {
            let (member, _) = model().member(kind, name)?;
            self.tree
                .child(quantity, member)
                .map(|node| self.text(node))
        };
        part("value").as_deref() == Some("1")
            && part("source_unit").is_none()
            && part("unit").as_deref() == Some(unit.unwrap_or("C62"))
    }

    /// The unit of the quantity of the object at hand.
    pub(in crate::map) fn unit_beside(&self, object: NodeId) -> Option<String> {
        let Shape::Object(kind) = self.tree.shape(object) else {
            return None;
        };
        let quantity = model().member(kind, "quantity");
        let (quantity, found) = quantity.or_else(|| model().member(kind, "min_quantity"))?;
        let Kind::Object(inner) = found.kind else {
            return None;
        };
        let (unit, _) = model().member(inner, "unit")?;
        let quantity = self.tree.child(object, quantity)?;
        self.tree.child(quantity, unit).map(|node| self.text(node))
    }
}

/// What a reader takes a code for: the table's unit, or the code itself where Recommendation 20 has it, else `ZZ`.
fn unit_of(table: Option<&CodeTable>, code: &str) -> String {
    let listed = table.and_then(|table| table.listed(code.as_bytes()));
    let own = || code.parse::<Unit>().ok().filter(Unit::is_listed);
    match listed {
        Some(unit) => unit.to_owned(),
        None => own().map_or_else(|| "ZZ".to_owned(), |unit| unit.to_string()),
    }
}

/// Whether a path ends at a member of what a price is for.
fn is_basis(path: &Path) -> bool {
    let [.., Step::Member { object, .. }, Step::Member { member, .. }] = path.steps.as_ref() else {
        return false;
    };
    model()
        .members(*object)
        .get(usize::from(*member))
        .is_some_and(|found| found.name == "per")
}
