//! Follows a message through its structure: gives each segment its node, and says what is unknown, misplaced, missing or once
//! too often.
//! Invariant: one fault is one finding: what follows from it (the members of a misplaced loop) is not reported again.

use std::borrow::Cow;
use std::sync::Arc;

use super::Judged;
use super::doubt::Doubts;
use super::position::{Remembered, Stand};
use super::recovery::{AHEAD, Recovery, trigger};
use super::report::{Report, loop_id, path};
use super::steps::{Step, Steps, Way};
use crate::dictionary::{Dictionary, Structure};
use crate::rule::Rule;
use crate::segment::Tag;

/// How many segments that do not fit are weighed in a message. Of one that has more nothing can be made; the rest of them
/// have no place.
const WEIGHED: usize = 2000;

/// The way of a message through its structure.
pub(super) struct Track {
    steps: Steps,
    remembered: Remembered,
    stand: Stand,
    doubts: Doubts,
    /// How many segments did not fit.
    misfits: usize,
    /// Whether the last segment has its place.
    placed: bool,
    missing: Vec<Missing>,
    /// Segments without a place, by tag and index: they count when one comes too often.
    strays: Vec<(Tag, usize)>,
}

/// A segment that was reported missing.
struct Missing {
    tag: Tag,
    /// The loop it is missing from, and the segment that opened that; none for the message itself.
    within: Option<(u16, usize)>,
    /// Which finding says so.
    finding: usize,
}

/// What became of a segment.
pub(super) struct Placed {
    /// Its node, or [`Judged::NONE`].
    pub(super) node: u16,
    /// A node that says what its elements are: its own, or one of the same tag.
    pub(super) described: Option<u16>,
}

impl Track {
    pub(super) fn new(structure: Arc<Structure>) -> Self {
        Self {
            steps: Steps::new(structure),
            remembered: Remembered::new(),
            stand: Stand::default(),
            doubts: Doubts::default(),
            misfits: 0,
            placed: false,
            missing: Vec::new(),
            strays: Vec::new(),
        }
    }

    /// Back to the first node, before a message of so many segments.
    pub(super) fn start(&mut self, segments: usize) {
        self.stand.reset();
        self.doubts.start(segments);
        self.misfits = 0;
        self.missing.clear();
        self.strays.clear();
    }

    /// Finds the node of segment `index`; `nodes` are those of the segments before, which may turn out to be others.
    pub(super) fn place(
        &mut self,
        tag: Tag,
        index: usize,
        dictionary: &Dictionary,
        report: &mut Report<'_, '_>,
        nodes: &mut [u16],
    ) -> Placed {
        let header = index == 0 && self.steps.node(0).is_some_and(|node| node.tag == tag);
        let step = if header {
            None
        } else {
            self.stand.next(&self.steps, &mut self.remembered, tag)
        };
        self.placed = true;
        let node = match step {
            _ if header => 0,
            Some(step) => {
                if step.doubtful {
                    self.doubts.keep(&self.stand, index, &step);
                }
                self.stand.take(&self.steps, &step, index);
                self.report_unused(&step, index, report);
                step.target
            }
            None => return self.unexpected(tag, index, dictionary, report, nodes),
        };
        Placed {
            node,
            described: Some(node),
        }
    }

    /// A segment that does not fit.
    fn unexpected(
        &mut self,
        tag: Tag,
        index: usize,
        dictionary: &Dictionary,
        report: &mut Report<'_, '_>,
        nodes: &mut [u16],
    ) -> Placed {
        if let Some(node) = self.reconsider(index, report, nodes) {
            return Placed {
                node,
                described: Some(node),
            };
        }
        self.doubts.clear();
        self.misfits += 1;
        let described = self.steps.first(tag);
        let best = match described {
            Some(_) if self.misfits <= WEIGHED => {
                let ahead = (index..index + AHEAD)
                    .map_while(|index| Some(report.view.segment(index)?.tag()));
                let tags: Vec<Tag> = ahead.collect();
                let mut recovery = Recovery::new(&self.steps, &mut self.remembered);
                recovery.weigh(&self.stand, &tags)
            }
            _ => None,
        };
        let Some(step) = best else {
            self.stray(tag, index, dictionary, report, nodes);
            self.placed = false;
            return Placed {
                node: Judged::NONE,
                described,
            };
        };
        self.report_missing(index, &step, report);
        let often = !self.stand.fits(&self.steps, &step);
        let again = self.stand.beyond(&self.steps, &step);
        self.stand.take(&self.steps, &step, index);
        if often && !again {
            self.report_often(&step, index, report);
        }
        self.report_unused(&step, index, report);
        Placed {
            node: step.target,
            described: Some(step.target),
        }
    }

    /// The node of segment `index` when segments before it are taken for others than those that were nearest.
    fn reconsider(
        &mut self,
        index: usize,
        report: &Report<'_, '_>,
        nodes: &mut [u16],
    ) -> Option<u16> {
        let tag = |index| Some(report.view.segment(index)?.tag());
        let (steps, remembered) = (&self.steps, &mut self.remembered);
        let way = self.doubts.reconsider(steps, remembered, index, tag)?;
        let (node, before) = way.nodes.split_last()?;
        let corrected = nodes.get_mut(way.first..).unwrap_or_default();
        for (node, other) in corrected.iter_mut().zip(before) {
            *node = *other;
        }
        self.stand = way.stand;
        self.doubts.clear();
        Some(*node)
    }

    fn report_missing(&mut self, index: usize, step: &Step, report: &mut Report<'_, '_>) {
        for node in self.steps.passed_over(self.stand.node, step) {
            let Some(missed) = self.steps.node(node) else {
                continue;
            };
            // The loop of a trigger is missing with it.
            let own = usize::from(missed.is_trigger);
            let depth = usize::from(self.steps.depth(node)) - own;
            let within = depth.checked_sub(1).and_then(|last| {
                let open = self.stand.open.get(last)?;
                Some((open.loop_index, open.first))
            });
            let before = report.len();
            let place = (
                loop_id(&self.steps, missed.loop_index),
                path(&self.steps, &self.stand, depth, Some((missed.tag, 0))),
            );
            report.structure(
                Rule::SegmentMissing,
                index,
                missed.tag,
                place,
                missed.tag.to_string(),
            );
            if report.len() > before {
                self.missing.push(Missing {
                    tag: missed.tag,
                    within,
                    finding: before,
                });
            }
        }
    }

    fn report_often(&self, step: &Step, index: usize, report: &mut Report<'_, '_>) {
        let Some(node) = self.steps.node(step.target) else {
            return;
        };
        let (rule, most) = match step.way {
            Way::Again => {
                let around = node.loop_index.and_then(|index| self.steps.loop_at(index));
                (Rule::LoopRepeats, around.map_or(0, |around| around.max))
            }
            Way::Repeat | Way::Forward => (Rule::SegmentRepeats, node.max),
        };
        let place = (self.loop_id(), self.path(node.tag));
        report.structure(rule, index, node.tag, place, format!("at most {most}"));
    }

    /// A segment that a guide leaves out.
    fn report_unused(&self, step: &Step, index: usize, report: &mut Report<'_, '_>) {
        let Some(node) = self.steps.node(step.target).filter(|node| node.unused) else {
            return;
        };
        let place = (self.loop_id(), self.path(node.tag));
        let expected = "another segment: the guide leaves this one out".to_owned();
        report.structure(Rule::NotUsed, index, node.tag, place, expected);
    }

    /// A segment that has no place here.
    fn stray(
        &mut self,
        tag: Tag,
        index: usize,
        dictionary: &Dictionary,
        report: &mut Report<'_, '_>,
        nodes: &[u16],
    ) {
        let astray = self.stand.astray;
        if astray.is_some_and(|astray| self.steps.loop_has(astray, tag)) {
            return;
        }
        self.stand.astray = trigger(&self.steps, tag);
        if !report.wants(Rule::SegmentSequence) {
            return;
        }
        let (rule, expected): (Rule, Cow<'static, str>) = if self.steps.first(tag).is_some() {
            match self.used_up(tag, nodes) {
                Some((rule, most)) => (rule, format!("at most {most}").into()),
                None => (Rule::SegmentSequence, self.following().into()),
            }
        } else if dictionary.segment(tag).is_some() {
            (Rule::SegmentNotInMessage, self.following().into())
        } else if !tag.is_valid() {
            // The walk has said so.
            return;
        } else {
            (Rule::SegmentUnknown, self.following().into())
        };
        if rule == Rule::SegmentSequence {
            self.found_again(tag, report);
            self.strays.push((tag, index));
        }
        let innermost = self.stand.open.last().map(|open| open.loop_index);
        let depth = self.stand.open.len();
        let place = (
            loop_id(&self.steps, innermost),
            path(&self.steps, &self.stand, depth, Some((tag, 0))),
        );
        report.structure(rule, index, tag, place, expected);
    }

    /// Whether a tag without a place came before as often as it can, in the innermost open loop that can have it.
    fn used_up(&self, tag: Tag, nodes: &[u16]) -> Option<(Rule, u32)> {
        let levels = (0..=self.stand.open.len()).rev();
        for level in levels {
            let within = level
                .checked_sub(1)
                .and_then(|last| self.stand.open.get(last));
            let (around, first) =
                within.map_or((None, 0), |open| (Some(open.loop_index), open.first));
            let since = nodes.get(first..).unwrap_or_default();
            let stray = |(known, index): &&(Tag, usize)| *known == tag && *index >= first;
            let strays = self.strays.iter().filter(stray).count();
            let came = |index: u16| strays + since.iter().filter(|node| **node == index).count();
            let mut members = self.steps.members(around, tag).peekable();
            if members.peek().is_some() {
                let used = members.find(|(index, _, most)| came(*index) >= *most as usize);
                return used.map(|(_, rule, most)| (rule, most));
            }
        }
        None
    }

    /// What was reported missing stands here: it is misplaced, which is one fault and not two.
    fn found_again(&mut self, tag: Tag, report: &mut Report<'_, '_>) {
        let open = &self.stand.open;
        let is_it = |missing: &Missing| {
            let still = missing.within.is_none_or(|(loop_index, first)| {
                open.iter()
                    .any(|open| (open.loop_index, open.first) == (loop_index, first))
            });
            missing.tag == tag && still
        };
        let Some(place) = self.missing.iter().position(is_it) else {
            return;
        };
        let finding = self.missing.remove(place).finding;
        report.take_back(finding);
        for later in &mut self.missing {
            later.finding -= usize::from(later.finding > finding);
        }
    }

    /// What can stand here, the nearest first.
    fn following(&self) -> String {
        let tags = self.steps.following(self.stand.node);
        let tags: Vec<String> = tags.iter().map(Tag::to_string).collect();
        if tags.is_empty() {
            return "nothing more".to_owned();
        }
        tags.join(", ")
    }

    /// The id of the loop that the last segment stands in.
    pub(super) fn loop_id(&self) -> Cow<'static, str> {
        loop_id(
            &self.steps,
            self.stand.open.last().map(|open| open.loop_index),
        )
    }

    /// The way to the last segment.
    pub(super) fn path(&self, tag: Tag) -> String {
        let last = match self.steps.node(self.stand.node) {
            Some(node) if self.placed && node.is_trigger => None,
            _ if self.placed => Some((tag, self.stand.count)),
            _ => Some((tag, 0)),
        };
        path(&self.steps, &self.stand, self.stand.open.len(), last)
    }
}
