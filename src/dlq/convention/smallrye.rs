use super::Encoding::Text;
use super::Named;
use super::Part::{Cause, Class, Message, Offset, Other, Partition, Topic};

/// What the cause says.
pub(super) const CAUSE: &str = "dead-letter-cause";

/// `KafkaDeadLetterQueue` of SmallRye Reactive Messaging. `cause` is the message of the cause.
pub(super) const HEADERS: &[Named] = &[
    Named(CAUSE, Other, Text),
    Named("dead-letter-cause-class-name", Cause, Text),
    Named("dead-letter-exception-class-name", Class, Text),
    Named("dead-letter-offset", Offset, Text),
    Named("dead-letter-partition", Partition, Text),
    Named("dead-letter-reason", Message, Text),
    Named("dead-letter-topic", Topic, Text),
];
