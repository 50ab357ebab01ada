use std::collections::BTreeMap;

use super::{counted, limits_of};
use crate::diag::{Diagnostic, Level};
use crate::model::{Rate, counted as words};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Desired;
use crate::resources::acl::{GrantSpec, QuotaSpec};
use crate::resources::cluster::ClusterSpec;
use crate::resources::topic::{DesiredTopic, State};
use crate::source::Spanned;

const CATALOG: &str = "catalog/catalog.yaml";

/// BUS624.
pub static TOPICS: Rule = Rule {
    code: "BUS624",
    name: "topic-limit",
    summary: "A domain has no more topics on a cluster than it may",
    explanation: "`limits.topics` of a domain is how many topics it may have on each cluster. A domain that needs more has \
grown, and somebody should look at it as a whole: some of them may be the same, or nobody reads them any more. Topics \
that applications make for themselves do not count.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(CATALOG, Text("domains:\n  media: { owner: media-platform, limits: { topics: 0 } }\n"))]),
    good: Example(&[(CATALOG, Text("domains:\n  media: { owner: media-platform, limits: { topics: 1 } }\n"))]),
    check: Check::Cluster(check_topics),
};

/// BUS625.
pub static TOTAL_PARTITIONS: Rule = Rule {
    code: "BUS625",
    name: "total-partition-limit",
    summary: "The topics of a domain have no more partitions on a cluster than it may have",
    explanation: "A cluster carries so many partitions and no more. `limits.total_partitions` of a domain is its share of \
them, over all its topics on each cluster.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(CATALOG, Text("domains:\n  media: { owner: media-platform, limits: { total_partitions: 5 } }\n"))]),
    good: Example(&[(
        CATALOG,
        Text("domains:\n  media: { owner: media-platform, limits: { total_partitions: 6 } }\n"),
    )]),
    check: Check::With("BUS624"),
};

fn check_topics(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    let mut of_domain: BTreeMap<&str, Vec<&DesiredTopic>> = BTreeMap::new();
    for (domain, topic) in counted(desired) {
        of_domain.entry(domain).or_default().push(topic);
    }
    let cluster = &desired.cluster.cluster.value;
    for (domain, topics) in of_domain {
        let Some(limits) = limits_of(desired, domain) else { continue };
        // The first of those that have the most.
        let Some(largest) = topics.iter().rev().max_by_key(|topic| topic.partitions.value) else { continue };
        let finding = |rule: &Rule, message: String, limit: Spanned<u32>| {
            let at = largest.partitions.span().unwrap_or(largest.span);
            let largest = format!("`{}` has the most partitions, {}", largest.name, largest.partitions.value);
            rule.finding(message).at(limit.span, "the limit").at(at, largest).resource(format_args!("domain/{domain}"))
        };
        if let Some(limit) = limits.topics.filter(|limit| topics.len() > limit.value as usize) {
            let count = words(topics.len() as u64, "topic");
            let message = format!("`{domain}` has {count} on `{cluster}`; {} is the limit", limit.value);
            findings.push(finding(&TOPICS, message, limit).help("remove what nobody reads, or have the limit raised"));
        }
        let total: u64 = topics.iter().map(|topic| u64::from(topic.partitions.value)).sum();
        if let Some(limit) = limits.total_partitions.filter(|limit| total > u64::from(limit.value)) {
            let (topics, total) = (words(topics.len() as u64, "topic"), words(total, "partition"));
            let message = format!("`{domain}` has {total} in {topics} on `{cluster}`; {} is the limit", limit.value);
            findings.push(
                finding(&TOTAL_PARTITIONS, message, limit)
                    .help("start the next topic with fewer, remove what nobody reads, or have the limit raised"),
            );
        }
    }
}

/// BUS626.
pub static QUOTAS: Rule = Rule {
    code: "BUS626",
    name: "quota-limit",
    summary: "The services of a domain together have no more quota than it may give them",
    explanation: "`limits.quota` of a domain is what all its services together may write to and read from each broker in a \
second: its share of the network and the disks. A service without a quota may take all of it, so that each one that \
writes or reads needs one. A service belongs to the domain that `catalog/` gives it.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(CATALOG, Text(WRITES_ARE_LIMITED))]),
    good: Example(&[(CATALOG, Text(READS_ARE_LIMITED))]),
    check: Check::Cluster(check_quotas),
};

/// The gateway writes, and has no quota.
const WRITES_ARE_LIMITED: &str = "domains:
  media: { owner: media-platform, limits: { quota: { produce: 10MiB/s } } }
services:
  ingest-gateway: { owner: media-platform, domain: media }
  normalizer: { owner: media-platform }
";
/// What the gateway does not do needs no quota.
const READS_ARE_LIMITED: &str = "domains:
  media: { owner: media-platform, limits: { quota: { consume: 10MiB/s } } }
services:
  ingest-gateway: { owner: media-platform, domain: media }
  normalizer: { owner: media-platform }
";

/// A direction in which services use a broker.
struct Direction {
    key: &'static str,
    does: &'static str,
    of: fn(&QuotaSpec) -> Option<Spanned<Rate>>,
}

const DIRECTIONS: [Direction; 2] = [
    Direction { key: "produce", does: "write", of: |quota| quota.produce },
    Direction { key: "consume", does: "read", of: |quota| quota.consume },
];

fn check_quotas(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    let workspace = desired.workspace;
    let mut by_domain: BTreeMap<&str, Vec<(&str, &GrantSpec)>> = BTreeMap::new();
    for (service, asks) in &workspace.grants {
        let leaves = asks.state.is_some_and(|state| state.value == State::Absent);
        let domain = workspace.catalog.services.get(service).and_then(|service| service.domain.as_ref());
        if let Some(domain) = domain.filter(|_| !leaves && workspace.selects(&asks.clusters, desired.cluster)) {
            by_domain.entry(domain.as_str()).or_default().push((service, asks));
        }
    }
    for (domain, spec) in &workspace.catalog.domains {
        let Some(limits) = spec.limits.as_ref().and_then(|limits| limits.quota.as_ref()) else { continue };
        for (direction, limit) in DIRECTIONS.iter().zip([limits.produce, limits.consume]) {
            if let Some(limit) = limit {
                let services = by_domain.get(domain.as_str()).map_or(&[][..], Vec::as_slice);
                check_direction(desired.cluster, services, (domain, direction, limit), findings);
            }
        }
    }
}

fn check_direction(
    cluster: &ClusterSpec,
    services: &[(&str, &GrantSpec)],
    (domain, direction, limit): (&str, &Direction, Spanned<Rate>),
    findings: &mut Vec<Diagnostic>,
) {
    let Direction { key, does, of } = direction;
    let mut given: Vec<(&str, Spanned<Rate>)> = Vec::new();
    for (service, asks) in services {
        let uses = if *key == "produce" { !asks.produces.is_empty() } else { !asks.consumes.is_empty() };
        match asks.quota.as_ref().and_then(|quota| of(quota)) {
            Some(quota) => given.push((service, quota)),
            None if uses => findings.push(
                QUOTAS
                    .finding(format!("`{service}` may {does} without limit, and `{domain}` {} at most", limit.value))
                    .at(asks.service.span, format!("no `quota.{key}` here"))
                    .at(limit.span, format!("the limit of `{domain}`"))
                    .help(format!("write `quota: {{ {key}: … }}`"))
                    .resource(format_args!("service/{service}")),
            ),
            None => {}
        }
    }
    let total: i64 = given.iter().fold(0, |total, (_, quota)| total.saturating_add(quota.value.0));
    let Some((largest, quota)) = given.iter().rev().max_by_key(|(_, quota)| quota.value) else { return };
    if total > limit.value.0 {
        let services = words(given.len() as u64, "service");
        let cluster = &cluster.cluster.value;
        let (total, limit_words) = (Rate(total), limit.value);
        findings.push(
            QUOTAS
                .finding(format!(
                    "{services} of `{domain}` may {does} {total} on `{cluster}`; {limit_words} is the limit"
                ))
                .at(limit.span, "the limit")
                .at(quota.span, format!("`{largest}` has the most, {}", quota.value))
                .help("lower a quota, or have the limit raised")
                .resource(format_args!("domain/{domain}")),
        );
    }
}
