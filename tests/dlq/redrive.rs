//! Dead letters that are sent again: each once, as they were, whatever happens on the way.

use rdkafka::message::Message;
use serde_json::Value;

use crate::queue::{Letter, Queue, Written, counts, headers, now};

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
