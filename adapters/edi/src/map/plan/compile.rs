//! Compiles a mapping: names become places, paths and tables, or a mistake at its key.
//! Knows nothing of messages.
//! Invariant: what compiles refers to nothing that does not exist.

use std::collections::HashMap;
use std::sync::Arc;

use canonical::entity::EntityKind;
use canonical::model::{Kind, ObjectId, model};

use crate::dictionary::{Dictionary, Node, Structure};
use crate::map::facts::{bit, facts};
use crate::map::function::{CodeTable, Function};
use crate::map::language::{Address, MapError, RuleSource, SectionSource, Source};
use crate::map::path::Path;
use crate::map::place;
use crate::segment::Tag;

use super::position::{asked, before, surroundings};
use super::{Part, Plan, Rule, Section, SetFrom, Target, Whole};

/// What a compilation needs to know.
pub(in crate::map) struct Compiler<'a> {
    pub(in crate::map) source: Source,
    pub(in crate::map) structure: Arc<Structure>,
    pub(in crate::map) dictionary: &'a Dictionary,
    pub(in crate::map) names: HashMap<String, u16>,
}

impl Compiler<'_> {
    pub(in crate::map) fn compile(mut self) -> Result<Plan, MapError> {
        let file = self.source.file.clone();
        let top = |key: &str, message: String| MapError::new(&file, "", key, message);
        let kind: EntityKind = self.source.entity.parse().map_err(|_unknown| {
            top(
                "entity",
                format!("{:?} is no canonical entity", self.source.entity),
            )
        })?;
        let root = model().root(kind);
        let mut tables = Vec::new();
        for (name, pairs) in &self.source.codes {
            self.names.insert(name.clone(), index(tables.len()));
            tables.push(CodeTable::new(name, pairs));
        }
        let mut plan = Plan {
            kind,
            root,
            document: None,
            needs: None,
            sections: Vec::new(),
            by_node: vec![Vec::new(); self.structure.nodes.len()],
            alike: alike(&self.structure),
            structure: Arc::clone(&self.structure),
            tables,
            defaults: Vec::new(),
            part: match self.source.part.as_str() {
                "" => None,
                "header" => Some(Part::Header),
                "trailer" => Some(Part::Trailer),
                _ => return Err(top("part", "expected header or trailer".to_owned())),
            },
            reads_only: self.source.reads_only,
            states_currency: false,
            others: Vec::new(),
            #[cfg(test)]
            lacking: Vec::new(),
        };
        if !self.source.document.is_empty() {
            plan.document = Some(
                self.document_loop()
                    .map_err(|message| top("document", message))?,
            );
        }
        if !self.source.needs.is_empty() {
            let path = Path::read(&self.source.needs, root, root);
            plan.needs = Some(path.map_err(|message| top("needs", message))?);
        }
        let mut sources = std::mem::take(&mut self.source.sections);
        sources.sort_by_key(|section| section.place.matches('/').count());
        for section in &sources {
            self.section(&mut plan, section)?;
        }
        for (target, value) in std::mem::take(&mut self.source.defaults) {
            for value in &value {
                let default = self
                    .default(&target, value, root)
                    .map_err(|message| MapError::new(&file, "default", &target, message))?;
                plan.defaults.push(default);
            }
        }
        let Plan {
            sections, by_node, ..
        } = &mut plan;
        for list in by_node {
            list.sort_by_key(|section| {
                let found = sections.get(usize::from(*section));
                std::cmp::Reverse(found.map_or(0, |section| section.exactness()))
            });
        }
        Ok(plan)
    }

    fn document_loop(&self) -> Result<u16, String> {
        let parts = place::read(&self.source.document)?;
        let nodes = place::nodes(&parts, &self.structure)?;
        let node = nodes
            .first()
            .and_then(|node| self.structure.nodes.get(usize::from(*node)));
        node.filter(|node| node.is_trigger)
            .and_then(|node| node.loop_index)
            .ok_or_else(|| "expected a loop".to_owned())
    }

    fn section(&self, plan: &mut Plan, source: &SectionSource) -> Result<(), MapError> {
        let wrong = |key: &str, message: String| {
            MapError::new(&self.source.file, &source.place, key, message)
        };
        let parts = place::read(&source.place).map_err(|message| wrong("", message))?;
        let nodes = match place::nodes(&parts, &self.structure) {
            Err(_missing) if source.shared => return Ok(()),
            Err(_missing) if source.optional => {
                #[cfg(test)]
                plan.lacking.push(source.place.clone());
                return Ok(());
            }
            found => found.map_err(|message| wrong("", message))?,
        };
        let (within, around) =
            surroundings(plan, &source.place).map_err(|message| wrong("", message))?;
        let each = match source.each.as_str() {
            "" => None,
            text => Some(
                self.each(text, around, plan.root)
                    .map_err(|message| wrong("each", message))?,
            ),
        };
        let object = match each.as_ref().map(|path| path.kind) {
            Some(Kind::Object(item)) => item,
            Some(_) => return Err(wrong("each", "its items are no objects".to_owned())),
            None => around,
        };
        let set = self
            .settings(source, object, plan.root)
            .map_err(|message| wrong("set", message))?;
        let part = parts.into_iter().next_back();
        let (tag, behind) = part
            .as_ref()
            .map_or((Tag::NONE, false), |part| (part.tag, part.behind.is_some()));
        let rules = self.rules(plan, source, tag, object)?;
        let unless = asked(&source.unless).map_err(|message| wrong("unless", message))?;
        let without = asked(&source.without).map_err(|message| wrong("without", message))?;
        let when =
            when(&source.when, around, plan.root).map_err(|message| wrong("when", message))?;
        let number = index(plan.sections.len());
        for node in nodes {
            if let Some(list) = plan.by_node.get_mut(usize::from(node)) {
                list.push(number);
            }
        }
        plan.sections.push(Section {
            place: source.place.as_str().into(),
            within,
            tests: part.map(|part| part.tests).unwrap_or_default(),
            behind,
            before: before(&source.before),
            unless,
            without,
            reads_only: source.reads_only,
            when,
            each,
            tree: source.tree,
            object,
            stated: stated(object, &set),
            set,
            rules,
        });
        Ok(())
    }

    fn settings(
        &self,
        source: &SectionSource,
        object: ObjectId,
        root: ObjectId,
    ) -> Result<Vec<(Path, SetFrom)>, String> {
        let one = |(target, value): &(String, String)| {
            let path = Path::read(target, object, root)?;
            Ok((path, self.set_from(value, object, root)?))
        };
        source.set.iter().map(one).collect()
    }

    fn rules(
        &self,
        plan: &mut Plan,
        source: &SectionSource,
        tag: Tag,
        object: ObjectId,
    ) -> Result<Vec<Rule>, MapError> {
        let mut rules = Vec::new();
        for rule in &source.rules {
            if rule.optional && self.element(tag, rule.first).is_err() {
                #[cfg(test)]
                plan.lacking.push(format!("{} {}", source.place, rule.key));
                continue;
            }
            let made = self.rule(plan, rule, tag, object);
            rules.push(made.map_err(|message| {
                MapError::new(&self.source.file, &source.place, &rule.key, message)
            })?);
        }
        Ok(rules)
    }

    fn each(&self, text: &str, around: ObjectId, root: ObjectId) -> Result<Path, String> {
        let path = Path::read(text, around, root)?;
        if path.list || matches!(path.kind, Kind::Object(_)) {
            Ok(path)
        } else {
            Err("expected a list of objects, or an object".to_owned())
        }
    }

    fn rule(
        &self,
        plan: &mut Plan,
        source: &RuleSource,
        tag: Tag,
        object: ObjectId,
    ) -> Result<Rule, String> {
        let mut targets = Vec::new();
        for text in &source.targets {
            targets.push(self.target(plan, text, object)?);
        }
        let (decimals, width) = self.element(tag, source.first)?;
        let currency = |target: &Target| {
            matches!(target, Target::Message(Whole::Currency))
                || matches!(target, Target::Path(path, _) if path.kind == Kind::Currency && path.steps.is_empty())
        };
        plan.states_currency |= targets.iter().any(currency);
        let components = self.components(tag, source.first.element);
        let mut last = source.last;
        last.component = last.component.min(components.unwrap_or(u8::MAX));
        let says_nothing = |target: &Target| match target {
            Target::Path(_, Function::Codes(table)) => {
                let table = plan.tables.get(usize::from(*table));
                table.is_some_and(|table| table.listed(b"none").is_some())
            }
            _ => false,
        };
        Ok(Rule {
            first: source.first,
            last,
            run: run(source.first, last),
            minds_nothing: targets.iter().any(says_nothing),
            decimals,
            composite: components.is_some(),
            width,
            targets: targets.into(),
        })
    }
}

/// The members that an item must have from its segments: what its section sets is there in the end.
fn stated(object: ObjectId, set: &[(Path, SetFrom)]) -> u64 {
    let own = set.iter().filter(|(path, _)| path.steps.is_empty());
    own.fold(facts(object).stated, |members, (path, _)| {
        members & !bit(path.member)
    })
}

/// The addresses of a run: of elements, or of the components of one.
fn run(first: Address, last: Address) -> Box<[Address]> {
    let component = match first.element == last.element {
        true => last.component.max(first.component),
        false => first.component,
    };
    (first.element..=last.element)
        .flat_map(|element| {
            (first.component..=component).map(move |component| Address { element, component })
        })
        .collect()
}

/// `path` or `!path`: what must be there, or must not.
fn when(text: &str, around: ObjectId, root: ObjectId) -> Result<Option<(Path, bool)>, String> {
    let (path, there) = text
        .strip_prefix('!')
        .map_or((text, true), |path| (path, false));
    if path.is_empty() {
        return Ok(None);
    }
    Ok(Some((Path::read(path, around, root)?, there)))
}

fn index(place: usize) -> u16 {
    u16::try_from(place).unwrap_or(u16::MAX)
}

/// For each node those that a person counts together with it: of its tag, in its loop, or opening loops beside its own.
fn alike(structure: &Structure) -> Vec<Box<[u16]>> {
    let around = |node: &Node| {
        let own = node.loop_index;
        let opened = own.filter(|_| node.is_trigger);
        let opened = opened.and_then(|index| structure.loops.get(usize::from(index)));
        (node.is_trigger, opened.map_or(own, |opened| opened.parent))
    };
    let nodes = structure.nodes.iter();
    let alike = |node: &Node| {
        let same = nodes.clone().filter(|other| other.tag == node.tag);
        let same = same.filter(|other| around(other) == around(node));
        same.map(|other| other.ordinal).collect()
    };
    nodes.clone().map(alike).collect()
}
