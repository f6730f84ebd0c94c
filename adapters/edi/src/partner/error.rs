//! A partner's file that cannot be used: which file, where in it, what is wrong and what to write instead.
//! Invariant: the place is within the text that was given.

use std::fmt;
use std::ops::Range;

/// The first mistake in a partner's file.
///
/// Whoever has the file can show the place ([`AgreementError::span`]); by itself it names file and line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreementError {
    file: String,
    line: usize,
    span: Range<usize>,
    message: String,
    hint: Option<String>,
}

/// A mistake at a place, in a file that is not named yet.
#[derive(Debug)]
pub(super) struct Mistake {
    pub(super) span: Range<usize>,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

impl Mistake {
    pub(super) fn at(span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
            hint: None,
        }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(super) fn within(self, file: &str, text: &str) -> AgreementError {
        let before = text.get(..self.span.start).unwrap_or(text);
        AgreementError {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            span: self.span,
            message: self.message,
            hint: self.hint,
        }
    }
}

impl AgreementError {
    /// Where in the text, in bytes.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// What is wrong.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to write instead, where that is known.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for AgreementError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.file, self.line, self.message)?;
        match &self.hint {
            Some(hint) => write!(formatter, "; {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for AgreementError {}
