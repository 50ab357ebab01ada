use super::Encoding::Text;
use super::Named;
use super::Part::{Attempt, Group, Message, Offset, Partition, Topic};

/// The broker's dead-letter queue of share groups (KIP-1191).
pub(super) const HEADERS: &[Named] = &[
    Named("__dlq.errors.delivery.count", Attempt, Text),
    Named("__dlq.errors.group", Group, Text),
    Named("__dlq.errors.message", Message, Text),
    Named("__dlq.errors.offset", Offset, Text),
    Named("__dlq.errors.partition", Partition, Text),
    Named("__dlq.errors.topic", Topic, Text),
];
