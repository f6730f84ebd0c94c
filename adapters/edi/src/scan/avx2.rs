//! The same words of bits with AVX2, thirty-two bytes at a time. The one place of the project that is `unsafe`: the
//! processor's instructions are.
//! Finds nothing that the plain form does not find; a test compares the two.
//! Invariant: an [`Avx2`] exists only where the processor has what it stands for.

#![allow(
    unsafe_code,
    reason = "vector loads and the call of a function for one kind of processor are unsafe; each says why it is sound"
)]

use std::arch::x86_64::{
    __m256i, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_set1_epi8,
};

use super::{Index, WORD};

/// The processor has AVX2, BMI1, BMI2 and POPCNT.
#[derive(Clone, Copy)]
pub(super) struct Avx2(());

impl Avx2 {
    /// Asks the processor.
    pub(super) fn detect() -> Option<Self> {
        let has = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("popcnt");
        has.then_some(Self(()))
    }

    /// [`Index::scan`] for this processor.
    pub(super) fn scan(self, index: &mut Index, bytes: &[u8], origin: u32) {
        // SAFETY: `self` exists, so the processor has every feature that the function was compiled for.
        unsafe { scan(index, bytes, origin) }
    }
}

#[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
fn scan(index: &mut Index, bytes: &[u8], origin: u32) {
    index.scan_words(bytes, origin, |word, needle| bits(word, needle));
}

/// One bit for each byte of the word that is `needle`.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
fn bits(word: &[u8; WORD], needle: u8) -> u64 {
    let needle = _mm256_set1_epi8(needle.cast_signed());
    let half = |half: &[u8; 32]| {
        // SAFETY: the load needs 32 bytes that may be read, at any address; the reference is to so many.
        let bytes = unsafe { _mm256_loadu_si256(half.as_ptr().cast::<__m256i>()) };
        u64::from(_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, needle)).cast_unsigned())
    };
    match word.as_chunks::<32>().0 {
        [low, high] => half(low) | half(high) << 32,
        _ => 0,
    }
}
