//! A controller that holds changes back is waited for.

use busctl::ports::kafka::{AclOperation, AclResourceType};

use crate::sample::{acl, assert_settled, bare, connect, grant, order, sasl, topic, topic_file};
use crate::server::{Bus, bus};
use crate::support::workspace::Scratch;

/// A user that may do what an apply of `domain` needs, with a quota of changes to topics.
async fn held_back(bus: &Bus, login: &str, domain: &str, rate: &str) -> Scratch {
    let cluster = |operation| acl(login, AclResourceType::Cluster, "kafka-cluster", operation);
    grant(
        &bus.hand().await,
        &[
            acl(login, AclResourceType::Topic, &format!("{domain}.*"), AclOperation::All),
            acl(login, AclResourceType::Topic, "_busctl-*", AclOperation::All),
            acl(login, AclResourceType::Group, "_busctl-lock", AclOperation::Read),
            acl(login, AclResourceType::TransactionalId, "busctl", AclOperation::Write),
            cluster(AclOperation::Describe),
            cluster(AclOperation::DescribeConfigs),
            cluster(AclOperation::Alter),
        ],
    )
    .await;
    bus.server.configure_user(login, &format!("controller_mutation_rate={rate}")).await;
    let scratch = bare(bus, domain);
    connect(&scratch, domain, &sasl(bus, login));
    scratch
}

fn declare(scratch: &Scratch, domain: &str, events: &[&str], partitions: u32) {
    for event in events {
        scratch.write(&topic_file(domain, event), topic(domain, event) + &format!("partitions: {partitions}\n"));
        scratch.write(&format!("schemas/{domain}/{domain}.{event}.v1.avsc"), order(&format!("{domain}.{event}")));
    }
    let topics = events.iter().map(|event| format!("{domain}.{event}.v1")).collect::<Vec<_>>().join(", ");
    scratch.write("acls/writer.yaml", format!("service: {domain}-writer\nproduces: [{topics}]\n"));
    scratch.write("acls/reader.yaml", format!("service: {domain}-reader\nconsumes: [{topics}]\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quota_that_takes_longer_than_a_request_is_waited_for_and_said() {
    let bus = bus().await;
    let scratch = held_back(bus, "dam-tool", "dam", "2").await;
    // The first takes what there is for many seconds, and the second comes then.
    declare(&scratch, "dam", &["one"], 50);
    scratch.run(&["apply", "--yes"]).ended(0);
    declare(&scratch, "dam", &["one", "two"], 50);
    let run = scratch.run(&["apply", "--yes", "--timeout", "4s"]).ended(0);
    run.says(&["the quota controller_mutation_rate of our user holds changes of topics back: waiting for "]);
    assert_settled(&scratch);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quota_that_takes_too_long_is_named_with_the_time() {
    let bus = bus().await;
    let scratch = held_back(bus, "weir-tool", "weir", "0.1").await;
    declare(&scratch, "weir", &["one", "two"], 50);
    let run = scratch.run(&["apply", "--yes"]);
    assert_ne!(run.code, Some(0), "{run:?}");
    let said = format!("{}{}", run.out, run.err);
    assert!(said.contains("the quota controller_mutation_rate of our user is used up"), "{said}");
    assert!(said.contains("and takes no more for ") && said.contains(" seconds"), "{said}");
    assert!(!said.contains("overloaded"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_controller_throttles_is_sent_again_until_it_is_done() {
    let bus = bus().await;
    let hand = bus.hand().await;
    let login = "fence-tool";
    let cluster = |operation| acl(login, AclResourceType::Cluster, "kafka-cluster", operation);
    grant(
        &hand,
        &[
            acl(login, AclResourceType::Topic, "fence.*", AclOperation::All),
            acl(login, AclResourceType::Topic, "_busctl-*", AclOperation::All),
            acl(login, AclResourceType::Group, "_busctl-lock", AclOperation::Read),
            acl(login, AclResourceType::TransactionalId, "busctl", AclOperation::Write),
            cluster(AclOperation::Describe),
            cluster(AclOperation::DescribeConfigs),
            cluster(AclOperation::Alter),
        ],
    )
    .await;
    // The quota's windows let forty partitions pass at once, and four more each second.
    bus.server.configure_user(login, "controller_mutation_rate=4").await;
    let scratch = bare(bus, "fence");
    connect(&scratch, "fence", &sasl(bus, login));
    let events: Vec<String> = (0..10).map(|number| format!("event{number}")).collect();
    for event in &events {
        scratch.write(&topic_file("fence", event), topic("fence", event));
        scratch.write(&format!("schemas/fence/fence.{event}.v1.avsc"), order(&format!("fence.{event}")));
    }
    let topics = events.iter().map(|event| format!("fence.{event}.v1")).collect::<Vec<_>>().join(", ");
    scratch.write("acls/writer.yaml", format!("service: fence-writer\nproduces: [{topics}]\n"));
    scratch.write("acls/reader.yaml", format!("service: fence-reader\nconsumes: [{topics}]\n"));
    scratch.run(&["apply", "--yes"]).ended(0);
    assert_settled(&scratch);
}
