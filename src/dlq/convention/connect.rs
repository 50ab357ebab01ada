use super::Encoding::Text;
use super::Named;
use super::Part::{Class, Component, Message, Offset, Other, Partition, Stacktrace, Stage, Topic};

/// `DeadLetterQueueReporter` of Kafka Connect. `class.name` is that of the converter or transformation, not of the error.
pub(super) const HEADERS: &[Named] = &[
    Named("__connect.errors.class.name", Other, Text),
    Named("__connect.errors.connector.name", Component, Text),
    Named("__connect.errors.exception.class.name", Class, Text),
    Named("__connect.errors.exception.message", Message, Text),
    Named("__connect.errors.exception.stacktrace", Stacktrace, Text),
    Named("__connect.errors.offset", Offset, Text),
    Named("__connect.errors.partition", Partition, Text),
    Named("__connect.errors.stage", Stage, Text),
    Named("__connect.errors.task.id", Other, Text),
    Named("__connect.errors.topic", Topic, Text),
];
