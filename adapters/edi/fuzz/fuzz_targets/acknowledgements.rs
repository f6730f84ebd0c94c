//! Acknowledgements of partners, matched with what was sent: only what was sent is answered, and no more is kept than allowed.

#![no_main]

use edi::acknowledge::{Answer, Matcher, Sent, SentMessage};
use edi::{Event, MessageBuffer, Walk, WalkOptions};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| match_what_was_sent(data));

const LIMIT: usize = 3;

/// What was sent: to each partner the same numbers, so that only who answers tells them apart.
fn sent() -> Matcher {
    let mut matcher = Matcher::new(LIMIT);
    for (key, receiver, functional_id, group) in [
        ("a", "A", "PO", "1"),
        ("b", "B", "PO", "1"),
        ("c", "A", "", ""),
    ] {
        let message = |number: &str| SentMessage {
            id: if group.is_empty() { "ORDERS" } else { "850" }.into(),
            control_number: number.into(),
            verdict: None,
        };
        let sent = Sent {
            key: key.into(),
            sender: "ME".into(),
            receiver: receiver.into(),
            interchange: "7".into(),
            functional_id: functional_id.into(),
            group: group.into(),
            messages: vec![message("0001"), message("2")],
            due: 10,
            ..Sent::default()
        };
        matcher.sent(sent).expect("there is room");
    }
    matcher
}

fn match_what_was_sent(data: &[u8]) {
    let mut matcher = sent();
    let mut input = data;
    let mut walk = Walk::new(&mut input, WalkOptions::default());
    let mut buffer = MessageBuffer::default();
    let mut received = |answer: &Answer| {
        let matched = matcher.received(answer);
        for of in &matched.messages {
            assert!(of.message < 2, "{of:?}");
            assert!(["a", "b", "c"].contains(&of.key.as_str()), "{of:?}");
        }
        assert!(matcher.kept().count() <= LIMIT);
        _ = answer.reports();
    };
    loop {
        match walk.advance().expect("memory can be read") {
            Event::InterchangeAck => received(&Answer::of_ta1(&walk.segment(), walk.interchange())),
            Event::Message | Event::Segment => _ = buffer.push(walk.reader(), 1 << 20),
            Event::MessageEnd(true) => {
                _ = buffer.push(walk.reader(), 1 << 20);
                buffer.hold(walk.message().clone());
            }
            Event::MessageEnd(false) => buffer.abandon(),
            Event::GroupEnd(_) => {
                for (message, view) in buffer.messages() {
                    if let Some(answer) = Answer::of_message(view, message, walk.interchange()) {
                        received(&answer);
                    }
                }
                buffer.clear();
            }
            Event::End => return,
            Event::Interchange | Event::Group | Event::InterchangeEnd(_) => {}
        }
        walk.take_findings();
    }
}
