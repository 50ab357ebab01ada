//! A bus for the time of one command or one test.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;

use super::bus::{BusSpec, LocalBus};
use super::connection::Access;
use super::error::{Result, on_file};
use super::host::Host;
use super::progress::Progress;
use super::random;
use super::watchdog::Watchdog;

/// A fresh bus in a temporary directory. It is gone, servers and data, when it is dropped or closed, and also when
/// this process is killed.
#[derive(Debug)]
pub struct EphemeralBus {
    bus: LocalBus,
    access: Access,
    watchdog: Watchdog,
}

impl EphemeralBus {
    /// Starts a bus that stands for this cluster, and waits until it answers.
    ///
    /// # Errors
    ///
    /// As for [`LocalBus::up`]. Nothing is left behind; a log that the error names is kept only in its last lines.
    pub async fn start(host: &Host, cluster: &str, spec: &BusSpec, progress: &dyn Progress) -> Result<Self> {
        let name: String = random::bytes::<6>()?.iter().map(|byte| format!("{byte:02x}")).collect();
        let directory = host.temporary_dir.join(format!("busctl-{name}"));
        DirBuilder::new().mode(0o700).create(&directory).map_err(on_file("create", &directory))?;
        let watchdog = Watchdog::over(&directory)?;
        let bus = LocalBus::at(&directory, cluster, host.clone())?;
        let access = bus.up_telling(spec, progress, &|pid| watchdog.watch(pid)).await?;
        Ok(Self { bus, access, watchdog })
    }

    /// How to reach it.
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// The bus itself: its status and its logs.
    pub fn bus(&self) -> &LocalBus {
        &self.bus
    }

    /// Ends it and waits until its servers and its data are gone. Nobody will read its data again, so the servers are
    /// killed rather than asked to end.
    pub async fn close(self) {
        let Self { watchdog, .. } = self;
        // The watchdog's end takes as long as a directory takes to delete.
        let _ = tokio::task::spawn_blocking(move || drop(watchdog)).await;
    }
}
