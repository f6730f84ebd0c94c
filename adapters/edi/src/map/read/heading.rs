//! Messages that are no documents, but say something of those that follow: the header and trailer files of TRADACOMS.
//! Reads no document.
//! Invariant: what a header says is a part of each document behind it, until the trailer.

use crate::map::plan::Plan;
use crate::map::tree::Tree;
use crate::message::MessageView;

use super::{At, Context, Reading};

impl Reading {
    /// Reads a header message: what it says is a part of each document of the messages that follow.
    pub fn keep_header(
        &mut self,
        plan: &Plan,
        view: MessageView<'_>,
        nodes: &[u16],
        context: &Context<'_>,
    ) {
        self.heading = None;
        self.begin(plan);
        let at = |index| At {
            plan,
            context,
            view,
            nodes,
            index,
        };
        for index in 0..view.len() {
            if let (Some(segment), Some(&node)) = (view.segment(index), nodes.get(index)) {
                let (loop_index, trigger) = plan.loop_of(node);
                self.leave_loops(plan, loop_index, trigger);
                self.take_in(&at(index), segment, node);
            }
        }
        self.root = Some(Tree::TOP);
        self.set_else(&at(view.len().saturating_sub(1)));
        self.set_later(&at(view.len().saturating_sub(1)));
        self.tree.comes_from(1);
        self.heading = Some((plan.kind, self.tree.clone()));
    }

    /// Forgets what a header message has said.
    pub fn forget_header(&mut self) {
        self.heading = None;
    }
}
