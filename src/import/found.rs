use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::{Subject, TopicName};
use crate::ports::Observed;
use crate::ports::kafka::{Acl, Quota, StoredRecord};
use crate::ports::registry::RegisteredSchema;
use crate::resources::Live;
use crate::resources::impact::Facts;
use crate::resources::schema::compatibility::Histories;

/// What a bus has, wherever it was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// The id of the cluster, where it is known.
    pub cluster_id: Option<String>,
    /// Topics of which everything is known.
    pub topics: BTreeMap<TopicName, FoundTopic>,
    /// What a topic has where it sets nothing.
    pub defaults: BTreeMap<Arc<str>, String>,
    /// ACLs.
    pub acls: Vec<Acl>,
    /// Client quotas.
    pub quotas: Vec<Quota>,
    /// The registry, where there is one.
    pub registry: Option<FoundRegistry>,
    /// The topics that each group reads, as far as is known.
    pub readers: BTreeMap<String, BTreeSet<TopicName>>,
    /// Records of topics that samples are made of, or why there are none, in a sentence; of other topics nobody asked.
    pub records: BTreeMap<TopicName, Result<Vec<StoredRecord>, String>>,
}

/// A topic.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FoundTopic {
    /// Whether Kafka itself owns it.
    pub internal: bool,
    /// How many partitions it has.
    pub partitions: u32,
    /// How many replicas each partition has; 0 where nobody knows.
    pub replication_factor: u32,
    /// What is set on it, as Kafka writes it.
    pub configs: BTreeMap<Arc<str>, String>,
}

/// A schema registry.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FoundRegistry {
    /// The level of subjects without one of their own, in the registry's words.
    pub level: Option<String>,
    /// Subjects with a version.
    pub subjects: BTreeMap<Subject, FoundSubject>,
}

/// A subject.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundSubject {
    /// Its newest version.
    pub latest: RegisteredSchema,
    /// Its own level, in the registry's words.
    pub level: Option<String>,
    /// Those versions before the newest that are known, the oldest first.
    pub earlier: Vec<RegisteredSchema>,
}

impl Found {
    /// What a cluster and its registry have. What could not be seen is left out; [`Live::unseen`] says why.
    pub fn of_live(live: &Live, facts: Option<&Facts>, histories: Option<&Histories>) -> Self {
        let topics = live.topics.topics.iter().filter_map(|(name, topic)| {
            let found = FoundTopic {
                internal: topic.internal,
                partitions: topic.partitions.len() as u32,
                replication_factor: topic.replication_factor(),
                configs: topic.configs.known()?.clone(),
            };
            Some((name.clone(), found))
        });
        let registry = live.registry.as_ref().and_then(Observed::known).map(|registry| FoundRegistry {
            level: registry.info.compatibility.clone(),
            subjects: registry
                .subjects
                .iter()
                .filter_map(|(name, subject)| {
                    let latest = subject.newest()?.clone();
                    let level = subject.compatibility.known()?.clone();
                    let earlier = earlier(name, &latest, histories);
                    Some((name.clone(), FoundSubject { latest, level, earlier }))
                })
                .collect(),
        });
        let groups = facts.iter().flat_map(|facts| &facts.groups);
        Self {
            cluster_id: Some(live.cluster.id.clone()),
            topics: topics.collect(),
            defaults: live.topics.defaults.iter().map(|(key, (value, _))| (key.clone(), value.clone())).collect(),
            acls: live.acls.known().cloned().unwrap_or_default(),
            quotas: live.quotas.known().cloned().unwrap_or_default(),
            registry,
            records: BTreeMap::new(),
            readers: groups.map(|(id, group)| (id.to_string(), group.topics().cloned().collect())).collect(),
        }
    }
}

/// The versions of a subject before its newest one, as far as they were read.
fn earlier(name: &Subject, latest: &RegisteredSchema, histories: Option<&Histories>) -> Vec<RegisteredSchema> {
    let Some(histories) = histories else { return Vec::new() };
    let numbers = histories.numbers(name).and_then(Observed::known).into_iter().flatten();
    let before = numbers.filter(|number| **number < latest.version);
    before.filter_map(|number| histories.version(name, *number)?.known()?.clone()).collect()
}
