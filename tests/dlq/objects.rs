//! Exports to an object store.

use serde_json::json;

use crate::queue::{Letter, Queue};
use crate::support::objects::{BUCKET, Objects};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_up_is_an_object_before_the_ledger_says_so() {
    let queue = Queue::new("kept", 2, &[]).await;
    let Some(store) = Objects::start().await else { return };
    let writer = queue.writer();
    // More than a part of an object holds.
    let large = vec![b'x'; 900_000];
    for number in 0..24_u8 {
        let value: &[u8] = if number < 12 { &large } else { &[number, 0xff] };
        let letter =
            Letter { partition: i32::from(number % 2), key: Some(&[number]), value: Some(value), ..Letter::default() };
        writer.write(&queue.topic, letter);
    }
    writer.flush();
    let object = |key: &str| format!("s3://{BUCKET}/{key}");
    let discard = |key: &str, more: &[&str]| {
        let object = object(key);
        let command = ["dlq", "discard", &queue.topic, "--reason", "sold out", "--export", &object];
        store.run(&queue.scratch, &[&command[..], more].concat())
    };
    let waiting =
        || queue.scratch.run(&["dlq", "triage", &queue.topic, "--format", "json"]).ended(0).json()["waiting"].clone();
    discard("a/given.jsonl", &[]).ended(0).shows(&["24 records would be given up"]);
    assert_eq!(store.text("a/given.jsonl"), None);
    let done = discard("a/given.jsonl", &["--yes", "--max", "20", "--format", "json"]).ended(0).json();
    assert_eq!((&done["discarded"], &done["stopped"], waiting()), (&json!(20), &json!("max"), json!(4)));
    let text = store.text("a/given.jsonl").expect("it is there");
    assert_eq!((text.lines().count(), text.len() > 8 << 20), (21, true));
    queue
        .scratch
        .run(&["dlq", "ledger", &queue.topic])
        .ended(0)
        .shows(&["exported to s3://dead-letters/a/given.jsonl"]);
    // What is there stays as it is.
    let refused = discard("a/given.jsonl", &["--yes"]).ended(1);
    refused.says(&["could not create the object on s3://dead-letters/a/given.jsonl", "name another object"]);
    assert_eq!((store.text("a/given.jsonl"), waiting()), (Some(text), json!(4)));
    // Nothing is given up that could not be kept.
    let unkept = object("b");
    let locked_out = ["dlq", "discard", &queue.topic, "--reason", "r", "--yes", "--export", &unkept];
    store.run_with(&queue.scratch, "no-such-key", &locked_out).ended(1).says(&["could not create the object on"]);
    discard("", &["--yes"]).ended(1).says(&["it names no bucket and key", "s3://BUCKET/KEY"]);
    assert_eq!(waiting(), 4);
    let back = store.run(&queue.scratch, &["dlq", "restore", &object("a/given.jsonl"), "--yes"]).ended(0);
    back.shows(&["20 of 20 records of s3://dead-letters/a/given.jsonl wait in"]);
    assert_eq!(waiting(), 24);
    store.run(&queue.scratch, &["dlq", "restore", &object("no")]).ended(1).says(&["could not read the object on"]);
}
