//! Standard Webhooks 1.0.0, symmetric signatures: `v1,` + base64 of HMAC-SHA256 over `id.timestamp.body`.
//!
//! Pure: the time is a value. Secrets are never printed. Comparison takes the same time wherever it fails.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// The header that names the message. The same on every repeat.
pub const ID_HEADER: &str = "webhook-id";
/// The header with the second of the attempt, Unix time.
pub const TIMESTAMP_HEADER: &str = "webhook-timestamp";
/// The header with one signature per secret, separated by spaces.
pub const SIGNATURE_HEADER: &str = "webhook-signature";
/// How far a message's timestamp may be from the receiver's clock: what the standard's own libraries use.
pub const TOLERANCE: Duration = Duration::from_mins(5);

/// Shortest and longest key, in bytes (Standard Webhooks 1.0.0, "Signature scheme").
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;
/// More signatures than any rotation has are an attack on the verifier's time.
const MOST_SIGNATURES: usize = 16;

/// Why a secret cannot be used. Says nothing of the secret itself.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The text after the optional `whsec_` is not base64.
    #[error("a webhook secret is `whsec_` followed by base64; this one is not base64")]
    Base64,
    /// The key is too short to be safe, or longer than the standard allows.
    #[error("a webhook secret holds 24 to 64 bytes, this one {found}")]
    Length {
        /// How many bytes it decodes to.
        found: usize,
    },
}

/// Why a message must not be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The timestamp is no Unix time.
    #[error("webhook-timestamp is not a Unix time in seconds")]
    Timestamp,
    /// The message is too old or from the future: a replay, or a clock that is wrong.
    #[error("webhook-timestamp is {off_by_seconds} s away from this clock")]
    Clock {
        /// How far off it is.
        off_by_seconds: u64,
    },
    /// No `v1` signature fits any of the keys.
    #[error("no signature matches")]
    Mismatch,
}

/// A symmetric signing key. Prints as `Key([redacted])`.
#[derive(Clone)]
pub struct Key(Hmac<Sha256>);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key([redacted])")
    }
}

impl Key {
    /// The key in a secret as the standard writes it: `whsec_` (optional) and base64 of 24 to 64 bytes.
    ///
    /// # Errors
    /// [`KeyError`] when it is not base64 or has the wrong length.
    pub fn parse(secret: &str) -> Result<Self, KeyError> {
        let secret = secret.trim();
        let encoded = secret.strip_prefix("whsec_").unwrap_or(secret);
        let bytes = STANDARD.decode(encoded).ok().ok_or(KeyError::Base64)?;
        if !KEY_BYTES.contains(&bytes.len()) {
            return Err(KeyError::Length { found: bytes.len() });
        }
        Hmac::new_from_slice(&bytes)
            .map(Self)
            .ok()
            .ok_or(KeyError::Length { found: bytes.len() })
    }

    /// The keyed hash with `id.timestamp.body` fed in.
    fn over(&self, id: &str, timestamp: u64, body: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(id.as_bytes());
        mac.update(b".");
        mac.update(timestamp.to_string().as_bytes());
        mac.update(b".");
        mac.update(body);
        mac
    }
}

/// The `webhook-signature` value: one `v1,…` per key, separated by spaces, in the keys' order.
///
/// `timestamp` is Unix time in seconds, `id` must not contain a dot.
pub fn sign(keys: &[Key], id: &str, timestamp: u64, body: &[u8]) -> String {
    let mut value = String::with_capacity(keys.len() * 48);
    for key in keys {
        if !value.is_empty() {
            value.push(' ');
        }
        value.push_str("v1,");
        STANDARD.encode_string(
            key.over(id, timestamp, body).finalize().into_bytes(),
            &mut value,
        );
    }
    value
}

/// Whether a message with these three headers and this raw body comes from a holder of one of `keys`.
///
/// `now` is the receiver's Unix time in seconds, `tolerance` how far the message may be from it, usually [`TOLERANCE`].
/// Any matching pair of key and signature wins; unknown signature versions are passed over.
///
/// # Errors
/// [`VerifyError`] says which of the checks failed.
pub fn verify(
    keys: &[Key],
    id: &str,
    timestamp: &str,
    signatures: &str,
    body: &[u8],
    now: u64,
    tolerance: Duration,
) -> Result<(), VerifyError> {
    let digits = !timestamp.is_empty() && timestamp.bytes().all(|byte| byte.is_ascii_digit());
    let sent: u64 = match timestamp.parse() {
        Ok(sent) if digits => sent,
        _ => return Err(VerifyError::Timestamp),
    };
    let off_by_seconds = now.abs_diff(sent);
    if off_by_seconds > tolerance.as_secs() {
        return Err(VerifyError::Clock { off_by_seconds });
    }
    let mut matched = false;
    for signature in signatures.split(' ').take(MOST_SIGNATURES) {
        let Some(encoded) = signature.strip_prefix("v1,") else {
            continue;
        };
        let Ok(claimed) = STANDARD.decode(encoded) else {
            continue;
        };
        for key in keys {
            // `verify_slice` compares in constant time; no early exit, so that which key fits does not show either.
            matched |= key.over(id, sent, body).verify_slice(&claimed).is_ok();
        }
    }
    if matched {
        Ok(())
    } else {
        Err(VerifyError::Mismatch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Vector {
        secret: &'static str,
        id: &'static str,
        timestamp: u64,
        body: &'static str,
        signature: &'static str,
    }

    /// Known answers: the first is the one the standard's libraries test with; the others were computed with Python's
    /// hmac module.
    const VECTORS: &[Vector] = &[
        Vector {
            secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            timestamp: 1_614_265_330,
            body: "{\"test\": 2432232314}",
            signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        },
        Vector {
            secret: "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw==",
            id: "lb1-0000",
            timestamp: 1,
            body: "",
            signature: "v1,GmtEguhFMhu3OdEysw3Ly25HTyagrRrO+DK3lxjcWnc=",
        },
        Vector {
            secret: "whsec_bmV3IHNlY3JldCBvZiAyNCBieXRlcyEh",
            id: "lb1-ffff",
            timestamp: 4_102_444_800,
            body: "[größe]",
            signature: "v1,dG0PuWJaHSEwdyau8HvJ1HnFj/BS+GcU+svvqiR+Lc8=",
        },
    ];

    fn key(secret: &str) -> Key {
        Key::parse(secret).unwrap()
    }

    fn check(vector: &Vector, signatures: &str, body: &str, now: u64) -> Result<(), VerifyError> {
        verify(
            &[key(vector.secret)],
            vector.id,
            &vector.timestamp.to_string(),
            signatures,
            body.as_bytes(),
            now,
            TOLERANCE,
        )
    }

    #[test]
    fn known_answers() {
        for vector in VECTORS {
            let signed = sign(
                &[key(vector.secret)],
                vector.id,
                vector.timestamp,
                vector.body.as_bytes(),
            );
            assert_eq!(signed, vector.signature, "{}", vector.id);
            assert_eq!(
                check(vector, &signed, vector.body, vector.timestamp),
                Ok(())
            );
        }
    }

    #[test]
    fn what_is_not_believed() {
        let vector = &VECTORS[0];
        let good = vector.signature;
        let at = vector.timestamp;
        for (signatures, body, now, want) in [
            (good, vector.body, at, Ok(())),
            (good, vector.body, at + 300, Ok(())),
            (good, vector.body, at - 300, Ok(())),
            (
                good,
                vector.body,
                at + 301,
                Err(VerifyError::Clock {
                    off_by_seconds: 301,
                }),
            ),
            (
                good,
                vector.body,
                at - 301,
                Err(VerifyError::Clock {
                    off_by_seconds: 301,
                }),
            ),
            (
                good,
                "{\"test\":2432232314}",
                at,
                Err(VerifyError::Mismatch),
            ),
            ("", vector.body, at, Err(VerifyError::Mismatch)),
            ("v1,", vector.body, at, Err(VerifyError::Mismatch)),
            ("v1,!!!", vector.body, at, Err(VerifyError::Mismatch)),
            ("v1,g0hM", vector.body, at, Err(VerifyError::Mismatch)),
            (
                "v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
                vector.body,
                at,
                Err(VerifyError::Mismatch),
            ),
            (
                "v1,AAAA v2,x v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
                vector.body,
                at,
                Ok(()),
            ),
        ] {
            assert_eq!(
                check(vector, signatures, body, now),
                want,
                "{signatures:?} at {now}"
            );
        }
        for timestamp in ["", "x", "-1614265330", "+1614265330", "1614265330.0"] {
            let keys = [key(vector.secret)];
            let got = verify(
                &keys,
                vector.id,
                timestamp,
                good,
                vector.body.as_bytes(),
                at,
                TOLERANCE,
            );
            assert_eq!(got, Err(VerifyError::Timestamp), "{timestamp:?}");
        }
    }

    #[test]
    fn during_a_rotation_either_secret_fits() {
        let old = key(VECTORS[0].secret);
        let new = key("whsec_bmV3IHNlY3JldCBvZiAyNCBieXRlcyEh");
        let both = sign(&[new.clone(), old.clone()], "lb1-1", 1_700_000_000, b"{}");
        assert_eq!(both.split(' ').count(), 2);
        for holder in [old, new] {
            let got = verify(
                &[holder],
                "lb1-1",
                "1700000000",
                &both,
                b"{}",
                1_700_000_000,
                TOLERANCE,
            );
            assert_eq!(got, Ok(()));
        }
    }

    #[test]
    fn secrets() {
        for (secret, want) in [
            ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", None),
            ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", None),
            ("  whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", None),
            ("whsec_not base64", Some(KeyError::Base64)),
            ("whsec_c2hvcnQ=", Some(KeyError::Length { found: 5 })),
            ("whsec_", Some(KeyError::Length { found: 0 })),
        ] {
            assert_eq!(Key::parse(secret).err(), want, "{secret:?}");
        }
        assert_eq!(format!("{:?}", key(VECTORS[0].secret)), "Key([redacted])");
    }
}
