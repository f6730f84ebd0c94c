//! What the tests of the walk share: one call that walks a file and tells what was found and what stands.
//! Holds no expectations. Invariant: what opens closes, innermost first, or the call panics.

use edi::{Event, Finding, Walk, WalkOptions};

/// What a walk came to.
pub(crate) struct Walked {
    pub(crate) findings: Vec<Finding>,
    /// Messages that ended well in a group and an interchange that did.
    pub(crate) standing: usize,
    /// All messages.
    pub(crate) messages: usize,
    /// Whether each interchange ended well.
    pub(crate) interchanges: Vec<bool>,
}

impl Walked {
    #[allow(dead_code, reason = "one of the tests asks for nothing but counts")]
    /// The names of the rules that were broken, in order, joined by blanks; warnings in brackets.
    pub(crate) fn codes(&self) -> String {
        let code = |finding: &Finding| match finding.is_error() {
            true => finding.rule.name().to_owned(),
            false => format!("({})", finding.rule.name()),
        };
        let codes: Vec<String> = self.findings.iter().map(code).collect();
        codes.join(" ")
    }
}

/// Walks `bytes`.
pub(crate) fn walk(options: WalkOptions, mut bytes: &[u8]) -> Walked {
    let mut walk = Walk::new(&mut bytes, options);
    let mut walked = Walked {
        findings: Vec::new(),
        standing: 0,
        messages: 0,
        interchanges: Vec::new(),
    };
    let (mut depth, mut group, mut interchange) = (0, 0, 0);
    loop {
        let event = walk.advance().expect("bytes in memory can be read");
        walked.findings.extend(walk.take_findings());
        let opens = match event {
            Event::Interchange => Some(0),
            Event::Group => Some(1),
            Event::Message => Some(2),
            Event::InterchangeAck
            | Event::Segment
            | Event::MessageEnd(_)
            | Event::GroupEnd(_)
            | Event::InterchangeEnd(_)
            | Event::End => None,
        };
        if let Some(level) = opens {
            assert_eq!(depth, level, "{event:?} opens where it may");
            depth += 1;
        }
        match event {
            Event::Interchange | Event::Group | Event::Message => {}
            Event::Segment => assert_eq!(depth, 3, "a segment stands in a message"),
            Event::InterchangeAck => assert_eq!(depth, 1, "a TA1 stands in no group"),
            Event::MessageEnd(good) => {
                assert_eq!(depth, 3);
                walked.messages += 1;
                group += usize::from(good);
                depth = 2;
            }
            Event::GroupEnd(good) => {
                assert_eq!(depth, 2);
                interchange += if good { group } else { 0 };
                (depth, group) = (1, 0);
            }
            Event::InterchangeEnd(good) => {
                assert_eq!(depth, 1);
                walked.standing += if good { interchange } else { 0 };
                walked.interchanges.push(good);
                (depth, interchange) = (0, 0);
            }
            Event::End => break,
        }
    }
    assert_eq!(depth, 0, "what opens closes");
    walked
}
