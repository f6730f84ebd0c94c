//! The known values of a coded element, packed so that a look-up touches no text and allocates nothing.
//! Invariant: sorted and without repeats.

/// The longest code that can be listed.
const LONGEST: usize = 15;

/// Known values, each of at most 15 characters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Codes(Box<[u128]>);

impl Codes {
    /// Whether this value is listed. Blanks count: `01 ` is not `01`.
    #[must_use]
    pub fn contains(&self, value: &[u8]) -> bool {
        packed(value).is_some_and(|value| self.0.binary_search(&value).is_ok())
    }

    /// How many values are listed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none is listed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// These codes and those of `self`, or the first that is too long to be listed.
    pub(super) fn with<'t>(&self, codes: impl Iterator<Item = &'t str>) -> Result<Self, &'t str> {
        let mut all = self.0.to_vec();
        for code in codes {
            all.push(packed(code.as_bytes()).ok_or(code)?);
        }
        all.sort_unstable();
        all.dedup();
        Ok(Self(all.into()))
    }
}

/// The characters, left-aligned, and their count in the last byte.
fn packed(code: &[u8]) -> Option<u128> {
    let length = u8::try_from(code.len()).ok()?;
    let mut bytes = [0; LONGEST + 1];
    bytes
        .get_mut(..LONGEST)?
        .get_mut(..code.len())?
        .copy_from_slice(code);
    Some(u128::from_be_bytes(bytes) | u128::from(length))
}

#[cfg(test)]
mod tests {
    use super::Codes;

    #[test]
    fn only_what_is_listed_is_contained() {
        let codes = Codes::default()
            .with(["22", "002", "B", "0040109VICS1234"].into_iter())
            .expect("short codes");
        for (value, listed) in [
            ("22", true),
            ("002", true),
            ("B", true),
            ("0040109VICS1234", true),
            ("", false),
            ("02", false),
            ("22 ", false),
            ("22\0", false),
            ("b", false),
            ("0040109VICS12345", false),
        ] {
            assert_eq!(codes.contains(value.as_bytes()), listed, "{value:?}");
        }
    }

    #[test]
    fn added_codes_stand_once() {
        let codes = Codes::default()
            .with(["A", "B"].into_iter())
            .expect("short");
        let more = codes.with(["B", "C"].into_iter()).expect("short");
        assert_eq!((codes.len(), more.len()), (2, 3));
        assert_eq!(
            more.with(["ABCDEFGHIJKLMNOP"].into_iter()),
            Err("ABCDEFGHIJKLMNOP")
        );
    }
}
