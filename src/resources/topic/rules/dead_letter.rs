use super::{DEAD_LETTER_CLASS, address, governed};
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Workspace;
use crate::resources::topic::{ConsumerSpec, TopicSpec};

const TOPIC: &str = "topics/media/media.raw_ingest.v1.yaml";
const DLQ_FILE: &str = "topics/media/media.raw_ingest.v1.normalizer.dlq.yaml";
const DLQ: &str = "topic: media.raw_ingest.v1.normalizer.dlq
class: dlq
description: Assets that the normalizer could not process, with the error in the headers.
key: asset_id
producers: [normalizer]
consumers: [dlq-operator]
retention_rationale: Fourteen days are two on-call rotations.
change_request: CR-2041
";
const OPERATOR: (&str, crate::policy::Content) =
    ("catalog/roles.yaml", Text("roles:\n  dlq-operator: { owner: media-platform, reads: [media.raw_ingest.v1.*] }\n"));
const PRODUCER: (&str, crate::policy::Content) =
    ("acls/normalizer.yaml", Text("produces: [media.raw_ingest.v1.normalizer.dlq]\n"));

/// BUS117.
pub static DEAD_LETTER: Rule = Rule {
    code: "BUS117",
    name: "dead-letter-topic",
    summary: "A consumer with `dlq: true` has its dead-letter topic",
    explanation: "`dlq: true` says that records which the consumer cannot process go to a topic of their own. That topic \
is named by `naming.dlq`, has the class `dlq` and lets the consumer write it; without it the first bad record stops the \
consumer or is lost.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(TOPIC, Text("consumers: [{ service: normalizer, dlq: true }]\n"))]),
    good: Example(&[
        (TOPIC, Text("consumers: [{ service: normalizer, dlq: true }]\n")),
        (DLQ_FILE, Text(DLQ)),
        PRODUCER,
        OPERATOR,
    ]),
    check: Check::Workspace(check_consumers),
};

fn check_consumers(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    for topic in governed(workspace) {
        for consumer in topic.consumers.iter().filter(|consumer| consumer.has_dead_letters()) {
            findings.extend(check_consumer(workspace, topic, consumer));
        }
    }
}

fn check_consumer(workspace: &Workspace, topic: &TopicSpec, consumer: &ConsumerSpec) -> Option<Diagnostic> {
    let service = consumer.service.as_str();
    if !workspace.declares_client(service) {
        // A reference to nothing: the dead letters may well be there, under the name that is meant.
        return None;
    }
    let name = dead_letter_name(workspace, topic.topic.as_str(), service);
    let span = consumer.dlq.as_ref().map_or(consumer.service.span, |dlq| dlq.span);
    let finding = |message: String| DEAD_LETTER.finding(message).at(span, "").resource(address(topic));
    let Some(dead_letters) = workspace.topics.get(name.as_str()) else {
        if workspace.declares("topic", &name) {
            return None;
        }
        let message = format!("`{service}` has dead letters of `{}`, and `{name}` is not declared", topic.topic.value);
        let help = format!("declare it in topics/: topic: {name}, class: {DEAD_LETTER_CLASS}, producers: [{service}]");
        return Some(finding(message).help(help));
    };
    if !dead_letters.is_present() {
        let message = format!("`{service}` has dead letters of `{}`, and `{name}` is to be deleted", topic.topic.value);
        return Some(finding(message).at(dead_letters.topic.span, "").help("remove `state: absent`, or `dlq: true`"));
    }
    if !dead_letters.is_dead_letter() {
        let message = format!("`{name}` holds dead letters and is not of the class `{DEAD_LETTER_CLASS}`");
        let help = format!("write `class: {DEAD_LETTER_CLASS}` there");
        return Some(finding(message).at(dead_letters.topic.span, "its manifest").help(help));
    }
    if !dead_letters.names_producer(service) {
        let message = format!("`{name}` does not let `{service}` write its dead letters");
        let help = format!("write `producers: [{service}]` there");
        return Some(finding(message).at(dead_letters.topic.span, "its manifest").help(help));
    }
    None
}

fn dead_letter_name(workspace: &Workspace, topic: &str, service: &str) -> String {
    workspace.settings.dlq_pattern.make(&[("topic", topic), ("service", service)])
}

/// BUS120.
pub static ORPHAN: Rule = Rule {
    code: "BUS120",
    name: "orphan-dead-letter-topic",
    summary: "A dead-letter topic belongs to a consumer with `dlq: true`",
    explanation: "The name of a dead-letter topic says which topic its records come from and which service could not \
process them. Where that topic does not exist, or names no such consumer with `dlq: true`, nobody writes the dead-letter \
topic and nobody would look into it.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(DLQ_FILE, Text(DLQ)), PRODUCER, OPERATOR]),
    good: Example(&[
        (TOPIC, Text("consumers: [{ service: normalizer, dlq: true }]\n")),
        (DLQ_FILE, Text(DLQ)),
        PRODUCER,
        OPERATOR,
    ]),
    check: Check::Workspace(check_orphans),
};

fn check_orphans(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    let pattern = &workspace.settings.dlq_pattern;
    for dead_letters in governed(workspace).filter(|topic| topic.is_dead_letter()) {
        let name = dead_letters.topic.as_str();
        let (Some(topic), Some(service)) = (pattern.part(name, "topic"), pattern.part(name, "service")) else {
            continue;
        };
        let finding =
            |message: String| ORPHAN.finding(message).at(dead_letters.topic.span, "").resource(address(dead_letters));
        match workspace.topics.get(topic) {
            None if workspace.declares("topic", topic) => {}
            None => {
                let message = format!("`{name}` holds dead letters of `{topic}`, which is not declared");
                findings.push(finding(message).help("correct the name, or remove the manifest"));
            }
            Some(source) => {
                let consumer = source.consumers.iter().find(|consumer| consumer.service.as_str() == service);
                let slip =
                    || source.consumers.iter().any(|other| workspace.is_slip_for(other.service.as_str(), service));
                let is_lost = workspace.is_lost(source.topic.span, "consumers");
                if !consumer.is_some_and(ConsumerSpec::has_dead_letters) && !slip() && !is_lost {
                    let message =
                        format!("`{name}` holds dead letters of `{service}`, which `{topic}` does not know of");
                    let help =
                        format!("write in the manifest of {topic}: consumers: [{{ service: {service}, dlq: true }}]");
                    let span = consumer.map_or(source.topic.span, |consumer| consumer.service.span);
                    findings.push(finding(message).at(span, "no `dlq: true` here").help(help));
                }
            }
        }
    }
}
