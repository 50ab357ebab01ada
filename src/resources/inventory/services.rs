use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::topics::ComparedValue;
use super::unseen::members;
use super::{Cell, Item, Seen, Status};
use crate::model::{Kind, Principal, TopicName};
use crate::ports::kafka::{Acl, AclPermission, ScramUser};
use crate::resources::acl::{GrantSpec, address_of};
use crate::resources::quota::{DesiredQuota, QuotaEntity, QuotaKey, Quotas, Who, in_scope, known_of};
use crate::source::Place;

/// A service or a role; or a principal that has ACLs or logs in with SCRAM, and that nothing declares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServiceItem {
    /// Its name; of a principal that nothing declares, the principal.
    pub name: String,
    /// How the declared and the live stand to each other.
    pub status: Status,
    /// `service`, `streams`, `connect`, `external` or `role`.
    pub client: Option<String>,
    /// The team that answers for it.
    pub owner: Option<String>,
    /// The domain that it belongs to.
    pub domain: Option<String>,
    /// The principals that it has on the cluster.
    pub principals: Vec<Principal>,
    /// Topics that it asks to write.
    pub produces: Vec<TopicName>,
    /// Topics that it asks to read.
    pub consumes: Vec<TopicName>,
    /// Its groups.
    pub groups: Vec<String>,
    /// How many members its groups have now; `None` where those of one are not known.
    pub members: Option<u64>,
    /// How many records its groups have left to read.
    pub lag: Option<u64>,
    /// The ACLs that its principals have; `None` where they could not be seen.
    pub acls: Option<u64>,
    /// The users that its principals log in as with SCRAM, each with its mechanisms; `None` where they could not be seen.
    pub scram: Option<Vec<String>>,
    /// More, where it was asked for by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<ServiceDetails>,
}

/// What is told of one service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServiceDetails {
    /// What it does.
    pub description: Option<String>,
    /// Where its grants are declared.
    pub place: Option<Place>,
    /// What the quotas of its users limit: `produce`, `consume`, `request` …, behind the user where there are several.
    pub quotas: Vec<ComparedValue>,
    /// What it may do.
    pub grants: Vec<GrantItem>,
}

/// What a service may do with a resource, or may not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GrantItem {
    /// The grant's address; of a principal that nothing declares, the resource alone.
    pub grant: String,
    /// The operations that it is declared to have, and has.
    pub operations: Vec<String>,
    /// Those that it is declared to have, and has not.
    pub missing: Vec<String>,
    /// Those that it has, and is not declared to have.
    pub extra: Vec<String>,
}

impl Item for ServiceItem {
    const KIND: &'static str = "services";
    const COLUMNS: &'static [&'static str] =
        &["service", "status", "kind", "owner", "domain", "produces", "consumes", "groups", "members", "lag", "acls"];

    fn name(&self) -> &str {
        &self.name
    }

    fn status(&self) -> Status {
        self.status
    }

    fn cell(&self, column: usize) -> Cell {
        match column {
            0 => Cell::Text(self.name.clone()),
            1 => Cell::Text(self.status.to_string()),
            2 => Cell::of_text(self.client.as_ref()),
            3 => Cell::of_text(self.owner.as_ref()),
            4 => Cell::of_text(self.domain.as_ref()),
            5 => Cell::Number(self.produces.len() as u64),
            6 => Cell::Number(self.consumes.len() as u64),
            7 => Cell::Number(self.groups.len() as u64),
            8 => Cell::of_number(self.members),
            9 => Cell::of_number(self.lag),
            _ => Cell::of_number(self.acls),
        }
    }
}

/// The services and roles that are declared for the cluster, and the principals that have ACLs and that nothing declares;
/// with details of each where asked.
pub fn services(seen: &Seen<'_>, wanted: &dyn Fn(&str) -> bool, detailed: bool) -> Vec<ServiceItem> {
    let desired = seen.desired;
    let workspace = desired.workspace;
    let mut acls: BTreeMap<&Principal, Vec<&Acl>> = BTreeMap::new();
    for acl in seen.live.acls.known().into_iter().flatten() {
        acls.entry(&acl.principal).or_default().push(acl);
    }
    let mut principals: BTreeMap<&str, Vec<&Principal>> = BTreeMap::new();
    for (principal, owner) in &desired.grants.owners {
        principals.entry(&owner.name).or_default().push(principal);
    }
    let users = users(seen);
    let quotas = seen.live.quotas.known().map(|found| known_of(found).0);
    let elsewhere = |service: &String| {
        let grants = workspace.grants.get(service);
        grants.is_some_and(|grants| !workspace.selects(&grants.clusters, desired.cluster))
    };
    let in_catalog = workspace.catalog.services.keys().filter(|service| !elsewhere(service)).map(String::as_str);
    let declared: BTreeSet<&str> = principals.keys().copied().chain(in_catalog).collect();
    let mut items: Vec<ServiceItem> = declared
        .into_iter()
        .filter(|name| wanted(name))
        .filter_map(|name| {
            let principals = principals.get(name).map_or(&[][..], Vec::as_slice);
            let held: Vec<&Acl> =
                principals.iter().filter_map(|principal| acls.get(principal)).flatten().copied().collect();
            let scram = users.as_ref().map(|users| logins(users, principals));
            Some(ServiceItem { scram, ..item(seen, name, principals, &held, (detailed, quotas.as_ref()))? })
        })
        .collect();
    let alone: BTreeSet<Principal> = users.iter().flatten().filter_map(|(name, _)| principal_of(name)).collect();
    let strangers: BTreeSet<&Principal> = acls.keys().copied().chain(&alone).collect();
    let strangers = strangers.into_iter().filter(|principal| !desired.grants.owners.contains_key(*principal));
    items.extend(strangers.filter(|principal| wanted(principal.as_str())).map(|principal| {
        let scram = users.as_ref().map(|users| logins(users, &[principal]));
        let held = acls.get(principal).map_or(&[][..], Vec::as_slice);
        let acls = seen.live.acls.known().map(|_| held.len() as u64);
        let user = principal.user().unwrap_or_default();
        let found = users.iter().find_map(|users| users.get(user)).map(|found| &found.credentials);
        let status = match desired.scram_users.wanted.get(user).filter(|_| held.is_empty()) {
            Some(declared) if found == Some(&declared.credentials) => Status::Settled,
            Some(_) => Status::Differs,
            None => Status::Unmanaged,
        };
        ServiceItem { status, scram, acls, ..stranger(seen, principal, held, (detailed, quotas.as_ref())) }
    }));
    items
}

/// The users that log in with SCRAM, by name; `None` where they could not be seen.
fn users<'l>(seen: &Seen<'l>) -> Option<BTreeMap<&'l str, &'l ScramUser>> {
    let users = seen.live.scram_users.as_ref()?.known()?;
    Some(users.iter().map(|user| (user.name.as_str(), user)).collect())
}

fn principal_of(user: &str) -> Option<Principal> {
    format!("User:{user}").parse().ok()
}

/// What principals log in with: `normalizer (scram-sha-512)`.
fn logins(users: &BTreeMap<&str, &ScramUser>, principals: &[&Principal]) -> Vec<String> {
    let found = principals.iter().filter_map(|principal| users.get(principal.user()?));
    let words = |user: &&ScramUser| {
        let mechanisms: Vec<&str> = user.credentials.keys().map(|mechanism| mechanism.as_str()).collect();
        format!("{} ({})", user.name, mechanisms.join(", "))
    };
    found.map(words).collect()
}

/// `None` for one that is declared to leave, and has left.
fn item(
    seen: &Seen<'_>,
    name: &str,
    principals: &[&Principal],
    held: &[&Acl],
    (detailed, quotas): (bool, Option<&Quotas>),
) -> Option<ServiceItem> {
    let workspace = seen.desired.workspace;
    let service = workspace.catalog.services.get(name);
    let role = workspace.catalog.roles.get(name).filter(|_| service.is_none());
    let grants = workspace.grants.get(name);
    let leaving = grants.is_some_and(GrantSpec::is_leaving);
    let asking = grants.filter(|_| !leaving);
    let (changes, hidden) = seen.concerned(Kind::Grant, &format!("{name}/"));
    let status = match () {
        () if seen.is_offline && leaving => return None,
        () if seen.is_offline => Status::Declared,
        () if hidden || seen.live.acls.known().is_none() => Status::Unseen,
        () if leaving && held.is_empty() => return None,
        () if leaving => Status::Leaving,
        () if changes && held.is_empty() => Status::Missing,
        () if changes => Status::Differs,
        () => Status::Settled,
    };
    let groups: BTreeSet<String> = asking.map(GrantSpec::groups_with_raw).unwrap_or_default().into_iter().collect();
    // A group that nobody has used has no members, where it would be seen.
    let members = |id: &String| match seen.group(id) {
        Some(group) => members(group),
        None => seen.sees_every_group().then_some(0),
    };
    let behind = |id: &String| match seen.group(id) {
        Some(group) => group.committed.keys().map(|topic| seen.lag(group, topic)).collect(),
        None if seen.sees_every_group() => Vec::new(),
        None => vec![None],
    };
    let lags: Vec<Option<u64>> = groups.iter().flat_map(behind).collect();
    let topics = |names: &mut dyn Iterator<Item = &TopicName>| names.cloned().collect::<Vec<_>>();
    Some(ServiceItem {
        name: name.to_owned(),
        status,
        client: match (service, role) {
            (Some(service), _) => {
                Some(service.kind.map_or_else(|| "service".to_owned(), |kind| kind.value.to_string()))
            }
            (None, role) => role.map(|_| "role".to_owned()),
        },
        owner: seen.owner_of_client(name).map(str::to_owned),
        domain: service.and_then(|service| Some(service.domain.as_ref()?.value.to_string())),
        principals: principals.iter().map(|principal| (*principal).clone()).collect(),
        produces: topics(&mut asking.into_iter().flat_map(|grants| &grants.produces).map(|entry| &entry.topic.value)),
        consumes: topics(&mut asking.into_iter().flat_map(|grants| &grants.consumes).map(|entry| &entry.topic.value)),
        members: seen.facts.and_then(|_| groups.iter().map(members).sum()),
        lag: if lags.is_empty() { None } else { lags.into_iter().sum() },
        groups: groups.iter().cloned().collect(),
        acls: seen.live.acls.known().map(|_| held.len() as u64),
        scram: None,
        details: detailed.then(|| ServiceDetails {
            description: service
                .and_then(|service| service.description.as_ref())
                .or_else(|| role?.description.as_ref())
                .map(|description| description.value.clone()),
            place: grants.map(|grants| workspace.place(grants.service.span)),
            quotas: quotas_of(seen, principals, quotas),
            grants: grants_of(seen, name, held),
        }),
    })
}

fn stranger(
    seen: &Seen<'_>,
    principal: &Principal,
    held: &[&Acl],
    (detailed, quotas): (bool, Option<&Quotas>),
) -> ServiceItem {
    let details = || {
        let mut grants = BTreeMap::new();
        for acl in held {
            // The address without the service in front.
            let address = address_of("", acl).name;
            add(&mut grants, address.trim_start_matches('/'), acl, Side::Extra);
        }
        let quotas = quotas_of(seen, &[principal], quotas);
        ServiceDetails { description: None, place: None, quotas, grants: grants.into_values().collect() }
    };
    ServiceItem {
        name: principal.to_string(),
        status: Status::Unmanaged,
        client: None,
        owner: None,
        domain: None,
        principals: vec![principal.clone()],
        produces: Vec::new(),
        consumes: Vec::new(),
        groups: Vec::new(),
        members: None,
        lag: None,
        acls: Some(held.len() as u64),
        scram: None,
        details: detailed.then(details),
    }
}

/// What the quotas of principals limit: what is declared beside what is there.
fn quotas_of(seen: &Seen<'_>, principals: &[&Principal], live: Option<&Quotas>) -> Vec<ComparedValue> {
    let quotas = &seen.desired.quotas;
    let of_user = |user: &str| -> Vec<ComparedValue> {
        let entity = QuotaEntity::User(Who::Named(user.to_owned()));
        let declared = quotas.wanted.get(&entity).map(DesiredQuota::values).unwrap_or_default();
        let found = live.and_then(|live| live.get(&entity)).cloned().unwrap_or_default();
        let is_ours = in_scope(seen.desired.cluster, &entity) && quotas.speaks_of(&entity);
        let keys: BTreeSet<QuotaKey> = declared.keys().chain(found.keys()).copied().collect();
        let name = |key: QuotaKey| match principals {
            [_] => key.in_manifests().to_owned(),
            _ => format!("{user} {}", key.in_manifests()),
        };
        let compared = |key: QuotaKey| ComparedValue {
            name: name(key),
            declared: declared.get(&key).map(|value| key.field(*value)),
            live: found.get(&key).map(|value| key.field(*value)),
            differs: live.filter(|_| is_ours).map(|_| declared.get(&key) != found.get(&key)),
        };
        keys.into_iter().map(compared).collect()
    };
    principals.iter().filter_map(|principal| principal.user()).flat_map(of_user).collect()
}

enum Side {
    Both,
    Declared,
    Extra,
}

/// What a service may do by resource: what is declared beside what its principals have.
fn grants_of(seen: &Seen<'_>, service: &str, held: &[&Acl]) -> Vec<GrantItem> {
    let mut grants = BTreeMap::new();
    let held: BTreeSet<&Acl> = held.iter().copied().collect();
    let owners = &seen.desired.grants.owners;
    let is_own = |acl: &&Acl| owners.get(&acl.principal).is_some_and(|owner| owner.name == service);
    let wanted: BTreeSet<&Acl> = seen.desired.grants.acls.keys().filter(is_own).collect();
    let known = seen.live.acls.known().is_some();
    for acl in wanted.union(&held) {
        let side = match (wanted.contains(acl), held.contains(acl)) {
            (true, true) => Side::Both,
            // Nobody knows what is missing where nothing could be seen.
            (true, false) if !known => continue,
            (true, false) => Side::Declared,
            (false, _) => Side::Extra,
        };
        add(&mut grants, &address_of(service, acl).to_string(), acl, side);
    }
    grants.into_values().collect()
}

fn add(grants: &mut BTreeMap<String, GrantItem>, grant: &str, acl: &Acl, side: Side) {
    let item = grants.entry(grant.to_owned()).or_insert_with(|| GrantItem {
        grant: grant.to_owned(),
        operations: Vec::new(),
        missing: Vec::new(),
        extra: Vec::new(),
    });
    let deny = if acl.permission == AclPermission::Deny { "deny " } else { "" };
    let host = if acl.host == "*" { String::new() } else { format!(" from {}", acl.host) };
    let operation = format!("{deny}{}{host}", acl.operation);
    let operations = match side {
        Side::Both => &mut item.operations,
        Side::Declared => &mut item.missing,
        Side::Extra => &mut item.extra,
    };
    // Several principals of one service have the same.
    if !operations.contains(&operation) {
        operations.push(operation);
    }
}
