use crate::diag::{Diagnostic, Level};
use crate::policy::Content::{self, Text};
use crate::policy::{Base, Check, Example, Rule};
use crate::resources::Workspace;

const STAGING: &str = "clusters/staging.yaml";

/// BUS710.
pub static DROPPED: Rule = Rule {
    code: "BUS710",
    name: "cluster-dropped",
    summary: "A cluster's manifest is not taken away while its topics are governed",
    explanation: "A cluster without a manifest goes on as it is, and nobody governs it any more: its topics, grants and \
schemas drift. No finding on any of them will say so.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(STAGING, Content::Base(CLUSTER))]),
    good: Example(&[(STAGING, Text(CLUSTER)), (STAGING, Content::Base(CLUSTER))]),
    check: Check::Base(dropped),
};

const CLUSTER: &str = "cluster: staging
environment: staging
cluster_id: 4L6g3nShT-eMCtK--X86sw
connection:
  bootstrap: [kafka-0.staging.example.com:9094]
  tls: { ca: file:ca.pem, certificate: file:busctl.pem }
schema_registry: main
defaults: { replication_factor: 3, min_insync_replicas: 2 }
kafka:
  deployment: self_managed
  authorizer: standard
  super_users: [{ principal: User:CN=kafka, reason: The brokers. }]
  nodes:
    - { id: 0, rack: a, roles: [broker, controller] }
    - { id: 1, rack: b, roles: [broker, controller] }
    - { id: 2, rack: c, roles: [broker, controller] }
";

fn dropped(workspace: &Workspace, base: &Base<'_>, findings: &mut Vec<Diagnostic>) {
    for (name, before) in &base.workspace.clusters {
        if workspace.declares("cluster", name.as_str()) {
            continue;
        }
        findings.push(
            DROPPED
                .finding(format!("cluster `{name}` is gone from the manifests: nobody governs it any more"))
                .at(before.cluster.span, format!("declared here in {}", base.name))
                .help("put its manifest back, or see that the cluster itself is gone")
                .resource(format!("cluster/{name}")),
        );
    }
}
