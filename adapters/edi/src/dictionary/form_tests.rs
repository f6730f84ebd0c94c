//! The two forms: what they can say, and how their mistakes read.

use expect_test::expect;
use proptest::prelude::{Strategy, any, proptest};
use proptest::sample::select;

use super::{Dictionary, ElementType, ElementUse, Loop, Node, UseKind};
use crate::segment::Tag;

const BASE: &str = r##"
# A syntax that is small enough to read.
x12 004010

element 143 ID 3/3 "set identifier" 850
  855  # continued
element 329 AN 4/9 "control # number"
element 96 N0 1/10 "segment count"
element 355 ID 2/2 "unit"
composite C001 "unit of measure" 355! 329*3 : P0102
segment ST "set header" 143! 329!
segment SE "set trailer" 96! 329!
segment A1 "first" C001!*5 355
  329 : C0302
segment B1 "second" 355

set 850 PO "order"
  ST!
  A1 *
  loop A! *
    A1!
    loop B 7
      B1!
      A1 2
    end
  end
  loop B
    B1!
  end
  SE!
"##;

fn base() -> Dictionary {
    Dictionary::parse(BASE, "base.dict", None).expect("well written")
}

/// The mistake of this text after the header `x12 X extends 004010` on line 1.
fn mistake(rest: &str) -> String {
    let text = format!("x12 X extends 004010\n{rest}");
    match Dictionary::parse(&text, "x.dict", Some(&base())) {
        Ok(_) => "no mistake".to_owned(),
        Err(error) => error.to_string(),
    }
}

/// What stands after the header on line 1, and how it is refused.
const MISTAKES: [(&str, &str); 32] = [
    (
        "elemnt 1 AN 1/2",
        "x.dict:2: expected element, codes, composite, segment, set or message, found `elemnt`",
    ),
    (
        "  element 1 AN 1/2",
        "x.dict:2: expected an entry at the margin, found `element`",
    ),
    (
        "element",
        "x.dict:2: expected the element's id, found the end of the entry",
    ),
    (
        "element 1 AN",
        "x.dict:2: expected the shortest and longest length, as in 1/30, found the end of the entry",
    ),
    (
        "element 1 AN 12",
        "x.dict:2: expected the shortest and longest length, as in 1/30, found `12`",
    ),
    (
        "element 1 AN 3/2",
        "x.dict:2: element 1: expected a shortest length up to the longest, found 3/2",
    ),
    (
        "element 1 AX 1/2",
        "x.dict:2: element 1: expected a type (ID AN DT TM R B N0 to N9 with lengths, or an..35, a3, n..15), found `AX`",
    ),
    (
        "element 1 N10 1/2",
        "x.dict:2: element 1: expected a type (ID AN DT TM R B N0 to N9 with lengths, or an..35, a3, n..15), found `N10`",
    ),
    (
        "element 1 an.35",
        "x.dict:2: element 1: expected a type (ID AN DT TM R B N0 to N9 with lengths, or an..35, a3, n..15), found `an.35`",
    ),
    (
        "element 1 an",
        "x.dict:2: element 1: expected a type (ID AN DT TM R B N0 to N9 with lengths, or an..35, a3, n..15), found `an`",
    ),
    (
        "element 1 a..0",
        "x.dict:2: element 1: expected a shortest length up to the longest, found 1/0",
    ),
    (
        "element 1 a3 \"open",
        "x.dict:2: expected a second quote after `\"open`",
    ),
    (
        "element 1 a3 A \"late\"",
        "x.dict:2: expected a code, found `\"late\"`",
    ),
    (
        "element 1 a3 1234567890123456",
        "x.dict:2: element 1: expected codes of at most 15 characters, found `1234567890123456`",
    ),
    (
        "element 1 a3\nelement 1 a3",
        "x.dict:3: element 1 stands twice in this file",
    ),
    (
        "element C001 a3",
        "x.dict:2: element C001: stands for a composite already",
    ),
    ("codes 9 A", "x.dict:2: codes: no element 9 to add to"),
    (
        "composite 355 \"unit\" 143",
        "x.dict:2: composite 355: stands for an element already",
    ),
    (
        "composite C2 \"nested\" 355\n  C001",
        "x.dict:2: composite C2: C001 is a composite and cannot be a component",
    ),
    (
        "segment Z1 999",
        "x.dict:2: segment Z1: no element or composite 999",
    ),
    (
        "segment z1 355",
        "x.dict:2: expected a tag of two or three capital letters or digits, found `z1`",
    ),
    (
        "segment Z1\n  355\n  !",
        "x.dict:4: expected an element such as 353, 353!, C040*5 or C040!*5, found `!`",
    ),
    (
        "segment Z1 355*0",
        "x.dict:2: expected an element such as 353, 353!, C040*5 or C040!*5, found `355*0`",
    ),
    (
        "segment Z1 355 : P0102",
        "x.dict:2: segment Z1: note P0102 goes past its 1 positions",
    ),
    (
        "segment Z1 355 329 : X0102",
        "x.dict:2: segment Z1: expected one of P, R, E, C, L and two digits for each of two or more positions from 01 to 64, as in P0304, found `X0102`",
    ),
    (
        "set 1",
        "x.dict:2: expected the functional identifier of its group, found the end of the entry",
    ),
    (
        "set 1 PO \"label\"\n  Z1!",
        "x.dict:3: set 1: no segment Z1",
    ),
    (
        "set 1 PO\n  ST! many",
        "x.dict:3: expected how often at most: a number, or `*`, found `many`",
    ),
    (
        "set 1 PO\n  ST! 1 2",
        "x.dict:3: expected the end of the line, found `2`",
    ),
    (
        "set 1 PO\n  loop A\n    A1\n  end",
        "x.dict:3: set 1: loop A: expected a mandatory segment, once, as its first",
    ),
    ("set 1 PO\n  end", "x.dict:3: `end` closes no loop"),
    (
        "set 1 PO\n  loop A\n    A1!\n\n",
        "x.dict:4: expected `end` of loop A from line 3",
    ),
];

#[test]
fn every_mistake_is_pointed_at() {
    for (rest, expected) in MISTAKES {
        assert_eq!(mistake(rest), expected);
    }
    let deep = "  loop A\n    A1!\n".repeat(17);
    assert_eq!(
        mistake(&format!("set 1 PO\n{deep}")),
        "x.dict:35: loops stand at most 16 deep"
    );
}

#[test]
fn a_header_says_what_it_builds_on() {
    let base = base();
    for (text, expected) in [
        (
            "",
            "h.dict:1: expected a header such as `x12 004010` or `edifact EAN97 extends D.96A for EAN*`, found nothing",
        ),
        (
            "# x12 1",
            "h.dict:1: expected a header such as `x12 004010` or `edifact EAN97 extends D.96A for EAN*`, found nothing",
        ),
        (
            "\nx12",
            "h.dict:2: expected a header such as `x12 004010` or `edifact EAN97 extends D.96A for EAN*`, found the end of the entry",
        ),
        (
            "hl7 2",
            "h.dict:1: expected x12, edifact or tradacoms, found `hl7`",
        ),
        (
            "x12 1 extends",
            "h.dict:1: expected the version that it extends, found the end of the entry",
        ),
        (
            "x12 1 extends 005010",
            "h.dict:1: expected x12 005010 as the base, found x12 004010",
        ),
        (
            "edifact 1 extends 004010",
            "h.dict:1: expected edifact 004010 as the base, found x12 004010",
        ),
        (
            "x12 1 for",
            "h.dict:1: expected a name after `for`, found the end of the entry",
        ),
        (
            "x12 1 004010",
            "h.dict:1: expected the end of the line, found `004010`",
        ),
    ] {
        let error = Dictionary::parse(text, "h.dict", Some(&base)).expect_err(text);
        assert_eq!(error.to_string(), expected);
    }
    let error = Dictionary::parse("x12 1 extends 004010", "h.dict", None).expect_err("no base");
    assert_eq!(
        error.to_string(),
        "h.dict:1: extends x12 004010, which is not known here"
    );
}

#[test]
fn representations() {
    for (form, kind, min, max) in [
        ("ID 2/3", ElementType::Id, 2, 3),
        ("AN 1/4096", ElementType::An, 1, 4096),
        ("DT 8/8", ElementType::Dt, 8, 8),
        ("TM 4/8", ElementType::Tm, 4, 8),
        ("N 1/9", ElementType::N(0), 1, 9),
        ("N4 1/9", ElementType::N(4), 1, 9),
        ("R 1/15", ElementType::R, 1, 15),
        ("B 1/99999999", ElementType::B, 1, 99_999_999),
        ("an..35", ElementType::EdifactAn, 1, 35),
        ("an3", ElementType::EdifactAn, 3, 3),
        ("a1", ElementType::EdifactA, 1, 1),
        ("a..3", ElementType::EdifactA, 1, 3),
        ("n..15", ElementType::EdifactN, 1, 15),
        ("n13", ElementType::EdifactN, 13, 13),
    ] {
        let text = format!("x12 1\nelement 1 {form} \"it\"\nsegment ST \"header\" 1");
        let dictionary = Dictionary::parse(&text, "x.dict", None).expect(form);
        let segment = dictionary.segment(Tag::new(b"ST")).expect("defined");
        let UseKind::Simple(index) = segment.elements[0].kind else {
            panic!("{form} is simple");
        };
        let element = dictionary.element(index);
        assert_eq!(
            (element.kind, element.min, element.max),
            (kind, min, max),
            "{form}"
        );
    }
}

/// Everything a dictionary says, in lines.
fn told(dictionary: &Dictionary) -> String {
    let mut lines = vec![format!("{} {}", dictionary.syntax(), dictionary.version())];
    for segment in dictionary.segments() {
        let notes: Vec<String> = segment.notes.iter().map(ToString::to_string).collect();
        lines.push(format!("{} {:?} {notes:?}", segment.tag, segment.label));
        lines.extend(
            segment
                .elements
                .iter()
                .map(|used| told_use(dictionary, used)),
        );
    }
    for set in dictionary.structures() {
        lines.push(format!("{} {:?} {:?}", set.set_id, set.group, set.label));
        lines.extend(set.nodes.iter().map(told_node));
        lines.extend(set.loops.iter().map(told_loop));
    }
    lines.join("\n")
}

fn told_use(dictionary: &Dictionary, used: &ElementUse) -> String {
    let what = match used.kind {
        UseKind::Simple(index) => {
            let element = dictionary.element(index);
            let codes = element.codes.as_ref().map(|codes| codes.len());
            format!(
                "{:?} {}/{} {codes:?}",
                element.kind, element.min, element.max
            )
        }
        UseKind::Composite(index) => {
            let composite = dictionary.composite(index);
            let ids: Vec<&str> = composite.components.iter().map(|part| &*part.id).collect();
            let notes: Vec<String> = composite.notes.iter().map(ToString::to_string).collect();
            format!("{} {notes:?}", ids.join("+"))
        }
    };
    let usage = match (used.mandatory, used.unused) {
        (true, _) => "M",
        (_, true) => "-",
        _ => "O",
    };
    format!("  {} {usage} x{} {what}", used.id, used.max_repeat)
}

#[test]
fn a_guide_leaves_out_elements_segments_and_loops() {
    let lines = "x12 ACME extends 004010\nsegment B1 \"second\" 355-\nset 850 PO\n  ST!\n  A1- *\n  loop B-\n    B1!\n  end\n  SE!";
    let json = r#"{ "syntax": "x12", "version": "ACME", "extends": "004010",
      "segments": [{ "tag": "B1", "label": "second", "elements": [{ "id": "355", "unused": true }] }],
      "sets": [{ "id": "850", "group": "PO", "content": [
        { "segment": { "tag": "ST", "mandatory": true } },
        { "segment": { "tag": "A1", "unused": true, "max": null } },
        { "loop": { "id": "B", "unused": true, "content": [{ "segment": { "tag": "B1", "mandatory": true } }] } },
        { "segment": { "tag": "SE", "mandatory": true } }
      ] }] }"#;
    let lines = Dictionary::parse(lines, "acme.dict", Some(&base())).expect("well written");
    let open = Dictionary::from_json(json, "acme.json", Some(&base())).expect("well written");
    assert_eq!(told(&open), told(&lines));
    let nodes = &lines.structure("850").expect("a set").nodes;
    let unused: Vec<bool> = nodes.iter().map(|node| node.unused).collect();
    assert_eq!(unused, [false, true, true, false]);
    assert_eq!(
        mistake("element 1 AN 1/2\nsegment AA 1-!"),
        "x.dict:3: segment AA: no element or composite 1-"
    );
    let both = json.replace(
        "\"unused\": true, \"max\"",
        "\"unused\": true, \"mandatory\": true, \"max\"",
    );
    let error = Dictionary::from_json(&both, "acme.json", Some(&base())).expect_err("both");
    assert_eq!(
        error.to_string(),
        "acme.json: set 850: A1 is both mandatory and unused"
    );
}

fn most(max: u32, mandatory: bool) -> String {
    let max = if max == u32::MAX {
        "any".to_owned()
    } else {
        max.to_string()
    };
    format!("{}{max}", if mandatory { "1 to " } else { "0 to " })
}

fn told_node(node: &Node) -> String {
    let most = most(node.max, node.mandatory);
    let trigger = if node.is_trigger { ", trigger" } else { "" };
    let unused = if node.unused { ", unused" } else { "" };
    format!(
        "  {} {} {most} in {:?}{trigger}{unused}",
        node.ordinal, node.tag, node.loop_index
    )
}

fn told_loop(within: &Loop) -> String {
    let most = most(within.max, within.mandatory);
    let Loop {
        id,
        parent,
        trigger,
        first_node,
        last_node,
        ..
    } = within;
    format!("  loop {id} {most} in {parent:?}: {trigger}, {first_node} to {last_node}")
}

#[test]
fn the_text_form_says_all_there_is() {
    expect![[r#"
        x12 004010
        A1 "first" ["C0302"]
          C001 M x5 355+329 ["P0102"]
          355 O x1 Id 2/2 None
          329 O x1 An 4/9 None
        B1 "second" []
          355 O x1 Id 2/2 None
        SE "set trailer" []
          96 M x1 N(0) 1/10 None
          329 M x1 An 4/9 None
        ST "set header" []
          143 M x1 Id 3/3 Some(2)
          329 M x1 An 4/9 None
        850 Some("PO") "order"
          0 ST 1 to 1 in None
          1 A1 0 to any in None
          2 A1 1 to 1 in Some(0), trigger
          3 B1 1 to 1 in Some(1), trigger
          4 A1 0 to 2 in Some(1)
          5 B1 1 to 1 in Some(2), trigger
          6 SE 1 to 1 in None
          loop A 1 to any in None: A1, 2 to 4
          loop B 0 to 7 in Some(0): B1, 3 to 4
          loop B 0 to 1 in None: B1, 5 to 5"#]]
    .assert_eq(&told(&base()));
}

#[test]
fn the_open_form_says_the_same() {
    let json = r#"{
      "syntax": "x12", "version": "004010",
      "elements": [
        { "id": "143", "type": "ID", "min": 3, "max": 3, "label": "set identifier", "codes": ["850", "855"] },
        { "id": "329", "type": "AN", "min": 4, "max": 9, "label": "control # number" },
        { "id": "96", "type": "N0", "min": 1, "max": 10 },
        { "id": "355", "type": "ID", "min": 2, "max": 2 }
      ],
      "composites": [{ "id": "C001", "components": [{ "id": "355", "mandatory": true }, { "id": "329", "repeat": 3 }], "notes": ["P0102"] }],
      "segments": [
        { "tag": "ST", "label": "set header", "elements": [{ "id": "143", "mandatory": true }, { "id": "329", "mandatory": true }] },
        { "tag": "SE", "label": "set trailer", "elements": [{ "id": "96", "mandatory": true }, { "id": "329", "mandatory": true }] },
        { "tag": "A1", "label": "first", "elements": [{ "id": "C001", "mandatory": true, "repeat": 5 }, { "id": "355" }, { "id": "329" }], "notes": ["C0302"] },
        { "tag": "B1", "label": "second", "elements": [{ "id": "355" }] }
      ],
      "sets": [{ "id": "850", "group": "PO", "label": "order", "content": [
        { "segment": { "tag": "ST", "mandatory": true } },
        { "segment": { "tag": "A1", "max": null } },
        { "loop": { "id": "A", "mandatory": true, "max": null, "content": [
          { "segment": { "tag": "A1", "mandatory": true } },
          { "loop": { "id": "B", "max": 7, "content": [
            { "segment": { "tag": "B1", "mandatory": true } },
            { "segment": { "tag": "A1", "max": 2 } }
          ] } }
        ] } },
        { "loop": { "id": "B", "content": [{ "segment": { "tag": "B1", "mandatory": true } }] } },
        { "segment": { "tag": "SE", "mandatory": true } }
      ] }]
    }"#;
    let open = Dictionary::from_json(json, "x.json", None).expect("well written");
    assert_eq!(told(&open), told(&base()));
}

#[test]
fn mistakes_of_the_open_form() {
    for (json, expected) in [
        (
            "{\n \"syntax\": \"x12\" }",
            "x.json:2: missing field `version` at line 2 column 18",
        ),
        (
            "{ \"syntax\": \"x12\", \"version\": \"1\",\n \"element\": [] }",
            "x.json:2: unknown field `element`, expected one of `syntax`, `version`, `extends`, `for`, `elements`, `codes`, `composites`, `segments`, `sets` at line 2 column 10",
        ),
        (
            r#"{ "syntax": "x12", "version": "1", "elements": [{ "id": "1", "type": "AN", "max": 3 }] }"#,
            "x.json: element 1: expected both lengths, the shortest and the longest",
        ),
        (
            r#"{ "syntax": "x12", "version": "1", "elements": [{ "id": "1", "type": "AN" }] }"#,
            "x.json: element 1: expected a type (ID AN DT TM R B N0 to N9 with lengths, or an..35, a3, n..15), found `AN`",
        ),
        (
            r#"{ "syntax": "x12", "version": "1", "segments": [{ "tag": "ST", "elements": [{ "id": "1" }] }] }"#,
            "x.json: segment ST: no element or composite 1",
        ),
        (
            r#"{ "syntax": "x12", "version": "1", "sets": [{ "id": "1", "content": [{ "segment": { "tag": "ST" } }] }] }"#,
            "x.json: set 1: no segment ST",
        ),
        (
            r#"{ "syntax": "x12", "version": "1", "sets": [{ "id": "1", "content": [{ "loop": { "id": "A", "content": [] } }] }] }"#,
            "x.json: set 1: loop A: expected a mandatory segment, once, as its first",
        ),
    ] {
        let error = Dictionary::from_json(json, "x.json", None).expect_err(json);
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn an_extension_replaces_whole_entries_and_adds_codes() {
    let text = "x12 ACME extends 004010\nelement 355 an..3 \"our unit\" EA\ncodes 143 999\nsegment B1 \"ours\" C001\nset 999 FA\n  ST!\n  SE!";
    let base = base();
    let guide = Dictionary::parse(text, "acme.dict", Some(&base)).expect("well written");
    let second = |dictionary: &Dictionary| {
        let spec = dictionary.segment(Tag::new(b"A1")).expect("of the base");
        match spec.elements[1].kind {
            UseKind::Simple(index) => dictionary.element(index).max,
            UseKind::Composite(_) => 0,
        }
    };
    assert_eq!(
        (second(&base), second(&guide)),
        (2, 3),
        "a use sees the element that replaced its own"
    );
    let ours = guide.segment(Tag::new(b"B1")).expect("replaced");
    assert_eq!((&*ours.label, &*ours.elements[0].id), ("ours", "C001"));
    assert_eq!(guide.structures().count(), 2);
    let Some(UseKind::Simple(index)) = guide.named("143") else {
        panic!("an element of the base");
    };
    let codes = guide.element(index).codes.as_ref().expect("codes");
    assert!(codes.contains(b"850") && codes.contains(b"999"));
    assert_eq!(base.structures().count(), 1, "the base stays as it is");
}

/// Lines of words that mean something somewhere, in an order that mostly means nothing.
fn scrambled() -> impl Strategy<Value = String> {
    const WORDS: [&str; 24] = [
        "element",
        "codes",
        "composite",
        "segment",
        "set",
        "message",
        "loop",
        "end",
        "1",
        "1!",
        "1*3",
        "A1",
        "A1!",
        "*",
        ":",
        "P0102",
        "an..3",
        "AN",
        "1/2",
        "\"label\"",
        "\"",
        "  # ",
        "\n",
        "\n  ",
    ];
    let words = proptest::collection::vec((select(&WORDS[..]), any::<bool>()), 0..60);
    words.prop_map(|words| {
        let separated = |(word, close): (&'static str, bool)| [word, if close { "" } else { " " }];
        let body: String = words.into_iter().flat_map(separated).collect();
        format!("x12 1 extends 004010\n{body}")
    })
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in scrambled(), other in ".*") {
        let base = base();
        for text in [text, other] {
            for read in [Dictionary::parse, Dictionary::from_json] {
                if let Ok(dictionary) = read(&text, "any.dict", Some(&base)) {
                    told(&dictionary);
                }
            }
        }
    }
}
