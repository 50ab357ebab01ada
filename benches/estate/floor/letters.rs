//! The bare loops beside which dead letters are measured: a consumer that judges nothing, and a copy in transactions that keeps no
//! account. They have the client that busctl has, set up as busctl sets it up.

use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Headers, Message};
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

use crate::Outcome;

/// How many records a transaction of the copy has, and how large it grows: as those of busctl.
const BATCH_RECORDS: usize = 1_000;
const BATCH_BYTES: usize = 4 << 20;

const PATIENCE: Duration = Duration::from_secs(60);

/// How the broker is reached.
#[derive(Debug, Clone, Copy)]
pub struct Client<'s> {
    /// `HOST:PORT`.
    pub bootstrap: &'s str,
    /// The file with the password of `admin`.
    pub password_file: &'s str,
}

impl Client<'_> {
    /// The arguments with which this program reads so many records of a topic.
    pub fn consume(self, topic: &str, count: usize) -> Vec<String> {
        ["floor-consume", self.bootstrap, self.password_file, topic, &count.to_string()].map(str::to_owned).to_vec()
    }

    /// The arguments with which this program copies so many records of a topic to another one.
    pub fn copy(self, from: &str, to: &str, count: usize) -> Vec<String> {
        let count = count.to_string();
        ["floor-copy", self.bootstrap, self.password_file, from, &count, to].map(str::to_owned).to_vec()
    }

    fn config(self) -> Outcome<ClientConfig> {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", self.bootstrap).set("security.protocol", "sasl_plaintext");
        config.set("sasl.mechanism", "PLAIN").set("sasl.username", "admin");
        config.set("sasl.password", std::fs::read_to_string(self.password_file)?.trim());
        Ok(config)
    }

    /// A producer's configuration.
    pub fn producer(self) -> Outcome<ClientConfig> {
        let mut config = self.config()?;
        config.set("linger.ms", "2").set("queue.buffering.max.messages", "1000000");
        Ok(config)
    }

    fn consumer(self, group: &str, topic: &str) -> Outcome<(BaseConsumer, usize)> {
        let mut config = self.config()?;
        config.set("group.id", group).set("isolation.level", "read_committed");
        config.set("enable.auto.commit", "false").set("enable.partition.eof", "true");
        // As busctl does: with the default it waits a second whenever it has read ahead as much as it may.
        config.set("fetch.queue.backoff.ms", "10");
        let consumer: BaseConsumer = config.create()?;
        let metadata = consumer.fetch_metadata(Some(topic), PATIENCE)?;
        let partitions = metadata.topics().first().ok_or("no such topic")?.partitions();
        let mut assignment = TopicPartitionList::new();
        for partition in partitions {
            assignment.add_partition_offset(topic, partition.id(), Offset::Beginning)?;
        }
        consumer.assign(&assignment)?;
        Ok((consumer, partitions.len()))
    }
}

/// Gives each record to `each`, up to the end of all partitions. Says how many there were.
fn drain(
    (consumer, partitions): &(BaseConsumer, usize),
    mut each: impl FnMut(&BorrowedMessage<'_>) -> Outcome<()>,
) -> Outcome<usize> {
    let (mut records, mut ended) = (0, 0);
    while ended < *partitions {
        match consumer.poll(PATIENCE) {
            Some(Ok(message)) => {
                each(&message)?;
                records += 1;
            }
            Some(Err(KafkaError::PartitionEOF(_))) => ended += 1,
            Some(Err(error)) => return Err(error.into()),
            None => return Err("nothing came".into()),
        }
    }
    Ok(records)
}

/// Reads a topic to its end. Why a record is dead stands in its headers: no reader of dead letters can do without them.
pub fn consume(client: Client<'_>, topic: &str, expected: usize) -> Outcome<()> {
    let mut bytes = 0;
    let records = drain(&client.consumer("floor-consume", topic)?, |message| {
        bytes += message.key_len() + message.payload_len();
        let headers = message.headers().into_iter().flat_map(Headers::iter);
        bytes += headers.map(|header| header.key.len() + header.value.map_or(0, <[u8]>::len)).sum::<usize>();
        Ok(())
    })?;
    println!("{records} records, {bytes} bytes");
    if records == expected { Ok(()) } else { Err(format!("{records} records are not {expected}").into()) }
}

/// Copies a topic, in transactions with the positions in them.
pub fn copy(client: Client<'_>, from: &str, to: &str, expected: usize) -> Outcome<()> {
    let id = format!("floor-copy-{from}");
    let mut config = client.producer()?;
    config.set("transactional.id", &id).set("compression.type", "lz4");
    let producer: ThreadedProducer<DefaultProducerContext> = config.create()?;
    producer.init_transactions(PATIENCE)?;
    let reader = client.consumer(&id, from)?;
    let group = reader.0.group_metadata().ok_or("the group has no metadata")?;
    let mut positions = std::collections::BTreeMap::new();
    let (mut count, mut bytes) = (0, 0);
    let commit = |positions: &std::collections::BTreeMap<i32, i64>| -> Outcome<()> {
        let mut offsets = TopicPartitionList::new();
        for (partition, offset) in positions {
            offsets.add_partition_offset(from, *partition, Offset::Offset(*offset))?;
        }
        producer.send_offsets_to_transaction(&offsets, &group, PATIENCE)?;
        // The client's own `flush` looks every tenth of a second only.
        while producer.in_flight_count() > 0 {
            producer.poll(Duration::from_millis(1));
        }
        Ok(producer.commit_transaction(PATIENCE)?)
    };
    let records = drain(&reader, |message| {
        if count == 0 {
            producer.begin_transaction()?;
        }
        let mut record = BaseRecord::<[u8], [u8]>::to(to).partition(message.partition());
        record.key = message.key();
        record.payload = message.payload();
        record.timestamp = message.timestamp().to_millis();
        record.headers = message.headers().map(|headers| headers.detach());
        producer.send(record).map_err(|(error, _)| error)?;
        positions.insert(message.partition(), message.offset() + 1);
        count += 1;
        bytes += message.payload_len() + message.key_len();
        if count == BATCH_RECORDS || bytes >= BATCH_BYTES {
            commit(&positions)?;
            (count, bytes) = (0, 0);
        }
        Ok(())
    })?;
    if count > 0 {
        commit(&positions)?;
    }
    if records == expected { Ok(()) } else { Err(format!("{records} records are not {expected}").into()) }
}
