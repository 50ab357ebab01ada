//! What the core needs of the systems outside. Adapters implement these traits; nothing here knows a client library.

pub mod connection;
pub mod consul;
mod error;
pub mod journal;
pub mod kafka;
pub mod records;
pub mod registry;
pub mod schemas;
pub mod secrets;
pub mod vault;
pub mod walk;

pub use error::{Failure, FailureKind, Observed};
