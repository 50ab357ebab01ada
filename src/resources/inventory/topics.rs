use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::needs::RATE_WINDOW;
use super::unseen::members;
use super::{Cell, Item, Seen, Status};
use crate::model::{Address, GroupId, Subject, Timestamp, TopicName};
use crate::plan::{Action, FieldValue};
use crate::ports::kafka::{Acl, AclOperation, AclPermission, AclResourceType};
use crate::resources::acl::{GrantSpec, principals_of};
use crate::resources::impact::{GroupFacts, TopicFacts};
use crate::resources::topic::{
    DesiredTopic, LiveTopic, ManagedBy, State, TopicSpec, is_transient, kafka_value, source_name,
};
use crate::source::Place;

/// A topic.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TopicItem {
    /// Its name.
    pub name: TopicName,
    /// How the declared and the live stand to each other.
    pub status: Status,
    /// The team that answers for it.
    pub owner: Option<String>,
    /// Its domain.
    pub domain: Option<String>,
    /// Its class.
    pub class: Option<String>,
    /// Who creates and changes it, where it is declared.
    pub managed_by: Option<ManagedBy>,
    /// Its partitions: as they are, else as declared.
    pub partitions: u64,
    /// Replicas of each: of the partition that has the fewest, else as declared.
    pub replication_factor: u64,
    /// The most records that it holds: offsets that are not taken by a record count too.
    pub records: Option<u64>,
    /// The size of all its replicas on disk.
    pub bytes: Option<u64>,
    /// How many records were written in each second of the last hour, on average.
    pub records_per_second: Option<f64>,
    /// How many records the group that is furthest behind has left to read, of those that were seen; `None` where none reads
    /// it, or where it would be none and groups may not have been seen.
    pub lag: Option<u64>,
    /// How many groups read it, or have offsets in it, of those that were seen; `None` where it would be none and some may
    /// not have been seen.
    pub groups: Option<u64>,
    /// Services that are declared to write it.
    pub producers: Vec<String>,
    /// Services that are declared to read it.
    pub consumers: Vec<String>,
    /// Subjects that are declared for it.
    pub subjects: Vec<Subject>,
    /// More, where it was asked for by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<TopicDetails>,
}

/// What is told of one topic.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TopicDetails {
    /// What one record means.
    pub description: Option<String>,
    /// Where it is declared.
    pub place: Option<Place>,
    /// The latest timestamp of its records.
    pub last_write: Option<Timestamp>,
    /// What it is declared to have, and what it has.
    pub values: Vec<ComparedValue>,
    /// Its partitions in order of their numbers.
    pub partitions: Vec<Partition>,
    /// The groups that read it.
    pub readers: Vec<TopicGroup>,
    /// Who may write and read it.
    pub clients: Vec<TopicClient>,
}

/// A value of a topic or a quota that is declared, beside the one that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ComparedValue {
    /// `partitions`, `replication_factor` or `config.KEY`; of a quota what it limits, behind the user where there are several.
    pub name: String,
    /// What is declared.
    pub declared: Option<FieldValue>,
    /// What is there; of a topic also where it comes from where nothing is set on it.
    pub live: Option<FieldValue>,
    /// Whether it is there otherwise than declared; `None` where no manifest speaks of it, or what is there is not known.
    pub differs: Option<bool>,
}

/// A partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Partition {
    /// Its number.
    pub partition: u64,
    /// Brokers with a replica, the preferred leader first.
    pub replicas: Vec<i32>,
    /// Brokers whose replica is in sync.
    pub isr: Vec<i32>,
    /// The offset of its first record.
    pub earliest: Option<i64>,
    /// The offset behind its last record.
    pub latest: Option<i64>,
    /// The size of its largest replica on disk.
    pub bytes: Option<u64>,
}

/// A group that reads a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TopicGroup {
    /// The group.
    pub group: GroupId,
    /// The services whose manifests name it.
    pub services: Vec<String>,
    /// Its state in Kafka's words.
    pub state: Option<String>,
    /// Its members; of share and Streams groups they are not asked for.
    pub members: Option<u64>,
    /// How many records it has left to read here.
    pub lag: Option<u64>,
    /// The most that it may have left to read.
    pub max_lag: Option<u64>,
}

/// A service that is declared to write or read a topic, or a principal that may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TopicClient {
    /// The service or role; of a principal that nothing declares, the principal.
    pub client: String,
    /// `write` or `read`.
    pub access: &'static str,
    /// Whether the topic's owner names it.
    pub named_by_topic: bool,
    /// Whether the service asks for it.
    pub asked_by_service: bool,
    /// Whether an ACL that names the topic itself allows it now; `None` where ACLs could not be seen.
    pub granted: Option<bool>,
}

impl Item for TopicItem {
    const KIND: &'static str = "topics";
    const COLUMNS: &'static [&'static str] = &[
        "topic",
        "status",
        "owner",
        "class",
        "partitions",
        "replicas",
        "records",
        "size",
        "rate",
        "lag",
        "groups",
        "writers",
        "readers",
        "schemas",
    ];

    fn name(&self) -> &str {
        self.name.as_str()
    }

    fn status(&self) -> Status {
        self.status
    }

    fn cell(&self, column: usize) -> Cell {
        match column {
            0 => Cell::Text(self.name.to_string()),
            1 => Cell::Text(self.status.to_string()),
            2 => Cell::of_text(self.owner.as_ref()),
            3 => Cell::of_text(self.class.as_ref()),
            4 => Cell::Number(self.partitions),
            5 => Cell::Number(self.replication_factor),
            6 => Cell::of_number(self.records),
            7 => self.bytes.map_or(Cell::Nothing, Cell::Bytes),
            8 => self.records_per_second.map_or(Cell::Nothing, Cell::PerSecond),
            9 => Cell::of_number(self.lag),
            10 => Cell::of_number(self.groups),
            11 => Cell::Number(self.producers.len() as u64),
            12 => Cell::Number(self.consumers.len() as u64),
            _ => Cell::Number(self.subjects.len() as u64),
        }
    }
}

/// The topics that are declared or there, but for those of Kafka and of busctl itself; with details of each where asked.
pub fn topics(seen: &Seen<'_>, wanted: &dyn Fn(&str) -> bool, detailed: bool) -> Vec<TopicItem> {
    let readers = readers(seen);
    let mut subjects: BTreeMap<&str, Vec<Subject>> = BTreeMap::new();
    for (subject, schema) in &seen.desired.subjects {
        if let Some(topic) = &schema.topic {
            subjects.entry(topic.as_str()).or_default().push(subject.clone());
        }
    }
    let there = seen.live.topics.of_applications();
    let names: BTreeSet<&TopicName> = seen.desired.topics.keys().chain(there.map(|(name, _)| name)).collect();
    let item = |name: &TopicName| {
        let (declared, live) = (seen.desired.topics.get(name), seen.live.topics.topics.get(name));
        let mut item = item(seen, name, declared, live, readers.get(name).map_or(&[], Vec::as_slice))?;
        item.subjects = subjects.get(name.as_str()).cloned().unwrap_or_default();
        if detailed {
            item.details = Some(details(seen, name, declared, live, readers.get(name).map_or(&[], Vec::as_slice)));
        }
        Some(item)
    };
    names.into_iter().filter(|name| wanted(name.as_str())).filter_map(item).collect()
}

type Reader<'a> = (&'a GroupId, &'a GroupFacts);

/// The groups that read each topic, or have offsets in it.
fn readers<'a>(seen: &Seen<'a>) -> BTreeMap<&'a TopicName, Vec<Reader<'a>>> {
    let mut readers: BTreeMap<&TopicName, Vec<Reader<'_>>> = BTreeMap::new();
    for (id, group) in seen.groups() {
        for topic in group.topics().collect::<BTreeSet<_>>() {
            readers.entry(topic).or_default().push((id, group));
        }
    }
    readers
}

/// `None` for one that is declared to be gone, and is.
fn item(
    seen: &Seen<'_>,
    name: &TopicName,
    declared: Option<&DesiredTopic>,
    live: Option<&LiveTopic>,
    readers: &[Reader<'_>],
) -> Option<TopicItem> {
    let workspace = seen.desired.workspace;
    let spec = workspace.topics.get(name).filter(|_| declared.is_some());
    let status = status(seen, name, declared, live)?;
    let facts = seen.facts.and_then(|facts| facts.topics.get(name)).filter(|_| live.is_some());
    let count = |live: Option<u32>, declared: Option<u32>| u64::from(live.or(declared).unwrap_or(0));
    let domain = workspace.domain_of(name);
    let lags = readers.iter().filter_map(|(_, group)| seen.lag(group, name));
    // That there is no group, or none that is behind, is known only where no other can be there.
    let groups = facts.map(|_| readers.len() as u64).filter(|count| *count > 0 || seen.sees_every_group());
    Some(TopicItem {
        name: name.clone(),
        status,
        owner: match spec {
            Some(spec) => workspace.owner_of(spec).map(str::to_owned),
            None => workspace.catalog.domains.get(domain).map(|domain| domain.owner.value.to_string()),
        },
        domain: workspace.catalog.domains.contains_key(domain).then(|| domain.to_owned()),
        class: spec.and_then(|spec| Some(spec.class.as_ref()?.value.to_string())),
        managed_by: declared.map(|declared| declared.managed_by),
        partitions: count(
            live.map(|live| live.partitions.len() as u32),
            declared.map(|declared| declared.partitions.value),
        ),
        replication_factor: count(
            live.map(LiveTopic::replication_factor),
            declared.map(|declared| declared.replication_factor.value),
        ),
        records: facts.and_then(|facts| facts.partitions.iter().map(|partition| partition.records()).sum()),
        bytes: facts.and_then(|facts| facts.partitions.iter().map(|partition| partition.bytes_of_all_replicas).sum()),
        records_per_second: facts.and_then(rate),
        lag: lags.max().filter(|lag| *lag > 0 || seen.may_describe_cluster()),
        groups,
        producers: spec.map(producers).unwrap_or_default(),
        consumers: spec.map(consumers).unwrap_or_default(),
        subjects: Vec::new(),
        details: None,
    })
}

fn producers(spec: &TopicSpec) -> Vec<String> {
    spec.producers.iter().map(|producer| producer.service.value.to_string()).collect()
}

fn consumers(spec: &TopicSpec) -> Vec<String> {
    spec.consumers.iter().map(|consumer| consumer.service.value.to_string()).collect()
}

/// Records of the last hour, by their timestamps, for each second of it.
fn rate(facts: &TopicFacts) -> Option<f64> {
    let young = |partition: &crate::resources::impact::PartitionFacts| {
        partition.ages.iter().any(|(age, _)| *age == RATE_WINDOW).then_some(())?;
        Some(partition.records()?.saturating_sub(partition.records_older_than(RATE_WINDOW)?))
    };
    let young: u64 = facts.partitions.iter().map(young).sum::<Option<u64>>()?;
    Some(young as f64 / (RATE_WINDOW / 1000) as f64)
}

fn status(
    seen: &Seen<'_>,
    name: &TopicName,
    declared: Option<&DesiredTopic>,
    live: Option<&LiveTopic>,
) -> Option<Status> {
    let address = Address::topic(name);
    if seen.is_offline {
        return declared.filter(|declared| declared.state == State::Present).map(|_| Status::Declared);
    }
    if seen.live.topics.hidden.contains_key(name) || seen.is_hidden(&address) {
        return Some(Status::Unseen);
    }
    let Some(declared) = declared else { return Some(Status::Unmanaged) };
    let ours = declared.managed_by == ManagedBy::Busctl && seen.desired.cluster.manages_topic(name.as_str());
    Some(match (declared.state, live) {
        (State::Absent, None) => return None,
        (State::Absent, Some(_)) => Status::Leaving,
        (State::Present, None) => Status::Missing,
        (State::Present, Some(_)) if !ours => Status::Observed,
        // Fewer partitions cannot be planned, and are a difference all the same.
        (State::Present, Some(live)) if live.partitions.len() != declared.partitions.value as usize => Status::Differs,
        (State::Present, Some(_)) => match seen.change(&address) {
            Some(Action::Update) => Status::Differs,
            _ => Status::Settled,
        },
    })
}

fn details(
    seen: &Seen<'_>,
    name: &TopicName,
    declared: Option<&DesiredTopic>,
    live: Option<&LiveTopic>,
    readers: &[Reader<'_>],
) -> TopicDetails {
    let workspace = seen.desired.workspace;
    let spec = workspace.topics.get(name).filter(|_| declared.is_some());
    let facts = seen.facts.and_then(|facts| facts.topics.get(name));
    let named = seen.declared_groups();
    let reader = |(id, group): &Reader<'_>| {
        let services = named.get(id.as_str());
        let objectives = services.into_iter().flatten().filter_map(|service| seen.objective(service, name.as_str()));
        TopicGroup {
            group: (*id).clone(),
            services: services.into_iter().flatten().map(|service| (*service).to_owned()).collect(),
            state: group.state.clone(),
            members: members(group),
            lag: seen.lag(group, name),
            max_lag: objectives.min(),
        }
    };
    let last_write = facts.and_then(|facts| facts.partitions.iter().filter_map(|partition| partition.last_write).max());
    TopicDetails {
        description: spec.and_then(|spec| Some(spec.description.as_ref()?.value.clone())),
        place: spec.map(|spec| workspace.place(spec.topic.span)),
        last_write,
        values: values(seen, declared, live),
        partitions: live.map(|live| partitions(live, facts)).unwrap_or_default(),
        readers: readers.iter().map(reader).collect(),
        clients: clients(seen, name, spec),
    }
}

fn values(seen: &Seen<'_>, declared: Option<&DesiredTopic>, live: Option<&LiveTopic>) -> Vec<ComparedValue> {
    // Of a topic that nothing declares nothing can differ.
    let differs = |differs: bool| declared.zip(live).map(|_| differs);
    let number = |name: &str, declared: Option<u32>, live: Option<u32>| ComparedValue {
        name: name.to_owned(),
        declared: declared.map(FieldValue::plain),
        live: live.map(FieldValue::plain),
        differs: differs(declared != live),
    };
    let mut values = vec![
        number(
            "partitions",
            declared.map(|declared| declared.partitions.value),
            live.map(|live| live.partitions.len() as u32),
        ),
        number(
            "replication_factor",
            declared.map(|declared| declared.replication_factor.value),
            live.map(LiveTopic::replication_factor),
        ),
    ];
    let set = live.and_then(|live| live.configs.known());
    let keys = declared.into_iter().flat_map(|declared| declared.configs.keys());
    let keys: BTreeSet<_> = keys.chain(set.into_iter().flat_map(|set| set.keys())).collect();
    for key in keys {
        let wanted = declared.and_then(|declared| declared.configs.get(key));
        // What an unseen config is, a default would only pretend to know.
        let found = set.and_then(|set| match set.get(key) {
            Some(raw) => Some(kafka_value(key, raw)),
            None => {
                let (raw, source) = seen.live.topics.defaults.get(key)?;
                Some(kafka_value(key, raw).from_source(source_name(*source)))
            }
        });
        let wanted = wanted.map(|wanted| kafka_value(key, wanted.value.as_str()));
        let is_otherwise = match (&wanted, &found) {
            (Some(wanted), Some(found)) => wanted.value != found.value,
            // Set on the topic and by no manifest.
            (None, Some(found)) => found.source.is_none() && !is_transient(key),
            (wanted, None) => wanted.is_some(),
        };
        values.push(ComparedValue {
            name: format!("config.{key}"),
            differs: set.and_then(|_| differs(is_otherwise)),
            declared: wanted,
            live: found,
        });
    }
    values
}

fn partitions(live: &LiveTopic, facts: Option<&TopicFacts>) -> Vec<Partition> {
    let of = |(number, partition): (usize, &crate::ports::kafka::PartitionInfo)| {
        let facts = facts.and_then(|facts| facts.partitions.get(number));
        Partition {
            partition: number as u64,
            replicas: partition.replicas.clone(),
            isr: partition.isr.clone(),
            earliest: facts.and_then(|facts| facts.earliest),
            latest: facts.and_then(|facts| facts.latest),
            bytes: facts.and_then(|facts| facts.bytes),
        }
    };
    live.partitions.iter().enumerate().map(of).collect()
}

/// Services that either side names, and principals that an ACL on the topic itself lets in although nothing declares them.
fn clients(seen: &Seen<'_>, name: &TopicName, spec: Option<&TopicSpec>) -> Vec<TopicClient> {
    let (workspace, cluster) = (seen.desired.workspace, seen.desired.cluster);
    let acls = seen.live.acls.known();
    let allows = |acl: &&Acl, operation: AclOperation| {
        acl.resource == AclResourceType::Topic
            && *acl.name == *name.as_str()
            && acl.permission == AclPermission::Allow
            && acl.operation == operation
    };
    let mut clients = Vec::new();
    for (access, operation) in [("write", AclOperation::Write), ("read", AclOperation::Read)] {
        let named = spec.map(if access == "write" { producers } else { consumers }).unwrap_or_default();
        let is_of_cluster = |grants: &&GrantSpec| workspace.selects(&grants.clusters, cluster) && !grants.is_leaving();
        let asks = |service: &str| {
            workspace.grants.get(service).filter(is_of_cluster).is_some_and(|grants| match access {
                "write" => grants.produces.iter().any(|produces| produces.topic.value == *name),
                _ => grants.consumes.iter().any(|consumes| consumes.topic.value == *name),
            })
        };
        let asking = workspace.grants.keys().filter(|service| asks(service)).cloned();
        let services: BTreeSet<String> = named.iter().cloned().chain(asking).collect();
        for service in services {
            let none = BTreeMap::new();
            let written = workspace.grants.get(&service).map_or(&none, |grants| &grants.principals);
            let principals = principals_of(cluster, &service, written);
            let granted =
                acls.map(|acls| acls.iter().any(|acl| allows(&acl, operation) && principals.contains(&acl.principal)));
            clients.push(TopicClient {
                named_by_topic: named.contains(&service),
                asked_by_service: asks(&service),
                client: service,
                access,
                granted,
            });
        }
        let strangers: BTreeSet<_> = acls
            .into_iter()
            .flatten()
            .filter(|acl| allows(acl, operation) && !seen.desired.grants.owners.contains_key(&acl.principal))
            .map(|acl| acl.principal.to_string())
            .collect();
        clients.extend(strangers.into_iter().map(|client| TopicClient {
            client,
            access,
            named_by_topic: false,
            asked_by_service: false,
            granted: Some(true),
        }));
    }
    clients
}
