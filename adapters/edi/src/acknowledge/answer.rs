//! What a partner answers to us: TA1, 997, 999 and CONTRL as they were received, read into one shape.
//! Judges nothing and matches nothing: an answer is a claim of the partner's until it is matched with what was sent.
//! Invariant: memory is bounded, whatever the answer holds; codes that are unknown are kept, and promise nothing.

mod contrl;
mod functional;

use super::{Kind, Verdict};
use crate::headers::{Address, Interchange, Message, shown};
use crate::message::MessageView;
use crate::segment::Segment;

/// Most messages and most faults that are read of one answer.
const MESSAGES: usize = 100_000;
const FAULTS: usize = 10_000;
/// Most characters of a value that are kept.
const VALUE: usize = 99;

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Which one.
    pub kind: Kind,
    /// Who answers: the sender of the interchange that carries it.
    pub sender: Address,
    /// Who is answered.
    pub receiver: Address,
    /// Control number of the interchange that is answered, with what became of it: TA1 and CONTRL. 997 and 999 name none.
    pub interchange: Option<(String, Verdict)>,
    /// What is said against the interchange.
    pub faults: Vec<Fault>,
    /// What became of its groups. Messages that stand in none are in one without a control number.
    pub groups: Vec<GroupAnswer>,
    /// Messages and faults beyond those that are read.
    pub omitted: u64,
}

/// What became of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupAnswer {
    /// AK101; empty in a CONTRL.
    pub functional_id: String,
    /// AK102, or 0048 of UCF; empty for messages that stand in no group.
    pub control_number: String,
    /// AK9, or the action of UCF.
    pub verdict: Verdict,
    /// AK902 to AK904: how many sets the trailer counted, how many were received and how many accepted.
    pub counts: [Option<u64>; 3],
    /// What is said against the group.
    pub faults: Vec<Fault>,
    /// What became of its messages, as far as they are named.
    pub messages: Vec<MessageAnswer>,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageAnswer {
    /// AK201, or 0065 of UCM.
    pub id: String,
    /// AK202, or 0062 of UCM.
    pub control_number: String,
    /// AK5, IK5, or the action of UCM.
    pub verdict: Verdict,
    /// What is said against it.
    pub faults: Vec<Fault>,
}

/// Which list a code is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum List {
    /// TA105 (I18).
    Interchange,
    /// AK905 (716).
    Group,
    /// AK502 (718) and IK502 (618).
    Set,
    /// AK304 (720) and IK304 (620).
    Segment,
    /// AK403 (723) and IK403 (621).
    Element,
    /// 0085.
    Contrl,
}

/// One thing that is said to be wrong, and where. Numbers are 0, and texts empty, where nothing is stated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The list that the code is of.
    pub list: List,
    /// The code.
    pub code: String,
    /// The segment.
    pub tag: String,
    /// Its ordinal in the message, the header being 1.
    pub segment: u32,
    /// Its loop.
    pub loop_id: String,
    /// The element, from 1.
    pub element: u16,
    /// The component, from 1.
    pub component: u16,
    /// The repetition, from 1.
    pub repetition: u16,
    /// The number of the data element.
    pub reference: String,
    /// The value that was found.
    pub value: String,
}

impl Fault {
    fn new(list: List, code: String) -> Self {
        Self {
            list,
            code,
            tag: String::new(),
            segment: 0,
            loop_id: String::new(),
            element: 0,
            component: 0,
            repetition: 0,
            reference: String::new(),
            value: String::new(),
        }
    }

    /// Where it is said to be: `PO1/04`, `DTM/01.2`; a CONTRL names no segment inside a message, only its ordinal.
    #[must_use]
    pub fn pointer(&self) -> Option<String> {
        let mut text = self.tag.clone();
        if self.element > 0 {
            let slash = if text.is_empty() { "" } else { "/" };
            text.push_str(&format!("{slash}{:02}", self.element));
        }
        if self.repetition > 1 {
            text.push_str(&format!("({})", self.repetition));
        }
        if self.component > 0 {
            text.push_str(&format!(".{}", self.component));
        }
        Some(text).filter(|text| !text.is_empty())
    }
}

impl Answer {
    fn new(kind: Kind, carrier: &Interchange) -> Self {
        Self {
            kind,
            sender: carrier.sender.clone(),
            receiver: carrier.receiver.clone(),
            interchange: None,
            faults: Vec::new(),
            groups: Vec::new(),
            omitted: 0,
        }
    }

    /// A TA1 that stands in this interchange.
    #[must_use]
    pub fn of_ta1(segment: &Segment<'_>, carrier: &Interchange) -> Self {
        let mut answer = Self::new(Kind::Ta1, carrier);
        let verdict = x12_verdict(&text(segment, 4));
        answer.interchange = Some((text(segment, 1), verdict));
        let code = text(segment, 5);
        if !matches!(code.as_str(), "" | "000") {
            answer.faults.push(Fault::new(List::Interchange, code));
        }
        answer
    }

    /// A 997, 999 or CONTRL that stands in this interchange; none when the message is none of these.
    #[must_use]
    pub fn of_message(
        view: MessageView<'_>,
        message: &Message,
        carrier: &Interchange,
    ) -> Option<Self> {
        let kind = match message.id.as_str() {
            "997" => Kind::F997,
            "999" => Kind::F999,
            "CONTRL" => Kind::Contrl,
            _ => return None,
        };
        let mut reading = Reading {
            answer: Self::new(kind, carrier),
            messages: MESSAGES,
            faults: FAULTS,
        };
        if kind == Kind::Contrl {
            contrl::read(view, &mut reading);
        } else {
            functional::read(view, &mut reading);
        }
        Some(reading.answer)
    }
}

/// An answer as far as it is read, and how much more may be.
struct Reading {
    answer: Answer,
    messages: usize,
    faults: usize,
}

impl Reading {
    /// Adds a group; what follows is about it.
    fn group(&mut self, functional_id: String, control_number: String, verdict: Verdict) {
        // Groups cost what messages do.
        if !spend(&mut self.messages, &mut self.answer.omitted) {
            return;
        }
        self.answer.groups.push(GroupAnswer {
            functional_id,
            control_number,
            verdict,
            counts: [None; 3],
            faults: Vec::new(),
            messages: Vec::new(),
        });
    }

    /// Adds a message to the last group.
    fn message(&mut self, id: String, control_number: String, verdict: Verdict) {
        if let Some(group) = self.answer.groups.last_mut()
            && spend(&mut self.messages, &mut self.answer.omitted)
        {
            group.messages.push(MessageAnswer {
                id,
                control_number,
                verdict,
                faults: Vec::new(),
            });
        }
    }

    /// The last message.
    fn last_message(&mut self) -> Option<&mut MessageAnswer> {
        self.answer.groups.last_mut()?.messages.last_mut()
    }

    /// Adds a fault of the last message.
    fn message_fault(&mut self, fault: Fault) {
        let Self { answer, faults, .. } = self;
        let message = answer
            .groups
            .last_mut()
            .and_then(|group| group.messages.last_mut());
        if let Some(message) = message
            && spend(faults, &mut answer.omitted)
        {
            message.faults.push(fault);
        }
    }

    /// Adds a fault of the last group.
    fn group_fault(&mut self, fault: Fault) {
        let Self { answer, faults, .. } = self;
        if let Some(group) = answer.groups.last_mut()
            && spend(faults, &mut answer.omitted)
        {
            group.faults.push(fault);
        }
    }
}

/// Whether one more may be read.
fn spend(left: &mut usize, omitted: &mut u64) -> bool {
    if *left == 0 {
        *omitted += 1;
        return false;
    }
    *left -= 1;
    true
}

/// An element's text.
fn text(segment: &Segment<'_>, number: usize) -> String {
    cut(&segment.released(segment.element(number)))
}

/// A component's text.
fn part(segment: &Segment<'_>, number: usize, component: usize) -> String {
    cut(&segment.released(segment.component(number, component)))
}

fn cut(bytes: &[u8]) -> String {
    shown(bytes).trim().chars().take(VALUE).collect()
}

fn number<N: std::str::FromStr + Default>(text: &str) -> N {
    text.parse().unwrap_or_default()
}

/// A verdict of X12. Failed assurances (M, W, X) reject; what is unknown says nothing.
fn x12_verdict(code: &str) -> Verdict {
    match code {
        "A" => Verdict::Accepted,
        "E" => Verdict::AcceptedWithErrors,
        "P" => Verdict::PartiallyAccepted,
        "R" | "M" | "W" | "X" => Verdict::Rejected,
        _ => Verdict::Received,
    }
}
