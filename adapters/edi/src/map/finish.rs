//! Finishes a document: what follows from what is there (currencies, units, defaults), what must be there, and its JSON.
//! Never changes a value that the message stated.
//! Invariant: what is given away is a document of the canonical model; what cannot be one is a finding.

pub(super) mod checks;
mod complete;
mod settings;
mod unmapped;

use std::collections::HashMap;

use canonical::entity::{EntityKind, Keys};
use canonical::model::{Kind, ObjectId, model};

use crate::finding::Finding;
use crate::headers::shown;
use crate::rule::Rule as Broken;

use super::path::Path;
use super::read::{At, Later, Reading};
use super::tree::{NodeId, Shape, Tree, unquoted};

/// Entries of `unmapped` that one document keeps; the file keeps the rest.
const UNMAPPED: u32 = 5000;

/// A document that is complete.
#[derive(Debug)]
pub struct Made {
    /// Which entity.
    pub kind: EntityKind,
    /// Where it is filed.
    pub keys: Keys,
    /// Index of the first segment that it was made of, and of the last.
    pub segments: (usize, usize),
}

impl Made {
    /// Where in the document's JSON its provenance belongs, a comma before it: behind the version of the model.
    pub const PROVENANCE_AT: usize = "{\"schema_version\":\"1.0\"".len();
}

impl Reading {
    /// The document at `root`, or nothing when it cannot be one.
    pub(super) fn finish(
        &mut self,
        at: &At<'_, '_>,
        root: NodeId,
        first: usize,
        last: usize,
    ) -> Option<Made> {
        let before = self.findings.len();
        self.root = Some(root);
        self.warned_of_currency = false;
        if let Some((version, _)) = model().member(at.plan.root, "schema_version") {
            self.fixed(root, version, b"\"1.0\"");
        }
        for lost in self.tree.join_implied() {
            self.keep_values(at, lost, None);
        }
        self.set_else(at);
        self.set_defaults(at, root);
        self.set_later(at);
        self.check_hierarchy(at);
        if root != Tree::TOP {
            self.complete(at, Tree::TOP, at.plan.root, None);
        }
        self.complete(at, root, at.plan.root, None);
        self.check_lines(at, root);
        self.check_quantities(at, root);
        self.check_required(at, root);
        self.root = None;
        if self
            .findings
            .get(before..)
            .unwrap_or_default()
            .iter()
            .any(Finding::is_error)
        {
            return None;
        }
        let keys = self.keys(at.plan.kind, root, at.plan.root);
        Some(Made {
            kind: at.plan.kind,
            keys,
            segments: (first, last),
        })
    }

    fn keys(&self, kind: EntityKind, root: NodeId, top: ObjectId) -> Keys {
        let text = |path: &str| {
            let path = Path::read(path, top, top).ok()?;
            let owner = |root: NodeId| {
                self.tree
                    .look(root, &path)
                    .and_then(|owner| self.tree.child(owner, path.member))
            };
            plain(self.tree.value(owner(root).or_else(|| owner(Tree::TOP))?))
        };
        let orders = model()
            .member(top, "orders")
            .and_then(|(place, found)| match found.kind {
                Kind::Object(item) => Some((
                    self.shared(root, place)?,
                    model().member(item, "order_id")?.0,
                )),
                _ => None,
            });
        let orders: Option<Vec<String>> = orders.map(|(list, member)| {
            self.tree
                .children(list)
                .filter_map(|item| plain(self.tree.value(self.tree.child(item, member)?)))
                .collect()
        });
        Keys::of(kind, &text, &orders.unwrap_or_default())
    }

    /// Gives a member this JSON text.
    fn fixed(&mut self, object: NodeId, member: u16, json: &[u8]) {
        let node = self.tree.ensure(object, member, Shape::Value, 0);
        let from = self.tree.text.len();
        self.tree.text.extend_from_slice(json);
        self.tree.set_from(node, from);
    }

    /// A member of the document, which may be one that all documents of the message share.
    fn shared(&self, root: NodeId, member: u16) -> Option<NodeId> {
        self.tree
            .child(root, member)
            .or_else(|| self.tree.child(Tree::TOP, member))
    }

    /// Sets what the message did not state; a currency that nobody states is `XXX`, with a warning.
    fn set_defaults(&mut self, at: &At<'_, '_>, root: NodeId) {
        for default in &at.plan.defaults {
            let objects: Vec<(NodeId, u32)> = match default.list {
                None => vec![(root, 1)],
                Some(list) => self
                    .shared(root, list)
                    .map(|list| self.tree.children(list).zip(1..).collect())
                    .unwrap_or_default(),
            };
            for (object, ordinal) in objects {
                let stated = |tree: &Tree, object| {
                    let owner = tree.look(object, &default.path)?;
                    tree.child(owner, default.path.member)
                };
                let shared = default.list.is_none().then_some(Tree::TOP);
                let there = stated(&self.tree, object)
                    .or_else(|| shared.and_then(|top| stated(&self.tree, top)));
                if there.is_none() {
                    self.set_default(at, object, ordinal, default);
                }
            }
        }
    }

    /// Sets what had to wait for the whole document.
    pub(super) fn set_later(&mut self, at: &At<'_, '_>) {
        let levels = self.levels();
        for later in std::mem::take(&mut self.later) {
            match later {
                Later::Around {
                    object,
                    member,
                    list,
                    from,
                    branch,
                    items,
                } => {
                    let item = self.ancestor(&levels, branch, (list, object)).or_else(|| {
                        items
                            .iter()
                            .find(|(member, item)| *member == list && *item != object)
                            .map(|(_, item)| *item)
                    });
                    let item = item.or_else(|| self.only_item(list, (object, member)));
                    if let Some(value) = item.and_then(|item| self.tree.child(item, from)) {
                        self.copy_value(object, member, value);
                    }
                }
                Later::Below {
                    object,
                    member,
                    list,
                    from,
                    branch,
                } => self.set_below(at, (object, member), (list, from), branch),
                Later::Above {
                    object,
                    member,
                    from,
                    branch,
                } => self.set_above(at, (object, member), from, branch),
                Later::Number {
                    whole,
                    value,
                    address,
                    segment,
                } => self.check_number(at, whole, &value, (address, segment)),
                Later::Set {
                    object,
                    section,
                    set,
                } => self.set_late(at, object, (section, set)),
                Later::Else { .. } => {} // done before
                Later::Check {
                    section,
                    rule,
                    target,
                    value,
                    segment,
                } => self.check(at, (section, rule, target), &value, segment),
            }
        }
    }

    /// Each level of the hierarchy by its number.
    fn levels(&self) -> HashMap<Box<[u8]>, usize> {
        let mut levels = HashMap::with_capacity(self.branches.len());
        for (place, branch) in self.branches.iter().enumerate() {
            levels.entry(branch.id.clone()).or_insert(place);
        }
        levels
    }
}

/// The text of a JSON value: a string's content, anything else as it stands.
fn plain(json: &[u8]) -> Option<String> {
    match unquoted(json) {
        Some(text) => Some(shown(text)),
        None if json.starts_with(b"\"") => serde_json::from_slice(json).ok(),
        None => Some(shown(json)),
    }
}

/// The message's first segment after its header: where a complaint about the whole document points.
fn first<'p, 'a>(at: &At<'p, 'a>) -> At<'p, 'a> {
    At {
        index: 1.min(at.view.len().saturating_sub(1)),
        ..*at
    }
}

fn no_currency() -> Finding {
    Finding::new(
        Broken::CurrencyMissing,
        "no currency is stated: amounts are in XXX",
    )
    .hint("have the sender state it, or set the partner's currency")
}
