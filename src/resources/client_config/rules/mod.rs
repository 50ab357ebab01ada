//! The rules of clients' configurations, which `client-check` asks.

pub mod access;
pub mod defaults;
pub mod names;
pub mod secret;
pub mod servers;
pub mod standard;
pub mod transport;

use std::net::IpAddr;
use std::sync::LazyLock;

use regex::Regex;

use super::file::{ClientFile, Of, Setting};
use super::listeners;
use super::model::{ClientConfig, ClientKind};
use crate::resources::Workspace;
use crate::resources::cluster::ClusterSpec;
use crate::source::Span;

/// A client's configuration, and what it is checked against.
#[derive(Debug)]
pub struct Checked<'a> {
    /// The configuration.
    pub file: &'a ClientFile,
    /// The workspace.
    pub workspace: &'a Workspace,
    /// The cluster that it is for, where that is known.
    pub cluster: Option<&'a ClusterSpec>,
    /// What its service bootstraps from there, where it is known whose it is.
    pub config: Option<&'a ClientConfig>,
}

impl Checked<'_> {
    /// The settings of a name whose value is known here.
    fn written(&self, name: &'static str) -> impl Iterator<Item = &Setting> {
        self.file.settings.iter().filter(move |setting| setting.name == name && !setting.is_filled_in())
    }

    /// Whether a name is set at all, whatever fills it in.
    fn sets(&self, name: &str) -> bool {
        self.file.settings.iter().any(|setting| setting.name == name)
    }

    /// Brokers that the file names, each with its place.
    fn brokers(&self) -> Vec<(&str, Span)> {
        let lists = ["bootstrap.servers", "metadata.broker.list"].into_iter().flat_map(|name| self.written(name));
        let brokers = lists.flat_map(|setting| {
            addresses_in(&setting.value).into_iter().map(move |at| (without_protocol(at.trim()), setting.value_span))
        });
        brokers.filter(|(broker, _)| !broker.is_empty()).collect()
    }

    /// Whether all brokers that the file names are on the machine of the client, so that nobody is on the way to them.
    fn is_on_this_machine(&self) -> bool {
        let brokers = self.brokers();
        let is_own = |broker: &str| {
            let host = broker.rsplit_once(':').map_or(broker, |(host, _)| host).trim_matches(['[', ']']);
            host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        };
        !brokers.is_empty() && brokers.iter().all(|(broker, _)| is_own(broker))
    }

    /// Where a setting would be that is not there: at the one that shows which client is meant.
    fn place_of(&self, kind: Option<ClientKind>) -> Span {
        let is_of_kind = |setting: &&Setting| {
            let key = setting.key(self.file.library);
            match kind {
                None => true,
                Some(kind) if setting.of == Of::Kind(kind) => true,
                Some(ClientKind::Producer) => key.is_some_and(|key| key.is_of_producers()),
                Some(ClientKind::Consumer) => key.is_some_and(|key| key.is_of_consumers()),
            }
        };
        let shown = self.file.settings.iter().find(is_of_kind);
        shown.map_or(Span::whole(self.file.file), |setting| setting.key_span)
    }

    /// The address of whose it is, for waivers.
    fn resource(&self) -> Option<String> {
        self.config.map(|config| format!("service/{}", config.service))
    }
}

/// An address as a broker is compared and shown: librdkafka takes addresses with the protocol before them, and what people
/// write there is shown to nobody.
fn without_protocol(broker: &str) -> &str {
    without_login(broker.split_once("://").map_or(broker, |(_, broker)| broker))
}

/// An address behind its protocol, without a login. A password may have any character in it, an `@` too.
fn without_login(address: &str) -> &str {
    address.rsplit_once('@').map_or(address, |(_, address)| address)
}

/// The addresses of a list. A comma may stand in the password of a login as well: it does where an `@` follows before the next
/// protocol, unless a whole address with its port stands before it.
fn addresses_in(list: &str) -> Vec<&str> {
    let next = |what: &str, from: usize| list[from..].find(what).map_or(list.len(), |at| from + at);
    let (mut addresses, mut start, mut part) = (Vec::new(), 0, 0);
    let (mut login, mut protocol) = (next("@", 0), next("://", 0));
    for (comma, _) in list.match_indices(',').chain([(list.len(), "")]) {
        // Each place is looked for once, however many commas stand before it.
        if login < comma {
            login = next("@", comma);
        }
        if protocol < comma {
            protocol = next("://", comma);
        }
        // A login goes on up to its `@`, and ends before the protocol of the next address. No host has a comma.
        let is_within = login < protocol && !ends_in_port(&list[part..comma]);
        part = (comma + 1).min(list.len());
        if !is_within {
            addresses.push(&list[start..comma]);
            start = part;
        }
    }
    addresses
}

/// Whether an address, or what stands of it behind its last comma, is whole behind a login: its port tells.
fn ends_in_port(address: &str) -> bool {
    let Some((_, address)) = address.rsplit_once('@') else { return false };
    let Some((host, port)) = address.rsplit_once(':') else { return false };
    let is_of_host = |c: char| c.is_ascii_alphanumeric() || ".-_[]:".contains(c);
    !host.is_empty() && host.chars().all(is_of_host) && port.parse::<u16>().is_ok()
}

/// The cluster that has one of the brokers which a file names; and all brokers that its clients reach.
pub fn cluster_of<'w>(workspace: &'w Workspace, file: &ClientFile) -> Option<&'w ClusterSpec> {
    let checked = Checked { file, workspace, cluster: None, config: None };
    let brokers = checked.brokers();
    let has = |cluster: &&ClusterSpec| {
        let all = addresses(cluster);
        brokers.iter().any(|(broker, _)| all.iter().any(|(_, known)| known == broker))
    };
    workspace.clusters.values().find(has)
}

/// The service whose configuration a file is: the one that it names as the application or the client, or whose groups and ids
/// it has.
pub fn service_of<'w>(workspace: &'w Workspace, file: &ClientFile) -> Option<&'w str> {
    let declared = |name: &str| workspace.grants.get_key_value(name).map(|(name, _)| name.as_str());
    let values = |name: &'static str| file.settings.iter().filter(move |setting| setting.name == name);
    let named = file.application.as_deref().into_iter();
    let named = named.chain(values("client.id").map(|setting| setting.value.as_str()));
    if let Some(service) = named.into_iter().find_map(declared) {
        return Some(service);
    }
    let ids = values("group.id").chain(values("application.id")).map(|setting| setting.value.as_str());
    ids.filter_map(|id| {
        let mut owners = workspace.grants.iter().filter(|(_, grants)| grants.groups().iter().any(|group| group == id));
        match (owners.next(), owners.next()) {
            (Some((service, _)), None) => Some(service.as_str()),
            _ => None,
        }
    })
    .next()
}

/// Every address of a cluster's listeners for clients, each with the listener.
fn addresses(cluster: &ClusterSpec) -> Vec<(String, String)> {
    let listeners = listeners::listeners(cluster);
    let mut all: Vec<(String, String)> = listeners
        .into_iter()
        .flat_map(|(name, access)| access.brokers.into_iter().map(move |broker| (name.clone(), broker)))
        .collect();
    // Addresses in front of the brokers, which no node has.
    let connection = cluster.connection.as_deref();
    for broker in connection.iter().flat_map(|connection| &connection.bootstrap) {
        let broker = broker.trim();
        if !all.iter().any(|(_, known)| known == broker) {
            let name = connection.and_then(|connection| connection.listener.as_ref());
            all.push((name.map(|name| name.value.clone()).unwrap_or_default(), broker.to_owned()));
        }
    }
    all
}

/// ISO 8601, as `java.time.Duration` has it.
static ISO: LazyLock<Regex> = LazyLock::new(|| {
    let part = |name: &str, unit: &str| format!("(?:(?<{name}>[+-]?[0-9]{{1,9}}){unit})?");
    let (days, hours, minutes) = (part("days", "D"), part("hours", "H"), part("minutes", "M"));
    let seconds = "(?:(?<seconds>[+-]?[0-9]{1,9})(?:[.,](?<rest>[0-9]{0,9}))?S)?";
    Regex::new(&format!("^(?i)P{days}(?:T{hours}{minutes}{seconds})?$")).expect("a fixed expression")
});

/// A time of ISO 8601, in milliseconds.
fn iso_millis(value: &str) -> Option<i64> {
    let found = ISO.captures(value).filter(|_| value.ends_with(|c: char| "DHMSdhms".contains(c)))?;
    let number = |name: &str| found.name(name).map_or(Some(0), |it| it.as_str().parse::<i64>().ok());
    let rest: String = found.name("rest").map_or("", |it| it.as_str()).chars().chain("000".chars()).take(3).collect();
    let seconds = (number("days")? * 24 + number("hours")?) * 3600 + number("minutes")? * 60 + number("seconds")?;
    Some(seconds * 1000 + rest.parse::<i64>().ok()?)
}

/// A value with a unit, as Spring takes it, in the unit of Kafka: `2m`, `PT2M`, `64KB`.
fn with_unit(value: &str) -> Option<String> {
    let time = value.parse::<crate::model::Duration>().map(|time| time.0).ok().or_else(|| iso_millis(value));
    let size = || {
        // Spring's sizes are in powers of 1024 and written without the `i`.
        let digits = value.find(|c: char| !c.is_ascii_digit())?;
        let (number, unit) = value.split_at(digits);
        let factor = match unit {
            "B" => 1,
            "KB" => 1 << 10,
            "MB" => 1 << 20,
            "GB" => 1 << 30,
            _ => return None,
        };
        number.parse::<i64>().ok()?.checked_mul(factor)
    };
    time.or_else(size).map(|number| number.to_string())
}

#[cfg(test)]
mod tests;
