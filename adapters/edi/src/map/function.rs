//! What a mapping can do with an element's value on its way, and the code tables it looks words up in.
//! Data only; the doing is `convert`'s and, the other way, `write`'s.
//! Invariant: every function works in both directions.

use std::collections::HashMap;

use super::language::Address;

/// What happens to a value between the element and its path.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Function {
    /// What the kind of the member asks for: text, number, date, flag.
    Plain,
    /// The word that a table has for the code.
    Codes(u16),
    /// One more line of a text.
    Lines,
    /// One more piece of a text, after a blank.
    Join,
    /// A day, with the time and its zone in two other elements where they make it an instant.
    Moment { time: Address, zone: Address },
    /// A day or instant in the format that another component names (EDIFACT element 2379).
    Period { format: Address },
    /// A number in the numbering that another element names by the table: an item `{scheme, value}` of the list.
    Pair { qualifier: Address, table: u16 },
    /// As many pairs as there are. In simple elements the qualifier comes first, in composites the number does.
    Pairs { table: u16 },
    /// A value for the member that another element names by the table.
    Member { qualifier: Address, table: u16 },
    /// A unit of measure: the table's, or the code itself where Recommendation 20 has it, else `ZZ` and a warning.
    Unit(u16),
    /// What a price is for, by element 639: each, hundred, thousand of the line's unit.
    Basis(u16),
    /// A number that is added to what is there.
    Add,
    /// A carrier's code: two to four capital letters.
    Scac,
    /// Places and their quantities over a run, number first: parts of a schedule. The numbering of the places and the unit
    /// stand in two other elements.
    Stores {
        qualifier: Address,
        table: u16,
        unit: Address,
        units: u16,
    },
    /// A shipping container code, with or without its application identifier.
    Sscc,
    /// A number without its sign.
    Size,
    /// How many items a list has: checked when read, counted when written.
    Count,
    /// The sum of a member of a list's items.
    Sum,
    /// An item of the list that has this value in these members: made when there is none.
    Entry(Box<[Box<str>]>),
}

impl Function {
    /// `codes role`, with the tables that are there.
    pub(super) fn read(text: &str, tables: &HashMap<String, u16>) -> Result<Self, String> {
        let mut words = text.split_whitespace();
        let name = words.next().unwrap_or_default();
        let arguments: Vec<&str> = words.collect();
        let table = |name: &str| {
            tables
                .get(name)
                .copied()
                .ok_or_else(|| format!("there is no code table {name:?}"))
        };
        let at = |text: &str| Address::read(text).ok_or_else(|| format!("{text:?} is no element"));
        Ok(match (name, arguments.as_slice()) {
            ("", []) => Self::Plain,
            ("codes", [name]) => Self::Codes(table(name)?),
            ("lines", []) => Self::Lines,
            ("join", []) => Self::Join,
            ("moment", [time]) => Self::Moment {
                time: at(time)?,
                zone: Address::default(),
            },
            ("moment", [time, zone]) => Self::Moment {
                time: at(time)?,
                zone: at(zone)?,
            },
            ("period", [format]) => Self::Period {
                format: at(format)?,
            },
            ("pair", [qualifier, name]) => Self::Pair {
                qualifier: if *qualifier == "-" {
                    Address::default()
                } else {
                    at(qualifier)?
                },
                table: table(name)?,
            },
            ("pairs", [name]) => Self::Pairs {
                table: table(name)?,
            },
            ("member", [qualifier, name]) => Self::Member {
                qualifier: at(qualifier)?,
                table: table(name)?,
            },
            ("unit", [name]) => Self::Unit(table(name)?),
            ("basis", [name]) => Self::Basis(table(name)?),
            ("add", []) => Self::Add,
            ("scac", []) => Self::Scac,
            ("stores", [qualifier, name, unit, units]) => Self::Stores {
                qualifier: at(qualifier)?,
                table: table(name)?,
                unit: at(unit)?,
                units: table(units)?,
            },
            ("sscc", []) => Self::Sscc,
            ("size", []) => Self::Size,
            ("count", []) => Self::Count,
            ("sum", []) => Self::Sum,
            ("entry", [_, ..]) => Self::Entry(arguments.into_iter().map(Box::from).collect()),
            _ => {
                let known = "codes TABLE, lines, join, moment TIME [ZONE], period FORMAT, pair QUALIFIER TABLE, pairs TABLE, \
                    member QUALIFIER TABLE, unit TABLE, basis TABLE, add, scac, stores QUALIFIER TABLE UNIT TABLE, sscc, size, count, sum, entry MEMBER…";
                return Err(format!("{text:?} is no function; there are {known}"));
            }
        })
    }
}

/// A code and its word.
type Entry = (Box<[u8]>, Box<str>);

/// A table of codes and what the canonical model calls them. Of several codes for one word the first is written.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct CodeTable {
    pub(crate) name: Box<str>,
    entries: Box<[Entry]>,
    /// Each entry's place, plus one, at or behind the slot that its code falls on; half of the slots are free.
    slots: Box<[u16]>,
    /// What any other code becomes: a word, or a prefix before the code itself where it ends with a colon.
    other: Option<Box<str>>,
}

impl CodeTable {
    pub(super) fn new(name: &str, pairs: &[(String, String)]) -> Self {
        let other = pairs
            .iter()
            .find(|(code, _)| code == "*")
            .map(|(_, word)| word.as_str().into());
        let entries: Box<[Entry]> = pairs
            .iter()
            .filter(|(code, _)| code != "*")
            .map(|(code, word)| (code.as_bytes().into(), word.as_str().into()))
            .collect();
        let mut slots = vec![0; (entries.len() * 2 + 1).next_power_of_two()].into_boxed_slice();
        for (number, (code, _)) in (1..).zip(&entries) {
            let fits = |slot: &usize| {
                let other = slots.get(*slot).map_or(0, |number| usize::from(*number));
                let other = other.checked_sub(1).and_then(|place| entries.get(place));
                other.is_none_or(|(other, _)| other == code) // of two words for one code the last counts
            };
            let free = probe(code, slots.len()).find(fits);
            if let Some(slot) = free.and_then(|slot| slots.get_mut(slot)) {
                *slot = number;
            }
        }
        Self {
            name: name.into(),
            entries,
            slots,
            other,
        }
    }

    /// The word for a code that the table names.
    pub(crate) fn listed(&self, code: &[u8]) -> Option<&str> {
        for slot in probe(code, self.slots.len()) {
            let number = usize::from(*self.slots.get(slot)?);
            let (known, word) = self.entries.get(number.checked_sub(1)?)?;
            if **known == *code {
                return Some(word);
            }
        }
        None
    }

    /// What codes become that the table does not name.
    pub(crate) fn other(&self) -> Option<&str> {
        self.other.as_deref()
    }

    /// The code to write for a word.
    pub(crate) fn code(&self, word: &str) -> Option<String> {
        let named = self
            .entries
            .iter()
            .find(|(_, known)| known.as_ref() == word);
        if let Some((code, _)) = named {
            return Some(crate::headers::shown(code));
        }
        let prefix = self
            .other
            .as_deref()
            .filter(|other| other.ends_with([':', '.']))?;
        word.strip_prefix(prefix)
            .filter(|code| {
                !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
            })
            .map(str::to_ascii_uppercase)
    }

    /// Every word that the table can give.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        let named = self.entries.iter().map(|(_, word)| word.as_ref());
        named.chain(self.other.as_deref())
    }
}

/// The slots at which a code may stand: the one that it falls on, and those behind.
fn probe(code: &[u8], slots: usize) -> impl Iterator<Item = usize> {
    let mix = |mixed: usize, byte: &u8| (mixed ^ usize::from(*byte)).wrapping_mul(0x9E37_79B1);
    let first = code.iter().fold(0, mix);
    let first = first ^ (first >> 15);
    (0..slots).map(move |step| first.wrapping_add(step) & (slots - 1))
}

#[cfg(test)]
mod tests {
    use super::{CodeTable, Function};
    use std::collections::HashMap;

    #[test]
    fn tables_work_both_ways() {
        let pairs = [("VN", "seller_part"), ("VP", "seller_part"), ("*", "x12:")];
        let table = CodeTable::new(
            "t",
            &pairs.map(|(code, word)| (code.to_owned(), word.to_owned())),
        );
        assert_eq!(
            [b"VP".as_slice(), b"ZZ"].map(|code| table.listed(code)),
            [Some("seller_part"), None]
        );
        assert_eq!(
            ["seller_part", "x12:zz", "x12:", "gtin"].map(|word| table.code(word)),
            [Some("VN".to_owned()), Some("ZZ".to_owned()), None, None,]
        );
    }

    #[test]
    fn functions_are_read_with_their_arguments() {
        let tables = HashMap::from([("role".to_owned(), 3)]);
        assert_eq!(
            Function::read("codes role", &tables),
            Ok(Function::Codes(3))
        );
        assert!(Function::read("moment 03 04", &tables).is_ok());
        for (text, want) in [
            ("codes rôle", "there is no code table \"rôle\""),
            ("moment x", "\"x\" is no element"),
            ("codes", "\"codes\" is no function; there are codes TABLE"),
        ] {
            let error = Function::read(text, &tables).unwrap_err();
            assert!(error.starts_with(want), "{error}");
        }
    }
}
