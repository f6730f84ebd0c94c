//! Reads a TOML file into a type, and turns what the parser says into a [`ConfigError`] with a remedy.
//!
//! Never reads more than [`MAX_BYTES`]: a configuration file larger than that is a wrong file.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;

use serde::de::DeserializeOwned;

use crate::error::ConfigError;
use crate::secret::INLINE_SECRET;
use crate::suggest::nearest;

/// The longest configuration file that is read, in bytes.
pub const MAX_BYTES: u64 = 4 << 20;

/// Reads the file at `path` as `T`.
///
/// # Errors
/// [`ConfigError::Read`] when the file cannot be read or is longer than [`MAX_BYTES`], otherwise as [`parse`].
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<T, ConfigError> {
    let name = path.display().to_string();
    let mut bytes = Vec::new();
    let found = File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes));
    let found = found.and_then(|read| {
        if read as u64 > MAX_BYTES {
            let text = format!("longer than {MAX_BYTES} bytes, which no configuration is");
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        Ok(())
    });
    if let Err(cause) = found {
        return Err(ConfigError::Read { name, cause });
    }
    match String::from_utf8(bytes) {
        Ok(text) => parse(&text, &name),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes());
            let hint = "save the file as UTF-8 (in the editor: Save as, Encoding)".to_owned();
            let message = "this byte is not UTF-8";
            Err(ConfigError::at(&name, &text, at..at, message, Some(hint)))
        }
    }
}

/// Reads `text` as `T`; `name` is what errors call the text, usually its path.
///
/// # Errors
/// [`ConfigError::Invalid`] at the first mistake: wrong TOML, or something `T` does not accept.
pub fn parse<T: DeserializeOwned>(text: &str, name: &str) -> Result<T, ConfigError> {
    if let Some(span) = drive_path_in_double_quotes(text) {
        let message =
            "a backslash inside double quotes starts an escape, so this path is not what it seems";
        let hint = r"put the path in single quotes, as in 'D:\export'".to_owned();
        return Err(ConfigError::at(name, text, span, message, Some(hint)));
    }
    toml::from_str(text).map_err(|error| explain(&error, text, name))
}

/// Where a path such as `"D:\export"` stands in double quotes. TOML reads its `\e` as the escape character and its
/// `\t` as a tab, so that most of these would be accepted as another path than the one that was meant.
fn drive_path_in_double_quotes(text: &str) -> Option<Range<usize>> {
    let mut line_start = 0;
    for line in text.split_inclusive('\n') {
        if let Some(span) = drive_path_on(line) {
            return Some(line_start + span.start..line_start + span.end);
        }
        line_start += line.len();
    }
    None
}

fn drive_path_on(line: &str) -> Option<Range<usize>> {
    let mut inside = None;
    let mut bytes = line.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match (inside, byte) {
            (None, b'#') => return None,
            (None, b'"') => {
                let path = line.get(at + 1..).unwrap_or_default();
                if let [drive, b':', b'\\', next, ..] = path.as_bytes()
                    && drive.is_ascii_alphabetic()
                    && *next != b'\\'
                {
                    let end = path.find('"').map_or(line.len(), |length| at + length + 2);
                    return Some(at..end);
                }
                inside = Some(byte);
            }
            (None, b'\'') => inside = Some(byte),
            (Some(b'"'), b'\\') => drop(bytes.next()),
            (Some(quote), _) if quote == byte => inside = None,
            (None | Some(_), _) => {}
        }
    }
    None
}

fn explain(error: &toml::de::Error, text: &str, name: &str) -> ConfigError {
    let message = error.message().replace('\n', ", ");
    let span = pointed(&message, error.span().unwrap_or(0..0), text);
    if message.starts_with(INLINE_SECRET) {
        let hint = r#"write { file = "path of a file that holds it" } or { env = "NAME" }"#;
        let shown = ConfigError::at(name, text, span, message, Some(hint.to_owned()));
        return match shown {
            ConfigError::Invalid(mistake) => ConfigError::Invalid(Box::new(mistake.mask())),
            read @ ConfigError::Read { .. } => read,
        };
    }
    let hint = hint_for(&message);
    ConfigError::at(name, text, span, message, hint)
}

/// A missing key has no place of its own: the parser gives the whole table, of which the header is shown.
fn pointed(message: &str, span: Range<usize>, text: &str) -> Range<usize> {
    if !message.starts_with("missing field") {
        return span;
    }
    let line_end = |at: usize| {
        let rest = text.get(at..).unwrap_or_default();
        at + rest.find('\n').unwrap_or(rest.len())
    };
    span.start..span.end.min(line_end(span.start))
}

/// What to write instead, from what serde and the TOML parser say.
fn hint_for(message: &str) -> Option<String> {
    if message.starts_with("unknown field") || message.starts_with("unknown variant") {
        let mut words = message.split('`').skip(1).step_by(2);
        let found = words.next()?;
        let known: Vec<&str> = words.collect();
        return nearest(found, known).map(|word| format!("did you mean `{word}`?"));
    }
    if let Some(field) = message.strip_prefix("missing field ") {
        return Some(format!("add {field} here"));
    }
    if message.starts_with("invalid type: string") {
        let wanted = message.rsplit("expected ").next().unwrap_or_default();
        let bare = wanted == "a boolean" || wanted.starts_with(['u', 'i', 'f']);
        return bare.then(|| "write it without quotes".to_owned());
    }
    if message.starts_with("invalid type:") && message.ends_with("expected a string") {
        return Some("put it in double quotes".to_owned());
    }
    if message.contains("escape") {
        let text = r"text with backslashes goes into single quotes, as in '\\server\share'";
        return Some(text.to_owned());
    }
    None
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::{Path, PathBuf};

    use expect_test::{Expect, expect};
    use serde::Deserialize;

    use super::{ConfigError, parse, read};
    use crate::{SecretRef, Spanned};

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[serde(default)]
        feeds: BTreeMap<Spanned<String>, Feed>,
        token: Option<SecretRef>,
        retries: Option<u8>,
        folder: Option<String>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Feed {
        from: From,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum From {
        Directory(PathBuf),
        Sftp(Sftp),
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sftp {
        host: String,
        port: u16,
    }

    fn check(text: &str, want: Expect) {
        let error = parse::<Sample>(text, "agent.toml").expect_err("this text is wrong");
        want.assert_eq(&error.to_string());
    }

    #[test]
    fn good_text_is_read() {
        let text = "\u{feff}retries = 3\r\ntoken.env = \"TOKEN\"\r\n[feeds.a]\r\nfrom.sftp = { host = \"h\", port = 22 }\r\n[feeds.b]\r\nfrom.directory = 'D:\\out'\r\n";
        let sample: Sample = parse(text, "agent.toml").unwrap();
        assert_eq!(sample.retries, Some(3));
        let (key, feed) = sample.feeds.iter().next().unwrap();
        assert_eq!(text.get(key.span()), Some("a"));
        assert!(matches!(&feed.from, From::Sftp(Sftp { host, port: 22 }) if host == "h"));
        let folder = sample.feeds.values().last().map(|feed| &feed.from);
        assert!(matches!(folder, Some(From::Directory(path)) if path == Path::new(r"D:\out")));
        assert_eq!(sample.token, Some(SecretRef::Env("TOKEN".into())));
    }

    #[test]
    fn a_mistyped_key_is_pointed_at() {
        check(
            "[feeds.a]\n\nfrom.sftp = { host = \"h\", prot = 22 }\n",
            expect![[r#"
                agent.toml:3:27: unknown field `prot`, expected `host` or `port`
                  3 | from.sftp = { host = "h", prot = 22 }
                    |                           ^^^^
                  did you mean `port`?"#]],
        );
    }

    #[test]
    fn a_mistyped_kind_is_pointed_at() {
        check(
            "[feeds.a]\nfrom.directoy = '/x'\n",
            expect![[r#"
            agent.toml:2:6: unknown variant `directoy`, expected `directory` or `sftp`
              2 | from.directoy = '/x'
                |      ^^^^^^^^
              did you mean `directory`?"#]],
        );
    }

    #[test]
    fn a_missing_key_is_said_at_its_table() {
        check(
            "retries = 1\n[feeds.a]\nfrom.sftp = { host = \"h\" }\n",
            expect![[r#"
                agent.toml:3:13: missing field `port`
                  3 | from.sftp = { host = "h" }
                    |             ^^^^^^^^^^^^^^
                  add `port` here"#]],
        );
        check(
            "[feeds.a]\n[feeds.b]\n",
            expect![[r#"
            agent.toml:1:1: missing field `from`
              1 | [feeds.a]
                | ^^^^^^^^^
              add `from` here"#]],
        );
    }

    #[test]
    fn wrong_types_say_how_to_write_it() {
        check(
            "retries = \"3\"",
            expect![[r#"
            agent.toml:1:11: invalid type: string "3", expected u8
              1 | retries = "3"
                |           ^^^
              write it without quotes"#]],
        );
        check(
            "folder = 5",
            expect![[r#"
            agent.toml:1:10: invalid type: integer `5`, expected a string
              1 | folder = 5
                |          ^
              put it in double quotes"#]],
        );
        check(
            "retries = 300",
            expect![[r#"
            agent.toml:1:11: invalid value: integer `300`, expected u8
              1 | retries = 300
                |           ^^^"#]],
        );
    }

    #[test]
    fn broken_toml_is_pointed_at() {
        check(
            "retries = 1\nfolder = \"D:\\export\"\n",
            expect![[r#"
            agent.toml:2:10: a backslash inside double quotes starts an escape, so this path is not what it seems
              2 | folder = "D:\export"
                |          ^^^^^^^^^^^
              put the path in single quotes, as in 'D:\export'"#]],
        );
        check(
            "folder = \"\\\\server\\share\"\n",
            expect![[r#"
            agent.toml:1:20: missing escaped value, expected `b`, `e`, `f`, `n`, `r`, `\`, `"`, `x`, `u`, `U`
              1 | folder = "\\server\share"
                |                    ^
              text with backslashes goes into single quotes, as in '\\server\share'"#]],
        );
        check(
            "folder = \"abc\nretries = 1\n",
            expect![[r#"
            agent.toml:1:14: invalid basic string, expected `"`
              1 | folder = "abc
                |              ^"#]],
        );
        check(
            "retries = 1\nretries = 2\n",
            expect![[r#"
            agent.toml:2:1: duplicate key
              2 | retries = 2
                | ^^^^^^^"#]],
        );
    }

    #[test]
    fn paths_written_well_are_read() {
        for (text, want) in [
            (r"folder = 'D:\export'", r"D:\export"),
            (r#"folder = "D:\\export""#, r"D:\export"),
            (r#"folder = "D:/export" # not "D:\export""#, "D:/export"),
            (r#"folder = '"D:\export"'"#, r#""D:\export""#),
            (r#"folder = "a\"D:/\"b" "#, r#"a"D:/"b"#),
        ] {
            let found = parse::<Sample>(text, "agent.toml").map(|sample| sample.folder);
            assert_eq!(found.unwrap().as_deref(), Some(want), "{text}");
        }
    }

    #[test]
    fn a_secret_in_the_file_is_refused_and_not_shown() {
        for text in [
            "token = \"hunter2\" # hunter2",
            "token = 4711",
            "token = [\"hunter2\"]",
            "token = 4711.5",
            "token = true",
        ] {
            let shown = parse::<Sample>(text, "agent.toml").unwrap_err().to_string();
            assert!(
                !shown.contains("hunter2") && !shown.contains("4711"),
                "{shown}"
            );
        }
        check(
            "token = \"hunter2\" # hunter2",
            expect![[r#"
            agent.toml:1:9: a secret does not stand in the file itself
              1 | token = [redacted]
                |         ^^^^^^^^^^
              write { file = "path of a file that holds it" } or { env = "NAME" }"#]],
        );
    }

    #[test]
    fn a_file_that_is_not_utf8_says_where() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.toml");
        std::fs::write(&path, b"retries = 1\nfolder = \"M\xfcller\"\n").unwrap();
        let shown = read::<Sample>(&path).unwrap_err().to_string();
        let shown = shown.replace(&folder.path().display().to_string(), "DIR");
        assert!(shown.starts_with("DIR"), "{shown}");
        assert!(shown.contains(":2:12: this byte is not UTF-8"), "{shown}");
    }

    #[test]
    fn a_file_that_is_missing_or_too_long_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let error = read::<Sample>(&folder.path().join("none.toml")).unwrap_err();
        assert!(matches!(&error, ConfigError::Read { .. }), "{error}");
        assert!(error.name().ends_with("none.toml"));
        let long = folder.path().join("long.toml");
        std::fs::File::create(&long)
            .unwrap()
            .set_len(super::MAX_BYTES + 1)
            .unwrap();
        let error = read::<Sample>(&long).unwrap_err();
        assert!(
            error.to_string().contains("longer than 4194304 bytes"),
            "{error}"
        );
    }
}
