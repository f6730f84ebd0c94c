//! From an object along a path: as far as things are there, or making what is not.
//! Knows nothing of where the values come from.
//! Invariant: an item that a path made has the words that the path asks for.

use std::sync::Arc;

use canonical::model::ObjectId;

use super::{Implied, NodeId, Shape, Tree, unquoted};
use crate::map::path::{Path, Selector, Step};

impl Tree {
    /// Follows a path's steps, making what is not there, to the object that its member belongs to.
    pub(in crate::map) fn follow(&mut self, start: NodeId, path: &Path, segment: u32) -> NodeId {
        let mut object = start;
        for step in &path.steps {
            object = match step {
                Step::Member {
                    member,
                    object: kind,
                } => self.ensure(object, *member, Shape::Object(*kind), segment),
                Step::Item {
                    member,
                    object: kind,
                    selectors,
                } => {
                    let list = self.ensure(object, *member, Shape::List, segment);
                    match self.find(list, selectors) {
                        Some(item) => item,
                        None => self.add(list, *kind, selectors, segment),
                    }
                }
            };
        }
        object
    }

    /// Follows a path's steps as far as they are there.
    pub(in crate::map) fn look(&self, start: NodeId, path: &Path) -> Option<NodeId> {
        path.steps
            .iter()
            .try_fold(start, |object, step| self.step(object, step))
    }

    /// One object further down, if it is there.
    pub(in crate::map) fn step(&self, object: NodeId, step: &Step) -> Option<NodeId> {
        match step {
            Step::Member { member, .. } => self.child(object, *member),
            Step::Item {
                member, selectors, ..
            } => self.find(self.child(object, *member)?, selectors),
        }
    }

    fn find(&self, list: NodeId, selectors: &[Selector]) -> Option<NodeId> {
        self.children(list)
            .find(|item| self.answers(*item, selectors))
    }

    pub(super) fn answers(&self, item: NodeId, selectors: &[Selector]) -> bool {
        selectors.iter().all(|selector| {
            let value = self.child(item, selector.member).map(|id| self.value(id));
            if selector.value.is_empty() {
                return value.is_none();
            }
            value.and_then(unquoted) == Some(selector.value.as_bytes())
        })
    }

    fn add(
        &mut self,
        list: NodeId,
        kind: ObjectId,
        selectors: &Arc<[Selector]>,
        segment: u32,
    ) -> NodeId {
        let item = self.spare(Shape::Object(kind), segment);
        self.append(list, item);
        self.implied.push(Implied {
            list,
            item,
            selectors: Arc::clone(selectors),
        });
        for selector in selectors
            .iter()
            .filter(|selector| !selector.value.is_empty())
        {
            self.write_text(item, selector.member, selector.value.as_bytes(), segment);
        }
        item
    }
}
