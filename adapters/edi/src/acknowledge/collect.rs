//! Collects what is read of an interchange, level by level, and tells at its end which answers are due.
//! Decides no verdict: those come with the events.
//! Invariant: memory is bounded, however many messages and findings an interchange has.

use super::functional::is_5010;
use super::policy::{AckPolicy, Contrl, Functional, Ta1};
use super::record::{
    Budget, Counts, GroupRecord, InterchangeRecord, MessageKind, MessageRecord, Note, Omitted, keep,
};
use super::reply::{Kind, Reply};
use crate::finding::{Finding, Level};
use crate::headers::{Group, Interchange, Message};
use crate::rule::Rule;
use crate::syntax::Syntax;

/// What is remembered of one interchange.
const LIMIT: usize = 8 << 20;
/// Most findings of one message: AK3 and UCM have these many places for them, and no reader needs more.
const NOTES: usize = 99_999;

/// Collects what is answered to each interchange of a file.
///
/// ```
/// use edi::acknowledge::{AckPolicy, Collector, Kind, Moment, Numbers};
/// use edi::write::Style;
/// use edi::{Event, Walk, WalkOptions};
/// let file = "UNB+UNOA:3+BUYER+SELLER+260131:1200+7'UNH+1+ORDERS:D:96A:UN'BGM+220+4711+9'UNT+4+1'UNZ+1+7'";
/// let mut input = file.as_bytes();
/// let mut walk = Walk::new(&mut input, WalkOptions::default());
/// let mut collector = Collector::default();
/// let mut replies = Vec::new();
/// loop {
///     let event = walk.advance()?;
///     let findings = walk.take_findings();
///     match event {
///         Event::Interchange => collector.interchange(walk.interchange(), AckPolicy::default()),
///         Event::Group => collector.group(walk.group()),
///         Event::Message => collector.message(walk.message()),
///         _ => {}
///     }
///     findings.iter().for_each(|finding| collector.finding(finding));
///     match event {
///         Event::InterchangeAck => collector.interchange_acknowledgement(),
///         Event::MessageEnd(good) => collector.message_end(good),
///         Event::GroupEnd(good) => collector.group_end(good),
///         Event::InterchangeEnd(good) => replies.extend(collector.interchange_end(good)),
///         Event::End => break,
///         _ => {}
///     }
/// }
/// let [reply] = replies.as_slice() else { panic!() };
/// let moment = Moment { date: "20260131".into(), time: "1201".into() };
/// let style = Style::answering(reply.interchange());
/// let answer = reply.write(Numbers { interchange: 12, group: 1 }, &moment, &style).unwrap();
/// assert_eq!(answer.kind, Kind::Contrl);
/// let text = String::from_utf8(answer.bytes).unwrap();
/// assert!(text.contains("'UCI+7+BUYER+SELLER+7'UCM+1+ORDERS:D:96A:UN+4+29+UNT+2'"), "{text}");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Collector {
    limit: usize,
    interchange: Option<InterchangeRecord>,
    /// There was no room for the group that is open.
    passing_over: bool,
    message: Option<OpenMessage>,
}

#[derive(Debug)]
struct OpenMessage {
    record: MessageRecord,
    /// Its kind, unless it is the kind of the message before.
    kind: Option<MessageKind>,
    acknowledges: bool,
}

impl Default for Collector {
    fn default() -> Self {
        Self::within(LIMIT)
    }
}

impl Collector {
    /// One that remembers so many bytes of an interchange.
    pub(super) fn within(limit: usize) -> Self {
        Self {
            limit,
            interchange: None,
            passing_over: false,
            message: None,
        }
    }

    /// An interchange opened, of a partner with this policy. What was open before is forgotten.
    pub fn interchange(&mut self, interchange: &Interchange, policy: AckPolicy) {
        self.message = None;
        self.passing_over = false;
        self.interchange = Some(InterchangeRecord {
            headers: interchange.clone(),
            policy,
            notes: Vec::new(),
            groups: Vec::new(),
            acknowledges: false,
            accepted: false,
            budget: Budget::new(self.limit),
            omitted: Omitted::default(),
        });
    }

    /// The interchange holds a TA1.
    pub fn interchange_acknowledgement(&mut self) {
        if let Some(interchange) = &mut self.interchange {
            interchange.acknowledges = true;
        }
    }

    /// A group opened.
    pub fn group(&mut self, group: &Group) {
        let Some(interchange) = &mut self.interchange else {
            return;
        };
        self.passing_over = !interchange.budget.group(group);
        if self.passing_over {
            interchange.omitted.groups += 1;
            return;
        }
        interchange.groups.push(GroupRecord {
            headers: group.clone(),
            notes: Vec::new(),
            messages: Vec::new(),
            kinds: Vec::new(),
            accepted: false,
            claimed: None,
            counts: Counts::default(),
        });
    }

    /// A message opened.
    pub fn message(&mut self, message: &Message) {
        let groups = self.interchange.as_ref().map(|open| open.groups.as_slice());
        let last = groups.and_then(<[_]>::last);
        let (same, kinds) = last.map_or((false, 0), |group| {
            let last = group.kinds.last();
            (
                last.is_some_and(|kind| kind.is_of(message)),
                group.kinds.len(),
            )
        });
        self.message = Some(OpenMessage {
            record: MessageRecord {
                kind: if same { kinds - 1 } else { kinds },
                control_number: message.control_number.as_str().into(),
                accepted: false,
                notes: Vec::new(),
                unheard: false,
            },
            kind: (!same).then(|| MessageKind::of(message)),
            acknowledges: MessageKind::acknowledges(&message.id),
        });
    }

    /// Something was found. It counts for the level that it spoils, as far as that is open.
    pub fn finding(&mut self, finding: &Finding) {
        let Some(interchange) = &mut self.interchange else {
            return;
        };
        match finding.level {
            Level::File => {}
            Level::Interchange => keep(&mut interchange.notes, finding, interchange.headers.syntax),
            Level::Group if self.passing_over => interchange.omitted.findings += 1,
            Level::Group => {
                if let Some(group) = interchange.groups.last_mut() {
                    group.find(finding, interchange.headers.syntax);
                }
            }
            Level::Message => {
                if let Some(open) = &mut self.message {
                    interchange.find(&mut open.record, finding);
                }
            }
        }
    }

    /// The message ended; whether it is accepted.
    pub fn message_end(&mut self, accepted: bool) {
        if let (Some(mut open), Some(interchange)) = (self.message.take(), &mut self.interchange) {
            open.record.accepted = accepted;
            interchange.add(open, self.passing_over);
        }
    }

    /// The group ended; whether it is accepted.
    pub fn group_end(&mut self, accepted: bool) {
        self.message = None;
        let Some(interchange) = &mut self.interchange else {
            return;
        };
        if self.passing_over {
            interchange.omitted.rejected += u64::from(!accepted);
        } else if let Some(group) = interchange.groups.last_mut() {
            group.accepted = accepted;
        }
    }

    /// The interchange ended; whether it is accepted. Returns what is to be answered.
    #[must_use]
    pub fn interchange_end(&mut self, accepted: bool) -> Vec<Reply> {
        self.message = None;
        let Some(mut interchange) = self.interchange.take() else {
            return Vec::new();
        };
        interchange.accepted = accepted;
        if interchange.only_acknowledges() || !interchange.has_address() {
            return Vec::new();
        }
        match interchange.headers.syntax {
            Syntax::X12 => x12(interchange),
            Syntax::Edifact if interchange.policy.contrl == Contrl::None => Vec::new(),
            Syntax::Edifact => vec![Reply::new(Kind::Contrl, interchange)],
            Syntax::Tradacoms => Vec::new(),
        }
    }
}

/// The answers to an interchange of X12. Where a TA1 rejects it, nothing more is said: there are no groups to accept.
fn x12(interchange: InterchangeRecord) -> Vec<Reply> {
    let AckPolicy {
        functional, ta1, ..
    } = interchange.policy;
    let asked = interchange.headers.ack_requested;
    let answered = match ta1 {
        Ta1::Never => false,
        Ta1::OnRequest => asked,
        Ta1::OnError => asked || !interchange.accepted,
        Ta1::Always => true,
    };
    let mut replies = Vec::new();
    if answered {
        replies.push(Reply::new(Kind::Ta1, interchange.without_groups()));
    }
    let silent = functional == Functional::None || answered && !interchange.accepted;
    if !silent && interchange.groups.iter().any(|group| !group.acknowledges()) {
        let kind = if interchange.wants_999() {
            Kind::F999
        } else {
            Kind::F997
        };
        replies.push(Reply::new(kind, interchange));
    }
    replies
}

impl InterchangeRecord {
    /// Keeps a finding of a message.
    fn find(&mut self, message: &mut MessageRecord, finding: &Finding) {
        if finding.rule == Rule::FindingLimit {
            self.omitted.findings += 1;
        }
        let Some(note) = Note::of(finding, self.headers.syntax) else {
            return;
        };
        if message.notes.len() < NOTES && self.budget.note(&note) {
            message.notes.push(note);
        } else {
            message.unheard = true;
            self.omitted.findings += 1;
        }
    }

    /// Keeps a message that ended, or at least that there was one.
    fn add(&mut self, open: OpenMessage, passing_over: bool) {
        let OpenMessage {
            record,
            kind,
            acknowledges,
        } = open;
        let accepted = record.accepted;
        let group = self.groups.last_mut().filter(|_| !passing_over);
        if let Some(group) = group {
            let counts = &mut group.counts;
            counts.received += 1;
            counts.accepted += u64::from(accepted);
            counts.with_errors += u64::from(accepted && record.has_errors());
            counts.acknowledgements += u64::from(acknowledges);
            if self.budget.message(&record, kind.as_ref()) {
                group.kinds.extend(kind);
                group.messages.push(record);
                return;
            }
        }
        self.omitted.accepted += u64::from(accepted);
        self.omitted.rejected += u64::from(!accepted);
    }

    /// Whether it holds acknowledgements and nothing else.
    fn only_acknowledges(&self) -> bool {
        let any = self.acknowledges || !self.groups.is_empty();
        any && self.groups.iter().all(GroupRecord::acknowledges)
    }

    /// Whether the answer has a sender and a receiver, and a number to refer to.
    fn has_address(&self) -> bool {
        let Interchange {
            sender,
            receiver,
            control_number,
            ..
        } = &self.headers;
        ![&sender.id, &receiver.id, control_number]
            .iter()
            .any(|text| text.is_empty())
    }

    fn without_groups(&self) -> Self {
        Self {
            headers: self.headers.clone(),
            notes: self.notes.clone(),
            groups: Vec::new(),
            ..*self
        }
    }

    /// Whether the 999 answers it: only where every group is of a version that has it.
    fn wants_999(&self) -> bool {
        let mut groups = self.groups.iter().filter(|group| !group.acknowledges());
        self.policy.functional == Functional::F999
            && groups.all(|group| is_5010(&group.headers.version))
    }
}

impl GroupRecord {
    /// Keeps a finding of the group itself.
    fn find(&mut self, finding: &Finding, syntax: Syntax) {
        if finding.rule == Rule::MessageCount {
            let stated = finding.found.as_deref().map(crate::headers::shown);
            self.claimed = stated.and_then(|count| count.parse().ok());
        }
        keep(&mut self.notes, finding, syntax);
    }

    /// Whether it holds acknowledgements and nothing else.
    pub(super) fn acknowledges(&self) -> bool {
        let counts = self.counts;
        self.headers.functional_id == "FA"
            || counts.received > 0 && counts.received == counts.acknowledgements
    }
}
