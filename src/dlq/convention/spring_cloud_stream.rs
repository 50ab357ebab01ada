use super::Encoding::{Int32, Int64, Text};
use super::Named;
use super::Part::{Class, Message, Offset, Other, Partition, Stacktrace, Timestamp, Topic};

/// The Kafka binder of Spring Cloud Stream, with `enableDlq`.
pub(super) const HEADERS: &[Named] = &[
    Named("x-exception-fqcn", Class, Text),
    Named("x-exception-message", Message, Text),
    Named("x-exception-stacktrace", Stacktrace, Text),
    Named("x-original-offset", Offset, Int64),
    Named("x-original-partition", Partition, Int32),
    Named("x-original-timestamp", Timestamp, Int64),
    Named("x-original-timestamp-type", Other, Text),
    Named("x-original-topic", Topic, Text),
];
