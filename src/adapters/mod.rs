//! What speaks to the world outside: the disk, Git, Kafka, the schema registry, Consul, object stores. Each client implements a trait of
//! [`crate::ports`] and keeps its library to itself.

pub mod audit_log;
pub mod certificate;
mod clocks;
pub mod consul;
pub mod disk;
mod ending;
mod endpoint;
pub mod git;
mod https;
pub mod kafka;
pub mod oauth;
pub mod objects;
pub mod registry;
mod renewed;
pub mod secrets;
pub mod sent;
mod tls;
pub mod trust;
pub mod vault;
mod walk;
mod words;
