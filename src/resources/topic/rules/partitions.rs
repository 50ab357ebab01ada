use super::{applied, bearer};
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Desired;
use crate::resources::topic::BUILT_IN_PARTITIONS;

/// BUS103.
pub static PARTITIONS: Rule = Rule {
    code: "BUS103",
    name: "few-partitions",
    summary: "A topic starts with six partitions, or with as many as `busctl.yaml` says",
    explanation: "Partitions are the most consumers of a group that can share a topic. More of them later is possible, \
but on a keyed topic it moves keys to other partitions and breaks their order, and fewer is not possible at all; six cost \
little and divide among two, three or six. `defaults.partitions` of `busctl.yaml` is the number that the bus starts with; \
the rule asks for at least that. Development clusters are exempt, but no cluster can have a topic without partitions, \
which is an error.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[("topics/media/media.raw_ingest.v1.yaml", Text("partitions: 1\n"))]),
    good: Example(&[("topics/media/media.raw_ingest.v1.yaml", Text("partitions: 6\n"))]),
    check: Check::Cluster(check),
};

fn check(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    let defaults = desired.workspace.settings.defaults.as_ref();
    let start = defaults.and_then(|defaults| defaults.partitions).map_or(BUILT_IN_PARTITIONS, |start| start.value);
    let least = if desired.cluster.is_development() { 1 } else { start.max(1) };
    for topic in applied(desired).filter(|topic| topic.partitions.value < least) {
        let count = topic.partitions.value;
        let bearer = bearer(desired, topic, &[topic.partitions.origin]);
        let partitions = if count == 1 { "partition" } else { "partitions" };
        findings.push(
            PARTITIONS
                .finding(format!("{} {count} {partitions}; {least} is the least", bearer.has))
                .level(if count == 0 { Level::Error } else { PARTITIONS.level })
                .at(bearer.span, "")
                .help(format!("write `partitions: {least}` or more"))
                .resource(bearer.resource),
        );
    }
}
