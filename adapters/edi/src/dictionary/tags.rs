//! From a tag to a place in a table, by open addressing: one multiplication and, nearly always, one comparison.
//! Invariant: at most half full, so a search ends.

use crate::segment::Tag;

/// Where each tag stands in the table that this was made of.
#[derive(Clone, Debug)]
pub(super) struct TagTable(Box<[(Tag, u16)]>);

impl TagTable {
    /// The table of these tags, which are fewer than 65,536 and stand once.
    pub(super) fn of(tags: impl ExactSizeIterator<Item = Tag>) -> Self {
        let size = (tags.len() * 2).next_power_of_two().max(8);
        let mut slots = vec![(Tag::NONE, 0); size];
        for (tag, place) in tags.zip(0..) {
            let free =
                probe(tag, size).find(|at| slots.get(*at).is_some_and(|slot| slot.0 == Tag::NONE));
            if let Some(slot) = free.and_then(|at| slots.get_mut(at)) {
                *slot = (tag, place);
            }
        }
        Self(slots.into())
    }

    /// The place of the tag.
    pub(super) fn find(&self, tag: Tag) -> Option<usize> {
        for at in probe(tag, self.0.len()) {
            match self.0.get(at) {
                Some((Tag::NONE, _)) | None => return None,
                Some((found, place)) if *found == tag => return Some(usize::from(*place)),
                Some(_) => {}
            }
        }
        None
    }
}

impl Default for TagTable {
    fn default() -> Self {
        Self::of(std::iter::empty())
    }
}

/// The slots to look at, of a power of two of them.
fn probe(tag: Tag, size: usize) -> impl Iterator<Item = usize> {
    let first = (tag.packed().wrapping_mul(0x9E37_79B1) >> 16) as usize;
    (first..first + size).map(move |at| at & (size - 1))
}

#[cfg(test)]
mod tests {
    use super::TagTable;
    use crate::segment::Tag;

    #[test]
    fn every_tag_is_found_where_it_stood() {
        let tags: Vec<Tag> = (b'A'..=b'Z')
            .flat_map(|a| (b'0'..=b'9').map(move |b| Tag::new(&[a, b])))
            .collect();
        let table = TagTable::of(tags.iter().copied());
        for (place, tag) in tags.iter().enumerate() {
            assert_eq!(table.find(*tag), Some(place), "{tag}");
        }
        for missing in [&b"AAA"[..], b"A00", b"ZZ", b""] {
            assert_eq!(table.find(Tag::new(missing)), None);
        }
        assert_eq!(TagTable::default().find(Tag::new(b"ST")), None);
    }
}
