//! A feed's folder as the ERP and the operator see it: files dropped into it, and what lies in archive and quarantine.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// A feed's folder on the road.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feed {
    /// X12 850.
    Orders,
    /// Semicolon stock exports.
    Stock,
    /// EDI of a trading partner who is answered: [`BUYER`](super::BUYER).
    Edi,
}

impl Feed {
    pub(super) const ALL: [Self; 3] = [Self::Orders, Self::Stock, Self::Edi];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Stock => "stock",
            Self::Edi => "edi",
        }
    }
}

/// Drops a file as a careful ERP does: written elsewhere and synced, then renamed into place and that synced too.
/// What the ERP wrote so survives a power cut; if it is missing then, somebody else lost it.
pub(super) fn drop_file(inbox: &Path, name: &str, content: &[u8]) -> std::io::Result<()> {
    let aside = inbox.with_extension("writing");
    fs::create_dir_all(&aside)?;
    let mut file = File::create(aside.join(name))?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(aside.join(name), inbox.join(name))?;
    File::open(inbox)?.sync_all()
}

/// Files in quarantine by the name the ERP gave them, with the text of their `reason.json`.
pub(super) fn quarantined(inbox: &Path) -> Vec<(String, String)> {
    let folder = inbox.join(".legacy-bridge/quarantine");
    let reason = |path: &PathBuf| {
        let name = path.file_name()?.to_str()?;
        let given = name
            .split_once("__")?
            .1
            .strip_suffix(".reason.json")?
            .to_owned();
        // The reason comes first, the file after it: only both together are a file set aside.
        let file = folder.join(name.strip_suffix(".reason.json")?);
        file.is_file()
            .then(|| Some((given, fs::read_to_string(path).ok()?)))?
    };
    let mut found: Vec<_> = files(&folder).iter().filter_map(reason).collect();
    found.sort();
    found
}

/// Names in the archive, as the ERP gave them.
pub(super) fn archived(inbox: &Path) -> Vec<String> {
    let given = |path: &PathBuf| Some(path.file_name()?.to_str()?.split_once("__")?.1.to_owned());
    let mut names: Vec<String> = files(&inbox.join(".legacy-bridge/archive"))
        .iter()
        .filter_map(given)
        .collect();
    names.sort();
    names
}

/// Every file under a folder; none when there is no such folder.
#[must_use]
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let below = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    let mut found: Vec<PathBuf> = below
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect();
    found.sort();
    found
}
