//! Values made of an element's words: a code's word, and texts that grow by lines.
//! Knows nothing of numbers and dates.
//! Invariant: a text that reached its bound grows no further; the rest stays unmapped.

use canonical::identifiers::Scheme;
use canonical::model::Kind;

use crate::finding::Finding;
use crate::map::convert;
use crate::map::read::Reading;
use crate::rule::Rule as Broken;

use super::{Call, translate};

/// Longest text that grows by lines while others are written between them.
const GROWING: usize = 64 << 10;

impl Reading {
    pub(super) fn word(&mut self, call: &Call<'_, '_, '_>, table: u16, data: &[u8]) -> bool {
        let Some(table) = call.at.plan.tables.get(usize::from(table)) else {
            return false;
        };
        let Some(word) = translate(table, data) else {
            if table.name.as_ref() == "purpose" {
                let finding = Finding::new(
                    Broken::PurposeUnusual,
                    "the purpose of the document is none that the canonical model has",
                );
                let hint = "it may be a duplicate of one that came before";
                self.complain(call.at, call.address, finding.hint(hint));
            }
            return false;
        };
        if matches!(call.path.kind, Kind::Boolean) {
            return self.put(call, |out| {
                out.extend_from_slice(word.as_bytes());
                matches!(word.as_ref(), "true" | "false")
            });
        }
        if matches!(call.path.kind, Kind::Scheme | Kind::ReferenceType) && !Scheme::has_form(&word)
        {
            return false;
        }
        self.text(call, word.as_bytes())
    }

    /// Adds to a text: a new line, or after a blank.
    pub(super) fn grow(&mut self, call: &Call<'_, '_, '_>, data: &[u8], between: &[u8]) -> bool {
        let start = self.start(call.object, call.path);
        let owner = self.tree.follow(start, call.path, call.segment);
        let Some(node) = self.tree.child(owner, call.path.member) else {
            return self.text(call, data);
        };
        let (from, length) = (self.tree.text.len(), self.tree.value(node).len());
        if self.tree.ends_text(node) {
            self.tree.text.pop();
            self.tree.text.extend_from_slice(between);
            convert::json_inner(data, &mut self.tree.text);
            self.tree.text.push(b'"');
            let to = self.tree.text.len();
            self.tree.set(node, from - length..to);
            return true;
        }
        if length > GROWING {
            return false;
        }
        let mut text = self.tree.value(node).to_vec();
        text.pop();
        self.tree.text.extend_from_slice(&text);
        self.tree.text.extend_from_slice(between);
        convert::json_inner(data, &mut self.tree.text);
        self.tree.text.push(b'"');
        self.tree.set_from(node, from);
        true
    }
}
