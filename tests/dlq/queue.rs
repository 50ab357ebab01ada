//! A topic with a dead-letter topic, and what is written to and read from them by hand.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use busctl::adapters::kafka::KafkaClient;
use busctl::model::TopicName;
use busctl::ports::kafka::{KafkaAdmin, NewTopic};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{Header, Headers, Message, OwnedHeaders, OwnedMessage};
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

use crate::support::sample::{bare, topic_file, workspace};
use crate::support::server::bus;
use crate::support::workspace::Scratch;

/// The declared queue `DOMAIN.order.v1.DOMAIN-reader.dlq` of the topic `DOMAIN.order.v1`.
pub struct Queue {
    /// The workspace.
    pub scratch: Scratch,
    /// Its topic.
    pub origin: String,
    /// The dead-letter topic.
    pub topic: String,
    servers: Servers,
}

/// Where topics are.
pub struct Servers {
    /// Makes topics.
    pub hand: KafkaClient,
    /// How a client connects.
    pub client: ClientConfig,
    /// How many replicas a topic gets.
    pub replicas: u32,
}

impl Servers {
    /// A single broker, by a listener for super users.
    pub fn single(hand: KafkaClient, port: u16) -> Self {
        Self { hand, client: Self::client(port), replicas: 1 }
    }

    fn client(port: u16) -> ClientConfig {
        let mut client = ClientConfig::new();
        client.set("bootstrap.servers", format!("127.0.0.1:{port}"));
        client
    }
}

/// A header as it is written.
pub type Written<'h> = (&'h str, Option<&'h [u8]>);

impl Queue {
    /// Makes both topics, with so many partitions each, on the broker that the tests share.
    pub async fn new(domain: &str, partitions: u32, configs: &[(&str, &str)]) -> Self {
        let bus = bus().await;
        let servers = Servers::single(bus.hand().await, bus.plain);
        Self::on(servers, bare(bus, domain), domain, partitions, configs).await
    }

    /// The same on other servers, which the workspace is connected to.
    pub async fn on(
        servers: Servers,
        scratch: Scratch,
        domain: &str,
        partitions: u32,
        configs: &[(&str, &str)],
    ) -> Self {
        let (origin, reader) = (format!("{domain}.order.v1"), format!("{domain}-reader"));
        Self::of(servers, scratch, (&origin, &reader), partitions, configs).await
    }

    /// The queue of a topic and the service that reads it.
    pub async fn of(
        servers: Servers,
        scratch: Scratch,
        (origin, reader): (&str, &str),
        partitions: u32,
        configs: &[(&str, &str)],
    ) -> Self {
        let (domain, _) = origin.split_once('.').unwrap();
        let (origin, topic) = (origin.to_owned(), format!("{origin}.{reader}.dlq"));
        scratch.write(
            &format!("topics/{domain}/{origin}.yaml"),
            format!("topic: {origin}\nconsumers: [{{ service: {reader}, dlq: true }}]\n"),
        );
        scratch.write(&format!("topics/{domain}/{topic}.yaml"), format!("topic: {topic}\nclass: dlq\n"));
        let queue = Self { scratch, origin: origin.clone(), topic: topic.clone(), servers };
        queue.create(&origin, partitions, configs).await;
        // Records of long ago are written to it.
        queue.create(&topic, partitions, &[("retention.ms", "-1")]).await;
        queue
    }

    /// The same, of which the manifests declare the topic alone: busctl makes the rest and gives the role `on-call` what it takes.
    pub async fn applied(domain: &str, login: &str) -> Self {
        let bus = bus().await;
        let scratch = workspace(bus, domain);
        let origin = format!("{domain}.order.v1");
        let topic = format!("{origin}.{domain}-reader.dlq");
        scratch.edit("busctl.yaml", "classes:\n", "classes:\n  dlq: { cleanup: [delete], retention: 14d }\n");
        let dlq = format!("consumers: [{{ service: {domain}-reader, dlq: {{ parking: true }} }}]");
        scratch.edit(&topic_file(domain, "order"), &format!("consumers: [{domain}-reader]"), &dlq);
        scratch.write(
            "catalog/roles.yaml",
            format!(
                "roles:\n  on-call:\n    owner: sales\n    dlq: {{ topics: [{domain}.*] }}\n    \
                 principals: {{ main: \"User:{login}\" }}\n"
            ),
        );
        let ours = format!("principals: [\"User:{domain}-*\"");
        scratch.edit("clusters/main.yaml", &ours, &format!("{ours}, \"User:{login}\""));
        scratch.run(&["apply", "--yes"]).ended(0);
        let servers = Servers::single(bus.hand().await, bus.plain);
        Self { scratch, origin, topic, servers }
    }

    /// Makes a topic.
    pub async fn create(&self, name: &str, partitions: u32, configs: &[(&str, &str)]) {
        let hand = &self.servers.hand;
        let name: TopicName = name.parse().unwrap();
        let configs = configs.iter().map(|(key, value)| ((*key).into(), (*value).to_owned())).collect();
        let new = NewTopic { name: name.clone(), partitions, replication_factor: self.servers.replicas, configs };
        for created in hand.create_topics(&[new], false).await {
            created.unwrap();
        }
        let until = Instant::now() + Duration::from_secs(30);
        while hand.describe_topics(std::slice::from_ref(&name)).await.unwrap()[0].is_err() && Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// A client for what a test does by hand.
    pub fn hand(&self) -> &KafkaClient {
        &self.servers.hand
    }

    /// A consumer by hand.
    pub fn consumer(&self, group: &str) -> BaseConsumer {
        let mut config = self.servers.client.clone();
        config.set("group.id", group).set("enable.auto.commit", "false").set("auto.offset.reset", "earliest");
        config.create().unwrap()
    }

    /// Commits how far a group has read a topic of one partition.
    pub fn commit(&self, group: &str, topic: &str, offset: i64) {
        let mut offsets = TopicPartitionList::new();
        offsets.add_partition_offset(topic, 0, Offset::Offset(offset)).unwrap();
        self.consumer(group).commit(&offsets, CommitMode::Sync).unwrap();
    }

    /// Removes the records of a partition of the queue before an offset, as retention does.
    pub async fn delete_records_before(&self, partition: u32, offset: i64) {
        for removed in self.hand().delete_records(&[(self.topic.parse().unwrap(), partition, offset)]).await {
            removed.unwrap();
        }
    }

    /// The first of the addresses that clients connect to.
    pub fn bootstrap(&self) -> &str {
        self.servers.client.get("bootstrap.servers").unwrap()
    }

    /// A writer by hand.
    pub fn writer(&self) -> Writer {
        self.writer_with(&[])
    }

    /// A writer by hand with configs of its own.
    pub fn writer_with(&self, configs: &[(&str, &str)]) -> Writer {
        let mut config = self.servers.client.clone();
        config.set("message.max.bytes", "8000000").set("queue.buffering.max.messages", "1000000");
        for (key, value) in configs {
            config.set(*key, *value);
        }
        Writer(config.create().unwrap())
    }

    /// Everything that was committed to a topic, in order of partition and offset.
    pub fn read(&self, topic: &str) -> Vec<OwnedMessage> {
        read_with(self.servers.client.clone(), topic)
    }
}

/// The same on a broker that listens there.
pub fn read_from(port: u16, topic: &str) -> Vec<OwnedMessage> {
    read_with(Servers::client(port), topic)
}

fn read_with(mut config: ClientConfig, topic: &str) -> Vec<OwnedMessage> {
    config.set("group.id", "independent").set("isolation.level", "read_committed");
    config.set("enable.partition.eof", "true").set("enable.auto.commit", "false").set("check.crcs", "true");
    let consumer: BaseConsumer = config.create().unwrap();
    let wait = Duration::from_secs(30);
    let metadata = consumer.fetch_metadata(Some(topic), wait).unwrap();
    let partitions: Vec<i32> = metadata.topics()[0].partitions().iter().map(|of| of.id()).collect();
    let mut assignment = TopicPartitionList::new();
    for partition in &partitions {
        assignment.add_partition_offset(topic, *partition, Offset::Beginning).unwrap();
    }
    consumer.assign(&assignment).unwrap();
    let mut left = partitions.len();
    let mut found = Vec::new();
    let until = Instant::now() + Duration::from_secs(120);
    while left > 0 {
        assert!(Instant::now() < until, "{topic} has no end");
        match consumer.poll(Duration::from_millis(500)) {
            Some(Ok(message)) => found.push(message.detach()),
            Some(Err(KafkaError::PartitionEOF(_))) => left -= 1,
            Some(Err(error)) => panic!("{error}"),
            None => {}
        }
    }
    found.sort_by_key(|message| (message.partition(), message.offset()));
    found
}

/// A writer by hand.
pub struct Writer(ThreadedProducer<DefaultProducerContext>);

/// A record to write by hand.
#[derive(Default, Clone, Copy)]
pub struct Letter<'l> {
    pub partition: i32,
    pub timestamp: Option<i64>,
    pub key: Option<&'l [u8]>,
    pub value: Option<&'l [u8]>,
    pub headers: &'l [Written<'l>],
}

impl Writer {
    pub fn producer(&self) -> &ThreadedProducer<DefaultProducerContext> {
        &self.0
    }

    pub fn write(&self, topic: &str, letter: Letter<'_>) {
        let mut record = BaseRecord::<[u8], [u8]>::to(topic).partition(letter.partition);
        record.key = letter.key;
        record.payload = letter.value;
        record.timestamp = letter.timestamp;
        let add = |headers: OwnedHeaders, (key, value): &Written<'_>| headers.insert(Header { key, value: *value });
        record.headers = Some(letter.headers.iter().fold(OwnedHeaders::new(), add));
        self.0.send(record).map_err(|(error, _)| error).unwrap();
    }

    pub fn flush(&self) {
        self.0.flush(Duration::from_secs(60)).unwrap();
    }
}

/// A record as it was read: key, value, timestamp, and its headers in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub partition: i32,
    pub timestamp: Option<i64>,
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    pub headers: Vec<(String, Option<Vec<u8>>)>,
}

impl Stored {
    pub fn of(message: &OwnedMessage) -> Self {
        let headers = message.headers().into_iter().flat_map(Headers::iter);
        Self {
            partition: message.partition(),
            timestamp: message.timestamp().to_millis(),
            key: message.key().map(<[u8]>::to_vec),
            value: message.payload().map(<[u8]>::to_vec),
            headers: headers.map(|header| (header.key.to_owned(), header.value.map(<[u8]>::to_vec))).collect(),
        }
    }

    /// The record without the headers by which a redrive is known, which must stand behind all others.
    pub fn without_redrive(mut self) -> Self {
        for name in ["busctl-redrive.attempt", "busctl-redrive.id"] {
            let last = self.headers.pop().map(|(name, _)| name);
            assert_eq!(last.as_deref(), Some(name));
        }
        self
    }
}

/// The headers of a record, the last of each name.
pub fn headers(message: &OwnedMessage) -> BTreeMap<String, Option<Vec<u8>>> {
    let headers = message.headers().into_iter().flat_map(Headers::iter);
    headers.map(|header| (header.key.to_owned(), header.value.map(<[u8]>::to_vec))).collect()
}

/// How many records have each value.
pub fn counts(messages: &[OwnedMessage]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for message in messages {
        let value = String::from_utf8_lossy(message.payload().unwrap_or_default()).into_owned();
        *counts.entry(value).or_default() += 1;
    }
    counts
}

/// Milliseconds since 1970.
pub fn now() -> i64 {
    std::time::UNIX_EPOCH.elapsed().unwrap().as_millis() as i64
}
