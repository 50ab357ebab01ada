//! Reads parts of a topic, however large they are.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::ControlFlow;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Headers, Message};
use rdkafka::{Offset, TopicPartitionList};

use super::read::{answered, described, has_no_leader_yet, is_about_the_group, lost_its_leader, may_pass};
use super::{Context, Readers, create, failure, scanner, unusable};
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
        let mut stretches = Vec::new();
        for partition in described(&consumer, connection, topic, &tried)? {
            // The reader reads what was committed, and is told the end of that.
            let ends = |timeout: Duration| consumer.fetch_watermarks(topic, partition, timeout);
            let (from, to) = answered(&consumer, connection, ends).map_err(failed)?;
            stretches.push(Stretch { partition, from, to });
        }
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
        let partitions: BTreeSet<i32> = open.iter().map(|stretch| stretch.partition).collect();
        let config = scanner(&connection, partitions.len());
        let consumer: BaseConsumer<Context> = create(config, &connection, self.context())
            .map_err(|error| unusable("connect for reading", &connection, &error))?;
        drain(&consumer, topic.as_str(), open, &connection, &mut |message| with_record(message, &mut *each))
    }
}

/// The parts of a topic that are still to be read, by partition, each in order.
struct Open<'c> {
    consumer: &'c BaseConsumer<Context>,
    topic: &'c str,
    timeout: Duration,
    stretches: BTreeMap<i32, VecDeque<Stretch>>,
}

impl Open<'_> {
    /// Whether an offset is among what is still to be read. What lies before it is not there any more.
    fn meets(&mut self, partition: i32, offset: i64) -> KafkaResult<bool> {
        self.done(partition, offset - 1)?;
        let current = self.stretches.get(&partition).and_then(|stretches| stretches.front());
        Ok(current.is_some_and(|stretch| stretch.from <= offset))
    }

    /// Goes on to the next part of a partition where this one ends with an offset.
    fn done(&mut self, partition: i32, offset: i64) -> KafkaResult<()> {
        let Some(stretches) = self.stretches.get_mut(&partition) else { return Ok(()) };
        if stretches.front().is_some_and(|stretch| stretch.to > offset + 1) {
            return Ok(());
        }
        while stretches.front().is_some_and(|stretch| stretch.to <= offset + 1) {
            stretches.pop_front();
        }
        match stretches.front() {
            None => self.leave(partition),
            Some(next) if next.from > offset + 1 => {
                self.consumer.seek(self.topic, partition, Offset::Offset(next.from), self.timeout)
            }
            Some(_) => Ok(()),
        }
    }

    /// Nothing more of a partition is wanted: what is written to it meanwhile must not take the place of what is.
    fn leave(&mut self, partition: i32) -> KafkaResult<()> {
        if self.stretches.remove(&partition).is_none() || self.stretches.is_empty() {
            return Ok(());
        }
        let mut done = TopicPartitionList::with_capacity(1);
        done.add_partition(self.topic, partition);
        self.consumer.pause(&done)
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
    let failed = |error: KafkaError| failure(&tried, connection, &lost_its_leader(error), consumer.context());
    let mut open = Open { consumer, topic, timeout: connection.timeout, stretches: BTreeMap::new() };
    let mut assignment = TopicPartitionList::with_capacity(stretches.len());
    for stretch in stretches {
        let of_partition = open.stretches.entry(stretch.partition).or_default();
        if of_partition.is_empty() {
            assignment.add_partition_offset(topic, stretch.partition, Offset::Offset(stretch.from)).map_err(failed)?;
        }
        of_partition.push_back(stretch);
    }
    consumer.assign(&assignment).map_err(failed)?;
    // Begins with the first look that finds nothing: what was done with a record took its own time.
    let mut deadline: Option<Instant> = None;
    let is_over = |deadline: &mut Option<Instant>| {
        Instant::now() >= *deadline.get_or_insert_with(|| Instant::now() + connection.timeout)
    };
    while !open.stretches.is_empty() {
        match consumer.poll(Duration::from_millis(100)) {
            Some(Ok(message)) => {
                let (partition, offset) = (message.partition(), message.offset());
                if open.meets(partition, offset).map_err(failed)? && each(&message)?.is_break() {
                    return Ok(());
                }
                open.done(partition, offset).map_err(failed)?;
                deadline = None;
            }
            // What lies behind belongs to a transaction that has not ended, or is no record but its end.
            Some(Err(KafkaError::PartitionEOF(partition))) => open.leave(partition).map_err(failed)?,
            Some(Err(error)) if is_about_the_group(&error) => {}
            Some(Err(error)) if may_pass(&error) && !is_over(&mut deadline) => consumer.context().keep(&error, ""),
            Some(Err(error)) => {
                let error = lost_its_leader(error);
                if has_no_leader_yet(&error) {
                    // Nor has a topic that was deleted meanwhile.
                    described(consumer, connection, topic, &tried)?;
                }
                return Err(failed(error));
            }
            None if !is_over(&mut deadline) => {}
            None => return Err(failed(KafkaError::MessageConsumption(RDKafkaErrorCode::OperationTimedOut))),
        }
    }
    Ok(())
}

fn with_record<T>(message: &BorrowedMessage<'_>, each: impl FnOnce(&Record<'_>) -> T) -> T {
    each(&Record {
        partition: message.partition(),
        offset: message.offset(),
        timestamp: message.timestamp().to_millis(),
        key: message.key(),
        value: message.payload(),
        headers: &headers(message),
    })
}

thread_local! {
    /// Whether what panics in this thread is caught, and told otherwise.
    static IS_CAUGHT: Cell<bool> = const { Cell::new(false) };
}

/// What the client library reads of a text; none where it panics, for it is none.
pub(super) fn text_of<T>(read: impl FnOnce() -> T) -> Option<T> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let tell = panic::take_hook();
        panic::set_hook(Box::new(move |panicked| {
            if !IS_CAUGHT.get() {
                tell(panicked);
            }
        }));
    });
    IS_CAUGHT.set(true);
    let read = panic::catch_unwind(AssertUnwindSafe(read));
    IS_CAUGHT.set(false);
    read.ok()
}

fn headers<'m>(message: &'m BorrowedMessage<'_>) -> Vec<Header<'m>> {
    let Some(headers) = message.headers() else { return Vec::new() };
    let named = |header: rdkafka::message::Header<'m, &'m [u8]>| Header { name: header.key, value: header.value };
    text_of(|| headers.iter().map(named).collect()).unwrap_or_else(|| {
        let one = |at| text_of(|| headers.try_get(at).map(named));
        let unreadable = Header { name: Header::UNREADABLE, value: None };
        (0..headers.count()).filter_map(|at| one(at).unwrap_or(Some(unreadable))).collect()
    })
}
