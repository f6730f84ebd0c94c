//! Judges messages by a dictionary: each segment gets its place in the structure, and every broken rule is a finding.
//! Never changes, repairs or refuses anything: what becomes of a message is decided by whoever reads the findings.
//! Invariant: a good message costs no allocation; a bad one a bounded number of findings.

mod case;
mod characters;
mod doubt;
mod elements;
mod fault;
mod glance;
mod period;
mod policy;
mod position;
mod recovery;
mod report;
mod steps;
mod structure;
mod tables;
mod value;

use std::sync::Arc;

use crate::charset::Charset;
use crate::dictionary::{Dictionary, Structure};
use crate::finding::Finding;
use crate::headers::Message;
use crate::message::MessageView;
use crate::rule::Rule;
use crate::segment::Tag;
use crate::separators::Separators;
use crate::syntax::Syntax;

use characters::ClassTable;
use elements::Elements;
use fault::Fault;
use glance::Glance;
use report::Report;
use structure::Track;
use tables::Tables;

pub use policy::{Policy, Weight};

/// What a judge says of one message. The buffers are used again for the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// For each segment its place: an index into [`Structure::nodes`], or [`Judged::NONE`].
    pub nodes: Vec<u16>,
    /// What is wrong, in the order of the segments.
    pub findings: Vec<Finding>,
}

impl Judged {
    /// The place of a segment that has none.
    pub const NONE: u16 = u16::MAX;

    /// Whether nothing that was found is an error.
    #[must_use]
    pub fn is_good(&self) -> bool {
        !self.findings.iter().any(Finding::is_error)
    }
}

/// Judges the messages of one kind, one after the other.
///
/// ```no_run
/// use std::sync::Arc;
/// use edi::dictionary::Dictionaries;
/// use edi::judge::{Judge, Judged, Policy};
/// # fn each(mut work: impl FnMut(edi::MessageView<'_>, &edi::Message)) {}
///
/// let dictionary = Dictionaries::shipped().find(edi::Syntax::X12, "004010").expect("shipped").dictionary;
/// let order = Arc::clone(dictionary.structure("850").expect("in this dictionary"));
/// let mut judge = Judge::new(dictionary, order, Policy::default());
/// let mut judged = Judged::default();
/// each(|view, message| {
///     judge.judge(view, message, &mut judged);
///     for finding in &judged.findings {
///         println!("{}", finding.message);
///     }
/// });
/// ```
pub struct Judge {
    dictionary: Arc<Dictionary>,
    tables: Tables,
    policy: Policy,
    track: Track,
    classes: ClassTable,
    glance: Glance,
    scratch: Vec<u8>,
}

impl Judge {
    /// Judges messages of this structure, which is one of the dictionary's.
    #[must_use]
    pub fn new(dictionary: Arc<Dictionary>, structure: Arc<Structure>, policy: Policy) -> Self {
        Self {
            tables: Tables::new(&dictionary, &structure),
            track: Track::new(structure),
            classes: ClassTable::new(Separators::default(), None),
            glance: Glance::new(&Separators::default(), None),
            dictionary,
            policy,
            scratch: Vec::new(),
        }
    }

    /// Judges values as ones of this character set from now on; before, what it allows is not asked.
    pub fn set_charset(&mut self, charset: Charset) {
        if self.classes.charset() != Some(&charset) {
            self.look_for(*self.classes.separators(), Some(charset));
        }
    }

    fn look_for(&mut self, separators: Separators, charset: Option<Charset>) {
        self.glance = Glance::new(&separators, charset.as_ref());
        self.classes = ClassTable::new(separators, charset);
    }

    /// Judges one message. What `out` held before is gone.
    pub fn judge(&mut self, view: MessageView<'_>, message: &Message, out: &mut Judged) {
        out.nodes.clear();
        out.findings.clear();
        let Some(first) = view.segment(0) else { return };
        if self.classes.separators() != first.separators() {
            self.look_for(*first.separators(), self.classes.charset().copied());
        }
        let elements = Elements {
            dictionary: &self.dictionary,
            classes: &self.classes,
            glance: &self.glance,
            exponents: exponents(message, &self.dictionary),
        };
        let mut report = Report::new(view, message, &self.policy, &mut out.findings);
        let mut faults = Vec::new();
        self.track.start(view.len());
        for index in 0..view.len() {
            let Some(segment) = view.segment(index) else {
                break;
            };
            let tag = segment.tag();
            let placed =
                self.track
                    .place(tag, index, &self.dictionary, &mut report, &mut out.nodes);
            out.nodes.push(placed.node);
            let Some(table) = placed.described.and_then(|node| self.tables.segment(node)) else {
                continue;
            };
            elements.judge(table, &segment, &mut self.scratch, &mut faults);
            if faults.is_empty() {
                continue;
            }
            let envelope = Envelope::of(tag);
            faults.retain(|fault| !envelope.answers_for(self.dictionary.syntax(), fault));
            faults.sort_by_key(|fault| fault.spot.order());
            for fault in faults.drain(..) {
                report.element(&self.track, &segment, index, fault);
            }
        }
    }
}

const HEADERS: [Tag; 3] = [Tag::new(b"ST"), Tag::new(b"UNH"), Tag::new(b"MHD")];
const TRAILERS: [Tag; 3] = [Tag::new(b"SE"), Tag::new(b"UNT"), Tag::new(b"MTR")];

/// What the walk has judged already, so that it is said once.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Envelope {
    Header,
    Trailer,
    Neither,
}

impl Envelope {
    fn of(tag: Tag) -> Self {
        if HEADERS.contains(&tag) {
            Self::Header
        } else if TRAILERS.contains(&tag) {
            Self::Trailer
        } else {
            Self::Neither
        }
    }

    /// Whether a fault is the walk's to report: of a header what is missing and the control number, of a trailer all that
    /// it is meant to say.
    fn answers_for(self, syntax: Syntax, fault: &Fault<'_>) -> bool {
        let control_number = if syntax == Syntax::X12 { 2 } else { 1 };
        let form = [
            Rule::ElementsBeyond,
            Rule::ComponentsBeyond,
            Rule::TrailingSeparators,
        ];
        match self {
            Self::Neither => false,
            Self::Header => {
                fault.rule == Rule::ElementMissing || fault.spot.element == control_number
            }
            Self::Trailer => !form.contains(&fault.rule),
        }
    }
}

/// Whether numbers of type R can have exponents: from version 004020 on.
fn exponents(message: &Message, dictionary: &Dictionary) -> bool {
    let version = match message.version.as_str() {
        "" => dictionary.version(),
        version => version,
    };
    version >= "004020"
}

#[cfg(test)]
mod elements_tests;
#[cfg(test)]
mod structure_tests;
