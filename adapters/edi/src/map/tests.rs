//! Messages and the documents that they become: each file of `adapters/edi/tests/mappings` holds a message's segments, its
//! neighbour the document.
//! Never goes through an envelope.

use std::collections::{BTreeMap, BTreeSet};

use canonical::decode::{Sink, SinkError};
use canonical::document::Sealed;
use canonical::entity::{Entity, EntityKind};
use canonical::problem::Problem;

use crate::dictionary::Dictionaries;
use crate::headers::shown;
use crate::syntax::Syntax;

use crate::headers::{Address, Group, Interchange, Message};
use crate::write::{self, Writer};

use super::{Made, Mappings, Writing};

/// Sets and messages that are written as well.
#[rustfmt::skip]
pub(super) const WRITTEN: &[&str] = &[
    "810", "820", "832", "846", "850", "855", "856", "860", "865",
    "DESADV", "INVOIC", "INVRPT", "ORDCHG", "ORDERS", "ORDRSP", "PRICAT", "REMADV",
];

/// An interchange around one message of a fixture.
fn interchange(syntax: Syntax, version: &str, message: &str) -> String {
    let message = message.trim();
    match syntax {
        Syntax::X12 => {
            let set = message.split('*').nth(1).unwrap();
            let found = Dictionaries::shipped().find(syntax, version).unwrap();
            let group = found
                .dictionary
                .structure(set)
                .unwrap()
                .group
                .clone()
                .unwrap();
            format!(
                "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260131*1200*{}*00501*000000007*0*P*>~\
                 GS*{group}*S*R*20260131*1200*1*X*{version}~{message}GE*1*1~IEA*1*000000007~",
                if version < "005010" { "U" } else { "^" }
            )
        }
        Syntax::Edifact => {
            format!("UNB+UNOC:3+SENDER:ZZ+RECEIVER:ZZ+260131:1200+7'{message}UNZ+1+7'")
        }
        Syntax::Tradacoms => message.to_owned(),
    }
}

/// What an interchange gives: documents, and findings as people read them.
#[derive(Default)]
pub(super) struct Kept {
    pub(super) documents: Vec<Sealed>,
    pub(super) problems: Vec<String>,
}

impl Sink for Kept {
    fn document(&mut self, document: Sealed) -> Result<(), SinkError> {
        let entity = Entity::from_json(document.kind, &document.data)
            .unwrap_or_else(|error| panic!("{error}: {}", shown(&document.data)));
        assert_eq!(
            shown(&entity.to_json()),
            shown(&document.data),
            "the document is as the model writes it"
        );
        assert_eq!(
            (entity.subject(), entity.partition_key()),
            (document.subject.clone(), document.partition_key.clone())
        );
        self.documents.push(document);
        Ok(())
    }

    fn problem(&mut self, problem: Problem) {
        self.problems.push(problem.to_string());
    }

    fn boundary(&mut self) {}

    fn discard_to_boundary(&mut self) {
        self.problems
            .push("the interchange is taken back".to_owned());
    }
}

fn convert(text: &str) -> Kept {
    let context = canonical::decode::Context {
        ingest_id: "01JDC4Z8Q2W3E4R5T6Y7H8J9K0",
        received_at: "2026-01-31T08:00:00Z",
        file_name: "f",
        modified_at: None,
        feed: None,
    };
    let mut kept = Kept::default();
    if let Err(refused) = crate::convert(&mut text.as_bytes(), &context, &mut kept) {
        kept.problems.push(refused.to_string());
    }
    kept
}

/// A document without its provenance.
pub(super) fn plain(document: &Sealed) -> String {
    let (head, rest) = document.data.split_at(Made::PROVENANCE_AT);
    let rest = rest
        .strip_prefix(b",\"provenance\":")
        .expect("provenance comes second");
    let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<serde_json::Value>();
    values.next().unwrap().unwrap();
    shown(head) + &shown(&rest[values.byte_offset()..])
}

/// The interchange and the group around what a test writes.
fn envelope(syntax: Syntax, version: &str, group: &str) -> (Interchange, Group) {
    let address = |id: &str| Address {
        qualifier: "ZZ".to_owned(),
        id: id.to_owned(),
        internal: String::new(),
    };
    let envelope = Interchange {
        syntax,
        sender: address("SENDER"),
        receiver: address("RECEIVER"),
        date: "260131".to_owned(),
        time: "1200".to_owned(),
        version: if syntax == Syntax::X12 {
            "00501"
        } else {
            "UNOY:3"
        }
        .to_owned(),
        control_number: "7".to_owned(),
        usage: if syntax == Syntax::X12 { "P" } else { "" }.to_owned(),
        ..Interchange::default()
    };
    let group = Group {
        functional_id: group.to_owned(),
        sender: address("S"),
        receiver: address("R"),
        date: "20260131".to_owned(),
        time: "1200".to_owned(),
        control_number: if syntax == Syntax::X12 { "1" } else { "" }.to_owned(),
        agency: "X".to_owned(),
        version: version.to_owned(),
        ..Group::default()
    };
    (envelope, group)
}

/// Writes the documents as a message of this version and reads them again.
pub(super) fn write_and_read(
    (syntax, style): (Syntax, write::Style),
    version: &str,
    set: &str,
    (kind, documents): (EntityKind, &[String]),
) -> (String, Kept, Vec<String>) {
    let found = Dictionaries::shipped().find(syntax, version).unwrap();
    let plan = Mappings::shipped()
        .plan(&found.dictionary, set)
        .unwrap()
        .unwrap();
    let plan = plan.for_kind(kind).unwrap();
    let decimal = style.separators.decimal;
    let mut writer = Writer::new(style);
    let group = found
        .dictionary
        .structure(set)
        .unwrap()
        .group
        .clone()
        .unwrap_or_default();
    let (envelope, group) = envelope(syntax, version, &group);
    writer.open_interchange(&envelope).unwrap();
    writer.open_group(&group).unwrap();
    let message = Message {
        id: set.to_owned(),
        version: version.to_owned(),
        agency: "UN".to_owned(),
        control_number: "0001".to_owned(),
        ..Message::default()
    };
    let mut writing = Writing::new(super::Style {
        syntax,
        decimal,
        offset: None,
        date: "20260131".to_owned(),
        time: "1200".to_owned(),
        number: "7".to_owned(),
    });
    let mut faults = Vec::new();
    let all: Vec<&[u8]> = documents.iter().map(String::as_bytes).collect();
    let parts: Vec<&[&[u8]]> = if plan.has_several() {
        vec![&all]
    } else {
        all.chunks(1).collect()
    };
    for (number, part) in parts.into_iter().enumerate() {
        let message = Message {
            control_number: format!("{:04}", number + 1),
            ..message.clone()
        };
        writer.open_message(&message).unwrap();
        let mut refused = None;
        writing
            .write(plan, &found.dictionary, part, &mut |segment| {
                if let Err(finding) = writer.segment(segment) {
                    refused.get_or_insert(finding);
                }
            })
            .unwrap();
        faults.extend(refused.map(|finding| finding.problem(syntax).to_string()));
        faults.extend(
            writing
                .take_findings()
                .iter()
                .map(|finding| finding.problem(syntax).to_string()),
        );
    }
    writer.close_interchange().unwrap();
    let text = shown(&writer.take());
    let kept = convert(&text);
    (text, kept, faults)
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
    let text = std::fs::read_to_string(file).unwrap();
    let kept = convert(&interchange(syntax, version, &text));
    let documents: Vec<String> = kept.documents.iter().map(plain).collect();
    let set = shown(
        text.split(['*', '+', ':'])
            .nth(if syntax == Syntax::X12 { 1 } else { 2 })
            .unwrap()
            .as_bytes(),
    );
    let odd = file
        .file_stem()
        .is_some_and(|stem| stem.to_string_lossy().contains("-odd"));
    if let Some(kind) = kept.documents.first().map(|document| document.kind)
        && WRITTEN.contains(&set.as_str())
        && !odd
    {
        let style = if syntax == Syntax::X12 {
            write::Style::x12()
        } else {
            write::Style::edifact()
        };
        let (text, again, faults) =
            write_and_read((syntax, style), version, &set, (kind, &documents));
        let problems = again.problems;
        let again: Vec<String> = again.documents.iter().map(plain).collect();
        let wanted: Vec<String> = documents
            .iter()
            .map(|document| without_unmapped(document))
            .collect();
        let again: Vec<String> = again
            .iter()
            .map(|document| without_unmapped(document))
            .collect();
        assert_eq!(
            again,
            wanted,
            "{}: written as\n{}\n{}",
            file.display(),
            text.replace(['~', '\''], "\n"),
            [faults.clone(), problems].concat().join("\n")
        );
        expect_test::expect_file![file.with_extension("written")]
            .assert_eq(&(text.replace('~', "~\n").replace('\'', "'\n") + &faults.join("\n")));
    }
    let lines = [documents, kept.problems].concat();
    expect_test::expect_file![file.with_extension("json")].assert_eq(&(lines.join("\n") + "\n"));
}

/// A document without what has no home in it, which writing cannot bring back, and without the count of its lines, which
/// is always written.
fn without_unmapped(document: &str) -> String {
    let Ok(mut value) = serde_json::from_str::<serde_json::Value>(document) else {
        return document.to_owned();
    };
    fn strip(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::Object(members) => {
                members.remove("unmapped");
                members.remove("line_count");
                members.values_mut().for_each(strip);
            }
            serde_json::Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    strip(&mut value);
    value.to_string()
}

#[test]
fn every_mapping_compiles_for_every_version_that_has_its_set() {
    let dictionaries = Dictionaries::shipped();
    let mappings = Mappings::shipped();
    // What is marked with `?` is there in some version, else it is a mistake.
    let mut lacking: BTreeMap<(Syntax, String), BTreeSet<String>> = BTreeMap::new();
    for (syntax, version) in dictionaries
        .versions()
        .map(|(syntax, version)| (syntax, version.to_owned()))
        .collect::<Vec<_>>()
    {
        let found = dictionaries
            .find(syntax, &version)
            .expect("a version that is listed is there");
        for set in mappings.sets(syntax) {
            match mappings.plan(&found.dictionary, set) {
                Err(error) => panic!("{syntax} {version} {set}: {error}"),
                Ok(None) => {}
                Ok(Some(plan)) => {
                    let fresh: BTreeSet<String> = plan.lacking.iter().cloned().collect();
                    let known = lacking.entry((syntax, set.to_owned()));
                    known
                        .and_modify(|known| known.retain(|place| fresh.contains(place)))
                        .or_insert(fresh);
                }
            }
        }
    }
    lacking.retain(|_, places| !places.is_empty());
    assert!(lacking.is_empty(), "no version has {lacking:?}");
}
