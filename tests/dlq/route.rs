//! Where dead letters go: to the retry topic of the group that failed, to the parking topic of its consumer.

use rdkafka::message::Message;
use serde_json::json;

use crate::queue::{Letter, Queue, Written, headers};
use crate::support::workspace::assert_valid;

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_topic_gets_what_failed_in_its_group_and_nobody_else_does() {
    let queue = Queue::new("rerouted", 2, &[]).await;
    let writer = queue.writer();
    let of = |group: Option<&'static str>| {
        let mut of: Vec<Written<'_>> = vec![("busctl-dlq.origin-partition", Some(b"1"))];
        of.extend(group.map(|group| ("busctl-dlq.group", Some(group.as_bytes()))));
        of
    };
    for (group, value) in [(Some("rerouted-reader"), "mine"), (Some("audit"), "other"), (None, "presumed")] {
        writer.write(&queue.topic, Letter { value: Some(value.as_bytes()), headers: &of(group), ..Letter::default() });
    }
    writer.flush();
    let send = |group: &str, more: &[&str]| {
        queue.scratch.run(&[&["dlq", "reprocess", &queue.topic, "--to-retry", group][..], more].concat())
    };
    send("rerouted-raeder", &[])
        .ended(64)
        .says(&["rerouted-raeder is no consumer group of rerouted.order.v1", "did you mean `rerouted-reader`?"]);
    let retry = format!("{}.rerouted-reader.retry", queue.origin);
    send("rerouted-reader", &["--yes"]).ended(4).says(&[
        "rerouted-reader has no retry topic on main",
        &retry,
        "`dlq: { retry: true }`",
    ]);
    queue.create(&retry, 2, &[]).await;
    send("rerouted-reader", &[]).ended(0).shows(&[
        &format!("2 records would be sent to {retry}"),
        "2 of them untold",
        "1 record stays: they did not fail in the group rerouted-reader",
        "It takes about",
        "Consumers see each once if they read committed records only.",
    ]);
    let done = send("rerouted-reader", &["--yes", "--format", "json"]).ended(0).json();
    assert_valid("dlq-settling.schema.json", &done);
    assert_eq!((&done["sent"], &done["delivery"]), (&json!({ &*retry: 2 }), &json!("exactly_once")));
    assert_eq!(queue.read(&queue.origin).len(), 0);
    let arrived = queue.read(&retry);
    let values: Vec<_> = arrived.iter().map(|message| message.payload().unwrap().to_vec()).collect();
    assert_eq!(values, [b"mine".to_vec(), b"presumed".to_vec()]);
    assert!(arrived.iter().all(|message| message.partition() == 1), "there are as many partitions");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_back_often_enough_goes_to_the_parking_topic_that_is_there() {
    let queue = Queue::new("parked", 1, &[]).await;
    let writer = queue.writer();
    let of: [Written<'_>; 2] = [("busctl-redrive.attempt", Some(b"3")), ("busctl-dlq.error-class", Some(b"BadPrice"))];
    writer.write(&queue.topic, Letter { value: Some(b"v"), headers: &of, ..Letter::default() });
    writer.flush();
    let send = |more: &[&str]| queue.scratch.run(&[&["dlq", "reprocess", &queue.topic][..], more].concat());
    send(&["--yes"])
        .ended(0)
        .shows(&["1 record stays: they were sent again 3 times already (name a topic with --park"]);
    let parking = format!("{}.parked-reader.parking", queue.origin);
    queue.create(&parking, 1, &[]).await;
    send(&[]).ended(0).shows(&["1 record would be parked"]);
    send(&["--yes"]).ended(0).shows(&["1 record parked"]);
    let arrived = queue.read(&parking);
    assert_eq!(headers(&arrived[0])["busctl-dlq.error-class"].as_deref(), Some(&b"BadPrice"[..]));
    queue.scratch.run(&["dlq", "ledger", &queue.topic]).ended(0).shows(&[&parking]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parking_topic_is_not_parked_into_itself_and_no_other_topic_is_taken_for_a_queue() {
    let queue = Queue::new("itself", 1, &[]).await;
    let parking = format!("{}.itself-reader.parking", queue.origin);
    queue.create(&parking, 1, &[]).await;
    let of: [Written<'_>; 1] = [("busctl-redrive.attempt", Some(b"3"))];
    let writer = queue.writer();
    writer.write(&parking, Letter { value: Some(b"v"), headers: &of, ..Letter::default() });
    writer.flush();
    let run = |arguments: &[&str]| queue.scratch.run(&[&["dlq"][..], arguments].concat());
    run(&["reprocess", &parking, "--yes"]).ended(0).shows(&["1 record stays: they were sent again 3 times already"]);
    assert_eq!(queue.read(&parking).len(), 1);
    let own = "_busctl-audit is a topic of Kafka's own, or of busctl's";
    run(&["reprocess", &queue.topic, "--to", "_busctl-audit"]).ended(4).says(&[own]);
    run(&["reprocess", &queue.topic, "--park", "_busctl-audit"]).ended(4).says(&[own]);
    let export = queue.scratch.path("e.jsonl").display().to_string();
    run(&["discard", &queue.origin, "--reason", "x", "--export", &export, "--yes"])
        .ended(4)
        .says(&[&format!("{} is no dead-letter topic: ", queue.origin), "declares it as another one"]);
}
