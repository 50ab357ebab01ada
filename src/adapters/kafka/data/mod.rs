//! Kafka's data plane, spoken by librdkafka: records are read and written here, and groups are joined. None of its
//! types leaves the folder above.

mod across;
mod append;
mod config;
mod context;
mod failure;
mod newest;
#[allow(unsafe_code)] // OpenSSL is spoken to by its own functions.
mod openssl;
mod read;
mod scan;
mod transactions;

pub(super) use across::Across;
use config::appender;
pub(super) use config::{create, idempotent, producer, reader, scanner};
pub(super) use context::Context;
pub(super) use failure::{failure, is_fenced, lately, of_code, unusable};
pub(super) use newest::Stretch;
pub(super) use read::{Readers, Record, Start};

#[cfg(test)]
mod printed;
