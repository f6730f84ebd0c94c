//! From a segment's values to bytes: separators between them, release characters, the character set and its stand-ins.
//! Keeps nothing of what it wrote; the writer decides what becomes of a fault.
//! Invariant: a service character in the bytes is a separator, or stands behind a release character. Never data by accident.

use super::builder::{Begins, SegmentBuilder};
use super::latin::stand_in;
use super::style::{OnCharacter, OnSeparator, Style};
use crate::charset::{Charset, Encoding};
use crate::segment::Tag;
use crate::separators::Separators;

/// How often data had to give way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Other separators were chosen for an interchange.
    pub separators_chosen: u64,
    /// A separator in the data was replaced.
    pub separators_replaced: u64,
    /// Characters that a stand-in was written for.
    pub characters_replaced: u64,
}

/// Why a segment cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The tag is none.
    Tag,
    /// This separator is in the data, and nothing can release it.
    Separator(u8),
    /// The set does not have this character.
    Character(char),
    /// Nothing can separate repetitions.
    Repetition,
}

/// What writes the segments of one interchange.
pub(super) struct Encoder {
    style: Style,
    suffix: &'static [u8],
    /// None before the first interchange.
    charset: Option<Charset>,
    separators: Separators,
    /// Which bytes are written as they are.
    plain: [bool; 256],
    pub(super) changes: Changes,
}

impl Encoder {
    pub(super) fn new(style: Style) -> Self {
        Self {
            separators: style.separators,
            suffix: b"",
            charset: None,
            style,
            plain: [false; 256],
            changes: Changes::default(),
        }
    }

    /// An interchange begins.
    pub(super) fn begin(&mut self, charset: Charset, separators: Separators) {
        self.charset = Some(charset);
        // A line needs no end where its terminator is one.
        let ends_line = matches!(separators.terminator, b'\r' | b'\n');
        self.suffix = if ends_line {
            b""
        } else {
            self.style.suffix.bytes()
        };
        self.separate(separators);
    }

    /// Uses these separators from now on.
    pub(super) fn separate(&mut self, separators: Separators) {
        self.separators = separators;
        let Some(charset) = self.charset else { return };
        let every = charset.encoding() == Encoding::UTF8 && charset.foreign("é").is_none();
        for (byte, plain) in (0..=u8::MAX).zip(&mut self.plain) {
            let carried = match byte {
                0x80.. => every && !self.style.upper_case,
                b'a'..=b'z' if self.style.upper_case => false,
                _ => carries(charset, char::from(byte)),
            };
            *plain = carried && !is_service(separators, byte);
        }
    }

    pub(super) fn style(&self) -> &Style {
        &self.style
    }

    /// What follows each terminator.
    pub(super) fn suffix(&self) -> &'static [u8] {
        self.suffix
    }

    pub(super) fn separators(&self) -> Separators {
        self.separators
    }

    fn is_plain(&self, byte: u8) -> bool {
        self.plain
            .get(usize::from(byte))
            .is_some_and(|plain| *plain)
    }

    /// Appends a segment with its terminator. In a fault, which value it is about; part of the segment is then written.
    pub(super) fn segment(
        &mut self,
        segment: &SegmentBuilder,
        out: &mut Vec<u8>,
    ) -> Result<(), (usize, Fault)> {
        if !Tag::new(segment.tag().as_bytes()).is_valid() {
            return Err((usize::MAX, Fault::Tag));
        }
        let text = segment.text().as_bytes();
        // Without a branch for each byte, so that the usual segment costs one look at it.
        let plain = text
            .iter()
            .fold(true, |plain, byte| plain & self.is_plain(*byte));
        out.reserve(2 * text.len() + 16);
        out.extend_from_slice(segment.tag().as_bytes());
        let mut due = Due::default();
        for (index, (begins, value)) in segment.values().enumerate() {
            due.add(begins);
            if value.is_empty() {
                continue;
            }
            due.write(&self.separators, out)
                .map_err(|fault| (index, fault))?;
            if plain {
                out.extend_from_slice(value.as_bytes());
            } else {
                self.value(value, out).map_err(|fault| (index, fault))?;
            }
        }
        self.end(out);
        Ok(())
    }

    /// Appends the terminator and what follows it.
    pub(super) fn end(&self, out: &mut Vec<u8>) {
        out.push(self.separators.terminator);
        out.extend_from_slice(self.suffix);
    }

    fn value(&mut self, value: &str, out: &mut Vec<u8>) -> Result<(), Fault> {
        let mut rest = value;
        let mut before = ' ';
        loop {
            let plain = rest.bytes().take_while(|byte| self.is_plain(*byte)).count();
            // Either no byte beyond ASCII is plain or all are, so plain bytes are whole characters.
            let (run, special) = rest.split_at_checked(plain).unwrap_or((rest, ""));
            out.extend_from_slice(run.as_bytes());
            let mut characters = special.chars();
            let Some(character) = characters.next() else {
                return Ok(());
            };
            // A line break is one blank, also where it takes two characters.
            let second = plain == 0 && (before, character) == ('\r', '\n');
            if !second {
                self.character(character, out)?;
            }
            before = character;
            rest = characters.as_str();
        }
    }

    fn character(&mut self, character: char, out: &mut Vec<u8>) -> Result<(), Fault> {
        if !self.style.upper_case {
            return self.cased(character, out);
        }
        character
            .to_uppercase()
            .try_for_each(|capital| self.cased(capital, out))
    }

    fn cased(&mut self, character: char, out: &mut Vec<u8>) -> Result<(), Fault> {
        if self.carried(character, out)? {
            return Ok(());
        }
        if self.style.on_character == OnCharacter::Refuse {
            return Err(Fault::Character(character));
        }
        self.changes.characters_replaced += 1;
        let start = out.len();
        let capital = character.to_ascii_uppercase();
        if capital != character && self.carried(capital, out)? {
            return Ok(());
        }
        for instead in stand_in(character)
            .ok_or(Fault::Character(character))?
            .chars()
        {
            if !self.carried(instead, out)? && !self.carried(instead.to_ascii_uppercase(), out)? {
                out.truncate(start);
                return Err(Fault::Character(character));
            }
        }
        Ok(())
    }

    /// Appends a character that the set has, released where need be; false when the set does not have it.
    fn carried(&mut self, character: char, out: &mut Vec<u8>) -> Result<bool, Fault> {
        let service = u8::try_from(character).ok();
        if let Some(byte) = service.filter(|byte| is_service(self.separators, *byte)) {
            return self.service(byte, out).map(|()| true);
        }
        let Some(charset) = self.charset.filter(|charset| carries(*charset, character)) else {
            return Ok(false);
        };
        let encoded = charset.encode(character.encode_utf8(&mut [0; 4]));
        out.extend_from_slice(encoded.as_deref().unwrap_or_default());
        Ok(encoded.is_ok())
    }

    /// Appends a service character that is data.
    fn service(&mut self, byte: u8, out: &mut Vec<u8>) -> Result<(), Fault> {
        if let Some(release) = self.separators.release {
            out.extend_from_slice(&[release, byte]);
            return Ok(());
        }
        match &self.style.on_separator {
            OnSeparator::Replace(text) if text.bytes().all(|byte| self.is_plain(byte)) => {
                out.extend_from_slice(text.as_bytes());
                self.changes.separators_replaced += 1;
                Ok(())
            }
            OnSeparator::Choose | OnSeparator::Replace(_) | OnSeparator::Refuse => {
                Err(Fault::Separator(byte))
            }
        }
    }
}

/// Whether values may have this character: it can be seen, and the level has it. The encoding may yet lack it.
fn carries(charset: Charset, character: char) -> bool {
    !character.is_control()
        && charset
            .foreign(character.encode_utf8(&mut [0; 4]))
            .is_none()
}

fn is_service(separators: Separators, byte: u8) -> bool {
    let Separators {
        element,
        component,
        repetition,
        terminator,
        release,
        ..
    } = separators;
    [element, component, terminator].contains(&byte)
        || repetition == Some(byte)
        || release == Some(byte)
}

/// Separators that are written once a value follows them; so what is empty at the end is not written at all.
#[derive(Default)]
struct Due {
    elements: usize,
    repetitions: usize,
    components: usize,
}

impl Due {
    fn add(&mut self, begins: Begins) {
        match begins {
            Begins::Element => {
                *self = Self {
                    elements: self.elements + 1,
                    ..Self::default()
                }
            }
            Begins::Repetition => {
                self.repetitions += 1;
                self.components = 0;
            }
            Begins::Component => self.components += 1,
        }
    }

    fn write(&mut self, separators: &Separators, out: &mut Vec<u8>) -> Result<(), Fault> {
        if self.repetitions > 0 {
            let repetition = separators.repetition.ok_or(Fault::Repetition)?;
            out.extend((0..self.elements).map(|_| separators.element));
            out.extend((0..self.repetitions).map(|_| repetition));
        } else {
            out.extend((0..self.elements).map(|_| separators.element));
        }
        out.extend((0..self.components).map(|_| separators.component));
        *self = Self::default();
        Ok(())
    }
}
