use super::{CLUSTER, SNAPSHOT, Seen};
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::{Live, Text};
use crate::policy::{Check, Example, Rule};
use crate::ports::kafka::ClusterFacts;
use crate::resources::Desired;
use crate::resources::cluster::Authorizer;
use crate::resources::cluster::facts::access::settings;
use crate::resources::cluster::facts::{in_words, told};

const AUTHORIZER_KEY: &str = "authorizer.class.name";

/// BUS801.
pub static DECLARED: Rule = Rule {
    code: "BUS801",
    name: "authorizer-declared",
    summary: "Outside development a cluster says which authorizer its brokers have",
    explanation: "Without an authorizer whoever reaches a broker may do everything: read every topic, delete it, and give \
himself more. A cluster outside development declares the one that it has (`kafka.authorizer`), so that a review sees it and a \
plan compares it with the brokers (BUS526). \
Where a cluster has grants and no authorizer, or is open to everybody where no ACL is, BUS406 says so; that brokers have none \
BUS810.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(
        CLUSTER,
        Text(
            "kafka:
  deployment: self_managed
  nodes:
    - { id: 0, rack: a, roles: [broker, controller] }
    - { id: 1, rack: b, roles: [broker, controller] }
    - { id: 2, rack: c, roles: [broker, controller] }
",
        ),
    )]),
    good: Example(&[(CLUSTER, Text(super::kafka!("")))]),
    check: Check::Cluster(check),
};

fn check(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    let cluster = desired.cluster;
    let Some(kafka) = cluster.kafka.as_ref().filter(|_| !cluster.is_development()) else { return };
    if kafka.authorizer.is_none() {
        findings.push(
            DECLARED
                .finding(format!("`{}` does not say which authorizer its brokers have", cluster.cluster.value))
                .lacks(kafka.span, "authorizer")
                .help("write `authorizer: standard` (KRaft's own), `none` or `other`")
                .resource(cluster.address()),
        );
    }
}

/// BUS810.
pub static LIVE: Rule = Rule {
    code: "BUS810",
    name: "live-authorizer-off",
    summary: "Outside development brokers have an authorizer",
    explanation: "A broker without an authorizer lets everybody do everything, and answers nobody that it does. The rule looks at \
what each broker tells of `authorizer.class.name`, also where the manifest declares none. Where grants are declared BUS502 \
says it, and where another authorizer is declared BUS526.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[
        ("acls/ingest-gateway.yaml", Text("produces: []\n")),
        ("acls/normalizer.yaml", Text("consumes: []\n")),
        ("topics/media/media.raw_ingest.v1.yaml", Text("producers: []\nconsumers: []\n")),
        ("busctl.yaml", Text("rules: { BUS109: off, BUS110: off, BUS801: off }\n")),
        (
            CLUSTER,
            Text(
                "kafka:
  deployment: self_managed
  nodes:
    - { id: 0, rack: a, roles: [broker, controller] }
    - { id: 1, rack: b, roles: [broker, controller] }
    - { id: 2, rack: c, roles: [broker, controller] }
",
            ),
        ),
        (SNAPSHOT, Live(settings!(r#"{ "authorizer.class.name": "" }"#))),
    ]),
    good: Example(&[(
        SNAPSHOT,
        Live(settings!(r#"{ "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer" }"#)),
    )]),
    check: Check::Live,
};

pub(super) fn compare(seen: &Seen<'_>, facts: &ClusterFacts, has_grants: bool) -> Option<Diagnostic> {
    // Otherwise it is said already that there is none.
    let is_told = has_grants || seen.kafka.authorizer.is_some_and(|declared| declared.value != Authorizer::None);
    if is_told || seen.cluster.is_development() {
        return None;
    }
    let is_off = |class: Option<&Option<String>>| class.is_some_and(|class| class.as_deref() == Some(""));
    let brokers = told(facts, |broker| &broker.settings).filter(|(_, settings)| is_off(settings.get(AUTHORIZER_KEY)));
    let brokers: Vec<i32> = brokers.map(|(broker, _)| broker).collect();
    (!brokers.is_empty()).then(|| {
        let message = format!(
            "{} of `{}`: there is no authorizer, so that everybody may do everything",
            in_words(&brokers),
            seen.name()
        );
        let help = "set authorizer.class.name to org.apache.kafka.metadata.authorizer.StandardAuthorizer on every node";
        seen.finding(&LIVE, message).at(seen.authorizer(), "").help(help)
    })
}
