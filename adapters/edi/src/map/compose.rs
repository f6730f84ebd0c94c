//! One segment from an object by a section's rules: the inverse of `apply`.
//! Decides nothing about order; what it used of the document it says, so that nothing is written twice or forgotten.
//! Invariant: a value is used up only when its segment is written.

mod choice;
mod draft;
mod numberings;
mod stated;
mod stores;
mod texts;

use canonical::model::{Kind, model};

use crate::segment::Tag;

pub(super) use draft::{Composing, Draft, Mode};

use super::apply::translate;
use super::function::Function;
use super::language::Address;
use super::path::{Path, Step};
use super::place::Test;
use super::plan::{Plan, Rule, Section, SetFrom, Target, Whole};
use super::row::Row;
use super::tree::NodeId;
use super::write::Writing;

impl Writing {
    /// The segment of a section for an object; none when its tests do not hold.
    pub(super) fn compose(&self, with: Composing<'_>, tag: Tag) -> Option<Draft> {
        let mut draft = Draft::new(tag);
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
        // What is chosen by the value of another element comes after that.
        for asks in [false, true] {
            let rules = with.section.rules.iter();
            for rule in rules.filter(|rule| rule.asks_beside() == asks) {
                for &address in &rule.run {
                    self.cell(with, rule, address, &mut draft);
                }
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
        let fits =
            !draft.unfit && self.holds(with.section, &draft) && !self.is_claimed(with, &draft);
        fits.then_some(draft)
    }

    /// Whether the cells are what the section's tests ask for.
    pub(super) fn holds(&self, section: &Section, draft: &Draft) -> bool {
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
        let (choices, fixed) = self.candidates(with, rule, address, draft);
        self.fill(with, rule, address, &choices, draft);
        if draft.unfit {
            return;
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

    /// What the rule's paths have for a cell, with the values that say it, and what is written when they have nothing.
    fn candidates(
        &self,
        with: Composing<'_>,
        rule: &Rule,
        address: Address,
        draft: &mut Draft,
    ) -> (Vec<(String, NodeId)>, Option<String>) {
        let mut choices = Vec::new();
        let mut echoes = Vec::new();
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
                Target::Echo(path, function) => {
                    let mut aside = Draft::new(draft.row.tag);
                    let echo = self.choice(with, rule, (path, function), address, &mut aside);
                    echoes.extend(echo);
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
        let echo = self.agreeing(with, rule, &echoes, &draft.row);
        (choices, echo.map(|(code, _)| code.clone()).or(fixed))
    }

    /// Of several candidates the one that agrees with the row so far.
    fn agreeing<'c>(
        &self,
        with: Composing<'_>,
        rule: &Rule,
        choices: &'c [(String, NodeId)],
        row: &Row,
    ) -> Option<&'c (String, NodeId)> {
        let agrees = |choice: &&(String, NodeId)| self.agrees(with, rule, &choice.0, row);
        let last = choices.iter().rev().find(agrees);
        last.or_else(|| choices.first())
    }

    /// Fills a cell with the choice that agrees with the row so far; the draft is unfit where the section asks for another.
    fn fill(
        &self,
        with: Composing<'_>,
        rule: &Rule,
        address: Address,
        choices: &[(String, NodeId)],
        draft: &mut Draft,
    ) {
        if let Some((code, _)) = self.agreeing(with, rule, choices, &draft.row) {
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
                if !draft.row.set(address, code.clone()) {
                    return; // a sum or a count that is another than the document's
                }
                draft.fresh |= new && with.mode == Mode::First;
                let mut others = Vec::new();
                for target in &rule.targets {
                    match self.agreement(with, target, code, &draft.row) {
                        Some((node, true)) => draft.used.push(node),
                        Some((node, false)) => {
                            others.push(node);
                            let whole = matches!(target, Target::Path(path, _) if path.from_root);
                            if whole && !self.tree.is_used(node) {
                                draft.spoiled.push(node);
                            }
                        }
                        None => {}
                    }
                }
                let said = |node: &NodeId| !others.contains(node);
                draft
                    .used
                    .extend(choices.iter().map(|(_, node)| *node).filter(said));
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
        let cell = draft.row.get(address);
        let says = |item: NodeId, name: &str| {
            let (member, _) = model().member(kind, name)?;
            let value = self.tree.child(item, member)?;
            (self.text(value) == cell).then_some(value)
        };
        // A reader finds the item by its first member, or makes one with the value in all of them.
        let known = |item: &NodeId| {
            members
                .first()
                .is_some_and(|name| says(*item, name).is_some())
        };
        let said: Vec<NodeId> = self
            .tree
            .children(list)
            .filter(known)
            .flat_map(|item| members.iter().filter_map(move |name| says(item, name)))
            .collect();
        draft.noted.extend(said);
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
                | SetFrom::Above { .. }
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
