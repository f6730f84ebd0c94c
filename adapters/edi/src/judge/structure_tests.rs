//! Structure: every kind of misplacement at every kind of place, and that one fault is one finding.

use std::sync::Arc;

use super::{Judge, Judged, Policy};
use crate::dictionary::Dictionary;
use crate::headers::Message;
use crate::message::MessageBuffer;
use crate::separators::Separators;

/// What is done to a message, and what is then said: rule, segment, tag, loop, path.
const FAULTS: &[(&str, &[&str])] = &[
    // Unknown, and not of this message, at the start, in a loop and at the end.
    (
        "UNH XYZ BGM LIN QTY UNS MOA UNT",
        &["segment_unknown 2 XYZ () XYZ"],
    ),
    (
        "UNH BGM LIN XYZ QTY UNS MOA UNT",
        &["segment_unknown 4 XYZ (4) LIN[1]/XYZ"],
    ),
    (
        "UNH BGM LIN QTY UNS MOA XYZ UNT",
        &["segment_unknown 7 XYZ () XYZ"],
    ),
    (
        "UNH BGM LIN ZZZ QTY UNS MOA UNT",
        &["segment_not_in_message 4 ZZZ (4) LIN[1]/ZZZ"],
    ),
    // Missing: a segment at the top, in a loop, in an inner loop, before the end; a loop; several.
    (
        "UNH DTM LIN QTY UNS MOA UNT",
        &["segment_missing 2 BGM () BGM"],
    ),
    (
        "UNH BGM LIN UNS MOA UNT",
        &["segment_missing 4 QTY (4) LIN[1]/QTY"],
    ),
    (
        "UNH BGM LIN QTY LIN PRI LIN QTY UNS MOA UNT",
        &["segment_missing 6 QTY (4) LIN[2]/QTY"],
    ),
    (
        "UNH BGM NAD NAD CTA NAD LIN QTY UNS MOA UNT",
        &["segment_missing 6 COM (2) NAD[2]/CTA[1]/COM"],
    ),
    (
        "UNH BGM LIN QTY MOA UNS UNT",
        &["segment_missing 7 MOA () MOA"],
    ),
    (
        "UNH BGM RFF UNS MOA UNT",
        &["segment_missing 4 LIN (4) LIN"],
    ),
    (
        "UNH BGM LIN QTY MOA CNT UNT",
        &[
            "segment_missing 6 UNS () UNS",
            "segment_missing 6 MOA () MOA",
        ],
    ),
    (
        "UNH BGM LIN QTY PRI CNT UNT",
        &[
            "segment_missing 6 UNS () UNS",
            "segment_missing 6 MOA () MOA",
        ],
    ),
    ("UNH LIN QTY UNS MOA UNT", &["segment_missing 2 BGM () BGM"]),
    (
        "UNH BGM UNT",
        &[
            "segment_missing 3 LIN (4) LIN",
            "segment_missing 3 UNS () UNS",
            "segment_missing 3 MOA () MOA",
        ],
    ),
    // A loop whose trigger is missing: the loop is entered all the same.
    (
        "UNH BGM QTY QTY PRI DTM MOA UNS MOA UNT",
        &["segment_missing 3 LIN (4) LIN"],
    ),
    (
        "UNH BGM LIN QTY PRI PRI QTY PRI PRI DTM UNS MOA UNT",
        &["segment_missing 7 LIN (4) LIN"],
    ),
    (
        "UNH BGM NAD COM COM LIN QTY UNS MOA UNT",
        &["segment_missing 4 CTA (2) NAD[1]/CTA"],
    ),
    // Out of place.
    (
        "UNH DTM BGM LIN QTY UNS MOA UNT",
        &["segment_sequence 2 DTM () DTM"],
    ),
    (
        "UNH BGM RFF DTM LIN QTY UNS MOA UNT",
        &["segment_sequence 4 DTM () DTM"],
    ),
    (
        "UNH BGM LIN PRI QTY LIN QTY UNS MOA UNT",
        &["segment_sequence 4 PRI (4) LIN[1]/PRI"],
    ),
    (
        "UNH BGM LIN QTY UNS CNT MOA UNT",
        &["segment_sequence 6 CNT () CNT"],
    ),
    (
        "UNH BGM LIN QTY DTM PRI LIN QTY UNS MOA UNT",
        &["segment_sequence 5 DTM (4) LIN[1]/DTM"],
    ),
    // What is missing here and stands there is one fault: it is out of place.
    (
        "UNH DTM RFF RFF LIN QTY BGM UNS MOA UNT",
        &["segment_sequence 7 BGM (4) LIN[1]/BGM"],
    ),
    // A misplaced loop is reported by its trigger alone.
    (
        "UNH BGM LIN QTY NAD CTA COM UNS MOA UNT",
        &["segment_sequence 5 NAD (4) LIN[1]/NAD"],
    ),
    // Too often.
    (
        "UNH BGM BGM LIN QTY UNS MOA UNT",
        &["segment_repeats 3 BGM () BGM[2]"],
    ),
    (
        "UNH BGM DTM DTM DTM LIN QTY UNS MOA UNT",
        &["segment_repeats 5 DTM () DTM[3]"],
    ),
    (
        "UNH BGM LIN QTY LIN QTY QTY QTY PRI UNS MOA UNT",
        &["segment_repeats 8 QTY (4) LIN[2]/QTY[3]"],
    ),
    (
        "UNH BGM LIN QTY PRI DTM DTM UNS MOA UNT",
        &["segment_repeats 7 DTM (5) LIN[1]/PRI[1]/DTM[2]"],
    ),
    (
        "UNH BGM LIN QTY UNS MOA MOA MOA UNT",
        &["segment_repeats 8 MOA () MOA[3]"],
    ),
    // Too often and out of place: that it came before says more.
    (
        "UNH BGM DTM DTM RFF DTM LIN QTY UNS MOA UNT",
        &["segment_repeats 6 DTM () DTM"],
    ),
    (
        "UNH BGM LIN QTY QTY PRI QTY LIN QTY UNS MOA UNT",
        &["segment_repeats 7 QTY (5) LIN[1]/PRI[1]/QTY"],
    ),
    (
        "UNH BGM RFF DTM DTM DTM LIN QTY UNS MOA UNT",
        &[
            "segment_sequence 4 DTM () DTM",
            "segment_sequence 5 DTM () DTM",
            "segment_repeats 6 DTM () DTM",
        ],
    ),
    // Loops too often: at the top, inside; where two have one trigger, the second is filled first.
    (
        "UNH BGM NAD NAD NAD NAD LIN QTY UNS MOA UNT",
        &["loop_repeats 6 NAD (3) NAD[2]"],
    ),
    (
        "UNH BGM LIN QTY LIN QTY LIN QTY LIN QTY LIN QTY UNS MOA UNT",
        &["loop_repeats 11 LIN (4) LIN[5]"],
    ),
    (
        "UNH BGM LIN QTY PRI PRI PRI DTM MOA UNS MOA UNT",
        &["loop_repeats 7 PRI (5) LIN[1]/PRI[3]"],
    ),
    // The summary's own segment in the last line does not close the detail.
    (
        "UNH BGM LIN QTY LIN QTY CNT UNS MOA UNT",
        &["segment_sequence 7 CNT (4) LIN[2]/CNT"],
    ),
    (
        "UNH BGM CNT NAD LIN QTY LIN QTY UNS MOA UNT",
        &["segment_sequence 3 CNT () CNT"],
    ),
    // Two faults are two findings.
    (
        "UNH XYZ BGM LIN QTY QTY QTY UNS MOA UNT",
        &[
            "segment_unknown 2 XYZ () XYZ",
            "segment_repeats 7 QTY (4) LIN[1]/QTY[3]",
        ],
    ),
];

/// A set small enough to see through, with everything that a real one has: a mandatory header, loops in loops, a mandatory
/// section control, a summary that has a segment of the detail, two loops with one trigger.
const TEXT: &str = r"
edifact T
element 1 an..10
segment UNH 1
segment BGM 1
segment DTM 1
segment RFF 1
segment NAD 1
segment CTA 1
segment COM 1
segment LIN 1
segment QTY 1
segment PRI 1
segment MOA 1
segment UNS 1
segment CNT 1
segment UNT 1
segment ZZZ 1
message T
  UNH!
  BGM!
  DTM 2
  RFF 3
  loop 1 2
    NAD!
    loop 2 3
      CTA!
      COM! 2
    end
  end
  loop 3 1
    NAD!
    RFF
  end
  loop 4! 4
    LIN!
    QTY! 2
    loop 5 2
      PRI!
      DTM
    end
    MOA 3
  end
  UNS!
  MOA! 2
  CNT
  UNT!
";

fn judged(tags: &str) -> Judged {
    let dictionary = Arc::new(Dictionary::parse(TEXT, "test", None).unwrap());
    let structure = Arc::clone(dictionary.structure("T").unwrap());
    let mut judge = Judge::new(dictionary, structure, Policy::default());
    let text: String = tags.split(' ').map(|tag| format!("{tag}+1'\n")).collect();
    let message = Message {
        line: 1,
        ..Message::default()
    };
    let buffer = MessageBuffer::sample(text.as_bytes(), Separators::EDIFACT, message);
    let (message, view) = buffer.last().unwrap();
    let mut judged = Judged::default();
    judge.judge(view, message, &mut judged);
    assert_eq!(judged.nodes.len(), view.len());
    for finding in &judged.findings {
        let place = &finding.place;
        assert_eq!(place.line, u64::from(place.segment), "a line a segment");
        let segment = view.segment(place.segment as usize - 1).unwrap();
        assert_eq!(place.byte, segment.offset());
    }
    judged
}

/// Rule, segment ordinal, tag, loop, path.
fn findings(tags: &str) -> Vec<String> {
    let of = |finding: &crate::finding::Finding| {
        let place = &finding.place;
        format!(
            "{} {} {} ({}) {}",
            finding.rule.name(),
            place.segment,
            place.tag,
            place.loop_id,
            place.path
        )
    };
    judged(tags).findings.iter().map(of).collect()
}

#[test]
fn good_messages_have_no_findings() {
    for tags in [
        "UNH BGM LIN QTY UNS MOA UNT",
        "UNH BGM DTM DTM RFF RFF RFF NAD CTA COM COM CTA COM NAD NAD RFF LIN QTY QTY PRI DTM PRI MOA MOA LIN QTY UNS MOA MOA CNT UNT",
        "UNH BGM NAD NAD NAD RFF LIN QTY MOA UNS MOA UNT",
    ] {
        assert_eq!(findings(tags), [""; 0], "{tags}");
        assert!(!judged(tags).nodes.contains(&Judged::NONE));
    }
}

#[test]
fn nodes_are_those_of_the_structure() {
    let tags = "UNH BGM DTM NAD CTA COM NAD NAD RFF LIN QTY PRI DTM MOA LIN QTY UNS MOA UNT";
    assert_eq!(
        judged(tags).nodes,
        [
            0, 1, 2, 4, 5, 6, 4, 7, 8, 9, 10, 11, 12, 13, 9, 10, 14, 15, 17
        ]
    );
}

#[test]
fn one_fault_is_one_finding() {
    let mut wrong = Vec::new();
    for (tags, want) in FAULTS {
        let found = findings(tags);
        if found != *want {
            wrong.push(format!("{tags}\n  found {found:?}\n  want  {want:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
