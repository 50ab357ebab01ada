//! Ten thousand keys.

use crate::delivery::{DISRUPTIVE, POLICY, of_deliveries, workspace};
use crate::support::consul::{Access, Consul};
use crate::support::sample::{assert_settled, order, plan, topic};
use crate::support::server::bus;
use crate::support::workspace::Scratch;

const TOPICS: usize = 40;
const SERVICES: usize = 40;

/// Gives the writer of a domain so many topics more, which these consume. Answers their names.
pub fn more_topics(scratch: &Scratch, domain: &str, count: usize, consumers: &[String]) -> Vec<String> {
    for number in 0..count {
        let event = format!("e{number}");
        let consumers = format!("consumers: [{}]", consumers.join(", "));
        let text = topic(domain, &event).replace(&format!("consumers: [{domain}-reader]"), &consumers);
        scratch.write(&format!("topics/{domain}/{domain}.{event}.v1.yaml"), text);
        let schema = order(domain).replace("\"Order\"", &format!("\"E{number}\""));
        scratch.write(&format!("schemas/{domain}/{domain}.{event}.v1.avsc"), schema);
    }
    let topics: Vec<String> = (0..count).map(|number| format!("{domain}.e{number}.v1")).collect();
    scratch.edit("acls/writer.yaml", "produces: [", &format!("produces: [{}, ", topics.join(", ")));
    topics
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_keys_are_delivered_and_compared() {
    let Some(consul) = Consul::start(Access::Denied).await else { return };
    let scratch = workspace(bus().await, "many", &consul.address, &consul.token(POLICY));
    let names: Vec<String> = (0..SERVICES).map(|number| format!("many-s{number}")).collect();
    let catalog: Vec<String> = names.iter().map(|name| format!("  {name}: {{ owner: sales }}\n")).collect();
    scratch.edit("catalog/catalog.yaml", "teams:", &format!("{}teams:", catalog.concat()));
    let topics = more_topics(&scratch, "many", TOPICS, &names);
    for name in &names {
        scratch.write(&format!("acls/{name}.yaml"), format!("service: {name}\nconsumes: [{}]\n", topics.join(", ")));
    }
    scratch.run(&["apply", "--yes"]).ended(0);
    assert_settled(&scratch);
    let delivered = consul.keys("kafka/main/").len();
    assert!(delivered >= 10_000, "{delivered} keys");

    // One of them by hand is one field of one service.
    consul.put("kafka/main/many-s7/groups", "by-hand");
    let lines = of_deliveries(&plan(&scratch).ended(0));
    assert_eq!(lines, "update client-config/many-s7 [disruptive] groups by-hand → many-s7");
    scratch.run(&DISRUPTIVE).ended(0);
    assert_settled(&scratch);
}
