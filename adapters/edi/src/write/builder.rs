//! A segment to be written: its tag and its values, in one buffer that the next segment uses again.
//! Knows no separators, no character set and no dictionary.
//! Invariant: values come in the order of the standard; what is empty and has nothing behind it is not written.

/// A segment to be written.
///
/// ```
/// use edi::write::SegmentBuilder;
/// let mut segment = SegmentBuilder::default();
/// segment.start("NAD").element("BY").element("5412345000013").component("").component("9");
/// assert_eq!(segment.tag(), "NAD");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SegmentBuilder {
    text: String,
    tag: usize,
    marks: Vec<Mark>,
}

/// Where a value ends, and what it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark {
    end: usize,
    begins: Begins,
}

/// What a value is the first of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begins {
    Element,
    Repetition,
    Component,
}

/// Where a value stands in its segment, each from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) element: u16,
    pub(super) repetition: u16,
    pub(super) component: u16,
}

impl SegmentBuilder {
    /// Begins a segment, and forgets what was there.
    pub fn start(&mut self, tag: &str) -> &mut Self {
        self.text.clear();
        self.marks.clear();
        self.text.push_str(tag);
        self.tag = tag.len();
        self
    }

    /// The next element, or the first component of it.
    pub fn element(&mut self, value: &str) -> &mut Self {
        self.push(Begins::Element, value)
    }

    /// The next component of the current element.
    pub fn component(&mut self, value: &str) -> &mut Self {
        self.push(Begins::Component, value)
    }

    /// The current element once more, or the first component of that.
    pub fn repetition(&mut self, value: &str) -> &mut Self {
        self.push(Begins::Repetition, value)
    }

    /// The next element, with all its components.
    pub fn composite(&mut self, values: &[&str]) -> &mut Self {
        let (first, rest) = values.split_first().unwrap_or((&"", &[]));
        self.element(first);
        for value in rest {
            self.component(value);
        }
        self
    }

    fn push(&mut self, begins: Begins, value: &str) -> &mut Self {
        self.text.push_str(value);
        let end = self.text.len();
        self.marks.push(Mark { end, begins });
        self
    }

    /// Lengthens the value that was added last.
    pub(super) fn extend(&mut self, more: &str) {
        self.text.push_str(more);
        if let Some(mark) = self.marks.last_mut() {
            mark.end = self.text.len();
        }
    }

    /// The tag.
    #[must_use]
    pub fn tag(&self) -> &str {
        self.text.get(..self.tag).unwrap_or_default()
    }

    /// How many elements there are so far.
    pub(crate) fn count(&self) -> usize {
        let elements = self.marks.iter();
        elements
            .filter(|mark| mark.begins == Begins::Element)
            .count()
    }

    /// Whether no value says anything.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.text.len() == self.tag
    }

    /// Tag and values, one behind the other.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The values.
    pub(super) fn values(&self) -> impl Iterator<Item = (Begins, &str)> {
        let mut start = self.tag;
        self.marks.iter().map(move |mark| {
            let value = self.text.get(start..mark.end).unwrap_or_default();
            start = mark.end;
            (mark.begins, value)
        })
    }

    /// Where value `index` stands.
    pub(super) fn spot(&self, index: usize) -> Spot {
        let mut spot = Spot::default();
        for mark in self.marks.iter().take(index.saturating_add(1)) {
            spot = match mark.begins {
                Begins::Element => Spot {
                    element: spot.element.saturating_add(1),
                    repetition: 1,
                    component: 1,
                },
                Begins::Repetition => Spot {
                    repetition: spot.repetition.saturating_add(1),
                    component: 1,
                    ..spot
                },
                Begins::Component => Spot {
                    component: spot.component.saturating_add(1),
                    ..spot
                },
            };
        }
        spot
    }
}

#[cfg(test)]
mod tests {
    use super::{SegmentBuilder, Spot};

    #[test]
    fn values_stand_where_the_standard_counts_them() {
        let mut segment = SegmentBuilder::default();
        segment.start("OLD").element("x");
        segment
            .start("REF")
            .element("a")
            .composite(&["b", "c"])
            .repetition("d")
            .component("e");
        let spot = |element, repetition, component| Spot {
            element,
            repetition,
            component,
        };
        let spots: Vec<_> = (0..5).map(|index| segment.spot(index)).collect();
        assert_eq!(
            spots,
            [
                spot(1, 1, 1),
                spot(2, 1, 1),
                spot(2, 1, 2),
                spot(2, 2, 1),
                spot(2, 2, 2)
            ]
        );
        let values: Vec<_> = segment.values().map(|(_, value)| value).collect();
        assert_eq!(
            (segment.tag(), values),
            ("REF", vec!["a", "b", "c", "d", "e"])
        );
        assert!(segment.start("CTT").element("").composite(&[]).is_blank());
    }
}
