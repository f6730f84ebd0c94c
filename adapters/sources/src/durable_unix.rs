//! Directory syncs on Unix: a name is durable only once its directory was synced.

use std::fs::File;
use std::io;
use std::path::Path;

/// Makes the names in `directory` durable.
///
/// # Errors
/// Any error of opening or syncing the directory.
pub fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}
