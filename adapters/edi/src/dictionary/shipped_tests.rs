//! Every shipped dictionary compiles, stands in order and is whole.

use std::collections::BTreeSet;
use std::path::Path;

use super::shipped::SHIPPED;
use super::{Dictionaries, Dictionary, ElementUse, UseKind};
use crate::syntax::Syntax;

#[test]
fn every_file_is_shipped() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("dictionaries");
    let mut files = BTreeSet::new();
    for syntax in ["edifact", "tradacoms", "x12"] {
        for file in std::fs::read_dir(folder.join(syntax)).into_iter().flatten() {
            let name = file.expect("a file").file_name();
            files.insert(format!("{syntax}/{}", name.to_string_lossy()));
        }
    }
    files.retain(|name| name.ends_with(".dict"));
    let shipped: BTreeSet<String> = SHIPPED.iter().map(|file| file.name.to_owned()).collect();
    assert_eq!(files, shipped);
}

fn check_uses(dictionary: &Dictionary, uses: &[ElementUse], place: &str, found: &mut Vec<String>) {
    let mut optional = 0;
    for (used, position) in uses.iter().zip(1..) {
        let known = match used.kind {
            UseKind::Simple(index) => {
                let element = dictionary.element(index);
                let listed = element.codes.as_ref().map_or(1, |codes| codes.len());
                element.id == used.id && listed > 0 && !element.label.is_empty()
            }
            UseKind::Composite(index) => {
                let composite = dictionary.composite(index);
                composite.id == used.id && !composite.label.is_empty()
            }
        };
        if !known {
            found.push(format!(
                "{place} {position}: {} has no name or no codes",
                used.id
            ));
        }
        optional += usize::from(!used.mandatory);
    }
    if uses.is_empty() || (uses.len() > 64 && optional > 0) {
        found.push(format!("{place}: {} positions", uses.len()));
    }
}

/// Cross references are the compile step's; this is what it lets pass because a customer's guide may.
#[test]
fn every_shipped_dictionary_is_whole() {
    let mut found = Vec::new();
    for shipped in SHIPPED.iter() {
        let dictionary = shipped.dictionary();
        let at = |what: &str| format!("{}: {what}", shipped.name);
        for segment in dictionary.segments() {
            let place = at(&segment.tag.to_string());
            check_uses(&dictionary, &segment.elements, &place, &mut found);
            if segment.label.is_empty() {
                found.push(format!("{place}: no label"));
            }
            for used in &segment.elements {
                if let UseKind::Composite(index) = used.kind {
                    let composite = dictionary.composite(index);
                    check_uses(
                        &dictionary,
                        &composite.components,
                        &at(&composite.id),
                        &mut found,
                    );
                }
            }
        }
        for structure in dictionary.structures() {
            let place = at(&structure.set_id);
            if structure.label.is_empty()
                || structure.group.is_some() != (dictionary.syntax() == Syntax::X12)
            {
                found.push(format!("{place}: no label, or no group where one belongs"));
            }
            let (header, trailer) = match dictionary.syntax() {
                Syntax::X12 => ("ST", "SE"),
                Syntax::Edifact => ("UNH", "UNT"),
                Syntax::Tradacoms => ("MHD", "MTR"),
            };
            let ends = [structure.nodes.first(), structure.nodes.last()];
            let tags = ends.map(|node| {
                node.filter(|node| node.mandatory)
                    .map(|node| node.tag.to_string())
            });
            if tags != [Some(header.to_owned()), Some(trailer.to_owned())] {
                found.push(format!("{place}: begins and ends with {tags:?}"));
            }
            for within in &structure.loops {
                let trigger = &structure.nodes[usize::from(within.first_node)];
                if !trigger.mandatory || !trigger.is_trigger || trigger.tag != within.trigger {
                    found.push(format!("{place}: loop {} has no trigger", within.id));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn shipped_dictionaries_are_found_by_their_versions() {
    let dictionaries = Dictionaries::shipped();
    let versions: Vec<_> = dictionaries.versions().collect();
    assert_eq!(versions.len(), SHIPPED.len());
    for (syntax, version) in versions {
        let found = dictionaries.find(syntax, version).expect("itself");
        assert!(found.exact);
        assert_eq!(
            (found.dictionary.syntax(), found.dictionary.version()),
            (syntax, version)
        );
    }
}

#[test]
fn the_guide_in_the_readme_is_one() {
    let readme = include_str!("../../dictionaries/README.md");
    let (_, json) = readme.split_once("```json\n").expect("an example");
    let (json, _) = json.split_once("```").expect("its end");
    let mut dictionaries = Dictionaries::shipped();
    let guide = dictionaries.add(json, "README.md").expect("a guide");
    let lines = guide
        .structure("850")
        .map(|set| (set.nodes.len(), set.loops.len()));
    assert_eq!((guide.version(), lines), ("ACME850", Some((4, 1))));
}
