//! `docs/permissions.md` lists what moving replicas takes: with it a principal that is no super user can do it, and without
//! any one of it it cannot.

use busctl::adapters::kafka::KafkaClient;
use busctl::localbus::kafka;
use busctl::ports::journal::OWN_PREFIX;
use busctl::ports::kafka::{Acl, AclOperation, AclResourceType, KafkaAdmin};

use crate::estate::{assert_throttles, connect, hand, replicas, until, workspace};
use crate::support::least::{least, of_the_record};
use crate::support::sample::acl;
use crate::support::three_nodes::ThreeNodes;

/// A client of each broker, which answers first what it serves itself.
async fn each_broker(nodes: &ThreeNodes) -> Vec<KafkaClient> {
    let mut clients = Vec::new();
    for address in nodes.bootstrap.split(',') {
        let mut connection = nodes.connection(&nodes.admin);
        connection.bootstrap = vec![address.to_owned()];
        clients.push(KafkaClient::connect(connection).await.unwrap());
    }
    clients
}

/// Gives or takes ACLs, until every broker goes by them.
async fn set(brokers: &[KafkaClient], acls: &[Acl], given: bool) {
    let outcomes = if given { brokers[0].create_acls(acls).await } else { brokers[0].delete_acls(acls).await };
    outcomes.into_iter().for_each(|outcome| outcome.unwrap());
    for broker in brokers {
        for acl in acls {
            until("a broker goes by an ACL", async || broker.has_acl(acl).await.unwrap() == given).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_is_drained_with_what_the_page_says() {
    // Kafka's own topics have three replicas, which need three brokers when one leaves.
    let nodes = ThreeNodes::start_four(kafka::DEFAULT_VERSION).await;
    let scratch = workspace(&nodes, 2);
    scratch.run(&["apply", "--yes"]).ended(0);
    let (by_hand, brokers) = (hand(&nodes).await, each_broker(&nodes).await);
    let mover = nodes.authority.issue("mover");
    connect(&scratch, &nodes, &nodes.manifest_of(&mover));
    let own = least("carried out", "CN=mover", "*");
    assert_eq!(own.len(), 3);
    let mut acls: Vec<Acl> = least("`apply`", "CN=mover", "*").into_iter().filter(of_the_record).collect();
    acls.push(acl("CN=mover", AclResourceType::Topic, "*", AclOperation::Describe));
    acls.extend(own.iter().cloned());
    set(&brokers, &acls, true).await;

    let before = replicas(&by_hand).await;
    let drain = ["rebalance", "--drain", "4", "--yes", "--throttle", "50MiB/s"];
    for missing in &own {
        set(&brokers, std::slice::from_ref(missing), false).await;
        let refused = scratch.run(&drain);
        assert_eq!(refused.code, Some(1), "without {missing:?}: {refused:#?}");
        set(&brokers, std::slice::from_ref(missing), true).await;
        assert_eq!(replicas(&by_hand).await, before, "without {missing:?}");
        assert_throttles(&nodes, &by_hand, &[]).await;
    }
    scratch.run(&drain).ended(0);

    // Who may not read the record is told what is not known without it, also where nothing is moved.
    let reading = |acl: &&Acl| acl.operation == AclOperation::Read && &*acl.name == OWN_PREFIX;
    let reading: Vec<Acl> = acls.iter().filter(reading).cloned().collect();
    set(&brokers, &reading, false).await;
    for cancel in [&["reassign", "cancel"][..], &["reassign", "cancel", "--all"]] {
        scratch.run(cancel).ended(0).says(&["whether a throttle is left over is not known: "]);
    }
    assert!(replicas(&by_hand).await.iter().all(|replicas| !replicas.contains(&4)));
    assert_throttles(&nodes, &by_hand, &[]).await;
}
