//! A partner's answer as canonical documents: one report for each message that it lists, and one for a group or an
//! interchange that it speaks of as a whole.
//! Invariant: a report names at least one control number; an answer that promises nothing becomes no report.

use canonical::ack_report::{
    AckCounts, AckKind, AckReport, AckStatus, Concerns, Issue, IssueSeverity,
};
use canonical::verbatim::Verbatim;

use super::answer::{Answer, Fault, GroupAnswer, List, MessageAnswer};
use super::meaning::meaning;
use super::{Kind, Verdict};

impl Answer {
    /// The reports that it amounts to.
    #[must_use]
    pub fn reports(&self) -> Vec<AckReport> {
        let mut reports = Vec::from_iter(self.of_interchange());
        for group in &self.groups {
            reports.extend(self.of_group(group));
            let messages = group.messages.iter();
            reports.extend(messages.filter_map(|message| self.of_message_in(group, message)));
        }
        reports
    }

    /// What it says of the interchange, unless its groups say it.
    fn of_interchange(&self) -> Option<AckReport> {
        let (_, verdict) = self.interchange.as_ref()?;
        if !self.groups.is_empty() && self.faults.is_empty() {
            return None;
        }
        let receipt = *verdict == Verdict::Received && self.kind == Kind::Contrl;
        let status = verdict
            .status()
            .or(receipt.then_some(AckStatus::Accepted))?;
        let arrived = self.kind == Kind::Ta1 || receipt;
        let kind = if arrived {
            AckKind::Transport
        } else {
            AckKind::Functional
        };
        Some(report(kind, status, self.concerns(), &self.faults))
    }

    /// What it says of the group, unless its messages say it.
    fn of_group(&self, group: &GroupAnswer) -> Option<AckReport> {
        let alone = group.messages.is_empty() && !group.control_number.is_empty();
        if !alone && group.faults.is_empty() {
            return None;
        }
        let [_, received, accepted] = group.counts;
        let mut said = report(
            AckKind::Functional,
            group.verdict.status()?,
            self.in_group(group),
            &group.faults,
        );
        said.counts = received.or(accepted).map(|_| AckCounts {
            received,
            accepted,
            rejected: received
                .zip(accepted)
                .and_then(|(all, good)| all.checked_sub(good)),
        });
        Some(said)
    }

    fn of_message_in(&self, group: &GroupAnswer, message: &MessageAnswer) -> Option<AckReport> {
        let concerns = Concerns {
            transaction: stated(&message.control_number),
            transaction_set: stated(&message.id),
            ..self.in_group(group)
        };
        let nameless = concerns == Concerns::default();
        let status = message.verdict.status().filter(|_| !nameless)?;
        Some(report(
            AckKind::Functional,
            status,
            concerns,
            &message.faults,
        ))
    }

    fn concerns(&self) -> Concerns {
        let number = self.interchange.as_ref().map(|(number, _)| number.as_str());
        Concerns {
            interchange: number.and_then(stated),
            ..Concerns::default()
        }
    }

    fn in_group(&self, group: &GroupAnswer) -> Concerns {
        Concerns {
            group: stated(&group.control_number),
            ..self.concerns()
        }
    }
}

fn stated(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

fn report(kind: AckKind, status: AckStatus, concerns: Concerns, faults: &[Fault]) -> AckReport {
    let mut report = AckReport::new(kind, status, concerns);
    report.issues = faults.iter().map(|fault| issue(fault, status)).collect();
    report
}

fn issue(fault: &Fault, status: AckStatus) -> Issue {
    let code = match fault.list {
        List::Interchange => "x12.answered_interchange",
        List::Group => "x12.answered_group",
        List::Set => "x12.answered_set",
        List::Segment => "x12.answered_segment",
        List::Element => "x12.answered_element",
        List::Contrl => "edifact.answered",
    };
    let severity = if status == AckStatus::Rejected {
        IssueSeverity::Error
    } else {
        IssueSeverity::Warning
    };
    let label = meaning(fault.list, &fault.code);
    let message = match fault.segment {
        0 => format!("the partner says: {label}"),
        ordinal => format!("the partner says of segment {ordinal}: {label}"),
    };
    let mut issue = Issue::new(code, severity, message);
    issue.path = fault.pointer();
    issue.value = stated(&fault.value).map(Verbatim::text);
    issue.standard_code = stated(&fault.code);
    issue
}
