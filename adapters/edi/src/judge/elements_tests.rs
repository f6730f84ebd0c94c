//! Elements: every rule broken once at each kind of position, with the place, the value and what was expected.

use std::sync::Arc;

use proptest::prelude::{Strategy, any, prop, prop_assert, proptest};
use proptest::sample::select;

use super::case::Case;
use super::characters::ClassTable;
use super::elements::Elements;
use super::glance::{Glance, Window};
use super::tables::Tables;
use super::{Judge, Judged, Policy, Weight};
use crate::charset::Charset;
use crate::dictionary::{Dictionaries, Dictionary};
use crate::headers::{Interchange, Message};
use crate::message::MessageBuffer;
use crate::rule::Rule;
use crate::separators::Separators;
use crate::syntax::Syntax;

const X12: &str = r"
x12 004010
element 143 ID 3/3
element 353 ID 2/2 00 05 ABCDE
element 324 AN 1/10
element 373 DT 8/8
element 370 DT 6/6
element 337 TM 4/8
element 782 R 1/6
element 610 N2 1/5
element 350 N0 2/4
element 785 B 1/100
element 1250 ID 2/3
element 1251 AN 1/35
element 128 ID 2/3
element 127 AN 3/30
composite C040 128! 127! 128 127 128 127 : P0304 P0506
segment ST 143!
segment AA 353! 324 373 337 782 610 350 370
segment P1 324 324 : P0102
segment R1 324 324 324 : R0203
segment E1 324 324 324 : E010203
segment C1 324 324 324 : C010203
segment L1 324 324 324 : L010203
segment M1 353! 324! : P0102
segment RP 324*2 C040*2 324!
segment CO C040! C040
segment BN 350 785
segment DM 324 1250 1251 : P0203
segment NA 324
set 999 XX
  ST!
  AA *
  P1 *
  R1 *
  E1 *
  C1 *
  L1 *
  M1 *
  RP *
  CO *
  BN *
  DM *
  NA *
";

const EDIFACT: &str = r"
edifact D.96A
element 0062 an..14
element 1001 an..3 220 221
element 1131 an..3
element 3055 an..3 6 9
element 1000 an..35
element 1004 an..8
element 6060 n..6
element 6345 a3
element 7 n3
element 2005 an..3
element 2380 an..35
element 2379 an..3
composite C002 1001 1131 3055 1000
composite C507 2005! 2380 2379
composite C186 6060! 6345
segment UNH 0062
segment BGM C002 1004 1001
segment DTM C507!
segment QTY C186! 6345 7
message T
  UNH!
  BGM *
  DTM *
  QTY *
";

fn judged(
    dictionary: &str,
    separators: Separators,
    version: &str,
    policy: Policy,
    segment: &str,
) -> Vec<String> {
    let dictionary = Arc::new(Dictionary::parse(dictionary, "test", None).unwrap());
    let structure = Arc::clone(dictionary.structures().next().unwrap());
    let mut judge = Judge::new(dictionary, structure, policy);
    if version == "D.96A" {
        let interchange = Interchange {
            syntax: Syntax::Edifact,
            version: "UNOA:3".to_owned(),
            ..Interchange::default()
        };
        judge.set_charset(Charset::for_interchange(&interchange, None).unwrap());
    }
    let header = if version == "D.96A" {
        "UNH+1'"
    } else {
        "ST*999~"
    };
    let end = char::from(separators.terminator);
    let text = format!("{header}{segment}{end}");
    let message = Message {
        version: version.to_owned(),
        line: 1,
        ..Message::default()
    };
    let buffer = MessageBuffer::sample(text.as_bytes(), separators, message);
    let (message, view) = buffer.last().unwrap();
    let mut judged = Judged::default();
    judge.judge(view, message, &mut judged);
    let mut found = Vec::new();
    for finding in &judged.findings {
        let place = &finding.place;
        assert_eq!((place.segment, place.line), (2, 1), "{text}");
        let mut spot = format!("{}", place.element);
        if place.component > 0 {
            spot += &format!(":{}", place.component);
        }
        if place.repetition > 0 {
            spot += &format!("^{}", place.repetition);
        }
        let value = finding.found.as_deref().unwrap_or_default();
        let at = usize::try_from(place.byte).unwrap();
        assert!(
            text.as_bytes()[at..].starts_with(value),
            "{text}: {at} {finding:?}"
        );
        let mut line = format!("{} {spot} {}", finding.rule.name(), place.reference);
        if !value.is_empty() {
            line += &format!(" `{}`", String::from_utf8_lossy(value));
        }
        let expected = finding.expected.as_deref().unwrap_or_default();
        found.push(format!("{line} | {expected}"));
    }
    found
}

fn x12(version: &str, segment: &str) -> Vec<String> {
    let separators = Separators {
        repetition: Some(b'^'),
        ..Separators::X12
    };
    judged(X12, separators, version, Policy::default(), segment)
}

fn edifact(segment: &str) -> Vec<String> {
    let separators = Separators {
        repetition: Some(b'*'),
        ..Separators::EDIFACT
    };
    judged(EDIFACT, separators, "D.96A", Policy::default(), segment)
}

/// A segment, and what is said of it: rule, place, data element, value, what was expected.
type Row = (&'static str, &'static [&'static str]);

fn table(rows: &[Row], judge: impl Fn(&str) -> Vec<String>) {
    let mut wrong = Vec::new();
    for (segment, want) in rows {
        let found = judge(segment);
        if found != *want {
            wrong.push(format!("{segment}\n  found {found:?}\n  want  {want:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const X12_PRESENCE: &[Row] = &[
    ("AA*00", &[]),
    ("NA", &["segment_empty 0  | at least one element"]),
    ("NA*", &["segment_empty 0  | at least one element"]),
    ("NA*  ", &["segment_empty 0  | at least one element"]),
    ("AA", &["element_missing 1 353 | a value"]),
    ("AA*", &["element_missing 1 353 | a value"]),
    ("AA**X", &["element_missing 1 353 | a value"]),
    (
        "M1",
        &[
            "element_missing 1 353 | a value",
            "element_missing 2 324 | a value",
        ],
    ),
    // What is missing is said once, though a note asks for it too.
    ("M1*00", &["element_missing 2 324 | a value"]),
    ("RP*a", &["element_missing 3 324 | a value"]),
    ("P1*a*b", &[]),
    (
        "P1*a",
        &["element_conditional 2 324 | all of 01, 02, or none (P0102)"],
    ),
    (
        "P1**b",
        &["element_conditional 1 324 | all of 01, 02, or none (P0102)"],
    ),
    ("R1*a**c", &[]),
    (
        "R1*a",
        &["element_conditional 2 324 | at least one of 02, 03 (R0203)"],
    ),
    ("E1*a", &[]),
    (
        "E1**b*c",
        &["element_exclusive 3 324 `c` | at most one of 01, 02, 03 (E010203)"],
    ),
    (
        "E1*a**c",
        &["element_exclusive 3 324 `c` | at most one of 01, 02, 03 (E010203)"],
    ),
    ("C1**b", &[]),
    (
        "C1*a*b",
        &["element_conditional 3 324 | 02, 03, because 01 is there (C010203)"],
    ),
    (
        "C1*a",
        &[
            "element_conditional 2 324 | 02, 03, because 01 is there (C010203)",
            "element_conditional 3 324 | 02, 03, because 01 is there (C010203)",
        ],
    ),
    ("L1*a**c", &[]),
    (
        "L1*a",
        &["element_conditional 2 324 | at least one of 02, 03, because 01 is there (L010203)"],
    ),
];

#[test]
fn x12_presence() {
    table(X12_PRESENCE, |segment| x12("004010", segment));
}

const X12_COUNTS: &[Row] = &[
    ("NA*a", &[]),
    ("NA*a*b", &["elements_beyond 2  `b` | at most 1"]),
    ("NA*a***b*c", &["elements_beyond 2  | at most 1"]),
    (
        "NA*a*",
        &["trailing_separators 2  | no separators behind the last value"],
    ),
    (
        "NA*a***",
        &["trailing_separators 4  | no separators behind the last value"],
    ),
    ("NA*a>b", &["components_beyond 1:2  `b` | at most 1"]),
    (
        "NA*a>",
        &["trailing_separators 1:2  | no separators behind the last value"],
    ),
    ("CO*AB>abc", &[]),
    ("CO*AB>abc>AB>abc>AB>abc", &[]),
    (
        "CO*AB>abc>AB>abc>AB>abc>x",
        &["components_beyond 1:7  `x` | at most 6"],
    ),
    ("CO*AB", &["element_missing 1:2 127 | a value"]),
    ("CO*>abc", &["element_missing 1:1 128 | a value"]),
    (
        "CO*AB>abc*AB>abc>AB",
        &["element_conditional 2:4 127 | all of 03, 04, or none (P0304)"],
    ),
    (
        "CO*AB>abc>>",
        &["trailing_separators 1:4  | no separators behind the last value"],
    ),
    (
        "CO*>>",
        &[
            "element_missing 1 C040 | a value",
            "trailing_separators 1:3  | no separators behind the last value",
        ],
    ),
    ("RP*a^b**c", &[]),
    ("RP*a^b^c^d**c", &["element_repeats 1^3  `c` | at most 2"]),
    (
        "RP*a^12345678901**c",
        &["element_long 1^2 324 `12345678901` | at most 10 characters"],
    ),
    (
        "RP**AB>abc^AB>a*c",
        &["element_short 2:2^2 127 `a` | at least 3 characters"],
    ),
    ("RP**AB>abc^AB*c", &["element_missing 2:2^2 127 | a value"]),
    ("NA*a^b", &["element_repeats 1^2  `b` | at most 1"]),
];

#[test]
fn what_a_guide_leaves_out() {
    const GUIDE: &str = r"
x12 004010
element 143 ID 3/3
element 324 AN 1/10
composite C040 324! 324-
segment ST 143!
segment NU 324 324- C040
set 999 XX
  ST!
  NU *
";
    let judge =
        |segment: &str| judged(GUIDE, Separators::X12, "004010", Policy::default(), segment);
    table(
        &[
            ("NU*A**A", &[]),
            ("NU*A*B", &["not_used 2 324 `B` | nothing"]),
            ("NU*A**A>B", &["not_used 3:2 324 `B` | nothing"]),
        ],
        judge,
    );
}

#[test]
fn x12_counts() {
    table(X12_COUNTS, |segment| x12("005010", segment));
}

const X12_VALUES: &[Row] = &[
    ("AA*00*aB 9.,-/#*20240229*2359*12.5*12345*1234*260131", &[]),
    ("AA*0", &["element_short 1 353 `0` | at least 2 characters"]),
    (
        "AA*000",
        &["element_long 1 353 `000` | at most 2 characters"],
    ),
    (
        "AA*ZQ",
        &["element_code 1 353 `ZQ` | one of the listed codes"],
    ),
    (
        "AA*05*12345678901",
        &["element_long 2 324 `12345678901` | at most 10 characters"],
    ),
    // Characters count, not bytes; blanks behind a value only pad it.
    ("AA*05*äöüäöüäöüä", &[]),
    (
        "AA*05*äöüäöüäöüäö",
        &["element_long 2 324 `äöüäöüäöüäö` | at most 10 characters"],
    ),
    ("AA*05*1234567890   ", &[]),
    ("AA*05*   ", &[]),
    (
        "AA*05*a\u{7}b",
        &["element_characters 2 324 `a\u{7}b` | characters that can be seen, and blanks"],
    ),
    (
        "AA*05*a\nb",
        &["element_characters 2 324 `a\nb` | characters that can be seen, and blanks"],
    ),
    // Dates and times.
    (
        "AA*05**20250229",
        &["element_date 3 373 `20250229` | a date as CCYYMMDD"],
    ),
    (
        "AA*05**20261301",
        &["element_date 3 373 `20261301` | a date as CCYYMMDD"],
    ),
    (
        "AA*05**2026-1-1",
        &["element_date 3 373 `2026-1-1` | a date as CCYYMMDD"],
    ),
    (
        "AA*05**2026-01-31",
        &["element_date 3 373 `2026-01-31` | a date as CCYYMMDD"],
    ),
    (
        "AA*05**260131",
        &["element_short 3 373 `260131` | at least 8 characters"],
    ),
    (
        "AA*05**202601311",
        &["element_long 3 373 `202601311` | at most 8 characters"],
    ),
    (
        "AA*05***2561",
        &["element_time 4 337 `2561` | a time as HHMM, HHMMSS or HHMMSSDD"],
    ),
    (
        "AA*05***12000",
        &["element_time 4 337 `12000` | a time as HHMM, HHMMSS or HHMMSSDD"],
    ),
    (
        "AA*05***12:0",
        &["element_time 4 337 `12:0` | a time as HHMM, HHMMSS or HHMMSSDD"],
    ),
    (
        "AA*05***120",
        &["element_short 4 337 `120` | at least 4 characters"],
    ),
    (
        "AA*05*******260132",
        &["element_date 8 370 `260132` | a date as YYMMDD"],
    ),
    // Numbers with a point: sign, point and exponent do not count for the length.
    ("AA*05****-123.456", &[]),
    (
        "AA*05****1234567",
        &["element_long 5 782 `1234567` | at most 6 digits"],
    ),
    (
        "AA*05****-12345.67",
        &["element_long 5 782 `-12345.67` | at most 6 digits"],
    ),
    ("AA*05****10.", &[]),
    ("AA*05****.5", &[]),
    (
        "AA*05****12,5",
        &[
            "element_characters 5 782 `12,5` | digits with at most one point, perhaps behind a minus sign",
        ],
    ),
    (
        "AA*05****1.2.3",
        &["number_marks 5 782 `1.2.3` | one decimal mark, and none between thousands"],
    ),
    (
        "AA*05****12A",
        &[
            "element_characters 5 782 `12A` | digits with at most one point, perhaps behind a minus sign",
        ],
    ),
    (
        "AA*05****5-",
        &["element_number 5 782 `5-` | digits with at most one point, perhaps behind a minus sign"],
    ),
    (
        "AA*05****-",
        &["element_number 5 782 `-` | digits with at most one point, perhaps behind a minus sign"],
    ),
    (
        "AA*05****+4",
        &["number_form 5 782 `+4` | digits with at most one point, perhaps behind a minus sign"],
    ),
    (
        "AA*05****1E3",
        &["number_form 5 782 `1E3` | digits with at most one point, perhaps behind a minus sign"],
    ),
    (
        "AA*05****1E",
        &["element_number 5 782 `1E` | digits with at most one point, perhaps behind a minus sign"],
    ),
    // Implied decimals.
    ("AA*05*****-12345", &[]),
    (
        "AA*05*****123456",
        &["element_long 6 610 `123456` | at most 5 digits"],
    ),
    (
        "AA*05*****1.25",
        &["element_number 6 610 `1.25` | digits without a point: the last ones are the decimals"],
    ),
    (
        "AA*05*****1x",
        &["element_characters 6 610 `1x` | digits without a point: the last ones are the decimals"],
    ),
    (
        "AA*05******1",
        &["element_short 7 350 `1` | at least 2 digits"],
    ),
    (
        "AA*05******1.0",
        &["element_number 7 350 `1.0` | a whole number"],
    ),
    // A format beside the value.
    ("DM*a*D8*20260131", &[]),
    ("DM*a*RD8*20260101-20260131", &[]),
    ("DM*a*UN*TOMORROW", &[]),
    (
        "DM*a*D8*20260132",
        &["element_date 3 1251 `20260132` | CCYYMMDD"],
    ),
    (
        "DM*a*RD8*20260131",
        &["element_date 3 1251 `20260131` | CCYYMMDD-CCYYMMDD"],
    ),
    ("DM*a*TM*2561", &["element_time 3 1251 `2561` | HHMM"]),
];

#[test]
fn x12_values() {
    table(X12_VALUES, |segment| x12("004010", segment));
    assert_eq!(x12("004020", "AA*05****1E3"), [""; 0]);
    assert_eq!(x12("005010", "AA*05****1E3"), [""; 0]);
}

#[test]
fn binary_data_is_not_looked_into() {
    // The reader finds its end by its length; this buffer is not so clever, so no separator is in it.
    assert_eq!(x12("005010", "BN*07*a>b^\u{1}"), [""; 0]);
}

const EDIFACT_ELEMENTS: &[Row] = &[
    (
        "BGM+220+po*+221",
        &[
            "repertoire 2^1 1004 `po` | characters of the level that was declared",
            "element_repeats 2^2  | at most 1",
        ],
    ),
    (
        "BGM+::: small+ABC+221",
        &["repertoire 1:4 1000 ` small` | characters of the level that was declared"],
    ),
    (
        "BGM+:::\u{e9}+ab+221",
        &[
            "charset 1:4 1000 `\u{e9}` | bytes of the character set that was declared or agreed on",
            "repertoire 2 1004 `ab` | characters of the level that was declared",
        ],
    ),
    ("BGM+220+4711+221", &[]),
    ("BGM+220", &[]),
    (
        "BGM+229",
        &["element_code 1:1 1001 `229` | one of the listed codes"],
    ),
    // A code of another list is not the directory's to judge.
    (
        "BGM+229::6",
        &["element_code 1:1 1001 `229` | one of the listed codes"],
    ),
    ("BGM+229::9", &[]),
    ("BGM+229:ABC", &[]),
    (
        "BGM+220::77",
        &["element_code 1:3 3055 `77` | one of the listed codes"],
    ),
    (
        "BGM++4711+ZZ",
        &["element_code 3 1001 `ZZ` | one of the listed codes"],
    ),
    (
        "BGM+2200",
        &["element_long 1:1 1001 `2200` | at most 3 characters"],
    ),
    ("BGM+:::A?+B", &[]),
    // Release characters do not count for the length.
    ("BGM++????????????????", &[]),
    (
        "BGM++??????????????????",
        &["element_long 2 1004 `??????????????????` | at most 8 characters"],
    ),
    ("BGM++AB?:CD?+EF", &[]),
    ("BGM+220:::A:b", &["components_beyond 1:5  `b` | at most 4"]),
    (
        "BGM+220+47:11",
        &["components_beyond 2:2  `11` | at most 1"],
    ),
    (
        "BGM+220+4711+221+x",
        &["elements_beyond 4  `x` | at most 3"],
    ),
    (
        "BGM+220++",
        &["trailing_separators 3  | no separators behind the last value"],
    ),
    (
        "BGM+220:::",
        &["trailing_separators 1:4  | no separators behind the last value"],
    ),
    (
        "BGM+220:::+4711",
        &["trailing_separators 1:4  | no separators behind the last value"],
    ),
    (
        "BGM+220:::+",
        &["trailing_separators 1:4  | no separators behind the last value"],
    ),
    (
        "BGM+220*220+4711",
        &["element_repeats 1^2  `220` | at most 1"],
    ),
    ("DTM", &["element_missing 1 C507 | a value"]),
    ("DTM+:20260131:102", &["element_missing 1:1 2005 | a value"]),
    ("DTM+137:20260131:102", &[]),
    (
        "DTM+137:20260132:102",
        &["element_date 1:2 2380 `20260132` | CCYYMMDD"],
    ),
    (
        "DTM+137:20260131:203",
        &["element_date 1:2 2380 `20260131` | CCYYMMDDHHMM"],
    ),
    ("DTM+137:2561:401", &["element_time 1:2 2380 `2561` | HHMM"]),
    ("DTM+137:202601311200?+0100:205", &[]),
    (
        "DTM+137:202601311200?*0100:205",
        &["element_date 1:2 2380 `202601311200?*0100` | CCYYMMDDHHMM+HHMM"],
    ),
    ("DTM+137:TOMORROW:ZZZ", &[]),
    ("DTM+137:TOMORROW", &[]),
    ("QTY+12.5", &[]),
    ("QTY+12,5", &[]),
    ("QTY+-123.456", &[]),
    (
        "QTY+1234567",
        &["element_long 1:1 6060 `1234567` | at most 6 digits"],
    ),
    (
        "QTY+.5",
        &["number_digits 1:1 6060 `.5` | a digit on both sides of the decimal mark"],
    ),
    (
        "QTY+5.",
        &["number_digits 1:1 6060 `5.` | a digit on both sides of the decimal mark"],
    ),
    (
        "QTY+1.234,5",
        &["number_marks 1:1 6060 `1.234,5` | one decimal mark, and none between thousands"],
    ),
    (
        "QTY+1 234",
        &[
            "element_characters 1:1 6060 `1 234` | digits with at most one decimal mark, perhaps behind a minus sign",
        ],
    ),
    (
        "QTY+?+5",
        &[
            "element_number 1:1 6060 `?+5` | digits with at most one decimal mark, perhaps behind a minus sign",
        ],
    ),
    (
        "QTY+5E1",
        &[
            "element_characters 1:1 6060 `5E1` | digits with at most one decimal mark, perhaps behind a minus sign",
        ],
    ),
    ("QTY+:EUR", &["element_missing 1:1 6060 | a value"]),
    (
        "QTY+5:EU1",
        &["element_characters 1:2 6345 `EU1` | letters, no digits"],
    ),
    (
        "QTY+5:EU",
        &["element_short 1:2 6345 `EU` | at least 3 characters"],
    ),
    (
        "QTY+5+EUR+12",
        &["element_short 3 7 `12` | at least 3 digits"],
    ),
];

#[test]
fn edifact_elements() {
    table(EDIFACT_ELEMENTS, edifact);
}

#[test]
fn a_policy_sets_severities_and_closes_lists() {
    let mut policy = Policy::default();
    policy.closed.insert("353".into());
    let refused = judged(X12, Separators::X12, "004010", policy.clone(), "AA*ZQ");
    assert_eq!(
        refused,
        ["element_code_refused 1 353 `ZQ` | one of the listed codes"]
    );
    policy
        .weights
        .insert(Rule::ElementCodeRefused, Weight::Ignore);
    assert_eq!(
        judged(X12, Separators::X12, "004010", policy, "AA*ZQ"),
        [""; 0]
    );
}

/// What is wrong with these headers and trailers beside what the walk says of them.
#[test]
fn the_envelope_is_judged_once() {
    let d96a = Dictionaries::shipped()
        .find(Syntax::Edifact, "D.96A")
        .unwrap()
        .dictionary;
    let mut judge = Judge::new(
        Arc::clone(&d96a),
        Arc::clone(d96a.structure("APERAK").unwrap()),
        Policy::default(),
    );
    for (header, trailer, want) in [
        ("UNH+1+APERAK:D:96A:UN'", "UNT+3+1'", [].as_slice()),
        ("UNH++APERAK:D:96A'", "UNT+x'", &[]),
        ("UNH+123456789012345+APERAK:D:96A:UN'", "UNT'", &[]),
        (
            "UNH+1+APERAK:D:1996A:UN'",
            "UNT+3+1+2'",
            &["element_long", "elements_beyond"],
        ),
        (
            "UNH+1+APERAK:D:96A:UN++'",
            "UNT+3+1+'",
            &["trailing_separators", "trailing_separators"],
        ),
    ] {
        let text = format!("{header}BGM+220'{trailer}");
        let buffer =
            MessageBuffer::sample(text.as_bytes(), Separators::EDIFACT, Message::default());
        let (message, view) = buffer.messages().next().unwrap();
        let mut judged = Judged::default();
        judge.judge(view, message, &mut judged);
        let found: Vec<&str> = judged
            .findings
            .iter()
            .map(|finding| finding.rule.name())
            .collect();
        assert_eq!(found, want, "{text}");
    }
}

/// Bytes that mean something to some type, at some length.
fn values() -> impl Strategy<Value = Vec<u8>> {
    let odd = select(b" -.,:*?^'~+>#[}\x01\x7F\x9F\xE9AZaz0E".to_vec());
    let one = prop::strategy::Union::new_weighted(vec![
        (6, select(b"0123456789".to_vec()).boxed()),
        (3, select(b"ABCDEZ".to_vec()).boxed()),
        (3, odd.boxed()),
        (1, any::<u8>().boxed()),
    ]);
    let dates = select(vec![
        b"20240229".to_vec(),
        b"20250229".to_vec(),
        b"137:20250229:102".to_vec(),
        b"220::9".to_vec(),
    ]);
    prop::strategy::Union::new_weighted(vec![
        (9, prop::collection::vec(one, 1..20).boxed()),
        (1, dates.boxed()),
    ])
}

proptest! {
    #[test]
    fn what_passes_at_a_glance_passes_a_closer_look(
        value in values(),
        level in select(vec!["", "UNOA:3", "UNOB:3", "UNOC:3", "UNOY:4"]),
        repetition in any::<bool>(),
    ) {
        for (text, separators) in [(X12, Separators::X12), (EDIFACT, Separators::EDIFACT)] {
            let separators = Separators {
                repetition: repetition.then_some(b'^'),
                ..separators
            };
            let interchange = Interchange {
                syntax: Syntax::Edifact,
                version: level.to_owned(),
                ..Interchange::default()
            };
            let charset = Charset::for_interchange(&interchange, None).ok();
            let service = [separators.element, separators.terminator];
            let value: Vec<u8> = value.iter().copied().filter(|byte| !service.contains(byte)).collect();
            let text_of_segment = [b"XX".as_slice(), &[separators.element], &value, &[separators.terminator], b"        "].concat();
            let buffer = MessageBuffer::sample(&text_of_segment, separators, Message::default());
            let (_, view) = buffer.messages().next().unwrap();
            let Some(segment) = view.segment(0).filter(|segment| segment.element(1) == value && !value.is_empty()) else {
                continue;
            };
            let dictionary = Dictionary::parse(text, "test", None).unwrap();
            let structure = dictionary.structures().next().unwrap();
            let tables = Tables::new(&dictionary, structure);
            let elements = Elements {
                dictionary: &dictionary,
                classes: &ClassTable::new(separators, charset),
                glance: &Glance::new(&separators, charset.as_ref()),
                exponents: false,
            };
            let element = Window { buffer: &text_of_segment, start: 3, end: 3 + value.len() };
            for used in structure.nodes.iter().filter_map(|node| tables.segment(node.ordinal)).flat_map(|table| &table.uses) {
                let passes = elements.glance.passes(used, element);
                let (mut faults, mut scratch) = (Vec::new(), Vec::new());
                let present = elements.element(used, 1, &value, &mut Case::new(&segment, &mut scratch, &mut faults));
                prop_assert!(!passes || present && faults.is_empty(), "{} {:?}: {faults:?}", used.id, String::from_utf8_lossy(&value));
            }
        }
    }
}

/// Messages with bytes struck out, doubled and replaced.
fn damaged(text: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let odd = select(b"+:*^?'~> -.,0A\x01\xE9".to_vec());
    let blow = (any::<prop::sample::Index>(), 0..4_u8, odd);
    prop::collection::vec(blow, 1..12).prop_map(move |blows| {
        let mut bytes = text.as_bytes().to_vec();
        for (place, how, byte) in blows {
            let place = place.index(bytes.len());
            match how {
                0 => drop(bytes.remove(place)),
                1 => bytes.insert(place, byte),
                2 => bytes[place] = byte,
                _ => {
                    let again = bytes[place..].to_vec();
                    bytes.splice(place..place, again[..again.len().min(9)].iter().copied());
                }
            }
        }
        bytes
    })
}

const ORDER: &str = "ST*850*0001~BEG*00*SA*PO1**20260131~REF*DP*1^2**AB>abc~DTM*002*20260215*1200****D8~N1*ST*X*92*7~N3*A~\
    PO1*1*10*EA*12.5**UP*1*VN*2~PID*F****TEXT~N9*L1*X~MSG*Y~CTT*1~SE*12*0001~";
const ORDERS: &str = "UNH+1+ORDERS:D:96A:UN'BGM+220+4?+711+9'DTM+137:20260131:102'FTX+AAI+++A?:B:C??'NAD+BY+4012345::9'\
    LIN+1++4012345678901:EN'QTY+21:10,5:PCE'PRI+AAA:1.25'UNS+S'MOA+86:1'CNT+2:1'UNT+12+1'";

proptest! {
    #[test]
    fn places_are_true_of_damaged_messages_too(order in damaged(ORDER), orders in damaged(ORDERS)) {
        let x12 = Separators { repetition: Some(b'^'), ..Separators::X12 };
        for (syntax, version, set, separators, bytes) in [
            (Syntax::X12, "004010", "850", x12, order),
            (Syntax::Edifact, "D.96A", "ORDERS", Separators::EDIFACT, orders),
        ] {
            let dictionary = Dictionaries::shipped().find(syntax, version).unwrap().dictionary;
            let structure = Arc::clone(dictionary.structure(set).unwrap());
            let mut judge = Judge::new(dictionary, structure, Policy::default());
            let message = Message { line: 1, ..Message::default() };
            let buffer = MessageBuffer::sample(&bytes, separators, message);
            let (message, view) = buffer.messages().next().unwrap();
            let mut judged = Judged::default();
            judge.judge(view, message, &mut judged);
            prop_assert!(judged.nodes.len() == view.len());
            for finding in &judged.findings {
                let place = &finding.place;
                let segment = view.segment(place.segment as usize - 1).unwrap();
                let at = usize::try_from(place.byte).unwrap();
                let found = finding.found.as_deref().unwrap_or_default();
                prop_assert!(bytes[at..].starts_with(found), "{finding:?}");
                prop_assert!(place.byte >= segment.offset() && place.byte <= segment.offset() + segment.raw().len() as u64, "{finding:?}");
                prop_assert!(place.pointer().is_some() && finding.expected.as_deref() != Some(""), "{finding:?}");
            }
        }
    }
}
