//! Somebody changes a resource by hand while an apply is on its way.

use busctl::ports::kafka::{AclOperation, AclResourceType};

use crate::estate::Estate;
use crate::sample::{acl, grant, set_config};
use crate::server::bus;
use crate::support::proxy::{Request, Then};
use crate::tally::Tally;

const LIMIT: &str = "max.message.bytes";

/// Changes resources by hand.
pub async fn run(tally: &mut Tally) {
    let bus = bus().await;
    let proxy = bus.proxy(1);
    let mut estate = Estate::on(bus, "byhand", proxy.port, bus.registry).await;
    estate.next_round();
    estate.finish().await;
    let count = tally.times(1, 5);
    tally
        .faults("changed by hand between plan and apply", count, async |_, tried| {
            estate.next_round();
            estate.run(&["plan", "-o", "plan.json"]).ended(0);
            let topic = estate.topic_with_its_partitions();
            set_config(estate.hand(), topic.as_str(), LIMIT, Some(&(700_000 + tried).to_string())).await;
            let stale = estate.run(&["apply", "plan.json", "--yes", "--allow", "disruptive"]).ended(4);
            stale.says(&["the plan is stale", topic.as_str(), LIMIT]);
            estate.finish().await;
            1
        })
        .await;
    tally
        .faults("changed by hand between two batches", count, async |_, _| {
            estate.next_round();
            // Partitions come before access that is taken away.
            proxy.at(Request::CreatePartitions, Then::Hold);
            let running = estate.apply(&[]);
            proxy.wait_until_reached();
            let topic = estate.topic_with_its_partitions();
            let more = acl(&estate.former_writer(), AclResourceType::Topic, topic.as_str(), AclOperation::Read);
            grant(estate.hand(), &[more]).await;
            proxy.go_on();
            let run = running.wait().ended(5);
            let told = format!("{}\n{}", run.out, run.err);
            for part in ["FAILED: 1 change", topic.as_str(), "read", "plan again"] {
                assert!(told.contains(part), "no `{part}` in\n{told}");
            }
            proxy.mend();
            estate.finish().await;
            1
        })
        .await;
}
