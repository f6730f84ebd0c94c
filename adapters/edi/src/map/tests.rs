//! Messages and the documents that they become: each file of `adapters/edi/tests/mappings` holds a message's segments, its
//! neighbour the document.
//! Never goes through an envelope.

use crate::dictionary::{Dictionaries, Structure};
use crate::headers::{Interchange, Message, shown};
use crate::message::{MessageBuffer, MessageView};
use crate::reader::{Advance, Reader};
use crate::separators::Separators;
use crate::syntax::Syntax;

use super::{Context, Mappings, Reading};

/// The node of each segment, by a walk that knows no faults.
fn nodes(structure: &Structure, view: MessageView<'_>) -> Vec<u16> {
    let mut at = 0_usize;
    (0..view.len())
        .map(|index| {
            let tag = view.segment(index).unwrap().tag();
            let inside = |node: usize, loop_index: u16| {
                let mut around = structure.nodes[node].loop_index;
                while let Some(index) = around {
                    if index == loop_index {
                        return true;
                    }
                    around = structure.loops[usize::from(index)].parent;
                }
                false
            };
            let mut node = at;
            loop {
                let found = &structure.nodes[node];
                // Inside a loop that is not open only its trigger can come.
                let open = found
                    .loop_index
                    .is_none_or(|index| found.is_trigger || inside(at, index));
                if found.tag == tag && open {
                    at = node;
                    return u16::try_from(node).unwrap();
                }
                node += 1;
                // At the end of a loop that is open it can begin again.
                let numbered: Vec<_> = structure.loops.iter().zip(0_u16..).collect();
                let ends = numbered.into_iter().rev().find(|(ends, index)| {
                    usize::from(ends.last_node) + 1 == node
                        && inside(at, *index)
                        && ends.trigger == tag
                });
                if let Some((again, _)) = ends {
                    at = usize::from(again.first_node);
                    return again.first_node;
                }
                assert!(
                    node < structure.nodes.len(),
                    "{tag} has no place after {}",
                    structure.nodes[at].tag
                );
            }
        })
        .collect()
}

/// The documents of one message, each as JSON, and the findings.
fn read(syntax: Syntax, version: &str, text: &str) -> (Vec<String>, Vec<String>) {
    let found = Dictionaries::shipped()
        .find(syntax, version)
        .expect("the version is shipped");
    let separators = if syntax == Syntax::X12 {
        Separators::X12
    } else {
        Separators::EDIFACT
    };
    let mut bytes = text.as_bytes();
    let mut reader = Reader::new(&mut bytes, crate::Limits::default());
    reader.restart(separators);
    let mut buffer = MessageBuffer::default();
    while reader.advance().unwrap() == Advance::Segment {
        assert!(buffer.push(&reader, 1 << 20));
    }
    let message = Message {
        line: 1,
        ..Message::default()
    };
    buffer.hold(message.clone());
    let (_, view) = buffer.messages().next().unwrap();
    let header = view.segment(0).unwrap();
    let set = shown(if syntax == Syntax::X12 {
        header.element(1)
    } else {
        header.component(2, 1)
    });
    let plan = Mappings::shipped()
        .plan(&found.dictionary, &set)
        .unwrap_or_else(|error| panic!("{error}"))
        .expect("the set is mapped");
    let mut interchange = Interchange {
        syntax,
        ..Interchange::default()
    };
    interchange.sender.id = "SENDER".to_owned();
    interchange.sender.qualifier = "ZZ".to_owned();
    let context = Context {
        interchange: &interchange,
        message: &message,
        currency: None,
        offset: None,
        provenance: &|_, _, _| {},
    };
    let mut reading = Reading::default();
    let mut documents = Vec::new();
    let nodes = nodes(found.dictionary.structure(&set).unwrap(), view);
    let done: Result<(), ()> = reading.read(&plan, view, &nodes, &context, &mut |made| {
        let json = String::from_utf8(made.json.to_vec()).unwrap();
        let entity = canonical::entity::Entity::from_json(made.kind, made.json)
            .unwrap_or_else(|error| panic!("{error}: {json}"));
        assert_eq!(
            String::from_utf8(entity.to_json()).unwrap(),
            json,
            "the document is as the model writes it"
        );
        assert_eq!(
            (entity.subject(), entity.partition_key()),
            (made.keys.subject, made.keys.partition_key)
        );
        documents.push(json);
        Ok(())
    });
    done.unwrap();
    let findings = reading
        .take_findings()
        .into_iter()
        .map(|finding| finding.problem(syntax).to_string())
        .collect();
    (documents, findings)
}

/// The fixtures: `SYNTAX/VERSION/NAME.edi`, each with `NAME.json` beside it: the documents, one to a line, then the findings.
#[test]
fn fixtures() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mappings");
    let mut count = 0;
    for (syntax, name) in [
        (Syntax::X12, "x12"),
        (Syntax::Edifact, "edifact"),
        (Syntax::Tradacoms, "tradacoms"),
    ] {
        let versions = std::fs::read_dir(folder.join(name)).into_iter().flatten();
        for version in versions.map(|version| version.unwrap().path()) {
            for file in std::fs::read_dir(&version)
                .unwrap()
                .map(|file| file.unwrap().path())
            {
                if file.extension().is_some_and(|extension| extension == "edi") {
                    check(
                        syntax,
                        version.file_name().unwrap().to_str().unwrap(),
                        &file,
                    );
                    count += 1;
                }
            }
        }
    }
    assert!(count > 0, "there are fixtures");
}

fn check(syntax: Syntax, version: &str, file: &std::path::Path) {
    let (documents, findings) = read(syntax, version, &std::fs::read_to_string(file).unwrap());
    let lines = [documents, findings].concat();
    expect_test::expect_file![file.with_extension("json")].assert_eq(&(lines.join("\n") + "\n"));
}

#[test]
fn every_mapping_compiles_for_every_version_that_has_its_set() {
    let dictionaries = Dictionaries::shipped();
    let mappings = Mappings::shipped();
    for (syntax, version) in dictionaries
        .versions()
        .map(|(syntax, version)| (syntax, version.to_owned()))
        .collect::<Vec<_>>()
    {
        let found = dictionaries
            .find(syntax, &version)
            .expect("a version that is listed is there");
        for set in mappings.sets(syntax) {
            if let Err(error) = mappings.plan(&found.dictionary, set) {
                panic!("{syntax} {version} {set}: {error}");
            }
        }
    }
}
