//! What a spool takes as a name or a size, and how it says no. Names become keys of the index, separated by NUL, and
//! are kept in memory, hence short and without control characters. Pure.

use crate::error::SpoolError;

/// Longest claim, lane, mark, reader name, in bytes.
pub(crate) const MAX_NAME: usize = 255;
/// Longest occurrence key, in bytes.
pub(crate) const MAX_KEY: usize = 1024;
/// Largest memo of a commit, in bytes.
pub(crate) const MAX_MEMO: usize = 64 << 10;
/// Largest tag of a block, in bytes.
pub(crate) const MAX_TAG: usize = 32 << 10;
/// Longest text in a dead letter, in bytes.
pub(crate) const MAX_TEXT: usize = 4 << 10;

/// Checks a name of at most `limit` bytes.
pub(crate) fn check(what: &'static str, name: &str, limit: usize) -> Result<(), SpoolError> {
    let invalid = |problem| Err(SpoolError::Invalid { what, problem });
    if name.is_empty() {
        return invalid("is empty; a name is needed".to_owned());
    }
    if name.len() > limit {
        return invalid(format!(
            "has {} bytes, at most {limit} are allowed",
            name.len()
        ));
    }
    if name.bytes().any(|byte| byte.is_ascii_control()) {
        return invalid("has a control character; only printable text is allowed".to_owned());
    }
    Ok(())
}

/// Checks the size of something that is not a name.
pub(crate) fn check_size(what: &'static str, size: usize, limit: usize) -> Result<(), SpoolError> {
    if size > limit {
        let problem = format!("has {size} bytes, at most {limit} are allowed");
        return Err(SpoolError::Invalid { what, problem });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let long = "x".repeat(MAX_NAME + 1);
        for (name, good) in [
            ("a", true),
            ("cursor/relay/state", true),
            ("ü", true),
            ("", false),
            ("a\0b", false),
            ("a\n", false),
            (&*long, false),
        ] {
            assert_eq!(check("claim", name, MAX_NAME).is_ok(), good, "{name:?}");
        }
    }
}
