//! Whether a secret's file is closed to others, by its Unix mode bits.
//!
//! The owner and the group may read it (a service often reads through its group); everyone else may not.

use std::fs::Metadata;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::secret::SecretError;

/// Read and write for everyone (`o+rw`).
const OTHERS: u32 = 0o006;

/// Refuses a file that users outside its owner and group can read or write.
pub(crate) fn check(path: &Path, metadata: &Metadata) -> Result<(), SecretError> {
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & OTHERS == 0 {
        return Ok(());
    }
    Err(SecretError::Exposed {
        path: path.to_owned(),
        problem: format!("its mode {mode:04o} lets every user read or change it"),
        remedy: format!("chmod o-rwx '{}'", path.display()),
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use crate::{SecretError, SecretRef};

    #[test]
    fn modes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, "s3cret").unwrap();
        for (mode, accepted) in [
            (0o400, true),
            (0o600, true),
            (0o640, true),
            (0o641, true),
            (0o644, false),
            (0o602, false),
            (0o666, false),
        ] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let found = SecretRef::File("token".into()).resolve(folder.path());
            assert_eq!(found.is_ok(), accepted, "{mode:o}: {found:?}");
            if let Err(error) = found {
                assert!(matches!(error, SecretError::Exposed { .. }), "{error}");
                let shown = error.to_string();
                assert!(shown.contains("run: chmod o-rwx '"), "{shown}");
                assert!(!shown.contains("s3cret"), "{shown}");
            }
        }
    }
}
