//! What the EDI commands read: files or standard input, and the partners whose agreements hold.
//! Invariant: a file's name is told with every error of it.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use edi::partner::Agreements;

/// What is known beside the file.
#[derive(Args, Clone, Debug, Default)]
pub struct Agreed {
    /// A partner's file, or a folder of such files; may be given again. Without any, everybody's interchanges are taken.
    #[arg(long = "partner", value_name = "PATH")]
    pub partners: Vec<PathBuf>,
    /// The feed that the files come through, for partners that may only send through some.
    #[arg(long, value_name = "NAME", requires = "partners")]
    pub feed: Option<String>,
}

impl Agreed {
    /// The agreements of all partners.
    ///
    /// # Errors
    /// The first mistake, with the line and what would be right.
    pub(super) fn agreements(&self) -> Result<Agreements, String> {
        let mut agreements = Agreements::default();
        for path in &self.partners {
            for file in files(path).map_err(|error| unreadable(path, &error))? {
                let text = std::fs::read_to_string(&file);
                let text = text.map_err(|error| unreadable(&file, &error))?;
                let folder = file.parent().unwrap_or(Path::new("")).to_owned();
                let mut load = |guide: &str| std::fs::read_to_string(folder.join(guide));
                agreements
                    .add(&text, &file.display().to_string(), &mut load)
                    .map_err(|error| error.to_string())?;
            }
        }
        Ok(agreements)
    }
}

/// The partners' files of a folder, in the order of their names; a file itself.
fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let file = entry?.path();
        if file
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

fn unreadable(path: &Path, error: &io::Error) -> String {
    format!("could not read {}: {error}", path.display())
}

/// What a file is called in output; `-` is standard input.
#[must_use]
pub(super) fn name(path: &Path) -> String {
    if path.as_os_str() == "-" {
        "(standard input)".to_owned()
    } else {
        path.display().to_string()
    }
}

/// Opens a file, or standard input for `-`.
///
/// # Errors
/// When it cannot be opened.
pub(super) fn open(path: &Path) -> anyhow::Result<Box<dyn Read>> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(io::stdin().lock()));
    }
    let file = File::open(path).with_context(|| format!("could not open {}", path.display()))?;
    Ok(Box::new(file))
}
