//! A document as JSON, and what has no home in it.
//! Writes each value as it was converted.
//! Invariant: members come in the order of the model.

use crate::finding::Finding;
use crate::map::convert;
use crate::map::facts::{bit, facts};
use crate::map::finish::UNMAPPED;
use crate::map::language::Address;
use crate::map::read::{At, Reading};
use crate::map::tree::{NodeId, Shape, Tree};
use crate::rule::Rule as Broken;
use canonical::model::ObjectId;

impl Reading {
    /// Keeps what has no home in the nearest object around that keeps such things.
    pub(in crate::map) fn unmapped(
        &mut self,
        object: NodeId,
        path: &str,
        data: &[u8],
        at: &At<'_, '_>,
    ) {
        let home = if self.keeps_unmapped(object) {
            object
        } else {
            self.unmapped_home()
        };
        self.keep_unmapped(home, path, at, |out| convert::json_text(data, out));
    }

    fn keeps_unmapped(&self, node: NodeId) -> bool {
        matches!(self.tree.shape(node), Shape::Object(kind) if facts(kind).unmapped.is_some())
    }

    fn unmapped_home(&self) -> NodeId {
        let mut around = self.objects_around();
        let home = around.find(|node| self.keeps_unmapped(*node));
        home.unwrap_or(self.root.unwrap_or(Tree::TOP))
    }

    /// Keeps a value, which `write` adds as JSON, in the `unmapped` of an object.
    pub(in crate::map) fn keep_unmapped(
        &mut self,
        home: NodeId,
        path: &str,
        at: &At<'_, '_>,
        write: impl FnOnce(&mut Vec<u8>),
    ) {
        let Shape::Object(kind) = self.tree.shape(home) else {
            return;
        };
        let Some(member) = facts(kind).unmapped else {
            return;
        };
        let segment = u32::try_from(at.index).unwrap_or(u32::MAX);
        let list = self.tree.ensure(home, member, Shape::List, segment);
        if self.tree.count(list) >= UNMAPPED {
            return self.complain_of_unmapped(at, self.tree.count(list));
        }
        let from = self.tree.text.len();
        let text = &mut self.tree.text;
        text.extend_from_slice(b"{\"path\":\"");
        text.extend_from_slice(at.context.interchange.syntax.as_str().as_bytes());
        text.push(b':');
        convert::json_inner(path.as_bytes(), text);
        text.extend_from_slice(b"\",\"value\":");
        write(text);
        text.extend_from_slice(b",\"reason\":\"no_mapping\"}");
        let item = self.tree.spare(Shape::Value, segment);
        self.tree.append(list, item);
        self.tree.set_from(item, from);
    }

    /// Says once that a document has as much without a home as it can carry.
    fn complain_of_unmapped(&mut self, at: &At<'_, '_>, count: u32) {
        let known = |finding: &Finding| finding.rule == Broken::UnmappedLimit;
        if count == UNMAPPED && !self.findings.iter().any(known) {
            let finding = Finding::new(
                Broken::UnmappedLimit,
                "more content without a home than a document can carry; the file keeps it",
            );
            let expected = format!("at most {UNMAPPED} values");
            self.complain(at, Address::default(), finding.expected(expected));
        }
    }

    /// Writes a document, together with what all documents of the message share.
    pub(in crate::map) fn write_document(&self, root: NodeId, kind: ObjectId, out: &mut Vec<u8>) {
        if root == Tree::TOP {
            return self.write_object(root, kind, out);
        }
        let own = self.tree.members(root);
        let shared = self.tree.children(Tree::TOP);
        let shared = shared.filter(|node| own & bit(self.tree.member_of(*node)) == 0);
        let mut nodes: Vec<NodeId> = self.tree.children(root).chain(shared).collect();
        nodes.sort_by_key(|node| self.tree.member_of(*node));
        self.write_members(nodes.into_iter(), kind, out);
    }

    fn write_object(&self, object: NodeId, kind: ObjectId, out: &mut Vec<u8>) {
        self.write_members(self.tree.children(object), kind, out);
    }

    fn write_members(
        &self,
        nodes: impl Iterator<Item = NodeId>,
        kind: ObjectId,
        out: &mut Vec<u8>,
    ) {
        let known = facts(kind);
        let begin = out.len();
        for node in nodes {
            let member = self.tree.member_of(node);
            let empty = self.tree.shape(node) != Shape::Value && self.tree.is_empty(node);
            if self.tree.is_used(node) || (empty && known.required & bit(member) == 0) {
                continue;
            }
            let name = known.names.get(usize::from(member));
            out.extend_from_slice(name.map_or(b",", |name| name));
            self.write_node(node, out);
        }
        open(out, begin, b'{');
        out.push(b'}');
    }

    fn write_node(&self, node: NodeId, out: &mut Vec<u8>) {
        match self.tree.shape(node) {
            Shape::Value => out.extend_from_slice(self.tree.value(node)),
            Shape::Object(kind) => self.write_object(node, kind, out),
            Shape::List => {
                let begin = out.len();
                let items = self.tree.children(node);
                for item in items.filter(|item| !self.tree.is_used(*item)) {
                    out.push(b',');
                    self.write_node(item, out);
                }
                open(out, begin, b'[');
                out.push(b']');
            }
        }
    }
}

/// Opens an object or a list whose members were written with a comma before each: over the first comma, where there is one.
fn open(out: &mut Vec<u8>, begin: usize, bracket: u8) {
    match out.get_mut(begin) {
        Some(comma) => *comma = bracket,
        None => out.push(bracket),
    }
}
