//! Consul: how it is reached.

mod connection;
pub mod rules;
mod spec;

pub use connection::{consul_connection, read_consul_secrets};
pub use spec::ConsulSpec;
