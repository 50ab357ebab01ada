use super::{Seen, in_words, told};
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::{Live, Text};
use crate::policy::{Check, Example, Rule};
use crate::ports::kafka::ClusterFacts;

const CLUSTER: &str = "clusters/production.yaml";
const SNAPSHOT: &str = "production.snapshot.json";

const TRANSACTIONS_AT_2: &str = "kafka:
  features: { transaction.version: 2 }
  deployment: self_managed
  authorizer: standard
  super_users: [{ principal: User:CN=kafka, reason: The brokers. }]
  nodes:
    - { id: 0, rack: a, roles: [broker, controller] }
    - { id: 1, rack: b, roles: [broker, controller] }
    - { id: 2, rack: c, roles: [broker, controller] }
";

/// A live state whose broker could work at `transaction.version` 2, and of which this level is finalized.
macro_rules! transactions {
    ($level:literal) => {
        super::healthy_quorum!(concat!(
            r#"    "finalized": { "metadata.version": 30, "transaction.version": "#,
            $level,
            r#" },
    "brokers": {
      "0": {
        "features": { "known": { "metadata.version": [7, 30], "transaction.version": [0, 2] } },
        "settings": { "known": {} },
        "log_dirs": { "known": [] }
      }
    }
"#
        ))
    };
}

/// BUS531.
pub static FEATURES: Rule = Rule {
    code: "BUS531",
    name: "live-features",
    summary: "The cluster works at the levels of features that are declared",
    explanation: "What is new in a release of Kafka is had once the level of its feature is raised for all brokers (KIP-584): \
transactions that cannot hang with `transaction.version` 2, the newer group protocols with `group.version` and \
`streams.version`, eligible leader replicas with `eligible.leader.replicas.version`. A level may be lowered again by anybody who \
may alter the cluster. The rule compares each feature of `kafka.features` with the level that is finalized, which is 0 where \
there is none; features that are not declared are not compared.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(CLUSTER, Text(TRANSACTIONS_AT_2)), (SNAPSHOT, Live(transactions!(1)))]),
    good: Example(&[(CLUSTER, Text(TRANSACTIONS_AT_2)), (SNAPSHOT, Live(transactions!(2)))]),
    check: Check::Live,
};

pub(super) fn compare(seen: &Seen<'_>, facts: &ClusterFacts) -> Vec<Diagnostic> {
    // A cluster with KRaft has a level of something: without any, none was told.
    if facts.finalized.is_empty() {
        return Vec::new();
    }
    let differs = seen.kafka.features.iter().filter_map(|(feature, declared)| {
        let is = facts.finalized.get(&*feature.value).copied().unwrap_or_default();
        (i64::from(is) != i64::from(declared.value)).then_some((&*feature.value, declared, is))
    });
    let finding = |(feature, declared, is): (&str, &crate::source::Spanned<u16>, i16)| {
        let wanted = declared.value;
        let message = format!("`{}` works at {feature} {is}, and {wanted} is declared", seen.name());
        let way = if i64::from(is) < i64::from(wanted) { "upgrade" } else { "downgrade" };
        let help = match unable(facts, feature, wanted) {
            Unable::All => {
                format!("no broker knows {feature} {wanted}: correct `kafka.features`, or upgrade the brokers")
            }
            Unable::Some(brokers) => {
                let know = if brokers.len() == 1 { "knows" } else { "know" };
                format!(
                    "{} {know} no {feature} {wanted}: upgrade first, or correct `kafka.features`",
                    in_words(&brokers)
                )
            }
            Unable::None => {
                format!("`kafka-features.sh {way} --feature {feature}={wanted}`, or correct `kafka.features`")
            }
        };
        seen.finding(&FEATURES, message).at(declared.span, "").help(help)
    };
    differs.map(finding).collect()
}

/// Which brokers could not work at a level.
enum Unable {
    None,
    Some(Vec<i32>),
    All,
}

fn unable(facts: &ClusterFacts, feature: &str, level: u16) -> Unable {
    let known = told(facts, |broker| &broker.features);
    let can = |range: Option<&(i16, i16)>| match range {
        Some((_, highest)) => i64::from(level) <= i64::from(*highest),
        None => level == 0,
    };
    let (able, unable): (Vec<_>, Vec<_>) = known.partition(|(_, features)| can(features.get(feature)));
    match (able.is_empty(), unable.is_empty()) {
        (_, true) => Unable::None,
        (true, false) => Unable::All,
        (false, false) => Unable::Some(unable.into_iter().map(|(broker, _)| broker).collect()),
    }
}
