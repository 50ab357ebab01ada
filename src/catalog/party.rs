use crate::resources::Workspace;
use crate::resources::catalog::{RoleSpec, ServiceKind};
use crate::resources::topic::{CompanionKind, ConsumerSpec, Thresholds, TopicSpec};

/// A service or role that writes or reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Party<'w> {
    /// Its name.
    pub name: &'w str,
    /// What it is.
    pub kind: PartyKind,
    /// What it does.
    pub description: Option<&'w str>,
    /// The team that answers for it.
    pub owner: Option<&'w str>,
}

/// What a party is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartyKind {
    /// A declared service.
    Service(ServiceKind),
    /// A role of the bus's operators.
    Role,
    /// A name that `catalog/` does not declare.
    Undeclared,
}

impl<'w> Party<'w> {
    /// The service or role of this name.
    pub fn of(workspace: &'w Workspace, name: &'w str) -> Self {
        if let Some(service) = workspace.catalog.services.get(name) {
            let by_grant = workspace.grants.get(name).is_some_and(|grant| grant.external.is_some());
            let kind = match service.kind.map_or(ServiceKind::Service, |kind| kind.value) {
                ServiceKind::Service if by_grant => ServiceKind::External,
                kind => kind,
            };
            return Self {
                name,
                kind: PartyKind::Service(kind),
                description: service.description.as_ref().map(|text| text.value.as_str()),
                owner: Some(service.owner.as_str()),
            };
        }
        match workspace.catalog.roles.get(name) {
            Some(role) => Self::of_role(name, role),
            None => Self { name, kind: PartyKind::Undeclared, description: None, owner: None },
        }
    }

    fn of_role(name: &'w str, role: &'w RoleSpec) -> Self {
        Self {
            name,
            kind: PartyKind::Role,
            description: role.description.as_ref().map(|text| text.value.as_str()),
            owner: Some(role.owner.as_str()),
        }
    }
}

/// Who may write or read a topic, and on whose word.
#[derive(Debug)]
pub struct Access<'w> {
    /// Who.
    pub party: Party<'w>,
    /// On whose word.
    pub consent: Consent,
}

/// On whose word a party may write or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// The topic's owner names the party, and the party asks for it.
    Both,
    /// The topic's owner names the party, which does not ask for it yet.
    OwnerOnly,
    /// A role whose patterns hold the topic; the topic does not name it.
    Pattern,
}

/// A party that reads a topic.
#[derive(Debug)]
pub struct Consumer<'w> {
    /// Who, and on whose word.
    pub access: Access<'w>,
    /// Its groups.
    pub groups: Vec<String>,
    /// The most records that it may be behind.
    pub max_lag: Option<u32>,
    /// The topics for records that it cannot process.
    pub dead_letters: Vec<(CompanionKind, String)>,
    /// How many of them are too many.
    pub thresholds: Option<Thresholds>,
}

/// Who may write a topic: those that it names, then roles.
pub fn producers_of<'w>(workspace: &'w Workspace, topic: &'w TopicSpec) -> Vec<Access<'w>> {
    let name = &topic.topic.value;
    let named = topic.producers.iter().map(|producer| {
        let service = producer.service.as_str();
        let asks =
            workspace.grants.get(service).is_some_and(|grant| grant.produces.iter().any(|entry| *entry.topic == *name));
        let asks = asks || workspace.catalog.roles.get(service).is_some_and(|role| writes(workspace, role, topic));
        access(workspace, service, asks)
    });
    let roles = workspace
        .catalog
        .roles
        .iter()
        .filter(|(role, spec)| writes(workspace, spec, topic) && !topic.names_producer(role));
    sorted(named.collect(), roles.map(|(role, spec)| by_pattern(role, spec)).collect(), |access| access.party.name)
}

/// Who may read a topic: those that it names, then roles.
pub fn consumers_of<'w>(workspace: &'w Workspace, topic: &'w TopicSpec) -> Vec<Consumer<'w>> {
    let named = topic.consumers.iter().map(|consumer| named_consumer(workspace, topic, consumer));
    let roles = workspace
        .catalog
        .roles
        .iter()
        .filter(|(role, spec)| reads(workspace, spec, topic) && !topic.names_consumer(role));
    let roles = roles.map(|(role, spec)| Consumer {
        access: by_pattern(role, spec),
        groups: groups_of_role(spec),
        max_lag: None,
        dead_letters: Vec::new(),
        thresholds: None,
    });
    sorted(named.collect(), roles.collect(), |consumer| consumer.access.party.name)
}

fn named_consumer<'w>(workspace: &'w Workspace, topic: &'w TopicSpec, consumer: &'w ConsumerSpec) -> Consumer<'w> {
    let service = consumer.service.as_str();
    let mut groups = Vec::new();
    let mut asks = false;
    if let Some(grant) = workspace.grants.get(service) {
        for entry in grant.consumes.iter().filter(|entry| *entry.topic == *topic.topic) {
            asks = true;
            groups.extend(grant.groups_of(entry));
        }
    }
    if let Some(role) = workspace.catalog.roles.get(service).filter(|role| reads(workspace, role, topic)) {
        asks = true;
        groups.extend(groups_of_role(role));
    }
    groups.sort();
    groups.dedup();
    let kinds = CompanionKind::ALL.into_iter().filter(|kind| kind.is_wanted_by(consumer));
    let dead_letters = kinds.map(|kind| (kind, kind.name(&workspace.settings, topic.topic.as_str(), service)));
    Consumer {
        access: access(workspace, service, asks),
        groups,
        max_lag: consumer.max_lag.map(|lag| lag.value),
        dead_letters: dead_letters.collect(),
        thresholds: consumer.dead_letters().map(|letters| letters.thresholds),
    }
}

fn access<'w>(workspace: &'w Workspace, name: &'w str, asks: bool) -> Access<'w> {
    Access { party: Party::of(workspace, name), consent: if asks { Consent::Both } else { Consent::OwnerOnly } }
}

fn by_pattern<'w>(name: &'w str, role: &'w RoleSpec) -> Access<'w> {
    Access { party: Party::of_role(name, role), consent: Consent::Pattern }
}

fn writes(workspace: &Workspace, role: &RoleSpec, topic: &TopicSpec) -> bool {
    let tending = workspace.tending(role, topic);
    // That records are restored to where they were is no flow.
    let sends = tending.writes && !tending.settles;
    sends || role.writes.iter().any(|pattern| pattern.matches(topic.topic.as_str()))
}

fn reads(workspace: &Workspace, role: &RoleSpec, topic: &TopicSpec) -> bool {
    role.reads.iter().any(|pattern| pattern.matches(topic.topic.as_str())) || workspace.tending(role, topic).reads
}

fn groups_of_role(role: &RoleSpec) -> Vec<String> {
    role.groups.iter().map(|group| group.to_string()).collect()
}

/// Both parts by name and each name once, so that the order in the manifests does not show.
fn sorted<'w, T>(mut named: Vec<T>, mut roles: Vec<T>, name: impl Fn(&T) -> &'w str) -> Vec<T> {
    named.sort_by_key(&name);
    named.dedup_by(|a, b| name(a) == name(b));
    roles.sort_by_key(&name);
    named.extend(roles);
    named
}
