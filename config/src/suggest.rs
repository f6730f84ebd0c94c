//! Finds the known word nearest to one that was mistyped, for "did you mean …?".
//!
//! Never suggests a word that has little to do with what was written: silence is better than a wrong lead.

/// The candidate nearest to `word`, if one is near enough to be what was meant.
///
/// Words that differ only in case or in `-`, `_` and blanks are nearest; otherwise at most a third of the
/// longer word (at least one letter) may have been mistyped. Of several equally near ones the first wins.
#[must_use]
pub fn nearest<'a, S: AsRef<str> + ?Sized + 'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a S>,
) -> Option<&'a str> {
    let word = folded(word);
    let mut best: Option<(usize, &'a str)> = None;
    for candidate in candidates {
        let candidate = candidate.as_ref();
        let other = folded(candidate);
        let distance = distance(&word, &other);
        let allowed = (word.len().max(other.len()) / 3).max(1);
        if distance <= allowed && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// At most this many letters are compared, so that a hostile word cannot make the comparison slow.
const MAX_LETTERS: usize = 64;

fn folded(word: &str) -> Vec<char> {
    let kept = word.chars().filter(|c| !matches!(c, '-' | '_' | ' '));
    kept.flat_map(char::to_lowercase)
        .take(MAX_LETTERS)
        .collect()
}

/// Levenshtein's distance, where two swapped neighbours count as one mistake (optimal string alignment).
fn distance(left: &[char], right: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    let mut left_before = None;
    for (row, &l) in left.iter().enumerate() {
        let mut line = Vec::with_capacity(above.len());
        line.push(row + 1);
        let mut right_before = None;
        for (column, &r) in right.iter().enumerate() {
            let at = |line: &[usize], index: usize| line.get(index).copied().unwrap_or(usize::MAX);
            let replaced = at(&above, column) + usize::from(l != r);
            let mut least = replaced
                .min(at(&above, column + 1) + 1)
                .min(at(&line, column) + 1);
            if left_before == Some(r) && right_before == Some(l) {
                least = least.min(at(&before, column.saturating_sub(1)) + 1);
            }
            line.push(least);
            right_before = Some(r);
        }
        left_before = Some(l);
        before = std::mem::replace(&mut above, line);
    }
    above.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn nearest_words() {
        let known = ["host", "port", "settle_seconds", "quantities.available"];
        for (word, want) in [
            ("prot", Some("port")),
            ("Host", Some("host")),
            ("hots", Some("host")),
            ("settleSeconds", Some("settle_seconds")),
            ("settle-secs", Some("settle_seconds")),
            ("quantities.avialable", Some("quantities.available")),
            ("password", None),
            ("", None),
            ("xy", None),
        ] {
            assert_eq!(nearest(word, &known), want, "nearest({word:?})");
        }
    }

    #[test]
    fn swapped_neighbours_are_one_mistake() {
        let distance = |left: &str, right: &str| {
            let (left, right): (Vec<_>, Vec<_>) = (left.chars().collect(), right.chars().collect());
            super::distance(&left, &right)
        };
        for (left, right, want) in [
            ("ab", "ba", 1),
            ("", "abc", 3),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("same", "same", 0),
        ] {
            assert_eq!(distance(left, right), want, "{left} / {right}");
        }
    }
}
