//! One frame of the log: a head that can be checked by itself, a short meta part, a payload.
//!
//! ```text
//! 0   magic            4   B5 4C 42 1E
//! 4   format           1   1
//! 5   kind             1
//! 6   meta length      2   little endian, as all numbers
//! 8   payload length   4
//! 12  payload CRC32C   4
//! 16  meta CRC32C      4
//! 20  head CRC32C      4   over the segment's salt, the frame's offset, and bytes 0..20
//! 24  meta, payload
//! ```
//!
//! The salt (a random number in the segment's file name) and the offset are part of the head's checksum, so that bytes
//! inside a document can never pass for a frame, wherever a search for the next whole frame lands.
//! Pure: bytes in, values out. No length is believed before the checksum that covers it was right.

use serde::{Deserialize, Serialize};

/// Bytes of a head.
pub(crate) const HEAD_BYTES: usize = 24;
/// First bytes of every frame.
pub(crate) const MAGIC: [u8; 4] = [0xB5, b'L', b'B', 0x1E];
/// Format this program writes, and the newest it reads.
pub(crate) const FORMAT: u8 = 1;
/// Largest body of a block, in bytes.
pub(crate) const MAX_BODY_BYTES: usize = 16 << 20;
/// Largest payload of any other frame: a checkpoint of 100,000 marks and lanes with the longest names fits.
pub(crate) const MAX_RECORD_BYTES: usize = 96 << 20;

/// What a frame says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The whole state at this point; every segment begins with one.
    Checkpoint,
    /// A block of documents, not visible by itself.
    Block,
    /// Makes a claim's blocks visible.
    Commit,
    /// Marks and dead letters.
    Settle,
    /// Claims, keys and dead letters carried forward from a segment that is about to go.
    Remember,
    /// A new epoch.
    Epoch,
}

impl Kind {
    const fn code(self) -> u8 {
        match self {
            Self::Checkpoint => 1,
            Self::Block => 2,
            Self::Commit => 3,
            Self::Settle => 4,
            Self::Remember => 5,
            Self::Epoch => 6,
        }
    }

    const fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            1 => Self::Checkpoint,
            2 => Self::Block,
            3 => Self::Commit,
            4 => Self::Settle,
            5 => Self::Remember,
            6 => Self::Epoch,
            _ => return None,
        })
    }

    const fn max_payload(self) -> usize {
        match self {
            Self::Block => MAX_BODY_BYTES,
            Self::Checkpoint | Self::Commit | Self::Settle | Self::Remember | Self::Epoch => {
                MAX_RECORD_BYTES
            }
        }
    }
}

/// What a frame's head says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) kind: Kind,
    pub(crate) meta_len: u16,
    pub(crate) payload_len: u32,
    pub(crate) payload_crc: u32,
    pub(crate) meta_crc: u32,
}

/// Why bytes are no head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeadFault {
    /// Not a head, or not one of this place.
    Damaged,
    /// A whole head of a later format.
    Newer(u8),
}

impl Head {
    /// Reads the head at the start of `bytes`, which stand at `offset` of the segment with `salt`.
    pub(crate) fn parse(bytes: &[u8], salt: u64, offset: u64) -> Result<Self, HeadFault> {
        let head = bytes
            .first_chunk::<HEAD_BYTES>()
            .ok_or(HeadFault::Damaged)?;
        let [
            m0,
            m1,
            m2,
            m3,
            format,
            kind,
            l0,
            l1,
            p0,
            p1,
            p2,
            p3,
            c0,
            c1,
            c2,
            c3,
            d0,
            d1,
            d2,
            d3,
            h0,
            h1,
            h2,
            h3,
        ] = *head;
        let covered = head.first_chunk::<20>().ok_or(HeadFault::Damaged)?;
        if [m0, m1, m2, m3] != MAGIC
            || u32::from_le_bytes([h0, h1, h2, h3]) != head_crc(covered, salt, offset)
        {
            return Err(HeadFault::Damaged);
        }
        if format > FORMAT {
            return Err(HeadFault::Newer(format));
        }
        let kind = Kind::from_code(kind).ok_or(HeadFault::Newer(format))?;
        let head = Self {
            kind,
            meta_len: u16::from_le_bytes([l0, l1]),
            payload_len: u32::from_le_bytes([p0, p1, p2, p3]),
            payload_crc: u32::from_le_bytes([c0, c1, c2, c3]),
            meta_crc: u32::from_le_bytes([d0, d1, d2, d3]),
        };
        if head.payload_len as usize > kind.max_payload() {
            return Err(HeadFault::Damaged);
        }
        Ok(head)
    }

    /// Bytes of the whole frame.
    pub(crate) fn frame_len(&self) -> u64 {
        HEAD_BYTES as u64 + u64::from(self.meta_len) + u64::from(self.payload_len)
    }
}

/// Puts a whole frame into `out`, replacing what was there.
///
/// The caller has checked the lengths; longer parts than the head can say are a bug and give `None`.
#[must_use]
pub(crate) fn encode(
    out: &mut Vec<u8>,
    kind: Kind,
    salt: u64,
    offset: u64,
    meta: &[u8],
    payload: &[u8],
) -> Option<()> {
    let meta_len = u16::try_from(meta.len()).ok()?;
    let payload_len = u32::try_from(payload.len())
        .ok()
        .filter(|_| payload.len() <= kind.max_payload())?;
    let mut covered = [0_u8; 20];
    let parts = MAGIC
        .into_iter()
        .chain([FORMAT, kind.code()])
        .chain(meta_len.to_le_bytes())
        .chain(payload_len.to_le_bytes())
        .chain(crc32c::crc32c(payload).to_le_bytes())
        .chain(crc32c::crc32c(meta).to_le_bytes());
    for (slot, byte) in covered.iter_mut().zip(parts) {
        *slot = byte;
    }
    out.clear();
    out.reserve(HEAD_BYTES + meta.len() + payload.len());
    out.extend_from_slice(&covered);
    out.extend_from_slice(&head_crc(&covered, salt, offset).to_le_bytes());
    out.extend_from_slice(meta);
    out.extend_from_slice(payload);
    Some(())
}

fn head_crc(covered: &[u8; 20], salt: u64, offset: u64) -> u32 {
    let crc = crc32c::crc32c(&salt.to_le_bytes());
    let crc = crc32c::crc32c_append(crc, &offset.to_le_bytes());
    crc32c::crc32c_append(crc, covered)
}

/// What stands in the meta part of a block, readable without its body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BlockMeta<'a> {
    pub(crate) claim: &'a str,
    pub(crate) lane: &'a str,
    pub(crate) tag: &'a [u8],
    pub(crate) documents: u32,
    pub(crate) raw_len: u32,
}

impl<'a> BlockMeta<'a> {
    pub(crate) fn parse(meta: &'a [u8]) -> Option<Self> {
        postcard::from_bytes(meta).ok()
    }

    pub(crate) fn encode(&self) -> Option<Vec<u8>> {
        postcard::to_stdvec(self).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frame(kind: Kind, salt: u64, offset: u64, meta: &[u8], payload: &[u8]) -> Vec<u8> {
        let mut out = vec![1, 2, 3];
        encode(&mut out, kind, salt, offset, meta, payload).expect("fits");
        out
    }

    #[test]
    fn a_head_is_only_good_at_its_own_place() {
        let bytes = frame(Kind::Commit, 7, 100, b"meta", b"payload");
        let head = Head::parse(&bytes, 7, 100).unwrap();
        assert_eq!(
            (head.kind, head.meta_len, head.payload_len),
            (Kind::Commit, 4, 7)
        );
        assert_eq!(head.frame_len(), bytes.len() as u64);
        assert_eq!(Head::parse(&bytes, 7, 101), Err(HeadFault::Damaged));
        assert_eq!(Head::parse(&bytes, 8, 100), Err(HeadFault::Damaged));
    }

    #[test]
    fn any_flipped_bit_of_a_head_is_seen() {
        let bytes = frame(Kind::Block, 7, 100, b"", b"");
        for bit in 0..HEAD_BYTES * 8 {
            let mut bad = bytes.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(
                Head::parse(&bad, 7, 100),
                Err(HeadFault::Damaged),
                "bit {bit}"
            );
        }
    }

    #[test]
    fn a_later_format_is_told_from_damage() {
        let mut bytes = frame(Kind::Block, 7, 0, b"", b"");
        bytes[4] = 2;
        assert_eq!(
            Head::parse(&bytes, 7, 0),
            Err(HeadFault::Damaged),
            "a flip is damage"
        );
        let crc = head_crc(bytes.first_chunk().unwrap(), 7, 0);
        bytes[20..24].copy_from_slice(&crc.to_le_bytes());
        assert_eq!(
            Head::parse(&bytes, 7, 0),
            Err(HeadFault::Newer(2)),
            "a right checksum is a newer program"
        );
    }

    #[test]
    fn a_length_past_the_bound_is_refused_even_with_a_right_checksum() {
        let mut bytes = frame(Kind::Block, 7, 0, b"", b"");
        bytes[8..12].copy_from_slice(&u32::MAX.to_le_bytes());
        let crc = head_crc(bytes.first_chunk().unwrap(), 7, 0);
        bytes[20..24].copy_from_slice(&crc.to_le_bytes());
        assert_eq!(Head::parse(&bytes, 7, 0), Err(HeadFault::Damaged));
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64), salt: u64, offset: u64) {
            prop_assert_eq!(Head::parse(&bytes, salt, offset), Err(HeadFault::Damaged));
            BlockMeta::parse(&bytes);
        }
    }
}
