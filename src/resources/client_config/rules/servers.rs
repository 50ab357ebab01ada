//! The servers that a client is pointed at.

use std::collections::BTreeMap;

use super::{Checked, addresses, addresses_in, listeners, without_login};
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Client;
use crate::policy::{Check, Example, Rule};
use crate::resources::cluster::ClusterSpec;
use crate::source::closest;

const FILE: &str = "client.properties";

/// BUS861.
pub static BROKERS: Rule = Rule {
    code: "BUS861",
    name: "client-brokers",
    summary: "A client bootstraps from brokers of its own cluster, at a listener for clients",
    explanation: "A service of production that was given the brokers of staging works, and reads and writes what nobody expects \
there. The addresses of a cluster are those of its nodes and listeners, and of `connection.bootstrap`; those of its \
controllers and of the traffic between brokers are not for clients.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(FILE, Client("acks=all\nbootstrap.servers=kafka-0.example.org:9094\nsecurity.protocol=SSL\n"))]),
    good: Example(&[(FILE, Client("acks=all\nbootstrap.servers=kafka-0.example.com:9094\nsecurity.protocol=SSL\n"))]),
    check: Check::Client(check_brokers),
};

fn check_brokers(checked: &Checked<'_>, findings: &mut Vec<Diagnostic>) {
    // Where a local bus answers is in no manifest.
    let Some(cluster) = checked.cluster.filter(|cluster| !cluster.is_local()) else { return };
    let name = &cluster.cluster.value;
    let own = addresses(cluster);
    if own.is_empty() {
        return;
    }
    let fitting = fitting(checked, cluster, &own);
    for (broker, span) in checked.brokers() {
        if own.iter().any(|(_, address)| address == broker) {
            continue;
        }
        let others = checked.workspace.clusters.values().filter(|other| other.cluster.value != *name);
        let other = others.into_iter().find(|other| addresses(other).iter().any(|(_, address)| address == broker));
        let host = |address: &str| address.rsplit_once(':').map_or(address.to_owned(), |(host, _)| host.to_owned());
        let (message, help) = match other {
            Some(other) => (
                format!("`{broker}` is a broker of `{}`, and this is for `{name}`", other.cluster.value),
                format!("write the brokers of `{name}`: {}", listed(&fitting)),
            ),
            None if own.iter().any(|(_, address)| host(address) == host(broker)) => (
                format!("`{broker}` is no listener for clients of `{name}`"),
                format!("write the port of one: {}", listed(&fitting)),
            ),
            None => (
                format!("`{broker}` is no broker of `{name}`"),
                match closest(broker, fitting.iter().map(|(_, address)| address.as_str())) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("write the brokers of `{name}`: {}", listed(&fitting)),
                },
            ),
        };
        findings.push(BROKERS.finding(message).at(span, "").help(help).cluster(name));
    }
}

/// Those addresses of a cluster that a file could name as it is: of the listeners that speak its `security.protocol`, of these
/// alone that of its service, where there is one.
fn fitting(checked: &Checked<'_>, cluster: &ClusterSpec, own: &[(String, String)]) -> Vec<(String, String)> {
    let listeners = listeners::listeners(cluster);
    let protocol = checked.written("security.protocol").next().map(|setting| setting.value.trim());
    let speaks_it = |name: &str| {
        let access = listeners.get(name);
        protocol.zip(access).is_some_and(|(protocol, access)| access.security_protocol.eq_ignore_ascii_case(protocol))
    };
    let of = |is_meant: &dyn Fn(&str) -> bool, all: &[(String, String)]| {
        let meant: Vec<_> = all.iter().filter(|(name, _)| is_meant(name)).cloned().collect();
        if meant.is_empty() { all.to_vec() } else { meant }
    };
    let of_service = checked.config.and_then(|config| config.listener.as_deref());
    of(&|name| of_service == Some(name), &of(&speaks_it, own))
}

/// Addresses, those of each listener apart: no client reaches two.
fn listed(addresses: &[(String, String)]) -> String {
    let mut by_listener: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (listener, address) in addresses {
        by_listener.entry(listener).or_default().push(address);
    }
    let is_one = by_listener.len() == 1;
    let told = by_listener.into_iter().map(|(listener, addresses)| match listener {
        "" => addresses.join(","),
        _ if is_one => addresses.join(","),
        _ => format!("{} ({listener})", addresses.join(",")),
    });
    told.collect::<Vec<_>>().join(", or ")
}

/// BUS864.
pub static REGISTRY: Rule = Rule {
    code: "BUS864",
    name: "client-registry",
    summary: "A client asks the schema registry of its own cluster",
    explanation: "The ids in records are those of one registry. A consumer that asks another one finds no schema, or a wrong one and \
reads nonsense.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(
        FILE,
        Client("client.id=normalizer\nschema.registry.url=https://registry.example.com/apis/ccompat/v6\n"),
    )]),
    good: Example(&[(
        FILE,
        Client("client.id=normalizer\nschema.registry.url=https://registry.example.com/apis/ccompat/v7\n"),
    )]),
    check: Check::Client(check_registry),
};

fn check_registry(checked: &Checked<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(cluster) = checked.cluster else { return };
    let registries = &checked.workspace.registries;
    let own = cluster.schema_registry.as_ref().and_then(|name| registries.get(name.as_str()));
    let address = |url: &str| {
        let url = url.trim().trim_end_matches('/');
        // A login in it is no part of where it is.
        match url.split_once("://") {
            Some((scheme, rest)) => format!("{scheme}://{}", without_login(rest)),
            None => without_login(url).to_owned(),
        }
    };
    for setting in checked.written("schema.registry.url") {
        for url in addresses_in(&setting.value).into_iter().map(address).filter(|url| !url.is_empty()) {
            let wanted = own.and_then(|registry| registry.url.as_ref()).map(|url| address(&url.value));
            // Where a local registry answers is in no manifest.
            if wanted.as_ref() == Some(&url) || (own.is_some() && wanted.is_none()) {
                continue;
            }
            let is_same = |url_of: &Option<crate::source::Spanned<String>>| {
                url_of.as_ref().is_some_and(|known| address(&known.value) == url)
            };
            let other = registries.values().find(|registry| is_same(&registry.url));
            let name = &cluster.cluster.value;
            let message = match (other, &wanted) {
                (Some(other), _) => {
                    format!("`{url}` is the registry `{}`, which `{name}` has not", other.registry.value)
                }
                (None, Some(_)) => format!("`{url}` is not the registry of `{name}`"),
                (None, None) => format!("`{name}` has no schema registry"),
            };
            let help = wanted.map_or("take the line away".to_owned(), |wanted| format!("write `{wanted}`"));
            findings.push(REGISTRY.finding(message).at(setting.value_span, "").help(help).cluster(name));
        }
    }
}
