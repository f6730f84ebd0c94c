//! Every rule that an X12 file can break, under the name that outputs, tests and partners' settings know it by.
//! Says what is wrong, never what to do with the file: the level a finding belongs to decides that.
//! Invariant: a rule's code never changes once released; each code begins with `x12.`.

use canonical::problem::{Problem, Severity};

macro_rules! rules {
    ($($(#[$doc:meta])+ $name:ident = $severity:ident $code:literal;)+) => {
        /// A rule that was broken. The code is the stable name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Rule {
            $($(#[$doc])+ $name,)+
        }

        impl Rule {
            /// Every rule, in the order of this file.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The stable name, `x12.…`.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$name => concat!("x12.", $code),)+
                }
            }

            /// How bad it is to break the rule.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self {
                    $(Self::$name => Severity::$severity,)+
                }
            }
        }
    };
}

rules! {
    /// The file has no bytes, or blank ones only.
    Empty = Error "empty";
    /// The file does not begin with an ISA segment.
    IsaExpected = Error "isa_expected";
    /// The file ends inside an ISA segment.
    IsaTruncated = Error "isa_truncated";
    /// An ISA segment without its sixteen elements.
    IsaMalformed = Error "isa_malformed";
    /// An ISA segment whose elements are not padded to their lengths.
    IsaLength = Warning "isa_length";
    /// The byte after `ISA` cannot separate elements.
    ElementSeparator = Error "element_separator";
    /// ISA16 cannot separate components.
    ComponentSeparator = Error "component_separator";
    /// ISA11 cannot separate repetitions.
    RepetitionSeparator = Error "repetition_separator";
    /// The byte after ISA16 cannot end segments.
    Terminator = Error "terminator";
    /// Blank bytes before the first interchange.
    LeadingBytes = Warning "leading_bytes";
    /// A byte order mark before the first interchange.
    ByteOrderMark = Warning "byte_order_mark";
    /// Bytes after an interchange that are neither blank nor an interchange.
    TextOutside = Error "text_outside";
    /// A DOS end-of-file byte or NULs after the last interchange.
    TrailingBytes = Warning "trailing_bytes";
    /// More interchanges than one file may have.
    InterchangeLimit = Error "interchange_limit";
    /// A segment, or blanks between two, longer than allowed.
    SegmentLength = Error "segment_length";
    /// Blank lines or blanks between segments.
    BlankLines = Warning "blank_lines";
    /// The file ends inside a segment.
    Truncated = Error "truncated";
    /// The last segment has no terminator.
    TerminatorMissing = Warning "terminator_missing";

    /// ISA13 is not a number of at most nine digits.
    InterchangeControlNumber = Error "interchange_control_number";
    /// ISA13 and IEA02 differ.
    InterchangeControlMismatch = Error "interchange_control_mismatch";
    /// ISA13 and IEA02 are the same number, written differently.
    InterchangeControlForm = Warning "interchange_control_form";
    /// An interchange of the same sender, receiver and control number came before in this file.
    InterchangeDuplicate = Error "interchange_duplicate";
    /// IEA01 does not count the groups.
    GroupCount = Error "group_count";
    /// An IEA without its elements.
    IeaIncomplete = Error "iea_incomplete";
    /// An interchange that is not closed by an IEA.
    IeaMissing = Error "iea_missing";
    /// Something else stands where a group should begin.
    GsMissing = Error "gs_missing";

    /// GS06 is not a number of at most nine digits.
    GroupControlNumber = Error "group_control_number";
    /// GS06 and GE02 differ.
    GroupControlMismatch = Error "group_control_mismatch";
    /// GS06 was used before in the interchange.
    GroupDuplicate = Error "group_duplicate";
    /// GS01 is no known functional id.
    GroupUnsupported = Error "group_unsupported";
    /// GS08 is no known version.
    GroupVersion = Error "group_version";
    /// GE01 does not count the sets.
    SetCount = Error "set_count";
    /// A group that is not closed by a GE.
    GeMissing = Error "ge_missing";
    /// A segment between sets.
    SegmentOutsideSet = Error "segment_outside_set";
    /// More control numbers that do not count up than can be remembered.
    ControlNumberLimit = Error "control_number_limit";

    /// ST02 is not four to nine letters and digits.
    SetControlNumber = Error "set_control_number";
    /// ST02 and SE02 differ.
    SetControlMismatch = Error "set_control_mismatch";
    /// ST02 was used before in the group.
    SetDuplicate = Error "set_duplicate";
    /// SE01 does not count the segments, ST and SE included.
    SegmentCount = Error "segment_count";
    /// A set that is not closed by an SE.
    SeMissing = Error "se_missing";
    /// ST01 does not belong into a group of this GS01.
    SetNotInGroup = Error "set_not_in_group";
    /// A set that is not converted.
    SetUnsupported = Error "set_unsupported";
    /// A broken group of which too much was given away to take back the group alone.
    GroupLength = Error "group_length";
    /// A set longer than allowed.
    SetLength = Error "set_length";
    /// A segment's tag is none.
    SegmentTag = Error "segment_tag";
    /// More elements in a segment than are read.
    ElementLimit = Error "element_limit";
    /// The length of a binary element is not its length.
    BinaryLength = Error "binary_length";
    /// Bytes beyond ASCII: their encoding is not declared.
    Charset = Warning "charset";

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
    /// An item without any product number.
    ItemMissing = Error "item_missing";
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
    #[must_use]
    pub fn problem(self, message: impl Into<String>) -> Problem {
        match self.severity() {
            Severity::Error => Problem::error(self.code(), message),
            Severity::Warning => Problem::warning(self.code(), message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Rule;
    use std::collections::HashSet;

    #[test]
    fn codes_are_distinct() {
        let codes: HashSet<_> = Rule::ALL.iter().map(|rule| rule.code()).collect();
        assert_eq!(codes.len(), Rule::ALL.len());
        assert!(codes.iter().all(|code| code.starts_with("x12.")));
    }
}
