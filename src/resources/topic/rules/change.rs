use crate::diag::{Diagnostic, Level};
use crate::model::{Address, Kind, Risk};
use crate::plan::{Action, FieldChange, FieldValue};
use crate::policy::Content::{self, Base, Text};
use crate::policy::{Check, Comparison, Example, Rule};
use crate::resources::topic::loss::is_cut;
use crate::resources::topic::risk::verdicts_by_field;
use crate::resources::topic::{DesiredTopic, ManagedBy, State};
use crate::source::Span;

const TOPIC: &str = "topics/media/media.raw_ingest.v1.yaml";
const SETTINGS: &str = "busctl.yaml";
const THIRTY_DAYS: Content = Base("classes: { raw: { cleanup: [delete], retention: 30d } }\n");
const CONSUMER: &str = "acls/normalizer.yaml";
const PRODUCER: &str = "acls/ingest-gateway.yaml";
const SCHEMA: &str = "schemas/media/media.raw_ingest.v1.avsc";

/// BUS701.
pub static DROPPED: Rule = Rule {
    code: "BUS701",
    name: "topic-dropped",
    summary: "A topic's manifest is not taken away; a tombstone takes its place",
    explanation: "Taking the manifest of a topic away does not delete the topic: it goes on with its records and its grants, \
and nobody governs it any more. What is to go is declared so, with `state: absent` and a `reason`; what somebody else manages \
from now on keeps its manifest with `managed_by`.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[
        (TOPIC, Text("")),
        (CONSUMER, Text("")),
        (PRODUCER, Text("")),
        (SCHEMA, Text("")),
        (SETTINGS, Text("rules: { BUS705: off, BUS706: off, BUS707: off }\n")),
        (SETTINGS, Content::Base("rules: { BUS705: off, BUS706: off, BUS707: off }\n")),
        (TOPIC, Base("class: raw\n")),
    ]),
    good: Example(&[(TOPIC, Base("class: raw\n"))]),
    check: Check::Change(dropped),
};

fn dropped(comparison: &Comparison<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(base) = comparison.base else { return };
    let workspace = comparison.desired.workspace;
    let ours = |topic: &&DesiredTopic| topic.managed_by == ManagedBy::Busctl && topic.state == State::Present;
    for before in base.topics.values().filter(ours) {
        let name = before.name.as_str();
        if comparison.desired.topics.contains_key(name) {
            continue;
        }
        let finding = match workspace.topics.get(name) {
            Some(topic) => {
                let span = topic.clusters.first().map_or(topic.topic.span, |selector| selector.span);
                let finding =
                    DROPPED.finding(format!("the manifest of topic `{name}` is no longer for a cluster that has it"));
                let help = "the topic stays there and nobody governs it: delete it there first (`state: absent` with a \
                            `reason`), or keep the cluster among `clusters`";
                finding.at(span, "").help(help)
            }
            None if base.workspace.is_derived(&before.name) => {
                let message = format!("nothing asks for topic `{name}` any more; the topic itself stays");
                let help = "put `dlq:` of the consumer back; to have the topic deleted, write a manifest for it with `state: \
                            absent` and a `reason`";
                DROPPED.finding(message).help(help)
            }
            // A manifest that cannot be read is not taken away.
            None if workspace.declares("topic", name) => continue,
            None => {
                let finding =
                    DROPPED.finding(format!("the manifest of topic `{name}` is gone; the topic itself is not"));
                let help =
                    "put the manifest back; to have the topic deleted, write `state: absent` and a `reason` into it";
                finding.help(help)
            }
        };
        let label = format!("declared here in {}", comparison.name);
        findings.push(finding.at(before.span, label).resource(Address::topic(&before.name)));
    }
}

/// BUS702.
pub static DELETED: Rule = Rule {
    code: "BUS702",
    name: "topic-deleted",
    summary: "A change that deletes a topic is told",
    explanation: "A tombstone (`state: absent`) has the next apply delete the topic with all its records, where that is \
allowed there. Nothing brings them back. The finding says so on the pull request, where it can still be talked about; the plan \
says how many records it is and who reads them.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[
        (
            TOPIC,
            Text("state: absent\nreason: Replaced by media.ingested.v1 (CR-2160).\nproducers: []\nconsumers: []\n"),
        ),
        (CONSUMER, Text("")),
        (PRODUCER, Text("")),
        (SCHEMA, Text("")),
        (SETTINGS, Text("rules: { BUS705: off, BUS706: off, BUS707: off }\n")),
        (SETTINGS, Content::Base("rules: { BUS705: off, BUS706: off, BUS707: off }\n")),
        (TOPIC, Base("class: raw\n")),
    ]),
    good: Example(&[(TOPIC, Base("class: raw\n"))]),
    check: Check::Change(deleted),
};

fn deleted(comparison: &Comparison<'_>, findings: &mut Vec<Diagnostic>) {
    let deletions = comparison.changes.iter().filter(|change| change.action == Action::Delete);
    for change in deletions.filter(|change| change.address.kind == Kind::Topic) {
        let Some(topic) = comparison.desired.topics.get(change.address.name.as_str()) else { continue };
        let message = format!("topic `{}` is to be deleted with all its records", topic.name);
        let finding = DELETED.finding(message).at(topic.span, "by its tombstone").resource(&change.address);
        findings.push(finding.help("see who reads it: `busctl plan` lists its groups and counts its records"));
    }
}

/// BUS703.
pub static RETENTION_CUT: Rule = Rule {
    code: "BUS703",
    name: "retention-cut",
    summary: "A change that keeps records for a shorter time is told",
    explanation: "A shorter `retention.ms` or a smaller `retention.bytes` drops what is older as soon as it is applied, and \
consumers that are further behind lose records that they have not read. The change may come from far away: from a class, from \
the defaults of the bus or of a cluster. The finding names each topic that it reaches.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[
        (SETTINGS, Text("classes: { raw: { cleanup: [delete], retention: 14d } }\n")),
        (SETTINGS, THIRTY_DAYS),
    ]),
    good: Example(&[
        (SETTINGS, Text("classes: { raw: { cleanup: [delete], retention: 60d } }\n")),
        (SETTINGS, THIRTY_DAYS),
    ]),
    check: Check::Change(retention),
};

fn retention(comparison: &Comparison<'_>, findings: &mut Vec<Diagnostic>) {
    for (topic, fields) in updates(comparison) {
        for field in fields.iter().filter(|field| is_retention(field)) {
            let gone = field.after.is_none() && field.before.is_some();
            if !(is_cut(field) || gone) {
                continue;
            }
            let name = &topic.name;
            let key = field.field.trim_start_matches("config.");
            let message = match &field.after {
                Some(after) => format!("`{name}` keeps less: {key} becomes {}, it was {}", told(after), before(field)),
                None => format!("`{name}` sets {key} no longer: the broker's default counts, it was {}", before(field)),
            };
            let finding = RETENTION_CUT.finding(message);
            let help = "what is older is dropped when it is applied: see that no consumer is further behind, or keep the \
                        value for this topic";
            findings.push(place(finding, comparison, topic, field).help(help));
        }
    }
}

/// BUS704.
pub static DISRUPTED: Rule = Rule {
    code: "BUS704",
    name: "topic-disrupted",
    summary: "A change of a topic that its clients may notice is told",
    explanation: "More partitions on a keyed topic, another cleanup policy, smaller records, more replicas that must be in \
sync: the same judgement as a plan's, made on the pull request without any cluster. The plan then says what it costs there.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(TOPIC, Text("partitions: 12\n")), (TOPIC, Base("partitions: 6\n"))]),
    good: Example(&[(TOPIC, Text("config: { segment.ms: 1d }\n")), (TOPIC, Base("partitions: 6\n"))]),
    check: Check::Change(disrupted),
};

fn disrupted(comparison: &Comparison<'_>, findings: &mut Vec<Diagnostic>) {
    for (topic, fields) in updates(comparison) {
        let Some(found) = comparison.live.topics.topics.get(&topic.name) else { continue };
        let judged = verdicts_by_field(topic, found, &comparison.live.topics, fields);
        for (field, verdict) in judged.into_iter().filter(|(field, _)| !is_retention(field)) {
            if verdict.risk == Risk::Safe {
                continue;
            }
            let after = field.after.as_ref().map_or_else(|| "no longer set".to_owned(), told);
            let message = format!(
                "`{}`: {} becomes {after}, it was {}: {}",
                topic.name,
                field.field.trim_start_matches("config."),
                before(field),
                verdict.sentence
            );
            let finding = place(DISRUPTED.finding(message), comparison, topic, field);
            findings.push(finding.help(format!("this is {}: see that its users know of it", verdict.risk)));
        }
    }
}

/// The topics that are changed and stay, with what differs.
fn updates<'c>(comparison: &Comparison<'c>) -> impl Iterator<Item = (&'c DesiredTopic, &'c [FieldChange])> {
    let desired = comparison.desired;
    let topics = comparison.changes.iter().filter(|change| change.address.kind == Kind::Topic);
    topics.filter(|change| change.action == Action::Update).filter_map(|change| {
        let topic = desired.topics.get(change.address.name.as_str())?;
        Some((topic, change.fields.as_slice()))
    })
}

fn is_retention(field: &FieldChange) -> bool {
    matches!(field.field.as_str(), "config.retention.ms" | "config.retention.bytes")
}

fn told(value: &FieldValue) -> String {
    value.shown.clone().unwrap_or_else(|| value.value.clone())
}

fn before(field: &FieldChange) -> String {
    field.before.as_ref().map_or_else(|| "not set".to_owned(), told)
}

/// Where the new value is written and where the old one was.
fn place(finding: Diagnostic, comparison: &Comparison<'_>, topic: &DesiredTopic, field: &FieldChange) -> Diagnostic {
    let now = span_of(topic, &field.field).unwrap_or(topic.span);
    let finding = finding.at(now, "").resource(Address::topic(&topic.name));
    let was = comparison.base.and_then(|base| base.topics.get(&topic.name));
    match was.and_then(|was| span_of(was, &field.field)) {
        Some(was) => finding.at(was, format!("as {} has it", comparison.name)),
        None => finding,
    }
}

fn span_of(topic: &DesiredTopic, field: &str) -> Option<Span> {
    match field.strip_prefix("config.") {
        Some(key) => topic.configs.get(key)?.span(),
        None => topic.partitions.span(),
    }
}
