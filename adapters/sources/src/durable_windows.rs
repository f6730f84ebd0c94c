//! Directory syncs on Windows: NTFS journals names itself and offers no call for it.

use std::io;
use std::path::Path;

/// Nothing to do: NTFS logs a rename before it returns to a later open.
///
/// # Errors
/// Never; the signature is the one that Unix needs.
pub fn sync_directory(_directory: &Path) -> io::Result<()> {
    Ok(())
}
