//! What keeps a cluster closed: who is let in, encrypted by what, and what grants are wider or older than they need to be.
//! What manifests declare is judged without a server, what brokers are beside it.

pub(crate) mod authorizer;
pub(crate) mod broad;
pub(crate) mod certificates;
pub(crate) mod everybody;
pub(crate) mod identities;
pub(crate) mod listeners;
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

/// What of a live cluster lets in who should not be, or may soon let nobody in. The bus of `busctl dev` is as busctl made it.
/// `today` says how long certificates are good.
pub fn compare(desired: &Desired<'_>, live: &Live, today: Date) -> Vec<Diagnostic> {
    let cluster = desired.cluster;
    let Some(kafka) = cluster.kafka.as_ref().filter(|_| !cluster.is_local()) else { return Vec::new() };
    if desired.rebalance.is_some() || desired.truncation.is_some() {
        return Vec::new();
    }
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
