//! Writes canonical documents as one message by a plan: the structure's nodes in order, for each the sections that say something.
//! Writes no envelope: segments from the first behind the header to the last before the trailer.
//! Invariant: every value of a document is written once, or named in a finding.

mod choose;
mod commit;
mod unwritten;

use std::collections::{HashMap, HashSet};

use crate::dictionary::{Dictionary, UseKind};
use crate::finding::Finding;
use crate::segment::Tag;
use crate::syntax::Syntax;
use crate::write::SegmentBuilder;

use super::compose::{Composing, Draft, Mode};
use super::language::Address;
use super::load::load;
use super::path::Path;
use super::plan::{Plan, Section};
use super::read::NONE;
use super::row::Row;
use super::tree::{NodeId, Tree, unquoted};

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
    /// What the levels of a hierarchy hold, in the order in which they were written.
    pub(super) levels: Vec<NodeId>,
    /// How many documents the message has.
    pub(super) documents: usize,
    /// Those that are still to be written, where a loop's repetitions are documents.
    waiting: Vec<NodeId>,
    /// Which of them is being written, from 1.
    pub(super) document: usize,
    /// Values that are said by saying nothing.
    understood: HashSet<NodeId>,
    /// Values of which a segment said something else, which a reader believes.
    spoiled: HashSet<NodeId>,
    /// Values of later documents of which the message as a whole says something else, which no default can undo.
    overruled: HashSet<NodeId>,
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
            levels: Vec::new(),
            documents: 0,
            waiting: Vec::new(),
            document: 0,
            understood: HashSet::new(),
            spoiled: HashSet::new(),
            overruled: HashSet::new(),
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
        self.understood.clear();
        self.spoiled.clear();
        self.overruled.clear();
        self.rows.clear();
        self.levels.clear();
        self.documents = documents.len();
        let mut roots = Vec::new();
        for json in documents {
            roots.push(load(&mut self.tree, plan.root, json)?);
        }
        for root in &roots {
            self.use_sender(plan, *root);
            self.use_default_objects(plan, *root);
        }
        self.know_composites(plan, dictionary);
        if let Some(first) = roots.first() {
            self.root = *first;
            self.currency = self.currency_below(*first);
            self.waiting.clone_from(&roots);
            let top = Level {
                loop_index: None,
                object: *first,
                section: NONE,
            };
            self.level(plan, top);
        }
        for root in &roots {
            self.root = *root;
            self.use_defaults(plan, *root);
            self.use_only_items(plan, *root);
            self.report(plan, *root);
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
    fn level(&mut self, plan: &Plan, level: Level) {
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
                    self.inner_loop(plan, level, inner);
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

    fn inner_loop(&mut self, plan: &Plan, level: Level, inner: u16) {
        if plan.document == Some(inner) {
            let documents = std::mem::take(&mut self.waiting);
            self.use_shared(&documents);
            for (place, root) in documents.iter().enumerate() {
                (self.root, self.document) = (*root, place + 1);
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
            if section.is_some_and(|section| self.is_filled(section, object)) {
                continue; // an object is filled by the first that comes
            }
            let mut mode = Mode::First;
            // A loop that is no item (RFF in NAD) comes again as long as it has something to say.
            while written < found.max
                && self.repetition(plan, (level, inner), (number, object), (mode, &[]))
            {
                written += 1;
                mode = Mode::Again;
                if plan.document == Some(inner)
                    || section.is_none_or(|section| section.each.is_some())
                {
                    break;
                }
            }
        }
    }

    /// Writes one repetition of a loop, if it says something new; whether it does. `preset` are cells that the caller knows.
    pub(super) fn repetition(
        &mut self,
        plan: &Plan,
        (level, inner): (Level, u16),
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
        let hierarchy = section.tree.is_some();
        let composing = Composing {
            plan,
            section,
            object,
            mode: Mode::First,
            asked: if hierarchy {
                &[]
            } else {
                plan.asked(found.first_node)
            },
            around: (level.object, level.section),
        };
        let Some(mut draft) = self.compose(composing, found.trigger) else {
            return false;
        };
        let unused = |node: &NodeId| !self.tree.is_used(*node);
        let uses = draft.used.iter().any(unused) || !draft.progress.is_empty();
        for (at, value) in preset {
            draft.row.set(*at, value.clone());
        }
        let fresh = uses || (mode == Mode::First && draft.fresh) || !preset.is_empty();
        let silent = (!fresh).then(|| draft.clone());
        if fresh {
            self.commit(draft);
        } else {
            self.rows.push(draft.row);
        }
        self.level(
            plan,
            Level {
                loop_index: Some(inner),
                object,
                section: number,
            },
        );
        if let Some(draft) = silent {
            if self.rows.len() == begin + 1 {
                self.rows.truncate(begin);
                return false;
            }
            self.say(&draft);
        }
        true
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
        let must = found.mandatory;
        let mut written = 0;
        for (number, object) in self.turns(plan, level, node) {
            let Some(section) = plan
                .sections
                .get(usize::from(number))
                .filter(|section| self.waits(section, object))
            else {
                continue;
            };
            if self.is_filled(section, object) {
                continue;
            }
            let mut mode = Mode::First;
            while written < max {
                let composing = Composing {
                    plan,
                    section,
                    object,
                    mode,
                    asked: plan.asked(node),
                    around: (level.object, level.section),
                };
                let fixed = (must && section.is_fixed()) || section.says_date();
                let first = mode == Mode::First && level.loop_index.is_none();
                let says = |draft: &Draft| draft.fresh || (first && fixed);
                let Some(draft) = self.compose(composing, tag).filter(says) else {
                    break;
                };
                self.commit(draft);
                written += 1;
                mode = Mode::Again;
                if section.each.as_ref().is_some_and(|each| !each.list) {
                    break; // an object is filled by the first that comes
                }
            }
        }
    }
}

/// The path of a list, for items that a plan writes by themselves.
pub(super) fn list_of(section: &Section) -> Option<&Path> {
    section.each.as_ref().filter(|each| each.list)
}
