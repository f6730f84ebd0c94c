//! Partners' files as they lie in a folder: `NAME.toml` each, with the guides that they name beside them.
//! Reads files and nothing else; what they mean is the EDI engine's business.
//! Invariant: a mistake is shown where it stands, in the file it stands in.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use config::ConfigError;
use edi::partner::{Agreements, PartnerFile};

/// The partners' files of a folder, by name.
///
/// # Errors
/// When the folder cannot be listed.
pub fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut files: Vec<PathBuf> = paths.collect::<Result<_, _>>()?;
    files.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "toml")
    });
    files.sort();
    Ok(files)
}

/// What was agreed with these partners.
///
/// # Errors
/// The first mistake, with file, line, caret and mend.
pub fn read(files: &[PathBuf]) -> Result<Agreements, ConfigError> {
    let mut agreements = Agreements::default();
    for path in files {
        let name = path.display().to_string();
        let text = fs::read_to_string(path).map_err(|cause| ConfigError::Read {
            name: name.clone(),
            cause,
        })?;
        // Once for the form of the file, which is shown as in every configuration, and once for what it says.
        config::parse::<PartnerFile>(&text, &name)?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut guide = |guide: &str| fs::read_to_string(folder.join(guide));
        let added = agreements.add(&text, &short(path), &mut guide);
        added.map_err(|error| {
            let hint = error.hint().map(str::to_owned);
            ConfigError::at(&name, &text, error.span(), error.message(), hint)
        })?;
    }
    Ok(agreements)
}

/// How findings and explanations call the file.
fn short(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    #[test]
    fn mistakes_are_shown_where_they_stand() {
        let folder = tempfile::tempdir().unwrap();
        let shown = |text: &str| {
            let path = folder.path().join("acme.toml");
            std::fs::write(&path, text).unwrap();
            let error = super::read(&[path]).unwrap_err().to_string();
            error.replace(&format!("{}/", folder.path().display()), "")
        };
        let good = "id = \"acme\"\nname = \"Acme\"\nids = [\"ZZ:ACME\"]\nour_ids = [\"ZZ:US\"]\n";
        expect![[r#"
            acme.toml:6:6: unknown field `version`, expected one of `versions`, `messages`, `sets`, `charset`, `text`, `closed_code_lists`
              6 | read.version = []
                |      ^^^^^^^
              did you mean `versions`?"#]].assert_eq(&shown(&format!("{good}[x12]\nread.version = []\n")));
        expect![[r#"
            acme.toml:6:18: `4010` is no version of x12
              6 | read.versions = ["4010"]
                |                  ^^^^^^
              write six digits, and perhaps a guide behind them: 004010 or 004010VICS"#]]
        .assert_eq(&shown(&format!(
            "{good}[x12]\nread.versions = [\"4010\"]\n"
        )));
        expect![[r#"
            acme.toml:6:11: the guide gone.dict could not be read: No such file or directory (os error 2)
              6 | guides = ["gone.dict"]
                |           ^^^^^^^^^^^"#]].assert_eq(&shown(&format!("{good}[x12]\nguides = [\"gone.dict\"]\n")));
    }
}
