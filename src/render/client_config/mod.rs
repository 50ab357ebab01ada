//! What the clients of a service are configured with, in the form that each of them reads.

mod document;
mod env;
mod java;
mod lines;
mod native;
mod spring;

pub(super) use document::block as yaml;

use std::collections::BTreeMap;

use crate::model::TopicName;
use crate::resources::client_config::{ClientConfig, ClientKind, SecretAccess, TopicSchemas};
use crate::source::write::scalar;

/// The form of a client's configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ClientFormat {
    /// Properties of Kafka's Java clients.
    Properties,
    /// Variables of an environment, as shells read them.
    Env,
    /// Everything, for programs.
    Json,
    /// The same as YAML.
    Yaml,
    /// `KEY=VALUE` of librdkafka, as kcat reads it.
    Librdkafka,
    /// Spring's `application.yml`.
    Spring,
}

/// One client of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Client<'c> {
    /// What writes.
    Producer,
    /// A member of a group.
    Consumer(&'c str),
    /// A Streams application.
    Streams(&'c str),
}

/// Which of a service's clients are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Choice<'c> {
    /// Producers or consumers alone.
    pub kind: Option<ClientKind>,
    /// The members of one group alone.
    pub group: Option<&'c str>,
}

/// The clients of a service: the one that writes, those of each group, and its Streams application.
pub fn clients<'c>(config: &'c ClientConfig, choice: Choice<'_>) -> Vec<Client<'c>> {
    let application = config.application_id.as_ref().map(|id| id.as_str());
    let mut groups: Vec<&str> = config.consumes.values().flat_map(|topic| &topic.groups).map(String::as_str).collect();
    groups.sort_unstable();
    groups.dedup();
    let streams = application.map(Client::Streams);
    let producer = (!config.produces.is_empty() && application.is_none()).then_some(Client::Producer);
    let consumers = groups.into_iter().filter(|group| Some(*group) != application).map(Client::Consumer);
    let is_meant = |client: &Client<'_>| match client {
        Client::Producer => choice.kind != Some(ClientKind::Consumer) && choice.group.is_none(),
        Client::Consumer(group) => {
            choice.kind != Some(ClientKind::Producer) && choice.group.is_none_or(|wanted| wanted == *group)
        }
        Client::Streams(id) => choice.kind.is_none() && choice.group.is_none_or(|wanted| wanted == *id),
    };
    streams.into_iter().chain(producer).chain(consumers).filter(is_meant).collect()
}

impl Client<'_> {
    /// What stands before its configs where several clients share a file. Streams and Connect read them so, too.
    fn prefix(&self, all: &[Client<'_>]) -> String {
        let consumers = all.iter().filter(|client| matches!(client, Client::Consumer(_))).count();
        match self {
            _ if all.len() == 1 => String::new(),
            Client::Producer => "producer.".to_owned(),
            Client::Consumer(_) if consumers == 1 => "consumer.".to_owned(),
            Client::Consumer(group) => format!("consumer.{group}."),
            Client::Streams(_) => "streams.".to_owned(),
        }
    }

    fn is_producer(&self) -> bool {
        matches!(self, Client::Producer)
    }
}

/// What a form cannot say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Unsayable {
    /// What it is, and which form cannot say it.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// The configuration in a form.
///
/// # Errors
///
/// What the form cannot say: two variables of one name, or a value of several lines where each line is a value.
pub fn render(config: &ClientConfig, choice: Choice<'_>, format: ClientFormat) -> Result<String, Unsayable> {
    let clients = clients(config, choice);
    match format {
        ClientFormat::Properties => Ok(lines::properties(config, &clients)),
        ClientFormat::Librdkafka => lines::librdkafka(config, &clients),
        ClientFormat::Env => env::env(config, &clients),
        ClientFormat::Json => Ok(document::json(config, &clients)),
        ClientFormat::Yaml => Ok(document::yaml(config, &clients)),
        ClientFormat::Spring => Ok(spring::spring(config, &clients)),
    }
}

/// Refuses a value that would be several lines, of which a reader takes all but the first for something else.
fn in_one_line(key: &str, value: &str, form: &str) -> Result<(), Unsayable> {
    let Some(end) = value.chars().find(|c| matches!(c, '\n' | '\r' | '\0')) else { return Ok(()) };
    let what = if end == '\0' { "a NUL" } else { "the end of a line" };
    Err(Unsayable {
        message: format!("the value of `{key}` has {what} in it, which {form} cannot say"),
        help: "take it out where `clients` of the cluster or of busctl.yaml sets it, or choose another --format"
            .to_owned(),
    })
}

/// Lines that say what no config does: topics with their subjects, headers, ids that the service chooses.
fn remarks(config: &ClientConfig) -> Vec<String> {
    let mut remarks =
        vec![format!("{} on {}, by busctl client-config. Secrets are references.", config.service, config.cluster)];
    let of_schemas = |schemas: &TopicSchemas| {
        let one = |part: &str, schema: &crate::resources::client_config::SchemaAccess| {
            format!(", {part} {} (schema.version {})", schema.subject, schema.version)
        };
        let key = schemas.key.as_ref().map(|schema| one("key", schema)).unwrap_or_default();
        let value = schemas.value.as_ref().map(|schema| one("value", schema)).unwrap_or_default();
        format!("{key}{value}")
    };
    for (name, topic) in &config.produces {
        let dead = topic.dead_letters_of.as_ref().map(|of| format!(", dead letters of {of}")).unwrap_or_default();
        remarks.push(format!("produces {name}{}{dead}", of_schemas(&topic.schemas)));
    }
    for (name, topic) in &config.consumes {
        let dlq = topic.dlq.as_ref().map(|dlq| format!(", dead letters to {dlq}")).unwrap_or_default();
        let groups = topic.groups.join(", ");
        remarks.push(format!("consumes {name} as {groups}{}{dlq}", of_schemas(&topic.schemas)));
    }
    for (header, value) in &config.headers {
        remarks.push(format!("header {header}: {value}"));
    }
    for (kind, strategies) in [("producers", produced(config)), ("consumers", consumed(config))] {
        if strategies.len() > 1 {
            let each = strategies.iter().map(|(strategy, topics)| format!("{strategy} for {}", topics.join(", ")));
            let each = each.collect::<Vec<_>>().join("; ");
            remarks.push(format!("value.subject.name.strategy is not set: {kind} need {each}; make one for each"));
        }
    }
    if let Some(pattern) = chosen_ids(config) {
        remarks.push(format!("transactional.id: one for each instance, {pattern}"));
    }
    remarks.iter().map(|remark| one_line(remark)).collect()
}

/// A remark as a comment has it: what stands behind an end of a line would be read as a config, and by a shell as a command.
fn one_line(remark: &str) -> String {
    super::plain::line(remark).into_owned()
}

/// What [`strategies`] are for what a service writes.
fn produced(config: &ClientConfig) -> BTreeMap<&'static str, Vec<&str>> {
    strategies(config.produces.iter().map(|(name, topic)| (name, &topic.schemas)))
}

/// What [`strategies`] are for what a service reads.
fn consumed(config: &ClientConfig) -> BTreeMap<&'static str, Vec<&str>> {
    strategies(config.consumes.iter().map(|(name, topic)| (name, &topic.schemas)))
}

/// The classes by which serializers find subjects, each with the topics that need it.
fn strategies<'c>(
    topics: impl Iterator<Item = (&'c TopicName, &'c TopicSchemas)>,
) -> BTreeMap<&'static str, Vec<&'c str>> {
    let mut strategies: BTreeMap<&'static str, Vec<&str>> = BTreeMap::new();
    for (name, schemas) in topics {
        if let Some(strategy) = schemas.subject_name_strategy {
            strategies.entry(strategy).or_default().push(name.as_str());
        }
    }
    strategies
}

/// The one transactional id that is no prefix.
fn fixed_id(config: &ClientConfig) -> Option<&str> {
    match config.transactional_ids.as_slice() {
        [id] if !id.ends_with('*') => Some(id),
        _ => None,
    }
}

/// The transactional ids among which the service chooses.
fn chosen_ids(config: &ClientConfig) -> Option<String> {
    (fixed_id(config).is_none() && !config.transactional_ids.is_empty()).then(|| config.transactional_ids.join(", "))
}

/// The folder and the name of the file in which a secret is.
fn folder_and_name(file: &str) -> (&str, &str) {
    match file.rsplit_once('/') {
        Some(("", name)) => ("/", name),
        Some((folder, name)) => (folder, name),
        None => (".", file),
    }
}

/// What a secret is called in a remark: where it is kept, and the file in which it is found.
fn place_of(secret: &SecretAccess) -> String {
    match &secret.file {
        Some(file) => format!("{file} ({})", secret.reference),
        None => secret.reference.to_string(),
    }
}

/// A key and its value as a line of YAML.
fn yaml_line(indent: usize, key: &str, value: &str) -> String {
    format!("{:indent$}{}: {}\n", "", scalar(key), scalar(value))
}

#[cfg(test)]
mod tests;
