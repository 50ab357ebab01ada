//! What clients or data may suffer from is said and needs to be allowed.

use busctl::ports::kafka::KafkaAdmin;

use crate::sample::{apply, changes, findings, name, plan, topic_file, workspace};
use crate::server::bus;

#[tokio::test(flavor = "multi_thread")]
async fn more_partitions_of_a_keyed_topic_are_disruptive_and_fewer_impossible() {
    let bus = bus().await;
    let scratch = workspace(bus, "parts");
    apply(&scratch);
    let file = topic_file("parts", "order");
    scratch.edit(&file, "key: id", "key: id\npartitions: 8");
    insta::assert_snapshot!(changes(&plan(&scratch).ended(0)), @"update topic/parts.order.v1 [disruptive] partitions 6 → 8");
    scratch.run(&["apply", "--yes"]).ended(4).says(&["topic/parts.order.v1 (disruptive)", "--allow disruptive"]);
    let hand = bus.hand().await;
    let partitions =
        async || hand.describe_topics(&[name("parts.order.v1")]).await.unwrap()[0].as_ref().unwrap().partitions.len();
    assert_eq!(partitions().await, 6);
    scratch.run(&["apply", "--yes", "--allow", "disruptive"]).ended(0);
    assert_eq!(partitions().await, 8);

    scratch.edit(&file, "partitions: 8", "partitions: 6");
    let fewer = plan(&scratch).ended(3);
    assert_eq!(findings(&fewer), ["BUS503 error"]);
    assert_eq!(changes(&fewer), "");
    scratch.run(&["plan"]).ended(3).shows(&[
        "`parts.order.v1` has 8 partitions; the manifest asks for 6",
        "make a new version of the topic",
        &file,
    ]);
    scratch.run(&["apply", "--yes", "--allow", "destructive"]).ended(3);
    assert_eq!(partitions().await, 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn data_that_would_be_lost_takes_the_highest_allowance() {
    let bus = bus().await;
    let scratch = workspace(bus, "lossy");
    apply(&scratch);
    let file = topic_file("lossy", "order");
    scratch.edit(&file, "class: processed", "class: state");
    insta::assert_snapshot!(changes(&plan(&scratch)), @"update topic/lossy.order.v1 [destructive] config.cleanup.policy delete → compact; config.retention.ms 14d → 2d");
    scratch.run(&["apply", "--yes", "--allow", "disruptive"]).ended(4).says(&["--allow destructive"]);
    // The cluster's manifest may allow it for good.
    let cluster = scratch.read("clusters/main.yaml");
    scratch.write("clusters/main.yaml", format!("{cluster}allow: destructive\n"));
    scratch.run(&["apply", "--yes", "--allow", "safe"]).ended(4);
    scratch.run(&["apply", "--yes"]).ended(0);
    crate::sample::assert_settled(&scratch);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_terminal_nobody_can_be_asked() {
    let bus = bus().await;
    let scratch = workspace(bus, "asked");
    scratch.run(&["apply"]).ended(4).says(&["standard input is no terminal", "--yes"]);
    assert!(changes(&plan(&scratch)).contains("create topic/asked.order.v1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_topic_that_nobody_can_write_safely_is_a_finding() {
    let bus = bus().await;
    let scratch = workspace(bus, "insync");
    apply(&scratch);
    // The broker takes it without a word.
    let cluster = scratch.read("clusters/main.yaml");
    scratch.write(
        "clusters/main.yaml",
        cluster
            .replace("replication_factor: 1, min_insync_replicas: 1", "replication_factor: 3, min_insync_replicas: 2")
            .replace("nodes: [{ id: 1, roles: [broker, controller] }]", "version: \"4.3\""),
    );
    let planned = plan(&scratch).ended(3);
    assert_eq!(findings(&planned), ["BUS504 warn", "BUS501 error"]);
    scratch.run(&["plan"]).ended(3).shows(&["nothing can be written with acks=all", "clusters/main.yaml"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_topic_with_more_replicas_than_brokers_is_refused_before_anything_is_written() {
    let bus = bus().await;
    let scratch = workspace(bus, "crowded");
    let cluster = scratch.read("clusters/main.yaml");
    let cluster = cluster.replace("replication_factor: 1", "replication_factor: 2");
    scratch.write(
        "clusters/main.yaml",
        cluster.replace("nodes: [{ id: 1, roles: [broker, controller] }]", "version: \"4.3\""),
    );
    let planned = plan(&scratch).ended(3);
    assert_eq!(findings(&planned), ["BUS504 error"]);
    let before = changes(&planned);
    scratch.run(&["apply", "--yes"]).ended(3);
    assert_eq!(changes(&plan(&scratch)), before);
}
