//! How text looks on a terminal, and what of a file may go there at all.
//! Invariant: no control character of a file reaches the terminal; without colours, output is plain text.

use std::fmt;
use std::io::{self, IsTerminal as _};

use clap::ValueEnum;

/// When output is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// What one looks for.
    Name,
    /// What helps to read the rest.
    Aside,
    /// An error, or something rejected.
    Bad,
    /// A warning.
    Doubtful,
    /// Something accepted.
    Good,
}

/// Colours text, or does not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paint(bool);

impl Paint {
    /// Colours for standard output.
    #[must_use]
    pub(super) fn for_output(colour: Colour) -> Self {
        Self(match colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => io::stdout().is_terminal() && is_wanted(),
        })
    }

    /// Colours for standard error.
    #[must_use]
    pub(super) fn for_errors() -> Self {
        Self(io::stderr().is_terminal() && is_wanted())
    }

    /// The text in the colour of its role.
    pub(super) fn paint<T: fmt::Display>(self, role: Role, text: T) -> Painted<T> {
        Painted {
            role: self.0.then_some(role),
            text,
        }
    }
}

/// Whether whoever reads a terminal wants colours.
fn is_wanted() -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    !refused && !dumb
}

/// Text with its colour.
pub(super) struct Painted<T> {
    role: Option<Role>,
    text: T,
}

impl<T: fmt::Display> fmt::Display for Painted<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(role) = self.role else {
            return self.text.fmt(out);
        };
        let code = match role {
            Role::Name => "1",
            Role::Aside => "2",
            Role::Bad => "31",
            Role::Doubtful => "33",
            Role::Good => "32",
        };
        write!(out, "\x1b[{code}m")?;
        self.text.fmt(out)?;
        out.write_str("\x1b[0m")
    }
}

/// A value of a file for people: control characters are spelt, and what is longer than `most` characters is cut.
#[must_use]
pub(super) fn safe(text: &str, most: usize) -> String {
    let mut safe = String::with_capacity(text.len().min(most));
    for (place, character) in text.chars().enumerate() {
        if place == most {
            let more = text.chars().count() - most;
            safe.push_str(&format!("… ({more} more)"));
            break;
        }
        if character.is_control() {
            safe.extend(character.escape_default());
        } else {
            safe.push(character);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::{Paint, Role, safe};

    #[test]
    fn values_cannot_steer_the_terminal() {
        for (text, want) in [
            ("Größe 8", "Größe 8"),
            ("\u{1b}[2J", "\\u{1b}[2J"),
            ("a\r\nb", "a\\r\\nb"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("abcdefghijkl", "abcdefgh… (4 more)"),
        ] {
            assert_eq!(safe(text, 8), want.get(..want.len()).unwrap_or_default());
        }
    }

    #[test]
    fn width_holds_with_colours() {
        let plain = format!("{:<4}|", Paint(false).paint(Role::Bad, "ab"));
        let red = format!("{:<4}|", Paint(true).paint(Role::Bad, "ab"));
        assert_eq!(
            (plain.as_str(), red.as_str()),
            ("ab  |", "\u{1b}[31mab  \u{1b}[0m|")
        );
    }
}
