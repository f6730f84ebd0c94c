//! What the standards say: elements, composites, segments and the structure of sets, as data that is compiled into flat
//! tables. The files stand in `adapters/edi/dictionaries` (their README describes the form); customers add their own.
//! Never judges: it is asked by whoever validates, converts, writes or shows.
//! Invariant: a dictionary does not change once it is made, and refers to nothing it does not have.

mod codes;
mod compile;
mod entries;
mod error;
mod layout;
mod library;
mod lines;
mod note;
mod shipped;
mod spec;
mod structure;
mod tags;
mod text;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::segment::Tag;
use crate::syntax::Syntax;

pub use codes::Codes;
pub use error::DictionaryError;
pub use library::{Dictionaries, Found};
pub use note::{Note, Relation};
pub use spec::{
    CompositeIndex, CompositeSpec, ElementIndex, ElementSpec, ElementType, ElementUse, SegmentSpec,
    UseKind,
};
pub use structure::{Loop, Node, Structure};

use entries::Entries;
use error::Mistake;
use tags::TagTable;

/// What one version of a syntax says, or a guide to it. Share it behind an [`Arc`].
///
/// ```
/// use edi::dictionary::Dictionary;
/// use edi::Tag;
///
/// let text = r#"
/// x12 004010
/// element 143 ID 3/3 "set identifier"
/// element 329 AN 4/9 "control number"
/// element 96 N0 1/10 "segment count"
/// segment ST "set header" 143! 329!
/// segment SE "set trailer" 96! 329!
/// set 999 FA "empty set"
///   ST!
///   SE!
/// "#;
/// let dictionary = Dictionary::parse(text, "my.dict", None)?;
/// let header = dictionary.segment(Tag::new(b"ST")).expect("defined above");
/// assert_eq!((header.label.as_ref(), header.elements.len()), ("set header", 2));
/// assert_eq!(dictionary.structure("999").map(|set| set.nodes.len()), Some(2));
/// # Ok::<(), edi::dictionary::DictionaryError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Dictionary {
    syntax: Syntax,
    version: Box<str>,
    /// The versions that it extends, the oldest first, and its own.
    lineage: Vec<Box<str>>,
    elements: Vec<ElementSpec>,
    composites: Vec<CompositeSpec>,
    /// In the order of their tags.
    segments: Vec<SegmentSpec>,
    tags: TagTable,
    ids: HashMap<Arc<str>, UseKind>,
    structures: BTreeMap<Box<str>, Arc<Structure>>,
    /// What an index of another dictionary finds.
    no_element: ElementSpec,
    no_composite: CompositeSpec,
}

impl Dictionary {
    /// Reads the text form. `name` is the file's, for its mistakes; `base` is what its header `extends`.
    ///
    /// # Errors
    /// The first mistake, with its line, what was found and what was expected.
    pub fn parse(text: &str, name: &str, base: Option<&Self>) -> Result<Self, DictionaryError> {
        text::read(text)
            .and_then(|entries| compile::compile(&entries, base))
            .map_err(|mistake| mistake.within(name))
    }

    /// Reads the open JSON form, which says the same in objects: see the README beside the dictionaries.
    ///
    /// ```
    /// # use edi::dictionary::{Dictionaries, Dictionary};
    /// # use edi::Syntax;
    /// let guide = r#"{
    ///   "syntax": "edifact", "version": "ACME ORDERS", "extends": "D.96A",
    ///   "codes": [{ "id": "7143", "add": ["ACM"] }]
    /// }"#;
    /// let base = Dictionaries::shipped().find(Syntax::Edifact, "D.96A").expect("shipped");
    /// let guide = Dictionary::from_json(guide, "acme.json", Some(&base.dictionary))?;
    /// assert!(guide.structure("ORDERS").is_some());
    /// # Ok::<(), edi::dictionary::DictionaryError>(())
    /// ```
    ///
    /// # Errors
    /// The first mistake: with its line where the JSON is not of that form, else naming the entry.
    pub fn from_json(json: &str, name: &str, base: Option<&Self>) -> Result<Self, DictionaryError> {
        json_entries(json)
            .and_then(|entries| compile::compile(&entries, base))
            .map_err(|mistake| mistake.within(name))
    }

    /// The syntax that it is for.
    #[must_use]
    pub fn syntax(&self) -> Syntax {
        self.syntax
    }

    /// The version, such as `004010` or `D.96A`, or the guide's name.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The versions and guides that it extends, the oldest first, and its own at the end.
    pub fn lineage(&self) -> impl Iterator<Item = &str> {
        self.lineage.iter().map(AsRef::as_ref)
    }

    /// What is said of a segment.
    #[must_use]
    pub fn segment(&self, tag: Tag) -> Option<&SegmentSpec> {
        self.segments.get(self.tags.find(tag)?)
    }

    /// Every segment, in the order of their tags.
    #[must_use]
    pub fn segments(&self) -> &[SegmentSpec] {
        &self.segments
    }

    /// What is said of an element that one of its segments or composites uses.
    #[must_use]
    pub fn element(&self, index: ElementIndex) -> &ElementSpec {
        self.elements
            .get(usize::from(index.0))
            .unwrap_or(&self.no_element)
    }

    /// What is said of a composite that one of its segments uses.
    #[must_use]
    pub fn composite(&self, index: CompositeIndex) -> &CompositeSpec {
        self.composites
            .get(usize::from(index.0))
            .unwrap_or(&self.no_composite)
    }

    /// What an identifier such as `353` or `C040` stands for. Slower than by index: for showing and for guides.
    #[must_use]
    pub fn named(&self, id: &str) -> Option<UseKind> {
        self.ids.get(id).copied()
    }

    /// The structure of a set or message.
    #[must_use]
    pub fn structure(&self, set_id: &str) -> Option<&Arc<Structure>> {
        self.structures.get(set_id)
    }

    /// Every structure, in the order of their identifiers.
    pub fn structures(&self) -> impl Iterator<Item = &Arc<Structure>> {
        self.structures.values()
    }
}

fn json_entries(json: &str) -> Result<Entries<'_>, Mistake> {
    serde_json::from_str(json).map_err(|error| Mistake::at(error.line(), error.to_string()))
}

/// The syntax that a header names.
fn syntax_named(name: &str) -> Option<Syntax> {
    [Syntax::X12, Syntax::Edifact, Syntax::Tradacoms]
        .into_iter()
        .find(|syntax| syntax.as_str() == name)
}

#[cfg(test)]
mod form_tests;
#[cfg(test)]
mod shipped_tests;
