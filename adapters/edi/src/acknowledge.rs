//! Acknowledgements: what is answered to an interchange, and what the answers of others say. TA1, 997 and 999 of X12;
//! CONTRL of EDIFACT, syntax versions 3 and 4.
//! Made from the events and findings of reading and from nothing else, so that an answer never contradicts the log. Judges
//! nothing, reads no clock, gives out no control numbers, and never answers an acknowledgement.
//! Invariant: whoever is told "accepted" was delivered, whoever was not delivered is told so, and what there was no room
//! for is counted.

mod answer;
mod collect;
mod contrl;
mod functional;
mod grid;
mod matching;
mod meaning;
mod policy;
mod record;
mod reply;
mod report;
mod ta1;

pub use answer::{Answer, Fault, GroupAnswer, List, MessageAnswer};
pub use collect::Collector;
pub use matching::{DEADLINE_SECONDS, Match, Matched, Matcher, Sent, SentMessage, Unknown};
pub(crate) use meaning::of_element as meaning_of;
pub use policy::{AckPolicy, Contrl, Functional, Ta1};
pub use reply::{Acknowledgement, Kind, Moment, Numbers, Reply};

use canonical::ack_report::AckStatus;
use serde::{Deserialize, Serialize};

/// What became of an interchange, a group or a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is accepted, and nothing is said against it.
    Accepted,
    /// It is accepted, although something is wrong with it.
    AcceptedWithErrors,
    /// Some of its messages are accepted, some are not.
    PartiallyAccepted,
    /// It is rejected, with all that is in it.
    Rejected,
    /// It arrived; what becomes of it is not said.
    Received,
}

impl Verdict {
    /// The code of X12 (715, 717, I17); a receipt has none there.
    #[must_use]
    pub fn x12(self) -> &'static str {
        match self {
            Self::Accepted | Self::Received => "A",
            Self::AcceptedWithErrors => "E",
            Self::PartiallyAccepted => "P",
            Self::Rejected => "R",
        }
    }

    /// The action of EDIFACT (0083).
    #[must_use]
    pub fn edifact(self) -> &'static str {
        match self {
            Self::Accepted | Self::AcceptedWithErrors | Self::PartiallyAccepted => "7",
            Self::Rejected => "4",
            Self::Received => "8",
        }
    }

    /// The verdict in the words of the canonical model; a receipt promises nothing, and so has none.
    #[must_use]
    pub fn status(self) -> Option<AckStatus> {
        match self {
            Self::Accepted => Some(AckStatus::Accepted),
            Self::AcceptedWithErrors => Some(AckStatus::AcceptedWithErrors),
            Self::PartiallyAccepted => Some(AckStatus::PartiallyAccepted),
            Self::Rejected => Some(AckStatus::Rejected),
            Self::Received => None,
        }
    }
}

#[cfg(test)]
mod answer_tests;
#[cfg(test)]
mod tests;
