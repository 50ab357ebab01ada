use super::{address, is_blank};
use crate::diag::{Diagnostic, Level};
use crate::model::Address;
use crate::policy::Content::{self, Text};
use crate::policy::{Check, Example, Rule};
use crate::resources::topic::State;
use crate::resources::{Desired, Workspace};

/// BUS119.
pub static TOMBSTONE: Rule = Rule {
    code: "BUS119",
    name: "absent-without-reason",
    summary: "What is to be removed says why",
    explanation: "`state: absent` asks for the deletion of a topic or a subject, or for taking away all that a service may \
do. It stays in Git as the only trace of it, so it says why.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[
        ("acls/archiver.yaml", Text("service: archiver\nstate: absent\n")),
        ("catalog/archiver.yaml", Text("services:\n  archiver: { owner: media-platform }\n")),
    ]),
    good: Example(&[
        (
            "acls/archiver.yaml",
            Text("service: archiver\nstate: absent\nreason: Connect writes the archive now (CR-2160).\n"),
        ),
        ("catalog/archiver.yaml", Text("services:\n  archiver: { owner: media-platform }\n")),
    ]),
    check: Check::Workspace(check),
};

fn check(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    let finding = |what: String| TOMBSTONE.finding(format!("{what} is absent and does not say why"));
    let help = "write `reason: …`";
    for topic in workspace.topics.values().filter(|topic| !topic.is_present() && is_blank(&topic.reason)) {
        let span = topic.state.map_or(topic.topic.span, |state| state.span);
        let what = format!("the topic `{}`", topic.topic.value);
        findings.push(finding(what).at(span, "").help(help).resource(address(topic)));
    }
    for (subject, spec) in workspace.subjects.iter().filter(|(_, spec)| !spec.is_present() && is_blank(&spec.reason)) {
        let span = spec.state.map_or(spec.subject.span, |state| state.span);
        findings.push(
            finding(format!("the subject `{subject}`")).at(span, "").help(help).resource(Address::schema(subject)),
        );
    }
    for (service, grant) in &workspace.grants {
        let absent = grant.state.filter(|state| state.value == State::Absent);
        if let Some(state) = absent.filter(|_| is_blank(&grant.reason)) {
            let what = format!("the service `{service}`");
            findings.push(finding(what).at(state.span, "").help(help).resource(format!("service/{service}")));
        }
    }
}

const PRODUCTION: &str = "clusters/production.yaml";
const TOMBSTONE_OF_A_TOPIC: Content = Text("topic: media.old_ingest.v1\nstate: absent\nreason: Replaced (CR-2160).\n");

/// BUS121.
pub static PROTECTED: Rule = Rule {
    code: "BUS121",
    name: "protected-topic",
    summary: "No topic that a cluster protects is to be deleted",
    explanation: "`protect` of a cluster names the topics that are never deleted there, and no topic's file can lift that. \
Whoever wants to delete one takes the pattern out of the cluster's manifest first, in a change of its own, which the \
owners of the cluster review.",
    level: Level::Error,
    floor: Level::Error,
    bad: Example(&[
        (PRODUCTION, Text("protect: [\"media.*\"]\n")),
        ("topics/media/media.old_ingest.v1.yaml", TOMBSTONE_OF_A_TOPIC),
    ]),
    good: Example(&[
        (PRODUCTION, Text("protect: [\"audit.*\"]\n")),
        ("topics/media/media.old_ingest.v1.yaml", TOMBSTONE_OF_A_TOPIC),
    ]),
    check: Check::Cluster(check_protected),
};

fn check_protected(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    for topic in desired.topics.values().filter(|topic| topic.state == State::Absent) {
        let Some(pattern) = desired.cluster.protection_of(topic.name.as_str()) else { continue };
        let spec = desired.workspace.topics.get(&topic.name);
        let span = spec.and_then(|spec| spec.state).map_or(topic.span, |state| state.span);
        findings.push(
            PROTECTED
                .finding(format!(
                    "`{}` is to be deleted, and `{}` protects it",
                    topic.name, desired.cluster.cluster.value
                ))
                .at(span, "to be deleted by this")
                .at(pattern.span, "protected by this")
                .help("take the tombstone away; to delete the topic, change `protect` of the cluster first")
                .resource(Address::topic(&topic.name))
                .cluster(&desired.cluster.cluster.value),
        );
    }
}

/// BUS122.
pub static RESERVED: Rule = Rule {
    code: "BUS122",
    name: "reserved-topic",
    summary: "No manifest declares a topic of Kafka's own, or of this tool's",
    explanation: "Topics whose names start with `__` are Kafka's own, such as `__consumer_offsets`, or those of its \
operators; in `_busctl-…` this tool keeps its lock and its record. What makes them also configures them. No manifest \
changes or deletes them, whoever is said to manage them.",
    level: Level::Error,
    floor: Level::Error,
    bad: Example(&[(
        "topics/offsets.yaml",
        Text("topic: __consumer_offsets\nstate: absent\nreason: It takes too much room.\n"),
    )]),
    good: Example(&[("topics/offsets.yaml", Text(""))]),
    check: Check::Workspace(check_reserved),
};

fn check_reserved(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    for topic in workspace.written_topics().filter(|topic| topic.topic.is_reserved()) {
        findings.push(
            RESERVED
                .finding(format!("`{}` is not a topic that a manifest may declare", topic.topic.value))
                .at(topic.topic.span, "")
                .help("remove the manifest: nothing is done to this topic")
                .resource(address(topic)),
        );
    }
}
