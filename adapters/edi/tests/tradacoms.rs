//! The rules of TRADACOMS' envelopes, one row a rule: what is changed in a good file, what is found, and how many messages
//! still stand.

mod stage;
mod walked;

use edi::{Limits, WalkOptions};
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

#[test]
fn what_a_header_message_says_is_of_the_documents_up_to_its_trailer() {
    let header = (
        "ORDHDR:9",
        "TYP=0430'SDT=5010011900010'CDT=5000000000005+THE BUYER'FIL=1+1+260131'",
    );
    let first = (
        "ORDERS:9",
        "CLO=:S-9'ORD=PO-7::260131'OLD=1+5012345678900+++1+10'OTR=1'",
    );
    let second = (
        "ORDERS:9",
        "CLO=:S-9'ORD=PO-8::260131'OLD=1+5012345678900+++1+10'OTR=1'",
    );
    let trailer = ("ORDTLR:9", "OFT=1'");
    for (file, shared) in [
        (transmission("7", &[header, first, second, trailer]), true),
        (transmission("7", &[header, first, trailer, second]), false),
        (
            transmission("7", &[header, first]) + &transmission("8", &[second, trailer]),
            false,
        ),
    ] {
        let (stage, _) = stage::convert(Limits::default(), "orders.edi", file.as_bytes());
        let has_buyer: Vec<bool> = stage
            .documents
            .iter()
            .map(|document| document.entity.to_json())
            .map(|json| json.windows(9).any(|window| window == b"THE BUYER"))
            .collect();
        assert_eq!(has_buyer, [true, shared], "{file}: {:?}", stage.problems);
    }
}
