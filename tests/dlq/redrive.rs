//! Dead letters that are sent again: each once, as they were, whatever happens on the way.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka::message::Message;
use rdkafka::producer::Producer;
use serde_json::Value;

use crate::queue::{Letter, Queue, Written, counts, headers, now};
use crate::support::workspace::assert_valid;

/// A key and a value.
type Payload<'p> = (Option<&'p [u8]>, Option<&'p [u8]>);

/// Headers of a dead letter of a topic.
fn failed<'h>(origin: &'h str, partition: &'h str) -> Vec<Written<'h>> {
    vec![
        ("trace", Some(b"t1")),
        ("trace", Some(b"t2")),
        ("none", None),
        ("busctl-dlq.origin-topic", Some(origin.as_bytes())),
        ("busctl-dlq.origin-partition", Some(partition.as_bytes())),
        ("busctl-dlq.error-class", Some(b"TimeoutError")),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_sent_again_as_it_was() {
    let queue = Queue::new("faithful", 3, &[]).await;
    let written = now() - 60_000;
    let large = vec![b'x'; 1_000_000];
    let headers_of = failed(&queue.origin, "2");
    let letter = Letter { partition: 0, timestamp: Some(written), headers: &headers_of, ..Letter::default() };
    let payloads: [Payload<'_>; 5] =
        [(Some(b"k"), Some(b"v")), (None, Some(b"")), (Some(b"gone"), None), (None, None), (Some(b""), Some(&large))];
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let writer = queue.writer_with(&[("compression.type", codec)]);
        for (key, value) in payloads {
            writer.write(&queue.topic, Letter { key, value, ..letter });
        }
        writer.flush();
    }
    // Of two transactions in the queue only the one that was committed is there.
    let writer = queue.writer_with(&[("transactional.id", "faithful-writer")]);
    let wait = Duration::from_secs(30);
    writer.producer().init_transactions(wait).unwrap();
    for (value, is_kept) in [("kept", true), ("given up", false)] {
        writer.producer().begin_transaction().unwrap();
        writer.write(&queue.topic, Letter { value: Some(value.as_bytes()), ..letter });
        match is_kept {
            true => writer.producer().commit_transaction(wait).unwrap(),
            false => writer.producer().abort_transaction(wait).unwrap(),
        }
    }
    let dry = queue.scratch.run(&["dlq", "reprocess", &queue.topic]).ended(0);
    dry.shows(&[
        "26 records would be sent to faithful.order.v1",
        "Nothing was done: 26 dead letters of faithful.order.v1.faithful-reader.dlq wait for --yes.",
    ]);
    assert!(queue.read(&queue.origin).is_empty());
    let sent = queue.scratch.run(&["dlq", "reprocess", &queue.topic, "--yes", "--format", "json"]).ended(0).json();
    assert_valid("dlq-settling.schema.json", &sent);
    assert_eq!(sent["sent"], serde_json::json!({ &*queue.origin: 26 }));
    let arrived = queue.read(&queue.origin);
    assert_eq!(arrived.len(), 26);
    for message in &arrived {
        assert_eq!((message.partition(), message.timestamp().to_millis()), (2, Some(written)));
        let told = headers(message);
        let names: Vec<_> = told.keys().map(String::as_str).collect();
        assert_eq!(names, ["busctl-redrive.attempt", "busctl-redrive.id", "none", "trace"]);
        assert_eq!((&told["none"], told["busctl-redrive.attempt"].as_deref()), (&None, Some(&b"1"[..])));
        assert_eq!(told["busctl-redrive.id"].as_deref(), sent["run"].as_str().map(str::as_bytes));
    }
    for (key, value) in payloads {
        let same = |message: &&rdkafka::message::OwnedMessage| (message.key(), message.payload()) == (key, value);
        assert_eq!(arrived.iter().filter(same).count(), 5, "{key:?}");
    }
    // What is settled waits no longer, and is not sent again.
    let again = queue.scratch.run(&["dlq", "reprocess", &queue.topic, "--yes"]).ended(0);
    again.shows(&["26 settled before", "Nothing to do."]);
    let triage = queue.scratch.run(&["dlq", "triage", &queue.topic, "--format", "json"]).ended(0).json();
    assert_eq!((&triage["waiting"], &triage["settled"]), (&Value::from(0), &Value::from(26)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_meant_waits_as_before() {
    let queue = Queue::new("partly", 2, &[]).await;
    let writer = queue.writer();
    let of = failed(&queue.origin, "0");
    for number in 0..100 {
        let key = format!("k{}", number % 4);
        let value = number.to_string();
        let letter = Letter {
            partition: number % 2,
            key: Some(key.as_bytes()),
            value: Some(value.as_bytes()),
            headers: &of,
            ..Letter::default()
        };
        writer.write(&queue.topic, letter);
    }
    writer.flush();
    let run = |arguments: &[&str]| {
        queue
            .scratch
            .run(&[&["dlq", "reprocess", &queue.topic, "--yes", "--format", "json"], arguments].concat())
            .ended(0)
            .json()
    };
    assert_eq!(run(&["--key", "k1"])["sent"][&*queue.origin], 25);
    let most = run(&["--max", "10", "--key", "k?"]);
    assert_eq!((&most["sent"][&*queue.origin], &most["stopped"]), (&Value::from(10), &Value::from("max")));
    let left = queue.scratch.run(&["dlq", "triage", &queue.topic, "--format", "json"]).ended(0).json();
    assert_eq!(left["waiting"], 65);
    assert_eq!(run(&[])["sent"][&*queue.origin], 65);
    assert!(counts(&queue.read(&queue.origin)).values().all(|count| *count == 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_be_lost_or_goes_round_is_not_sent() {
    let queue = Queue::new("stays", 1, &[("retention.ms", "3600000")]).await;
    queue.create("stays.parked.v1", 1, &[]).await;
    let writer = queue.writer();
    let of = failed(&queue.origin, "0");
    let mut again = of.clone();
    again.push(("busctl-redrive.attempt", Some(b"3")));
    let share = [("__dlq.errors.topic", Some(queue.origin.as_bytes()))];
    let gone = failed("stays.gone.v1", "0");
    let letters: [(&[Written<'_>], i64); 4] = [(&of, 7_200_000), (&again, 0), (&share, 0), (&gone, 0)];
    for (headers, age) in letters {
        writer.write(
            &queue.topic,
            Letter { timestamp: Some(now() - age), headers, value: Some(b"v"), ..Letter::default() },
        );
    }
    writer.flush();
    let dry = queue.scratch.run(&["dlq", "reprocess", &queue.topic]).ended(0);
    dry.shows(&[
        "1 record stays: the timestamp is older than what stays.order.v1 keeps (give it a new one with --timestamp now)",
        "1 record stays: they were sent again 3 times already (name a topic with --park TOPIC, or raise --max-attempts)",
        "1 record stays: the record itself is not in the queue",
        "1 record stays: there is no topic stays.gone.v1",
        "Nothing to do.",
    ]);
    let done = queue.scratch.run(&[
        "dlq",
        "reprocess",
        &queue.topic,
        "--yes",
        "--timestamp",
        "now",
        "--park",
        "stays.parked.v1",
        "--format",
        "json",
    ]);
    let done = done.ended(0).json();
    assert_eq!((&done["sent"][&*queue.origin], &done["parked"]), (&Value::from(1), &Value::from(1)));
    let parked = queue.read("stays.parked.v1");
    assert!(headers(&parked[0]).contains_key("busctl-dlq.error-class"), "why it failed is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_compacted_topic_has_newer_is_not_replaced() {
    let queue = Queue::new("newer", 2, &[("cleanup.policy", "compact"), ("max.message.bytes", "1000")]).await;
    let writer = queue.writer();
    for (key, value) in [("a", "1"), ("b", "1"), ("a", "2")] {
        let letter = Letter {
            partition: 0,
            timestamp: Some(now() - 1_000),
            key: Some(key.as_bytes()),
            value: Some(value.as_bytes()),
            ..Letter::default()
        };
        writer.write(&queue.origin, letter);
    }
    // The first record of each key failed: that of `a` has a newer one by now. `c` tells no place, and has none.
    let place = |offset: &'static str| {
        let mut of = failed(&queue.origin, "0");
        of.push(("busctl-dlq.origin-offset", Some(offset.as_bytes())));
        of
    };
    let (first, second, third) = (place("0"), place("1"), failed(&queue.origin, "1"));
    let large = [b'x'; 2_000];
    let letters: [(&[Written<'_>], Payload<'_>); 5] = [
        (&first, (Some(b"a"), Some(b"1"))),
        (&second, (Some(b"b"), Some(b"1"))),
        (&third, (Some(b"c"), Some(b"1"))),
        (&third, (None, Some(b"1"))),
        (&third, (Some(b"d"), Some(&large))),
    ];
    for (headers, (key, value)) in letters {
        writer.write(&queue.topic, Letter { key, value, headers, ..Letter::default() });
    }
    writer.flush();
    let done = queue.scratch.run(&["dlq", "reprocess", &queue.topic, "--yes"]).ended(0);
    done.shows(&[
        "2 records sent to newer.order.v1",
        "1 record stays: newer.order.v1 has a newer record of the key",
        "1 record stays: newer.order.v1 is compacted, and takes no record without a key",
        "1 record stays: they are larger than what newer.order.v1 takes (raise max.message.bytes there",
    ]);
    let keys: Vec<_> =
        queue.read(&queue.origin).iter().map(|message| message.key().unwrap_or_default().to_vec()).collect();
    assert_eq!(keys, [b"a", b"b", b"a", b"b", b"c"].map(|key| key.to_vec()));
}

/// A run that is killed at any moment, again and again, and a last one that is not.
#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_each_is_there_once() {
    const LETTERS: usize = 20_000;
    let queue = Queue::new("killed", 4, &[]).await;
    let writer = queue.writer_with(&[("linger.ms", "20")]);
    let partitions = ["0", "1", "2", "3"];
    for number in 0..LETTERS {
        let of = failed(&queue.origin, partitions[number % 4]);
        let value = number.to_string();
        writer.write(
            &queue.topic,
            Letter { partition: (number % 4) as i32, value: Some(value.as_bytes()), headers: &of, ..Letter::default() },
        );
    }
    writer.flush();
    let command = ["dlq", "reprocess", &queue.topic, "--yes", "--rate", "8000"];
    let mut killed = 0;
    for round in 0..8_u64 {
        let mut running = queue.scratch.start(&command);
        tokio::time::sleep(Duration::from_millis(600 + 170 * round)).await;
        if running.has_ended() {
            break;
        }
        running.signal("KILL");
        running.wait();
        killed += 1;
    }
    assert!(killed > 2, "it was killed {killed} times only");
    queue.scratch.run(&["dlq", "reprocess", &queue.topic, "--yes"]).ended(0);
    let arrived = counts(&queue.read(&queue.origin));
    assert_eq!(arrived.len(), LETTERS);
    let more: BTreeMap<_, _> = arrived.iter().filter(|(_, count)| **count != 1).collect();
    assert!(more.is_empty(), "sent more than once: {more:?}");
    let triage = queue.scratch.run(&["dlq", "triage", &queue.topic, "--format", "json"]).ended(0).json();
    assert_eq!((&triage["waiting"], &triage["settled"]), (&Value::from(0), &Value::from(LETTERS)));
}
