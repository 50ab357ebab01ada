use std::collections::BTreeMap;

use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Desired;
use crate::resources::cluster::{KafkaSpec, ListenerProtocol};
use crate::source::Span;

const CLUSTER: &str = "clusters/production.yaml";

/// The config that gives listeners their protocols.
const PROTOCOLS: &str = "listener.security.protocol.map";

/// The config with the protocol of the brokers among themselves.
const BETWEEN_BROKERS: &str = "security.inter.broker.protocol";

/// The protocols without TLS.
const PLAIN: [ListenerProtocol; 2] = [ListenerProtocol::Plaintext, ListenerProtocol::SaslPlaintext];

/// BUS402.
pub static LISTENERS: Rule = Rule {
    code: "BUS402",
    name: "plaintext",
    summary: "Outside development everything is encrypted, and each listener has a port of its own",
    explanation: "On a plaintext listener passwords and records can be read by whoever sees the network, and with mTLS as \
the only authentication everybody on it is nobody in particular. The rule looks at the listeners, at the tool's own \
`connection`, and at `listeners`, `listener.security.protocol.map` and `security.inter.broker.protocol` in `kafka.config` and the nodes. Two listeners on one port is a slip that keeps a broker from starting, and an error.",
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
    for plain in cluster.kafka.iter().flat_map(|kafka| plain_by_config(kafka)) {
        let protocol = &plain.protocol;
        let message = match &plain.listener {
            Some(listener) => format!("the listener {listener} of `{name}` is not encrypted: it speaks {protocol}"),
            None => {
                format!("what brokers of `{name}` send each other is not encrypted: {BETWEEN_BROKERS} is `{protocol}`")
            }
        };
        let finding = LISTENERS.finding(message).at(plain.span, "").help("name a protocol with TLS: SSL or SASL_SSL");
        findings.push(finding.resource(cluster.address()));
    }
    for (listener, spec) in cluster.kafka.iter().flat_map(|kafka| &kafka.listeners) {
        let protocol = spec.protocol.value;
        if PLAIN.contains(&protocol) {
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

/// What a declared config of brokers leaves without TLS.
pub(in crate::resources::cluster) struct PlainByConfig {
    span: Span,
    /// The listener; `None` of what brokers send each other.
    pub(in crate::resources::cluster) listener: Option<String>,
    protocol: String,
}

/// What declared configs of brokers leave without TLS. What a listener's own key says is told there.
pub(in crate::resources::cluster) fn plain_by_config(kafka: &KafkaSpec) -> Vec<PlainByConfig> {
    let is_plain = |protocol: &str| PLAIN.iter().any(|plain| protocol.eq_ignore_ascii_case(plain.as_str()));
    let pairs = |map: &str| -> Vec<(String, String)> {
        let pairs = map.split(',').filter_map(|pair| pair.split_once(':'));
        pairs.map(|(name, protocol)| (name.trim().to_ascii_uppercase(), protocol.trim().to_owned())).collect()
    };
    let maps: Vec<_> = kafka.configs().filter(|config| config.key == PROTOCOLS).collect();
    let mapped: BTreeMap<String, String> = maps.iter().rev().flat_map(|map| pairs(&map.value)).collect();
    let own = |name: &str| kafka.listeners.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    let mut found = Vec::new();
    for config in kafka.configs() {
        let spoken: Vec<(Option<String>, String)> = match config.key {
            "listeners" => {
                let names = config.value.split(',').filter_map(|listener| Some(listener.trim().split_once("://")?.0));
                // Brokers write them in large letters.
                let names = names.map(str::to_ascii_uppercase).filter(|name| own(name).is_none());
                // Without an entry in the map, a listener is called as its protocol.
                let protocol = |name: &str| mapped.get(name).cloned().unwrap_or_else(|| name.to_owned());
                names.map(|name| (Some(name.clone()), protocol(&name))).collect()
            }
            PROTOCOLS => {
                let is_other = |name: &str| own(name).is_some_and(|(_, own)| !PLAIN.contains(&own.protocol.value));
                let others = pairs(&config.value).into_iter().filter(|(name, _)| is_other(name));
                others.map(|(name, protocol)| (Some(name), protocol)).collect()
            }
            BETWEEN_BROKERS => vec![(None, config.value.trim().to_owned())],
            _ => continue,
        };
        let plain = spoken.into_iter().filter(|(_, protocol)| is_plain(protocol));
        found.extend(plain.map(|(listener, protocol)| PlainByConfig { span: config.span, listener, protocol }));
    }
    found
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::cluster::samples::workspace;

    fn found(kafka: &str, environment: &str) -> Vec<String> {
        let workspace = workspace(&format!("environment: {environment}\nkafka:\n{kafka}"));
        let mut findings = Vec::new();
        for cluster in workspace.clusters.values() {
            check(&Desired::resolve(&workspace, cluster).0, &mut findings);
        }
        let told =
            |finding: Diagnostic| format!("{} {}", workspace.place(finding.span().expect("a place")), finding.message);
        findings.into_iter().map(told).collect()
    }

    #[test]
    fn what_configs_leave_without_tls_is_told_as_what_keys_do() {
        let kafka = "  listeners: { CLIENT: { port: 9094, protocol: ssl }, OLD: { port: 9095, protocol: plaintext } }
  nodes: [{ id: 0, config: { listeners: \"SSL://:9093\" } }]
  config:
    listeners: [PLAINTEXT://:9092, SSL://:9093, INNER://:9096, CLIENT://:9094, OLD://:9095]
    listener.security.protocol.map: INNER:SASL_PLAINTEXT,CLIENT:PLAINTEXT,OLD:PLAINTEXT,UNUSED:PLAINTEXT
    security.inter.broker.protocol: plaintext
";
        insta::assert_snapshot!(found(kafka, "production").join("\n"), @r"
        clusters/c.yaml:8:37 the listener CLIENT of `c` is not encrypted: it speaks PLAINTEXT
        clusters/c.yaml:7:16 the listener PLAINTEXT of `c` is not encrypted: it speaks PLAINTEXT
        clusters/c.yaml:7:16 the listener INNER of `c` is not encrypted: it speaks SASL_PLAINTEXT
        clusters/c.yaml:9:37 what brokers of `c` send each other is not encrypted: security.inter.broker.protocol is `plaintext`
        clusters/c.yaml:4:84 the listener OLD of `c` is not encrypted
        ");
        assert_eq!(found(kafka, "dev"), [""; 0]);
        let encrypted =
            "  config: { listeners: \"CLIENT://:9092\", listener.security.protocol.map: \"CLIENT:SASL_SSL\" }";
        assert_eq!(found(encrypted, "production"), [""; 0]);
    }
}
