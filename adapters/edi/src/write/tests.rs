//! What the writer writes, as documents and as tables: envelopes, separators that give way, characters that are replaced or refused.

use expect_test::expect;
use proptest::prelude::{Strategy, any, prop, prop_assert_eq, proptest};

use super::{Credential, OnCharacter, OnSeparator, SegmentBuilder, Style, Suffix, Writer};
use crate::charset::{Encoding, Repertoire};
use crate::headers::{Address, Group, Interchange, Message};
use crate::limits::Limits;
use crate::reader::{Advance, Reader, TextPolicy};
use crate::rule::Rule;
use crate::separators::Separators;
use crate::syntax::Syntax;
use crate::walk::{Event, Walk, WalkOptions};

fn address(qualifier: &str, id: &str) -> Address {
    Address {
        qualifier: qualifier.into(),
        id: id.into(),
        internal: String::new(),
    }
}

fn interchange(syntax: Syntax) -> Interchange {
    Interchange {
        syntax,
        sender: address("ZZ", "SELLER"),
        receiver: address("14", "4012345000094"),
        date: "20260131".into(),
        time: "120059".into(),
        version: "00401".into(),
        control_number: "17".into(),
        ..Interchange::default()
    }
}

fn group(number: &str) -> Group {
    Group {
        functional_id: "PR".into(),
        sender: address("", "SELLER"),
        receiver: address("", "BUYER"),
        date: "20260131".into(),
        time: "1200".into(),
        control_number: number.into(),
        version: "004010".into(),
        ..Group::default()
    }
}

fn message(syntax: Syntax, number: &str) -> Message {
    let edifact = syntax == Syntax::Edifact;
    Message {
        id: if edifact { "ORDRSP" } else { "855" }.into(),
        version: "D.96A".into(),
        agency: "UN".into(),
        control_number: number.into(),
        ..Message::default()
    }
}

fn segment(tag: &str, values: &[&str]) -> SegmentBuilder {
    let mut segment = SegmentBuilder::default();
    segment.start(tag);
    for value in values {
        segment.element(value);
    }
    segment
}

/// An interchange with a message of these segments.
fn written(
    style: Style,
    headers: &Interchange,
    segments: &[SegmentBuilder],
) -> Result<String, (Rule, String)> {
    let said = |finding: Box<crate::Finding>| {
        let found = finding.found.as_deref().map(crate::shown);
        let place = finding.place.pointer().unwrap_or_default();
        (
            finding.rule,
            format!(
                "{} {place} {}",
                finding.place.segment,
                found.unwrap_or_default()
            ),
        )
    };
    let mut writer = Writer::new(style);
    writer.open_interchange(headers).map_err(said)?;
    let number = if headers.syntax == Syntax::X12 {
        "9"
    } else {
        ""
    };
    writer.open_group(&group(number)).map_err(said)?;
    writer
        .open_message(&message(headers.syntax, "1"))
        .map_err(said)?;
    for segment in segments {
        writer.segment(segment).map_err(said)?;
    }
    assert!(writer.close_interchange().map_err(said)?);
    let bytes = writer.take();
    Ok(String::from_utf8(bytes.clone()).unwrap_or_else(|_| crate::shown(&bytes)))
}

/// What stands between two texts.
fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let (_, rest) = text.split_once(before).unwrap();
    rest.split_once(after).unwrap().0
}

#[test]
fn x12_envelopes() {
    let style = Style {
        suffix: Suffix::Lf,
        security: Credential {
            qualifier: "01".into(),
            value: "SECRET".into(),
        },
        ..Style::x12()
    };
    let headers = Interchange {
        version: "00501".into(),
        ack_requested: true,
        test: true,
        ..interchange(Syntax::X12)
    };
    let mut repeated = segment("REF", &["CO", "1", ""]);
    repeated
        .composite(&["A", "", "B", ""])
        .repetition("C")
        .repetition("")
        .element("");
    let text = written(
        style.clone(),
        &headers,
        &[
            segment("BAK", &["00", "AC", "PO-1", "20260131", "", ""]),
            repeated,
        ],
    );
    expect![[r#"
        ISA*00*          *01*SECRET    *ZZ*SELLER         *14*4012345000094  *260131*1200*^*00501*000000017*1*T*>~
        GS*PR*SELLER*BUYER*20260131*1200*9*X*004010~
        ST*855*0001~
        BAK*00*AC*PO-1*20260131~
        REF*CO*1**A>>B^C~
        SE*4*0001~
        GE*1*9~
        IEA*1*000000017~
    "#]]
    .assert_eq(&text.unwrap());
    assert!(!format!("{style:?}").contains("SECRET"));
}

#[test]
fn edifact_envelopes() {
    let style = Style {
        suffix: Suffix::CrLf,
        ..Style::edifact()
    };
    let headers = Interchange {
        test: true,
        ..interchange(Syntax::Edifact)
    };
    let mut text = segment("FTX", &["AAI", "", ""]);
    text.composite(&["What's it? 5+5:2", "Zürich", ""]);
    let plain = written(
        style.clone(),
        &headers,
        &[segment("BGM", &["231", "1", "4"]), text.clone()],
    );
    expect![[r#"
        UNB+UNOC:3+SELLER:ZZ+4012345000094:14+260131:1200+17++++++1'
        UNH+1+ORDRSP:D:96A:UN'
        BGM+231+1+4'
        FTX+AAI+++What?'s it?? 5?+5?:2:Zürich'
        UNT+4+1'
        UNZ+1+17'
    "#]]
    .assert_eq(&plain.unwrap().replace('\r', ""));

    // Syntax version 4: the century, and a UNA, because nothing repeats here. Groups are counted, not messages.
    let mut writer = Writer::new(Style {
        level: "UNOY".into(),
        syntax_version: 4,
        ..style
    });
    writer.open_interchange(&headers).unwrap();
    for number in ["G1", "G2"] {
        let group = Group {
            agency: "UN".into(),
            version: "D:96A:EAN008".into(),
            functional_id: "ORDRSP".into(),
            ..group(number)
        };
        writer.open_group(&group).unwrap();
        for number in ["1", "2"] {
            writer
                .open_message(&message(Syntax::Edifact, number))
                .unwrap();
            writer.segment(&text).unwrap();
        }
    }
    writer.close_interchange().unwrap();
    expect![[r#"
        UNA:+.? '
        UNB+UNOY:4+SELLER:ZZ+4012345000094:14+20260131:1200+17++++++1'
        UNG+ORDRSP+SELLER+BUYER+20260131:1200+G1+UN+D:96A:EAN008'
        UNH+1+ORDRSP:D:96A:UN'
        FTX+AAI+++What?'s it?? 5?+5?:2:Zürich'
        UNT+3+1'
        UNH+2+ORDRSP:D:96A:UN'
        FTX+AAI+++What?'s it?? 5?+5?:2:Zürich'
        UNT+3+2'
        UNE+2+G1'
        UNG+ORDRSP+SELLER+BUYER+20260131:1200+G2+UN+D:96A:EAN008'
        UNH+1+ORDRSP:D:96A:UN'
        FTX+AAI+++What?'s it?? 5?+5?:2:Zürich'
        UNT+3+1'
        UNH+2+ORDRSP:D:96A:UN'
        FTX+AAI+++What?'s it?? 5?+5?:2:Zürich'
        UNT+3+2'
        UNE+2+G2'
        UNZ+2+17'
    "#]]
    .assert_eq(&String::from_utf8(writer.take()).unwrap().replace('\r', ""));
}

#[test]
fn a_una_is_written_where_it_says_something() {
    let edifact = Style::edifact;
    let separated = |change: fn(&mut Separators)| {
        let mut style = edifact();
        change(&mut style.separators);
        style
    };
    let repeating = |version, repetition| Style {
        syntax_version: version,
        separators: Separators {
            repetition,
            ..Separators::EDIFACT
        },
        ..edifact()
    };
    for (style, want) in [
        (edifact(), None),
        (
            Style {
                una: true,
                ..edifact()
            },
            Some("UNA:+.? '"),
        ),
        (
            separated(|separators| separators.decimal = b','),
            Some("UNA:+,? '"),
        ),
        (
            separated(|separators| separators.release = None),
            Some("UNA:+.  '"),
        ),
        (repeating(4, None), Some("UNA:+.? '")),
        (repeating(4, Some(b'*')), None),
        (repeating(4, Some(b'^')), Some("UNA:+.?^'")),
        (repeating(3, Some(b'*')), None),
    ] {
        let text = written(style, &interchange(Syntax::Edifact), &[]).unwrap();
        assert_eq!(
            text.get(..9).filter(|_| text.starts_with("UNA")),
            want,
            "{text}"
        );
    }
}

#[test]
fn separators_in_data() {
    let choose = Style::x12();
    let replace = |text: &str| Style {
        on_separator: OnSeparator::Replace(text.into()),
        ..Style::x12()
    };
    let refuse = Style {
        on_separator: OnSeparator::Refuse,
        ..Style::x12()
    };
    let bare = Style {
        separators: Separators {
            release: None,
            ..Separators::EDIFACT
        },
        ..Style::edifact()
    };
    let x12 = interchange(Syntax::X12);
    for (style, headers, value, want) in [
        (&choose, &x12, "4*4", Ok("^4*4~")),
        (&choose, &x12, "4*4~", Ok("^4*4~|")),
        (&choose, &x12, "a>b", Ok("*a>b~")),
        (
            &choose,
            &x12,
            "*~^|><!`\\{}[]=;$%\"@_:+'?&",
            Ok("\u{1d}*~^|><!`\\{}[]=;$%\"@_:+'?&\u{1f}"),
        ),
        (&replace("/"), &x12, "4*4~", Ok("*4/4/~")),
        (&replace(""), &x12, "4*4~", Ok("*44~")),
        (
            &replace("x~"),
            &x12,
            "4*4",
            Err((Rule::SeparatorInData, "2 MSG/01 4*4")),
        ),
        (
            &refuse,
            &x12,
            "4*4",
            Err((Rule::SeparatorInData, "2 MSG/01 4*4")),
        ),
        // The repetition separator separates nothing before 00402.
        (&refuse, &x12, "4^4", Ok("*4^4~")),
        (
            &refuse,
            &Interchange {
                version: "00402".into(),
                ..x12.clone()
            },
            "4^4",
            Err((Rule::SeparatorInData, "2 MSG/01 4^4")),
        ),
        (
            &bare,
            &interchange(Syntax::Edifact),
            "4+4",
            Err((Rule::SeparatorInData, "2 MSG/01 4+4")),
        ),
    ] {
        let text = written(style.clone(), headers, &[segment("MSG", &[value])]);
        let got = text.as_ref().map(|text| between(text, "MSG", "SE"));
        assert_eq!(
            got.map_err(|(rule, place)| (*rule, place.as_str())),
            want,
            "{value}"
        );
    }
}

#[test]
fn separators_are_chosen_for_all_that_was_written() {
    let headers = Interchange {
        version: "00501".into(),
        ..interchange(Syntax::X12)
    };
    let mut composite = segment("REF", &["A"]);
    composite.composite(&["B", "C"]).repetition("D");
    let segments = [
        composite.clone(),
        segment("MSG", &["*>~^ and |"]),
        composite,
    ];
    expect![[r#"ISA<00<          <00<          <ZZ<SELLER         <14<4012345000094  <260131<1200<\<00501<000000017<0<P<!`GS<PR<SELLER<BUYER<20260131<1200<9<X<004010`ST<855<0001`REF<A<B!C\D`MSG<*>~^ and |`REF<A<B!C\D`SE<5<0001`GE<1<9`IEA<1<000000017`"#]]
        .assert_eq(&written(Style::x12(), &headers, &segments).unwrap());
    // A header's own data can make it necessary as well.
    let odd = Interchange {
        sender: address("ZZ", "S*R"),
        ..headers
    };
    let text = written(Style::x12(), &odd, &[]).unwrap();
    assert!(
        text.starts_with("ISA|00|          |00|          |ZZ|S*R            |14|"),
        "{text}"
    );
}

#[test]
fn a_terminator_that_ends_the_line_has_no_suffix() {
    let style = Style {
        suffix: Suffix::Lf,
        separators: Separators {
            terminator: b'\n',
            ..Separators::X12
        },
        ..Style::x12()
    };
    let segments = [segment("MSG", &["one"]), segment("MSG", &["two\nlines"])];
    let text = written(style, &interchange(Syntax::X12), &segments).unwrap();
    assert!(
        text.ends_with("~MSG*one~MSG*two lines~SE*4*0001~GE*1*9~IEA*1*000000017~"),
        "{text:?}"
    );
}

#[test]
fn characters() {
    let plain = |name| Style {
        encoding: Encoding::named(name),
        ..Style::x12()
    };
    let level = |repertoire| Style {
        repertoire: Some(repertoire),
        ..Style::x12()
    };
    let strict = |style| Style {
        on_character: OnCharacter::Refuse,
        ..style
    };
    let upper = |style| Style {
        upper_case: true,
        ..strict(style)
    };
    let refused = Err(Rule::CharacterUnwritable);
    for (style, value, want) in [
        (plain("ascii"), "Müller – 5 €", Ok("Muller - 5 EUR")),
        (
            plain("ascii"),
            "two\r\nlines\tand\rmore",
            Ok("two lines and more"),
        ),
        (plain("ascii"), "北京", refused),
        (plain("ascii"), "bell\u{7}", refused),
        (strict(plain("ascii")), "Müller", refused),
        (strict(plain("ascii")), "two\nlines", refused),
        (plain("iso-8859-1"), "Müller – 5 €", Ok("Müller - 5 EUR")),
        (plain("utf-8"), "北京 – 5 €", Ok("北京 – 5 €")),
        (level(Repertoire::LevelA), "Müller@x_y", Ok("MULLER(AT)X-Y")),
        (strict(level(Repertoire::LevelA)), "Mueller", refused),
        (upper(level(Repertoire::LevelA)), "Mueller", Ok("MUELLER")),
        (upper(level(Repertoire::LevelA)), "Müller", refused),
        (
            upper(plain("iso-8859-1")),
            "Straße, Müller",
            Ok("STRASSE, MÜLLER"),
        ),
        (upper(plain("utf-8")), "müller", Ok("MÜLLER")),
        (plain("windows-1252"), "5 € – Ω", refused),
        (plain("windows-1252"), "5 € –", Ok("5 \u{80} \u{96}")),
        (plain("iso-8859-1"), "next\u{85}line", refused),
        (level(Repertoire::Basic), "50% <now>", Ok("50PCT (NOW)")),
    ] {
        let text = written(
            style.clone(),
            &interchange(Syntax::X12),
            &[segment("MSG", &[value])],
        );
        let got = text.as_ref().map_err(|(rule, _)| *rule);
        let got = got.map(|text| between(text, "MSG*", "~SE"));
        assert_eq!(got, want, "{value} {style:?}");
    }
}

#[test]
fn what_does_not_fit_a_header_is_refused() {
    type Change = fn(&mut Interchange);
    let refused = |syntax, change: Change| {
        let mut headers = interchange(syntax);
        change(&mut headers);
        let mut writer = Writer::new(Style::default());
        let finding = writer.open_interchange(&headers).unwrap_err();
        assert!(!writer.close_interchange().unwrap() && writer.take().is_empty());
        finding.place.pointer().unwrap_or_default()
    };
    let x12: [(Change, &str); 8] = [
        (
            |headers| headers.control_number = "1234567890".into(),
            "ISA/13",
        ),
        (|headers| headers.control_number = "A1".into(), "ISA/13"),
        (
            |headers| headers.sender.id = "SIXTEEN CHARS ID".into(),
            "ISA/06",
        ),
        (|headers| headers.receiver.qualifier.clear(), "ISA/07"),
        (|headers| headers.date = "2026-01-31".into(), "ISA/09"),
        (|headers| headers.time = "1".into(), "ISA/10"),
        (|headers| headers.version.clear(), "ISA/12"),
        (|headers| headers.sender.id = "ß".into(), ""),
    ];
    for (change, want) in x12 {
        assert_eq!(refused(Syntax::X12, change), want);
    }
    let edifact: [(Change, &str); 3] = [
        (|headers| headers.control_number.clear(), "UNB/05"),
        (|headers| headers.sender.id = "X".repeat(36), "UNB/02"),
        (|headers| headers.syntax = Syntax::Tradacoms, ""),
    ];
    for (change, want) in edifact {
        assert_eq!(refused(Syntax::Edifact, change), want);
    }
}

#[test]
fn separators_that_cannot_separate_are_refused() {
    type Change = fn(&mut Separators);
    let table: [(Change, Rule); 5] = [
        (
            |separators| separators.element = b'\n',
            Rule::ElementSeparator,
        ),
        (
            |separators| separators.element = b'A',
            Rule::ElementSeparator,
        ),
        (
            |separators| separators.component = b'*',
            Rule::ComponentSeparator,
        ),
        (|separators| separators.terminator = b' ', Rule::Terminator),
        (|separators| separators.terminator = 0x85, Rule::Terminator),
    ];
    for (change, rule) in table {
        let mut style = Style::x12();
        change(&mut style.separators);
        let opened = Writer::new(style).open_interchange(&interchange(Syntax::X12));
        assert_eq!(opened.unwrap_err().rule, rule);
    }
}

#[test]
fn what_is_refused_is_taken_back_and_empty_envelopes_with_it() {
    let style = Style {
        on_character: OnCharacter::Refuse,
        suffix: Suffix::Lf,
        ..Style::x12()
    };
    let mut writer = Writer::new(style);
    let bad = segment("MSG", &["é"]);
    assert_eq!(writer.segment(&bad).unwrap_err().rule, Rule::SegmentOutside);
    writer.open_interchange(&interchange(Syntax::X12)).unwrap();
    for (number, refused) in [("1", [true, true]), ("2", [false, true])] {
        writer.open_group(&group(number)).unwrap();
        for (index, refused) in refused.into_iter().enumerate() {
            writer
                .open_message(&message(Syntax::X12, &index.to_string()))
                .unwrap();
            writer.segment(&segment("BAK", &["00"])).unwrap();
            if refused {
                assert_eq!(
                    writer.segment(&bad).unwrap_err().rule,
                    Rule::CharacterUnwritable
                );
                writer.abandon_message();
            }
        }
    }
    assert!(
        writer.settled().is_empty(),
        "other separators might be chosen"
    );
    writer.open_interchange(&interchange(Syntax::X12)).unwrap();
    expect![[r#"
        ISA*00*          *00*          *ZZ*SELLER         *14*4012345000094  *260131*1200*U*00401*000000017*0*P*>~
        GS*PR*SELLER*BUYER*20260131*1200*2*X*004010~
        ST*855*0000~
        BAK*00~
        SE*3*0000~
        GE*1*2~
        IEA*1*000000017~
    "#]]
    .assert_eq(&String::from_utf8(writer.take()).unwrap());
    assert!(!writer.close_interchange().unwrap());
    writer.open_interchange(&interchange(Syntax::X12)).unwrap();
    writer.segment(&segment("TA1", &["000000001"])).unwrap();
    assert!(writer.close_interchange().unwrap());
    assert!(
        String::from_utf8(writer.take())
            .unwrap()
            .ends_with("TA1*000000001~\nIEA*0*000000017~\n")
    );
}

#[test]
fn settled_bytes_can_be_taken_as_they_come() {
    for on_separator in [OnSeparator::Refuse, OnSeparator::Choose] {
        let style = Style {
            on_separator,
            ..Style::x12()
        };
        let mut whole = Writer::new(style.clone());
        let mut pieces = Writer::new(style);
        let mut got = Vec::new();
        for _ in 0..2 {
            for writer in [&mut whole, &mut pieces] {
                writer.open_interchange(&interchange(Syntax::X12)).unwrap();
                writer.open_group(&group("1")).unwrap();
            }
            for number in 0..50 {
                for writer in [&mut whole, &mut pieces] {
                    writer
                        .open_message(&message(Syntax::X12, &number.to_string()))
                        .unwrap();
                    writer.segment(&segment("MSG", &["text"])).unwrap();
                    if number % 7 == 0 {
                        writer.abandon_message();
                    }
                }
                if number % 3 == 0 {
                    got.extend(pieces.take());
                } else {
                    got.extend_from_slice(pieces.settled());
                    pieces.forget();
                }
            }
        }
        for writer in [&mut whole, &mut pieces] {
            writer.close_interchange().unwrap();
        }
        got.extend(pieces.take());
        assert_eq!(crate::shown(&got), crate::shown(&whole.take()));
    }
}

/// Elements of repetitions of components, none of them empty at its end.
fn values() -> impl Strategy<Value = Vec<Vec<Vec<String>>>> {
    let value = "[ -~äß€]{1,6}";
    let composite = prop::collection::vec(value, 1..4);
    prop::collection::vec(prop::collection::vec(composite, 1..3), 1..5)
}

fn built(segments: &[Vec<Vec<Vec<String>>>]) -> Vec<SegmentBuilder> {
    let built = |elements: &Vec<Vec<Vec<String>>>| {
        let mut segment = segment("MSG", &[]);
        for element in elements {
            for (index, repetition) in element.iter().enumerate() {
                for (place, value) in repetition.iter().enumerate() {
                    match (index, place) {
                        (0, 0) => segment.element(value),
                        (_, 0) => segment.repetition(value),
                        _ => segment.component(value),
                    };
                }
            }
        }
        segment
    };
    segments.iter().map(built).collect()
}

/// The elements of every `MSG`, with what the sender meant.
fn read(text: &str) -> Vec<Vec<Vec<Vec<String>>>> {
    let mut input = text.as_bytes();
    let mut reader = Reader::new(&mut input, Limits::default());
    reader.open(TextPolicy::default()).unwrap();
    let mut messages = Vec::new();
    while reader.advance().unwrap() == Advance::Segment {
        let segment = reader.segment();
        let meant = |piece| crate::shown(&segment.released(piece));
        let components = |piece| segment.components(piece).map(meant).collect();
        let repetitions = |number| segment.repetitions(number).map(components).collect();
        if segment.element(0) == b"MSG" {
            messages.push((1..=segment.count()).map(repetitions).collect());
        }
    }
    messages
}

proptest! {
    #[test]
    fn what_is_read_is_what_was_written(segments in prop::collection::vec(values(), 1..6)) {
        let x12 = Style {
            encoding: Some(Encoding::UTF8),
            ..Style::x12()
        };
        let edifact = Style {
            level: "UNOY".into(),
            syntax_version: 4,
            separators: Separators { repetition: Some(b'*'), ..Separators::EDIFACT },
            ..Style::edifact()
        };
        for (style, syntax) in [(x12, Syntax::X12), (edifact, Syntax::Edifact)] {
            let headers = Interchange { version: "00501".into(), ..interchange(syntax) };
            let text = written(style, &headers, &built(&segments)).unwrap();
            prop_assert_eq!(&read(&text), &segments, "{}", text);
        }
    }

    #[test]
    fn whatever_is_written_ends_well_or_is_refused(
        bytes in prop::collection::vec(prop::sample::select(b"*+:>~^|'!\n\x1d\x1c\x1f<;A\x80".as_slice()), 4),
        texts in prop::collection::vec("\\PC{0,12}|[ -~\r\n]{0,12}", 1..8),
        (edifact, policy, upper_case, level) in (any::<bool>(), 0_usize..3, any::<bool>(), 0_usize..4),
    ) {
        let style = Style {
            separators: Separators {
                element: bytes[0],
                component: bytes[1],
                terminator: bytes[2],
                repetition: Some(bytes[3]).filter(|byte| byte % 2 == 0),
                ..if edifact { Separators::EDIFACT } else { Separators::X12 }
            },
            level: ["UNOA", "UNOC", "UNOY", "UNOX"][level].into(),
            upper_case,
            on_separator: [OnSeparator::Choose, OnSeparator::Replace("/".into()), OnSeparator::Refuse][policy].clone(),
            syntax_version: 4,
            ..Style::edifact()
        };
        let syntax = if edifact { Syntax::Edifact } else { Syntax::X12 };
        let segments: Vec<_> = texts.iter().map(|text| segment("MSG", &[text, text])).collect();
        let headers = Interchange { version: "00501".into(), ..interchange(syntax) };
        if let Ok(text) = written(style, &headers, &segments) {
            let mut input = text.as_bytes();
            let mut walk = Walk::new(&mut input, WalkOptions::default());
            let mut ended = Vec::new();
            loop {
                let event = walk.advance().unwrap();
                if let Event::MessageEnd(good) | Event::InterchangeEnd(good) = event {
                    ended.push(good);
                }
                if event == Event::End {
                    break;
                }
            }
            prop_assert_eq!(ended, [true, true], "{:?} {:?}", text, walk.take_findings());
        }
    }
}
