//! Secrets by reference: a file or an environment variable, never the value itself in a configuration file.
//!
//! Invariant: a [`Secret`] is never printed (`Debug` and `Display` say `[redacted]`), never empty, and not taken
//! from a file that everyone on the machine can read.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::permissions;

/// How the message for a secret that stands in the file itself begins; such an excerpt is masked.
pub(crate) const INLINE_SECRET: &str = "a secret does not stand in the file itself";

/// The longest secret that is read, in bytes: a token or a PEM key fits easily.
const MAX_BYTES: u64 = 64 << 10;

/// Where a secret is: `{ file = "token.txt" }` or `{ env = "BRIDGE_TOKEN" }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretRef {
    /// The content of this file, without line ends at its end. A relative path starts at the configuration's folder.
    File(PathBuf),
    /// The value of this environment variable.
    Env(String),
}

/// A secret value. [`Secret::expose`] is the only way to it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// Why a secret is not usable. No variant holds the value.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file is missing or not readable.
    #[error("secret file {}: could not be read: {cause}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said. Part of the message, so not a `source`.
        cause: io::Error,
    },
    /// Everyone on the machine can read or change the file.
    #[error("secret file {path}: {problem}; run: {remedy}", path = path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// What is open to whom.
        problem: String,
        /// The command that mends it.
        remedy: String,
    },
    /// The environment variable is not set, or is not text.
    #[error("secret from the environment: {name} is not set (or is not UTF-8)")]
    NotSet {
        /// The variable.
        name: String,
    },
    /// There is nothing in it.
    #[error("secret from {place}: it is empty")]
    Empty {
        /// The file or variable.
        place: String,
    },
    /// The file holds something else than a secret.
    #[error("secret file {}: {problem}", path.display())]
    NotASecret {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
    },
}

impl SecretRef {
    /// Reads the secret. `base_dir` is the folder that relative files start at: that of the configuration file.
    ///
    /// # Errors
    /// [`SecretError`], which names the file or variable and what to do, never the value.
    pub fn resolve(&self, base_dir: &Path) -> Result<Secret, SecretError> {
        match self {
            Self::File(path) => from_file(&base_dir.join(path)),
            Self::Env(name) => match std::env::var(name) {
                Ok(value) => not_empty(value, || name.clone()),
                Err(std::env::VarError::NotPresent | std::env::VarError::NotUnicode(_)) => {
                    Err(SecretError::NotSet { name: name.clone() })
                }
            },
        }
    }
}

impl Secret {
    /// The value itself. Give it to what needs it, never to a log, an error or a file that others can read.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

fn from_file(path: &Path) -> Result<Secret, SecretError> {
    let unreadable = |cause| SecretError::Read {
        path: path.to_owned(),
        cause,
    };
    let file = File::open(path).map_err(unreadable)?;
    // Asked of the open file, so that what is checked is what is read.
    let metadata = file.metadata().map_err(unreadable)?;
    permissions::check(path, &metadata)?;
    let mut bytes = Vec::new();
    let read = file.take(MAX_BYTES + 1).read_to_end(&mut bytes);
    if read.map_err(unreadable)? as u64 > MAX_BYTES {
        return Err(not_a_secret(path, "it is longer than 64 KiB"));
    }
    // The decoding error would name bytes of the secret.
    let Ok(text) = String::from_utf8(bytes) else {
        return Err(not_a_secret(path, "it is not UTF-8 text"));
    };
    let text = text
        .trim_start_matches('\u{feff}')
        .trim_end_matches(['\r', '\n']);
    not_empty(text.to_owned(), || path.display().to_string())
}

fn not_a_secret(path: &Path, problem: &'static str) -> SecretError {
    SecretError::NotASecret {
        path: path.to_owned(),
        problem,
    }
}

fn not_empty(value: String, place: impl FnOnce() -> String) -> Result<Secret, SecretError> {
    if value.trim().is_empty() {
        return Err(SecretError::Empty { place: place() });
    }
    Ok(Secret(value))
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "snake_case", variant_identifier)]
enum Kind {
    File,
    Env,
}

/// Derived code would print a value of the wrong type in its message, which here could be the secret itself.
impl<'de> Deserialize<'de> for SecretRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RefVisitor)
    }
}

struct RefVisitor;

fn inline<T, E: Error>() -> Result<T, E> {
    Err(E::custom(INLINE_SECRET))
}

impl<'de> Visitor<'de> for RefVisitor {
    type Value = SecretRef;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(r#"{ file = "…" } or { env = "NAME" }"#)
    }

    fn visit_bool<E: Error>(self, _value: bool) -> Result<SecretRef, E> {
        inline()
    }

    fn visit_i64<E: Error>(self, _value: i64) -> Result<SecretRef, E> {
        inline()
    }

    fn visit_f64<E: Error>(self, _value: f64) -> Result<SecretRef, E> {
        inline()
    }

    fn visit_str<E: Error>(self, _value: &str) -> Result<SecretRef, E> {
        inline()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _values: A) -> Result<SecretRef, A::Error> {
        inline()
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SecretRef, A::Error> {
        let found = match map.next_key::<Kind>()? {
            Some(Kind::File) => SecretRef::File(map.next_value()?),
            Some(Kind::Env) => SecretRef::Env(map.next_value()?),
            None => return Err(A::Error::custom("a secret needs `file` or `env`")),
        };
        match map.next_key::<Kind>()? {
            None => Ok(found),
            Some(Kind::File | Kind::Env) => Err(A::Error::custom(
                "a secret comes from `file` or from `env`, not from both",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::{Secret, SecretError, SecretRef};

    #[derive(serde::Deserialize)]
    struct Sample {
        token: SecretRef,
    }

    fn write(folder: &Path, name: &str, content: &[u8]) -> SecretRef {
        let path = folder.join(name);
        std::fs::write(&path, content).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        SecretRef::File(PathBuf::from(name))
    }

    #[test]
    fn both_kinds_are_read_from_toml() {
        for (text, want) in [
            (
                "token = { file = \"t.txt\" }",
                SecretRef::File("t.txt".into()),
            ),
            (
                "token.env = \"BRIDGE_TOKEN\"",
                SecretRef::Env("BRIDGE_TOKEN".into()),
            ),
        ] {
            let sample: Sample = crate::parse(text, "a.toml").unwrap();
            assert_eq!(sample.token, want, "{text}");
        }
        for text in [
            "token = { fle = \"t\" }",
            "token = { file = \"t\", env = \"T\" }",
            "token = {}",
        ] {
            assert!(crate::parse::<Sample>(text, "a.toml").is_err(), "{text}");
        }
    }

    #[test]
    fn files_are_trimmed_at_their_end_only() {
        let folder = tempfile::tempdir().unwrap();
        for (content, want) in [
            (&b"s3cret\r\n"[..], Some("s3cret")),
            (b"\xef\xbb\xbfs3cret", Some("s3cret")),
            (b" two words \n\n", Some(" two words ")),
            (b"", None),
            (b" \n", None),
            (b"\xff\xfe", None),
        ] {
            let found = write(folder.path(), "t", content).resolve(folder.path());
            assert_eq!(found.as_ref().ok().map(Secret::expose), want, "{content:?}");
        }
        let long = write(folder.path(), "long", &[b'x'; 70_000]).resolve(folder.path());
        assert!(
            matches!(long, Err(SecretError::NotASecret { .. })),
            "{long:?}"
        );
        let missing = SecretRef::File("none".into()).resolve(folder.path());
        assert!(
            matches!(missing, Err(SecretError::Read { .. })),
            "{missing:?}"
        );
    }

    #[test]
    fn the_environment_is_read() {
        let home = SecretRef::Env("PATH".into()).resolve(Path::new("."));
        assert_eq!(home.unwrap().expose(), std::env::var("PATH").unwrap());
        let none = SecretRef::Env("LEGACY_BRIDGE_NOT_SET".into()).resolve(Path::new("."));
        assert!(matches!(none, Err(SecretError::NotSet { .. })), "{none:?}");
    }

    #[test]
    fn a_secret_is_never_printed() {
        let folder = tempfile::tempdir().unwrap();
        let secret = write(folder.path(), "t", b"s3cret")
            .resolve(folder.path())
            .unwrap();
        let shown = format!("{secret} {secret:?} {:?} {:#?}", Some(&secret), [&secret]);
        assert!(!shown.contains("s3cret"), "{shown}");
        assert!(shown.starts_with("[redacted] [redacted]"), "{shown}");
    }
}
