//! What is answered: whole documents as snapshots, and tables with one row a rule. What is read is walked; what a judge
//! would find is given by hand.

use std::fmt::Write as _;

use expect_test::{Expect, expect};

use super::{AckPolicy, Collector, Contrl, Functional, Kind, Moment, Numbers, Reply, Ta1, Verdict};
use crate::finding::{Finding, Place};
use crate::rule::Rule;
use crate::segment::Tag;
use crate::walk::{Event, Walk, WalkOptions};
use crate::write::{OnSeparator, Style, Suffix};

/// What a judge says of message `.0` of the file.
type Judged = (u64, Finding);

/// A finding at a segment: rule, ordinal, tag.
fn at(rule: Rule, segment: u32, tag: &str) -> Finding {
    let place = Place {
        segment,
        tag: Tag::new(tag.as_bytes()),
        ..Place::default()
    };
    Finding::new(rule, "a fault").at(place)
}

/// A finding at an element of a segment, with the number of the element and what was found.
fn in_element(
    rule: Rule,
    (segment, tag): (u32, &str),
    (element, component, repetition): (u16, u16, u16),
    (reference, found): (&'static str, &str),
) -> Finding {
    let mut finding = at(rule, segment, tag).found(found.as_bytes());
    finding.place.element = element;
    finding.place.component = component;
    finding.place.repetition = repetition;
    finding.place.reference = reference.into();
    finding
}

/// The replies to a file. A message is accepted when neither walk nor judge found an error.
fn collect(
    collector: &mut Collector,
    policy: AckPolicy,
    text: &str,
    judged: &[Judged],
) -> Vec<Reply> {
    let mut input = text.as_bytes();
    let mut walk = Walk::new(&mut input, WalkOptions::default());
    let mut replies = Vec::new();
    loop {
        let event = walk.advance().unwrap();
        let findings = walk.take_findings();
        match event {
            Event::Interchange => collector.interchange(walk.interchange(), policy),
            Event::InterchangeAck => collector.interchange_acknowledgement(),
            Event::Group => collector.group(walk.group()),
            Event::Message => collector.message(walk.message()),
            Event::Segment | Event::End => {}
            Event::MessageEnd(_) | Event::GroupEnd(_) | Event::InterchangeEnd(_) => {}
        }
        for finding in &findings {
            collector.finding(finding);
        }
        match event {
            Event::MessageEnd(good) => {
                let record = walk.message().record;
                let mut accepted = good;
                for (_, finding) in judged.iter().filter(|(of, _)| *of == record) {
                    accepted &= !finding.is_error();
                    collector.finding(finding);
                }
                collector.message_end(accepted);
            }
            Event::GroupEnd(good) => collector.group_end(good),
            Event::InterchangeEnd(good) => replies.extend(collector.interchange_end(good)),
            Event::End => return replies,
            Event::Interchange | Event::InterchangeAck => {}
            Event::Group | Event::Message | Event::Segment => {}
        }
    }
}

const NUMBERS: Numbers = Numbers {
    interchange: 12,
    group: 34,
};

fn moment() -> Moment {
    Moment {
        date: "20260201".into(),
        time: "0930".into(),
    }
}

/// All answers, one segment a line.
fn answers(policy: AckPolicy, text: &str, judged: &[Judged]) -> String {
    let replies = collect(&mut Collector::default(), policy, text, judged);
    let mut all = String::new();
    for reply in replies {
        let style = Style {
            suffix: Suffix::Lf,
            ..Style::answering(reply.interchange())
        };
        let answer = reply.write(NUMBERS, &moment(), &style).unwrap();
        assert_eq!(answer.kind, reply.kind());
        let text = String::from_utf8(answer.bytes).unwrap();
        writeln!(all, "{:?}\n{text}", answer.verdict).unwrap();
    }
    all
}

/// The segments of the answers that tell a verdict, without their tags' envelope.
fn core(policy: AckPolicy, text: &str, judged: &[Judged]) -> String {
    let answers = answers(policy, text, judged);
    let envelope = [
        "ISA", "GS", "ST", "SE", "GE", "IEA", "UNA", "UNB", "UNH", "UNT", "UNZ",
    ];
    let told = answers.lines().filter(|line| {
        let tag = line.split(['*', '+', '>', ':']).next().unwrap();
        line.ends_with(['~', '\'']) && !envelope.contains(&tag)
    });
    told.collect::<Vec<_>>().join(" ")
}

fn isa(number: &str, version: &str, asked: &str, usage: &str) -> String {
    format!(
        "ISA*00*          *00*          *ZZ*BUYER          *14*4012345000094  *260131*1200*U*{version}*{number}*{asked}*{usage}*>~"
    )
}

fn group(id: &str, number: &str, version: &str, sets: &str) -> String {
    let count = sets.matches("~SE*").count();
    format!("GS*{id}*BUYERG*SELLERG*20260131*1200*{number}*X*{version}~{sets}GE*{count}*{number}~")
}

fn set(number: &str) -> String {
    format!("ST*850*{number}~BEG*00*SA*PO-1**20260131~PO1*1*1*EA*1~SE*4*{number}~")
}

fn whole(groups: &str) -> String {
    let count = groups.matches("GS*").count();
    format!(
        "{}{groups}IEA*{count}*000000077~",
        isa("000000077", "00401", "0", "T")
    )
}

fn check(policy: AckPolicy, text: &str, judged: &[Judged], want: Expect) {
    want.assert_eq(&answers(policy, text, judged));
}

#[test]
fn a_997_for_good_and_bad_sets() {
    let sets = ["0001", "0002", "0003", "0004"].map(set).concat();
    let judged = [
        (
            1,
            in_element(Rule::ElementCode, (3, "PO1"), (3, 0, 0), ("355", "XX")),
        ),
        (
            2,
            in_element(
                Rule::ElementLong,
                (3, "PO1"),
                (4, 0, 0),
                ("212", "12345678901234567890"),
            ),
        ),
        (
            2,
            in_element(Rule::ElementMissing, (2, "BEG"), (3, 0, 0), ("324", "")),
        ),
        (
            2,
            in_element(
                Rule::ElementDate,
                (2, "BEG"),
                (5, 0, 0),
                ("373", "20261301"),
            ),
        ),
        (2, at(Rule::SegmentUnknown, 3, "ZZZ")),
    ];
    check(
        AckPolicy::default(),
        &whole(&group("PO", "9", "004010", &sets)),
        &judged,
        expect![[r#"
            PartiallyAccepted
            ISA*00*          *00*          *14*4012345000094  *ZZ*BUYER          *260201*0930*U*00401*000000012*0*T*>~
            GS*FA*SELLERG*BUYERG*20260201*0930*34*X*004010~
            ST*997*0001~
            AK1*PO*9~
            AK2*850*0001~
            AK5*A~
            AK2*850*0002~
            AK3*PO1*3**8~
            AK4*3*355*7*XX~
            AK5*E*5~
            AK2*850*0003~
            AK3*BEG*2**8~
            AK4*3*324*1~
            AK4*5*373*8*20261301~
            AK3*PO1*3**8~
            AK4*4*212*5*12345678901234567890~
            AK3*ZZZ*3**1~
            AK5*R*5~
            AK2*850*0004~
            AK5*A~
            AK9*P*4*4*3~
            SE*20*0001~
            GE*1*34~
            IEA*1*000000012~

        "#]],
    );
}

#[test]
fn a_999_where_a_guide_is_checked() {
    let policy = AckPolicy {
        functional: Functional::F999,
        ..AckPolicy::default()
    };
    let sets = [
        set("0001"),
        set("0002").replace("850*0002", "850*0002*005010XG1"),
    ]
    .concat();
    let text = whole(&group("PO", "9", "005010XG1", &sets)).replace("00401", "00501");
    let mut around = in_element(Rule::ElementRepeats, (3, "PO1"), (7, 2, 3), ("C040", "A"));
    around.place.loop_id = "PO1".into();
    let judged = [
        (1, around),
        (
            1,
            in_element(Rule::NotUsed, (2, "BEG"), (4, 0, 0), ("328", "4")),
        ),
        (1, at(Rule::NotUsed, 4, "CUR")),
        (
            1,
            in_element(
                Rule::ElementCodeRefused,
                (2, "BEG"),
                (2, 0, 0),
                ("92", "ZZ"),
            ),
        ),
    ];
    check(
        policy,
        &text,
        &judged,
        expect![[r#"
        PartiallyAccepted
        ISA*00*          *00*          *14*4012345000094  *ZZ*BUYER          *260201*0930*U*00501*000000012*0*T*>~
        GS*FA*SELLERG*BUYERG*20260201*0930*34*X*005010X231A1~
        ST*999*0001*005010X231A1~
        AK1*PO*9*005010XG1~
        AK2*850*0001~
        IK5*A~
        AK2*850*0002*005010XG1~
        IK3*BEG*2**8~
        IK4*4*328*I10~
        IK4*2*92*I6*ZZ~
        IK3*PO1*3*PO1*8~
        IK4*7>2>3**12~
        IK3*CUR*4**I4~
        IK5*R*5~
        AK9*P*2*2*1~
        SE*14*0001~
        GE*1*34~
        IEA*1*000000012~

    "#]],
    );
}

#[test]
fn a_ta1_for_an_interchange_that_is_lost() {
    let text = whole(&group("PO", "9", "004010", &set("0001"))).replace("IEA*1", "IEA*2");
    check(
        AckPolicy::default(),
        &text,
        &[],
        expect![[r#"
        Rejected
        ISA*00*          *00*          *14*4012345000094  *ZZ*BUYER          *260201*0930*U*00401*000000012*0*T*>~
        TA1*000000077*260131*1200*R*021~
        IEA*0*000000012~

    "#]],
    );
    // Without a TA1 the sets themselves have to be rejected.
    let policy = AckPolicy {
        ta1: Ta1::Never,
        ..AckPolicy::default()
    };
    check(
        policy,
        &text,
        &[],
        expect![[r#"
        Rejected
        ISA*00*          *00*          *14*4012345000094  *ZZ*BUYER          *260201*0930*U*00401*000000012*0*T*>~
        GS*FA*SELLERG*BUYERG*20260201*0930*34*X*004010~
        ST*997*0001~
        AK1*PO*9~
        AK2*850*0001~
        AK5*R~
        AK9*R*1*1*0~
        SE*6*0001~
        GE*1*34~
        IEA*1*000000012~

    "#]],
    );
}

#[test]
fn when_a_ta1_is_due() {
    let good = |asked| {
        isa("000000077", "00401", asked, "P")
            + &group("PO", "9", "004010", &set("0001"))
            + "IEA*1*000000077~"
    };
    let bad = |asked| good(asked).replace("IEA*1", "IEA*2");
    let late = |asked| good(asked).replace("260131*1200*U", "261331*1200*U");
    let alone = |held: &str, count| {
        format!(
            "{}{held}IEA*{count}*000000077~",
            isa("000000077", "00401", "1", "P")
        )
    };
    let fa = group(
        "FA",
        "9",
        "004010",
        "ST*997*0001~AK1*PO*1~AK9*A*1*1*1~SE*4*0001~",
    );
    let ta1 = "TA1*000000001*260131*1200*A*000~";
    for (policy, text, want) in [
        (Ta1::OnRequest, good("0"), ""),
        (Ta1::OnRequest, good("1"), "A*000"),
        (Ta1::OnRequest, bad("0"), ""),
        (Ta1::OnRequest, bad("1"), "R*021"),
        (Ta1::OnError, good("0"), ""),
        (Ta1::OnError, good("1"), "A*000"),
        (Ta1::OnError, bad("0"), "R*021"),
        (Ta1::Always, good("0"), "A*000"),
        (Ta1::Never, bad("1"), ""),
        // Accepted, with a remark.
        (Ta1::Always, late("0"), "E*014"),
        // Never for acknowledgements alone, whatever becomes of them; but for what comes beside them.
        (Ta1::Always, alone(ta1, 0), ""),
        (Ta1::Always, alone(&fa, 1), ""),
        (Ta1::Always, alone(&fa, 2), ""),
        (Ta1::Always, alone(&(ta1.to_owned() + &fa), 1), ""),
        (
            Ta1::Always,
            alone(
                &(fa.clone() + &group("PO", "10", "004010", &set("0001"))),
                2,
            ),
            "A*000",
        ),
        (Ta1::Always, alone("", 0), "R*024"),
    ] {
        let policy = AckPolicy {
            ta1: policy,
            functional: Functional::None,
            ..AckPolicy::default()
        };
        let want = if want.is_empty() {
            String::new()
        } else {
            format!(
                "TA1*000000077*{}*1200*{want}~",
                if want.starts_with('E') {
                    "261331"
                } else {
                    "260131"
                }
            )
        };
        assert_eq!(core(policy, &text, &[]), want, "{text}");
    }
}

#[test]
fn codes_of_interchanges() {
    let good = whole(&group("PO", "9", "004010", &set("0001")));
    for (broken, want) in [
        (good.replace("IEA*1*000000077", "IEA*1*000000078"), "R*001"),
        (good.replace("000000077", "00000007A"), "R*018"),
        (good.replace("IEA*1*000000077", "IEA"), "R*022"),
        (good.replace("IEA*1*000000077~", ""), "R*023"),
        (good.replace("GE*1*9~IEA*1*000000077~", "GE*1"), "R*023"),
        (good.replace("GS*PO", "N1*ST~GS*PO"), "R*024"),
        (good.replace("*00401*", "*99401*"), "R*017"),
        (good.replace("ZZ*BUYER          ", "ZZ*               "), ""),
        (good.replace("14*4012345000094  ", "14*               "), ""),
        (good.replace("*T*>~", "*T*A~"), "R*027"),
        (good.clone() + &good, "R*025"),
    ] {
        let policy = AckPolicy {
            functional: Functional::None,
            ..AckPolicy::default()
        };
        let told = core(policy, &broken, &[]);
        assert!(
            told.contains(want) && told.is_empty() == want.is_empty(),
            "{want}: {told}\n{broken}"
        );
    }
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn codes_of_groups_and_sets() {
    let two = group("PO", "9", "004010", &(set("0001") + &set("0002")));
    for (broken, want) in [
        (
            two.clone(),
            "AK1*PO*9~ AK2*850*0001~ AK5*A~ AK2*850*0002~ AK5*A~ AK9*A*2*2*2~",
        ),
        (
            two.replace("GE*2*9", "GE*2*8"),
            "AK1*PO*9~ AK2*850*0001~ AK5*R~ AK2*850*0002~ AK5*R~ AK9*R*2*2*0*4~",
        ),
        (
            two.replace("GE*2", "GE*7"),
            "AK1*PO*9~ AK2*850*0001~ AK5*R~ AK2*850*0002~ AK5*R~ AK9*R*7*2*0*5~",
        ),
        (
            two.replace("GE*2", "GE*99999999999"),
            "AK1*PO*9~ AK2*850*0001~ AK5*R~ AK2*850*0002~ AK5*R~ AK9*R*2*2*0*5~",
        ),
        (
            two.replace("GE*2*9~", ""),
            "AK1*PO*9~ AK2*850*0001~ AK5*R~ AK2*850*0002~ AK5*R~ AK9*R*2*2*0*3~",
        ),
        (
            two.replace("*9*X", "*9A*X"),
            "AK1*PO*9A~ AK2*850*0001~ AK5*R~ AK2*850*0002~ AK5*R~ AK9*R*2*2*0*6~",
        ),
        (
            two.replace("GS*PO", "GS*QQ"),
            "AK1*QQ*9~ AK2*850*0001~ AK5*R~ AK2*850*0002~ AK5*R~ AK9*R*2*2*0*1~",
        ),
        (
            two.replace("004010", "X"),
            "AK1*PO*9~ AK2*850*0001~ AK5*R~ AK2*850*0002~ AK5*R~ AK9*R*2*2*0*2~",
        ),
        (
            two.replace("SE*4*0002", "SE*5*0002"),
            "AK1*PO*9~ AK2*850*0001~ AK5*A~ AK2*850*0002~ AK5*R*4~ AK9*P*2*2*1~",
        ),
        (
            two.replace("SE*4*0002", "SE*4*0003"),
            "AK1*PO*9~ AK2*850*0001~ AK5*A~ AK2*850*0002~ AK5*R*3~ AK9*P*2*2*1~",
        ),
        (
            two.replace("SE*4*0002", "SE*5*0003"),
            "AK1*PO*9~ AK2*850*0001~ AK5*A~ AK2*850*0002~ AK5*R*4*3~ AK9*P*2*2*1~",
        ),
        (
            two.replace("SE*4*0001~", ""),
            "AK1*PO*9~ AK2*850*0001~ AK5*R*2~ AK2*850*0002~ AK5*A~ AK9*P*2*2*1~",
        ),
        (
            two.replace("0002", "0001"),
            "AK1*PO*9~ AK2*850*0001~ AK5*A~ AK2*850*0001~ AK5*R*23~ AK9*P*2*2*1~",
        ),
        (
            two.replace("0002", ""),
            "AK1*PO*9~ AK2*850*0001~ AK5*A~ AK2*850~ AK5*R*7~ AK9*P*2*2*1~",
        ),
        (
            two.replace("ST*850*0002", "ST*810*0002"),
            "AK1*PO*9~ AK2*850*0001~ AK5*A~ AK2*810*0002~ AK5*R*6~ AK9*P*2*2*1~",
        ),
        (group("PO", "9", "004010", ""), "AK1*PO*9~ AK9*R*0*0*0~"),
        (
            group(
                "FA",
                "8",
                "004010",
                "ST*997*0001~AK1*PO*1~AK9*A*1*1*1~SE*4*0001~",
            ) + &two,
            "AK1*PO*9~ AK2*850*0001~ AK5*A~ AK2*850*0002~ AK5*A~ AK9*A*2*2*2~",
        ),
    ] {
        assert_eq!(
            core(AckPolicy::default(), &whole(&broken), &[]),
            want,
            "{broken}"
        );
    }
}

#[test]
fn several_groups_are_several_sets_of_one_answer() {
    let text = whole(
        &(group("PO", "9", "004010", &set("0001"))
            + &group("PO", "10", "004010", &set("0001")).replace("SE*4", "SE*5")),
    );
    let policy = AckPolicy::default();
    let answer = answers(policy, &text, &[]);
    assert_eq!(
        answer.matches("GS*FA*SELLERG*BUYERG*").count(),
        1,
        "{answer}"
    );
    assert!(
        answer.starts_with("PartiallyAccepted")
            && answer.contains("ST*997*0002~")
            && answer.contains("GE*2*34~"),
        "{answer}"
    );
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn segments_and_elements_in_error() {
    let text = whole(&group("PO", "9", "004010", &set("0001")));
    let around = |mut finding: Finding, id: &'static str| {
        finding.place.loop_id = id.into();
        finding
    };
    let element = |rule, position, content| in_element(rule, (3, "PO1"), position, content);
    for (judged, want) in [
        (
            vec![at(Rule::SegmentUnknown, 3, "ZZZ")],
            "AK3*ZZZ*3**1~ AK5*R*5~",
        ),
        (
            vec![around(at(Rule::SegmentMissing, 3, "PO1"), "PO1")],
            "AK3*PO1*3*PO1*3~ AK5*R*5~",
        ),
        (
            vec![around(at(Rule::LoopRepeats, 3, "N9"), "N9LOOP")],
            "AK3*N9*3**4~ AK5*R*5~",
        ),
        (
            vec![
                at(Rule::SegmentRepeats, 3, "CUR"),
                at(Rule::SegmentSequence, 3, "CUR"),
            ],
            "AK3*CUR*3**5~ AK3*CUR*3**7~ AK5*R*5~",
        ),
        (
            vec![at(Rule::SegmentTag, 3, "").found(b"p+")],
            "AK3*p+*3**1~ AK5*R*5~",
        ),
        (
            vec![
                at(Rule::SegmentNotInMessage, 4, "QTY"),
                at(Rule::SegmentNotInMessage, 2, "MEA"),
            ],
            "AK3*MEA*2**6~ AK3*QTY*4**6~ AK5*R*5~",
        ),
        (
            vec![element(Rule::ElementConditional, (4, 0, 0), ("212", "x"))],
            "AK3*PO1*3**8~ AK4*4*212*2~ AK5*R*5~",
        ),
        (
            vec![element(Rule::ElementsBeyond, (26, 0, 0), ("", "x"))],
            "AK3*PO1*3**8~ AK4*26**3~ AK5*R*5~",
        ),
        (
            vec![element(Rule::ElementShort, (3, 0, 0), ("355", "E"))],
            "AK3*PO1*3**8~ AK4*3*355*4*E~ AK5*R*5~",
        ),
        (
            vec![element(
                Rule::ElementCharacters,
                (7, 2, 0),
                ("C040", "A\x07"),
            )],
            "AK3*PO1*3**8~ AK4*7>2**6~ AK5*R*5~",
        ),
        (
            vec![element(Rule::ElementCharacters, (7, 0, 0), ("234", "é"))],
            "AK3*PO1*3**8~ AK4*7*234*6~ AK5*R*5~",
        ),
        (
            vec![element(Rule::ElementTime, (7, 1, 2), ("337", "2561"))],
            "AK3*PO1*3**8~ AK4*7>1*337*9*2561~ AK5*R*5~",
        ),
        (
            vec![element(Rule::ElementExclusive, (8, 0, 0), ("127", "x"))],
            "AK3*PO1*3**8~ AK4*8*127*10~ AK5*R*5~",
        ),
        (
            vec![element(Rule::ComponentsBeyond, (8, 7, 0), ("", "x"))],
            "AK3*PO1*3**8~ AK4*8>7**3~ AK5*R*5~",
        ),
        (
            vec![element(Rule::ElementCode, (3, 0, 0), ("355", "XX"))],
            "AK3*PO1*3**8~ AK4*3*355*7*XX~ AK5*E*5~",
        ),
        // Nothing in a 997 stands for these.
        (
            vec![element(Rule::TrailingSeparators, (3, 0, 0), ("355", ""))],
            "AK5*A~",
        ),
        (
            vec![
                at(Rule::CurrencyMissing, 2, "CUR"),
                at(Rule::LocationMissing, 1, "ST"),
            ],
            "AK5*A~",
        ),
        (vec![at(Rule::LineDuplicate, 3, "PO1")], "AK5*R~"),
        (vec![at(Rule::MessageUnsupported, 1, "ST")], "AK5*R*1~"),
    ] {
        let judged: Vec<_> = judged.into_iter().map(|finding| (0, finding)).collect();
        let told = core(AckPolicy::default(), &text, &judged);
        let told = told
            .split_once("AK2*850*0001~ ")
            .unwrap()
            .1
            .rsplit_once(" AK9")
            .unwrap()
            .0;
        assert_eq!(told, want, "{judged:?}");
    }
}

#[test]
fn versions_have_their_own_codes_and_positions() {
    let judged = [
        (
            0,
            in_element(Rule::ElementRepeats, (3, "PO1"), (7, 0, 3), ("235", "A")),
        ),
        (
            0,
            in_element(Rule::ComponentsBeyond, (3, "PO1"), (8, 7, 2), ("", "A")),
        ),
    ];
    for (version, want) in [
        ("003040", "AK4*7*235*3~ AK4*8**3~"),
        ("004010", "AK4*7*235*3~ AK4*8>7**3~"),
        ("005010", "AK4*7>>3*235*12~ AK4*8>7>2**13~"),
    ] {
        let text = whole(&group("PO", "9", version, &set("0001")));
        let told = core(AckPolicy::default(), &text, &judged);
        assert!(told.contains(want), "{version}: {told}");
    }
}

#[test]
fn a_value_that_cannot_be_copied_is_left_out() {
    let text = whole(&group("PO", "9", "004010", &set("0001")));
    let judged = [(
        0,
        in_element(Rule::ElementDate, (3, "PO1"), (3, 0, 0), ("373", "20|6")),
    )];
    let [reply] = collect(
        &mut Collector::default(),
        AckPolicy::default(),
        &text,
        &judged,
    )
    .try_into()
    .unwrap();
    let mut style = Style {
        on_separator: OnSeparator::Refuse,
        ..Style::x12()
    };
    style.separators.element = b'|';
    let text = String::from_utf8(reply.write(NUMBERS, &moment(), &style).unwrap().bytes).unwrap();
    assert!(text.contains("~AK4|3|373|8~"), "{text}");
}

fn edifact(level: &str, messages: &str) -> String {
    let count = messages.matches("'UNT+").count();
    format!(
        "UNB+{level}+BUYER:14:DEPT+SELLER:ZZ+260131:1200+R77++++1++1'{messages}UNZ+{count}+R77'"
    )
}

fn order(number: &str) -> String {
    format!(
        "UNH+{number}+ORDERS:D:96A:UN:EAN008'BGM+220+4711+9'DTM+137:20260131:102'UNT+4+{number}'"
    )
}

#[test]
fn a_contrl_for_good_and_bad_messages() {
    let text =
        edifact("UNOC:3", &["1", "2", "3"].map(order).concat()).replace("UNT+4+2", "UNT+5+2");
    let judged = [
        (2, at(Rule::SegmentUnknown, 2, "ZZZ")),
        (
            2,
            in_element(Rule::ElementLong, (3, "DTM"), (1, 2, 0), ("2380", "x")),
        ),
        (
            2,
            in_element(Rule::ComponentsBeyond, (3, "DTM"), (1, 4, 0), ("", "x")),
        ),
        (2, at(Rule::SegmentMissing, 4, "NAD")),
        (2, at(Rule::SegmentNotInMessage, 3, "DTM")),
    ];
    check(
        AckPolicy::default(),
        &text,
        &judged,
        expect![[r#"
            PartiallyAccepted
            UNB+UNOC:3+SELLER:ZZ+BUYER:14:DEPT+260201:0930+12++++++1'
            UNH+1+CONTRL:D:3:UN'
            UCI+R77+BUYER:14:DEPT+SELLER:ZZ+7'
            UCM+1+ORDERS:D:96A:UN:EAN008+7'
            UCM+2+ORDERS:D:96A:UN:EAN008+4+29+UNT+2'
            UCM+3+ORDERS:D:96A:UN:EAN008+4'
            UCS+2+15'
            UCS+3+15'
            UCD+39+2:2'
            UCD+16+2:4'
            UCS+3+13'
            UNT+11+1'
            UNZ+1+12'

        "#]],
    );
}

#[test]
fn a_contrl_of_syntax_version_4_with_groups() {
    let grouped = |number: &str, messages: String| {
        let count = messages.matches("'UNT+").count();
        format!(
            "UNG+ORDERS+BG:14+SG:ZZ+20260131:1200+{number}+UN+D:96A'{messages}UNE+{count}+{number}'"
        )
    };
    let groups = [
        grouped("G1", order("1") + &order("2")),
        grouped("G2", order("1")).replace("UNE+1", "UNE+2"),
    ]
    .concat();
    let text = format!("UNB+UNOC:4+BUYER:14+SELLER:ZZ+20260131:1200+R77'{groups}UNZ+2+R77'");
    let judged = [(
        1,
        in_element(Rule::ElementRepeats, (3, "DTM"), (1, 2, 3), ("2380", "x")),
    )];
    check(
        AckPolicy::default(),
        &text,
        &judged,
        expect![[r#"
        PartiallyAccepted
        UNB+UNOC:4+SELLER:ZZ+BUYER:14+20260201:0930+12'
        UNH+1+CONTRL:D:4:UN'
        UCI+R77+BUYER:14+SELLER:ZZ+7'
        UCF+G1+BG:14+SG:ZZ+7'
        UCM+1+ORDERS:D:96A:UN:EAN008+7'
        UCM+2+ORDERS:D:96A:UN:EAN008+4'
        UCS+3'
        UCD+35+2:2:3'
        UCF+G2+BG:14+SG:ZZ+4+29+UNE+2'
        UNT+9+1'
        UNZ+1+12'

    "#]],
    );
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn what_a_contrl_says_of_interchanges_and_messages() {
    let good = edifact("UNOC:3", &order("1"));
    let receipt = AckPolicy {
        contrl: Contrl::Receipt,
        ..AckPolicy::default()
    };
    let none = AckPolicy {
        contrl: Contrl::None,
        ..AckPolicy::default()
    };
    let full = AckPolicy::default();
    let uci = "UCI+R77+BUYER:14:DEPT+SELLER:ZZ";
    let contrl = edifact("UNOC:3", "UNH+1+CONTRL:D:3:UN'UCI+1+A+B+7'UNT+3+1'");
    for (policy, text, want) in [
        (full, good.clone(), "+7' UCM+1+ORDERS:D:96A:UN:EAN008+7'"),
        (receipt, good.clone(), "+8'"),
        (none, good.clone(), ""),
        (full, good.replace("UNZ+1", "UNZ+2"), "+4+29+UNZ+2'"),
        (receipt, good.replace("UNZ+1", "UNZ+2"), "+4+29+UNZ+2'"),
        (full, good.replace("UNZ+1+R77", "UNZ+1+R78"), "+4+28+UNZ+3'"),
        (full, good.replace("UNZ+1+R77'", ""), "+4+13+UNZ'"),
        (full, edifact("UNOC:3", ""), "+4+32+UNZ'"),
        (
            full,
            good.replace("UNT+4", "UNT+5"),
            "+7' UCM+1+ORDERS:D:96A:UN:EAN008+4+29+UNT+2'",
        ),
        (
            full,
            good.replace("UNT+4+1", "UNT+4+2"),
            "+7' UCM+1+ORDERS:D:96A:UN:EAN008+4+28+UNT+3'",
        ),
        (
            full,
            good.replace("UNT+4+1'", ""),
            "+7' UCM+1+ORDERS:D:96A:UN:EAN008+4+13+UNT'",
        ),
        (
            full,
            good.replace("UNH+1", "UNH+"),
            "+7' UCM++ORDERS:D:96A:UN:EAN008+4+12+UNH+2'",
        ),
        (
            full,
            good.replace(":D:96A:UN:EAN008", ""),
            "+7' UCM+1+ORDERS+4+13+UNH+3:2'",
        ),
        (
            full,
            edifact("UNOC:3", &(order("1") + &order("1"))),
            "+7' UCM+1+ORDERS:D:96A:UN:EAN008+7' UCM+1+ORDERS:D:96A:UN:EAN008+4+26+UNH+2'",
        ),
        (full, contrl.clone(), ""),
        (full, contrl.replace("UNZ+1", "UNZ+2"), ""),
        (
            full,
            edifact(
                "UNOC:3",
                &(order("1") + "UNH+2+CONTRL:D:3:UN'UCI+1+A+B+7'UNT+3+2'"),
            ),
            "+7' UCM+1+ORDERS:D:96A:UN:EAN008+7'",
        ),
        (
            full,
            good.clone() + &good,
            "+7' UCM+1+ORDERS:D:96A:UN:EAN008+7' UCI+R77+BUYER:14:DEPT+SELLER:ZZ+4+26+UNB+6'",
        ),
    ] {
        let told = core(policy, &text, &[]);
        let want = if want.is_empty() {
            String::new()
        } else {
            format!("{uci}{want}")
        };
        assert_eq!(told, want, "{text}");
    }
}

#[test]
fn where_a_contrl_names_an_error() {
    let text = edifact("UNOC:3", &order("1"));
    let element = |rule, component| in_element(rule, (3, "DTM"), (1, component, 0), ("", "x"));
    for (finding, want) in [
        (element(Rule::TrailingSeparators, 4), "7' UCS+3+45'"),
        (element(Rule::NumberDigits, 2), "7' UCS+3' UCD+38+2:2'"),
        (element(Rule::NumberMarks, 2), "4' UCS+3' UCD+19+2:2'"),
        (element(Rule::ElementDate, 2), "4' UCS+3' UCD+12+2:2'"),
        (element(Rule::Repertoire, 0), "7' UCS+3' UCD+21+2'"),
        (at(Rule::SegmentRepeats, 3, "DTM"), "4' UCS+3+35'"),
        (at(Rule::LoopRepeats, 3, "DTM"), "4' UCS+3+36'"),
        (at(Rule::SegmentMissing, 3, "DTM"), "4' UCS+2+13'"),
        (at(Rule::SegmentMissing, 1, "BGM"), "4' UCS+1+13'"),
        (at(Rule::EmptyBody, 2, "UNT"), "4+18+UNT'"),
        (at(Rule::MessageUnsupported, 1, "UNH"), "4+14+UNH'"),
        (at(Rule::LineDuplicate, 3, "LIN"), "4+18'"),
    ] {
        let judged = [(0, finding)];
        let told = core(AckPolicy::default(), &text, &judged);
        let (_, told) = told.split_once("EAN008+").unwrap();
        assert_eq!(told, want, "{judged:?}");
    }
}

#[test]
fn what_there_is_no_room_for_is_counted() {
    let many: String = (0..2000)
        .map(|number| set(&format!("{number:04}")))
        .collect();
    let text = whole(&group("PO", "9", "004010", &many));
    let bad: Vec<_> = (0..2000)
        .map(|record| (record, at(Rule::SegmentUnknown, 3, "ZZZ")))
        .collect();
    for (judged, limit, omits) in [
        (&[][..], 1 << 20, false),
        (&[], 100_000, true),
        (&bad, 4 << 20, false),
        (&bad, 200_000, true),
    ] {
        let [reply] = collect(
            &mut Collector::within(limit),
            AckPolicy::default(),
            &text,
            judged,
        )
        .try_into()
        .unwrap();
        let answer = reply.write(NUMBERS, &moment(), &Style::x12()).unwrap();
        let text = String::from_utf8(answer.bytes).unwrap();
        let listed = text.matches("AK2*850*").count() as u64;
        let named = text.matches("AK3*ZZZ*3**1~").count() as u64;
        let good = if judged.is_empty() { 2000 } else { 0 };
        assert!(
            text.contains(&format!("*2000*2000*{good}~SE")),
            "the counts hold"
        );
        assert_eq!(answer.omitted > 0, omits, "{limit}");
        assert_eq!(answer.omitted, 2000 - listed + judged.len() as u64 - named);
        assert!(listed > 500);
        // Where a finding had no room it is still said that there was one.
        assert_eq!(
            text.matches("AK5*R*5~").count() as u64,
            if judged.is_empty() { 0 } else { listed }
        );
    }
    let many: String = (0..2000)
        .map(|number| order(&format!("{number:04}")))
        .collect();
    let text = edifact("UNOC:3", &many);
    for (judged, verdict) in [(&[][..], Verdict::Accepted), (&bad, Verdict::Received)] {
        let [reply] = collect(
            &mut Collector::within(100_000),
            AckPolicy::default(),
            &text,
            judged,
        )
        .try_into()
        .unwrap();
        let answer = reply.write(NUMBERS, &moment(), &Style::edifact()).unwrap();
        assert_eq!((answer.kind, answer.verdict), (Kind::Contrl, verdict));
        assert!(answer.omitted > 0);
    }
}

#[test]
fn the_most_that_a_997_can_list() {
    let text = whole(&group("PO", "9", "004010", &set("0001")));
    let mut judged: Vec<_> = (1..=150)
        .map(|element| {
            (
                0,
                in_element(Rule::ElementLong, (3, "PO1"), (element, 0, 0), ("1", "x")),
            )
        })
        .collect();
    for rule in [
        Rule::SegmentCount,
        Rule::MessageDuplicate,
        Rule::MessageControlMismatch,
        Rule::MessageHeader,
        Rule::MessageUnsupported,
    ] {
        judged.push((0, at(rule, 1, "ST")));
    }
    let [reply] = collect(
        &mut Collector::default(),
        AckPolicy::default(),
        &text,
        &judged,
    )
    .try_into()
    .unwrap();
    let answer = reply.write(NUMBERS, &moment(), &Style::x12()).unwrap();
    let text = String::from_utf8(answer.bytes).unwrap();
    assert_eq!(
        (text.matches("~AK4*").count(), answer.omitted),
        (99, 51 + 1)
    );
    assert!(text.contains("~AK5*R*4*23*3*6*1~"), "{text}");
}

#[test]
fn whatever_comes_in_whatever_order_nothing_panics() {
    let text = whole(&group("PO", "9", "004010", &set("0001"))) + &edifact("UNOC:3", &order("1"));
    for end in 0..text.len() {
        for reply in collect(
            &mut Collector::default(),
            AckPolicy::default(),
            text.get(..end).unwrap(),
            &[],
        ) {
            let written = reply.write(NUMBERS, &moment(), &Style::answering(reply.interchange()));
            let told = written.map(|answer| answer.verdict);
            assert!(told.is_ok(), "{end} {told:?}");
        }
    }
    let mut collector = Collector::default();
    collector.message_end(true);
    collector.finding(&at(Rule::Empty, 0, ""));
    collector.group_end(true);
    assert!(collector.interchange_end(true).is_empty());
}
