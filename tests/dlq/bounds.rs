//! Committed offsets of the tool's own group: what lies before them is not read again, and they hide nothing that waits.

use crate::queue::{Letter, Queue};

fn fill(queue: &Queue, count: usize) {
    let writer = queue.writer();
    for _ in 0..count {
        writer.write(&queue.topic, Letter { value: Some(b"v"), ..Letter::default() });
    }
    writer.flush();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_met_whatever_offsets_say() {
    let queue = Queue::new("bounded", 1, &[]).await;
    fill(&queue, 30);
    let counts = || {
        let told = queue.scratch.run(&["dlq", "triage", &queue.topic, "--format", "json"]).ended(0).json();
        (told["waiting"].as_u64().unwrap(), told["settled"].as_u64().unwrap())
    };
    let send = |more: &[&str]| {
        let sent =
            queue.scratch.run(&[&["dlq", "reprocess", &queue.topic, "--yes", "--format", "json"], more].concat());
        let sent = sent.ended(0).json();
        (sent["sent"][&*queue.origin].as_u64().unwrap_or(0), sent["settled"].as_u64().unwrap())
    };
    assert_eq!(send(&["--max", "10"]), (10, 0));
    assert_eq!(counts(), (20, 10));
    // A filter leaves some, which are met by the next run, and a part of what was settled lies before the bound.
    assert_eq!(send(&["--offset", "20.."]), (10, 0));
    assert_eq!(counts(), (10, 20));
    assert_eq!(send(&["--offset", "5..12"]), (3, 5));
    // Somebody sets the group's offsets by hand.
    let group = format!("busctl-dlq-{}", queue.topic);
    queue.commit(&group, &queue.topic, 30);
    assert_eq!(counts(), (7, 23));
    assert_eq!(send(&[]), (7, 23));
    assert_eq!((counts(), send(&[])), ((0, 30), (0, 30)));
    // What arrives after that, and what is taken back, is behind the bound.
    fill(&queue, 5);
    let export = queue.scratch.path("a").display().to_string();
    let discard = ["dlq", "discard", &queue.topic, "--reason", "r", "--yes", "--export", &export];
    queue.scratch.run(&discard).ended(0).shows(&["5 records given up"]);
    queue.scratch.run(&["dlq", "restore", &export, "--yes"]).ended(0);
    assert_eq!(counts(), (5, 35));
    assert_eq!(send(&[]), (5, 35));
    // A topic that is created again starts its offsets again.
    crate::support::sample::delete_topic(crate::support::server::bus().await, &queue.topic).await;
    queue.create(&queue.topic, 1, &[]).await;
    fill(&queue, 3);
    assert_eq!((counts(), send(&[])), ((3, 0), (3, 0)));
}
