//! Ctrl-C and SIGTERM.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::error::Exit;

/// What the user wants to stop, and how far it has come.
#[derive(Debug, Clone, Default)]
pub struct Interrupts {
    stop: Arc<AtomicBool>,
    writing: Arc<AtomicBool>,
}

impl Interrupts {
    /// Listens from now on. At the first Ctrl-C or SIGTERM what is under way is finished and accounted for; the second
    /// ends the program at once.
    pub fn listen() -> Self {
        let interrupts = Self::default();
        let Self { stop, writing } = interrupts.clone();
        tokio::spawn(async move {
            signal().await;
            stop.store(true, Ordering::Relaxed);
            anstream::eprintln!(
                "stopping: what is under way is finished, the rest is not tried (again to quit at once)"
            );
            signal().await;
            if !writing.load(Ordering::Relaxed) {
                std::process::exit(Exit::Interrupted.code().into());
            }
            anstream::eprintln!(
                "error: ended at once: whether what was under way is done is not known\n help: run the same command again"
            );
            std::process::exit(Exit::Partly.code().into());
        });
        interrupts
    }

    /// Whether the user wants to stop.
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// The flag itself, for whoever looks at it between two batches.
    pub fn flag(&self) -> &AtomicBool {
        &self.stop
    }

    /// From now on something may have been written.
    pub fn begin_to_write(&self) {
        self.writing.store(true, Ordering::Relaxed);
    }

    /// Waits until the user wants to stop.
    pub async fn interrupted(&self) {
        while !self.stopped() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    tokio::signal::ctrl_c().await.ok();
}
