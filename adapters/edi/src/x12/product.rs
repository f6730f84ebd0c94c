//! Product numbers: the pairs of qualifier and number in PO1 and LIN.
//! Never invents an article number: it is the one whose qualifier says so.
//! Invariant: every pair that is complete becomes an identifier, in the order of the segment.

use canonical::identifiers::{Gtin, Identifier, Scheme};

use super::fields::Fields;
use super::finding::Rule;
use super::party::x12_scheme;
use super::run::Run;
use crate::headers::shown;

/// Takes the pairs from element `first` to element `last`.
pub(super) fn identifiers(
    run: &mut Run<'_>,
    fields: &mut Fields<'_>,
    first: usize,
    last: usize,
) -> Vec<Identifier> {
    let mut found = Vec::new();
    for qualifier in (first..last).step_by(2) {
        let number = qualifier + 1;
        match (fields.has(qualifier), fields.has(number)) {
            (false, false) => {}
            (true, true) => {
                let value = shown(fields.peek(number));
                let Some((identifier, fits)) = identifier(fields.peek(qualifier), &value) else {
                    continue;
                };
                if !fits {
                    let problem = Rule::IdentifierInvalid
                        .problem("this is no GTIN: its length or check digit is wrong");
                    run.report(number, problem.found(&value));
                }
                fields.take(qualifier);
                fields.take(number);
                found.push(identifier);
            }
            (has_qualifier, _) => {
                let (there, missing) = if has_qualifier {
                    (qualifier, number)
                } else {
                    (number, qualifier)
                };
                let problem = Rule::ElementPair.problem(format!(
                    "element {there:02} comes with element {missing:02}, which is missing"
                ));
                run.report(missing, problem);
            }
        }
    }
    found
}

/// A number under a qualifier (element 235), and whether it is what the qualifier promises.
fn identifier(qualifier: &[u8], value: &str) -> Option<(Identifier, bool)> {
    let scheme = match qualifier {
        b"UP" | b"UA" | b"EN" | b"UK" => {
            return Some(match Gtin::normalise(value) {
                Ok(gtin) => (Identifier::new(Scheme::GTIN, gtin.as_str()), true),
                Err(_wrong) => (Identifier::new(x12_scheme(qualifier)?, value), false),
            });
        }
        b"SK" => Scheme::SKU,
        b"VN" | b"VP" => Scheme::SELLER_PART,
        b"BP" | b"IN" | b"CB" => Scheme::BUYER_PART,
        b"MG" | b"MF" => Scheme::MANUFACTURER_PART,
        _ => x12_scheme(qualifier)?,
    };
    Some((Identifier::new(scheme, value), true))
}

/// The seller's article number among the identifiers: stated as such, or as the seller's part.
pub(super) fn sku(identifiers: &[Identifier]) -> Option<String> {
    let by = |scheme: Scheme| {
        identifiers
            .iter()
            .find(|identifier| identifier.scheme == scheme)
    };
    by(Scheme::SKU)
        .or_else(|| by(Scheme::SELLER_PART))
        .map(|identifier| identifier.value.clone())
}

#[cfg(test)]
mod tests {
    use super::identifier;

    #[test]
    fn qualifiers() {
        for (qualifier, value, want) in [
            ("UP", "036000291452", "gtin 00036000291452 true"),
            ("EN", "4006381333931", "gtin 04006381333931 true"),
            ("UP", "036000291453", "x12:up 036000291453 false"),
            ("UP", "B07CYXX3PY", "x12:up B07CYXX3PY false"),
            ("VN", "W-1", "seller_part W-1 true"),
            ("CB", "C-1", "buyer_part C-1 true"),
            ("MG", "M-1", "manufacturer_part M-1 true"),
            ("PR", "RO", "x12:pr RO true"),
        ] {
            let (found, fits) = identifier(qualifier.as_bytes(), value).unwrap();
            assert_eq!(format!("{} {} {fits}", found.scheme, found.value), want);
        }
        assert_eq!(identifier(b"\xC4 ", "x"), None);
    }
}
