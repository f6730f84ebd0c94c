//! What the EDI commands read: files or standard input, and the partners whose agreements hold.
//! Invariant: a file's name is told with every error of it.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use edi::partner::Agreements;

use crate::partners;

/// What is known beside the file.
#[derive(Args, Clone, Debug, Default)]
pub struct Agreed {
    /// A partner's file, or a folder of them; may be given again. Without any, everybody's interchanges are taken.
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
        let mut files = Vec::new();
        for path in &self.partners {
            if path.is_dir() {
                let found = partners::files(path);
                files.extend(
                    found.map_err(|error| format!("could not read {}: {error}", path.display()))?,
                );
            } else {
                files.push(path.clone());
            }
        }
        partners::read(&files).map_err(|error| error.to_string())
    }
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
