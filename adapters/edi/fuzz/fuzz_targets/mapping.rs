//! Documents that were read are written by the same mapping: good EDI, which can be read again.

#![no_main]

use canonical::document::Sealed;
use edi::map::{Style, Writing};
use edi::write::Writer;
use edi::{Encoding, Event, Group, Interchange, Message, Syntax, Walk, WalkOptions};
use edi_fuzz::{convert, engine, group, interchange, is_good};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| writes_again(data));

/// The headers under which each message stands.
fn headers(mut bytes: &[u8]) -> Vec<(Interchange, Message)> {
    let mut walk = Walk::new(&mut bytes, WalkOptions::default());
    let mut headers = Vec::new();
    loop {
        match walk.advance().expect("memory can be read") {
            Event::Message => headers.push((walk.interchange().clone(), walk.message().clone())),
            Event::End => return headers,
            _ => {}
        }
        walk.take_findings();
    }
}

/// Documents that were read are written by the same mapping: good EDI, which can be read again.
fn writes_again(data: &[u8]) {
    let (stage, _) = convert(&mut { data });
    let headers = headers(data);
    for document in &stage.documents {
        let Some((interchange, message)) = headers
            .iter()
            .find(|(_, message)| message.record == document.record)
        else {
            continue;
        };
        write_again(document, interchange, message);
    }
}

fn write_again(document: &Sealed, header: &Interchange, message: &Message) {
    let terms = engine().agreements.find(header, None).terms().clone();
    let Some(found) =
        terms
            .dictionaries
            .find_guide(header.syntax, &message.version, &message.guide)
    else {
        return;
    };
    let (Some(structure), Ok(Some(plan))) = (
        found.dictionary.structure(&message.id),
        terms.mappings.plan(&found.dictionary, &message.id),
    ) else {
        return;
    };
    let Some(plan) = plan.for_kind(document.kind) else {
        return; // a TA1 stands under the same number as the first message
    };
    let Some(mut writer) = opened(
        header.syntax,
        structure.group.as_deref().unwrap_or_default(),
        message,
    ) else {
        return;
    };
    let mut writing = Writing::new(Style {
        syntax: header.syntax,
        decimal: b'.',
        offset: None,
        date: "20260131".into(),
        time: "1200".into(),
        number: "1".into(),
    });
    let written = writing.write(plan, &found.dictionary, &[&document.data], &mut |segment| {
        _ = writer.segment(segment)
    });
    written.expect("the engine reads its own documents");
    writing.take_findings();
    if writer.close_message().is_ok() && writer.close_interchange().is_ok() {
        let bytes = writer.take();
        is_good(&bytes);
        convert(&mut bytes.as_slice());
    }
}

/// A writer that stands behind the message's header; none when the header cannot be written.
fn opened(syntax: Syntax, functional_id: &str, message: &Message) -> Option<Writer> {
    let mut style = match syntax {
        Syntax::X12 => edi::write::Style::x12(),
        Syntax::Edifact => edi::write::Style::edifact(),
        Syntax::Tradacoms => return None,
    };
    style.level = "UNOY".into();
    style.syntax_version = 4;
    style.encoding = Some(Encoding::UTF8);
    let mut writer = Writer::new(style);
    writer
        .open_interchange(&interchange(syntax))
        .expect("a sound header");
    let group = Group {
        functional_id: functional_id.into(),
        version: "004010".into(),
        ..group(syntax)
    };
    writer.open_group(&group).ok()?;
    let same = Message {
        control_number: "1".into(),
        guide: String::new(),
        ..message.clone()
    };
    writer.open_message(&same).ok()?;
    Some(writer)
}
