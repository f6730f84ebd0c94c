//! One segment from an object by a section's rules: the inverse of `apply`.
//! Decides nothing about order; what it used of the document it says, so that nothing is written twice or forgotten.
//! Invariant: a value is used up only when its segment is written.

use canonical::model::{Kind, ObjectId, model};

use crate::rule::Rule as Broken;
use crate::segment::Tag;
use crate::syntax::Syntax;

use super::apply::{run, translate};
use super::function::{CodeTable, Function};
use super::language::Address;
use super::path::{Path, Step};
use super::plan::{Plan, Rule, Section, Target};
use super::row::Row;
use super::tree::{NodeId, Shape};
use super::unconvert;
use super::write::Writing;

/// A segment in the making and what it would use up.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) row: Row,
    pub(super) used: Vec<NodeId>,
    /// Members that chose an item: said by the place itself.
    pub(super) noted: Vec<NodeId>,
    /// How much of growing texts and lists was written.
    pub(super) progress: Vec<(NodeId, usize)>,
    /// Whether it says something that was not said before.
    pub(super) fresh: bool,
    /// Why it cannot be written as it is.
    pub(super) fault: Option<(Address, Broken, String)>,
}

/// A segment that continues the one before it repeats what does not grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    First,
    Again,
}

/// What composing works with.
#[derive(Clone, Copy)]
pub(super) struct Composing<'p> {
    pub(super) plan: &'p Plan,
    pub(super) section: &'p Section,
    pub(super) object: NodeId,
    pub(super) mode: Mode,
}

impl Writing {
    /// The segment of a section for an object; none when its tests do not hold.
    pub(super) fn compose(&self, with: Composing<'_>, tag: Tag) -> Option<Draft> {
        let mut draft = Draft {
            row: Row::new(tag),
            used: Vec::new(),
            noted: Vec::new(),
            progress: Vec::new(),
            fresh: false,
            fault: None,
        };
        for test in with
            .section
            .tests
            .iter()
            .filter(|test| !test.negated && test.any.len() == 1)
        {
            let value = test
                .any
                .first()
                .map(|value| crate::headers::shown(value))
                .unwrap_or_default();
            draft.row.set(test.at, value);
        }
        for rule in &with.section.rules {
            for address in run(rule) {
                self.cell(with, rule, address, &mut draft);
            }
        }
        self.holds(with.section, &draft).then_some(draft)
    }

    /// Whether the cells are what the section's tests ask for. A choice of codes that no rule made takes the first.
    fn holds(&self, section: &Section, draft: &Draft) -> bool {
        section.tests.iter().all(|test| {
            let value = draft.row.get(test.at);
            test.any.iter().any(|want| **want == *value.as_bytes()) != test.negated
        })
    }

    fn cell(&self, with: Composing<'_>, rule: &Rule, address: Address, draft: &mut Draft) {
        if !draft.row.get(address).is_empty()
            && !matches!(rule.targets.first(), Some(Target::Path(..)))
        {
            return;
        }
        let mut choices: Vec<(String, NodeId)> = Vec::new();
        for target in &rule.targets {
            match target {
                Target::Nowhere => {}
                Target::Literal(text) => {
                    draft.row.set(address, text.to_string());
                }
                Target::Path(path, function) => match function {
                    Function::Plain
                    | Function::Codes(_)
                    | Function::Unit(_)
                    | Function::Basis(_)
                    | Function::Sscc => {
                        choices.extend(self.choice(with, rule, (path, function), address, draft));
                    }
                    Function::Count | Function::Sum => {
                        self.tally(with, rule, (path, function), address, draft)
                    }
                    _ => self.spread(with, rule, (path, function), address, draft),
                },
            }
        }
        let choice = choices
            .iter()
            .rev()
            .find(|(code, _)| self.agrees(with, rule, code))
            .or_else(|| choices.first());
        if let Some((code, node)) = choice {
            let shown = self.tree.is_used(*node) && with.mode == Mode::First;
            let known = draft.row.get(address).to_owned();
            if !known.is_empty() && known != *code {
                return;
            }
            if !shown || !known.is_empty() || choices.len() > 1 {
                draft.row.set(address, code.clone());
                draft.fresh |= !shown && with.mode == Mode::First;
                draft.used.extend(choices.iter().map(|(_, node)| *node));
            }
        }
    }

    /// The owner of a path's member, with the members that chose items on the way.
    fn owner(&self, with: Composing<'_>, path: &Path, draft: &mut Draft) -> Option<NodeId> {
        let mut object = if path.from_root {
            self.root
        } else {
            with.object
        };
        for step in &path.steps {
            object = self.tree.step(object, step)?;
            if let Step::Item { selectors, .. } = step {
                draft.noted.extend(
                    selectors
                        .iter()
                        .filter_map(|selector| self.tree.child(object, selector.member)),
                );
            }
        }
        Some(object)
    }

    /// The code for one target's value.
    fn choice(
        &self,
        with: Composing<'_>,
        rule: &Rule,
        (path, function): (&Path, &Function),
        address: Address,
        draft: &mut Draft,
    ) -> Option<(String, NodeId)> {
        let owner = self.owner(with, path, draft)?;
        let member = self.tree.child(owner, path.member)?;
        if path.list {
            return self.next_item(member, draft);
        }
        let written = match function {
            Function::Basis(table) => self.basis_code(with, *table, member, path)?,
            Function::Codes(table) => with
                .plan
                .tables
                .get(usize::from(*table))?
                .code(&self.text(member))?,
            Function::Unit(table) => self.unit_code(with, *table, &self.text(member)),
            Function::Sscc if self.style.syntax == Syntax::X12 => {
                format!("00{}", self.text(member))
            }
            _ => {
                let text = self.text(member);
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

    /// The next item of a list of texts.
    fn next_item(&self, list: NodeId, draft: &mut Draft) -> Option<(String, NodeId)> {
        let done = self.progress_of(list, draft);
        let item = self.tree.children(list).nth(done)?;
        draft.progress.push((list, done + 1));
        draft.fresh = true;
        Some((self.text(item), item))
    }

    fn progress_of(&self, node: NodeId, draft: &Draft) -> usize {
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
    fn agrees(&self, with: Composing<'_>, rule: &Rule, code: &str) -> bool {
        rule.targets.iter().all(|target| {
            let Target::Path(path, function) = target else {
                return true;
            };
            let start = if path.from_root {
                self.root
            } else {
                with.object
            };
            let Some(node) = self
                .tree
                .look(start, path)
                .and_then(|owner| self.tree.child(owner, path.member))
            else {
                return true;
            };
            match function {
                Function::Codes(table) => {
                    let table = with.plan.tables.get(usize::from(*table));
                    table
                        .and_then(|table| translate(table, code.as_bytes()))
                        .is_some_and(|word| word == self.text(node))
                }
                Function::Unit(table) => {
                    let table = with.plan.tables.get(usize::from(*table));
                    let known = table
                        .and_then(|table| table.listed(code.as_bytes()))
                        .unwrap_or(code);
                    known == self.text(node) || (self.text(node) == "ZZ" && known == code)
                }
                Function::Plain if path.kind == Kind::Text => code == self.text(node),
                _ => true,
            }
        })
    }

    fn unit_code(&self, with: Composing<'_>, table: u16, unit: &str) -> String {
        let code = with
            .plan
            .tables
            .get(usize::from(table))
            .and_then(|table| table.code(unit));
        code.unwrap_or_else(|| unit.to_owned())
    }

    /// The code for what a price is for; none where that is one of the line's unit.
    fn basis_code(
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

    /// The unit of the quantity of the object at hand.
    fn unit_beside(&self, object: NodeId) -> Option<String> {
        let Shape::Object(kind) = self.tree.shape(object) else {
            return None;
        };
        let (quantity, found) = model().member(kind, "quantity")?;
        let Kind::Object(inner) = found.kind else {
            return None;
        };
        let (unit, _) = model().member(inner, "unit")?;
        let quantity = self.tree.child(object, quantity)?;
        self.tree.child(quantity, unit).map(|node| self.text(node))
    }

    /// A count or a sum over the document.
    fn tally(
        &self,
        with: Composing<'_>,
        rule: &Rule,
        (path, function): (&Path, &Function),
        address: Address,
        draft: &mut Draft,
    ) {
        let start = if path.from_root {
            self.root
        } else {
            with.object
        };
        let value = if *function == Function::Count {
            self.tree
                .child(start, path.member)
                .map(|list| self.tree.count(list).to_string())
        } else {
            let list = path.steps.first().and_then(|step| match step {
                Step::Item { member, .. } => self.tree.child(start, *member),
                Step::Member { .. } => None,
            });
            list.and_then(|list| super::finish::checks::sum_of(&self.tree, list, path))
                .map(|sum| sum.to_string())
        };
        if let Some(value) =
            value.and_then(|value| unconvert::decimal(&value, rule.decimals, self.style.decimal))
        {
            draft.row.set(address, value);
            draft.fresh |= with.mode == Mode::First;
        }
    }

    /// Functions that fill other cells besides.
    fn spread(
        &self,
        with: Composing<'_>,
        rule: &Rule,
        (path, function): (&Path, &Function),
        address: Address,
        draft: &mut Draft,
    ) {
        let Some(owner) = self.owner(with, path, draft) else {
            return;
        };
        let Some(node) = self.tree.child(owner, path.member) else {
            return;
        };
        match function {
            Function::Moment { time, zone } => {
                self.moment(with, node, (address, *time, *zone), rule, draft)
            }
            Function::Period { format } => self.period(with, rule, node, (address, *format), draft),
            Function::Lines | Function::Join => self.grow(rule, node, (function, address), draft),
            Function::Pair { qualifier, table } => self.pair(
                with,
                node,
                (*table, path.kind),
                (*qualifier, address),
                draft,
            ),
            Function::Pairs { table } => {
                self.next_pair(with, rule, node, (*table, path.kind), address, draft)
            }
            Function::Member { qualifier, table } => self.member(
                with,
                node,
                (*table, path.kind),
                (*qualifier, address),
                draft,
            ),
            _ => {}
        }
    }

    fn takes(&self, with: Composing<'_>, node: NodeId) -> bool {
        !self.tree.is_used(node) || with.mode == Mode::Again
    }

    fn take(&self, with: Composing<'_>, node: NodeId, draft: &mut Draft) {
        draft.used.push(node);
        draft.fresh |= with.mode == Mode::First;
    }

    fn moment(
        &self,
        with: Composing<'_>,
        node: NodeId,
        (date, time, zone): (Address, Address, Address),
        rule: &Rule,
        draft: &mut Draft,
    ) {
        if !self.takes(with, node) {
            return;
        }
        let text = self.text(node);
        let Some(day) = unconvert::day(&text, rule.width) else {
            return;
        };
        draft.row.set(date, day);
        if let Some((clock, offset)) = unconvert::clock(&text) {
            let ours = self.style.offset.as_deref() == Some(offset);
            let code = unconvert::zone(offset).filter(|_| zone.element > 0);
            if ours || code.is_some() {
                draft.row.set(time, clock);
                draft
                    .row
                    .set(zone, code.filter(|_| !ours).unwrap_or_default());
            } else {
                draft.fault = Some((date, Broken::NotWritten, text.clone()));
            }
        }
        self.take(with, node, draft);
    }

    fn period(
        &self,
        with: Composing<'_>,
        rule: &Rule,
        node: NodeId,
        (at, format): (Address, Address),
        draft: &mut Draft,
    ) {
        if !self.takes(with, node) {
            return;
        }
        let text = self.text(node);
        let Some(day) = unconvert::day(&text, 8) else {
            return;
        };
        if rule.targets.len() > 1 {
            // The second target is the end of a period.
            let begun = draft.row.get(at).to_owned();
            let whole = if begun.is_empty() {
                day
            } else {
                format!("{begun}{day}")
            };
            let code = if begun.is_empty() { "102" } else { "718" };
            draft.row.replace(at, whole);
            draft.row.replace(format, code.to_owned());
            return self.take(with, node, draft);
        }
        match unconvert::clock(&text) {
            Some((clock, offset)) if self.style.offset.as_deref() == Some(offset) => {
                let seconds = clock.len() > 4;
                draft.row.set(at, format!("{day}{clock}"));
                draft
                    .row
                    .set(format, if seconds { "204" } else { "203" }.to_owned());
            }
            Some((clock, offset)) if clock.len() == 4 => {
                let zone = if offset == "Z" {
                    "+0000".to_owned()
                } else {
                    offset.replace(':', "")
                };
                draft.row.set(at, format!("{day}{clock}{zone}"));
                draft.row.set(format, "205".to_owned());
            }
            Some(_) => {
                draft.fault = Some((at, Broken::NotWritten, text.clone()));
                draft.row.set(at, day);
                draft.row.set(format, "102".to_owned());
            }
            None => {
                draft.row.set(at, day);
                draft.row.set(format, "102".to_owned());
            }
        }
        self.take(with, node, draft);
    }

    /// The next piece of a text: a line, or as many words as fit.
    fn grow(
        &self,
        rule: &Rule,
        node: NodeId,
        (function, address): (&Function, Address),
        draft: &mut Draft,
    ) {
        let text = self.text(node);
        let done = self.progress_of(node, draft);
        let Some(rest) = text.get(done..).filter(|rest| !rest.is_empty()) else {
            return;
        };
        let width = usize::try_from(rule.width).unwrap_or(usize::MAX);
        let (piece, next) = if *function == Function::Lines {
            let line = rest.split('\n').next().unwrap_or(rest);
            if line.chars().count() > width && rule.first == rule.last && width < 100 {
                return; // a place for a short remark; the text goes where it fits
            }
            let (piece, end) = unconvert::cut(line, width);
            (
                piece,
                if end == line.len() {
                    (end + 1).min(rest.len())
                } else {
                    end
                },
            )
        } else {
            unconvert::cut(rest, width)
        };
        draft.row.set(address, piece.to_owned());
        draft.progress.push((node, done + next));
        draft.used.push(node);
        draft.fresh = true;
    }

    /// The identifiers of a list that are not written yet and that the table has a code for.
    fn unwritten(
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
            let scheme = self.text(part(item, "scheme")?);
            let (code, number) = unconvert::identifier(table, &scheme, &self.text(value))?;
            Some((item, code, number))
        })
    }

    fn use_identifier(&self, item: NodeId, draft: &mut Draft) {
        draft.used.extend(self.tree.children(item));
        draft.fresh = true;
    }

    fn pair(
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
        draft.row.set(qualifier, code);
        draft.row.set(at, number);
        self.use_identifier(item, draft);
    }

    fn next_pair(
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
        draft.row.set(qualifier, code);
        draft.row.set(value, number.clone());
        self.use_identifier(item, draft);
        if let Shape::Object(kind) = self.tree.shape(with.object)
            && let Some((member, _)) = model().member(kind, "sku")
            && let Some(sku) = self.tree.child(with.object, member)
            && self.text(sku) == number
        {
            draft.used.push(sku);
        }
    }

    fn member(
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
        draft.row.set(qualifier, code);
        draft.row.set(at, self.text(node));
        draft.used.push(node);
        draft.fresh = true;
    }
}
