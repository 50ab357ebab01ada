use std::collections::BTreeMap;

use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Desired;
use crate::resources::cluster::{KafkaSpec, ListenerProtocol};

const CLUSTER: &str = "clusters/production.yaml";

/// BUS402.
pub static LISTENERS: Rule = Rule {
    code: "BUS402",
    name: "plaintext",
    summary: "Outside development everything is encrypted, and each listener has a port of its own",
    explanation: "On a plaintext listener passwords and records can be read by whoever sees the network, and with mTLS as \
the only authentication everybody on it is nobody in particular. The rule looks at the listeners and at the tool's own \
`connection`. Two listeners on one port is a slip that keeps a broker from starting, and an error.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(CLUSTER, Text("connection: { bootstrap: [kafka-0.example.com:9092] }\n"))]),
    good: Example(&[(CLUSTER, Text("connection: { bootstrap: [kafka-0.example.com:9094], tls: {} }\n"))]),
    check: Check::Cluster(check),
};

fn check(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    let cluster = desired.cluster;
    let name = &cluster.cluster.value;
    if let Some(kafka) = &cluster.kafka {
        findings.extend(same_ports(kafka).map(|finding| finding.resource(cluster.address())));
    }
    if cluster.is_development() {
        return;
    }
    if let Some(connection) = cluster.connection.as_ref().filter(|connection| connection.tls.is_none()) {
        let message = match &connection.sasl {
            Some(sasl) => format!("busctl logs in to `{name}` by {} without TLS", sasl.mechanism.value),
            None => format!("busctl reaches `{name}` in plaintext"),
        };
        let help = "add `tls: {}` to trust the system's authorities, or `tls: { ca: file:… }`";
        findings.push(LISTENERS.finding(message).at(connection.span, "").help(help).resource(cluster.address()));
    }
    for (listener, spec) in cluster.kafka.iter().flat_map(|kafka| &kafka.listeners) {
        let protocol = spec.protocol.value;
        if matches!(protocol, ListenerProtocol::Plaintext | ListenerProtocol::SaslPlaintext) {
            let better = if protocol == ListenerProtocol::Plaintext { "ssl" } else { "sasl_ssl" };
            findings.push(
                LISTENERS
                    .finding(format!("the listener {} of `{name}` is not encrypted", listener.value))
                    .at(spec.protocol.span, "")
                    .help(format!("write `protocol: {better}`"))
                    .resource(cluster.address()),
            );
        }
    }
}

fn same_ports(kafka: &KafkaSpec) -> impl Iterator<Item = Diagnostic> {
    let mut known = BTreeMap::new();
    kafka.listeners.iter().filter_map(move |(name, spec)| {
        let first = *known.entry(spec.port.value).or_insert((&name.value, spec.port.span));
        (first.0 != &name.value).then(|| {
            LISTENERS
                .finding(format!("the listeners {} and {} have the same port {}", first.0, name.value, spec.port.value))
                .level(Level::Error)
                .at(spec.port.span, "")
                .at(first.1, "")
                .help("give each its own port")
        })
    })
}
