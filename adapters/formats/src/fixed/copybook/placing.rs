//! The places of columns: one entry after the other, repetitions and redefinitions included.
//! Knows nothing of how a copybook is written.

use super::{Entry, MAX_COLUMNS, MAX_LENGTH, Mistake, Picture, Usage};
use crate::fixed::layout::{Column, Kind, Sign};

/// Gives columns their places.
#[derive(Default)]
pub(super) struct Placing {
    pub(super) columns: Vec<Column>,
}

impl Placing {
    /// Places entries one after the other from `start`; where the last one ends.
    pub(super) fn all(
        &mut self,
        entries: &[Entry],
        start: usize,
        overlays: bool,
        indices: &mut Vec<usize>,
    ) -> Result<usize, Mistake> {
        let mut starts: Vec<(&str, usize)> = Vec::new();
        let mut next = start;
        for entry in entries {
            let wrong = |message: String| Mistake {
                line: entry.line,
                message,
            };
            let from = match &entry.redefines {
                None => next,
                Some(name) => starts
                    .iter()
                    .rev()
                    .find(|(known, _)| known == name)
                    .map(|(_, start)| *start)
                    .ok_or_else(|| wrong(format!("there is no {name} before it to redefine")))?,
            };
            let mut end = from;
            for index in 1..=entry.occurs {
                if entry.occurs > 1 {
                    indices.push(index);
                }
                end = self.one(entry, end, overlays || entry.redefines.is_some(), indices)?;
                if entry.occurs > 1 {
                    indices.pop();
                }
                if end > MAX_LENGTH || self.columns.len() > MAX_COLUMNS {
                    return Err(wrong(format!(
                        "the record is longer than {MAX_LENGTH} bytes or has more than {MAX_COLUMNS} columns"
                    )));
                }
            }
            starts.push((&entry.name, from));
            next = next.max(end);
        }
        Ok(next)
    }

    fn one(
        &mut self,
        entry: &Entry,
        start: usize,
        overlays: bool,
        indices: &mut Vec<usize>,
    ) -> Result<usize, Mistake> {
        let wrong = |message: &str| Mistake {
            line: entry.line,
            message: message.to_owned(),
        };
        let Some(picture) = entry.picture else {
            if entry.inner.is_empty() {
                return Err(wrong("neither a PICTURE nor entries below it"));
            }
            if entry.usage.is_some_and(|usage| usage != Usage::Display) {
                return Err(wrong(
                    "USAGE of a group is not understood: write it at each entry",
                ));
            }
            return self.all(&entry.inner, start, overlays, indices);
        };
        if !entry.inner.is_empty() {
            return Err(wrong("an entry with a PICTURE has none below it"));
        }
        let (kind, length) = kind(picture, entry.usage.unwrap_or(Usage::Display), entry.sign)
            .ok_or_else(|| wrong("this USAGE does not go with the PICTURE"))?;
        if entry.name != "FILLER" {
            let numbers: Vec<String> = indices.iter().map(usize::to_string).collect();
            let name = match numbers.is_empty() {
                true => entry.name.clone(),
                false => format!("{}({})", entry.name, numbers.join(",")),
            };
            self.columns.push(Column {
                name,
                start,
                length,
                kind,
                is_read: false,
                overlays,
            });
        }
        Ok(start + length)
    }
}

fn kind(picture: Picture, usage: Usage, sign: Option<Sign>) -> Option<(Kind, usize)> {
    Some(match (picture, usage) {
        (Picture::Text { length }, Usage::Display) => (Kind::Text, length),
        (Picture::Text { .. }, Usage::Packed | Usage::Binary) => return None,
        (
            Picture::Number {
                digits, decimals, ..
            },
            Usage::Display,
        ) => {
            let sign = sign.unwrap_or_default();
            let separate = matches!(sign, Sign::SeparateLeading | Sign::SeparateTrailing);
            (
                Kind::Zoned { decimals, sign },
                digits + usize::from(separate),
            )
        }
        (
            Picture::Number {
                digits, decimals, ..
            },
            Usage::Packed,
        ) => (Kind::Packed { decimals }, digits / 2 + 1),
        (
            Picture::Number {
                digits,
                decimals,
                signed,
            },
            Usage::Binary,
        ) => {
            let length = match digits {
                0..=4 => 2,
                5..=9 => 4,
                10..=18 => 8,
                _ => return None,
            };
            (Kind::Binary { decimals, signed }, length)
        }
    })
}
