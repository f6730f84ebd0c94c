//! Places in a message, as mappings name them: `PO1/N1[01=ST]/N3`, `MOA@48`, found in a structure.
//! Never reads a message.
//! Invariant: a place that was found is at least one node of the structure.

use crate::dictionary::Structure;
use crate::segment::Tag;

use super::language::Address;

/// One segment of a place: its tag, perhaps the loop that it opens, and what its elements must be.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part {
    pub(super) tag: Tag,
    pub(super) loop_id: Option<Box<str>>,
    /// Stands behind this segment.
    pub(super) behind: Option<Tag>,
    pub(super) tests: Box<[Test]>,
}

/// What an element must be, or must not.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Test {
    pub(crate) at: Address,
    pub(crate) any: Box<[Box<[u8]>]>,
    pub(crate) negated: bool,
}

/// Takes a place apart.
pub(super) fn read(text: &str) -> Result<Vec<Part>, String> {
    split(text).into_iter().map(part).collect()
}

/// The place without its tests: `PO1/N1/N3`.
pub(super) fn plain(text: &str) -> String {
    let mut depth = 0_u32;
    text.chars()
        .filter(|character| {
            match character {
                '[' => depth += 1,
                ']' => {
                    depth = depth.saturating_sub(1);
                    return false;
                }
                _ => {}
            }
            depth == 0
        })
        .collect()
}

/// The place of the loop that a place stands in; empty at the top.
pub(super) fn outer(text: &str) -> &str {
    let inner = split(text).last().map_or(0, |part| part.len());
    text.get(..text.len() - inner)
        .unwrap_or_default()
        .trim_end_matches('/')
}

fn split(text: &str) -> Vec<&str> {
    let mut depth = 0_u32;
    text.split(|character| {
        match character {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        character == '/' && depth == 0
    })
    .collect()
}

fn part(text: &str) -> Result<Part, String> {
    let (name, tests) = match text.split_once('[') {
        Some((name, rest)) => (
            name,
            rest.strip_suffix(']').ok_or("a bracket is not closed")?,
        ),
        None => (text, ""),
    };
    let (behind, name) = name.split_once('>').map_or((None, name), |(behind, name)| {
        (Some(Tag::new(behind.as_bytes())), name)
    });
    let (tag, loop_id) = name
        .split_once('@')
        .map_or((name, None), |(tag, id)| (tag, Some(id.into())));
    let tag = Tag::new(tag.as_bytes());
    if !tag.is_valid() {
        return Err(format!("{name:?} is no segment"));
    }
    let tests = tests
        .split(' ')
        .filter(|test| !test.is_empty())
        .map(test)
        .collect::<Result<_, _>>()?;
    Ok(Part {
        tag,
        loop_id,
        behind,
        tests,
    })
}

/// `01=BY|ST`, `01.2!=10`, `05=` (empty) or `05!=` (not empty).
fn test(text: &str) -> Result<Test, String> {
    let (at, values) = text
        .split_once('=')
        .ok_or("expected element=value in the brackets, as in [01=ST]")?;
    let (at, negated) = at.strip_suffix('!').map_or((at, false), |at| (at, true));
    let at = Address::read(at).ok_or_else(|| format!("{at:?} is no element"))?;
    let any = values
        .split('|')
        .map(|value| value.as_bytes().into())
        .collect();
    Ok(Test { at, any, negated })
}

/// The nodes that a place names.
pub(super) fn nodes(parts: &[Part], structure: &Structure) -> Result<Vec<u16>, String> {
    let mut loops = vec![None];
    for (depth, part) in parts.iter().enumerate() {
        let begin = part.behind.map_or(Some(0), |tag| {
            let found = structure.nodes.iter().find(|node| node.tag == tag);
            found.map(|node| node.ordinal)
        });
        let begin = begin.ok_or_else(|| missing(part, structure))?;
        let last = depth + 1 == parts.len();
        let inside = |loop_index: Option<u16>| loops.contains(&loop_index);
        let opens = |index: u16| {
            let found = structure.loops.get(usize::from(index));
            found.is_some_and(|found| {
                inside(found.parent)
                    && found.first_node >= begin
                    && found.trigger == part.tag
                    && part.loop_id.as_ref().is_none_or(|id| *id == found.id)
            })
        };
        if last {
            let nodes = structure.nodes.iter().filter(|node| match node.loop_index {
                Some(index) if node.is_trigger => opens(index),
                index => {
                    node.tag == part.tag
                        && part.loop_id.is_none()
                        && node.ordinal >= begin
                        && inside(index)
                }
            });
            let nodes: Vec<u16> = nodes.map(|node| node.ordinal).collect();
            return if nodes.is_empty() {
                Err(missing(part, structure))
            } else {
                Ok(nodes)
            };
        }
        let count = u16::try_from(structure.loops.len()).unwrap_or(u16::MAX);
        let found: Vec<_> = (0..count).filter(|index| opens(*index)).map(Some).collect();
        if found.is_empty() {
            return Err(missing(part, structure));
        }
        loops = found;
    }
    Err("expected a segment".to_owned())
}

fn missing(part: &Part, structure: &Structure) -> String {
    let id = part
        .loop_id
        .as_ref()
        .map(|id| format!("@{id}"))
        .unwrap_or_default();
    format!("{} has no {}{id} there", structure.set_id, part.tag)
}

#[cfg(test)]
mod tests {
    use super::{outer, plain, read};

    #[test]
    fn places() {
        assert_eq!(plain("PO1/N1[01=S/T]/N3"), "PO1/N1/N3");
        assert_eq!(outer("PO1/N1[01=S/T]/N3"), "PO1/N1[01=S/T]");
        assert_eq!(outer("BEG"), "");
        let parts = read("MOA@48[01.1=77|79 02!=]").unwrap();
        assert_eq!(
            (parts[0].loop_id.as_deref(), parts[0].tests.len()),
            (Some("48"), 2)
        );
        assert!(parts[0].tests[1].negated);
        for (text, want) in [
            ("N1[01", "a bracket is not closed"),
            ("n1", "\"n1\" is no segment"),
            (
                "N1[x]",
                "expected element=value in the brackets, as in [01=ST]",
            ),
            ("N1[x=1]", "\"x\" is no element"),
        ] {
            assert_eq!(read(text).unwrap_err(), want);
        }
    }
}
