//! Reads one message by a plan: each segment goes to the section of its node, each section fills its object.
//! Judges nothing that a dictionary can judge: the message was found good before, or is read all the same.
//! Invariant: every element with content is in a document or in one's `unmapped`, under its path.

mod beside;
mod documents;
mod heading;
mod items;
pub(super) mod places;

use std::collections::HashMap;

use canonical::entity::EntityKind;

use crate::charset::Charset;
use crate::finding::Finding;
use crate::headers::{Interchange, Message};
use crate::message::MessageView;
use crate::segment::Segment;

use super::fields::Fields;
use super::finish::Made;
use super::language::Address;
use super::plan::{Plan, Whole};
use super::tree::{NodeId, Shape, Tree};
use documents::{Header, Passed};

/// No section, no loop, no node.
pub(super) const NONE: u16 = u16::MAX;

/// What a message's documents need beyond its own segments.
pub struct Context<'a> {
    /// The interchange that is open.
    pub interchange: &'a Interchange,
    /// The message.
    pub message: &'a Message,
    /// How its bytes are text.
    pub charset: Charset,
    /// The currency of amounts where the message states none: the partner's.
    pub currency: Option<&'a str>,
    /// The offset from UTC (`+01:00`, `Z`) of times that state none: the partner's.
    pub offset: Option<&'a str>,
}

/// Takes a document with its JSON text.
pub(super) type Emit<'e, E> = dyn FnMut(Made, &[u8]) -> Result<(), E> + 'e;

/// Reads messages. Its buffers are used again from one to the next.
#[derive(Debug, Default)]
pub struct Reading {
    pub(super) tree: Tree,
    /// The top of the document at hand, where each repetition of a loop is one; else [`Tree::TOP`] is.
    pub(super) root: Option<NodeId>,
    /// Index of the last segment of the document at hand.
    last: usize,
    /// What a header message said, for documents of this kind.
    heading: Option<(EntityKind, Tree)>,
    frames: Vec<Frame>,
    /// The loops around that of the documents that were opened, from the outermost, each with its first segment.
    outer: Vec<(u16, usize)>,
    /// How many loops were open when the document at hand began.
    depth: usize,
    /// How often each node occurred in the loop that is open.
    counts: Vec<u32>,
    /// The segment up to which they were counted.
    index: usize,
    pub(super) branches: Vec<Branch>,
    /// The documents of the levels that came before, where levels are documents.
    pub(super) above: HashMap<Box<[u8]>, NodeId>,
    pub(super) later: Vec<Later>,
    pub(super) json: Vec<u8>,
    /// The way to what is handed over as unmapped.
    path: String,
    pub(super) findings: Vec<Finding>,
    /// The currency of amounts that the message states, and the one that the document at hand does.
    pub(super) currencies: (Option<Box<str>>, Option<Box<str>>),
    /// Whether it was said of the document at hand that no currency is stated.
    pub(super) warned_of_currency: bool,
    /// Items that their loop's first segment did not complete.
    pub(super) openings: Vec<Opening>,
    /// A rule has taken a part of its element, which stays unmapped as a whole.
    pub(super) partly: bool,
    header: Header,
    passed: Passed,
    /// Documents that were begun.
    pub(super) documents: u64,
    /// Documents that were made, and those that could not be.
    pub(super) made: u64,
    pub(super) refused: u64,
}

/// A loop that is open.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    loop_index: u16,
    section: u16,
    object: NodeId,
    /// The branch of the hierarchy.
    branch: Option<u32>,
}

/// What the segments inside a loop fill, and their branch of the hierarchy.
#[derive(Clone, Copy, Debug)]
struct Stand {
    object: NodeId,
    branch: Option<u32>,
}

/// The first segment of a loop, whose item may turn out to be none: what it then gives back.
#[derive(Debug)]
pub(super) struct Opening {
    pub(super) item: NodeId,
    /// The way to the segment.
    pub(super) path: String,
    /// The elements that were taken.
    pub(super) elements: Vec<Address>,
}

/// A node of a hierarchy (HL, CPS).
#[derive(Debug)]
pub(super) struct Branch {
    pub(super) id: Box<[u8]>,
    pub(super) parent: Box<[u8]>,
    /// The root's list that it is an item of, and which one.
    pub(super) item: Option<(u16, NodeId)>,
    pub(super) segment: usize,
}

/// What can only be done when the whole document is there.
#[derive(Debug)]
pub(super) enum Later {
    /// A value of the nearest item around.
    Around {
        object: NodeId,
        member: u16,
        list: u16,
        from: u16,
        branch: Option<u32>,
        items: Vec<(u16, NodeId)>,
    },
    /// A value of the only item of a list right below.
    Below {
        object: NodeId,
        member: u16,
        list: u16,
        from: u16,
        branch: Option<u32>,
    },
    /// The number of levels or documents, to be held against those that there are.
    Number {
        whole: Whole,
        value: Box<[u8]>,
        address: Address,
        segment: usize,
    },
    /// A copy from another path, or a text where there is none, to an object that is there.
    Set {
        object: NodeId,
        section: u16,
        set: usize,
    },
    /// An element for a path that nothing else may have stated.
    Else {
        /// Whether something else of its rule has taken it.
        taken: bool,
        object: NodeId,
        number: (u16, usize),
        address: Address,
        segment: usize,
        /// The way to the segment.
        path: String,
    },
    /// A value of the document of the level above.
    Above {
        object: NodeId,
        member: u16,
        from: u16,
        branch: Option<u32>,
    },
    /// A count or sum to be held against the document.
    Check {
        section: u16,
        rule: usize,
        target: usize,
        value: Box<[u8]>,
        segment: usize,
    },
}

/// A segment at hand.
pub(super) struct At<'p, 'a> {
    pub(super) plan: &'p Plan,
    pub(super) context: &'p Context<'p>,
    pub(super) view: MessageView<'a>,
    pub(super) nodes: &'p [u16],
    pub(super) index: usize,
}

impl Reading {
    /// Reads a message and gives its documents to `emit`, each when it is complete.
    ///
    /// `nodes` has the structure's node for each segment of the view. What is wrong with the content is a finding
    /// ([`Reading::take_findings`]); a document that cannot be made is left out.
    ///
    /// # Errors
    /// Those of `emit`.
    pub fn read<E>(
        &mut self,
        plan: &Plan,
        view: MessageView<'_>,
        nodes: &[u16],
        context: &Context<'_>,
        emit: &mut Emit<'_, E>,
    ) -> Result<(), E> {
        let plan = plan.for_message(view, context.charset);
        self.begin(plan);
        let mut first = 0;
        for index in 0..view.len() {
            let (Some(segment), Some(&node)) = (view.segment(index), nodes.get(index)) else {
                continue;
            };
            let at = At {
                plan,
                context,
                view,
                nodes,
                index,
            };
            let (loop_index, trigger) = plan.loop_of(node);
            let document = trigger && loop_index == plan.document && plan.document.is_some();
            if document || self.leaves_document(plan, node) {
                self.close_document(&at, first, emit)?;
            }
            if document || self.stands_inside(plan, node) {
                self.last = index;
            }
            self.leave_loops(plan, loop_index, trigger);
            if let Some(loop_index) = loop_index.filter(|_| trigger) {
                self.open_outer(&at, loop_index);
            }
            if document {
                first = index;
                self.open_document(plan, index);
            }
            self.take_in(&at, segment, node);
        }
        let at = At {
            plan,
            context,
            view,
            nodes,
            index: view.len().saturating_sub(1),
        };
        if plan.document.is_none() {
            self.root = Some(Tree::TOP);
            self.last = at.index;
        }
        self.close_document(&at, first, emit)?;
        self.tell_passed(&at);
        Ok(())
    }

    fn take_in(&mut self, at: &At<'_, '_>, segment: Segment<'_>, node: u16) {
        let (loop_index, trigger) = at.plan.loop_of(node);
        places::count(&at.plan.structure, node, &mut self.counts);
        self.index = at.index;
        let fields = Fields::new(segment, at.context.charset);
        self.segment(at, fields, node, loop_index.filter(|_| trigger));
    }

    /// What was found since the last call.
    pub fn take_findings(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.findings)
    }

    /// Documents made of the last message, and documents that could not be made.
    #[must_use]
    pub fn tally(&self) -> (u64, u64) {
        (self.made, self.refused)
    }

    fn begin(&mut self, plan: &Plan) {
        self.tree.clear();
        self.frames.clear();
        self.outer.clear();
        self.counts.clear();
        self.counts.resize(plan.structure.nodes.len(), 0);
        self.branches.clear();
        self.above.clear();
        self.later.clear();
        self.openings.clear();
        self.currencies = (None, None);
        (self.made, self.refused, self.documents) = (0, 0, 0);
        self.passed = Passed::default();
        self.root = None;
        match &self.heading {
            Some((kind, said)) if *kind == plan.kind => self.tree.clone_from(said),
            _ => {
                self.tree.spare(Shape::Object(plan.root), 0);
            }
        }
    }

    /// Closes the loops that a segment does not stand in.
    fn leave_loops(&mut self, plan: &Plan, loop_index: Option<u16>, trigger: bool) {
        let around = |index: u16| {
            let mut next = loop_index;
            while let Some(inner) = next {
                if inner == index {
                    return !trigger || loop_index != Some(index);
                }
                next = plan
                    .structure
                    .loops
                    .get(usize::from(inner))
                    .and_then(|found| found.parent);
            }
            false
        };
        while self
            .frames
            .last()
            .is_some_and(|frame| !around(frame.loop_index))
        {
            self.frames.pop();
        }
    }

    /// Gives a segment to the first section that takes something of it.
    fn segment(&mut self, at: &At<'_, '_>, mut fields: Fields<'_>, node: u16, opens: Option<u16>) {
        let (around, outer, branch) = self.around();
        let mut first = None;
        let mut stand = Stand {
            object: around,
            branch,
        };
        for number in at.plan.by_node.get(usize::from(node)).into_iter().flatten() {
            if !Self::fits(at, &fields, *number, outer) {
                continue;
            }
            first = first.or(Some(*number));
            let before = fields.taken();
            if let Some(found) = self.section(at, &mut fields, *number, opens.is_some()) {
                stand = found;
                first = Some(*number);
                break;
            }
            fields.restore(before);
        }
        self.leave(at, &fields, stand.object);
        if let Some(loop_index) = opens {
            self.frames.push(Frame {
                loop_index,
                section: first.unwrap_or(outer),
                object: stand.object,
                branch: stand.branch,
            });
        }
    }

    /// Applies a section to a segment. Nothing when it takes none of its content.
    fn section(
        &mut self,
        at: &At<'_, '_>,
        fields: &mut Fields<'_>,
        number: u16,
        opens: bool,
    ) -> Option<Stand> {
        let (around, _, branch) = self.around();
        let section = at.plan.sections.get(usize::from(number))?;
        let before = fields.taken();
        for test in section.tests.iter().filter(|test| !test.negated) {
            fields.take(test.at);
        }
        if section.each.is_some() && !opens {
            let taken = self.item_of_segment(at, fields, number, around, branch);
            return taken.then_some(Stand {
                object: around,
                branch,
            });
        }
        let object = match &section.each {
            Some(each) => self.new_item(around, each, section, at.index),
            None => around,
        };
        let own = self.branch(at, fields, section, object);
        let inner = own.or(branch);
        let filled = self.fill(at, fields, number, object, inner);
        if section.each.as_ref().is_some_and(|each| each.list) {
            self.keep_opening(at, fields, (object, section), &before);
        }
        let taken = filled || section.each.is_some() || own.is_some();
        taken.then_some(Stand {
            object,
            branch: inner,
        })
    }

    /// The object that a segment outside of every section would fill, the section of the loop, and its branch.
    fn around(&self) -> (NodeId, u16, Option<u32>) {
        let top = self.root.unwrap_or(Tree::TOP);
        match self.frames.last() {
            // The first segment of a document inside another loop: the document is its own.
            Some(frame) if self.root.is_some() && self.frames.len() <= self.depth => {
                (top, frame.section, frame.branch)
            }
            Some(frame) => (frame.object, frame.section, frame.branch),
            None => (top, NONE, None),
        }
    }

    /// Whether a section's loop and tests fit a segment.
    fn fits(at: &At<'_, '_>, fields: &Fields<'_>, number: u16, outer: u16) -> bool {
        at.plan
            .sections
            .get(usize::from(number))
            .is_some_and(|section| {
                let inside = section.within.is_empty() || section.within.contains(&outer);
                inside && fields.pass(&section.tests) && at.suits(section)
            })
    }
}
