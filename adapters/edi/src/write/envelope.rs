//! The segments of the envelopes as they are written: ISA, GS, ST and their trailers; UNB, UNG, UNH and theirs.
//! Builds segments, counts nothing. What does not fit its element is refused, because a cut id is another partner's.
//! Invariant: a header that is built can be read again as it was given.

use std::ops::RangeInclusive;

use super::builder::SegmentBuilder;
use super::style::Style;
use crate::finding::{Finding, Place};
use crate::headers::{Address, Group, Interchange, Message};
use crate::rule::Rule;
use crate::segment::Tag;

type Built = Result<(), Box<Finding>>;

/// A segment whose values are checked as they are added.
struct Checked<'s> {
    segment: &'s mut SegmentBuilder,
    element: u16,
}

impl<'s> Checked<'s> {
    fn start(segment: &'s mut SegmentBuilder, tag: &str) -> Self {
        segment.start(tag);
        Self {
            segment,
            element: 0,
        }
    }

    fn fits(&self, value: &str, lengths: RangeInclusive<usize>, digits: bool) -> Built {
        let wrong = digits && !value.bytes().all(|byte| byte.is_ascii_digit());
        if lengths.contains(&value.chars().count()) && !wrong {
            return Ok(());
        }
        let tag = Tag::new(self.segment.tag().as_bytes());
        let kind = if digits { "digits" } else { "characters" };
        let (least, most) = lengths.into_inner();
        let place = Place {
            tag,
            element: self.element,
            ..Place::default()
        };
        let finding = Finding::new(
            Rule::ElementUnwritable,
            "the header's element cannot take this value",
        )
        .found(value.as_bytes())
        .expected(format!("{least} to {most} {kind}"))
        .hint("correct the partner's settings")
        .at(place);
        Err(Box::new(finding))
    }

    /// An element of so many characters.
    fn text(&mut self, value: &str, lengths: RangeInclusive<usize>) -> Built {
        self.element += 1;
        self.fits(value, lengths, false)?;
        self.segment.element(value);
        Ok(())
    }

    /// An element of so many digits.
    fn digits(&mut self, value: &str, lengths: RangeInclusive<usize>) -> Built {
        self.element += 1;
        self.fits(value, lengths, true)?;
        self.segment.element(value);
        Ok(())
    }

    /// An element of ISA: padded with blanks behind it.
    fn padded(&mut self, value: &str, least: usize, width: usize) -> Built {
        self.text(value, least..=width)?;
        let missing = width.saturating_sub(value.chars().count());
        self.segment.extend(&" ".repeat(missing));
        Ok(())
    }

    fn component(&mut self, value: &str, lengths: RangeInclusive<usize>) -> Built {
        self.fits(value, lengths, false)?;
        self.segment.component(value);
        Ok(())
    }
}

/// The last digits of a date, where an element has no room for the century.
fn short_date(date: &str) -> &str {
    date.get(date.len().saturating_sub(6)..).unwrap_or(date)
}

fn hours_and_minutes(time: &str) -> &str {
    time.get(..4).unwrap_or(time)
}

/// Whether the usage is test, as the syntax writes it.
fn usage<'i>(interchange: &'i Interchange, test: &'i str, production: &'i str) -> &'i str {
    match interchange.usage.as_str() {
        "" if interchange.test => test,
        "" => production,
        stated => stated,
    }
}

/// The ISA without its last element, the component separator. ISA11 is `U`, as where nothing repeats.
pub(super) fn isa(
    interchange: &Interchange,
    number: &str,
    style: &Style,
    segment: &mut SegmentBuilder,
) -> Built {
    let mut isa = Checked::start(segment, "ISA");
    for credential in [&style.authorization, &style.security] {
        let none = credential.qualifier.is_empty();
        isa.text(if none { "00" } else { &credential.qualifier }, 2..=2)?;
        isa.padded(&credential.value, 0, 10)?;
    }
    for Address { qualifier, id, .. } in [&interchange.sender, &interchange.receiver] {
        isa.padded(qualifier, 1, 2)?;
        isa.padded(id, 1, 15)?;
    }
    isa.digits(short_date(&interchange.date), 6..=6)?;
    isa.digits(hours_and_minutes(&interchange.time), 4..=4)?;
    isa.text("U", 1..=1)?;
    isa.text(&interchange.version, 5..=5)?;
    isa.digits(number, 9..=9)?;
    isa.text(if interchange.ack_requested { "1" } else { "0" }, 1..=1)?;
    isa.text(usage(interchange, "T", "P"), 1..=1)
}

/// The GS.
pub(super) fn gs(group: &Group, segment: &mut SegmentBuilder) -> Built {
    let mut gs = Checked::start(segment, "GS");
    gs.text(&group.functional_id, 2..=2)?;
    gs.text(&group.sender.id, 1..=15)?;
    gs.text(&group.receiver.id, 1..=15)?;
    // Dates have a century from version 004010 on.
    let short = group.version.as_str() < "004010";
    let date = if short {
        short_date(&group.date)
    } else {
        &group.date
    };
    gs.digits(date, 6..=8)?;
    gs.digits(&group.time, 4..=8)?;
    gs.digits(&group.control_number, 1..=9)?;
    gs.text(
        if group.agency.is_empty() {
            "X"
        } else {
            &group.agency
        },
        1..=2,
    )?;
    gs.text(&group.version, 1..=12)
}

/// The ST. `convention` is ST03; empty where there is none.
pub(super) fn st(
    message: &Message,
    number: &str,
    convention: &str,
    segment: &mut SegmentBuilder,
) -> Built {
    let mut st = Checked::start(segment, "ST");
    st.text(&message.id, 3..=3)?;
    st.text(number, 4..=9)?;
    st.text(convention, 0..=35)
}

fn partner(unb: &mut Checked<'_>, address: &Address) -> Built {
    unb.text(&address.id, 1..=35)?;
    unb.component(&address.qualifier, 0..=4)?;
    unb.component(&address.internal, 0..=35)
}

fn moment(segment: &mut Checked<'_>, date: &str, time: &str, style: &Style) -> Built {
    match style.syntax_version {
        4.. => segment.digits(date, 8..=8)?,
        _ => segment.digits(short_date(date), 6..=6)?,
    }
    segment.component(hours_and_minutes(time), 4..=4)
}

/// The UNB.
pub(super) fn unb(interchange: &Interchange, style: &Style, segment: &mut SegmentBuilder) -> Built {
    let mut unb = Checked::start(segment, "UNB");
    unb.text(&style.level, 4..=4)?;
    unb.component(&style.syntax_version.to_string(), 1..=1)?;
    partner(&mut unb, &interchange.sender)?;
    partner(&mut unb, &interchange.receiver)?;
    moment(&mut unb, &interchange.date, &interchange.time, style)?;
    unb.text(&interchange.control_number, 1..=14)?;
    unb.text(&style.security.value, 0..=14)?;
    unb.component(&style.security.qualifier, 0..=2)?;
    unb.text(&interchange.application, 0..=14)?;
    unb.text("", 0..=1)?;
    unb.text(if interchange.ack_requested { "1" } else { "" }, 0..=1)?;
    unb.text(&interchange.agreement, 0..=35)?;
    unb.text(usage(interchange, "1", ""), 0..=1)
}

/// The UNG.
pub(super) fn ung(group: &Group, style: &Style, segment: &mut SegmentBuilder) -> Built {
    let mut ung = Checked::start(segment, "UNG");
    ung.text(&group.functional_id, 0..=6)?;
    for address in [&group.sender, &group.receiver] {
        ung.text(&address.id, 0..=35)?;
        ung.component(&address.qualifier, 0..=4)?;
    }
    moment(&mut ung, &group.date, &group.time, style)?;
    ung.text(&group.control_number, 1..=14)?;
    ung.text(&group.agency, 0..=3)?;
    let mut version = group.version.splitn(3, ':');
    ung.text(version.next().unwrap_or_default(), 0..=3)?;
    ung.component(version.next().unwrap_or_default(), 0..=3)?;
    ung.component(version.next().unwrap_or_default(), 0..=6)
}

/// The UNH.
pub(super) fn unh(message: &Message, segment: &mut SegmentBuilder) -> Built {
    let mut unh = Checked::start(segment, "UNH");
    unh.text(&message.control_number, 1..=14)?;
    unh.text(&message.id, 1..=6)?;
    let (version, release) = message
        .version
        .split_once('.')
        .unwrap_or((&message.version, ""));
    unh.component(version, 1..=3)?;
    unh.component(release, 1..=3)?;
    unh.component(&message.agency, 1..=3)?;
    unh.component(&message.guide, 0..=6)
}

/// A trailer: SE and UNT, GE and UNE, IEA and UNZ have the same two elements.
pub(super) fn trailer(tag: &str, count: u64, number: &str, segment: &mut SegmentBuilder) {
    segment
        .start(tag)
        .element(&count.to_string())
        .element(number);
}
