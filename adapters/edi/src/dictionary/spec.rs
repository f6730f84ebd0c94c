//! What a standard says of segments, composites and elements. Data, no judgement.
//! Invariant: an index is one of the dictionary that gave it.

use std::sync::Arc;

use super::codes::Codes;
use super::note::Note;
use crate::segment::Tag;

/// One segment.
#[derive(Clone, Debug)]
pub struct SegmentSpec {
    /// Its tag.
    pub tag: Tag,
    /// A short name.
    pub label: Box<str>,
    /// Its elements: the first is element 1.
    pub elements: Box<[ElementUse]>,
    /// What its elements say about each other.
    pub notes: Box<[Note]>,
}

/// An element where it is used: in a segment, or as a component of a composite.
#[derive(Clone, Debug)]
pub struct ElementUse {
    /// The identifier of the element or composite, such as `353` or `C040`.
    pub id: Arc<str>,
    /// Whether it must be there.
    pub mandatory: bool,
    /// Whether a guide leaves it out: nothing may be there.
    pub unused: bool,
    /// How often it may stand there; 1 where it does not repeat.
    pub max_repeat: u16,
    /// What stands there.
    pub kind: UseKind,
}

/// What stands where an element is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UseKind {
    /// A single value.
    Simple(ElementIndex),
    /// Components.
    Composite(CompositeIndex),
}

/// Names an element of one dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ElementIndex(pub(super) u16);

/// Names a composite of one dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CompositeIndex(pub(super) u16);

/// One composite.
#[derive(Clone, Debug, Default)]
pub struct CompositeSpec {
    /// Its identifier, such as `C040`.
    pub id: Arc<str>,
    /// A short name.
    pub label: Box<str>,
    /// Its components, all of them simple: the first is component 1.
    pub components: Box<[ElementUse]>,
    /// What its components say about each other.
    pub notes: Box<[Note]>,
}

/// One simple element.
#[derive(Clone, Debug)]
pub struct ElementSpec {
    /// Its identifier, such as `353`.
    pub id: Arc<str>,
    /// A short name.
    pub label: Box<str>,
    /// What its characters can be.
    pub kind: ElementType,
    /// The fewest characters; for numbers, digits.
    pub min: u32,
    /// The most characters; for numbers, digits: sign, point and exponent do not count.
    pub max: u32,
    /// Its known values. None: any value, or a list that is not known here.
    pub codes: Option<Codes>,
}

/// What the characters of an element can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ElementType {
    /// X12 `ID`: a code.
    Id,
    /// X12 `AN`: text.
    An,
    /// X12 `DT`: a date, `YYMMDD` or `CCYYMMDD` by its length.
    Dt,
    /// X12 `TM`: a time, `HHMM` and on.
    Tm,
    /// X12 `N0` to `N9`: a number with the point implied so many digits from the right.
    N(u8),
    /// X12 `R`: a number with an explicit point.
    R,
    /// X12 `B`: bytes.
    B,
    /// EDIFACT `an`: letters, digits and signs.
    EdifactAn,
    /// EDIFACT `a`: no digits.
    EdifactA,
    /// EDIFACT `n`: a number with the interchange's decimal mark.
    EdifactN,
}

impl Default for ElementSpec {
    /// An element of which nothing is known.
    fn default() -> Self {
        Self {
            id: Arc::default(),
            label: Box::default(),
            kind: ElementType::An,
            min: 0,
            max: u32::MAX,
            codes: None,
        }
    }
}
