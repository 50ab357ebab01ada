//! What a cluster is, beside what its manifest says. Nothing of it is applied: what differs is told, and people decide.

pub(crate) mod access;
pub(crate) mod brokers;
pub(crate) mod disks;
pub(crate) mod features;
pub(crate) mod listeners;
pub(crate) mod quorum;
pub(crate) mod unseen;
pub(crate) mod version;

use super::{ClusterSpec, KafkaSpec};
use crate::diag::Diagnostic;
use crate::policy::Rule;
use crate::ports::Observed;
use crate::ports::kafka::{BrokerFacts, ClusterFacts};
use crate::resources::{Desired, Live};
use crate::source::Spanned;

/// What of a live cluster is otherwise than its manifest says. The bus of `busctl dev` is as busctl made it.
pub fn compare(desired: &Desired<'_>, live: &Live) -> Vec<Diagnostic> {
    let cluster = desired.cluster;
    let Some(kafka) = cluster.kafka.as_ref().filter(|_| !cluster.is_local()) else { return Vec::new() };
    let seen = Seen { cluster, kafka };
    let mut found = brokers::compare(&seen, &live.cluster.brokers);
    if let Some(facts) = &live.facts {
        found.extend(version::compare(&seen, facts));
        found.extend(features::compare(&seen, facts));
        found.extend(quorum::compare(&seen, facts));
        found.extend(listeners::compare(&seen, facts));
        found.extend(access::compare(&seen, facts, !desired.grants.acls.is_empty()));
        found.extend(disks::compare(&seen, facts));
        found.extend(unseen::compare(&seen, facts));
    }
    found
}

/// What a manifest says of the cluster that is looked at.
struct Seen<'a> {
    cluster: &'a ClusterSpec,
    kafka: &'a Spanned<KafkaSpec>,
}

impl Seen<'_> {
    fn name(&self) -> &str {
        self.cluster.cluster.as_str()
    }

    fn finding(&self, rule: &Rule, message: impl Into<String>) -> Diagnostic {
        rule.finding(message).resource(self.cluster.address()).cluster(self.name())
    }
}

/// What each broker tells of one thing, where it tells it.
pub(super) fn told<'f, T: 'f>(
    facts: &'f ClusterFacts,
    of: impl Fn(&'f BrokerFacts) -> &'f Observed<T>,
) -> impl Iterator<Item = (i32, &'f T)> {
    facts.brokers.iter().filter_map(move |(id, broker)| Some((*id, of(broker).known()?)))
}

/// `broker 1`, `brokers 1, 2`.
pub(super) fn in_words(brokers: &[i32]) -> String {
    let ids = brokers.iter().map(i32::to_string).collect::<Vec<_>>().join(", ");
    if brokers.len() == 1 { format!("broker {ids}") } else { format!("brokers {ids}") }
}

/// The beginning of a live state that an example shows: nodes 0 to 2 vote, as they should, and `$brokers` is told.
macro_rules! healthy_quorum {
    ($brokers:expr) => {
        concat!(
            r#"{
  "facts": {
    "quorum": {
      "known": {
        "leader": 0,
        "voters": [
          { "id": 0, "lag": 0, "silent_ms": 0, "behind_ms": 0 },
          { "id": 1, "lag": 0, "silent_ms": 400, "behind_ms": 400 },
          { "id": 2, "lag": 2, "silent_ms": 450, "behind_ms": 950 }
        ],
        "observers": []
      }
    },
"#,
            $brokers,
            "  }\n}\n"
        )
    };
}
pub(super) use healthy_quorum;
