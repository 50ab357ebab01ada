use std::collections::BTreeMap;

use super::{counted, limits_of};
use crate::diag::{Diagnostic, Label, Level};
use crate::model::{Rate, counted as words};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Desired;
use crate::resources::acl::GrantSpec;
use crate::resources::quota::QuotaSpec;
use crate::resources::topic::{DesiredTopic, State};
use crate::source::{Span, Spanned};

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
    for (domain, topics) in by_domain(desired) {
        let Some(limits) = limits_of(desired, domain) else { continue };
        if let Some(limit) = limits.topics.filter(|limit| topics.len() > limit.value as usize)
            && let Some(last) = topics.last()
        {
            let count = words(topics.len() as u64, "topic");
            let message = format!("`{domain}` has {count}; {} is its limit on a cluster", limit.value);
            findings.push(
                TOPICS
                    .finding(message)
                    .at(last.span, "the last of them by name")
                    .at(limit.span, "the limit")
                    .help("remove what nobody reads, or have the limit raised")
                    .resource(format_args!("domain/{domain}")),
            );
        }
        let total: u64 = topics.iter().map(|topic| u64::from(topic.partitions.value)).sum();
        // The first of those that have the most.
        if let Some(limit) = limits.total_partitions.filter(|limit| total > u64::from(limit.value))
            && let Some(largest) = topics.iter().rev().max_by_key(|topic| topic.partitions.value)
        {
            let (count, total) = (words(topics.len() as u64, "topic"), words(total, "partition"));
            let message = format!("`{domain}` has {total} in {count}; {} is its limit on a cluster", limit.value);
            findings.push(
                TOTAL_PARTITIONS
                    .finding(message)
                    .at(in_its_manifest(largest), format!("the most partitions, {}", largest.partitions.value))
                    .at(limit.span, "the limit")
                    .help("start the next topic with fewer, remove what nobody reads, or have the limit raised")
                    .resource(format_args!("domain/{domain}")),
            );
        }
    }
}

/// The topics that count for limits, by domain and name.
fn by_domain<'d>(desired: &'d Desired<'_>) -> BTreeMap<&'d str, Vec<&'d DesiredTopic>> {
    let mut by_domain: BTreeMap<&str, Vec<&DesiredTopic>> = BTreeMap::new();
    for (domain, topic) in counted(desired) {
        by_domain.entry(domain).or_default().push(topic);
    }
    by_domain
}

/// Where a topic's number of partitions stands in its own manifest, else the topic: a class gives it to others too.
fn in_its_manifest(topic: &DesiredTopic) -> Span {
    topic.partitions.span().filter(|span| span.file == topic.span.file).unwrap_or(topic.span)
}

/// Has findings about what a domain has in all point first at what a change adds to it: there somebody can do something
/// about it, and there a review shows it.
pub(crate) fn point_at_added(findings: &mut [Diagnostic], desired: &Desired<'_>, before: &Desired<'_>) {
    let is_sum = |finding: &&mut Diagnostic| [TOPICS.code, TOTAL_PARTITIONS.code].contains(&finding.code);
    for finding in findings.iter_mut().filter(is_sum) {
        let counts_topics = finding.code == TOPICS.code;
        let about = finding.resource.clone().unwrap_or_default();
        let domain = about.trim_start_matches("domain/");
        let topics = counted(desired).filter(|(of, _)| *of == domain).map(|(_, topic)| topic);
        let added = topics.filter_map(|topic| Some((topic, added_by(topic, before)?)));
        // Of several the one that adds most.
        let added = added.filter(|(_, added)| !counts_topics || added.is_new).max_by_key(|(_, added)| added.partitions);
        let Some((topic, added)) = added else {
            // The change takes from the limit instead.
            if limits_of(before, domain) != limits_of(desired, domain) {
                finding.labels.swap(0, 1);
            }
            continue;
        };
        let text =
            if added.is_new { "added here".to_owned() } else { format!("{} more than before", added.partitions) };
        finding.labels[0] = Label { span: if counts_topics { topic.span } else { in_its_manifest(topic) }, text };
    }
}

/// What a topic has more than before.
struct Added {
    is_new: bool,
    partitions: u32,
}

fn added_by(topic: &DesiredTopic, before: &Desired<'_>) -> Option<Added> {
    let now = topic.partitions.value;
    match before.topics.get(&topic.name).filter(|before| before.state == State::Present) {
        None => Some(Added { is_new: true, partitions: now }),
        Some(before) if now > before.partitions.value => {
            Some(Added { is_new: false, partitions: now - before.partitions.value })
        }
        Some(_) => None,
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
                check_direction(services, (domain, direction, limit), findings);
            }
        }
    }
}

fn check_direction(
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
                    .lacks(asks.service.span, &format!("quota.{key}"))
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
        let (total, limit_words) = (Rate(total), limit.value);
        findings.push(
            QUOTAS
                .finding(format!("{services} of `{domain}` may {does} {total}; {limit_words} is the limit"))
                .at(quota.span, format!("`{largest}` has the most, {}", quota.value))
                .at(limit.span, "the limit")
                .help("lower a quota, or have the limit raised")
                .resource(format_args!("domain/{domain}")),
        );
    }
}
