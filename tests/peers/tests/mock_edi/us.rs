//! Our side of the choreography: what comes is read, judged, converted and answered; what goes out is written by the mappings
//! and remembered until it is answered.

use std::collections::BTreeMap;

use canonical::decode::{Context, DecodeError, NumberRequest, Reply, Sink, SinkError};
use canonical::document::Sealed;
use canonical::problem::Problem;
use engine::acknowledge::{Answer, Matcher, Sent, SentMessage};
use engine::map::Writing;
use engine::partner::PartnerId;
use engine::write::Writer;
use engine::{Engine, Event, Interchange, MessageBuffer, Syntax, Walk, WalkOptions};
use serde_json::Value;

const CONTEXT: Context<'_> = Context {
    ingest_id: "01JDC4Z8Q2W3E4R5T6Y7H8J9K0",
    received_at: "2026-11-02T09:00:00Z",
    file_name: "from-mock-edi",
    modified_at: None,
    feed: None,
};

/// What became of one file.
#[derive(Default)]
pub(crate) struct Taken {
    /// Subjects and documents that stand.
    pub(crate) documents: Vec<(String, Value)>,
    /// What was wrong.
    pub(crate) problems: Vec<Problem>,
    /// What is answered.
    pub(crate) replies: Vec<Reply>,
    standing: usize,
    numbers: BTreeMap<String, u64>,
}

impl Sink for Taken {
    fn document(&mut self, document: Sealed) -> Result<(), SinkError> {
        let value = serde_json::from_slice(&document.data).map_err(SinkError::new)?;
        self.documents.push((document.subject, value));
        Ok(())
    }

    fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    fn boundary(&mut self) {
        self.standing = self.documents.len();
    }

    fn discard_to_boundary(&mut self) {
        self.documents.truncate(self.standing);
    }

    fn number(&mut self, request: &NumberRequest<'_>) -> Result<u64, SinkError> {
        let next = self
            .numbers
            .entry(request.counter.to_owned())
            .or_insert(request.first);
        *next += 1;
        Ok(*next - 1)
    }

    fn reply(&mut self, reply: Reply) -> Result<(), SinkError> {
        self.replies.push(reply);
        Ok(())
    }
}

/// Us.
pub(crate) struct Us {
    engine: Engine,
    numbers: BTreeMap<String, u64>,
    /// What we sent and wait for an answer to.
    pub(crate) matcher: Matcher,
}

impl Us {
    /// With these partners.
    pub(crate) fn with(partners: &[&str]) -> Self {
        let mut engine = Engine::default();
        for text in partners {
            let added = engine.agreements.add(text, "partner.toml", &mut |_| {
                Err(std::io::ErrorKind::NotFound.into())
            });
            added.unwrap_or_else(|error| panic!("{error}"));
        }
        Self {
            engine,
            numbers: BTreeMap::new(),
            matcher: Matcher::new(100),
        }
    }

    /// Reads a file as the agent does.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Taken {
        let mut taken = Taken {
            numbers: std::mem::take(&mut self.numbers),
            ..Taken::default()
        };
        match self.engine.convert(&mut { bytes }, &CONTEXT, &mut taken) {
            Ok(_) => {}
            Err(DecodeError::Refused(problem)) => taken.problems.push(*problem),
            Err(error) => panic!("{error}"),
        }
        self.numbers = std::mem::take(&mut taken.numbers);
        taken
    }

    /// Writes documents as one interchange for a partner, and waits for its answer.
    pub(crate) fn write(
        &mut self,
        partner: &str,
        (syntax, group, set): (Syntax, &str, &str),
        documents: &[Value],
    ) -> Vec<u8> {
        let id = PartnerId::new(partner).expect("an id");
        let agreement = self
            .engine
            .agreements
            .partner(&id)
            .expect("the partner")
            .clone();
        let terms = agreement.terms(syntax).expect("the syntax is agreed");
        let out = terms.write.as_ref().expect("writing is agreed");
        let number = self.numbers.entry(format!("{partner}/out")).or_insert(500);
        *number += 1;
        let number = number.to_string();
        let found = terms
            .dictionaries
            .find(syntax, &out.version)
            .expect("the version is shipped");
        let plan = terms
            .mappings
            .plan(&found.dictionary, set)
            .expect("a good mapping")
            .expect("a mapping");
        let (date, time) = ("20261102", "0900");
        let mut writing = Writing::new(engine::map::Style {
            syntax,
            decimal: b'.',
            offset: None,
            date: date.into(),
            time: time.into(),
            number: number.clone(),
        });
        let mut writer = Writer::new(out.style.clone());
        let header = out.interchange(&number, date, time);
        let group = out.group(
            group,
            if syntax == Syntax::X12 { &number } else { "" },
            date,
            time,
        );
        writer
            .open_interchange(&header)
            .expect("the header is good");
        writer.open_group(&group).expect("the group is good");
        let mut messages = Vec::new();
        for (index, document) in documents.iter().enumerate() {
            let message = out.message(set, &format!("{:04}", index + 1));
            writer.open_message(&message).expect("the message is good");
            let json = document.to_string();
            writing
                .write(
                    &plan,
                    &found.dictionary,
                    &[json.as_bytes()],
                    &mut |segment| {
                        writer
                            .segment(segment)
                            .unwrap_or_else(|finding| panic!("{finding:?}"));
                    },
                )
                .expect("it is such a document");
            let findings = writing.take_findings();
            assert!(findings.is_empty(), "{set}: {findings:?}");
            writer.close_message().expect("a message is open");
            messages.push(SentMessage {
                id: set.into(),
                control_number: message.control_number,
                verdict: None,
            });
        }
        writer.close_interchange().expect("an interchange is open");
        let sent = Sent {
            key: number.clone(),
            sender: header.sender.id.clone(),
            receiver: header.receiver.id.clone(),
            interchange: number,
            functional_id: group.functional_id,
            group: group.control_number,
            messages,
            due: 3600,
            ..Sent::default()
        };
        self.matcher.sent(sent).expect("there is room");
        writer.take()
    }

    /// Matches the answers in a file with what was sent: a line for each verdict, and for what belongs to nothing.
    pub(crate) fn matched(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        for answer in answers(bytes) {
            let matched = self.matcher.received(&answer);
            lines.extend(
                matched
                    .messages
                    .iter()
                    .map(|of| format!("{}/{} {:?}", of.key, of.message + 1, of.verdict)),
            );
            lines.extend(
                matched
                    .unknown
                    .iter()
                    .map(|unknown| format!("unknown: {unknown:?}")),
            );
        }
        lines
    }
}

/// The acknowledgements in a file.
fn answers(mut bytes: &[u8]) -> Vec<Answer> {
    let mut walk = Walk::new(&mut bytes, WalkOptions::default());
    let mut buffer = MessageBuffer::default();
    let mut answers = Vec::new();
    loop {
        match walk.advance().expect("memory can be read") {
            Event::InterchangeAck => {
                answers.push(Answer::of_ta1(&walk.segment(), walk.interchange()))
            }
            Event::Message | Event::Segment => assert!(buffer.push(walk.reader(), 1 << 20)),
            Event::MessageEnd(true) => {
                assert!(buffer.push(walk.reader(), 1 << 20));
                buffer.hold(walk.message().clone());
            }
            Event::MessageEnd(false) => buffer.abandon(),
            Event::GroupEnd(_) => {
                let interchange: &Interchange = walk.interchange();
                answers.extend(
                    buffer.messages().filter_map(|(message, view)| {
                        Answer::of_message(view, message, interchange)
                    }),
                );
                buffer.clear();
            }
            Event::End => return answers,
            Event::Interchange | Event::Group | Event::InterchangeEnd(_) => {}
        }
    }
}
