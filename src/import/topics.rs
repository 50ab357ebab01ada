//! The manifests of topics.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::classes::{DEAD_LETTERS, choose};
use super::configs::{Configs, overruled, set_on};
use super::domains::{UNSORTED, is_unsorted};
use super::grants::Grants;
use super::schemas::Schemas;
use super::skeleton::Skeleton;
use super::{Adoption, FoundTopic, Import};
use crate::model::{Name, TopicName, counted};
use crate::resources::manifests::{ManifestKind, with_modeline};
use crate::source::write::{list, mapping, scalar};

/// Writes a manifest for each topic that is adopted.
pub fn write(import: &mut Import<'_>, skeleton: &Skeleton, grants: &Grants, schemas: &Schemas) {
    let topics: Vec<(TopicName, Adoption)> =
        import.topics.iter().map(|(name, adoption)| (name.clone(), *adoption)).collect();
    let letters: BTreeSet<&str> =
        topics.iter().map(|(name, _)| name.as_str()).filter(|name| is_dead_letter(skeleton, name)).collect();
    let mut unknown = Unknown::default();
    let mut unsorted = Vec::new();
    for (name, adoption) in &topics {
        let is_unsorted = !adoption.is_internal() && is_unsorted(&skeleton.workspace, name);
        let folder = match (adoption.is_internal(), is_unsorted) {
            (true, _) => adoption.manager.to_string(),
            (false, true) => UNSORTED.to_owned(),
            (false, false) => super::paths::stem(skeleton.workspace.domain_of(name)),
        };
        let path = import.paths.free(&format!("topics/{folder}"), name.as_str(), "yaml");
        let found = &import.found.topics[name];
        let mut text = found.about.comments();
        if is_unsorted && owner(found).is_none() {
            text += "# question: whose is it? Its name tells no domain: write `owner: TEAM` here, or claim a prefix in catalog/\n";
            unsorted.push(path.clone());
        }
        let _ = writeln!(text, "topic: {}", scalar(name.as_str()));
        if !adoption.is_ours() {
            let _ = writeln!(text, "managed_by: {}", adoption.manager);
        }
        text += &import.clusters_line();
        let mut configs = Configs::new();
        if adoption.is_ours() {
            let is_dead_letter = letters.contains(name.as_str());
            let without = &skeleton.without.configs;
            let (class, beside) = choose(import.found, &set_on(found), is_dead_letter, &skeleton.classes, without);
            let class_line = class.map(|class| format!("class: {}\n", scalar(class)));
            text += &class_line.unwrap_or_default();
            text += &about(found);
            text += &numbers(skeleton, found);
            unknown.note(name, found);
            let overruled: Vec<&str> = overruled(import.found, &set_on(found), without).collect();
            if class.is_none() && !overruled.is_empty() {
                let keys = overruled.join(", ");
                import.made.left.push(format!("{name} gets {keys} of the bus's defaults, which it may not have now"));
            }
            configs = beside;
        } else {
            text += &about(found);
        }
        text += &parties(skeleton, name, &letters, grants);
        text += schemas.text(name);
        text += &config_text(import, name, &configs);
        let text = with_modeline(import.request.workspace, ManifestKind::Topic, &path, text);
        import.create(path, text);
    }
    unknown.ask(import, skeleton);
    if let Some(first) = unsorted.first() {
        let topics = counted(unsorted.len() as u64, "topic");
        let more = if unsorted.len() > 1 { " and others" } else { "" };
        let question = format!("whose is what has no domain in its name, {topics}? ({}{more})", first.display());
        import.made.questions.push(question);
    }
}

/// Topics of which nobody knows how many partitions or replicas they have.
#[derive(Debug, Default)]
struct Unknown {
    partitions: Vec<TopicName>,
    replicas: Vec<TopicName>,
}

impl Unknown {
    fn note(&mut self, name: &TopicName, found: &FoundTopic) {
        for (number, names) in
            [(found.partitions, &mut self.partitions), (found.replication_factor, &mut self.replicas)]
        {
            if number == 0 {
                names.push(name.clone());
            }
        }
    }

    /// Asks for them. A manifest has no word for what the brokers do by default; what it says instead is said.
    fn ask(self, import: &mut Import<'_>, skeleton: &Skeleton) {
        let numbers = [
            ("partitions", self.partitions, skeleton.without.partitions.value),
            ("replicas", self.replicas, skeleton.without.replication_factor.value),
        ];
        for (what, names, said) in numbers {
            let Some(first) = names.first() else { continue };
            let more = if names.len() > 1 { format!(" and {} more", names.len() - 1) } else { String::new() };
            import.made.questions.push(format!(
                "how many {what}? For {} it is left to the brokers; the manifests say {said} ({first}{more})",
                counted(names.len() as u64, "topic")
            ));
        }
    }
}

/// What people have said of a topic.
fn about(found: &FoundTopic) -> String {
    let mut text = String::new();
    if let Some(description) = found.about.description() {
        let _ = writeln!(text, "description: {description}");
    }
    if let Some(owner) = owner(found) {
        let _ = writeln!(text, "owner: {}", scalar(owner));
    }
    text
}

/// The team that people have said.
fn owner(found: &FoundTopic) -> Option<&str> {
    found.about.owner.as_deref().filter(|owner| owner.parse::<Name>().is_ok())
}

/// Whether the name is that of a dead-letter topic by the bus's own rule.
fn is_dead_letter(skeleton: &Skeleton, name: &str) -> bool {
    skeleton.workspace.settings.dlq_pattern.parts(name).is_some()
}

/// The numbers that differ from those of other topics.
fn numbers(skeleton: &Skeleton, found: &FoundTopic) -> String {
    let mut text = String::new();
    if found.partitions == 0 {
        text += "# question: how many partitions has it? write `partitions: …` here\n";
    } else if found.partitions != skeleton.without.partitions.value {
        let _ = writeln!(text, "partitions: {}", found.partitions);
    }
    if found.replication_factor != skeleton.without.replication_factor.value && found.replication_factor > 0 {
        let _ = writeln!(text, "replication_factor: {}", found.replication_factor);
    }
    text
}

/// The services that a topic names.
fn parties(skeleton: &Skeleton, name: &TopicName, letters: &BTreeSet<&str>, grants: &Grants) -> String {
    let named = |services: Option<&BTreeSet<String>>| services.into_iter().flatten().cloned().collect::<Vec<_>>();
    let producers = named(grants.producers.get(name.as_str()));
    let producers: Vec<String> = producers.iter().map(|service| scalar(service)).collect();
    let consumers = named(grants.consumers.get(name.as_str()));
    let consumers: Vec<String> = consumers
        .iter()
        .map(|service| match has_dead_letters(skeleton, name, service, letters, grants) {
            true => format!("{{ service: {}, dlq: true }}", scalar(service)),
            false => scalar(service),
        })
        .collect();
    list("producers", &producers) + &list("consumers", &consumers)
}

/// Whether a consumer writes what it cannot process to a dead-letter topic that is called after both.
fn has_dead_letters(
    skeleton: &Skeleton,
    topic: &TopicName,
    service: &str,
    letters: &BTreeSet<&str>,
    grants: &Grants,
) -> bool {
    let pattern = &skeleton.workspace.settings.dlq_pattern;
    let name = pattern.make(&[("topic", topic.as_str()), ("service", service)]);
    let is_written = || grants.producers.get(&name).is_some_and(|services| services.contains(service));
    skeleton.classes.contains_key(DEAD_LETTERS) && letters.contains(name.as_str()) && is_written()
}

fn config_text(import: &mut Import<'_>, name: &TopicName, configs: &Configs) -> String {
    let mut entries = Vec::new();
    for (key, value) in configs {
        match value.to_manifest(key) {
            Some(value) => entries.push((scalar(key), value)),
            None => import.made.left.push(format!("{key} of {name}: no manifest can say its value")),
        }
    }
    mapping("config", &entries, 0)
}
