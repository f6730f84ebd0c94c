//! The words of a copybook's sentences, in fixed or free form.
//! Knows nothing of what they mean.

/// Where the code ends in the fixed form.
const FIXED_END: usize = 72;

/// The words of each sentence, with their lines.
pub(super) fn sentences(text: &str) -> Vec<Vec<(usize, String)>> {
    let mut all = Vec::new();
    let mut open = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let mut rest = code(line);
        loop {
            rest = rest.trim_start();
            let quote = rest
                .chars()
                .next()
                .filter(|first| matches!(first, '\'' | '"'));
            let end = match quote {
                _ if rest.is_empty() => break,
                Some(quote) => rest
                    .get(1..)
                    .and_then(|rest| rest.find(quote))
                    .map_or(rest.len(), |end| end + 2),
                None => rest.find(char::is_whitespace).unwrap_or(rest.len()),
            };
            let (word, behind) = rest.split_at(end);
            rest = behind;
            let whole = if quote.is_none() {
                word.trim_end_matches(['.', ',', ';'])
            } else {
                word
            };
            let ends = (quote.is_none() && word.ends_with('.')) || rest.starts_with('.');
            rest = rest.strip_prefix('.').unwrap_or(rest);
            if !whole.is_empty() {
                open.push((number, whole.to_ascii_uppercase()));
            }
            if ends && !open.is_empty() {
                all.push(std::mem::take(&mut open));
            }
        }
    }
    if !open.is_empty() {
        all.push(open);
    }
    all
}

/// What of a line is code: in the fixed form columns 8 to 72, and no comment.
fn code(line: &str) -> &str {
    let free = line.split_once("*>").map_or(line, |(code, _)| code);
    if free.trim_start().starts_with('*') {
        return "";
    }
    let Some((sequence, rest)) = line.split_at_checked(6) else {
        return free;
    };
    let is_fixed = sequence
        .bytes()
        .all(|byte| byte == b' ' || byte.is_ascii_digit())
        && (!sequence.trim().is_empty() || rest.starts_with(['*', '/', '-']));
    if !is_fixed {
        return free;
    }
    match rest.chars().next() {
        Some('*' | '/') => "",
        _ => {
            let place = |column: usize| {
                let found = rest.char_indices().nth(column);
                found.map_or(rest.len(), |(offset, _)| offset)
            };
            rest.get(place(1)..place(FIXED_END - 6)).unwrap_or_default()
        }
    }
}
