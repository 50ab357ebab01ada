use super::{DEAD_LETTER_CLASS, address, governed};
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Workspace;
use crate::resources::topic::{CompanionKind, ConsumerSpec, TopicSpec};
use crate::source::Span;

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
const UNWRITTEN: &str = "topic: media.raw_ingest.v1.normalizer.dlq
class: dlq
description: Assets that the normalizer could not process, with the error in the headers.
key: asset_id
producers: [ingest-gateway]
consumers: [dlq-operator]
retention_rationale: Fourteen days are two on-call rotations.
change_request: CR-2041
";
const CLASSES: (&str, crate::policy::Content) = (
    "busctl.yaml",
    Text(
        "classes:\n  raw: { cleanup: [delete], retention: 30d }\n  state: { cleanup: [compact] }\n  dlq: { cleanup: [delete], retention: 14d }\n",
    ),
);
const OPERATOR: (&str, crate::policy::Content) =
    ("catalog/roles.yaml", Text("roles:\n  dlq-operator: { owner: media-platform, reads: [media.raw_ingest.v1.*] }\n"));
const WRITER: (&str, crate::policy::Content) =
    ("acls/ingest-gateway.yaml", Text("produces: [media.raw_ingest.v1, media.raw_ingest.v1.normalizer.dlq]\n"));
const PRODUCER: (&str, crate::policy::Content) =
    ("acls/normalizer.yaml", Text("produces: [media.raw_ingest.v1.normalizer.dlq]\n"));

/// BUS117.
pub static DEAD_LETTER: Rule = Rule {
    code: "BUS117",
    name: "dead-letter-topic",
    summary: "What `dlq:` of a consumer asks for can be made, or is declared so that the consumer can use it",
    explanation: "`dlq: true` says that records which the consumer cannot process go to a topic of their own, whose name \
follows `naming.dlq`. Where no manifest declares that topic it is made with the class `dlq` and the partitions of the topic that \
is read. A manifest of its own wins; then it has to have the class `dlq` and to let the consumer write, for without it the \
first bad record stops the consumer or is lost. The same holds for the retry topic, which the consumer reads, and for the \
parking topic.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[
        CLASSES,
        (TOPIC, Text("consumers: [{ service: normalizer, dlq: true }]\n")),
        (DLQ_FILE, Text(UNWRITTEN)),
        WRITER,
        OPERATOR,
    ]),
    good: Example(&[CLASSES, (TOPIC, Text("consumers: [{ service: normalizer, dlq: true }]\n"))]),
    check: Check::Workspace(check_consumers),
};

fn check_consumers(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    for topic in governed(workspace) {
        for consumer in topic.consumers.iter().filter(|consumer| consumer.has_dead_letters()) {
            // Of a reference to nothing the topics may well be there, under the name that is meant.
            if workspace.declares_client(consumer.service.as_str()) {
                let wanted = CompanionKind::ALL.into_iter().filter(|kind| kind.is_wanted_by(consumer));
                findings.extend(wanted.filter_map(|kind| check_companion(workspace, topic, consumer, kind)));
            }
        }
    }
}

fn check_companion(
    workspace: &Workspace,
    topic: &TopicSpec,
    consumer: &ConsumerSpec,
    kind: CompanionKind,
) -> Option<Diagnostic> {
    let service = consumer.service.as_str();
    let name = kind.name(&workspace.settings, topic.topic.as_str(), service);
    let span = asked_by(consumer);
    let what = kind.as_str();
    let finding = |message: String| DEAD_LETTER.finding(message).at(span, "").resource(address(topic));
    let Some(declared) = workspace.topics.get(name.as_str()) else {
        if workspace.declares("topic", &name) || !workspace.knows_settings() {
            return None;
        }
        let pattern = kind.pattern(&workspace.settings);
        let message = format!("the {what} of `{service}` for `{}` cannot be called `{name}`", topic.topic.value);
        let help = format!(
            "it follows from `naming.{}: {pattern}` in busctl.yaml: names have up to 249 letters, digits, `.`, `_` and `-`",
            kind.naming_key()
        );
        return Some(finding(message).help(help));
    };
    if let Some(derived) = workspace.derived.get(&declared.topic.value) {
        if (derived.kind, &derived.of) == (kind, &topic.topic.value) {
            return None;
        }
        let other = derived.kind.as_str();
        let message = format!("the {what} of `{service}` for `{}` and a {other} are both `{name}`", topic.topic.value);
        let help = format!("let `naming.{}` and `naming.{}` differ", kind.naming_key(), derived.kind.naming_key());
        return Some(finding(message).at(derived.span, format!("the {other} is asked for here")).help(help));
    }
    let other = declared.topic.span;
    if !declared.is_present() {
        let message =
            format!("the {what} of `{service}` for `{}` is `{name}`, which is to be deleted", topic.topic.value);
        let help = format!("remove `state: absent` there, or do not ask for a {what}");
        return Some(finding(message).at(other, "").help(help));
    }
    if kind != CompanionKind::Retry && !declared.is_dead_letter() {
        let message = format!("`{name}` holds dead letters and is not of the class `{DEAD_LETTER_CLASS}`");
        let help = format!("write `class: {DEAD_LETTER_CLASS}` there");
        return Some(finding(message).at(other, "its manifest").help(help));
    }
    if kind == CompanionKind::DeadLetters && !declared.names_producer(service) {
        let message = format!("`{name}` does not let `{service}` write its dead letters");
        let help = format!("write `producers: [{service}]` there");
        return Some(finding(message).at(other, "its manifest").help(help));
    }
    if kind == CompanionKind::Retry && !declared.names_consumer(service) {
        let message = format!("`{name}` does not let `{service}` read what it is to try again");
        let help = format!("write `consumers: [{service}]` there");
        return Some(finding(message).at(other, "its manifest").help(help));
    }
    None
}

fn asked_by(consumer: &ConsumerSpec) -> Span {
    consumer.dlq.as_ref().map_or(consumer.service.span, |dlq| dlq.span)
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
    bad: Example(&[
        CLASSES,
        (TOPIC, Text("consumers: [{ service: normalizer, dlq: false }]\n")),
        (DLQ_FILE, Text(DLQ)),
        PRODUCER,
        OPERATOR,
    ]),
    good: Example(&[
        CLASSES,
        (TOPIC, Text("consumers: [{ service: normalizer, dlq: true }]\n")),
        (DLQ_FILE, Text(DLQ)),
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

/// BUS125.
pub static UNDECIDED: Rule = Rule {
    code: "BUS125",
    name: "no-dead-letters",
    summary: "A consumer says where records go that it cannot process",
    explanation: "A record that cannot be processed stops a consumer for as long as it tries, or is lost when it goes on. \
With `dlq: true` it goes to a dead-letter topic, where it is seen and can be sent again; `dlq: false` says that the consumer is \
meant to stop, or that nothing is lost. Where nothing is written nobody has decided. The rule is asked on a bus that has a class \
`dlq`; topics for dead letters, retries and parked records are exempt, and so are topics that an application makes for itself, \
and roles.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[CLASSES]),
    good: Example(&[CLASSES, (TOPIC, Text("consumers: [{ service: normalizer, dlq: false }]\n"))]),
    check: Check::Workspace(check_undecided),
};

fn check_undecided(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    let settings = &workspace.settings;
    if !settings.classes.contains_key(DEAD_LETTER_CLASS) {
        return;
    }
    let is_companion = |topic: &TopicSpec| {
        let name = topic.topic.as_str();
        topic.is_dead_letter() || CompanionKind::ALL.iter().any(|kind| kind.pattern(settings).parts(name).is_some())
    };
    for topic in governed(workspace).filter(|topic| !is_companion(topic)) {
        for consumer in topic.consumers.iter().filter(|consumer| consumer.dlq.is_none()) {
            let service = consumer.service.as_str();
            // A slip is no decision, and a role is a person.
            if !workspace.catalog.services.contains_key(service) || workspace.is_lost(topic.topic.span, "consumers") {
                continue;
            }
            let message =
                format!("nothing says where records of `{}` go that `{service}` cannot process", topic.topic.value);
            let help = format!(
                "write `{{ service: {service}, dlq: true }}`, or `dlq: false` where it is meant to stop or nothing is lost"
            );
            findings.push(UNDECIDED.finding(message).at(consumer.service.span, "").help(help).resource(address(topic)));
        }
    }
}
