use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::{Principal, Subject, TopicName};
use crate::ports::Observed;
use crate::ports::kafka::{Acl, BrokerConfigs, BrokerInfo, Quota, ScramUser, StoredRecord};
use crate::ports::registry::RegisteredSchema;
use crate::resources::Live;
use crate::resources::broker_config::{BrokerScope, is_throttle, meaning_by_scope};
use crate::resources::cluster::NodeRole;
use crate::resources::cluster::SUPER_USERS;
use crate::resources::cluster::facts::access::AUTHORIZER_KEY;
use crate::resources::impact::Facts;
use crate::resources::schema::compatibility::Histories;
use crate::source::write::scalar;

/// What a bus has, wherever it was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// Whether it is what files ask for, and not what servers have.
    pub is_declared: bool,
    /// The id of the cluster, where it is known.
    pub cluster_id: Option<String>,
    /// What people have said of the cluster.
    pub cluster: AboutCluster,
    /// Topics of which everything is known.
    pub topics: BTreeMap<TopicName, FoundTopic>,
    /// What a topic has where it sets nothing.
    pub defaults: BTreeMap<Arc<str>, String>,
    /// ACLs.
    pub acls: Vec<Acl>,
    /// Client quotas.
    pub quotas: Vec<Quota>,
    /// What is set on brokers while they run, by the brokers that it is set for; without what they never tell, and without
    /// limits of reassignments.
    pub broker_configs: BTreeMap<BrokerScope, BTreeMap<String, String>>,
    /// The nodes, where they are known.
    pub nodes: Vec<FoundNode>,
    /// Who is let through everywhere.
    pub super_users: FoundSuperUsers,
    /// Users that log in with SCRAM.
    pub scram_users: Vec<ScramUser>,
    /// In words, where files say that the passwords of such users are kept. No server tells it.
    pub passwords: BTreeMap<String, String>,
    /// The registry, where there is one.
    pub registry: Option<FoundRegistry>,
    /// The topics that each group reads, as far as is known.
    pub readers: BTreeMap<String, BTreeSet<TopicName>>,
    /// Records of topics that samples are made of, or why there are none, in a sentence; of other topics nobody asked.
    pub records: BTreeMap<TopicName, Result<Vec<StoredRecord>, String>>,
    /// What people have said of principals.
    pub principals: BTreeMap<Principal, About>,
}

/// Who is let through everywhere, as brokers tell it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum FoundSuperUsers {
    /// Nobody, or no broker was asked.
    #[default]
    None,
    /// There are some, and brokers do not tell who they are.
    Unknown,
    /// These.
    Known(BTreeSet<Principal>),
}

impl FoundSuperUsers {
    fn of_live(live: &Live) -> Self {
        let brokers = live.facts.iter().flat_map(|facts| facts.brokers.values());
        let mut users = BTreeSet::new();
        for broker in brokers {
            // What may not be seen is not taken for absent.
            let Some(settings) = broker.settings.known() else { return Self::Unknown };
            // Without an authorizer nobody is a super user.
            let has_authorizer = settings.get(AUTHORIZER_KEY) != Some(&Some(String::new()));
            let Some(names) = settings.get(SUPER_USERS).filter(|_| has_authorizer) else { continue };
            let Some(names) = names else { return Self::Unknown };
            for name in names.split(';').map(str::trim).filter(|name| !name.is_empty()) {
                let Ok(user) = name.parse() else { return Self::Unknown };
                users.insert(user);
            }
        }
        if users.is_empty() { Self::None } else { Self::Known(users) }
    }
}

/// A node of a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundNode {
    /// `node.id`.
    pub id: i32,
    /// `broker.rack`.
    pub rack: Option<String>,
    /// What it does.
    pub roles: Vec<NodeRole>,
}

impl FoundNode {
    /// The keys of its item of `kafka.nodes`.
    pub fn keys(&self) -> String {
        let rack = self.rack.as_ref().map(|rack| format!(", rack: {}", scalar(rack))).unwrap_or_default();
        let roles = self.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", ");
        format!("id: {}{rack}, roles: [{roles}]", self.id)
    }

    /// The brokers that take part, and the nodes that vote, in the order of their ids.
    fn of_live(live: &Live) -> Vec<Self> {
        let quorum = live.facts.as_ref().and_then(|facts| facts.quorum.known());
        let voters: BTreeSet<i32> = quorum.iter().flat_map(|quorum| &quorum.voters).map(|voter| voter.id).collect();
        let brokers: BTreeMap<i32, &BrokerInfo> = live.cluster.brokers.iter().map(|it| (it.id, it)).collect();
        let ids: BTreeSet<i32> = brokers.keys().copied().chain(voters.iter().copied()).collect();
        let node = |id: i32| {
            let broker = brokers.get(&id);
            let roles = [(NodeRole::Broker, broker.is_some()), (NodeRole::Controller, voters.contains(&id))];
            let roles = roles.into_iter().filter(|(_, has)| *has).map(|(role, _)| role).collect();
            Self { id, rack: broker.and_then(|broker| broker.rack.clone()), roles }
        };
        ids.into_iter().map(node).collect()
    }
}

/// What people have said of a cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AboutCluster {
    /// Its environment.
    pub environment: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Where it runs.
    pub region: Option<String>,
}

/// What people have said of a thing. Servers know nothing of it; the files of other tools do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// What it is for.
    pub description: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// What else is said, each for a comment of one line.
    pub notes: Vec<String>,
}

impl About {
    /// The notes as comments, each on a line.
    pub fn comments(&self) -> String {
        self.notes.iter().map(|note| format!("# {}\n", one_line(note))).collect()
    }

    /// The description as a value on one line.
    pub fn description(&self) -> Option<String> {
        value(self.description.as_deref())
    }
}

impl AboutCluster {
    /// The keys of the cluster's manifest that stand before and behind its id.
    pub fn keys(&self) -> (String, String) {
        let line = |key: &str, text: &Option<String>| {
            value(text.as_deref()).map(|text| format!("{key}: {text}\n")).unwrap_or_default()
        };
        (line("description", &self.description), line("region", &self.region))
    }
}

/// A text as a value on one line.
fn value(text: Option<&str>) -> Option<String> {
    let text = one_line(text?);
    (!text.is_empty()).then(|| crate::source::write::scalar(&text))
}

/// A text without breaks of lines, and without what editors do not show.
pub(super) fn one_line(text: &str) -> String {
    let seen = text.chars().map(|c| if c.is_whitespace() || crate::source::is_unseen(c) { ' ' } else { c });
    seen.collect::<String>().split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A topic.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FoundTopic {
    /// Whether Kafka itself owns it.
    pub internal: bool,
    /// How many partitions it has; 0 where nobody knows.
    pub partitions: u32,
    /// How many replicas each partition has; 0 where nobody knows.
    pub replication_factor: u32,
    /// What is set on it, as Kafka writes it.
    pub configs: BTreeMap<Arc<str>, String>,
    /// What people have said of it.
    pub about: About,
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
    /// Its newest version. Its number is 0 where nobody knows it.
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
                about: About::default(),
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
            is_declared: false,
            cluster_id: Some(live.cluster.id.clone()),
            cluster: AboutCluster::default(),
            topics: topics.collect(),
            defaults: live.topics.defaults.iter().map(|(key, (value, _))| (key.clone(), value.clone())).collect(),
            acls: live.acls.known().cloned().unwrap_or_default(),
            quotas: live.quotas.known().cloned().unwrap_or_default(),
            broker_configs: live
                .broker_configs
                .as_ref()
                .and_then(Observed::known)
                .map(broker_configs)
                .unwrap_or_default(),
            nodes: FoundNode::of_live(live),
            super_users: FoundSuperUsers::of_live(live),
            scram_users: live.scram_users.as_ref().and_then(Observed::known).cloned().unwrap_or_default(),
            passwords: BTreeMap::new(),
            registry,
            records: BTreeMap::new(),
            readers: groups.map(|(id, group)| (id.to_string(), group.topics().cloned().collect())).collect(),
            principals: BTreeMap::new(),
        }
    }
}

fn broker_configs(found: &BrokerConfigs) -> BTreeMap<BrokerScope, BTreeMap<String, String>> {
    let of_scope = |set: BTreeMap<&str, &str>| -> BTreeMap<String, String> {
        let set = set.into_iter().filter(|(key, _)| !is_throttle(key));
        set.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    };
    meaning_by_scope(found).into_iter().map(|(scope, set)| (scope, of_scope(set))).collect()
}

/// The versions of a subject before its newest one, as far as they were read.
fn earlier(name: &Subject, latest: &RegisteredSchema, histories: Option<&Histories>) -> Vec<RegisteredSchema> {
    let Some(histories) = histories else { return Vec::new() };
    let numbers = histories.numbers(name).and_then(Observed::known).into_iter().flatten();
    let before = numbers.filter(|number| **number < latest.version);
    before.filter_map(|number| histories.version(name, *number)?.known()?.clone()).collect()
}
