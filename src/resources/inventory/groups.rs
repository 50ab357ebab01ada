use std::collections::BTreeSet;

use serde::Serialize;

use super::unseen::members;
use super::{Cell, Item, Seen, Status};
use crate::model::TopicName;
use crate::ports::journal::LOCK_GROUP;
use crate::resources::impact::GroupFacts;

/// A consumer group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupItem {
    /// Its id.
    pub name: String,
    /// Whether manifests name it and it is there.
    pub status: Status,
    /// The services whose manifests name it.
    pub services: Vec<String>,
    /// The teams that answer for them.
    pub owners: Vec<String>,
    /// Its state in Kafka's words.
    pub state: Option<String>,
    /// Its members; of share and Streams groups they are not asked for.
    pub members: Option<u64>,
    /// How many topics it reads, or has offsets in; `None` where that was not seen. Share groups are not asked.
    pub topics: Option<u64>,
    /// How many records it has left to read in all of them; `None` where it has no offsets, or ends are not known.
    pub lag: Option<u64>,
    /// Whether it is further behind in some topic than its services may be; `None` where nothing says how far that is.
    pub late: Option<bool>,
    /// More, where it was asked for by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<GroupDetails>,
}

/// What is told of one group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupDetails {
    /// The topics that it reads, or has offsets in, and those that it is declared to read.
    pub topics: Vec<GroupTopic>,
    /// Its members.
    pub members: Vec<GroupMemberItem>,
    /// What could not be read of it.
    pub missing: Vec<String>,
}

/// A topic of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupTopic {
    /// The topic.
    pub topic: TopicName,
    /// Whether a manifest says that the group reads it.
    pub declared: bool,
    /// Partitions in which it has offsets; `None` where it was not seen.
    pub partitions: Option<u64>,
    /// How many records it has left to read.
    pub lag: Option<u64>,
    /// The most that it may have left to read.
    pub max_lag: Option<u64>,
}

/// A member of a group. Which principal is behind it, brokers do not tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupMemberItem {
    /// `client.id`.
    pub client_id: String,
    /// The host that it connects from.
    pub host: String,
    /// The topics of its assignment.
    pub topics: Vec<TopicName>,
}

impl Item for GroupItem {
    const KIND: &'static str = "groups";
    const COLUMNS: &'static [&'static str] =
        &["group", "status", "services", "owner", "state", "members", "topics", "lag", "late"];

    fn name(&self) -> &str {
        &self.name
    }

    fn status(&self) -> Status {
        self.status
    }

    fn cell(&self, column: usize) -> Cell {
        let list = |names: &[String]| match names {
            [] => Cell::Nothing,
            names => Cell::Text(names.join(", ")),
        };
        match column {
            0 => Cell::Text(self.name.clone()),
            1 => Cell::Text(self.status.to_string()),
            2 => list(&self.services),
            3 => list(&self.owners),
            4 => Cell::of_text(self.state.as_ref()),
            5 => Cell::of_number(self.members),
            6 => Cell::of_number(self.topics),
            7 => Cell::of_number(self.lag),
            _ => Cell::of_text(self.late.map(|late| if late { "yes" } else { "no" })),
        }
    }
}

/// The groups that manifests name or that are there, but for busctl's own; with details of each where asked.
pub fn groups(seen: &Seen<'_>, wanted: &dyn Fn(&str) -> bool, detailed: bool) -> Vec<GroupItem> {
    let named = seen.declared_groups();
    let found: std::collections::BTreeMap<&str, &GroupFacts> =
        seen.groups().map(|(id, group)| (id.as_str(), group)).collect();
    let names: BTreeSet<&str> = named.keys().map(String::as_str).chain(found.keys().copied()).collect();
    let item = |name: &str| {
        let (services, group) = (named.get(name), found.get(name).copied());
        let services: Vec<&str> = services.into_iter().flatten().copied().collect();
        item(seen, name, &services, group, detailed)
    };
    names.into_iter().filter(|name| *name != LOCK_GROUP && wanted(name)).map(item).collect()
}

fn item(seen: &Seen<'_>, name: &str, services: &[&str], group: Option<&GroupFacts>, detailed: bool) -> GroupItem {
    let topics = topics(seen, name, services, group);
    let owners: BTreeSet<&str> = services.iter().filter_map(|service| seen.owner_of_client(service)).collect();
    let read = || topics.iter().filter(|topic| topic.partitions.is_some_and(|partitions| partitions > 0));
    let objectives = || topics.iter().filter_map(|topic| Some((topic.lag?, topic.max_lag?)));
    GroupItem {
        name: name.to_owned(),
        status: match (services, group) {
            _ if seen.is_offline => Status::Declared,
            // Where not every group is told nobody knows whether it is there.
            (_, None) if !seen.sees_every_group() => Status::Unseen,
            ([], _) => Status::Unmanaged,
            (_, Some(_)) => Status::Settled,
            (_, None) => Status::Missing,
        },
        services: services.iter().map(|service| (*service).to_owned()).collect(),
        owners: owners.into_iter().map(str::to_owned).collect(),
        state: group.and_then(|group| group.state.clone()),
        members: group.and_then(members),
        topics: group.and_then(read_topics),
        lag: read().next().and_then(|_| read().map(|topic| topic.lag).sum()),
        late: objectives().next().map(|_| objectives().any(|(lag, most)| lag > most)),
        details: detailed.then(|| GroupDetails {
            topics,
            members: group.map(member_items).unwrap_or_default(),
            missing: group.map(|group| group.missing.clone()).unwrap_or_default(),
        }),
    }
}

fn topics(seen: &Seen<'_>, name: &str, services: &[&str], group: Option<&GroupFacts>) -> Vec<GroupTopic> {
    let workspace = seen.desired.workspace;
    let mut declared: BTreeSet<&TopicName> = BTreeSet::new();
    for grants in services.iter().filter_map(|service| workspace.grants.get(*service)) {
        let reads =
            grants.consumes.iter().filter(|consumes| grants.groups_of(consumes).iter().any(|group| group == name));
        declared.extend(reads.map(|consumes| &consumes.topic.value));
    }
    let read = group.into_iter().flat_map(GroupFacts::topics);
    let all: BTreeSet<&TopicName> = declared.iter().copied().chain(read).collect();
    let topic = |topic: &TopicName| GroupTopic {
        topic: topic.clone(),
        declared: declared.contains(topic),
        partitions: group.map(|group| group.committed.get(topic).map_or(0, |offsets| offsets.len() as u64)),
        lag: group.and_then(|group| seen.lag(group, topic)),
        max_lag: services.iter().filter_map(|service| seen.objective(service, topic.as_str())).min(),
    };
    all.into_iter().map(topic).collect()
}

/// How many topics a group reads. None are known only where all of it could be read.
fn read_topics(group: &GroupFacts) -> Option<u64> {
    let count = group.topics().collect::<BTreeSet<_>>().len() as u64;
    Some(count).filter(|count| *count > 0 || group.missing.is_empty())
}

fn member_items(group: &GroupFacts) -> Vec<GroupMemberItem> {
    let member = |member: &crate::resources::impact::MemberFacts| GroupMemberItem {
        client_id: member.client_id.clone(),
        host: member.host.clone(),
        topics: member.topics.clone(),
    };
    group.members.iter().map(member).collect()
}
