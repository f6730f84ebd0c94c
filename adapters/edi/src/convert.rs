//! The road from bytes to canonical documents: walks a file, judges each message, holds those of a group until its trailer
//! has come, and gives their documents to the sink.
//! Documents go to the sink when their group has ended well and stand when their interchange has: a boundary. What a
//! broken interchange gave is taken back to the boundary before it, so that memory does not grow with the file.
//! Invariant: a message that breaks a rule yields no document, a broken group none of its messages', a broken interchange none.

mod handler;
mod origin;

use std::io::Read;
use std::sync::LazyLock;

use canonical::decode::{Context, DecodeError, Sink, SinkError, Summary};
use canonical::document::Sealed;
use canonical::problem::{Problem, Severity};
use canonical::provenance::Provenance;

use crate::charset::Charset;
use crate::dictionary::Dictionaries;
use crate::finding::{Finding, Level};
use crate::headers::Message;
use crate::limits::Limits;
use crate::map::{self, Mappings, Reading};
use crate::message::{MessageBuffer, MessageView};
use crate::rule::Rule;
use crate::syntax::Syntax;
use crate::walk::{Event, Walk, WalkOptions};
use handler::Handlers;
use origin::Origin;

/// Everything that reading needs to know beyond the bytes: dictionaries, mappings, limits. Made once, used by any number of
/// conversions, from any thread.
#[derive(Debug)]
pub struct Engine {
    /// What messages look like.
    pub dictionaries: Dictionaries,
    /// What they mean.
    pub mappings: Mappings,
    /// What a walk may be told.
    pub walk: WalkOptions,
}

impl Engine {
    /// What is shipped: every dictionary, every mapping, default limits.
    #[must_use]
    pub fn shipped() -> Self {
        Self {
            dictionaries: Dictionaries::shipped(),
            mappings: Mappings::shipped(),
            walk: WalkOptions::default(),
        }
    }
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
    static ENGINE: LazyLock<Engine> = LazyLock::new(Engine::shipped);
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
        let conversion = Conversion {
            engine: self,
            limits: self.walk.limits,
            provenance: context.provenance()?,
            file_name: context.file_name,
            sink,
            handlers: Handlers::default(),
            reading: Reading::default(),
            buffer: MessageBuffer::default(),
            charset: None,
            keeps: false,
            group_given: false,
            charset_reported: false,
            summary: Summary::default(),
            standing: (0, 0),
            messages: 0,
            stands: false,
            refusal: None,
        };
        conversion.run(&mut Walk::new(input, self.walk))
    }
}

struct Conversion<'c> {
    engine: &'c Engine,
    limits: Limits,
    provenance: Provenance,
    file_name: &'c str,
    sink: &'c mut dyn Sink,
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
    charset_reported: bool,
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
                Event::Group => {
                    self.group_given = false;
                    self.buffer.clear();
                }
                Event::Message => self.open_message(walk),
                Event::Segment => self.keep(walk),
                Event::MessageEnd(good) => self.close_message(walk, good)?,
                Event::GroupEnd(good) => self.close_group(walk, good)?,
                Event::InterchangeEnd(good) => self.close_interchange(good),
                Event::InterchangeAck | Event::End => {}
            }
            self.pass_on(walk);
            if event == Event::End {
                return self.finish();
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
        let problem = finding.problem(syntax).in_file(self.file_name);
        let refuses = finding.level <= Level::Interchange && problem.severity == Severity::Error;
        if refuses && self.refusal.is_none() {
            self.refusal = Some(problem);
        } else {
            self.sink.problem(problem);
        }
    }

    fn open_interchange(&mut self, walk: &mut Walk<'_>) {
        self.charset_reported = false;
        self.messages = 0;
        self.charset = match Charset::for_interchange(walk.interchange(), None) {
            Ok(charset) => Some(charset),
            Err(finding) => {
                walk.complain(*finding);
                None
            }
        };
    }

    /// A message is kept from its header on. A package holds an object, which nobody here can use.
    fn open_message(&mut self, walk: &mut Walk<'_>) {
        self.messages += 1;
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
        if self.keeps && !self.buffer.push(walk.reader(), self.limits.set_bytes) {
            self.keeps = false;
            let finding = Finding::new(Rule::MessageLength, "the message is longer than allowed");
            let limit = self.limits.set_bytes;
            walk.complain(finding.expected(format!("at most {limit} bytes")));
        }
    }

    fn close_message(&mut self, walk: &mut Walk<'_>, good: bool) -> Result<(), SinkError> {
        if !good || !self.keeps {
            self.buffer.abandon();
            self.summary.refused += 1;
            return Ok(());
        }
        self.keep(walk);
        self.buffer.hold(walk.message().clone());
        if !self.judge(walk) {
            self.buffer.drop_last();
            self.summary.refused += 1;
        }
        if self.group_given || self.buffer.size() > self.limits.group_bytes {
            self.group_given = true;
            self.give(walk)?;
        }
        Ok(())
    }

    /// Judges the message that was held last; false when it cannot be used.
    fn judge(&mut self, walk: &mut Walk<'_>) -> bool {
        let handler = self
            .handlers
            .of(self.engine, walk.interchange().syntax, walk.message());
        let Some((message, view)) = self.buffer.last() else {
            return false;
        };
        let handler = match handler {
            Ok(handler) => handler,
            Err(finding) => {
                walk.complain(*finding);
                return false;
            }
        };
        handler.judge(view, message);
        let good = handler.judged.is_good();
        let syntax = walk.interchange().syntax;
        for finding in std::mem::take(&mut handler.judged.findings) {
            self.sink
                .problem(finding.problem(syntax).in_file(self.file_name));
        }
        good && self.buffer.note(&handler.judged.nodes)
    }

    fn close_group(&mut self, walk: &mut Walk<'_>, good: bool) -> Result<(), SinkError> {
        if good {
            return self.give(walk);
        }
        self.summary.refused += self.buffer.len() as u64;
        self.buffer.clear();
        if self.group_given {
            let message = "the broken group is too long to be taken back alone";
            let finding = Finding::new(Rule::GroupLength, message).at_level(Level::Interchange);
            let limit = self.limits.group_bytes;
            walk.complain(finding.expected(format!("at most {limit} bytes")));
        }
        Ok(())
    }

    fn close_interchange(&mut self, good: bool) {
        self.stands |= good;
        if good {
            self.sink.boundary();
        } else {
            self.sink.discard_to_boundary();
            self.summary.documents = self.standing.0;
            self.summary.refused = self.standing.1 + self.messages.max(1);
        }
        self.standing = (self.summary.documents, self.summary.refused);
    }

    /// Converts the messages that wait and gives their documents away.
    fn give(&mut self, walk: &Walk<'_>) -> Result<(), SinkError> {
        let buffer = std::mem::take(&mut self.buffer);
        for (message, view, nodes) in buffer.judged() {
            self.map(walk, message, view, nodes)?;
        }
        self.buffer = buffer;
        self.buffer.clear();
        Ok(())
    }

    fn map(
        &mut self,
        walk: &Walk<'_>,
        message: &Message,
        view: MessageView<'_>,
        nodes: &[u16],
    ) -> Result<(), SinkError> {
        let syntax = walk.interchange().syntax;
        let handler = self.handlers.of(self.engine, syntax, message);
        let plan = handler.ok().and_then(|handler| handler.plan.clone());
        let (Some(plan), Some(charset)) = (plan, self.charset) else {
            self.summary.refused += 1;
            return Ok(());
        };
        self.check_charset(message, view, syntax, charset);
        let mut origin = Origin::new(&self.provenance, walk, message, view);
        let context = map::Context {
            interchange: walk.interchange(),
            message,
            charset,
            currency: None,
            offset: None,
        };
        let sink = &mut *self.sink;
        self.reading
            .read(&plan, view, nodes, &context, &mut |made, json| {
                let occurrence = origin.occurrence(&made.keys.subject);
                origin.insert(json, map::Made::PROVENANCE_AT, made.segments);
                sink.document(Sealed {
                    kind: made.kind,
                    record: message.record,
                    revision: 0,
                    subject: made.keys.subject,
                    partition_key: made.keys.partition_key,
                    time: made.keys.time,
                    occurrence: Some(occurrence),
                    data: std::mem::take(json),
                })
            })?;
        for finding in self.reading.take_findings() {
            self.sink
                .problem(finding.problem(syntax).in_file(self.file_name));
        }
        let (made, refused) = self.reading.tally();
        self.summary.documents += made;
        self.summary.refused += refused;
        Ok(())
    }

    /// Says once for an interchange that bytes are not what its header declares, or that nothing is declared.
    fn check_charset(
        &mut self,
        message: &Message,
        view: MessageView<'_>,
        syntax: Syntax,
        charset: Charset,
    ) {
        if self.charset_reported || view.is_ascii() {
            return;
        }
        let doubtful = view
            .segments()
            .find(|segment| !charset.decode(segment.raw()).1);
        let Some(segment) = doubtful else { return };
        self.charset_reported = true;
        let what = "bytes that the character set does not have, or that none is declared for: read as UTF-8 where they are, else as ISO 8859-1";
        let mut finding = Finding::new(Rule::Charset, what).hint("set the partner's character set");
        finding.place.byte = segment.offset();
        finding.place.record = Some(message.record);
        finding.place.line = view.line_of(segment.offset(), &mut view.known_line());
        finding.place.tag = segment.tag();
        self.sink
            .problem(finding.problem(syntax).in_file(self.file_name));
    }
}
