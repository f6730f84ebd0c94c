//! Envelope ids and digests, so that any replay is harmless.
//! Never looks at what a mapping computes, besides the subject: a mended mapping gives the same id.
//! Invariant: the same source, type, subject, occurrence and revision give the same id, for ever.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

use crate::text::{Inline, clip, read_as_text};

/// 32 bytes of SHA-256, written as 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

/// A CloudEvents id: `lb1-` and 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnvelopeId(pub [u8; 32]);

/// A text that is not a digest or an envelope id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, found {found:?}")]
pub struct IdError {
    expected: &'static str,
    found: String,
}

/// The id of an envelope: SHA-256 over the version tag and the five parts, joined by newlines.
/// None of the parts may hold a newline; [`crate::entity::Entity::subject`] escapes them.
///
/// ```
/// use canonical::id::envelope_id;
/// let id = envelope_id("urn:legacy-bridge:acme:a1", "dev.legacybridge.product.v1", "product/B1", "01J#0", 0);
/// assert!(id.to_string().starts_with("lb1-"));
/// ```
pub fn envelope_id(
    source: &str,
    event_type: &str,
    subject: &str,
    occurrence: &str,
    revision: u32,
) -> EnvelopeId {
    let mut hash = Sha256::new();
    hash.update(b"lb1");
    for part in [source, event_type, subject, occurrence] {
        hash.update(b"\n");
        hash.update(part.as_bytes());
    }
    hash.update(b"\n");
    hash.update(revision.to_string().as_bytes());
    EnvelopeId(hash.finalize().into())
}

/// The digest that travels beside an id: SHA-256 of a document's JSON without its `provenance`, which
/// says how the document came (ingest id, time) and differs when a partner sends the same interchange twice.
/// Only JSON in the order this crate writes it has its provenance left out; other bytes count whole.
pub fn data_digest(data: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    match provenance_range(data) {
        Some((start, end)) => {
            hash.update(data.get(..start).unwrap_or_default());
            hash.update(data.get(end..).unwrap_or_default());
        }
        None => hash.update(data),
    }
    hash.finalize().into()
}

/// Where `"provenance":{…}` stands: always the second member, after `schema_version`.
fn provenance_range(data: &[u8]) -> Option<(usize, usize)> {
    const OPEN: &[u8] = b"{\"schema_version\":\"";
    const KEY: &[u8] = b"\",\"provenance\":{";
    let version = data.strip_prefix(OPEN)?;
    let digits = version.iter().take(16).position(|byte| *byte == b'"')?;
    let rest = version.get(digits..)?.strip_prefix(KEY)?;
    let start = data.len() - rest.len() - 1;
    let (mut depth, mut in_text, mut escaped) = (1_u32, false, false);
    for (at, byte) in rest.iter().enumerate() {
        match (in_text, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_text = !in_text,
            (false, b'{' | b'[') => depth += 1,
            (false, b'}' | b']') => depth -= 1,
            (true | false, _) => {}
        }
        if depth == 0 {
            return Some((start, start + 1 + at + 1));
        }
    }
    None
}

impl Digest {
    /// SHA-256 of `bytes`, whole.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl From<[u8; 32]> for Digest {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl FromStr for Digest {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let error = || IdError {
            expected: "64 lower-case hex digits",
            found: clip(text),
        };
        from_hex(text).map(Self).ok_or_else(error)
    }
}

impl FromStr for EnvelopeId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let error = || IdError {
            expected: "lb1- and 64 lower-case hex digits",
            found: clip(text),
        };
        text.strip_prefix("lb1-")
            .and_then(from_hex)
            .map(Self)
            .ok_or_else(error)
    }
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let nibble = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let mut bytes = [0; 32];
    if pairs.len() != bytes.len() || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = nibble(*high)? << 4 | nibble(*low)?;
    }
    Some(bytes)
}

fn hex(bytes: &[u8; 32]) -> Inline<64> {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    let mut text = [0_u8; 64];
    for (pair, byte) in text.as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
        let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'0');
        *pair = [digit(byte >> 4), digit(byte & 15)];
    }
    Inline::full(&text)
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(hex(&self.0).as_str())
    }
}

impl fmt::Display for EnvelopeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("lb1-")?;
        f.write_str(hex(&self.0).as_str())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl fmt::Debug for EnvelopeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EnvelopeId({self})")
    }
}

impl serde::Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl serde::Serialize for EnvelopeId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

read_as_text!(Digest, { "type": "string", "pattern": "^[0-9a-f]{64}$" });
read_as_text!(EnvelopeId, { "type": "string", "pattern": "^lb1-[0-9a-f]{64}$" });

#[cfg(test)]
mod tests {
    use super::{Digest, EnvelopeId, data_digest, envelope_id};

    #[test]
    fn the_id_is_the_hash_of_the_joined_parts() {
        let id = envelope_id("s", "t", "u", "o", 3);
        assert_eq!(Digest(id.0), Digest::of(b"lb1\ns\nt\nu\no\n3"));
        assert_eq!(id.to_string().parse::<EnvelopeId>().unwrap(), id);
        for other in [
            envelope_id("x", "t", "u", "o", 3),
            envelope_id("s", "x", "u", "o", 3),
            envelope_id("s", "t", "x", "o", 3),
            envelope_id("s", "t", "u", "x", 3),
            envelope_id("s", "t", "u", "o", 4),
        ] {
            assert_ne!(other, id);
        }
    }

    #[test]
    fn the_empty_digest_is_the_published_one() {
        let text = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Digest::of(b"").to_string(), text);
        assert_eq!(text.parse::<Digest>().unwrap(), Digest::of(b""));
        for bad in [
            "",
            "e3",
            &text.to_uppercase(),
            &text.replace('e', "g"),
            &format!("{text}0"),
        ] {
            assert!(bad.parse::<Digest>().is_err(), "{bad:?}");
        }
        assert!(text.parse::<EnvelopeId>().is_err());
    }

    #[test]
    fn the_way_a_document_came_is_not_part_of_its_digest() {
        let with = |provenance: &str, sku: &str| {
            data_digest(
                format!(r#"{{"schema_version":"1.0",{provenance}"sku":"{sku}"}}"#).as_bytes(),
            )
        };
        let a = with(
            r#""provenance":{"ingest_id":"1","file":{"name":"a\"}{\\"},"x":[{}]},"#,
            "A",
        );
        let b = with(r#""provenance":{"ingest_id":"2"},"#, "A");
        let c = with(r#""provenance":{"ingest_id":"2"},"#, "B");
        assert_eq!(a, b);
        assert_ne!(b, c);
        assert_ne!(with("", "A"), with("", "B"));
        for odd in [
            &b""[..],
            b"{",
            b"{\"schema_version\":\"1.0\",\"provenance\":{\"a\":\"",
            b"[1]",
        ] {
            assert_eq!(Digest(data_digest(odd)), Digest::of(odd), "counted whole");
        }
    }
}
