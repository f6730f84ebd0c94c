//! A document as JSON, and what has no home in it.
//! Writes each value as it was converted.
//! Invariant: members come in the order of the model.

use crate::finding::Finding;
use crate::map::convert;
use crate::map::finish::NAMES;
use crate::map::finish::UNMAPPED;
use crate::map::language::Address;
use crate::map::read::{At, NONE, Reading};
use crate::map::tree::{NodeId, Shape, Tree};
use crate::rule::Rule as Broken;
use canonical::model::{ObjectId, model};

impl Reading {
    /// Keeps what has no home in the nearest object around that keeps such things.
    pub(in crate::map) fn unmapped(
        &mut self,
        object: NodeId,
        path: &str,
        data: &[u8],
        reason: &str,
        at: &At<'_, '_>,
    ) {
        let mut json = Vec::with_capacity(data.len() + 2);
        convert::json_text(data, &mut json);
        let has = |node: NodeId| matches!(self.tree.shape(node), Shape::Object(kind) if model().member(kind, "unmapped").is_some());
        let home = if has(object) {
            object
        } else {
            self.unmapped_home()
        };
        self.unmapped_json(home, path, &json, reason, at);
    }

    pub(in crate::map) fn unmapped_home(&self) -> NodeId {
        self.objects_around().find(|node| matches!(self.tree.shape(*node), Shape::Object(kind) if model().member(kind, "unmapped").is_some())).unwrap_or(self.root.unwrap_or(Tree::TOP))
    }

    pub(in crate::map) fn unmapped_json(
        &mut self,
        home: NodeId,
        path: &str,
        value: &[u8],
        reason: &str,
        at: &At<'_, '_>,
    ) {
        let Shape::Object(kind) = self.tree.shape(home) else {
            return;
        };
        let Some((member, _)) = model().member(kind, "unmapped") else {
            return;
        };
        let segment = u32::try_from(at.index).unwrap_or(u32::MAX);
        let list = self.tree.ensure(home, member, Shape::List, segment);
        if self.tree.count(list) >= UNMAPPED {
            if self.tree.count(list) == UNMAPPED
                && !self
                    .findings
                    .iter()
                    .any(|finding| finding.rule == Broken::UnmappedLimit)
            {
                let finding = Finding::new(
                    Broken::UnmappedLimit,
                    "more content without a home than a document can carry; the file keeps it",
                );
                self.complain(
                    at,
                    Address::default(),
                    finding.expected(format!("at most {UNMAPPED} values")),
                );
            }
            return;
        }
        let from = self.tree.text.len();
        let text = &mut self.tree.text;
        text.extend_from_slice(b"{\"path\":");
        convert::json_text(
            format!("{}:{path}", at.context.interchange.syntax).as_bytes(),
            text,
        );
        text.extend_from_slice(b",\"value\":");
        text.extend_from_slice(value);
        text.extend_from_slice(b",\"reason\":\"");
        text.extend_from_slice(reason.as_bytes());
        text.extend_from_slice(b"\"}");
        let item = self.tree.spare(Shape::Value, segment);
        self.tree.append(list, item);
        self.tree.set_from(item, from);
    }

    /// Writes an object; at the top together with what all documents of the message share.
    pub(in crate::map) fn write_object(&self, object: NodeId, kind: ObjectId, out: &mut Vec<u8>) {
        let names = NAMES.get(kind.place()).map_or(&[][..], |names| names);
        let members = model().members(kind);
        let shared = kind_is_top(&self.tree, object, kind)
            .then_some(Tree::TOP)
            .filter(|top| *top != object);
        let mut own = self.tree.children(object).peekable();
        let mut other = shared
            .map(|top| self.tree.children(top))
            .into_iter()
            .flatten()
            .peekable();
        let mut first = true;
        out.push(b'{');
        loop {
            let place =
                |node: Option<&NodeId>| node.map_or(NONE, |node| self.tree.member_of(*node));
            let (mine, theirs) = (place(own.peek()), place(other.peek()));
            let node = if mine <= theirs {
                if mine == theirs {
                    other.next();
                }
                own.next()
            } else {
                other.next()
            };
            let Some(node) = node else { break };
            let member = usize::from(self.tree.member_of(node));
            let required = members.get(member).is_some_and(|member| member.required);
            if self.tree.is_used(node)
                || (self.tree.shape(node) != Shape::Value && self.tree.is_empty(node) && !required)
            {
                continue;
            }
            if !first {
                out.push(b',');
            }
            first = false;
            out.extend_from_slice(names.get(member).map_or(b"", |name| name));
            self.write_node(node, out);
        }
        out.push(b'}');
    }

    pub(in crate::map) fn write_node(&self, node: NodeId, out: &mut Vec<u8>) {
        match self.tree.shape(node) {
            Shape::Value => out.extend_from_slice(self.tree.value(node)),
            Shape::Object(kind) => self.write_object(node, kind, out),
            Shape::List => {
                out.push(b'[');
                let mut first = true;
                for item in self
                    .tree
                    .children(node)
                    .filter(|item| !self.tree.is_used(*item))
                {
                    if !first {
                        out.push(b',');
                    }
                    first = false;
                    self.write_node(item, out);
                }
                out.push(b']');
            }
        }
    }
}

/// Whether an object is a document of a message that has several.
pub(in crate::map) fn kind_is_top(tree: &Tree, object: NodeId, kind: ObjectId) -> bool {
    tree.shape(Tree::TOP) == Shape::Object(kind) && tree.shape(object) == Shape::Object(kind)
}
