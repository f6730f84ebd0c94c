//! Where a section stands: its elements by the dictionary, the sections around it, and the segments it asks about.
//! Knows nothing of paths and functions.
//! Invariant: an element that is given back exists in this version.

use canonical::model::ObjectId;

use crate::dictionary::{ElementType, UseKind};
use crate::map::language::Address;
use crate::map::place;
use crate::segment::Tag;

use super::{Asked, Before, Compiler, Plan, Section};

impl Compiler<'_> {
    /// How many components a composite element has in this version.
    pub(super) fn components(&self, tag: Tag, element: u8) -> Option<u8> {
        let spec = self.dictionary.segment(tag)?;
        match spec.elements.get(usize::from(element) - 1)?.kind {
            UseKind::Composite(index) => {
                u8::try_from(self.dictionary.composite(index).components.len()).ok()
            }
            UseKind::Simple(_) => None,
        }
    }

    /// The implied decimals and the width of an element, which must exist.
    pub(super) fn element(&self, tag: Tag, at: Address) -> Result<(u8, u32), String> {
        let Some(spec) = self.dictionary.segment(tag) else {
            return Err(format!("the dictionary has no segment {tag}"));
        };
        let place = usize::from(at.element) - 1;
        let Some(used) = spec.elements.get(place) else {
            return Err(format!("{tag} has {} elements", spec.elements.len()));
        };
        let element = match used.kind {
            UseKind::Simple(_) if at.component > 1 => {
                return Err(format!(
                    "element {:02} of {tag} has no components",
                    at.element
                ));
            }
            UseKind::Simple(element) => element,
            UseKind::Composite(composite) => {
                let component = usize::from(at.component.max(1)) - 1;
                let components = &self.dictionary.composite(composite).components;
                let used = components
                    .get(component)
                    .ok_or_else(|| format!("{} has {} components", used.id, components.len()))?;
                match used.kind {
                    UseKind::Simple(element) => element,
                    UseKind::Composite(_) => return Ok((0, u32::MAX)),
                }
            }
        };
        let element = self.dictionary.element(element);
        let decimals = match element.kind {
            ElementType::N(decimals) => decimals,
            ElementType::Id
            | ElementType::An
            | ElementType::Dt
            | ElementType::Tm
            | ElementType::R
            | ElementType::B
            | ElementType::EdifactAn
            | ElementType::EdifactA
            | ElementType::EdifactN => 0,
        };
        Ok((decimals, element.max))
    }
}

/// The sections that can stand around a place, and the object that they fill.
pub(super) fn surroundings(plan: &Plan, text: &str) -> Result<(Vec<u16>, ObjectId), String> {
    let mut outer = place::outer(text);
    while !outer.is_empty() {
        let same = |exact: bool| {
            plan.sections.iter().zip(0..).filter(move |(section, _)| {
                if exact {
                    section.place.as_ref() == outer
                } else {
                    place::plain(&section.place) == outer
                }
            })
        };
        let exact: Vec<u16> = same(true).map(|(_, number)| number).collect();
        let found: Vec<(&Section, u16)> = if outer == place::plain(outer) {
            same(false).collect()
        } else {
            same(true).collect()
        };
        if let Some((first, _)) = found.first() {
            if found
                .iter()
                .any(|(section, _)| section.object != first.object)
            {
                if let Some((section, _)) = same(true).next() {
                    return Ok((exact, section.object));
                }
                let names: Vec<&str> = found
                    .iter()
                    .map(|(section, _)| section.place.as_ref())
                    .collect();
                return Err(format!(
                    "{outer} fills different objects: say which of {}",
                    names.join(", ")
                ));
            }
            return Ok((
                found.iter().map(|(_, number)| *number).collect(),
                first.object,
            ));
        }
        if outer != place::plain(outer) {
            return Err(format!("there is no [{outer}] that it could stand in"));
        }
        outer = place::outer(outer);
    }
    Ok((Vec::new(), plan.root))
}

/// The tag that the next segment must have, or after `!` must not.
pub(super) fn before(text: &str) -> Option<Before> {
    let (tag, negated) = text
        .strip_prefix('!')
        .map_or((text, false), |tag| (tag, true));
    (!tag.is_empty()).then(|| Before {
        tag: Tag::new(tag.as_bytes()),
        negated,
    })
}

/// `PRI[01.1=AAA]`: a segment that must not be there.
pub(in crate::map) fn asked(text: &str) -> Result<Option<Asked>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let mut parts = place::read(text)?;
    match (parts.pop(), parts.is_empty()) {
        (Some(part), true) if part.loop_id.is_none() && part.behind.is_none() => Ok(Some(Asked {
            tag: part.tag,
            tests: part.tests,
        })),
        _ => Err("expected one segment, as in PRI[01.1=AAA]".to_owned()),
    }
}
