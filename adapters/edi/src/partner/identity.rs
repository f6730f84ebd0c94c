//! How an envelope names somebody: a qualifier and an id, and when two of them are the same.
//! Compares only. Which qualifiers stand for the same list of numbers is agreed by listing both.
//! Invariant: identities are equal exactly when their qualifiers and ids are, without regard to padding, to case, and to
//! leading zeros of the qualifier. Leading zeros of an id are part of it.

use std::fmt;
use std::hash::{Hash, Hasher};

use crate::headers::Address;

/// A qualifier and an id, as they were written.
///
/// ```
/// use edi::partner::Identity;
/// let listed: Identity = "01:006922827".parse()?;
/// assert_eq!(listed, Identity::new("1", " 006922827 ")); // `1` of EDIFACT is `01` of X12
/// assert_ne!(listed, Identity::new("01", "6922827"));
/// assert_ne!(listed, Identity::new("ZZ", "006922827"));
/// # Ok::<(), &'static str>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Identity {
    /// ISA05, ISA07, 0007; empty where none is stated.
    pub qualifier: String,
    /// ISA06, ISA08, 0004, 0010.
    pub id: String,
}

impl Identity {
    /// A qualifier and an id, without the blanks around them.
    #[must_use]
    pub fn new(qualifier: &str, id: &str) -> Self {
        Self {
            qualifier: qualifier.trim().to_owned(),
            id: id.trim().to_owned(),
        }
    }

    /// The qualifier that is compared: `2` and `02` are one, `zz` and `ZZ` are one.
    fn plain_qualifier(&self) -> &str {
        let text = self.qualifier.as_str();
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            let zeros = text.len() - text.trim_start_matches('0').len();
            text.get(zeros..)
                .filter(|rest| !rest.is_empty())
                .unwrap_or(if text.is_empty() { "" } else { "0" })
        } else {
            text
        }
    }

    /// What is left of the id without signs, case and leading zeros: who writes the same number in another way has the
    /// same here. For hints only.
    pub(super) fn loose(&self) -> String {
        let kept = self.id.chars().filter(|sign| sign.is_alphanumeric());
        let text: String = kept.flat_map(char::to_uppercase).collect();
        text.trim_start_matches('0').to_owned()
    }

    /// The address that headers are written with: qualifiers of X12 have two characters, those of EDIFACT no zeros.
    pub(super) fn address(&self, two_digits: bool) -> Address {
        let plain = self.plain_qualifier();
        Address {
            qualifier: match two_digits {
                true if !plain.is_empty() => format!("{plain:0>2}"),
                _ => plain.to_owned(),
            },
            id: self.id.clone(),
            internal: String::new(),
        }
    }
}

impl From<&Address> for Identity {
    fn from(address: &Address) -> Self {
        Self::new(&address.qualifier, &address.id)
    }
}

impl std::str::FromStr for Identity {
    type Err = &'static str;

    /// `qualifier:id`; everything behind the first colon is the id.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (qualifier, id) = text
            .split_once(':')
            .ok_or("an id needs its qualifier before it, as in \"ZZ:ACME\"; \":ACME\" has none")?;
        let identity = Self::new(qualifier, id);
        if identity.id.is_empty() {
            Err("an id is missing behind the colon")
        } else if identity.qualifier.len() > 4 {
            Err("a qualifier has at most four characters")
        } else if identity.id.chars().count() > 35 {
            Err("an id has at most 35 characters")
        } else {
            Ok(identity)
        }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.qualifier, self.id)
    }
}

impl PartialEq for Identity {
    fn eq(&self, other: &Self) -> bool {
        self.plain_qualifier()
            .eq_ignore_ascii_case(other.plain_qualifier())
            && self.id.eq_ignore_ascii_case(&other.id)
    }
}

impl Eq for Identity {}

impl Hash for Identity {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for byte in self
            .plain_qualifier()
            .bytes()
            .chain([0])
            .chain(self.id.bytes())
        {
            state.write_u8(byte.to_ascii_uppercase());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Identity;
    use std::hash::{BuildHasher, RandomState};

    #[test]
    fn the_same_and_not_the_same() {
        let state = RandomState::new();
        for (one, other, same) in [
            (("ZZ", "ACME"), ("zz", "acme"), true),
            (("ZZ", "ACME"), ("ZZ", "ACME           "), true),
            (("2", "X"), ("02", "X"), true),
            (("1", "006922827"), ("01", "006922827"), true),
            (("01", "006922827"), ("01", "6922827"), false),
            (("00", "X"), ("0", "X"), true),
            (("00", "X"), ("", "X"), false),
            (("", "X"), ("", "X"), true),
            (("14", "X"), ("14", "Y"), false),
            (("01", "X"), ("10", "X"), false),
            (("ZZ", "AC ME"), ("ZZ", "ACME"), false),
        ] {
            let [one, other] = [one, other].map(|(qualifier, id)| Identity::new(qualifier, id));
            assert_eq!(one == other, same, "{one} {other}");
            if same {
                assert_eq!(
                    state.hash_one(&one),
                    state.hash_one(&other),
                    "{one} {other}"
                );
            }
        }
    }

    #[test]
    fn identities_are_written_with_their_qualifier() {
        for (text, want) in [
            ("ZZ:ACME", Ok("ZZ:ACME")),
            (" 01 : 006922827 ", Ok("01:006922827")),
            (":ACME", Ok(":ACME")),
            ("ZZ:A:B", Ok("ZZ:A:B")),
            ("ACME", Err("an id needs")),
            ("ZZ:", Err("an id is missing")),
            ("ZZZZZ:ACME", Err("a qualifier has")),
        ] {
            match (text.parse::<Identity>(), want) {
                (Ok(identity), Ok(want)) => assert_eq!(identity.to_string(), want),
                (Err(error), Err(want)) => assert!(error.starts_with(want), "{error}"),
                (found, _) => panic!("{text}: {found:?}"),
            }
        }
        assert!(
            format!("ZZ:{}", "X".repeat(36))
                .parse::<Identity>()
                .is_err()
        );
    }

    #[test]
    fn headers_have_the_qualifiers_of_their_syntax() {
        for (text, x12, edifact) in [
            ("1:X", "01", "1"),
            ("01:X", "01", "1"),
            ("ZZ:X", "ZZ", "ZZ"),
            (":X", "", ""),
        ] {
            let identity: Identity = text.parse().unwrap();
            assert_eq!(identity.address(true).qualifier, x12);
            assert_eq!(identity.address(false).qualifier, edifact);
        }
    }

    #[test]
    fn the_same_number_in_another_way_looks_alike() {
        let loose = |id: &str| Identity::new("01", id).loose();
        assert_eq!(loose("00-692-2827"), loose("6922827"));
        assert_ne!(loose("6922827"), loose("6922828"));
    }
}
