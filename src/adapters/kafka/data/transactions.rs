//! Writes records and positions in transactions.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerGroupMetadata};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseRecord, DeliveryResult, Producer, ProducerContext, ThreadedProducer};
use rdkafka::topic_partition_list::TopicPartitionListElem;
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

use super::read::once_a_leader_knows;
use super::scan::text_of;
use super::{Context, Readers, create, failure, is_fenced, producer, reader, unusable};
use crate::model::TopicName;
use crate::ports::connection::Connection;
use crate::ports::records::{Outgoing, Position, RecordSink};
use crate::ports::{Failure, FailureKind};

/// A writer that has fenced everybody who had its transactional id before. The group that it keeps its position in has the same
/// name.
pub(in crate::adapters::kafka) struct Transactions {
    producer: ThreadedProducer<Context<Sent>>,
    /// The group's only client. It joins nothing.
    group: BaseConsumer<Context>,
    metadata: ConsumerGroupMetadata,
    connection: Arc<Connection>,
    /// What is written beside its positions.
    mark: String,
    tried: String,
}

/// Why the first record of a transaction was not delivered. That fails the transaction, which does not say it.
#[derive(Default)]
pub(super) struct Sent(Mutex<Option<KafkaError>>);

impl Sent {
    fn first(&self) -> std::sync::MutexGuard<'_, Option<KafkaError>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ProducerContext for Context<Sent> {
    type DeliveryOpaque = ();

    fn delivery(&self, delivered: &DeliveryResult<'_>, (): ()) {
        if let Err((error, _)) = delivered {
            self.state.first().get_or_insert_with(|| error.clone());
        }
    }
}

/// The largest batch that is written where every topic takes as much, in bytes: librdkafka's own.
const LARGEST_BATCH: i64 = 1_000_000;

/// The largest record that is written, in bytes: as large as librdkafka takes. What a topic takes is known better elsewhere.
const LARGEST_RECORD: &str = "1000000000";

/// Has records go where Java's producer puts them, so that one without a partition of its own goes where its key always went, in
/// batches that topics take. A record that is larger is a batch of its own.
pub(super) fn as_java_would(config: &mut ClientConfig, most_bytes: Option<i64>) {
    let batch = most_bytes.map_or(LARGEST_BATCH, |most| most.clamp(1, LARGEST_BATCH));
    config.set("partitioner", "murmur2_random");
    config.set("batch.size", batch.to_string()).set("message.max.bytes", LARGEST_RECORD);
}

impl Readers {
    /// Begins to write with a transactional id, no batches that are larger than `most_bytes`. `mark` is written beside its
    /// positions, and `tried` says what it is for. It waits for
    /// what another one with that id had begun. It blocks, in a runtime.
    pub(in crate::adapters::kafka) fn transactions(
        &self,
        id: &str,
        mark: &str,
        tried: &str,
        most_bytes: Option<i64>,
    ) -> Result<Transactions, Failure> {
        let connection = self.now();
        let mut config = producer(&connection, id);
        as_java_would(&mut config, most_bytes);
        let context = Context::new(self.access(), Sent::default());
        let producer: ThreadedProducer<Context<Sent>> =
            create(config, &connection, context).map_err(|error| unusable(tried, &connection, &error))?;
        let group: BaseConsumer<Context> = create(reader(&connection, id), &connection, self.context())
            .map_err(|error| unusable(tried, &connection, &error))?;
        let metadata = group.group_metadata().ok_or_else(|| Failure {
            kind: FailureKind::Server,
            tried: tried.to_owned(),
            server: connection.server(),
            answer: format!("the group {id} has no metadata"),
            hint: None,
        })?;
        let failed = |error: KafkaError| failure(tried, &connection, &error, producer.context());
        // Without a connection the coordinator is asked for half a second later.
        let connect = || producer.client().fetch_metadata(None, connection.timeout);
        once_a_leader_knows(&connection, connect).map_err(failed)?;
        producer.init_transactions(connection.timeout.max(Duration::from_secs(10))).map_err(failed)?;
        let (mark, tried) = (mark.to_owned(), tried.to_owned());
        Ok(Transactions { producer, group, metadata, connection: connection.clone(), mark, tried })
    }

    /// Where a group stands in partitions of a topic, of what was committed with this mark. It blocks, in a runtime.
    pub(in crate::adapters::kafka) fn marked_positions(
        &self,
        group: &str,
        mark: &str,
        topic: &TopicName,
        partitions: &[i32],
    ) -> Result<BTreeMap<i32, i64>, Failure> {
        let connection = self.now();
        let tried = format!("read the committed offsets of the group {group}");
        let mut config = reader(&connection, group);
        // What a run that was killed has not committed is not waited for: what was committed before it holds.
        config.set("isolation.level", "read_uncommitted");
        let consumer: BaseConsumer<Context> =
            create(config, &connection, self.context()).map_err(|error| unusable(&tried, &connection, &error))?;
        let mut asked = TopicPartitionList::with_capacity(partitions.len());
        for partition in partitions {
            asked.add_partition(topic.as_str(), *partition);
        }
        let committed = consumer.committed_offsets(asked, connection.timeout);
        let committed = committed.map_err(|error| failure(&tried, &connection, &error, consumer.context()))?;
        let is_marked = |element: &TopicPartitionListElem<'_>| text_of(|| element.metadata() == mark) == Some(true);
        let position = |element: &TopicPartitionListElem<'_>| match element.offset() {
            Offset::Offset(offset) if is_marked(element) => Some((element.partition(), offset)),
            _ => None,
        };
        Ok(committed.elements().iter().filter_map(position).collect())
    }
}

/// Has a producer send a record, as soon as it has room for it.
pub(super) fn enqueue<C>(producer: &ThreadedProducer<C>, record: &Outgoing<'_>) -> Result<(), KafkaError>
where
    C: ProducerContext<DeliveryOpaque = ()> + 'static,
{
    let mut next = BaseRecord::<[u8], [u8]>::to(record.topic);
    next.key = record.key;
    next.payload = record.value;
    next.partition = record.partition;
    next.timestamp = record.timestamp;
    if !record.headers.is_empty() {
        let headers = OwnedHeaders::new_with_capacity(record.headers.len());
        let add = |headers: OwnedHeaders, header: &crate::ports::records::Header<'_>| {
            headers.insert(Header { key: header.name, value: header.value })
        };
        next.headers = Some(record.headers.iter().fold(headers, add));
    }
    loop {
        match producer.send(next) {
            Ok(()) => return Ok(()),
            Err((error, back)) if error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull) => {
                next = back;
                std::thread::sleep(Duration::from_millis(2));
            }
            Err((error, _)) => return Err(error),
        }
    }
}

impl Transactions {
    fn patience(&self) -> Duration {
        self.connection.timeout.max(Duration::from_secs(10))
    }

    /// Waits until all that was sent is delivered. The commit waits too, and so does the client's own `flush`, but both look every
    /// tenth of a second only.
    fn delivered(&self) -> Result<(), KafkaError> {
        let until = Instant::now() + self.patience();
        while self.producer.in_flight_count() > 0 {
            if Instant::now() >= until {
                return self.producer.flush(Duration::ZERO);
            }
            self.producer.poll(Duration::from_millis(1));
        }
        Ok(())
    }

    fn failed(&self, error: &KafkaError) -> Failure {
        let context = self.producer.context();
        let undelivered = context.state.first().clone();
        let failure = failure(&self.tried, &self.connection, undelivered.as_ref().unwrap_or(error), context);
        match is_fenced(error) || self.producer.client().fatal_error().is_some() {
            true => Failure { kind: FailureKind::Fenced, hint: None, ..failure },
            false => failure,
        }
    }

    /// Gives up what was begun.
    pub(super) fn abort(&self) {
        // What is not given up now ends with its time, and whoever begins with the same id gives it up at once.
        self.producer.abort_transaction(self.patience()).ok();
    }

    /// Gives up what was begun, and says why.
    fn given_up(&self, error: &KafkaError) -> Failure {
        let failure = self.failed(error);
        if failure.kind != FailureKind::Fenced {
            self.abort();
        }
        failure
    }
}

impl RecordSink for Transactions {
    fn begin(&mut self) -> Result<(), Failure> {
        self.producer.context().state.first().take();
        self.producer.begin_transaction().map_err(|error| self.failed(&error))
    }

    fn send(&mut self, record: &Outgoing<'_>) -> Result<(), Failure> {
        enqueue(&self.producer, record).map_err(|error| self.given_up(&error))
    }

    fn commit(&mut self, topic: &TopicName, positions: &[Position]) -> Result<(), Failure> {
        if !positions.is_empty() {
            let mut offsets = TopicPartitionList::with_capacity(positions.len());
            for position in positions {
                let mut of = offsets.add_partition(topic.as_str(), position.partition);
                of.set_metadata(&self.mark);
                of.set_offset(Offset::Offset(position.offset)).map_err(|error| self.given_up(&error))?;
            }
            let sent = self.producer.send_offsets_to_transaction(&offsets, &self.metadata, self.patience());
            sent.map_err(|error| self.given_up(&error))?;
        }
        self.delivered().map_err(|error| self.given_up(&error))?;
        match self.producer.commit_transaction(self.patience()) {
            Ok(()) => Ok(()),
            // Whether it was committed is not known yet; the same call again finds out.
            Err(KafkaError::Transaction(error)) if error.is_retriable() => {
                self.producer.commit_transaction(self.patience()).map_err(|error| self.failed(&error))
            }
            Err(error) => Err(self.given_up(&error)),
        }
    }
}

impl Drop for Transactions {
    fn drop(&mut self) {
        // The group is kept as long as its metadata are used.
        self.group.unassign().ok();
    }
}
