//! What the clients of a service bootstrap from: brokers by listener, the registry, topics by role, groups, dead-letter
//! topics, the bus's defaults, and where secrets are kept. Never a secret.

pub mod delivery;
pub mod file;
pub mod keys;
mod lacking;
mod listeners;
mod model;
mod resolve;
pub mod rules;
mod secrets;
mod spec;
pub mod standards;
mod value;

pub use lacking::Lacking;
pub use listeners::{listener_of_clients, place_of_listener};
pub use model::*;
pub use resolve::{ENVIRONMENT_HEADER, SERVICE_HEADER, VERSION_HEADER};
pub use secrets::{SECRETS_FOLDER, files, secret_in_configs};
pub use spec::*;

#[cfg(test)]
pub(crate) mod tests;
