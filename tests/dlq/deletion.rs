//! The beginning of a queue that is deleted from the log, once everything in it has met its fate.

use busctl::ports::kafka::{KafkaAdmin, OffsetAt, OffsetQuery};

use crate::queue::{Letter, Queue, Written};

async fn first(queue: &Queue, partition: u32) -> i64 {
    let query = OffsetQuery { topic: queue.topic.parse().unwrap(), partition, at: OffsetAt::Earliest };
    queue.hand().offsets(&[query]).await.remove(0).unwrap().unwrap().offset
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_deleted_that_has_not_met_its_fate() {
    let queue = Queue::new("cut", 2, &[]).await;
    let writer = queue.writer();
    for number in 0..20_u8 {
        let class: &[u8] = if number < 4 { b"BadPrice" } else { b"TimeoutException" };
        let of: [Written<'_>; 1] = [("busctl-dlq.error-class", Some(class))];
        let letter =
            Letter { partition: i32::from(number % 2), value: Some(&[number]), headers: &of, ..Letter::default() };
        writer.write(&queue.topic, letter);
    }
    writer.flush();
    let discard = |export: &str, more: &[&str]| {
        let export = queue.scratch.path(export).display().to_string();
        let common = ["dlq", "discard", &queue.topic, "--reason", "CR-1", "--delete-records", "--export", &export];
        queue.scratch.run(&[&common[..], more].concat())
    };
    let allowed = ["--yes", "--allow", "destructive"];
    // What is not meant waits, and stands in the way.
    let refused = discard("a", &[&allowed[..], &["--class", "BadPrice"]].concat()).ended(4);
    refused
        .says(&["nothing is deleted: 16 dead letters wait among these, the first at partition", "--offset ..NUMBER"]);
    assert!(!queue.scratch.path("a").exists(), "nothing was given up either");
    discard("a", &["--offset", "..1"])
        .ended(0)
        .shows(&["4 records would be given up"])
        .says(&["then 4 offsets would be"]);
    discard("a", &["--offset", "..1", "--yes"]).ended(4).says(&["to delete records from the log is destructive"]);
    assert!(!queue.scratch.path("a").exists());
    discard("a", &[&allowed[..], &["--offset", "..1"]].concat()).ended(0).shows(&["4 records given up"]);
    assert_eq!((first(&queue, 0).await, first(&queue, 1).await), (2, 2));
    let triage = || queue.scratch.run(&["dlq", "triage", &queue.topic, "--format", "json"]).ended(0).json();
    assert_eq!(triage()["waiting"], 16);
    queue.scratch.run(&["audit"]).ended(0).shows(&[&queue.topic]);
    // What was taken back waits again.
    let export = queue.scratch.path("a").display().to_string();
    queue.scratch.run(&["dlq", "restore", &export, "--yes"]).ended(0).shows(&["4 of 4 records"]);
    assert_eq!(triage()["waiting"], 20);
    let refused = discard("b", &[&allowed[..], &["--class", "TimeoutException"]].concat()).ended(4);
    refused.says(&["nothing is deleted: 4 dead letters wait"]);
    // All of one partition, then all.
    discard("b", &[&allowed[..], &["--partition", "0"]].concat()).ended(0).shows(&["10 records given up"]);
    assert_eq!(first(&queue, 1).await, 2);
    queue.scratch.run(&["dlq", "reprocess", &queue.topic, "--yes"]).ended(0).shows(&["10 records sent"]);
    // What was settled before goes too, where nothing is left to give up.
    discard("c", &allowed).ended(0).shows(&["Nothing to do."]);
    assert!(queue.read(&queue.topic).is_empty());
    assert!(first(&queue, 1).await > 11);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_is_only_compacted_is_not_cut() {
    let queue = Queue::new("uncut", 1, &[]).await;
    let hand = queue.hand();
    crate::support::sample::set_config(hand, &queue.topic, "cleanup.policy", Some("compact")).await;
    let writer = queue.writer();
    writer.write(&queue.topic, Letter { key: Some(b"k"), value: Some(b"v"), ..Letter::default() });
    writer.flush();
    let export = queue.scratch.path("a").display().to_string();
    let command = ["dlq", "discard", &queue.topic, "--reason", "r", "--export", &export, "--delete-records"];
    let refused = queue.scratch.run(&[&command[..], &["--yes", "--allow", "destructive"]].concat()).ended(4);
    refused.says(&["Kafka deletes no records of a topic that it only compacts"]);
    assert!(!queue.scratch.path("a").exists());
}
