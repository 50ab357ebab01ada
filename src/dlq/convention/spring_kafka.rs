use super::Encoding::{BigInteger, ByteOrInt32, Int32, Int64, Text};
use super::Named;
use super::Part::{Cause, Class, Group, Message, NextAttempt, Offset, Other, Partition, Stacktrace, Timestamp, Topic};

/// `DeadLetterPublishingRecoverer` of Spring Kafka, with and without `dlt-` in the names, and what its retry topics add at each hop.
/// Where the key could not be read, the exception has headers of its own.
pub(super) const HEADERS: &[Named] = &[
    Named("kafka_dlt-exception-cause-fqcn", Cause, Text),
    Named("kafka_dlt-exception-fqcn", Class, Text),
    Named("kafka_dlt-exception-message", Message, Text),
    Named("kafka_dlt-exception-stacktrace", Stacktrace, Text),
    Named("kafka_dlt-key-exception-fqcn", Class, Text),
    Named("kafka_dlt-key-exception-message", Message, Text),
    Named("kafka_dlt-key-exception-stacktrace", Stacktrace, Text),
    Named("kafka_dlt-original-consumer-group", Group, Text),
    Named("kafka_dlt-original-offset", Offset, Int64),
    Named("kafka_dlt-original-partition", Partition, Int32),
    Named("kafka_dlt-original-timestamp", Timestamp, Int64),
    Named("kafka_dlt-original-timestamp-type", Other, Text),
    Named("kafka_dlt-original-topic", Topic, Text),
    Named("kafka_exception-cause-fqcn", Cause, Text),
    Named("kafka_exception-fqcn", Class, Text),
    Named("kafka_exception-message", Message, Text),
    Named("kafka_exception-stacktrace", Stacktrace, Text),
    Named("kafka_key-exception-fqcn", Class, Text),
    Named("kafka_key-exception-message", Message, Text),
    Named("kafka_key-exception-stacktrace", Stacktrace, Text),
    Named("kafka_original-consumer-group", Group, Text),
    Named("kafka_original-offset", Offset, Int64),
    Named("kafka_original-partition", Partition, Int32),
    Named("kafka_original-timestamp", Timestamp, Int64),
    Named("kafka_original-timestamp-type", Other, Text),
    Named("kafka_original-topic", Topic, Text),
    Named("retry_topic-attempts", NextAttempt, ByteOrInt32),
    Named("retry_topic-backoff-timestamp", Other, BigInteger),
    Named("retry_topic-original-timestamp", Other, BigInteger),
];
