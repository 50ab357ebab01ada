//! Reads parts of a topic, however large they are.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Headers, Message};
use rdkafka::{Offset, TopicPartitionList};

use super::read::{is_about_the_group, may_pass, once_a_leader_knows};
use super::{Context, Readers, failure, of_code, scanner, unusable};
use crate::model::TopicName;
use crate::ports::Failure;
use crate::ports::connection::Connection;
use crate::ports::records::{Header, Record, RecordSource, Stretch};

impl RecordSource for Readers {
    fn partitions(&self, topic: &TopicName) -> Result<Vec<Stretch>, Failure> {
        let consumer = self.take()?;
        let connection = self.connection();
        let topic = topic.as_str();
        let tried = format!("look at the topic {topic}");
        let failed = |error: KafkaError| failure(&tried, connection, &error, consumer.context());
        let metadata = consumer.fetch_metadata(Some(topic), connection.timeout).map_err(failed)?;
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
        let mut open: HashMap<i32, &Stretch> = stretches
            .iter()
            .filter(|stretch| stretch.from < stretch.to)
            .map(|stretch| (stretch.partition, stretch))
            .collect();
        if open.is_empty() {
            return Ok(());
        }
        let connection = self.now();
        let config = scanner(&connection, open.len())?;
        let consumer: BaseConsumer<Context> = config
            .create_with_context(self.context())
            .map_err(|error| unusable("connect for reading", &connection, &error))?;
        scan(&consumer, topic.as_str(), &mut open, &connection, each)
    }
}

fn scan(
    consumer: &BaseConsumer<Context>,
    topic: &str,
    open: &mut HashMap<i32, &Stretch>,
    connection: &Connection,
    each: &mut dyn FnMut(&Record<'_>) -> Result<ControlFlow<()>, Failure>,
) -> Result<(), Failure> {
    let tried = format!("read the topic {topic}");
    let failed = |error: KafkaError| failure(&tried, connection, &error, consumer.context());
    let mut assignment = TopicPartitionList::with_capacity(open.len());
    for stretch in open.values() {
        assignment.add_partition_offset(topic, stretch.partition, Offset::Offset(stretch.from)).map_err(failed)?;
    }
    consumer.assign(&assignment).map_err(failed)?;
    // Nothing more of a partition is wanted: what is written to it meanwhile must not take the place of what is.
    let leave = |open: &mut HashMap<i32, &Stretch>, partition: i32| {
        if open.remove(&partition).is_none() || open.is_empty() {
            return Ok(());
        }
        let mut done = TopicPartitionList::with_capacity(1);
        done.add_partition(topic, partition);
        consumer.pause(&done).map_err(failed)
    };
    let mut deadline = Instant::now() + connection.timeout;
    while !open.is_empty() {
        match consumer.poll(Duration::from_millis(100)) {
            Some(Ok(message)) => {
                deadline = Instant::now() + connection.timeout;
                let (partition, offset) = (message.partition(), message.offset());
                let Some(stretch) = open.get(&partition) else { continue };
                let to = stretch.to;
                if offset < to && with_record(&message, &mut *each)?.is_break() {
                    return Ok(());
                }
                if offset + 1 >= to {
                    leave(open, partition)?;
                }
            }
            // What lies behind belongs to a transaction that has not ended, or is no record but its end.
            Some(Err(KafkaError::PartitionEOF(partition))) => leave(open, partition)?,
            Some(Err(error)) if is_about_the_group(&error) => {}
            Some(Err(error)) if may_pass(&error) && Instant::now() < deadline => consumer.context().keep(&error, ""),
            Some(Err(error)) => return Err(failed(error)),
            None if Instant::now() < deadline => {}
            None => return Err(failed(KafkaError::MessageConsumption(RDKafkaErrorCode::OperationTimedOut))),
        }
    }
    Ok(())
}

fn with_record<T>(message: &BorrowedMessage<'_>, each: impl FnOnce(&Record<'_>) -> T) -> T {
    let headers: Vec<Header<'_>> = message.headers().map_or_else(Vec::new, |headers| {
        headers.iter().map(|header| Header { name: header.key, value: header.value }).collect()
    });
    each(&Record {
        partition: message.partition(),
        offset: message.offset(),
        timestamp: message.timestamp().to_millis(),
        key: message.key(),
        value: message.payload(),
        headers: &headers,
    })
}
