//! Dead letters that are sent to another cluster.

use busctl::localbus::kafka::{self, Listener, Node, Security, Voter};
use busctl::localbus::ports;
use busctl::model::TopicName;
use busctl::ports::kafka::{KafkaAdmin, NewTopic};
use rdkafka::message::Message;
use serde_json::json;

use crate::queue::{Letter, Queue, Written, counts, headers, read_from};
use crate::support::sample::plain;
use crate::support::server::Server;

fn node() -> Node {
    let ports = ports::choose([None; 2]).unwrap();
    let listener = |name: &str, port| Listener { name: name.to_owned(), port, security: Security::Plaintext };
    Node {
        id: 1,
        cluster_id: kafka::new_cluster_id().unwrap(),
        rack: None,
        voters: vec![Voter { id: 1, port: ports[0] }],
        controller: listener("CONTROLLER", ports[0]),
        listeners: vec![listener("PLAIN", ports[1])],
        authorizer: false,
        super_users: Vec::new(),
        internal_replicas: 1,
        properties: [("auto.create.topics.enable".to_owned(), "false".to_owned())].into(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_cluster_gets_each_at_least_once_and_the_ledger_stays() {
    let queue = Queue::new("moved", 3, &[]).await;
    let there = Server::start(|_| node()).await;
    let port = there.node.port("PLAIN").unwrap();
    queue.scratch.write(
        "clusters/other.yaml",
        format!(
            "cluster: other\nenvironment: dev\nconnection:\n{}manages: {{ topics: [\"moved.*\"] }}\n\
             defaults: {{ replication_factor: 1, min_insync_replicas: 1 }}\n\
             kafka: {{ deployment: self_managed, authorizer: none, nodes: [{{ id: 1, roles: [broker, controller] }}] }}\n",
            plain(port)
        ),
    );
    let hand = there.hand().await;
    let name: TopicName = queue.origin.parse().unwrap();
    let new = NewTopic { name, partitions: 3, replication_factor: 1, configs: [].into() };
    let writer = queue.writer();
    let of: [Written<'_>; 3] = [
        ("busctl-dlq.origin-topic", Some(queue.origin.as_bytes())),
        ("busctl-dlq.origin-partition", Some(b"1")),
        ("trace", Some(b"t")),
    ];
    for number in 0..50 {
        let value = number.to_string();
        writer.write(&queue.topic, Letter { value: Some(value.as_bytes()), headers: &of, ..Letter::default() });
    }
    writer.flush();
    let send = |more: &[&str]| {
        let command = ["dlq", "reprocess", &queue.topic, "--cluster", "main", "--to-cluster"];
        queue.scratch.run(&[&command[..], more].concat())
    };
    send(&["main", "--yes"]).ended(64).says(&["main is the cluster that", "leave --to-cluster out"]);
    send(&["other"]).ended(0).shows(&["50 records stay: there is no topic moved.order.v1"]);
    hand.create_topics(&[new], false).await.remove(0).unwrap();
    send(&["other"]).ended(0).shows(&["50 records would be sent to moved.order.v1"]);
    let done = send(&["other", "--yes", "--format", "json"]).ended(0).json();
    assert_eq!((&done["sent"], &done["delivery"]), (&json!({ "moved.order.v1": 50 }), &json!("at_least_once")));
    assert_eq!(done["came_back"], json!(null));
    assert!(queue.read(&queue.origin).is_empty());
    let arrived = read_from(port, &queue.origin);
    assert_eq!(arrived.len(), 50);
    for message in &arrived {
        assert_eq!((message.partition(), headers(message)["trace"].as_deref()), (1, Some(&b"t"[..])));
        assert!(headers(message).contains_key("busctl-redrive.id"));
    }
    // The ledger is where the queue is.
    let command = ["dlq", "triage", &queue.topic, "--cluster", "main", "--format", "json"];
    let triage = queue.scratch.run(&command).ended(0).json();
    assert_eq!((&triage["waiting"], &triage["settled"]), (&json!(0), &json!(50)));
    send(&["other", "--yes"]).ended(0).shows(&["50 settled before", "Nothing to do."]);
    // A run that is killed loses nothing, and what its open transaction had sent is there twice.
    const LETTERS: usize = 4_000;
    for number in 0..LETTERS {
        let value = format!("late {number}");
        writer.write(&queue.topic, Letter { value: Some(value.as_bytes()), headers: &of, ..Letter::default() });
    }
    writer.flush();
    let command = [
        "dlq",
        "reprocess",
        &queue.topic,
        "--cluster",
        "main",
        "--to-cluster",
        "other",
        "--yes",
        "--rate",
        "200",
        "-v",
    ];
    let mut running = queue.scratch.start(&command);
    running.wait_until_it_says("dead letters settled");
    running.signal("KILL");
    running.wait();
    send(&["other", "--yes"]).ended(0);
    let mut arrived = counts(&read_from(port, &queue.origin));
    arrived.retain(|value, _| value.starts_with("late"));
    assert_eq!(arrived.len(), LETTERS);
    let twice = arrived.values().filter(|count| **count == 2).count();
    assert!(arrived.values().all(|count| *count <= 2) && twice <= 1_000, "{twice} are there twice");
    let triage = queue.scratch.run(&["dlq", "triage", &queue.topic, "--cluster", "main", "--format", "json"]);
    assert_eq!(triage.ended(0).json()["waiting"], 0);
}
