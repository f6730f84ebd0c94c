//! The name a file bears while it is ours: `{ingest id}__{original name}`. The id survives a crash because it is
//! in the name. Never longer than file systems allow: a very long original name is cut before its extension.

use std::ffi::{OsStr, OsString};

use canonical::ingest::IngestId;

/// Longest original name kept whole; with the id and the separator it stays under 255 bytes.
const LONGEST: usize = 200;
const SEPARATOR: &str = "__";

/// The name for `original` once it is claimed under `id`.
pub(crate) fn compose(id: &IngestId, original: &OsStr) -> OsString {
    let mut name = OsString::from(id.to_string());
    name.push(SEPARATOR);
    if original.len() <= LONGEST {
        name.push(original);
    } else {
        name.push(shorten(&original.to_string_lossy()));
    }
    name
}

/// The id and the original name in a claimed name; none for a file that is not a claim.
pub(crate) fn parse(name: &OsStr) -> Option<(IngestId, String)> {
    let text = name.to_string_lossy();
    let (id, original) = text.split_once(SEPARATOR)?;
    Some((id.parse().ok()?, original.to_owned()))
}

fn shorten(name: &str) -> String {
    let extension: String = name
        .rsplit_once('.')
        .map_or("", |(_, extension)| extension)
        .chars()
        .take(16)
        .collect();
    let mut stem = String::new();
    for letter in name.chars() {
        if stem.len() + letter.len_utf8() + extension.len() + 2 > LONGEST {
            break;
        }
        stem.push(letter);
    }
    format!("{stem}~.{extension}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_the_round_trip() {
        let id: IngestId = "01JDC4Z8Q2W3E4R5T6Y7H8J9K0".parse().unwrap();
        for name in ["stock.csv", "a__b.csv", "Müller & Söhne.csv", "x"] {
            let claimed = compose(&id, OsStr::new(name));
            assert_eq!(parse(&claimed), Some((id, name.to_owned())), "{name}");
        }
        assert_eq!(parse(OsStr::new("stock.csv")), None);
        assert_eq!(parse(OsStr::new("notaulid__stock.csv")), None);
    }

    #[test]
    fn a_long_name_is_cut_before_its_extension() {
        let id: IngestId = "01JDC4Z8Q2W3E4R5T6Y7H8J9K0".parse().unwrap();
        let claimed = compose(&id, OsStr::new(&format!("{}.csv", "ü".repeat(125))));
        assert!(claimed.len() <= 255, "{}", claimed.len());
        assert!(claimed.to_string_lossy().ends_with("~.csv"));
    }
}
