//! What the tests of acknowledgements share: one call that walks a file, judges its messages as agreed with its senders, and
//! writes what is answered. It goes the road of `Engine::convert` and stops before the mapping, so that findings come whole.
//! Holds no expectations. Invariant: the answers are in the order in which their interchanges ended.

use std::collections::HashMap;
use std::sync::Arc;

use edi::acknowledge::{Acknowledgement, Collector, Moment, Numbers, Reply};
use edi::judge::{Judge, Judged};
use edi::partner::{Decision, Terms};
use edi::write::{Style, Suffix};
use edi::{
    Charset, Engine, Event, Finding, Limits, Message, MessageBuffer, Place, Rule, Syntax, Walk,
    WalkOptions,
};

/// What became of a file.
#[derive(Default)]
pub(crate) struct Answered {
    pub(crate) findings: Vec<Finding>,
    /// One segment a line, under the numbers 1 and 1.
    pub(crate) answers: Vec<Acknowledgement>,
}

/// An engine that knows one partner, who goes by every name; `settings` are what its file says besides.
pub(crate) fn engine(settings: &str, limits: Limits) -> Engine {
    let mut engine = Engine {
        limits,
        ..Engine::default()
    };
    let mut file: toml::Table = toml::from_str(
        "id = 'p'\nname = 'P'\nids = ['*']\nour_ids = ['*']\nusage = 'any'\n[x12]\n[edifact]\n[tradacoms]",
    )
    .unwrap();
    file.extend(toml::from_str::<toml::Table>(settings).unwrap());
    let text = toml::to_string(&file).unwrap();
    let added = engine
        .agreements
        .add(&text, "p.toml", &mut |_| unreachable!("there is no guide"));
    added.unwrap_or_else(|error| panic!("{text}: {error}"));
    engine
}

/// The findings on a file that came through a feed, and the answers to it.
pub(crate) fn answer(engine: &Engine, feed: Option<&str>, mut bytes: &[u8]) -> Answered {
    let options = WalkOptions {
        limits: engine.limits,
        text: engine.agreements.text_policy(feed),
    };
    let mut walk = Walk::new(&mut bytes, options);
    let mut reading = Reading {
        engine,
        decision: engine.agreements.find(walk.interchange(), feed),
        charset: None,
        buffer: MessageBuffer::default(),
        keeps: false,
        collector: Collector::default(),
        judges: HashMap::new(),
        answered: Answered::default(),
    };
    loop {
        let event = walk.advance().expect("bytes in memory can be read");
        match event {
            Event::Interchange => reading.interchange(&mut walk, feed),
            Event::InterchangeAck => reading.collector.interchange_acknowledgement(),
            Event::Group => reading.collector.group(walk.group()),
            Event::Message => reading.message(&mut walk),
            Event::Segment => reading.keep(&mut walk),
            Event::MessageEnd(_) | Event::GroupEnd(_) | Event::InterchangeEnd(_) | Event::End => {}
        }
        reading.find(walk.take_findings());
        match event {
            Event::MessageEnd(good) => reading.message_end(&mut walk, good),
            Event::GroupEnd(good) => reading.collector.group_end(good),
            Event::InterchangeEnd(good) => {
                for reply in reading.collector.interchange_end(good) {
                    reading.write(&reply);
                }
            }
            Event::End => return reading.answered,
            Event::Interchange
            | Event::InterchangeAck
            | Event::Group
            | Event::Message
            | Event::Segment => {}
        }
    }
}

struct Reading<'e> {
    engine: &'e Engine,
    decision: Decision,
    charset: Option<Charset>,
    buffer: MessageBuffer,
    keeps: bool,
    collector: Collector,
    /// By version, guide and id.
    judges: HashMap<[String; 3], Option<Judge>>,
    answered: Answered,
}

impl Reading<'_> {
    fn find(&mut self, findings: Vec<Finding>) {
        for finding in findings {
            self.collector.finding(&finding);
            self.answered.findings.push(finding);
        }
    }

    fn interchange(&mut self, walk: &mut Walk<'_>, feed: Option<&str>) {
        self.judges.clear();
        self.decision = self.engine.agreements.find(walk.interchange(), feed);
        let terms = self.decision.terms();
        walk.hold_to(&terms.policy);
        self.collector
            .interchange(walk.interchange(), terms.acknowledge);
        for finding in self.decision.findings() {
            walk.complain(finding.clone());
        }
        let charset = Charset::for_interchange(walk.interchange(), terms.charset);
        self.charset = charset.map_err(|finding| walk.complain(*finding)).ok();
    }

    fn message(&mut self, walk: &mut Walk<'_>) {
        self.collector.message(walk.message());
        if let Some(finding) = self.decision.message(walk.message()) {
            walk.complain(finding);
        }
        self.buffer.clear();
        self.keeps = self.charset.is_some() && !walk.message().package;
        if walk.message().package {
            let mut finding = Finding::new(Rule::MessageUnsupported, "a package is passed over");
            finding.severity = canonical::problem::Severity::Warning;
            walk.complain(finding);
        }
        self.keep(walk);
    }

    fn keep(&mut self, walk: &mut Walk<'_>) {
        let limit = self.engine.limits.set_bytes;
        if self.keeps && !self.buffer.push(walk.reader(), limit) {
            self.keeps = false;
            walk.complain(Finding::new(Rule::MessageLength, "too long"));
        }
    }

    fn message_end(&mut self, walk: &mut Walk<'_>, good: bool) {
        let mut accepted = good && (self.keeps || walk.message().package);
        if good && self.keeps {
            self.keep(walk);
            self.find(walk.take_findings());
            self.buffer.hold(walk.message().clone());
            let found = self.judge(walk);
            accepted = !found.iter().any(Finding::is_error);
            self.find(found);
        }
        if !accepted {
            walk.refuse();
        }
        self.collector.message_end(accepted);
    }

    /// What the dictionary says of the message that is held.
    fn judge(&mut self, walk: &Walk<'_>) -> Vec<Finding> {
        let (message, view) = self.buffer.messages().next().expect("one is held");
        let (terms, syntax) = (self.decision.terms(), walk.interchange().syntax);
        let kind = [&message.version, &message.guide, &message.id].map(String::clone);
        let judge = self.judges.entry(kind);
        let Some(judge) = judge.or_insert_with(|| judge_of(terms, syntax, message)) else {
            let place = Place {
                byte: message.offset,
                line: message.line,
                record: Some(message.record),
                segment: 1,
                ..Place::default()
            };
            let finding = Finding::new(Rule::MessageUnsupported, "no dictionary knows it");
            return vec![finding.at(place)];
        };
        judge.set_charset(self.charset.expect("what is kept can be read"));
        let mut judged = Judged::default();
        judge.judge(view, message, &mut judged);
        judged.findings
    }

    fn write(&mut self, reply: &Reply) {
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
        match reply.write(numbers, &moment, &style) {
            Ok(written) => self.answered.answers.push(written),
            Err(finding) => self.answered.findings.push(*finding),
        }
    }
}

fn judge_of(terms: &Terms, syntax: Syntax, message: &Message) -> Option<Judge> {
    let found = terms
        .dictionaries
        .find_guide(syntax, &message.version, &message.guide)?;
    let structure = Arc::clone(found.dictionary.structure(&message.id)?);
    let policy = if found.exact {
        terms.policy.clone()
    } else {
        terms.policy.clone().for_neighbour()
    };
    Some(Judge::new(found.dictionary, structure, policy))
}
