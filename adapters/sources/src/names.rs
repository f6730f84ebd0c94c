//! Which names in a folder are files of the feed. Writers' temporary names are never taken.
//! Pure; matching ignores case, because the folders of the field often do.

use wildmatch::WildMatch;

/// Names that writers, copy tools and editors use while a file is not finished.
const TEMPORARY: &[&str] = &[
    ".*",
    "~*",
    "*~",
    "*.tmp",
    "*.temp",
    "*.part",
    "*.partial",
    "*.filepart",
    "*.crdownload",
    "*.swp",
    "*.writing",
    "*.inprogress",
    "*.lock",
];

/// The wildcard patterns (`*`, `?`) of one source.
#[derive(Clone, Debug)]
pub struct NamePatterns {
    include: Vec<WildMatch>,
    ignore: Vec<WildMatch>,
}

impl NamePatterns {
    /// `include` empty means every name; `ignore` comes on top of the usual temporary names.
    #[must_use]
    pub fn new<S: AsRef<str>>(include: &[S], ignore: &[S]) -> Self {
        let fold = |pattern: &str| WildMatch::new(&pattern.to_lowercase());
        Self {
            include: include
                .iter()
                .map(|pattern| fold(pattern.as_ref()))
                .collect(),
            ignore: TEMPORARY
                .iter()
                .copied()
                .chain(ignore.iter().map(AsRef::as_ref))
                .map(fold)
                .collect(),
        }
    }

    /// Whether a file of this name belongs to the feed.
    #[must_use]
    pub fn takes(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        let included =
            self.include.is_empty() || self.include.iter().any(|pattern| pattern.matches(&name));
        included && !self.ignore.iter().any(|pattern| pattern.matches(&name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let patterns = NamePatterns::new(&["*.csv", "ORD?.edi"], &["old_*"]);
        for (name, want) in [
            ("stock.csv", true),
            ("STOCK.CSV", true),
            ("ord1.EDI", true),
            ("ord12.edi", false),
            ("stock.txt", false),
            (".stock.csv", false),
            ("~stock.csv", false),
            ("stock.csv.tmp", false),
            ("stock.csv.part", false),
            ("old_stock.csv", false),
        ] {
            assert_eq!(patterns.takes(name), want, "takes({name:?})");
        }
        let all = NamePatterns::new::<&str>(&[], &[]);
        assert!(all.takes("anything") && !all.takes("x.filepart"));
    }
}
