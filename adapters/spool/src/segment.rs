//! A segment file: its name, and a walk over its frames that survives anything the file may hold.
//!
//! The walk yields whole frames and damaged stretches, in order, covering the file. It never reads a block's body
//! unless asked to check it, and never holds more than one record and one window in memory.
//! It changes nothing: what to do about damage is the caller's decision.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use crate::frame::{BlockMeta, FORMAT, HEAD_BYTES, Head, HeadFault, Kind, MAGIC};

/// Bytes read at once when only heads are wanted.
const NARROW: usize = 4 << 10;
/// Bytes read at once when everything is checked or searched.
const WIDE: usize = 256 << 10;
/// Bytes skipped when the disk cannot read: what a disk loses is a sector or a few.
const SECTOR: u64 = 4 << 10;

/// Highest number a segment file may have: far beyond what is ever written, and with room for those after it.
const MAX_NUMBER: u64 = 9_000_000_000;

/// The name of segment `number`: number, salt and format, so that none of them can be lost with the content.
pub(crate) fn file_name(number: u64, salt: u64) -> String {
    format!("{number:010}-{salt:016x}.v{FORMAT}")
}

/// What a file name in the log's directory says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) number: u64,
    pub(crate) salt: u64,
    pub(crate) format: u32,
}

/// Reads a segment's file name; `None` for any other file.
pub(crate) fn parse_name(name: &str) -> Option<Name> {
    let (number, rest) = name.split_once('-')?;
    let (salt, format) = rest.split_once(".v")?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if number.len() != 10 || !digits(number) || salt.len() != 16 || !digits(format) {
        return None;
    }
    let number = number.parse().ok().filter(|number| *number <= MAX_NUMBER)?;
    let salt = u64::from_str_radix(salt, 16).ok()?;
    let format = format.parse().ok()?;
    Some(Name {
        number,
        salt,
        format,
    })
}

/// A whole frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) offset: u64,
    pub(crate) length: u64,
    pub(crate) kind: Kind,
    pub(crate) meta: Vec<u8>,
    /// Empty for a block: its body stays on disk.
    pub(crate) payload: Vec<u8>,
}

/// One step of a walk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Frame(Frame),
    /// A stretch that is no frame; the claim when it was a block whose meta part is whole.
    Damaged {
        offset: u64,
        bytes: u64,
        claim: Option<String>,
    },
    /// A whole frame of a later format.
    Newer(u8),
}

/// Walks over one segment.
pub(crate) struct Walk {
    window: Window,
    salt: u64,
    position: u64,
    check_bodies: bool,
}

impl Walk {
    /// A walk over the first `end` bytes of `file`. With `check_bodies` blocks are read and checked too.
    pub(crate) fn new(file: File, salt: u64, end: u64, check_bodies: bool) -> Self {
        let chunk = if check_bodies { WIDE } else { NARROW };
        Self {
            window: Window {
                file,
                end,
                start: 0,
                bytes: Vec::new(),
                chunk,
            },
            salt,
            position: 0,
            check_bodies,
        }
    }

    /// The next frame or damaged stretch; `None` at the end.
    pub(crate) fn step(&mut self) -> Option<Found> {
        if self.position >= self.window.end {
            return None;
        }
        let offset = self.position;
        let head = match self.head_at(offset) {
            Ok(head) => head,
            Err(HeadFault::Newer(format)) => return Some(Found::Newer(format)),
            Err(HeadFault::Damaged) => return Some(self.resynchronise(offset)),
        };
        let length = head.frame_len();
        if length > self.window.end - offset {
            // The frame is cut off. What follows cannot hold another one, but looking costs nothing that matters.
            return Some(self.resynchronise(offset));
        }
        let meta_at = offset + HEAD_BYTES as u64;
        let meta = self
            .window
            .view(meta_at, usize::from(head.meta_len))
            .map(<[u8]>::to_vec);
        let meta = meta
            .ok()
            .filter(|meta| crc32c::crc32c(meta) == head.meta_crc);
        self.position = offset + length;
        let Some(meta) = meta else {
            return Some(Found::Damaged {
                offset,
                bytes: length,
                claim: None,
            });
        };
        let payload_at = meta_at + u64::from(head.meta_len);
        match self.payload(&head, payload_at) {
            Some(payload) => Some(Found::Frame(Frame {
                offset,
                length,
                kind: head.kind,
                meta,
                payload,
            })),
            None => {
                let claim = match head.kind {
                    Kind::Block => BlockMeta::parse(&meta).map(|meta| meta.claim.to_owned()),
                    Kind::Checkpoint
                    | Kind::Commit
                    | Kind::Settle
                    | Kind::Remember
                    | Kind::Epoch => None,
                };
                Some(Found::Damaged {
                    offset,
                    bytes: length,
                    claim,
                })
            }
        }
    }

    fn head_at(&mut self, offset: u64) -> Result<Head, HeadFault> {
        match self.window.view(offset, HEAD_BYTES) {
            Ok(bytes) => Head::parse(bytes, self.salt, offset),
            Err(_unreadable) => Err(HeadFault::Damaged),
        }
    }

    /// The checked payload; empty for a block that is not to be checked; `None` when it is not whole.
    fn payload(&mut self, head: &Head, at: u64) -> Option<Vec<u8>> {
        if head.kind == Kind::Block {
            let whole = !self.check_bodies
                || self.crc(at, u64::from(head.payload_len)) == Some(head.payload_crc);
            return whole.then(Vec::new);
        }
        let wanted = usize::try_from(head.payload_len).ok()?;
        let payload = self.window.view(at, wanted).ok()?.to_vec();
        self.window.shrink();
        (payload.len() == wanted && crc32c::crc32c(&payload) == head.payload_crc).then_some(payload)
    }

    fn crc(&mut self, at: u64, length: u64) -> Option<u32> {
        let (mut crc, mut done) = (0, 0);
        while done < length {
            let want = usize::try_from(length - done).map_or(WIDE, |left| left.min(WIDE));
            let piece = self.window.view(at + done, want).ok()?;
            if piece.is_empty() {
                return None;
            }
            crc = crc32c::crc32c_append(crc, piece);
            done += piece.len() as u64;
        }
        Some(crc)
    }

    /// Moves to the next whole head after `from`, or to the end.
    fn resynchronise(&mut self, from: u64) -> Found {
        let chunk = std::mem::replace(&mut self.window.chunk, WIDE);
        let mut position = from + 1;
        while position < self.window.end {
            let (next, candidate) = match self.window.view(position, WIDE) {
                Ok(bytes) => match memchr::memmem::find(bytes, &MAGIC) {
                    Some(at) => (position + at as u64, true),
                    // A magic number may lie across the edge of what was read.
                    None => (
                        position + (bytes.len() as u64).saturating_sub(3).max(1),
                        false,
                    ),
                },
                Err(_unreadable) => ((position / SECTOR + 1) * SECTOR, false),
            };
            position = next;
            if candidate {
                if self.head_at(position) != Err(HeadFault::Damaged) {
                    break;
                }
                position += 1;
            }
        }
        self.window.chunk = chunk;
        self.position = position.min(self.window.end);
        Found::Damaged {
            offset: from,
            bytes: self.position - from,
            claim: None,
        }
    }
}

/// A stretch of a file held in memory.
struct Window {
    file: File,
    end: u64,
    start: u64,
    bytes: Vec<u8>,
    chunk: usize,
}

impl Window {
    /// Up to `want` bytes from `offset`; fewer only at the end of the file.
    fn view(&mut self, offset: u64, want: usize) -> io::Result<&[u8]> {
        let left = usize::try_from(self.end.saturating_sub(offset)).unwrap_or(usize::MAX);
        let want = want.min(left);
        let held = |start: u64, bytes: &[u8]| {
            let skip = usize::try_from(offset.checked_sub(start)?).ok()?;
            let until = skip.checked_add(want)?;
            (until <= bytes.len()).then_some(skip..until)
        };
        let range = match held(self.start, &self.bytes) {
            Some(range) => range,
            None => {
                self.bytes.clear();
                self.start = offset;
                let fill = want.max(self.chunk).min(left);
                self.file.seek(SeekFrom::Start(offset))?;
                (&mut self.file)
                    .take(fill as u64)
                    .read_to_end(&mut self.bytes)?;
                0..want.min(self.bytes.len())
            }
        };
        self.bytes
            .get(range)
            .ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    /// Gives back the memory that one large record took.
    fn shrink(&mut self) {
        if self.bytes.capacity() > 4 * WIDE {
            self.bytes = Vec::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::encode;
    use std::io::Write;

    const SALT: u64 = 42;

    fn segment(frames: &[(Kind, &[u8], &[u8])]) -> (Vec<u8>, Vec<u64>) {
        let (mut bytes, mut starts, mut frame) = (Vec::new(), Vec::new(), Vec::new());
        for (kind, meta, payload) in frames {
            encode(&mut frame, *kind, SALT, bytes.len() as u64, meta, payload).unwrap();
            starts.push(bytes.len() as u64);
            bytes.extend_from_slice(&frame);
        }
        (bytes, starts)
    }

    fn walk(bytes: &[u8], check_bodies: bool) -> Vec<Found> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        let mut walk = Walk::new(file, SALT, bytes.len() as u64, check_bodies);
        std::iter::from_fn(|| walk.step()).collect()
    }

    fn starts(found: &[Found]) -> Vec<u64> {
        let frame = |f: &Found| {
            if let Found::Frame(f) = f {
                Some(f.offset)
            } else {
                None
            }
        };
        found.iter().filter_map(frame).collect()
    }

    #[test]
    fn names_say_number_salt_and_format() {
        let name = file_name(7, 0xAB);
        assert_eq!(name, "0000000007-00000000000000ab.v1");
        assert_eq!(
            parse_name(&name),
            Some(Name {
                number: 7,
                salt: 0xAB,
                format: 1
            })
        );
        assert_eq!(
            parse_name("0000000007-00000000000000ab.v12").map(|n| n.format),
            Some(12)
        );
        for other in [
            "lock",
            "7-ab.v1",
            "0000000007-00000000000000ab.v",
            "0000000007-00000000000000ag.v1",
            "9999999999-00000000000000ab.v1",
            "-.v",
            "",
        ] {
            assert_eq!(parse_name(other), None, "{other:?}");
        }
    }

    #[test]
    fn damage_anywhere_costs_only_the_frame_it_is_in() {
        let meta = BlockMeta {
            claim: "c",
            lane: "l",
            tag: b"",
            documents: 1,
            raw_len: 9,
        }
        .encode()
        .unwrap();
        let (bytes, all) = segment(&[
            (Kind::Settle, b"", &[0, 0, 0]),
            (Kind::Block, &meta, &[7; 300]),
            (Kind::Epoch, b"", &[5]),
        ]);
        assert_eq!(starts(&walk(&bytes, true)), all);
        for at in 0..bytes.len() {
            let mut bad = bytes.clone();
            bad[at] ^= 0x10;
            let hit = *all.iter().rev().find(|start| **start <= at as u64).unwrap();
            let want: Vec<u64> = all.iter().copied().filter(|start| *start != hit).collect();
            assert_eq!(starts(&walk(&bad, true)), want, "byte {at}");
        }
    }

    #[test]
    fn a_damaged_body_names_its_claim_and_is_only_seen_when_asked() {
        let meta = BlockMeta {
            claim: "c",
            lane: "l",
            tag: b"",
            documents: 1,
            raw_len: 9,
        }
        .encode()
        .unwrap();
        let (mut bytes, _) = segment(&[(Kind::Block, &meta, b"body")]);
        *bytes.last_mut().unwrap() ^= 1;
        let all = bytes.len() as u64;
        assert_eq!(
            walk(&bytes, true),
            [Found::Damaged {
                offset: 0,
                bytes: all,
                claim: Some("c".into())
            }]
        );
        assert_eq!(starts(&walk(&bytes, false)), [0]);
    }

    #[test]
    fn a_frame_inside_a_document_is_no_frame() {
        // The forged frame is right in every way but the offset and the salt, which a sender cannot know.
        let mut forged = Vec::new();
        encode(&mut forged, Kind::Epoch, SALT + 1, 24, b"", &[5]).unwrap();
        let (mut bytes, _) = segment(&[(Kind::Block, b"", &forged)]);
        bytes[0] ^= 1;
        assert_eq!(starts(&walk(&bytes, true)), Vec::<u64>::new());
    }

    #[test]
    fn noise_of_any_length_is_one_stretch() {
        for length in [0, 1, 23, 24, 25, 5000, 600_000] {
            let noise: Vec<u8> = (0..length)
                .map(|i| [0xB5, b'L', b'B', 0x1E][i % 4])
                .collect();
            let found = walk(&noise, true);
            assert!(found.len() <= 1, "{length}: {found:?}");
            assert_eq!(starts(&found), Vec::<u64>::new());
        }
    }

    #[test]
    fn a_cut_segment_gives_every_frame_before_the_cut() {
        let (bytes, all) = segment(&[
            (Kind::Epoch, b"", &[1]),
            (Kind::Epoch, b"", &[2]),
            (Kind::Epoch, b"", &[3]),
        ]);
        let ends: Vec<u64> = all
            .iter()
            .skip(1)
            .copied()
            .chain([bytes.len() as u64])
            .collect();
        for cut in 0..=bytes.len() {
            let whole = ends.iter().filter(|end| **end <= cut as u64).count();
            assert_eq!(
                starts(&walk(&bytes[..cut], true)),
                all[..whole],
                "cut at {cut}"
            );
        }
    }
}
