//! What a segment that is written says of the document: values that are used up, and those that nothing can say any more.
//! Chooses nothing.
//! Invariant: a value of which a reader believes something else is never used up.

use crate::finding::{Finding, Place};
use crate::map::compose::Draft;
use crate::rule::Rule as Broken;

use super::Writing;

impl Writing {
    /// What a segment says is used up; what it makes a reader believe otherwise is not to be said any more.
    pub(super) fn say(&mut self, draft: &Draft) {
        self.spoiled.extend(&draft.spoiled);
        for node in draft.used.iter().chain(&draft.noted) {
            if !self.spoiled.contains(node) {
                self.tree.use_up(*node);
            }
        }
    }

    /// Writes a segment: what it says is used up.
    pub(in crate::map) fn commit(&mut self, draft: Draft) {
        self.say(&draft);
        self.progress.extend(draft.progress);
        if let Some((at, rule, text)) = draft.fault {
            let place = Place {
                tag: draft.row.tag,
                element: u16::from(at.element),
                component: u16::from(at.component),
                segment: u32::try_from(self.rows.len() + 2).unwrap_or(u32::MAX),
                ..Place::default()
            };
            let finding = Finding::new(rule, "the element cannot hold all of this value");
            self.findings.push(finding.found(text.as_bytes()).at(place));
        }
        self.rows.push(draft.row);
    }

    /// A finding about the document as a whole.
    pub(in crate::map) fn refuse(&mut self, what: String) {
        self.findings.push(Finding {
            severity: canonical::problem::Severity::Error,
            ..Finding::new(Broken::ElementUnwritable, what)
        });
    }
}
