//! A block's body as it is stored and sent: zstd bytes and the length they unpack to.
//! Unpacking never allocates more than the caller's limit, whatever the bytes claim.

/// Level 1: on text the ratio is within a few per cent of level 3 at about twice the speed.
const LEVEL: i32 = 1;

/// Compressed bytes with the length they unpack to.
#[derive(Clone, PartialEq, Eq)]
pub struct Packed {
    bytes: Vec<u8>,
    raw_len: u32,
}

/// Why a body could not be packed or unpacked.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// The body is larger than the caller allows, or than 4 GiB.
    #[error("body unpacks to {raw_len} bytes, more than the {limit} allowed here")]
    TooLarge {
        /// Bytes the body (says it) unpacks to.
        raw_len: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// The bytes are not zstd, or end early, or hold more than was announced.
    #[error("body is not valid zstd")]
    Corrupt(#[source] std::io::Error),
    /// The bytes unpacked to another length than was announced.
    #[error("body unpacked to {found} bytes, {expected} were announced")]
    Length {
        /// Bytes found.
        found: usize,
        /// Bytes announced.
        expected: u32,
    },
}

impl Packed {
    /// Compresses `raw` (zstd, level 1).
    ///
    /// # Errors
    /// [`PackError::TooLarge`] for 4 GiB and more; [`PackError::Corrupt`] when zstd itself fails (out of memory).
    pub fn pack(raw: &[u8]) -> Result<Self, PackError> {
        let raw_len = u32::try_from(raw.len()).map_err(|_too_long| PackError::TooLarge {
            raw_len: raw.len() as u64,
            limit: u64::from(u32::MAX),
        })?;
        let bytes = zstd::bulk::compress(raw, LEVEL).map_err(PackError::Corrupt)?;
        Ok(Self { bytes, raw_len })
    }

    /// Takes over bytes compressed elsewhere (a block received over the link). Nothing is checked before `unpack`.
    #[must_use]
    pub fn from_parts(bytes: Vec<u8>, raw_len: u32) -> Self {
        Self { bytes, raw_len }
    }

    /// The compressed bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The compressed bytes, given away.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Bytes the body says it unpacks to. Trust it only as far as `unpack` does.
    #[must_use]
    pub fn raw_len(&self) -> u32 {
        self.raw_len
    }

    /// The raw bytes, at most `limit` of them; memory used is bounded by `limit` too.
    ///
    /// # Errors
    /// [`PackError`] when the body is larger than `limit`, is not zstd, or is not as long as announced.
    pub fn unpack(&self, limit: usize) -> Result<Vec<u8>, PackError> {
        let too_large = PackError::TooLarge {
            raw_len: u64::from(self.raw_len),
            limit: limit as u64,
        };
        let capacity = match usize::try_from(self.raw_len) {
            Ok(capacity) if capacity <= limit => capacity,
            Ok(_) | Err(_) => return Err(too_large),
        };
        let raw = zstd::bulk::decompress(&self.bytes, capacity).map_err(PackError::Corrupt)?;
        if raw.len() != capacity {
            return Err(PackError::Length {
                found: raw.len(),
                expected: self.raw_len,
            });
        }
        Ok(raw)
    }
}

impl std::fmt::Debug for Packed {
    /// Sizes only: a body holds business documents, and those never reach a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Packed({} bytes of {})", self.bytes.len(), self.raw_len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_unpacks_to_the_same_bytes() {
        for raw in [&b""[..], b"x", &[7_u8; 100_000]] {
            let packed = Packed::pack(raw).unwrap();
            assert_eq!(packed.unpack(100_000).unwrap(), raw);
        }
    }

    #[test]
    fn a_limit_is_kept_whatever_the_body_claims() {
        let packed = Packed::pack(&[7_u8; 1000]).unwrap();
        assert!(matches!(
            packed.unpack(999),
            Err(PackError::TooLarge {
                raw_len: 1000,
                limit: 999
            })
        ));
        let understated = Packed::from_parts(packed.bytes().to_vec(), 10);
        assert!(matches!(
            understated.unpack(1 << 20),
            Err(PackError::Corrupt(_))
        ));
        let overstated = Packed::from_parts(packed.bytes().to_vec(), 2000);
        assert!(matches!(
            overstated.unpack(1 << 20),
            Err(PackError::Length {
                found: 1000,
                expected: 2000
            })
        ));
        let noise = Packed::from_parts(vec![1, 2, 3], 10);
        assert!(matches!(noise.unpack(100), Err(PackError::Corrupt(_))));
    }

    #[test]
    fn debug_shows_no_content() {
        assert_eq!(
            format!("{:?}", Packed::from_parts(b"secret".to_vec(), 9)),
            "Packed(6 bytes of 9)"
        );
    }
}
