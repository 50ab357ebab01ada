use std::collections::{BTreeMap, BTreeSet};

use super::Seen;
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Live;
use crate::policy::{Check, Example, Rule};
use crate::ports::kafka::BrokerInfo;
use crate::resources::cluster::rules::brokers;

const SNAPSHOT: &str = "production.snapshot.json";

/// BUS520.
pub static BROKERS: Rule = Rule {
    code: "BUS520",
    name: "live-brokers",
    summary: "The brokers that take part are those that are declared",
    explanation: "A declared broker that does not take part has failed, was taken away, or was never there: replicas on it are \
missing, and what was reckoned with it, disks and quotas, is wrong. One that takes part and is not declared is reckoned with \
nowhere. The rule compares `kafka.nodes`, where it is written, with the brokers that the cluster names; a node without `roles` \
counts as a broker.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(SNAPSHOT, Live(TWO_OF_THREE))]),
    good: Example(&[(SNAPSHOT, Live(ALL_THREE))]),
    check: Check::Live,
};

/// BUS521.
pub static RACKS: Rule = Rule {
    code: "BUS521",
    name: "live-racks",
    summary: "Brokers are in the racks that are declared",
    explanation: "Kafka spreads the replicas of a new partition over the racks that brokers have (`broker.rack`), and lets \
consumers read from their own. Where that is otherwise than the manifest says, two replicas can be lost with one rack, although \
the manifest has them apart. `broker.rack` is read when a broker starts, and replicas that are there already stay where they \
are. A node that declares no rack is not compared.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(SNAPSHOT, Live(SAME_RACK))]),
    good: Example(&[(SNAPSHOT, Live(ALL_THREE))]),
    check: Check::Live,
};

const ALL_THREE: &str = r#"{
  "cluster": {
    "id": "KjaDqFKeSJGm-ebAeEki8g",
    "brokers": [
      { "id": 0, "host": "kafka-0.example.com", "port": 9094, "rack": "a" },
      { "id": 1, "host": "kafka-1.example.com", "port": 9094, "rack": "b" },
      { "id": 2, "host": "kafka-2.example.com", "port": 9094, "rack": "c" }
    ],
    "controller": 0
  }
}
"#;

const TWO_OF_THREE: &str = r#"{
  "cluster": {
    "id": "KjaDqFKeSJGm-ebAeEki8g",
    "brokers": [
      { "id": 0, "host": "kafka-0.example.com", "port": 9094, "rack": "a" },
      { "id": 1, "host": "kafka-1.example.com", "port": 9094, "rack": "b" }
    ],
    "controller": 0
  }
}
"#;

const SAME_RACK: &str = r#"{
  "cluster": {
    "id": "KjaDqFKeSJGm-ebAeEki8g",
    "brokers": [
      { "id": 0, "host": "kafka-0.example.com", "port": 9094, "rack": "a" },
      { "id": 1, "host": "kafka-1.example.com", "port": 9094, "rack": "b" },
      { "id": 2, "host": "kafka-2.example.com", "port": 9094, "rack": "b" }
    ],
    "controller": 0
  }
}
"#;

pub(super) fn compare(seen: &Seen<'_>, live: &[BrokerInfo]) -> Vec<Diagnostic> {
    let nodes = &seen.kafka.nodes;
    let Some(first) = nodes.first() else { return Vec::new() };
    // A cluster that answers has a broker: without one it was not looked at.
    if live.is_empty() {
        return Vec::new();
    }
    let name = seen.name();
    let by_id: BTreeMap<i32, &BrokerInfo> = live.iter().map(|broker| (broker.id, broker)).collect();
    let declared: BTreeSet<i32> = brokers(nodes).map(|node| node.id.value).collect();
    let mut found = Vec::new();
    for node in brokers(nodes) {
        let id = node.id.value;
        let Some(broker) = by_id.get(&id) else {
            let message = format!("broker {id} of `{name}` is declared and does not take part");
            let finding = seen.finding(&BROKERS, message).at(node.id.span, "");
            found.push(
                finding.help("see why it does not run, or take it out of `kafka.nodes` once it is gone for good"),
            );
            continue;
        };
        let Some(wanted) = node.rack.as_ref().filter(|wanted| Some(&wanted.value) != broker.rack.as_ref()) else {
            continue;
        };
        let is = broker.rack.as_ref().map_or_else(|| "has no rack".to_owned(), |rack| format!("is in the rack {rack}"));
        let message = format!("broker {id} of `{name}` {is}, not in {}", wanted.value);
        let help = "correct the manifest, or `broker.rack` on the broker and start it again";
        found.push(seen.finding(&RACKS, message).at(wanted.span, "").help(help));
    }
    for broker in live.iter().filter(|broker| !declared.contains(&broker.id)) {
        let id = broker.id;
        let rack = broker.rack.as_ref().map(|rack| format!(", rack: {rack}")).unwrap_or_default();
        let message = format!("broker {id} takes part in `{name}` and is not declared");
        let help =
            format!("add `{{ id: {id}{rack}, roles: [broker] }}` to `kafka.nodes`, or take it out of the cluster");
        found.push(seen.finding(&BROKERS, message).at(first.span, "").help(help));
    }
    found
}
