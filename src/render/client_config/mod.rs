//! What the clients of a service are configured with, in the form that each of them reads.

mod document;
mod env;
mod java;
mod lines;
mod native;
mod spring;

pub(super) use document::block as yaml;

use crate::resources::client_config::{ClientConfig, ClientKind, SecretAccess};
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

/// The configuration in a form.
pub fn render(config: &ClientConfig, choice: Choice<'_>, format: ClientFormat) -> String {
    let clients = clients(config, choice);
    match format {
        ClientFormat::Properties => lines::properties(config, &clients),
        ClientFormat::Librdkafka => lines::librdkafka(config, &clients),
        ClientFormat::Env => env::env(config, &clients),
        ClientFormat::Json => document::json(config, &clients),
        ClientFormat::Yaml => document::yaml(config, &clients),
        ClientFormat::Spring => spring::spring(config, &clients),
    }
}

/// Lines that say what no config does: topics with their subjects, headers, ids that the service chooses.
fn remarks(config: &ClientConfig) -> Vec<String> {
    let mut remarks =
        vec![format!("{} on {}, by busctl client-config. Secrets are references.", config.service, config.cluster)];
    let of_schemas = |schemas: &crate::resources::client_config::TopicSchemas| {
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
    if let Some(pattern) = chosen_ids(config) {
        remarks.push(format!("transactional.id: one for each instance, {pattern}"));
    }
    remarks.iter().map(|remark| one_line(remark)).collect()
}

/// A remark as a comment has it: what stands behind an end of a line would be read as a config, and by a shell as a command.
fn one_line(remark: &str) -> String {
    super::plain::line(remark).into_owned()
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
