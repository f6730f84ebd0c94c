//! A mapping compiled against its message's structure and the canonical model: what reading and writing run on.
//! Names are looked up here and nowhere later.
//! Invariant: every path, place, table and word of a plan exists.

use std::collections::HashMap;
use std::sync::Arc;

use canonical::entity::EntityKind;
use canonical::model::{Kind, ObjectId, model};

use crate::dictionary::{Dictionary, ElementType, Structure, UseKind};
use crate::segment::Tag;

use super::function::{CodeTable, Function};
use super::language::{Address, Levels, MapError, RuleSource, SectionSource, Source};
use super::path::Path;
use super::place::{self, Test};

/// A compiled mapping of one set or message of one version.
#[derive(Debug)]
pub struct Plan {
    pub(super) kind: EntityKind,
    pub(super) root: ObjectId,
    pub(super) structure: Arc<Structure>,
    /// The loop of which each repetition is a document.
    pub(super) document: Option<u16>,
    pub(super) sections: Vec<Section>,
    /// The sections of each node, the most exact first.
    pub(super) by_node: Vec<Vec<u16>>,
    pub(super) tables: Vec<CodeTable>,
    pub(super) defaults: Vec<Default>,
    /// Only for reading.
    pub(super) reads_only: bool,
    /// Some element says the currency of amounts that state none.
    pub(super) states_currency: bool,
    /// Places and elements with `?` that this version does not have.
    #[cfg(test)]
    pub(super) lacking: Vec<String>,
}

impl Plan {
    /// Whether one message holds several documents.
    #[must_use]
    pub fn has_several(&self) -> bool {
        self.document.is_some()
    }

    /// Whether documents can be written by it.
    #[must_use]
    pub fn writes(&self) -> bool {
        !self.reads_only
    }

    /// Whether the items of a list of the document's top are levels of a hierarchy.
    pub(super) fn has_levels(&self, list: u16) -> bool {
        self.sections.iter().any(|section| {
            let each = section.each.as_ref().filter(|each| each.list);
            section.tree.is_some() && each.is_some_and(|each| each.member == list)
        })
    }

    /// The entity that its documents are.
    #[must_use]
    pub fn kind(&self) -> EntityKind {
        self.kind
    }
}

/// A place and what its elements mean.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) place: Box<str>,
    /// The sections that the loop around must have been entered by; any will do where there are none.
    pub(super) within: Vec<u16>,
    pub(super) tests: Box<[Test]>,
    /// Only behind a certain segment of the message.
    behind: bool,
    pub(super) before: Option<Before>,
    /// Not where such a segment stands beside it, in the loop around.
    pub(super) unless: Option<Absent>,
    /// Not where such a segment stands inside the loop that it opens.
    pub(super) without: Option<Absent>,
    /// Only read: what it says is written elsewhere.
    pub(super) reads_only: bool,
    /// Only written when the document has something at the path, from the object around; or has nothing.
    pub(super) when: Option<(Path, bool)>,
    /// The list that gets an item, from the object around.
    pub(super) each: Option<Path>,
    pub(super) tree: Option<Levels>,
    /// The object that the rules fill: an item of `each`, or the object around.
    pub(super) object: ObjectId,
    pub(super) set: Vec<(Path, SetFrom)>,
    pub(super) rules: Vec<Rule>,
}

impl Section {
    /// Whether it says on which day the message is written, and nothing of the document.
    pub(super) fn says_date(&self) -> bool {
        let date = |rule: &Rule| matches!(rule.targets.as_ref(), [Target::Message(Whole::Date)]);
        self.is_fixed() && self.rules.iter().any(date)
    }

    /// Whether it writes the same whatever the document says.
    pub(super) fn is_fixed(&self) -> bool {
        let fixed = |rule: &Rule| {
            matches!(
                rule.targets.as_ref(),
                [Target::Literal(_) | Target::Message(Whole::Date)]
            )
        };
        self.each.is_none() && !self.rules.is_empty() && self.rules.iter().all(fixed)
    }

    /// How much it asks for.
    fn exactness(&self) -> usize {
        let asks = [
            self.behind,
            self.before.is_some(),
            self.unless.is_some(),
            self.without.is_some(),
        ];
        self.tests.len() * 8 + asks.into_iter().filter(|asks| *asks).count()
    }
}

/// What the next segment must be, or not be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Before {
    pub(super) tag: Tag,
    pub(super) negated: bool,
}

/// A segment that must not be there.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Absent {
    pub(super) tag: Tag,
    pub(super) tests: Box<[Test]>,
}

/// Where a value comes from that no element states.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum SetFrom {
    /// A fixed word or text.
    Literal(Box<str>),
    /// A fixed word or text, when in the end nothing else has stated it.
    Else(Box<str>),
    /// The item's place in its list, from 1.
    Ordinal,
    /// A member of the nearest item of that list around, by the hierarchy where there is one.
    Around { list: u16, member: u16 },
    /// A member of the only item of that list right below in the hierarchy.
    Below { list: u16, member: u16 },
    /// A member of the document's top, or of the object around; its word by a table where there is one.
    Copy(Path, Option<u16>),
    /// The interchange's sender: a list of parties with it in this role, or the place that it is.
    Sender { role: Box<str> },
}

/// What is set where a document does not state it.
#[derive(Debug)]
pub(super) struct Default {
    /// The list of which each item gets it.
    pub(super) list: Option<u16>,
    pub(super) path: Path,
    pub(super) from: SetFrom,
}

/// What an element, or a run of them, means.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) first: Address,
    pub(super) last: Address,
    /// Decimals that the element's type implies.
    pub(super) decimals: u8,
    /// Whether the element has components in this version.
    pub(super) composite: bool,
    /// Most characters the element takes.
    pub(super) width: u32,
    pub(super) targets: Box<[Target]>,
}

/// Where a value goes.
#[derive(Debug)]
pub(super) enum Target {
    /// Nowhere: it says nothing that the document does not say. Any value, or one of these.
    Nowhere(Box<[Box<str>]>),
    /// Nowhere when it is this, which is what is written.
    Literal(Box<str>),
    /// The same, but only written beside another element.
    Beside(Box<str>, Address),
    /// Nowhere when it is this, which is written when the document has something at the path.
    If(Box<str>, Path),
    /// To a path.
    Path(Path, Function),
    /// To a path, when nothing else has stated it in the end. Not written.
    Else(Path, Function),
    /// To what is said of the message as a whole.
    Message(Whole),
    /// Nowhere; written is the place of the item in its list, from 1.
    Ordinal,
}

/// What a message as a whole has that is no member of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whole {
    /// The currency of every amount whose document has no member for it.
    Currency,
    /// The day on which the message is written; nothing when it is read.
    Date,
    /// The time of day at which it is written; nothing when it is read.
    Time,
    /// The number under which it is sent; nothing when it is read.
    Number,
    /// How many levels its hierarchy has: checked when it is read, counted when it is written.
    Levels,
    /// How many documents it holds, likewise.
    Documents,
}

/// What a compilation needs to know.
pub(super) struct Compiler<'a> {
    pub(super) source: Source,
    pub(super) structure: Arc<Structure>,
    pub(super) dictionary: &'a Dictionary,
    pub(super) names: HashMap<String, u16>,
}

impl Compiler<'_> {
    pub(super) fn compile(mut self) -> Result<Plan, MapError> {
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
            sections: Vec::new(),
            by_node: vec![Vec::new(); self.structure.nodes.len()],
            structure: Arc::clone(&self.structure),
            tables,
            defaults: Vec::new(),
            reads_only: self.source.reads_only,
            states_currency: false,
            #[cfg(test)]
            lacking: Vec::new(),
        };
        if !self.source.document.is_empty() {
            plan.document = Some(
                self.document_loop()
                    .map_err(|message| top("document", message))?,
            );
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
        let unless = absent(&source.unless).map_err(|message| wrong("unless", message))?;
        let without = absent(&source.without).map_err(|message| wrong("without", message))?;
        let when = match source
            .when
            .strip_prefix('!')
            .map_or((source.when.as_str(), true), |path| (path, false))
        {
            ("", _) => None,
            (path, there) => Some((
                Path::read(path, around, plan.root).map_err(|message| wrong("when", message))?,
                there,
            )),
        };
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
        Ok(Rule {
            first: source.first,
            last,
            decimals,
            composite: components.is_some(),
            width,
            targets: targets.into(),
        })
    }

    fn target(&self, plan: &Plan, text: &str, object: ObjectId) -> Result<Target, String> {
        if let Some(values) = text.strip_prefix('-') {
            let values = values.trim().split('|').filter(|value| !value.is_empty());
            return Ok(Target::Nowhere(values.map(Box::from).collect()));
        }
        if text == "#" {
            return Ok(Target::Ordinal);
        }
        if let Some(literal) = text
            .strip_prefix('\'')
            .and_then(|rest| rest.strip_suffix('\''))
        {
            return Ok(Target::Literal(literal.into()));
        }
        if let Some((literal, at)) = text
            .strip_prefix('\'')
            .and_then(|rest| rest.split_once("' with "))
        {
            let at = Address::read(at).ok_or_else(|| format!("{at:?} is no element"))?;
            return Ok(Target::Beside(literal.into(), at));
        }
        if let Some((literal, path)) = text
            .strip_prefix('\'')
            .and_then(|rest| rest.split_once("' if "))
        {
            return Ok(Target::If(
                literal.into(),
                Path::read(path, object, plan.root)?,
            ));
        }
        if let Some(path) = text.strip_prefix("else ") {
            return match self.target(plan, path, object)? {
                Target::Path(path, function) => Ok(Target::Else(path, function)),
                _ => Err("expected a path behind else".to_owned()),
            };
        }
        if let Some(whole) = text.strip_prefix('@') {
            return match whole {
                "currency" => Ok(Target::Message(Whole::Currency)),
                "date" => Ok(Target::Message(Whole::Date)),
                "time" => Ok(Target::Message(Whole::Time)),
                "number" => Ok(Target::Message(Whole::Number)),
                "levels" => Ok(Target::Message(Whole::Levels)),
                "documents" => Ok(Target::Message(Whole::Documents)),
                _ => Err(
                    "there are @currency, @date, @time, @number, @levels, @documents".to_owned(),
                ),
            };
        }
        let (path, function) = text.split_once('|').unwrap_or((text, ""));
        let function = Function::read(function.trim(), &self.names)?;
        let path = path.trim();
        // A count or a sum is of a list of which no item is named.
        if matches!(function, Function::Sum | Function::Count) {
            let (list, _) = path.split_once('.').unwrap_or((path, ""));
            return Ok(Target::Path(Path::read(list, object, plan.root)?, function))
                .and_then(|target| sum(target, path));
        }
        let path = Path::read(path, object, plan.root)?;
        if path.member == Path::SELF && !matches!(function, Function::Member { .. }) {
            return Err("the object itself takes no value: . | member QUALIFIER TABLE".to_owned());
        }
        let words = match (&function, path.kind) {
            (Function::Codes(table), Kind::Words(words)) => Some((table, model().words(words))),
            (Function::Plain, Kind::Words(_)) => {
                return Err("a code becomes a word by a table: | codes TABLE".to_owned());
            }
            _ => None,
        };
        if let Some((table, words)) = words
            && let Some(table) = plan.tables.get(usize::from(*table))
            && let Some(unknown) = table.words().find(|word| !words.contains(word))
        {
            return Err(format!(
                "the table {} has {unknown:?}, which is none of {}",
                table.name,
                words.join(", ")
            ));
        }
        Ok(Target::Path(path, function))
    }

    fn set_from(&self, text: &str, object: ObjectId, root: ObjectId) -> Result<SetFrom, String> {
        if let Some(literal) = text
            .strip_prefix('\'')
            .and_then(|rest| rest.strip_suffix('\''))
        {
            return Ok(SetFrom::Literal(literal.into()));
        }
        if let Some(literal) = text
            .strip_prefix("else '")
            .and_then(|rest| rest.strip_suffix('\''))
        {
            return Ok(SetFrom::Else(literal.into()));
        }
        if let Some(path) = text.strip_prefix('^') {
            let (list, member) = member_of_list(path, root)?;
            return Ok(SetFrom::Around { list, member });
        }
        if let Some(path) = text.strip_prefix('>') {
            let (list, member) = member_of_list(path, root)?;
            return Ok(SetFrom::Below { list, member });
        }
        match text {
            "#" => Ok(SetFrom::Ordinal),
            "sender" => Ok(SetFrom::Sender { role: "".into() }),
            path if path.starts_with("sender ") => Ok(SetFrom::Sender {
                role: path.trim_start_matches("sender ").into(),
            }),
            path => {
                let (path, table) = match path.split_once(" | codes ") {
                    Some((path, name)) => {
                        let table = self.names.get(name).copied();
                        (
                            path,
                            Some(table.ok_or_else(|| format!("there is no code table {name:?}"))?),
                        )
                    }
                    None => (path, None),
                };
                Ok(SetFrom::Copy(Path::read(path, object, root)?, table))
            }
        }
    }

    /// A default of the document, or of each item of one of its lists.
    fn default(&self, target: &str, value: &str, root: ObjectId) -> Result<Default, String> {
        let (name, rest) = target.split_once('.').unwrap_or((target, ""));
        let list = model()
            .member(root, name)
            .filter(|(_, found)| found.list && !rest.is_empty());
        let (list, object, path) = match list {
            Some((place, found)) => match found.kind {
                Kind::Object(item) => (Some(place), item, rest),
                _ => return Err(format!("{name} has no members")),
            },
            None => (None, root, target),
        };
        Ok(Default {
            list,
            path: Path::read(path, object, root)?,
            from: self.set_from(value, object, root)?,
        })
    }

    /// How many components a composite element has in this version.
    fn components(&self, tag: Tag, element: u8) -> Option<u8> {
        let spec = self.dictionary.segment(tag)?;
        match spec.elements.get(usize::from(element) - 1)?.kind {
            UseKind::Composite(index) => {
                u8::try_from(self.dictionary.composite(index).components.len()).ok()
            }
            UseKind::Simple(_) => None,
        }
    }

    /// The implied decimals and the width of an element, which must exist.
    fn element(&self, tag: Tag, at: Address) -> Result<(u8, u32), String> {
        let Some(spec) = self.dictionary.segment(tag) else {
            return Err(format!("the dictionary has no segment {tag}"));
        };
        let place = usize::from(at.element) - 1;
        let Some(used) = spec.elements.get(place) else {
            return Err(format!("{tag} has {} elements", spec.elements.len()));
        };
        let element = match used.kind {
            UseKind::Simple(_) if at.component > 1 => {
                return Err(format!(
                    "element {:02} of {tag} has no components",
                    at.element
                ));
            }
            UseKind::Simple(element) => element,
            UseKind::Composite(composite) => {
                let component = usize::from(at.component.max(1)) - 1;
                let components = &self.dictionary.composite(composite).components;
                let used = components
                    .get(component)
                    .ok_or_else(|| format!("{} has {} components", used.id, components.len()))?;
                match used.kind {
                    UseKind::Simple(element) => element,
                    UseKind::Composite(_) => return Ok((0, u32::MAX)),
                }
            }
        };
        let element = self.dictionary.element(element);
        let decimals = match element.kind {
            ElementType::N(decimals) => decimals,
            ElementType::Id
            | ElementType::An
            | ElementType::Dt
            | ElementType::Tm
            | ElementType::R
            | ElementType::B
            | ElementType::EdifactAn
            | ElementType::EdifactA
            | ElementType::EdifactN => 0,
        };
        Ok((decimals, element.max))
    }
}

/// A sum's path ends at a member of the list's items.
fn sum(target: Target, text: &str) -> Result<Target, String> {
    let Target::Path(list, function) = target else {
        return Ok(target);
    };
    let Kind::Object(item) = list.kind else {
        return Err("expected a list".to_owned());
    };
    if function == Function::Count {
        return Ok(Target::Path(list, function));
    }
    let (_, rest) = text
        .split_once('.')
        .ok_or("expected a member of the list's items")?;
    let mut inner = Path::read(rest, item, item)?;
    let mut steps = vec![super::path::Step::Item {
        member: list.member,
        object: item,
        selectors: Arc::default(),
    }];
    steps.extend(inner.steps);
    inner.steps = steps.into();
    inner.from_root = list.from_root;
    Ok(Target::Path(inner, function))
}

/// The sections that can stand around a place, and the object that they fill.
fn surroundings(plan: &Plan, text: &str) -> Result<(Vec<u16>, ObjectId), String> {
    let mut outer = place::outer(text);
    while !outer.is_empty() {
        let same = |exact: bool| {
            plan.sections.iter().zip(0..).filter(move |(section, _)| {
                if exact {
                    section.place.as_ref() == outer
                } else {
                    place::plain(&section.place) == outer
                }
            })
        };
        let exact: Vec<u16> = same(true).map(|(_, number)| number).collect();
        let found: Vec<(&Section, u16)> = if outer == place::plain(outer) {
            same(false).collect()
        } else {
            same(true).collect()
        };
        if let Some((first, _)) = found.first() {
            if found
                .iter()
                .any(|(section, _)| section.object != first.object)
            {
                if let Some((section, _)) = same(true).next() {
                    return Ok((exact, section.object));
                }
                let names: Vec<&str> = found
                    .iter()
                    .map(|(section, _)| section.place.as_ref())
                    .collect();
                return Err(format!(
                    "{outer} fills different objects: say which of {}",
                    names.join(", ")
                ));
            }
            return Ok((
                found.iter().map(|(_, number)| *number).collect(),
                first.object,
            ));
        }
        if outer != place::plain(outer) {
            return Err(format!("there is no [{outer}] that it could stand in"));
        }
        outer = place::outer(outer);
    }
    Ok((Vec::new(), plan.root))
}

/// The tag that the next segment must have, or after `!` must not.
fn before(text: &str) -> Option<Before> {
    let (tag, negated) = text
        .strip_prefix('!')
        .map_or((text, false), |tag| (tag, true));
    (!tag.is_empty()).then(|| Before {
        tag: Tag::new(tag.as_bytes()),
        negated,
    })
}

/// `PRI[01.1=AAA]`: a segment that must not be there.
fn absent(text: &str) -> Result<Option<Absent>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let mut parts = place::read(text)?;
    match (parts.pop(), parts.is_empty()) {
        (Some(part), true) if part.loop_id.is_none() && part.behind.is_none() => Ok(Some(Absent {
            tag: part.tag,
            tests: part.tests,
        })),
        _ => Err("expected one segment, as in PRI[01.1=AAA]".to_owned()),
    }
}

/// `orders.order_id`: a list of the document and a member of its items.
fn member_of_list(path: &str, root: ObjectId) -> Result<(u16, u16), String> {
    let (list, member) = path.split_once('.').ok_or("expected list.member")?;
    let (list, found) = model().member(root, list).ok_or("no such list")?;
    let Kind::Object(item) = found.kind else {
        return Err("expected a list of objects".to_owned());
    };
    let (member, _) = model()
        .member(item, member)
        .ok_or("its items have no such member")?;
    Ok((list, member))
}

fn index(place: usize) -> u16 {
    u16::try_from(place).unwrap_or(u16::MAX)
}
