//! X12 → canonical documents: walks a file, holds one set at a time, and gives its documents to the sink.
//! Documents go to the sink when their group has ended well and stand when their interchange has: a boundary. What a
//! broken interchange gave is taken back to the boundary before it, so that memory does not grow with the file.
//! Invariant: a set that breaks a rule yields no document, a broken group none of its sets', a broken interchange none.

use std::io::Read;

use canonical::decode::{Context, DecodeError, Sink, SinkError, Summary};
use canonical::entity::Entity;
use canonical::problem::{Problem, Severity};
use canonical::provenance::Provenance;

use super::order;
use super::origin::{Output, sender_location, sender_party};
use super::place::Structure;
use super::run::Run;
use super::stock;
use crate::finding::{Finding, Level, Place};
use crate::headers::Message;
use crate::limits::Limits;
use crate::message::{MessageBuffer, MessageView};
use crate::rule::Rule;
use crate::syntax::Syntax;
use crate::walk::{Event, Walk, WalkOptions};

/// What a conversion may be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// What one piece of input may cost.
    pub limits: Limits,
}

/// Converts every supported set (850 → `sales_order`, 846 → `inventory_level` for each item) of all interchanges.
///
/// What is wrong goes to [`Sink::problem`]. A set that is refused, or not supported, counts in [`Summary::refused`];
/// sets of a broken group or interchange count too, and the documents they had given are taken back.
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
/// let summary = edi::x12::convert(&mut file.as_bytes(), &context, &mut orders)?;
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
    convert_with(Options::default(), input, context, sink)
}

/// [`convert`] with other limits.
///
/// # Errors
/// As [`convert`].
pub fn convert_with(
    options: Options,
    input: &mut dyn Read,
    context: &Context<'_>,
    sink: &mut dyn Sink,
) -> Result<Summary, DecodeError> {
    let conversion = Conversion {
        limits: options.limits,
        provenance: context.provenance()?,
        file_name: context.file_name,
        structures: [Structure::order(), Structure::stock()],
        sink,
        buffer: MessageBuffer::default(),
        kind: None,
        group_given: false,
        charset_reported: false,
        summary: Summary::default(),
        standing: (0, 0),
        sets: 0,
        stands: false,
        refusal: None,
    };
    let options = WalkOptions {
        limits: options.limits,
        ..WalkOptions::default()
    };
    conversion.run(&mut Walk::new(input, options))
}

/// The sets that are converted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Order,
    Stock,
}

struct Conversion<'c, 'x> {
    limits: Limits,
    provenance: Provenance,
    file_name: &'x str,
    structures: [Structure; 2],
    sink: &'c mut dyn Sink,
    /// The sets of the open group that wait for its trailer.
    buffer: MessageBuffer,
    /// What the open set is; `None` when it is not converted.
    kind: Option<Kind>,
    /// Whether documents of the open group were given away.
    group_given: bool,
    charset_reported: bool,
    summary: Summary,
    /// Documents and refused sets that stand, and sets of the open interchange.
    standing: (u64, u64),
    sets: u64,
    /// Whether an interchange ended well.
    stands: bool,
    /// Why the file is refused, should no interchange end well.
    refusal: Option<Problem>,
}

impl Kind {
    fn of(set: &str) -> Option<Self> {
        match set {
            "850" => Some(Self::Order),
            "846" => Some(Self::Stock),
            _ => None,
        }
    }
}

impl Conversion<'_, '_> {
    fn run(mut self, walk: &mut Walk<'_>) -> Result<Summary, DecodeError> {
        loop {
            let event = walk.advance()?;
            match event {
                Event::Interchange => {
                    self.charset_reported = false;
                    self.sets = 0;
                }
                Event::Group => {
                    self.group_given = false;
                    self.buffer.clear();
                }
                Event::Message => self.open_set(walk),
                Event::Segment => self.keep(walk),
                Event::MessageEnd(good) => self.close_set(walk, good)?,
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
            let syntax = walk.interchange().syntax;
            let problem = finding.problem(syntax).in_file(self.file_name);
            let refuses =
                finding.level <= Level::Interchange && problem.severity == Severity::Error;
            if refuses && self.refusal.is_none() {
                self.refusal = Some(problem);
            } else {
                self.sink.problem(problem);
            }
        }
    }

    fn open_set(&mut self, walk: &mut Walk<'_>) {
        self.sets += 1;
        let message = walk.message();
        self.kind = Kind::of(&message.id).filter(|_| walk.interchange().syntax == Syntax::X12);
        if self.kind.is_none() {
            let finding = Finding::new(Rule::MessageUnsupported, "this set is not converted");
            let mut finding = finding.found(message.id.as_bytes()).expected("850 or 846");
            finding.place.element = 1;
            walk.complain(finding);
        }
        self.keep(walk);
    }

    /// Keeps the current segment until it is known whether it may be used.
    fn keep(&mut self, walk: &mut Walk<'_>) {
        if self.kind.is_some() && !self.buffer.push(walk.reader(), self.limits.set_bytes) {
            self.kind = None;
            let finding = Finding::new(Rule::MessageLength, "the set is longer than allowed");
            let limit = self.limits.set_bytes;
            walk.complain(finding.expected(format!("at most {limit} bytes")));
        }
    }

    fn close_set(&mut self, walk: &mut Walk<'_>, good: bool) -> Result<(), SinkError> {
        if good {
            self.keep(walk);
        }
        if !good || self.kind.is_none() {
            self.buffer.abandon();
            self.summary.refused += 1;
            return Ok(());
        }
        self.buffer.hold(walk.message().clone());
        if self.group_given || self.buffer.size() > self.limits.group_bytes {
            self.group_given = true;
            self.give(walk)?;
        }
        Ok(())
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
            self.summary.refused = self.standing.1 + self.sets.max(1);
        }
        self.standing = (self.summary.documents, self.summary.refused);
    }

    /// Converts the sets that wait and gives their documents away.
    fn give(&mut self, walk: &Walk<'_>) -> Result<(), SinkError> {
        let buffer = std::mem::take(&mut self.buffer);
        for (set, view) in buffer.messages() {
            self.map(walk, set, view)?;
        }
        self.buffer = buffer;
        self.buffer.clear();
        Ok(())
    }

    fn map(
        &mut self,
        walk: &Walk<'_>,
        set: &Message,
        view: MessageView<'_>,
    ) -> Result<(), SinkError> {
        self.check_charset(set, view);
        let [orders, stocks] = &self.structures;
        let begin = |structure| {
            Run::new(
                view,
                structure,
                set.record,
                &walk.group().version,
                walk.reader().separators(),
            )
        };
        let mut output = Output::new(&mut *self.sink, &self.provenance, walk, set, view);
        let mut given = 0;
        let mut refused = 0;
        let problems = match Kind::of(&set.id) {
            Some(Kind::Order) => {
                let mut run = begin(orders);
                let order =
                    order::map(&mut run, sender_party(walk.interchange())).map(Entity::from);
                if let Some(entity) = order.filter(|entity| run.judge(entity)) {
                    given = 1;
                    output.document(view, entity, 0, view.len() - 1)?;
                } else {
                    refused = 1;
                }
                run.take_problems()
            }
            Some(Kind::Stock) => {
                // An item late in the set may break it: the first pass only judges, so that nothing has to be taken back.
                let mut run = begin(stocks);
                let mut judge = |run: &mut Run<'_>, item: stock::Item| {
                    run.judge(&item.level.into());
                    Ok(())
                };
                refused = stock::map(&mut run, &sender_location(walk.interchange()), &mut judge)?;
                if run.is_broken() {
                    refused = 1;
                } else {
                    let mut emit = |_run: &mut Run<'_>, item: stock::Item| {
                        given += 1;
                        output.document(view, item.level.into(), item.first, item.last)
                    };
                    stock::map(
                        &mut begin(stocks),
                        &sender_location(walk.interchange()),
                        &mut emit,
                    )?;
                }
                run.take_problems()
            }
            None => Vec::new(),
        };
        for problem in problems {
            self.sink.problem(problem.in_file(self.file_name));
        }
        self.summary.documents += given;
        self.summary.refused += refused;
        Ok(())
    }

    /// X12 does not declare an encoding: text beyond ASCII is read as UTF-8 where it is, else as ISO 8859-1.
    fn check_charset(&mut self, set: &Message, view: MessageView<'_>) {
        if self.charset_reported || view.is_ascii() {
            return;
        }
        self.charset_reported = true;
        let message = "bytes beyond ASCII: read as UTF-8 where they are, else as ISO 8859-1";
        let place = Place {
            record: Some(set.record),
            byte: set.offset,
            line: set.line,
            ..Place::default()
        };
        let finding = Finding::new(Rule::Charset, message).at(place);
        self.sink
            .problem(finding.problem(Syntax::X12).in_file(self.file_name));
    }
}
