use super::{at_value, counted, limits_of};
use crate::diag::{Diagnostic, Level};
use crate::model::{Address, Duration};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Desired;

const CATALOG: &str = "catalog/catalog.yaml";

/// BUS622.
pub static PARTITIONS: Rule = Rule {
    code: "BUS622",
    name: "partition-limit",
    summary: "A topic has no more partitions than its domain may give one",
    explanation: "Each partition costs every broker that has it memory, file handles and time to elect a leader, and can \
never be taken away again. `limits.partitions` of a domain is the most that one of its topics may have without somebody \
who knows the cluster having looked at it. Raise the limit, or waive the rule for the one topic.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(CATALOG, Text("domains:\n  media: { owner: media-platform, limits: { partitions: 4 } }\n"))]),
    good: Example(&[(CATALOG, Text("domains:\n  media: { owner: media-platform, limits: { partitions: 12 } }\n"))]),
    check: Check::Cluster(check_partitions),
};

fn check_partitions(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    for (domain, topic) in counted(desired) {
        let Some(limit) = limits_of(desired, domain).and_then(|limits| limits.partitions) else { continue };
        let count = topic.partitions.value;
        if count > limit.value {
            let most = limit.value;
            let message = format!("`{}` has {count} partitions; one of `{domain}` has {most} at most", topic.name);
            findings.push(
                at_value(PARTITIONS.finding(message), topic, topic.partitions.span())
                    .at(limit.span, format!("the limit of `{domain}`"))
                    .help(format!("write `partitions: {most}` or less, or have the limit raised"))
                    .resource(Address::topic(&topic.name)),
            );
        }
    }
}

/// BUS623.
pub static RETENTION: Rule = Rule {
    code: "BUS623",
    name: "retention-limit",
    summary: "A topic keeps records no longer than its domain may",
    explanation: "What records cost on disks grows with the time that they are kept, and so does what has to be answered \
for when somebody asks what is known of a person. `limits.retention` of a domain is the longest that one of its topics \
may keep records. Of a topic that is compacted and deletes nothing it says nothing: there a record stays as long as its \
key.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(CATALOG, Text("domains:\n  media: { owner: media-platform, limits: { retention: 14d } }\n"))]),
    good: Example(&[(CATALOG, Text("domains:\n  media: { owner: media-platform, limits: { retention: 30d } }\n"))]),
    check: Check::Cluster(check_retention),
};

fn check_retention(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    for (domain, topic) in counted(desired) {
        let Some(limit) = limits_of(desired, domain).and_then(|limits| limits.retention) else { continue };
        let (kept, config) = match topic.keeps_everything() {
            true => (Some(Duration(-1)), topic.configs.get("cleanup.policy")),
            false => {
                let retention = topic.configs.get("retention.ms").filter(|_| topic.cleans_up_by("delete"));
                (retention.and_then(|retention| retention.value.as_i64()).map(Duration), retention)
            }
        };
        let (Some(kept), Some(config)) = (kept, config) else { continue };
        // -1 is without end.
        if limit.value.0 >= 0 && (kept.0 < 0 || kept > limit.value) {
            let kept = if kept.0 < 0 { "for ever".to_owned() } else { format!("for {kept}") };
            let message =
                format!("`{}` keeps records {kept}; `{domain}` keeps them for {} at most", topic.name, limit.value);
            findings.push(
                at_value(RETENTION.finding(message), topic, config.span())
                    .at(limit.span, format!("the limit of `{domain}`"))
                    .help(format!(
                        "choose a class that keeps records for {} or less, or have the limit raised",
                        limit.value
                    ))
                    .resource(Address::topic(&topic.name)),
            );
        }
    }
}
