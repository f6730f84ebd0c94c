//! A canonical document in the making: objects, lists and values in one arena, each value already as JSON text.
//! Buffers are used again for the next document, so that making one allocates next to nothing.
//! Invariant: an object's members stand in the order of the model, so writing the tree is one walk.

mod implied;
mod json;
mod ways;

use std::ops::Range;
use std::sync::Arc;

use canonical::model::ObjectId;

use super::facts::bit;
use super::path::Selector;

/// A node of the tree, by its place in the arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct NodeId(u32);

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Object(ObjectId),
    List,
    /// A value: its JSON text.
    Value,
}

const NONE: NodeId = NodeId(u32::MAX);

#[derive(Clone, Copy, Debug)]
struct Node {
    member: u16,
    shape: Shape,
    first: NodeId,
    last: NodeId,
    next: NodeId,
    /// Its text, where it is a value; the number of its items, where it is a list (`to`).
    from: u32,
    to: u32,
    /// The members that it has, where it is an object, so that most questions need no walk.
    members: u64,
    /// The segment that made it.
    segment: u32,
    /// Writing has found a place for it.
    used: bool,
}

/// The arena.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    pub(super) text: Vec<u8>,
    implied: Vec<Implied>,
    /// Whether any node is used.
    uses: bool,
}

/// An item that a path made because there was none with these words.
#[derive(Clone, Debug)]
struct Implied {
    list: NodeId,
    item: NodeId,
    selectors: Arc<[Selector]>,
}

/// How much of the arena was in use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    nodes: usize,
    text: usize,
    implied: usize,
    list: NodeId,
    last: NodeId,
}

impl Tree {
    /// The first node: the document's top, or that of what all documents of a message share.
    pub(super) const TOP: NodeId = NodeId(0);

    pub(super) fn clear(&mut self) {
        self.nodes.clear();
        self.text.clear();
        self.implied.clear();
        self.uses = false;
    }

    /// Makes everything come from one segment: what it came from before is out of sight.
    pub(super) fn comes_from(&mut self, segment: u32) {
        for node in &mut self.nodes {
            node.segment = segment;
        }
    }

    /// A node that belongs to nothing yet.
    pub(super) fn spare(&mut self, shape: Shape, segment: u32) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(Node {
            member: 0,
            shape,
            first: NONE,
            last: NONE,
            next: NONE,
            from: 0,
            to: 0,
            members: 0,
            segment,
            used: false,
        });
        id
    }

    fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.0 as usize)
    }

    fn node_mut(&mut self, id: NodeId) -> Option<&mut Node> {
        self.nodes.get_mut(id.0 as usize)
    }

    pub(super) fn shape(&self, id: NodeId) -> Shape {
        self.node(id).map_or(Shape::Value, |node| node.shape)
    }

    pub(super) fn member_of(&self, id: NodeId) -> u16 {
        self.node(id).map_or(0, |node| node.member)
    }

    pub(super) fn segment(&self, id: NodeId) -> u32 {
        self.node(id).map_or(0, |node| node.segment)
    }

    /// The JSON text of a value.
    pub(super) fn value(&self, id: NodeId) -> &[u8] {
        self.node(id).map_or(&[], |node| self.text_of(node))
    }

    fn text_of(&self, node: &Node) -> &[u8] {
        let text = self.text.get(node.from as usize..node.to as usize);
        text.unwrap_or_default()
    }

    /// The members of an object, or the items of a list.
    pub(super) fn children(&self, id: NodeId) -> Children<'_> {
        Children {
            tree: self,
            next: self.node(id).map_or(NONE, |node| node.first),
        }
    }

    fn children_of(&self, node: &Node) -> Children<'_> {
        Children {
            tree: self,
            next: node.first,
        }
    }

    /// The first member of an object, or item of a list.
    pub(super) fn first(&self, id: NodeId) -> Option<NodeId> {
        let first = self.node(id).map(|node| node.first);
        first.filter(|first| *first != NONE)
    }

    /// The next member of its object, or item of its list.
    pub(super) fn next(&self, id: NodeId) -> Option<NodeId> {
        self.node(id)
            .map(|node| node.next)
            .filter(|next| *next != NONE)
    }

    /// Whether it has nothing that was not taken out again.
    pub(super) fn is_empty(&self, id: NodeId) -> bool {
        self.node(id).is_none_or(|node| self.is_bare(node))
    }

    fn is_bare(&self, node: &Node) -> bool {
        node.first == NONE || (self.uses && self.children_of(node).all(|id| self.is_used(id)))
    }

    /// A bit for each member that an object has.
    pub(super) fn members(&self, object: NodeId) -> u64 {
        self.node(object).map_or(0, |node| node.members)
    }

    /// Whether an object has all these members, and none of them is used.
    pub(super) fn has_all(&self, object: NodeId, members: u64) -> bool {
        let free = |id: &NodeId| !self.is_used(*id) || members & bit(self.member_of(*id)) == 0;
        self.members(object) & members == members
            && (!self.uses || self.children(object).all(|id| free(&id)))
    }

    /// A member of an object.
    pub(super) fn child(&self, object: NodeId, member: u16) -> Option<NodeId> {
        let parent = self.node(object)?;
        if parent.members & bit(member) == 0 {
            return None;
        }
        if self.member_of(parent.last) == member {
            return Some(parent.last); // what was made last is asked for most
        }
        self.children(object)
            .take_while(|id| self.member_of(*id) <= member)
            .find(|id| self.member_of(*id) == member)
    }

    /// The member of an object, made when it is not there.
    pub(super) fn ensure(
        &mut self,
        object: NodeId,
        member: u16,
        shape: Shape,
        segment: u32,
    ) -> NodeId {
        match self.child(object, member) {
            Some(known) => known,
            None => self.add_member(object, member, shape, segment),
        }
    }

    /// A new member of an object that has none of its kind.
    pub(super) fn add_member(
        &mut self,
        object: NodeId,
        member: u16,
        shape: Shape,
        segment: u32,
    ) -> NodeId {
        let id = self.spare(shape, segment);
        if let Some(node) = self.node_mut(id) {
            node.member = member;
        }
        self.link(object, id);
        id
    }

    /// Puts a member among those of its object, which has none of its kind.
    fn link(&mut self, object: NodeId, id: NodeId) {
        let (member, Some(parent)) = (self.member_of(id), self.node(object)) else {
            return;
        };
        let mut before = parent.last;
        if self.member_of(before) > member {
            let smaller = |other: &NodeId| self.member_of(*other) < member;
            let smaller = self.children(object).take_while(smaller);
            before = smaller.last().unwrap_or(NONE);
        }
        let next = match self.node_mut(before) {
            Some(before) => std::mem::replace(&mut before.next, id),
            None => self.node(object).map_or(NONE, |parent| parent.first),
        };
        if let Some(node) = self.node_mut(id) {
            node.next = next;
        }
        if let Some(parent) = self.node_mut(object) {
            parent.members |= bit(member);
            if before == NONE {
                parent.first = id;
            }
            if next == NONE {
                parent.last = id;
            }
        }
    }

    /// Moves a member from one object to another that has none of its kind.
    pub(super) fn move_member(&mut self, from: NodeId, to: NodeId, member: u16) {
        if let Some(id) = self.child(from, member) {
            self.unlink(from, id);
            self.link(to, id);
        }
    }

    /// Takes out of an object or list what came from a segment or those behind it, but for one member.
    pub(super) fn forget_since(&mut self, home: NodeId, since: u32, but: Option<u16>) {
        let inside: Vec<NodeId> = self.children(home).collect();
        for node in inside {
            if but == Some(self.member_of(node)) {
                continue;
            }
            if self.segment(node) >= since {
                self.unlink(home, node);
            } else if self.shape(node) != Shape::Value {
                self.forget_since(node, since, None);
            }
        }
        let nodes = &self.nodes;
        self.implied.retain(|implied| {
            let made = usize::try_from(implied.item.0)
                .ok()
                .and_then(|at| nodes.get(at));
            made.is_some_and(|made| made.segment < since)
        });
    }

    /// Leaves the first items of a list and no others.
    pub(super) fn cut(&mut self, list: NodeId, count: u32) {
        let place = usize::try_from(count).unwrap_or(usize::MAX);
        let Some(last) = self.children(list).take(place).last() else {
            return;
        };
        if let Some(node) = self.node_mut(last) {
            node.next = NONE;
        }
        if let Some(node) = self.node_mut(list) {
            (node.last, node.to) = (last, node.to.min(count));
        }
    }

    /// Adds an item to the end of a list.
    pub(super) fn append(&mut self, list: NodeId, item: NodeId) {
        let last = self.node(list).map_or(NONE, |node| node.last);
        match self.node_mut(last) {
            Some(node) => node.next = item,
            None => {
                if let Some(node) = self.node_mut(list) {
                    node.first = item;
                }
            }
        }
        if let Some(node) = self.node_mut(list) {
            node.last = item;
            node.to += 1;
        }
    }

    /// How many items a list has.
    pub(super) fn count(&self, list: NodeId) -> u32 {
        self.node(list)
            .filter(|node| node.shape == Shape::List)
            .map_or(0, |node| node.to)
    }

    /// Gives a value its text, a range of `text`.
    pub(super) fn set(&mut self, id: NodeId, text: Range<usize>) {
        if let (Some(node), Ok(from), Ok(to)) = (
            self.node_mut(id),
            u32::try_from(text.start),
            u32::try_from(text.end),
        ) {
            node.from = from;
            node.to = to;
        }
    }

    /// Gives a value its text: what was written to `text` since `from`.
    pub(super) fn set_from(&mut self, id: NodeId, from: usize) {
        self.set(id, from..self.text.len());
    }

    /// Gives an object a member with this text.
    pub(super) fn write_text(&mut self, object: NodeId, member: u16, text: &[u8], segment: u32) {
        let node = self.ensure(object, member, Shape::Value, segment);
        let from = self.text.len();
        super::convert::json_text(text, &mut self.text);
        self.set_from(node, from);
    }

    /// Gives a value the text of another.
    pub(super) fn share(&mut self, id: NodeId, other: NodeId) {
        if let Some(Node { from, to, .. }) = self.node(other).copied()
            && let Some(node) = self.node_mut(id)
        {
            (node.from, node.to) = (from, to);
            self.text.push(b' '); // no text of two may grow where it stands
        }
    }

    /// Whether a value's text is the last that was written, so that it can grow where it stands.
    pub(super) fn ends_text(&self, id: NodeId) -> bool {
        self.node(id)
            .is_some_and(|node| node.to as usize == self.text.len())
    }

    /// Where the tree stands before an item is added to a list that may have to go again.
    pub(super) fn mark(&self, list: NodeId) -> Mark {
        let last = self.node(list).map_or(NONE, |node| node.last);
        Mark {
            nodes: self.nodes.len(),
            text: self.text.len(),
            implied: self.implied.len(),
            list,
            last,
        }
    }

    /// Takes back everything since the mark; nothing else may have been added meanwhile.
    pub(super) fn take_back(&mut self, mark: Mark) {
        self.nodes.truncate(mark.nodes);
        self.text.truncate(mark.text);
        self.implied.truncate(mark.implied);
        if let Some(last) = self.node_mut(mark.last) {
            last.next = NONE;
        }
        if let Some(list) = self.node_mut(mark.list) {
            list.last = mark.last;
            list.to = list.to.saturating_sub(1);
            if mark.last == NONE {
                list.first = NONE;
            }
        }
    }

    /// Marks a node as written.
    pub(super) fn use_up(&mut self, id: NodeId) {
        if let Some(node) = self.node_mut(id) {
            node.used = true;
            self.uses = true;
        }
    }

    pub(super) fn is_used(&self, id: NodeId) -> bool {
        self.node(id).is_some_and(|node| node.used)
    }
}

/// The text between a JSON string's quotes, where nothing in it is escaped.
pub(super) fn unquoted(json: &[u8]) -> Option<&[u8]> {
    let inner = json.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    (!inner.contains(&b'\\')).then_some(inner)
}

/// Nodes of one parent.
pub(super) struct Children<'t> {
    tree: &'t Tree,
    next: NodeId,
}

impl Iterator for Children<'_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        let id = self.next;
        self.next = self.tree.node(id)?.next;
        Some(id)
    }
}
