use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Desired;

const CLUSTER: &str = "clusters/production.yaml";

/// BUS405.
pub static CLUSTER_ID: Rule = Rule {
    code: "BUS405",
    name: "cluster-id",
    summary: "A cluster's id is pinned",
    explanation: "The id is the one thing that tells two clusters apart for certain. With `cluster_id` in the manifest a \
plan against another cluster at the same address, after a mistake in DNS or in a tunnel, is refused before anything is \
written. `busctl plan` shows the id that the brokers answer.",
    level: Level::Info,
    floor: Level::Off,
    bad: Example(&[(CLUSTER, Text("cluster_id:\n"))]),
    good: Example(&[(CLUSTER, Text("cluster_id: KjaDqFKeSJGm-ebAeEki8g\n"))]),
    check: Check::Cluster(check),
};

fn check(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    let cluster = desired.cluster;
    if cluster.cluster_id.is_none() && !cluster.is_local() {
        findings.push(
            CLUSTER_ID
                .finding(format!("the id of `{}` is not pinned", cluster.cluster.value))
                .lacks(cluster.cluster.span, "cluster_id")
                .help("write `cluster_id: …`, which `kafka-cluster cluster-id` and `busctl plan` show")
                .resource(cluster.address()),
        );
    }
}
