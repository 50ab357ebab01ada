//! Topics that no team has decided about: those that applications make for themselves.

use std::collections::HashSet;

use super::{Found, FoundTopic};
use crate::model::{PatternType, TopicName};
use crate::ports::kafka::AclResourceType;
use crate::resources::topic::ManagedBy;

/// How a topic is adopted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Adoption {
    /// Who creates and changes it.
    pub manager: ManagedBy,
}

impl Adoption {
    /// Whether an application makes it for itself, by names that nobody chose.
    pub fn is_internal(self) -> bool {
        matches!(self.manager, ManagedBy::Streams | ManagedBy::Connect)
    }

    /// Whether this tool is to govern it.
    pub fn is_ours(self) -> bool {
        self.manager == ManagedBy::Busctl
    }
}

/// The three topics of Connect workers by what they end in.
const OF_WORKERS: [&str; 3] = ["configs", "offsets", "status"];

/// Registries and vendors keep their own state in topics that start so.
const OF_OTHERS: [&str; 7] =
    ["_schemas", "_confluent", "_redpanda", "_strimzi", "kafkasql-", "kafkasql_", "strimzi.cruisecontrol"];

/// What tells topics of applications from those that teams decide about.
pub struct Internals<'f> {
    found: &'f Found,
    /// The ids of Streams applications, as their grants show them: a group, and the topics that start with it.
    applications: HashSet<&'f str>,
}

impl<'f> Internals<'f> {
    /// Of a bus.
    pub fn of(found: &'f Found) -> Self {
        let named = |resource: AclResourceType, pattern: PatternType| {
            found.acls.iter().filter(move |acl| acl.resource == resource && acl.pattern == pattern)
        };
        let groups: HashSet<(&str, &str)> = named(AclResourceType::Group, PatternType::Literal)
            .map(|acl| (acl.principal.as_str(), &*acl.name))
            .collect();
        let applications = named(AclResourceType::Topic, PatternType::Prefixed)
            .filter_map(|acl| acl.name.strip_suffix('-').filter(|id| groups.contains(&(acl.principal.as_str(), id))));
        Self { found, applications: applications.collect() }
    }

    /// Whose a topic is, by its name, its configs and its neighbours.
    pub fn adoption(&self, name: &TopicName) -> Adoption {
        let topic = &self.found.topics[name];
        let name = name.as_str();
        let manager = if self.is_of_streams(name, topic) {
            ManagedBy::Streams
        } else if is_of_connect(self.found, name) {
            ManagedBy::Connect
        } else if OF_OTHERS.iter().any(|start| name.starts_with(start)) {
            ManagedBy::External
        } else {
            ManagedBy::Busctl
        };
        Adoption { manager }
    }

    /// Whether Kafka Streams made it. Stores may be called anything, so that the end of the name alone proves nothing:
    /// Streams counts operators in capitals, sets the timestamps' type of what it makes, and starts names with its id.
    fn is_of_streams(&self, name: &str, topic: &FoundTopic) -> bool {
        let counts = ["-KSTREAM-", "-KTABLE-", "-KSTATE-"].iter().any(|part| name.contains(part));
        if counts && ["-changelog", "-repartition", "-topic"].iter().any(|end| name.ends_with(end)) {
            return true;
        }
        let starts_with_id = || name.match_indices('-').any(|(at, _)| self.applications.contains(&name[..at]));
        let is_made = || topic.configs.contains_key("message.timestamp.type") || starts_with_id();
        ["-changelog", "-repartition"].iter().any(|end| name.ends_with(end)) && is_made()
    }
}

/// Whether Connect workers keep their state in it: one of three compacted topics that are called alike, or one of
/// MirrorMaker's.
fn is_of_connect(found: &Found, name: &str) -> bool {
    if name.ends_with(".internal") && (name.starts_with("mm2-") || name.contains(".checkpoints.")) {
        return true;
    }
    OF_WORKERS.iter().any(|end| {
        let Some(start) = name.strip_suffix(end).filter(|start| start.ends_with(['-', '_', '.'])) else { return false };
        OF_WORKERS.iter().all(|end| {
            let sibling = found.topics.get(format!("{start}{end}").as_str());
            let policy = sibling.and_then(|sibling| sibling.configs.get("cleanup.policy"));
            policy.is_some_and(|policy| policy.trim() == "compact")
        })
    })
}
