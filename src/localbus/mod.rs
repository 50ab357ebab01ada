//! The local bus behind `busctl dev`: a real single-node Kafka and a real schema registry on this machine.
//!
//! Servers come from Maven ([`artifacts`]), run on a Java found on the machine ([`java`]), and keep everything in
//! `.busctl/local/<cluster>/` of the workspace. [`LocalBus`] is such a bus, which lives until it is stopped;
//! [`EphemeralBus`] is one for the time of one command. Nothing here is needed against a real cluster.
//!
//! The broker runs the `StandardAuthorizer`. `admin` may do everything; each other login is `User:<name>` and may do
//! what its ACLs grant, which at first is nothing.

pub mod artifacts;
mod bus;
mod connection;
mod ephemeral;
mod error;
mod host;
pub mod java;
pub mod kafka;
pub mod logs;
pub mod ports;
pub mod process;
pub mod progress;
mod random;
pub mod registry;
mod secrets;
mod state;
mod status;
mod up;
mod version;
mod watchdog;

pub use bus::{BusSpec, LocalBus, Server, Stopped};
pub use connection::Access;
pub use ephemeral::EphemeralBus;
pub use error::{LocalBusError, LogExcerpt, Result};
pub use host::Host;
pub use secrets::{ADMIN, Login, Secrets};
pub use status::{BusStatus, Condition, ServerStatus};
pub use version::Version;
pub use watchdog::Watchdog;
