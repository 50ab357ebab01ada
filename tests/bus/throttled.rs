//! A controller that holds changes back is waited for.

use busctl::ports::kafka::{AclOperation, AclResourceType};

use crate::sample::{acl, assert_settled, bare, connect, grant, order, sasl, topic, topic_file};
use crate::server::bus;

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
