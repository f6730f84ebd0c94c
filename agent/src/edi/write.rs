//! `edi write`: canonical documents as interchanges, by the mapping of one set and the agreement with one partner.
//! What cannot be written is told and left out; what was written is read again and judged before it is believed.
//! Invariant: nothing of a document is dropped without a word.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

use canonical::date::DateTime;
use canonical::problem::{Problem, Severity};
use edi::Finding;
use edi::dictionary::Dictionary;
use edi::examine::{Examination, Step};
use edi::map::{self, Plan, Writing};
use edi::partner::{Agreements, Terms, WriteTerms};
use edi::write::Writer;
use serde_json::value::RawValue;

use super::arguments::Write;
use super::documents::Document;
use super::ledger::{Ledger, LedgerError, Written};
use super::target::{self, Parties};

/// What is written, and under which numbers.
pub(super) struct Order {
    /// The set or message.
    pub(super) set: String,
    /// The dictionary of its version.
    pub(super) dictionary: Arc<Dictionary>,
    /// Its mapping.
    pub(super) plan: Arc<Plan>,
    /// What is agreed with the partner.
    pub(super) terms: Arc<Terms>,
    /// How it is written for the partner.
    pub(super) write: WriteTerms,
    /// GS01 of the set; none in EDIFACT.
    pub(super) functional_id: Option<String>,
    /// `CCYYMMDD`.
    pub(super) date: String,
    /// `HHMM`.
    pub(super) time: String,
}

/// What the arguments ask for.
///
/// # Errors
/// What is wrong with them, with the partner's file, or with the agent's data.
pub(super) fn order(arguments: &Write, at: &DateTime) -> Result<(Order, Ledger), String> {
    let to = &arguments.to;
    let agreement = match (&arguments.partner, &arguments.sender, &arguments.receiver) {
        (Some(path), _, _) => target::partner(path)?,
        (None, Some(sender), Some(receiver)) => {
            let parties = Parties {
                sender,
                receiver,
                test: arguments.test,
                line_ends: &arguments.line_ends,
            };
            target::described(to, parties)?
        }
        (None, _, _) => return Err("say who writes to whom: --sender and --receiver".to_owned()),
    };
    let terms = agreement.terms(to.syntax).cloned();
    let write = terms.as_ref().and_then(|terms| terms.write.clone());
    let (Some(terms), Some(write)) = (terms, write) else {
        return Err(format!(
            "{} does not say how {} is written: add [{}.write] to it",
            agreement.file, to.syntax, to.syntax
        ));
    };
    let version = match write.associations.get(&to.set) {
        Some(guide) => format!("{}:{guide}", write.version),
        None => write.version.clone(),
    };
    if let Some(asked) = to.version.as_ref().filter(|asked| **asked != version) {
        return Err(format!(
            "{} is written as {version}, not as {asked}",
            agreement.file
        ));
    }
    let found = terms.dictionaries.find(to.syntax, &version);
    let dictionary = found.map(|found| found.dictionary);
    let plan = match &dictionary {
        Some(dictionary) => terms.mappings.plan(dictionary, &to.set),
        None => Ok(None),
    };
    let plan = plan.map_err(|error| error.to_string())?;
    let (Some(dictionary), Some(plan)) = (dictionary, plan.filter(|plan| plan.writes())) else {
        return Err(format!(
            "{} {} of version {version} cannot be written; `legacy-bridge edi sets` lists what can",
            to.syntax, to.set
        ));
    };
    let digits = |from, to| {
        let text = at.as_str().get(from..to).unwrap_or_default();
        text.chars().filter(char::is_ascii_digit).collect()
    };
    let ledger = match &arguments.config {
        Some(config) => {
            let range = terms.control_numbers.clone();
            Ledger::of_agent(config, &agreement, &write, range)?
        }
        None => Ledger::Counted(arguments.control_number),
    };
    let structure = dictionary.structure(&to.set);
    let functional_id = structure.and_then(|structure| structure.group.as_deref());
    let order = Order {
        set: to.set.clone(),
        functional_id: functional_id.map(str::to_owned),
        dictionary,
        plan,
        terms,
        write,
        date: digits(0, 10),
        time: digits(11, 16),
    };
    Ok((order, ledger))
}

/// Writes documents.
pub(super) struct Out<'o> {
    order: &'o Order,
    ledger: Ledger,
    writer: Writer,
    /// Messages in the open interchange; 0 when none is open.
    messages: u32,
    /// Control numbers of the interchange that was opened last, and of its group.
    numbers: (u64, u64),
    /// Whether nothing more can be written.
    pub(super) stopped: bool,
    /// Documents that share a message wait for each other.
    waiting: Vec<Box<RawValue>>,
    documents: u64,
    problems: VecDeque<Problem>,
    /// Documents that were not written.
    pub(super) refused: u64,
}

impl<'o> Out<'o> {
    /// One that has written nothing.
    #[must_use]
    pub(super) fn new(order: &'o Order, ledger: Ledger) -> Self {
        Self {
            order,
            ledger,
            writer: Writer::new(order.write.style.clone()),
            messages: 0,
            numbers: (0, 0),
            stopped: false,
            waiting: Vec::new(),
            documents: 0,
            problems: VecDeque::new(),
            refused: 0,
        }
    }

    /// Writes a document, or lets it wait for those that share its message.
    pub(super) fn document(&mut self, document: Document) {
        self.documents += 1;
        let wanted = self.order.plan.kind();
        if let Some(kind) = document.kind.filter(|kind| *kind != wanted) {
            let message = format!(
                "{} is written from {wanted}, this is {kind}",
                self.order.set
            );
            let problem = Problem::error("write.entity", message);
            self.tell(
                self.documents,
                problem.hint("choose the set that such documents are sent as"),
            );
            self.refused += 1;
            return;
        }
        if self.order.plan.has_several() {
            self.waiting.push(document.json);
            return;
        }
        self.message(&[document.json.get().as_bytes()], self.documents);
    }

    /// Ends what is open, and tells what gave way.
    pub(super) fn finish(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        if !waiting.is_empty() {
            let documents: Vec<&[u8]> = waiting.iter().map(|json| json.get().as_bytes()).collect();
            self.message(&documents, 1);
        }
        self.close();
        let changes = self.writer.changes();
        for (count, code, what) in [
            (
                changes.characters_replaced,
                "write.characters_replaced",
                "characters are written as others, which the character set has",
            ),
            (
                changes.separators_replaced,
                "write.separators_replaced",
                "separators in the data are written as other characters",
            ),
        ] {
            if count > 0 {
                self.problems
                    .push_back(Problem::warning(code, what).found(&count.to_string()));
            }
        }
    }

    /// Takes the interchanges that are whole.
    pub(super) fn take(&mut self) -> Vec<u8> {
        if self.messages > 0 {
            return Vec::new();
        }
        self.writer.take()
    }

    /// Takes what is to be told.
    pub(super) fn take_problems(&mut self) -> impl Iterator<Item = Problem> + use<> {
        std::mem::take(&mut self.problems).into_iter()
    }

    fn tell(&mut self, document: u64, problem: Problem) {
        self.problems.push_back(problem.at_record(document - 1));
    }

    fn message(&mut self, documents: &[&[u8]], number: u64) {
        if let Err(problem) = self.try_message(documents, number) {
            self.writer.abandon_message();
            let refused = documents.len() as u64;
            self.refused += refused;
            self.tell(number, *problem);
        }
        if self.messages >= self.order.write.batch.messages {
            self.close();
        }
    }

    fn try_message(&mut self, documents: &[&[u8]], number: u64) -> Result<(), Box<Problem>> {
        let order = self.order;
        let told = |finding: Box<Finding>| Box::new(finding.problem(order.write.syntax));
        if self.messages == 0 {
            self.open()?;
        }
        let control_number = (self.messages + 1).to_string();
        self.writer
            .open_message(&order.write.message(&order.set, &control_number))
            .map_err(told)?;
        let mut writing = Writing::new(map::Style {
            syntax: order.write.syntax,
            decimal: order.write.style.separators.decimal,
            offset: order.terms.utc_offset.clone(),
            date: order.date.clone(),
            time: order.time.clone(),
            number: control_number,
        });
        let (mut refusal, writer) = (None, &mut self.writer);
        let written = writing.write(&order.plan, &order.dictionary, documents, &mut |segment| {
            if refusal.is_none() {
                refusal = writer.segment(segment).err();
            }
        });
        for finding in writing.take_findings() {
            self.tell(number, finding.problem(order.write.syntax));
        }
        if let Err(error) = written {
            let message = format!("this is no {}: {error}", order.plan.kind());
            return Err(Box::new(Problem::error("write.document", message)));
        }
        if let Some(finding) = refusal {
            return Err(told(finding));
        }
        self.writer.close_message().map_err(told)?;
        self.messages += 1;
        Ok(())
    }

    fn open(&mut self) -> Result<(), Box<Problem>> {
        let (order, write) = (self.order, &self.order.write);
        let told = |finding: Box<Finding>| Box::new(finding.problem(write.syntax));
        let functional_id = order.functional_id.as_deref();
        let numbers = self.ledger.next(&order.set, functional_id.is_some());
        self.numbers = numbers.map_err(|error| Box::new(self.stop(&error)))?;
        let (interchange, group) = self.numbers;
        let (date, time) = (&order.date, &order.time);
        let header = write.interchange(&interchange.to_string(), date, time);
        self.writer.open_interchange(&header).map_err(told)?;
        let group = functional_id.map_or_else(String::new, |_| group.to_string());
        let header = write.group(functional_id.unwrap_or_default(), &group, date, time);
        self.writer.open_group(&header).map_err(told)
    }

    fn close(&mut self) {
        if self.messages == 0 {
            return;
        }
        let order = self.order;
        let written = Written {
            set: &order.set,
            functional_id: order.functional_id.as_deref(),
            interchange: self.numbers.0,
            group: self.numbers.1,
            messages: std::mem::take(&mut self.messages),
        };
        if let Err(finding) = self.writer.close_interchange() {
            self.tell(self.documents, finding.problem(order.write.syntax));
            self.refused += 1;
        } else if let Err(error) = self.ledger.note(&order.write, &written) {
            // Earlier interchanges were taken already: only this one is in the buffer, and it must not leave.
            drop(self.writer.take());
            let problem = self.stop(&error);
            self.refused += u64::from(written.messages);
            self.tell(self.documents, problem);
        }
    }

    fn stop(&mut self, error: &LedgerError) -> Problem {
        self.stopped = true;
        Problem::error("write.numbers", error.to_string())
            .hint("nothing with these numbers was written; see to the agent's data folder")
    }
}

/// What our own judge says of what was written: its errors, each a message that a partner would refuse.
///
/// # Errors
/// None: the bytes are in memory.
pub(super) fn judge(written: &[u8], terms: &Terms) -> io::Result<Vec<Problem>> {
    let agreements = Agreements::new(terms.dictionaries.clone(), map::Mappings::shipped());
    let mut input = written;
    let mut examination = Examination::new(&mut input, &agreements, None);
    let mut problems = Vec::new();
    while examination.advance()? != Step::End {
        let syntax = examination.walk().interchange().syntax;
        let findings = examination.take_findings().into_iter();
        let found = findings.map(|finding| finding.problem(syntax));
        problems.extend(found.filter(|problem| problem.severity == Severity::Error));
    }
    Ok(problems)
}
