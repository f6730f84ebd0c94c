//! The canonical model as data: every object with its members in the order in which they are written. For what reads or writes
//! documents by path and must know, before it sees one, which paths there are.
//! Never holds a document. Invariant: the table is the published schemas', which a test compares.

use std::sync::LazyLock;

use crate::entity::EntityKind;

/// The table. Ids index its lists and never change while the program runs.
#[derive(Debug)]
pub struct Model {
    objects: Vec<Object>,
    words: Vec<Words>,
}

/// An object of the model, by its place in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ObjectId(u16);

impl ObjectId {
    /// The place in the table, from 0.
    #[must_use]
    pub fn place(self) -> usize {
        usize::from(self.0)
    }
}

/// A list of words, by its place in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WordsId(u16);

#[derive(Debug)]
struct Object {
    name: &'static str,
    members: Vec<Member>,
}

#[derive(Debug)]
struct Words {
    name: &'static str,
    words: Vec<&'static str>,
}

/// A member of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name in JSON.
    pub name: &'static str,
    /// Whether a document without it is none.
    pub required: bool,
    /// Whether it is a list of the kind.
    pub list: bool,
    /// Whether it is a list that has an item wherever it is there.
    pub filled: bool,
    /// What it is.
    pub kind: Kind,
}

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An object.
    Object(ObjectId),
    /// One of a list of words.
    Words(WordsId),
    /// A text.
    Text,
    /// A decimal number, written as a JSON string.
    Decimal,
    /// A whole number, written as a JSON number.
    Integer,
    /// A whole number from 1, written as a JSON number.
    Ordinal,
    /// `true` or `false`.
    Boolean,
    /// A bare date.
    Date,
    /// An instant with its offset.
    DateTime,
    /// A bare date or an instant.
    DateOrTime,
    /// A currency of ISO 4217.
    Currency,
    /// A country of ISO 3166-1, two letters.
    Country,
    /// A unit of UN/ECE Recommendation 20 or 21.
    Unit,
    /// A language of BCP 47.
    Language,
    /// A numbering: `gtin`, `x12:zz`.
    Scheme,
    /// What kind of document a reference names.
    ReferenceType,
    /// A GTIN of 14 digits.
    Gtin,
    /// An SSCC of 18 digits.
    Sscc,
    /// Any JSON value, exactly as it came.
    Verbatim,
    /// Members that the model does not name.
    Free,
}

/// The table.
#[must_use]
pub fn model() -> &'static Model {
    static MODEL: LazyLock<Model> = LazyLock::new(|| Model::read(include_str!("model.txt")));
    &MODEL
}

impl Model {
    /// The object that documents of this kind are.
    #[must_use]
    pub fn root(&self, kind: EntityKind) -> ObjectId {
        self.object(kind.as_str()).unwrap_or(ObjectId(u16::MAX))
    }

    /// Every object of the table.
    pub fn objects(&self) -> impl Iterator<Item = ObjectId> + use<> {
        (0..u16::try_from(self.objects.len()).unwrap_or(u16::MAX)).map(ObjectId)
    }

    /// The members of an object, in the order in which they are written.
    #[must_use]
    pub fn members(&self, object: ObjectId) -> &[Member] {
        self.objects
            .get(usize::from(object.0))
            .map_or(&[], |object| &object.members)
    }

    /// A member by its name, and which one it is.
    #[must_use]
    pub fn member(&self, object: ObjectId, name: &str) -> Option<(u16, &Member)> {
        (0..)
            .zip(self.members(object))
            .find(|(_, member)| member.name == name)
    }

    /// The name of an object's type, for messages.
    #[must_use]
    pub fn name(&self, object: ObjectId) -> &'static str {
        self.objects
            .get(usize::from(object.0))
            .map_or("", |object| object.name)
    }

    /// The words of a list.
    #[must_use]
    pub fn words(&self, words: WordsId) -> &[&'static str] {
        self.words
            .get(usize::from(words.0))
            .map_or(&[], |list| &list.words)
    }

    fn object(&self, name: &str) -> Option<ObjectId> {
        let place = self.objects.iter().position(|object| object.name == name)?;
        u16::try_from(place).ok().map(ObjectId)
    }

    fn read(text: &'static str) -> Self {
        let mut model = Self {
            objects: Vec::new(),
            words: Vec::new(),
        };
        let lines = || {
            text.lines()
                .filter(|line| !line.is_empty() && !line.starts_with('#'))
        };
        for line in lines().filter(|line| !line.starts_with(' ')) {
            match line.split_once(" = ") {
                Some((name, words)) => model.words.push(Words {
                    name,
                    words: words.split(' ').collect(),
                }),
                None => model.objects.push(Object {
                    name: line,
                    members: Vec::new(),
                }),
            }
        }
        let mut place = 0;
        for line in lines() {
            if let Some(member) = line.strip_prefix("  ") {
                let member = model.read_member(member);
                if let Some(object) = model.objects.get_mut(place - 1) {
                    object.members.push(member);
                }
            } else if !line.contains(" = ") {
                place += 1;
            }
        }
        model
    }

    fn read_member(&self, line: &'static str) -> Member {
        let (name, kind) = line.split_once(' ').unwrap_or((line, ""));
        let (name, filled) = name
            .strip_suffix("[1]")
            .map_or((name, false), |name| (name, true));
        let (name, list) = name
            .strip_suffix("[]")
            .map_or((name, filled), |name| (name, true));
        let (name, required) = name
            .strip_suffix('!')
            .map_or((name, false), |name| (name, true));
        Member {
            name,
            required,
            list,
            filled,
            kind: self.kind(kind),
        }
    }

    fn kind(&self, name: &str) -> Kind {
        if let Some(object) = self.object(name) {
            return Kind::Object(object);
        }
        if let Some(place) = self.words.iter().position(|list| list.name == name)
            && let Ok(place) = u16::try_from(place)
        {
            return Kind::Words(WordsId(place));
        }
        match name {
            "Decimal" => Kind::Decimal,
            "u32" | "u64" | "i64" => Kind::Integer,
            "Ordinal" => Kind::Ordinal,
            "bool" => Kind::Boolean,
            "Date" => Kind::Date,
            "DateTime" => Kind::DateTime,
            "DateOrTime" => Kind::DateOrTime,
            "Currency" => Kind::Currency,
            "Country" => Kind::Country,
            "Unit" => Kind::Unit,
            "Language" => Kind::Language,
            "Scheme" => Kind::Scheme,
            "ReferenceType" => Kind::ReferenceType,
            "Gtin" => Kind::Gtin,
            "Sscc" => Kind::Sscc,
            "Verbatim" => Kind::Verbatim,
            "Object" | "Extension" => Kind::Free,
            _ => Kind::Text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, model};
    use crate::entity::EntityKind;

    #[test]
    fn members_are_found_by_name() {
        let order = model().root(EntityKind::SalesOrder);
        assert_eq!(model().name(order), "sales_order");
        let (_, lines) = model().member(order, "lines").unwrap();
        assert!(lines.required && lines.list && lines.filled);
        let Kind::Object(line) = lines.kind else {
            panic!("lines are objects")
        };
        assert_eq!(model().name(line), "order_line");
        let (_, purpose) = model().member(order, "purpose").unwrap();
        let Kind::Words(words) = purpose.kind else {
            panic!("a purpose is a word")
        };
        assert_eq!(
            model().words(words),
            ["original", "change", "cancel", "replace", "confirmation"]
        );
        assert!(!purpose.required && model().member(order, "porpoise").is_none());
    }
}
