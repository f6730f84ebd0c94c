//! What has no home in a document is kept beside what has one, with its path.
//! Never decides that something has none.
//! Invariant: a document keeps no more of it than [`UNMAPPED`] values, and says so when there were more.

use crate::finding::Finding;
use crate::map::convert;
use crate::map::facts::facts;
use crate::map::finish::UNMAPPED;
use crate::map::language::Address;
use crate::map::read::{At, Reading};
use crate::map::tree::{NodeId, Shape, Tree};
use crate::rule::Rule as Broken;

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
}
