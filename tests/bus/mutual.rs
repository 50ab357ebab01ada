//! Principals that mapping rules make of certificates, on three nodes with mutual TLS and the `StandardAuthorizer`.

use busctl::localbus::kafka;
use busctl::ports::journal::{AUDIT_TOPIC, new_topics};
use busctl::ports::kafka::KafkaAdmin;

use crate::sample::{assert_settled, create_topic, eventually};
use crate::support::clients::{consume, produce};
use crate::support::three_nodes::{MAPPING, ThreeNodes};
use crate::support::workspace::Scratch;
use crate::three_nodes::workspace;

#[tokio::test(flavor = "multi_thread")]
async fn grants_are_for_whom_the_mapping_rules_make_of_a_certificate() {
    let nodes = ThreeNodes::start(kafka::DEFAULT_VERSION).await;
    // A record that is lost with one broker, as somebody else may have made it.
    for created in nodes.hand().await.create_topics(&new_topics(1), false).await {
        created.unwrap();
    }
    let scratch = workspace(&nodes);
    let file = "clusters/main.yaml";
    scratch.edit(file, "principal: \"User:CN={service}\"", "principal: \"User:{service}\"");
    scratch.edit(
        file,
        "  authorizer: standard\n",
        &format!("  authorizer: standard\n  config: {{ ssl.principal.mapping.rules: '{MAPPING}' }}\n"),
    );
    scratch.run(&["apply", "--yes"]).ended(0);
    assert_settled(&scratch);

    let of = |subject: &str| nodes.authority.issue_with_subject(&subject.replace('/', "_"), subject);
    let service = |name: &str| of(&format!("/O=Shop/OU=Services/CN={name}"));
    let [writer, reader, other] = ["Shop-Writer", "Shop-Reader", "Shop-Other"].map(service);
    // What busctl derives of a certificate is what the brokers make of it.
    let as_it_is = scratch.read(file);
    scratch.edit(file, &nodes.manifest(), &nodes.manifest_of(&writer));
    scratch.run(&["whoami"]).ended(0).shows(&["cluster/main  User:shop-writer"]);
    scratch.write(file, as_it_is);
    let [writer, reader, other] = [&writer, &reader, &other].map(|identity| nodes.client(identity));
    produce(&writer, "shop.order.v1").await.unwrap();
    assert_eq!(consume(&reader, "shop-reader", "shop.order.v1").unwrap(), b"an order");

    // Another topic, another group, another operation, another service; and the same name of another unit.
    create_topic(&nodes.hand().await, "shop.secret.v1", 1, &[]).await;
    let stranger = nodes.client(&of("/O=Shop/OU=Guests/CN=shop-writer"));
    for (who, topic) in [
        (&writer, "shop.secret.v1"),
        (&reader, "shop.order.v1"),
        (&other, "shop.order.v1"),
        (&stranger, "shop.order.v1"),
    ] {
        let refused = produce(who, topic).await.unwrap_err();
        assert!(refused.contains("Topic authorization failed"), "{topic}: {refused}");
    }
    for (who, group, topic, told) in [
        (&reader, "another-group", "shop.order.v1", "Group authorization failed"),
        (&reader, "shop-reader", "shop.secret.v1", "Topic authorization failed"),
        (&writer, "shop-reader", "shop.order.v1", "authorization failed"),
        (&stranger, "shop-reader", "shop.order.v1", "authorization failed"),
    ] {
        let refused = consume(who, group, topic).unwrap_err();
        assert!(refused.contains(told), "{group}, {topic}: {refused}");
    }
    without_the_record(&nodes, &scratch).await;
}

/// What cannot be read is not taken for empty.
async fn without_the_record(nodes: &ThreeNodes, scratch: &Scratch) {
    let hand = nodes.hand().await;
    let [audit] = &hand.describe_topics(&[AUDIT_TOPIC.parse().unwrap()]).await.unwrap()[..] else { panic!() };
    let recorded = scratch.run(&["audit"]).ended(0).out;
    assert!(!recorded.contains("0 changes"), "{recorded}");
    nodes.kill(audit.as_ref().unwrap().partitions[0].replicas[0].cast_unsigned());
    // First nobody answers, then the cluster knows that nobody leads.
    let ask = ["audit", "--timeout", "3s"];
    eventually("the brokers know of it", async || {
        scratch.run(&ask).ended(1).says(&["could not read the topic _busctl-"]).err.contains("has no leader")
    })
    .await;
    scratch.run(&ask).ended(1).says(&["start the brokers that have the replicas of this partition"]);
}
