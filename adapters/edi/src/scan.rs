//! Stage one of reading: where the element separators and terminators of a block of bytes stand, those that a release
//! character makes data left out. Sixty-four bytes become one word of bits for each kind of byte; the positions are read
//! off the words. Where the processor has AVX2 it makes the words.
//! Knows nothing of segments; positions count from the start of the reader's buffer. Composites and repetitions are
//! split later, and only where somebody asks for them: they are too rare to pay for in every file.
//! Invariant: the pending positions ascend, and every separator of the scanned bytes is among them exactly once.

#[cfg(target_arch = "x86_64")]
mod avx2;

use crate::separators::Separators;

/// Bytes in a word: one bit for each.
const WORD: usize = 64;

/// The bytes that are looked for.
#[derive(Clone, Copy)]
struct Needles {
    element: u8,
    terminator: u8,
    release: Option<u8>,
    /// `=` of TRADACOMS: separates where nothing of the segment has separated before, and is data elsewhere.
    tag: Option<u8>,
    /// What else is worth a release character.
    others: [u8; 3],
}

impl Needles {
    fn of(separators: &Separators) -> Self {
        let Separators {
            element, component, ..
        } = *separators;
        Self {
            element,
            terminator: separators.terminator,
            release: separators.release,
            tag: separators.tag,
            others: [
                component,
                separators.repetition.unwrap_or(component),
                separators.decimal,
            ],
        }
    }
}

/// What is carried from one word to the next.
#[derive(Clone, Copy)]
struct Carry {
    /// The byte before was a release character that releases.
    released: bool,
    /// Nothing has separated in this segment yet.
    fresh: bool,
}

const START: Carry = Carry {
    released: false,
    fresh: true,
};

/// Positions found and not yet consumed, in buffers that are used again for each block.
pub(crate) struct Index {
    #[cfg(target_arch = "x86_64")]
    avx2: Option<avx2::Avx2>,
    needles: Needles,
    carry: Carry,
    hits: Vec<u32>,
    head: usize,
    tail: usize,
    /// For each terminator among the hits, in order: where in `hits` it is. Those before `head` are consumed.
    stops: Vec<usize>,
    next_stop: usize,
    /// Terminators that a release character made data, and released bytes that separate nothing, in order. They are rare,
    /// and often a sender's mistake.
    oddly_released: Vec<u32>,
}

impl Index {
    pub(crate) fn new() -> Self {
        Self {
            #[cfg(target_arch = "x86_64")]
            avx2: avx2::Avx2::detect(),
            needles: Needles::of(&Separators::X12),
            carry: START,
            hits: Vec::new(),
            head: 0,
            tail: 0,
            stops: Vec::new(),
            next_stop: 0,
            oddly_released: Vec::new(),
        }
    }

    /// Scans by safe code alone.
    pub(crate) fn portable(&mut self) {
        #[cfg(target_arch = "x86_64")]
        {
            self.avx2 = None;
        }
    }

    /// Forgets every position and looks for these separators from now on.
    pub(crate) fn restart(&mut self, separators: &Separators) {
        self.needles = Needles::of(separators);
        self.clear();
    }

    /// Forgets every position; a segment begins where the next scan does.
    pub(crate) fn clear(&mut self) {
        self.carry = START;
        self.head = 0;
        self.tail = 0;
        self.stops.clear();
        self.next_stop = 0;
        self.oddly_released.clear();
    }

    /// Adds the positions of the separators in `bytes`, the first of which stands at `origin`, behind what was scanned last.
    pub(crate) fn scan(&mut self, bytes: &[u8], origin: u32) {
        self.make_room(bytes.len());
        #[cfg(target_arch = "x86_64")]
        if let Some(avx2) = self.avx2 {
            return avx2.scan(self, bytes, origin);
        }
        self.scan_words(bytes, origin, bits);
    }

    /// Scans word by word, with this way to find the bytes of a word that are a needle.
    #[inline(always)]
    fn scan_words(&mut self, bytes: &[u8], origin: u32, bits: impl Fn(&[u8; WORD], u8) -> u64) {
        let mut origin = origin;
        let (words, rest) = bytes.as_chunks::<WORD>();
        for word in words {
            self.scan_word(word, origin, WORD, &bits);
            origin = origin.wrapping_add(64);
        }
        if !rest.is_empty() {
            let mut word = [0; WORD];
            for (slot, byte) in word.iter_mut().zip(rest) {
                *slot = *byte;
            }
            self.scan_word(&word, origin, rest.len(), &bits);
        }
    }

    /// Moves what is pending to the front and makes room for as many positions as there are bytes.
    fn make_room(&mut self, bytes: usize) {
        if self.head > 0 {
            self.hits.copy_within(self.head..self.tail, 0);
            self.stops.drain(..self.next_stop);
            for stop in &mut self.stops {
                *stop = stop.saturating_sub(self.head);
            }
            self.next_stop = 0;
            self.tail -= self.head;
            self.head = 0;
        }
        let room = self.tail + bytes + WORD;
        if self.hits.len() < room {
            self.hits.resize(room, 0);
        }
    }

    /// The first `length` bytes of a word.
    #[inline(always)]
    fn scan_word(
        &mut self,
        word: &[u8; WORD],
        origin: u32,
        length: usize,
        bits: impl Fn(&[u8; WORD], u8) -> u64,
    ) {
        let within = u64::MAX >> (WORD - length);
        let terminators = bits(word, self.needles.terminator) & within;
        let separators = bits(word, self.needles.element) & within | terminators;
        let releases = match self.needles.release {
            Some(release) => bits(word, release) & within,
            None => 0,
        };
        if releases != 0 || self.carry.released || self.needles.tag.is_some() {
            self.add_some(word, origin, length, [separators, terminators, releases]);
        } else {
            self.add(separators, terminators, origin);
        }
    }

    /// Leaves out what is data behind a release character, or as a second `=` of TRADACOMS, and adds the others.
    #[inline(always)]
    fn add_some(&mut self, word: &[u8; WORD], origin: u32, length: usize, found: [u64; 3]) {
        let within = u64::MAX >> (WORD - length);
        let [mut separators, mut terminators, releases] = found;
        let tags = self.needles.tag.map_or(0, |tag| bits(word, tag) & within);
        separators |= tags;
        let data = released(releases, length, &mut self.carry.released);
        for place in places(data & (terminators | !(separators | releases))) {
            let byte = word.get(place as usize);
            if !byte.is_some_and(|byte| self.needles.others.contains(byte)) {
                self.oddly_released.push(origin.wrapping_add(place));
            }
        }
        terminators &= !data;
        separators &= !data;
        if tags != 0 {
            separators &= !later(separators, terminators, tags, &mut self.carry.fresh);
        } else if separators != 0 {
            self.carry.fresh = terminators > separators & !terminators;
        }
        self.add(separators, terminators, origin);
    }

    /// Adds the positions that are set in `separators`; those in `terminators` end segments.
    ///
    /// Writes eight positions at a time and keeps those that are there: with a separator every five bytes a branch for
    /// each would be mispredicted all the time.
    #[inline(always)]
    fn add(&mut self, separators: u64, terminators: u64, origin: u32) {
        for place in places(terminators) {
            let before = separators & ((1 << place) - 1);
            self.stops.push(self.tail + before.count_ones() as usize);
        }
        let slots = self.hits.get_mut(self.tail..).unwrap_or_default();
        let mut rest = separators;
        for eight in slots.as_chunks_mut::<8>().0 {
            if rest == 0 {
                break;
            }
            for slot in eight {
                *slot = origin.wrapping_add(rest.trailing_zeros());
                rest &= rest.wrapping_sub(1);
            }
        }
        self.tail += separators.count_ones() as usize;
    }

    /// The positions not yet consumed.
    pub(crate) fn pending(&self) -> &[u32] {
        self.hits.get(self.head..self.tail).unwrap_or_default()
    }

    /// How many pending positions there are up to and including the next terminator; `None` before it is found.
    pub(crate) fn to_terminator(&self) -> Option<usize> {
        let stop = self.stops.get(self.next_stop)?;
        Some(stop + 1 - self.head)
    }

    /// Drops the first `count` pending positions.
    pub(crate) fn consume(&mut self, count: usize) {
        self.head = (self.head + count).min(self.tail);
        while self
            .stops
            .get(self.next_stop)
            .is_some_and(|stop| *stop < self.head)
        {
            self.next_stop += 1;
        }
    }

    /// Drops the pending positions before `position`.
    pub(crate) fn consume_before(&mut self, position: u32) {
        let count = self
            .pending()
            .iter()
            .take_while(|hit| **hit < position)
            .count();
        self.consume(count);
    }

    /// Terminators that a release character made data, and released bytes that separate nothing, so far as not forgotten.
    pub(crate) fn oddly_released(&self) -> &[u32] {
        &self.oddly_released
    }

    /// Forgets the oddly released bytes before `position`.
    pub(crate) fn forget_released(&mut self, position: u32) {
        if !self.oddly_released.is_empty() {
            self.oddly_released.retain(|at| *at >= position);
        }
    }

    /// The buffer lost its first `bytes` bytes, none of which is pending.
    pub(crate) fn shift(&mut self, bytes: u32) {
        let pending = self.hits.get_mut(self.head..self.tail).unwrap_or_default();
        for position in pending.iter_mut().chain(&mut self.oddly_released) {
            *position = position.saturating_sub(bytes);
        }
    }
}

/// One bit for each byte of the word that is `needle`.
fn bits(word: &[u8; WORD], needle: u8) -> u64 {
    let mut equal = [0_u8; WORD];
    for (flag, byte) in equal.iter_mut().zip(word) {
        *flag = u8::from(*byte == needle);
    }
    let mut bits = 0;
    for (number, eight) in equal.as_chunks::<8>().0.iter().enumerate() {
        // Gathers the lowest bit of each byte in the topmost byte.
        let gathered = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        bits |= gathered << (number * 8);
    }
    bits
}

/// The places of the bits that are set, lowest first.
fn places(mut bits: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let place = bits.trailing_zeros();
        bits &= bits.wrapping_sub(1);
        (place < u64::BITS).then_some(place)
    })
}

/// The bytes behind release characters that are not released themselves, of the first `length` of a word; `carry` is
/// whether the byte before the word releases its first, and becomes that for the next word.
fn released(releases: u64, length: usize, carry: &mut bool) -> u64 {
    let mut data = u64::from(*carry);
    *carry = false;
    for place in places(releases) {
        if data >> place & 1 == 1 {
            continue;
        }
        if place as usize + 1 < length {
            data |= 1 << (place + 1);
        } else {
            *carry = true;
        }
    }
    data
}

/// Those of `tags` that stand behind another separator of their segment, and so are data.
fn later(separators: u64, terminators: u64, tags: u64, fresh: &mut bool) -> u64 {
    let mut data = 0;
    for place in places(separators) {
        let bit = 1 << place;
        if terminators & bit != 0 {
            *fresh = true;
        } else if tags & bit != 0 && !*fresh {
            data |= bit;
        } else {
            *fresh = false;
        }
    }
    data
}

#[cfg(test)]
mod tests {
    use super::Index;
    use crate::separators::Separators;
    use proptest::prelude::{any, prop, prop_assert_eq, prop_assume, proptest};

    fn scanned(separators: Separators, blocks: &[&[u8]]) -> Index {
        let mut index = Index::new();
        index.restart(&separators);
        let mut origin = 0;
        for block in blocks {
            index.scan(block, origin);
            origin += u32::try_from(block.len()).unwrap();
        }
        index
    }

    #[test]
    fn blocks_add_up_and_shift() {
        let mut index = scanned(Separators::X12, &[b"AB*C~", b"*~"]);
        assert_eq!(index.pending(), [2, 4, 5, 6]);
        assert_eq!(index.to_terminator(), Some(2));
        index.consume(1);
        assert_eq!(index.to_terminator(), Some(1));
        index.consume_before(5);
        assert_eq!(index.pending(), [5, 6]);
        assert_eq!(index.to_terminator(), Some(2));
        index.shift(5);
        index.scan(b"x~", 2);
        assert_eq!(index.pending(), [0, 1, 3]);
        assert_eq!(index.to_terminator(), Some(2));
        index.consume(99);
        assert!(index.pending().is_empty());
        assert_eq!(index.to_terminator(), None);
    }

    #[test]
    fn released_separators_are_data() {
        for (text, want) in [
            ("a?+b+c'", [4, 6].as_slice()),
            ("a??+b'", &[3, 5]),
            ("a???+b'", &[6]),
            ("a?'b'", &[4]),
            ("?", &[]),
        ] {
            let whole = scanned(Separators::EDIFACT, &[text.as_bytes()]);
            assert_eq!(whole.pending(), want, "{text}");
            let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
            assert_eq!(
                scanned(Separators::EDIFACT, &bytes).pending(),
                want,
                "{text} by bytes"
            );
        }
        let mut index = scanned(Separators::EDIFACT, &[b"a?'b?:?+??'c?x?."]);
        assert_eq!(index.oddly_released(), [2, 13]);
        index.forget_released(3);
        assert_eq!(index.oddly_released(), [13]);
    }

    #[test]
    fn an_equals_sign_separates_behind_the_tag_only() {
        let text = b"MHD=1=x+y=z'CLO+a=b'=c=d'?==e'";
        let index = scanned(Separators::TRADACOMS, &[text]);
        assert_eq!(index.pending(), [3, 7, 11, 15, 19, 20, 24, 27, 29]);
    }

    /// What stage one should find, byte by byte.
    fn plainly(bytes: &[u8], separators: &Separators) -> (Vec<u32>, Vec<u32>) {
        let (mut hits, mut terminators) = (Vec::new(), Vec::new());
        let (mut released, mut fresh) = (false, true);
        for (position, &byte) in (0_u32..).zip(bytes) {
            if released {
                released = false;
            } else if byte == separators.terminator {
                hits.push(position);
                terminators.push(position);
                fresh = true;
            } else if byte == separators.element || separators.tag == Some(byte) && fresh {
                hits.push(position);
                fresh = false;
            } else {
                released = separators.release == Some(byte);
            }
        }
        (hits, terminators)
    }

    /// With the processor's own instructions, where it has them, and without.
    fn every_way(separators: &Separators) -> [Index; 2] {
        let [mut own, mut plain] = [Index::new(), Index::new()];
        plain.portable();
        own.restart(separators);
        plain.restart(separators);
        [own, plain]
    }

    proptest! {
        #[test]
        fn words_find_what_bytes_find(
            bytes in prop::collection::vec(prop::sample::select(b"AB?+'=*~ \0".to_vec()), 0..400),
            cuts in prop::collection::vec(1_usize..130, 1..8),
            syntax in 0_u8..3,
        ) {
            let separators = match syntax {
                0 => Separators::X12,
                1 => Separators::EDIFACT,
                _ => Separators::TRADACOMS,
            };
            let (hits, terminators) = plainly(&bytes, &separators);
            for mut index in every_way(&separators) {
                let (mut at, mut turn) = (0, 0);
                while at < bytes.len() {
                    let end = (at + cuts[turn % cuts.len()]).min(bytes.len());
                    index.scan(&bytes[at..end], u32::try_from(at).unwrap());
                    (at, turn) = (end, turn + 1);
                }
                prop_assert_eq!(index.pending(), &hits);
                let mut found = Vec::new();
                while let Some(count) = index.to_terminator() {
                    found.push(index.pending()[count - 1]);
                    index.consume(count);
                }
                prop_assert_eq!(&found, &terminators);
            }
        }

        #[test]
        fn any_bytes_and_separators(
            bytes in prop::collection::vec(any::<u8>(), 0..300),
            marks in any::<[u8; 3]>(),
            release in any::<bool>(),
        ) {
            let [element, terminator, third] = marks;
            prop_assume!(!release || ![element, terminator].contains(&third));
            let separators = Separators { element, terminator, release: release.then_some(third), ..Separators::X12 };
            let (hits, _) = plainly(&bytes, &separators);
            let [mut first, mut second] = every_way(&separators);
            first.scan(&bytes, 0);
            second.scan(&bytes, 0);
            prop_assert_eq!(first.pending(), &hits);
            prop_assert_eq!(second.pending(), &hits);
            prop_assert_eq!(first.oddly_released(), second.oddly_released());
        }
    }
}
