//! What speaks to the world outside: the disk, Kafka, the schema registry.

pub mod disk;
