//! Three brokers behind mutual TLS, with replicas in each.

use std::time::Duration;

use busctl::adapters::kafka::KafkaClient;
use busctl::model::Secret;
use busctl::ports::connection::{Connection, Identity, Tls};
use busctl::ports::journal::{HeldJournal, Journal, LockFailure, new_topics};
use busctl::ports::kafka::KafkaAdmin;

use crate::bus::{began, holder, journal};
use crate::support::certificates;
use crate::support::three_nodes::ThreeNodes;

fn connection(cluster: &ThreeNodes, identity: &certificates::Identity) -> Connection {
    let read = |path: &std::path::Path| Secret::new(std::fs::read_to_string(path).unwrap());
    let identity = Identity { certificate: read(&identity.certificate), key: Some(read(&identity.key)) };
    Connection {
        bootstrap: cluster.bootstrap.split(',').map(str::to_owned).collect(),
        tls: Some(Tls {
            ca: Some(read(&cluster.authority.certificate())),
            identity: Some(identity),
            server_name: None,
        }),
        sasl: None,
        timeout: Duration::from_secs(30),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lock_and_the_record_over_mutual_tls() {
    let cluster = ThreeNodes::start("4.3.1").await;
    let connection = connection(&cluster, &cluster.admin);
    let client = KafkaClient::connect(connection.clone()).await.unwrap();
    // Before the first apply there is nothing to read.
    assert_eq!(journal(&client).events(None).await, Ok(Vec::new()));
    for created in client.create_topics(&new_topics(3), false).await {
        created.unwrap();
    }
    let held = journal(&client).acquire(&holder("tls"), Duration::ZERO).await.unwrap();
    held.record(&[began("tls")], &[]).await.unwrap();
    let refused = journal(&client).acquire(&holder("other"), Duration::ZERO).await.err();
    assert!(matches!(refused, Some(LockFailure::Held(Some(_)))), "{refused:?}");
    held.release().await.unwrap();
    assert_eq!(journal(&client).events(None).await.unwrap().len(), 1);
}
