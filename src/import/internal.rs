//! Topics that no team has decided about: those that applications make for themselves.

use std::collections::HashSet;

use super::{Found, FoundTopic};
use crate::model::{PatternType, TopicName};
use crate::ports::kafka::{Acl, AclOperation, AclPermission, AclResourceType};
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
    /// What the ids of others start with: their groups and topics alike.
    prefixes: HashSet<&'f str>,
    /// Whether MirrorMaker keeps something of its own here.
    has_mirrors: bool,
}

/// Whether an ACL lets an application make topics by a prefix of their names.
pub fn makes_topics(acl: &Acl) -> bool {
    acl.resource == AclResourceType::Topic
        && acl.pattern == PatternType::Prefixed
        && acl.permission == AclPermission::Allow
        && matches!(acl.operation, AclOperation::All | AclOperation::Create)
}

impl<'f> Internals<'f> {
    /// Of a bus.
    pub fn of(found: &'f Found) -> Self {
        let named = |resource: AclResourceType, pattern: PatternType| {
            found.acls.iter().filter(move |acl| acl.resource == resource && acl.pattern == pattern)
        };
        let groups = |pattern: PatternType| -> HashSet<(&str, &str)> {
            named(AclResourceType::Group, pattern).map(|acl| (acl.principal.as_str(), &*acl.name)).collect()
        };
        let (literal, prefixed) = (groups(PatternType::Literal), groups(PatternType::Prefixed));
        let (mut applications, mut prefixes) = (HashSet::new(), HashSet::new());
        for acl in named(AclResourceType::Topic, PatternType::Prefixed) {
            let is_group_of = |groups: &HashSet<(&str, &str)>, id: &str| groups.contains(&(acl.principal.as_str(), id));
            let id = acl.name.strip_suffix('-');
            applications.extend(id.filter(|id| is_group_of(&literal, id)));
            // Kafka's own example grants everything on topics and groups that start with the id, without a dash behind it.
            if makes_topics(acl) {
                applications.extend(Some(&*acl.name).filter(|id| is_group_of(&literal, id)));
                prefixes.extend([Some(&*acl.name), id].into_iter().flatten().filter(|id| is_group_of(&prefixed, id)));
            }
        }
        let has_mirrors = found.topics.keys().any(|name| is_of_mirrors(name.as_str()));
        Self { found, applications, prefixes, has_mirrors }
    }

    /// Whose a topic is, by its name, its configs and its neighbours.
    pub fn adoption(&self, name: &TopicName) -> Adoption {
        let topic = &self.found.topics[name];
        let name = name.as_str();
        let manager = if self.is_of_streams(name, topic) {
            ManagedBy::Streams
        } else if is_of_connect(self.found, name) || self.is_heartbeats(name, topic) {
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
        let Some(start) = ["-changelog", "-repartition"].iter().find_map(|end| name.strip_suffix(end)) else {
            return false;
        };
        let starts_with_id = || name.match_indices('-').any(|(at, _)| self.applications.contains(&name[..at]));
        // Behind the id stand a dash and what is kept: a topic that is the id alone is none of these.
        let has_id = |prefix: &str| {
            start.starts_with(prefix) && start.rfind('-').is_some_and(|dash| dash >= prefix.trim_end_matches('-').len())
        };
        let starts_with_prefix = || self.prefixes.iter().any(|prefix| has_id(prefix));
        topic.configs.contains_key("message.timestamp.type") || starts_with_id() || starts_with_prefix()
    }

    /// Whether it is MirrorMaker's `heartbeats`, or a copy of another cluster's: compacted, in one partition. Others may call
    /// a topic so behind a prefix of theirs.
    fn is_heartbeats(&self, name: &str, topic: &FoundTopic) -> bool {
        let is_called = name == HEARTBEATS || self.has_mirrors && name.ends_with(&format!(".{HEARTBEATS}"));
        let policy = topic.configs.get("cleanup.policy").map(|policy| policy.trim());
        is_called && topic.partitions <= 1 && policy == Some("compact")
    }
}

/// The topic by which MirrorMaker shows that it copies.
const HEARTBEATS: &str = "heartbeats";

/// Whether MirrorMaker keeps offsets and settings of its own in it.
fn is_of_mirrors(name: &str) -> bool {
    name.ends_with(".internal") && (name.starts_with("mm2-") || name.contains(".checkpoints."))
}

/// Whether Connect workers keep their state in it: one of three compacted topics that are called alike, or one of
/// MirrorMaker's.
fn is_of_connect(found: &Found, name: &str) -> bool {
    if is_of_mirrors(name) {
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
