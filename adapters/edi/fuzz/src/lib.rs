//! What several targets need: input that comes in drops, a conversion kept in memory, headers of our own. Each target is a
//! file in `fuzz_targets` and checks what must hold for every input; a panic, a hang or too much memory is a finding. See `run`.
//! Invariant: nothing here depends on a clock or on chance: what broke a target breaks it again.

use std::io::Read;
use std::sync::{Arc, OnceLock};

use canonical::decode::{Context, DecodeError, Reply, Sink, SinkError, Summary};
use canonical::document::Sealed;
use canonical::problem::Problem;
use edi::dictionary::{Dictionaries, Dictionary};
use edi::{Address, Engine, Event, Group, Interchange, Syntax, Walk, WalkOptions};

/// Input that comes a few bytes at a time.
pub struct Drops<'a>(pub &'a [u8]);

impl Read for Drops<'_> {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        let drop = self.0.len() % 7 + 1;
        let (head, rest) = self.0.split_at(drop.min(self.0.len()).min(room.len()));
        room[..head.len()].copy_from_slice(head);
        self.0 = rest;
        Ok(head.len())
    }
}

/// What stands of a file.
#[derive(Default)]
pub struct Stage {
    /// The documents, those that stand.
    pub documents: Vec<Sealed>,
    standing: usize,
    /// What is to be sent back.
    pub replies: Vec<Reply>,
    /// How many problems were told.
    pub problems: usize,
}

impl Sink for Stage {
    fn document(&mut self, document: Sealed) -> Result<(), SinkError> {
        self.documents.push(document);
        Ok(())
    }

    fn problem(&mut self, problem: Problem) {
        assert!(!problem.to_string().is_empty());
        self.problems += 1;
    }

    fn boundary(&mut self) {
        self.standing = self.documents.len();
    }

    fn discard_to_boundary(&mut self) {
        self.documents.truncate(self.standing);
    }

    fn reply(&mut self, reply: Reply) -> Result<(), SinkError> {
        self.replies.push(reply);
        Ok(())
    }
}

/// The engine with all that is shipped, and no partner.
pub fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(Engine::default)
}

/// What becomes of an input; no summary when it is refused as a whole.
pub fn convert(input: &mut dyn Read) -> (Stage, Option<Summary>) {
    let context = Context {
        ingest_id: "01JDC4Z8Q2W3E4R5T6Y7H8J9K0",
        received_at: "2026-01-31T12:00:00Z",
        file_name: "f.edi",
        modified_at: None,
        feed: None,
    };
    let mut stage = Stage::default();
    let summary = match engine().convert(input, &context, &mut stage) {
        Ok(summary) => Some(summary),
        Err(DecodeError::Refused(_)) => None,
        Err(error) => panic!("{error}"),
    };
    (stage, summary)
}

/// That what we wrote has sound envelopes. Warnings are let pass: an answer addresses its sender as the sender calls itself.
pub fn is_good(mut bytes: &[u8]) {
    let text = bytes.escape_ascii().to_string();
    let mut walk = Walk::new(&mut bytes, WalkOptions::default());
    loop {
        let event = walk.advance().expect("memory can be read");
        for finding in walk.take_findings() {
            assert!(!finding.is_error(), "{finding:?} in what we wrote: {text}");
        }
        match event {
            Event::MessageEnd(good) | Event::GroupEnd(good) | Event::InterchangeEnd(good) => {
                assert!(good, "{text}")
            }
            Event::End => return,
            _ => {}
        }
    }
}

/// A dictionary that is shipped, which others extend.
pub fn dictionary() -> &'static Dictionary {
    static X12: OnceLock<Arc<Dictionary>> = OnceLock::new();
    X12.get_or_init(|| {
        let found = Dictionaries::shipped().find(Syntax::X12, "004010");
        found.expect("it is shipped").dictionary
    })
}

/// Somebody.
fn party(id: &str) -> Address {
    Address {
        qualifier: "ZZ".into(),
        id: id.into(),
        internal: String::new(),
    }
}

/// The header of an interchange of ours.
pub fn interchange(syntax: Syntax) -> Interchange {
    Interchange {
        syntax,
        sender: party("ME"),
        receiver: party("YOU"),
        date: "20260131".into(),
        time: "1200".into(),
        version: "00501".into(),
        control_number: "1".into(),
        ..Interchange::default()
    }
}

/// The header of a group of ours; EDIFACT goes without one, which the writer knows by the missing number.
pub fn group(syntax: Syntax) -> Group {
    Group {
        functional_id: "PO".into(),
        sender: party("ME"),
        receiver: party("YOU"),
        date: "20260131".into(),
        time: "1200".into(),
        control_number: if syntax == Syntax::X12 { "1" } else { "" }.into(),
        version: "005010".into(),
        ..Group::default()
    }
}
