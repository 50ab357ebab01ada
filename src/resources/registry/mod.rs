//! Schema registries: how they are reached.

mod connection;
mod spec;

pub use connection::{problem_of_url, read_registry_secrets, registry_connection};
pub use spec::*;
