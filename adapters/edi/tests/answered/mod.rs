//! What the tests of acknowledgements share: one call that walks a file, judges its messages, and writes what is answered.
//! Holds no expectations. Invariant: the answers are in the order in which their interchanges ended.

use std::sync::Arc;

use edi::acknowledge::{AckPolicy, Acknowledgement, Collector, Moment, Numbers};
use edi::dictionary::Dictionaries;
use edi::judge::{Judge, Judged, Policy};
use edi::write::{Style, Suffix};
use edi::{Charset, Event, Finding, MessageBuffer, Rule, Walk, WalkOptions};

/// More than any message of the tests.
const LIMIT: usize = 64 << 20;

/// The answers to a file of a partner with these policies, one segment a line, under the numbers 1 and 1.
pub(crate) fn answer(
    dictionaries: &Dictionaries,
    (policy, weights): (AckPolicy, &Policy),
    mut bytes: &[u8],
) -> Vec<Acknowledgement> {
    let mut walk = Walk::new(&mut bytes, WalkOptions::default());
    let mut collector = Collector::default();
    let mut buffer = MessageBuffer::default();
    let mut answers = Vec::new();
    loop {
        let event = walk.advance().expect("bytes in memory can be read");
        let findings = walk.take_findings();
        match event {
            Event::Interchange => collector.interchange(walk.interchange(), policy),
            Event::InterchangeAck => collector.interchange_acknowledgement(),
            Event::Group => collector.group(walk.group()),
            Event::Message => {
                collector.message(walk.message());
                buffer.clear();
            }
            Event::Segment | Event::MessageEnd(_) => {}
            Event::GroupEnd(_) | Event::InterchangeEnd(_) | Event::End => {}
        }
        findings
            .iter()
            .for_each(|finding| collector.finding(finding));
        match event {
            Event::Message | Event::Segment => assert!(buffer.push(walk.reader(), LIMIT)),
            Event::MessageEnd(mut good) => {
                if good && !walk.message().package {
                    assert!(buffer.push(walk.reader(), LIMIT));
                    buffer.hold(walk.message().clone());
                    for finding in judge(dictionaries, weights, &walk, &buffer) {
                        good &= !finding.is_error();
                        collector.finding(&finding);
                    }
                }
                collector.message_end(good);
            }
            Event::GroupEnd(good) => collector.group_end(good),
            Event::InterchangeEnd(good) => {
                for reply in collector.interchange_end(good) {
                    let style = Style {
                        suffix: Suffix::Lf,
                        una: true,
                        ..Style::answering(reply.interchange())
                    };
                    let moment = Moment {
                        date: "20261123".into(),
                        time: "0916".into(),
                    };
                    let numbers = Numbers {
                        interchange: 1,
                        group: 1,
                    };
                    answers.extend(reply.write(numbers, &moment, &style));
                }
            }
            Event::End => return answers,
            Event::Interchange | Event::InterchangeAck | Event::Group => {}
        }
    }
}

/// What the dictionary says of the message that is held.
fn judge(
    dictionaries: &Dictionaries,
    weights: &Policy,
    walk: &Walk<'_>,
    buffer: &MessageBuffer,
) -> Vec<Finding> {
    let (message, view) = buffer.messages().next().expect("one is held");
    let syntax = walk.interchange().syntax;
    let found = dictionaries.find_guide(syntax, &message.version, &message.guide);
    let structure = found
        .as_ref()
        .and_then(|found| found.dictionary.structure(&message.id));
    let (Some(found), Some(structure)) = (&found, structure) else {
        let mut finding = Finding::new(Rule::MessageUnsupported, "no dictionary knows it");
        finding.place.segment = 1;
        return vec![finding];
    };
    let policy = if found.exact {
        weights.clone()
    } else {
        weights.clone().for_neighbour()
    };
    let mut judge = Judge::new(Arc::clone(&found.dictionary), Arc::clone(structure), policy);
    if let Ok(charset) = Charset::for_interchange(walk.interchange(), None) {
        judge.set_charset(charset);
    }
    let mut judged = Judged::default();
    judge.judge(view, message, &mut judged);
    judged.findings
}
