use super::Encoding::Text;
use super::Part::{Attempt, Class, Group, Message, Offset, Partition, Timestamp, Topic};
use super::{Named, Part};

/// What services of the bus write; docs/dlq.md.
pub(super) const HEADERS: &[Named] = &[
    Named("busctl-dlq.attempt", Attempt, Text),
    Named("busctl-dlq.error-class", Class, Text),
    Named("busctl-dlq.error-message", Message, Text),
    Named("busctl-dlq.error-stacktrace", Part::Stacktrace, Text),
    Named("busctl-dlq.group", Group, Text),
    Named("busctl-dlq.origin-offset", Offset, Text),
    Named("busctl-dlq.origin-partition", Partition, Text),
    Named("busctl-dlq.origin-timestamp", Timestamp, Text),
    Named("busctl-dlq.origin-topic", Topic, Text),
];
