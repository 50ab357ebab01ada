//! What is in a queue and why, whoever wrote it.

use serde_json::Value;

use crate::queue::{Letter, Queue, Written};
use crate::support::workspace::assert_valid;

/// A record as each framework writes it, with what is told of it: convention, origin, class.
fn conventions<'h>(partition: &'h [u8; 4], offset: &'h [u8; 8]) -> Vec<(&'static str, Vec<Written<'h>>)> {
    vec![
        (
            "spring-kafka",
            vec![
                ("kafka_dlt-original-topic", Some(b"orders")),
                ("kafka_dlt-original-partition", Some(partition)),
                ("kafka_dlt-original-offset", Some(offset)),
                ("kafka_dlt-exception-fqcn", Some(b"java.net.SocketTimeoutException")),
            ],
        ),
        (
            "spring-cloud-stream",
            vec![
                ("x-original-topic", Some(b"orders")),
                ("x-original-partition", Some(partition)),
                ("x-exception-fqcn", Some(b"java.net.SocketTimeoutException")),
            ],
        ),
        (
            "connect",
            vec![
                ("__connect.errors.topic", Some(b"orders")),
                ("__connect.errors.partition", Some(b"3")),
                ("__connect.errors.stage", Some(b"TASK_PUT")),
                ("__connect.errors.exception.class.name", Some(b"java.net.SocketTimeoutException")),
            ],
        ),
        (
            "streams",
            vec![
                ("__streams.errors.topic", Some(b"orders")),
                ("__streams.errors.exception", Some(b"java.net.SocketTimeoutException")),
            ],
        ),
        (
            "share-group",
            vec![("__dlq.errors.topic", Some(b"orders")), ("__dlq.errors.message", Some(b"request timed out"))],
        ),
        (
            "contract-rules",
            vec![("__rule.topic", Some(b"orders")), ("__rule.exception", Some(b"rule checkPrice failed"))],
        ),
        (
            "smallrye",
            vec![
                ("dead-letter-topic", Some(b"orders")),
                ("dead-letter-exception-class-name", Some(b"java.net.SocketTimeoutException")),
            ],
        ),
        ("watermill", vec![("topic_poisoned", Some(b"orders")), ("reason_poisoned", Some(b"dial tcp: timeout"))]),
        (
            "busctl",
            vec![("busctl-dlq.origin-topic", Some(b"orders")), ("busctl-dlq.error-class", Some(b"TimeoutError"))],
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_wrote_them_their_reasons_are_told() {
    let queue = Queue::new("told", 2, &[]).await;
    let (partition, offset) = (3_i32.to_be_bytes(), 17_i64.to_be_bytes());
    let conventions = conventions(&partition, &offset);
    let writer = queue.writer();
    for (number, (_, headers)) in conventions.iter().enumerate() {
        for _ in 0..=number {
            writer.write(
                &queue.topic,
                Letter { partition: (number % 2) as i32, value: Some(b"v"), headers, ..Letter::default() },
            );
        }
    }
    writer.write(&queue.topic, Letter { headers: &[], ..Letter::default() });
    writer.flush();
    let triage = queue.scratch.run(&["dlq", "triage", &queue.topic, "--format", "json"]).ended(0).json();
    assert_eq!((&triage["waiting"], &triage["settled"]), (&Value::from(46), &Value::from(0)));
    assert_eq!((&triage["origin"], &triage["service"]), (&Value::from(&*queue.origin), &Value::from("told-reader")));
    assert_valid("dlq-triage.schema.json", &triage);
    let groups = triage["groups"].as_array().unwrap();
    for (number, (convention, _)) in conventions.iter().enumerate() {
        let group = groups.iter().find(|group| group["convention"] == *convention).expect(convention);
        assert_eq!(group["count"], number + 1, "{convention}");
        assert_eq!(group["origin"], "orders", "{convention}");
        let verdict = if *convention == "contract-rules" { "schema" } else { "transient" };
        assert_eq!(group["verdict"], verdict, "{convention}");
    }
    let untold = groups.iter().find(|group| group["convention"].is_null()).unwrap();
    assert_eq!((&untold["verdict"], &untold["origin"]), (&Value::from("untold"), &Value::from(&*queue.origin)));
    let largest = groups[0]["fingerprint"].as_str().unwrap();
    assert_eq!((&groups[0]["convention"], &groups[0]["count"]), (&Value::from("busctl"), &Value::from(9)));
    let chosen = queue.scratch.run(&["dlq", "triage", &queue.topic, "--fingerprint", largest]).ended(0);
    chosen.shows(&["9 dead letters wait in told.order.v1.told-reader.dlq on main; 37 left out by the filter."]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_shown_with_every_header_and_what_it_holds() {
    let queue = Queue::new("shown", 1, &[]).await;
    let offset = 17_i64.to_be_bytes();
    let headers: [Written<'_>; 5] = [
        ("kafka_dlt-original-topic", Some(b"orders")),
        ("kafka_dlt-original-offset", Some(&offset)),
        ("kafka_dlt-original-partition", Some(b"3")),
        ("raw", Some(b"\xff\x00")),
        ("none", None),
    ];
    let writer = queue.writer();
    let values: [Option<&[u8]>; 3] = [Some(b"{\"name\":\"Ann\"}"), Some(b"\x00\xff\xff\xff\xff\x02"), None];
    for value in values {
        writer.write(&queue.topic, Letter { key: Some(b"k"), value, headers: &headers, ..Letter::default() });
    }
    writer.flush();
    let show = |arguments: &[&str]| queue.scratch.run(&[&["dlq", "show", &queue.topic], arguments].concat()).ended(0);
    show(&[]).shows(&["partition 0 offset 0", "spring-kafka", "0xff00", "\"name\": \"Ann\"", "1 dead letter of"]);
    let all = show(&["--limit", "9", "--format", "json"]).json();
    assert_valid("dlq-show.schema.json", &all);
    let records = all["records"].as_array().unwrap();
    assert_eq!(records.len(), 3);
    assert_eq!(records[0]["headers"][1], serde_json::json!(["kafka_dlt-original-offset", "17"]));
    assert_eq!(records[0]["headers"][4], serde_json::json!(["none", null]));
    assert_eq!(records[0]["unreadable"], serde_json::json!(["kafka_dlt-original-partition"]));
    assert_eq!(records[0]["value"]["content"], serde_json::json!({ "name": "Ann" }));
    assert_eq!(records[1]["value"]["content"], "0x00ffffffff02");
    assert_eq!(records[2]["value"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_not_there_is_told_with_what_was_meant() {
    let queue = Queue::new("slip", 1, &[]).await;
    let slip = queue.topic.replace("reader", "raeder");
    queue.scratch.run(&["dlq", "triage", &slip]).ended(64).says(&[&format!("did you mean `{}`?", queue.topic)]);
    queue.scratch.run(&["dlq", "triage", &queue.topic, "--offset", "9..3"]).ended(64).says(&["`9..3` is no range"]);
    queue.scratch.run(&["dlq", "triage", &queue.topic]).ended(0).shows(&["0 dead letters wait in"]);
    // Nothing waits, so that nobody can say what was meant.
    let none = queue.scratch.run(&["dlq", "triage", &queue.topic, "--class", "TimeoutEror"]).ended(0);
    assert_eq!(none.err, "");

    let headers: [Written<'_>; 2] =
        [("busctl-dlq.error-class", Some(b"TimeoutError")), ("busctl-dlq.group", Some(b"slip-reader"))];
    let writer = queue.writer();
    writer.write(&queue.topic, Letter { value: Some(b"v"), headers: &headers, ..Letter::default() });
    writer.flush();
    let run =
        |command: &str, arguments: &[&str]| queue.scratch.run(&[&["dlq", command, &queue.topic], arguments].concat());
    let slips = ["--class", "TimeoutEror", "--group", "slip-raeder", "--fingerprint", "0123456789ab"];
    for (command, more) in [
        ("discard", &["--reason", "r", "--export", "none.jsonl"][..]),
        ("reprocess", &[]),
        ("show", &[]),
        ("triage", &[]),
    ] {
        run(command, &[&slips[..], more].concat()).ended(0).says(&[
            "warning: no dead letter that waits is meant by --class TimeoutEror; did you mean `TimeoutError`?",
            "by --group slip-raeder; did you mean `slip-reader`?",
            "by --fingerprint 0123456789ab; there is ",
        ]);
    }
    let mended = run("reprocess", &["--class", "TimeoutError", "--group", "slip-reader"]).ended(0);
    mended.shows(&["Nothing was done: 1 dead letter of slip.order.v1.slip-reader.dlq waits for --yes."]);
    let slip = queue.origin.replace("order", "ordre");
    let meant = format!("did you mean `{}`?", queue.origin);
    run("reprocess", &["--to", &slip]).ended(64).says(&[&format!("there is no topic {slip} on main"), &meant]);
    run("reprocess", &["--park", &slip]).ended(64).says(&[&format!("there is no topic {slip} on main"), &meant]);
    run("reprocess", &["--to", "no.such.topic"]).ended(64).says(&["`busctl topics --cluster main` lists those"]);
    run("reprocess", &["--to-retry", "slip-raeder"]).ended(64).says(&["did you mean `slip-reader`?"]);
    for range in ["0..9", "..9", "9", "9.."] {
        run("triage", &["--partition", range]).ended(64).says(&["has no partition 9", "its partitions are 0..0"]);
    }
    run("triage", &["--partition", "0.."]).ended(0);

    let unknown = ["--run", "01975a3e-6f0b-7c51-9f3a-5d1c8a4e2b70"];
    run("ledger", &unknown).ended(64).says(&["no run 01975a3e-6f0b-7c51-9f3a-5d1c8a4e2b70 is in the ledger of slip."]);
    let sent = run("reprocess", &["--yes", "--format", "json"]).ended(0).json();
    let id = sent["run"].as_str().unwrap();
    run("ledger", &unknown).ended(64).says(&[&format!("the last that are there: {id} (")]);
    run("ledger", &["--run", &id.replace('-', "").replacen(&id[..2], "ff", 1)]).ended(64).says(&["did you mean"]);
    run("ledger", &["--run", id]).ended(0).shows(&["1 redriven"]);
    run("ledger", &["--run", id, "--fate", "parked"]).ended(0).shows(&["0 dead letters"]);
}
