//! The data plane: reading and writing records, spoken by librdkafka. None of its types leaves the adapters for Kafka.

mod config;
mod context;
mod token;

pub(super) use config::{client, describe};
pub(super) use context::Context;
