//! How bad each rule is to a partner: the rules' own severities, but for those that the partner's agreement sets.
//! Invariant: a rule that is not set has the severity of [`Rule::severity`].

use std::collections::{BTreeMap, BTreeSet};

use canonical::problem::Severity;

use crate::finding::Finding;
use crate::rule::Rule;

/// What becomes of a broken rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// It rejects what it spoils.
    Error,
    /// It is reported.
    Warning,
    /// Nothing is said.
    Ignore,
}

/// The severities that an agreement sets, and the code lists that it closes.
///
/// ```
/// use edi::Rule;
/// use edi::judge::{Policy, Weight};
/// let mut policy = Policy::default();
/// policy.weights.insert(Rule::ElementLong, Weight::Warning);
/// policy.closed.insert("355".into()); // another unit than those listed is refused
/// # assert_eq!(policy.severity(Rule::ElementLong), Some(canonical::problem::Severity::Warning));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// By rule.
    pub weights: BTreeMap<Rule, Weight>,
    /// Numbers of the elements whose listed codes are all that there are, as a guide says it. Another code is then
    /// [`Rule::ElementCodeRefused`], elsewhere only [`Rule::ElementCode`].
    pub closed: BTreeSet<Box<str>>,
}

/// What a message of one version may have that the dictionary of its neighbour does not know.
const NEWER: [Rule; 10] = [
    Rule::SegmentUnknown,
    Rule::SegmentNotInMessage,
    Rule::SegmentSequence,
    Rule::SegmentRepeats,
    Rule::LoopRepeats,
    Rule::ElementsBeyond,
    Rule::ComponentsBeyond,
    Rule::ElementRepeats,
    Rule::ElementShort,
    Rule::ElementLong,
];

impl Policy {
    /// The policy for a message that a neighbouring version's dictionary judges, because its own is not there: what the
    /// one version can have and the other not is a warning, unless it is set.
    #[must_use]
    pub fn for_neighbour(mut self) -> Self {
        for rule in NEWER {
            self.weights.entry(rule).or_insert(Weight::Warning);
        }
        self
    }

    /// A finding as bad as it is agreed to be; none when nothing is to be said.
    #[must_use]
    pub fn weigh(&self, mut finding: Finding) -> Option<Finding> {
        if self.weights.contains_key(&finding.rule) {
            finding.severity = self.severity(finding.rule)?;
        }
        Some(finding)
    }

    /// How bad it is to break the rule; none when nothing is to be said.
    #[must_use]
    pub fn severity(&self, rule: Rule) -> Option<Severity> {
        match self.weights.get(&rule) {
            None => Some(rule.severity()),
            Some(Weight::Error) => Some(Severity::Error),
            Some(Weight::Warning) => Some(Severity::Warning),
            Some(Weight::Ignore) => None,
        }
    }
}
