//! `edi explain-agreement`: for each interchange of a file the partner whose agreement holds, or why none does.
//! Invariant: what is told is what the agent would decide.

use std::io::{self, Read, Write};

use edi::partner::{Agreements, Explanation};
use edi::{Event, Interchange, Message, Walk, WalkOptions};

/// Kinds of messages of one interchange that are told of.
const KINDS: usize = 100;

/// Explains every interchange of one input. Whether all of them are agreed on.
///
/// # Errors
/// The input's and the output's own.
pub(super) fn explain(
    input: &mut dyn Read,
    agreements: &Agreements,
    source: Option<&str>,
    json: bool,
    out: &mut dyn Write,
) -> io::Result<bool> {
    let options = WalkOptions {
        text: agreements.text_policy(source),
        ..WalkOptions::default()
    };
    let mut walk = Walk::new(input, options);
    let mut open: Option<(Interchange, Vec<Message>)> = None;
    let mut agreed = true;
    loop {
        let event = walk.advance()?;
        walk.take_findings();
        match event {
            Event::Interchange => open = Some((walk.interchange().clone(), Vec::new())),
            Event::Message => {
                if let Some((_, messages)) = &mut open {
                    note(messages, walk.message());
                }
            }
            Event::InterchangeEnd(_) => {
                if let Some((interchange, messages)) = open.take() {
                    let explanation = agreements.explain(&interchange, source, &messages);
                    agreed &= explanation.findings.is_empty();
                    tell(&explanation, json, out)?;
                }
            }
            Event::End => return Ok(agreed),
            Event::InterchangeAck
            | Event::Group
            | Event::Segment
            | Event::MessageEnd(_)
            | Event::GroupEnd(_) => {}
        }
    }
}

/// Remembers a message of a kind that was not there yet.
fn note(messages: &mut Vec<Message>, message: &Message) {
    let same = |other: &Message| {
        (&other.id, &other.version, &other.guide) == (&message.id, &message.version, &message.guide)
    };
    if messages.len() < KINDS && !messages.iter().any(same) {
        messages.push(message.clone());
    }
}

fn tell(explanation: &Explanation, json: bool, out: &mut dyn Write) -> io::Result<()> {
    if json {
        serde_json::to_writer(&mut *out, explanation)?;
        return writeln!(out);
    }
    writeln!(out, "{explanation}")
}
