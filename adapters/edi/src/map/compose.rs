//! One segment from an object by a section's rules: the inverse of `apply`.
//! Decides nothing about order; what it used of the document it says, so that nothing is written twice or forgotten.
//! Invariant: a value is used up only when its segment is written.

mod numberings;
mod stores;
mod texts;

use canonical::model::{Kind, model};

use crate::rule::Rule as Broken;
use crate::segment::Tag;
use crate::syntax::Syntax;

use super::apply::{is_scac, run, translate};
use super::function::Function;
use super::language::Address;
use super::path::{Path, Step};
use super::place::Test;
use super::plan::{Plan, Rule, Section, SetFrom, Target, Whole};
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
    /// Whether the document says something else where the section asks for a certain value.
    unfit: bool,
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
            unfit: false,
        };
        self.note_settings(with, &mut draft);
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
        for rule in &with.section.rules {
            for target in &rule.targets {
                if let Target::Beside(text, other) = target
                    && draft.row.get(rule.first).is_empty()
                    && !draft.row.get(*other).is_empty()
                {
                    draft.row.set(rule.first, text.to_string());
                }
            }
        }
        // Of several codes that will do the first is written where no rule has said which.
        for test in with.section.tests.iter().filter(|test| !test.negated) {
            if let Some(value) = test.any.first()
                && draft.row.get(test.at).is_empty()
            {
                draft.row.set(test.at, crate::headers::shown(value));
            }
        }
        for (path, from) in &with.section.set {
            let levels = match from {
                SetFrom::Around { list, .. } => with.plan.has_levels(*list),
                SetFrom::Below { .. } => true,
                _ => false,
            };
            if levels {
                draft.noted.extend(self.value_at(with.object, path));
            }
        }
        let fits = !draft.unfit && self.holds(with.section, &draft);
        fits.then_some(draft)
    }

    /// Whether the cells are what the section's tests ask for.
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
        // What is written when the paths have nothing.
        let mut fixed = None;
        for target in &rule.targets {
            match target {
                Target::Nowhere(_) | Target::Else(..) | Target::Beside(..) => {}
                Target::Ordinal => fixed = fixed.or_else(|| self.ordinal(with)),
                Target::Literal(text) => fixed = fixed.or(Some(text.to_string())),
                Target::Message(whole) => {
                    let stated = self.whole(*whole);
                    let counts =
                        matches!(whole, Whole::Currency | Whole::Levels | Whole::Documents);
                    draft.fresh |= counts && stated.is_some() && with.mode == Mode::First;
                    fixed = fixed.or(stated);
                }
                Target::If(text, path) => {
                    let there = self.value_at(with.object, path).is_some();
                    fixed = fixed.or(there.then(|| text.to_string()));
                }
                Target::Path(path, function) => {
                    let Some(path) = path.with_values(|at| draft.row.get(at).to_owned()) else {
                        continue;
                    };
                    let path = path.as_ref();
                    match function {
                        Function::Plain
                        | Function::Codes(_)
                        | Function::Unit(_)
                        | Function::Basis(_)
                        | Function::Add
                        | Function::Size
                        | Function::Scac
                        | Function::Sscc => {
                            choices.extend(self.choice(
                                with,
                                rule,
                                (path, function),
                                address,
                                draft,
                            ));
                        }
                        Function::Count | Function::Sum => {
                            self.tally(with, rule, (path, function), address, draft)
                        }
                        _ => self.spread(with, rule, (path, function), address, draft),
                    }
                }
            }
        }
        let choice = choices
            .iter()
            .rev()
            .find(|(code, _)| self.agrees(with, rule, code, &draft.row))
            .or_else(|| choices.first());
        if let Some((code, _)) = choice {
            let contradicts = |test: &Test| {
                test.at == address
                    && test.any.iter().any(|want| **want == *code.as_bytes()) == test.negated
            };
            if with.section.tests.iter().any(contradicts) {
                draft.unfit = true;
                return;
            }
            let new = choices
                .iter()
                .any(|(_, node)| self.takes(with, *node) && !draft.noted.contains(node));
            if new || !draft.row.get(address).is_empty() {
                draft.row.set(address, code.clone());
                draft.fresh |= new && with.mode == Mode::First;
                let agreeing = rule
                    .targets
                    .iter()
                    .filter_map(|target| self.agreement(with, target, code, &draft.row))
                    .filter_map(|(node, agrees)| agrees.then_some(node));
                draft.used.extend(agreeing);
                draft.used.extend(choices.iter().map(|(_, node)| *node));
            }
        }
        if let Some(fixed) = fixed.filter(|_| draft.row.get(address).is_empty()) {
            draft.row.set(address, fixed);
        }
        for target in &rule.targets {
            match target {
                Target::Path(path, Function::Entry(members)) => {
                    self.note_entry(with, (path, members), address, draft);
                }
                Target::Path(path, Function::Codes(table)) => {
                    self.note_word(with, (path, *table), address, draft);
                }
                _ => {}
            }
        }
    }

    /// A word that follows from the cell's code is said by it, also where it has no code of its own.
    fn note_word(
        &self,
        with: Composing<'_>,
        (path, table): (&Path, u16),
        address: Address,
        draft: &mut Draft,
    ) {
        let start = if path.from_root {
            self.root
        } else {
            with.object
        };
        let owner = self.tree.look(start, path);
        let node = owner.and_then(|owner| self.tree.child(owner, path.member));
        let table = with.plan.tables.get(usize::from(table));
        let word = table.and_then(|table| translate(table, draft.row.get(address).as_bytes()));
        if let (Some(node), Some(word)) = (node, word)
            && !draft.row.get(address).is_empty()
            && word == self.text(node)
        {
            draft.noted.push(node);
        }
    }

    /// The item's place in its list, from 1.
    fn ordinal(&self, with: Composing<'_>) -> Option<String> {
        let each = with.section.each.as_ref()?;
        let owner = self.tree.look(self.root, each)?;
        let list = self.tree.child(owner, each.member)?;
        let place = self
            .tree
            .children(list)
            .position(|item| item == with.object)?;
        Some((place + 1).to_string())
    }

    /// What an item of a list says is said by the cell that has the same.
    fn note_entry(
        &self,
        with: Composing<'_>,
        (path, members): (&Path, &[Box<str>]),
        address: Address,
        draft: &mut Draft,
    ) {
        let (Some(owner), Kind::Object(kind)) = (self.owner(with, path, draft), path.kind) else {
            return;
        };
        let Some(list) = self.tree.child(owner, path.member) else {
            return;
        };
        for name in members {
            let Some((member, _)) = model().member(kind, name) else {
                continue;
            };
            let said = self
                .tree
                .children(list)
                .filter_map(|item| self.tree.child(item, member))
                .filter(|value| self.text(*value) == draft.row.get(address));
            draft.noted.extend(said);
        }
    }

    /// Whether the currency of an amount is that of the document, which says it elsewhere, or none.
    fn is_stated(&self, with: Composing<'_>, path: &Path, text: &str) -> bool {
        let own = model()
            .member(with.plan.root, "currency")
            .and_then(|(member, _)| self.tree.child(self.root, member));
        let stated = match own {
            Some(own) => Some(self.text(own)),
            None => self.currency.clone().filter(|_| with.plan.states_currency),
        };
        text == "XXX" || (!path.steps.is_empty() && stated.as_deref() == Some(text))
    }

    /// What is said of the message as a whole.
    fn whole(&self, whole: Whole) -> Option<String> {
        let text = match whole {
            Whole::Currency => self.currency.clone()?,
            Whole::Date => self.style.date.clone(),
            Whole::Time => self.style.time.clone(),
            Whole::Number => self.style.number.clone(),
            Whole::Levels => self.levels.to_string(),
            Whole::Documents => self.documents.to_string(),
        };
        Some(text).filter(|text| !text.is_empty())
    }

    /// The currency of the first amount of an object; none for what stands for no currency.
    pub(super) fn currency_below(&self, object: NodeId) -> Option<String> {
        let kind = match self.tree.shape(object) {
            Shape::Object(kind) => Some(kind),
            Shape::List => None,
            Shape::Value => return None,
        };
        let own = kind
            .and_then(|kind| model().member(kind, "currency"))
            .and_then(|(member, _)| self.tree.child(object, member))
            .map(|node| self.text(node))
            .filter(|code| code != "XXX");
        own.or_else(|| {
            self.tree
                .children(object)
                .find_map(|child| self.currency_below(child))
        })
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
        if is_basis(path) && self.is_one_beside(with, owner) {
            draft.noted.push(member);
            return None;
        }
        if path.kind == Kind::Currency && self.is_stated(with, path, &self.text(member)) {
            draft.noted.push(member);
            return None;
        }
        if matches!(function, Function::Unit(_)) && self.text(member) == "ZZ" {
            draft.noted.push(member); // the same as no unit; what was received stands beside it
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
    fn agrees(&self, with: Composing<'_>, rule: &Rule, code: &str, row: &Row) -> bool {
        rule.targets
            .iter()
            .filter_map(|target| self.agreement(with, target, code, row))
            .all(|(_, agrees)| agrees)
    }

    /// The value of a target, and whether a code gives the same when it is read again.
    fn agreement(
        &self,
        with: Composing<'_>,
        target: &Target,
        code: &str,
        row: &Row,
    ) -> Option<(NodeId, bool)> {
        let Target::Path(path, function) = target else {
            return None;
        };
        let path = path.with_values(|at| row.get(at).to_owned())?;
        let node = self.value_at(with.object, &path)?;
        let table = |table: &u16| with.plan.tables.get(usize::from(*table));
        let agrees = match function {
            Function::Codes(name) => table(name)
                .and_then(|table| translate(table, code.as_bytes()))
                .is_some_and(|word| word == self.text(node)),
            Function::Unit(name) => {
                let listed = table(name).and_then(|table| table.listed(code.as_bytes()));
                let unit = self.text(node);
                listed.unwrap_or(code) == unit || (unit == "ZZ" && listed.is_none())
            }
            Function::Plain if path.kind == Kind::Text => code == self.text(node),
            _ => true,
        };
        Some((node, agrees))
    }

    /// The value at a path from an object.
    pub(super) fn value_at(&self, object: NodeId, path: &Path) -> Option<NodeId> {
        let start = if path.from_root { self.root } else { object };
        let owner = self.tree.look(start, path)?;
        self.tree.child(owner, path.member)
    }

    /// Values that a section sets when it reads: said by the place itself.
    fn note_settings(&self, with: Composing<'_>, draft: &mut Draft) {
        // What stands for want of better is only left out where all of it is so.
        let differs = |(path, from): &(Path, SetFrom)| {
            let SetFrom::Else(text) = from else {
                return false;
            };
            let node = self.value_at(with.object, path);
            node.is_none_or(|node| self.text(node) != **text)
        };
        let other = with.section.set.iter().any(differs);
        for (path, from) in &with.section.set {
            let Some(node) = self.value_at(with.object, path) else {
                continue;
            };
            let said = match from {
                SetFrom::Literal(text) => self.text(node) == **text,
                SetFrom::Else(_) => !other,
                SetFrom::Copy(from, table) => {
                    self.is_copy(with.plan, with.object, node, (from, *table))
                }
                SetFrom::Around { .. }
                | SetFrom::Below { .. }
                | SetFrom::Ordinal
                | SetFrom::Sender { .. } => false,
            };
            if said {
                draft.noted.push(node);
            }
        }
    }

    /// Whether a value is what a copy from a path would give.
    pub(super) fn is_copy(
        &self,
        plan: &Plan,
        object: NodeId,
        node: NodeId,
        (from, table): (&Path, Option<u16>),
    ) -> bool {
        let Some(source) = self.value_at(object, from).map(|node| self.text(node)) else {
            return false;
        };
        let table = table.and_then(|table| plan.tables.get(usize::from(table)));
        match table {
            Some(table) => {
                translate(table, source.as_bytes()).is_some_and(|word| word == self.text(node))
            }
            None => source == self.text(node),
        }
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

    /// Whether a quantity is what a price is for, and that is one of the line's unit: said by saying nothing.
    fn is_one_beside(&self, with: Composing<'_>, quantity: NodeId) -> bool {
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
            && part("unit") == self.unit_beside(with.object)
    }

    /// The unit of the quantity of the object at hand.
    fn unit_beside(&self, object: NodeId) -> Option<String> {
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
        // A sum is only written where the document states it, or has no place for it.
        let stated = |target: &Target| match target {
            Target::Path(path, Function::Plain) => Some(self.value_at(with.object, path).is_some()),
            _ => None,
        };
        let wanted = rule.targets.iter().find_map(stated).unwrap_or(true);
        if *function == Function::Sum && !wanted {
            return;
        }
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
        let node = if path.member == Path::SELF {
            Some(owner)
        } else {
            self.tree.child(owner, path.member)
        };
        let Some(node) = node else {
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
            Function::Stores {
                qualifier,
                table,
                unit,
                units,
            } => self.store(
                with,
                node,
                (address, rule.first),
                (*qualifier, *table),
                (*unit, *units),
                draft,
            ),
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
