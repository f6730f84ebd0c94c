//! Why a dictionary could not be read. One kind: whoever wrote the file must look at that line.

/// A mistake in a dictionary or guide.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {message}", line.map(|line| format!(":{line}")).unwrap_or_default())]
pub struct DictionaryError {
    /// The file, by the name it was given with.
    pub file: String,
    /// The line, counted from 1; none where the open JSON form is well formed but says something impossible.
    pub line: Option<usize>,
    /// What was found there and what was expected.
    pub message: String,
}

/// A mistake before it is known in which file it stands.
#[derive(Debug)]
pub(super) struct Mistake {
    pub(super) line: usize,
    pub(super) message: String,
}

impl Mistake {
    /// A mistake at a line; 0 where there is none to name.
    pub(super) fn at(line: usize, message: impl Into<String>) -> Self {
        Self {
            line,
            message: message.into(),
        }
    }

    pub(super) fn within(self, file: &str) -> DictionaryError {
        DictionaryError {
            file: file.to_owned(),
            line: (self.line > 0).then_some(self.line),
            message: self.message,
        }
    }
}
