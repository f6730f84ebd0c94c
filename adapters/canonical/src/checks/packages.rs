//! Packages of a shipment form a tree, and what names a package names one of them.
//! Never recurses: a hostile chain of parents costs time in proportion to its length, not stack.
//! Invariant: each package is followed upwards at most once.

use std::collections::HashMap;

use super::{Findings, Place};
use crate::shipment::Shipment;

pub(super) fn check(shipment: &Shipment, findings: &mut Findings) {
    let packages = Place::Root.member("packages");
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (index, package) in shipment.packages.iter().enumerate() {
        if places.insert(&package.id, index).is_some() {
            let message = format!("package id {:?} is used twice", package.id);
            findings.error(
                "package.duplicate",
                &packages.item(index).member("id"),
                message,
            );
        }
    }
    let parents: Vec<Option<usize>> = shipment
        .packages
        .iter()
        .enumerate()
        .map(|(index, package)| {
            let parent = package.parent.as_deref()?;
            let place = places.get(parent).copied();
            if place.is_none() {
                unknown(parent, &packages.item(index).member("parent"), findings);
            }
            place
        })
        .collect();
    for index in in_cycles(&parents) {
        let message = "the package stands inside itself: parents must form a tree";
        findings.error(
            "package.cycle",
            &packages.item(index).member("parent"),
            message,
        );
    }
    let named = |list: &'static str, index: usize, id: Option<&str>, findings: &mut Findings| {
        if let Some(id) = id.filter(|id| !places.contains_key(id)) {
            unknown(
                id,
                &Place::Root.member(list).item(index).member("package"),
                findings,
            );
        }
    };
    for (index, item) in shipment.items.iter().enumerate() {
        named("items", index, item.package.as_deref(), findings);
    }
    for (index, tracking) in shipment.tracking.iter().enumerate() {
        named("tracking", index, tracking.package.as_deref(), findings);
    }
}

fn unknown(id: &str, at: &Place<'_>, findings: &mut Findings) {
    findings.error(
        "package.unknown",
        at,
        format!("there is no package with id {id:?}"),
    );
}

/// One member of each cycle, the first in the document's order.
fn in_cycles(parents: &[Option<usize>]) -> Vec<usize> {
    // For each package: the walk that saw it first. A walk that meets itself has found a cycle.
    let mut seen_by: Vec<Option<usize>> = vec![None; parents.len()];
    let mut cycles = Vec::new();
    for start in 0..parents.len() {
        let mut next = Some(start);
        while let Some(at) = next {
            match seen_by.get_mut(at) {
                Some(seen @ None) => *seen = Some(start),
                Some(Some(walk)) if *walk == start => {
                    cycles.push(at);
                    break;
                }
                Some(Some(_)) | None => break,
            }
            next = parents.get(at).copied().flatten();
        }
    }
    cycles
}
