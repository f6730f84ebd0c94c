//! A segment in the making: cells that are set in any order and come out in the standard's.
//! Knows no separators and no dictionary.
//! Invariant: a cell has one value.

use crate::segment::Tag;
use crate::write::SegmentBuilder;

use super::language::Address;

/// A segment to be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) tag: Tag,
    cells: Vec<(Address, String)>,
}

impl Row {
    pub(super) fn new(tag: Tag) -> Self {
        Self {
            tag,
            cells: Vec::new(),
        }
    }

    /// The value of a cell.
    pub(super) fn get(&self, at: Address) -> &str {
        self.cells
            .iter()
            .find(|(place, _)| *place == at)
            .map_or("", |(_, value)| value)
    }

    /// Sets a cell; false when it has another value already.
    pub(super) fn set(&mut self, at: Address, value: String) -> bool {
        match self.cells.iter().find(|(place, _)| *place == at) {
            Some((_, known)) => *known == value,
            None => {
                self.cells.push((at, value));
                true
            }
        }
    }

    /// Sets a cell whatever it held.
    pub(super) fn replace(&mut self, at: Address, value: String) {
        self.cells.retain(|(place, _)| *place != at);
        self.cells.push((at, value));
    }

    /// Puts the segment together.
    pub(super) fn build(mut self, builder: &mut SegmentBuilder) {
        self.cells.retain(|(_, value)| !value.is_empty());
        self.cells.sort_by_key(|(at, _)| *at);
        builder.start(&self.tag.to_string());
        let mut element = 0;
        let mut component = 0;
        for (at, value) in &self.cells {
            while element + 1 < at.element {
                builder.element("");
                element += 1;
                component = 1;
            }
            let wanted = at.component.max(1);
            if element < at.element {
                element = at.element;
                component = 1;
                if wanted == 1 {
                    builder.element(value);
                    continue;
                }
                builder.element("");
            }
            while component + 1 < wanted {
                builder.component("");
                component += 1;
            }
            component = wanted;
            builder.component(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Row;
    use crate::map::language::Address;
    use crate::segment::Tag;
    use crate::write::SegmentBuilder;

    #[test]
    fn cells_come_out_in_order() {
        let mut row = Row::new(Tag::new(b"NAD"));
        for (at, value) in [
            ("04", "d"),
            ("02.3", "9"),
            ("01", "BY"),
            ("02.1", "4000"),
            ("06.2", "x"),
            ("07", ""),
        ] {
            assert!(
                row.set(Address::read(at).unwrap(), value.to_owned()),
                "{at}"
            );
        }
        assert!(!row.set(Address::read("01").unwrap(), "SU".to_owned()));
        let mut built = SegmentBuilder::default();
        row.build(&mut built);
        let mut want = SegmentBuilder::default();
        want.start("NAD")
            .element("BY")
            .composite(&["4000", "", "9"])
            .element("")
            .element("d")
            .element("")
            .composite(&["", "x"]);
        assert_eq!(built, want);
    }
}
