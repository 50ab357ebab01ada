use std::net::IpAddr;

use super::raw::{NORMALIZER, REVIEWED, address, entries};
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Workspace;

/// BUS210.
pub static HOST: Rule = Rule {
    code: "BUS210",
    name: "acl-host",
    summary: "The host of a raw ACL is an address as brokers see it, or `*`",
    explanation: "Brokers compare the host of an ACL, as text, with the address that a client comes from: a network \
(`10.0.0.0/8`), a name, or a shortened address of IPv6 is never the same, and the ACL never holds. One that denies then denies \
nothing. Java writes out IPv6 in full: `2001:db8:0:0:0:0:0:1`. Another authorizer than Kafka's own may read hosts otherwise; switch \
the rule off there.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[
        (
            NORMALIZER,
            Text(
                "raw:
  - resource: cluster
    name: kafka-cluster
    operation: describe
    host: 10.0.0.0/8
    reason: Its start-up check asks for the brokers.
",
            ),
        ),
        ("busctl.yaml", Text(REVIEWED)),
    ]),
    good: Example(&[
        (
            NORMALIZER,
            Text(
                "raw:
  - resource: cluster
    name: kafka-cluster
    operation: describe
    host: 10.0.0.7
    reason: Its start-up check asks for the brokers.
",
            ),
        ),
        ("busctl.yaml", Text(REVIEWED)),
    ]),
    check: Check::Workspace(check),
};

fn check(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    for (service, raw) in entries(workspace) {
        let Some(host) = raw.host.as_ref().filter(|host| host.as_str() != "*") else { continue };
        let seen = as_brokers_see(host);
        if seen.as_deref() == Some(host.as_str()) {
            continue;
        }
        let message = format!("a raw ACL of `{service}` never holds: no client comes from the host `{}`", host.value);
        let help = match seen {
            Some(seen) => format!("write `{seen}`, as brokers do"),
            None => "write one address an entry, or leave it out for every host".to_owned(),
        };
        findings.push(HOST.finding(message).at(host.span, "").help(help).resource(address(service, raw)));
    }
}

/// An address as `InetAddress.getHostAddress` of Java writes it; `None` of what is none.
fn as_brokers_see(host: &str) -> Option<String> {
    // Java adds the interface to an address that is good on one alone.
    let (host, zone) = host.trim().split_once('%').map_or((host.trim(), None), |(host, zone)| (host, Some(zone)));
    let address: IpAddr = host.parse().ok()?;
    let written = match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => address.segments().map(|part| format!("{part:x}")).join(":"),
    };
    Some(zone.map_or_else(|| written.clone(), |zone| format!("{written}%{zone}")))
}

#[cfg(test)]
mod tests {
    use super::as_brokers_see;

    #[test]
    fn addresses_are_written_as_java_does() {
        for (host, seen) in [
            ("10.0.0.7", Some("10.0.0.7")),
            (" 10.0.0.7", Some("10.0.0.7")),
            ("::1", Some("0:0:0:0:0:0:0:1")),
            ("2001:DB8::1", Some("2001:db8:0:0:0:0:0:1")),
            ("::ffff:10.0.0.7", Some("10.0.0.7")),
            ("fe80::1%eth0", Some("fe80:0:0:0:0:0:0:1%eth0")),
            ("10.0.0.0/8", None),
            ("10.0.0.07", None),
            ("nohost", None),
            ("", None),
        ] {
            assert_eq!(as_brokers_see(host).as_deref(), seen, "{host}");
        }
    }
}
