//! The rules of the envelopes, one row a rule: what is changed in a file of two groups and three orders, what is found,
//! and how many orders still stand.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod stage;
mod walked;

use canonical::problem::Severity;
use edi::{Event, Level, Limits, Rule, Walk, WalkOptions};
use walked::walk;

const ISA: &str = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260131*1200*U*00401*000000007*0*P*>~";

fn order(number: &str) -> String {
    format!(
        "ST*850*{number}~BEG*00*SA*PO-{number}**20260131~CUR*BY*EUR~N1*BY*B~PO1*1*5*EA*2**VN*V-1~CTT*1~SE*7*{number}~"
    )
}

/// One interchange: a group with the orders 0001 and 0002, a group with the order 0001.
fn file() -> String {
    let (first, second) = (order("0001"), order("0002"));
    format!(
        "{ISA}GS*PO*S*R*20260131*1200*1*X*004010~{first}{second}GE*2*1~\
         GS*PO*S*R*20260131*1200*2*X*004010~{first}GE*1*2~IEA*2*000000007~"
    )
}

/// Codes of the problems without their prefix, and how many orders stand.
fn outcome(bytes: &[u8], limits: Limits) -> (String, usize) {
    let (stage, _) = stage::convert(limits, "file.edi", bytes);
    for problem in &stage.problems {
        assert!(
            problem.byte.is_some_and(|byte| byte <= bytes.len() as u64),
            "{problem}"
        );
        assert!(problem.line.is_some(), "{problem}");
        let says = problem.found.is_some() || problem.expected.is_some() || problem.hint.is_some();
        assert!(
            says || problem.severity == Severity::Warning,
            "{problem} says too little"
        );
    }
    let codes: Vec<&str> = stage
        .problems
        .iter()
        .map(|problem| problem.code.trim_start_matches("x12."))
        .collect();
    (codes.join(" "), stage.documents.len())
}

#[track_caller]
fn check(text: &str, want: &str, orders: usize) {
    assert_eq!(
        outcome(text.as_bytes(), Limits::default()),
        (want.to_owned(), orders),
        "{text}"
    );
}

fn replaced(from: &str, to: &str) -> String {
    let file = file();
    assert!(file.contains(from), "{from} is not in the file");
    file.replacen(from, to, 1)
}

#[test]
fn the_file_itself_is_good() {
    check(&file(), "", 3);
}

#[test]
fn a_broken_set_spoils_itself() {
    for (from, to, want) in [
        ("SE*7*0002", "SE*8*0002", "segment_count"),
        ("SE*7*0002", "SE*99999999999999999999*0002", "segment_count"),
        ("SE*7*0002", "SE**0002", "segment_count"),
        ("SE*7*0002", "SE*x*0002", "segment_count"),
        ("SE*7*0002", "SE*7*0003", "message_control_mismatch"),
        ("SE*7*0002", "SE*7", "message_control_mismatch"),
        ("SE*7*0002~", "", "message_trailer_missing"),
        (
            "ST*850*0002",
            "ST*850*0001",
            "message_duplicate message_control_mismatch",
        ),
        (
            "ST*850*0002",
            "ST*850*0000000002",
            "message_control_number message_control_mismatch",
        ),
        (
            "ST*850*0002",
            "ST*850",
            "message_control_number message_control_mismatch",
        ),
        ("ST*850*0002", "ST*810*0002", "message_not_in_group"),
        ("ST*850*0002", "ST*123*0002", "message_unsupported"),
        (
            "BEG*00*SA*PO-0002**20260131~",
            "BEG*00*SA*PO-0002**20260131~beg*1~",
            "segment_tag segment_count",
        ),
        (
            "BEG*00*SA*PO-0002**20260131~",
            "~BEG*00*SA*PO-0002**20260131~",
            "segment_tag segment_count",
        ),
        (
            "BEG*00*SA*PO-0002**20260131~",
            "BIN*99*xy~BEG*00*SA*PO-0002**20260131~",
            "binary_length segment_count",
        ),
        (
            "BEG*00*SA*PO-0002**20260131~",
            "BIN*no*xy~BEG*00*SA*PO-0002**20260131~",
            "binary_length segment_count",
        ),
        ("BEG*00*SA*PO-0002**20260131~", "", "segment_count"),
    ] {
        check(&replaced(from, to), want, 2);
    }
}

#[test]
fn a_broken_group_spoils_itself() {
    for (from, to, want) in [
        ("GE*2*1", "GE*1*1", "message_count"),
        ("GE*2*1", "GE**1", "message_count"),
        ("GE*2*1", "GE*99999999999999999999*1", "message_count"),
        ("GE*2*1", "GE*2*9", "group_control_mismatch"),
        ("GE*2*1", "GE*2", "group_control_mismatch"),
        ("GE*2*1~", "", "group_trailer_missing"),
        ("1200*1*X*004010", "1200*A*X*004010", "group_control_number"),
        (
            "1200*1*X*004010",
            "1200*1234567890*X*004010",
            "group_control_number",
        ),
        ("1200*1*X*004010", "1200*1*X*009999", "group_version"),
        ("1200*1*X*004010", "1200*1*X*4010", "group_version"),
        ("GS*PO*", "GS*ZQ*", "group_unsupported"),
        ("GE*2*1~", "SE*7*0002~GE*2*1~", "segment_outside"),
        ("GE*2*1~", "N1*BY*B~N1*BY*B~GE*2*1~", "segment_outside"),
    ] {
        check(&replaced(from, to), want, 1);
    }
    check(
        &replaced("1200*2*X*004010", "1200*1*X*004010").replace("GE*1*2", "GE*1*1"),
        "group_duplicate",
        2,
    );
}

#[test]
fn a_broken_interchange_spoils_all_of_it() {
    for (from, to, want) in [
        ("IEA*2*000000007", "IEA*1*000000007", "group_count"),
        ("IEA*2*000000007", "IEA*x*000000007", "group_count"),
        (
            "IEA*2*000000007",
            "IEA*2*000000008",
            "interchange_control_mismatch",
        ),
        ("IEA*2*000000007", "IEA*2*A", "interchange_control_mismatch"),
        ("IEA*2*000000007", "IEA", "trailer_incomplete"),
        ("IEA*2*000000007~", "", "interchange_trailer_missing"),
        ("GE*1*2~IEA*2*000000007~", "", "interchange_trailer_missing"),
        (
            "SE*7*0001~GE*1*2~IEA*2*000000007~",
            "",
            "interchange_trailer_missing",
        ),
        (
            "IEA*2*000000007~",
            "IEA*2*0000",
            "interchange_control_mismatch terminator_missing",
        ),
        ("GE*1*2~IEA*2*000000007~", "GE*1", "truncated"),
        (
            "*000000007*0*P",
            "*00000000A*0*P",
            "interchange_control_number",
        ),
        (
            "GS*PO*S*R*20260131*1200*2",
            "N1*BY*B~N1*BY*C~GS*PO*S*R*20260131*1200*2",
            "group_expected",
        ),
        (
            "IEA*2*000000007~",
            "SE*7*0001~IEA*2*000000007~",
            "group_expected",
        ),
    ] {
        let (codes, orders) = outcome(replaced(from, to).as_bytes(), Limits::default());
        let sorted = |codes: &str| {
            let mut codes: Vec<String> = codes.split(' ').map(str::to_owned).collect();
            codes.sort();
            codes
        };
        assert_eq!((sorted(&codes), orders), (sorted(want), 0), "{to}");
    }
}

#[test]
fn an_interchange_spoils_no_other() {
    let (good, other) = (file(), file().replace("000000007", "000000008"));
    check(&format!("{good}{other}"), "", 6);
    check(&format!("{good}{good}"), "interchange_duplicate", 3);
    check(
        &format!("{good}{}", other.replace("IEA*2", "IEA*3")),
        "group_count",
        3,
    );
    check(
        &format!("{}{other}", good.replace("IEA*2", "IEA*3")),
        "group_count",
        3,
    );
    // The first is not closed: the second begins where a segment would.
    check(
        &format!("{}{other}", good.replace("IEA*2*000000007~", "")),
        "interchange_trailer_missing",
        3,
    );
    check(
        &format!("{}{other}", good.replace("GE*1*2~IEA*2*000000007~", "")),
        "interchange_trailer_missing",
        3,
    );
    let cut = good.get(..good.rfind("PO1").unwrap()).unwrap();
    check(&format!("{cut}{other}"), "interchange_trailer_missing", 3);
    // Other separators, also as line ends.
    let other = other.replace('*', "|").replace('~', "\n");
    check(&format!("{good}\r\n{other}"), "", 6);
    check(&format!("{good}\r\n{other}garbage"), "text_outside", 6);
    check(&format!("{good}ISA*00*"), "header_truncated", 3);
}

#[test]
fn headers_that_cannot_be_used() {
    let changed = |offset: usize, byte: u8| {
        let mut bytes = file().into_bytes();
        bytes[offset] = byte;
        bytes
    };
    for (bytes, want) in [
        (Vec::new(), "empty"),
        (b" \r\n\t".to_vec(), "empty"),
        (b"I".to_vec(), "interchange_expected"),
        (b"ISA".to_vec(), "header_truncated"),
        (b"PK\x03\x04".to_vec(), "interchange_expected"),
        (ISA.as_bytes()[..105].to_vec(), "header_truncated"),
        (ISA.as_bytes().to_vec(), "interchange_trailer_missing"),
        (
            format!("text before {}", file()).into_bytes(),
            "interchange_expected",
        ),
        (changed(3, b' '), "element_separator"),
        (changed(104, b'A'), "component_separator"),
        (changed(105, b' '), "terminator"),
        (changed(7, b'~'), "terminator"),
        (
            format!("ISA|{}", "x".repeat(700)).into_bytes(),
            "header_malformed",
        ),
    ] {
        assert_eq!(
            outcome(&bytes, Limits::default()),
            (want.to_owned(), 0),
            "{}",
            String::from_utf8_lossy(&bytes)
        );
    }
}

#[test]
fn headers_are_checked() {
    for (from, to, want, standing) in [
        ("ISA*00*", "ISA*99*", "(authorization)", 3),
        ("*00*          *ZZ", "*02*          *ZZ", "(security)", 3),
        ("*ZZ*SENDER", "*QQ*SENDER", "(sender_qualifier)", 3),
        ("*ZZ*RECEIVER", "*  *RECEIVER", "(receiver_qualifier)", 3),
        ("*SENDER  ", "*        ", "sender_missing", 0),
        ("*RECEIVER", "*        ", "receiver_missing", 0),
        ("*260131*1200*U", "*263131*1200*U", "(interchange_date)", 3),
        ("*260131*1200*U", "*260131*2500*U", "(interchange_time)", 3),
        ("*00401*", "*99999*", "syntax_version", 0),
        ("*000000007*0*P", "*000000007*7*P", "(ack_request)", 3),
        ("*000000007*0*P", "*000000007*0*X", "(usage)", 3),
        ("*000000007*0*P", "*000000007*1*T", "", 3),
        ("ST*850*0002", "ST**0002", "message_header", 2),
        (
            "GS*PO*S*R*20260131*1200*1*X*004010~",
            "GS*OG*S*R*20260131*1200*1*X*004010~",
            "message_not_in_group message_not_in_group",
            1,
        ),
    ] {
        let text = replaced(from, to);
        let found = walk(WalkOptions::default(), text.as_bytes());
        assert_eq!(
            (found.codes().as_str(), found.standing),
            (want, standing),
            "{text}"
        );
    }
}

#[test]
fn what_is_empty_is_an_error() {
    let set = |body: &str| format!("ST*850*0001~{body}SE*2*0001~");
    let group =
        |body: &str, count| format!("GS*PO*S*R*20260131*1200*1*X*004010~{body}GE*{count}*1~");
    for (text, want) in [
        (format!("{ISA}IEA*0*000000007~"), "empty_body"),
        (
            format!("{ISA}{}IEA*1*000000007~", group("", 0)),
            "empty_body",
        ),
        (
            format!("{ISA}{}IEA*1*000000007~", group(&set(""), 1)),
            "empty_body",
        ),
        (
            format!("{ISA}{}IEA*1*000000007~", group(&set("BEG*00~"), 1)),
            "segment_count",
        ),
    ] {
        assert_eq!(
            walk(WalkOptions::default(), text.as_bytes()).codes(),
            want,
            "{text}"
        );
    }
}

#[test]
fn an_unusable_header_still_names_its_sender() {
    for (offset, byte, rule) in [
        (3, b' ', Rule::ElementSeparator),
        (104, b'A', Rule::ComponentSeparator),
        (105, b'7', Rule::Terminator),
        (7, b'~', Rule::Terminator),
    ] {
        let mut bytes = file().into_bytes();
        bytes[offset] = byte;
        let mut input = bytes.as_slice();
        let mut walk = Walk::new(&mut input, WalkOptions::default());
        assert_eq!(walk.advance().unwrap(), Event::Interchange);
        let findings = walk.take_findings();
        assert_eq!(
            (findings[0].rule, findings[0].level),
            (rule, Level::Interchange)
        );
        let interchange = walk.interchange();
        assert_eq!(
            (
                interchange.sender.id.as_str(),
                interchange.control_number.as_str()
            ),
            ("SENDER", "000000007")
        );
        assert_eq!(walk.advance().unwrap(), Event::InterchangeEnd(false));
        assert_eq!(walk.advance().unwrap(), Event::End);
    }
}

#[test]
fn harmless_oddities_are_warned_about() {
    for (text, want) in [
        (format!("\u{feff}{}", file()), "byte_order_mark"),
        (format!("\r\n  {}", file()), "leading_bytes"),
        (format!("{}\r\n\u{1a}", file()), "trailing_bytes"),
        (format!("{}\r\n\r\n", file()), ""),
        (file().replace('~', "~\n"), ""),
        (file().replace('~', "~\r\n"), ""),
        (file().replace('~', "\r\n"), ""),
        (
            replaced("CTT*1~", "CTT*1~\n\n").replace('~', "~\n"),
            "blank_lines",
        ),
        (replaced("CTT*1~", "CTT*1~ "), "blank_lines"),
        (
            file().replace("IEA*2*000000007", "IEA*2*7"),
            "interchange_control_form",
        ),
        (
            file().trim_end_matches('~').to_owned(),
            "terminator_missing",
        ),
        (file().replace("          ", ""), "header_length"),
        (replaced("N1*BY*B", "N1*BY*Bäcker"), "charset"),
    ] {
        check(&text, want, 3);
    }
    let latin1: Vec<u8> = replaced("N1*BY*B", "N1*BY*B\u{e4}cker")
        .chars()
        .map(|character| character as u8)
        .collect();
    assert_eq!(
        outcome(&latin1, Limits::default()),
        ("charset".to_owned(), 3)
    );
    let (stage, _) = stage::convert(Limits::default(), "latin1.edi", &latin1);
    assert!(
        String::from_utf8(stage.documents[0].entity.to_json())
            .unwrap()
            .contains("Bäcker")
    );
}

#[test]
fn an_interchange_may_hold_acknowledgements_only() {
    check(
        &format!("{ISA}TA1*000000001*260131*1200*A*000~IEA*0*000000007~"),
        "",
        1,
    );
    check(
        &format!(
            "{ISA}TA1*000000001*260131*1200*A*000~{}",
            file().strip_prefix(ISA).unwrap()
        ),
        "",
        4,
    );
}

#[test]
fn an_acknowledgement_may_count_itself() {
    for (count, want) in [(1, "group_count"), (2, "group_count")] {
        let text = format!("{ISA}TA1*000000001*260131*1200*A*000~IEA*{count}*000000007~");
        let (stage, summary) = stage::convert(Limits::default(), "file.edi", text.as_bytes());
        // Our interchange was accepted: a report says so.
        check(&text, want, usize::from(count == 1));
        let severity = if count == 1 {
            Severity::Warning
        } else {
            Severity::Error
        };
        assert_eq!(stage.problems[0].severity, severity);
        assert_eq!(summary.is_some(), count == 1);
    }
}

#[test]
fn binary_segments_are_read_by_length() {
    let body = "BEG*00*SA*PO-0002**20260131~";
    for (binary, code) in [
        ("BIN*9*~SE*1*1~*~", "segment_not_in_message"),
        ("BDS*ASC*11*IEA*0*7~\r\n~~", "segment_unknown"),
        ("BIN*0*~", "segment_not_in_message"),
    ] {
        let text = replaced(body, &format!("{binary}{body}")).replace("SE*7*0002", "SE*8*0002");
        check(&text, code, 2);
    }
}

#[test]
fn limits_are_told() {
    let limits = |change: fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        limits
    };
    let long = replaced("N1*BY*B~", &format!("N1*BY*{}~", "B".repeat(70_000)));
    assert_eq!(
        outcome(long.as_bytes(), Limits::default()),
        ("segment_length".to_owned(), 0)
    );
    let blank = replaced("N1*BY*B~", &format!("{}N1*BY*B~", "\n".repeat(70_000)));
    assert_eq!(
        outcome(blank.as_bytes(), Limits::default()),
        ("segment_length".to_owned(), 0)
    );
    let wide = replaced("N1*BY*B~", &format!("ZZZ{}*1~N1*BY*B~", "*".repeat(2000)));
    let wide = wide.replacen("SE*7*0001", "SE*8*0001", 1);
    assert_eq!(
        outcome(wide.as_bytes(), Limits::default()),
        ("element_limit".to_owned(), 2)
    );
    let set = limits(|limits| limits.set_bytes = 100);
    assert_eq!(
        outcome(file().as_bytes(), set).0,
        "message_length message_length message_length"
    );
    let two = format!("{}{}", file(), file().replace("000000007", "000000008"));
    assert_eq!(
        outcome(two.as_bytes(), limits(|limits| limits.interchanges = 1)),
        ("interchange_limit".to_owned(), 3)
    );
    // A group that was given away before its trailer takes its interchange with it.
    let group = limits(|limits| limits.group_bytes = 1);
    assert_eq!(outcome(file().as_bytes(), group), (String::new(), 3));
    let broken = replaced("GE*2*1", "GE*3*1");
    assert_eq!(
        outcome(broken.as_bytes(), group),
        ("message_count group_length".to_owned(), 0)
    );
}

#[test]
fn sets_are_counted_and_named() {
    let (stage, summary) = stage::convert(
        Limits::default(),
        "f",
        replaced("SE*7*0002", "SE*8*0002").as_bytes(),
    );
    let summary = summary.unwrap();
    assert_eq!((summary.documents, summary.refused), (2, 1));
    let named: Vec<_> = stage
        .documents
        .iter()
        .map(|document| (document.record, document.occurrence.clone().unwrap()))
        .collect();
    let want = [
        (0, "x12/ZZ:SENDER/ZZ:RECEIVER/000000007/1/0001"),
        (2, "x12/ZZ:SENDER/ZZ:RECEIVER/000000007/2/0001"),
    ];
    assert_eq!(
        named,
        want.map(|(record, occurrence)| (record, occurrence.to_owned()))
    );
    let problem = &stage.problems[0];
    assert_eq!(
        (problem.record, problem.segment, problem.path.as_deref()),
        (Some(1), Some(7), Some("SE/01"))
    );
    // A broken group and a broken interchange count their sets.
    for (from, to, refused) in [("GE*2*1", "GE*3*1", 2), ("GE*2*1~", "GE*3*1~N1*A~", 2)] {
        let (_, summary) = stage::convert(Limits::default(), "f", replaced(from, to).as_bytes());
        assert_eq!(
            summary.map(|summary| summary.refused),
            if to.contains("N1") {
                None
            } else {
                Some(refused)
            },
            "{to}"
        );
    }
    let two = format!(
        "{}{}",
        file(),
        file()
            .replace("000000007", "000000008")
            .replace("IEA*2", "IEA*1")
    );
    assert_eq!(
        stage::convert(Limits::default(), "f", two.as_bytes())
            .1
            .unwrap()
            .refused,
        3
    );
}
