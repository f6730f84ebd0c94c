//! What a whole document must keep: hierarchy, counts, sums, line numbers, required members.
//! Reports, never repairs.
//! Invariant: each fault is named once, at the segment that has it.

use crate::finding::Finding;
use crate::headers::shown;
use crate::map::convert;
use crate::map::function::Function;
use crate::map::language::Address;
use crate::map::path::{Path, Step};
use crate::map::plan::{Target, Whole};
use crate::map::read::{At, Reading};
use crate::map::tree::{NodeId, Tree, unquoted};
use crate::rule::Rule as Broken;
use canonical::decimal::Decimal;
use canonical::entity::EntityKind;
use canonical::model::{Kind, model};
use std::collections::HashSet;

impl Reading {
    /// Numbers used twice, parents that are not there, and circles.
    pub(in crate::map) fn check_hierarchy(&mut self, at: &At<'_, '_>) {
        let places = self.levels();
        let mut faults = Vec::new();
        for (place, branch) in self.branches.iter().enumerate() {
            if places.get(&branch.id) != Some(&place) || self.above.contains_key(&branch.id) {
                faults.push((branch.segment, "the number of this level was used before"));
            }
        }
        for branch in &self.branches {
            let there =
                places.contains_key(&branch.parent) || self.above.contains_key(&branch.parent);
            if !branch.parent.is_empty() && !there {
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
        let root = self.root.filter(|_| at.plan.has_several());
        for branch in self.branches.drain(..) {
            if let Some(root) = root {
                self.above.entry(branch.id).or_insert(root);
            }
        }
    }

    /// Holds the number of levels or documents against those that there are.
    pub(in crate::map) fn check_number(
        &mut self,
        at: &At<'_, '_>,
        whole: Whole,
        value: &[u8],
        (address, segment): (Address, usize),
    ) {
        let (actual, what) = match whole {
            Whole::Documents => (self.documents, "the count is not that of the items"),
            _ => (
                u64::try_from(self.branches.len()).unwrap_or(u64::MAX),
                "the count is not that of the levels",
            ),
        };
        if crate::headers::digits(value) != Some(actual) {
            let finding = Finding::new(Broken::LineCount, what).expected(actual.to_string());
            let at = At {
                index: segment,
                ..*at
            };
            self.complain(&at, address, finding);
        }
    }

    /// Holds a count or a sum against the document. Reports, never repairs.
    pub(in crate::map) fn check(
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
        let Some(stated) = convert::number(value, rule.decimals, at.mark()) else {
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

    pub(in crate::map) fn count_of(&self, path: &Path) -> Decimal {
        let list = self.shared(self.root.unwrap_or(Tree::TOP), path.member);
        Decimal::from(list.map_or(0, |list| self.tree.count(list)))
    }

    pub(in crate::map) fn sum_of(&self, path: &Path) -> Option<Decimal> {
        let list = path.steps.first().and_then(|step| match step {
            Step::Item { member, .. } => self.shared(self.root.unwrap_or(Tree::TOP), *member),
            Step::Member { .. } => None,
        });
        sum_of(&self.tree, list?, path)
    }

    /// What the document itself must have.
    pub(in crate::map) fn check_required(&mut self, at: &At<'_, '_>, root: NodeId) {
        for (place, member) in (0_u16..).zip(model().members(at.plan.root)) {
            let there = self.shared(root, place).is_some_and(|child| {
                !self.tree.is_used(child) && (!member.filled || !self.tree.is_empty(child))
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

    /// Ordered quantities that are not above zero.
    pub(in crate::map) fn check_quantities(&mut self, at: &At<'_, '_>, root: NodeId) {
        let path = |text, object| Path::read(text, object, at.plan.root).ok();
        let Some((lines, quantity)) = path("/lines[]", at.plan.root)
            .filter(|_| at.plan.kind == EntityKind::SalesOrder)
            .and_then(|lines| match lines.kind {
                Kind::Object(line) => Some((lines, path("quantity.value", line)?)),
                _ => None,
            })
        else {
            return;
        };
        let Some(list) = self.tree.child(root, lines.member) else {
            return;
        };
        let low = |item: &NodeId| {
            let owner = self.tree.look(*item, &quantity)?;
            let value = self.tree.value(self.tree.child(owner, quantity.member)?);
            let text = std::str::from_utf8(unquoted(value)?).ok()?;
            let number = text.parse::<Decimal>().ok()?;
            (number.is_zero() || number.is_negative()).then(|| (*item, number.to_string()))
        };
        let low: Vec<(NodeId, String)> = self
            .tree
            .children(list)
            .filter_map(|item| low(&item))
            .collect();
        for (item, number) in low {
            let index = self.tree.segment(item) as usize;
            let finding = Finding::new(
                Broken::QuantityRange,
                "an order's quantity should be above zero",
            );
            self.complain(
                &At { index, ..*at },
                Address::default(),
                finding.found(number.as_bytes()),
            );
        }
    }

    /// Whether a number of a list's items grows from each to the next, so that none is there twice.
    fn ascend(&self, list: NodeId, number: u16) -> bool {
        let numbers = self.tree.children(list).map(|item| {
            let number = self.tree.child(item, number);
            number.map_or(&[][..], |number| self.tree.value(number))
        });
        numbers.is_sorted_by(|one, next| (one.len(), one) < (next.len(), next))
    }

    /// Line numbers that are used twice.
    pub(in crate::map) fn check_lines(&mut self, at: &At<'_, '_>, root: NodeId) {
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
            if self.ascend(list, number) {
                continue;
            }
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
}

/// The sum of a member over a list's items: the path's first step is the list, the others lead on from an item.
pub(in crate::map) fn sum_of(tree: &Tree, list: NodeId, path: &Path) -> Option<Decimal> {
    let inner = Path {
        steps: path.steps.get(1..)?.into(),
        ..path.clone()
    };
    tree.children(list).try_fold(Decimal::ZERO, |sum, item| {
        let value = tree
            .look(item, &inner)
            .and_then(|owner| tree.child(owner, path.member));
        let value =
            value.and_then(|value| shown(unquoted(tree.value(value))?).parse::<Decimal>().ok());
        value.map_or(Some(sum), |value| sum.checked_add(value))
    })
}

/// A place from which following parents comes to no end.
pub(in crate::map) fn circle(parents: &[Option<usize>]) -> Option<usize> {
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
