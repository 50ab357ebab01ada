use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rdkafka::config::FromClientConfigAndContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{Offset, TopicPartitionList};
use serde::{Deserialize, Serialize};

use crate::adapters::kafka::data::{self, Context};
use crate::adapters::kafka::failure;
use crate::model::Address;
use crate::plan::LastApplied;
use crate::ports::connection::Connection;
use crate::ports::journal::{APPLIED_TOPIC, AUDIT_TOPIC, Event, Holder, LOCK_TOPIC};
use crate::ports::{Failure, FailureKind};

/// What a holder of the lock writes into its topic, again and again while it holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LockRecord {
    /// Who.
    pub(super) holder: Holder,
    /// Where in the audit its events begin, or those of a predecessor that left some open.
    pub(super) audit_from: i64,
    /// Whether it was given back with no intent left open.
    pub(super) released: bool,
}

impl LockRecord {
    /// What a record of the lock's topic holds.
    pub(super) fn parse(value: Option<&[u8]>, connection: &Connection) -> Result<Option<Self>, Failure> {
        let parsed = value.map(serde_json::from_slice).transpose();
        parsed.map_err(|error| unreadable(LOCK_TOPIC, connection, &error.to_string()))
    }
}

/// The last record of the lock lies at most so many offsets before the end: each takes one, and the mark of its
/// transaction another.
pub(super) const LOCK_TAIL: i64 = 64;

/// Reads the tool's own topics, up to the end that they have when it begins.
pub(super) struct Reader {
    consumer: BaseConsumer<Context>,
    context: Context,
    connection: Connection,
}

impl Reader {
    pub(super) fn new(connection: Connection, context: Context) -> Result<Self, Failure> {
        let mut config = data::client(&connection)?;
        config
            // No group is joined; librdkafka wants a name all the same.
            .set("group.id", super::GROUP)
            .set("enable.auto.commit", "false")
            .set("enable.partition.eof", "true")
            .set("isolation.level", "read_committed")
            .set("fetch.wait.max.ms", "10")
            // A fetch that came before the connection is tried again at once.
            .set("fetch.error.backoff.ms", "5")
            .set("topic.metadata.refresh.fast.interval.ms", "10")
            .set("reconnect.backoff.ms", "10");
        let consumer = BaseConsumer::from_config_and_context(&config, context.clone())
            .map_err(|error| data::describe("read the record of apply", &connection, &context, &error))?;
        Ok(Self { consumer, context, connection })
    }

    /// The events from an offset on.
    pub(super) fn events(&self, from: i64) -> Result<Vec<Event>, Failure> {
        let mut events = Vec::new();
        self.read(AUDIT_TOPIC, Offset::Offset(from), |message| {
            events.extend(parsed::<Event>(message)?);
            Ok(())
        })?;
        Ok(events)
    }

    pub(super) fn applied(&self) -> Result<LastApplied, Failure> {
        let mut applied = LastApplied::new();
        self.read(APPLIED_TOPIC, Offset::Beginning, |message| {
            let key = String::from_utf8_lossy(message.key().unwrap_or_default());
            let Ok(address) = key.parse::<Address>() else { return Ok(()) };
            match parsed::<BTreeMap<String, String>>(message)? {
                Some(fields) => drop(applied.insert(address, fields)),
                None => drop(applied.remove(&address)),
            }
            Ok(())
        })?;
        Ok(applied)
    }

    pub(super) fn last_lock_record(&self) -> Result<Option<LockRecord>, Failure> {
        let mut last = None;
        self.read(LOCK_TOPIC, Offset::OffsetTail(LOCK_TAIL), |message| {
            last = parsed::<LockRecord>(message)?.or(last.take());
            Ok(())
        })?;
        Ok(last)
    }

    /// Hands each record to `take`. A topic that is not there has none.
    fn read(
        &self,
        topic: &str,
        from: Offset,
        mut take: impl FnMut(&BorrowedMessage<'_>) -> Result<(), String>,
    ) -> Result<(), Failure> {
        let mut assignment = TopicPartitionList::new();
        let assigned = assignment.add_partition_offset(topic, 0, from);
        assigned.and_then(|()| self.consumer.assign(&assignment)).map_err(|error| self.failure(topic, &error))?;
        let mut heard = Instant::now();
        loop {
            match self.consumer.poll(Duration::from_millis(100)) {
                Some(Ok(message)) => {
                    heard = Instant::now();
                    take(&message).map_err(|why| unreadable(topic, &self.connection, &why))?;
                }
                Some(Err(KafkaError::PartitionEOF(_))) => return Ok(()),
                Some(Err(error)) if is_missing(&error) => return Ok(()),
                Some(Err(error)) if is_refused(&error) => return Err(self.failure(topic, &error)),
                Some(Err(error)) if heard.elapsed() > self.connection.timeout => {
                    return Err(self.failure(topic, &error));
                }
                None if heard.elapsed() > self.connection.timeout => {
                    let error = KafkaError::MessageConsumption(RDKafkaErrorCode::OperationTimedOut);
                    return Err(self.failure(topic, &error));
                }
                Some(Err(_)) | None => {}
            }
        }
    }

    fn failure(&self, topic: &str, error: &KafkaError) -> Failure {
        data::describe(&format!("read the topic {topic}"), &self.connection, &self.context, error)
    }
}

fn unreadable(topic: &str, connection: &Connection, why: &str) -> Failure {
    let tried = format!("read a record of the topic {topic}");
    let hint = "it was written by a newer busctl, or by something else; use a newer busctl".to_owned();
    failure::build(FailureKind::Protocol, &tried, connection, why.to_owned(), Some(hint))
}

fn is_missing(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(
            RDKafkaErrorCode::UnknownTopicOrPartition
                | RDKafkaErrorCode::UnknownTopic
                | RDKafkaErrorCode::UnknownPartition
        )
    )
}

fn is_refused(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(
            RDKafkaErrorCode::TopicAuthorizationFailed
                | RDKafkaErrorCode::SaslAuthenticationFailed
                | RDKafkaErrorCode::Authentication
        )
    )
}

/// A record's value; `None` of a tombstone.
fn parsed<T: serde::de::DeserializeOwned>(message: &BorrowedMessage<'_>) -> Result<Option<T>, String> {
    message.payload().map(|value| serde_json::from_slice(value).map_err(|error| error.to_string())).transpose()
}
