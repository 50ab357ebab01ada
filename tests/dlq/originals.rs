//! Dead letters that do not have the record: it is had from where it comes from.

use busctl::ports::kafka::KafkaAdmin;
use rdkafka::message::Message;
use rdkafka::producer::Producer;
use std::time::Duration;

use crate::queue::{Letter, Queue, Written, headers, now};

/// What a share group writes of a record, without its value and its headers.
fn shared<'h>(topic: &'h str, partition: &'h str, offset: &'h str) -> [Written<'h>; 4] {
    [
        ("__dlq.errors.topic", Some(topic.as_bytes())),
        ("__dlq.errors.partition", Some(partition.as_bytes())),
        ("__dlq.errors.offset", Some(offset.as_bytes())),
        ("__dlq.errors.message", Some(b"delivery count exceeded")),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_record_of_a_share_group_is_had_from_its_origin() {
    let queue = Queue::new("shared", 2, &[]).await;
    let writer = queue.writer();
    let written = now() - 60_000;
    let of: [Written<'_>; 3] = [("trace", Some(b"t")), ("none", None), ("raw", Some(b"\xff\x00"))];
    for number in 0..3_000 {
        let (key, value) = (format!("k{number}"), format!("v{number}"));
        let letter = Letter {
            partition: number % 2,
            timestamp: Some(written),
            key: Some(key.as_bytes()),
            value: (number != 10).then_some(value.as_bytes()),
            headers: &of,
        };
        writer.write(&queue.origin, letter);
    }
    writer.flush();
    // Places that lie together and far apart, one twice, one of a tombstone, and those that were never there.
    let places = [(0, 0), (0, 5), (0, 6), (0, 1_200), (1, 1_499), (1, 700), (1, 700), (0, 99_999), (7, 0)];
    for (partition, offset) in places {
        let (partition, offset) = (partition.to_string(), offset.to_string());
        writer
            .write(&queue.topic, Letter { headers: &shared(&queue.origin, &partition, &offset), ..Letter::default() });
    }
    writer.flush();
    let dry = queue.scratch.run(&["dlq", "reprocess", &queue.topic]).ended(0);
    dry.shows(&[
        "7 records would be sent to shared.order.v1",
        "2 records stay: the original is gone: shared.order.v1 does not have it any more (give them up with",
    ]);
    let most = queue.scratch.run(&["dlq", "reprocess", &queue.topic, "--yes", "--max", "3"]).ended(0);
    most.shows(&["3 records sent to shared.order.v1", "Stopped at --max."]);
    queue.scratch.run(&["dlq", "reprocess", &queue.topic, "--yes"]).ended(0).shows(&[
        "4 records sent to shared.order.v1",
        "2 records stay",
        "3 settled before",
    ]);
    let arrived = queue.read(&queue.origin);
    let again: Vec<_> = arrived.iter().filter(|message| headers(message).contains_key("busctl-redrive.id")).collect();
    let place = |key: &[u8]| {
        let number: i32 = String::from_utf8_lossy(&key[1..]).parse().unwrap();
        (number % 2, i64::from(number / 2))
    };
    let mut met: Vec<_> = again.iter().map(|message| place(message.key().unwrap())).collect();
    met.sort_unstable();
    assert_eq!(met, [(0, 0), (0, 5), (0, 6), (0, 1_200), (1, 700), (1, 700), (1, 1_499)]);
    for message in again {
        let original = arrived.iter().find(|of| of.key() == message.key()).unwrap();
        assert_eq!(
            (message.partition(), message.payload(), message.timestamp().to_millis()),
            (original.partition(), original.payload(), Some(written))
        );
        let mut told = headers(message);
        told.retain(|name, _| !name.starts_with("busctl-redrive."));
        assert_eq!(told, headers(original));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_gone_or_another_record_is_not_sent_in_its_place() {
    let queue = Queue::new("gone", 1, &[]).await;
    let hand = queue.hand();
    let writer = queue.writer();
    let before = now() - 60_000;
    for (key, timestamp) in [("deleted", before), ("kept", before), ("newer", now() + 60_000), ("other", before)] {
        let letter = Letter { key: Some(key.as_bytes()), timestamp: Some(timestamp), ..Letter::default() };
        writer.write(&queue.origin, letter);
    }
    writer.flush();
    let origin = queue.origin.parse().unwrap();
    hand.delete_records(&[(origin, 0, 1)]).await.remove(0).unwrap();
    // One that a transaction gave up was never there.
    let aborting = queue.writer_with(&[("transactional.id", "gone-writer")]);
    aborting.producer().init_transactions(Duration::from_secs(30)).unwrap();
    aborting.producer().begin_transaction().unwrap();
    aborting.write(&queue.origin, Letter { key: Some(b"aborted"), ..Letter::default() });
    aborting.flush();
    aborting.producer().abort_transaction(Duration::from_secs(30)).unwrap();
    for offset in ["0", "1", "2", "3", "4"] {
        let of = shared(&queue.origin, "0", offset);
        let key = (offset == "3").then_some(&b"told"[..]);
        writer.write(&queue.topic, Letter { key, timestamp: Some(now()), headers: &of, ..Letter::default() });
    }
    // A rule redacts, and only another one's headers say of what.
    let timestamp = before.to_string();
    let place: [Written<'_>; 6] = [
        ("busctl-dlq.origin-topic", Some(queue.origin.as_bytes())),
        ("busctl-dlq.origin-partition", Some(b"0")),
        ("busctl-dlq.origin-offset", Some(b"1")),
        ("busctl-dlq.origin-timestamp", Some(timestamp.as_bytes())),
        ("__rule.topic", Some(queue.origin.as_bytes())),
        ("__rule.name", Some(b"price")),
    ];
    writer
        .write(&queue.topic, Letter { key: Some(b"kept"), value: Some(b"***"), headers: &place, ..Letter::default() });
    writer.write(&queue.topic, Letter { value: Some(b"***"), headers: &place[4..], ..Letter::default() });
    writer.flush();
    let done = queue.scratch.run(&["dlq", "reprocess", &queue.topic, "--yes"]).ended(0);
    done.shows(&[
        "2 records sent to gone.order.v1",
        "1 record stays: the value may be redacted, and nothing says where the original stands",
        "2 records stay: the original is gone: gone.order.v1 does not have it any more",
        "1 record stays: the original is gone: what gone.order.v1 has in its place is newer, for it was created again",
        "1 record stays: the original is gone: gone.order.v1 has another record in its place",
    ]);
    let again: Vec<_> = queue
        .read(&queue.origin)
        .iter()
        .filter(|message| headers(message).contains_key("busctl-redrive.id"))
        .map(|message| (message.key().map(<[u8]>::to_vec), message.payload().is_some()))
        .collect();
    assert_eq!(again, [(Some(b"kept".to_vec()), false), (Some(b"kept".to_vec()), false)]);
}
