//! How the index writes its keys and values: plain bytes, ordered as they are asked for, each value sealed with a
//! checksum over its key and itself. Pure; reading takes any bytes and answers `None` to what makes no sense.

use crate::dead_letter::DeadLetterKey;
use crate::record::Location;

/// Kind of key: a lane's ordinal, to where its block is.
pub(crate) const ORDINAL: u8 = b'o';
/// Kind of key: a block's place, to its lane and ordinal.
const BLOCK: u8 = b'b';
/// Kind of key: a claim, to its record.
pub(crate) const CLAIM: u8 = b'c';
/// Kind of key: an occurrence key, to its digest and record.
pub(crate) const KEY: u8 = b'k';
/// Kind of key: a dead letter, to its record.
pub(crate) const DEAD: u8 = b'd';
/// Between the parts of a key; names hold no control characters.
pub(crate) const SEPARATOR: u8 = 0;

/// Where a lane's block is and what its commit gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) location: Location,
    pub(crate) first_sequence: u64,
    pub(crate) documents: u32,
}

/// One item of a record: the frame and the place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) location: Location,
    pub(crate) item: u32,
}

pub(crate) fn named(kind: u8, name: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(name.len() + 16);
    key.push(kind);
    key.extend_from_slice(name.as_bytes());
    key
}

pub(crate) fn ordinal_key(lane: &str, ordinal: u64) -> Vec<u8> {
    let mut key = named(ORDINAL, lane);
    key.push(SEPARATOR);
    key.extend_from_slice(&ordinal.to_be_bytes());
    key
}

pub(crate) fn segment_prefix(segment: u64) -> Vec<u8> {
    let mut key = vec![BLOCK];
    key.extend_from_slice(&segment.to_be_bytes());
    key
}

pub(crate) fn block_key(segment: u64, offset: u64) -> Vec<u8> {
    let mut key = segment_prefix(segment);
    key.extend_from_slice(&offset.to_be_bytes());
    key
}

pub(crate) fn dead_key(letter: &DeadLetterKey) -> Vec<u8> {
    let mut key = named(DEAD, &letter.reader);
    key.push(SEPARATOR);
    key.extend_from_slice(letter.lane.as_bytes());
    key.push(SEPARATOR);
    key.extend_from_slice(&letter.ordinal.to_be_bytes());
    key.extend_from_slice(&letter.index.to_be_bytes());
    key
}

pub(crate) fn read_dead_key(key: &[u8]) -> Option<DeadLetterKey> {
    let (names, numbers) = key.get(1..)?.split_last_chunk::<12>()?;
    let mut names = names.split(|byte| *byte == SEPARATOR);
    let name = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(str::to_owned);
    let (reader, lane) = (name(names.next()?)?, name(names.next()?)?);
    let (ordinal, index) = (numbers.first_chunk::<8>()?, numbers.last_chunk::<4>()?);
    Some(DeadLetterKey {
        reader,
        lane,
        ordinal: u64::from_be_bytes(*ordinal),
        index: u32::from_be_bytes(*index),
    })
}

pub(crate) fn write_location(at: Location) -> Vec<u8> {
    let mut value = Vec::with_capacity(64);
    value.extend_from_slice(&at.segment.to_le_bytes());
    value.extend_from_slice(&at.offset.to_le_bytes());
    value.extend_from_slice(&at.length.to_le_bytes());
    value
}

pub(crate) fn write_item(at: Location, item: u32) -> Vec<u8> {
    let mut value = write_location(at);
    value.extend_from_slice(&item.to_le_bytes());
    value
}

pub(crate) fn read_location(value: &[u8]) -> Option<(Location, &[u8])> {
    let (segment, rest) = value.split_first_chunk()?;
    let (offset, rest) = rest.split_first_chunk()?;
    let (length, rest) = rest.split_first_chunk()?;
    let (segment, offset) = (u64::from_le_bytes(*segment), u64::from_le_bytes(*offset));
    Some((
        Location {
            segment,
            offset,
            length: u32::from_le_bytes(*length),
        },
        rest,
    ))
}

pub(crate) fn read_item(value: &[u8]) -> Option<Item> {
    let (location, rest) = read_location(value)?;
    Some(Item {
        location,
        item: u32::from_le_bytes(*rest.first_chunk()?),
    })
}

pub(crate) fn read_entry(value: &[u8]) -> Option<Entry> {
    let (location, rest) = read_location(value)?;
    let (first_sequence, rest) = rest.split_first_chunk()?;
    let documents = u32::from_le_bytes(*rest.first_chunk()?);
    Some(Entry {
        location,
        first_sequence: u64::from_le_bytes(*first_sequence),
        documents,
    })
}

pub(crate) fn read_place(value: &[u8]) -> Option<(String, u64)> {
    let (ordinal, lane) = value.split_first_chunk()?;
    Some((
        std::str::from_utf8(lane).ok()?.to_owned(),
        u64::from_le_bytes(*ordinal),
    ))
}

pub(crate) fn seal(key: &[u8], mut value: Vec<u8>) -> Vec<u8> {
    let crc = crc32c::crc32c_append(crc32c::crc32c(key), &value);
    value.extend_from_slice(&crc.to_le_bytes());
    value
}

pub(crate) fn unseal<'a>(key: &[u8], sealed: &'a [u8]) -> Option<&'a [u8]> {
    let (value, seal) = sealed.split_last_chunk::<4>()?;
    (crc32c::crc32c_append(crc32c::crc32c(key), value) == u32::from_le_bytes(*seal))
        .then_some(value)
}

/// FNV-1a with a final mix, written out since the standard hasher may change between compilers.
pub(crate) fn hash(key: &[u8], value: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3);
    let mut hash = key
        .iter()
        .chain(&[0xFF])
        .chain(value)
        .fold(0xCBF2_9CE4_8422_2325, step);
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn hostile_entries_never_panic(key in proptest::collection::vec(any::<u8>(), 0..60), value in proptest::collection::vec(any::<u8>(), 0..60)) {
            read_dead_key(&key);
            read_item(&value);
            read_entry(&value);
            read_place(&value);
            let sealed = seal(&key, value.clone());
            prop_assert_eq!(unseal(&key, &sealed), Some(&*value));
            prop_assert_eq!(unseal(b"another key", &sealed), None);
        }

        #[test]
        fn a_dead_letter_has_one_key(reader in "[a-z]{1,9}", lane in "[a-z/]{1,9}", ordinal: u64, index: u32) {
            let letter = DeadLetterKey { reader, lane, ordinal, index };
            prop_assert_eq!(read_dead_key(&dead_key(&letter)), Some(letter));
        }
    }

    #[test]
    fn ordinals_sort_as_numbers() {
        assert!(
            ordinal_key("l", 9) < ordinal_key("l", 10)
                && ordinal_key("l", 255) < ordinal_key("l", 256)
        );
    }
}
