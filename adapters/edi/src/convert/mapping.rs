//! From the judged messages of a group to their documents, each by its partner's mapping.
//! Judges nothing.
//! Invariant: a message that no mapping knows is counted as refused.

use std::sync::Arc;

use canonical::decode::SinkError;
use canonical::document::Sealed;

use crate::acknowledge::Answer;
use crate::headers::Message;
use crate::judge::Policy;
use crate::map;
use crate::message::MessageView;
use crate::syntax::Syntax;
use crate::walk::Walk;

use super::Conversion;
use super::origin::Origin;

impl Conversion<'_> {
    /// Converts the messages that wait and gives their documents away.
    pub(super) fn give(&mut self, walk: &Walk<'_>) -> Result<(), SinkError> {
        let buffer = std::mem::take(&mut self.buffer);
        for (message, view, nodes) in buffer.judged() {
            self.map(walk, message, view, nodes)?;
        }
        self.buffer = buffer;
        self.buffer.clear();
        Ok(())
    }

    pub(super) fn map(
        &mut self,
        walk: &Walk<'_>,
        message: &Message,
        view: MessageView<'_>,
        nodes: &[u16],
    ) -> Result<(), SinkError> {
        let syntax = walk.interchange().syntax;
        if let Some(answer) = Answer::of_message(view, message, walk.interchange()) {
            let made = self
                .answering
                .reports(&answer, walk, message.record, self.sink)?;
            self.summary.documents += made;
            return Ok(());
        }
        let terms = Arc::clone(self.decision.terms());
        let handler = self.handlers.of(&terms, syntax, message);
        let plan = handler.ok().and_then(|handler| handler.plan.clone());
        let (Some(plan), Some(charset)) = (plan, self.charset) else {
            self.summary.refused += 1;
            return Ok(());
        };
        let mut origin = Origin::new(&self.provenance, walk, message, view);
        let context = map::Context {
            interchange: walk.interchange(),
            message,
            charset,
            currency: terms.currency.as_deref(),
            offset: terms.utc_offset.as_deref(),
        };
        if let Some(part) = plan.part() {
            match part {
                map::Part::Header => self.reading.keep_header(&plan, view, nodes, &context),
                map::Part::Trailer => self.reading.forget_header(),
            }
            self.tell(syntax, &terms.policy);
            return Ok(());
        }
        let sink = &mut *self.sink;
        self.reading
            .read(&plan, view, nodes, &context, &mut |made, json| {
                let occurrence = origin.occurrence(&made.keys.subject);
                let data = origin.insert(json, map::Made::PROVENANCE_AT, made.segments);
                sink.document(Sealed {
                    kind: made.kind,
                    record: message.record,
                    revision: 0,
                    subject: made.keys.subject,
                    partition_key: made.keys.partition_key,
                    time: made.keys.time,
                    occurrence: Some(occurrence),
                    data,
                })
            })?;
        self.tell(syntax, &terms.policy);
        let (made, refused) = self.reading.tally();
        self.summary.documents += made;
        self.summary.refused += refused;
        Ok(())
    }

    /// Passes on what the mapping found.
    fn tell(&mut self, syntax: Syntax, policy: &Policy) {
        let findings = self.reading.take_findings().into_iter();
        for finding in findings.filter_map(|finding| policy.weigh(finding)) {
            self.sink
                .problem(finding.problem(syntax).in_file(self.context.file_name));
        }
    }
}
