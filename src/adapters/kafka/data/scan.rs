//! Reads parts of a topic, however large they are.

use std::cell::Cell;
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Headers, Message};
use rdkafka::{Offset, TopicPartitionList};

use super::read::{is_about_the_group, may_pass, once_a_leader_knows};
use super::{Context, Readers, failure, of_code, scanner, unusable};
use crate::model::TopicName;
use crate::ports::connection::Connection;
use crate::ports::records::{Header, Record, RecordSource, Stretch};
use crate::ports::{Failure, FailureKind};

impl RecordSource for Readers {
    fn partitions(&self, topic: &TopicName) -> Result<Vec<Stretch>, Failure> {
        let consumer = self.take()?;
        let connection = self.connection();
        let topic = topic.as_str();
        let tried = format!("look at the topic {topic}");
        let failed = |error: KafkaError| failure(&tried, connection, &error, consumer.context());
        let describe = || consumer.fetch_metadata(Some(topic), connection.timeout);
        let metadata = once_a_leader_knows(connection, describe).map_err(failed)?;
        let described = metadata.topics().iter().find(|described| described.name() == topic);
        if let Some(error) = described.and_then(|described| described.error()) {
            return Err(of_code(&tried, connection, error.into()));
        }
        let mut stretches = Vec::new();
        for partition in described.map(|described| described.partitions()).unwrap_or_default() {
            // The reader reads what was committed, and is told the end of that.
            let ends = || consumer.fetch_watermarks(topic, partition.id(), connection.timeout);
            let (from, to) = once_a_leader_knows(connection, ends).map_err(failed)?;
            stretches.push(Stretch { partition: partition.id(), from, to });
        }
        stretches.sort_by_key(|stretch| stretch.partition);
        self.keep(consumer);
        Ok(stretches)
    }

    fn scan(
        &self,
        topic: &TopicName,
        stretches: &[Stretch],
        each: &mut dyn FnMut(&Record<'_>) -> Result<ControlFlow<()>, Failure>,
    ) -> Result<(), Failure> {
        let open: Vec<Stretch> = stretches.iter().filter(|stretch| stretch.from < stretch.to).copied().collect();
        if open.is_empty() {
            return Ok(());
        }
        let connection = self.now();
        let config = scanner(&connection, open.len())?;
        let consumer: BaseConsumer<Context> = config
            .create_with_context(self.context())
            .map_err(|error| unusable("connect for reading", &connection, &error))?;
        let tried = format!("read the topic {topic}");
        drain(&consumer, topic.as_str(), open, &connection, &mut |message| {
            with_record(message, &tried, &connection, &mut *each)
        })
    }
}

/// Gives each message of parts of a topic to `each`, those of one partition in order, until it breaks off.
pub(super) fn drain(
    consumer: &BaseConsumer<Context>,
    topic: &str,
    stretches: Vec<Stretch>,
    connection: &Connection,
    each: &mut dyn FnMut(&BorrowedMessage<'_>) -> Result<ControlFlow<()>, Failure>,
) -> Result<(), Failure> {
    let tried = format!("read the topic {topic}");
    let failed = |error: KafkaError| failure(&tried, connection, &error, consumer.context());
    let mut open: HashMap<i32, i64> = HashMap::new();
    let mut assignment = TopicPartitionList::with_capacity(stretches.len());
    for stretch in stretches {
        assignment.add_partition_offset(topic, stretch.partition, Offset::Offset(stretch.from)).map_err(failed)?;
        open.insert(stretch.partition, stretch.to);
    }
    consumer.assign(&assignment).map_err(failed)?;
    // Nothing more of a partition is wanted: what is written to it meanwhile must not take the place of what is.
    let leave = |open: &mut HashMap<i32, i64>, partition: i32| {
        if open.remove(&partition).is_none() || open.is_empty() {
            return Ok(());
        }
        let mut done = TopicPartitionList::with_capacity(1);
        done.add_partition(topic, partition);
        consumer.pause(&done).map_err(failed)
    };
    // Begins with the first look that finds nothing: what was done with a record took its own time.
    let mut deadline: Option<Instant> = None;
    let is_over = |deadline: &mut Option<Instant>| {
        Instant::now() >= *deadline.get_or_insert_with(|| Instant::now() + connection.timeout)
    };
    while !open.is_empty() {
        match consumer.poll(Duration::from_millis(100)) {
            Some(Ok(message)) => {
                let (partition, offset) = (message.partition(), message.offset());
                let Some(to) = open.get(&partition).copied() else { continue };
                if offset < to && each(&message)?.is_break() {
                    return Ok(());
                }
                if offset + 1 >= to {
                    leave(&mut open, partition)?;
                }
                deadline = None;
            }
            // What lies behind belongs to a transaction that has not ended, or is no record but its end.
            Some(Err(KafkaError::PartitionEOF(partition))) => leave(&mut open, partition)?,
            Some(Err(error)) if is_about_the_group(&error) => {}
            Some(Err(error)) if may_pass(&error) && !is_over(&mut deadline) => consumer.context().keep(&error, ""),
            Some(Err(error)) => return Err(failed(error)),
            None if !is_over(&mut deadline) => {}
            None => return Err(failed(KafkaError::MessageConsumption(RDKafkaErrorCode::OperationTimedOut))),
        }
    }
    Ok(())
}

fn with_record<T>(
    message: &BorrowedMessage<'_>,
    tried: &str,
    connection: &Connection,
    each: impl FnOnce(&Record<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let (partition, offset) = (message.partition(), message.offset());
    let headers = headers(message).ok_or_else(|| Failure {
        kind: FailureKind::Refused,
        tried: tried.to_owned(),
        server: connection.server(),
        answer: format!("the record at partition {partition}, offset {offset} has a header whose name is no text"),
        hint: Some("Kafka's clients write names in UTF-8; leave it out with --partition and --offset".to_owned()),
    })?;
    each(&Record {
        partition,
        offset,
        timestamp: message.timestamp().to_millis(),
        key: message.key(),
        value: message.payload(),
        headers: &headers,
    })
}

thread_local! {
    /// Whether what panics in this thread is caught, and told otherwise.
    static IS_CAUGHT: Cell<bool> = const { Cell::new(false) };
}

/// The headers of a record; none where a name is no text, at which the client library panics.
fn headers<'m>(message: &'m BorrowedMessage<'_>) -> Option<Vec<Header<'m>>> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let tell = panic::take_hook();
        panic::set_hook(Box::new(move |panicked| {
            if !IS_CAUGHT.get() {
                tell(panicked);
            }
        }));
    });
    let Some(headers) = message.headers() else { return Some(Vec::new()) };
    IS_CAUGHT.set(true);
    let read = || headers.iter().map(|header| Header { name: header.key, value: header.value }).collect();
    let read = panic::catch_unwind(AssertUnwindSafe(read));
    IS_CAUGHT.set(false);
    read.ok()
}
