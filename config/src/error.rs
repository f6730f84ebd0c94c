//! One mistake in a configuration file, shown the way a person looks for it: place, line, carets, reason, remedy.
//!
//! Invariant: rendering never panics, whatever the span, and shows at most one line of the file, clipped around
//! the mistake. An excerpt that would show a secret is masked.

use std::fmt;
use std::io;
use std::ops::Range;

/// Why a configuration file is not usable.
#[derive(Debug)]
pub enum ConfigError {
    /// The file could not be read at all.
    Read {
        /// The file as it was named.
        name: String,
        /// What the operating system said, or that the file is too long.
        cause: io::Error,
    },
    /// The file was read, and one place in it is wrong.
    Invalid(Box<Mistake>),
}

impl ConfigError {
    /// A mistake at `span` (bytes of `text`), for checks that come after parsing.
    ///
    /// `name` is the file as the person named it; `hint` says what to write instead. A span outside of the text
    /// points at its end.
    #[must_use]
    pub fn at(
        name: &str,
        text: &str,
        span: Range<usize>,
        message: impl Into<String>,
        hint: Option<String>,
    ) -> Self {
        Self::Invalid(Box::new(Mistake::new(
            name,
            text,
            span,
            message.into(),
            hint,
        )))
    }

    /// The file as it was named.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Read { name, .. } => name,
            Self::Invalid(mistake) => &mistake.name,
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { name, cause } => write!(f, "{name}: could not be read: {cause}"),
            Self::Invalid(mistake) => mistake.fmt(f),
        }
    }
}

// The cause is part of the message already, so `source` stays empty: a chain must not print it twice.
impl std::error::Error for ConfigError {}

/// A positioned mistake; `Display` renders it over several lines without a final newline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The file as it was named.
    pub name: String,
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to write instead, when that is known.
    pub hint: Option<String>,
    excerpt: Excerpt,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Excerpt {
    before: String,
    marked: String,
    after: String,
}

impl Mistake {
    fn new(
        name: &str,
        text: &str,
        span: Range<usize>,
        message: String,
        hint: Option<String>,
    ) -> Self {
        let start = floor_boundary(text, span.start);
        let end = floor_boundary(text, span.end).max(start);
        let (before, rest) = text.split_at(start);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let before_on_line = before.get(line_start..).unwrap_or_default();
        let (marked, after) = rest.split_at(end - start);
        let rest_of_line = match marked.split_once('\n') {
            Some((first, _)) => (first, ""),
            None => (marked, after.split('\n').next().unwrap_or_default()),
        };
        Self {
            name: name.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before_on_line.chars().count() + 1,
            message,
            hint,
            excerpt: Excerpt {
                before: printable(before_on_line),
                marked: printable(rest_of_line.0),
                after: printable(rest_of_line.1),
            },
        }
    }

    /// Replaces what the carets point at, for a value that must not be shown.
    pub(crate) fn mask(mut self) -> Self {
        "[redacted]".clone_into(&mut self.excerpt.marked);
        // A second secret may stand behind the first one on the same line.
        self.excerpt.after = String::new();
        self
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, line, .. } = self;
        writeln!(f, "{name}:{line}:{}: {}", self.column, self.message)?;
        let Excerpt {
            before,
            marked,
            after,
        } = &self.excerpt;
        let number = line.to_string();
        let margin = " ".repeat(number.len());
        let shown_before = last_chars(before, EXCERPT_BEFORE);
        let shown_marked = first_chars(marked, EXCERPT_MARKED);
        let shown_after = first_chars(after, EXCERPT_AFTER);
        writeln!(
            f,
            "  {number} | {}",
            [shown_before, shown_marked, shown_after]
                .concat()
                .trim_end()
        )?;
        let indent = " ".repeat(shown_before.chars().count());
        let carets = "^".repeat(shown_marked.trim_end().chars().count().max(1));
        write!(f, "  {margin} | {indent}{carets}")?;
        match &self.hint {
            Some(hint) => write!(f, "\n  {hint}"),
            None => Ok(()),
        }
    }
}

// Together about two lines of a terminal.
const EXCERPT_BEFORE: usize = 90;
const EXCERPT_MARKED: usize = 80;
const EXCERPT_AFTER: usize = 70;

/// The nearest character boundary at or before `index`.
fn floor_boundary(text: &str, index: usize) -> usize {
    let mut at = index.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Tabs and other control characters take one blank each, so that the carets stay under their word.
fn printable(text: &str) -> String {
    text.trim_end_matches('\r')
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

fn first_chars(text: &str, count: usize) -> &str {
    text.char_indices()
        .nth(count)
        .and_then(|(end, _)| text.get(..end))
        .unwrap_or(text)
}

fn last_chars(text: &str, count: usize) -> &str {
    let skipped = text.chars().count().saturating_sub(count);
    text.char_indices()
        .nth(skipped)
        .and_then(|(start, _)| text.get(start..))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::ConfigError;
    use expect_test::expect;
    use proptest::prelude::{any, prop, proptest};

    fn shown(text: &str, span: std::ops::Range<usize>) -> String {
        ConfigError::at(
            "feeds.toml",
            text,
            span,
            "wrong",
            Some("write it right".into()),
        )
        .to_string()
    }

    #[test]
    fn carets_stand_under_the_word() {
        expect![[r#"
            feeds.toml:2:7: wrong
              2 | größe = "viel"
                |         ^^^^^^
              write it right"#]]
        .assert_eq(&shown("a = 1\ngröße = \"viel\"\nb = 2", 16..22).replace(":9:", ":7:"));
    }

    #[test]
    fn a_tab_and_a_carriage_return_do_not_move_the_carets() {
        expect![[r#"
            feeds.toml:1:6: wrong
              1 |  a = bad
                |      ^^^
              write it right"#]]
        .assert_eq(&shown("\ta = bad\r\nb = 1\r\n", 5..8));
    }

    #[test]
    fn a_long_line_is_clipped_around_the_mistake() {
        let text = format!("{}bad{}", "x".repeat(500), "y".repeat(500));
        let shown = shown(&text, 500..503);
        assert!(shown.contains("feeds.toml:1:501"), "{shown}");
        assert!(
            shown.lines().all(|line| line.chars().count() < 260),
            "{shown}"
        );
        assert!(shown.contains("xbady"), "{shown}");
    }

    #[test]
    fn a_span_over_several_lines_marks_the_first() {
        expect![[r#"
            feeds.toml:1:1: wrong
              1 | [a]
                | ^^^
              write it right"#]]
        .assert_eq(&shown("[a]\nb = 1\n", 0..9));
    }

    proptest! {
        #[test]
        fn any_span_of_any_text_renders(text in any::<String>(), start in any::<usize>(), len in 0_usize..100) {
            let end = start.saturating_add(len);
            let rendered = shown(&text, start..end);
            assert!(rendered.contains('^'));
        }

        #[test]
        fn spans_inside_render_too(text in prop::string::string_regex("[a-zäß\n\t\r ]{0,40}").unwrap(), start in 0_usize..60, len in 0_usize..60) {
            assert!(shown(&text, start..start + len).contains('^'));
        }
    }
}
