//! Making names durable, on Unix: a created, renamed or removed file is only sure to be so after its directory is synced.

use std::fs::File;
use std::io;
use std::path::Path;

/// Makes the entries of `directory` durable.
pub(crate) fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}
