//! Fresh servers for an estate.

use busctl::localbus::progress::Silent;
use busctl::localbus::{ADMIN, BusSpec, EphemeralBus, Host};
use tokio::runtime::Runtime;

use crate::Outcome;
use crate::estate::Servers;

/// The heap of the broker. With the 512 MiB of a local bus a broker of 10,000 topics collects garbage two thirds of the
/// time, and that is what would be measured.
const HEAP_MIB: u32 = 2_048;

/// A running broker, and a registry where one is wanted.
pub struct Bus {
    bus: EphemeralBus,
    /// How they are reached.
    pub servers: Servers,
}

impl Bus {
    /// Starts them and waits until they answer.
    pub fn start(runtime: &Runtime, with_registry: bool) -> Outcome<Self> {
        let mut spec = BusSpec::with_logins(Vec::new());
        spec.kafka_heap_mib = HEAP_MIB;
        if !with_registry {
            spec.registry_version = None;
        }
        let bus = runtime.block_on(EphemeralBus::start(&Host::from_environment()?, "bench", &spec, &Silent))?;
        let access = bus.access();
        let servers = Servers {
            bootstrap: access.bootstrap.clone(),
            password_file: access.secrets.file(ADMIN).display().to_string(),
            registry: access.registry_url.clone(),
        };
        Ok(Self { bus, servers })
    }

    /// Ends them.
    pub fn close(self, runtime: &Runtime) {
        runtime.block_on(self.bus.close());
    }

    /// The version of the broker, for the table.
    pub fn kafka_version() -> String {
        format!("Kafka {}", BusSpec::with_logins(Vec::new()).kafka_version)
    }

    /// The versions of the servers, for the table.
    pub fn versions() -> String {
        let spec = BusSpec::with_logins(Vec::new());
        let registry = spec.registry_version.map(|version| format!(", Apicurio Registry {version}"));
        format!("{}{}", Self::kafka_version(), registry.unwrap_or_default())
    }
}
