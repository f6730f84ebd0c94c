//! Writes canonical documents as one message by a plan: the structure's nodes in order, for each the sections that say something.
//! Writes no envelope: segments from the first behind the header to the last before the trailer.
//! Invariant: every value of a document is written once, or named in a finding.

use std::collections::HashMap;

use canonical::model::{Kind, ObjectId, model};

use crate::dictionary::{Dictionary, UseKind};
use crate::finding::{Finding, Place};
use crate::rule::Rule as Broken;
use crate::segment::Tag;
use crate::syntax::Syntax;
use crate::write::SegmentBuilder;

use super::compose::{Composing, Draft, Mode};
use super::language::Address;
use super::load::load;
use super::path::Path;
use super::plan::{Plan, Section, SetFrom};
use super::read::NONE;
use super::row::Row;
use super::tree::{NodeId, Shape, Tree, unquoted};

/// How values are written.
#[derive(Clone, Debug)]
pub struct Style {
    /// The syntax of the message.
    pub syntax: Syntax,
    /// The decimal mark in force.
    pub decimal: u8,
    /// The offset from UTC of times that state none: the partner's.
    pub offset: Option<String>,
    /// The day on which the message is written, `20260131`.
    pub date: String,
    /// The time of day, `0915`.
    pub time: String,
    /// The message's own number, where it is asked for one.
    pub number: String,
}

/// Writes messages.
#[derive(Debug)]
pub struct Writing {
    pub(super) tree: Tree,
    pub(super) root: NodeId,
    pub(super) style: Style,
    /// How much of growing texts and lists was written.
    pub(super) progress: HashMap<NodeId, usize>,
    composites: HashMap<(Tag, u8), bool>,
    pub(super) rows: Vec<Row>,
    /// How many levels of a hierarchy were written.
    pub(super) levels: usize,
    /// How many documents the message has.
    pub(super) documents: usize,
    /// The currency of the first amount of the message.
    pub(super) currency: Option<String>,
    findings: Vec<Finding>,
}

/// The loop that is written: where its nodes are, whose object it fills, and by which section.
#[derive(Clone, Copy, Debug)]
pub(super) struct Level {
    pub(super) loop_index: Option<u16>,
    pub(super) object: NodeId,
    pub(super) section: u16,
}

impl Writing {
    /// A writer for messages of a dictionary.
    #[must_use]
    pub fn new(style: Style) -> Self {
        Self {
            tree: Tree::default(),
            root: Tree::TOP,
            style,
            progress: HashMap::new(),
            composites: HashMap::new(),
            rows: Vec::new(),
            levels: 0,
            documents: 0,
            currency: None,
            findings: Vec::new(),
        }
    }

    /// Writes documents as one message, header and trailer left out. A mapping whose documents are a loop's repetitions
    /// takes several, which share what stands before the loop; any other takes one.
    ///
    /// What a document has and the message has no place for is a finding ([`Writing::take_findings`]).
    ///
    /// # Errors
    /// JSON that is no such document.
    pub fn write(
        &mut self,
        plan: &Plan,
        dictionary: &Dictionary,
        documents: &[&[u8]],
        each: &mut dyn FnMut(&SegmentBuilder),
    ) -> Result<(), serde_json::Error> {
        self.tree.clear();
        self.progress.clear();
        self.rows.clear();
        (self.levels, self.documents) = (0, documents.len());
        let mut roots = Vec::new();
        for json in documents {
            roots.push(load(&mut self.tree, plan.root, json)?);
        }
        for root in &roots {
            self.use_sender(plan, *root);
        }
        self.know_composites(plan, dictionary);
        if let Some(first) = roots.first() {
            self.root = *first;
            self.currency = self.currency_below(*first);
            self.level(
                plan,
                Level {
                    loop_index: None,
                    object: *first,
                    section: NONE,
                },
                &roots,
            );
        }
        for root in &roots {
            self.use_defaults(plan, *root);
            self.use_only_items(plan, *root);
            self.report(
                plan,
                *root,
                roots.first().copied().filter(|first| first != root),
            );
        }
        let mut builder = SegmentBuilder::default();
        for row in std::mem::take(&mut self.rows) {
            row.build(&mut builder);
            each(&builder);
        }
        Ok(())
    }

    /// What was found since the last call.
    pub fn take_findings(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.findings)
    }

    fn know_composites(&mut self, plan: &Plan, dictionary: &Dictionary) {
        for node in &plan.structure.nodes {
            let Some(spec) = dictionary.segment(node.tag) else {
                continue;
            };
            for (number, element) in (1_u8..).zip(&spec.elements) {
                let composite = matches!(element.kind, UseKind::Composite(_));
                self.composites.insert((node.tag, number), composite);
            }
        }
    }

    pub(super) fn is_composite(&self, tag: Tag, element: u8) -> bool {
        self.composites
            .get(&(tag, element))
            .copied()
            .unwrap_or_default()
    }

    /// The text of a value.
    pub(super) fn text(&self, node: NodeId) -> String {
        let json = self.tree.value(node);
        match unquoted(json) {
            Some(text) => crate::headers::shown(text),
            None if json.starts_with(b"\"") => serde_json::from_slice(json).unwrap_or_default(),
            None => crate::headers::shown(json),
        }
    }

    /// Writes the nodes of one loop, or of the message's top, and the loops within.
    fn level(&mut self, plan: &Plan, level: Level, documents: &[NodeId]) {
        let (mut node, last) = match level
            .loop_index
            .and_then(|index| plan.structure.loops.get(usize::from(index)))
        {
            Some(found) => (
                usize::from(found.first_node) + 1,
                usize::from(found.last_node),
            ),
            None => (1, plan.structure.nodes.len().saturating_sub(2)),
        };
        while node <= last {
            let Some(found) = plan.structure.nodes.get(node) else {
                break;
            };
            match found
                .loop_index
                .filter(|_| found.is_trigger && found.loop_index != level.loop_index)
            {
                Some(inner) => {
                    self.inner_loop(plan, level, inner, documents);
                    node = plan
                        .structure
                        .loops
                        .get(usize::from(inner))
                        .map_or(node, |found| usize::from(found.last_node))
                        + 1;
                }
                None => {
                    self.segments(plan, level, found.ordinal, found.max);
                    node += 1;
                }
            }
        }
    }

    fn inner_loop(&mut self, plan: &Plan, level: Level, inner: u16, documents: &[NodeId]) {
        if plan.document == Some(inner) {
            self.use_shared(documents);
            for root in documents {
                self.root = *root;
                let level = Level {
                    object: *root,
                    ..level
                };
                self.repetitions(plan, level, inner);
            }
            self.root = documents.first().copied().unwrap_or(self.root);
            return;
        }
        let trigger = plan
            .structure
            .loops
            .get(usize::from(inner))
            .map(|found| found.first_node);
        let sections = trigger.and_then(|node| plan.by_node.get(usize::from(node)));
        let tree = sections.is_some_and(|list| {
            list.iter().any(|number| {
                plan.sections
                    .get(usize::from(*number))
                    .is_some_and(|section| section.tree.is_some())
            })
        });
        if tree {
            self.hierarchy(plan, level, inner);
        } else {
            self.repetitions(plan, level, inner);
        }
    }

    /// Writes the repetitions of a loop: an item each, or one.
    pub(super) fn repetitions(&mut self, plan: &Plan, level: Level, inner: u16) {
        let Some(found) = plan.structure.loops.get(usize::from(inner)) else {
            return;
        };
        let mut written = 0;
        for (number, object) in self.turns(plan, level, found.first_node) {
            let section = plan.sections.get(usize::from(number));
            let mut mode = Mode::First;
            // A loop that is no item (RFF in NAD) comes again as long as it has something to say.
            while written < found.max && self.repetition(plan, inner, (number, object), (mode, &[]))
            {
                written += 1;
                mode = Mode::Again;
                if section.is_none_or(|section| section.each.is_some()) {
                    break;
                }
            }
        }
    }

    /// Which section writes which object at a node, in turn. Items of one list keep their order, whichever section writes them.
    fn turns(&self, plan: &Plan, level: Level, node: u16) -> Vec<(u16, NodeId)> {
        let numbers = self.sections_of(plan, level, node);
        let each = |number: &u16| {
            plan.sections
                .get(usize::from(*number))
                .and_then(|section| section.each.as_ref())
        };
        let mut turns: Vec<(usize, NodeId, u16)> = Vec::new();
        for (place, number) in numbers.iter().enumerate() {
            let Some(section) = plan.sections.get(usize::from(*number)) else {
                continue;
            };
            let list = each(number).filter(|path| path.list);
            let rank = numbers
                .iter()
                .position(|other| list.is_some() && each(other) == list)
                .unwrap_or(place);
            turns.extend(
                self.objects(plan, section, level.object)
                    .into_iter()
                    .map(|object| (rank, object, *number)),
            );
        }
        turns.sort_by_key(|(rank, object, _)| (*rank, *object));
        turns
            .into_iter()
            .map(|(_, object, number)| (number, object))
            .collect()
    }

    /// Writes one repetition of a loop, if it is the first or says something new; whether its first segment used something
    /// up. `preset` are cells that the caller knows.
    pub(super) fn repetition(
        &mut self,
        plan: &Plan,
        inner: u16,
        (number, object): (u16, NodeId),
        (mode, preset): (Mode, &[(Address, String)]),
    ) -> bool {
        let (Some(section), Some(found)) = (
            plan.sections.get(usize::from(number)),
            plan.structure.loops.get(usize::from(inner)),
        ) else {
            return false;
        };
        if !self.waits(section, object) {
            return false;
        }
        let begin = self.rows.len();
        let composing = Composing {
            plan,
            section,
            object,
            mode: Mode::First,
        };
        let Some(mut draft) = self.compose(composing, found.trigger) else {
            return false;
        };
        let unused = |node: &NodeId| !self.tree.is_used(*node);
        let uses = draft.used.iter().any(unused) || !draft.progress.is_empty();
        if mode == Mode::Again && !uses {
            return false;
        }
        for (at, value) in preset {
            draft.row.set(*at, value.clone());
        }
        let fresh = draft.fresh || !preset.is_empty();
        self.commit(draft);
        self.level(
            plan,
            Level {
                loop_index: Some(inner),
                object,
                section: number,
            },
            &[],
        );
        if !fresh && self.rows.len() == begin + 1 {
            self.rows.truncate(begin);
        }
        uses
    }

    /// The sections of a node that can stand in this loop, the most exact first.
    pub(super) fn sections_of(&self, plan: &Plan, level: Level, node: u16) -> Vec<u16> {
        let list = plan
            .by_node
            .get(usize::from(node))
            .cloned()
            .unwrap_or_default();
        let inside = |number: &u16| {
            plan.sections
                .get(usize::from(*number))
                .is_some_and(|section| {
                    let inside =
                        section.within.is_empty() || section.within.contains(&level.section);
                    inside && !section.reads_only
                })
        };
        list.into_iter().filter(inside).collect()
    }

    /// The objects that a section writes: the items of its list that are not written yet, or one object.
    pub(super) fn objects(&self, plan: &Plan, section: &Section, around: NodeId) -> Vec<NodeId> {
        if let Some((path, there)) = &section.when
            && self.value_at(around, path).is_some() != *there
        {
            return Vec::new();
        }
        let Some(each) = &section.each else {
            return vec![around];
        };
        let start = if each.from_root { self.root } else { around };
        let owner = self.tree.look(start, each);
        let Some(node) = owner.and_then(|owner| self.tree.child(owner, each.member)) else {
            return Vec::new();
        };
        if !each.list {
            return vec![node];
        }
        let free = |item: &NodeId| {
            self.is_free(*item, section.object) && self.is_set(plan, section, (*item, around))
        };
        self.tree.children(node).filter(free).collect()
    }

    /// Whether nothing that an item must have was written before.
    fn is_free(&self, item: NodeId, kind: ObjectId) -> bool {
        (0_u16..)
            .zip(model().members(kind))
            .filter(|(_, member)| member.required)
            .all(|(place, _)| {
                self.tree
                    .child(item, place)
                    .is_none_or(|node| !self.is_written(node))
            })
    }

    fn is_written(&self, node: NodeId) -> bool {
        match self.tree.shape(node) {
            Shape::Value => self.tree.is_used(node),
            Shape::Object(_) | Shape::List => {
                self.tree.children(node).any(|child| self.is_written(child))
            }
        }
    }

    /// Whether an item has what a section sets when it reads one.
    fn is_set(&self, plan: &Plan, section: &Section, (item, around): (NodeId, NodeId)) -> bool {
        section
            .set
            .iter()
            .filter(|(path, _)| !path.from_root)
            .all(|(path, from)| match from {
                SetFrom::Literal(text) => {
                    let node = self.value_at(item, path);
                    node.is_some_and(|node| self.text(node) == **text)
                }
                SetFrom::Around { list, member } => {
                    let stated = self.value_at(item, path).map(|node| self.text(node));
                    self.belongs(plan, stated, (*list, *member), around)
                }
                SetFrom::Ordinal
                | SetFrom::Else(_)
                | SetFrom::Below { .. }
                | SetFrom::Copy(..)
                | SetFrom::Sender { .. } => true,
            })
    }

    /// Whether an item that names a level of the hierarchy (its package) is written at it, and one that names none at none.
    fn belongs(
        &self,
        plan: &Plan,
        stated: Option<String>,
        (list, member): (u16, u16),
        around: NodeId,
    ) -> bool {
        let mut items = self.tree.child(self.root, list).into_iter();
        let inside = items.any(|list| self.tree.children(list).any(|item| item == around));
        if inside {
            let own = self.tree.child(around, member).map(|node| self.text(node));
            return stated == own;
        }
        !plan.has_levels(list) || stated.is_none()
    }

    /// Writes the segments of a node that opens no loop.
    fn segments(&mut self, plan: &Plan, level: Level, node: u16, max: u32) {
        let Some(found) = plan.structure.nodes.get(usize::from(node)) else {
            return;
        };
        let tag = found.tag;
        // A mandatory segment that says nothing but itself (UNS) is written all the same.
        let must = found.mandatory && level.loop_index.is_none();
        let mut written = 0;
        for (number, object) in self.turns(plan, level, node) {
            let Some(section) = plan
                .sections
                .get(usize::from(number))
                .filter(|section| self.waits(section, object))
            else {
                continue;
            };
            let mut mode = Mode::First;
            while written < max {
                let composing = Composing {
                    plan,
                    section,
                    object,
                    mode,
                };
                let says = |draft: &Draft| {
                    draft.fresh
                        || (must && section.is_fixed())
                        || (mode == Mode::First && section.says_date())
                };
                let Some(draft) = self.compose(composing, tag).filter(says) else {
                    break;
                };
                self.commit(draft);
                written += 1;
                mode = Mode::Again;
            }
        }
    }

    /// Whether an object is still to be written: another section may have written the item in its turn.
    fn waits(&self, section: &Section, object: NodeId) -> bool {
        list_of(section).is_none() || self.is_free(object, section.object)
    }

    /// Writes a segment: what it says is used up.
    pub(super) fn commit(&mut self, draft: Draft) {
        for node in draft.used.iter().chain(&draft.noted) {
            self.tree.use_up(*node);
        }
        self.progress.extend(draft.progress);
        if let Some((at, rule, text)) = draft.fault {
            let place = Place {
                tag: draft.row.tag,
                element: u16::from(at.element),
                component: u16::from(at.component),
                segment: u32::try_from(self.rows.len() + 2).unwrap_or(u32::MAX),
                ..Place::default()
            };
            let finding = Finding::new(rule, "the element cannot hold all of this value");
            self.findings.push(finding.found(text.as_bytes()).at(place));
        }
        self.rows.push(draft.row);
    }

    /// A finding about the document as a whole.
    pub(super) fn refuse(&mut self, what: String) {
        self.findings.push(Finding {
            severity: canonical::problem::Severity::Error,
            ..Finding::new(Broken::ElementUnwritable, what)
        });
    }

    /// What the segments before the documents' loop said of the first document they said of all that have the same.
    fn use_shared(&mut self, documents: &[NodeId]) {
        let Some((first, others)) = documents.split_first() else {
            return;
        };
        let members: Vec<NodeId> = self.tree.children(*first).collect();
        for said in members {
            let mut values = Vec::new();
            self.values_of(said, "", &mut values);
            if !values.iter().all(|(node, _, _)| self.tree.is_used(*node)) {
                continue;
            }
            for other in others {
                let mut same = Vec::new();
                if let Some(member) = self.tree.child(*other, self.tree.member_of(said)) {
                    self.values_of(member, "", &mut same);
                }
                let equal = values.len() == same.len()
                    && values
                        .iter()
                        .zip(&same)
                        .all(|((_, path, text), (_, other, same))| path == other && text == same);
                for (node, _, _) in same.into_iter().filter(|_| equal) {
                    self.tree.use_up(node);
                }
            }
        }
    }

    /// What is known of a party or a place only from the interchange that brought it is said by the interchange's sender.
    fn use_sender(&mut self, plan: &Plan, root: NodeId) {
        for default in &plan.defaults {
            if !matches!(default.from, SetFrom::Sender { .. }) {
                continue;
            }
            let Some(stated) = self.value_at(root, &default.path) else {
                continue;
            };
            let mut values = Vec::new();
            self.values_of(stated, "", &mut values);
            let from_envelope = values.iter().any(|(_, path, text)| {
                path.ends_with("identifiers.scheme")
                    && (text.starts_with("x12:i05.") || text.starts_with("edifact:0007."))
            });
            let nothing_else = values.iter().all(|(_, path, _)| {
                let member = path.rsplit('.').next().unwrap_or_default();
                matches!(member, "role" | "code" | "scheme" | "value")
            });
            if from_envelope && nothing_else {
                for (node, _, _) in values {
                    self.tree.use_up(node);
                }
            }
        }
    }

    /// What a mapping sets where nothing states it need not be written.
    fn use_defaults(&mut self, plan: &Plan, root: NodeId) {
        for default in &plan.defaults {
            let objects: Vec<NodeId> = match default.list {
                None => vec![root],
                Some(list) => self
                    .tree
                    .child(root, list)
                    .map(|list| self.tree.children(list).collect())
                    .unwrap_or_default(),
            };
            for (ordinal, object) in (1_u32..).zip(objects) {
                let Some(node) = self.value_at(object, &default.path) else {
                    continue;
                };
                let same = match &default.from {
                    SetFrom::Literal(text) | SetFrom::Else(text) => self.text(node) == **text,
                    SetFrom::Ordinal => self.text(node) == ordinal.to_string(),
                    SetFrom::Copy(from, table) => self.is_copy(plan, object, node, (from, *table)),
                    SetFrom::Around { .. } | SetFrom::Below { .. } | SetFrom::Sender { .. } => {
                        false
                    }
                };
                if same {
                    self.tree.use_up(node);
                }
            }
        }
    }

    /// What a section takes from the only item of a list (the one order of a shipment) need not be written again.
    fn use_only_items(&mut self, plan: &Plan, root: NodeId) {
        for section in &plan.sections {
            let Some(each) = list_of(section) else {
                continue;
            };
            let items: Vec<NodeId> = match self.tree.look(root, each) {
                Some(owner) => self.tree.child(owner, each.member),
                None => None,
            }
            .map(|list| self.tree.children(list).collect())
            .unwrap_or_default();
            for (path, from) in &section.set {
                let SetFrom::Around { list, member } = from else {
                    continue;
                };
                let Some(only) = self.only_value(root, (*list, *member)) else {
                    continue;
                };
                for item in &items {
                    if let Some(node) = self
                        .value_at(*item, path)
                        .filter(|node| self.text(*node) == only)
                    {
                        self.tree.use_up(node);
                    }
                }
            }
        }
    }

    /// A member of the only item of a list.
    fn only_value(&self, root: NodeId, (list, member): (u16, u16)) -> Option<String> {
        let mut items = self.tree.children(self.tree.child(root, list)?);
        let only = items.next().filter(|_| items.next().is_none())?;
        self.tree.child(only, member).map(|node| self.text(node))
    }

    /// Names what was not written. A value that another document of the message shares was written with that one.
    fn report(&mut self, plan: &Plan, root: NodeId, shared: Option<NodeId>) {
        let mut missing = Vec::new();
        self.unwritten_values(root, plan.root, "", shared, &mut missing);
        for (path, text) in missing.into_iter().take(100) {
            let finding = Finding::new(
                Broken::NotWritten,
                format!("the message has no place for {path}"),
            );
            self.findings.push(finding.found(text.as_bytes()));
        }
    }

    fn unwritten_values(
        &self,
        object: NodeId,
        kind: ObjectId,
        path: &str,
        shared: Option<NodeId>,
        missing: &mut Vec<(String, String)>,
    ) {
        for node in self.tree.children(object) {
            let place = self.tree.member_of(node);
            let Some(member) = model().members(kind).get(usize::from(place)) else {
                continue;
            };
            if matches!(
                member.name,
                "schema_version" | "provenance" | "unmapped" | "ext"
            ) {
                continue;
            }
            let path = format!("{path}/{}", member.name);
            if member.name == "per"
                && self
                    .tree
                    .children(node)
                    .any(|part| self.tree.value(part) == b"\"1\"")
            {
                continue; // a price is for one where nothing else is said
            }
            let same = shared.and_then(|shared| self.tree.child(shared, place));
            match (self.tree.shape(node), member.kind) {
                (Shape::Object(_), _) if self.tree.is_used(node) => {}
                (Shape::Object(inner), _) => {
                    self.unwritten_values(node, inner, &path, same, missing)
                }
                (Shape::List, Kind::Object(inner)) => {
                    let mut others = same.into_iter().flat_map(|list| self.tree.children(list));
                    for (index, item) in self.tree.children(node).enumerate() {
                        self.unwritten_values(
                            item,
                            inner,
                            &format!("{path}/{index}"),
                            others.next(),
                            missing,
                        );
                    }
                }
                (Shape::List, _) => {
                    let done = self.progress.get(&node).copied().unwrap_or(0);
                    missing.extend(
                        self.tree
                            .children(node)
                            .skip(done)
                            .map(|item| (path.clone(), self.text(item))),
                    );
                }
                (Shape::Value, _) => {
                    let elsewhere = same.is_some_and(|same| {
                        self.tree.is_used(same) && self.tree.value(same) == self.tree.value(node)
                    });
                    let complete = self
                        .progress
                        .get(&node)
                        .is_none_or(|done| *done >= self.text(node).len());
                    let follows = follows(model().name(kind), member.name);
                    if !(self.tree.is_used(node) && complete || elsewhere || follows) {
                        missing.push((path, self.text(node)));
                    }
                }
            }
        }
    }
}

/// Members that follow from what stands around them.
fn follows(object: &str, member: &str) -> bool {
    matches!(
        (object, member),
        ("money" | "unit_price", "currency") | ("quantity", "value" | "unit" | "source_unit")
    ) && member != "value"
}

/// The path of a list, for items that a plan writes by themselves.
pub(super) fn list_of(section: &Section) -> Option<&Path> {
    section.each.as_ref().filter(|each| each.list)
}
