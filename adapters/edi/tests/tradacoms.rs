//! The rules of TRADACOMS' envelopes, one row a rule: what is changed in a good file, what is found, and how many messages
//! still stand; and what becomes of documents when their header message does not.

mod stage;
mod walked;

use canonical::problem::Severity;
use edi::examine::{Examination, Step};
use edi::partner::Agreements;
use edi::{Engine, Limits, WalkOptions};
use expect_test::expect;
use stage::Stage;
use walked::walk;

const FILE: &str = "STX=ANA:1+5000000000001:ACME STORES+5010011900016:NORTHWIND+260131:120000+000007+PASSW+ORDHDR+B'\
    MHD=1+ORDHDR:9'TYP=0430+NEW-ORDERS'FIL=1+1+260131'MTR=4'\
    MHD=2+ORDERS:9'ORD=PO-7::260131'OLD=1+5012345678900+++10'OTR=1'MTR=5'\
    MHD=3+ORDTLR:9'OFT=1'MTR=3'MHD=4+RSGRSG:2'RSG=000007+5010011900016'MTR=3'END=4'";

#[track_caller]
fn check(text: &str, want: &str, standing: usize) {
    let found = walk(WalkOptions::default(), text.as_bytes());
    assert_eq!(
        (found.codes().as_str(), found.standing),
        (want, standing),
        "{text}"
    );
}

#[test]
fn the_file_itself_is_good() {
    check(FILE, "", 4);
    check(&FILE.replace('\'', "'\r\n"), "", 4);
    check(&FILE.replace("PO-7", "PO?'7=8?=9??"), "", 4);
    let batches = FILE
        .replace("MHD=1", "BAT=1'MHD=1")
        .replace("MHD=3", "EOB=2'BAT=2'MHD=3")
        .replace("END=4", "EOB=2'END=4");
    check(&batches, "", 4);
    check(&batches.replacen("EOB=2", "EOB=3", 1), "message_count", 2);
}

#[test]
fn each_rule_is_broken_once() {
    for (from, to, want, standing) in [
        ("MTR=5", "MTR=6", "segment_count", 3),
        ("MTR=5", "MTR", "segment_count", 3),
        ("MTR=5'", "", "message_trailer_missing", 3),
        ("OLD=1", "OLD+1", "tag_separator", 3),
        ("MTR=5", "MTR+5", "tag_separator", 3),
        ("MHD=2", "MHD+2", "tag_separator", 3),
        ("STX=", "STX+", "tag_separator", 0),
        ("END=4", "END+4", "tag_separator", 0),
        (
            "MHD=2",
            "MHD=1",
            "(message_number_order) message_duplicate",
            3,
        ),
        ("MHD=2", "MHD=7", "(message_number_order)", 4),
        ("MHD=2", "MHD=x", "message_control_number", 3),
        ("MHD=2+ORDERS:9", "MHD=2", "message_header", 3),
        ("OLD=1", "'OLD=1", "segment_tag segment_count", 3),
        ("OFT=1'MTR=3", "MTR=2", "empty_body", 3),
        ("END=4", "END=3", "group_count", 0),
        ("END=4", "END", "group_count", 0),
        ("END=4'", "", "interchange_trailer_missing", 0),
        (
            "RSG=000007",
            "RSG=000008",
            "interchange_control_mismatch",
            0,
        ),
        (
            "+000007+PASSW",
            "++PASSW",
            "interchange_control_number interchange_control_mismatch",
            0,
        ),
        ("5000000000001:ACME STORES", "", "sender_missing", 0),
        ("5010011900016:NORTHWIND", "", "receiver_missing", 0),
        ("260131:120000", "261331:120000", "(interchange_date)", 4),
        ("260131:120000", "260131:120060", "(interchange_time)", 4),
        ("260131:120000", "260131", "", 4),
        ("END=4'", "TYP=1'END=4'", "segment_outside", 0),
        ("MHD=1", "TYP=1'MHD=1", "group_expected", 0),
        ("PO-7", "PO?-7", "(release_character)", 4),
        (
            "PO-7::260131'",
            "PO-7?'",
            "released_terminator segment_count",
            3,
        ),
    ] {
        assert!(FILE.contains(from), "{from} is not in the file");
        check(&FILE.replacen(from, to, 1), want, standing);
    }
}

#[test]
fn an_interchange_spoils_no_other() {
    let other = FILE.replace("000007", "000008");
    check(&format!("{FILE}{other}"), "", 8);
    check(&format!("{FILE}{FILE}"), "interchange_duplicate", 4);
    let open = FILE.replace("END=4'", "");
    check(&format!("{open}{other}"), "interchange_trailer_missing", 4);
}

/// A transmission of these messages: their segments without `MHD` and `MTR`, which are counted here.
fn transmission(reference: &str, messages: &[(&str, &str)]) -> String {
    let mut text = format!(
        "STX=ANA:1+5000000000005:ACME+5010011900010:NORTHWIND+260131:120000+{reference}++ORDHDR'"
    );
    for (number, (kind, segments)) in (1..).zip(messages) {
        let count = segments.matches('\'').count() + 2;
        text += &format!("MHD={number}+{kind}'{segments}MTR={count}'");
    }
    text + &format!("END={}'", messages.len())
}

const HEADER: (&str, &str) = (
    "ORDHDR:9",
    "TYP=0430'SDT=5010011900010'CDT=5000000000005+THE BUYER'FIL=1+1+260131'",
);
const FIRST: (&str, &str) = (
    "ORDERS:9",
    "CLO=:S-9'ORD=PO-7::260131'OLD=1+5012345678900+++1+10'OTR=1'",
);
const SECOND: (&str, &str) = (
    "ORDERS:9",
    "CLO=:S-9'ORD=PO-8::260131'OLD=1+5012345678900+++1+10'OTR=1'",
);
const TRAILER: (&str, &str) = ("ORDTLR:9", "OFT=1'");

/// Of each document whether it has what the header message says.
fn have_buyers(stage: &Stage) -> Vec<bool> {
    let json = stage
        .documents
        .iter()
        .map(|document| document.entity.to_json());
    json.map(|json| json.windows(9).any(|window| window == b"THE BUYER"))
        .collect()
}

/// The errors, by message and rule: `2 file_header_refused`.
fn errors(stage: &Stage) -> Vec<String> {
    let errors = stage
        .problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error);
    errors
        .map(|problem| {
            let record = problem.record.map_or(0, |record| record + 1);
            format!("{record} {}", problem.code.trim_start_matches("tradacoms."))
        })
        .collect()
}

#[test]
fn no_document_stands_without_its_header_message() {
    let broken = (
        "ORDHDR:9",
        "SDT=5010011900010'CDT=5000000000005+THE BUYER'FIL=1+1+260131'",
    );
    let unread = ("ORDHDX:9", HEADER.1);
    let missing = ["1 file_header_missing", "2 file_header_missing"].as_slice();
    for (messages, buyers, want) in [
        (
            [HEADER, FIRST, TRAILER].as_slice(),
            [true].as_slice(),
            [].as_slice(),
        ),
        (&[HEADER, FIRST, SECOND, TRAILER], &[true, true], &[]),
        (
            &[HEADER, FIRST, TRAILER, HEADER, SECOND, TRAILER],
            &[true, true],
            &[],
        ),
        (
            &[broken, FIRST, TRAILER],
            &[],
            &["1 segment_missing", "2 file_header_refused"],
        ),
        (
            &[HEADER, FIRST, TRAILER, broken, SECOND, TRAILER],
            &[true],
            &["4 segment_missing", "5 file_header_refused"],
        ),
        // What the file before says is not of this one, closed or not.
        (
            &[HEADER, FIRST, broken, SECOND, TRAILER],
            &[true],
            &["3 segment_missing", "4 file_header_refused"],
        ),
        (
            &[broken, FIRST, TRAILER, HEADER, SECOND, TRAILER],
            &[true],
            &["1 segment_missing", "2 file_header_refused"],
        ),
        (
            &[unread, FIRST, TRAILER],
            &[],
            &[
                "1 message_unsupported",
                "2 file_header_missing",
                "3 file_header_missing",
            ],
        ),
        (&[FIRST, TRAILER], &[], missing),
        (
            &[HEADER, FIRST, TRAILER, SECOND],
            &[true],
            &["4 message_sequence"],
        ),
        (
            &[("CREHDR:9", HEADER.1), FIRST],
            &[],
            &["1 message_unmapped", "2 file_header_missing"],
        ),
    ] {
        let file = transmission("7", messages);
        let (stage, summary) = stage::convert(Limits::default(), "orders.edi", file.as_bytes());
        assert_eq!(have_buyers(&stage), buyers, "{file}: {:?}", stage.problems);
        assert_eq!(errors(&stage), want, "{file}");
        assert_eq!(
            summary.map(|summary| summary.refused),
            Some(want.len() as u64),
            "{file}"
        );
    }
}

#[test]
fn an_invoice_needs_its_header_message_too() {
    let good = include_str!("mappings/tradacoms/9/INVOIC.edi");
    let broken = good.replace("FIL=17+1+260215'", "FIL=17+1+261315'");
    let missing = good.replace("INVFIL:9", "ORDHDR:9");
    let refused = ["1 element_date", "2 file_header_refused"];
    for (file, documents, want) in [
        (good, 1, [].as_slice()),
        (&broken, 0, &refused),
        (&missing, 0, &["2 file_header_missing"]),
    ] {
        let (stage, _) = stage::convert(Limits::default(), "invoices.edi", file.as_bytes());
        let mut errors = errors(&stage);
        errors.retain(|error| error.starts_with("2 ") || error.ends_with("date"));
        assert_eq!(
            (stage.documents.len(), errors.as_slice()),
            (documents, &*strings(want))
        );
    }
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn a_header_message_is_of_its_transmission() {
    let file = transmission("7", &[HEADER, FIRST]) + &transmission("8", &[SECOND, TRAILER]);
    let (stage, _) = stage::convert(Limits::default(), "orders.edi", file.as_bytes());
    assert_eq!(have_buyers(&stage), [true]);
    assert_eq!(
        errors(&stage),
        ["3 file_header_missing", "4 file_header_missing"]
    );
}

#[test]
fn an_examination_refuses_the_same() {
    let file = transmission("7", &[("ORDHDR:9", "TYP=0430'"), FIRST, SECOND, TRAILER]);
    let agreements = Agreements::default();
    let mut input = file.as_bytes();
    let mut examination = Examination::new(&mut input, &agreements, None);
    let mut accepted = Vec::new();
    loop {
        match examination.advance().expect("bytes in memory can be read") {
            Step::Message(good) => accepted.push(good),
            Step::End => break,
            Step::Interchange
            | Step::InterchangeAck
            | Step::Group
            | Step::GroupEnd(_)
            | Step::InterchangeEnd(_) => {}
        }
    }
    assert_eq!(accepted, [false, false, false, true]);
}

/// Where a partner's agreement lets a message stand all the same, it is without what the header said.
#[test]
fn what_a_header_message_says_ends_with_its_trailer() {
    let agreement = "id = 'p'\nname = 'P'\nids = ['*']\nour_ids = ['*']\n[tradacoms]\n[severity]\nmessage_sequence = 'warning'\n\
        file_header_missing = 'warning'";
    let mut engine = Engine::default();
    let no_guide = &mut |_: &_| unreachable!("there is no guide");
    let added = engine.agreements.add(agreement, "p.toml", no_guide);
    added.expect("the agreement is a good one");
    for file in [
        transmission("7", &[HEADER, FIRST, TRAILER, SECOND]),
        transmission("7", &[HEADER, FIRST]) + &transmission("8", &[SECOND, TRAILER]),
    ] {
        let (stage, _) = stage::convert_by(&engine, "orders.edi", file.as_bytes());
        assert_eq!(
            have_buyers(&stage),
            [true, false],
            "{file}: {:?}",
            stage.problems
        );
    }
}

#[test]
fn what_is_wrong_with_a_file_is_said_whole() {
    let invoice = ("INVOIC:9", "CLO=:S-9'");
    for (messages, want) in [
        (
            [("ORDHDR:9", "TYP=0430'"), FIRST, TRAILER].as_slice(),
            expect![[r#"
                orders.edi line 1, byte 113, segment 1, MHD/02: the ORDHDR before this ORDERS, message 1 of the transmission, was refused: who sells, who buys and what for is said there, expected a good ORDHDR before it, found "ORDERS:9" — mend what was found in message 1, and send the file again [tradacoms.file_header_refused]
            "#]],
        ),
        (
            &[FIRST, TRAILER],
            expect![[r#"
            orders.edi line 1, byte 83, segment 1, MHD/02: no ORDHDR opens the file that this ORDERS is of: who sells, who buys and what for is said there, expected ORDHDR before it, found "ORDERS:9" — have the file sent again with its header message [tradacoms.file_header_missing]
            orders.edi line 1, byte 163, segment 1, MHD/02: no ORDHDR opens the file that this ORDTLR is of: who sells, who buys and what for is said there, expected ORDHDR before it, found "ORDTLR:9" — have the file sent again with its header message [tradacoms.file_header_missing]
        "#]],
        ),
        (
            &[("VATTLR:9", "VRS=1+Z+0+1+1+0'")],
            expect![[r#"
            orders.edi line 1, byte 83, segment 1, MHD/02: no INVFIL or CREHDR opens the file that this VATTLR is of: who sells, who buys and what for is said there, expected INVFIL or CREHDR before it, found "VATTLR:9" — have the file sent again with its header message [tradacoms.file_header_missing]
        "#]],
        ),
        (
            &[
                ("INVFIL:9", HEADER.1),
                ("VATTLR:9", "VRS=1+Z+0+1+1+0'"),
                invoice,
            ],
            expect![[r#"
                orders.edi line 1, byte 211, segment 1, MHD/02: this INVOIC stands behind the VATTLR of its file, expected INVFIL, INVOIC, VATTLR, INVTLR, found "INVOIC:9" — have the sender put the messages of the file in this order [tradacoms.message_sequence]
                orders.edi line 1, byte 235, segment 14, END: the file that INVFIL opened, message 1 of the transmission, is not closed by INVTLR before this END, expected INVTLR — ask the sender whether messages of the file are missing [tradacoms.file_trailer_missing]
            "#]],
        ),
        (
            &[HEADER, FIRST, SECOND, TRAILER],
            expect![[r#"
            orders.edi line 1, byte 347, segment 2, OFT/01: the OFT does not count the orders of the file, expected 2, found "1" — ask the sender whether orders of the file are missing [tradacoms.file_count]
        "#]],
        ),
    ] {
        let file = transmission("7", messages);
        let (stage, _) = stage::convert(Limits::default(), "orders.edi", file.as_bytes());
        let ours = ["file_", "message_sequence"];
        let mut text = String::new();
        for problem in &stage.problems {
            if ours.iter().any(|rule| problem.code.contains(rule)) {
                text += &format!("{problem}\n");
            }
        }
        want.assert_eq(&text);
    }
}
