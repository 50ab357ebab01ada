use super::Encoding::Text;
use super::Named;
use super::Part::{Class, Message, Offset, Partition, Stacktrace, Topic};

/// The dead-letter queue of Kafka Streams (KIP-1034).
pub(super) const HEADERS: &[Named] = &[
    Named("__streams.errors.exception", Class, Text),
    Named("__streams.errors.message", Message, Text),
    Named("__streams.errors.offset", Offset, Text),
    Named("__streams.errors.partition", Partition, Text),
    Named("__streams.errors.stacktrace", Stacktrace, Text),
    Named("__streams.errors.topic", Topic, Text),
];
