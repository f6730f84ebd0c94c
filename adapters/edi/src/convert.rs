//! The road from bytes to canonical documents: walks a file, judges each message, holds those of a group until its trailer
//! has come, and gives their documents to the sink.
//! Documents go to the sink when their group has ended well and stand when their interchange has: a boundary. What a
//! broken interchange gave is taken back to the boundary before it, so that memory does not grow with the file.
//! Invariant: a message that breaks a rule yields no document, a broken group none of its messages', a broken interchange none.

mod answering;
mod handler;
mod mapping;
mod origin;

use std::io::Read;
use std::sync::{Arc, LazyLock};

use canonical::decode::{Admission, Context, DecodeError, Sink, SinkError, Summary};
use canonical::problem::{Problem, Severity};
use canonical::provenance::Provenance;

use crate::acknowledge::Answer;
use crate::charset::Charset;
use crate::finding::{Finding, Level};
use crate::headers::Interchange;
use crate::limits::Limits;
use crate::map::Reading;
use crate::message::MessageBuffer;
use crate::partner::{Agreements, Decision};
use crate::rule::Rule;
use crate::syntax::Syntax;
use crate::walk::{Event, Walk, WalkOptions};
use answering::Answering;
use handler::Handlers;
pub(crate) use handler::measure;

/// Everything that reading needs to know beyond the bytes: partners with their dictionaries and mappings, and limits. Made
/// once, used by any number of conversions, from any thread.
#[derive(Debug, Default)]
pub struct Engine {
    /// Who may send, and how what they send is read, judged, mapped and answered.
    pub agreements: Agreements,
    /// What one piece of input may cost.
    pub limits: Limits,
}

/// Converts every message that a mapping knows, of all interchanges, with what is shipped.
///
/// What is wrong goes to [`Sink::problem`]. A message that is refused, or that no mapping knows, counts in
/// [`Summary::refused`]; messages of a broken group or interchange count too, and the documents they had given are taken back.
///
/// ```
/// use canonical::decode::{Context, Sink, SinkError};
/// use canonical::{document::Sealed, problem::Problem};
///
/// #[derive(Default)]
/// struct Orders(Vec<Sealed>);
/// impl Sink for Orders {
///     fn document(&mut self, document: Sealed) -> Result<(), SinkError> {
///         self.0.push(document);
///         Ok(())
///     }
///     fn problem(&mut self, problem: Problem) {
///         eprintln!("{problem}");
///     }
///     fn boundary(&mut self) {}
///     fn discard_to_boundary(&mut self) {
///         self.0.clear();
///     }
/// }
///
/// let file = "ISA*00*          *00*          *ZZ*BUYER          *ZZ*SELLER         *260131*0800*U*00401*000000001*0*P*>~\
///     GS*PO*BUYER*SELLER*20260131*0800*1*X*004010~ST*850*0001~BEG*00*SA*PO-7**20260131~CUR*BY*EUR~\
///     PO1*1*10*EA*2.50**VN*BOLT-8~CTT*1~SE*6*0001~GE*1*1~IEA*1*000000001~";
/// let context = Context {
///     ingest_id: "01JDC4Z8Q2W3E4R5T6Y7H8J9K0",
///     received_at: "2026-01-31T08:00:00Z",
///     file_name: "orders.edi",
///     modified_at: None,
///     feed: None,
/// };
/// let mut orders = Orders::default();
/// let summary = edi::convert(&mut file.as_bytes(), &context, &mut orders)?;
/// assert_eq!(summary.documents, 1);
/// assert_eq!(orders.0[0].subject, "sales_order/PO-7");
/// assert_eq!(orders.0[0].occurrence.as_deref(), Some("x12/ZZ:BUYER/ZZ:SELLER/000000001/1/0001"));
/// # Ok::<(), canonical::decode::DecodeError>(())
/// ```
///
/// # Errors
/// [`DecodeError::Refused`] when no interchange of the file ended well: nothing of it may be used.
/// [`DecodeError::Sink`] and [`DecodeError::Read`] when the sink or the input failed.
pub fn convert(
    input: &mut dyn Read,
    context: &Context<'_>,
    sink: &mut dyn Sink,
) -> Result<Summary, DecodeError> {
    static ENGINE: LazyLock<Engine> = LazyLock::new(Engine::default);
    ENGINE.convert(input, context, sink)
}

impl Engine {
    /// [`convert`](crate::convert) with these dictionaries, mappings and limits.
    ///
    /// # Errors
    /// As there.
    pub fn convert(
        &self,
        input: &mut dyn Read,
        context: &Context<'_>,
        sink: &mut dyn Sink,
    ) -> Result<Summary, DecodeError> {
        let provenance = context.provenance()?;
        let walk = WalkOptions {
            limits: self.limits,
            text: self.agreements.text_policy(context.feed),
        };
        let conversion = Conversion {
            engine: self,
            context,
            decision: self.agreements.find(&Interchange::default(), context.feed),
            answering: Answering::new(&provenance),
            provenance,
            sink,
            handlers: Handlers::default(),
            reading: Reading::default(),
            buffer: MessageBuffer::default(),
            charset: None,
            keeps: false,
            group_given: false,
            summary: Summary::default(),
            standing: (0, 0),
            messages: 0,
            stands: false,
            refusal: None,
        };
        conversion.run(&mut Walk::new(input, walk))
    }
}

struct Conversion<'c> {
    engine: &'c Engine,
    context: &'c Context<'c>,
    provenance: Provenance,
    sink: &'c mut dyn Sink,
    /// Whose interchange is open.
    decision: Decision,
    answering: Answering,
    handlers: Handlers,
    reading: Reading,
    /// The messages of the open group that wait for its trailer.
    buffer: MessageBuffer,
    /// The encoding of the open interchange; none where it cannot be read.
    charset: Option<Charset>,
    /// Whether the open message is kept.
    keeps: bool,
    /// Whether documents of the open group were given away.
    group_given: bool,
    summary: Summary,
    /// Documents and refused messages that stand, and messages of the open interchange.
    standing: (u64, u64),
    messages: u64,
    /// Whether an interchange ended well.
    stands: bool,
    /// Why the file is refused, should no interchange end well.
    refusal: Option<Problem>,
}

impl Conversion<'_> {
    fn run(mut self, walk: &mut Walk<'_>) -> Result<Summary, DecodeError> {
        loop {
            let event = walk.advance()?;
            match event {
                Event::Interchange => self.open_interchange(walk),
                Event::Group => self.open_group(walk),
                Event::Message => self.open_message(walk),
                Event::Segment => self.keep(walk),
                Event::InterchangeAck => self.answered(walk)?,
                Event::MessageEnd(_)
                | Event::GroupEnd(_)
                | Event::InterchangeEnd(_)
                | Event::End => {}
            }
            self.pass_on(walk);
            match event {
                Event::MessageEnd(good) => self.close_message(walk, good)?,
                Event::GroupEnd(good) => self.close_group(walk, good)?,
                Event::InterchangeEnd(good) => self.close_interchange(walk, good)?,
                Event::End => return self.finish(),
                Event::Interchange
                | Event::Group
                | Event::Message
                | Event::Segment
                | Event::InterchangeAck => {}
            }
        }
    }

    fn finish(mut self) -> Result<Summary, DecodeError> {
        match self.refusal.take() {
            Some(problem) if self.stands => self.sink.problem(problem),
            Some(problem) => return Err(DecodeError::from(problem)),
            None => {}
        }
        Ok(self.summary)
    }

    /// Gives findings to the sink; the first that may refuse the file is held back until that is decided.
    fn pass_on(&mut self, walk: &mut Walk<'_>) {
        for finding in walk.take_findings() {
            self.pass(&finding, walk.interchange().syntax);
        }
    }

    fn pass(&mut self, finding: &Finding, syntax: Syntax) {
        self.answering.collector.finding(finding);
        let problem = finding.problem(syntax).in_file(self.context.file_name);
        let refuses = finding.level <= Level::Interchange && problem.severity == Severity::Error;
        if refuses && self.refusal.is_none() {
            self.refusal = Some(problem);
        } else {
            self.sink.problem(problem);
        }
    }

    fn open_interchange(&mut self, walk: &mut Walk<'_>) {
        self.messages = 0;
        self.reading.forget_header();
        walk.begin_digest();
        let interchange = walk.interchange();
        let decision = self.engine.agreements.find(interchange, self.context.feed);
        if !Arc::ptr_eq(decision.terms(), self.decision.terms()) {
            self.handlers = Handlers::default(); // judges and mappings are a partner's
        }
        self.decision = decision;
        let terms = self.decision.terms();
        self.answering
            .collector
            .interchange(interchange, terms.acknowledge);
        let charset = Charset::for_interchange(interchange, terms.charset);
        walk.hold_to(&terms.policy);
        for finding in self.decision.findings() {
            walk.complain(finding.clone());
        }
        self.charset = match charset {
            Ok(charset) => Some(charset),
            Err(finding) => {
                walk.complain(*finding);
                None
            }
        };
    }

    fn open_group(&mut self, walk: &Walk<'_>) {
        self.group_given = false;
        self.buffer.clear();
        self.answering.collector.group(walk.group());
    }

    /// A TA1: what a partner says of an interchange of ours.
    fn answered(&mut self, walk: &Walk<'_>) -> Result<(), SinkError> {
        self.answering.collector.interchange_acknowledgement();
        let answer = Answer::of_ta1(&walk.segment(), walk.interchange());
        self.summary.documents += self.answering.reports(&answer, walk, 0, self.sink)?;
        Ok(())
    }

    /// A message is kept from its header on. A package holds an object, which nobody here can use.
    fn open_message(&mut self, walk: &mut Walk<'_>) {
        self.messages += 1;
        self.answering.collector.message(walk.message());
        if let Some(finding) = self.decision.message(walk.message()) {
            walk.complain(finding);
        }
        self.keeps = self.charset.is_some() && !walk.message().package;
        if walk.message().package {
            let message = "a package is passed over by its length: its object is not converted";
            let mut finding = Finding::new(Rule::MessageUnsupported, message);
            finding.severity = Severity::Warning;
            walk.complain(finding);
        }
        self.keep(walk);
    }

    /// Keeps the current segment until it is known whether it may be used.
    fn keep(&mut self, walk: &mut Walk<'_>) {
        if self.keeps
            && !self
                .buffer
                .push(walk.reader(), self.engine.limits.set_bytes)
        {
            self.keeps = false;
            let finding = Finding::new(Rule::MessageLength, "the message is longer than allowed");
            let limit = self.engine.limits.set_bytes;
            walk.complain(finding.expected(format!("at most {limit} bytes")));
        }
    }

    fn close_message(&mut self, walk: &mut Walk<'_>, good: bool) -> Result<(), SinkError> {
        let accepted = good && self.keeps && self.hold(walk);
        self.pass_on(walk);
        self.answering
            .collector
            .message_end(accepted || good && walk.message().package);
        if !accepted {
            walk.refuse();
            self.buffer.abandon();
            self.summary.refused += 1;
            return Ok(());
        }
        if self.group_given || self.buffer.size() > self.engine.limits.group_bytes {
            self.group_given = true;
            self.give(walk)?;
        }
        Ok(())
    }

    /// Holds the message that ended well and judges it; false when it cannot be used.
    fn hold(&mut self, walk: &mut Walk<'_>) -> bool {
        self.keep(walk);
        self.buffer.hold(walk.message().clone());
        let good = self.judge(walk);
        if !good {
            self.buffer.drop_last();
        }
        good
    }

    /// Judges the message that was held last.
    fn judge(&mut self, walk: &mut Walk<'_>) -> bool {
        let (syntax, terms) = (walk.interchange().syntax, self.decision.terms());
        let handler = self.handlers.of(terms, syntax, walk.message());
        let Some((message, view)) = self.buffer.last() else {
            return false;
        };
        let handler = match handler {
            Ok(handler) => handler,
            Err(finding) => {
                self.pass(&finding, syntax);
                return false;
            }
        };
        let Some(charset) = self.charset else {
            return false;
        };
        handler.judge(view, message, charset);
        let good = handler.judged.is_good() && self.buffer.note(&handler.judged.nodes);
        for finding in std::mem::take(&mut handler.judged.findings) {
            self.pass(&finding, syntax);
        }
        good
    }

    fn close_group(&mut self, walk: &mut Walk<'_>, good: bool) -> Result<(), SinkError> {
        self.answering.collector.group_end(good);
        if good {
            return self.give(walk);
        }
        self.summary.refused += self.buffer.len() as u64;
        self.buffer.clear();
        if self.group_given {
            let message = "the broken group is too long to be taken back alone";
            let finding = Finding::new(Rule::GroupLength, message).at_level(Level::Interchange);
            let limit = self.engine.limits.group_bytes;
            walk.complain(finding.expected(format!("at most {limit} bytes")));
        }
        Ok(())
    }

    /// An interchange that ended well stands, unless it came before: then it is answered again, or held.
    fn close_interchange(&mut self, walk: &mut Walk<'_>, good: bool) -> Result<(), SinkError> {
        self.stands |= good;
        let interchange = walk.interchange().clone();
        let digest = walk.end_digest().filter(|_| good);
        let admit = |digest| self.sink.admit(&interchange.key(), digest);
        let admission = digest.map(admit).transpose()?;
        match admission {
            Some(Admission::New) => self.sink.boundary(),
            Some(Admission::Again) => self.take_back(0),
            Some(Admission::Conflict) => {
                let finding = reused(&interchange);
                self.pass(&finding, interchange.syntax);
                self.take_back(self.messages.max(1));
            }
            None => self.take_back(self.messages.max(1)),
        }
        self.standing = (self.summary.documents, self.summary.refused);
        if admission != Some(Admission::Conflict) {
            self.answering
                .answer(good, &self.decision, self.context, self.sink)?;
        }
        Ok(())
    }

    /// Takes back what the interchange gave; so many messages of it are refused.
    fn take_back(&mut self, refused: u64) {
        self.sink.discard_to_boundary();
        self.summary.documents = self.standing.0;
        self.summary.refused = self.standing.1 + refused;
    }
}

/// A control number that came before with other bytes.
fn reused(interchange: &Interchange) -> Finding {
    let what =
        "an interchange of this sender, receiver and control number came before with other content";
    Finding::new(Rule::ControlNumberReused, what)
        .at_level(Level::Interchange)
        .found(interchange.control_number.as_bytes())
        .expected("a control number that this sender has not used")
        .hint("ask the partner which one counts; to send this one, have it issued under a new control number")
}
