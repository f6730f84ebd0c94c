//! When to stop, on Unix: SIGTERM from the service manager or SIGINT from a terminal.

use tokio::signal::unix::{SignalKind, signal as listen};

/// Listens from now on; ends when the program is told to stop.
pub(crate) fn signal() -> impl Future<Output = ()> {
    let heard = (
        listen(SignalKind::terminate()),
        listen(SignalKind::interrupt()),
    );
    async {
        let (Ok(mut terminate), Ok(mut interrupt)) = heard else {
            tracing::warn!(
                "stop signals cannot be heard; end the program by force, which loses nothing"
            );
            return std::future::pending().await;
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}
