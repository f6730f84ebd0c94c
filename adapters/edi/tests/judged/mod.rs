//! What the tests of the judge share: one call that walks a file, judges what it holds, and tells what was found.
//! Holds no expectations. Invariant: findings come in the order of the file, a message's own behind those of its envelope.

use std::collections::HashMap;
use std::sync::Arc;

use edi::dictionary::Dictionaries;
use edi::judge::{Judge, Judged, Policy};
use edi::{Charset, Event, Finding, MessageBuffer, Rule, Tag, Walk, WalkOptions};

/// More than any message of the tests.
const LIMIT: usize = 64 << 20;

/// What became of a file.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) findings: Vec<Finding>,
    /// Messages that were judged, by set and version, with how many segments have a place.
    pub(crate) judged: Vec<(String, usize)>,
    /// Messages for which there is no dictionary.
    pub(crate) unknown: Vec<String>,
}

/// Walks and judges `bytes`.
pub(crate) fn judge(dictionaries: &Dictionaries, mut bytes: &[u8]) -> Outcome {
    let mut walk = Walk::new(&mut bytes, WalkOptions::default());
    let mut buffer = MessageBuffer::default();
    let mut judges: HashMap<String, Option<Judge>> = HashMap::new();
    let mut outcome = Outcome::default();
    loop {
        let event = walk.advance().expect("bytes in memory can be read");
        outcome.findings.extend(walk.take_findings());
        match event {
            Event::Message | Event::Segment => assert!(buffer.push(walk.reader(), LIMIT)),
            Event::MessageEnd(_) if walk.message().package => buffer.clear(),
            Event::MessageEnd(_) => {
                let trailers = [b"SE".as_slice(), b"UNT", b"MTR"].map(Tag::new);
                if trailers.contains(&walk.segment().tag()) {
                    assert!(buffer.push(walk.reader(), LIMIT));
                }
                buffer.hold(walk.message().clone());
                judge_last(dictionaries, &walk, &buffer, &mut judges, &mut outcome);
                buffer.clear();
            }
            Event::End => return outcome,
            Event::Interchange
            | Event::InterchangeAck
            | Event::Group
            | Event::GroupEnd(_)
            | Event::InterchangeEnd(_) => {}
        }
    }
}

fn judge_last(
    dictionaries: &Dictionaries,
    walk: &Walk<'_>,
    buffer: &MessageBuffer,
    judges: &mut HashMap<String, Option<Judge>>,
    outcome: &mut Outcome,
) {
    let (message, view) = buffer.messages().next().expect("one is held");
    let syntax = walk.interchange().syntax;
    let name = format!(
        "{syntax} {} {} {}",
        message.id, message.version, message.guide
    );
    let judge = judges.entry(name.clone()).or_insert_with(|| {
        let found = dictionaries.find_guide(syntax, &message.version, &message.guide)?;
        let structure = Arc::clone(found.dictionary.structure(&message.id)?);
        let policy = Policy::default();
        let policy = if found.exact {
            policy
        } else {
            policy.for_neighbour()
        };
        Some(Judge::new(found.dictionary, structure, policy))
    });
    let Some(judge) = judge else {
        outcome.unknown.push(name);
        return;
    };
    if let Ok(charset) = Charset::for_interchange(walk.interchange(), None) {
        judge.set_charset(charset);
    }
    let mut judged = Judged::default();
    judge.judge(view, message, &mut judged);
    let placed = judged
        .nodes
        .iter()
        .filter(|node| **node != Judged::NONE)
        .count();
    outcome.judged.push((name, placed));
    outcome.findings.append(&mut judged.findings);
}

/// Rule, segment, tag, loop, element, reference and value of a finding, in one line.
pub(crate) fn line(finding: &Finding) -> String {
    let place = &finding.place;
    let found = finding.found.as_deref().unwrap_or_default();
    let severity = if finding.is_error() { "" } else { "warning " };
    format!(
        "{severity}{} {} {} ({}) {} `{}` {}",
        finding.rule.name(),
        place.segment,
        place.pointer().unwrap_or_default(),
        place.loop_id,
        place.reference,
        String::from_utf8_lossy(found),
        finding.expected.as_deref().unwrap_or_default(),
    )
}

/// Whether a rule is the judge's.
pub(crate) fn is_of_the_dictionary(rule: Rule) -> bool {
    (Rule::SegmentUnknown..=Rule::TrailingSeparators).contains(&rule)
}
