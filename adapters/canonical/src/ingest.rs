//! One claim: its id and what is constant for a whole file. Stored once per claim and block, never per row.
//! Never makes an id by itself: time and randomness are passed in.
//! Invariant: an `IngestId` is a ULID in its one canonical spelling, safe in a path and a header.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::date::DateTime;
use crate::provenance::{FileFacts, MappingRef};
use crate::text::{Inline, clip, text_value};

/// The claim's id: a ULID, 26 characters of Crockford's base 32 in upper case.
///
/// ```
/// use canonical::ingest::IngestId;
/// let id = IngestId::from_parts(1_795_423_300_120, 7);
/// assert_eq!(id.to_string().parse::<IngestId>()?, id);
/// assert_eq!(id.unix_millis(), 1_795_423_300_120);
/// # Ok::<(), canonical::ingest::IngestIdError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IngestId(Inline<26>);

/// A text that is not a ULID.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a ULID of 26 upper-case characters, found {0:?}")]
pub struct IngestIdError(String);

impl IngestId {
    /// From milliseconds since 1970 (48 bits count) and 80 bits of randomness.
    pub fn from_parts(unix_millis: u64, random: u128) -> Self {
        let mut buffer = [0; ulid::ULID_LEN];
        let text = ulid::Ulid::from_parts(unix_millis, random).array_to_str(&mut buffer);
        Self(Inline::new(text).unwrap_or(Inline::full(b"00000000000000000000000000")))
    }

    /// The 26 characters.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// When the id was made, milliseconds since 1970.
    pub fn unix_millis(&self) -> u64 {
        ulid::Ulid::from_string(self.as_str()).map_or(0, |id| id.timestamp_ms())
    }
}

impl FromStr for IngestId {
    type Err = IngestIdError;

    fn from_str(text: &str) -> Result<Self, IngestIdError> {
        let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'A'..=b'H' | b'J' | b'K' | b'M' | b'N' | b'P'..=b'T' | b'V'..=b'Z');
        let fits = text.len() == 26 && text.as_bytes().first().is_some_and(|first| *first <= b'7');
        if !fits || !text.bytes().all(digit) {
            return Err(IngestIdError(clip(text)));
        }
        Inline::new(text)
            .map(Self)
            .ok_or_else(|| IngestIdError(clip(text)))
    }
}

text_value!(IngestId, { "type": "string", "pattern": "^[0-7][0-9A-HJKMNP-TV-Z]{25}$" });

/// What is constant for a whole claim: which feed, which file, which mapping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ingest {
    /// The claim's id.
    pub ingest_id: IngestId,
    /// Name of the feed in the agent's configuration.
    pub feed: String,
    /// When the claim was made.
    pub received_at: DateTime,
    /// The file's facts.
    pub file: FileFacts,
    /// The mapping that read it, when one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mapping: Option<MappingRef>,
}

#[cfg(test)]
mod tests {
    use super::IngestId;

    #[test]
    fn only_the_canonical_spelling() {
        for (text, good) in [
            ("01JDC4Z8Q2W3E4R5T6Y7H8J9K0", true),
            ("7ZZZZZZZZZZZZZZZZZZZZZZZZZ", true),
            ("8ZZZZZZZZZZZZZZZZZZZZZZZZZ", false),
            ("01jdc4z8q2w3e4r5t6y7h8j9k0", false),
            ("01JDC4Z8Q2W3E4R5T6Y7H8J9KI", false),
            ("01JDC4Z8Q2W3E4R5T6Y7H8J9K", false),
            ("../../../../../../../../..", false),
            ("", false),
        ] {
            assert_eq!(text.parse::<IngestId>().is_ok(), good, "{text:?}");
        }
    }
}
