//! What partners answer: read, matched with what was sent, and told as canonical reports.

use std::fmt::Write as _;

use expect_test::expect;
use proptest::prelude::{any, prop, prop_assert, proptest};

use super::{Answer, Kind, Match, Matched, Matcher, Sent, SentMessage, Unknown, Verdict};
use crate::message::MessageBuffer;
use crate::walk::{Event, Walk, WalkOptions};

/// The answers in a file.
fn read(bytes: &[u8]) -> Vec<Answer> {
    let mut input = bytes;
    let mut walk = Walk::new(&mut input, WalkOptions::default());
    let mut buffer = MessageBuffer::default();
    let mut answers = Vec::new();
    loop {
        match walk.advance().unwrap() {
            Event::InterchangeAck => {
                answers.push(Answer::of_ta1(&walk.segment(), walk.interchange()));
            }
            Event::Message | Event::Segment => assert!(buffer.push(walk.reader(), 8 << 20)),
            Event::MessageEnd(_) => {
                buffer.hold(walk.message().clone());
                let held = buffer.messages().next();
                let answer = held.and_then(|(message, view)| {
                    Answer::of_message(view, message, walk.interchange())
                });
                answers.extend(answer);
                buffer.clear();
            }
            Event::End => return answers,
            Event::Interchange | Event::Group => {}
            Event::GroupEnd(_) | Event::InterchangeEnd(_) => {}
        }
    }
}

/// An interchange between these.
fn between(sender: &str, receiver: &str, content: &str) -> Vec<u8> {
    format!(
        "ISA*00*          *00*          *ZZ*{sender:15}*ZZ*{receiver:15}*260131*1200*^*00501*000000001*0*P*>~{content}IEA*1*000000001~"
    )
    .into_bytes()
}

fn x12(content: &str) -> Vec<u8> {
    between("BUYER", "SELLER", content)
}

/// A group of a 997 or 999.
fn group(set: &str, segments: &str) -> String {
    format!("GS*FA*BUYER*SELLER*20260131*1200*1*X*005010~ST*{set}*0001~{segments}SE*9*0001~GE*1*1~")
}

fn functional(segments: &str) -> Vec<u8> {
    x12(&group("997", segments))
}

fn contrl(segments: &str) -> Vec<u8> {
    format!(
        "UNB+UNOC:3+BUYER:14+SELLER:14+260131:1200+1'UNH+1+CONTRL:D:3:UN'{segments}UNT+9+1'UNZ+1+1'"
    )
    .into_bytes()
}

fn only(bytes: &[u8]) -> Answer {
    let [answer] = read(bytes).try_into().unwrap();
    answer
}

/// What an answer says, a line for each level and fault.
fn told(answer: &Answer) -> String {
    let mut text = format!("{} {:?}\n", answer.kind.as_str(), answer.interchange);
    let faults = |text: &mut String, indent: &str, faults: &[super::Fault]| {
        for fault in faults {
            let place = fault.pointer().unwrap_or_default();
            let super::Fault {
                list,
                code,
                segment,
                loop_id,
                reference,
                value,
                ..
            } = fault;
            writeln!(
                text,
                "{indent}{list:?} {code}: {segment} {loop_id}/{place} {reference} `{value}`"
            )
            .unwrap();
        }
    };
    faults(&mut text, "  ", &answer.faults);
    for group in &answer.groups {
        writeln!(
            text,
            "  {} {} {:?} {:?}",
            group.functional_id, group.control_number, group.verdict, group.counts
        )
        .unwrap();
        faults(&mut text, "    ", &group.faults);
        for message in &group.messages {
            writeln!(
                text,
                "    {} {} {:?}",
                message.id, message.control_number, message.verdict
            )
            .unwrap();
            faults(&mut text, "      ", &message.faults);
        }
    }
    text
}

#[test]
fn a_997_is_read() {
    let answer = only(&functional(
        "AK1*PR*17~AK2*855*0001~AK5*A~AK2*855*0002~AK3*PO1*4*PO1*3~AK3*ACK*5**8~AK4*2>1>3*380*7*Z1~AK4*4**2~AK3*DTM*6**7*8~AK5*R*5*4~\
         AK2*855*0003~AK5*E*5~AK2*855*0004~AK5*Q~AK9*P*4*4*2*5~",
    ));
    expect![[r#"
        997 None
          PR 17 PartiallyAccepted [Some(4), Some(4), Some(2)]
            Group 5: 0 /  ``
            855 0001 Accepted
            855 0002 Rejected
              Segment 3: 4 PO1/PO1  ``
              Element 7: 5 /ACK/02(3).1 380 `Z1`
              Element 2: 5 /ACK/04  ``
              Segment 7: 6 /DTM  ``
              Segment 8: 6 /DTM  ``
              Set 5: 0 /  ``
              Set 4: 0 /  ``
            855 0003 AcceptedWithErrors
              Set 5: 0 /  ``
            855 0004 Received
    "#]]
    .assert_eq(&told(&answer));
    assert_eq!(
        (answer.sender.id.as_str(), answer.receiver.id.as_str()),
        ("BUYER", "SELLER")
    );
}

#[test]
fn a_999_is_read() {
    let answer = only(&x12(&group(
        "999",
        "AK1*PR*17*005010XG~AK2*855*0001*005010XG~IK3*REF*4**I4~CTX*SITUATIONAL TRIGGER*REF*4~IK3*PO1*5*PO1*8~CTX*PO1~\
         IK4*3>1*355*I6*XX~IK5*R*I5~AK9*R*1*1*0~",
    )));
    expect![[r#"
        999 None
          PR 17 Rejected [Some(1), Some(1), Some(0)]
            855 0001 Rejected
              Segment I4: 4 /REF  ``
              Element I6: 5 PO1/PO1/03.1 355 `XX`
              Set I5: 0 /  ``
    "#]]
    .assert_eq(&told(&answer));
}

#[test]
fn a_contrl_is_read() {
    let answer = only(&contrl(
        "UCI+R1+SELLER:14+BUYER:14+7'UCM+1+ORDRSP:D:96A:UN+4+29+UNT+2'UCM+2+ORDRSP:D:96A:UN+7'UCS+3'UCD+12+2:2'UCD+39+4'UCS+5+15'UCM+3+ORDRSP:D:96A:UN+7'",
    ));
    expect![[r#"
        CONTRL Some(("R1", Accepted))
            Accepted [None, None, None]
            ORDRSP 1 Rejected
              Contrl 29: 0 /UNT/01  ``
            ORDRSP 2 AcceptedWithErrors
              Contrl 12: 3 /01.2  ``
              Contrl 39: 3 /03  ``
              Contrl 15: 5 /  ``
            ORDRSP 3 Accepted
    "#]]
    .assert_eq(&told(&answer));
    let answer = only(&contrl("UCI+R1+SELLER:14+BUYER:14+4+28+UNZ+3'"));
    expect![[r#"
        CONTRL Some(("R1", Rejected))
          Contrl 28: 0 /UNZ/02  ``
    "#]]
    .assert_eq(&told(&answer));
    let answer = only(&contrl(
        "UCI+R1+SELLER:14+BUYER:14+7'UCF+G1+S+B+7'UCM+1+ORDRSP:D:96A:UN+4+13'UCM+++4++++P1'UCF+G2+S+B+4+29+UNE+2'",
    ));
    expect![[r#"
        CONTRL Some(("R1", Accepted))
           G1 Accepted [None, None, None]
            ORDRSP 1 Rejected
              Contrl 13: 0 /  ``
             P1 Rejected
           G2 Rejected [None, None, None]
            Contrl 29: 0 /UNE/01  ``
    "#]]
    .assert_eq(&told(&answer));
}

#[test]
fn a_ta1_is_read() {
    for (segment, verdict, code) in [
        ("TA1*000000017*260131*1200*A*000~", Verdict::Accepted, ""),
        (
            "TA1*000000017*260131*1200*E*014~",
            Verdict::AcceptedWithErrors,
            "014",
        ),
        ("TA1*000000017*260131*1200*R*021~", Verdict::Rejected, "021"),
        ("TA1*000000017~", Verdict::Received, ""),
    ] {
        let answer = only(&x12(segment));
        assert_eq!(
            (answer.kind, answer.interchange),
            (Kind::Ta1, Some(("000000017".into(), verdict)))
        );
        let codes: Vec<_> = answer
            .faults
            .iter()
            .map(|fault| fault.code.as_str())
            .collect();
        assert_eq!(codes.concat(), code);
    }
}

#[test]
fn reports() {
    let shown = |bytes: &[u8]| {
        let mut text = String::new();
        for report in only(bytes).reports() {
            writeln!(text, "{}", serde_json::to_string(&report).unwrap()).unwrap();
        }
        text
    };
    let text = shown(&functional(
        "AK1*PR*17~AK2*855*0001~AK5*A~AK2*855*0002~AK3*ACK*5**8~AK4*2>1*380*7*Z1~AK5*R*5~AK9*P*2*2*1~",
    )) + &shown(&functional("AK1*PR*17~AK9*R*3*2*0*5~"))
        + &shown(&contrl("UCI+R1+SELLER:14+BUYER:14+8'"))
        + &shown(&contrl("UCI+R1+SELLER:14+BUYER:14+4+28+UNZ+3'"))
        + &shown(&contrl(
            "UCI+R1+SELLER:14+BUYER:14+7'UCM+1+ORDRSP:D:96A:UN+4'UCS+3'UCD+12+2:2'",
        ))
        + &shown(&x12("TA1*000000017*260131*1200*R*021~"))
        + &shown(&x12("TA1*000000017*260131*1200*?*021~"));
    expect![[r#"
        {"schema_version":"1.0","kind":"functional","status":"accepted","concerns":{"group":"17","transaction":"0001","transaction_set":"855"}}
        {"schema_version":"1.0","kind":"functional","status":"rejected","concerns":{"group":"17","transaction":"0002","transaction_set":"855"},"issues":[{"code":"x12.answered_element","severity":"error","message":"the partner says of segment 5: the code is not valid","path":"ACK/02.1","value":"Z1","standard_code":"7"},{"code":"x12.answered_set","severity":"error","message":"the partner says: one or more segments are in error","standard_code":"5"}]}
        {"schema_version":"1.0","kind":"functional","status":"rejected","concerns":{"group":"17"},"issues":[{"code":"x12.answered_group","severity":"error","message":"the partner says: the number of sets is wrong","standard_code":"5"}],"counts":{"received":2,"accepted":0,"rejected":2}}
        {"schema_version":"1.0","kind":"transport","status":"accepted","concerns":{"interchange":"R1"}}
        {"schema_version":"1.0","kind":"functional","status":"rejected","concerns":{"interchange":"R1"},"issues":[{"code":"edifact.answered","severity":"error","message":"the partner says: the references of header and trailer differ","path":"UNZ/02","standard_code":"28"}]}
        {"schema_version":"1.0","kind":"functional","status":"rejected","concerns":{"interchange":"R1","transaction":"1","transaction_set":"ORDRSP"},"issues":[{"code":"edifact.answered","severity":"error","message":"the partner says of segment 3: a value is not valid","path":"01.2","standard_code":"12"}]}
        {"schema_version":"1.0","kind":"transport","status":"rejected","concerns":{"interchange":"000000017"},"issues":[{"code":"x12.answered_interchange","severity":"error","message":"the partner says: the number of groups is wrong","standard_code":"021"}]}
    "#]].assert_eq(&text);
}

fn sent(key: &str, interchange: &str, group: &str, numbers: &[&str]) -> Sent {
    Sent {
        key: key.into(),
        sender: "SELLER".into(),
        receiver: "BUYER".into(),
        interchange: interchange.into(),
        functional_id: if group.is_empty() {
            String::new()
        } else {
            "PR".into()
        },
        group: group.into(),
        messages: numbers
            .iter()
            .map(|number| SentMessage {
                id: "855".into(),
                control_number: (*number).into(),
                verdict: None,
            })
            .collect(),
        at: 1000,
        due: 2000,
        ..Sent::default()
    }
}

/// Verdicts by group and message, and what is unknown.
fn summary(matched: &Matched) -> String {
    let mut text = String::new();
    for Match {
        key,
        message,
        verdict,
        before,
    } in &matched.messages
    {
        let before = before.map_or(String::new(), |before| format!(" was {}", before.x12()));
        write!(text, "{key}.{message} {}{before}; ", verdict.x12()).unwrap();
    }
    for unknown in &matched.unknown {
        match unknown {
            Unknown::Interchange(number) => write!(text, "no interchange {number}; "),
            Unknown::Group(id, number) => write!(text, "no group {id} {number}; "),
            Unknown::Message(group, number) => write!(text, "no message {number} in {group}; "),
        }
        .unwrap();
    }
    text.trim_end_matches("; ").to_owned()
}

#[test]
fn answers_are_matched_with_what_was_sent() {
    let answer = |verdicts: &str, end: &str| functional(&format!("AK1*PR*17~{verdicts}AK9*{end}~"));
    let (a, b, c) = (
        "AK2*855*0001~AK5*A~",
        "AK2*855*0002~AK5*R*5~",
        "AK2*855*0003~AK5*A~",
    );
    for (bytes, want) in [
        (answer(&[a, b].concat(), "P*2*2*1"), "g.0 A; g.1 R"),
        (answer("", "A*2*2*2"), "g.0 A; g.1 A"),
        (answer("", "E*2*2*2"), "g.0 A; g.1 A"),
        (answer("", "R*2*2*0*5"), "g.0 R; g.1 R"),
        // A rejected group takes the sets with it that are said to be good.
        (answer(a, "R*2*2*0*5"), "g.0 R; g.1 R"),
        (answer(b, "P*2*2*1"), "g.0 A; g.1 R"),
        // Two are missing, one is explained.
        (answer(b, "P*3*3*1"), "g.1 R"),
        (answer(b, "P"), "g.1 R"),
        (
            answer(&[a, c].concat(), "A*2*2*2"),
            "g.0 A; g.1 A; no message 3 in 17",
        ),
        (functional("AK1*PR*017~AK9*A*2*2*2~"), "g.0 A; g.1 A"),
        (functional("AK1*PR*18~AK9*A*2*2*2~"), "no group PR 18"),
        (functional("AK1*IN*17~AK9*A*2*2*2~"), "no group IN 17"),
        (
            between("OTHER", "SELLER", &group("997", "AK1*PR*17~AK9*A*2*2*2~")),
            "no group PR 17",
        ),
        (
            between("BUYER", "NOTUS", &group("997", "AK1*PR*17~AK9*A*2*2*2~")),
            "no group PR 17",
        ),
        (x12("TA1*000000005*260131*1200*A*000~"), ""),
        (x12("TA1*000000005*260131*1200*R*021~"), "g.0 R; g.1 R"),
        (
            x12("TA1*000000006*260131*1200*R*021~"),
            "no interchange 000000006",
        ),
        (functional(""), ""),
        (functional("AK2*855*0001~AK5*A~AK9*A~"), ""),
    ] {
        let mut matcher = Matcher::new(10);
        matcher
            .sent(sent("g", "000000005", "17", &["0001", "0002"]))
            .unwrap();
        let matched = matcher.received(&only(&bytes));
        assert_eq!(summary(&matched), want, "{}", bytes.escape_ascii());
    }
}

#[test]
fn a_ta1_says_that_an_interchange_arrived() {
    let mut matcher = Matcher::new(10);
    matcher
        .sent(sent("g", "000000005", "17", &["0001"]))
        .unwrap();
    let matched = matcher.received(&only(&x12("TA1*000000005*260131*1200*A*000~")));
    assert_eq!(
        (matched.sent, matched.messages.len()),
        (vec!["g".to_owned()], 0)
    );
    let state: Vec<_> = matcher
        .kept()
        .map(|sent| (sent.received, sent.is_answered()))
        .collect();
    assert_eq!(state, [(true, false)]);
}

#[test]
fn contrls_are_matched_with_what_was_sent() {
    let whole = |action: &str| format!("UCI+R1+SELLER:14+BUYER:14+{action}'");
    let message = |number: &str, action: &str| format!("UCM+{number}+ORDRSP:D:96A:UN+{action}'");
    for (group, segments, want) in [
        ("", whole("7"), "g.0 A; g.1 A"),
        ("", whole("4+18"), "g.0 R; g.1 R"),
        ("", whole("8"), ""),
        ("", whole("7") + &message("2", "4+13"), "g.0 A; g.1 R"),
        ("", whole("7") + &message("2", "7+12"), "g.0 A; g.1 E"),
        (
            "",
            whole("7") + &message("9", "4"),
            "g.0 A; g.1 A; no message 9 in ",
        ),
        ("", whole("4") + &message("1", "7"), "g.0 R; g.1 R"),
        ("G1", whole("7") + "UCF+G1+S+B+4+29'", "g.0 R; g.1 R"),
        (
            "G1",
            whole("7") + "UCF+G1+S+B+7'" + &message("1", "4"),
            "g.0 R; g.1 A",
        ),
        ("G1", whole("7") + "UCF+G2+S+B+4+29'", "g.0 A; g.1 A"),
        ("", whole("7").replace("R1", "R2"), "no interchange R2"),
        ("", String::new(), ""),
    ] {
        let mut matcher = Matcher::new(10);
        matcher.sent(sent("g", "R1", group, &["1", "2"])).unwrap();
        assert_eq!(
            summary(&matcher.received(&only(&contrl(&segments)))),
            want,
            "{segments}"
        );
    }
}

#[test]
fn what_waits_too_long_is_told() {
    let mut matcher = Matcher::new(3);
    let receipt = |key, number| Sent {
        receipt_suffices: true,
        ..sent(key, number, "", &["1"])
    };
    matcher.sent(sent("a", "R1", "", &["1", "2"])).unwrap();
    matcher.sent(receipt("b", "R2")).unwrap();
    matcher
        .sent(Sent {
            due: 3000,
            ..sent("c", "R3", "", &["1"])
        })
        .unwrap();
    let overdue = |matcher: &Matcher, now| {
        matcher
            .overdue(now)
            .map(|sent| sent.key.clone())
            .collect::<String>()
    };
    assert_eq!(
        [1999, 2000, 3000].map(|now| overdue(&matcher, now)),
        ["", "ab", "abc"]
    );

    // There is no room while everything waits.
    assert_eq!(matcher.sent(receipt("d", "R4")).unwrap_err().key, "d");
    for number in ["R1", "R2"] {
        let receipt = only(&contrl(&format!("UCI+{number}+SELLER:14+BUYER:14+8'")));
        assert_eq!(matcher.received(&receipt).messages, []);
    }
    assert_eq!(
        overdue(&matcher, 2000),
        "a",
        "a receipt is not enough from everybody"
    );
    matcher.sent(receipt("d", "R4")).unwrap();
    let accepted = only(&contrl("UCI+R1+SELLER:14+BUYER:14+7'"));
    assert_eq!(summary(&matcher.received(&accepted)), "a.0 A; a.1 A");
    assert_eq!(overdue(&matcher, 2000), "d");
    // What is answered is kept for a while: the answer may come again, or another one.
    let rejected = only(&contrl("UCI+R1+SELLER:14+BUYER:14+4+18'"));
    assert_eq!(
        summary(&matcher.received(&rejected)),
        "a.0 R was A; a.1 R was A"
    );
    assert_eq!(
        matcher
            .kept()
            .map(|sent| sent.key.as_str())
            .collect::<String>(),
        "acd"
    );
}

#[test]
fn a_control_number_that_was_used_twice_means_the_later_group() {
    let mut matcher = Matcher::new(10);
    matcher.sent(sent("early", "5", "17", &["0001"])).unwrap();
    matcher.sent(sent("late", "6", "17", &["0001"])).unwrap();
    let answer = only(&functional("AK1*PR*17~AK9*A*1*1*1~"));
    assert_eq!(summary(&matcher.received(&answer)), "late.0 A");
}

#[test]
fn long_answers_are_bounded() {
    let many = "AK2*855*0001~AK3*PO1*4**3~AK5*R*5~".repeat(20_000);
    let answer = only(&functional(&format!("AK1*PR*17~{many}AK9*R*1*1*0~")));
    let [group] = answer.groups.as_slice() else {
        panic!()
    };
    let faults: usize = group
        .messages
        .iter()
        .map(|message| message.faults.len())
        .sum();
    assert_eq!(
        (group.messages.len(), faults as u64 + answer.omitted),
        (20_000, 40_000)
    );
    assert_eq!((faults, group.verdict), (10_000, Verdict::Rejected));
}

proptest! {
    #[test]
    fn noise_never_panics(
        pieces in prop::collection::vec((0_usize..14, prop::collection::vec(any::<u8>(), 0..6)), 0..30),
        edifact in any::<bool>(),
    ) {
        const TAGS: [&str; 14] =
            ["AK1", "AK2", "AK3", "AK4", "AK5", "AK9", "IK3", "IK4", "IK5", "UCI", "UCF", "UCM", "UCS", "UCD"];
        let (separator, end): (u8, u8) = if edifact { (b'+', b'\'') } else { (b'*', b'~') };
        let mut segments = Vec::new();
        for (tag, values) in &pieces {
            segments.extend_from_slice(TAGS[*tag].as_bytes());
            for value in values {
                segments.extend_from_slice(&[separator, *value]);
            }
            segments.push(end);
        }
        let text = if edifact { contrl("#") } else { functional("#") };
        let place = text.iter().position(|byte| *byte == b'#').unwrap();
        let bytes = [&text[..place], &segments, &text[place + 1..]].concat();
        for answer in read(&bytes) {
            let mut matcher = Matcher::new(1);
            matcher.sent(sent("g", "1", "1", &["1"])).unwrap();
            let matched = matcher.received(&answer);
            prop_assert!(matched.messages.len() <= 30);
            prop_assert!(answer.reports().len() <= 60);
        }
    }
}
