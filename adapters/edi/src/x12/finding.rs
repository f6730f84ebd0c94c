//! The rules of the hand-written mappings, under the names that outputs, tests and partners' settings know them by. Those
//! of the envelopes are in [`crate::Rule`].
//! Says what is wrong, never what to do with the file: the level a finding belongs to decides that.
//! Invariant: a rule's code never changes once released; each code begins with `x12.`.

use canonical::problem::{Problem, Severity};

macro_rules! rules {
    ($($(#[$doc:meta])+ $name:ident = $severity:ident $code:literal;)+) => {
        /// A rule that was broken. The code is the stable name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(super) enum Rule {
            $($(#[$doc])+ $name,)+
        }

        impl Rule {
            /// The stable name, `x12.…`.
            pub(super) fn code(self) -> &'static str {
                match self {
                    $(Self::$name => concat!("x12.", $code),)+
                }
            }

            /// How bad it is to break the rule.
            pub(super) fn severity(self) -> Severity {
                match self {
                    $(Self::$name => Severity::$severity,)+
                }
            }
        }
    };
}

rules! {
    /// A segment that has to be there is not.
    SegmentMissing = Error "segment_missing";
    /// An element that has to be there is not.
    ElementMissing = Error "element_missing";
    /// An element shorter than its minimum.
    ElementShort = Error "element_short";
    /// An element longer than its maximum.
    ElementLong = Error "element_long";
    /// An element with characters that its type does not have.
    ElementCharacters = Error "element_characters";
    /// An element that is not a number of its type.
    ElementNumber = Error "element_number";
    /// A number in a form that its version does not know.
    NumberForm = Warning "number_form";
    /// An element that is not a date.
    ElementDate = Error "element_date";
    /// An element that is not a time.
    ElementTime = Error "element_time";
    /// A code that cannot be used here.
    ElementCode = Error "element_code";
    /// More elements than the segment has.
    ElementsBeyond = Error "elements_beyond";
    /// Separators after the last element that says something.
    TrailingSeparators = Warning "trailing_separators";
    /// Of two elements that come together only one is there.
    ElementPair = Warning "element_pair";

    /// No currency is stated: amounts are in `XXX`.
    CurrencyMissing = Warning "currency_missing";
    /// A quantity without a unit.
    UnitMissing = Warning "unit_missing";
    /// A unit without a counterpart in UN/ECE Recommendation 20.
    UnitUnknown = Warning "unit_unknown";
    /// A product or party number whose check digit or form is wrong.
    IdentifierInvalid = Warning "identifier_invalid";
    /// A duplicate or a confirmation of a document that came before, by its purpose code.
    PurposeUnusual = Warning "purpose_unusual";
    /// A line number that was used before in the order.
    LineDuplicate = Error "line_duplicate";
    /// CTT01 does not count the lines.
    LineCount = Warning "line_count";
    /// CTT02 is not the sum of the quantities.
    HashTotal = Warning "hash_total";
    /// A quantity that is not above zero where an order needs one.
    QuantityRange = Warning "quantity_range";
    /// An item without a quantity of a kind that the model has.
    QuantityMissing = Error "quantity_missing";
    /// Two quantities of one kind for one item.
    QuantityRepeated = Warning "quantity_repeated";
    /// No warehouse is stated: the stock is taken as the sender's.
    LocationMissing = Warning "location_missing";
    /// More content without a canonical home than a document can carry.
    UnmappedLimit = Warning "unmapped_limit";
    /// The document's own figures contradict each other.
    Inconsistent = Warning "inconsistent";
    /// The document cannot be what the canonical model calls one.
    DocumentInvalid = Error "document_invalid";
}

impl Rule {
    /// A finding: the rule is broken, `message` says how. Where follows by [`Problem`]'s builder.
    pub(super) fn problem(self, message: impl Into<String>) -> Problem {
        match self.severity() {
            Severity::Error => Problem::error(self.code(), message),
            Severity::Warning => Problem::warning(self.code(), message),
        }
    }
}
