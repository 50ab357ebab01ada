//! Records of every kind, byte for byte, header for header: sent again, and given up and taken back.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use busctl::ports::kafka::KafkaAdmin;
use rdkafka::producer::Producer;
use serde_json::Value;

use crate::queue::{Letter, Queue, Stored, Written, now};
use crate::support::sample::set_config;
use crate::support::server::bus;
use crate::support::workspace::assert_valid;

/// A key and a value.
type Payload = (Option<Vec<u8>>, Option<Vec<u8>>);

const CODECS: [&str; 5] = ["none", "gzip", "snappy", "lz4", "zstd"];

/// How many records a queue of [every kind](fill) shows to who reads what was committed.
const SHOWN: usize = CODECS.len() * 2 * 6 + 20;

fn payloads(codec: &str) -> [Payload; 6] {
    let bytes = |text: &str| Some(format!("{text} {codec}").into_bytes());
    // One that can be compressed and one that cannot; both are records of their own.
    let large = || Some(codec.bytes().cycle().take(1_000_000).collect());
    let noise = || {
        let mut state = codec.len() as u64 + 1;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        };
        Some((0..1_000_000).map(|_| next()).collect())
    };
    [
        (bytes("k"), bytes("v")),
        (None, Some(Vec::new())),
        (bytes("gone"), None),
        (None, None),
        (Some(Vec::new()), large()),
        (bytes("noise"), noise()),
    ]
}

/// Headers of a dead letter of a topic: some are repeated, out of order, empty, without a value, and no texts.
fn headers<'h>(origin: &'h str, partition: &'h str) -> Vec<Written<'h>> {
    vec![
        ("z", Some(b"1")),
        ("busctl-dlq.origin-topic", Some(origin.as_bytes())),
        ("trace", Some(b"t2")),
        ("a", Some(b"\xff\x00")),
        ("busctl-dlq.origin-partition", Some(partition.as_bytes())),
        ("trace", Some(b"t1")),
        ("empty", Some(b"")),
        ("trace", None),
        ("", Some(b"no name")),
        ("busctl-dlq.error-class", Some(b"TimeoutError")),
        ("trace", Some(b"t2")),
    ]
}

/// Fills a queue of three partitions, the origin being partition 2: batches of each codec, transactions that were committed and
/// that were given up, so that there are control batches and gaps.
fn fill(queue: &Queue) {
    let of = headers(&queue.origin, "2");
    for (at, codec) in CODECS.into_iter().enumerate() {
        let writer = queue.writer_with(&[("compression.type", codec), ("linger.ms", "50")]);
        for (number, (key, value)) in (0_i64..).zip(payloads(codec)) {
            // Timestamps of a partition go back and forth.
            for timestamp in [now() - 60_000 * (7 - number), now() - 10 * number] {
                let letter = Letter {
                    partition: (at % 3) as i32,
                    timestamp: Some(timestamp),
                    key: key.as_deref(),
                    value: value.as_deref(),
                    headers: &of,
                };
                writer.write(&queue.topic, letter);
            }
        }
        writer.flush();
    }
    let writer = queue.writer_with(&[("transactional.id", &format!("{}-writer", queue.topic))]);
    let wait = Duration::from_secs(30);
    writer.producer().init_transactions(wait).unwrap();
    for transaction in 0..8 {
        writer.producer().begin_transaction().unwrap();
        for number in 0..5 {
            let value = format!("{transaction} {number}");
            let letter =
                Letter { partition: number % 3, value: Some(value.as_bytes()), headers: &of, ..Letter::default() };
            writer.write(&queue.topic, letter);
        }
        match transaction % 2 {
            0 => writer.producer().commit_transaction(wait).unwrap(),
            _ => writer.producer().abort_transaction(wait).unwrap(),
        }
    }
}

fn stored(queue: &Queue, topic: &str) -> Vec<Stored> {
    queue.read(topic).iter().map(Stored::of).collect()
}

/// The same in an order of their own, so that they can be compared whatever partition they were read from.
fn sorted(mut records: Vec<Stored>) -> Vec<Stored> {
    records.sort_by(|one, other| {
        (&one.value, &one.key, one.timestamp, one.partition).cmp(&(
            &other.value,
            &other.key,
            other.timestamp,
            other.partition,
        ))
    });
    records
}

/// What a dead letter is where it comes from, partition 2, once why it failed is over.
fn at_origin(mut letter: Stored) -> Stored {
    letter.partition = 2;
    letter.headers.retain(|(name, _)| !name.starts_with("busctl-dlq."));
    letter
}

/// Fails where records are not the same. Large ones are not printed.
#[track_caller]
fn assert_same(found: &[Stored], expected: &[Stored]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        let size = |part: &Option<Vec<u8>>| part.as_ref().map(Vec::len);
        assert!(
            found.key == expected.key && found.value == expected.value,
            "{:?}",
            (size(&found.key), size(&found.value))
        );
        assert_eq!(
            (found.partition, found.timestamp, &found.headers),
            (expected.partition, expected.timestamp, &expected.headers)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_again_is_what_it_was() {
    let queue = Queue::new("faithful", 3, &[]).await;
    fill(&queue);
    let letters = stored(&queue, &queue.topic);
    assert_eq!(letters.len(), SHOWN);
    let dry = queue.scratch.run(&["dlq", "reprocess", &queue.topic]).ended(0);
    dry.shows(&[
        &format!("{SHOWN} records would be sent to faithful.order.v1"),
        &format!("Nothing was done: {SHOWN} dead letters of faithful.order.v1.faithful-reader.dlq wait for --yes."),
    ]);
    assert!(queue.read(&queue.origin).is_empty());
    let sent = queue.scratch.run(&["dlq", "reprocess", &queue.topic, "--yes", "--format", "json"]).ended(0).json();
    assert_valid("dlq-settling.schema.json", &sent);
    assert_eq!(sent["sent"], serde_json::json!({ &*queue.origin: SHOWN }));
    let arrived = stored(&queue, &queue.origin);
    let mark = vec![
        ("busctl-redrive.id".to_owned(), sent["run"].as_str().map(|run| run.as_bytes().to_vec())),
        ("busctl-redrive.attempt".to_owned(), Some(b"1".to_vec())),
    ];
    assert!(arrived.iter().all(|record| record.headers.ends_with(&mark)));
    let found: Vec<Stored> = arrived.into_iter().map(Stored::without_redrive).collect();
    assert_same(&sorted(found), &sorted(letters.into_iter().map(at_origin).collect()));
    // What is settled waits no longer, and is not sent again.
    let again = queue.scratch.run(&["dlq", "reprocess", &queue.topic, "--yes"]).ended(0);
    again.shows(&[&format!("{SHOWN} settled before"), "Nothing to do."]);
    let triage = queue.scratch.run(&["dlq", "triage", &queue.topic, "--format", "json"]).ended(0).json();
    assert_eq!((&triage["waiting"], &triage["settled"]), (&Value::from(0), &Value::from(SHOWN)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_up_and_taken_back_is_what_it_was() {
    let queue = Queue::new("takenback", 3, &[]).await;
    fill(&queue);
    let letters = stored(&queue, &queue.topic);
    let export = queue.scratch.path("all.jsonl").display().to_string();
    let discard =
        ["dlq", "discard", &queue.topic, "--reason", "CR-7", "--export", &export, "--yes", "--format", "json"];
    assert_eq!(queue.scratch.run(&discard).ended(0).json()["discarded"], SHOWN);
    let all = format!("{SHOWN} of {SHOWN} records");
    queue.scratch.run(&["dlq", "restore", &export, "--yes"]).ended(0).shows(&[&all]);
    let after = stored(&queue, &queue.topic);
    for partition in 0..3 {
        let of = |records: &[Stored]| -> Vec<Stored> {
            records.iter().filter(|record| record.partition == partition).cloned().collect()
        };
        let (before, after) = (of(&letters), of(&after));
        assert_same(&after[..before.len()], &before);
        assert_same(&after[before.len()..], &before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_compaction_has_left_of_a_queue_is_sent_again() {
    let hand = bus().await.hand().await;
    // The cleaner looks every fifteen seconds otherwise.
    let often = [(None, vec![("log.cleaner.backoff.ms".into(), Some("200".to_owned()))])];
    hand.alter_broker_configs(&often, false).await.remove(0).unwrap();
    let queue = Queue::new("gaps", 1, &[]).await;
    for (config, value) in [("cleanup.policy", "compact"), ("segment.ms", "100"), ("min.cleanable.dirty.ratio", "0.01")]
    {
        set_config(&hand, &queue.topic, config, Some(value)).await;
    }
    let writer = queue.writer();
    let of = headers(&queue.origin, "0");
    let write = |number: usize| {
        let (key, value) = (format!("k{}", number % 10), number.to_string());
        let letter =
            Letter { key: Some(key.as_bytes()), value: Some(value.as_bytes()), headers: &of, ..Letter::default() };
        writer.write(&queue.topic, letter);
        writer.flush();
    };
    let until = Instant::now() + Duration::from_secs(90);
    let mut written = 0;
    let letters = loop {
        (written..written + 50).for_each(write);
        written += 50;
        let letters = queue.read(&queue.topic);
        if letters.len() + 40 < written {
            break letters;
        }
        assert!(Instant::now() < until, "nothing was compacted");
        tokio::time::sleep(Duration::from_millis(300)).await;
    };
    // What the segment that is written to holds may be compacted meanwhile.
    queue.scratch.run(&["dlq", "reprocess", &queue.topic, "--yes"]).ended(0);
    let values = |topic: &str| -> BTreeSet<Vec<u8>> {
        stored(&queue, topic).into_iter().filter_map(|record| record.value).collect()
    };
    let (sent, left) = (values(&queue.origin), values(&queue.topic));
    assert!(sent.is_superset(&left) && sent.len() <= letters.len(), "{} of {}", sent.len(), letters.len());
    let triage = queue.scratch.run(&["dlq", "triage", &queue.topic, "--format", "json"]).ended(0).json();
    assert_eq!(triage["waiting"], 0);
}

/// A batch of records is larger than any of them: what a topic takes one by one must not fail because it is sent together.
#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_takes_small_batches_gets_small_ones() {
    let queue = Queue::new("small", 1, &[("max.message.bytes", "6000")]).await;
    let writer = queue.writer();
    let of = headers(&queue.origin, "0");
    let mut state = 1_u64;
    for _ in 0..200 {
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        };
        let value: Vec<u8> = (0..1_000).map(|_| next()).collect();
        writer.write(&queue.topic, Letter { value: Some(&value), headers: &of, ..Letter::default() });
    }
    writer.flush();
    queue.scratch.run(&["dlq", "reprocess", &queue.topic, "--yes"]).ended(0).shows(&["200 records sent"]);
    let arrived = stored(&queue, &queue.origin).into_iter().map(Stored::without_redrive).collect::<Vec<_>>();
    let mut letters = stored(&queue, &queue.topic);
    letters.iter_mut().for_each(|letter| letter.headers.retain(|(name, _)| !name.starts_with("busctl-dlq.")));
    assert_same(&arrived, &letters);
    set_config(&bus().await.hand().await, &queue.topic, "max.message.bytes", Some("6000")).await;
    let writer = queue.writer_with(&[("batch.size", "5000")]);
    letters.iter().for_each(|letter| {
        writer.write(&queue.topic, Letter { value: letter.value.as_deref(), headers: &of, ..Letter::default() });
    });
    writer.flush();
    let export = queue.scratch.path("small.jsonl").display().to_string();
    let discard = ["dlq", "discard", &queue.topic, "--reason", "CR-7", "--export", &export, "--yes"];
    queue.scratch.run(&discard).ended(0).shows(&["200 records"]);
    queue.scratch.run(&["dlq", "restore", &export, "--yes"]).ended(0).shows(&["200 of 200 records"]);
}
