//! Reads the text form of a dictionary into its entries. Line based: an entry begins at the margin, indented lines belong
//! to the entry above, `#` begins a comment.
//! Knows the form only: whether what is named exists is found by the compile step.
//! Invariant: every mistake names its line, what was found and what was expected.

use std::borrow::Cow;

use super::entries::{
    CodesEntry, CompositeEntry, ElementEntry, Entries, ItemEntry, LoopEntry, PlaceEntry,
    SegmentEntry, SetEntry, UseEntry,
};
use super::error::Mistake;
use super::layout::DEEPEST;
use super::lines::{Fields, Line, Token, lines};

/// The first line of a dictionary.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Header<'t> {
    pub(super) syntax: &'t str,
    pub(super) version: &'t str,
    pub(super) extends: Option<&'t str>,
    pub(super) names: Vec<&'t str>,
}

/// Reads the first line alone.
pub(super) fn header(text: &str) -> Result<Header<'_>, Mistake> {
    let mut lines = lines(text);
    let first = lines.next().transpose()?;
    let first = first.ok_or_else(|| Mistake::at(1, format!("expected {HEADER}, found nothing")))?;
    header_line(&mut Fields::of(vec![first]))
}

/// Reads a whole dictionary.
pub(super) fn read(text: &str) -> Result<Entries<'_>, Mistake> {
    let header = header(text)?;
    let mut entries = Entries {
        syntax: header.syntax.into(),
        version: header.version.into(),
        extends: header.extends.map(Cow::from),
        names: header.names.into_iter().map(Cow::from).collect(),
        ..Entries::default()
    };
    let mut lines = lines(text).skip(1).peekable();
    while let Some(head) = lines.next() {
        let mut block = vec![head?];
        while let Some(line) = lines.next_if(|line| line.as_ref().is_ok_and(|line| line.indented)) {
            block.push(line?);
        }
        entry(block, &mut entries)?;
    }
    Ok(entries)
}

const HEADER: &str = "a header such as `x12 004010` or `edifact EAN97 extends D.96A for EAN*`";
const KEYWORDS: &str = "element, codes, composite, segment, set or message";

fn header_line<'t>(fields: &mut Fields<'t>) -> Result<Header<'t>, Mistake> {
    let mut header = Header {
        syntax: fields.word(HEADER)?,
        version: fields.word(HEADER)?,
        ..Header::default()
    };
    if fields.word_if(|word| word == "extends").is_some() {
        header.extends = Some(fields.word("the version that it extends")?);
    }
    if fields.word_if(|word| word == "for").is_some() {
        header.names.push(fields.word("a name after `for`")?);
        while let Some(name) = fields.word_if(|_| true) {
            header.names.push(name);
        }
    }
    fields.end("the end of the line")?;
    Ok(header)
}

fn entry<'t>(mut block: Vec<Line<'t>>, entries: &mut Entries<'t>) -> Result<(), Mistake> {
    let head = block
        .first()
        .map(|line| (line.indented, line.tokens.first()));
    let by_line = matches!(head, Some((_, Some(Token::Word("set" | "message")))));
    let margin = !matches!(head, Some((true, _)));
    let body = block.split_off(if by_line { 1 } else { block.len() });
    let fields = &mut Fields::of(block);
    let line = fields.line;
    let keyword = fields.word(KEYWORDS)?;
    match keyword {
        found if !margin => {
            return Err(fields.mistake("an entry at the margin", Some(Token::Word(found))));
        }
        "set" | "message" => entries.sets.push(set(line, keyword, fields, body)?),
        "element" => entries.elements.push(element(line, fields)?),
        "codes" => entries.codes.push(CodesEntry {
            line,
            id: fields.word("an element's id")?.into(),
            add: fields.words("a code")?,
        }),
        "composite" => {
            let id = fields.word("the composite's id")?.into();
            let label = fields.label();
            let (components, notes) = uses(fields)?;
            entries.composites.push(CompositeEntry {
                line,
                id,
                label,
                components,
                notes,
            });
        }
        "segment" => {
            let tag = fields.word("the segment's tag")?.into();
            let label = fields.label();
            let (elements, notes) = uses(fields)?;
            entries.segments.push(SegmentEntry {
                line,
                tag,
                label,
                elements,
                notes,
            });
        }
        other => return Err(fields.mistake(KEYWORDS, Some(Token::Word(other)))),
    }
    Ok(())
}

/// `element 353 ID 2/2 "purpose" 00 01` or `element 1001 an..3 "document" 220 221`.
fn element<'t>(line: usize, fields: &mut Fields<'t>) -> Result<ElementEntry<'t>, Mistake> {
    const BOUNDS: &str = "the shortest and longest length, as in 1/30";
    let mut element = ElementEntry {
        line,
        id: fields.word("the element's id")?.into(),
        form: fields.word("a type such as AN or an..35")?.into(),
        ..ElementEntry::default()
    };
    if element
        .form
        .starts_with(|first: char| first.is_ascii_uppercase())
    {
        let bounds = fields.word(BOUNDS)?;
        let numbers = bounds
            .split_once('/')
            .and_then(|(min, max)| Some((min.parse().ok()?, max.parse().ok()?)));
        let (min, max) =
            numbers.ok_or_else(|| fields.mistake(BOUNDS, Some(Token::Word(bounds))))?;
        (element.min, element.max) = (Some(min), Some(max));
    }
    element.label = fields.label();
    let codes = fields.words("a code")?;
    element.codes = (!codes.is_empty()).then_some(codes);
    Ok(element)
}

/// The rest of a composite or segment: what it is made of, then notes after a colon.
fn uses<'t>(fields: &mut Fields<'t>) -> Result<(Vec<UseEntry<'t>>, Vec<Cow<'t, str>>), Mistake> {
    const USE: &str = "an element such as 353, 353!, C040*5 or C040!*5";
    let mut uses = Vec::new();
    while let Some(word) = fields.word_if(|word| word != ":") {
        let (rest, repeat) = match word.split_once('*') {
            Some((rest, count)) => (rest, count.parse().ok().filter(|count| *count > 0)),
            None => (word, Some(1)),
        };
        let marked = marked(rest);
        match repeat {
            Some(repeat) if !marked.id.is_empty() => uses.push(UseEntry {
                id: marked.id.into(),
                mandatory: marked.mandatory,
                unused: marked.unused,
                repeat,
            }),
            _ => return Err(fields.mistake(USE, Some(Token::Word(word)))),
        }
    }
    let notes = match fields.word_if(|word| word == ":") {
        Some(_) => fields.words("a note such as P0304")?,
        None => Vec::new(),
    };
    fields.end(USE)?;
    Ok((uses, notes))
}

/// What is written with `!` is mandatory, with `-` unused.
fn marked(word: &str) -> Marked<'_> {
    let (mandatory, unused) = (word.ends_with('!'), word.ends_with('-'));
    Marked {
        id: word.strip_suffix(['!', '-']).unwrap_or(word),
        mandatory,
        unused,
    }
}

/// A name and its mark.
struct Marked<'t> {
    id: &'t str,
    mandatory: bool,
    unused: bool,
}

fn set<'t>(
    line: usize,
    keyword: &str,
    head: &mut Fields<'t>,
    body: Vec<Line<'t>>,
) -> Result<SetEntry<'t>, Mistake> {
    let mut set = SetEntry {
        line,
        id: head.word("the set's id")?.into(),
        ..SetEntry::default()
    };
    if keyword == "set" {
        set.group = Some(head.word("the functional identifier of its group")?.into());
    }
    set.label = head.label();
    head.end("the end of the line")?;
    let mut open: Vec<LoopEntry<'t>> = Vec::new();
    let mut last = line;
    for line in body {
        last = line.number;
        let mut fields = Fields::of(vec![line]);
        let item = match fields.word("a segment, a loop or `end`")? {
            "loop" => {
                if open.len() >= DEEPEST {
                    return Err(Mistake::at(
                        last,
                        format!("loops stand at most {DEEPEST} deep"),
                    ));
                }
                let marked = marked(fields.word("the loop's id")?);
                let max = most(&mut fields)?;
                open.push(LoopEntry {
                    line: last,
                    id: marked.id.into(),
                    mandatory: marked.mandatory,
                    unused: marked.unused,
                    max,
                    content: Vec::new(),
                });
                continue;
            }
            "end" => match open.pop() {
                Some(done) => ItemEntry::Loop(done),
                None => return Err(Mistake::at(last, "`end` closes no loop")),
            },
            word => {
                let marked = marked(word);
                let max = most(&mut fields)?;
                ItemEntry::Segment(PlaceEntry {
                    line: last,
                    tag: marked.id.into(),
                    mandatory: marked.mandatory,
                    unused: marked.unused,
                    max,
                })
            }
        };
        fields.end("the end of the line")?;
        open.last_mut()
            .map_or(&mut set.content, |open| &mut open.content)
            .push(item);
    }
    match open.last() {
        None => Ok(set),
        Some(open) => Err(Mistake::at(
            last,
            format!("expected `end` of loop {} from line {}", open.id, open.line),
        )),
    }
}

/// How often at most: a number, `*` without limit, once when nothing is said.
fn most(fields: &mut Fields<'_>) -> Result<Option<u32>, Mistake> {
    match fields.word_if(|_| true) {
        None => Ok(Some(1)),
        Some("*") => Ok(None),
        Some(word) => match word.parse() {
            Ok(max) if max > 0 => Ok(Some(max)),
            _ => Err(fields.mistake(
                "how often at most: a number, or `*`",
                Some(Token::Word(word)),
            )),
        },
    }
}
