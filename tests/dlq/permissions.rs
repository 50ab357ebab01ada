//! `docs/permissions.md` lists what looking after dead letters takes: with it a principal that is no super user can do it, and
//! without any part of it it is told what it lacks.

use busctl::ports::kafka::{Acl, AclOperation, AclResourceType};

use crate::queue::{Letter, Queue, Written};
use crate::support::sample::{acl, connect, grant, revoke, sasl};
use crate::support::server::bus;

const LOGIN: &str = "dead-letter-operator";

/// The rows of the page, for a queue.
fn least(queue: &Queue) -> (Vec<Acl>, Vec<Acl>) {
    use AclOperation::{DescribeConfigs, Read, Write};
    let topic = |name: &str, operation| acl(LOGIN, AclResourceType::Topic, name, operation);
    let id = format!("busctl-dlq-{}", queue.topic);
    let ledger = "_busctl-dlq-ledger";
    let reading = vec![topic(&queue.topic, Read), topic(ledger, Read)];
    let settling = vec![
        topic(ledger, Write),
        topic(&queue.origin, Write),
        topic(&queue.origin, DescribeConfigs),
        acl(LOGIN, AclResourceType::TransactionalId, &id, Write),
        acl(LOGIN, AclResourceType::Group, &id, Read),
    ];
    (reading, settling)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_looks_after_dead_letters_needs_what_the_page_says() {
    let queue = Queue::new("operated", 1, &[]).await;
    let hand = bus().await.hand().await;
    connect(&queue.scratch, "operated", &sasl(bus().await, LOGIN));
    let of: [Written<'_>; 1] = [("busctl-dlq.origin-topic", Some(queue.origin.as_bytes()))];
    let letter = Letter { value: Some(b"v"), headers: &of, ..Letter::default() };
    let writer = queue.writer();
    let (reading, settling) = least(&queue);
    let triage = ["dlq", "triage", &queue.topic];
    let send = ["dlq", "reprocess", &queue.topic, "--yes"];
    queue.scratch.run(&triage).ended(1);
    grant(&hand, &reading).await;
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
    queue.scratch.run(&send).ended(1);
    grant(&hand, &settling).await;
    queue.scratch.run(&send).ended(0).shows(&["2 records sent to operated.order.v1"]);
    let mut sent = 2;
    for missing in reading.iter().chain(&settling) {
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
