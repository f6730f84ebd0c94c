//! When to stop, on Windows: Ctrl-C or Ctrl-Break.

use std::io;

use tokio::signal::windows::{ctrl_break, ctrl_c};

/// Ends when the program is told to stop.
///
/// # Errors
/// When the signals cannot be listened for.
pub(crate) async fn told() -> io::Result<()> {
    let mut interrupt = ctrl_c()?;
    let mut stop = ctrl_break()?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = stop.recv() => {}
    }
    Ok(())
}
