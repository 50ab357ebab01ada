//! Rules of Consul.

use std::time::Duration;

use super::consul_connection;
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Workspace;
use crate::resources::cluster::{host_of, is_own_host};

/// BUS413.
pub static CONSUL: Rule = Rule {
    code: "BUS413",
    name: "consul",
    summary: "A declared Consul says whole how it is reached, and its folder is one cluster's",
    explanation: "The configuration of clients is published below `prefix` in Consul's key-value store, and services may be \
looked for in its catalog. An address that is none, a `prefix` for the bus of `busctl dev`, an `identities: { consul: … }` without a Consul to ask, and two clusters \
that publish into the same folder, where each would take away what the other one wrote, are errors here.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(
        "clusters/production.yaml",
        Text(
            "consul: { address: consul.example.com, prefix: kafka/production }
clients: { tls: { certificate: \"vault:pki/issue/{service}\" } }
",
        ),
    )]),
    good: Example(&[(
        "clusters/production.yaml",
        Text(
            "consul: { address: \"https://consul.example.com:8501\", token: env:CONSUL_TOKEN, prefix: kafka/production }
clients: { tls: { certificate: \"vault:pki/issue/{service}\" } }
",
        ),
    )]),
    check: Check::Workspace(check),
};

fn check(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    let clusters: Vec<_> = workspace.clusters.values().collect();
    for (index, cluster) in clusters.iter().enumerate() {
        let resource = format!("cluster/{}", cluster.cluster.value);
        let asked = cluster.identities.as_ref().and_then(|identities| identities.consul.as_ref());
        let Some(consul) = &cluster.consul else {
            if let Some(asked) = asked {
                let finding = CONSUL.finding("services are to be looked for in Consul, and the cluster declares none");
                let help = "add `consul: { address: https://HOST:PORT, token: env:NAME }`";
                findings.push(finding.at(asked.span, "").help(help).resource(&resource));
            }
            continue;
        };
        // Of the time alone nothing is wrong.
        for problem in consul_connection(consul, Duration::ZERO).err().into_iter().flatten() {
            let finding = CONSUL.finding(problem.message).at(problem.span, "").resource(&resource);
            findings.push(problem.help.into_iter().fold(finding, Diagnostic::help));
        }
        let Some(prefix) = &consul.prefix else { continue };
        if cluster.is_local() {
            let finding = CONSUL.finding("nothing is delivered of a local bus: where it answers no manifest knows");
            let help = "take `prefix` away; `busctl client-config` prints what its clients bootstrap from";
            findings.push(finding.at(prefix.span, "").help(help).resource(&resource));
            continue;
        }
        for other in &clusters[..index] {
            let Some(other_consul) = &other.consul else { continue };
            let is_same = [&consul.datacenter, &consul.namespace].map(|it| it.as_ref().map(|it| &it.value))
                == [&other_consul.datacenter, &other_consul.namespace].map(|it| it.as_ref().map(|it| &it.value));
            let is_same = is_same && compared(&consul.address) == compared(&other_consul.address);
            let Some(theirs) = other_consul.prefix.as_ref().filter(|_| is_same) else { continue };
            if overlap(prefix.as_str(), theirs.as_str()) {
                let name = &other.cluster.value;
                let finding = CONSUL.finding(format!("`{name}` publishes into this folder too")).at(prefix.span, "");
                let finding =
                    finding.at(theirs.span, "here").help("give each cluster a folder of its own, beside the other");
                findings.push(finding.resource(&resource));
            }
        }
    }
}

/// An address as it is compared: a host has no case, all names of the machine itself are one, and a scheme has its port.
fn compared(address: &str) -> String {
    let address = address.trim().trim_end_matches('/');
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = match host_of(authority) {
        host if is_own_host(host) => "localhost".to_owned(),
        host => host.to_ascii_lowercase(),
    };
    let port = match authority.rsplit_once(':') {
        Some((_, port)) if !port.contains(']') => port,
        _ if scheme == "https" => "443",
        _ => "80",
    };
    format!("{scheme}://{host}:{port}{path}")
}

/// Whether one folder is the other, or in it.
fn overlap(one: &str, other: &str) -> bool {
    let holds = |outer: &str, inner: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| matches!(rest.as_bytes(), [] | [b'/', ..]))
    };
    holds(one, other) || holds(other, one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_server_are_one() {
        for (one, other) in [
            ("http://localhost:8500", "http://127.0.0.1:8500/"),
            ("http://localhost:8500", "http://[::1]:8500"),
            ("https://Consul.example.com", "https://consul.example.com:443"),
            ("http://[::1]", "http://LOCALHOST:80"),
        ] {
            assert_eq!(compared(one), compared(other));
        }
        for (one, other) in [
            ("http://localhost:8500", "http://localhost:8501"),
            ("http://localhost:8500", "http://localhost.example.com:8500"),
            ("http://a:8500", "https://a:8500"),
            ("http://a/x", "http://a/y"),
            ("http://[2001:db8::1]", "http://[2001:db8::2]"),
        ] {
            assert_ne!(compared(one), compared(other));
        }
    }

    #[test]
    fn folders_overlap_where_one_holds_the_other() {
        assert!(overlap("kafka", "kafka") && overlap("kafka", "kafka/a") && overlap("kafka/a", "kafka"));
        assert!(!overlap("kafka", "kafka2") && !overlap("kafka/a", "kafka/b"));
    }
}
