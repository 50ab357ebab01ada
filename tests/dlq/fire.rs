//! Exactly once, whatever is killed: a redrive of a hundred thousand dead letters on three nodes. The program is killed at random
//! moments, each node is killed in turn, and Kafka's own consumer counts what has arrived.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Duration;

use busctl::localbus::kafka;
use busctl::ports::journal::{LEDGER_TOPIC, new_topics};
use busctl::ports::kafka::KafkaAdmin;
use proptest::prelude::RngExt;
use proptest::test_runner::{RngAlgorithm, TestRng};

use serde_json::Value;

use crate::queue::{Letter, Queue, Servers, Written};
use crate::support::sample::{bare, connect};
use crate::support::server::bus;
use crate::support::three_nodes::ThreeNodes;
use crate::support::workspace::Running;

const LETTERS: usize = 100_000;

const PARTITIONS: usize = 6;

/// How often the program is killed.
const KILLS: usize = 21;

/// The most that one of those runs sends: not one of them comes to the end of the queue.
const MOST: usize = 3_500;

/// In which of those runs a node is killed besides.
const NODES: [(usize, u32); 3] = [(4, 1), (11, 2), (18, 3)];

/// What busctl adds to a record.
const ADDED: &str = "busctl-redrive.attempt:1";

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_are_there_once_each_whatever_is_killed() {
    let mut nodes = ThreeNodes::start(kafka::DEFAULT_VERSION).await;
    let queue = queue(&nodes).await;
    fill(&queue);
    let mut chance = chance();
    let mut killed = 0;
    for round in 0.. {
        if killed == KILLS {
            break;
        }
        assert!(round < LETTERS / MOST - 1, "it was killed {killed} times only, for it has ended in the other runs");
        // Every other one takes its time, so that what is killed is between transactions too.
        let (rate, moment) = if round % 2 == 0 { ("2000", 1_200) } else { ("1000000", 300) };
        let most = MOST.to_string();
        let command = ["dlq", "reprocess", &queue.topic, "--yes", "--verbose", "--max", &most, "--rate", rate];
        let mut run = queue.scratch.start(&command);
        // Some before they send anything, most of them while they do.
        if round % 4 != 3 {
            while !run.said().contains(" settled") && !run.has_ended() {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        }
        tokio::time::sleep(Duration::from_millis(chance.random_range(0..moment))).await;
        if let Some((_, node)) = NODES.iter().find(|(at, _)| *at == round) {
            nodes.kill(*node);
            tokio::time::sleep(Duration::from_millis(chance.random_range(0..2_000))).await;
            killed += kill(run);
            nodes.start_again(*node).await;
        } else {
            killed += kill(run);
        }
    }
    let last = queue.scratch.run(&["dlq", "reprocess", &queue.topic, "--yes", "--format", "json"]).ended(0).json();
    let (sent, settled) = (last["sent"][&*queue.origin].as_u64().unwrap(), last["settled"].as_u64().unwrap());
    println!("{settled} were sent by the runs that were killed, {sent} by the last one");
    assert!(settled > 0 && sent > 0 && sent + settled == LETTERS as u64, "{last:#}");

    let arrived = read(&nodes, &queue.origin, &[]).await;
    assert_eq!(arrived.lines().count(), LETTERS);
    let values: BTreeSet<&str> = arrived.lines().map(|line| line.rsplit('\t').next().unwrap()).collect();
    assert_eq!(values.len(), LETTERS, "each once");
    assert!(arrived.lines().all(|line| line.contains(ADDED)), "sent once, by any count");

    let triage = queue.scratch.run(&["dlq", "triage", &queue.topic, "--format", "json"]).ended(0).json();
    assert_eq!((&triage["waiting"], &triage["settled"]), (&Value::from(0), &Value::from(LETTERS)));
    let ledger = queue.scratch.run(&["dlq", "ledger", &queue.topic, "--format", "json"]).ended(0).json();
    assert_eq!(ledger["counts"], serde_json::json!({ "redriven": LETTERS }));
    let entries = read(&nodes, LEDGER_TOPIC, &["--formatter-property", "print.value=false"]).await;
    let is_of_letter = |line: &&str| !line.contains("/run/") && !line.contains("/seen/");
    let keys: Vec<&str> = entries.lines().filter(is_of_letter).collect();
    let places: BTreeSet<&str> = keys.iter().copied().collect();
    assert_eq!((keys.len(), places.len()), (LETTERS, LETTERS), "each has one entry");
}

fn kill(mut run: Running) -> usize {
    if run.has_ended() {
        return ended(run);
    }
    run.signal("KILL");
    match run.wait().code {
        None => 1,
        Some(_) => 0,
    }
}

/// A run that came to its end before it could be killed: it has done its part, or a node was gone.
fn ended(run: Running) -> usize {
    let run = run.wait().without_panic();
    assert!(matches!(run.code, Some(0 | 1 | 5)), "{run:?}");
    0
}

async fn queue(nodes: &ThreeNodes) -> Queue {
    let servers = Servers { hand: nodes.hand().await, client: nodes.client(&nodes.admin), replicas: 3 };
    for created in servers.hand.create_topics(&new_topics(3), false).await {
        created.unwrap();
    }
    let scratch = bare(bus().await, "fire");
    connect(&scratch, "fire", &nodes.manifest());
    let safe = [("min.insync.replicas", "2")];
    Queue::on(servers, scratch, "fire", PARTITIONS as u32, &safe).await
}

/// Records of a hundred bytes, each with a value of its own.
fn fill(queue: &Queue) {
    let writer = queue.writer_with(&[("linger.ms", "20"), ("acks", "all"), ("enable.idempotence", "true")]);
    let places: Vec<String> = (0..PARTITIONS).map(|partition| partition.to_string()).collect();
    for number in 0..LETTERS {
        let (partition, value) = (number % PARTITIONS, format!("{number:0100}"));
        let of: [Written<'_>; 3] = [
            ("busctl-dlq.origin-topic", Some(queue.origin.as_bytes())),
            ("busctl-dlq.origin-partition", Some(places[partition].as_bytes())),
            ("busctl-dlq.error-class", Some(b"TimeoutError")),
        ];
        let letter =
            Letter { partition: partition as i32, value: Some(value.as_bytes()), headers: &of, ..Letter::default() };
        writer.write(&queue.topic, letter);
    }
    writer.flush();
}

/// By the clock; `BUSCTL_TEST_SEED` strikes where an earlier run did.
fn chance() -> TestRng {
    let of_clock = || std::time::UNIX_EPOCH.elapsed().unwrap().as_micros() as u64;
    let seed: u64 = std::env::var("BUSCTL_TEST_SEED").map_or_else(|_| of_clock(), |seed| seed.parse().unwrap());
    println!("the seed is {seed}");
    TestRng::from_seed(RngAlgorithm::ChaCha, &seed.to_le_bytes().repeat(4))
}

/// What Kafka's own consumer reads of a topic that was committed, one line a record: headers or the key, then the value.
async fn read(nodes: &ThreeNodes, topic: &str, more: &[&str]) -> String {
    let what = if topic == LEDGER_TOPIC { "print.key=true" } else { "print.headers=true" };
    let mut command = nodes.kafka.command("org.apache.kafka.tools.consumer.ConsoleConsumer");
    command.args(["--bootstrap-server", &nodes.bootstrap, "--topic", topic, "--from-beginning"]);
    command.args(["--isolation-level", "read_committed", "--timeout-ms", "5000", "--formatter-property", what]);
    command.args(more).arg("--command-config").arg(nodes.client_properties(&nodes.admin)).stderr(Stdio::piped());
    let output = command.output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("Processed a total of"), "{said}");
    String::from_utf8(output.stdout).unwrap()
}
