//! `edi sets`: which transaction sets and messages are known, read and written, and in which versions.
//! Invariant: the table is made of the dictionaries and mappings themselves.

use std::collections::BTreeMap;
use std::io::{self, Write};

use edi::dictionary::Dictionaries;
use edi::map::Mappings;
use serde::Serialize;

use super::terminal::{Paint, Role};

/// A set or message that is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Known {
    /// `x12`, `edifact` or `tradacoms`.
    pub(super) syntax: &'static str,
    /// `850`, `ORDERS`.
    pub(super) set: String,
    /// What it is.
    pub(super) name: String,
    /// The canonical documents that it becomes; none where it is only checked and answered.
    pub(super) entity: Option<String>,
    /// Whether canonical documents are written as it.
    pub(super) written: bool,
    /// The versions and guides that have it. Others are judged by the nearest.
    pub(super) versions: Vec<String>,
}

/// Every set, by syntax and id.
///
/// # Errors
/// When a mapping has a mistake.
pub(super) fn known(
    dictionaries: &Dictionaries,
    mappings: &Mappings,
) -> anyhow::Result<Vec<Known>> {
    let mut sets: BTreeMap<(&str, String), Known> = BTreeMap::new();
    let versions = dictionaries.versions();
    let mut versions: Vec<_> = versions
        .map(|(syntax, version)| (syntax, version.to_owned()))
        .collect();
    versions.sort();
    for (syntax, version) in versions {
        let Some(found) = dictionaries.find(syntax, &version) else {
            continue;
        };
        for structure in found.dictionary.structures() {
            let key = (syntax.as_str(), structure.set_id.to_string());
            let set = sets.entry(key).or_insert_with(|| Known {
                syntax: syntax.as_str(),
                set: structure.set_id.to_string(),
                name: structure.label.to_string(),
                entity: None,
                written: false,
                versions: Vec::new(),
            });
            set.versions.push(version.clone());
            if let Some(plan) = mappings.plan(&found.dictionary, &structure.set_id)? {
                set.entity = Some(plan.kind().to_string());
                set.written |= plan.writes();
            }
        }
    }
    Ok(sets.into_values().collect())
}

/// Writes the table.
///
/// # Errors
/// The output's own.
pub(super) fn table(sets: &[Known], paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let wide = |column: fn(&Known) -> &str| {
        let widths = sets.iter().map(|set| column(set).chars().count());
        widths.max().unwrap_or_default()
    };
    let name = wide(|set| &set.name);
    let entity = wide(|set| set.entity.as_deref().unwrap_or_default());
    let line = |cells: [&str; 6]| {
        let [syntax, set, label, document, written, versions] = cells;
        format!(
            "{syntax:<9}  {set:<6}  {label:<name$}  {document:<entity$}  {written:<7}  {versions}"
        )
    };
    let head = line(["SYNTAX", "SET", "NAME", "READ AS", "WRITTEN", "VERSIONS"]);
    writeln!(out, "{}", paint.paint(Role::Name, head))?;
    for set in sets {
        let written = if set.written { "yes" } else { "-" };
        let versions = set.versions.join(" ");
        let document = set.entity.as_deref().unwrap_or("-");
        let cells = [
            set.syntax, &set.set, &set.name, document, written, &versions,
        ];
        writeln!(out, "{}", line(cells).trim_end())?;
    }
    Ok(())
}
