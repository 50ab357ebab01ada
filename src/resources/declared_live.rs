use std::collections::{BTreeMap, BTreeSet};

use super::broker_config::BrokerScope;
use super::quota::DesiredQuota;
use super::schema::{LiveRegistry, LiveSubject};
use super::scram::{DesiredScramUser, SetPasswords};
use super::topic::{LiveTopic, LiveTopics, State};
use super::{Desired, Live};
use crate::ports::Observed;
use crate::ports::consul::{KeyEntry, Keys};
use crate::ports::kafka::{BrokerConfig, BrokerConfigs, ClusterInfo, ConfigSource, PartitionInfo, Quota, ScramUser};
use crate::ports::registry::{NewSchema, Reference, RegisteredSchema, RegistryInfo};
use crate::schema::ReferenceVersion;

/// The number that every declared schema has, for manifests say nothing of those before it.
const VERSION: u32 = 1;

/// Partitions of a topic, and replicas of a partition, that are counted one by one: no cluster has more of them, and a
/// manifest may say what it likes.
const MOST_PARTITIONS: u32 = 100_000;
const MOST_REPLICAS: u32 = 100;

impl Live {
    /// What a cluster and its registry would be once all of this had been carried out: what other manifests are compared
    /// with where there is no cluster to look at. Brokers are numbered from zero, and nothing has a value that no manifest
    /// sets.
    pub fn as_declared(desired: &Desired<'_>) -> Self {
        let cluster = desired.cluster;
        let id = cluster.cluster_id.as_ref().map(|id| id.value.to_string()).unwrap_or_default();
        Self {
            cluster: ClusterInfo { id, brokers: Vec::new(), controller: None },
            facts: None,
            topics: topics(desired),
            acls: Observed::Known(desired.grants.acls.keys().cloned().collect()),
            quotas: Observed::Known(quotas(desired)),
            scram_users: Some(Observed::Known(scram_users(desired))),
            scram_passwords: Some(Observed::Known(scram_passwords(desired))),
            broker_configs: Some(Observed::Known(broker_configs(desired))),
            delivered: desired.deliveries.is_declared.then(|| Observed::Known(delivered(desired))),
            identities: None,
            registry: cluster.schema_registry.as_ref().map(|_| Observed::Known(registry(desired))),
        }
    }
}

fn topics(desired: &Desired<'_>) -> LiveTopics {
    let present = desired.topics.values().filter(|topic| topic.state == State::Present);
    let topic = |topic: &super::topic::DesiredTopic| {
        let replicas: Vec<i32> = (0..topic.replication_factor.value.min(MOST_REPLICAS) as i32).collect();
        let partition = PartitionInfo::in_sync(replicas);
        let count = topic.partitions.value.min(MOST_PARTITIONS) as usize;
        let configs = topic.configs.iter().map(|(key, value)| (key.clone(), value.value.as_str().to_owned()));
        let live = LiveTopic {
            internal: false,
            id: None,
            partitions: vec![partition; count],
            configs: Observed::Known(configs.collect()),
        };
        (topic.name.clone(), live)
    };
    LiveTopics { topics: present.map(topic).collect(), ..LiveTopics::default() }
}

fn quotas(desired: &Desired<'_>) -> Vec<Quota> {
    let wanted = desired.quotas.wanted.iter().filter(|(_, quota)| !quota.limits.is_empty());
    let values =
        |quota: &DesiredQuota| quota.limits.iter().map(|(key, limit)| (key.as_str().to_owned(), limit.value)).collect();
    wanted.map(|(entity, quota)| Quota { entity: entity.to_kafka(), values: values(quota) }).collect()
}

fn scram_users(desired: &Desired<'_>) -> Vec<ScramUser> {
    let wanted = desired.scram_users.wanted.iter().filter(|(_, user)| !user.credentials.is_empty());
    let user = |(name, user): (&String, &DesiredScramUser)| ScramUser {
        name: name.clone(),
        credentials: user.credentials.clone(),
    };
    wanted.map(user).collect()
}

fn scram_passwords(desired: &Desired<'_>) -> SetPasswords {
    let wanted = desired.scram_users.wanted.iter();
    wanted.filter_map(|(name, user)| Some((name.clone(), user.password.as_ref()?.as_set()))).collect()
}

/// Each declared broker, or one where none is declared, with what is set on it and on all.
fn broker_configs(desired: &Desired<'_>) -> BrokerConfigs {
    let wanted = &desired.broker_configs.wanted;
    let nodes = desired.cluster.kafka.iter().flat_map(|kafka| &kafka.nodes).map(|node| node.id.value);
    let own = wanted.keys().filter_map(|scope| scope.broker());
    let mut brokers: BTreeSet<i32> = nodes.take(MOST_REPLICAS as usize).chain(own).collect();
    if brokers.is_empty() {
        brokers.insert(0);
    }
    let of = |scope: BrokerScope, source: ConfigSource, configs: &mut BTreeMap<_, BrokerConfig>| {
        for (key, setting) in wanted.get(&scope).into_iter().flatten() {
            let none = BrokerConfig { values: Vec::new(), read_only: false, sensitive: false };
            let config: &mut BrokerConfig = configs.entry(key.as_str().into()).or_insert(none);
            config.values.extend(setting.value.iter().map(|value| (source, value.clone())));
        }
    };
    let of_broker = |broker: i32| {
        let mut configs = BTreeMap::new();
        of(BrokerScope::One(broker), ConfigSource::DynamicBroker, &mut configs);
        of(BrokerScope::All, ConfigSource::DynamicDefaultBroker, &mut configs);
        (broker, configs)
    };
    brokers.into_iter().map(of_broker).collect()
}

/// Every key was changed once.
fn delivered(desired: &Desired<'_>) -> Keys {
    let wanted = desired.deliveries.wanted.iter();
    let entry = |value: &String| KeyEntry { value: value.clone(), index: 1, told: None };
    let keys = wanted.flat_map(|(service, wanted)| {
        wanted.keys.iter().map(move |(key, value)| (format!("{service}/{key}"), entry(value)))
    });
    keys.collect()
}

fn registry(desired: &Desired<'_>) -> LiveRegistry {
    let subjects = desired.subjects.iter().map(|(subject, wanted)| {
        let references = wanted.references.iter().map(|reference| Reference {
            name: reference.name.value.clone(),
            subject: reference.subject.value.clone(),
            version: match reference.version.map(|version| version.value) {
                Some(ReferenceVersion::Number(number)) => number,
                Some(ReferenceVersion::Latest) | None => VERSION,
            },
        });
        let schema =
            NewSchema { format: wanted.format, text: wanted.text.to_string(), references: references.collect() };
        let latest = RegisteredSchema { version: VERSION, id: 0, schema, properties: BTreeMap::new() };
        let live = LiveSubject {
            latest: Observed::Known(Some(latest)),
            compatibility: Observed::Known(Some(wanted.compatibility.value.to_registry())),
            group: None,
            taken_for: None,
        };
        (subject.clone(), live)
    });
    let info = RegistryInfo { compatibility: None, mode: None, group: None };
    LiveRegistry { info, subjects: subjects.collect(), others: Vec::new() }
}
