use super::{address, governed, is_blank};
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Workspace;
use crate::resources::schema::Part;
use crate::resources::topic::TopicSpec;

const TOPIC: &str = "topics/media/media.raw_ingest.v1.yaml";

fn missing(rule: &Rule, topic: &TopicSpec, message: &str, key: &str, help: impl Into<String>) -> Diagnostic {
    rule.finding(format!("`{}` {message}", topic.topic.value))
        .lacks(topic.topic.span, key)
        .help(help)
        .resource(address(topic))
}

/// BUS107.
pub static DESCRIPTION: Rule = Rule {
    code: "BUS107",
    name: "description",
    summary: "A topic says what one of its records means",
    explanation: "A name of three words does not say whether a record is a wish, a fact or a whole state, or when it is \
written. The description does; it stands first in the event catalog.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(TOPIC, Text("description:\n"))]),
    good: Example(&[(TOPIC, Text("description: One record for each asset that the ingest gateway accepted.\n"))]),
    check: Check::Workspace(check_description),
};

fn check_description(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    let help = "write `description: …`: what one record means, and when it is written";
    let silent = governed(workspace).filter(|topic| is_blank(&topic.description));
    findings.extend(silent.map(|topic| missing(&DESCRIPTION, topic, "has no description", "description", help)));
}

/// BUS108.
pub static OWNER: Rule = Rule {
    code: "BUS108",
    name: "owner",
    summary: "A team answers for each topic",
    explanation: "Somebody decides who may read a topic, what its records mean and when it can go. By default that is the \
owner of the topic's domain; a topic whose name has no domain that is declared names its own.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[
        ("busctl.yaml", Text("naming: { topic: <event>.<version>.v<number> }\n")),
        ("catalog/catalog.yaml", Text("domains: {}\n")),
    ]),
    good: Example(&[
        ("busctl.yaml", Text("naming: { topic: <event>.<version>.v<number> }\n")),
        ("catalog/catalog.yaml", Text("domains: {}\n")),
        (TOPIC, Text("owner: media-platform\n")),
    ]),
    check: Check::Workspace(check_owner),
};

fn check_owner(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    // With `<domain>` in the pattern, a domain that is not declared is a finding of its own.
    let by_domain = workspace.settings.topic_pattern.to_string().contains("<domain>");
    for topic in governed(workspace).filter(|topic| workspace.owner_of(topic).is_none()) {
        let domain = workspace.domain_of(&topic.topic);
        if !by_domain
            && !workspace.unread.contains("domain")
            && !workspace.broken.contains(&("domain", domain.to_owned()))
        {
            let help = "write `owner: TEAM`";
            findings.push(missing(&OWNER, topic, "has no owner, and no domain that could give it one", "owner", help));
        }
    }
}

/// BUS109.
pub static PRODUCERS: Rule = Rule {
    code: "BUS109",
    name: "producers",
    summary: "A topic names the services that write it",
    explanation: "Naming a producer is the topic owner's consent that it may write. A topic that nobody may write has no \
use.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(TOPIC, Text("producers: []\n")), ("acls/ingest-gateway.yaml", Text("produces: []\n"))]),
    good: Example(&[
        (TOPIC, Text("producers: [ingest-gateway]\n")),
        ("acls/ingest-gateway.yaml", Text("produces: [media.raw_ingest.v1]\n")),
    ]),
    check: Check::Workspace(check_producers),
};

fn check_producers(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    let help = "write `producers: [SERVICE]`";
    let unwritten = governed(workspace).filter(|topic| topic.producers.is_empty());
    findings.extend(unwritten.map(|topic| missing(&PRODUCERS, topic, "names no producer", "producers", help)));
}

/// BUS110.
pub static CONSUMERS: Rule = Rule {
    code: "BUS110",
    name: "consumers",
    summary: "A topic names the services and roles that read it",
    explanation: "Naming a consumer is the topic owner's consent that it may read, and tells whom a change of the schema \
or the retention concerns. A topic that nobody reads costs its storage for nothing.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(TOPIC, Text("consumers: []\n")), ("acls/normalizer.yaml", Text("consumes: []\n"))]),
    good: Example(&[
        (TOPIC, Text("consumers: [normalizer]\n")),
        ("acls/normalizer.yaml", Text("consumes: [media.raw_ingest.v1]\n")),
    ]),
    check: Check::Workspace(check_consumers),
};

fn check_consumers(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    let help = "write `consumers: [SERVICE]`";
    let unread = governed(workspace).filter(|topic| topic.consumers.is_empty());
    findings.extend(unread.map(|topic| missing(&CONSUMERS, topic, "names no consumer", "consumers", help)));
}

/// BUS111.
pub static SCHEMA: Rule = Rule {
    code: "BUS111",
    name: "schema-reference",
    summary: "A topic has a schema for its values",
    explanation: "The schema is the contract between those who write a topic and those who read it; with it in the \
registry, a change that would break a reader is refused before it is made. By convention it is \
`schemas/DOMAIN/TOPIC.avsc` (or `.json`, `.proto`); `schema.value` names another file. Topics of the class `dlq` are exempt: \
they hold records as they were.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[("schemas/media/media.raw_ingest.v1.avsc", Text(""))]),
    good: Example(&[(
        "schemas/media/media.raw_ingest.v1.avsc",
        Text(
            r#"{
  "type": "record",
  "name": "RawIngest",
  "namespace": "example.media",
  "fields": [{ "name": "asset_id", "type": "string", "doc": "The asset's id." }]
}
"#,
        ),
    )]),
    check: Check::Workspace(check_schema),
};

fn check_schema(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    for topic in governed(workspace).filter(|topic| !topic.is_dead_letter()) {
        if !workspace.schemas_of(topic).iter().any(|schema| schema.part == Part::Value) {
            let path = format!("schemas/{}/{}.avsc", workspace.domain_of(&topic.topic), topic.topic.value);
            let help =
                format!("write the schema to {path} (or .json, .proto), or name its file: `schema: {{ value: FILE }}`");
            findings.push(missing(&SCHEMA, topic, "has no schema for its values", "schema", help));
        }
    }
}

/// BUS113.
pub static CHANGE_REQUEST: Rule = Rule {
    code: "BUS113",
    name: "change-request",
    summary: "A topic names the change request that asked for it",
    explanation: "The manifest is the change request's result. The reference leads from a topic to who asked for it, what \
was considered and who agreed.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(TOPIC, Text("change_request:\n"))]),
    good: Example(&[(TOPIC, Text("change_request: CR-2041\n"))]),
    check: Check::Workspace(check_change_request),
};

fn check_change_request(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    let help = "write `change_request: …`";
    let unasked = governed(workspace).filter(|topic| is_blank(&topic.change_request));
    findings.extend(
        unasked.map(|topic| missing(&CHANGE_REQUEST, topic, "names no change request", "change_request", help)),
    );
}
