//! Rules of what is delivered.

use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Desired;

const CLUSTER: &str = "clusters/production.yaml";

/// BUS414.
pub static WHOLE: Rule = Rule {
    code: "BUS414",
    name: "delivered-whole",
    summary: "What is published to a service lets it connect",
    explanation: "Where the cluster's `consul` has a `prefix`, services start from what is published there. A configuration \
without a listener, an address, or the certificate or login that the listener asks for would have them start and fail, each on \
its own. The rule asks of the manifests what `busctl client-config` refuses without.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(
        CLUSTER,
        Text("consul: { address: \"https://consul.example.com:8501\", prefix: kafka/production }\n"),
    )]),
    good: Example(&[(
        CLUSTER,
        Text(
            "consul: { address: \"https://consul.example.com:8501\", prefix: kafka/production }
clients: { tls: { certificate: \"vault:pki/issue/{service}\" } }
",
        ),
    )]),
    check: Check::Cluster(check),
};

fn check(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    for (service, delivery) in &desired.deliveries.wanted {
        let Some(lacking) = &delivery.lacking else { continue };
        let finding = WHOLE.finding(&lacking.message).at(delivery.span, "").help(&lacking.help);
        findings.push(finding.resource(format!("service/{service}")).cluster(&desired.cluster.cluster.value));
    }
}
