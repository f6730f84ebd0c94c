//! What the codes of acknowledgements mean, in our own words.
//! Facts of X12 elements I18, 716, 718, 720, 723 with their counterparts of the 999, and of EDIFACT 0085. Codes that concern
//! only security are left to their numbers.
//! Invariant: a label says what is wrong, in lower case, and fits behind "the partner says: ".

use super::answer::List;
use crate::syntax::Syntax;

/// A label for a code.
pub(super) fn meaning(list: List, code: &str) -> &'static str {
    known(list, code).unwrap_or("an error without a label here")
}

/// A label for a code by the number of its element; none where it has none, or the element is of other things.
pub(crate) fn of_element(syntax: Syntax, element: &str, code: &str) -> Option<&'static str> {
    let list = match (syntax, element) {
        (Syntax::X12, "I18") => List::Interchange,
        (Syntax::X12, "716") => List::Group,
        (Syntax::X12, "718" | "618") => List::Set,
        (Syntax::X12, "720" | "620") => List::Segment,
        (Syntax::X12, "723" | "621") => List::Element,
        (Syntax::Edifact, "0085") => List::Contrl,
        _ => return None,
    };
    known(list, code)
}

fn known(list: List, code: &str) -> Option<&'static str> {
    match list {
        List::Interchange => interchange(code),
        List::Group => group(code),
        List::Set => set(code),
        List::Segment => segment(code),
        List::Element => element(code),
        List::Contrl => contrl(code),
    }
}

fn interchange(code: &str) -> Option<&'static str> {
    Some(match code {
        "001" => "header and trailer have different control numbers",
        "002" | "003" | "016" | "017" => "the standard or its version is not supported",
        "004" => "the segment terminator cannot be used",
        "005" => "the qualifier of our id is not valid",
        "006" => "our id is not known",
        "007" => "the qualifier of the receiver's id is not valid",
        "008" => "the receiver's id is not valid",
        "009" => "the receiver's id is not known",
        "010" | "011" => "the authorization information is not valid",
        "012" | "013" => "the security information is not valid",
        "014" => "the date is not valid",
        "015" => "the time is not valid",
        "018" => "the control number is not valid",
        "019" => "the request for an acknowledgement is not valid",
        "020" => "the test indicator is not valid",
        "021" => "the number of groups is wrong",
        "022" => "the envelope is not well formed",
        "023" => "the interchange ends too early",
        "024" => "the content is not valid",
        "025" => "the control number was used before",
        "026" => "the element separator cannot be used",
        "027" => "the component separator cannot be used",
        "028" | "029" | "030" | "031" => "a request about the delivery is not valid",
        _ => return None,
    })
}

fn group(code: &str) -> Option<&'static str> {
    Some(match code {
        "1" => "groups of this kind are not supported",
        "2" => "the version of the group is not supported",
        "3" => "the trailer of the group is missing",
        "4" => "header and trailer of the group have different control numbers",
        "5" => "the number of sets is wrong",
        "6" => "the control number of the group is not valid",
        "19" => "the control number of the group was used before",
        _ => return None,
    })
}

fn set(code: &str) -> Option<&'static str> {
    Some(match code {
        "1" => "the set is not supported",
        "2" => "the trailer of the set is missing",
        "3" => "header and trailer of the set have different control numbers",
        "4" => "the number of segments is wrong",
        "5" => "one or more segments are in error",
        "6" => "the id of the set is not valid",
        "7" => "the control number of the set is not valid",
        "18" => "the set does not belong into this group",
        "19" | "23" => "the control number of the set was used before",
        "I5" => "one or more segments break the guide",
        "I6" => "the guide is not supported",
        _ => return None,
    })
}

fn segment(code: &str) -> Option<&'static str> {
    Some(match code {
        "1" => "the segment is not known",
        "2" => "the segment is unexpected",
        "3" => "a mandatory segment is missing",
        "4" => "the loop occurs too often",
        "5" => "the segment occurs too often",
        "6" => "the set does not have this segment",
        "7" => "the segment is out of order",
        "8" => "elements of the segment are in error",
        "I4" => "the guide does not use this segment",
        "I6" => "the guide wants this segment here",
        "I7" => "the guide wants this loop oftener",
        "I8" => "the guide wants this segment oftener",
        "I9" => "the guide does not want this segment here",
        _ => return None,
    })
}

fn element(code: &str) -> Option<&'static str> {
    Some(match code {
        "1" => "a mandatory element is missing",
        "2" => "an element that others call for is missing",
        "3" => "there are too many elements",
        "4" => "the element is too short",
        "5" => "the element is too long",
        "6" => "the element has characters that are not valid",
        "7" => "the code is not valid",
        "8" => "the date is not valid",
        "9" => "the time is not valid",
        "10" => "elements that exclude each other are there",
        "12" => "the element repeats too often",
        "13" => "there are too many components",
        "I6" => "the guide does not use this code",
        "I9" => "the guide wants this element here",
        "I10" => "the guide does not use this element",
        "I11" => "the guide wants this element oftener",
        "I12" => "the element does not have the guide's form",
        "I13" => "the guide does not want this element here",
        _ => return None,
    })
}

fn contrl(code: &str) -> Option<&'static str> {
    Some(match code {
        "2" => "the syntax version or level is not supported",
        "7" => "the interchange is not meant for the receiver",
        "12" => "a value is not valid",
        "13" => "something is missing",
        "14" => "a value is not supported here",
        "15" => "something is not supported here",
        "16" => "there are too many constituents",
        "17" => "there is no agreement",
        "18" => "an error that is not specified",
        "19" => "the decimal mark is not valid",
        "20" => "a character cannot be a service character",
        "21" => "there are characters that are not valid",
        "22" => "there are service characters that are not valid",
        "23" => "our id is not known",
        "24" => "it is too old",
        "25" => "the test indicator is not supported",
        "26" => "it was received before",
        "28" => "the references of header and trailer differ",
        "29" => "the count of the trailer is wrong",
        "30" => "messages stand in groups and outside of groups",
        "32" => "a level has no content",
        "33" => "something stands outside of messages",
        "35" => "something repeats too often",
        "36" => "a segment group repeats too often",
        "37" => "the characters are of the wrong type",
        "38" => "a digit before the decimal mark is missing",
        "39" => "an element is too long",
        "40" => "an element is too short",
        "45" => "separators follow the last value",
        "46" => "the character set is not supported",
        "47" => "the envelope's function is not supported",
        _ => return None,
    })
}
