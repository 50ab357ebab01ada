use std::time::Duration;

use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Desired;
use crate::resources::cluster::{ConnectionProblem, connection};
use crate::resources::registry::registry_connection;

const CLUSTER: &str = "clusters/production.yaml";

/// BUS407.
pub static CONNECTION: Rule = Rule {
    code: "BUS407",
    name: "connection",
    summary: "A cluster says how it is reached, and says it whole",
    explanation: "Without a connection a cluster can be validated but not planned, except from a snapshot; that is a \
warning. A connection that lacks a key of its mechanism, or names an address that is none, is an error here rather than on \
the day when it is used, and one of its registry too. The bus of `busctl dev` needs none.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(CLUSTER, Text("connection: { bootstrap: [kafka-0.example.com], tls: {} }\n"))]),
    good: Example(&[(CLUSTER, Text("connection: { bootstrap: [kafka-0.example.com:9094], tls: {} }\n"))]),
    check: Check::Cluster(check),
};

fn check(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    let cluster = desired.cluster;
    let Some(spec) = &cluster.connection else {
        if !cluster.is_local() {
            findings.push(
                CONNECTION
                    .finding(format!("`{}` does not say how it is reached", cluster.cluster.value))
                    .level(Level::Warn)
                    .lacks(cluster.cluster.span, "connection")
                    .help("write `connection: { bootstrap: [HOST:PORT], tls: {} }`")
                    .resource(cluster.address()),
            );
        }
        return;
    };
    // The time limit is the command line's and says nothing about the manifest.
    let problems = connection(spec, cluster.kafka.as_deref(), Duration::ZERO).err().into_iter().flatten();
    findings.extend(problems.map(|problem| finding(problem).resource(cluster.address())));
    let registry = cluster.schema_registry.as_ref();
    let registry = registry.and_then(|name| desired.workspace.registries.get(name.as_str()));
    // One without an address is that of `busctl dev`.
    if let Some(registry) = registry.filter(|registry| registry.url.is_some()) {
        let problems = registry_connection(registry, Duration::ZERO).err().into_iter().flatten();
        let resource = format!("registry/{}", registry.registry.value);
        findings.extend(problems.map(|problem| finding(problem).resource(&resource)));
    }
}

fn finding(problem: ConnectionProblem) -> Diagnostic {
    let finding = CONNECTION.finding(problem.message).at(problem.span, "");
    match problem.help {
        Some(help) => finding.help(help),
        None => finding,
    }
}
