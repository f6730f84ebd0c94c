//! Other people's files against the shipped dictionaries, where they are at hand: the good ones break no rule, and the bad
//! ones break the rule that acknowledgements name, at the place that they name.
//! The files are in `shared/corpora`: beside a folder above this crate, or where `LB_SHARED` says.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may panic"
)]

mod judged;

use std::path::{Path, PathBuf};

use edi::dictionary::Dictionaries;
use edi::{Finding, Rule, Syntax};
use serde_json::Value;

/// The corpus, or a loud word that it is not there.
fn corpus() -> Option<PathBuf> {
    let found = match std::env::var_os("LB_SHARED") {
        Some(shared) => Some(PathBuf::from(shared)),
        None => Path::new(env!("CARGO_MANIFEST_DIR"))
            .ancestors()
            .map(|folder| folder.join("shared"))
            .find(|shared| shared.is_dir()),
    };
    let corpus = found
        .map(|shared| shared.join("corpora"))
        .filter(|corpus| corpus.join("x12").is_dir());
    if corpus.is_none() {
        println!(
            "SKIPPED: there is no shared/corpora above this crate and LB_SHARED does not name one; other people's files were not judged"
        );
    }
    corpus
}

/// Good files that break rules of the dictionary all the same, by the end of their names: which rules, and why that is right.
const AT_FAULT: &[(&str, &str, &str)] = &[
    ("data_order-batch-cbc374.edi", "segment_missing", "no BGM"),
    ("data_order-batch.edi", "segment_missing", "no BGM"),
    (
        "Issue188.edi",
        "segment_missing",
        "messages cut down to nothing",
    ),
    ("Issue196.edi", "element_date", "seconds under format 203"),
    (
        "Issue203.edi",
        "element_characters element_date segment_missing",
        "no BGM, an amount of TEST",
    ),
    (
        "oboe-orders",
        "element_long",
        "a blank before the release: ` 96A`",
    ),
    (
        "huge_file2.edi",
        "segment_repeats",
        "a BGM in every second line",
    ),
    (
        "invoice_with_colon_at_end.edi",
        "element_date",
        "minutes under format 102",
    ),
    (
        "recadv_recadv.txt",
        "element_long",
        "a name of 36 characters",
    ),
    (
        "issue128_wrapped_invoic_d97b.edi",
        "element_characters segment_missing",
        "wrapped within tags and values",
    ),
    (
        "oboe-Tradacoms.ORDER",
        "element_characters",
        "an ISBN with an X as EAN",
    ),
    (
        "TRADACOMS_01.-a-Sales-Order-Request---Inbound.edi",
        "element_characters",
        "names in square brackets for numbers",
    ),
    (
        "oboe-5-850.x12",
        "components_beyond element_long segment_sequence",
        "dates of 004010 under 003040, NTE in the lines",
    ),
    (
        "withTA1TestCase.edi",
        "segment_not_in_message",
        "NTE in 004010",
    ),
    (
        "canadapost_edi_214.input.txt",
        "element_conditional",
        "an L11 and an N1 without their values",
    ),
    (
        "staedi-x12_empty997.edi",
        "segment_missing",
        "a 997 of ST and SE",
    ),
    (
        "invoice810_po850_dual.edi",
        "element_conditional",
        "N103 without N104",
    ),
    (
        "003010_RA820_pass_1.edi",
        "segment_missing",
        "003010, which had BPS where BPR is now",
    ),
    (
        "004010-204-2.x12",
        "element_conditional",
        "an L11 and a G62 without their values",
    ),
    (
        "004010-856-3.x12",
        "element_short",
        "a date of three digits",
    ),
    (
        "004010-940-23.x12",
        "segment_missing",
        "a set without its parties and lines",
    ),
    (
        "004010-940-24.x12",
        "segment_missing",
        "a set without its parties and lines",
    ),
    (
        "004010-940-3.x12",
        "element_characters",
        "wrapped within a value",
    ),
    (
        "004010-945-2.x12",
        "element_conditional element_short",
        "an N1 without a name, a code of one character",
    ),
    (
        "004010-945-5.x12",
        "element_conditional segment_missing",
        "a set without parties",
    ),
    (
        "005010-204-1.x12",
        "element_long element_short",
        "letters as values",
    ),
    (
        "005010-210-2.x12",
        "element_date element_long element_short",
        "letters as values",
    ),
    ("004010-940-5.x12", "segment_missing", "a set without lines"),
    (
        "005010-812-2.x12",
        "element_conditional element_missing",
        "a BCD of three elements",
    ),
    ("005010-830-2.x12", "element_missing", "a BFR without BFR08"),
    (
        "005010-852-2.x12",
        "element_conditional",
        "a quantity without its unit",
    ),
    (
        "005010-855-1.x12",
        "element_conditional element_long",
        "a PO1 with one element too many in its middle",
    ),
    (
        "005010-875-2.x12",
        "element_date element_long",
        "a G50 without its first element",
    ),
    (
        "005010-880-2.x12",
        "element_date",
        "a G01 without its first element",
    ),
    (
        "005010-943-2.x12",
        "element_conditional",
        "a W04 without an item",
    ),
    (
        "005010-944-2.x12",
        "element_conditional element_date element_long segment_missing",
        "a W17 without its first element, no W14",
    ),
    (
        "005010-945-1.x12",
        "element_conditional element_short",
        "an N1 without a name, a code of one character",
    ),
    (
        "bare/x12types-004010-204-1.x12",
        "element_conditional",
        "a G62 without a time's qualifier",
    ),
    (
        "bare/x12types-004010-945-4.x12",
        "element_characters element_conditional element_long",
        "a W12 shifted by one element, words for values",
    ),
    (
        "bare/x12types-005010-812-1.x12",
        "element_conditional element_missing",
        "a BCD of three elements",
    ),
    (
        "bare/x12types-005010-840-1.x12",
        "element_short",
        "a note of two characters",
    ),
    (
        "bare/x12types-005010-850-11.x12",
        "element_conditional element_long",
        "an SLN without its configuration",
    ),
    (
        "bare/x12types-005010-850-15.x12",
        "element_characters",
        "line ends within a text",
    ),
    (
        "bare/x12types-005010-852-1.x12",
        "element_conditional",
        "a quantity without its unit",
    ),
    (
        "bare/x12types-005010-875-1.x12",
        "element_date element_long",
        "a G50 without its first element",
    ),
    (
        "bare/x12types-005010-880-1.x12",
        "element_date",
        "a G01 without its first element",
    ),
    (
        "bare/x12types-005010-943-1.x12",
        "element_conditional element_number",
        "a unit in place of a size",
    ),
    (
        "bare/x12types-005010-944-1.x12",
        "element_characters element_conditional element_date element_long element_number element_short segment_missing",
        "a W17 without its first element, a W07 without a code, no W14",
    ),
    (
        "bare/x12types-005010-945-2.x12",
        "element_characters element_conditional element_long",
        "a W12 shifted by one element",
    ),
];

/// What this partner writes against its own standards, as its makers say: PID and REF behind ACK, FTX behind PRI, CNT behind MOA.
fn of_mock_edi(path: &str) -> bool {
    path.contains("mockedi-") && path.contains("-reply-")
}

fn errors(findings: &[Finding]) -> Vec<&Finding> {
    let errors = findings.iter().filter(|finding| finding.is_error());
    errors
        .filter(|finding| judged::is_of_the_dictionary(finding.rule))
        .collect()
}

fn names(findings: &[&Finding]) -> String {
    let mut names: Vec<&str> = findings.iter().map(|finding| finding.rule.name()).collect();
    names.sort_unstable();
    names.dedup();
    names.join(" ")
}

/// A set that stands for itself, in an envelope.
fn enveloped(dictionaries: &Dictionaries, version: &str, set: &str, bytes: &[u8]) -> Vec<u8> {
    let found = dictionaries.find(Syntax::X12, version).unwrap();
    let structure = found.dictionary.structure(set);
    let group = structure
        .and_then(|structure| structure.group.as_deref())
        .unwrap_or("PO");
    let header = format!(
        "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260131*1200*U*00401*000000001*0*P*>~\
         GS*{group}*S*R*20260131*1200*1*X*{version}~"
    );
    [
        header.as_bytes(),
        bytes.trim_ascii(),
        b"GE*1*1~IEA*1*000000001~",
    ]
    .concat()
}

#[test]
fn good_files_break_no_rule_of_the_dictionary() {
    let Some(corpus) = corpus() else { return };
    let dictionaries = Dictionaries::shipped();
    let index = std::fs::read_to_string(corpus.join("INDEX.tsv")).unwrap();
    let (mut tried, mut messages) = (0, 0);
    let mut wrong = Vec::new();
    for row in index.lines() {
        let columns: Vec<&str> = row.split('\t').collect();
        let [path, _, version, set, _, _, valid, ..] = columns.as_slice() else {
            continue;
        };
        let edi = ["x12/", "edifact/", "tradacoms/"]
            .iter()
            .any(|folder| path.starts_with(folder));
        let good = matches!(
            *valid,
            "valid" | "valid?" | "accept" | "accept-with-warning"
        );
        if !edi || !good {
            continue;
        }
        let mut bytes = std::fs::read(corpus.join(path)).unwrap();
        if path.starts_with("x12/bare/") {
            bytes = enveloped(&dictionaries, version, set, &bytes);
        }
        let outcome = judged::judge(&dictionaries, &bytes);
        if outcome.judged.is_empty() {
            continue;
        }
        tried += 1;
        messages += outcome.judged.len();
        let errors = errors(&outcome.findings);
        let found = names(&errors);
        let excused = AT_FAULT.iter().find(|(name, ..)| path.ends_with(name));
        let want = excused.map_or("", |(_, rules, _)| rules);
        if found != want && !(of_mock_edi(path) && found == "segment_sequence") {
            let lines: Vec<String> = errors
                .iter()
                .take(5)
                .map(|finding| judged::line(finding))
                .collect();
            wrong.push(format!("{path}: {found}\n  {}", lines.join("\n  ")));
        }
    }
    println!("{tried} files with {messages} messages were judged");
    assert!(tried >= 210, "{tried} files");
    assert!(
        wrong.is_empty(),
        "{} of {tried}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// A line of AK3 or AK4 as a finding would give it.
#[derive(Debug, PartialEq)]
enum Said {
    /// Tag, ordinal, loop, code.
    Segment(String, String, String, String),
    /// Element with its component, reference, code, value.
    Element(String, String, String, String),
}

fn said(finding: &Finding) -> Vec<Said> {
    let (codes, place) = (finding.rule.codes(), &finding.place);
    let of_element = !codes.element.is_empty();
    let code = if of_element { "8" } else { codes.segment };
    let text = |value: &dyn std::fmt::Display| value.to_string();
    let mut said = vec![Said::Segment(
        text(&place.tag),
        text(&place.segment),
        place.loop_id.to_string(),
        code.to_owned(),
    )];
    if of_element {
        let position = match place.component {
            0 => text(&place.element),
            component => format!("{}:{component}", place.element),
        };
        let value = finding.found.as_deref().unwrap_or_default();
        let value = String::from_utf8_lossy(value).into_owned();
        said.push(Said::Element(
            position,
            place.reference.to_string(),
            codes.element.to_owned(),
            value,
        ));
    }
    said
}

fn field(fields: &[String], index: usize) -> String {
    fields.get(index).cloned().unwrap_or_default()
}

/// What an AK3 or AK4 is right to say otherwise than the expectation.
const OTHERWISE: &[(&str, &str, &str)] = &[
    (
        "bad-loop-max",
        "1004",
        "N9 stands for the 1001st time as segment 1005: ST, BEG, REF and DTM are before the first",
    ),
    (
        "bad-el-control-char",
        "352",
        "the expectation leaves the value out",
    ),
];

#[test]
fn bad_sets_are_refused_at_the_place_that_is_expected() {
    let Some(corpus) = corpus() else { return };
    let dictionaries = Dictionaries::shipped();
    let expected = std::fs::read_to_string(corpus.join("EXPECT.jsonl")).unwrap();
    let (mut met, mut wrong) = (0, Vec::new());
    for line in expected.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let file = row["file"].as_str().unwrap();
        let acknowledgement = row.get("ack997").or_else(|| row.get("ack999"));
        let Some(acknowledgement) = acknowledgement.and_then(Value::as_object) else {
            continue;
        };
        let outcome = judged::judge(&dictionaries, &std::fs::read(corpus.join(file)).unwrap());
        let found: Vec<Said> = outcome.findings.iter().flat_map(said).collect();
        for (segment, fields) in acknowledgement {
            let fields: Vec<String> = serde_json::from_value(fields.clone()).unwrap();
            let of = |index| field(&fields, index);
            let want = match segment.as_str() {
                "AK3" | "IK3" => Said::Segment(of(0), of(1), of(2), of(3)),
                "AK4" | "IK4" => Said::Element(of(0), of(1), of(2), of(3)),
                _ => continue,
            };
            let excused = OTHERWISE.iter().any(|(name, value, _)| {
                file.contains(name) && fields.iter().any(|field| field == value)
            });
            // A place beyond the last has no value of its own.
            let right = found.iter().any(|said| match (said, &want) {
                (Said::Element(a, b, c, _), Said::Element(x, y, z, value)) if value.is_empty() => {
                    (a, b, c) == (x, y, z)
                }
                _ => *said == want,
            });
            met += 1;
            if !right && !excused {
                wrong.push(format!("{file}: expected {want:?}, found {found:?}"));
            }
        }
    }
    assert!(met >= 19, "{met} met");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What mock-edi says in a 997, line by line: each of its AK3 and AK4 is a finding of ours, and there is no other.
#[test]
fn a_partners_997_says_the_same() {
    let Some(corpus) = corpus() else { return };
    let dictionaries = Dictionaries::shipped();
    let mut met = 0;
    for name in [
        "bad-code",
        "bad-date",
        "missing-mandatory-element",
        "unknown-segment",
        "se-count",
        "wrong-group-id",
    ] {
        let file = corpus.join(format!("x12/mockedi-850-bad-{name}.x12"));
        let outcome = judged::judge(&dictionaries, &std::fs::read(file).unwrap());
        let of_judge = outcome
            .findings
            .iter()
            .filter(|finding| judged::is_of_the_dictionary(finding.rule));
        let found: Vec<Said> = of_judge.flat_map(said).collect();
        let expected = corpus.join(format!("x12/expected/mockedi-850-bad-{name}.expected.997"));
        let text = std::fs::read_to_string(expected).unwrap();
        let mut want = Vec::new();
        for segment in text.split('~') {
            let fields: Vec<String> = segment.trim().split('*').map(str::to_owned).collect();
            let of = |index| field(&fields, index);
            match fields[0].as_str() {
                "AK3" => want.push(Said::Segment(of(1), of(2), of(3), of(4))),
                "AK4" => want.push(Said::Element(of(1), of(2), of(3), of(4))),
                _ => {}
            }
        }
        met += want.len();
        assert_eq!(found, want, "{name}");
    }
    assert_eq!(met, 7);
}

/// EDIFACT's verdicts: rule, code of a CONTRL, segment, element, component.
const OF_EDIFACT: &[(&str, Rule, &str, [u32; 3])] = &[
    (
        "odd/bad-numeric-no-leading-digit",
        Rule::NumberDigits,
        "38",
        [10, 1, 2],
    ),
    ("odd/bad-thousands", Rule::NumberMarks, "19", [10, 1, 2]),
    (
        "odd/bad-too-many-components",
        Rule::ComponentsBeyond,
        "16",
        [3, 1, 4],
    ),
    ("odd/bad-unoa-lowercase", Rule::Repertoire, "21", [5, 4, 1]),
    (
        "odd/ok-empty-trailing",
        Rule::TrailingSeparators,
        "45",
        [2, 5, 0],
    ),
    ("odd/ok-unoc-but-cp1252", Rule::Charset, "21", [5, 4, 1]),
    (
        "mockedi-orders-bad-bad-date",
        Rule::ElementDate,
        "12",
        [4, 1, 2],
    ),
    (
        "mockedi-orders-bad-unknown-segment",
        Rule::SegmentUnknown,
        "15",
        [4, 0, 0],
    ),
];

#[test]
fn bad_messages_are_refused_at_the_place_that_is_expected() {
    let Some(corpus) = corpus() else { return };
    let dictionaries = Dictionaries::shipped();
    for (file, rule, code, at) in OF_EDIFACT {
        let path = corpus.join(format!("edifact/{file}.edi"));
        let outcome = judged::judge(&dictionaries, &std::fs::read(path).unwrap());
        let found: Vec<String> = outcome.findings.iter().map(judged::line).collect();
        let [finding] = outcome.findings.as_slice() else {
            panic!("{file}: {found:?}");
        };
        let place = &finding.place;
        let found_at = [place.segment, place.element.into(), place.component.into()];
        assert_eq!(
            (finding.rule, finding.rule.codes().contrl, found_at),
            (*rule, *code, *at),
            "{file}: {found:?}"
        );
    }
}
