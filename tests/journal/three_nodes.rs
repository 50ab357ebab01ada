//! Three brokers behind mutual TLS, with replicas in each.

use std::time::Duration;

use busctl::adapters::kafka::KafkaClient;
use busctl::ports::journal::{HeldJournal, Journal, LockFailure, new_topics};
use busctl::ports::kafka::KafkaAdmin;

use crate::bus::{began, holder, journal};
use crate::support::three_nodes::ThreeNodes;

#[tokio::test(flavor = "multi_thread")]
async fn the_lock_and_the_record_over_mutual_tls() {
    let cluster = ThreeNodes::start("4.3.1").await;
    let connection = cluster.connection(&cluster.admin);
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
