//! `edi ack`: the answers that the sender of a file would get, byte for byte but for date and control numbers.
//! Converts as the agent does, so that an answer says what would become of the documents; keeps none of them.
//! Invariant: nothing is sent, and no control number is used up.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};

use canonical::decode::{Context, DecodeError, NumberRequest, Reply, Sink, SinkError};
use canonical::document::Sealed;
use canonical::problem::{Problem, Severity};
use edi::Engine;
use edi::partner::Agreements;

use super::arguments::Ack;

/// What was answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Answered {
    /// How many answers were printed.
    pub(super) answers: u64,
    /// Errors that were found: what is told about in the answers.
    pub(super) errors: u64,
    /// Messages that are refused.
    pub(super) refused: u64,
}

/// Prints the answers to the interchanges of one input.
///
/// # Errors
/// The input's and the output's own.
pub(super) fn answer(
    input: &mut dyn Read,
    engine: &Engine,
    context: &Context<'_>,
    number: u64,
    out: &mut dyn Write,
) -> io::Result<Answered> {
    let mut answers = Answers {
        out,
        first: number,
        given: BTreeMap::new(),
        answered: Answered::default(),
        failure: None,
    };
    let converted = engine.convert(input, context, &mut answers);
    let Answers {
        mut answered,
        failure,
        ..
    } = answers;
    match (failure, converted) {
        (Some(error), _) | (None, Err(DecodeError::Read(error))) => Err(error),
        (None, Err(DecodeError::Sink(error))) => Err(io::Error::other(error)),
        (None, Err(DecodeError::Refused(_))) => {
            answered.errors += 1;
            answered.refused = answered.refused.max(1);
            Ok(answered)
        }
        (None, Ok(summary)) => {
            answered.refused = summary.refused;
            Ok(answered)
        }
    }
}

/// An agreement with everybody, whose answers are those that the arguments name.
///
/// # Errors
/// None: the text is ours.
pub(super) fn everybody(arguments: &Ack) -> Result<Agreements, String> {
    let Ack {
        functional,
        ta1,
        contrl,
        ..
    } = arguments;
    let text = format!(
        r#"
        id = "everybody"
        name = "everybody"
        ids = ["*"]
        our_ids = ["*"]
        usage = "any"
        x12.acknowledge = {{ functional = "{functional}", ta1 = "{ta1}" }}
        edifact.acknowledge.contrl = "{contrl}"
        tradacoms = {{}}
        "#
    );
    let mut agreements = Agreements::default();
    let none = &mut |_: &str| Err(io::ErrorKind::NotFound.into());
    let added = agreements.add(&text, "arguments", none);
    added.map_err(|error| error.to_string())?;
    Ok(agreements)
}

struct Answers<'o> {
    out: &'o mut dyn Write,
    first: u64,
    /// The last number of each counter.
    given: BTreeMap<String, u64>,
    answered: Answered,
    failure: Option<io::Error>,
}

impl Sink for Answers<'_> {
    fn document(&mut self, _document: Sealed) -> Result<(), SinkError> {
        Ok(())
    }

    fn problem(&mut self, problem: Problem) {
        self.answered.errors += u64::from(problem.severity == Severity::Error);
    }

    fn boundary(&mut self) {}

    fn discard_to_boundary(&mut self) {}

    fn number(&mut self, request: &NumberRequest<'_>) -> Result<u64, SinkError> {
        let given = self.given.get(request.counter);
        let number = given.map_or(self.first, |number| number + 1);
        self.given.insert(request.counter.to_owned(), number);
        Ok(number.clamp(request.first, request.last))
    }

    fn reply(&mut self, reply: Reply) -> Result<(), SinkError> {
        self.answered.answers += 1;
        let written = self.out.write_all(&reply.bytes).and_then(|()| {
            let ended = reply.bytes.ends_with(b"\n");
            self.out.write_all(if ended { b"" } else { b"\n" })
        });
        written.map_err(|error| {
            let cause = SinkError::new(error.to_string());
            self.failure = Some(error);
            cause
        })
    }
}
