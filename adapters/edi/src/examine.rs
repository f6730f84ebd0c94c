//! Looks into interchanges: walks and judges them as a conversion does, and shows each message with its places, its
//! dictionary and its findings. For people who want to see; converts, answers and keeps nothing.
//! Invariant: what is found is what a conversion finds of envelopes, agreements and messages; one message is in memory at a time.

use std::collections::HashMap;
use std::io::{self, Read};
use std::sync::Arc;

use crate::charset::Charset;
use crate::convert::measure;
use crate::dictionary::{Dictionary, Structure};
use crate::finding::Finding;
use crate::headers::{Interchange, Message};
use crate::judge::{Judge, Judged};
use crate::limits::Limits;
use crate::message::{MessageBuffer, MessageView};
use crate::partner::{Agreements, Decision};
use crate::rule::Rule;
use crate::segment::{Segment, Tag};
use crate::syntax::Syntax;
use crate::walk::{Event, Walk, WalkOptions};

/// Kinds of messages that are looked up once in a file at most; more are looked up again each time.
const KINDS: usize = 1000;

/// What the examination came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// An interchange opened; its header is current.
    Interchange,
    /// A TA1 is current.
    InterchangeAck,
    /// A group opened; its header is current, unless messages stand without one.
    Group,
    /// A message was read and judged; whether it is accepted.
    Message(bool),
    /// The group ended; whether its rules held.
    GroupEnd(bool),
    /// The interchange ended; whether its rules held.
    InterchangeEnd(bool),
    /// Nothing more is read.
    End,
}

/// A message as it was judged.
#[derive(Clone, Copy)]
pub struct Examined<'e> {
    /// Its header.
    pub message: &'e Message,
    /// Its segments, as many as were read.
    pub view: MessageView<'e>,
    /// For each segment its place in the structure, or [`Judged::NONE`]. Empty when it has none.
    pub nodes: &'e [u16],
    /// What it is made of, and the dictionary that says so; none when no dictionary knows it.
    pub kind: Option<(&'e Dictionary, &'e Structure)>,
}

/// An examination of one input.
///
/// ```
/// use edi::examine::{Examination, Step};
/// use edi::partner::Agreements;
/// let file = "UNB+UNOA:3+S+R+260131:1200+7'UNH+1+ORDERS:D:96A:UN'BGM+220+4711+9'DTM+137:20260131:102'\
///     NAD+BY+5412345000013::9'LIN+1'QTY+21:x'UNS+S'UNT+8+1'UNZ+1+7'";
/// let agreements = Agreements::default();
/// let mut input = file.as_bytes();
/// let mut examination = Examination::new(&mut input, &agreements, None);
/// while examination.advance()? != Step::Message(false) {}
/// let examined = examination.examined().expect("a message was read");
/// let (_, orders) = examined.kind.expect("it is shipped");
/// let quantity = examined.nodes[5];
/// assert_eq!(orders.nodes[usize::from(quantity)].tag, edi::Tag::new(b"QTY"));
/// assert_eq!(examination.take_findings()[0].place.pointer().as_deref(), Some("LIN[1]/QTY[1]/01.2"));
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Examination<'r> {
    walk: Walk<'r>,
    agreements: &'r Agreements,
    source: Option<&'r str>,
    limits: Limits,
    decision: Decision,
    charset: Option<Charset>,
    kinds: HashMap<(Syntax, String, String, String), Kind>,
    buffer: MessageBuffer,
    judged: Judged,
    kind: Option<(Arc<Dictionary>, Arc<Structure>)>,
    keeps: bool,
    findings: Vec<Finding>,
}

/// How messages of one kind are judged.
struct Kind {
    judge: Judge,
    dictionary: Arc<Dictionary>,
    structure: Arc<Structure>,
}

impl<'r> Examination<'r> {
    /// Examines `input`, which came through this source if through any, by what was agreed with its senders.
    #[must_use]
    pub fn new(
        input: &'r mut dyn Read,
        agreements: &'r Agreements,
        source: Option<&'r str>,
    ) -> Self {
        let limits = Limits::default();
        let text = agreements.text_policy(source);
        Self {
            walk: Walk::new(input, WalkOptions { limits, text }),
            agreements,
            source,
            limits,
            decision: agreements.find(&Interchange::default(), source),
            charset: None,
            kinds: HashMap::new(),
            buffer: MessageBuffer::default(),
            judged: Judged::default(),
            kind: None,
            keeps: false,
            findings: Vec::new(),
        }
    }

    /// Goes on to the next step. After [`Step::End`] it stays there.
    ///
    /// # Errors
    /// The input's own.
    pub fn advance(&mut self) -> io::Result<Step> {
        loop {
            let event = self.walk.advance()?;
            let step = match event {
                Event::Interchange => {
                    self.open_interchange();
                    Some(Step::Interchange)
                }
                Event::InterchangeAck => Some(Step::InterchangeAck),
                Event::Group => Some(Step::Group),
                Event::Message => {
                    self.open_message();
                    None
                }
                Event::Segment => {
                    self.keep();
                    None
                }
                Event::MessageEnd(good) => Some(Step::Message(self.close_message(good))),
                Event::GroupEnd(good) => Some(Step::GroupEnd(good)),
                Event::InterchangeEnd(good) => Some(Step::InterchangeEnd(good)),
                Event::End => Some(Step::End),
            };
            let mut found = self.walk.take_findings();
            self.findings.append(&mut found);
            if let Some(step) = step {
                return Ok(step);
            }
        }
    }

    /// The walk, for the headers and the current segment.
    #[must_use]
    pub fn walk(&self) -> &Walk<'r> {
        &self.walk
    }

    /// What was agreed with the sender of the open interchange.
    #[must_use]
    pub fn decision(&self) -> &Decision {
        &self.decision
    }

    /// The characters of the open interchange; none where they cannot be read.
    #[must_use]
    pub fn charset(&self) -> Option<Charset> {
        self.charset
    }

    /// The trailer of what ended, if it has one: then it is current.
    #[must_use]
    pub fn trailer(&self, step: Step) -> Option<Segment<'_>> {
        let tags: &[&[u8]] = match step {
            Step::Message(_) => &[b"SE", b"UNT", b"UNP", b"MTR"],
            Step::GroupEnd(_) => &[b"GE", b"UNE", b"EOB"],
            Step::InterchangeEnd(_) => &[b"IEA", b"UNZ", b"END"],
            Step::Interchange | Step::InterchangeAck | Step::Group | Step::End => &[],
        };
        let segment = self.walk.segment();
        let is = |tag: &&[u8]| Tag::new(tag) == segment.tag();
        tags.iter().any(is).then_some(segment)
    }

    /// The message that was read last.
    #[must_use]
    pub fn examined(&self) -> Option<Examined<'_>> {
        let (message, view) = self.buffer.last()?;
        let kind = self.kind.as_ref();
        Some(Examined {
            message,
            view,
            nodes: &self.judged.nodes,
            kind: kind.map(|(dictionary, structure)| (&**dictionary, &**structure)),
        })
    }

    /// What was found since the last call, in the order of the file as far as it has a place there.
    pub fn take_findings(&mut self) -> Vec<Finding> {
        let mut findings = std::mem::take(&mut self.findings);
        findings.sort_by_key(|finding| finding.place.byte);
        findings
    }

    fn open_interchange(&mut self) {
        let interchange = self.walk.interchange();
        let decision = self.agreements.find(interchange, self.source);
        if !Arc::ptr_eq(decision.terms(), self.decision.terms()) {
            self.kinds.clear(); // policies and guides are a partner's
        }
        let charset = Charset::for_interchange(interchange, decision.terms().charset);
        self.walk.hold_to(&decision.terms().policy);
        for finding in decision.findings() {
            self.walk.complain(finding.clone());
        }
        self.decision = decision;
        self.charset = match charset {
            Ok(charset) => Some(charset),
            Err(finding) => {
                self.walk.complain(*finding);
                None
            }
        };
    }

    fn open_message(&mut self) {
        self.buffer.clear();
        self.judged = Judged::default();
        self.kind = None;
        self.keeps = true;
        if let Some(finding) = self.decision.message(self.walk.message()) {
            self.walk.complain(finding);
        }
        self.keep();
    }

    fn keep(&mut self) {
        if self.keeps && !self.buffer.push(self.walk.reader(), self.limits.set_bytes) {
            self.keeps = false;
            let finding = Finding::new(Rule::MessageLength, "the message is longer than allowed");
            let limit = self.limits.set_bytes;
            self.walk
                .complain(finding.expected(format!("at most {limit} bytes")));
        }
    }

    fn close_message(&mut self, good: bool) -> bool {
        if self.trailer(Step::Message(good)).is_some() {
            self.keep();
        }
        self.buffer.hold(self.walk.message().clone());
        if self.walk.message().package {
            return good;
        }
        let findings = self.judge();
        let accepted = good && self.keeps && !findings.iter().any(Finding::is_error);
        if !accepted {
            self.walk.refuse();
        }
        if good {
            let mut found = self.walk.take_findings();
            self.findings.append(&mut found);
            self.findings.extend(findings);
        }
        accepted
    }

    /// Judges the message that is held: also one with a broken envelope, for the places of its segments.
    fn judge(&mut self) -> Vec<Finding> {
        let (message, syntax) = (self.walk.message(), self.walk.interchange().syntax);
        let name = (
            syntax,
            message.version.clone(),
            message.guide.clone(),
            message.id.clone(),
        );
        if !self.kinds.contains_key(&name) {
            let measured = measure(self.decision.terms(), syntax, message);
            let (dictionary, structure, policy) = match measured {
                Ok(measured) => measured,
                Err(finding) => return vec![*finding],
            };
            if self.kinds.len() >= KINDS {
                self.kinds.clear();
            }
            let judge = Judge::new(Arc::clone(&dictionary), Arc::clone(&structure), policy);
            let kind = Kind {
                judge,
                dictionary,
                structure,
            };
            self.kinds.insert(name.clone(), kind);
        }
        let (Some(kind), Some((message, view))) = (self.kinds.get_mut(&name), self.buffer.last())
        else {
            return Vec::new();
        };
        if let Some(charset) = self.charset {
            kind.judge.set_charset(charset);
        }
        kind.judge.judge(view, message, &mut self.judged);
        self.kind = Some((Arc::clone(&kind.dictionary), Arc::clone(&kind.structure)));
        std::mem::take(&mut self.judged.findings)
    }
}
