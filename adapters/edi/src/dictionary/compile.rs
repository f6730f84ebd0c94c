//! Turns entries into a dictionary: checks them against each other and against the base, and lays them out in flat tables.
//! Invariant: what is refused is named by its line; a dictionary that compiled refers to nothing it does not have.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use super::codes::Codes;
use super::entries::{CodesEntry, CompositeEntry, ElementEntry, Entries, SegmentEntry, UseEntry};
use super::error::Mistake;
use super::layout::structure;
use super::note::Note;
use super::spec::{
    CompositeIndex, CompositeSpec, ElementIndex, ElementSpec, ElementType, ElementUse, SegmentSpec,
    UseKind,
};
use super::tags::TagTable;
use super::{Dictionary, syntax_named};
use crate::segment::Tag;

/// Entries and their base become one dictionary.
pub(super) fn compile(
    entries: &Entries<'_>,
    base: Option<&Dictionary>,
) -> Result<Dictionary, Mistake> {
    let mut dictionary = started(entries, base)?;
    let mut seen = Seen::default();
    for entry in &entries.elements {
        seen.once("element", &entry.id, entry.line)?;
        add_element(&mut dictionary, entry)?;
    }
    for entry in &entries.codes {
        add_codes(&mut dictionary, entry)?;
    }
    for entry in &entries.composites {
        seen.once("composite", &entry.id, entry.line)?;
        add_composite(&mut dictionary, entry)?;
    }
    for entry in &entries.segments {
        seen.once("segment", &entry.tag, entry.line)?;
        add_segment(&mut dictionary, entry)?;
    }
    dictionary.tags = TagTable::of(dictionary.segments.iter().map(|segment| segment.tag));
    for entry in &entries.sets {
        seen.once("set", &entry.id, entry.line)?;
        let structure = structure(&dictionary, entry)?;
        dictionary
            .structures
            .insert(entry.id.as_ref().into(), Arc::new(structure));
    }
    Ok(dictionary)
}

/// What was defined in this file.
#[derive(Default)]
struct Seen<'t>(HashSet<(&'static str, &'t str)>);

impl<'t> Seen<'t> {
    fn once(&mut self, kind: &'static str, id: &'t str, line: usize) -> Result<(), Mistake> {
        match self.0.insert((kind, id)) {
            true => Ok(()),
            false => Err(Mistake::at(
                line,
                format!("{kind} {id} stands twice in this file"),
            )),
        }
    }
}

/// The base, or nothing, under the name of the new dictionary.
fn started(entries: &Entries<'_>, base: Option<&Dictionary>) -> Result<Dictionary, Mistake> {
    let syntax = syntax_named(&entries.syntax).ok_or_else(|| {
        let found = &entries.syntax;
        Mistake::at(
            1,
            format!("expected x12, edifact or tradacoms, found `{found}`"),
        )
    })?;
    let start = match (&entries.extends, base) {
        (None, _) => Dictionary::default(),
        (Some(wanted), Some(base)) if *wanted == base.version() && base.syntax == syntax => {
            base.clone()
        }
        (Some(wanted), Some(base)) => {
            let (given, of) = (base.version(), base.syntax);
            let message = format!("expected {syntax} {wanted} as the base, found {of} {given}");
            return Err(Mistake::at(1, message));
        }
        (Some(wanted), None) => {
            let message = format!("extends {syntax} {wanted}, which is not known here");
            return Err(Mistake::at(1, message));
        }
    };
    let version: Box<str> = entries.version.as_ref().into();
    let mut lineage = start.lineage;
    lineage.push(version.clone());
    Ok(Dictionary {
        syntax,
        version,
        lineage,
        ..start
    })
}

fn add_element(dictionary: &mut Dictionary, entry: &ElementEntry<'_>) -> Result<(), Mistake> {
    let mistake =
        |message: String| Mistake::at(entry.line, format!("element {}: {message}", entry.id));
    let (kind, min, max) = form(entry).map_err(mistake)?;
    let codes = entry
        .codes
        .as_deref()
        .map(|codes| packed(&Codes::default(), codes, &entry.id, entry.line));
    let spec = ElementSpec {
        id: entry.id.as_ref().into(),
        label: entry.label.as_ref().into(),
        kind,
        min,
        max,
        codes: codes.transpose()?,
    };
    match dictionary.ids.get(&spec.id) {
        Some(UseKind::Simple(index)) => {
            if let Some(known) = dictionary.elements.get_mut(usize::from(index.0)) {
                *known = spec;
            }
            Ok(())
        }
        Some(UseKind::Composite(_)) => Err(mistake("stands for a composite already".to_owned())),
        None => {
            let index = index(dictionary.elements.len(), entry.line)?;
            dictionary
                .ids
                .insert(Arc::clone(&spec.id), UseKind::Simple(ElementIndex(index)));
            dictionary.elements.push(spec);
            Ok(())
        }
    }
}

/// The type and the bounds of its length, or what was expected.
fn form(entry: &ElementEntry<'_>) -> Result<(ElementType, u32, u32), String> {
    let expected = || {
        let found = &entry.form;
        format!(
            "expected a type (ID AN DT TM R B N0 to N9 with lengths, or an..35, a3, n..15), found `{found}`"
        )
    };
    let (kind, min, max) = match (entry.min, entry.max) {
        (Some(min), Some(max)) => (x12_type(&entry.form).ok_or_else(expected)?, min, max),
        (None, None) => representation(&entry.form).ok_or_else(expected)?,
        _ => return Err("expected both lengths, the shortest and the longest".to_owned()),
    };
    match min <= max && max > 0 {
        true => Ok((kind, min, max)),
        false => Err(format!(
            "expected a shortest length up to the longest, found {min}/{max}"
        )),
    }
}

fn x12_type(form: &str) -> Option<ElementType> {
    Some(match form {
        "ID" => ElementType::Id,
        "AN" => ElementType::An,
        "DT" => ElementType::Dt,
        "TM" => ElementType::Tm,
        "R" => ElementType::R,
        "B" => ElementType::B,
        other => match other.strip_prefix('N')?.as_bytes() {
            [] => ElementType::N(0),
            [digit @ b'0'..=b'9'] => ElementType::N(digit - b'0'),
            _ => return None,
        },
    })
}

/// EDIFACT's representation: `an..35` is 1 to 35 characters, `a3` exactly three.
fn representation(form: &str) -> Option<(ElementType, u32, u32)> {
    let digits = form.trim_start_matches(|character: char| !character.is_ascii_digit());
    let max: u32 = digits.parse().ok()?;
    let (kind, min) = match form.strip_suffix(digits)? {
        "an" => (ElementType::EdifactAn, max),
        "a" => (ElementType::EdifactA, max),
        "n" => (ElementType::EdifactN, max),
        "an.." => (ElementType::EdifactAn, 1),
        "a.." => (ElementType::EdifactA, 1),
        "n.." => (ElementType::EdifactN, 1),
        _ => return None,
    };
    Some((kind, min, max))
}

fn packed(known: &Codes, codes: &[Cow<'_, str>], id: &str, line: usize) -> Result<Codes, Mistake> {
    known.with(codes.iter().map(AsRef::as_ref)).map_err(|code| {
        let message =
            format!("element {id}: expected codes of at most 15 characters, found `{code}`");
        Mistake::at(line, message)
    })
}

fn add_codes(dictionary: &mut Dictionary, entry: &CodesEntry<'_>) -> Result<(), Mistake> {
    let index = match dictionary.ids.get(entry.id.as_ref()) {
        Some(UseKind::Simple(index)) => usize::from(index.0),
        _ => {
            return Err(Mistake::at(
                entry.line,
                format!("codes: no element {} to add to", entry.id),
            ));
        }
    };
    if let Some(element) = dictionary.elements.get_mut(index) {
        let known = element.codes.take().unwrap_or_default();
        element.codes = Some(packed(&known, &entry.add, &entry.id, entry.line)?);
    }
    Ok(())
}

fn add_composite(dictionary: &mut Dictionary, entry: &CompositeEntry<'_>) -> Result<(), Mistake> {
    let place = format!("composite {}", entry.id);
    let components = uses(dictionary, &entry.components, &place, entry.line)?;
    if let Some(nested) = components
        .iter()
        .find(|part| matches!(part.kind, UseKind::Composite(_)))
    {
        let message = format!(
            "{place}: {} is a composite and cannot be a component",
            nested.id
        );
        return Err(Mistake::at(entry.line, message));
    }
    let spec = CompositeSpec {
        id: entry.id.as_ref().into(),
        label: entry.label.as_ref().into(),
        notes: notes(&entry.notes, components.len(), &place, entry.line)?,
        components,
    };
    match dictionary.ids.get(&spec.id) {
        Some(UseKind::Composite(index)) => {
            if let Some(known) = dictionary.composites.get_mut(usize::from(index.0)) {
                *known = spec;
            }
            Ok(())
        }
        Some(UseKind::Simple(_)) => Err(Mistake::at(
            entry.line,
            format!("{place}: stands for an element already"),
        )),
        None => {
            let index = index(dictionary.composites.len(), entry.line)?;
            dictionary.ids.insert(
                Arc::clone(&spec.id),
                UseKind::Composite(CompositeIndex(index)),
            );
            dictionary.composites.push(spec);
            Ok(())
        }
    }
}

fn add_segment(dictionary: &mut Dictionary, entry: &SegmentEntry<'_>) -> Result<(), Mistake> {
    let place = format!("segment {}", entry.tag);
    let tag = tag(&entry.tag, entry.line)?;
    let elements = uses(dictionary, &entry.elements, &place, entry.line)?;
    let spec = SegmentSpec {
        tag,
        label: entry.label.as_ref().into(),
        notes: notes(&entry.notes, elements.len(), &place, entry.line)?,
        elements,
    };
    match dictionary
        .segments
        .binary_search_by_key(&tag, |known| known.tag)
    {
        Ok(place) => {
            if let Some(known) = dictionary.segments.get_mut(place) {
                *known = spec;
            }
        }
        Err(place) => dictionary.segments.insert(place, spec),
    }
    index(dictionary.segments.len(), entry.line).map(drop)
}

pub(super) fn tag(text: &str, line: usize) -> Result<Tag, Mistake> {
    let tag = Tag::new(text.as_bytes());
    match tag.is_valid() {
        true => Ok(tag),
        false => Err(Mistake::at(
            line,
            format!("expected a tag of two or three capital letters or digits, found `{text}`"),
        )),
    }
}

pub(super) fn index(count: usize, line: usize) -> Result<u16, Mistake> {
    u16::try_from(count)
        .map_err(|_too_many| Mistake::at(line, "expected at most 65535 entries of a kind"))
}

fn uses(
    dictionary: &Dictionary,
    entries: &[UseEntry<'_>],
    place: &str,
    line: usize,
) -> Result<Box<[ElementUse]>, Mistake> {
    let used = |entry: &UseEntry<'_>| {
        let (id, kind) = dictionary
            .ids
            .get_key_value(entry.id.as_ref())
            .ok_or_else(|| {
                Mistake::at(
                    line,
                    format!("{place}: no element or composite {}", entry.id),
                )
            })?;
        if entry.mandatory && entry.unused {
            let message = format!("{place}: {id} is both mandatory and unused");
            return Err(Mistake::at(line, message));
        }
        Ok(ElementUse {
            id: Arc::clone(id),
            mandatory: entry.mandatory,
            unused: entry.unused,
            max_repeat: entry.repeat,
            kind: *kind,
        })
    };
    entries.iter().map(used).collect()
}

fn notes(
    texts: &[Cow<'_, str>],
    count: usize,
    place: &str,
    line: usize,
) -> Result<Box<[Note]>, Mistake> {
    let note = |text: &Cow<'_, str>| {
        let note: Note = text.parse().map_err(|expected| {
            Mistake::at(
                line,
                format!("{place}: expected {expected}, found `{text}`"),
            )
        })?;
        match note.last() <= count {
            true => Ok(note),
            false => Err(Mistake::at(
                line,
                format!("{place}: note {note} goes past its {count} positions"),
            )),
        }
    };
    texts.iter().map(note).collect()
}
