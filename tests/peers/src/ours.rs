//! What the engine does, step by step, each step with all that comes before it.
//! Every input here is generated and good: what is found wrong stops the bench.

use std::collections::HashMap;
use std::hint::black_box;
use std::io::Read;
use std::sync::{Arc, OnceLock};

use crate::flow::MESSAGES;
use canonical::decode::{Context, Reply, Sink, SinkError};
use canonical::document::Sealed;
use canonical::problem::{Problem, Severity};
use engine::dictionary::Dictionaries;
use engine::judge::{Judge, Judged, Policy};
use engine::map::{Mappings, Writing};
use engine::write::{SegmentBuilder, Style, Writer};
use engine::{
    Advance, Event, Group, Interchange, Limits, Message, MessageBuffer, Opening, Reader, Syntax,
    TextPolicy, Walk, WalkOptions,
};

const CONTEXT: Context<'_> = Context {
    ingest_id: "01JDC4Z8Q2W3E4R5T6Y7H8J9K0",
    received_at: "2026-01-31T12:00:00Z",
    file_name: "bench.edi",
    modified_at: None,
    feed: None,
};

/// Segments, with the widest instructions that the processor has. Counts elements.
pub fn read(input: &mut dyn Read) -> u64 {
    segments(Reader::new(input, Limits::default()))
}

/// Segments, by safe code alone.
pub fn read_portable(input: &mut dyn Read) -> u64 {
    segments(Reader::new(input, Limits::default()).portable())
}

fn segments(mut reader: Reader<'_>) -> u64 {
    let mut elements = 0;
    while matches!(reader.open(TextPolicy::Refuse), Ok(Opening::Header { .. })) {
        while matches!(reader.advance(), Ok(Advance::Segment)) {
            let segment = reader.segment();
            elements += segment.count() as u64;
            if matches!(segment.element(0), b"IEA" | b"UNZ") {
                break;
            }
        }
    }
    elements
}

/// Segments, envelopes, counts, control numbers. Counts messages.
pub fn walk(input: &mut dyn Read) -> u64 {
    let mut walk = Walk::new(input, WalkOptions::default());
    let mut good = 0;
    loop {
        match walk.advance().expect("the input can be read") {
            Event::MessageEnd(ends_well) => good += u64::from(ends_well),
            Event::End => {
                assert!(
                    walk.take_findings().is_empty(),
                    "the generated file is good"
                );
                return good;
            }
            _ => {}
        }
    }
}

/// All of that, and each message judged by its dictionary once its group has closed.
pub fn validate(input: &mut dyn Read) -> u64 {
    let mut judges = Judges::default();
    let mut judged = Judged::default();
    let mut buffer = MessageBuffer::default();
    let mut walk = Walk::new(input, WalkOptions::default());
    let mut good = 0;
    loop {
        match walk.advance().expect("the input can be read") {
            Event::Message | Event::Segment => keep(&mut buffer, &walk),
            Event::MessageEnd(true) => {
                keep(&mut buffer, &walk);
                buffer.hold(walk.message().clone());
            }
            Event::MessageEnd(false) => buffer.abandon(),
            Event::GroupEnd(_) => {
                for (message, view) in buffer.messages() {
                    judges
                        .of(walk.interchange().syntax, message)
                        .judge(view, message, &mut judged);
                    assert!(judged.findings.is_empty(), "{:?}", judged.findings);
                    black_box(&judged.nodes);
                    good += 1;
                }
                buffer.clear();
            }
            Event::End => return good,
            Event::Interchange
            | Event::InterchangeAck
            | Event::Group
            | Event::InterchangeEnd(_) => {}
        }
    }
}

fn keep(buffer: &mut MessageBuffer, walk: &Walk<'_>) {
    assert!(
        buffer.push(walk.reader(), 16 << 20),
        "the messages are short"
    );
}

#[derive(Default)]
struct Judges(HashMap<String, Judge>);

impl Judges {
    fn of(&mut self, syntax: Syntax, message: &Message) -> &mut Judge {
        if !self.0.contains_key(&message.id) {
            let found = shipped()
                .find(syntax, &message.version)
                .expect("the version is shipped");
            let structure = found
                .dictionary
                .structure(&message.id)
                .expect("the message is shipped");
            let structure = Arc::clone(structure);
            let judge = Judge::new(found.dictionary, structure, Policy::default());
            self.0.insert(message.id.clone(), judge);
        }
        self.0.get_mut(&message.id).expect("it was put there")
    }
}

fn shipped() -> &'static Dictionaries {
    static SHIPPED: OnceLock<Dictionaries> = OnceLock::new();
    SHIPPED.get_or_init(Dictionaries::shipped)
}

/// Takes documents and answers as a caller does, and lets go of them.
#[derive(Default)]
struct Counting {
    documents: u64,
    answers: u64,
    warned: u64,
}

impl Sink for Counting {
    fn document(&mut self, document: Sealed) -> Result<(), SinkError> {
        self.documents += 1;
        black_box(document);
        Ok(())
    }

    fn problem(&mut self, problem: Problem) {
        assert!(problem.severity != Severity::Error, "{problem}");
        if self.warned == 0 {
            eprintln!("a warning in the generated file: {problem}");
        }
        self.warned += 1;
    }

    fn boundary(&mut self) {}

    fn discard_to_boundary(&mut self) {}

    fn reply(&mut self, reply: Reply) -> Result<(), SinkError> {
        self.answers += 1;
        black_box(reply);
        Ok(())
    }
}

/// From bytes to canonical envelopes, and the acknowledgements. Counts documents.
pub fn convert(input: &mut dyn Read) -> u64 {
    let mut sink = Counting::default();
    engine::convert(input, &CONTEXT, &mut sink).expect("the generated file is good");
    assert!(sink.answers > 0, "every interchange is answered");
    sink.documents
}

/// What there is to write: the envelope's words, and segments or documents.
pub struct Drafts {
    interchange: Interchange,
    group: Group,
    messages: Vec<(Message, Vec<Vec<Value>>)>,
    documents: Vec<Vec<u8>>,
}

impl Drafts {
    /// The first messages of one generated file, taken apart: few, so that what is held is the writer's own.
    ///
    /// # Panics
    /// When it is not good.
    #[must_use]
    pub fn of(file: &[u8]) -> Self {
        let mut input = file;
        let mut walk = Walk::new(&mut input, WalkOptions::default());
        let mut drafts = Self {
            interchange: Interchange::default(),
            group: Group::default(),
            messages: Vec::new(),
            documents: Vec::new(),
        };
        loop {
            match walk.advance().expect("memory can be read") {
                Event::Message if drafts.messages.len() == KEPT => {
                    drafts.interchange = walk.interchange().clone();
                    drafts.group = walk.group().clone();
                    break;
                }
                Event::Message => drafts.messages.push((walk.message().clone(), Vec::new())),
                Event::Segment => {
                    let (_, segments) = drafts.messages.last_mut().expect("a message is open");
                    segments.push(taken_apart(&walk));
                }
                _ => {}
            }
        }
        let mut sink = Keeping::default();
        engine::convert(&mut { file }, &CONTEXT, &mut sink).expect("the generated file is good");
        drafts.documents = sink.0;
        drafts.documents.truncate(KEPT);
        drafts
    }

    fn style(&self) -> Style {
        match self.interchange.syntax {
            Syntax::X12 => Style::x12(),
            Syntax::Edifact | Syntax::Tradacoms => Style::edifact(),
        }
    }

    /// Writes the messages until there are so many bytes; how many there are. What is measured is separating, checking and
    /// releasing, and the envelopes.
    #[must_use]
    pub fn write(&self, wanted: u64) -> u64 {
        let mut writer = Writer::new(self.style());
        let mut builder = SegmentBuilder::default();
        let mut written = 0;
        while written < wanted {
            writer
                .open_interchange(&self.interchange)
                .expect("it was read so");
            writer.open_group(&self.group).expect("it was read so");
            for (message, segments) in self.messages.iter().cycle().take(MESSAGES) {
                writer.open_message(message).expect("it was read so");
                for values in segments {
                    put_together(&mut builder, values);
                    writer.segment(&builder).expect("it was read so");
                }
                writer.close_message().expect("a message is open");
            }
            writer.close_interchange().expect("an interchange is open");
            written += black_box(writer.settled()).len() as u64;
            writer.forget();
        }
        written
    }

    /// From canonical documents to EDI by the mapping, until there are so many bytes; how many there are.
    #[must_use]
    pub fn compose(&self, wanted: u64) -> u64 {
        let (message, _) = self.messages.first().expect("there are messages");
        let found = shipped().find(self.interchange.syntax, &message.version);
        let dictionary = found.expect("the version is shipped").dictionary;
        let plan = Mappings::shipped().plan(&dictionary, &message.id);
        let plan = plan
            .expect("the mapping is good")
            .expect("the message is mapped");
        let mut writing = Writing::new(engine::map::Style {
            syntax: self.interchange.syntax,
            decimal: b'.',
            offset: None,
            date: "20260131".into(),
            time: "1200".into(),
            number: "1".into(),
        });
        let mut writer = Writer::new(self.style());
        let mut written = 0;
        while written < wanted {
            writer
                .open_interchange(&self.interchange)
                .expect("it was read so");
            writer.open_group(&self.group).expect("it was read so");
            for document in self.documents.iter().cycle().take(MESSAGES) {
                writer.open_message(message).expect("it was read so");
                writing
                    .write(&plan, &dictionary, &[document], &mut |segment| {
                        writer.segment(segment).expect("it was read so");
                    })
                    .expect("the documents are the engine's own");
                writing.take_findings();
                writer.close_message().expect("a message is open");
            }
            writer.close_interchange().expect("an interchange is open");
            written += black_box(writer.settled()).len() as u64;
            writer.forget();
        }
        written
    }
}

#[derive(Default)]
struct Keeping(Vec<Vec<u8>>);

impl Sink for Keeping {
    fn document(&mut self, document: Sealed) -> Result<(), SinkError> {
        self.0.push(document.data);
        Ok(())
    }

    fn problem(&mut self, _problem: Problem) {}

    fn boundary(&mut self) {}

    fn discard_to_boundary(&mut self) {}
}

/// How many messages are written again and again.
const KEPT: usize = 10;

/// A value, and whether it is a component behind the first.
type Value = (String, bool);

fn taken_apart(walk: &Walk<'_>) -> Vec<Value> {
    let segment = walk.segment();
    let text = |piece| {
        let value = segment.released(piece).into_owned();
        String::from_utf8(value).expect("the generated file is ASCII")
    };
    let mut values = Vec::new();
    for number in 0..segment.count() {
        let parts = segment.components(segment.element(number));
        values.extend(
            parts
                .enumerate()
                .map(|(place, part)| (text(part), place > 0)),
        );
    }
    values
}

fn put_together(builder: &mut SegmentBuilder, values: &[Value]) {
    let mut values = values.iter();
    if let Some((tag, _)) = values.next() {
        builder.start(tag);
    }
    for (value, component) in values {
        if *component {
            builder.component(value);
        } else {
            builder.element(value);
        }
    }
}
