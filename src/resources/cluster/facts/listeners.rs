use std::collections::BTreeMap;

use super::access::settings;
use super::{Seen, in_words, told};
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::{Live, Text};
use crate::policy::{Check, Example, Rule};
use crate::ports::kafka::ClusterFacts;
use crate::resources::cluster::{ClientAuth, ListenerProtocol, ListenerSpec};
use crate::source::Span;

const CLUSTER: &str = "clusters/production.yaml";
const SNAPSHOT: &str = "production.snapshot.json";

const ONE_LISTENER: &str = "kafka:
  deployment: self_managed
  authorizer: standard
  super_users: [{ principal: User:CN=kafka, reason: The brokers. }]
  nodes:
    - { id: 0, rack: a, roles: [broker, controller] }
    - { id: 1, rack: b, roles: [broker, controller] }
    - { id: 2, rack: c, roles: [broker, controller] }
  listeners:
    CLIENT_TLS: { port: 9094, protocol: ssl, client_auth: required }
";

/// BUS525.
pub static LISTENERS: Rule = Rule {
    code: "BUS525",
    name: "live-listeners",
    summary: "Brokers listen as it is declared",
    explanation: "A listener that nobody declared is a way in that nobody reviewed; one with another port or protocol, or that \
asks for no client certificate, is not the one that the manifest describes. The rule compares `kafka.listeners`, where it is \
written, with the configs `listeners`, `listener.security.protocol.map` and `ssl.client.auth` of each broker, by the names of \
the listeners. Those of controllers (`controller.listener.names`) need not be declared, and are compared where they are; an \
`optional` one may be missing.",
    level: Level::Warn,
    floor: Level::Off,
    // That a listener has no TLS is a finding of its own.
    bad: Example(&[
        ("busctl.yaml", Text("rules: { BUS811: off }\n")),
        (CLUSTER, Text(ONE_LISTENER)),
        (
            SNAPSHOT,
            Live(settings!(
                r#"{
          "listeners": "CLIENT_TLS://:9094,PLAIN://:9092",
          "listener.security.protocol.map": "CLIENT_TLS:SSL,PLAIN:PLAINTEXT",
          "listener.name.client_tls.ssl.client.auth": "required"
        }"#
            )),
        ),
    ]),
    good: Example(&[
        (CLUSTER, Text(ONE_LISTENER)),
        (
            SNAPSHOT,
            Live(settings!(
                r#"{
          "listeners": "CONTROLLER://:9093,CLIENT_TLS://:9094",
          "listener.security.protocol.map": "CONTROLLER:SSL,CLIENT_TLS:SSL",
          "controller.listener.names": "CONTROLLER",
          "listener.name.controller.ssl.client.auth": "required",
          "listener.name.client_tls.ssl.client.auth": "required"
        }"#
            )),
        ),
    ]),
    check: Check::Live,
};

pub(in crate::resources::cluster) type Settings = BTreeMap<String, Option<String>>;

/// A listener of a broker.
pub(in crate::resources::cluster) struct There {
    port: Option<u16>,
    /// The word for its security protocol in manifests.
    pub(in crate::resources::cluster) protocol: Option<String>,
    is_of_controllers: bool,
}

pub(super) fn compare(seen: &Seen<'_>, facts: &ClusterFacts) -> Vec<Diagnostic> {
    if seen.kafka.listeners.is_empty() {
        return Vec::new();
    }
    // What is said of each broker is most often the same of all.
    let mut found: BTreeMap<(Span, String), Vec<i32>> = BTreeMap::new();
    for (broker, settings) in told(facts, |broker| &broker.settings) {
        let Some(there) = listeners_of(settings) else { continue };
        for said in differences(seen, settings, &there) {
            found.entry(said).or_default().push(broker);
        }
    }
    let finding = |((place, what), brokers): ((Span, String), Vec<i32>)| {
        let message = format!("{} of `{}`: {what}", in_words(&brokers), seen.name());
        let help = "correct `kafka.listeners`, or the listeners of the brokers";
        seen.finding(&LISTENERS, message).at(place, "").help(help)
    };
    found.into_iter().map(finding).collect()
}

fn differences(seen: &Seen<'_>, settings: &Settings, there: &BTreeMap<&str, There>) -> Vec<(Span, String)> {
    let mut said = Vec::new();
    for (name, declared) in &seen.kafka.listeners {
        let Some(listener) = there.get(&*name.value) else {
            // A broker that is no controller has none of theirs.
            let is_of_controllers = of_controllers(settings).any(|other| other == &*name.value);
            if !is_of_controllers && !declared.optional.is_some_and(|optional| optional.value) {
                said.push((name.span, format!("there is no listener {}", name.value)));
            }
            continue;
        };
        if let Some(port) = listener.port.filter(|port| *port != declared.port.value) {
            let what = format!("the listener {} has port {port}, not {}", name.value, declared.port.value);
            said.push((declared.port.span, what));
        }
        let wanted = declared.protocol.value.as_str();
        if let Some(protocol) = listener.protocol.as_ref().filter(|protocol| *protocol != wanted) {
            let what = format!("the listener {} speaks {protocol}, not {wanted}", name.value);
            said.push((declared.protocol.span, what));
        }
        said.extend(client_auth(&name.value, declared, settings));
    }
    let declared = |name: &str| seen.kafka.listeners.keys().any(|known| &*known.value == name);
    for (name, listener) in there.iter().filter(|(name, listener)| !listener.is_of_controllers && !declared(name)) {
        let protocol = listener.protocol.as_ref().map(|protocol| format!(" ({protocol})")).unwrap_or_default();
        let place = seen.kafka.listeners.keys().next().map_or(seen.kafka.span, |first| first.span);
        said.push((place, format!("the listener {name}{protocol} is not declared")));
    }
    said
}

/// Whether a listener asks for client certificates otherwise than it is declared.
fn client_auth(name: &str, declared: &ListenerSpec, settings: &Settings) -> Option<(Span, String)> {
    let wanted = declared.client_auth.as_ref()?;
    let is = client_auth_of(name, declared.protocol.value, settings)?;
    let text = format!("the listener {name} has ssl.client.auth={is}, not {}", wanted.value);
    (is != wanted.value.as_str()).then_some((wanted.span, text))
}

/// The word for whether a listener asks for client certificates; `None` where it does not tell, or has no TLS.
pub(in crate::resources::cluster) fn client_auth_of(
    name: &str,
    protocol: ListenerProtocol,
    settings: &Settings,
) -> Option<String> {
    let own = settings.get(&format!("listener.name.{}.ssl.client.auth", name.to_lowercase()));
    // With SASL over TLS, the setting of all listeners does not count (KIP-684).
    let of_all = match protocol {
        ListenerProtocol::Ssl => settings.get("ssl.client.auth"),
        ListenerProtocol::SaslSsl => None,
        ListenerProtocol::Plaintext | ListenerProtocol::SaslPlaintext => return None,
    };
    match own.or(of_all) {
        Some(value) => Some(value.as_deref()?.to_lowercase()),
        None => Some(ClientAuth::None.as_str().to_owned()),
    }
}

/// The listeners of a broker by their names; `None` where it does not tell them.
pub(in crate::resources::cluster) fn listeners_of(settings: &Settings) -> Option<BTreeMap<&str, There>> {
    let listeners = settings.get("listeners")?.as_deref()?;
    let map = settings.get("listener.security.protocol.map").and_then(Option::as_deref).unwrap_or_default();
    let protocols: BTreeMap<&str, &str> = map.split(',').filter_map(|pair| pair.trim().split_once(':')).collect();
    let one = |text| -> Option<(&str, There)> {
        let (name, address) = str::trim(text).split_once("://")?;
        let port = address.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        let protocol = protocols.get(name).map(|protocol| protocol.to_lowercase());
        let is_of_controllers = of_controllers(settings).any(|other| other == name);
        Some((name, There { port, protocol, is_of_controllers }))
    };
    Some(listeners.split(',').filter_map(one).collect())
}

fn of_controllers(settings: &Settings) -> impl Iterator<Item = &str> {
    let names = settings.get("controller.listener.names").and_then(Option::as_deref).unwrap_or_default();
    names.split(',').map(str::trim)
}
