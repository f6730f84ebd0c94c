//! Writes a hierarchy (HL of the 856, CPS of the DESADV): which level stands under which, and their numbers.
//! Numbers count from 1 in the order of writing; parents come before their children.
//! Invariant: every item is written once, under the order and the package that it names.

use canonical::model::{Kind, ObjectId, model};

use super::compose::Mode;
use super::language::Address;
use super::plan::{Plan, Section};
use super::tree::NodeId;
use super::write::{Level, Writing, list_of};

/// What the levels of a shipment are written by.
#[derive(Clone, Copy, Debug, Default)]
struct Sections {
    shipment: Option<u16>,
    order: Option<u16>,
    package: Option<u16>,
    item: Option<u16>,
}

/// The levels of one shipment, by node.
#[derive(Debug, Default)]
struct Shipment {
    orders: Vec<(NodeId, String)>,
    packages: Vec<Package>,
    items: Vec<Item>,
}

#[derive(Debug)]
struct Package {
    node: NodeId,
    id: String,
    parent: String,
}

#[derive(Debug)]
struct Item {
    node: NodeId,
    order: String,
    package: String,
}

/// Where the writing stands.
struct Run<'p> {
    plan: &'p Plan,
    level: Level,
    inner: u16,
    sections: Sections,
    number: u32,
    /// For each level its row, the element that says whether it has levels below, and whether it has.
    below: Vec<(usize, Address, bool)>,
}

impl Writing {
    /// Writes the levels of a shipment.
    pub(super) fn hierarchy(&mut self, plan: &Plan, level: Level, inner: u16) {
        let Some(trigger) = plan
            .structure
            .loops
            .get(usize::from(inner))
            .map(|found| found.first_node)
        else {
            return;
        };
        let mut sections = Sections::default();
        for number in self.sections_of(plan, level, trigger) {
            let Some(section) = plan.sections.get(usize::from(number)) else {
                continue;
            };
            let list = list_of(section)
                .and_then(|path| model().members(plan.root).get(usize::from(path.member)));
            let place = match list.map(|member| member.name) {
                None => &mut sections.shipment,
                Some("orders") => &mut sections.order,
                Some("packages") => &mut sections.package,
                Some("items") => &mut sections.item,
                Some(_) => continue,
            };
            place.get_or_insert(number);
        }
        let shipment = self.shipment(plan.root);
        let mut run = Run {
            plan,
            level,
            inner,
            sections,
            number: 0,
            below: Vec::new(),
        };
        if sections.order.is_some() && self.is_torn(&shipment) {
            self.refuse(
                "a package holds items of several orders, which this hierarchy cannot say"
                    .to_owned(),
            );
        }
        let top = self.step(&mut run, sections.shipment, self.root, None);
        match sections.order {
            Some(_) => {
                for (node, order) in &shipment.orders {
                    let parent = self.step(&mut run, sections.order, *node, top);
                    self.packages(&mut run, &shipment, (Some(order), ""), parent);
                }
            }
            None => self.packages(&mut run, &shipment, (None, ""), top),
        }
        for (row, at, has) in run.below {
            if let Some(row) = self.rows.get_mut(row) {
                row.set(at, if has { "1" } else { "0" }.to_owned());
            }
        }
    }

    /// Whether some package holds items of more than one order.
    fn is_torn(&self, shipment: &Shipment) -> bool {
        shipment.packages.iter().any(|package| {
            let mut orders = shipment
                .items
                .iter()
                .filter(|item| item.package == package.id)
                .map(|item| &item.order);
            let first = orders.next();
            orders.any(|order| Some(order) != first)
        })
    }

    /// Writes the packages inside `parent` that hold something of the order, each with what is in it, then the loose items.
    fn packages(
        &mut self,
        run: &mut Run<'_>,
        shipment: &Shipment,
        (order, parent): (Option<&String>, &str),
        above: Option<u32>,
    ) {
        for package in shipment
            .packages
            .iter()
            .filter(|package| package.parent == parent)
        {
            if holds(shipment, &package.id, order, shipment.packages.len()) {
                let number = self.step(run, run.sections.package, package.node, above);
                self.packages(run, shipment, (order, &package.id), number);
            }
        }
        for item in &shipment.items {
            let here = item.package == parent && order.is_none_or(|order| *order == item.order);
            if here && run.sections.item.is_some() {
                self.step(run, run.sections.item, item.node, above);
            }
        }
    }

    /// Writes one level and gives its number.
    fn step(
        &mut self,
        run: &mut Run<'_>,
        section: Option<u16>,
        object: NodeId,
        parent: Option<u32>,
    ) -> Option<u32> {
        let number = section?;
        let levels = run
            .plan
            .sections
            .get(usize::from(number))
            .and_then(|section: &Section| section.tree)?;
        run.number += 1;
        self.levels.push(object);
        let mut preset: Vec<(Address, String)> = vec![(levels.own, run.number.to_string())];
        preset.extend(parent.map(|parent| (levels.parent, parent.to_string())));
        if let Some(below) = levels.below {
            run.below.push((self.rows.len(), below, false));
            let above = parent.and_then(|parent| run.below.get_mut(parent as usize - 1));
            if let Some((_, _, has)) = above {
                *has = true;
            }
        }
        self.repetition(
            run.plan,
            (run.level, run.inner),
            (number, object),
            (Mode::First, &preset),
        );
        Some(run.number)
    }

    fn shipment(&self, root: ObjectId) -> Shipment {
        let items = |name: &str| -> (Vec<NodeId>, Option<ObjectId>) {
            let Some((place, found)) = model().member(root, name) else {
                return (Vec::new(), None);
            };
            let kind = if let Kind::Object(kind) = found.kind {
                Some(kind)
            } else {
                None
            };
            let list = self.tree.child(self.root, place);
            (
                list.map(|list| self.tree.children(list).collect())
                    .unwrap_or_default(),
                kind,
            )
        };
        let text = |node: NodeId, kind: Option<ObjectId>, name: &str| {
            let member = kind
                .and_then(|kind| model().member(kind, name))
                .map(|(place, _)| place);
            member
                .and_then(|member| self.tree.child(node, member))
                .map(|node| self.text(node))
                .unwrap_or_default()
        };
        let (orders, order) = items("orders");
        let (packages, package) = items("packages");
        let (lines, line) = items("items");
        Shipment {
            orders: orders
                .into_iter()
                .map(|node| (node, text(node, order, "order_id")))
                .collect(),
            packages: packages
                .into_iter()
                .map(|node| Package {
                    node,
                    id: text(node, package, "id"),
                    parent: text(node, package, "parent"),
                })
                .collect(),
            items: lines
                .into_iter()
                .map(|node| Item {
                    node,
                    order: text(node, line, "order_id"),
                    package: text(node, line, "package"),
                })
                .collect(),
        }
    }
}

/// Whether a package, or one inside it, holds an item of the order; an empty package belongs to the first order that is asked.
fn holds(shipment: &Shipment, package: &str, order: Option<&String>, depth: usize) -> bool {
    let Some(order) = order else { return true };
    let own = shipment
        .items
        .iter()
        .any(|item| item.package == package && item.order == *order);
    own || (depth > 0
        && shipment
            .packages
            .iter()
            .filter(|inner| inner.parent == package)
            .any(|inner| holds(shipment, &inner.id, Some(order), depth - 1)))
}
