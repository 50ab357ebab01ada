use std::collections::HashMap;

use super::{DEAD_LETTER_CLASS, address, governed};
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Workspace;
use crate::resources::settings::NamePattern;
use crate::resources::topic::TopicSpec;

/// BUS101.
pub static NAME: Rule = Rule {
    code: "BUS101",
    name: "topic-name",
    summary: "A topic's name fits the naming pattern of the bus",
    explanation: "The name is what everybody sees of a topic: in clients, metrics, ACLs and alerts. With one pattern the \
domain that answers for it, the event that it carries and the version of its contract can be read from the name, and \
prefixes such as `media.*` can be granted and managed. `naming.topic` in `busctl.yaml` holds the pattern; topics of the \
class `dlq` follow `naming.dlq` or `naming.parking`, retry topics `naming.retry`. Topics that a Streams application or a Connect worker makes for itself are exempt, because \
their names are made by Kafka. A topic cannot be renamed, so the time for this is before it exists.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[
        (
            "topics/media/media.raw_ingest.v1.yaml",
            Text("topic: media.RawIngest\nschema: { value: media.raw_ingest.v1.avsc }\n"),
        ),
        ("acls/ingest-gateway.yaml", Text("produces: [media.RawIngest]\n")),
        ("acls/normalizer.yaml", Text("consumes: [media.RawIngest]\n")),
    ]),
    good: Example(&[
        ("topics/media/media.raw_ingest.v1.yaml", Text("topic: media.raw_ingest.v1\n")),
        ("acls/ingest-gateway.yaml", Text("produces: [media.raw_ingest.v1]\n")),
        ("acls/normalizer.yaml", Text("consumes: [media.raw_ingest.v1]\n")),
    ]),
    check: Check::Workspace(check_names),
};

fn check_names(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    let settings = &workspace.settings;
    for topic in governed(workspace) {
        let name = topic.topic.as_str();
        let pattern = if topic.is_dead_letter() { &settings.dlq_pattern } else { &settings.topic_pattern };
        let is_retry = || settings.retry_pattern.parts(name).is_some();
        let is_parking = || topic.is_dead_letter() && settings.parking_pattern.parts(name).is_some();
        if pattern.parts(name).is_some() || is_retry() || is_parking() {
            continue;
        }
        let help = if !topic.is_dead_letter() && settings.dlq_pattern.parts(name).is_some() {
            format!("a dead-letter topic has the class of its own: class: {DEAD_LETTER_CLASS}")
        } else {
            match near_name(name, pattern) {
                Some(near) => format!("name it `{near}`"),
                None => format!("name it after the pattern, for example `{}`", example(pattern)),
            }
        };
        findings.push(
            NAME.finding(format!("`{name}` does not fit the naming pattern `{pattern}`"))
                .at(topic.topic.span, "")
                .help(help)
                .resource(address(topic)),
        );
    }
}

/// The name with its capitals taken apart and its version written as the pattern has it, where that fits.
fn near_name(name: &str, pattern: &NamePattern) -> Option<String> {
    let mut snake = String::new();
    for (index, character) in name.char_indices() {
        let after_word = name[..index].ends_with(|before: char| before.is_ascii_lowercase() || before.is_ascii_digit());
        if character.is_ascii_uppercase() && after_word {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
    }
    let unpadded = snake.replace(".v0", ".v");
    let versioned = format!("{snake}.v1");
    [snake, unpadded, versioned].into_iter().find(|candidate| candidate != name && pattern.parts(candidate).is_some())
}

fn example(pattern: &NamePattern) -> String {
    let name = pattern.make(&[
        ("domain", "media"),
        ("event", "raw_ingest"),
        ("number", "1"),
        ("topic", "media.raw_ingest.v1"),
        ("service", "normalizer"),
    ]);
    name.replace(['<', '>'], "")
}

/// BUS102.
pub static METRIC_NAME: Rule = Rule {
    code: "BUS102",
    name: "metric-name-collision",
    summary: "No two topics differ only in `.` and `_`",
    explanation: "Kafka's metrics know a topic by its name with `.` turned into `_`. Two topics that differ in nothing \
else share their metrics, and Kafka refuses to create the second one.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[("topics/connect.yaml", Text("topic: media_raw_ingest.v1\nmanaged_by: connect\n"))]),
    good: Example(&[("topics/connect.yaml", Text("topic: connect-media_raw_ingest.v1\nmanaged_by: connect\n"))]),
    check: Check::Workspace(check_metric_names),
};

fn check_metric_names(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    let mut known: HashMap<String, &TopicSpec> = HashMap::with_capacity(workspace.topics.len());
    for topic in workspace.topics.values().filter(|topic| topic.is_present()) {
        let Some(other) = known.insert(topic.topic.metric_name(), topic) else { continue };
        if !share_a_cluster(workspace, topic, other) {
            continue;
        }
        findings.push(
            METRIC_NAME
                .finding(format!("`{}` and `{}` have the same name in metrics", topic.topic.value, other.topic.value))
                .at(topic.topic.span, format!("`{}` in metrics", topic.topic.metric_name()))
                .at(other.topic.span, "and so is this one")
                .help("rename one of the two so that they differ in more than `.` and `_`")
                .resource(address(topic)),
        );
    }
}

fn share_a_cluster(workspace: &Workspace, a: &TopicSpec, b: &TopicSpec) -> bool {
    let on_both = |cluster| workspace.selects(&a.clusters, cluster) && workspace.selects(&b.clusters, cluster);
    workspace.clusters.is_empty() || workspace.clusters.values().any(on_both)
}
