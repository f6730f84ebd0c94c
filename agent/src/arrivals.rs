//! Which interchanges came before, so that a second sending delivers nothing and a control number used twice is held.
//! What was committed is remembered by the queue; what is being read, by any feed, is remembered here.
//! Invariant: of two interchanges with one key that are read at the same time, one is the first.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use canonical::decode::Admission;
use spool::{Spool, SpoolError};

/// The interchanges that are being read.
#[derive(Debug, Default)]
pub(crate) struct Arrivals(Mutex<HashMap<String, [u8; 32]>>);

/// Those of one claim, until it is committed or given up.
#[derive(Debug)]
pub(crate) struct Arriving {
    arrivals: Arc<Arrivals>,
    keys: Vec<(String, [u8; 32])>,
    /// Interchanges that came before, byte for byte.
    pub(crate) again: u64,
}

impl Arriving {
    pub(crate) fn new(arrivals: &Arc<Arrivals>) -> Self {
        Self {
            arrivals: Arc::clone(arrivals),
            keys: Vec::new(),
            again: 0,
        }
    }

    /// Whether an interchange is new. One that is new is so for nobody else from here on. A claim that is `derived` again
    /// from its raw copy is its own second sending.
    pub(crate) fn admit(
        &mut self,
        spool: &Spool,
        key: &str,
        digest: [u8; 32],
        derived: bool,
    ) -> Result<Admission, SpoolError> {
        let key = printable(key);
        let mut reading = lock(&self.arrivals.0);
        let known = match reading.get(&key) {
            Some(known) => Some(*known),
            None => spool
                .key(&key)?
                .filter(|known| !(derived && *known == digest)),
        };
        Ok(match known {
            Some(known) if known == digest => {
                self.again += 1;
                Admission::Again
            }
            Some(_) => Admission::Conflict,
            None => {
                reading.insert(key.clone(), digest);
                self.keys.push((key, digest));
                Admission::New
            }
        })
    }

    /// The new ones, to be committed with their documents.
    pub(crate) fn keys(&self) -> Vec<(&str, [u8; 32])> {
        let keys = self.keys.iter();
        keys.map(|(key, digest)| (key.as_str(), *digest)).collect()
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        let mut reading = lock(&self.arrivals.0);
        for (key, _) in &self.keys {
            reading.remove(key);
        }
    }
}

fn lock(
    reading: &Mutex<HashMap<String, [u8; 32]>>,
) -> std::sync::MutexGuard<'_, HashMap<String, [u8; 32]>> {
    reading.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The key of an interchange as the queue takes it: its parts joined by `/`, and what would be mistaken for that, or cannot
/// be printed, as its code.
fn printable(key: &str) -> String {
    let mut text = String::with_capacity(key.len());
    for sign in key.chars() {
        match sign {
            '\u{1f}' => text.push('/'),
            '/' | '%' => text.push_str(&format!("%{:02X}", u32::from(sign))),
            sign if sign.is_control() => text.push_str(&format!("%{:02X}", u32::from(sign))),
            sign => text.push(sign),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use canonical::decode::Admission::{Again, Conflict, New};
    use spool::{Commit, Options, Spool};

    use super::{Arrivals, Arriving, printable};

    #[test]
    fn the_first_is_new_the_same_comes_again_and_another_is_held() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(folder.path(), &Options::default())
            .unwrap()
            .spool;
        let arrivals = Arc::new(Arrivals::default());
        let (mut one, mut two) = (Arriving::new(&arrivals), Arriving::new(&arrivals));
        let admit = |arriving: &mut Arriving, key: &str, digest: u8| {
            arriving.admit(&spool, key, [digest; 32], false).unwrap()
        };
        assert_eq!(admit(&mut one, "a", 1), New);
        assert_eq!(admit(&mut two, "a", 1), Again, "while the other is read");
        assert_eq!(admit(&mut two, "a", 2), Conflict);
        assert_eq!(admit(&mut one, "a", 1), Again, "twice in one file");
        drop(one);
        assert_eq!(admit(&mut two, "a", 2), New, "what was given up never came");

        let commit = Commit {
            claim: "two",
            keys: &two.keys(),
            ..Commit::default()
        };
        spool.wait(spool.commit(&commit).unwrap()).unwrap();
        assert_eq!(two.again, 1);
        drop(two);
        let mut three = Arriving::new(&arrivals);
        assert_eq!(admit(&mut three, "a", 2), Again);
        assert_eq!(admit(&mut three, "a", 1), Conflict);
        assert_eq!(
            three.admit(&spool, "a", [2; 32], true).unwrap(),
            New,
            "derived again"
        );
    }

    #[test]
    fn keys_are_printable_and_stay_apart() {
        for (key, want) in [
            (
                "x12\u{1f}ZZ\u{1f}A B\u{1f}000000001",
                "x12/ZZ/A B/000000001",
            ),
            ("x12\u{1f}ZZ\u{1f}A/B%", "x12/ZZ/A%2FB%25"),
            ("x12\u{1f}\u{7}", "x12/%07"),
        ] {
            assert_eq!(printable(key), want);
        }
    }
}
