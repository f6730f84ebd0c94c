//! Structure: every kind of misplacement at every kind of place, and that one fault is one finding.

use std::sync::Arc;

use super::{Judge, Judged, Policy, Weight};
use crate::dictionary::{Dictionaries, Dictionary, Structure};
use crate::finding::Finding;
use crate::headers::Message;
use crate::message::MessageBuffer;
use crate::rule::Rule;
use crate::segment::Tag;
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

/// Tags that stand at several places, so that only what follows says which was meant; and loops between bounds.
const DOUBTFUL: &str = r"
x12 T
element 1 AN 1/10
segment ST 1
segment LX 1
segment N1 1
segment N2 1
segment N4 1
segment PER 1
segment CTP 1
segment LS 1
segment LE 1
segment QTY 1
segment SE 1
set T XX
  ST!
  loop LX 99
    LX!
    loop CTP *
      CTP!
      loop N1 *
        N1!
        N2
        N4
      end
    end
    loop N1 *
      N1!
      N2
      PER
    end
    LS
    loop LX *
      LX!
      QTY
    end
    LE
  end
  SE!
";

fn judged(tags: &str) -> Judged {
    judged_by(TEXT, tags)
}

fn judged_by(dictionary: &str, tags: &str) -> Judged {
    let dictionary = Arc::new(Dictionary::parse(dictionary, "test", None).unwrap());
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
    findings_by(TEXT, tags)
}

fn findings_by(dictionary: &str, tags: &str) -> Vec<String> {
    let of = |finding: &Finding| {
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
    let judged = judged_by(dictionary, tags);
    judged.findings.iter().map(of).collect()
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
fn what_a_guide_leaves_out_is_said_where_it_stands() {
    let guide = TEXT
        .replace("  DTM 2\n", "  DTM- 2\n")
        .replace("  loop 1 2\n", "  loop 1- 2\n");
    for (tags, want) in [
        ("UNH BGM RFF LIN QTY UNS MOA UNT", [].as_slice()),
        (
            "UNH BGM DTM LIN QTY UNS MOA UNT",
            &["not_used 3 DTM () DTM[1]"],
        ),
        (
            "UNH BGM NAD CTA COM NAD LIN QTY UNS MOA UNT",
            &["not_used 3 NAD (1) NAD[1]", "not_used 6 NAD (1) NAD[2]"],
        ),
        // Also behind something that is missing.
        (
            "UNH DTM LIN QTY UNS MOA UNT",
            &["segment_missing 2 BGM () BGM", "not_used 2 DTM () DTM[1]"],
        ),
    ] {
        assert_eq!(findings_by(&guide, tags), want, "{tags}");
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

#[test]
fn what_follows_says_which_place_was_meant() {
    for (tags, want) in [
        // The nearest, where nothing speaks against it.
        ("ST LX CTP N1 N2 SE", [0, 1, 2, 3, 4, 13].as_slice()),
        ("ST LX CTP N1 N4 N1 SE", &[0, 1, 2, 3, 5, 3, 13]),
        // PER is in the other loop only.
        ("ST LX CTP N1 N2 PER SE", &[0, 1, 2, 6, 7, 8, 13]),
        (
            "ST LX CTP N1 N4 N1 N2 PER N1 SE",
            &[0, 1, 2, 3, 5, 6, 7, 8, 6, 13],
        ),
        // Between bounds, and not.
        ("ST LX LX CTP LX SE", &[0, 1, 1, 2, 1, 13]),
        (
            "ST LX LS LX QTY LX LE LX SE",
            &[0, 1, 9, 10, 11, 10, 12, 1, 13],
        ),
        ("ST LX LX QTY SE", &[0, 1, 10, 11, 13]),
    ] {
        let judged = judged_by(DOUBTFUL, tags);
        let structural = judged
            .findings
            .iter()
            .filter(|finding| is_structural(finding.rule));
        assert_eq!(structural.count(), 0, "{tags}: {:?}", judged.findings);
        assert_eq!(judged.nodes, want, "{tags}");
    }
}

#[test]
fn findings_are_bounded_and_an_error_is_never_lost() {
    let unknown = " ZQ9".repeat(5000);
    let judged = judged(&format!("UNH BGM LIN QTY{unknown} UNS MOA UNT"));
    assert_eq!(judged.findings.len(), 1001);
    let last = judged.findings.last().unwrap();
    assert_eq!((last.rule, last.place.segment), (Rule::FindingLimit, 1005));
    assert!(!judged.is_good());
    assert_eq!(
        judged.nodes.last(),
        Some(&17),
        "the trailer has its place all the same"
    );

    let policy = Policy {
        weights: [(Rule::SegmentUnknown, Weight::Warning)].into(),
        ..Policy::default()
    };
    let dictionary = Arc::new(Dictionary::parse(TEXT, "test", None).unwrap());
    let structure = Arc::clone(dictionary.structure("T").unwrap());
    let mut judge = Judge::new(dictionary, structure, policy);
    for (tags, good) in [("UNS MOA UNT", true), ("MOA UNT", false)] {
        let tags = format!("UNH BGM LIN QTY{unknown} {tags}");
        let tags: Vec<Tag> = tags
            .split(' ')
            .map(|tag| Tag::new(tag.as_bytes()))
            .collect();
        let (text, separators) = written(&tags);
        let buffer = MessageBuffer::sample(&text, separators, Message::default());
        let (message, view) = buffer.messages().next().unwrap();
        let mut judged = Judged::default();
        judge.judge(view, message, &mut judged);
        let listed = if good { 1001 } else { 1002 };
        assert_eq!((judged.findings.len(), judged.is_good()), (listed, good));
    }
}

/// Segments with one element each.
fn written(tags: &[Tag]) -> (Vec<u8>, Separators) {
    let text: String = tags.iter().map(|tag| format!("{tag}+1'")).collect();
    (text.into_bytes(), Separators::EDIFACT)
}

fn is_structural(rule: Rule) -> bool {
    (Rule::SegmentUnknown..=Rule::SegmentMissing).contains(&rule)
}

/// Numbers that come again in the same order.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    /// How often something stands: mostly as rarely as it can, at most twice more.
    fn times(&mut self, mandatory: bool, max: u32) -> u32 {
        let more = [0, 0, 0, 0, 0, 1, 1, 2][usize::try_from(self.roll(8)).unwrap()];
        (u32::from(mandatory) + more).min(max)
    }

    /// Adds the tags of a good message, or of one level of it.
    fn level(&mut self, structure: &Structure, first: u16, last: u16, tags: &mut Vec<Tag>) {
        let mut next = first;
        while next <= last {
            let node = &structure.nodes[usize::from(next)];
            next += 1;
            if node.is_trigger {
                let around = &structure.loops[usize::from(node.loop_index.unwrap())];
                next = around.last_node + 1;
                for _ in 0..self.times(around.mandatory, around.max) {
                    tags.push(node.tag);
                    self.level(structure, around.first_node + 1, around.last_node, tags);
                }
            } else {
                let times = self.times(node.mandatory, node.max);
                tags.extend((0..times).map(|_| node.tag));
            }
        }
    }
}

/// For every structure that is shipped: what it allows has no findings, and a foreign segment within is one finding.
#[test]
fn every_good_message_fits() {
    let shipped = Dictionaries::shipped();
    let (mut structures, mut messages) = (0, 0);
    for (syntax, version) in shipped.versions() {
        let dictionary = shipped.find(syntax, version).unwrap().dictionary;
        for structure in dictionary.structures() {
            let mut judge = Judge::new(
                Arc::clone(&dictionary),
                Arc::clone(structure),
                Policy::default(),
            );
            structures += 1;
            for seed in 1..=8 {
                let mut dice = Dice(0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(seed));
                let mut tags = Vec::new();
                let last = u16::try_from(structure.nodes.len() - 1).unwrap();
                dice.level(structure, 0, last, &mut tags);
                if tags.len() > 500 {
                    continue;
                }
                messages += 1;
                let good = structural(&mut judge, &tags);
                assert_eq!(good, [""; 0], "{syntax} {version} {}", structure.set_id);
                let place = 1 + usize::try_from(dice.roll(tags.len() as u64 - 1)).unwrap();
                tags.insert(place, Tag::new(b"ZQ9"));
                let bad = structural(&mut judge, &tags);
                let want = format!("segment_unknown {}", place + 1);
                assert_eq!(bad, [want], "{syntax} {version} {}", structure.set_id);
            }
        }
    }
    assert!(
        structures > 200 && messages > 1000,
        "{structures} structures, {messages} messages"
    );
}

fn structural(judge: &mut Judge, tags: &[Tag]) -> Vec<String> {
    let text: String = tags.iter().map(|tag| format!("{tag}*~")).collect();
    let message = Message {
        line: 1,
        ..Message::default()
    };
    let buffer = MessageBuffer::sample(text.as_bytes(), Separators::X12, message);
    let (message, view) = buffer.messages().next().unwrap();
    let mut judged = Judged::default();
    judge.judge(view, message, &mut judged);
    let found = judged
        .findings
        .iter()
        .filter(|finding| is_structural(finding.rule));
    let line = |finding: &Finding| format!("{} {}", finding.rule.name(), finding.place.segment);
    found.map(line).collect()
}
