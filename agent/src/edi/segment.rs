//! One segment for people: its tag, what it is called, and a line for each value with the name of its element; what was
//! found wrong stands under the value it is about.
//! Invariant: every finding that is given is shown, whether or not its element is there.

use std::io::{self, Write};

use canonical::problem::Severity;
use edi::dictionary::{Dictionary, ElementUse, SegmentSpec, UseKind};
use edi::{Charset, Finding, Segment};

use super::terminal::{Paint, Role, safe};

/// Where values stand, behind the names of their elements.
const LABEL: usize = 34;
/// Most characters of a value that are shown.
const VALUE: usize = 200;

/// A segment and what is known about it.
pub(super) struct Shown<'a> {
    /// The segment.
    pub(super) segment: Segment<'a>,
    /// Its tag, or for the first of a loop the loop with its ordinal: `PO1[2]`.
    pub(super) name: String,
    /// Its ordinal in the message; none for envelopes.
    pub(super) ordinal: Option<usize>,
    /// How deep it stands.
    pub(super) depth: usize,
    /// What names its elements.
    pub(super) dictionary: Option<&'a Dictionary>,
    /// What its bytes are.
    pub(super) charset: Option<Charset>,
}

/// A value and its place.
struct Row {
    element: u16,
    component: u16,
    repetition: u16,
    label: String,
    value: String,
    meaning: Option<&'static str>,
}

impl Shown<'_> {
    /// Writes it, with the findings that are about it.
    ///
    /// # Errors
    /// The output's own.
    pub(super) fn write(
        &self,
        findings: &[&Finding],
        paint: Paint,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let spec = self.spec();
        let label = spec.map_or("", |spec| &spec.label);
        let ordinal = self
            .ordinal
            .map_or_else(String::new, |ordinal| ordinal.to_string());
        let indent = "  ".repeat(self.depth);
        let name = paint.paint(Role::Name, safe(&self.name, LABEL));
        write!(
            out,
            "{:>6}  {indent}{name}",
            paint.paint(Role::Aside, ordinal)
        )?;
        if !label.is_empty() {
            write!(out, " {}", paint.paint(Role::Aside, label))?;
        }
        writeln!(out)?;
        let rows = self.rows(findings);
        let mut told = vec![false; findings.len()];
        for (index, row) in rows.iter().enumerate() {
            row.write(&indent, paint, out)?;
            let next = rows.get(index + 1);
            for (finding, told) in findings.iter().zip(&mut told) {
                let here = row.fits(finding) && !next.is_some_and(|next| next.fits(finding));
                if here && !std::mem::replace(told, true) {
                    let repeats = finding.found.as_deref().map(edi::shown);
                    let shown = repeats.is_some_and(|found| found == row.value);
                    complain(finding, &indent, !shown, paint, out)?;
                }
            }
        }
        for (finding, _) in findings.iter().zip(&told).filter(|(_, told)| !**told) {
            complain(finding, &indent, true, paint, out)?;
        }
        Ok(())
    }

    fn spec(&self) -> Option<&SegmentSpec> {
        self.dictionary?.segment(self.segment.tag())
    }

    /// Every value that is there, and a row for each finding about one that is not.
    fn rows(&self, findings: &[&Finding]) -> Vec<Row> {
        let mut rows = Vec::new();
        let uses = self.spec().map_or(&[][..], |spec| &spec.elements);
        for number in 1..=self.segment.count() {
            let used = uses.get(number - 1);
            if self.is_plain() {
                rows.extend(self.row(number, 0, 0, self.segment.element(number), used));
                continue;
            }
            let repeats = self.segment.repetitions(number).nth(1).is_some();
            for (index, piece) in self.segment.repetitions(number).enumerate() {
                let repetition = if repeats { index + 1 } else { 0 };
                self.element(number, repetition, piece, used, &mut rows);
            }
        }
        for finding in findings.iter().filter(|finding| finding.place.element > 0) {
            if rows.iter().any(|row| row.fits(finding)) {
                continue;
            }
            let place = &finding.place;
            let used = uses.get(usize::from(place.element).saturating_sub(1));
            let row = Row {
                element: place.element,
                component: place.component,
                repetition: place.repetition,
                label: self.label(used, place.component.into()),
                value: "-".to_owned(),
                meaning: None,
            };
            let after = |other: &Row| other.place() <= row.place();
            rows.insert(rows.partition_point(after), row);
        }
        rows
    }

    /// Whether nothing of it is split: the separators are values of an ISA, and binary data may hold them.
    fn is_plain(&self) -> bool {
        matches!(self.segment.element(0), b"ISA" | b"BIN" | b"BDS")
    }

    fn element(
        &self,
        number: usize,
        repetition: usize,
        piece: &[u8],
        used: Option<&ElementUse>,
        rows: &mut Vec<Row>,
    ) {
        let composite = used.is_some_and(|used| matches!(used.kind, UseKind::Composite(_)));
        if !composite && self.segment.components(piece).nth(1).is_none() {
            rows.extend(self.row(number, 0, repetition, piece, used));
            return;
        }
        for (index, component) in self.segment.components(piece).enumerate() {
            rows.extend(self.row(number, index + 1, repetition, component, used));
        }
    }

    fn row(
        &self,
        element: usize,
        component: usize,
        repetition: usize,
        piece: &[u8],
        used: Option<&ElementUse>,
    ) -> Option<Row> {
        let data = self.segment.released(piece);
        let text = match self.charset {
            Some(charset) => charset.decode(&data).0.into_owned(),
            None => edi::shown(&data),
        };
        let short = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
        (!text.trim().is_empty()).then(|| Row {
            element: short(element),
            component: short(component),
            repetition: short(repetition),
            label: self.label(used, component),
            meaning: self.meaning(used, component, text.trim_end()),
            value: safe(text.trim_end(), VALUE),
        })
    }

    fn label(&self, used: Option<&ElementUse>, component: usize) -> String {
        let (Some(dictionary), Some(used)) = (self.dictionary, used) else {
            return String::new();
        };
        match within(dictionary, used, component).kind {
            UseKind::Simple(index) => dictionary.element(index).label.to_string(),
            UseKind::Composite(index) => dictionary.composite(index).label.to_string(),
        }
    }

    /// What a value means where it is a code with words.
    fn meaning(
        &self,
        used: Option<&ElementUse>,
        component: usize,
        value: &str,
    ) -> Option<&'static str> {
        let dictionary = self.dictionary?;
        match within(dictionary, used?, component).kind {
            UseKind::Simple(index) => {
                let id = &dictionary.element(index).id;
                edi::meaning(dictionary.syntax(), id, value)
            }
            UseKind::Composite(_) => None,
        }
    }
}

/// The use that a value has: the component's own, or the element's where it has none.
fn within<'d>(
    dictionary: &'d Dictionary,
    used: &'d ElementUse,
    component: usize,
) -> &'d ElementUse {
    let UseKind::Composite(index) = used.kind else {
        return used;
    };
    let components = &dictionary.composite(index).components;
    let own = component
        .checked_sub(1)
        .and_then(|before| components.get(before));
    own.unwrap_or(used)
}

impl Row {
    fn place(&self) -> (u16, u16, u16) {
        (self.element, self.repetition, self.component)
    }

    /// Whether a finding is about this value, or about all of its element.
    fn fits(&self, finding: &Finding) -> bool {
        let place = &finding.place;
        let same = |mine: u16, other: u16| mine == other || mine <= 1 && other <= 1;
        place.element == self.element
            && (place.component == 0 || same(self.component, place.component))
            && (place.repetition == 0 || same(self.repetition, place.repetition))
    }

    fn write(&self, indent: &str, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
        let mut number = format!("{:02}", self.element);
        if self.repetition > 0 {
            number.push_str(&format!("({})", self.repetition));
        }
        if self.component > 0 {
            number.push_str(&format!(".{}", self.component));
        }
        write!(
            out,
            "        {indent}  {} {} {}",
            paint.paint(Role::Aside, format_args!("{number:<6}")),
            paint.paint(Role::Aside, format_args!("{:<LABEL$}", self.label)),
            self.value
        )?;
        if let Some(meaning) = self.meaning {
            write!(out, "  {}", paint.paint(Role::Aside, meaning))?;
        }
        writeln!(out)
    }
}

/// Writes a finding under what it is about, with what was found unless that stands there.
///
/// # Errors
/// The output's own.
pub(super) fn complain(
    finding: &Finding,
    indent: &str,
    tells_found: bool,
    paint: Paint,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (role, word) = match finding.severity {
        Severity::Error => (Role::Bad, "error"),
        Severity::Warning => (Role::Doubtful, "warning"),
    };
    let mut text = format!("{word}: {}", finding.message);
    if let Some(expected) = &finding.expected {
        text.push_str(&format!("; expected {expected}"));
    }
    if let Some(found) = finding.found.as_ref().filter(|_| tells_found) {
        text.push_str(&format!(", found {}", safe(&edi::shown(found), 60)));
    }
    writeln!(
        out,
        "        {indent}  {} {}",
        paint.paint(role, text),
        paint.paint(Role::Aside, format_args!("[{}]", finding.rule.name()))
    )?;
    if let Some(hint) = &finding.hint {
        let hint = paint.paint(Role::Aside, hint);
        writeln!(out, "        {indent}    {hint}")?;
    }
    Ok(())
}
