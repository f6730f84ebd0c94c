//! The entries of a dictionary as they are written, before they are checked against each other: what both forms, the text
//! and the open JSON, are read into. The JSON has the names and nesting of these structs.
//! Invariant: holds no meaning of its own; whatever could be said wrongly is found by the compile step.

use std::borrow::Cow;

use serde::Deserialize;

type Text<'t> = Cow<'t, str>;

/// Everything in one file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entries<'t> {
    /// `x12`, `edifact` or `tradacoms`.
    pub(super) syntax: Text<'t>,
    /// The version or the guide's name.
    pub(super) version: Text<'t>,
    /// The version that it builds on.
    #[serde(default)]
    pub(super) extends: Option<Text<'t>>,
    /// Further names under which it is found: association assigned codes or versions.
    #[serde(default, rename = "for")]
    pub(super) names: Vec<Text<'t>>,
    #[serde(default)]
    pub(super) elements: Vec<ElementEntry<'t>>,
    #[serde(default)]
    pub(super) codes: Vec<CodesEntry<'t>>,
    #[serde(default)]
    pub(super) composites: Vec<CompositeEntry<'t>>,
    #[serde(default)]
    pub(super) segments: Vec<SegmentEntry<'t>>,
    #[serde(default)]
    pub(super) sets: Vec<SetEntry<'t>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ElementEntry<'t> {
    #[serde(skip)]
    pub(super) line: usize,
    pub(super) id: Text<'t>,
    /// `ID`, `N2`, … with `min` and `max`, or `an..35`, `n15`, … without.
    #[serde(rename = "type")]
    pub(super) form: Text<'t>,
    #[serde(default)]
    pub(super) min: Option<u32>,
    #[serde(default)]
    pub(super) max: Option<u32>,
    #[serde(default)]
    pub(super) label: Text<'t>,
    /// None: any value.
    #[serde(default)]
    pub(super) codes: Option<Vec<Text<'t>>>,
}

/// Values added to those of an element.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CodesEntry<'t> {
    #[serde(skip)]
    pub(super) line: usize,
    /// The element.
    pub(super) id: Text<'t>,
    pub(super) add: Vec<Text<'t>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CompositeEntry<'t> {
    #[serde(skip)]
    pub(super) line: usize,
    pub(super) id: Text<'t>,
    #[serde(default)]
    pub(super) label: Text<'t>,
    pub(super) components: Vec<UseEntry<'t>>,
    #[serde(default)]
    pub(super) notes: Vec<Text<'t>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SegmentEntry<'t> {
    #[serde(skip)]
    pub(super) line: usize,
    pub(super) tag: Text<'t>,
    #[serde(default)]
    pub(super) label: Text<'t>,
    pub(super) elements: Vec<UseEntry<'t>>,
    #[serde(default)]
    pub(super) notes: Vec<Text<'t>>,
}

/// An element or composite where it is used.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UseEntry<'t> {
    pub(super) id: Text<'t>,
    #[serde(default)]
    pub(super) mandatory: bool,
    /// Whether nothing may stand there.
    #[serde(default)]
    pub(super) unused: bool,
    #[serde(default = "once_repeated")]
    pub(super) repeat: u16,
}

/// A transaction set or message.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SetEntry<'t> {
    #[serde(skip)]
    pub(super) line: usize,
    pub(super) id: Text<'t>,
    #[serde(default)]
    pub(super) group: Option<Text<'t>>,
    #[serde(default)]
    pub(super) label: Text<'t>,
    pub(super) content: Vec<ItemEntry<'t>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ItemEntry<'t> {
    Segment(PlaceEntry<'t>),
    Loop(LoopEntry<'t>),
}

/// A segment where it may stand in a set.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlaceEntry<'t> {
    #[serde(skip)]
    pub(super) line: usize,
    pub(super) tag: Text<'t>,
    #[serde(default)]
    pub(super) mandatory: bool,
    /// Whether it may not stand there.
    #[serde(default)]
    pub(super) unused: bool,
    /// None: no limit.
    #[serde(default = "once")]
    pub(super) max: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LoopEntry<'t> {
    #[serde(skip)]
    pub(super) line: usize,
    pub(super) id: Text<'t>,
    #[serde(default)]
    pub(super) mandatory: bool,
    /// Whether it may not stand there.
    #[serde(default)]
    pub(super) unused: bool,
    /// None: no limit.
    #[serde(default = "once")]
    pub(super) max: Option<u32>,
    pub(super) content: Vec<ItemEntry<'t>>,
}

fn once_repeated() -> u16 {
    1
}

#[expect(clippy::unnecessary_wraps, reason = "the default of an optional field")]
fn once() -> Option<u32> {
    Some(1)
}
