use std::collections::{BTreeMap, BTreeSet};

use super::{CLUSTER, SNAPSHOT, Seen};
use crate::diag::{Diagnostic, Level};
use crate::model::{Date, Duration, Timestamp};
use crate::policy::Content::{Live, Text};
use crate::policy::{Check, Example, Rule};
use crate::ports::kafka::{BrokerInfo, ClusterFacts};
use crate::resources::cluster::facts::healthy_quorum;
use crate::resources::cluster::{ClusterSpec, ListenerProtocol, NodeRole, host_and_port};

/// How long before its end a certificate is to be renewed, in days, where the manifest does not say.
const RENEWAL_DAYS: i64 = 30;

/// A live state in which one endpoint shows this.
macro_rules! shows {
    ($endpoint:literal) => {
        healthy_quorum!(concat!(
            r#"    "finalized": {},
    "brokers": {},
    "endpoints": { "kafka-0.example.com:9094": { "known": "#,
            $endpoint,
            " } }\n"
        ))
    };
}

/// BUS817.
pub static EXPIRY: Rule = Rule {
    code: "BUS817",
    name: "live-certificate-expiry",
    summary: "The certificates that brokers show are good for a while",
    explanation: "When the certificate of a broker is over no client connects to it any more, and other brokers neither. The rule \
looks at what each broker shows on the listener of busctl's connection, and each node on each declared listener with TLS that is \
not `optional`: at the certificates with less time left than `kafka.certificate_renewal`, 30 days by default. What cannot be reached from here is told by BUS530.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(
        SNAPSHOT,
        Live(shows!(
            r#"{
      "certificates": [{ "subject": "CN=kafka-0.example.com", "issuer": "CN=bus", "ends": "2026-06-20T12:00:00Z" }],
      "old_tls": false
    }"#
        )),
    )]),
    good: Example(&[
        (CLUSTER, Text(super::kafka!("  certificate_renewal: 7d\n"))),
        (
            SNAPSHOT,
            Live(shows!(
                r#"{
      "certificates": [{ "subject": "CN=kafka-0.example.com", "issuer": "CN=bus", "ends": "2026-06-20T12:00:00Z" }],
      "old_tls": false
    }"#
            )),
        ),
    ]),
    check: Check::Live,
};

/// BUS818.
pub static OLD_TLS: Rule = Rule {
    code: "BUS818",
    name: "live-old-tls",
    summary: "No listener of the brokers speaks TLS 1.1 or older",
    explanation: "TLS 1.0 and 1.1 have been broken for years and no client needs them (RFC 8996). Which versions a broker speaks is \
decided by `ssl.enabled.protocols` and by the Java that runs it, and by what stands in front of it. The rule offers TLS 1.1 \
to each address that BUS817 looks at, and nothing newer: that must be refused.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(SNAPSHOT, Live(shows!(r#"{ "certificates": [], "old_tls": true }"#)))]),
    good: Example(&[(SNAPSHOT, Live(shows!(r#"{ "certificates": [], "old_tls": false }"#)))]),
    check: Check::Live,
};

pub(super) fn compare(seen: &Seen<'_>, facts: &ClusterFacts, today: Date) -> Vec<Diagnostic> {
    let renewal = seen.kafka.certificate_renewal.as_ref();
    let days = renewal.and_then(|renewal| started_days(renewal.value)).unwrap_or(RENEWAL_DAYS);
    let known = || facts.endpoints.iter().filter_map(|(address, endpoint)| Some((address.as_str(), endpoint.known()?)));
    // Several listeners of a broker most often show the same.
    let mut ending: BTreeMap<(i64, &str, Timestamp), BTreeSet<&str>> = BTreeMap::new();
    for (address, endpoint) in known() {
        for certificate in &endpoint.certificates {
            let left = day_of(certificate.ends).days_since_1970() - today.days_since_1970();
            if left < days {
                ending.entry((left, &certificate.subject, certificate.ends)).or_default().insert(address);
            }
        }
    }
    let place = renewal.map_or(seen.kafka.span, |renewal| renewal.span);
    let expiring = ending.into_iter().map(|((left, subject, ends), addresses)| {
        let at = addresses.into_iter().collect::<Vec<_>>().join(", ");
        let day = day_of(ends);
        let what = match left {
            ..0 => format!("is over since {day}"),
            0 => format!("is over today ({day})"),
            1 => format!("is over tomorrow ({day})"),
            left => format!("is over in {left} days ({day})"),
        };
        let message = format!("`{}` shows at {at} a certificate that {what}: {subject}", seen.name());
        let help = "have it renewed, and see that what renews it works";
        seen.finding(&EXPIRY, message).at(place, "").help(help)
    });
    let old: Vec<&str> =
        known().filter(|(_, endpoint)| endpoint.old_tls == Some(true)).map(|(address, _)| address).collect();
    let old = (!old.is_empty()).then(|| {
        let message = format!("`{}` speaks TLS 1.1 or older at {}", seen.name(), old.join(", "));
        let help = "set ssl.enabled.protocols=TLSv1.2,TLSv1.3 on every node, and look at what stands in front of them";
        seen.finding(&OLD_TLS, message).at(seen.kafka.span, "").help(help)
    });
    expiring.chain(old).collect()
}

/// The days of it, one that is begun being a whole one; `None` where it is without end.
fn started_days(time: Duration) -> Option<i64> {
    let whole = time.days()?;
    Some(if Duration::of_days(whole) == time { whole } else { whole + 1 })
}

fn day_of(time: Timestamp) -> Date {
    Date::of_unix_seconds(time.unix_millis().div_euclid(1000))
}

/// Where a cluster speaks TLS, as `HOST:PORT`: its brokers on the listener of the connection, and its nodes on each declared
/// listener that has to be there.
pub fn endpoints(cluster: &ClusterSpec, brokers: &[BrokerInfo]) -> BTreeSet<String> {
    let mut addresses = BTreeSet::new();
    if cluster.connection.as_ref().is_some_and(|connection| connection.tls.is_some()) {
        addresses.extend(brokers.iter().map(|broker| host_and_port(&broker.host, broker.port)));
    }
    let Some(kafka) = &cluster.kafka else { return addresses };
    let of_controllers = cluster.config_of_connection("controller.listener.names", None);
    let of_controllers = of_controllers.map(|(names, _)| names).unwrap_or_default();
    let of_controllers: BTreeSet<&str> = of_controllers.split(',').map(str::trim).collect();
    for (name, listener) in &kafka.listeners {
        let is_tls = matches!(listener.protocol.value, ListenerProtocol::Ssl | ListenerProtocol::SaslSsl);
        if !is_tls || listener.optional.is_some_and(|optional| optional.value) {
            continue;
        }
        let role = match of_controllers.contains(&*name.value) {
            true => NodeRole::Controller,
            false => NodeRole::Broker,
        };
        for node in
            kafka.nodes.iter().filter(|node| node.roles.is_empty() || node.roles.iter().any(|it| it.value == role))
        {
            addresses.extend(node.host.as_ref().map(|host| host_and_port(&host.value, listener.port.value)));
        }
    }
    addresses
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::Observed;
    use crate::ports::kafka::{Endpoint, ShownCertificate};
    use crate::resources::cluster::samples::{cluster, facts};

    /// How many days a certificate may have left and be told.
    fn told(renewal: &str) -> Vec<i64> {
        let cluster = cluster(&format!("kafka: {{ deployment: self_managed{renewal} }}"));
        let seen = Seen { cluster: &cluster, kafka: cluster.kafka.as_ref().expect("it is declared") };
        let today: Date = "2026-06-01".parse().expect("a day");
        let is_told = |left: &i64| {
            let ends = Timestamp::of_unix_millis(Duration::of_days(today.days_since_1970() + left).0);
            let certificate = ShownCertificate { subject: "CN=b".into(), issuer: "CN=bus".into(), ends };
            let endpoint = Endpoint { certificates: vec![certificate], old_tls: None };
            !compare(&seen, &facts([("b:9094", Observed::Known(endpoint))]), today).is_empty()
        };
        [-1, 0, 1, 29, 30].into_iter().filter(is_told).collect()
    }

    #[test]
    fn a_certificate_is_told_as_early_as_the_manifest_says() {
        assert_eq!(told(""), [-1, 0, 1, 29]);
        assert_eq!(told(", certificate_renewal: unlimited"), [-1, 0, 1, 29]);
        assert_eq!(told(", certificate_renewal: 30h"), [-1, 0, 1]);
        assert_eq!(told(", certificate_renewal: 12h"), [-1, 0]);
        assert_eq!(told(", certificate_renewal: 1d"), [-1, 0]);
        assert_eq!(told(", certificate_renewal: 0s"), [-1]);
    }

    #[test]
    fn an_address_is_that_of_each_node_in_the_role_of_the_listener() {
        let kafka = "kafka:
  deployment: self_managed
  listeners: { CLIENTS: { port: 9094, protocol: ssl }, CONTROL: { port: 9093, protocol: ssl } }
  config: { controller.listener.names: CLIENTS }
  nodes:
    - { id: 0, host: \"fd00::1\", roles: [broker], config: { controller.listener.names: CONTROL } }
    - { id: 1, host: \"[fd00::2]\", roles: [controller], config: { controller.listener.names: CONTROL } }
";
        let endpoints = endpoints(&cluster(kafka), &[]);
        assert_eq!(endpoints.into_iter().collect::<Vec<_>>(), ["[fd00::1]:9094", "[fd00::2]:9093"]);
    }
}
