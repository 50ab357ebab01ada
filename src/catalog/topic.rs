use std::ops::Bound;
use std::path::Path;

use super::party::{Access, Consumer, consumers_of, producers_of};
use super::schema::{Schema, Schemas};
use crate::model::{Bytes, Duration, TopicName};
use crate::resources::Workspace;
use crate::resources::cluster::ClusterSpec;
use crate::resources::topic::{Companion, DesiredTopic, State, TopicSpec};

/// What the catalog shows of a topic.
pub struct Topic<'w> {
    /// Its manifest.
    pub spec: &'w TopicSpec,
    /// The file of its manifest, from the workspace's root.
    pub manifest: &'w Path,
    /// The team that answers for it.
    pub owner: Option<&'w str>,
    /// The topic on each cluster that it is for.
    pub clusters: Vec<(&'w ClusterSpec, DesiredTopic)>,
    /// All versions of the event, this one included, from the oldest; empty where the name has no version.
    pub versions: Vec<(u32, &'w TopicName)>,
    /// The topic and the service whose records it holds apart, and why.
    pub companion: Option<Companion<'w>>,
    /// Whether no manifest declares it, and `dlq:` of a consumer asks for it.
    pub is_derived: bool,
    /// Who writes it.
    pub producers: Vec<Access<'w>>,
    /// Who reads it.
    pub consumers: Vec<Consumer<'w>>,
    /// The schemas of its key and value.
    pub schemas: Vec<Schema<'w>>,
    /// The decision record, and whether it is there.
    pub adr: Option<(&'w str, bool)>,
}

impl<'w> Topic<'w> {
    /// Collects what is shown of a topic.
    pub fn of(
        workspace: &'w Workspace,
        spec: &'w TopicSpec,
        clusters: Vec<(&'w ClusterSpec, DesiredTopic)>,
        schemas: &Schemas<'w>,
    ) -> Self {
        Self {
            spec,
            manifest: &workspace.sources.file(spec.topic.span.file).path,
            owner: workspace.owner_of(spec),
            clusters,
            versions: versions_of(workspace, &spec.topic),
            companion: workspace.companion_of(spec.topic.as_str()),
            is_derived: workspace.is_derived(&spec.topic),
            producers: producers_of(workspace, spec),
            consumers: consumers_of(workspace, spec),
            schemas: schemas.of_topic(spec),
            adr: spec.adr.as_ref().map(|adr| {
                let path = Path::new(&adr.value);
                // Only what lies below docs/ is listed; a record elsewhere is taken at its word.
                (adr.as_str(), workspace.documents.contains(path) || !path.starts_with("docs"))
            }),
        }
    }

    /// Its name.
    pub fn name(&self) -> &'w TopicName {
        &self.spec.topic.value
    }

    /// Whether it is to be deleted.
    pub fn is_leaving(&self) -> bool {
        self.spec.state.is_some_and(|state| state.value == State::Absent)
    }

    /// The newest version of the event, where that is not this topic.
    pub fn successor(&self) -> Option<&'w TopicName> {
        let (_, newest) = self.versions.last()?;
        (*newest != self.name()).then_some(newest)
    }

    /// A fact about the topic, with the clusters on which it holds where it is not the same on all.
    pub fn by_cluster(&self, fact: impl Fn(&DesiredTopic) -> String) -> Vec<(String, Vec<&'w ClusterSpec>)> {
        let mut facts: Vec<(String, Vec<&ClusterSpec>)> = Vec::new();
        for (cluster, topic) in &self.clusters {
            let value = fact(topic);
            match facts.iter_mut().find(|(known, _)| *known == value) {
                Some((_, clusters)) => clusters.push(cluster),
                None => facts.push((value, vec![cluster])),
            }
        }
        if let [(_, clusters)] = facts.as_mut_slice() {
            clusters.clear();
        }
        facts
    }
}

/// What is kept on a cluster and for how long, in words.
pub fn retention(topic: &DesiredTopic) -> String {
    let config = |key: &str| topic.configs.get(key);
    let (compacts, deletes) = (topic.cleans_up_by("compact"), topic.cleans_up_by("delete"));
    if compacts && !deletes {
        return "the last record of each key, without end".to_owned();
    }
    if topic.keeps_everything() {
        return "every record, without end".to_owned();
    }
    let time = match config("retention.ms").map(|time| time.value.as_i64()) {
        Some(Some(time)) if time < 0 => "without end".to_owned(),
        Some(Some(time)) => Duration(time).to_string(),
        _ => "as long as the brokers' default says".to_owned(),
    };
    let size = match config("retention.bytes").and_then(|size| size.value.as_i64()) {
        Some(size) if size >= 0 => format!(", at most {} in each partition", Bytes(size)),
        _ => String::new(),
    };
    let compaction = if compacts { "; of each key, the last record" } else { "" };
    format!("{time}{size}{compaction}")
}

/// How old records go, in Kafka's words.
pub fn cleanup(topic: &DesiredTopic) -> String {
    match topic.configs.get("cleanup.policy") {
        Some(_) if topic.keeps_everything() => "none".to_owned(),
        Some(policy) => policy.value.as_str().replace(',', ", "),
        None => "the brokers' default".to_owned(),
    }
}

fn versions_of<'w>(workspace: &'w Workspace, name: &TopicName) -> Vec<(u32, &'w TopicName)> {
    let pattern = &workspace.settings.topic_pattern;
    let Some(parts) = pattern.parts(name.as_str()) else { return Vec::new() };
    let same_event = |other: &[(&str, &str)]| {
        parts.len() == other.len() && parts.iter().zip(other).all(|(a, b)| a == b || a.0 == "number")
    };
    // Versions of an event share what stands before the number, so that few names have to be looked at.
    let stem = name.as_str().trim_end_matches(|c: char| c.is_ascii_digit());
    let near = workspace.topics.range::<str, _>((Bound::Included(stem), Bound::Unbounded)).map(|(other, _)| other);
    let mut versions: Vec<_> = near
        .take_while(|other| other.as_str().starts_with(stem))
        .filter_map(|other| {
            let number = pattern.part(other.as_str(), "number")?.parse().ok()?;
            same_event(&pattern.parts(other.as_str())?).then_some((number, other))
        })
        .collect();
    versions.sort_unstable();
    versions
}
