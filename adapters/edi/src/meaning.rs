//! What codes mean, in our own words: those that trade documents use most, and those of acknowledgements. For people who look at
//! an interchange; nothing is judged or converted by it.
//! Invariant: a code that is not known has no words; it is never guessed.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::acknowledge;
use crate::syntax::Syntax;

/// `x12 98 BY=buyer, ST=ship to`: an entry to a line, which indented lines continue.
const TEXT: &str = include_str!("../dictionaries/meanings.txt");

/// The meaning of a code, by the number of its element.
///
/// ```
/// use edi::{Syntax, meaning};
/// assert_eq!(meaning(Syntax::X12, "98", "ST"), Some("ship to"));
/// assert_eq!(meaning(Syntax::Edifact, "3035", "BY"), Some("buyer"));
/// assert_eq!(meaning(Syntax::X12, "98", "??"), None);
/// ```
#[must_use]
pub fn meaning(syntax: Syntax, element: &str, code: &str) -> Option<&'static str> {
    static WORDS: LazyLock<HashMap<(&str, &str, &str), &str>> = LazyLock::new(|| {
        entries()
            .flat_map(|(syntax, element, codes)| {
                codes.map(move |(code, words)| ((syntax, element, code), words))
            })
            .collect()
    });
    let known = WORDS.get(&(syntax.as_str(), element, code)).copied();
    known.or_else(|| acknowledge::meaning_of(syntax, element, code))
}

/// The entries of the text: syntax, element, and codes with their words.
fn entries() -> impl Iterator<
    Item = (
        &'static str,
        &'static str,
        impl Iterator<Item = (&'static str, &'static str)>,
    ),
> {
    let mut rest = TEXT;
    let blocks = std::iter::from_fn(move || {
        let end = rest
            .match_indices('\n')
            .find(|(place, _)| !rest.get(place + 1..).unwrap_or_default().starts_with(' '));
        let end = end.map_or(rest.len(), |(place, _)| place + 1);
        let (block, more) = rest.split_at_checked(end)?;
        rest = more;
        (!block.is_empty()).then_some(block)
    });
    blocks
        .filter(|block| !block.starts_with('#'))
        .filter_map(|block| {
            let (syntax, block) = block.split_once(' ')?;
            let (element, codes) = block.split_once(' ')?;
            let codes = codes
                .split(',')
                .filter_map(|code| code.trim().split_once('='));
            Some((syntax, element, codes))
        })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{entries, meaning};
    use crate::dictionary::{Dictionaries, UseKind};
    use crate::syntax::Syntax;

    #[test]
    fn every_code_is_one_of_its_element() {
        let dictionaries = Dictionaries::shipped();
        let versions: Vec<_> = dictionaries.versions().collect();
        let mut seen = HashSet::new();
        for (name, element, codes) in entries() {
            let of = versions
                .iter()
                .filter(|(syntax, _)| syntax.as_str() == name);
            let found: Vec<_> = of
                .filter_map(|(syntax, version)| dictionaries.find(*syntax, version))
                .collect();
            let specs: Vec<_> = found
                .iter()
                .filter_map(|found| match found.dictionary.named(element)? {
                    UseKind::Simple(index) => Some(found.dictionary.element(index)),
                    UseKind::Composite(_) => None,
                })
                .collect();
            assert!(!specs.is_empty(), "{name} has no element {element}");
            let listed: Vec<_> = specs
                .iter()
                .filter_map(|spec| spec.codes.as_ref())
                .collect();
            for (code, words) in codes {
                assert!(
                    seen.insert((name, element, code)),
                    "{name} {element} {code} twice"
                );
                assert!(!words.is_empty() && code.trim() == code, "{element} {code}");
                let is = |codes: &&&crate::dictionary::Codes| codes.contains(code.as_bytes());
                let known = listed.is_empty() || listed.iter().any(|codes| is(&codes));
                assert!(known, "{name} {element} does not have {code}");
            }
        }
        assert!(seen.len() > 500, "{} codes", seen.len());
    }

    #[test]
    fn codes_of_acknowledgements_have_words() {
        for (syntax, element, code, known) in [
            (Syntax::X12, "717", "R", true),
            (Syntax::X12, "718", "4", true),
            (Syntax::X12, "723", "7", true),
            (Syntax::X12, "I18", "025", true),
            (Syntax::Edifact, "0085", "29", true),
            (Syntax::Edifact, "0083", "4", true),
            (Syntax::Edifact, "718", "4", false),
            (Syntax::X12, "718", "99", false),
        ] {
            assert_eq!(
                meaning(syntax, element, code).is_some(),
                known,
                "{element} {code}"
            );
        }
    }
}
