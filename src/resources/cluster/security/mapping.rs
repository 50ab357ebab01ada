use super::CLUSTER;
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Desired;
use crate::resources::cluster::{MAPPING_RULES, broken_mapping};

/// BUS819.
pub static MAPPING: Rule = Rule {
    code: "BUS819",
    name: "principal-mapping",
    summary: "The rules by which brokers make principals of certificates can be read",
    explanation: "`ssl.principal.mapping.rules` says whom brokers take the subject of a certificate for: rules of the form \
`RULE:PATTERN/REPLACEMENT/[LU]`, or `DEFAULT`, with commas between. A broker does not start with rules that it cannot read. The rule \
looks at what `kafka.config` and the nodes declare, for all listeners and for one (`listener.name.…`). Patterns are Java's: what only \
Java may understand is not judged here.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(
        CLUSTER,
        Text(super::kafka!("  config: { ssl.principal.mapping.rules: \"RULE:^CN=([^,]+.*$/$1/,DEFAULT\" }\n")),
    )]),
    good: Example(&[(
        CLUSTER,
        Text(super::kafka!("  config: { ssl.principal.mapping.rules: \"RULE:^CN=([^,]+).*$/$1/,DEFAULT\" }\n")),
    )]),
    check: Check::Cluster(check),
};

fn check(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    let cluster = desired.cluster;
    let Some(kafka) = &cluster.kafka else { return };
    let of_listener = format!(".{MAPPING_RULES}");
    for config in kafka.configs() {
        let is_of_listener = config.key.starts_with("listener.name.") && config.key.ends_with(&of_listener);
        if config.key != MAPPING_RULES && !is_of_listener {
            continue;
        }
        let Some(why) = broken_mapping(&config.value) else { continue };
        findings.push(
            MAPPING
                .finding(format!("brokers of `{}` cannot read `{}`: {why}", cluster.cluster.value, config.key))
                .at(config.span, "")
                .help("write rules of the form RULE:PATTERN/REPLACEMENT/ or DEFAULT, with commas between, and a pattern of Java")
                .resource(cluster.address()),
        );
    }
}
