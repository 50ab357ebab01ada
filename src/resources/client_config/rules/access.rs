//! Topics, groups and ids that a client names.

use super::Checked;
use crate::diag::{Diagnostic, Level};
use crate::model::TopicName;
use crate::policy::Content::Client;
use crate::policy::{Check, Example, Rule};
use crate::resources::client_config::file::{FileForm, NamedTopic, Of};
use crate::resources::client_config::model::{ClientConfig, ClientKind};
use crate::source::closest;

const FILE: &str = "client.properties";

/// BUS862.
pub static TOPIC: Rule = Rule {
    code: "BUS862",
    name: "client-topic",
    summary: "A client uses topics that its service has a grant for",
    explanation: "A client that names a topic which its service may not use is refused by the brokers with \
`TOPIC_AUTHORIZATION_FAILED`, at night, when the version goes live. The grant needs both sides: the service asks for the topic \
in `acls/`, and the topic names the service.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(
        FILE,
        Client("client.id=normalizer\ngroup.id=normalizer\nenable.auto.commit=false\ntopic=media.ingested.v1\n"),
    )]),
    good: Example(&[(
        FILE,
        Client("client.id=normalizer\ngroup.id=normalizer\nenable.auto.commit=false\ntopic=media.raw_ingest.v1\n"),
    )]),
    check: Check::Client(check_topics),
};

fn check_topics(checked: &Checked<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(config) = checked.config else { return };
    for topic in &checked.file.topics {
        findings.extend(check_topic(checked, config, topic));
    }
}

fn check_topic(checked: &Checked<'_>, config: &ClientConfig, topic: &NamedTopic) -> Option<Diagnostic> {
    let name = topic.name.as_str();
    let (service, cluster) = (&config.service, &config.cluster);
    let may = match topic.of {
        Of::Kind(ClientKind::Producer) => config.produces.contains_key(name),
        Of::Kind(ClientKind::Consumer) => config.consumes.contains_key(name),
        Of::All | Of::Other => config.produces.contains_key(name) || config.consumes.contains_key(name),
    };
    let is_own = config.application_id.as_ref().is_some_and(|id| name.starts_with(&format!("{id}-")));
    if may || is_own {
        return None;
    }
    let finding = |message: String| TOPIC.finding(message).at(topic.span, "").resource(format!("service/{service}"));
    let Some(spec) = checked.workspace.topics.get(name) else {
        // What only looks like a topic is none.
        let settings = &checked.workspace.settings;
        let is_topic = settings.topic_pattern.part(name, "domain").is_some() || name.contains('.');
        let all = config.produces.keys().chain(config.consumes.keys()).map(TopicName::as_str);
        let meant = closest(name, all);
        let help = match meant {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "declare the topic in topics/, or correct the name".to_owned(),
        };
        return (is_topic || meant.is_some())
            .then(|| finding(format!("no manifest declares the topic `{name}`")).help(help));
    };
    let verb = match topic.of {
        Of::Kind(ClientKind::Producer) => "write",
        Of::Kind(ClientKind::Consumer) => "read",
        Of::All | Of::Other => "read or write",
    };
    let message = format!("`{service}` may not {verb} `{name}` on `{cluster}`");
    let help = format!("ask for it in acls/{service}.yaml, and have the topic's owner name the service");
    Some(finding(message).at(spec.topic.span, "its manifest").help(help))
}

/// BUS863.
pub static GROUP: Rule = Rule {
    code: "BUS863",
    name: "client-group",
    summary: "A client has a group, an application id and transactional ids of its service",
    explanation: "A consumer in a group that its service has no grant for is refused with `GROUP_AUTHORIZATION_FAILED`; one in the group \
of another service takes that one's partitions away. A service's groups are those of `consumes` in its manifest, of its Streams \
application and its connectors; the transactional ids are listed there.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(FILE, Client("client.id=normalizer\ngroup.id=normaliser\nenable.auto.commit=false\n"))]),
    good: Example(&[(FILE, Client("client.id=normalizer\ngroup.id=normalizer\nenable.auto.commit=false\n"))]),
    check: Check::Client(check_groups),
};

fn check_groups(checked: &Checked<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(config) = checked.config else { return };
    let service = &config.service;
    let mut told = |message: String, span, help: String| {
        findings.push(GROUP.finding(message).at(span, "").help(help).resource(format!("service/{service}")));
    };
    for setting in checked.written("group.id") {
        let group = setting.value.trim();
        if config.groups.iter().any(|known| known == group) || group.is_empty() {
            continue;
        }
        let message = format!("`{service}` has no group `{group}` on `{}`", config.cluster);
        let help = match closest(group, config.groups.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None if config.groups.is_empty() => {
                format!("`{service}` reads no topic: write what it `consumes` in its manifest")
            }
            None => format!("its groups are {}", config.groups.join(", ")),
        };
        told(message, setting.value_span, help);
    }
    for setting in checked.written("application.id") {
        let id = setting.value.trim();
        match &config.application_id {
            Some(known) if known.to_string() == id => {}
            Some(known) => told(
                format!("the Streams application of `{service}` is not called `{id}`"),
                setting.value_span,
                format!("write `{known}`"),
            ),
            None => told(
                format!("`{service}` declares no Streams application"),
                setting.value_span,
                format!("write `streams: {{ application_id: {id} }}` in acls/{service}.yaml"),
            ),
        }
    }
    for setting in checked.written("transactional.id") {
        let id = setting.value.trim();
        // Spring puts a number behind what it calls a prefix.
        let whole = if checked.file.form == FileForm::Spring { format!("{id}0") } else { id.to_owned() };
        if !id.is_empty() && !config.has_transactional_id(&whole) {
            let help = match config.transactional_ids.as_slice() {
                [] => format!("write `transactional_ids: [{id}]` in acls/{service}.yaml"),
                known => format!("its transactional ids are {}", known.join(", ")),
            };
            told(format!("`{service}` may not use the transactional id `{id}`"), setting.value_span, help);
        }
    }
}
