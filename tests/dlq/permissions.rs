//! `docs/permissions.md` lists what looking after dead letters takes: a role that does is given that and no more, with it a
//! principal that is no super user can do it, and without any part of it it is told what it lacks.

use std::collections::BTreeSet;

use busctl::adapters::kafka::KafkaClient;
use busctl::ports::kafka::{Acl, AclOperation, AclResourceType, KafkaAdmin};

use crate::queue::{Letter, Queue, Written};
use crate::support::sample::{acl, grant, revoke, sasl};
use crate::support::server::bus;

const LOGIN: &str = "dead-letter-operator";

/// The rows of the page without which nothing is sent, for a queue.
fn least(queue: &Queue) -> Vec<Acl> {
    use AclOperation::{DescribeConfigs, Read, Write};
    let topic = |name: &str, operation| acl(LOGIN, AclResourceType::Topic, name, operation);
    let id = format!("busctl-dlq-{}", queue.topic);
    let ledger = "_busctl-dlq-ledger";
    vec![
        topic(&queue.topic, Read),
        topic(ledger, Read),
        topic(ledger, Write),
        topic(&queue.origin, Write),
        topic(&queue.origin, DescribeConfigs),
        acl(LOGIN, AclResourceType::TransactionalId, &id, Write),
        acl(LOGIN, AclResourceType::Group, &id, Read),
    ]
}

/// What the broker lets the login do.
async fn rights(hand: &KafkaClient) -> BTreeSet<String> {
    let of_login = |acl: &Acl| acl.principal.as_str() == format!("User:{LOGIN}");
    let acls = hand.acls().await.unwrap().into_iter().filter(of_login);
    acls.map(|acl| format!("{} {}: {}", acl.resource, acl.name, acl.operation)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_looks_after_dead_letters_is_given_what_the_page_says() {
    let queue = Queue::applied("operated", LOGIN).await;
    let hand = bus().await.hand().await;
    let (origin, letters) = (&queue.origin, &queue.topic);
    let parking = format!("{origin}.operated-reader.parking");
    queue.scratch.run(&["plan", "--detailed-exitcode"]).ended(0);
    let mut expected = BTreeSet::from([
        "topic _busctl-dlq-ledger: describe".to_owned(),
        "topic _busctl-dlq-ledger: read".to_owned(),
        "topic _busctl-dlq-ledger: write".to_owned(),
        "group operated-reader: describe".to_owned(),
        format!("topic {origin}: describe"),
        format!("topic {origin}: describe_configs"),
        format!("topic {origin}: write"),
    ]);
    for held in [letters, &parking] {
        for operation in ["describe", "describe_configs", "read", "write"] {
            expected.insert(format!("topic {held}: {operation}"));
        }
        expected.insert(format!("group busctl-dlq-{held}: describe"));
        expected.insert(format!("group busctl-dlq-{held}: read"));
        expected.insert(format!("transactional_id busctl-dlq-{held}: describe"));
        expected.insert(format!("transactional_id busctl-dlq-{held}: write"));
    }
    assert_eq!(rights(&hand).await, expected);

    let of: [Written<'_>; 1] = [("busctl-dlq.origin-topic", Some(queue.origin.as_bytes()))];
    let letter = Letter { value: Some(b"v"), headers: &of, ..Letter::default() };
    let writer = queue.writer();
    let manifest = queue.scratch.read("clusters/main.yaml");
    let (admin, operator) = (sasl(bus().await, "admin"), sasl(bus().await, LOGIN));
    queue.scratch.write("clusters/main.yaml", manifest.replace(&admin, &operator));
    let send = ["dlq", "reprocess", &queue.topic, "--yes"];
    for command in ["triage", "show", "stats", "ledger"] {
        queue.scratch.run(&["dlq", command, &queue.topic]).ended(0);
    }
    queue.scratch.run(&["dlq", "list"]).ended(0);
    writer.write(&queue.topic, Letter { value: Some(b"shown"), ..Letter::default() });
    writer.flush();
    let unmask = ["dlq", "show", &queue.topic, "--unmask"];
    let refused = queue.scratch.run(&unmask).ended(4);
    assert!(!refused.out.contains("shown") && refused.err.contains("Write on _busctl-audit"), "{}", refused.err);
    grant(&hand, &[acl(LOGIN, AclResourceType::Topic, "_busctl-audit", AclOperation::Write)]).await;
    queue.scratch.run(&unmask).ended(0).shows(&["shown"]);
    writer.write(&queue.topic, letter);
    writer.flush();
    queue.scratch.run(&send).ended(0).shows(&["2 records sent to operated.order.v1"]);
    let mut sent = 2;
    for missing in &least(&queue) {
        writer.write(&queue.topic, letter);
        writer.flush();
        revoke(&hand, std::slice::from_ref(missing)).await;
        let run = queue.scratch.run(&send);
        assert_eq!(run.code, Some(1), "without {missing:?}: {}{}", run.out, run.err);
        grant(&hand, std::slice::from_ref(missing)).await;
        queue.scratch.run(&send).ended(0);
        sent += 1;
        assert_eq!(queue.read(&queue.origin).len(), sent, "without {missing:?}");
    }
}
