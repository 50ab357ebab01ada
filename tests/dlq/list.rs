//! Every queue of a cluster, beside what is too much for it.

use std::time::Duration;

use rdkafka::producer::Producer;
use serde_json::{Value, json};

use crate::queue::{Letter, Queue, Written};
use crate::support::sample::topic_file;
use crate::support::workspace::assert_valid;

#[tokio::test(flavor = "multi_thread")]
async fn queues_are_listed_with_what_is_too_much_also_those_that_nobody_declares() {
    let queue = Queue::new("listed", 2, &[]).await;
    let dlq = "dlq: { max_depth: 2, max_age: 1h, max_rate: 100/h, max_ratio: 50% }";
    queue.scratch.edit(&topic_file("listed", "order"), "dlq: true", dlq);
    let undeclared = "listed.order.v1.billing.dlq";
    queue.create(undeclared, 1, &[]).await;
    let writer = queue.writer();
    let spring: [Written<'_>; 1] = [("kafka_dlt-exception-fqcn", Some(b"java.lang.IllegalStateException"))];
    let connect: [Written<'_>; 1] = [("__connect.errors.stage", Some(b"TASK_PUT"))];
    for _ in 0..8 {
        writer.write(&queue.origin, Letter { value: Some(b"v"), ..Letter::default() });
    }
    let letter = |headers| Letter { value: Some(b"v"), headers, ..Letter::default() };
    writer.write(&queue.topic, letter(&spring[..]));
    writer.write(&queue.topic, letter(&connect[..]));
    writer.flush();

    let list = |arguments: &[&str]| {
        let all = ["dlq", "list", "--format", "json"].iter().chain(arguments).copied().collect::<Vec<_>>();
        queue.scratch.run(&all)
    };
    let of = |document: &Value, topic: &str| {
        let queues = document["queues"].as_array().unwrap().clone();
        queues.into_iter().find(|queue| queue["topic"] == topic).unwrap()
    };
    let first = list(&["--detailed-exitcode"]).ended(0).json();
    assert_valid("dlq-list.schema.json", &first);
    let own = of(&first, &queue.topic);
    assert_eq!((&own["state"], &own["over"], &own["declared"]), (&json!("ok"), &json!([]), &json!(true)));
    assert_eq!(own["conventions"], json!(["connect", "spring-kafka"]));
    assert_eq!((&own["last_day"], &own["origin_last_day"]), (&json!(2), &json!(8)));
    let other = of(&first, undeclared);
    assert_eq!((&other["state"], &other["declared"]), (&json!("unlimited"), &json!(false)));

    for _ in 0..4 {
        writer.write(&queue.topic, letter(&spring[..]));
    }
    writer.flush();
    let second = list(&["--detailed-exitcode"]).ended(2).json();
    assert_eq!(of(&second, &queue.topic)["over"], json!(["depth", "ratio"]));
    let shown = queue.scratch.run(&["dlq", "list"]).ended(0);
    shown.shows(&["over depth, ratio", "75.00%", "not declared", "spring-kafka"]);

    // The ends of transactions came in no hour and on no day.
    let transactions = queue.writer_with(&[("transactional.id", "listed-writer")]);
    let wait = Duration::from_secs(30);
    transactions.producer().init_transactions(wait).unwrap();
    for _ in 0..3 {
        transactions.producer().begin_transaction().unwrap();
        transactions.write(&queue.topic, Letter { partition: 1, ..letter(&spring[..]) });
        transactions.producer().commit_transaction(wait).unwrap();
    }
    let third = of(&list(&[]).ended(0).json(), &queue.topic);
    assert_eq!((&third["waiting"], &third["last_hour"], &third["last_day"]), (&json!(9), &json!(9), &json!(9)));
}
