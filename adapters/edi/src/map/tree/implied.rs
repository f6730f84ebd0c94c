//! Items that a path made before their segment came, joined with the segment's own.
//! Knows nothing of what the words mean.
//! Invariant: a value has one home: it moves, or is given back as lost.

use super::{Implied, NONE, NodeId, Shape, Tree};
use crate::map::facts::bit;

impl Tree {
    /// Joins each item that a path made with the item of a segment that has the same words and contradicts it in no text:
    /// a buyer's contact that comes before the buyer. Gives what the other has already, which has lost its place.
    pub(in crate::map) fn join_implied(&mut self) -> Vec<NodeId> {
        let mut lost = Vec::new();
        for Implied {
            list,
            item,
            selectors,
        } in std::mem::take(&mut self.implied)
        {
            let agrees = |other: NodeId| {
                self.children(item)
                    .filter(|mine| self.shape(*mine) == Shape::Value)
                    .all(|mine| {
                        let theirs = self.child(other, self.member_of(mine));
                        theirs.is_none_or(|theirs| self.value(mine) == self.value(theirs))
                    })
            };
            let other = self
                .children(list)
                .find(|other| *other != item && self.answers(*other, &selectors) && agrees(*other));
            let members: Vec<NodeId> = self.children(item).collect();
            let stated = selectors
                .iter()
                .filter(|selector| !selector.value.is_empty());
            let stated = stated.count();
            if let Some(other) = other {
                self.unlink(list, item);
                for member in members {
                    if !self.adopt(other, member) {
                        lost.push(member);
                    }
                }
            } else if members.len() <= stated {
                self.unlink(list, item); // nothing came of it
            }
        }
        lost.retain(|node| self.shape(*node) != Shape::Value);
        lost
    }

    /// Takes an item out of its list, or a member out of its object.
    pub(in crate::map) fn unlink(&mut self, list: NodeId, item: NodeId) {
        let before = self
            .children(list)
            .take_while(|other| *other != item)
            .last();
        let next = self.node(item).map_or(NONE, |node| node.next);
        match before.and_then(|before| self.node_mut(before)) {
            Some(node) => node.next = next,
            None => {
                if let Some(node) = self.node_mut(list) {
                    node.first = next;
                }
            }
        }
        let member = bit(self.member_of(item));
        if let Some(node) = self.node_mut(list) {
            match node.shape {
                Shape::List => node.to = node.to.saturating_sub(1),
                Shape::Object(_) | Shape::Value => node.members &= !member,
            }
            if node.last == item {
                node.last = before.unwrap_or(NONE);
            }
        }
    }

    /// Gives an object a member that another had; false when it has one.
    fn adopt(&mut self, object: NodeId, member: NodeId) -> bool {
        let Some(orphan) = self.node(member).copied() else {
            return false;
        };
        if self.child(object, orphan.member).is_some() {
            return false;
        }
        let home = self.ensure(object, orphan.member, orphan.shape, orphan.segment);
        if let Some(node) = self.node_mut(home) {
            (node.first, node.last) = (orphan.first, orphan.last);
            (node.from, node.to) = (orphan.from, orphan.to);
            node.members = orphan.members;
        }
        true
    }
}
