//! Runs that look how it goes with what they have sent.

use std::time::{Duration, Instant};

use rdkafka::consumer::Consumer;
use rdkafka::message::{Headers, Message};
use rdkafka::producer::Producer;
use serde_json::json;

use crate::queue::{Letter, Queue, Written};
use crate::support::workspace::assert_valid;

fn fill(queue: &Queue, count: usize) {
    let writer = queue.writer();
    let service = queue.topic.split('.').nth(3).unwrap();
    let of: [Written<'_>; 2] =
        [("busctl-dlq.group", Some(service.as_bytes())), ("busctl-dlq.error-class", Some(b"BadPrice"))];
    for number in 0..count {
        let value = number.to_string();
        writer.write(&queue.topic, Letter { value: Some(value.as_bytes()), headers: &of, ..Letter::default() });
    }
    writer.flush();
}

/// Writes what has arrived into the queue again, as a service does that fails on it.
fn fail_again(queue: &Queue, most: usize) {
    let writer = queue.writer();
    for message in queue.read(&queue.origin).iter().take(most) {
        let mut of: Vec<Written<'_>> =
            message.headers().into_iter().flat_map(Headers::iter).map(|header| (header.key, header.value)).collect();
        of.push(("busctl-dlq.error-class", Some(b"BadPrice")));
        writer.write(&queue.topic, Letter { value: message.payload(), headers: &of, ..Letter::default() });
    }
    writer.flush();
}

fn arrived(queue: &Queue) -> usize {
    queue.read(&queue.origin).len()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_others_are_sent_where_the_first_ones_were_read_and_did_not_come_back() {
    let queue = Queue::new("canary", 1, &[]).await;
    fill(&queue, 20);
    let send = |wait: &'static str| {
        ["dlq", "reprocess", &queue.topic, "--yes", "--canary", "4", "--canary-wait", wait, "--format", "json"]
    };
    // They come back.
    let mut running = queue.scratch.start(&send("60s"));
    running.wait_until_it_says("4 records sent first");
    fail_again(&queue, 1);
    let stopped = running.wait().ended(5);
    let document = stopped.json();
    assert_valid("dlq-settling.schema.json", &document);
    assert_eq!((&document["stopped"], &document["came_back"]), (&json!("canary_failed"), &json!(1)));
    assert_eq!(arrived(&queue), 4);
    // The group is behind them.
    queue.commit("canary-reader", &queue.origin, 1);
    let stopped = queue.scratch.run(&send("1s")).ended(5);
    assert_eq!(stopped.json()["stopped"], "canary_unread");
    stopped.says(&["canary-reader has not read them yet"]);
    assert_eq!(arrived(&queue), 8);
    // It reads them in time.
    let mut running = queue.scratch.start(&send("3s"));
    running.wait_until_it_says("4 records sent first");
    queue.commit("canary-reader", &queue.origin, queue.read(&queue.origin).last().unwrap().offset() + 1);
    let done = running.wait().ended(0);
    let done = done.says(&["none came back, and canary-reader has read them"]);
    assert_eq!((&done.json()["stopped"], &done.json()["came_back"]), (&json!(null), &json!(0)));
    // What came back was sent again with the rest.
    assert_eq!(arrived(&queue), 21);
    // With nobody who is known to read, it goes on all the same.
    let silent = Queue::new("canaries", 1, &[]).await;
    fill(&silent, 3);
    let command = ["dlq", "reprocess", &silent.topic, "--yes", "--canary", "1", "--canary-wait", "1s"];
    silent.scratch.run(&command).ended(0).says(&["none came back; whether they were read is not known"]);
    assert_eq!(arrived(&silent), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_stops_when_too_many_come_back_and_the_ledger_tells_of_each() {
    let queue = Queue::new("rising", 1, &[]).await;
    fill(&queue, 2_000);
    let command =
        ["dlq", "reprocess", &queue.topic, "--yes", "--rate", "20", "--max-failures", "10%", "--format", "json"];
    let running = queue.scratch.start(&command);
    let until = Instant::now() + Duration::from_secs(60);
    while arrived(&queue) < 10 {
        assert!(Instant::now() < until, "nothing is sent");
    }
    fail_again(&queue, 10_000);
    let stopped = running.wait().ended(5);
    let stopped = stopped.says(&["came back of", "more than 10%"]);
    let document = stopped.json();
    assert_eq!(document["stopped"], "failed_again");
    let sent = arrived(&queue);
    assert_eq!(document["sent"][&*queue.origin], sent);
    assert!(document["came_back"].as_u64().unwrap() >= 10 && sent < 2_000, "{document}");
    let triage = queue.scratch.run(&["dlq", "triage", &queue.topic, "--format", "json"]).ended(0).json();
    assert_eq!(triage["settled"], sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_else_is_at_work_is_told() {
    let queue = Queue::new("busy", 1, &[]).await;
    fill(&queue, 3);
    // Another run has a transaction open.
    let other = queue.writer_with(&[("transactional.id", &format!("busctl-dlq-{}", queue.topic))]);
    other.producer().init_transactions(Duration::from_secs(30)).unwrap();
    other.producer().begin_transaction().unwrap();
    other.write(&queue.origin, Letter { value: Some(b"open"), ..Letter::default() });
    other.flush();
    let dry = queue.scratch.run(&["dlq", "reprocess", &queue.topic]).ended(0);
    dry.says(&["another run on busy.order.v1.busy-reader.dlq is at work, or was killed", "with --yes it would end it"]);
    // A consumer reads the queue itself.
    let consumer = queue.consumer("busy-repair");
    consumer.subscribe(&[&queue.topic]).unwrap();
    let until = Instant::now() + Duration::from_secs(60);
    while consumer.poll(Duration::from_millis(200)).is_none() {
        assert!(Instant::now() < until, "it reads nothing");
    }
    queue
        .scratch
        .run(&["dlq", "reprocess", &queue.topic])
        .ended(0)
        .says(&["warning: the group busy-repair (rdkafka on"]);
    let refused = queue.scratch.run(&["dlq", "reprocess", &queue.topic, "--yes"]).ended(4);
    refused.says(&["the group busy-repair (rdkafka on", "--with-live-consumer"]);
    assert_eq!(arrived(&queue), 0);
    let sent = queue.scratch.run(&["dlq", "reprocess", &queue.topic, "--yes", "--with-live-consumer"]).ended(0);
    sent.says(&["it ends now"]);
    assert_eq!(arrived(&queue), 3);
    assert!(other.producer().commit_transaction(Duration::from_secs(30)).is_err(), "it was ended");
}
