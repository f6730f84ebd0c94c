//! A property of every set that is written: canonical documents → EDI → canonical documents. Documents are the samples' with
//! members taken away, brought in from other samples, repeated, and given other values; separators are any that are allowed.
//! Never goes by what the mappings say: only by what comes back.
//! Invariant: what is written without a finding comes back whole, and the second time around nothing is lost or added.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use canonical::entity::{Entity, EntityKind};
use canonical::model::{Kind, ObjectId, model};
use proptest::prelude::{ProptestConfig, any, prop};
use proptest::test_runner::{RngAlgorithm, TestCaseError, TestRng, TestRunner};
use serde_json::{Map, Value};

use crate::charset::Encoding;
use crate::headers::shown;
use crate::separators::Separators;
use crate::syntax::Syntax;
use crate::write::{OnCharacter, Style};

use super::tests::{WRITTEN, plain, write_and_read};

/// A sample message's documents.
struct Sample {
    file: PathBuf,
    syntax: Syntax,
    version: String,
    set: String,
    kind: EntityKind,
    documents: Vec<String>,
}

/// The samples of sets that are written, with what each kind of object has as members anywhere in them.
struct Samples {
    list: Vec<Sample>,
    members: HashMap<ObjectId, Vec<(String, Value)>>,
}

static SAMPLES: LazyLock<Samples> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mappings");
    let mut list = Vec::new();
    for (syntax, name) in [(Syntax::X12, "x12"), (Syntax::Edifact, "edifact")] {
        for version in entries(&folder.join(name)) {
            list.extend(
                entries(&version)
                    .iter()
                    .filter_map(|file| sample(syntax, &version, file)),
            );
        }
    }
    let mut members = HashMap::new();
    for sample in &list {
        for document in &sample.documents {
            let document = serde_json::from_str(document).unwrap();
            gather(model().root(sample.kind), &document, &mut members);
        }
    }
    Samples { list, members }
});

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    entries
}

/// The sample of a file, when it is one of a message as it is written.
fn sample(syntax: Syntax, version: &Path, file: &Path) -> Option<Sample> {
    if file.extension()? != "written" {
        return None;
    }
    let message = std::fs::read_to_string(file.with_extension("edi")).unwrap();
    let mut words = message.split(['*', '+', ':']);
    let set = words.nth(if syntax == Syntax::X12 { 1 } else { 2 })?;
    assert!(WRITTEN.contains(&set), "{set}");
    let written = std::fs::read_to_string(file.with_extension("json")).unwrap();
    let documents: Vec<String> = written
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(str::to_owned)
        .collect();
    let shown = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    let kind = EntityKind::ALL.iter().copied().find(|kind| {
        let read = |document: &String| Entity::from_json(*kind, document.as_bytes());
        documents.iter().all(|document| read(document).is_ok())
    })?;
    Some(Sample {
        file: file.to_owned(),
        syntax,
        version: shown(version),
        set: set.to_owned(),
        kind,
        documents,
    })
}

/// Members that mappings have nothing to do with.
fn is_beside(name: &str) -> bool {
    matches!(name, "schema_version" | "provenance" | "unmapped" | "ext")
}

fn gather(object: ObjectId, value: &Value, into: &mut HashMap<ObjectId, Vec<(String, Value)>>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| gather(object, item, into)),
        Value::Object(members) => {
            for (name, value) in members.iter().filter(|(name, _)| !is_beside(name)) {
                let known = into.entry(object).or_default();
                if !known
                    .iter()
                    .any(|(other, same)| (other, same) == (name, value))
                {
                    known.push((name.clone(), value.clone()));
                }
                if let Some((_, member)) = model().member(object, name)
                    && let Kind::Object(inner) = member.kind
                {
                    gather(inner, value, into);
                }
            }
        }
        _ => {}
    }
}

/// Numbers that decide; when there are no more, 0.
struct Choices(std::vec::IntoIter<u16>);

impl Choices {
    fn below(&mut self, limit: usize) -> usize {
        usize::from(self.0.next().unwrap_or_default()) % limit.max(1)
    }

    fn of<'t, T>(&mut self, list: &'t [T]) -> Option<&'t T> {
        list.get(self.below(list.len()))
    }

    fn text(&mut self) -> String {
        const PIECES: &[&str] = &[
            "A", "b", "7", "word", " ", "*", "~", ">", "^", ":", "+", "'", "?", "??'", "|",
            "\u{e9}", "-", "/", ".", ",", "{", "\"", "\\",
        ];
        let count = self.below(12) * self.below(6) * [1, 1, 1, 8][self.below(4)];
        let text: String = (0..=count)
            .filter_map(|_| self.of(PIECES))
            .copied()
            .collect();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// Changes something in an object.
fn edit(object: ObjectId, members: &mut Map<String, Value>, choices: &mut Choices) {
    let what = choices.below(6);
    if what == 0
        && let Some(known) = SAMPLES.members.get(&object)
        && let Some((name, value)) = choices.of(known)
    {
        members.insert(name.clone(), value.clone());
        return;
    }
    let names: Vec<String> = members
        .keys()
        .filter(|name| !is_beside(name))
        .cloned()
        .collect();
    let Some(name) = choices.of(&names) else {
        return;
    };
    let (Some((_, member)), Some(value)) = (model().member(object, name), members.get_mut(name))
    else {
        return;
    };
    if what == 1 && !member.required {
        members.remove(name);
        return;
    }
    let Value::Array(items) = value else {
        return edit_value(member.kind, value, choices);
    };
    let place = choices.below(items.len());
    let Some(item) = items.get_mut(place) else {
        return;
    };
    match choices.below(6) {
        0 => {
            let mut copy = item.clone();
            edit_value(member.kind, &mut copy, choices);
            items.insert(place, copy);
        }
        1 => drop(items.remove(place)),
        2 => items.swap(0, place),
        _ => edit_value(member.kind, item, choices),
    }
}

fn edit_value(kind: Kind, value: &mut Value, choices: &mut Choices) {
    let new: Value = match kind {
        Kind::Object(inner) => {
            if let Value::Object(members) = value {
                edit(inner, members, choices);
            }
            return;
        }
        Kind::Integer => choices.below(1000).into(),
        Kind::Ordinal => (choices.below(1000) + 1).into(),
        Kind::Boolean => (choices.below(2) == 1).into(),
        Kind::Text => choices.text().into(),
        Kind::Words(words) => choices.of(model().words(words)).copied().into(),
        _ => choices.of(values(kind)).copied().into(),
    };
    if !new.is_null() {
        *value = new;
    }
}

/// Values of a kind, those that are seldom right included.
#[rustfmt::skip]
fn values(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Decimal => &["0", "1", "12.5", "0.05", "-3", "-0.5", "1000000", "0.001", "99999999.99", "7.00", "123456789012.3456"],
        Kind::Date => &["2026-02-28", "2024-02-29", "1999-12-31"],
        Kind::DateTime => &["2026-02-28T23:59:59Z", "2026-02-28T00:00:00+02:00", "2026-03-29T02:30:00+05:30", "2026-01-01T12:15:00-05:00"],
        Kind::DateOrTime => &["2026-02-28", "2024-02-29", "2026-02-28T23:59:59Z", "2026-02-28T00:00:00-05:00"],
        Kind::Currency => &["EUR", "USD", "JPY", "XXX"],
        Kind::Country => &["DE", "US", "FR"],
        Kind::Unit => &["C62", "KGM", "MTR", "ZZ", "XBX"],
        Kind::Language => &["de", "en", "fr"],
        Kind::Scheme => &["gln", "duns", "x12:zz", "x12:92", "edifact:91", "gtin", "seller_part", "buyer_part"],
        Kind::ReferenceType => &["contract", "quote", "promotion", "purchase_order", "x12:zz", "edifact:zzz", "department"],
        Kind::Gtin => &["04012345678901", "00036000291452"],
        Kind::Sscc => &["340123450000000000"],
        _ => &[],
    }
}

/// The documents of a sample, changed; what is none any longer stays as it was.
fn changed(sample: &Sample, choices: &mut Choices) -> Vec<String> {
    let root = model().root(sample.kind);
    let mut documents = sample.documents.clone();
    if documents.len() > 1 && choices.below(3) == 1 {
        documents.truncate(1);
    }
    for document in &mut documents {
        for _ in 0..choices.below(5) {
            let Ok(Value::Object(mut members)) = serde_json::from_str(document) else {
                panic!("a document is an object");
            };
            edit(root, &mut members, choices);
            let json = Value::Object(members).to_string();
            if let Ok(entity) = Entity::from_json(sample.kind, json.as_bytes())
                && entity.check().is_empty()
                && !has_twins(&bare(&json))
            {
                *document = shown(&entity.to_json());
            }
        }
    }
    documents
}

/// Whether some list has the same item twice, which says no more than once.
fn has_twins(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.values().any(has_twins),
        Value::Array(items) => {
            let twin = |(place, item)| items.iter().skip(place + 1).any(|other| other == item);
            items.iter().enumerate().any(twin) || items.iter().any(has_twins)
        }
        _ => false,
    }
}

/// How it is written: separators that differ from each other and are none of the data's usual ones, any of them otherwise.
fn style(syntax: Syntax, choices: &mut Choices) -> Style {
    let mut style = match syntax {
        Syntax::X12 => Style::x12(),
        _ => Style::edifact(),
    };
    let mut bytes = b"*>^~+:'?|!#\x1d\x1e\x1f".to_vec();
    let mut next = || bytes.remove(choices.below(bytes.len()));
    if next() != b'*' {
        let separators = Separators {
            element: next(),
            component: next(),
            terminator: next(),
            ..style.separators
        };
        style.separators = match syntax {
            Syntax::X12 => Separators {
                repetition: Some(next()),
                ..separators
            },
            _ => Separators {
                release: Some(next()),
                ..separators
            },
        };
    }
    if syntax == Syntax::Edifact && choices.below(2) == 1 {
        style.separators.decimal = b',';
    }
    style.level = "UNOY".to_owned();
    style.encoding = Some(Encoding::UTF8);
    style.on_character = OnCharacter::Refuse;
    style
}

/// A document as it is compared: without what has no home in a message, and the count of lines that every message states.
fn bare(document: &str) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(members) => {
                let scheme = members.get("scheme").and_then(Value::as_str);
                let envelope = |scheme: &str| {
                    scheme.starts_with("x12:i05.") || scheme.starts_with("edifact:0007.")
                };
                if scheme.is_some_and(envelope) {
                    members.remove("value"); // who is known from an envelope is another in another
                }
                members.remove("unmapped");
                members.remove("line_count");
                members.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let mut value = serde_json::from_str(document).unwrap();
    strip(&mut value);
    value
}

/// Where something of a document is missing or different in another, if anywhere. More
/// may be there: what follows from the rest. Items may stand in another order, that of the segments that hold them.
fn lost(
    object: ObjectId,
    (whole, unit): (&Value, Option<&str>),
    there: &Value,
    path: &str,
) -> Option<String> {
    match (whole, there) {
        (Value::Object(members), Value::Object(others)) => {
            let quantity = members
                .get("quantity")
                .or_else(|| members.get("min_quantity"));
            let own = quantity.and_then(|quantity| quantity["unit"].as_str());
            let unit = own.or(unit);
            members.iter().find_map(|(name, value)| {
                let path = format!("{path}/{name}");
                let kind = model().member(object, name)?.1.kind;
                let Some(other) = others.get(name) else {
                    return (!is_nothing(name, value, unit))
                        .then(|| format!("{path}: {value} is gone"));
                };
                match kind {
                    Kind::Object(inner) => lost(inner, (value, unit), other, &path),
                    Kind::Decimal => (!same_number(value, other))
                        .then(|| format!("{path}: {value} became {other}")),
                    _ => (value != other).then(|| format!("{path}: {value} became {other}")),
                }
            })
        }
        (Value::Array(items), Value::Array(others)) => {
            let mut others: Vec<&Value> = others.iter().collect();
            let mut missing = None;
            for (place, item) in items.iter().enumerate() {
                let path = format!("{path}/{place}");
                let same = |other: &&Value| lost(object, (item, unit), other, &path).is_none();
                match others.iter().position(same) {
                    Some(found) => drop(others.remove(found)),
                    None => missing = missing.or(Some((item, path))),
                }
            }
            let (item, path) = missing?;
            let nothing = Value::Null;
            lost(
                object,
                (item, unit),
                others.first().unwrap_or(&&nothing),
                &path,
            )
        }
        _ => Some(format!("{path}: {whole} became {there}")),
    }
}

/// What says nothing: a price is for one of the quantity's unit where nothing else is said; no items are no list.
fn is_nothing(name: &str, value: &Value, unit: Option<&str>) -> bool {
    (name == "per" && value["value"] == "1" && value["unit"] == unit.unwrap_or("C62"))
        || value.as_array().is_some_and(Vec::is_empty)
        || value.as_object().is_some_and(Map::is_empty)
}

fn same_number(one: &Value, other: &Value) -> bool {
    let shortest = |value: &Value| {
        let text = value.as_str().unwrap_or_default();
        match text.contains('.') {
            true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
            false => text.to_owned(),
        }
    };
    shortest(one) == shortest(other)
}

/// The first thing that documents have and others, in the same order, do not.
fn first_lost(kind: EntityKind, documents: &[String], others: &[String]) -> Option<String> {
    if documents.len() != others.len() {
        return Some(format!(
            "{} documents became {}",
            documents.len(),
            others.len()
        ));
    }
    let mut pairs = documents.iter().zip(others);
    pairs.find_map(|(document, other)| {
        lost(
            model().root(kind),
            (&bare(document), None),
            &bare(other),
            "",
        )
    })
}

/// Writes and reads documents twice. Whether they were written without a finding.
fn round_trip(sample: &Sample, documents: &[String], style: &Style) -> Result<bool, String> {
    let go = |documents: &[String]| {
        let style = (sample.syntax, style.clone());
        let documents = (sample.kind, documents);
        write_and_read(style, &sample.version, &sample.set, documents)
    };
    let (text, once, faults) = go(documents);
    // What is written is judged before it leaves: a value that its element cannot hold is refused there.
    let judged = once.documents.len() < documents.len() && !once.problems.is_empty();
    if !faults.is_empty() || judged {
        return Ok(false);
    }
    let read: Vec<String> = once.documents.iter().map(plain).collect();
    let mut told = first_lost(sample.kind, documents, &read);
    if told.is_none() {
        let (_, twice, faults) = go(&read);
        if !faults.is_empty() {
            return Ok(true); // a reader keeps more than can be said again, and the writer says so
        }
        let again: Vec<String> = twice.documents.iter().map(plain).collect();
        told = first_lost(sample.kind, &read, &again).or(first_lost(sample.kind, &again, &read));
    }
    let Some(told) = told else {
        return Ok(true);
    };
    Err(format!(
        "{}: {told}\nof\n{}\nwritten as\n{text}\n{}",
        sample.file.display(),
        documents.join("\n"),
        once.problems.join("\n")
    ))
}

/// Whether what these numbers make of a sample comes back, where it could be written.
fn comes_back(sample: &Sample, numbers: Vec<u16>) -> Result<bool, String> {
    let mut choices = Choices(numbers.into_iter());
    let style = style(sample.syntax, &mut choices);
    let documents = changed(sample, &mut choices);
    round_trip(sample, &documents, &style)
}

/// Always the same cases, so that it fails for a reason; `PROPTEST_CASES=100000` looks for more of them.
#[test]
fn what_is_written_comes_back() {
    let config = ProptestConfig::default();
    let config = ProptestConfig {
        cases: config.cases / 10,
        failure_persistence: None,
        ..config
    };
    let mut whole: BTreeMap<&str, usize> = WRITTEN.iter().map(|set| (*set, 0)).collect();
    for sample in &SAMPLES.list {
        let count = Cell::new(0);
        let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let run = TestRunner::new_with_rng(config.clone(), rng).run(
            &prop::collection::vec(any::<u16>(), 0..60),
            |numbers| {
                let came_back = comes_back(sample, numbers).map_err(TestCaseError::fail)?;
                count.set(count.get() + usize::from(came_back));
                Ok(())
            },
        );
        run.unwrap_or_else(|error| panic!("{error}"));
        *whole.get_mut(sample.set.as_str()).unwrap() += count.get();
    }
    let seldom: Vec<_> = whole.iter().filter(|(_, count)| **count < 5).collect();
    assert!(
        seldom.is_empty(),
        "hardly anything of these was written: {seldom:?}"
    );
}

/// What generated documents showed, and too few of them show again: a sample, and values in its documents.
#[test]
fn what_was_lost_once_comes_back() {
    for (file, values) in [
        // What a party's identifiers say is not said again by a segment that a reader would take for its code.
        (
            "004010/846-change.written",
            [(0, "/location/code", "AAAAA")].as_slice(),
        ),
        // What the message says of the first document it would say of the second, too.
        (
            "D.96A/INVRPT.written",
            &[(0, "/mode", "delta"), (1, "/mode", "absolute")],
        ),
    ] {
        let of = |sample: &&Sample| sample.file.ends_with(file);
        let sample = SAMPLES.list.iter().find(of).unwrap();
        let mut documents = sample.documents.clone();
        for (place, path, text) in values {
            let document = documents.get_mut(*place).unwrap();
            let mut value: Value = serde_json::from_str(document).unwrap();
            *value.pointer_mut(path).unwrap() = (*text).into();
            *document = value.to_string();
        }
        let style = style(sample.syntax, &mut Choices(Vec::new().into_iter()));
        round_trip(sample, &documents, &style).unwrap_or_else(|lost| panic!("{lost}"));
    }
}
