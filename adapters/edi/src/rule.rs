//! Every rule that an interchange can break, under the name that outputs, tests and partners' settings know it by, with
//! the codes that acknowledgements have for it (reference: X12 elements I18, 716, 718, 720, 723; EDIFACT 0085).
//! Says what is wrong, never what to do with the data: the level a finding belongs to decides that.
//! Invariant: a rule's name never changes once released.

use canonical::problem::Severity;

/// What acknowledgements call a broken rule; empty where they have no word for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Codes {
    /// TA105, interchange note code.
    pub ta1: &'static str,
    /// AK905, functional group syntax error (element 716).
    pub group: &'static str,
    /// AK502 and IK502, transaction set syntax error (element 718).
    pub set: &'static str,
    /// AK304 and IK304, segment syntax error (element 720).
    pub segment: &'static str,
    /// AK403 and IK403, element syntax error (element 723). The segment's code is then 8.
    pub element: &'static str,
    /// UCI, UCF, UCM, UCS or UCD: 0085, syntax error.
    pub contrl: &'static str,
}

impl Codes {
    const NONE: Self = Self {
        ta1: "",
        group: "",
        set: "",
        segment: "",
        element: "",
        contrl: "",
    };
}

macro_rules! rules {
    ($($(#[$doc:meta])+ $name:ident = $severity:ident $text:literal $({ $($field:ident $code:literal),+ })?;)+) => {
        /// A rule that was broken. Its name is stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Rule {
            $($(#[$doc])+ $name,)+
        }

        impl Rule {
            /// Every rule, in the order of this file.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The stable name, without the syntax before it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }

            /// The rule of this name.
            #[must_use]
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|rule| rule.name() == name)
            }

            /// How bad it is to break the rule, where no partner's policy says otherwise.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self {
                    $(Self::$name => Severity::$severity,)+
                }
            }

            /// What acknowledgements call it.
            #[must_use]
            pub fn codes(self) -> Codes {
                match self {
                    $(Self::$name => Codes { $($($field: $code,)+)? ..Codes::NONE },)+
                }
            }
        }
    };
}

rules! {
    // The file and what stands between interchanges.

    /// The file has no bytes, or blank ones only.
    Empty = Error "empty";
    /// The file does not begin with an interchange.
    InterchangeExpected = Error "interchange_expected";
    /// A byte order mark before the first interchange.
    ByteOrderMark = Warning "byte_order_mark";
    /// Blank bytes before the first interchange.
    LeadingBytes = Warning "leading_bytes";
    /// Text before, between or after interchanges that the partner's policy lets pass.
    TextSkipped = Warning "text_skipped";
    /// Bytes after an interchange that are neither blank nor an interchange.
    TextOutside = Error "text_outside";
    /// A DOS end-of-file byte or NULs after the last interchange.
    TrailingBytes = Warning "trailing_bytes";
    /// More interchanges than one file may have.
    InterchangeLimit = Error "interchange_limit";
    /// A segment, or blanks between two, longer than allowed.
    SegmentLength = Error "segment_length" { ta1 "024", contrl "18" };
    /// Blank lines or blanks between segments.
    BlankLines = Warning "blank_lines";
    /// The file was cut into lines of one width, whose ends were taken out.
    LinesJoined = Warning "lines_joined";
    /// The file ends inside a segment.
    Truncated = Error "truncated" { ta1 "023", contrl "18" };
    /// The last segment has no terminator.
    TerminatorMissing = Warning "terminator_missing";

    // Headers and separators.

    /// The file ends inside the interchange's header.
    HeaderTruncated = Error "header_truncated" { ta1 "023", contrl "13" };
    /// An interchange header that does not have its elements.
    HeaderMalformed = Error "header_malformed" { ta1 "022", contrl "13" };
    /// An ISA segment whose elements are not padded to their lengths.
    HeaderLength = Warning "header_length" { ta1 "022" };
    /// The element separator cannot be one.
    ElementSeparator = Error "element_separator" { ta1 "026", contrl "20" };
    /// The component separator cannot be one.
    ComponentSeparator = Error "component_separator" { ta1 "027", contrl "20" };
    /// The repetition separator cannot be one.
    RepetitionSeparator = Error "repetition_separator" { ta1 "022", contrl "20" };
    /// The segment terminator cannot be one.
    Terminator = Error "terminator" { ta1 "004", contrl "20" };
    /// Two service characters of a UNA are the same.
    ServiceCharacters = Error "service_characters" { contrl "22" };
    /// A UNA that does not have its six characters.
    UnaLength = Error "una_length" { contrl "22" };
    /// A syntax version that is not read.
    SyntaxVersion = Error "syntax_version" { ta1 "017", contrl "2" };
    /// A character set that is not read.
    CharacterSet = Error "character_set" { contrl "46" };
    /// An interactive interchange (UIB), which is not read.
    Interactive = Error "interactive" { contrl "15" };
    /// Qualifier of the sender's id that is none.
    SenderQualifier = Error "sender_qualifier" { ta1 "005", contrl "12" };
    /// No sender is stated.
    SenderMissing = Error "sender_missing" { ta1 "006", contrl "13" };
    /// Qualifier of the receiver's id that is none.
    ReceiverQualifier = Error "receiver_qualifier" { ta1 "007", contrl "12" };
    /// No receiver is stated.
    ReceiverMissing = Error "receiver_missing" { ta1 "008", contrl "13" };
    /// A sender that no agreement knows.
    SenderUnknown = Error "sender_unknown" { ta1 "006", contrl "23" };
    /// A sender that may not send through this source.
    SenderNotHere = Error "sender_not_here" { ta1 "006", contrl "23" };
    /// A receiver that is not us.
    ReceiverUnknown = Error "receiver_unknown" { ta1 "009", contrl "7" };
    /// No agreement for what the interchange is.
    NoAgreement = Error "no_agreement" { ta1 "024", set "1", contrl "17" };
    /// A test interchange where only production is agreed, or the reverse.
    TestIndicator = Error "test_indicator" { ta1 "020", contrl "25" };
    /// The authorization information (ISA01, ISA02) is not as agreed.
    Authorization = Error "authorization" { ta1 "010" };
    /// The security information (ISA03, ISA04, or 0022 of UNB) is not as agreed.
    Security = Error "security" { ta1 "012", contrl "12" };
    /// The date of the interchange is none.
    InterchangeDate = Warning "interchange_date" { ta1 "014", contrl "12" };
    /// The time of the interchange is none.
    InterchangeTime = Warning "interchange_time" { ta1 "015", contrl "12" };
    /// The request for an acknowledgement (ISA14, 0031) is neither yes nor no.
    AckRequest = Warning "ack_request" { ta1 "019", contrl "12" };
    /// The usage (ISA15, 0035) is none of the standard's.
    Usage = Warning "usage" { ta1 "020", contrl "12" };

    // The interchange.

    /// The interchange's control number is not one.
    InterchangeControlNumber = Error "interchange_control_number" { ta1 "018", contrl "12" };
    /// Header and trailer name different control numbers.
    InterchangeControlMismatch = Error "interchange_control_mismatch" { ta1 "001", contrl "28" };
    /// Header and trailer write the same control number differently.
    InterchangeControlForm = Warning "interchange_control_form";
    /// An interchange of the same sender, receiver and control number came before in this file.
    InterchangeDuplicate = Error "interchange_duplicate" { ta1 "025", contrl "26" };
    /// The control number was received before, with other content.
    ControlNumberReused = Error "control_number_reused" { ta1 "025", contrl "26" };
    /// The trailer does not count the groups (EDIFACT without groups: the messages).
    GroupCount = Error "group_count" { ta1 "021", contrl "29" };
    /// A trailer of the interchange without its elements.
    TrailerIncomplete = Error "trailer_incomplete" { ta1 "022", contrl "13" };
    /// An interchange that is not closed by its trailer.
    InterchangeTrailerMissing = Error "interchange_trailer_missing" { ta1 "023", contrl "13" };
    /// Something else stands where a group should begin.
    GroupExpected = Error "group_expected" { ta1 "024", contrl "33" };
    /// An interchange, a group or a message without content.
    EmptyBody = Error "empty_body" { ta1 "024", set "5", contrl "32" };
    /// Messages in groups and messages outside of them in one interchange.
    GroupsMixed = Error "groups_mixed" { contrl "30" };

    // The group.

    /// The group's control number is not one.
    GroupControlNumber = Error "group_control_number" { group "6", contrl "12" };
    /// Header and trailer of the group name different control numbers.
    GroupControlMismatch = Error "group_control_mismatch" { group "4", contrl "28" };
    /// The group's control number was used before in the interchange.
    GroupDuplicate = Error "group_duplicate" { group "19", contrl "26" };
    /// The functional id is none that is known.
    GroupUnsupported = Error "group_unsupported" { group "1", contrl "47" };
    /// The version of the group is none that is known.
    GroupVersion = Error "group_version" { group "2", contrl "14" };
    /// The group's trailer does not count its messages.
    MessageCount = Error "message_count" { group "5", contrl "29" };
    /// A group that is not closed by its trailer.
    GroupTrailerMissing = Error "group_trailer_missing" { group "3", contrl "13" };
    /// A segment between messages.
    SegmentOutside = Error "segment_outside" { ta1 "024", contrl "33" };
    /// More control numbers that do not count up than can be remembered.
    ControlNumberLimit = Error "control_number_limit";

    // The message.

    /// The message's control number is not one.
    MessageControlNumber = Error "message_control_number" { set "7", contrl "12" };
    /// Header and trailer of the message name different control numbers.
    MessageControlMismatch = Error "message_control_mismatch" { set "3", contrl "28" };
    /// The message's control number was used before in its group.
    MessageDuplicate = Error "message_duplicate" { set "23", contrl "26" };
    /// The messages of a TRADACOMS transmission are not numbered from 1 on.
    MessageNumberOrder = Warning "message_number_order";
    /// A message of a TRADACOMS file that no header message opened: ORDERS without ORDHDR.
    FileHeaderMissing = Error "file_header_missing";
    /// A message of a TRADACOMS file whose header message is refused.
    FileHeaderRefused = Error "file_header_refused";
    /// A message of a TRADACOMS file behind the trailer message that should follow it.
    MessageSequence = Error "message_sequence";
    /// A TRADACOMS file that is not closed by its trailer message.
    FileTrailerMissing = Warning "file_trailer_missing";
    /// The trailer message of a TRADACOMS file does not count its messages.
    FileCount = Warning "file_count";
    /// The trailer does not count the segments, header and trailer included.
    SegmentCount = Error "segment_count" { set "4", contrl "29" };
    /// A message that is not closed by its trailer.
    MessageTrailerMissing = Error "message_trailer_missing" { set "2", contrl "13" };
    /// The set does not belong into a group of this functional id.
    MessageNotInGroup = Error "message_not_in_group" { set "6", contrl "47" };
    /// A message header without its elements.
    MessageHeader = Error "message_header" { set "6", contrl "13" };
    /// A message or a version of one that is not read: its envelope is checked and its segments are kept.
    MessageUnsupported = Error "message_unsupported" { set "1", contrl "14" };
    /// A message that is read and that no mapping knows: it is checked, and not converted.
    MessageUnmapped = Error "message_unmapped" { set "1", contrl "14" };
    /// A broken group of which too much was given away to take back the group alone.
    GroupLength = Error "group_length";
    /// A message longer than allowed.
    MessageLength = Error "message_length";
    /// More faults in a message than are listed.
    FindingLimit = Warning "finding_limit";
    /// More elements in a segment than are read.
    ElementLimit = Error "element_limit" { element "3", contrl "16" };
    /// The length of a binary element or package is not its length.
    BinaryLength = Error "binary_length" { element "6", contrl "18" };
    /// A release character before an ordinary one, or before none.
    ReleaseCharacter = Warning "release_character" { contrl "18" };
    /// A release character keeps a terminator from ending its segment, so it seems.
    ReleasedTerminator = Error "released_terminator" { contrl "18" };
    /// `=` is missing behind the tag of a TRADACOMS segment.
    TagSeparator = Error "tag_separator" { contrl "18" };
    /// Bytes that the declared character set does not have, or that are declared nowhere.
    Charset = Warning "charset" { contrl "21" };
    /// Characters that the declared level (UNOA, UNOB) does not have.
    Repertoire = Warning "repertoire" { element "6", contrl "21" };

    // Structure, by the dictionary.

    /// A segment's tag is none.
    SegmentTag = Error "segment_tag" { segment "1", contrl "15" };
    /// A segment that the dictionary does not have.
    SegmentUnknown = Error "segment_unknown" { segment "1", contrl "15" };
    /// A segment that this message does not have.
    SegmentNotInMessage = Error "segment_not_in_message" { segment "6", contrl "15" };
    /// A segment of this message at a place where it cannot be.
    SegmentSequence = Error "segment_sequence" { segment "7", contrl "15" };
    /// A segment more often than allowed.
    SegmentRepeats = Error "segment_repeats" { segment "5", contrl "35" };
    /// A loop or segment group more often than allowed.
    LoopRepeats = Error "loop_repeats" { segment "4", contrl "36" };
    /// A segment that has to be there is not.
    SegmentMissing = Error "segment_missing" { segment "3", contrl "13" };
    /// A segment without any element.
    SegmentEmpty = Warning "segment_empty" { segment "8", contrl "13" };

    // Elements, by the dictionary.

    /// An element that has to be there is not.
    ElementMissing = Error "element_missing" { element "1", contrl "13" };
    /// An element that another one calls for is not there (notes P, R, C, L).
    ElementConditional = Error "element_conditional" { element "2", contrl "13" };
    /// Elements that exclude each other are there (note E).
    ElementExclusive = Error "element_exclusive" { element "10", contrl "15" };
    /// More elements than the segment has.
    ElementsBeyond = Error "elements_beyond" { element "3", contrl "16" };
    /// More components than the composite has.
    ComponentsBeyond = Error "components_beyond" { element "13", contrl "16" };
    /// An element more often than allowed.
    ElementRepeats = Error "element_repeats" { element "12", contrl "35" };
    /// An element shorter than its minimum.
    ElementShort = Error "element_short" { element "4", contrl "40" };
    /// An element longer than its maximum.
    ElementLong = Error "element_long" { element "5", contrl "39" };
    /// An element with characters that its type does not have.
    ElementCharacters = Error "element_characters" { element "6", contrl "37" };
    /// An element that is not a number of its type.
    ElementNumber = Error "element_number" { element "6", contrl "37" };
    /// Marks between thousands, or a second decimal mark.
    NumberMarks = Error "number_marks" { element "6", contrl "19" };
    /// No digit before the decimal mark, or after it.
    NumberDigits = Warning "number_digits" { contrl "38" };
    /// A number in a form that its version does not know.
    NumberForm = Warning "number_form" { element "6" };
    /// An element that is not a date.
    ElementDate = Error "element_date" { element "8", contrl "12" };
    /// An element that is not a time.
    ElementTime = Error "element_time" { element "9", contrl "12" };
    /// A code that the list has not.
    ElementCode = Warning "element_code" { element "7", contrl "12" };
    /// A code that the partner's guide excludes.
    ElementCodeRefused = Error "element_code_refused" { element "7", contrl "12" };
    /// A segment or element that the partner's guide does not use.
    NotUsed = Warning "not_used" { segment "6", contrl "15" };
    /// Separators after the last element that says something.
    TrailingSeparators = Warning "trailing_separators" { contrl "45" };

    // Content, by the mapping.

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
    /// A line number that was used before in the document.
    LineDuplicate = Error "line_duplicate";
    /// The document does not count its lines rightly.
    LineCount = Warning "line_count";
    /// A hash total is not the sum that it should be.
    HashTotal = Warning "hash_total";
    /// A quantity that is not above zero where an order needs one.
    QuantityRange = Warning "quantity_range";
    /// Items that say nothing that the model has a place for.
    ItemPassed = Warning "item_passed";
    /// No warehouse is stated: the stock is taken as the sender's.
    LocationMissing = Warning "location_missing";
    /// A hierarchy with a cycle, a parent that is not there, or two nodes of one number.
    Hierarchy = Error "hierarchy";
    /// More content without a canonical home than a document can carry.
    UnmappedLimit = Warning "unmapped_limit";
    /// The document cannot be what the canonical model calls one.
    DocumentInvalid = Error "document_invalid";

    // Writing.

    /// A separator stands in the data, and X12 before 007040 cannot release it.
    SeparatorInData = Error "separator_in_data";
    /// A character that the receiver's character set does not have.
    CharacterUnwritable = Error "character_unwritable";
    /// A value that the element cannot take.
    ElementUnwritable = Error "element_unwritable";
    /// Content of the document that this message has no place for.
    NotWritten = Warning "not_written";
}

#[cfg(test)]
mod tests {
    use super::Rule;
    use std::collections::HashSet;

    #[test]
    fn names_are_distinct_and_plain() {
        let names: HashSet<_> = Rule::ALL.iter().map(|rule| rule.name()).collect();
        assert_eq!(names.len(), Rule::ALL.len());
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
        assert!(names.iter().all(|name| name.bytes().all(plain)));
    }

    #[test]
    fn codes_are_those_of_the_lists() {
        let within = |code: &str, limit: u32| {
            code.is_empty() || code.parse::<u32>().is_ok_and(|code| code <= limit)
        };
        for rule in Rule::ALL {
            let codes = rule.codes();
            assert!(
                codes.ta1.is_empty() || codes.ta1.len() == 3 && within(codes.ta1, 31),
                "{rule:?}"
            );
            assert!(within(codes.group, 26) && within(codes.set, 27), "{rule:?}");
            assert!(
                within(codes.segment, 8) && within(codes.element, 13),
                "{rule:?}"
            );
            assert!(within(codes.contrl, 47), "{rule:?}");
        }
    }
}
