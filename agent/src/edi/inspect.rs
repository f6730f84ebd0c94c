//! `edi inspect`: interchanges as a tree of envelopes, loops, segments and values, with what is wrong at its place.
//! Invariant: output begins while the file is read, one message at a time, however long the file is.

use std::io::{self, Read, Write};
use std::sync::Arc;

use edi::dictionary::Dictionary;
use edi::examine::{Examination, Examined, Step};
use edi::partner::Agreements;
use edi::{Finding, Segment, Syntax, Tag};

use super::loops::Loops;
use super::segment::{Shown, complain};
use super::terminal::{Paint, Role, safe};

/// What is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct View {
    /// Only this message of the file, from 1.
    pub(super) message: Option<u64>,
    /// Most segments of a message that are shown.
    pub(super) limit: usize,
    /// Colours.
    pub(super) paint: Paint,
}

/// Shows one input. Whether nothing of it is rejected.
///
/// # Errors
/// The input's and the output's own.
pub(super) fn inspect(
    input: &mut dyn Read,
    agreements: &Agreements,
    source: Option<&str>,
    view: View,
    out: &mut dyn Write,
) -> io::Result<bool> {
    let mut examination = Examination::new(input, agreements, source);
    let mut tree = Tree {
        view,
        out,
        messages: 0,
        good: true,
    };
    loop {
        let step = examination.advance()?;
        let findings = examination.take_findings();
        let findings: Vec<&Finding> = findings.iter().collect();
        tree.step(step, &examination, &findings)?;
        if step == Step::End || tree.is_past() {
            return Ok(tree.good);
        }
    }
}

/// What is written so far.
struct Tree<'o> {
    view: View,
    out: &'o mut dyn Write,
    messages: u64,
    good: bool,
}

impl Tree<'_> {
    /// Whether the only message that is wanted was shown.
    fn is_past(&self) -> bool {
        self.view
            .message
            .is_some_and(|wanted| self.messages >= wanted)
    }

    fn step(
        &mut self,
        step: Step,
        examination: &Examination<'_>,
        findings: &[&Finding],
    ) -> io::Result<()> {
        match step {
            Step::Message(accepted) => {
                self.messages += 1;
                if self
                    .view
                    .message
                    .is_none_or(|wanted| wanted == self.messages)
                {
                    self.good &= accepted;
                    if let Some(examined) = examination.examined() {
                        self.message(examination, &examined, accepted, findings)?;
                    }
                }
                Ok(())
            }
            Step::Interchange if self.view.message.is_some() => self.interchange(examination),
            _ if self.view.message.is_some() => Ok(()),
            Step::Interchange => {
                self.interchange(examination)?;
                self.envelope(examination, Some(examination.walk().segment()), 0, findings)
            }
            Step::Group if examination.walk().group().control_number.is_empty() => {
                self.alone(findings, 1)
            }
            Step::Group => {
                self.group(examination)?;
                let segment = examination.walk().segment();
                self.envelope(examination, Some(segment), 1, findings)
            }
            Step::InterchangeAck => {
                let segment = examination.walk().segment();
                self.envelope(examination, Some(segment), 1, findings)
            }
            Step::GroupEnd(good) => {
                self.good &= good;
                self.envelope(examination, examination.trailer(step), 1, findings)
            }
            Step::InterchangeEnd(good) => {
                self.good &= good;
                self.envelope(examination, examination.trailer(step), 0, findings)
            }
            Step::End => self.alone(findings, 0),
        }
    }

    fn interchange(&mut self, examination: &Examination<'_>) -> io::Result<()> {
        let interchange = examination.walk().interchange();
        let address = |address: &edi::Address| {
            if address.qualifier.is_empty() {
                address.id.clone()
            } else {
                format!("{}:{}", address.qualifier, address.id)
            }
        };
        let usage = if interchange.test {
            "test"
        } else {
            "production"
        };
        let partner = match examination.decision().agreement() {
            Some(agreement) => format!(", partner {}", agreement.id),
            None => String::new(),
        };
        let text = format!(
            "{} {} interchange {} from {} to {}, {} {}, {usage}{partner}",
            interchange.syntax,
            interchange.version,
            interchange.control_number,
            address(&interchange.sender),
            address(&interchange.receiver),
            interchange.date,
            interchange.time,
        );
        let text = safe(&text, usize::MAX);
        writeln!(self.out, "{}", self.view.paint.paint(Role::Name, text))
    }

    fn group(&mut self, examination: &Examination<'_>) -> io::Result<()> {
        let group = examination.walk().group();
        let text = format!(
            "group {} {} {} from {} to {}",
            group.control_number,
            group.functional_id,
            group.version,
            group.sender.id,
            group.receiver.id
        );
        let text = safe(&text, usize::MAX);
        writeln!(self.out, "  {}", self.view.paint.paint(Role::Name, text))
    }

    /// A segment of an envelope, and findings that are about none of its elements before it.
    fn envelope(
        &mut self,
        examination: &Examination<'_>,
        segment: Option<Segment<'_>>,
        depth: usize,
        findings: &[&Finding],
    ) -> io::Result<()> {
        let Some(segment) = segment else {
            return self.alone(findings, depth);
        };
        let about = |finding: &&&Finding| finding.place.tag == segment.tag();
        let (here, other): (Vec<&Finding>, Vec<&Finding>) =
            findings.iter().partition(|finding| about(finding));
        self.alone(&other, depth)?;
        if self.view.limit == 0 && here.is_empty() {
            return Ok(());
        }
        let dictionary = service(examination);
        let shown = Shown {
            name: segment.tag().to_string(),
            segment,
            ordinal: None,
            depth,
            dictionary: dictionary.as_deref(),
            charset: examination.charset(),
        };
        shown.write(&here, self.view.paint, self.out)
    }

    /// Findings that have no segment to stand at.
    fn alone(&mut self, findings: &[&Finding], depth: usize) -> io::Result<()> {
        for finding in findings {
            self.good &= !finding.is_error();
            let place = format!("line {}", finding.place.line);
            write!(self.out, "{:>6}", "")?;
            writeln!(
                self.out,
                "  {}{}",
                "  ".repeat(depth),
                self.view.paint.paint(Role::Aside, place)
            )?;
            complain(
                finding,
                &"  ".repeat(depth),
                true,
                self.view.paint,
                self.out,
            )?;
        }
        Ok(())
    }

    fn message(
        &mut self,
        examination: &Examination<'_>,
        examined: &Examined<'_>,
        accepted: bool,
        findings: &[&Finding],
    ) -> io::Result<()> {
        self.heading(examined, accepted, findings)?;
        let service = service(examination);
        let mut loops = Loops::new(examined);
        let mut findings = findings.to_vec();
        findings.sort_by_key(|finding| finding.place.segment);
        let mut rest = findings.as_slice();
        let mut hidden = 0;
        for (index, segment) in examined.view.segments().enumerate() {
            let here = rest.partition_point(|finding| finding.place.segment as usize <= index + 1);
            let (here, later) = rest.split_at(here);
            rest = later;
            let (name, depth) = loops.name(index, segment.tag());
            if index >= self.view.limit && here.is_empty() {
                hidden += 1;
                continue;
            }
            let own = examined.kind.map(|(dictionary, _)| dictionary);
            let knows = |dictionary: &&Dictionary| dictionary.segment(segment.tag()).is_some();
            let shown = Shown {
                segment,
                name,
                ordinal: Some(index + 1),
                depth: depth + 2,
                dictionary: own.filter(knows).or(service.as_deref()),
                charset: examination.charset(),
            };
            self.segment(&shown, here)?;
        }
        if hidden > 0 && self.view.limit > 0 {
            let text = format!("… {hidden} more segments");
            writeln!(
                self.out,
                "            {}",
                self.view.paint.paint(Role::Aside, text)
            )?;
        }
        self.alone(rest, 2)
    }

    /// A segment, and before it what is missing there.
    fn segment(&mut self, shown: &Shown<'_>, findings: &[&Finding]) -> io::Result<()> {
        let tag = shown.segment.tag();
        let (here, missing): (Vec<&Finding>, Vec<&Finding>) = findings
            .iter()
            .partition(|finding| [tag, Tag::NONE].contains(&finding.place.tag));
        for finding in missing {
            complain(
                finding,
                &"  ".repeat(shown.depth),
                true,
                self.view.paint,
                self.out,
            )?;
        }
        shown.write(&here, self.view.paint, self.out)
    }

    fn heading(
        &mut self,
        examined: &Examined<'_>,
        accepted: bool,
        findings: &[&Finding],
    ) -> io::Result<()> {
        let message = examined.message;
        let label = examined
            .kind
            .map_or("unknown here", |(_, structure)| &structure.label);
        let (role, verdict) = if accepted {
            (Role::Good, "accepted")
        } else {
            (Role::Bad, "rejected")
        };
        let errors = findings.iter().filter(|finding| finding.is_error()).count();
        let warnings = findings.len() - errors;
        let title = format!("#{} {} {label}", message.record + 1, message.id);
        let aside = format!(
            ", number {}, {} {}, line {}, {} segments: ",
            message.control_number, message.version, message.guide, message.line, message.segments
        );
        let aside = aside.replace(" ,", ",");
        let paint = self.view.paint;
        write!(
            self.out,
            "    {}{}{}",
            paint.paint(Role::Name, safe(&title, 100)),
            paint.paint(Role::Aside, safe(&aside, 200)),
            paint.paint(role, verdict)
        )?;
        for (count, noun) in [(errors, "error"), (warnings, "warning")] {
            if count > 0 {
                write!(
                    self.out,
                    ", {count} {noun}{}",
                    if count == 1 { "" } else { "s" }
                )?;
            }
        }
        writeln!(self.out)
    }
}

/// What names the elements of envelopes: the dictionary of the interchange's version.
fn service(examination: &Examination<'_>) -> Option<Arc<Dictionary>> {
    let interchange = examination.walk().interchange();
    let version = match interchange.syntax {
        Syntax::X12 => interchange.version.as_str(),
        Syntax::Edifact if interchange.version.contains(":4") => "D.4",
        Syntax::Edifact => "D.3",
        Syntax::Tradacoms => "9",
    };
    let dictionaries = &examination.decision().terms().dictionaries;
    Some(dictionaries.find(interchange.syntax, version)?.dictionary)
}
