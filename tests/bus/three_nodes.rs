//! Three nodes with mutual TLS and the `StandardAuthorizer`: what busctl grants is felt by real clients.

use busctl::localbus::kafka;
use serde_json::Value;

use crate::sample::{ANY_DISK, assert_settled, changes, eventually, findings, order, plan, said, topic, topic_file};
use crate::support::certificates::Identity;
use crate::support::clients;
use crate::support::three_nodes::ThreeNodes;
use crate::support::workspace::{Scratch, signal};

/// The workspace of a cluster whose principals are the names of certificates.
pub fn workspace(nodes: &ThreeNodes) -> Scratch {
    let scratch = Scratch::with(&[
        ("busctl.yaml", "version: 1\nclasses:\n  processed: { cleanup: [delete], retention: 14d }\n"),
        (
            "catalog/catalog.yaml",
            "domains:\n  shop: { owner: sales }\n\
             services:\n  shop-writer: { owner: sales }\n  shop-reader: { owner: sales }\n  shop-other: { owner: sales }\n\
             teams:\n  sales: { contacts: { email: sales@example.com } }\n",
        ),
        ("acls/writer.yaml", "service: shop-writer\nproduces: [shop.order.v1]\n"),
        ("acls/reader.yaml", "service: shop-reader\nconsumes: [shop.order.v1]\n"),
        ("acls/other.yaml", "service: shop-other\n"),
        (&topic_file("shop", "order"), &topic("shop", "order")),
        ("schemas/shop/shop.order.v1.avsc", &order("shop")),
    ]);
    scratch.write(
        "clusters/main.yaml",
        format!(
            "cluster: main\nenvironment: production\ncluster_id: {}\nconnection:\n{}\
             principal: \"User:CN={{service}}\"\ndefaults: {{ replication_factor: 3, min_insync_replicas: 2 }}\n\
             kafka:\n  deployment: self_managed\n  authorizer: standard\n  super_users: [\"User:CN=admin\"]\n  {ANY_DISK}\n  nodes:\n\
             \x20   - {{ id: 1, rack: rack-1, roles: [broker, controller] }}\n\
             \x20   - {{ id: 2, rack: rack-2, roles: [broker, controller] }}\n\
             \x20   - {{ id: 3, rack: rack-3, roles: [broker, controller] }}\n",
            nodes.cluster_id,
            nodes.manifest()
        ),
    );
    scratch
}

/// Writes one record with a service's own certificate.
async fn produce(nodes: &ThreeNodes, identity: &Identity) -> Result<(), String> {
    clients::produce(&nodes.client(identity), "shop.order.v1").await
}

/// What a plan measures of a deletion of the topic, which is then declared as before.
fn measured_deletion(scratch: &Scratch) -> Value {
    let file = topic_file("shop", "order");
    let manifest = scratch.read(&file);
    scratch.write(&file, "topic: shop.order.v1\nstate: absent\nreason: Unused.\n");
    let plan = plan(scratch).json();
    scratch.write(&file, manifest);
    let changes = plan["changes"].as_array().unwrap();
    changes.iter().find(|change| change["address"] == "topic/shop.order.v1").unwrap()["measured"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_granted_producer_writes_and_a_service_without_a_grant_is_refused() {
    let nodes = ThreeNodes::start(kafka::DEFAULT_VERSION).await;
    let scratch = workspace(&nodes);
    let [writer, reader, other] = ["shop-writer", "shop-reader", "shop-other"].map(|name| nodes.authority.issue(name));
    scratch.run(&["apply", "--yes"]).ended(0);
    assert_settled(&scratch);

    produce(&nodes, &writer).await.unwrap();
    for identity in [&reader, &other] {
        let refused = produce(&nodes, identity).await.unwrap_err();
        assert!(refused.contains("Topic authorization failed"), "{}: {refused}", identity.principal);
    }

    // The grant moves to another service: the first loses it, the second gets it.
    scratch.edit("acls/writer.yaml", "produces: [shop.order.v1]\n", "");
    scratch.edit("acls/other.yaml", "service: shop-other\n", "service: shop-other\nproduces: [shop.order.v1]\n");
    scratch.edit(&topic_file("shop", "order"), "producers: [shop-writer]", "producers: [shop-other]");
    insta::assert_snapshot!(changes(&plan(&scratch).ended(0)), @r"
    create grant/shop-other/topic/shop.order.v1 [safe] User:CN=shop-other write · → allow; User:CN=shop-other describe · → allow
    delete grant/shop-writer/topic/shop.order.v1 [disruptive] User:CN=shop-writer write allow → ·; User:CN=shop-writer describe allow → ·
    ");
    scratch.run(&["apply", "--yes", "--allow", "disruptive"]).ended(0);
    produce(&nodes, &other).await.unwrap();
    assert!(produce(&nodes, &writer).await.unwrap_err().contains("Topic authorization failed"));

    // What a deletion costs is counted once, and what it frees on every broker.
    let whole = measured_deletion(&scratch);
    let [bytes, of_all] = ["bytes", "bytes_of_all_replicas"].map(|key| whole[key].as_u64().unwrap());
    assert!(whole["records"] == 2 && bytes > 0 && of_all == 3 * bytes, "{whole:#}");

    // One of three that is gone is not the cluster; of what it held nothing is made up.
    signal(nodes.processes[0].pid, "KILL");
    let no_sum = |measured: &Value| assert!(measured["bytes_of_all_replicas"].is_null(), "{measured:#}");
    no_sum(&measured_deletion(&scratch));
    eventually("the others lead what it led", async || {
        let measured = measured_deletion(&scratch);
        no_sum(&measured);
        measured["records"] == 2 && measured["bytes"] == bytes
    })
    .await;
    assert_settled(&scratch);
    scratch.edit(&topic_file("shop", "order"), "key: id", "key: id\nconfig: { max.message.bytes: 2MiB }");
    scratch.run(&["apply", "--yes"]).ended(0);
    assert_settled(&scratch);
    // Two that are gone are: the controllers have no majority, and nothing can be written.
    signal(nodes.processes[1].pid, "KILL");
    scratch.edit(&topic_file("shop", "order"), "2MiB", "3MiB");
    let failed = scratch.run(&["apply", "--yes", "--timeout", "5s", "--settle", "1s"]);
    assert!(matches!(failed.code, Some(1 | 5)), "{failed:#?}");
    assert!(failed.err.contains("127.0.0.1"), "{failed:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_three_nodes_are_is_compared_with_their_manifest() {
    let nodes = ThreeNodes::start(kafka::DEFAULT_VERSION).await;
    let scratch = workspace(&nodes);
    assert_eq!(findings(&plan(&scratch).ended(0)), [""; 0]);
    // Others than they are: a rack, a node too many, and nobody who is let through everywhere.
    let file = "clusters/main.yaml";
    let as_it_is = scratch.read(file);
    scratch.edit(file, "id: 2, rack: rack-2", "id: 2, rack: rack-9");
    scratch.edit(file, "  super_users: [\"User:CN=admin\"]\n", "");
    scratch.write(file, scratch.read(file) + "    - { id: 4, rack: rack-4, roles: [broker, controller] }\n");
    insta::assert_snapshot!(said(&plan(&scratch).ended(0)).join("\n"), @r"
    BUS520: broker 4 of `main` is declared and does not take part
    BUS521: broker 2 of `main` is in the rack rack-2, not in rack-9
    BUS523: node 4 of `main` is declared as a controller and does not vote
    BUS527: brokers 1, 2, 3 of `main`: there are super users, and none is declared
    ");
    // A node that is lost is missed as a broker, and as a voter once it has been silent for long.
    scratch.write(file, as_it_is);
    signal(nodes.processes[2].pid, "KILL");
    eventually("the third node is missed", async || {
        let said = said(&plan(&scratch));
        let says = |what: &str| said.iter().any(|finding| finding.starts_with(what));
        says("BUS520: broker 3 of `main` is declared and does not take part")
            && says("BUS524: the voter 3 of the metadata quorum of `main` has not")
    })
    .await;
}
