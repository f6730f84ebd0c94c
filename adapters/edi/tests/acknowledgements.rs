//! Our acknowledgements beside those that other systems gave to the same files, and beside the codes that are expected,
//! where the files are at hand. Every difference is listed with the rule that makes it right.
//! The files are in `shared/corpora`: beside a folder above this crate, or where `LB_SHARED` says.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may panic"
)]

mod answered;
#[allow(dead_code, reason = "other tests use the rest")]
mod judged;

use std::path::{Path, PathBuf};

use edi::dictionary::Dictionaries;
use edi::{Engine, Limits};
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
            "SKIPPED: there is no shared/corpora above this crate and LB_SHARED does not name one; our acknowledgements were not compared"
        );
    }
    corpus
}

/// Where our answer is another one: what they say (-) and we do not, what we say (+), and the rule that makes it right.
/// Sections are those of the reference.
const DIFFERENCES: &[(&str, &[&str], &str)] = &[
    (
        "mockedi-850-bad-duplicate-st-control",
        &["-AK5*A", "-AK9*A*2*2*2", "+AK5*R*23", "+AK9*P*2*2*1"],
        "ST02 is unique in its group (§4.1): the second set is rejected with 23",
    ),
    (
        "mockedi-850-bad-wrong-group-id",
        &["-AK5*A", "-AK9*A*1*1*1", "+AK5*R*6", "+AK9*R*1*1*0"],
        "GS01 fits ST01 (§4.1): an 850 in a group IN is rejected with 6",
    ),
    (
        "pyx12-835id",
        &[
            "-AK5*A",
            "-AK9*A*1*1*1",
            "+AK5*R*1",
            "+AK9*R*1*1*0",
            "+IEA*0*#",
        ],
        "the sets of health care have no dictionary here: not supported (1), and nothing is said of their segments, the TA1 goes in an interchange of its own, where no group is counted",
    ),
    (
        "pyx12-837miss",
        &[
            "-GS*FA*ZZ001*ZZ000*#*#*#*X*004010",
            "-ST*997*0001",
            "-AK1*HC*17",
            "-AK2*837*11280001",
            "-AK5*R*2",
            "-AK9*R*0*0*0*3",
            "-SE*6*0001",
            "-GE*1*#",
            "-IEA*1*#",
            "+IEA*0*#",
        ],
        "the interchange is rejected by its TA1: none of its sets was delivered, so no 997 accepts or judges any",
    ),
    (
        "pyx12-bad_2010AA_bug",
        &[
            "-AK3*NM1*8**3",
            "-AK5*R*5",
            "-SE*7*0001",
            "+AK5*R*1",
            "+SE*6*0001",
        ],
        "the sets of health care have no dictionary here: not supported (1), and nothing is said of their segments",
    ),
    (
        "pyx12-blank1",
        &[
            "-AK3*SV2*57**8",
            "-AK4*2:1*235*7",
            "-AK4*2:2*234*1",
            "-AK3*SVD*59**8",
            "-AK4*3:1*235*7",
            "-AK4*3:2*234*1",
            "-AK5*R*5",
            "-SE*12*0001",
            "+AK5*R*1",
            "+SE*6*0001",
        ],
        "the sets of health care have no dictionary here: not supported (1), and nothing is said of their segments",
    ),
    (
        "pyx12-ele",
        &[
            "-AK5*R*3*7",
            "-AK9*R*1*1*0*1",
            "-TA1*000484889*040709*3339*R*015",
            "+AK5*R*7*3",
            "+AK9*R*1*1*0",
            "+TA1*000484889*040709*3339*E*015",
            "+IEA*0*#",
        ],
        "codes in the order of the set; the group HC is known; a wrong time alone loses no interchange; the TA1 goes in an interchange of its own, where no group is counted",
    ),
    (
        "pyx12-elements",
        &[
            "-AK3*REF*3**8",
            "-AK4*2*127*7*004010X098A2",
            "-AK3*PER*5**8",
            "-AK4*3*365*7*TA",
            "-AK3*NM1*7**8",
            "-AK4*8*66*7*47",
            "-AK3*NM1*15**8",
            "-AK4*8*66*5*MIM",
            "-AK4*8*66*7*MIM",
            "-AK3*DMG*18**8",
            "-AK4*2*1251*8*19461301",
            "-AK4*3*1068*7*R",
            "-AK3*CLM*23**8",
            "-AK4*5:1*1331*7*95",
            "-AK5*R*4*5",
            "-SE*20*0001",
            "+AK5*R*4",
            "+SE*6*0001",
        ],
        "the sets of health care have no dictionary here: not supported (1), and nothing is said of their segments",
    ),
    (
        "pyx12-fail_no_IEA",
        &[
            "-GS*FA*ZZ001*ZZ000*#*#*#*X*004010",
            "-ST*997*0001",
            "-AK1*HC*17",
            "-AK2*837*11280001",
            "-AK3*BHT*1**3",
            "-AK3*HL*1**3",
            "-AK5*R*4*5",
            "-AK9*R*1*1*0",
            "-SE*8*0001",
            "-GE*1*#",
            "-IEA*1*#",
            "+IEA*0*#",
        ],
        "the interchange is rejected by its TA1: none of its sets was delivered, so no 997 accepts or judges any",
    ),
    (
        "pyx12-loop_counting",
        &[
            "-AK3*LX*385**4",
            "-AK3*LX*392**4",
            "-AK3*LX*399**4",
            "-AK3*LX*406**4",
            "-AK5*R*5",
            "-SE*10*0001",
            "+AK5*R*1",
            "+SE*6*0001",
            "+IEA*0*#",
        ],
        "the sets of health care have no dictionary here: not supported (1), and nothing is said of their segments, the TA1 goes in an interchange of its own, where no group is counted",
    ),
    (
        "pyx12-repeat_init_segment",
        &["-AK5*A", "-AK9*A*1*1*1", "+AK5*R*1", "+AK9*R*1*1*0"],
        "the sets of health care have no dictionary here: not supported (1), and nothing is said of their segments",
    ),
    (
        "pyx12-simple1",
        &["-AK3*BHT*1**3", "-AK3*HL*1**3", "-SE*8*0001", "+SE*6*0001"],
        "the sets of health care have no dictionary here: not supported (1), and nothing is said of their segments",
    ),
    (
        "pyx12-trailer_errors",
        &[
            "-GS*FA*ENCOUNTER*00HP*#*#*#*X*004010",
            "-ST*997*0001",
            "-AK1*HC*1",
            "-AK2*837*300207436",
            "-AK5*R*4",
            "-AK2*837*300207437",
            "-AK5*A",
            "-AK9*R*2*2*1*4",
            "-SE*8*0001",
            "-GE*1*#",
            "-TA1*000484950*040820*1133*R*018",
            "-IEA*1*#",
            "+TA1*000484950*040820*1133*R*021",
            "+IEA*0*#",
        ],
        "IEA01 counts five groups where there is one (021), IEA02 differs too; the interchange is rejected by its TA1: none of its sets was delivered, so no 997 accepts or judges any",
    ),
    (
        "mockedi-orders-bad-bad-date",
        &[
            "-UCM+1+ORDERS:D:96A:UN+7+12",
            "-UCS+4+12",
            "+UCM+1+ORDERS:D:96A:UN+7",
            "+UCS+4",
        ],
        "an error is named once, at the deepest level it belongs to",
    ),
    (
        "mockedi-orders-bad-unknown-segment",
        &["-UCM+1+ORDERS:D:96A:UN+7+15", "+UCM+1+ORDERS:D:96A:UN+7"],
        "an error is named once, at the deepest level it belongs to",
    ),
    (
        "mockedi-orders-bad-unsupported-version",
        &[
            "-UCM+1+ORDERS:D:01B:UN+7+12",
            "-UCS+1+12",
            "-UCD+12+3:3",
            "-UNT+6+1",
            "+UCM+1+ORDERS:D:01B:UN+7",
            "+UNT+4+1",
        ],
        "D.01B is supported here",
    ),
    (
        "mockedi-orders-bad-unt-count",
        &[
            "-UCM+1+ORDERS:D:96A:UN+4+29+UNT",
            "+UCM+1+ORDERS:D:96A:UN+4+29+UNT+2",
        ],
        "the element of the trailer is named as well (S011)",
    ),
    (
        "mockedi-orders-bad-unt-ref",
        &[
            "-UCM+1+ORDERS:D:96A:UN+4+28+UNT",
            "+UCM+1+ORDERS:D:96A:UN+4+28+UNT+3",
        ],
        "the element of the trailer is named as well (S011)",
    ),
    (
        "mockedi-orders-latin1",
        &["-UNT+4+1", "+UCS+7", "+UCD+21+5:1", "+UNT+6+1"],
        "the file declares UNOC and is written in UTF-8 (§4.4): a remark, and the message is accepted",
    ),
];

/// What is otherwise everywhere, and so is not compared: dates, times and our own control numbers; ISA14, where one of the
/// others asks for an acknowledgement of its acknowledgement; ISA15, the qualifier of the receiver and 0035, which another one
/// takes from its settings while we answer as the interchange came (§4.3).
const MASKED: &[(&str, &[usize])] = &[
    ("ISA", &[9, 10, 13, 14, 15]),
    ("GS", &[4, 5, 6]),
    ("GE", &[2]),
    ("IEA", &[2]),
    ("UNB", &[3, 4, 5, 11]),
    ("UNZ", &[2]),
];

/// The segments of an answer, masked.
fn segments(text: &str) -> Vec<String> {
    let edifact = text.starts_with("UN");
    let (end, separator) = if edifact { ('\'', "+") } else { ('~', "*") };
    let mask = |segment: &str| {
        let mut elements: Vec<&str> = segment.split(separator).collect();
        let masked = MASKED.iter().find(|(tag, _)| *tag == elements[0]);
        for place in masked.map_or(&[][..], |(_, places)| places) {
            if let Some(element) = elements.get_mut(*place) {
                *element = "#";
            }
        }
        let last = elements.iter().rposition(|element| !element.is_empty());
        elements.truncate(last.map_or(0, |last| last + 1));
        let joined = elements.join(separator);
        joined.trim_end_matches("++++++#").to_owned()
    };
    let segments = text.split(end).map(str::trim);
    segments
        .filter(|segment| !segment.is_empty())
        .map(mask)
        .collect()
}

/// The answers to a file.
fn answers(engine: &Engine, bytes: &[u8]) -> Vec<edi::acknowledge::Acknowledgement> {
    answered::answer(engine, None, bytes).answers
}

/// How mock-edi weighs what it finds.
const WEIGHTS: &str = "severity = { element_date = 'warning', segment_unknown = 'warning' }";

/// Segments that they write and we do not, and the reverse, each in its order.
fn differences(theirs: &[String], ours: &[String]) -> Vec<String> {
    let without = |these: &[String], those: &[String], sign: &str| {
        let mut left = those.to_vec();
        let mut lines = Vec::new();
        for line in these {
            match left.iter().position(|other| other == line) {
                Some(place) => drop(left.remove(place)),
                None => lines.push(format!("{sign}{line}")),
            }
        }
        lines
    };
    let mut lines = without(theirs, ours, "-");
    lines.extend(without(ours, theirs, "+"));
    lines.retain(|line| !line.trim_start_matches(['-', '+']).starts_with("ISA*"));
    lines
}

#[test]
fn our_answers_are_those_of_others() {
    let Some(corpus) = corpus() else { return };
    let engine = answered::engine(WEIGHTS, Limits::default());
    let (mut equal, mut other, mut wrong) = (0, 0, Vec::new());
    for (folder, extension, ends) in [
        ("x12", "x12", [".997", ".TA1"]),
        ("edifact", "edi", [".CONTRL", ".CONTRL"]),
    ] {
        let expected = std::fs::read_dir(corpus.join(folder).join("expected")).unwrap();
        for file in expected.map(|entry| entry.unwrap().path()) {
            let name = file.file_name().unwrap().to_str().unwrap().to_owned();
            let stem = ends
                .iter()
                .find_map(|end| name.strip_suffix(&format!(".expected{end}")));
            let Some(stem) = stem else { continue };
            let source = corpus.join(folder).join(format!("{stem}.{extension}"));
            let Ok(bytes) = std::fs::read(source) else {
                continue;
            };
            let theirs = segments(&std::fs::read_to_string(&file).unwrap());
            let ours: Vec<String> = answers(&engine, &bytes)
                .iter()
                .flat_map(|answer| segments(std::str::from_utf8(&answer.bytes).unwrap()))
                .collect();
            let found = differences(&theirs, &ours);
            let listed = DIFFERENCES.iter().find(|(listed, ..)| *listed == stem);
            let want = listed.map_or(&[][..], |(_, lines, _)| lines);
            let mut sorted = (found.clone(), want.to_vec());
            sorted.0.sort();
            sorted.1.sort();
            if sorted.0 != sorted.1 || want.is_empty() && theirs != ours {
                wrong.push(format!("{stem}:\n  {}", found.join("\n  ")));
            }
            equal += usize::from(theirs == ours);
            other += usize::from(!want.is_empty());
        }
    }
    println!("{equal} answers are equal, {other} differ as listed");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        (equal, other) >= (18, DIFFERENCES.len()) && other == DIFFERENCES.len(),
        "{equal} {other}"
    );
}

/// What the expectations say otherwise than we do, and why: file, segment, and the rule.
const OTHERWISE: &[(&str, &str, &str)] = &[
    (
        "bad-isa-unpadded",
        "TA1",
        "tolerated, as the verdict allows: a warning (022), and no TA1 that nobody asked for",
    ),
    (
        "bad-loop-max",
        "AK3",
        "N9 stands for the 1001st time as segment 1005: ST, BEG, REF and DTM are before the first",
    ),
    (
        "bad-too-many-components",
        "UCD",
        "0098 counts the tag as 1, so the first element of DTM is 2",
    ),
];

/// Whether an element is what is wanted; blanks, `|` and `/` stand between alternatives.
fn is_meant(element: &str, wanted: &str) -> bool {
    let mut alternatives = wanted.split(['|', ' ', '/']);
    element == wanted || alternatives.any(|one| !one.is_empty() && one == element)
}

/// Whether one of our segments says this: a code in any place, or a row of elements behind what names the answered.
fn is_said(segments: &[Vec<String>], tags: &str, wanted: &Value) -> bool {
    let element = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    segments.iter().any(|segment| {
        let (tag, elements) = segment.split_first().unwrap();
        let named = match tag.as_str() {
            "TA1" | "UCI" => 3,
            "UCM" => 2,
            _ => 0,
        };
        let row = elements.get(named..).unwrap_or_default();
        let said = match wanted.as_array() {
            Some(wanted) => wanted
                .iter()
                .map(element)
                .enumerate()
                .all(|(place, wanted)| {
                    is_meant(row.get(place).map_or("", String::as_str), &wanted)
                }),
            None => elements.contains(&element(wanted)),
        };
        tags.split('/').any(|one| one == tag) && said
    })
}

/// What is expected of the answers to a file, by segment.
fn expectations(row: &Value) -> Vec<(String, Value)> {
    let mut wanted = Vec::new();
    if let Some((verdict, code)) = row["ta1"].as_str().and_then(|code| code.split_once('/')) {
        wanted.push(("TA1".to_owned(), Value::from(vec![verdict, code])));
    }
    for name in ["ack997", "ack999", "contrl"] {
        let rows = row[name].as_object().into_iter().flatten();
        wanted.extend(rows.map(|(tag, wanted)| (tag.clone(), wanted.clone())));
    }
    wanted
}

#[test]
fn the_expected_codes_are_said() {
    let Some(corpus) = corpus() else { return };
    let usual = answered::engine("", Limits::default());
    let for_guides = answered::engine("x12.acknowledge.functional = '999'", Limits::default());
    let expected = std::fs::read_to_string(corpus.join("EXPECT.jsonl")).unwrap();
    let (mut met, mut excused, mut wrong) = (0, 0, Vec::new());
    for line in expected.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let file = row["file"].as_str().unwrap();
        let engine = if row.get("ack999").is_some() {
            &for_guides
        } else {
            &usual
        };
        let bytes = std::fs::read(corpus.join(file)).unwrap();
        let answers = answers(engine, &bytes);
        let texts = answers
            .iter()
            .map(|answer| std::str::from_utf8(&answer.bytes).unwrap());
        let segments: Vec<Vec<String>> = texts
            .flat_map(str::lines)
            .map(|line| line.trim_end_matches(['~', '\'']))
            .map(|line| line.split(['*', '+']).map(str::to_owned).collect())
            .collect();
        for (tag, wanted) in expectations(&row) {
            let otherwise = OTHERWISE
                .iter()
                .any(|(name, of, _)| file.contains(name) && *of == tag);
            let said = is_said(&segments, &tag, &wanted);
            met += usize::from(said);
            excused += usize::from(otherwise);
            if said == otherwise {
                wrong.push(format!("{file}: {tag} {wanted}, but {segments:?}"));
            }
        }
    }
    println!("{met} expected segments are said, {excused} are otherwise");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(met >= 56 && excused == OTHERWISE.len(), "{met} {excused}");
}

/// Every file of a folder and of those in it.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// What an answer repeats although it breaks a rule, because it was received so: file, rule, and what it is.
const REPEATED: &[(&str, &str, &str)] = &[
    (
        "",
        "sender_qualifier",
        "our own qualifier, as the sender wrote it",
    ),
    (
        "bad-gs-control-alpha.x12",
        "element_characters",
        "a control number with a letter",
    ),
    (
        "bad-gs-fid.x12",
        "element_code",
        "a functional id that nobody knows",
    ),
    (
        "orders-with-group.edi",
        "element_long",
        "a guide of seven characters",
    ),
    (
        "wrapped_invoic_d97b.edi",
        "element_long",
        "a reference of fifteen characters",
    ),
    (
        "D95B.CUSCAR.EDI",
        "element_missing",
        "a message without a type",
    ),
    (
        "",
        "element_code 0085 `45`",
        "code 45 is younger than the list of syntax version 3, and meant there as well",
    ),
];

fn is_repeated(path: &Path, finding: &edi::Finding) -> bool {
    let path = path.to_str().unwrap();
    let rule = finding.rule.name();
    let value = String::from_utf8_lossy(finding.found.as_deref().unwrap_or_default());
    let coded = format!("{rule} {} `{value}`", finding.place.reference);
    let known = |known: &str| known == rule || known == coded;
    REPEATED
        .iter()
        .any(|(end, listed, _)| path.ends_with(end) && known(listed))
}

#[test]
fn our_answers_are_good_and_are_not_answered() {
    let Some(corpus) = corpus() else { return };
    let dictionaries = Dictionaries::shipped();
    let mut paths = Vec::new();
    for folder in ["x12", "edifact"] {
        files(&corpus.join(folder), &mut paths);
    }
    let settings = "x12.acknowledge = { functional = '999', ta1 = 'always' }";
    let engine = answered::engine(settings, Limits::default());
    let (mut written, mut wrong) = (0, Vec::new());
    for path in paths {
        let bytes = std::fs::read(&path).unwrap();
        for answer in answers(&engine, &bytes) {
            written += 1;
            let outcome = judged::judge(&dictionaries, &answer.bytes);
            let faults: Vec<String> = outcome
                .findings
                .iter()
                .filter(|finding| !is_repeated(&path, finding))
                .map(judged::line)
                .collect();
            if !faults.is_empty() || !outcome.unknown.is_empty() {
                let text = String::from_utf8_lossy(&answer.bytes);
                wrong.push(format!(
                    "{path:?}: {faults:?} {:?}\n{text}",
                    outcome.unknown
                ));
            }
            assert_eq!(answers(&engine, &answer.bytes), [], "{path:?}");
        }
    }
    println!("{written} answers were written and judged");
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(written > 450, "{written}");
}
