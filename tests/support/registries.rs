//! Real registries of both dialects, started once for all tests of a binary.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use busctl::adapters::registry::RegistryClient;
use busctl::localbus::process::ProcessMark;
use busctl::localbus::progress::Silent;
use busctl::localbus::registry::{self, Registry, RegistryPorts};
use busctl::localbus::{Host, Watchdog, ports};
use busctl::ports::connection::RegistryConnection;
use tokio::sync::OnceCell;

use super::workspace::signal;

/// A registry that runs until the test binary ends.
pub struct RunningRegistry {
    /// The base of its Confluent API.
    pub url: String,
    /// Which Apicurio it is.
    pub version: &'static str,
    registry: Registry,
    ports: RegistryPorts,
    directory: PathBuf,
    process: Mutex<ProcessMark>,
    // Kills the server when this process ends, in whatever way.
    watchdog: Watchdog,
}

/// The newer dialect.
pub const APICURIO_3: &str = "3.3.3";

/// The older dialect.
pub const APICURIO_2: &str = "2.6.13.Final";

/// Apicurio 3.
pub async fn apicurio_3() -> &'static RunningRegistry {
    static RUNNING: OnceCell<RunningRegistry> = OnceCell::const_new();
    RUNNING.get_or_init(|| RunningRegistry::start(APICURIO_3)).await
}

/// Apicurio 2.6.
pub async fn apicurio_2() -> &'static RunningRegistry {
    static RUNNING: OnceCell<RunningRegistry> = OnceCell::const_new();
    RUNNING.get_or_init(|| RunningRegistry::start(APICURIO_2)).await
}

impl RunningRegistry {
    /// Starts one that nobody shares.
    pub async fn start(version: &'static str) -> Self {
        // The watchdog deletes it together with the data of the server.
        let directory = tempfile::tempdir().unwrap().keep().canonicalize().unwrap();
        let watchdog = Watchdog::over(&directory).unwrap();
        let host = Host::from_environment().unwrap();
        let registry = Registry::obtain(&host, &version.parse().unwrap(), &Silent).await.unwrap();
        let [http, management] = ports::choose([None; 2]).unwrap();
        let ports = RegistryPorts { http, management };
        let process = launch(&registry, &directory, ports, &watchdog);
        let started = Self {
            url: registry::url(http),
            version,
            registry,
            ports,
            directory,
            process: Mutex::new(process),
            watchdog,
        };
        started.wait_until_ready().await;
        started
    }

    /// Sends the server a signal: `STOP`, `CONT`, `KILL`.
    pub fn signal(&self, name: &str) {
        signal(self.process.lock().unwrap().pid, name);
    }

    /// Starts the server again that was killed, with the data that it had.
    pub async fn start_again(&self) {
        *self.process.lock().unwrap() = launch(&self.registry, &self.directory, self.ports, &self.watchdog);
        self.wait_until_ready().await;
    }

    async fn wait_until_ready(&self) {
        let process = self.process.lock().unwrap().clone();
        let (log, patience) = (log(&self.directory), Duration::from_secs(120));
        registry::wait_until_ready(self.version, self.ports.http, &process, &log, patience).await.unwrap();
    }

    /// A client for it.
    pub fn client(&self) -> RegistryClient {
        RegistryClient::new(&connection(&self.url)).unwrap()
    }

    /// Whether it is the newer dialect.
    pub fn is_apicurio_3(&self) -> bool {
        self.version == APICURIO_3
    }
}

/// A plain connection to an address.
pub fn connection(url: &str) -> RegistryConnection {
    RegistryConnection { url: url.to_owned(), tls: None, auth: None, timeout: Duration::from_secs(20) }
}

fn launch(registry: &Registry, directory: &Path, ports: RegistryPorts, watchdog: &Watchdog) -> ProcessMark {
    let process = registry.start(&directory.join("registry"), ports, &log(directory)).unwrap();
    watchdog.watch(process.pid);
    process
}

fn log(directory: &Path) -> PathBuf {
    directory.join("registry.log")
}
