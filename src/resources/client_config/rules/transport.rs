//! How a client connects.

use super::{Checked, addresses};
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Client;
use crate::policy::{Check, Example, Rule};
use crate::resources::client_config::listeners::listeners;

const FILE: &str = "client.properties";

/// BUS858.
pub static PROTOCOL: Rule = Rule {
    code: "BUS858",
    name: "client-protocol",
    summary: "A client speaks the protocol of its listener",
    explanation: "A client that speaks `PLAINTEXT`, which is the default, to a listener with TLS waits until it gives up, and says \
nothing of the reason; to a listener without TLS it sends records and passwords for everybody on the way to read, unless \
that is on its own machine, as a local bus is. Which protocol a listener has, `kafka.listeners` of the cluster says.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(
        FILE,
        Client("client.id=ingest-gateway\nbootstrap.servers=kafka-0.example.com:9094\nsecurity.protocol=PLAINTEXT\n"),
    )]),
    good: Example(&[(
        FILE,
        Client("client.id=ingest-gateway\nbootstrap.servers=kafka-0.example.com:9094\nsecurity.protocol=SSL\n"),
    )]),
    check: Check::Client(check_protocol),
};

fn check_protocol(checked: &Checked<'_>, findings: &mut Vec<Diagnostic>) {
    let expected = expected(checked);
    let mut is_set = checked.file.settings.iter().any(|setting| setting.name == "security.protocol");
    for setting in checked.written("security.protocol") {
        is_set = true;
        let protocol = setting.value.trim().to_ascii_uppercase();
        let (message, help) = match &expected {
            Some((listener, wanted)) if protocol != *wanted => (
                format!("`security.protocol` is {protocol}, and the listener {listener} speaks {wanted}"),
                format!("write `security.protocol={wanted}`"),
            ),
            None if (protocol == "PLAINTEXT" || protocol == "SASL_PLAINTEXT") && !checked.is_on_this_machine() => (
                format!("`security.protocol` is {protocol}: what it sends, everybody on the way can read"),
                "write the protocol of a listener with TLS, SSL or SASL_SSL".to_owned(),
            ),
            _ => continue,
        };
        findings.push(PROTOCOL.finding(message).at(setting.value_span, "").help(help));
    }
    let wanted = expected.filter(|(_, wanted)| wanted != "PLAINTEXT");
    if let (false, Some((listener, wanted))) = (is_set, wanted)
        && let Some((_, span)) = checked.brokers().first()
    {
        let message = format!("`security.protocol` is not set, and the listener {listener} speaks {wanted}");
        let finding = PROTOCOL.finding(message).at(*span, "a broker of it");
        findings.push(finding.help(format!("add `security.protocol={wanted}`")));
    }
}

/// The listener that the file reaches, by the address of a broker, else the service's; with its protocol.
fn expected(checked: &Checked<'_>) -> Option<(String, String)> {
    let cluster = checked.cluster?;
    let brokers = checked.brokers();
    let all = addresses(cluster);
    let by_address = all.iter().find(|(_, address)| brokers.iter().any(|(broker, _)| broker == address));
    let by_address = by_address.map(|(listener, _)| listener.clone()).filter(|listener| !listener.is_empty());
    let listener = by_address.or_else(|| checked.config?.listener.clone())?;
    let protocol = listeners(cluster).get(&listener)?.security_protocol;
    Some((listener, protocol.to_owned()))
}

/// BUS859.
pub static HOST_NAME: Rule = Rule {
    code: "BUS859",
    name: "host-name-verification",
    summary: "A client checks that the server's certificate is its own",
    explanation: "With `ssl.endpoint.identification.algorithm` empty, a certificate of any host that the same authority has issued \
will do: whoever holds one can stand between the client and the brokers and read everything. Java and librdkafka check \
by default; the line is nearly always left over from a test. A broker that is reached by another name needs that name in its \
certificate.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(FILE, Client("acks=all\nssl.endpoint.identification.algorithm=\n"))]),
    good: Example(&[(FILE, Client("acks=all\nssl.endpoint.identification.algorithm=https\n"))]),
    check: Check::Client(check_host_name),
};

fn check_host_name(checked: &Checked<'_>, findings: &mut Vec<Diagnostic>) {
    let of = |name: &'static str, good: &'static str| {
        checked.written(name).filter(move |setting| !setting.value.trim().eq_ignore_ascii_case(good))
    };
    let names = ["ssl.endpoint.identification.algorithm", "schema.registry.ssl.endpoint.identification.algorithm"];
    for setting in names.into_iter().flat_map(|name| of(name, "https")) {
        let value = if setting.value.trim().is_empty() { "empty".to_owned() } else { format!("`{}`", setting.value) };
        let message = format!("`{}` is {value}: the certificate of any host will do", setting.name);
        findings
            .push(HOST_NAME.finding(message).at(setting.key_span, "").help(format!("write `{}=https`", setting.name)));
    }
    for setting in of("enable.ssl.certificate.verification", "true") {
        let message = format!("`{}` is `{}`: any certificate will do", setting.name, setting.value);
        findings.push(HOST_NAME.finding(message).at(setting.key_span, "").help("take the line away"));
    }
}
