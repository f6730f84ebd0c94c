//! What is said back and what was said to us: answers to the interchanges of a file, and partners' answers as reports.
//! Gives out no control number and reads no clock: the sink has the numbers, the context the moment.
//! Invariant: an interchange is answered at most once for each time it comes, after its documents were decided on.

use canonical::decode::{Context, NumberRequest, Reply, Sink, SinkError};
use canonical::document::Document;
use canonical::entity::Entity;
use canonical::provenance::Provenance;

use crate::acknowledge::{self, Answer, Collector, Kind, Moment, Numbers};
use crate::partner::Decision;
use crate::walk::Walk;

use super::origin;

/// Answers, given and received.
pub(super) struct Answering {
    pub(super) collector: Collector,
    provenance: Provenance,
}

impl Answering {
    pub(super) fn new(provenance: &Provenance) -> Self {
        Self {
            collector: Collector::default(),
            provenance: provenance.clone(),
        }
    }

    /// Answers the interchange that ended, as its sender wants it.
    pub(super) fn answer(
        &mut self,
        good: bool,
        decision: &Decision,
        context: &Context<'_>,
        sink: &mut dyn Sink,
    ) -> Result<(), SinkError> {
        let moment = moment(context.received_at);
        for reply in self.collector.interchange_end(good) {
            let interchange = reply.interchange();
            let partner = match decision.agreement() {
                Some(agreement) => agreement.id.as_str().to_owned(),
                None => format!("{}:{}", interchange.sender.qualifier, interchange.sender.id),
            };
            let numbers = numbers(&reply, &partner, decision, sink)?;
            let style = decision.terms().answering(interchange);
            match reply.write(numbers, &moment, &style) {
                Ok(written) => sink.reply(Reply {
                    partner,
                    kind: written.kind.as_str().to_owned(),
                    control_number: numbers.interchange,
                    interchange: written.interchange,
                    bytes: written.bytes,
                })?,
                Err(finding) => {
                    let problem = finding.problem(interchange.syntax);
                    sink.problem(problem.in_file(context.file_name));
                }
            }
        }
        Ok(())
    }

    /// Gives a partner's answer, by itself and as reports; how many of those there were.
    pub(super) fn reports(
        &self,
        answer: &Answer,
        walk: &Walk<'_>,
        record: u64,
        sink: &mut dyn Sink,
    ) -> Result<u64, SinkError> {
        sink.answered(answer);
        let mut count = 0;
        for mut report in answer.reports() {
            count += 1;
            let mut provenance = self.provenance.clone();
            provenance.edi = Some(Box::new(origin::envelope(
                walk.interchange(),
                walk.group(),
                walk.message(),
            )));
            report.provenance = Some(provenance);
            let mut document = Document::new(Entity::from(report), record);
            let occurrence = origin::occurrence(walk.interchange(), walk.group(), walk.message());
            document.occurrence = Some(format!("{occurrence}#{count}"));
            sink.document(document.seal())?;
        }
        Ok(count)
    }
}

/// Our numbers for an answer. Only the answers that stand in a group take a group's number.
fn numbers(
    reply: &acknowledge::Reply,
    partner: &str,
    decision: &Decision,
    sink: &mut dyn Sink,
) -> Result<Numbers, SinkError> {
    let interchange = reply.interchange();
    let (syntax, range) = (interchange.syntax, decision.terms().control_numbers.clone());
    let purpose = format!(
        "{} for {} of {}:{}",
        reply.kind().as_str(),
        interchange.control_number,
        interchange.sender.qualifier,
        interchange.sender.id
    );
    let mut number = |level: &str| {
        sink.number(&NumberRequest {
            counter: &format!("{partner}/{syntax}/{level}"),
            first: *range.start(),
            last: *range.end(),
            purpose: &purpose,
        })
    };
    Ok(Numbers {
        interchange: number("interchange")?,
        group: match reply.kind() {
            Kind::F997 | Kind::F999 => number("group")?,
            Kind::Ta1 | Kind::Contrl => 0,
        },
    })
}

/// `2026-01-31T08:00:00Z` as date and time of a header.
fn moment(received_at: &str) -> Moment {
    let digits = |text: Option<&str>| -> String {
        text.unwrap_or_default()
            .chars()
            .filter(char::is_ascii_digit)
            .collect()
    };
    Moment {
        date: digits(received_at.get(..10)),
        time: digits(received_at.get(11..16)),
    }
}
