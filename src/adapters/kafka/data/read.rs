//! Reads topics of one partition from some place to where they end now.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Message, Timestamp};
use rdkafka::{Offset, TopicPartitionList};
use tokio::runtime::Handle;

use super::scan::drain;
use super::{Context, create, failure, of_code, reader, unusable};
use crate::adapters::kafka::access::Access;
use crate::ports::Failure;
use crate::ports::connection::{Connection, Sasl};
use crate::ports::records::Stretch;

/// A record as it is stored.
pub(in crate::adapters::kafka) struct Record<'r> {
    pub(in crate::adapters::kafka) key: Option<&'r [u8]>,
    /// `None` where it says that the key is gone.
    pub(in crate::adapters::kafka) value: Option<&'r [u8]>,
    /// When the broker took it, in milliseconds since 1970, where the topic keeps that.
    pub(in crate::adapters::kafka) appended: Option<i64>,
}

/// Where reading starts.
#[derive(Debug, Clone, Copy)]
pub(in crate::adapters::kafka) enum Start {
    Beginning,
    /// This offset, or the beginning where the topic has none as high.
    Offset(i64),
    /// This many offsets before the end.
    BeforeEnd(i64),
    /// The first record that is not older, in milliseconds since 1970.
    Time(i64),
}

/// Readers of one cluster. They are used again: one that has just connected reads only half a second later.
pub(in crate::adapters::kafka) struct Readers {
    access: Arc<Access>,
    idle: Mutex<Idle>,
}

/// How long a reader with a token may be idle: nobody polls it meanwhile, so that it has no next one when that is over, and the
/// brokers end its session.
const LONGEST_WITH_TOKEN: Duration = Duration::from_secs(2);

/// How long one call of a reader with a token may take.
const LONGEST_CALL_WITH_TOKEN: Duration = Duration::from_secs(3);

/// Readers that nobody uses, all of one connection: a reader keeps the secrets that it was made with.
struct Idle {
    of: Arc<Connection>,
    readers: Vec<(Instant, BaseConsumer<Context>)>,
}

impl Readers {
    pub(in crate::adapters::kafka) fn new(access: Arc<Access>) -> Self {
        let of = Arc::new(access.told().clone());
        Self { access, idle: Mutex::new(Idle { of, readers: Vec::new() }) }
    }

    pub(in crate::adapters::kafka) fn connection(&self) -> &Connection {
        self.access.told()
    }

    /// Connects a reader ahead of its use. It blocks, in a runtime. What fails here fails again, and is told, where it is needed.
    pub(in crate::adapters::kafka) fn prepare(&self) {
        if let Ok(consumer) = self.take() {
            self.keep(consumer);
        }
    }

    /// Gives every committed record to `each`, in order, up to where the topic ended when the reading began. Fails with
    /// [`NotFound`](crate::ports::FailureKind::NotFound) where there is no such topic. It blocks, in a runtime.
    pub(in crate::adapters::kafka) fn read(
        &self,
        topic: &str,
        start: Start,
        each: impl FnMut(Record<'_>),
    ) -> Result<(), Failure> {
        let consumer = self.take()?;
        read(self.connection(), &consumer, topic, start, each)?;
        self.keep(consumer);
        Ok(())
    }

    /// The connection with its secrets as they are now.
    pub(super) fn now(&self) -> Arc<Connection> {
        Handle::current().block_on(self.access.now())
    }

    pub(super) fn access(&self) -> &Arc<Access> {
        &self.access
    }

    /// What a reader of its own tells.
    pub(super) fn context(&self) -> Context {
        Context::new(&self.access, ())
    }

    /// A reader that nobody uses, or a new one.
    pub(super) fn take(&self) -> Result<BaseConsumer<Context>, Failure> {
        let now = self.now();
        let idle = {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.of != now {
                *idle = Idle { of: now.clone(), readers: Vec::new() };
            }
            if matches!(now.sasl, Some(Sasl::OauthBearer(_))) {
                idle.readers.retain(|(since, _)| since.elapsed() < LONGEST_WITH_TOKEN);
            }
            idle.readers.pop().map(|(_, consumer)| consumer)
        };
        let consumer = idle.map_or_else(|| self.open(&now), Ok)?;
        if matches!(now.sasl, Some(Sasl::OauthBearer(_))) {
            // The first token is fetched while polling alone, and the calls of a reader do not poll. What is polled besides
            // belongs to an assignment that is over.
            consumer.poll(Duration::from_millis(100));
        }
        Ok(consumer)
    }

    /// Keeps a reader for the next use.
    pub(super) fn keep(&self, consumer: BaseConsumer<Context>) {
        consumer.context().forget();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).readers.push((Instant::now(), consumer));
    }

    fn open(&self, connection: &Connection) -> Result<BaseConsumer<Context>, Failure> {
        let config = reader(connection, crate::ports::journal::LOCK_GROUP);
        create(config, connection, self.context()).map_err(|error| unusable("connect for reading", connection, &error))
    }
}

fn read(
    connection: &Connection,
    consumer: &BaseConsumer<Context>,
    topic: &str,
    start: Start,
    mut each: impl FnMut(Record<'_>),
) -> Result<(), Failure> {
    let tried = format!("read the topic {topic}");
    let failed = |error: KafkaError| failure(&tried, connection, &error, consumer.context());
    described(consumer, connection, topic, &tried)?;
    let ends = |timeout: Duration| consumer.fetch_watermarks(topic, 0, timeout);
    let (low, high) = answered(consumer, connection, ends).map_err(failed)?;
    let first = |timeout: Duration| first_offset(consumer, topic, start, (low, high), timeout);
    let from = answered(consumer, connection, first).map_err(failed)?;
    if from >= high {
        return Ok(());
    }
    drain(consumer, topic, vec![Stretch { partition: 0, from, to: high }], connection, &mut |message| {
        each(record(message));
        Ok(ControlFlow::Continue(()))
    })
}

/// What librdkafka says of a partition that is there, by what brokers have told a moment ago: it is none where nobody leads it.
pub(super) fn lost_its_leader(error: KafkaError) -> KafkaError {
    match error.rdkafka_error_code() {
        Some(
            RDKafkaErrorCode::UnknownPartition
            | RDKafkaErrorCode::UnknownTopic
            | RDKafkaErrorCode::UnknownTopicOrPartition,
        ) => KafkaError::MetadataFetch(RDKafkaErrorCode::LeaderNotAvailable),
        _ => error,
    }
}

/// The topic's partitions, each of which has a leader, in order. Fails with [`NotFound`](crate::ports::FailureKind::NotFound) where
/// there is no such topic.
pub(super) fn described(
    consumer: &BaseConsumer<Context>,
    connection: &Connection,
    topic: &str,
    tried: &str,
) -> Result<BTreeSet<i32>, Failure> {
    let describe = |timeout: Duration| {
        let metadata = consumer.fetch_metadata(Some(topic), timeout)?;
        let described = metadata.topics().iter().find(|described| described.name() == topic);
        let Some(described) = described else { return Ok(Err(RDKafkaErrorCode::UnknownTopicOrPartition)) };
        if let Some(error) = described.error() {
            return Ok(Err(error.into()));
        }
        if described.partitions().is_empty() || described.partitions().iter().any(|partition| partition.leader() < 0) {
            return Err(KafkaError::MetadataFetch(RDKafkaErrorCode::LeaderNotAvailable));
        }
        Ok(Ok(described.partitions().iter().map(|partition| partition.id()).collect()))
    };
    answered(consumer, connection, describe)
        .map_err(|error| failure(tried, connection, &error, consumer.context()))?
        .map_err(|code| of_code(tried, connection, code))
}

fn first_offset(
    consumer: &BaseConsumer<Context>,
    topic: &str,
    start: Start,
    (low, high): (i64, i64),
    timeout: Duration,
) -> KafkaResult<i64> {
    Ok(match start {
        Start::Beginning => low,
        Start::Offset(offset) if offset <= high => offset.max(low),
        Start::Offset(_) => low,
        Start::BeforeEnd(count) => (high - count).max(low),
        Start::Time(millis) => {
            let mut asked = TopicPartitionList::new();
            asked.add_partition_offset(topic, 0, Offset::Offset(millis))?;
            let found = consumer.offsets_for_times(asked, timeout)?;
            match found.elements().first().map(|element| element.offset()) {
                Some(Offset::Offset(offset)) => offset,
                // Nothing is as new.
                _ => high,
            }
        }
    })
}

/// Asks again while the partition has no leader, or a new one that has not caught up (KIP-207), and where the client has just let go
/// of the broker that it asked, because the brokers tell other addresses by now.
pub(super) fn once_a_leader_knows<T>(connection: &Connection, ask: impl Fn() -> KafkaResult<T>) -> KafkaResult<T> {
    let deadline = Instant::now() + connection.timeout;
    loop {
        match ask() {
            Err(error) if has_no_leader_yet(&error) && Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(100));
            }
            answer => return answer,
        }
    }
}

/// What a reader is answered. Its calls do not poll, and the next token is fetched while polling alone: where the brokers take tokens,
/// a call is short, and its reader polls before the next one.
pub(super) fn answered<T>(
    consumer: &BaseConsumer<Context>,
    connection: &Connection,
    ask: impl Fn(Duration) -> KafkaResult<T>,
) -> KafkaResult<T> {
    let ask = |timeout: Duration| ask(timeout).map_err(lost_its_leader);
    if !matches!(connection.sasl, Some(Sasl::OauthBearer(_))) {
        return once_a_leader_knows(connection, || ask(connection.timeout)).inspect_err(|_| hear(consumer));
    }
    let deadline = Instant::now() + connection.timeout;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match ask(left.min(LONGEST_CALL_WITH_TOKEN)) {
            Err(error) if may_pass(&error) && Instant::now() < deadline => {
                consumer.poll(Duration::from_millis(100));
            }
            answer => return answer,
        }
    }
}

/// Has the client tell what it met meanwhile. Its calls do not, and say little of it themselves.
fn hear(consumer: &BaseConsumer<Context>) {
    // Each look takes one of its words, and whether it was the last one is not told.
    for _ in 0..100 {
        drop(consumer.poll(Duration::ZERO));
    }
}

/// A reader commits no offsets, so it needs no right on the group that it names.
pub(super) fn is_about_the_group(error: &KafkaError) -> bool {
    error.rdkafka_error_code() == Some(RDKafkaErrorCode::GroupAuthorizationFailed)
}

/// A leader that moves and a broker that restarts are waited for.
pub(super) fn may_pass(error: &KafkaError) -> bool {
    has_no_leader_yet(error)
        || matches!(
            error.rdkafka_error_code(),
            Some(
                RDKafkaErrorCode::BrokerTransportFailure
                    | RDKafkaErrorCode::AllBrokersDown
                    | RDKafkaErrorCode::OperationTimedOut
            )
        )
}

pub(super) fn has_no_leader_yet(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(
            RDKafkaErrorCode::NotLeaderForPartition
                | RDKafkaErrorCode::LeaderNotAvailable
                | RDKafkaErrorCode::OffsetNotAvailable
                // One side has not heard yet of the leader that the other one knows (KIP-320).
                | RDKafkaErrorCode::FencedLeaderEpoch
                | RDKafkaErrorCode::UnknownLeaderEpoch
                | RDKafkaErrorCode::DestroyBroker
        )
    )
}

fn record<'m>(message: &'m BorrowedMessage<'_>) -> Record<'m> {
    let appended = match message.timestamp() {
        Timestamp::LogAppendTime(millis) => Some(millis),
        _ => None,
    };
    Record { key: message.key(), value: message.payload(), appended }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn asked_with(timeout: Duration, answers: &[KafkaResult<i64>]) -> (KafkaResult<i64>, usize) {
        let connection = Connection { bootstrap: vec!["a:9092".into()], tls: None, sasl: None, timeout };
        let asked = Cell::new(0);
        let answer = once_a_leader_knows(&connection, || {
            asked.set(asked.get() + 1);
            answers[(asked.get() - 1).min(answers.len() - 1)].clone()
        });
        (answer, asked.get())
    }

    fn no_offset<T>(code: RDKafkaErrorCode) -> KafkaResult<T> {
        Err(KafkaError::MetadataFetch(code))
    }

    #[test]
    fn a_new_leader_is_asked_until_it_has_caught_up() {
        let answers = [
            no_offset(RDKafkaErrorCode::UnknownLeaderEpoch),
            no_offset(RDKafkaErrorCode::OffsetNotAvailable),
            no_offset(RDKafkaErrorCode::LeaderNotAvailable),
            Ok(7),
        ];
        assert_eq!(asked_with(Duration::from_secs(30), &answers), (Ok(7), 4));
    }

    #[test]
    fn a_broker_that_the_client_let_go_of_is_asked_for_again() {
        let answers = [no_offset(RDKafkaErrorCode::DestroyBroker), Ok(7)];
        assert_eq!(asked_with(Duration::from_secs(30), &answers), (Ok(7), 2));
    }

    #[test]
    fn what_does_not_pass_and_what_takes_too_long_is_told() {
        let refused = no_offset(RDKafkaErrorCode::TopicAuthorizationFailed);
        assert_eq!(asked_with(Duration::from_secs(30), &[refused.clone(), Ok(7)]), (refused, 1));
        let behind = no_offset(RDKafkaErrorCode::OffsetNotAvailable);
        assert_eq!(asked_with(Duration::ZERO, &[behind.clone(), Ok(7)]), (behind, 1));
    }
}
