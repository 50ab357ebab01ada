//! A producer that writes all the time, and the reader that counts.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::{Offset, TopicPartitionList};
use tokio::task::JoinHandle;

use crate::support::certificates::Identity;
use crate::support::three_nodes::ThreeNodes;

/// Longer than a broker is away in any of these tests.
const PATIENCE: &str = "90000";

fn client(nodes: &ThreeNodes, identity: &Identity) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", &nodes.bootstrap)
        .set("security.protocol", "ssl")
        .set("ssl.ca.location", nodes.authority.certificate().to_string_lossy())
        .set("ssl.certificate.location", identity.certificate.to_string_lossy())
        .set("ssl.key.location", identity.key.to_string_lossy());
    config
}

/// Writes so many records of so many bytes that there is something to move.
pub async fn fill(nodes: &ThreeNodes, topic: &str, records: usize, bytes: usize) {
    let mut config = client(nodes, &nodes.admin);
    config.set("acks", "all").set("message.timeout.ms", PATIENCE).set("linger.ms", "20");
    let producer: FutureProducer = config.create().unwrap();
    // Bytes that do not compress.
    let payload: Vec<u8> = (0..bytes as u64).map(|at| (at.wrapping_mul(2_654_435_761) >> 7) as u8).collect();
    let key = |number: usize| format!("fill-{number}");
    let sent = (0..records).map(|number| {
        let (producer, payload) = (&producer, &payload);
        async move {
            producer.send(FutureRecord::to(topic).key(&key(number)).payload(payload), Duration::from_secs(90)).await
        }
    });
    for sent in futures::future::join_all(sent).await {
        sent.unwrap();
    }
}

/// A producer that writes until it is stopped.
pub struct Traffic {
    stop: Arc<AtomicBool>,
    /// The numbers of the records that were acknowledged.
    written: JoinHandle<BTreeSet<u64>>,
}

impl Traffic {
    /// Begins to write.
    pub fn start(nodes: &ThreeNodes, topic: &'static str) -> Self {
        let mut config = client(nodes, &nodes.admin);
        config.set("acks", "all").set("enable.idempotence", "true").set("message.timeout.ms", PATIENCE);
        let producer: FutureProducer = config.create().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let written = tokio::spawn(async move {
            let mut under_way = Vec::new();
            for number in 0_u64.. {
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                let producer = producer.clone();
                under_way.push(tokio::spawn(async move {
                    let key = format!("live-{number}");
                    let record = FutureRecord::to(topic).key(&key).payload("a record");
                    producer.send(record, Duration::from_secs(90)).await.is_ok().then_some(number)
                }));
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let mut written = BTreeSet::new();
            for sent in under_way {
                written.extend(sent.await.unwrap());
            }
            written
        });
        Self { stop, written }
    }

    /// Stops, and shows that every record that was acknowledged is there.
    pub async fn assert_nothing_is_lost(self, nodes: &ThreeNodes, topic: &str, partitions: i32) {
        self.stop.store(true, Ordering::Relaxed);
        let written = self.written.await.unwrap();
        assert!(written.len() > 50, "only {} records were acknowledged", written.len());
        let mut config = client(nodes, &nodes.admin);
        config.set("group.id", "shop-counter").set("enable.auto.commit", "false").set("enable.partition.eof", "false");
        let topic = topic.to_owned();
        let read = move || -> BTreeSet<u64> {
            let consumer: BaseConsumer = config.create().unwrap();
            let mut all = TopicPartitionList::new();
            let mut left: i64 = 0;
            for partition in 0..partitions {
                let (low, high) = consumer.fetch_watermarks(&topic, partition, Duration::from_secs(60)).unwrap();
                left += high - low;
                all.add_partition_offset(&topic, partition, Offset::Beginning).unwrap();
            }
            consumer.assign(&all).unwrap();
            let mut read = BTreeSet::new();
            let deadline = Instant::now() + Duration::from_secs(90);
            while left > 0 && Instant::now() < deadline {
                let Some(Ok(record)) = consumer.poll(Duration::from_millis(200)) else { continue };
                left -= 1;
                let key = String::from_utf8_lossy(record.key().unwrap_or_default()).into_owned();
                read.extend(key.strip_prefix("live-").and_then(|number| number.parse::<u64>().ok()));
            }
            read
        };
        let read = tokio::task::spawn_blocking(read).await.unwrap();
        let lost: Vec<&u64> = written.difference(&read).collect();
        assert!(lost.is_empty(), "{} of {} acknowledged records are lost: {lost:?}", lost.len(), written.len());
    }
}
