//! Dead letters as the frameworks themselves write them, from their own jars: what is told of each must be what happened, and what is
//! sent again must be the record that failed.

mod service;

use std::collections::BTreeMap;

use busctl::dlq::Told;
use busctl::ports::records::{Header, Record};
use rdkafka::message::{Headers, Message, OwnedMessage};
use serde_json::{Value, json};

use crate::queue::{Letter, Queue, Servers, Stored, Written, now};
use crate::support::sample::{bare, connect, plain};
use crate::support::server::{Server, bus};
use service::{connect_worker, service, watermill};

/// The headers of the records that fail.
const HEADERS: [Written<'static>; 3] = [("trace", Some(b"t2")), ("empty", Some(b"")), ("trace", Some(b"t1"))];

/// Writes records that fail to the partitions of the origin, the first to the first, each of them a minute older than the next.
fn write(queue: &Queue, records: &[(&[u8], &[u8])]) {
    let writer = queue.writer();
    for ((number, (key, value)), back) in (0..).zip(records).zip((1..=records.len() as i64).rev()) {
        let letter = Letter {
            partition: number,
            timestamp: Some(now() - back * 60_000),
            key: Some(key),
            value: Some(value),
            headers: &HEADERS,
        };
        writer.write(&queue.origin, letter);
    }
    writer.flush();
}

/// An integer, of which each framework knows the form.
const SEVENTEEN: &[u8] = &[0, 0, 0, 17];

/// What the readers of integers cannot read.
const NO_INTEGER: &[u8] = b"no integer";

/// Fails unless the groups of a triage are these, each with as many records. What is not named is not compared.
#[track_caller]
fn assert_groups(queue: &Queue, expected: &[(u64, Value)]) {
    let triage = queue.scratch.run(&["dlq", "triage", &queue.topic, "--format", "json"]).ended(0).json();
    let groups = triage["groups"].as_array().unwrap();
    assert_eq!(groups.len(), expected.len(), "{groups:#?}");
    for (count, words) in expected {
        let words = words.as_object().unwrap();
        let is_so = |group: &&Value| group["count"] == *count && words.iter().all(|(key, word)| group[key] == *word);
        assert!(groups.iter().any(|group| is_so(&group)), "{count} × {words:#?} is none of {groups:#?}");
    }
}

/// Gives what a dead letter tells of itself to `look`.
fn with_told<T>(letter: &OwnedMessage, look: impl FnOnce(&Told<'_>) -> T) -> T {
    let headers: Vec<Header<'_>> = letter
        .headers()
        .into_iter()
        .flat_map(Headers::iter)
        .map(|header| Header { name: header.key, value: header.value })
        .collect();
    look(&Told::of(&Record {
        partition: letter.partition(),
        offset: letter.offset(),
        timestamp: letter.timestamp().to_millis(),
        key: letter.key(),
        value: letter.payload(),
        headers: &headers,
    }))
}

/// Fails unless each dead letter tells the place of the record that failed, has its key and value, and all is written as the
/// convention says. `tells_time`: whether the time is told too.
#[track_caller]
fn assert_places(queue: &Queue, letters: &[OwnedMessage], tells_time: bool) {
    let origin = queue.read(&queue.origin);
    let places: BTreeMap<(i32, i64), &OwnedMessage> =
        origin.iter().map(|record| ((record.partition(), record.offset()), record)).collect();
    for letter in letters {
        with_told(letter, |told| {
            assert_eq!(told.unreadable, [""; 0]);
            assert_eq!(told.origin.topic.as_deref(), Some(&*queue.origin));
            let (partition, offset) = (told.origin.partition.unwrap(), told.origin.offset.unwrap());
            let record = places[&(i32::try_from(partition).unwrap(), offset)];
            assert_eq!((letter.key(), letter.payload()), (record.key(), record.payload()));
            let time = record.timestamp().to_millis().filter(|_| tells_time);
            assert_eq!(told.origin.timestamp, time);
        });
    }
}

/// Sends dead letters again; each must arrive as the record that failed. `keeps_time`: whether its time is known.
#[track_caller]
fn assert_sent_again(queue: &Queue, filter: &[&str], keeps_time: bool) {
    let stored = |from: usize| -> Vec<Stored> {
        let mut records: Vec<_> =
            queue.read(&queue.origin).iter().map(|record| (record.offset(), Stored::of(record))).collect();
        records.retain(|(offset, _)| (*offset > 0) == (from > 0));
        records.into_iter().map(|(_, record)| record).collect()
    };
    let failed = stored(0);
    queue.scratch.run(&[&["dlq", "reprocess", &queue.topic, "--yes"], filter].concat()).ended(0);
    let mut again: Vec<Stored> = stored(1).into_iter().map(Stored::without_redrive).collect();
    if !keeps_time {
        again.iter_mut().zip(&failed).for_each(|(again, failed)| again.timestamp = failed.timestamp);
    }
    assert_eq!(again, failed);
}

#[tokio::test(flavor = "multi_thread")]
async fn spring_kafka() {
    let queue = Queue::new("spring", 3, &[]).await;
    write(&queue, &[(SEVENTEEN, SEVENTEEN), (SEVENTEEN, NO_INTEGER), (NO_INTEGER, SEVENTEEN)]);
    let running = service("Spring", &queue, "spring-reader", &[]).await;
    let letters = running.wait_for(&queue, 3).await;
    assert_places(&queue, &letters, true);
    let deserialization = "org.springframework.kafka.support.serializer.DeserializationException";
    let unreadable = json!({
        "convention": "spring-kafka", "origin": queue.origin, "group": "spring-reader", "verdict": "schema",
        "class": deserialization, "root": "org.apache.kafka.common.errors.SerializationException",
        "message": "failed to deserialize",
    });
    let unpriced = json!({
        "convention": "spring-kafka", "origin": queue.origin, "group": "spring-reader", "verdict": "poison",
        "class": "org.springframework.kafka.listener.ListenerExecutionFailedException",
        "root": "java.lang.IllegalStateException", "message": "Listener failed; order 17 has no price",
    });
    assert_groups(&queue, &[(1, unpriced), (2, unreadable)]);
    assert_sent_again(&queue, &[], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn spring_retry_topics() {
    let queue = Queue::new("retried", 2, &[]).await;
    for retry in ["retry-0", "retry-1"] {
        queue.create(&format!("{}.{retry}", queue.origin), 2, &[]).await;
    }
    write(&queue, &[(b"a", b"1"), (b"b", b"2")]);
    let running = service("SpringRetry", &queue, "retried-reader", &[]).await;
    let letters = running.wait_for(&queue, 2).await;
    // Where it was first, not the retry topic that it came from last.
    assert_places(&queue, &letters, true);
    for letter in &letters {
        assert_eq!(with_told(letter, |told| told.attempt), Some(3), "it was tried three times");
    }
    let words = json!({
        "convention": "spring-kafka", "origin": queue.origin, "group": "retried-reader",
        "class": "org.springframework.kafka.listener.ListenerExecutionFailedException",
        "root": "java.util.NoSuchElementException", "message": "Listener failed; order has no price",
    });
    assert_groups(&queue, &[(2, words)]);
    // With retry topics Spring has a consumer of the dead-letter topic too.
    assert_sent_again(&queue, &["--with-live-consumer"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn spring_cloud_stream() {
    let queue = Queue::new("cloud", 2, &[]).await;
    write(&queue, &[(b"a", b"1"), (b"b", b"2")]);
    let running = service("SpringCloud", &queue, "cloud-reader", &[]).await;
    let letters = running.wait_for(&queue, 2).await;
    assert_places(&queue, &letters, true);
    let words = json!({
        "convention": "spring-cloud-stream", "origin": queue.origin,
        "class": "org.springframework.messaging.MessagingException", "root": "java.lang.IllegalArgumentException",
    });
    assert_groups(&queue, &[(2, words)]);
    let first = fingerprint(&queue);
    assert_sent_again(&queue, &[], true);
    // Messages name objects by their addresses, which are others in each run of the service. It is the same failure. The records that
    // were sent again fail again.
    drop(running);
    let running = service("SpringCloud", &queue, "cloud-reader", &[]).await;
    running.wait_for(&queue, 4).await;
    assert_eq!(fingerprint(&queue), first);
}

/// That of the only group that waits.
#[track_caller]
fn fingerprint(queue: &Queue) -> String {
    let triage = queue.scratch.run(&["dlq", "triage", &queue.topic, "--format", "json"]).ended(0).json();
    assert_eq!(triage["groups"].as_array().unwrap().len(), 1, "{triage:#}");
    triage["groups"][0]["fingerprint"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn kafka_connect() {
    let queue = Queue::new("connect", 2, &[]).await;
    write(&queue, &[(b"a", b"{\"price\""), (b"b", b"price")]);
    let running = connect_worker(&queue).await;
    let letters = running.wait_for(&queue, 6).await;
    assert_places(&queue, &letters, false);
    let words = |component: &str, stage: &str, verdict: &str, root: Option<&str>| {
        json!({
            "convention": "connect", "origin": queue.origin, "component": component, "stage": stage, "verdict": verdict,
            "class": "org.apache.kafka.connect.errors.DataException", "root": root,
        })
    };
    let json = "com.fasterxml.jackson.core.JsonParseException";
    let groups = [
        (2, words("put", "TASK_PUT", "transient", Some("org.apache.kafka.connect.errors.RetriableException"))),
        (2, words("transform", "TRANSFORMATION", "schema", None)),
    ];
    // Two texts that are no JSON, each for a reason of its own.
    let end = "com.fasterxml.jackson.core.io.JsonEOFException";
    let converted = [end, json].map(|root| (1, words("convert", "VALUE_CONVERTER", "schema", Some(root))));
    assert_groups(&queue, &[&groups[..], &converted[..]].concat());
    assert_sent_again(&queue, &["--header", "__connect.errors.connector.name=put"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn kafka_streams() {
    let queue = Queue::new("streams", 2, &[]).await;
    write(&queue, &[(SEVENTEEN, SEVENTEEN), (SEVENTEEN, NO_INTEGER)]);
    let state = queue.scratch.path("state").display().to_string();
    let running = service("Streams", &queue, "streams-reader", &[&state]).await;
    let letters = running.wait_for(&queue, 2).await;
    assert_places(&queue, &letters, false);
    let words = |class: &str, message: &str, verdict: &str| {
        json!({
            "convention": "streams", "origin": queue.origin, "class": class, "message": message, "verdict": verdict,
        })
    };
    let unreadable = "Size of data received by IntegerDeserializer is not 4";
    assert_groups(
        &queue,
        &[
            (1, words("java.lang.IllegalStateException", "order 17 has no price", "poison")),
            (1, words("org.apache.kafka.common.errors.SerializationException", unreadable, "schema")),
        ],
    );
    assert_sent_again(&queue, &[], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn smallrye() {
    let queue = Queue::new("smallrye", 2, &[]).await;
    write(&queue, &[(b"a", b"1"), (b"b", b"2")]);
    let running = service("SmallRye", &queue, "smallrye-reader", &[]).await;
    let letters = running.wait_for(&queue, 2).await;
    assert_places(&queue, &letters, false);
    let words = json!({
        "convention": "smallrye", "origin": queue.origin, "class": "java.lang.IllegalStateException",
        "root": "java.lang.ArithmeticException", "message": "order 17 has no price",
    });
    assert_groups(&queue, &[(2, words)]);
    assert_sent_again(&queue, &[], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn watermill_poison_queue() {
    let queue = Queue::new("watermill", 1, &[]).await;
    // It gives each record an id, and takes that of one that has it.
    let writer = queue.writer();
    let of: [Written<'_>; 2] = [("trace", Some(b"t1")), ("_watermill_message_uuid", Some(b"4f1c"))];
    writer
        .write(&queue.origin, Letter { timestamp: Some(now()), value: Some(b"1"), headers: &of, ..Letter::default() });
    writer.flush();
    let Some(running) = watermill(&queue, "watermill-reader") else { return };
    let letters = running.wait_for(&queue, 1).await;
    with_told(&letters[0], |told| {
        assert_eq!(told.origin.topic.as_deref(), Some(&*queue.origin));
        assert_eq!(told.unreadable, [""; 0]);
    });
    let words = json!({
        "convention": "watermill", "origin": queue.origin, "component": "price-orders",
        "message": "order 17 has no price",
    });
    assert_groups(&queue, &[(1, words)]);
    queue.scratch.run(&["dlq", "reprocess", &queue.topic, "--yes"]).ended(0);
    let mut records = queue.read(&queue.origin).iter().map(Stored::of).collect::<Vec<_>>();
    let (mut again, mut failed) = (records.remove(1).without_redrive(), records.remove(0));
    // It keeps headers in no order.
    again.headers.sort();
    failed.headers.sort();
    assert_eq!((again.key, again.value, again.headers), (failed.key, failed.value, failed.headers));
}

/// The first version whose brokers write dead letters of share groups.
const WITH_SHARE_GROUPS: &str = "4.4.0";

#[tokio::test(flavor = "multi_thread")]
async fn share_groups() {
    let server = Server::start_version(WITH_SHARE_GROUPS, |_| (service::open_node(), Vec::new())).await;
    let port = server.node.port("PLAIN").unwrap();
    let scratch = bare(bus().await, "share");
    connect(&scratch, "share", &plain(port));
    let queue = Queue::on(Servers::single(server.hand().await, port), scratch, "share", 2, &[]).await;
    write(&queue, &[(b"a", b"1"), (b"b", b"2")]);
    let running = service("ShareGroup", &queue, "share-reader", &[]).await;
    let letters = running.wait_for(&queue, 2).await;
    assert_places(&queue, &letters, false);
    for letter in &letters {
        with_told(letter, |told| assert_eq!(told.attempt, Some(1)));
    }
    let words = json!({
        "convention": "share-group", "origin": queue.origin, "group": "share-reader",
        "message": "Offset rejected by client.",
    });
    assert_groups(&queue, &[(2, words)]);
}
