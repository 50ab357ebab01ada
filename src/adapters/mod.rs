//! What speaks to the world outside: the disk, Kafka, the schema registry. Each client implements a trait of
//! [`crate::ports`] and keeps its library to itself.

pub mod audit_log;
pub mod disk;
pub mod kafka;
pub mod registry;
pub mod secrets;
mod tls;
