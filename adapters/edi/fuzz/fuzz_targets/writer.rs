//! Whatever is written is read as the same values, or refused: separators are chosen or released, nothing is replaced in silence.

#![no_main]

use edi::write::{OnCharacter, SegmentBuilder, Style, Suffix, Writer};
use edi::{Encoding, Event, Message, Syntax, Walk, WalkOptions};
use edi_fuzz::{group, interchange, is_good};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| reads_as_written(data));

/// What bytes are taken for: segments of values, by a few bytes that separate them.
fn segments(text: &str) -> Vec<Vec<Vec<String>>> {
    let values = |segment: &str| -> Vec<Vec<String>> {
        segment
            .split('\u{1}')
            .map(|element| element.split('\u{2}').map(str::to_owned).collect())
            .collect()
    };
    text.split('\u{3}').take(50).map(values).collect()
}

fn style(choice: u8, syntax: Syntax) -> Style {
    let mut style = if syntax == Syntax::X12 {
        Style::x12()
    } else {
        Style::edifact()
    };
    style.level = "UNOY".into();
    style.syntax_version = if choice & 2 == 0 { 3 } else { 4 };
    style.encoding = Some(Encoding::UTF8);
    style.on_character = OnCharacter::Refuse;
    style.una = choice & 4 != 0;
    style.suffix = if choice & 8 == 0 {
        Suffix::None
    } else {
        Suffix::CrLf
    };
    style
}

fn reads_as_written(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let choice = data.first().copied().unwrap_or_default();
    let syntax = if choice & 1 == 0 {
        Syntax::X12
    } else {
        Syntax::Edifact
    };
    let mut writer = Writer::new(style(choice, syntax));
    writer
        .open_interchange(&interchange(syntax))
        .expect("a sound header");
    writer.open_group(&group(syntax)).expect("a sound header");
    let x12 = syntax == Syntax::X12;
    let message = Message {
        id: if x12 { "850" } else { "ORDERS" }.into(),
        version: if x12 { "005010" } else { "D.96A" }.into(),
        agency: "UN".into(),
        control_number: "1".into(),
        ..Message::default()
    };
    writer.open_message(&message).expect("a sound header");
    let mut written = Vec::new();
    for values in segments(text) {
        let mut builder = SegmentBuilder::default();
        builder.start("XYZ");
        for element in &values {
            let parts: Vec<&str> = element.iter().map(String::as_str).collect();
            builder.composite(&parts);
        }
        if !builder.is_blank() && writer.segment(&builder).is_ok() {
            written.push(trimmed(values));
        }
    }
    if written.is_empty() {
        return; // a message of nothing is its caller's mistake
    }
    if writer.close_message().is_err() || writer.close_interchange().is_err() {
        return;
    }
    let replaced = writer.changes();
    assert_eq!(
        (replaced.characters_replaced, replaced.separators_replaced),
        (0, 0),
        "nothing may be replaced"
    );
    let bytes = writer.take();
    is_good(&bytes);
    assert_eq!(read(&bytes), written, "{}", bytes.escape_ascii());
}

/// Without what is empty and has nothing behind it.
fn trimmed(mut values: Vec<Vec<String>>) -> Vec<Vec<String>> {
    for element in &mut values {
        let kept = element
            .iter()
            .rposition(|part| !part.is_empty())
            .map_or(1, |last| last + 1);
        element.truncate(kept);
    }
    let kept = values
        .iter()
        .rposition(|element| element.iter().any(|part| !part.is_empty()));
    values.truncate(kept.map_or(0, |last| last + 1));
    values
}

fn read(mut bytes: &[u8]) -> Vec<Vec<Vec<String>>> {
    let mut walk = Walk::new(&mut bytes, WalkOptions::default());
    let mut segments = Vec::new();
    loop {
        match walk.advance().expect("memory can be read") {
            Event::Segment => {
                let segment = walk.segment();
                let text = |piece: &[u8]| {
                    String::from_utf8(segment.released(piece).into_owned())
                        .expect("UTF-8 was written")
                };
                let values: Vec<Vec<String>> = (1..=segment.count())
                    .map(|number| {
                        segment
                            .components(segment.element(number))
                            .map(text)
                            .collect()
                    })
                    .collect();
                segments.push(trimmed(values));
            }
            Event::End => return segments,
            _ => {}
        }
    }
}
