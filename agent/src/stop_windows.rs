//! When to stop, on Windows: Ctrl-C, Ctrl-Break, or the console closing.

use tokio::signal::windows;

/// Listens from now on; ends when the program is told to stop.
pub(crate) fn signal() -> impl Future<Output = ()> {
    let heard = (
        windows::ctrl_c(),
        windows::ctrl_break(),
        windows::ctrl_close(),
    );
    async {
        let (Ok(mut interrupt), Ok(mut stop), Ok(mut close)) = heard else {
            tracing::warn!(
                "stop signals cannot be heard; end the program by force, which loses nothing"
            );
            return std::future::pending().await;
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = stop.recv() => {}
            _ = close.recv() => {}
        }
    }
}
