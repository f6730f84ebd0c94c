//! Cuts the text form of a dictionary into lines and lines into words and quoted labels.
//! Knows nothing of what they mean.
//! Invariant: a token keeps the number of its line.

use std::borrow::Cow;

use super::error::Mistake;

/// A word, or a label in double quotes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Token<'t> {
    Word(&'t str),
    Label(&'t str),
}

/// A line that says something.
pub(super) struct Line<'t> {
    pub(super) number: usize,
    pub(super) indented: bool,
    pub(super) tokens: Vec<Token<'t>>,
}

/// The tokens of an entry, each with its line.
pub(super) struct Fields<'t> {
    tokens: std::iter::Peekable<std::vec::IntoIter<(usize, Token<'t>)>>,
    pub(super) line: usize,
}

/// The lines that say something.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Result<Line<'_>, Mistake>> {
    let numbered = text.lines().enumerate();
    numbered.filter_map(|(index, line)| match tokens(index + 1, line) {
        Ok(tokens) if tokens.is_empty() => None,
        Ok(tokens) => Some(Ok(Line {
            number: index + 1,
            indented: line.starts_with(char::is_whitespace),
            tokens,
        })),
        Err(mistake) => Some(Err(mistake)),
    })
}

fn tokens(number: usize, line: &str) -> Result<Vec<Token<'_>>, Mistake> {
    let mut tokens = Vec::new();
    let mut rest = line;
    loop {
        let before = rest.len();
        rest = rest.trim_start();
        let blanks = before - rest.len();
        if rest.is_empty() || (rest.starts_with('#') && (tokens.is_empty() || blanks >= 2)) {
            return Ok(tokens);
        }
        let (token, after) = match rest.strip_prefix('"') {
            Some(quoted) => {
                let (label, after) = quoted.split_once('"').ok_or_else(|| {
                    Mistake::at(
                        number,
                        format!("expected a second quote after `\"{quoted}`"),
                    )
                })?;
                (Token::Label(label), after)
            }
            None => {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                (Token::Word(word), after)
            }
        };
        tokens.push(token);
        rest = after;
    }
}

impl<'t> Fields<'t> {
    /// All tokens of these lines.
    pub(super) fn of(block: Vec<Line<'t>>) -> Self {
        let line = block.first().map_or(0, |line| line.number);
        let tokens: Vec<_> = block
            .into_iter()
            .flat_map(|line| {
                line.tokens
                    .into_iter()
                    .map(move |token| (line.number, token))
            })
            .collect();
        Self {
            tokens: tokens.into_iter().peekable(),
            line,
        }
    }

    fn next(&mut self) -> Option<Token<'t>> {
        let (line, token) = self.tokens.next()?;
        self.line = line;
        Some(token)
    }

    /// A mistake where the last token stood.
    pub(super) fn mistake(&self, expected: &str, found: Option<Token<'_>>) -> Mistake {
        let found = match found {
            Some(Token::Word(word)) => format!("`{word}`"),
            Some(Token::Label(label)) => format!("`\"{label}\"`"),
            None => "the end of the entry".to_owned(),
        };
        Mistake::at(self.line, format!("expected {expected}, found {found}"))
    }

    /// The next word, which must be there.
    pub(super) fn word(&mut self, expected: &str) -> Result<&'t str, Mistake> {
        match self.next() {
            Some(Token::Word(word)) => Ok(word),
            other => Err(self.mistake(expected, other)),
        }
    }

    /// The next token, if it is a label.
    pub(super) fn label(&mut self) -> Cow<'t, str> {
        match self
            .tokens
            .next_if(|(_, token)| matches!(token, Token::Label(_)))
        {
            Some((_, Token::Label(label))) => label.into(),
            _ => "".into(),
        }
    }

    /// The next word, if there is one and `wanted` says so.
    pub(super) fn word_if(&mut self, wanted: impl Fn(&str) -> bool) -> Option<&'t str> {
        let next = self
            .tokens
            .next_if(|(_, token)| matches!(token, Token::Word(word) if wanted(word)));
        match next {
            Some((line, Token::Word(word))) => {
                self.line = line;
                Some(word)
            }
            _ => None,
        }
    }

    /// All that is left, which must be words.
    pub(super) fn words(&mut self, expected: &str) -> Result<Vec<Cow<'t, str>>, Mistake> {
        let mut words = Vec::new();
        while self.tokens.peek().is_some() {
            words.push(self.word(expected)?.into());
        }
        Ok(words)
    }

    /// That nothing is left, or what would have been expected.
    pub(super) fn end(&mut self, expected: &str) -> Result<(), Mistake> {
        match self.next() {
            None => Ok(()),
            found => Err(self.mistake(expected, found)),
        }
    }
}
