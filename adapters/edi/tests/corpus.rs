//! Files of other people, where they are at hand: every one is read without a panic, their envelopes are judged as is
//! expected, the good ones are converted, and those that break a rule of elements are refused for that rule.
//! The files are in `shared/corpora`: beside a folder above this crate, or where `LB_SHARED` says.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may panic"
)]

mod stage;
mod walked;

use std::path::{Path, PathBuf};

use edi::map::Mappings;
use edi::{Finding, Limits, Rule, Syntax, TextPolicy, WalkOptions};
use serde_json::Value;
use walked::{Walked, walk};

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
            "SKIPPED: there is no shared/corpora/x12 above this crate and LB_SHARED does not name one; other people's files were not tried"
        );
    }
    corpus
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found)
        } else {
            found.push(path)
        }
    }
}

/// Error codes without their prefix, warnings in brackets, and how many documents stand.
fn outcome(path: &Path) -> (Vec<String>, usize) {
    let (stage, _) = stage::convert(Limits::default(), "file", &std::fs::read(path).unwrap());
    let mut codes: Vec<String> = stage
        .problems
        .iter()
        .map(|problem| {
            let code = problem.code.trim_start_matches("x12.");
            if problem.severity == canonical::problem::Severity::Error {
                code.to_owned()
            } else {
                format!("({code})")
            }
        })
        .collect();
    codes.sort();
    codes.dedup();
    for document in &stage.documents {
        let issues = document.entity.check();
        assert!(
            issues
                .iter()
                .all(|issue| issue.severity != canonical::ack_report::IssueSeverity::Error),
            "{path:?}: {issues:?}"
        );
    }
    (codes, stage.documents.len())
}

#[test]
fn every_file_is_read_without_panic() {
    let Some(corpus) = corpus() else { return };
    let mut found = Vec::new();
    for folder in ["x12", "edifact", "tradacoms"] {
        files(&corpus.join(folder), &mut found);
    }
    assert!(found.len() > 400, "{} files", found.len());
    let skipping = WalkOptions {
        text: TextPolicy::Skip,
        ..WalkOptions::default()
    };
    for path in &found {
        outcome(path);
        let bytes = std::fs::read(path).unwrap();
        for options in [WalkOptions::default(), skipping] {
            walk(options, &bytes);
        }
    }
}

/// What an expectation's error is called here: any of these rules. `None` for one that needs a dictionary.
fn rules(error: &str) -> Option<&'static [Rule]> {
    Some(match error {
        "binary-length" => &[Rule::BinaryLength],
        "blank-lines" => &[Rule::BlankLines],
        "bom" => &[Rule::ByteOrderMark],
        "delimiter-alnum" => &[Rule::ComponentSeparator],
        "delimiter-space" => &[Rule::ElementSeparator],
        "duplicate" | "duplicate-interchange" => &[Rule::InterchangeDuplicate],
        "empty-file" => &[Rule::Empty],
        "end-count" | "group-count" => &[Rule::GroupCount],
        "gcn-duplicate" => &[Rule::GroupDuplicate],
        "gcn-format" => &[Rule::GroupControlNumber],
        "gcn-mismatch" => &[Rule::GroupControlMismatch],
        "group-unsupported" => &[Rule::GroupUnsupported],
        "group-version" => &[Rule::GroupVersion],
        "groups-and-messages" => &[Rule::GroupsMixed],
        "icn-format" => &[Rule::InterchangeControlNumber, Rule::InterchangeControlForm],
        "icn-mismatch" | "unz-ref" => &[Rule::InterchangeControlMismatch],
        "isa-length" => &[Rule::HeaderLength, Rule::Terminator],
        "leading-whitespace" => &[Rule::LeadingBytes],
        "missing-gs" => &[Rule::GroupExpected],
        "missing-unt" => &[Rule::MessageTrailerMissing],
        "mtr-count" | "segment-count" => &[Rule::SegmentCount],
        "release-swallows-terminator" => &[Rule::ReleasedTerminator],
        "segment-unbounded" => &[Rule::SegmentLength],
        "set-not-in-group" => &[Rule::MessageNotInGroup],
        "tag-separator" => &[Rule::TagSeparator],
        "trailer-elements" => &[Rule::TrailerIncomplete],
        "trailing-garbage" => &[Rule::TrailingBytes],
        "truncated" => &[Rule::Truncated],
        "tscn-duplicate" => &[Rule::MessageDuplicate],
        "una-conflict" => &[Rule::ServiceCharacters],
        "una-length" => &[Rule::UnaLength],
        _ => return None,
    })
}

/// Whether what stands is what the verdict leaves standing.
fn stands(verdict: &str, walked: &Walked) -> bool {
    let errors = walked.findings.iter().any(Finding::is_error);
    let lost = walked.messages - walked.standing;
    match verdict {
        "reject" => walked.standing == 0 && errors,
        "reject-second" => walked.interchanges == [true, false],
        "reject-group" => walked.interchanges == [true] && walked.standing == 0,
        "reject-second-group" => walked.interchanges == [true] && walked.standing == 1,
        "reject-msg" | "reject-tx" | "reject-tx-second" => {
            walked.interchanges == [true] && lost == 1
        }
        "reject-or-tolerate" => true,
        // A dictionary finds the fault; the envelope is good.
        "reject-tx-or-warn" | "accept" | "accept-with-warning" | "valid" => {
            !errors && walked.standing == walked.messages && walked.standing > 0
        }
        _ => false,
    }
}

/// The codes of acknowledgements that an expectation names for one level of the envelope, and the segment they are about.
fn wanted_codes(row: &Value) -> Vec<(&'static str, String, Option<String>)> {
    let text = |value: &Value, index: usize| value.get(index)?.as_str().map(str::to_owned);
    let mut wanted = Vec::new();
    if let Some(ta1) = row["ta1"].as_str() {
        let code = ta1.trim_start_matches("R/").chars().take(3).collect();
        wanted.push(("ta1", code, None));
    }
    for level in ["UCI", "UCM"] {
        let fields = &row["contrl"][level];
        wanted.extend(text(fields, 1).map(|code| ("contrl", code, text(fields, 2))));
    }
    let (set, group) = (&row["ack997"]["AK5"], &row["ack997"]["AK9"]);
    wanted.extend(text(set, 1).map(|code| ("set", code, None)));
    wanted.extend(text(group, 4).map(|code| ("group", code, None)));
    wanted
}

/// Whether one of these findings says so. `6 (997) / 18 (999 IK502)` and `20|22` are either.
fn says(findings: &[&Finding], (list, wanted, tag): &(&str, String, Option<String>)) -> bool {
    findings.iter().any(|finding| {
        let codes = finding.rule.codes();
        let code = match *list {
            "ta1" => codes.ta1,
            "contrl" => codes.contrl,
            "set" => codes.set,
            _ => codes.group,
        };
        let either = wanted.split(['|', ' ']).any(|wanted| wanted == code);
        let place = finding.place.tag.to_string();
        either && tag.as_ref().is_none_or(|tag| *tag == place)
    })
}

#[test]
fn envelopes_are_judged_as_expected() {
    let Some(corpus) = corpus() else { return };
    let expected = std::fs::read_to_string(corpus.join("EXPECT.jsonl")).unwrap();
    let (mut met, mut by_dictionary) = (0, Vec::new());
    let mut wrong = Vec::new();
    for line in expected.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let [file, verdict] = ["file", "verdict"].map(|name| row[name].as_str().unwrap());
        if !["x12/", "edifact/", "tradacoms/"]
            .iter()
            .any(|folder| file.starts_with(folder))
        {
            continue;
        }
        let walked = walk(
            WalkOptions::default(),
            &std::fs::read(corpus.join(file)).unwrap(),
        );
        let rules = match row["error"].as_str() {
            None => Some([].as_slice()),
            Some(error) => rules(error),
        };
        let Some(rules) = rules else {
            // tests/verdicts.rs has these; here the envelope around the fault is good.
            by_dictionary.push(file.to_owned());
            if !walked.interchanges.iter().all(|good| *good) || walked.standing == 0 {
                wrong.push(format!("{file}: {}", walked.codes()));
            }
            continue;
        };
        met += 1;
        let at_fault = walked
            .findings
            .iter()
            .filter(|finding| rules.contains(&finding.rule));
        let at_fault: Vec<&Finding> = at_fault.collect();
        let found = rules.is_empty() || !at_fault.is_empty();
        let coded = wanted_codes(&row)
            .iter()
            .all(|wanted| says(&at_fault, wanted));
        if !found || !coded || !stands(verdict, &walked) {
            let codes = walked.codes();
            let stand = (walked.standing, walked.messages, &walked.interchanges);
            wrong.push(format!(
                "{file} ({verdict}): {codes:?} {stand:?} {}",
                wanted_codes(&row).len()
            ));
        }
    }
    println!(
        "{met} expectations met, {} left to the dictionary",
        by_dictionary.len()
    );
    assert!(met >= 71, "{met} met; to the dictionary: {by_dictionary:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Files whose index says that they are good, or perhaps good, and what we say to those that are not converted whole.
const NOT_CONVERTED: &[(&str, &str, &str)] = &[
    (
        "oboe-5-850.x12",
        "segment_sequence",
        "segments out of their order, and values longer than 004010 has them",
    ),
    (
        "gozer-po850_po850.txt",
        "segment_count",
        "SE01 says 33 where there are 21 segments",
    ),
    (
        "x12types-005010-850-4.x12",
        "interchange_control_mismatch",
        "its ISA lacks an element, so that the tilde is ISA16 and LF the terminator",
    ),
    (
        "stupidedi-004010_X357-SC850-Aerospace-Industry-Purchase-Order_pass_basic-po.edi",
        "message_not_in_group",
        "an 850 under GS01 SC",
    ),
    (
        "stupidedi-004010_X357-SC850-Aerospace-Industry-Purchase-Order_pass_taxexempt-po.edi",
        "message_not_in_group",
        "an 850 under GS01 SC",
    ),
    (
        "mockedi-orders-reject-line-reply-1-ORDRSP.edi",
        "segment_sequence",
        "FTX behind PRI: D.96A has it before",
    ),
    (
        "mockedi-orders-short-ship-reply-1-ORDRSP.edi",
        "segment_sequence",
        "FTX behind PRI: D.96A has it before",
    ),
    (
        "mockedi-orders-reject-line-reply-3-INVOIC.edi",
        "segment_sequence",
        "CNT behind MOA: D.96A has it before",
    ),
    (
        "pydifact-data_wikipedia_de.edi",
        "document_invalid",
        "QTY+1, which is no quantity ordered (21)",
    ),
    (
        "smooks-resources_data_ORDERS_D.03B_Interchange.txt",
        "document_invalid",
        "QTY+1, which is no quantity ordered (21)",
    ),
    (
        "syn-pricat-d96a.edi",
        "document_invalid",
        "its second article has no price",
    ),
    (
        "mockedi-850-corrupt-reply-2-856.x12",
        "segment_count",
        "SE01 says 25 where there are 24 segments",
    ),
    (
        "mockedi-850-corrupt-reply-3-810.x12",
        "segment_count",
        "SE01 says 23 where there are 22 segments",
    ),
    (
        "oboe-lfTestCase.edi",
        "document_invalid",
        "BAK02 NA: no word on the order as a whole",
    ),
    (
        "mockedi-850-duplicate-invoice-reply-1-855.x12",
        "segment_sequence",
        "a PID behind an ACK: 004010 has it before",
    ),
    (
        "mockedi-850-out-of-order-reply-3-855.x12",
        "segment_sequence",
        "a PID behind an ACK: 004010 has it before",
    ),
    (
        "mockedi-850-over-ship-reply-1-855.x12",
        "segment_sequence",
        "a PID behind an ACK: 004010 has it before",
    ),
    (
        "mockedi-850-reject-all-reply-1-855.x12",
        "segment_sequence",
        "a PID behind an ACK: 004010 has it before",
    ),
    (
        "mockedi-850-short-ship-reply-1-855.x12",
        "segment_sequence",
        "a PID behind an ACK: 004010 has it before",
    ),
    (
        "mockedi-850-strict-reply-1-855.x12",
        "segment_sequence",
        "a PID behind an ACK: 004010 has it before",
    ),
    (
        "mockedi-850-two-orders-reply-1-855.x12",
        "segment_sequence",
        "a PID behind an ACK: 004010 has it before",
    ),
];

#[test]
fn good_files_of_mapped_sets_are_converted() {
    let Some(corpus) = corpus() else { return };
    let index = std::fs::read_to_string(corpus.join("INDEX.tsv")).unwrap();
    let mappings = Mappings::shipped();
    let (mut tried, mut whole) = (0, 0);
    let mut wrong = Vec::new();
    for line in index.lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        let [path, _, _, kinds, _, _, valid, ..] = columns.as_slice() else {
            continue;
        };
        let syntax = match path.split('/').next() {
            Some("x12") if !path.starts_with("x12/bare/") => Syntax::X12,
            Some("edifact") => Syntax::Edifact,
            Some("tradacoms") => Syntax::Tradacoms,
            _ => continue,
        };
        let good = matches!(
            *valid,
            "valid" | "valid?" | "accept" | "accept-with-warning"
        );
        let mapped = mappings.sets(syntax);
        if !good || !kinds.split('+').any(|kind| mapped.contains(&kind)) {
            continue;
        }
        tried += 1;
        let (codes, documents) = outcome(&corpus.join(path));
        let errors: Vec<&str> = codes
            .iter()
            .filter(|code| !code.starts_with('('))
            .filter_map(|code| code.rsplit('.').next())
            .filter(|code| !matches!(*code, "message_unsupported" | "message_unmapped"))
            .collect();
        let excused = NOT_CONVERTED.iter().find(|(name, ..)| path.ends_with(name));
        // Where the index only guesses, a file may break a rule of its syntax or dictionary, but a mapping may not fail.
        let guessed = *valid == "valid?" && !errors.is_empty();
        let right = match excused {
            Some((_, code, _)) => errors.contains(code),
            None if guessed => !errors.contains(&"document_invalid"),
            None => errors.is_empty() && documents > 0,
        };
        whole += usize::from(errors.is_empty());
        if !right {
            wrong.push(format!("{path}: {codes:?}, {documents} documents"));
        }
    }
    println!("{whole} of {tried} files are converted whole");
    assert!(whole >= 88, "{whole} of {tried}");
    assert!(wrong.is_empty(), "of {tried}:\n{}", wrong.join("\n"));
}

/// What each expectation is called here.
enum Want {
    /// This error, and as many documents.
    Error(&'static str, usize),
    /// This warning, and at least one document.
    Warning(&'static str),
    /// Converted, or only not supported.
    Good,
}

fn want(name: &str) -> Option<Want> {
    use Want::{Error, Good, Warning};
    Some(match name {
        "bad-bin-length-lies" | "bad-bin-length-nonnumeric" => Error("binary_length", 0),
        "bad-composite-5010" => Error("components_beyond", 0),
        "bad-cs-is-letter" => Error("component_separator", 0),
        "bad-duplicate-icn" => Error("interchange_duplicate", 1),
        "bad-el-bad-code" => Warning("element_code"),
        "bad-el-bad-time" => Error("element_time", 0),
        "bad-el-control-char" | "bad-el-decimal-comma" => Error("element_characters", 0),
        "bad-el-mandatory" => Error("element_missing", 0),
        "bad-el-too-long" => Error("element_long", 0),
        "bad-el-too-many" => Error("elements_beyond", 0),
        "bad-el-too-short" => Error("element_short", 0),
        "bad-empty-file" => Error("empty", 0),
        "bad-es-is-space" => Error("element_separator", 0),
        "bad-ge-control" => Error("group_control_mismatch", 0),
        "bad-gs-control-alpha" => Error("group_control_number", 0),
        "bad-gs-duplicate-control" => Error("group_duplicate", 1),
        "bad-gs-fid-mismatch" => Error("message_not_in_group", 0),
        "bad-gs-fid" => Error("group_unsupported", 0),
        "bad-gs-version" => Error("group_version", 0),
        "bad-icn-alpha" => Error("interchange_control_number", 0),
        "bad-iea-control" => Error("interchange_control_mismatch", 0),
        "bad-iea-count" => Error("group_count", 0),
        "bad-iea-no-elements" => Error("trailer_incomplete", 0),
        "bad-isa-unpadded" => Warning("header_length"),
        "bad-loop-max" => Error("loop_repeats", 0),
        "bad-seg-max-use" => Error("segment_repeats", 0),
        "bad-no-gs" => Error("group_expected", 0),
        "bad-no-terminator-1mb" => Error("segment_length", 0),
        "bad-se-count" => Error("segment_count", 0),
        "bad-seg-tag-only" => Error("element_missing", 0),
        "bad-space-before-terminator" => Error("terminator", 0),
        "bad-st-duplicate-control" => Error("message_duplicate", 1),
        "ok-blank-line-inside-tx" => Warning("blank_lines"),
        "ok-bom-utf8" => Warning("byte_order_mark"),
        "ok-icn-leading-zeros-trimmed" => Warning("interchange_control_form"),
        "ok-latin1" => Warning("charset"),
        "ok-leading-blank-lines" => Warning("leading_bytes"),
        "ok-numeric-forms" => Warning("number_form"),
        "ok-trailing-ctrl-z" => Warning("trailing_bytes"),
        "ok-trailing-separators" => Warning("trailing_separators"),
        name if name.starts_with("ok-") => Good,
        _ => return None,
    })
}

#[test]
fn broken_files_are_refused_for_what_is_broken() {
    let Some(corpus) = corpus() else { return };
    let expected = std::fs::read_to_string(corpus.join("EXPECT.jsonl")).unwrap();
    let mut wrong = Vec::new();
    let mut met = 0;
    for line in expected.lines() {
        let expected: serde_json::Value = serde_json::from_str(line).unwrap();
        let file = expected["file"].as_str().unwrap();
        let Some(name) = file
            .strip_prefix("x12/odd/")
            .and_then(|name| name.strip_suffix(".x12"))
        else {
            continue;
        };
        let (codes, documents) = outcome(&corpus.join(file));
        let errors = || codes.iter().filter(|code| !code.starts_with('('));
        let right = match want(name) {
            None => false,
            Some(Want::Error(code, stand)) => {
                codes.iter().any(|found| found == code) && documents == stand
            }
            Some(Want::Warning(code)) => {
                let warning = format!("({code})");
                errors().count() == 0 && codes.contains(&warning) && documents > 0
            }
            Some(Want::Good) => errors()
                .all(|code| matches!(code.as_str(), "message_unmapped" | "message_unsupported")),
        };
        met += usize::from(right);
        if !right {
            wrong.push(format!(
                "{name} ({}): {codes:?}, {documents} documents",
                expected["verdict"]
            ));
        }
    }
    assert!(met >= 50, "{met} met");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_comes_back_from_its_lines() {
    let Some(corpus) = corpus() else { return };
    let mut paths = Vec::new();
    for folder in ["x12", "edifact", "tradacoms"] {
        files(&corpus.join(folder), &mut paths);
    }
    for path in paths {
        let file = std::fs::read(&path).unwrap();
        let (mut lines, mut bytes) = (Vec::new(), Vec::new());
        edi::segments::to_lines(&mut file.as_slice(), &mut |line| {
            lines.push(line.to_vec());
            Ok(())
        })
        .unwrap();
        let mut back = edi::segments::Back::default();
        for line in &lines {
            back.line(line, &mut bytes).unwrap();
        }
        back.finish(&mut bytes);
        assert!(bytes == file, "{} does not come back", path.display());
    }
}
