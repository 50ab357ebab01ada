//! What keeps a cluster closed: who is let in, encrypted by what, and what grants are wider or older than they need to be.
//! What manifests declare is judged without a server, what brokers are beside it.

pub(crate) mod authorizer;
pub(crate) mod broad;
pub(crate) mod brokers;
pub(crate) mod certificates;
pub(crate) mod everybody;
pub(crate) mod identities;
pub(crate) mod listeners;
pub(crate) mod services;
pub(crate) mod super_users;
pub(crate) mod tls;
pub(crate) mod unused;

pub use certificates::endpoints;

use super::{ClusterSpec, KafkaSpec};
use crate::diag::Diagnostic;
use crate::model::Date;
use crate::policy::Rule;
use crate::resources::{Desired, Live};
use crate::source::{Span, Spanned};

const CLUSTER: &str = "clusters/production.yaml";
const SNAPSHOT: &str = "production.snapshot.json";

/// Whether a live cluster is compared: the bus of `busctl dev` is as busctl made it, and of a plan that only moves replicas or
/// cuts a topic it is beside the matter.
pub fn is_compared(desired: &Desired<'_>) -> bool {
    let is_declared = desired.cluster.kafka.is_some() && !desired.cluster.is_local();
    is_declared && desired.rebalance.is_none() && desired.truncation.is_none()
}

/// What of a live cluster lets in who should not be, or may soon let nobody in.
/// `today` says how long certificates are good.
pub fn compare(desired: &Desired<'_>, live: &Live, today: Date) -> Vec<Diagnostic> {
    let cluster = desired.cluster;
    let Some(kafka) = cluster.kafka.as_ref().filter(|_| is_compared(desired)) else { return Vec::new() };
    let seen = Seen { cluster, kafka };
    let mut found = everybody::compare(&seen, desired, live);
    found.extend(broad::compare(&seen, desired, live));
    if let Some(facts) = &live.facts {
        found.extend(authorizer::compare(&seen, facts, !desired.grants.acls.is_empty()));
        found.extend(listeners::compare(&seen, facts));
        found.extend(tls::compare(&seen, facts));
        found.extend(unused::compare(&seen, desired, live, facts));
        found.extend(certificates::compare(&seen, facts, today));
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

    /// Where the authorizer is declared, else the brokers.
    fn authorizer(&self) -> Span {
        self.kafka.authorizer.map_or(self.kafka.span, |authorizer| authorizer.span)
    }
}

/// The brokers of the base workspace, as an example writes them, with further keys of `kafka`.
macro_rules! kafka {
    ($more:literal) => {
        concat!(
            "kafka:
  deployment: self_managed
  authorizer: standard
  nodes:
    - { id: 0, rack: a, roles: [broker, controller] }
    - { id: 1, rack: b, roles: [broker, controller] }
    - { id: 2, rack: c, roles: [broker, controller] }
",
            $more
        )
    };
}
use kafka;

/// A live state with this ACL, the lines of its object, and whatever else is told behind the ACLs.
macro_rules! acl {
    ($acl:literal) => {
        acl!($acl, "")
    };
    ($acl:literal, $more:expr) => {
        concat!("{\n  \"acls\": {\n    \"known\": [\n      {\n        ", $acl, "\n      }\n    ]\n  }", $more, "\n}\n")
    };
}
use acl;

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::is_compared;
    use crate::resources::cluster::samples::workspace;
    use crate::resources::{Desired, Rebalance};

    #[test]
    fn a_cluster_is_compared_where_its_brokers_are_declared_and_the_plan_is_about_more_than_replicas() {
        for (kafka, expected) in
            [("", false), ("kafka: { deployment: local }", false), ("kafka: { deployment: self_managed }", true)]
        {
            let workspace = workspace(kafka);
            let cluster = workspace.clusters.values().next().expect("a cluster");
            let (desired, _) = Desired::resolve(&workspace, cluster);
            assert_eq!(is_compared(&desired), expected, "{kafka}");
            let rebalance = Rebalance { elects: true, cancels: BTreeSet::new() };
            assert!(!is_compared(&Desired::of_brokers(&workspace, cluster, BTreeMap::new(), rebalance)), "{kafka}");
        }
    }
}
