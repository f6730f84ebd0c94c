//! Random numbers for epochs and salts, from the seed the standard library takes from the system for its hash maps.
//! Good for "never the same twice" and "not guessable by a sender of documents"; not for keys.

use std::hash::{BuildHasher, Hasher, RandomState};

use crate::clock;

/// 64 random bits.
pub(crate) fn bits() -> u64 {
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u64(clock::now_millis());
    hasher.write_u32(std::process::id());
    hasher.finish()
}

#[cfg(test)]
mod tests {
    #[test]
    fn never_the_same_twice() {
        let drawn: std::collections::BTreeSet<u64> = (0..1000).map(|_| super::bits()).collect();
        assert_eq!(drawn.len(), 1000);
    }
}
