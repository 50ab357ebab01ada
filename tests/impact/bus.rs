//! The bus that all of these tests share, and its clients.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use busctl::adapters::kafka::KafkaClient;
use busctl::adapters::registry::RegistryClient;
use busctl::localbus::progress::Silent;
use busctl::localbus::{ADMIN, BusSpec, EphemeralBus, Host};
use busctl::model::{Secret, TopicName};
use busctl::ports::connection::{Connection, Login, RegistryConnection, Sasl};
use busctl::ports::kafka::{KafkaAdmin, NewTopic};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use tokio::sync::OnceCell;

pub const HOUR: i64 = 3_600_000;
pub const DAY: i64 = 24 * HOUR;
/// A login that nobody has granted anything.
pub const NOBODY: &str = "nobody";
/// A login that reads what it is granted.
pub const READER: &str = "reader";
/// A login that may plan, and sees no group.
pub const BLIND: &str = "blind";

pub async fn bus() -> &'static EphemeralBus {
    static BUS: OnceCell<EphemeralBus> = OnceCell::const_new();
    BUS.get_or_init(|| async {
        let host = Host::from_environment().unwrap();
        EphemeralBus::start(&host, "c", &BusSpec::with_logins([NOBODY, READER, BLIND].map(Into::into).into()), &Silent)
            .await
            .unwrap()
    })
    .await
}

pub async fn kafka_as(login: &str) -> KafkaClient {
    let access = bus().await.access();
    let login = access.secrets.login(login).unwrap();
    let login = Login { username: login.name, password: Secret::new(login.password.expose()) };
    let connection = Connection {
        bootstrap: vec![access.bootstrap.clone()],
        tls: None,
        sasl: Some(Sasl::Plain(login)),
        timeout: Duration::from_secs(30),
    };
    KafkaClient::connect(connection).await.unwrap()
}

pub async fn registry() -> RegistryClient {
    let url = bus().await.access().registry_url.clone().unwrap();
    RegistryClient::new(&RegistryConnection { url, tls: None, auth: None, timeout: Duration::from_secs(30) }).unwrap()
}

pub fn name(text: &str) -> TopicName {
    text.parse().unwrap()
}

pub fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64
}

/// Creates a topic and waits until the broker serves it.
pub async fn create(topic: &str, partitions: u32, configs: &[(&str, &str)]) {
    let kafka = kafka_as(ADMIN).await;
    let configs = configs.iter().map(|(key, value)| ((*key).into(), (*value).to_owned())).collect();
    let new = NewTopic { name: name(topic), partitions, replication_factor: 1, configs };
    assert_eq!(kafka.create_topics(&[new], false).await, [Ok(())]);
    while kafka.describe_topics(&[name(topic)]).await.unwrap()[0].as_ref().map_or(0, |info| info.partitions.len())
        < partitions as usize
    {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub async fn client() -> ClientConfig {
    client_as(ADMIN).await
}

async fn client_as(login: &str) -> ClientConfig {
    let access = bus().await.access();
    let login = access.secrets.login(login).unwrap();
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", &access.bootstrap)
        .set("security.protocol", "SASL_PLAINTEXT")
        .set("sasl.mechanisms", "PLAIN")
        .set("sasl.username", login.name)
        .set("sasl.password", login.password.expose());
    config
}

/// Writes this many records of a timestamp to a partition.
pub async fn produce(topic: &str, partition: i32, timestamp: i64, count: usize) {
    let producer: FutureProducer = client().await.set("linger.ms", "20").create().unwrap();
    let payload = "x".repeat(100);
    let sent = (0..count).map(|_| {
        let record = FutureRecord::<(), _>::to(topic).partition(partition).timestamp(timestamp).payload(&payload);
        producer.send(record, Duration::from_secs(20))
    });
    futures::future::try_join_all(sent).await.unwrap();
}

/// A member of a group that reads a topic and has committed these offsets. It stays until it is dropped.
pub async fn member(topic: &str, group: &str, protocol: &str, committed: &[(i32, i64)]) -> BaseConsumer {
    member_as(ADMIN, topic, group, protocol, committed).await
}

pub async fn member_as(
    login: &str,
    topic: &str,
    group: &str,
    protocol: &str,
    committed: &[(i32, i64)],
) -> BaseConsumer {
    let mut config = client_as(login).await;
    config.set("group.id", group).set("client.id", format!("{group}-client")).set("group.protocol", protocol);
    config.set("enable.auto.commit", "false").set("auto.offset.reset", "earliest");
    let consumer: BaseConsumer = config.create().unwrap();
    consumer.subscribe(&[topic]).unwrap();
    tokio::task::block_in_place(|| {
        while consumer.assignment().unwrap().count() < committed.len() {
            consumer.poll(Duration::from_millis(100));
        }
        consumer.commit(&offsets(topic, committed), CommitMode::Sync).unwrap();
    });
    consumer
}

/// A group that has committed offsets and has no members.
pub async fn empty_group(topic: &str, group: &str, committed: &[(i32, i64)]) {
    let consumer: BaseConsumer = client().await.set("group.id", group).create().unwrap();
    consumer.commit(&offsets(topic, committed), CommitMode::Sync).unwrap();
}

fn offsets(topic: &str, committed: &[(i32, i64)]) -> TopicPartitionList {
    let mut list = TopicPartitionList::new();
    for (partition, offset) in committed {
        list.add_partition_offset(topic, *partition, Offset::Offset(*offset)).unwrap();
    }
    list
}
