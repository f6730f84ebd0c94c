//! Finishes a document: what follows from what is there (currencies, units, defaults), what must be there, and its JSON.
//! Never changes a value that the message stated.
//! Invariant: what is given away is a document of the canonical model; what cannot be one is a finding.

use std::collections::HashSet;
use std::sync::LazyLock;

use canonical::decimal::Decimal;
use canonical::entity::{EntityKind, Keys};
use canonical::model::{Kind, ObjectId, model};

use crate::finding::Finding;
use crate::headers::shown;
use crate::rule::Rule as Broken;

use super::convert;
use super::function::Function;
use super::language::Address;
use super::path::{Path, Step};
use super::plan::{SetFrom, Target};
use super::read::{At, Later, NONE, Reading};
use super::tree::{NodeId, Shape, Tree, unquoted};

/// Entries of `unmapped` that one document keeps; the file keeps the rest.
const UNMAPPED: u32 = 5000;

/// A document that is complete.
#[derive(Debug)]
pub struct Made<'a> {
    /// Which entity.
    pub kind: EntityKind,
    /// Its JSON, on one line.
    pub json: &'a [u8],
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

impl Reading {
    /// The document at `root`, or nothing when it cannot be one.
    pub(super) fn finish(
        &mut self,
        at: &At<'_, '_>,
        root: NodeId,
        first: usize,
        last: usize,
    ) -> Option<Made<'_>> {
        let before = self.findings.len();
        self.root = Some(root);
        self.constant(root, at.plan.root, "schema_version", b"\"1.0\"");
        self.set_defaults(at, root);
        self.set_later(at);
        self.check_hierarchy(at);
        self.complete(at, root, at.plan.root, None);
        self.check_lines(at, root);
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
        if let Some((member, _)) = model().member(at.plan.root, "provenance") {
            let from = self.tree.text.len();
            (at.context.provenance)(first, last, &mut self.tree.text);
            if self.tree.text.len() > from {
                let node = self.tree.ensure(root, member, Shape::Value, 0);
                self.tree.set_from(node, from);
            }
        }
        let mut json = std::mem::take(&mut self.json);
        json.clear();
        self.write_object(root, at.plan.root, &mut json);
        self.json = json;
        let keys = self.keys(at.plan.kind, root, at.plan.root);
        Some(Made {
            kind: at.plan.kind,
            json: &self.json,
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
        let orders = orders.map(|(list, member)| {
            self.tree
                .children(list)
                .filter_map(|item| plain(self.tree.value(self.tree.child(item, member)?)))
                .collect()
        });
        Keys::of(kind, &text, &orders.unwrap_or_else(Vec::new))
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
                let there = if default.list.is_none() {
                    self.shared(object, default.member)
                } else {
                    self.tree.child(object, default.member)
                };
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
        let Shape::Object(kind) = self.tree.shape(object) else {
            return;
        };
        let Some(found) = model().members(kind).get(usize::from(default.member)) else {
            return;
        };
        let path = Path {
            from_root: false,
            steps: Box::default(),
            member: default.member,
            kind: found.kind,
            list: found.list,
        };
        let segment = self.tree.segment(object);
        match &default.from {
            SetFrom::Literal(text) if found.kind == Kind::Currency => {
                let stated = at.context.currency.unwrap_or(text);
                if stated == "XXX" {
                    let finding = Finding::new(
                        Broken::CurrencyMissing,
                        "no currency is stated: amounts are in XXX",
                    );
                    self.complain(
                        &first(at),
                        Address::default(),
                        finding.hint("have the sender state it, or set the partner's currency"),
                    );
                }
                self.literal(object, &path, stated, segment);
            }
            SetFrom::Literal(text) => self.literal(object, &path, text, segment),
            SetFrom::Ordinal => self.literal(object, &path, &ordinal.to_string(), segment),
            SetFrom::Sender { role } => {
                let warns = found.name == "location";
                self.sender(at, object, &path, role);
                if warns {
                    let finding = Finding::new(
                        Broken::LocationMissing,
                        "no warehouse is stated: the stock is taken as the sender's",
                    );
                    self.complain(&first(at), Address::default(), finding);
                }
            }
            SetFrom::Copy(from) => self.copy(object, default.member, object, from),
            SetFrom::Around { .. } => {}
        }
    }

    fn copy(&mut self, object: NodeId, member: u16, start: NodeId, from: &Path) {
        let start = self.start(start, from);
        let Some(value) = self
            .tree
            .look(start, from)
            .and_then(|owner| self.tree.child(owner, from.member))
        else {
            return;
        };
        self.copy_value(object, member, value);
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
                    let item = self.ancestor(branch, list).or_else(|| {
                        items
                            .iter()
                            .find(|(member, _)| *member == list)
                            .map(|(_, item)| *item)
                    });
                    let item = item.or_else(|| self.only_item(list));
                    if let Some(value) = item.and_then(|item| self.tree.child(item, from)) {
                        self.copy_value(object, member, value);
                    }
                }
                Later::Copy {
                    object,
                    member,
                    section,
                    set,
                } => {
                    let found = at
                        .plan
                        .sections
                        .get(usize::from(section))
                        .and_then(|section| section.set.get(set));
                    if let Some((_, SetFrom::Copy(from))) = found {
                        self.copy(object, member, object, from);
                    }
                }
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

    /// The nearest branch above, or the branch itself, that is an item of the list.
    fn ancestor(&self, branch: Option<u32>, list: u16) -> Option<NodeId> {
        let mut branch = self.branches.get(branch? as usize)?;
        for _ in 0..=self.branches.len() {
            if let Some((member, item)) = branch.item
                && member == list
            {
                return Some(item);
            }
            branch = self
                .branches
                .iter()
                .find(|other| other.id == branch.parent && !branch.parent.is_empty())?;
        }
        None
    }

    fn only_item(&self, list: u16) -> Option<NodeId> {
        let list = self.shared(self.root.unwrap_or(Tree::TOP), list)?;
        let mut items = self.tree.children(list);
        items.next().filter(|_| items.next().is_none())
    }

    /// Numbers used twice, parents that are not there, and circles.
    fn check_hierarchy(&mut self, at: &At<'_, '_>) {
        let mut places = std::collections::HashMap::new();
        let mut faults = Vec::new();
        for (place, branch) in self.branches.iter().enumerate() {
            if places.insert(branch.id.clone(), place).is_some() {
                faults.push((branch.segment, "the number of this level was used before"));
            }
        }
        for branch in &self.branches {
            if !branch.parent.is_empty() && !places.contains_key(&branch.parent) {
                faults.push((branch.segment, "the level's parent is not there"));
            }
        }
        let parents: Vec<Option<usize>> = self
            .branches
            .iter()
            .map(|branch| {
                places
                    .get(&branch.parent)
                    .copied()
                    .filter(|_| !branch.parent.is_empty())
            })
            .collect();
        if let Some(place) = circle(&parents) {
            faults.push((
                self.branches.get(place).map_or(0, |branch| branch.segment),
                "the levels form a circle",
            ));
        }
        for (index, what) in faults {
            self.complain(
                &At { index, ..*at },
                Address::default(),
                Finding::new(Broken::Hierarchy, what),
            );
        }
        self.branches.clear();
    }

    /// Holds a count or a sum against the document. Reports, never repairs.
    fn check(
        &mut self,
        at: &At<'_, '_>,
        (section, rule, target): (u16, usize, usize),
        value: &[u8],
        segment: usize,
    ) {
        let found = at
            .plan
            .sections
            .get(usize::from(section))
            .and_then(|section| section.rules.get(rule));
        let Some(rule) = found else { return };
        let Some(Target::Path(path, function)) = rule.targets.get(target) else {
            return;
        };
        let Some(stated) = convert::number(value, rule.decimals, b'.') else {
            return;
        };
        let (broken, what, actual) = match function {
            Function::Count => (
                Broken::LineCount,
                "the count is not that of the lines",
                Some(self.count_of(path)),
            ),
            _ => (
                Broken::HashTotal,
                "the hash total is not the sum of the quantities",
                self.sum_of(path),
            ),
        };
        let Some(actual) = actual else { return };
        if actual
            .checked_sub(stated)
            .is_none_or(|difference| !difference.is_zero())
        {
            let finding = Finding::new(broken, what).expected(actual.to_string());
            self.complain(
                &At {
                    index: segment,
                    ..*at
                },
                rule.first,
                finding,
            );
        }
    }

    fn count_of(&self, path: &Path) -> Decimal {
        let list = self.shared(self.root.unwrap_or(Tree::TOP), path.member);
        Decimal::from(list.map_or(0, |list| self.tree.count(list)))
    }

    fn sum_of(&self, path: &Path) -> Option<Decimal> {
        let (Step::Item { member, .. }, inner) = path.steps.split_first()? else {
            return None;
        };
        let list = self.shared(self.root.unwrap_or(Tree::TOP), *member)?;
        let inner = Path {
            steps: inner.into(),
            ..path.clone()
        };
        self.tree
            .children(list)
            .try_fold(Decimal::ZERO, |sum, item| {
                let value = self
                    .tree
                    .look(item, &inner)
                    .and_then(|owner| self.tree.child(owner, path.member));
                let value = value.and_then(|value| {
                    shown(unquoted(self.tree.value(value))?)
                        .parse::<Decimal>()
                        .ok()
                });
                value.map_or(Some(sum), |value| sum.checked_add(value))
            })
    }

    /// Adds currencies, units and price bases, and drops optional objects that lack what they must have. Returns whether
    /// the object has all of it. `unit` is that of the quantity beside.
    fn complete(
        &mut self,
        at: &At<'_, '_>,
        object: NodeId,
        kind: ObjectId,
        unit: Option<NodeId>,
    ) -> bool {
        let members = model().members(kind);
        let unit = self.unit_of(object, kind).or(unit);
        let mut child = self.tree.children(object).next();
        while let Some(node) = child {
            let member = self.tree.member_of(node);
            if let Some(found) = members.get(usize::from(member))
                && let Kind::Object(inner) = found.kind
            {
                self.complete_member(at, node, (inner, found.required), unit);
            }
            child = self.tree.next(node);
        }
        self.fill_in(object, kind, unit);
        (0_u16..).zip(members).all(|(place, member)| {
            !member.required
                || self
                    .tree
                    .child(object, place)
                    .is_some_and(|child| !self.tree.is_used(child))
        })
    }

    fn complete_member(
        &mut self,
        at: &At<'_, '_>,
        node: NodeId,
        (kind, required): (ObjectId, bool),
        unit: Option<NodeId>,
    ) {
        if self.tree.shape(node) != Shape::List {
            if !self.complete(at, node, kind, unit) {
                self.drop_object(at, node, kind);
            }
            return;
        }
        let mut item = self.tree.children(node).next();
        while let Some(found) = item {
            if self.tree.shape(found) != Shape::Value && !self.complete(at, found, kind, unit) {
                if required {
                    self.complain_missing(at, found, kind);
                } else {
                    self.drop_object(at, found, kind);
                }
            }
            item = self.tree.next(found);
        }
    }

    /// The unit of an object's quantity.
    fn unit_of(&self, object: NodeId, kind: ObjectId) -> Option<NodeId> {
        let (member, found) = model().member(kind, "quantity")?;
        let Kind::Object(quantity) = found.kind else {
            return None;
        };
        let (unit, _) = model().member(quantity, "unit")?;
        self.tree.child(self.tree.child(object, member)?, unit)
    }

    fn fill_in(&mut self, object: NodeId, kind: ObjectId, unit: Option<NodeId>) {
        match model().name(kind) {
            "money" => self.fill_currency(object, kind),
            "unit_price" => {
                self.fill_currency(object, kind);
                self.fill_basis(object, kind, unit);
            }
            "quantity" => {
                let Some((member, _)) = model().member(kind, "unit") else {
                    return;
                };
                if self.tree.child(object, member).is_none() {
                    self.constant(object, kind, "unit", b"\"ZZ\"");
                }
            }
            _ => {}
        }
    }

    fn fill_currency(&mut self, object: NodeId, kind: ObjectId) {
        let Some((member, _)) = model().member(kind, "currency") else {
            return;
        };
        let root = self.root.unwrap_or(Tree::TOP);
        let Shape::Object(top) = self.tree.shape(root) else {
            return;
        };
        let stated = model()
            .member(top, "currency")
            .and_then(|(place, _)| self.shared(root, place));
        match stated {
            Some(stated) => self.copy_value(object, member, stated),
            None if self.tree.child(object, member).is_none() => {
                self.constant(object, kind, "currency", b"\"XXX\"")
            }
            None => {}
        }
    }

    /// A price is for one of the line's unit where nothing else is said.
    fn fill_basis(&mut self, object: NodeId, kind: ObjectId, unit: Option<NodeId>) {
        let Some((member, found)) = model().member(kind, "per") else {
            return;
        };
        let Kind::Object(quantity) = found.kind else {
            return;
        };
        let per = self.tree.ensure(
            object,
            member,
            Shape::Object(quantity),
            self.tree.segment(object),
        );
        for (name, fixed) in [("value", b"\"1\"".as_slice()), ("unit", b"\"C62\"")] {
            let Some((place, _)) = model().member(quantity, name) else {
                continue;
            };
            if self.tree.child(per, place).is_some() {
                continue;
            }
            match unit.filter(|_| name == "unit") {
                Some(unit) => self.copy_value(per, place, unit),
                None => self.constant(per, quantity, name, fixed),
            }
        }
    }

    /// Takes an optional object out of the document; what it held is kept as unmapped.
    fn drop_object(&mut self, at: &At<'_, '_>, object: NodeId, kind: ObjectId) {
        self.tree.use_up(object);
        let index = self.tree.segment(object) as usize;
        let tag = at
            .view
            .segment(index)
            .map(|segment| segment.tag())
            .unwrap_or_default();
        let root = self.root.unwrap_or(Tree::TOP);
        let values: Vec<Vec<u8>> = self
            .tree
            .children(object)
            .filter(|child| self.tree.shape(*child) == Shape::Value)
            .map(|child| self.tree.value(child).to_vec())
            .collect();
        for value in values {
            let path = format!("{tag}({})/{}", index + 1, model().name(kind));
            self.unmapped_json(root, &path, &value, "no_mapping", at);
        }
    }

    fn complain_missing(&mut self, at: &At<'_, '_>, object: NodeId, kind: ObjectId) {
        let missing: Vec<&str> = (0_u16..)
            .zip(model().members(kind))
            .filter(|(place, member)| {
                member.required
                    && self
                        .tree
                        .child(object, *place)
                        .is_none_or(|child| self.tree.is_used(child))
            })
            .map(|(_, member)| member.name)
            .collect();
        let names = missing.join(", ");
        let index = self.tree.segment(object) as usize;
        let finding = Finding::new(
            Broken::DocumentInvalid,
            format!(
                "the {} states no {names}",
                model().name(kind).replace('_', " ")
            ),
        );
        self.complain(&At { index, ..*at }, Address::default(), finding.hint("the canonical document cannot do without: ask the sender, or map it from elsewhere"));
    }

    /// What the document itself must have.
    fn check_required(&mut self, at: &At<'_, '_>, root: NodeId) {
        for (place, member) in (0_u16..).zip(model().members(at.plan.root)) {
            let there = self.shared(root, place).is_some_and(|child| {
                !self.tree.is_used(child)
                    && (self.tree.shape(child) != Shape::List || !self.tree.is_empty(child))
            });
            if member.required && !there {
                let what = format!("the message states no {}", member.name.replace('_', " "));
                let index = self.tree.segment(root) as usize;
                let hint = format!("a {} needs it", at.plan.kind.as_str().replace('_', " "));
                self.complain(
                    &At { index, ..*at },
                    Address::default(),
                    Finding::new(Broken::DocumentInvalid, what).hint(hint),
                );
            }
        }
    }

    /// Line numbers that are used twice.
    fn check_lines(&mut self, at: &At<'_, '_>, root: NodeId) {
        for (place, member) in (0_u16..).zip(model().members(at.plan.root)) {
            let Kind::Object(kind) = member.kind else {
                continue;
            };
            if !matches!(member.name, "lines" | "changes") {
                continue;
            }
            let (Some(list), Some((number, _))) =
                (self.tree.child(root, place), model().member(kind, "line"))
            else {
                continue;
            };
            let mut seen = HashSet::new();
            let numbers = self
                .tree
                .children(list)
                .filter_map(|item| Some((item, self.tree.value(self.tree.child(item, number)?))));
            let again: Vec<(NodeId, Vec<u8>)> = numbers
                .filter(|(_, value)| !seen.insert(*value))
                .map(|(item, value)| (item, value.to_vec()))
                .collect();
            for (item, value) in again {
                let index = self.tree.segment(item) as usize;
                let finding = Finding::new(
                    Broken::LineDuplicate,
                    "the line number was used before in this document",
                )
                .found(unquoted(&value).unwrap_or_default());
                self.complain(
                    &At { index, ..*at },
                    Address::default(),
                    finding.expected("another number for each line"),
                );
            }
        }
    }

    /// Keeps what has no home in the nearest object around that keeps such things.
    pub(super) fn unmapped(
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

    fn unmapped_home(&self) -> NodeId {
        self.objects_around().find(|node| matches!(self.tree.shape(*node), Shape::Object(kind) if model().member(kind, "unmapped").is_some())).unwrap_or(self.root.unwrap_or(Tree::TOP))
    }

    fn unmapped_json(
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
        let item = self.tree.new(Shape::Value, segment);
        self.tree.append(list, item);
        self.tree.set_from(item, from);
    }

    /// Writes an object; at the top together with what all documents of the message share.
    fn write_object(&self, object: NodeId, kind: ObjectId, out: &mut Vec<u8>) {
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

    fn write_node(&self, node: NodeId, out: &mut Vec<u8>) {
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

/// The text of a JSON value: a string's content, anything else as it stands.
fn plain(json: &[u8]) -> Option<String> {
    match unquoted(json) {
        Some(text) => Some(shown(text)),
        None if json.starts_with(b"\"") => serde_json::from_slice(json).ok(),
        None => Some(shown(json)),
    }
}

/// Whether an object is a document of a message that has several.
fn kind_is_top(tree: &Tree, object: NodeId, kind: ObjectId) -> bool {
    tree.shape(Tree::TOP) == Shape::Object(kind) && tree.shape(object) == Shape::Object(kind)
}

/// The message's first segment after its header: where a complaint about the whole document points.
fn first<'p, 'a>(at: &At<'p, 'a>) -> At<'p, 'a> {
    At {
        index: 1.min(at.view.len().saturating_sub(1)),
        ..*at
    }
}

/// A place from which following parents comes to no end.
fn circle(parents: &[Option<usize>]) -> Option<usize> {
    let mut done = vec![false; parents.len()];
    for start in 0..parents.len() {
        let mut way = Vec::new();
        let mut next = Some(start);
        while let Some(place) = next {
            if done.get(place).copied().unwrap_or(true) {
                break;
            }
            if way.len() > parents.len() {
                return Some(start);
            }
            way.push(place);
            next = parents.get(place).copied().flatten();
        }
        for place in way {
            if let Some(done) = done.get_mut(place) {
                *done = true;
            }
        }
    }
    None
}
