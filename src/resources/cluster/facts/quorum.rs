use std::collections::BTreeSet;

use super::{Seen, healthy_quorum};
use crate::diag::{Diagnostic, Level};
use crate::model::Duration;
use crate::policy::Content::Live;
use crate::policy::{Check, Example, Rule};
use crate::ports::kafka::{ClusterFacts, Quorum, QuorumReplica};
use crate::resources::cluster::NodeRole;

const SNAPSHOT: &str = "production.snapshot.json";

/// How long a replica of the metadata may be without a word, or without what is newest. Voters ask the leader at least
/// twice a second, and after 2 s without an answer (`controller.quorum.fetch.timeout.ms`) they look for another leader.
const PATIENCE_MS: u64 = 10_000;

/// BUS523.
pub static VOTERS: Rule = Rule {
    code: "BUS523",
    name: "live-quorum",
    summary: "The nodes that vote on the metadata are those that are declared, and one of them leads",
    explanation: "The controllers agree on the cluster's metadata by majority. One that is declared and does not vote was \
never added (`kafka-metadata-quorum.sh add-controller`), or is left out of `controller.quorum.voters`: the cluster survives \
the loss of fewer nodes than the manifest says. One that votes and is not declared counts for the majority, although nobody \
reckons with it: most often a node that was taken away and not removed. Without a leader nothing can be changed at all. The \
rule compares the nodes with the role `controller`, where there are any.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(
        SNAPSHOT,
        Live(
            r#"{
  "facts": {
    "quorum": {
      "known": {
        "leader": 0,
        "voters": [
          { "id": 0, "lag": 0, "silent_ms": 0, "behind_ms": 0 },
          { "id": 1, "lag": 0, "silent_ms": 400, "behind_ms": 400 }
        ],
        "observers": [{ "id": 2, "lag": 2, "silent_ms": 450, "behind_ms": 950 }]
      }
    },
    "finalized": {},
    "brokers": {}
  }
}
"#,
        ),
    )]),
    good: Example(&[(SNAPSHOT, Live(HEALTHY))]),
    check: Check::Live,
};

/// BUS524.
pub static LAG: Rule = Rule {
    code: "BUS524",
    name: "live-quorum-lag",
    summary: "Voters and brokers keep up with the metadata",
    explanation: "A voter that is behind, or of which the leader has not heard, counts for the majority and does not help to \
make it: the loss of one node more can stop every change. A broker that is behind serves topics, ACLs and quotas as they were. \
The rule allows ten seconds, by the leader's own clock; Kafka before 3.3 tells no times, and of it only a voter is told that \
the leader never heard of.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(
        SNAPSHOT,
        Live(
            r#"{
  "facts": {
    "quorum": {
      "known": {
        "leader": 0,
        "voters": [
          { "id": 0, "lag": 0, "silent_ms": 0, "behind_ms": 0 },
          { "id": 1, "lag": 0, "silent_ms": 400, "behind_ms": 400 },
          { "id": 2, "lag": 1204, "silent_ms": 600450, "behind_ms": 600950 }
        ],
        "observers": []
      }
    },
    "finalized": {},
    "brokers": {}
  }
}
"#,
        ),
    )]),
    good: Example(&[(SNAPSHOT, Live(HEALTHY))]),
    check: Check::Live,
};

const HEALTHY: &str = healthy_quorum!(
    r#"    "finalized": {},
    "brokers": {}
"#
);

pub(super) fn compare(seen: &Seen<'_>, facts: &ClusterFacts) -> Vec<Diagnostic> {
    let Some(quorum) = facts.quorum.known() else { return Vec::new() };
    let mut found = voters(seen, quorum);
    let voters = quorum.voters.iter().map(|replica| ("voter", replica));
    let observers = quorum.observers.iter().map(|replica| ("broker", replica));
    found.extend(voters.chain(observers).filter_map(|(what, replica)| {
        let late = late(what == "voter", replica)?;
        let message = format!("the {what} {} of the metadata quorum of `{}` {late}", replica.id, seen.name());
        let node = seen.kafka.nodes.iter().find(|node| node.id.value == replica.id);
        let place = node.map_or(seen.kafka.span, |node| node.id.span);
        let help = "see whether it runs and reaches the leader: `kafka-metadata-quorum.sh describe --replication`";
        Some(seen.finding(&LAG, message).at(place, "").help(help))
    }));
    found
}

fn voters(seen: &Seen<'_>, quorum: &Quorum) -> Vec<Diagnostic> {
    let name = seen.name();
    let controllers = seen.kafka.nodes.iter();
    let controllers: Vec<_> =
        controllers.filter(|node| node.roles.iter().any(|role| role.value == NodeRole::Controller)).collect();
    let mut found = Vec::new();
    if quorum.leader.is_none() {
        let finding = seen.finding(&VOTERS, format!("the metadata quorum of `{name}` has no leader"));
        let help = "see whether a majority of the controllers runs: nothing can be changed until one leads";
        found.push(finding.at(seen.kafka.span, "").help(help));
    }
    let Some(first) = controllers.first() else { return found };
    let voting: BTreeSet<i32> = quorum.voters.iter().map(|voter| voter.id).collect();
    for node in controllers.iter().filter(|node| !voting.contains(&node.id.value)) {
        let id = node.id.value;
        let message = format!("node {id} of `{name}` is declared as a controller and does not vote");
        let help =
            "add it to the quorum (`kafka-metadata-quorum.sh add-controller`), or take the role `controller` from it";
        found.push(seen.finding(&VOTERS, message).at(node.id.span, "").help(help));
    }
    let declared: BTreeSet<i32> = controllers.iter().map(|node| node.id.value).collect();
    for id in voting.difference(&declared) {
        let message = format!("node {id} votes in the metadata quorum of `{name}` and is not declared as a controller");
        let help = "declare it under `kafka.nodes` with the role `controller`, or remove it from the quorum \
                    (`kafka-metadata-quorum.sh remove-controller`)";
        found.push(seen.finding(&VOTERS, message).at(first.span, "").help(help));
    }
    found
}

/// How a replica is late, in words.
fn late(is_voter: bool, replica: &QuorumReplica) -> Option<String> {
    let records = match replica.lag {
        Some(1) => "1 record".to_owned(),
        Some(lag) => format!("{lag} records"),
        // An observer without an offset has only just come.
        None if !is_voter => return None,
        None => return Some("has not been heard of since the leader leads".to_owned()),
    };
    let long = |ms: u64| Duration(i64::try_from(ms / 1_000 * 1_000).unwrap_or(i64::MAX));
    match (replica.silent_ms, replica.behind_ms) {
        (Some(silent), _) if silent > PATIENCE_MS => {
            Some(format!("has not asked the leader for {}, and lacks {records}", long(silent)))
        }
        (_, Some(behind)) if behind > PATIENCE_MS && replica.lag != Some(0) => {
            Some(format!("is {} behind, and lacks {records}", long(behind)))
        }
        _ => None,
    }
}
