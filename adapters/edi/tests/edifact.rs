//! The rules of EDIFACT's envelopes, one row a rule: what is changed in a good file, what is found, and how many messages
//! still stand.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod walked;

use canonical::decode::{Context, Sink, SinkError};
use canonical::document::Sealed;
use canonical::problem::{Problem, Severity};
use edi::{Limits, TextPolicy, Walk, WalkOptions};
use walked::walk;

fn order(reference: &str) -> String {
    format!(
        "UNH+{reference}+ORDERS:D:96A:UN:EAN008'BGM+220+PO-{reference}+9'DTM+137:20260131:102'UNS+S'UNT+5+{reference}'"
    )
}

/// One interchange of two messages.
fn file() -> String {
    format!(
        "UNA:+.? 'UNB+UNOC:3+5412345000013:14+4012345000094:14+260131:1200+REF7++ORDERS'{}{}UNZ+2+REF7'",
        order("1"),
        order("2")
    )
}

/// One interchange of two groups, with two messages and one.
fn grouped() -> String {
    let group = |reference: &str| {
        format!("UNG+ORDERS+5412345000013:14+4012345000094:14+260131:1200+{reference}+UN+D:96A'")
    };
    format!(
        "UNB+UNOC:3+5412345000013:14+4012345000094:14+260131:1200+REF7'\
         {}{}{}UNE+2+G1'{}{}UNE+1+G2'UNZ+2+REF7'",
        group("G1"),
        order("1"),
        order("2"),
        group("G2"),
        order("1")
    )
}

#[track_caller]
fn check(bytes: &[u8], want: &str, standing: usize) {
    let found = walk(WalkOptions::default(), bytes);
    let text = String::from_utf8_lossy(bytes);
    assert_eq!(
        (found.codes(), found.standing),
        (want.to_owned(), standing),
        "{text}"
    );
    for finding in &found.findings {
        let place = &finding.place;
        assert!(
            place.byte <= bytes.len() as u64 && place.line > 0,
            "{finding:?}"
        );
        let says = finding.found.is_some() || finding.expected.is_some() || finding.hint.is_some();
        assert!(says || !finding.is_error(), "{finding:?} says too little");
    }
}

/// Each row: what is replaced by what, the rules that are broken then, and the messages that stand.
fn rows(file: &str, rows: &[(&str, &str, &str, usize)]) {
    for (from, to, want, standing) in rows {
        assert!(file.contains(from), "{from} is not in the file");
        check(file.replacen(from, to, 1).as_bytes(), want, *standing);
    }
}

#[test]
fn the_files_themselves_are_good() {
    check(file().as_bytes(), "", 2);
    check(grouped().as_bytes(), "", 3);
    check(file().replace('\'', "'\r\n").as_bytes(), "", 2);
    let una = "UNA:+.? '";
    check(file().trim_start_matches(una).as_bytes(), "", 2);
    check(
        format!("{0}{0}", file())
            .replacen("REF7", "REF6", 2)
            .as_bytes(),
        "",
        4,
    );
}

#[test]
fn a_broken_message_spoils_itself() {
    rows(
        &file(),
        &[
            ("UNT+5+2", "UNT+6+2", "segment_count", 1),
            ("UNT+5+2", "UNT++2", "segment_count", 1),
            ("UNT+5+2", "UNT+99999999999999999999+2", "segment_count", 1),
            ("UNT+5+2", "UNT+5+3", "message_control_mismatch", 1),
            ("UNT+5+2", "UNT+5", "message_control_mismatch", 1),
            ("UNT+5+2'", "", "message_trailer_missing", 1),
            (
                "UNH+2+",
                "UNH+1+",
                "message_duplicate message_control_mismatch",
                1,
            ),
            (
                "UNH+2+",
                "UNH++",
                "message_control_number message_control_mismatch",
                1,
            ),
            (
                "UNH+2+",
                "UNH+123456789012345+",
                "message_control_number message_control_mismatch",
                1,
            ),
            (
                "UNH+2+ORDERS:D:96A:UN:EAN008",
                "UNH+2+ORDERS:D",
                "message_header",
                1,
            ),
            ("UNH+2+ORDERS:D:96A:UN:EAN008", "UNH+2", "message_header", 1),
            ("BGM+220+PO-2+9'", "", "segment_count", 1),
            ("BGM+220+PO-2+9'", "bgm+220'", "segment_tag", 1),
            (
                "BGM+220+PO-2+9'",
                "'BGM+220+PO-2+9'",
                "segment_tag segment_count",
                1,
            ),
            (
                "BGM+220+PO-2+9'DTM+137:20260131:102'UNS+S'UNT+5+2",
                "UNT+2+2",
                "empty_body",
                1,
            ),
            (
                "BGM+220+PO-2+9'DTM",
                "BGM+220+PO-2+9?'DTM",
                "released_terminator segment_count",
                1,
            ),
            (
                "UNS+S'UNT+5+2'",
                "UNS+S?'UNT+5+2'",
                "released_terminator message_trailer_missing",
                1,
            ),
        ],
    );
}

#[test]
fn a_broken_group_spoils_itself() {
    rows(
        &grouped(),
        &[
            ("UNE+2+G1", "UNE+1+G1", "message_count", 1),
            ("UNE+2+G1", "UNE+x+G1", "message_count", 1),
            ("UNE+2+G1", "UNE+2+G9", "group_control_mismatch", 1),
            ("UNE+2+G1'", "", "group_trailer_missing", 1),
            (
                "1200+G2+UN",
                "1200+G1+UN",
                "group_duplicate group_control_mismatch",
                2,
            ),
            (
                "1200+G2+UN",
                "1200++UN",
                "group_control_number group_control_mismatch",
                2,
            ),
            ("260131:1200+G2", "260132:1200+G2", "(element_date)", 3),
            (
                "UNE+2+G1'",
                "FTX+AAI'FTX+AAI'UNE+2+G1'",
                "segment_outside",
                1,
            ),
            ("UNE+2+G1'", "UNT+5+2'UNE+2+G1'", "segment_outside", 1),
        ],
    );
    let empty = grouped().replacen(&format!("{}UNE+1", order("1")), "UNE+0", 1);
    check(empty.as_bytes(), "empty_body", 2);
}

#[test]
fn a_broken_interchange_spoils_all_of_it() {
    rows(
        &file(),
        &[
            ("UNZ+2+REF7", "UNZ+1+REF7", "group_count", 0),
            ("UNZ+2+REF7", "UNZ+x+REF7", "group_count", 0),
            (
                "UNZ+2+REF7",
                "UNZ+2+REF8",
                "interchange_control_mismatch",
                0,
            ),
            ("UNZ+2+REF7", "UNZ", "trailer_incomplete", 0),
            ("UNZ+2+REF7'", "", "interchange_trailer_missing", 0),
            ("UNT+5+2'UNZ+2+REF7'", "", "interchange_trailer_missing", 0),
            ("UNZ+2+REF7'", "UNZ+2+REF7", "(terminator_missing)", 2),
            (
                "UNZ+2+REF7'",
                "UNZ+2+REF7\r\n\u{1a}",
                "(terminator_missing)",
                2,
            ),
            ("UNZ+2+REF7'", "UNZ+2+REF7?", "truncated", 0),
            (
                "UNZ+2+REF7'",
                "UNZ+2+REF7??",
                "(terminator_missing) interchange_control_mismatch",
                0,
            ),
            ("UNT+5+2'UNZ+2+REF7'", "UNT+5", "truncated", 0),
            ("UNH+1", "FTX+AAI'UNH+1", "group_expected", 0),
            ("UNZ+2", "FTX+AAI'FTX+AAI'UNZ+2", "segment_outside", 0),
            ("UNZ+2", "UNE+2+1'UNZ+2", "segment_outside", 0),
            ("5412345000013:14+", "+", "sender_missing", 0),
            ("4012345000094:14+", "+", "receiver_missing", 0),
            (
                "+REF7++ORDERS",
                "++",
                "interchange_control_number interchange_control_mismatch",
                0,
            ),
            ("UNOC:3", "UNOC:5", "syntax_version", 0),
            ("UNOC:3", "UNOC", "syntax_version", 0),
        ],
    );
    let body = format!("{}{}", order("1"), order("2"));
    let empty = file().replace(&body, "").replace("UNZ+2", "UNZ+0");
    check(empty.as_bytes(), "empty_body", 0);
    let (group, message) = (grouped(), order("9"));
    check(
        group.replace("UNZ", &format!("{message}UNZ")).as_bytes(),
        "groups_mixed",
        0,
    );
    let mixed = file().replace(
        "UNZ+2",
        "UNG+ORDERS+S+R+260131:1200+G1+UN+D:96A'UNE+0+G1'UNZ+1",
    );
    check(mixed.as_bytes(), "groups_mixed empty_body", 0);
}

#[test]
fn headers_are_checked() {
    rows(
        &file(),
        &[
            ("260131:1200", "261331:1200", "(interchange_date)", 2),
            ("260131:1200", "20260131:1200", "", 2),
            ("260131:1200", "260131:2500", "(interchange_time)", 2),
            ("REF7++ORDERS", "REF7++ORDERS++1", "", 2),
            ("REF7++ORDERS", "REF7++ORDERS++7", "(ack_request)", 2),
            ("REF7++ORDERS", "REF7++ORDERS++1++1", "", 2),
            ("REF7++ORDERS", "REF7++ORDERS++1++9", "(usage)", 2),
            ("PO-2+9", "PO-2?x+9", "(release_character)", 2),
            ("PO-2+9", "PO?-2?x+9", "(release_character)", 2),
            ("PO-2+9", "PO?+?:???'2+9", "", 2),
        ],
    );
}

#[test]
fn an_interchange_spoils_no_other() {
    let (good, other) = (file(), file().replace("REF7", "REF8"));
    let both = |first: &str, second: &str| format!("{first}{second}").into_bytes();
    check(&both(&good, &other), "", 4);
    check(&both(&good, &good), "interchange_duplicate", 2);
    check(
        &both(&good, &other.replace("UNZ+2", "UNZ+3")),
        "group_count",
        2,
    );
    check(
        &both(&good.replace("UNZ+2", "UNZ+3"), &other),
        "group_count",
        2,
    );
    // The first is not closed: the second begins where a segment would, with a UNA or without, or with other separators.
    let open = good.replace("UNZ+2+REF7'", "");
    let missing = "interchange_trailer_missing";
    check(&both(&open, &other), missing, 2);
    check(
        &both(&open, other.trim_start_matches("UNA:+.? '")),
        missing,
        2,
    );
    let changed = other.replace('\'', "~").replace('+', "*").replace(':', "=");
    check(&both(&open, &changed), missing, 2);
    check(&both(&good, &changed), "", 4);
    check(&both(&good, "rubbish"), "text_outside", 2);
    // Other syntaxes in one file.
    let x12 = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260131*1200*U*00401*000000007*0*P*>~\
        GS*PO*S*R*20260131*1200*1*X*004010~ST*850*0001~BEG*00*SA*1~SE*3*0001~GE*1*1~IEA*1*000000007~";
    let stx = "STX=ANA:1+S+R+260131:120000+1'MHD=1+RSGRSG:2'RSG=1+R'MTR=3'END=1'";
    check(
        &both(&good, &format!("\r\n{x12}\r\n{stx}\r\n{other}")),
        "",
        6,
    );
    check(&both(&open, &format!("{x12}{other}")), missing, 3);
}

#[test]
fn packages_are_read_by_length() {
    let package = |length: &str, object: &str, end: &str| {
        format!(
            "UNA:+.? 'UNB+UNOC:4+S:14+R:14+260131:1200+7'UNO+P1+BIN:1+{length}'{object}{end}UNH+1+ORDERS:D:96A:UN'BGM+220'UNT+3+1'UNZ+2+7'"
        )
    };
    for (length, object, end, want, standing) in [
        ("10", "ab'c+d:e?f", "UNP+10+P1'", "", 2),
        ("3", "a??", "UNP+3+P1'", "", 2),
        ("1", "?", "UNP+1+P1'\r\n", "", 2),
        ("0", "", "UNP+0+P1'", "", 2),
        ("3", "'''", "UNP+4+P1'", "binary_length", 1),
        ("3", "'''", "UNP+3+P2'", "message_control_mismatch", 1),
        ("4", "abc'", "UNP+4+P1'", "", 2),
        ("5", "abc'", "UNP+5+P1'", "binary_length segment_tag", 1),
        (
            "x",
            "abc'",
            "UNP+5+P1'",
            "binary_length segment_tag binary_length",
            1,
        ),
        (
            "999999999999",
            "abc'",
            "UNP+1+P1'",
            "binary_length segment_tag binary_length",
            1,
        ),
        // Without its UNP the package reaches to the end, and the UNT of a message is not its trailer.
        (
            "3",
            "abc",
            "",
            "binary_length segment_tag message_trailer_missing segment_outside group_count",
            0,
        ),
    ] {
        let text = package(length, object, end);
        let found = walk(WalkOptions::default(), text.as_bytes());
        assert_eq!(
            (found.codes().as_str(), found.standing),
            (want, standing),
            "{text}"
        );
    }
}

/// Keeps what a conversion complains about.
#[derive(Default)]
struct Complaints(Vec<Problem>);

impl Sink for Complaints {
    fn document(&mut self, document: Sealed) -> Result<(), SinkError> {
        panic!("a package becomes no document: {}", document.subject)
    }
    fn problem(&mut self, problem: Problem) {
        self.0.push(problem);
    }
    fn boundary(&mut self) {}
    fn discard_to_boundary(&mut self) {}
}

#[test]
fn a_package_is_no_reason_to_refuse_its_interchange() {
    let text = "UNB+UNOC:4+S:14+R:14+260131:1200+7'UNO+P1+BIN:1+3'a'bUNP+3+P1'UNZ+1+7'";
    let context = Context {
        ingest_id: "01JDC4Z8Q2W3E4R5T6Y7H8J9K0",
        received_at: "2026-01-13T08:00:00Z",
        file_name: "package.edi",
        modified_at: None,
        feed: None,
    };
    let mut complaints = Complaints::default();
    let summary = edi::convert(&mut text.as_bytes(), &context, &mut complaints).unwrap();
    assert_eq!((summary.documents, summary.refused), (0, 1));
    let problem = &complaints.0[0];
    assert_eq!(
        (problem.code.as_str(), problem.severity, complaints.0.len()),
        ("edifact.message_unsupported", Severity::Warning, 1)
    );
}

#[test]
fn headers_that_cannot_be_used() {
    let una = |una: &str| file().replace("UNA:+.? '", una).into_bytes();
    for (bytes, want) in [
        (una("UNA++.? '"), "service_characters"),
        (una("UNA:+.?'"), "una_length"),
        (una("UNA:+.? *'"), "una_length"),
        (una("UNA:*.? '"), "element_separator"),
        (file().replace("UNB", "UIB").into_bytes(), "interactive"),
        (b"UNA:+.? '".to_vec(), "header_truncated"),
        (b"UNB".to_vec(), "interchange_expected"),
        (b"UNB+UNOA:1".to_vec(), "truncated"),
        (
            b"UNA:+.? 'UNH+1+ORDERS:D:96A:UN'".to_vec(),
            "header_malformed",
        ),
        (b"UNH+1+ORDERS:D:96A:UN'".to_vec(), "interchange_expected"),
        (b"UNAVAILABLE: try again later".to_vec(), "header_malformed"),
        (
            format!("text before {}", file()).into_bytes(),
            "interchange_expected",
        ),
    ] {
        check(&bytes, want, 0);
    }
}

#[test]
fn harmless_oddities_are_warned_about() {
    for (text, want) in [
        (format!("\u{feff}{}", file()), "(byte_order_mark)"),
        (format!("\r\n  {}", file()), "(leading_bytes)"),
        (format!("{}\r\n\u{1a}", file()), "(trailing_bytes)"),
        (format!("{}\0\0\0", file()), "(trailing_bytes)"),
        (file().replace("DTM", "\n    DTM"), "(blank_lines)"),
    ] {
        check(text.as_bytes(), want, 2);
    }
}

#[test]
fn files_cut_into_lines_are_read() {
    for (width, end) in [(15, "\n"), (40, "\r\n"), (80, "\n")] {
        let text = file();
        let lines: Vec<&[u8]> = text.as_bytes().chunks(width).collect();
        let cut = lines.join(end.as_bytes());
        check(&cut, "(lines_joined)", 2);
        check(
            &[cut.as_slice(), end.as_bytes()].concat(),
            "(lines_joined)",
            2,
        );
    }
    // Several buffers of it, and a fault on a line far down.
    let orders: String = (1..20_000)
        .map(|number| order(&number.to_string()))
        .collect();
    let text = file().replace(&(order("1") + &order("2")), &orders);
    let text = text
        .replace("UNZ+2", "UNZ+19999")
        .replace("UNT+5+19999", "UNT+6+19999");
    let lines: Vec<&[u8]> = text.as_bytes().chunks(80).collect();
    let found = walk(WalkOptions::default(), &lines.join(&b'\n'));
    assert_eq!(
        (found.codes().as_str(), found.standing),
        ("(lines_joined) segment_count", 19_998)
    );
    let at = text.find("UNT+6").unwrap();
    assert_eq!(found.findings[1].place.line, at as u64 / 80 + 1);
}

#[test]
fn text_is_passed_over_where_the_policy_says_so() {
    let options = WalkOptions {
        text: TextPolicy::Skip,
        ..WalkOptions::default()
    };
    let (first, second) = (file(), file().replace("REF7", "REF8"));
    for (text, want, standing) in [
        (format!("Dear partner,\r\n{first}"), "(text_skipped)", 2),
        (
            format!("UNAVAILABLE\nISA is no header\nUNBELIEVABLE\n{first}"),
            "(text_skipped)",
            2,
        ),
        (format!("{first}-- 8< --\n{second}"), "(text_skipped)", 4),
        (format!("{first}\nRegards"), "(text_skipped)", 2),
        (
            format!("{first}{}{second}", "x".repeat(200_000) + "\n"),
            "(text_skipped)",
            4,
        ),
        (
            "nothing but text\n".repeat(20_000),
            "interchange_expected",
            0,
        ),
        (
            format!("{first}UNA++.? 'UNB+UNOC:3+S+R+260131:1200+1'"),
            "service_characters",
            2,
        ),
    ] {
        let found = walk(options, text.as_bytes());
        assert_eq!(
            (found.codes().as_str(), found.standing),
            (want, standing),
            "{}",
            text.get(..80).unwrap()
        );
    }
    let text = format!("{first}12345\n{second}");
    let found = walk(options, text.as_bytes());
    let place = &found.findings[0].place;
    assert_eq!(place.byte, first.len() as u64);
    assert_eq!(
        found.findings[0].message,
        "6 bytes outside of any interchange were passed over"
    );
}

#[test]
fn headers_say_who_sent_what() {
    let text = file().replace(
        "5412345000013:14+4012345000094:14+260131:1200+REF7++ORDERS",
        "A?+B:14:IN+C::OUT+260131:1200+REF7++APP++1+DEAL+2",
    );
    let mut bytes = text.as_bytes();
    let mut walk = Walk::new(&mut bytes, WalkOptions::default());
    for _ in 0..3 {
        walk.advance().unwrap();
    }
    let interchange = walk.interchange();
    assert_eq!(
        (
            interchange.sender.id.as_str(),
            interchange.sender.internal.as_str()
        ),
        ("A+B", "IN")
    );
    assert_eq!(
        (
            interchange.receiver.qualifier.as_str(),
            interchange.receiver.internal.as_str()
        ),
        ("", "OUT")
    );
    assert_eq!(
        (
            interchange.version.as_str(),
            interchange.application.as_str()
        ),
        ("UNOC:3", "APP")
    );
    assert!(interchange.ack_requested && interchange.test);
    assert_eq!(
        (interchange.agreement.as_str(), interchange.usage.as_str()),
        ("DEAL", "2")
    );
    let message = walk.message();
    let says = [
        &message.id,
        &message.version,
        &message.agency,
        &message.guide,
        &message.control_number,
    ];
    assert_eq!(says, ["ORDERS", "D.96A", "UN", "EAN008", "1"]);
    assert_eq!(
        (message.segments, message.first_segment, message.record),
        (1, 2, 0)
    );
}

#[test]
fn limits_hold() {
    let long = file().replacen("PO-1", &"P".repeat(70_000), 1);
    check(long.as_bytes(), "segment_length", 0);
    let limits = Limits {
        interchanges: 1,
        ..Limits::default()
    };
    let options = WalkOptions {
        limits,
        ..WalkOptions::default()
    };
    let two = format!("{}{}", file(), file().replace("REF7", "REF8"));
    assert_eq!(walk(options, two.as_bytes()).codes(), "interchange_limit");
}
