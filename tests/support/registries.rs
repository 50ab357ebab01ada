//! Real registries of both dialects, started once for all tests of a binary.

use std::time::Duration;

use busctl::adapters::registry::RegistryClient;
use busctl::localbus::progress::Silent;
use busctl::localbus::registry::{self, Registry, RegistryPorts};
use busctl::localbus::{Host, Watchdog, ports};
use busctl::ports::connection::RegistryConnection;
use tokio::sync::OnceCell;

/// A registry that runs until the test binary ends.
pub struct RunningRegistry {
    /// The base of its Confluent API.
    pub url: String,
    /// Which Apicurio it is.
    pub version: &'static str,
    // Kills the server when this process ends, in whatever way.
    _watchdog: Watchdog,
}

/// The newer dialect.
pub const APICURIO_3: &str = "3.3.3";

/// The older dialect.
pub const APICURIO_2: &str = "2.6.13.Final";

/// Apicurio 3.
pub async fn apicurio_3() -> &'static RunningRegistry {
    static RUNNING: OnceCell<RunningRegistry> = OnceCell::const_new();
    RUNNING.get_or_init(|| start(APICURIO_3)).await
}

/// Apicurio 2.6.
pub async fn apicurio_2() -> &'static RunningRegistry {
    static RUNNING: OnceCell<RunningRegistry> = OnceCell::const_new();
    RUNNING.get_or_init(|| start(APICURIO_2)).await
}

impl RunningRegistry {
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

async fn start(version: &'static str) -> RunningRegistry {
    // The watchdog deletes it together with the data of the server.
    let directory = tempfile::tempdir().unwrap().keep().canonicalize().unwrap();
    let watchdog = Watchdog::over(&directory).unwrap();
    let host = Host::from_environment().unwrap();
    let registry = Registry::obtain(&host, &version.parse().unwrap(), &Silent).await.unwrap();
    let [http, management] = ports::choose([None; 2]).unwrap();
    let log = directory.join("registry.log");
    let process = registry.start(&directory.join("registry"), RegistryPorts { http, management }, &log).unwrap();
    watchdog.watch(process.pid);
    registry::wait_until_ready(version, http, &process, &log, Duration::from_secs(120)).await.unwrap();
    RunningRegistry { url: registry::url(http), version, _watchdog: watchdog }
}
