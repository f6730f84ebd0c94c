//! Finishes a document: what follows from what is there (currencies, units, defaults), what must be there, and its JSON.
//! Never changes a value that the message stated.
//! Invariant: what is given away is a document of the canonical model; what cannot be one is a finding.

pub(super) mod checks;
mod complete;
mod json;

use std::collections::HashMap;
use std::sync::LazyLock;

use canonical::entity::{EntityKind, Keys};
use canonical::model::{Kind, ObjectId, model};

use crate::finding::Finding;
use crate::headers::shown;
use crate::rule::Rule as Broken;

use super::apply::translate;
use super::convert;
use super::language::Address;
use super::path::Path;
use super::plan::{Rule, SetFrom};
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

/// `"name":` of each member, ready to be written.
static NAMES: LazyLock<Vec<Vec<Box<[u8]>>>> = LazyLock::new(|| {
    let name =
        |member: &canonical::model::Member| format!("\"{}\":", member.name).into_bytes().into();
    model()
        .objects()
        .map(|object| model().members(object).iter().map(name).collect())
        .collect()
});

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
        self.constant(root, at.plan.root, "schema_version", b"\"1.0\"");
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

    fn constant(&mut self, object: NodeId, kind: ObjectId, name: &str, json: &[u8]) {
        if let Some((member, _)) = model().member(kind, name) {
            let node = self.tree.ensure(object, member, Shape::Value, 0);
            let from = self.tree.text.len();
            self.tree.text.extend_from_slice(json);
            self.tree.set_from(node, from);
        }
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

    fn set_default(
        &mut self,
        at: &At<'_, '_>,
        object: NodeId,
        ordinal: u32,
        default: &super::plan::Default,
    ) {
        let path = &default.path;
        let segment = self.tree.segment(object);
        if let SetFrom::Copy(from, _) = &default.from {
            let start = self.start(object, from);
            let owner = self.tree.look(start, from);
            if owner
                .and_then(|owner| self.tree.child(owner, from.member))
                .is_none()
            {
                return;
            }
        }
        let owner = self.tree.follow(object, path, segment);
        match &default.from {
            SetFrom::Literal(text) if path.kind == Kind::Currency => {
                let stated = at.context.currency.unwrap_or(text);
                if stated == "XXX" {
                    self.complain(&first(at), Address::default(), no_currency());
                }
                self.literal(owner, path, stated, segment);
            }
            SetFrom::Literal(text) | SetFrom::Else(text) => {
                self.literal(owner, path, text, segment);
            }
            SetFrom::Ordinal => self.literal(owner, path, &ordinal.to_string(), segment),
            SetFrom::Sender { role } => {
                self.sender(at, owner, path, role);
                if matches!(path.kind, Kind::Object(kind) if model().name(kind) == "location") {
                    let finding = Finding::new(
                        Broken::LocationMissing,
                        "no warehouse is stated: the stock is taken as the sender's",
                    );
                    self.complain(&first(at), Address::default(), finding);
                }
            }
            SetFrom::Copy(from, table) => {
                self.copy(at, (owner, path.member), (object, from), *table);
            }
            SetFrom::Around { .. } | SetFrom::Below { .. } => {}
        }
    }

    /// Copies a value from a path that starts at an object, or its word by a table.
    fn copy(
        &mut self,
        at: &At<'_, '_>,
        (object, member): (NodeId, u16),
        (start, from): (NodeId, &Path),
        table: Option<u16>,
    ) {
        let start = self.start(start, from);
        let Some(value) = self
            .tree
            .look(start, from)
            .and_then(|owner| self.tree.child(owner, from.member))
        else {
            return;
        };
        let Some(table) = table.and_then(|table| at.plan.tables.get(usize::from(table))) else {
            self.copy_value(object, member, value);
            return;
        };
        let word = unquoted(self.tree.value(value)).and_then(|code| translate(table, code));
        if let Some(word) = word
            && self.tree.child(object, member).is_none()
        {
            let segment = self.tree.segment(object);
            let node = self.tree.ensure(object, member, Shape::Value, segment);
            let from = self.tree.text.len();
            convert::json_text(word.as_bytes(), &mut self.tree.text);
            self.tree.set_from(node, from);
        }
    }

    fn copy_value(&mut self, object: NodeId, member: u16, value: NodeId) {
        if self.tree.child(object, member).is_some() {
            return;
        }
        let text = self.tree.value(value).to_vec();
        let node = self
            .tree
            .ensure(object, member, Shape::Value, self.tree.segment(object));
        let from = self.tree.text.len();
        self.tree.text.extend_from_slice(&text);
        self.tree.set_from(node, from);
    }

    /// Sets what had to wait for the whole document.
    fn set_later(&mut self, at: &At<'_, '_>) {
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

    /// Sets what elements say where nothing else has said it: before any default.
    fn set_else(&mut self, at: &At<'_, '_>) {
        let waits = |later: &mut Later| matches!(later, Later::Else { .. });
        let found: Vec<Later> = self.later.extract_if(.., waits).collect();
        for later in found {
            let Later::Else {
                object,
                number,
                address,
                segment,
                path,
            } = later
            else {
                continue;
            };
            let at = At {
                index: segment,
                ..*at
            };
            if !self.apply_late(&at, number, address, object) {
                let section = at.plan.sections.get(usize::from(number.0));
                let rule = section.and_then(|section| section.rules.get(number.1));
                let format = rule.and_then(Rule::late_format);
                for address in [Some(address), format].into_iter().flatten() {
                    self.leave_late(&at, address, object, &path);
                }
            }
        }
    }

    /// Gives an object a value of the item that stands right below it. Where there are several, none is chosen: that they
    /// stand there is kept as unmapped.
    fn set_below(
        &mut self,
        at: &At<'_, '_>,
        (object, member): (NodeId, u16),
        (list, from): (u16, u16),
        branch: Option<u32>,
    ) {
        let own = branch.and_then(|branch| self.branches.get(branch as usize));
        let Some(own) = own.filter(|_| self.tree.child(object, member).is_none()) else {
            return;
        };
        let items: Vec<(usize, NodeId)> = self
            .branches
            .iter()
            .filter(|below| below.parent == own.id && !own.id.is_empty())
            .filter_map(|below| Some((below.segment, below.item.filter(|(of, _)| *of == list)?.1)))
            .collect();
        if let [(_, item)] = items.as_slice()
            && let Some(value) = self.tree.child(*item, from)
        {
            self.copy_value(object, member, value);
        } else {
            let parent = own.id.clone();
            for (index, _) in items {
                let path = self.path_of(&At { index, ..*at });
                let root = self.root.unwrap_or(Tree::TOP);
                self.unmapped(root, &format!("{path}/parent"), &parent, "no_mapping", at);
            }
        }
    }

    /// Gives an object that is there what a section sets in the end.
    fn set_late(&mut self, at: &At<'_, '_>, object: NodeId, (section, set): (u16, usize)) {
        let section = at.plan.sections.get(usize::from(section));
        let Some((to, from)) = section.and_then(|section| section.set.get(set)) else {
            return;
        };
        let start = self.start(object, to);
        match from {
            SetFrom::Copy(from, table) => {
                if let Some(owner) = self.tree.look(start, to) {
                    self.copy(at, (owner, to.member), (object, from), *table);
                }
            }
            SetFrom::Else(text) => {
                let segment = self.tree.segment(object);
                let owner = self.tree.follow(start, to, segment);
                self.literal(owner, to, text, segment);
            }
            _ => {}
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

    /// The nearest level above an object, or its own, that is another item of the list.
    fn ancestor(
        &self,
        levels: &HashMap<Box<[u8]>, usize>,
        branch: Option<u32>,
        (list, object): (u16, NodeId),
    ) -> Option<NodeId> {
        let mut branch = self.branches.get(branch? as usize)?;
        for _ in 0..=self.branches.len() {
            if let Some((member, item)) = branch.item
                && member == list
                && item != object
            {
                return Some(item);
            }
            branch = self.branches.get(*levels.get(&branch.parent)?)?;
        }
        None
    }

    /// The list's only item, for a member that an object must have.
    fn only_item(&self, list: u16, (object, member): (NodeId, u16)) -> Option<NodeId> {
        let Shape::Object(kind) = self.tree.shape(object) else {
            return None;
        };
        let member = model().members(kind).get(usize::from(member))?;
        let list = self.shared(self.root.unwrap_or(Tree::TOP), list)?;
        let mut items = self.tree.children(list);
        items
            .next()
            .filter(|item| member.required && *item != object && items.next().is_none())
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
