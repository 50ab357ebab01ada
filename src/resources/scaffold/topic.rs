use std::collections::BTreeSet;
use std::path::PathBuf;

use super::client::{Asks, Use, ask_for, known_client};
use super::draft::Draft;
use super::entry::let_tend;
use super::skeleton::Skeleton;
use super::words::list;
use super::{NoScaffold, Scaffold, known, known_clusters, known_team};
use crate::model::TopicName;
use crate::resources::Workspace;
use crate::resources::manifests::ManifestKind;
use crate::resources::topic::DEAD_LETTER_CLASS;
use crate::schema::SchemaFormat;
use crate::source::write::scalar;

/// What is said of a new topic.
#[derive(Debug, Clone, Default)]
pub struct NewTopic {
    /// Its name.
    pub name: String,
    /// Its class, where the bus has classes.
    pub class: Option<String>,
    /// What one record means.
    pub description: String,
    /// The team that answers for it, where that is not the domain's.
    pub owner: Option<String>,
    /// What orders the records, or `none`.
    pub key: String,
    /// Number of partitions, where that is not the default.
    pub partitions: Option<u32>,
    /// Services that write it.
    pub producers: Vec<String>,
    /// Services and roles that read it.
    pub consumers: Vec<String>,
    /// Those of them that have dead letters.
    pub dead_letters: Vec<String>,
    /// The role that looks after the dead letters.
    pub dead_letters_to: Option<String>,
    /// Why records are kept as long as they are.
    pub retention_rationale: String,
    /// The change request that asked for it.
    pub change_request: String,
    /// The clusters that it is for; all by default.
    pub clusters: Vec<String>,
    /// The format of its schema.
    pub format: Option<SchemaFormat>,
}

/// Makes a topic with its schema, its dead letters, and what its producers and consumers ask for.
///
/// # Errors
///
/// The name cannot be that of a new topic, or something that it names is not declared.
pub fn new_topic(workspace: &Workspace, new: &NewTopic) -> Result<Scaffold, NoScaffold> {
    let (name, domain) = checked(workspace, new)?;
    let mut draft = Draft::new(workspace);
    let folder = PathBuf::from("topics").join(&domain);
    draft.create(ManifestKind::Topic, folder.join(format!("{name}.yaml")), manifest(new))?;
    let format = new.format.unwrap_or(SchemaFormat::Avro);
    let schema = format!("schemas/{domain}/{name}.{}", format.extension());
    let pattern = &workspace.settings.topic_pattern;
    let skeleton = Skeleton {
        event: pattern.part(&new.name, "event").unwrap_or(&new.name),
        domain: &domain,
        description: &new.description,
        key: Skeleton::fields_of(&new.key),
    };
    draft.create_as_it_is(&schema, skeleton.text(format, workspace))?;

    let mut asks = Asks::new();
    let mut ask = |client: &str, usage: Use, topic: &str| {
        asks.entry(client.to_owned()).or_default().insert((usage, topic.to_owned()));
    };
    new.producers.iter().for_each(|producer| ask(producer, Use::Write, &new.name));
    new.consumers.iter().for_each(|consumer| ask(consumer, Use::Read, &new.name));
    ask_for(&mut draft, &asks)?;
    // Their topic, and who may write it, follow from `dlq` of the consumer.
    match &new.dead_letters_to {
        _ if new.dead_letters.is_empty() => {}
        Some(role) => let_tend(&mut draft, role, &new.name),
        None if is_tended(workspace, &new.name) => {}
        None => draft.leave(format!(
            "give a role in catalog/ `dlq: {{ topics: [{}] }}`, so that somebody may look after the dead letters",
            new.name
        )),
    }
    draft.leave(format!("write what a record holds to {schema}, which is a skeleton"));
    draft.leave(format!(
        "write sample records to schemas/{domain}/fixtures/{name}/, and run `busctl schema test {name}`"
    ));
    Ok(draft.finished())
}

/// The name of a topic that is new, with its domain.
///
/// # Errors
///
/// It is none, does not follow the bus's pattern, is taken, or is of a domain that nothing declares.
pub fn new_topic_name(workspace: &Workspace, name: &str) -> Result<(TopicName, String), NoScaffold> {
    let name: TopicName = name.parse().map_err(|error| NoScaffold::new(format!("{error}"), "take another name"))?;
    let pattern = &workspace.settings.topic_pattern;
    if pattern.parts(name.as_str()).is_none() {
        let help = format!("name it by `naming.topic` of busctl.yaml: {pattern}");
        return Err(NoScaffold::new(format!("`{name}` does not follow the naming pattern"), help));
    }
    if let Some(topic) = workspace.topics.get(name.as_str()) {
        let place = workspace.place(topic.topic.span);
        let help = format!("`busctl new version {name}` makes its next version");
        return Err(NoScaffold::new(format!("`{name}` is declared already, at {place}"), help));
    }
    let domain = workspace.domain_of(&name).to_owned();
    let domains = &workspace.catalog.domains;
    if pattern.to_string().contains("<domain>") || domains.contains_key(&domain) {
        let help = format!("declare it first: busctl new domain {domain} --owner TEAM");
        known("domain", &domain, workspace.declares("domain", &domain), domains.keys().map(String::as_str), help)?;
    }
    Ok((name, domain))
}

/// The name and the domain, once everything that is named is declared.
fn checked(workspace: &Workspace, new: &NewTopic) -> Result<(TopicName, String), NoScaffold> {
    let (name, domain) = new_topic_name(workspace, &new.name)?;
    new.owner.iter().try_for_each(|team| known_team(workspace, team))?;
    let needs_dlq = (!new.dead_letters.is_empty()).then(|| DEAD_LETTER_CLASS.to_owned());
    for class in new.class.iter().chain(&needs_dlq) {
        let classes = &workspace.settings.classes;
        let help = format!("declare it in busctl.yaml: classes: {{ {class}: {{ cleanup: [delete] }} }}");
        known("class", class, workspace.declares("class", class), classes.keys().map(String::as_str), help)?;
    }
    new.producers.iter().chain(&new.consumers).try_for_each(|client| known_client(workspace, client))?;
    if let Some(role) = &new.dead_letters_to {
        let roles = workspace.catalog.roles.keys().map(String::as_str);
        let help = format!("declare it in catalog/: roles: {{ {role}: {{ owner: TEAM }} }}");
        known("role", role, workspace.declares("role", role), roles, help)?;
    }
    known_clusters(workspace, &new.clusters)?;
    if let Some(service) = new.dead_letters.iter().find(|service| !new.consumers.contains(service)) {
        let message = format!("`{service}` is to have dead letters of `{name}` and is none of its consumers");
        return Err(NoScaffold::new(message, format!("name it as a consumer too: --consumer {service}")));
    }
    Ok((name, domain))
}

/// Whether a role looks after the dead letters of a topic.
pub fn is_tended(workspace: &Workspace, topic: &str) -> bool {
    workspace.catalog.roles.values().filter_map(|role| role.dlq.as_ref()).any(|dlq| dlq.means(topic))
}

fn manifest(new: &NewTopic) -> String {
    let mut text = format!("topic: {}\n", scalar(&new.name));
    let mut add = |key: &str, value: String| text.push_str(&format!("{key}: {value}\n"));
    if !new.clusters.is_empty() {
        add("clusters", list(&new.clusters));
    }
    new.class.iter().for_each(|class| add("class", scalar(class)));
    add("description", scalar(&new.description));
    new.owner.iter().for_each(|owner| add("owner", scalar(owner)));
    add("key", scalar(&new.key));
    new.partitions.iter().for_each(|partitions| add("partitions", partitions.to_string()));
    add("producers", list(unique(&new.producers)));
    let consumers = unique(&new.consumers);
    if new.dead_letters.is_empty() {
        add("consumers", list(consumers));
    } else {
        let item = |consumer: &str| match new.dead_letters.iter().any(|service| service == consumer) {
            true => format!("\n  - {{ service: {}, dlq: true }}", scalar(consumer)),
            false => format!("\n  - {}", scalar(consumer)),
        };
        add("consumers", consumers.into_iter().map(item).collect());
    }
    add("retention_rationale", scalar(&new.retention_rationale));
    add("change_request", scalar(&new.change_request));
    text
}

fn unique(names: &[String]) -> Vec<&str> {
    let mut seen = BTreeSet::new();
    names.iter().map(String::as_str).filter(|name| seen.insert(*name)).collect()
}
