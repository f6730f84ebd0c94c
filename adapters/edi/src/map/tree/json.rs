//! A document as JSON.
//! Writes each value as it was converted.
//! Invariant: members come in the order of the model.

use super::{Node, NodeId, Shape, Tree};
use crate::map::facts::{bit, facts};
use canonical::model::ObjectId;

impl Tree {
    /// Writes a document, together with what all documents of the message share.
    pub(in crate::map) fn write_document(&self, root: NodeId, kind: ObjectId, out: &mut Vec<u8>) {
        if root == Self::TOP {
            return self.write_members(self.children(root), kind, out);
        }
        let own = self.members(root);
        let shared = self.children(Self::TOP);
        let shared = shared.filter(|node| own & bit(self.member_of(*node)) == 0);
        let mut nodes: Vec<NodeId> = self.children(root).chain(shared).collect();
        nodes.sort_by_key(|node| self.member_of(*node));
        self.write_members(nodes.into_iter(), kind, out);
    }

    fn write_members(
        &self,
        members: impl Iterator<Item = NodeId>,
        kind: ObjectId,
        out: &mut Vec<u8>,
    ) {
        let known = facts(kind);
        let begin = out.len();
        for node in members.filter_map(|id| self.node(id)) {
            let name = known.names.get(usize::from(node.member));
            let name = name.map_or(b",".as_slice(), |name| name);
            let needed = known.required & bit(node.member) != 0;
            if !node.used && (node.shape == Shape::Value || needed || !self.is_bare(node)) {
                out.extend_from_slice(name);
                self.write_node(node, out);
            }
        }
        open(out, begin, b'{');
        out.push(b'}');
    }

    fn write_node(&self, node: &Node, out: &mut Vec<u8>) {
        match node.shape {
            Shape::Value => out.extend_from_slice(self.text_of(node)),
            Shape::Object(kind) => self.write_members(self.children_of(node), kind, out),
            Shape::List => {
                let begin = out.len();
                for item in self.children_of(node).filter_map(|id| self.node(id)) {
                    if !item.used {
                        out.push(b',');
                        self.write_node(item, out);
                    }
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
