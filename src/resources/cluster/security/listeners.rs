use std::collections::BTreeMap;

use super::{CLUSTER, SNAPSHOT, Seen};
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::{Live, Text};
use crate::policy::{Check, Example, Rule};
use crate::ports::kafka::ClusterFacts;
use crate::resources::Desired;
use crate::resources::cluster::facts::access::settings;
use crate::resources::cluster::facts::listeners::{client_auth_of, listeners_of};
use crate::resources::cluster::facts::{in_words, told};
use crate::resources::cluster::rules::listeners::plain_by_config;
use crate::resources::cluster::{ClientAuth, KafkaSpec, ListenerProtocol, ListenerSpec};
use crate::source::{Span, Spanned};

/// BUS804.
pub static CLIENT_CERTIFICATES: Rule = Rule {
    code: "BUS804",
    name: "unauthenticated-listener",
    summary: "Outside development each listener authenticates its clients",
    explanation: "TLS alone encrypts and says who the broker is; who the client is says its certificate, where the listener \
asks for one (`ssl.client.auth=required`), or SASL. On a listener of protocol `ssl` that asks for none, or that takes clients \
without one (`requested`), everybody is `User:ANONYMOUS`. The rule looks at `client_auth` of each declared listener and at \
`ssl.client.auth` and `listener.name.NAME.ssl.client.auth` in `kafka.config` and the nodes. Of listeners without TLS BUS402 tells.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(
        CLUSTER,
        Text(super::kafka!("  listeners:\n    CLIENT_TLS: { port: 9094, protocol: ssl, client_auth: requested }\n")),
    )]),
    good: Example(&[(
        CLUSTER,
        Text(super::kafka!("  listeners:\n    CLIENT_TLS: { port: 9094, protocol: ssl, client_auth: required }\n")),
    )]),
    check: Check::Cluster(check),
};

fn check(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    let cluster = desired.cluster;
    let Some(kafka) = cluster.kafka.as_ref().filter(|_| !cluster.is_development()) else { return };
    let of_tls = kafka.listeners.iter().filter(|(_, listener)| listener.protocol.value == ListenerProtocol::Ssl);
    for (name, listener) in of_tls {
        let Some((span, how)) = unauthenticated(kafka, name, listener) else { continue };
        findings.push(
            CLIENT_CERTIFICATES
                .finding(format!("the listener {} of `{}` {how}", name.value, cluster.cluster.value))
                .at(span, "")
                .help("write `client_auth: required`, or `protocol: sasl_ssl` where clients log in with SASL")
                .resource(cluster.address()),
        );
    }
}

/// The config that says whether clients are asked for a certificate.
const CLIENT_AUTH: &str = "ssl.client.auth";

/// Where a listener of protocol SSL lets in clients without a certificate, and how it says so. What brokers are set to for it
/// wins over what its own key says of it, and that over what they are set to for all.
fn unauthenticated(kafka: &KafkaSpec, name: &Spanned<Box<str>>, listener: &ListenerSpec) -> Option<(Span, String)> {
    let set = |config: &str| {
        let mut values = kafka.configs().filter(|set| set.key == config).peekable();
        // One broker that lets them in is enough.
        let is_set = values.peek().is_some();
        let open = values.find(|set| !is_required(&set.value));
        (is_set, open.map(|set| (set.span, format!("has `{config}: {}`", set.value))))
    };
    match (set(&format!("listener.name.{}.{CLIENT_AUTH}", name.to_lowercase())), &listener.client_auth) {
        ((true, open), _) => open,
        ((false, _), Some(auth)) => match auth.value {
            ClientAuth::Required => None,
            ClientAuth::Requested => Some((auth.span, "takes clients without a certificate".to_owned())),
            ClientAuth::None => Some((auth.span, "asks clients for no certificate".to_owned())),
        },
        ((false, _), None) => match set(CLIENT_AUTH) {
            (true, open) => open,
            (false, _) => Some((name.span, "does not say whether clients need a certificate".to_owned())),
        },
    }
}

fn is_required(value: &str) -> bool {
    value.trim().eq_ignore_ascii_case(ClientAuth::Required.as_str())
}

/// BUS811.
pub static LIVE_PLAINTEXT: Rule = Rule {
    code: "BUS811",
    name: "live-plaintext",
    summary: "Outside development brokers have no listener without TLS",
    explanation: "What goes over a listener without TLS, passwords and records, can be read by whoever sees the network. The rule \
looks at the listeners that brokers have, those of controllers too, also where the manifest declares none. One that is declared \
without TLS is told by BUS402, and not again here.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(
        SNAPSHOT,
        Live(settings!(
            r#"{
          "listeners": "CONTROLLER://:9093,CLIENT_TLS://:9094",
          "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,CLIENT_TLS:SSL",
          "listener.name.client_tls.ssl.client.auth": "required",
          "controller.listener.names": "CONTROLLER"
        }"#
        )),
    )]),
    good: Example(&[(
        SNAPSHOT,
        Live(settings!(
            r#"{
          "listeners": "CONTROLLER://:9093,CLIENT_TLS://:9094",
          "listener.security.protocol.map": "CONTROLLER:SSL,CLIENT_TLS:SSL",
          "ssl.client.auth": "required",
          "controller.listener.names": "CONTROLLER"
        }"#
        )),
    )]),
    check: Check::Live,
};

/// BUS812.
pub static LIVE_CLIENT_CERTIFICATES: Rule = Rule {
    code: "BUS812",
    name: "live-unauthenticated-listener",
    summary: "Outside development the listeners that brokers have authenticate their clients",
    explanation: "As BUS804, of the brokers themselves: a listener of protocol SSL on which `ssl.client.auth` is not `required` \
lets everybody in as `User:ANONYMOUS`. The rule looks at listeners of which the manifest does not say `client_auth`; of \
others BUS525 and BUS804 tell.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(
        SNAPSHOT,
        Live(settings!(r#"{ "listeners": "CLIENT_TLS://:9094", "listener.security.protocol.map": "CLIENT_TLS:SSL" }"#)),
    )]),
    good: Example(&[(
        SNAPSHOT,
        Live(settings!(
            r#"{
          "listeners": "CLIENT_TLS://:9094",
          "listener.security.protocol.map": "CLIENT_TLS:SSL",
          "listener.name.client_tls.ssl.client.auth": "required"
        }"#
        )),
    )]),
    check: Check::Live,
};

pub(super) fn compare(seen: &Seen<'_>, facts: &ClusterFacts) -> Vec<Diagnostic> {
    if seen.cluster.is_development() {
        return Vec::new();
    }
    let place = seen.kafka.listeners.keys().next().map_or(seen.kafka.span, |first| first.span);
    let declared = |name: &str| seen.kafka.listeners.iter().find(|(known, _)| &*known.value == name);
    let by_config = plain_by_config(seen.kafka);
    let is_by_config = |name: &str| {
        by_config.iter().any(|plain| plain.listener.as_ref().is_some_and(|it| it.eq_ignore_ascii_case(name)))
    };
    let mut plain: BTreeMap<(Span, String), Vec<i32>> = BTreeMap::new();
    let mut open: BTreeMap<(Span, String), Vec<i32>> = BTreeMap::new();
    for (broker, settings) in told(facts, |broker| &broker.settings) {
        for (name, listener) in listeners_of(settings).unwrap_or_default() {
            let Some(protocol) = &listener.protocol else { continue };
            let known = declared(name);
            let span = known.map_or(place, |(name, _)| name.span);
            match protocol.as_str() {
                "plaintext" | "sasl_plaintext" => {
                    let is_declared =
                        |protocol| matches!(protocol, ListenerProtocol::Plaintext | ListenerProtocol::SaslPlaintext);
                    if !known.is_some_and(|(_, known)| is_declared(known.protocol.value)) && !is_by_config(name) {
                        let what = format!("the listener {name} has no TLS ({protocol})");
                        plain.entry((span, what)).or_default().push(broker);
                    }
                }
                "ssl" => {
                    let auth = client_auth_of(name, ListenerProtocol::Ssl, settings);
                    let is_told = known.is_some_and(|(_, known)| known.client_auth.is_some());
                    if let Some(auth) = auth.filter(|auth| auth != ClientAuth::Required.as_str() && !is_told) {
                        let what =
                            format!("the listener {name} lets in who shows no certificate (ssl.client.auth={auth})");
                        open.entry((span, what)).or_default().push(broker);
                    }
                }
                _ => {}
            }
        }
    }
    let of = |rule: &'static Rule, help: &'static str| {
        move |((span, what), brokers): ((Span, String), Vec<i32>)| {
            let message = format!("{} of `{}`: {what}", in_words(&brokers), seen.name());
            seen.finding(rule, message).at(span, "").help(help)
        }
    };
    let plain = plain.into_iter().map(of(&LIVE_PLAINTEXT, "give it the protocol SSL or SASL_SSL, or take it away"));
    let open = open.into_iter().map(of(
        &LIVE_CLIENT_CERTIFICATES,
        "set ssl.client.auth=required for it on every node, or have clients log in with SASL_SSL",
    ));
    plain.chain(open).collect()
}
