//! Making names durable, on Windows: NTFS journals directory changes itself and offers no handle to sync them, so that
//! syncing the file is all a program can do. The counterpart of `durable_unix.rs`.

use std::io;
use std::path::Path;

/// Does nothing: see the header.
#[expect(clippy::unnecessary_wraps, reason = "the Unix counterpart can fail")]
pub(crate) fn sync_directory(_directory: &Path) -> io::Result<()> {
    Ok(())
}
