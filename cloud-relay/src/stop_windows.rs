//! When to stop, on Windows: Ctrl-C or Ctrl-Break.

use std::io;

use tokio::signal::windows::{ctrl_break, ctrl_c};

/// Listens from now on; what is given ends when the program is told to stop.
///
/// # Errors
/// When the signals cannot be listened for.
pub(crate) fn told() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = ctrl_c()?;
    let mut stop = ctrl_break()?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = stop.recv() => {}
        }
    })
}
