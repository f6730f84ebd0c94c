//! When to stop, on Unix: SIGTERM from the service manager or SIGINT from a terminal.

use std::io;

use tokio::signal::unix::{SignalKind, signal};

/// Ends when the program is told to stop.
///
/// # Errors
/// When the signals cannot be listened for.
pub(crate) async fn told() -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
