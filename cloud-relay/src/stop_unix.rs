//! When to stop, on Unix: SIGTERM from the service manager or SIGINT from a terminal.

use std::io;

use tokio::signal::unix::{SignalKind, signal};

/// Listens from now on; what is given ends when the program is told to stop.
///
/// # Errors
/// When the signals cannot be listened for.
pub(crate) fn told() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
