use super::CLUSTER;
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Desired;

const STAGING: &str = "clusters/staging.yaml";

/// BUS807.
pub static DECLARED: Rule = Rule {
    code: "BUS807",
    name: "undeclared-brokers",
    summary: "Outside development a cluster says what its brokers are",
    explanation: "What a manifest does not say under `kafka` nobody reviews and no plan compares: whether there is an authorizer, \
who the super users are, which listeners are open and to whom, which versions of TLS are spoken, when certificates end. Without it \
none of BUS801 to BUS805 and BUS810 to BUS818 finds anything, which is not the same as that nothing is wrong. Of brokers that a \
provider runs, `deployment: managed` says so, with what the provider tells of them.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(
        STAGING,
        Text(
            "cluster: staging
environment: staging
cluster_id: fVKBYrIPTQOVlpAgsFPU5Q
connection:
  bootstrap: [kafka-0.staging.example.com:9094]
  tls: { ca: file:ca.pem, certificate: file:busctl.pem }
schema_registry: main
defaults: { replication_factor: 3, min_insync_replicas: 2 }
",
        ),
    )]),
    good: Example(&[(CLUSTER, Text(super::kafka!("")))]),
    check: Check::Cluster(check),
};

fn check(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    let cluster = desired.cluster;
    if cluster.kafka.is_some() || cluster.is_development() {
        return;
    }
    let name = &cluster.cluster.value;
    let message =
        format!("`{name}` does not say what its brokers are: how closed they are is neither reviewed nor compared");
    let help = "write `kafka: { deployment: self_managed, authorizer: standard, super_users: […], listeners: {…}, nodes: […] }`";
    let finding = DECLARED.finding(message).lacks(cluster.cluster.span, "kafka").help(help);
    findings.push(finding.resource(cluster.address()));
}
