use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Action, Change, FieldChange, FieldValue, Plan, SavedPlan, SavedRebalance, Step};
use crate::model::{Address, Kind, Risk};
use crate::ports::Observed;
use crate::ports::kafka::{Acl, ScramMechanism};
use crate::resources::acl::{DesiredGrants, address_of};
use crate::resources::broker_config::{BrokerScope, Setting, meaning_by_scope};
use crate::resources::delivery::{by_service, key_of};
use crate::resources::quota::{DesiredQuota, Limit, QuotaEntity, QuotaKey};
use crate::resources::schema::LiveSubject;
use crate::resources::scram::user_of_address;
use crate::resources::topic::ConfigValue;
use crate::resources::{Desired, Live, Resolved};
use crate::schema::Compatibility;

/// A part of a plan that cannot be taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotUndone {
    /// The resource.
    pub address: Address,
    /// The field, where it is not the resource as a whole.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub field: Option<String>,
    /// Why, and what to do instead.
    pub reason: String,
}

/// Why a value that looks like a secret does not come back.
const NO_SECRET: &str = "its former value looks like a secret, which no plan keeps: set it again where it is kept";

/// Makes the desired state what the cluster has now, with what a plan changed taken back; everything else about these
/// resources stays as it is, whatever their manifests say meanwhile. The plan that is then made is the inverse one, once
/// it is cut down to these resources by [`keep_addresses_of`]. Answers what cannot be taken back.
pub fn undo(desired: &mut Desired<'_>, live: &Live, plan: &Plan) -> Vec<NotUndone> {
    let mut undo = Undo { desired, live, not_undone: Vec::new() };
    for change in &plan.changes {
        match change.address.kind {
            Kind::Topic => undo.topic(change),
            Kind::Grant => undo.grant(change),
            Kind::Schema => undo.schema(change),
            Kind::Quota => undo.quota(change),
            Kind::ScramUser => undo.scram_user(change),
            Kind::Records => undo.cannot(change, None, "nothing brings records back that were deleted"),
            Kind::BrokerConfig => undo.broker_configs(change),
            Kind::ClientConfig => undo.delivery(change),
        }
    }
    undo.not_undone
}

/// What takes a rebalance back: each partition goes back to the brokers that it was on; and what is not taken back. `None`
/// for other plans.
pub fn undo_rebalance(saved: &SavedPlan) -> Option<(SavedRebalance, Vec<NotUndone>)> {
    saved.rebalance.as_ref()?;
    let mut back = SavedRebalance { placements: BTreeMap::new(), elects: false };
    let mut not_undone = Vec::new();
    for change in saved.clone().into_plan().changes {
        for step in change.steps {
            match step {
                Step::Reassign { topic, moves } => {
                    let places = moves.into_iter().map(|one| (one.partition, one.before));
                    back.placements.entry(topic).or_default().extend(places);
                }
                Step::ElectLeaders { .. } => not_undone.push(NotUndone {
                    address: change.address.clone(),
                    field: None,
                    reason: "that preferred leaders lead stays; the brokers see to it by themselves too".to_owned(),
                }),
                _ => {}
            }
        }
    }
    Some((back, not_undone))
}

/// Cuts an inverse plan down to the resources of the plan that it takes back.
pub fn keep_addresses_of(inverse: &mut Plan, plan: &Plan) {
    let addresses: BTreeSet<_> = plan.changes.iter().map(|change| &change.address).collect();
    for change in inverse.changes.iter_mut().filter(|change| change.address.kind == Kind::Schema) {
        change.fields.retain(|field| field.field == "compatibility");
        change.steps.retain(|step| matches!(step, Step::SetCompatibility { .. }));
    }
    inverse.changes.retain(|change| addresses.contains(&change.address) && !change.fields.is_empty());
    inverse.incomplete.retain(|unseen| addresses.contains(&unseen.address));
    inverse.recount();
}

struct Undo<'a, 'w> {
    desired: &'a mut Desired<'w>,
    live: &'a Live,
    not_undone: Vec<NotUndone>,
}

impl Undo<'_, '_> {
    fn cannot(&mut self, change: &Change, field: Option<&FieldChange>, reason: &str) {
        let field = field.map(|field| field.field.clone());
        self.not_undone.push(NotUndone { address: change.address.clone(), field, reason: reason.to_owned() });
    }

    fn topic(&mut self, change: &Change) {
        let name = change.address.name.as_str();
        let is_there = self.live.topics.topics.contains_key(name);
        let is_absent = !is_there && !self.live.topics.hidden.contains_key(name);
        match change.action {
            // It has not been applied, or was taken back already.
            Action::Create if is_absent => drop(self.desired.topics.remove(name)),
            Action::Delete if is_there => drop(self.desired.topics.remove(name)),
            Action::Create => {
                self.desired.topics.remove(name);
                self.cannot(
                    change,
                    None,
                    "a topic is deleted by a tombstone alone: write `state: absent` with a reason",
                );
            }
            Action::Delete => {
                self.desired.topics.remove(name);
                self.cannot(change, None, "its records are gone; a topic of this name would be an empty one");
            }
            Action::Update => self.topic_update(change),
        }
    }

    fn topic_update(&mut self, change: &Change) {
        let name = change.address.name.as_str();
        let live = self.live.topics.topics.get(name);
        let known = live.and_then(|live| Some((live, live.configs.known()?)));
        let (Some((live, overrides)), Some(topic)) = (known, self.desired.topics.get_mut(name)) else {
            return self.cannot(change, None, "the topic is not there, cannot be seen or is no longer declared");
        };
        topic.partitions = Resolved::built_in(live.partitions.len() as u32);
        topic.replication_factor = Resolved::built_in(live.replication_factor());
        let now = overrides.iter().map(|(key, raw)| (key.clone(), ConfigValue::of_kafka(key, raw)));
        topic.configs = now.map(|(key, value)| (key, Resolved::built_in(value))).collect();
        let before = |name: &str| {
            let field = change.fields.iter().find(|field| field.field == name);
            field.and_then(|field| field.before.as_ref()?.set_on_it()?.parse().ok())
        };
        if let Some(factor) = before("replication_factor") {
            topic.replication_factor = Resolved::built_in(factor);
        }
        let moves = change.steps.iter().filter_map(|step| match step {
            Step::Reassign { moves, .. } => Some(moves),
            _ => None,
        });
        let places = moves.flatten().map(|one| (one.partition, one.before.clone()));
        self.desired.placements.insert(topic.name.clone(), places.collect());
        for field in &change.fields {
            let Some(key) = field.field.strip_prefix("config.") else { continue };
            match field.before.as_ref().and_then(FieldValue::set_on_it) {
                Some(FieldValue::HIDDEN) => {}
                Some(before) => {
                    let value = ConfigValue::of_kafka(key, before);
                    topic.configs.insert(key.into(), Resolved::built_in(value));
                }
                None => drop(topic.configs.remove(key)),
            }
        }
        for field in &change.fields {
            let before = field.before.as_ref().and_then(FieldValue::set_on_it);
            let is_as_before = match (field.field.as_str(), field.field.strip_prefix("config.")) {
                (_, Some(key)) => overrides.get(key).map(String::as_str) == before,
                ("partitions", _) => before.is_some_and(|before| *before == live.partitions.len().to_string()),
                _ => true,
            };
            match field.field.as_str() {
                _ if is_as_before => {}
                _ if before == Some(FieldValue::HIDDEN) => self.cannot(change, Some(field), NO_SECRET),
                "partitions" => self.cannot(change, Some(field), "Kafka cannot take partitions away"),
                "config.retention.ms" | "config.retention.bytes" | "config.cleanup.policy"
                    if change.risk == Risk::Destructive =>
                {
                    self.cannot(change, Some(field), "the setting comes back; records that were dropped do not");
                }
                _ => {}
            }
        }
    }

    fn grant(&mut self, change: &Change) {
        let service = change.address.name.split('/').next().unwrap_or_default().to_owned();
        let Some(live) = self.live.acls.known() else {
            return self.cannot(change, None, "the ACLs cannot be seen");
        };
        let DesiredGrants { acls, owners } = &mut self.desired.grants;
        let Some(span) = owners.values().find(|owner| owner.name == service).map(|owner| owner.span) else {
            return self.cannot(change, None, "no manifest declares its principal any more");
        };
        let is_of_change = |acl: &Acl| {
            let owner = owners.get(&acl.principal).map(|owner| owner.name.as_str());
            owner == Some(&service) && address_of(&service, acl) == change.address
        };
        acls.retain(|acl, _| !is_of_change(acl));
        acls.extend(live.iter().filter(|acl| is_of_change(acl)).map(|acl| (acl.clone(), span)));
        for step in &change.steps {
            match step {
                Step::CreateAcls(created) => acls.retain(|acl, _| !created.contains(acl)),
                Step::DeleteAcls(deleted) => acls.extend(deleted.iter().map(|acl| (acl.clone(), span))),
                _ => {}
            }
        }
    }

    fn quota(&mut self, change: &Change) {
        let Some(live) = self.live.quotas.known() else {
            return self.cannot(change, None, "the client quotas cannot be seen");
        };
        let Some(entity) = QuotaEntity::of_address(&change.address.name) else {
            return self.cannot(change, None, "this version of busctl does not know whom it is for");
        };
        let quotas = &mut self.desired.quotas;
        let holder = quotas.holder_of(&entity).map(|holder| holder.span);
        let Some(span) = quotas.wanted.get(&entity).map(|quota| quota.span).or(holder) else {
            return self.cannot(change, None, "no manifest declares it any more");
        };
        let known =
            |(key, value): (&String, &f64)| Some((QuotaKey::of_kafka(key)?, Limit { value: *value, span: None }));
        let now = live.iter().filter(|quota| quota.entity == entity.to_kafka());
        let mut limits: BTreeMap<_, _> = now.flat_map(|quota| quota.values.iter().filter_map(known)).collect();
        for field in &change.fields {
            let Some(key) = QuotaKey::of_kafka(&field.field) else { continue };
            let before = field.before.as_ref().and_then(|before| before.value.parse().ok());
            match before {
                Some(value) => drop(limits.insert(key, Limit { value, span: None })),
                None => drop(limits.remove(&key)),
            }
        }
        quotas.wanted.insert(entity, DesiredQuota { limits, span });
    }

    fn scram_user(&mut self, change: &Change) {
        let Some(live) = self.live.scram_users.as_ref().and_then(Observed::known) else {
            return self.cannot(change, None, "the SCRAM users cannot be seen");
        };
        let user = user_of_address(&change.address.name);
        let Some((user, wanted)) =
            user.and_then(|user| Some((user.clone(), self.desired.scram_users.wanted.get_mut(&user)?)))
        else {
            return self.cannot(change, None, "no manifest declares it any more");
        };
        let now = live.iter().find(|found| found.name == user).map(|found| found.credentials.clone());
        let mut credentials = now.unwrap_or_default();
        for field in &change.fields {
            let Some((_, mechanism)) = ScramMechanism::WORDS.iter().find(|(word, _)| *word == field.field) else {
                continue;
            };
            match field.before.as_ref().and_then(|before| before.value.parse().ok()) {
                Some(count) if wanted.password.is_some() => drop(credentials.insert(*mechanism, count)),
                Some(_) => {}
                None => drop(credentials.remove(mechanism)),
            }
        }
        wanted.credentials = credentials;
        // Which password there was nobody knows: none is set but for a mechanism that comes back.
        wanted.keeps_password = true;
        let has_password = wanted.password.is_some();
        if change.action == Action::Delete && !has_password {
            return self.cannot(
                change,
                None,
                "where its password was kept is not known any more: declare the user again, and apply that",
            );
        }
        let is_of_password = |field: &&FieldChange| matches!(field.field.as_str(), "password" | "rotation");
        for field in change.fields.iter().filter(is_of_password).filter(|_| change.action == Action::Update) {
            self.cannot(
                change,
                Some(field),
                "the former password is not known: put it back where it is kept, with a `rotation` of its own, and apply that",
            );
        }
    }

    fn broker_configs(&mut self, change: &Change) {
        let live = self.live.broker_configs.as_ref().and_then(Observed::known);
        let scope = BrokerScope::of_address(&change.address.name);
        let live = live.filter(|live| live.hides(scope.and_then(BrokerScope::broker)).is_none());
        let (Some(live), Some(scope)) = (live, scope) else {
            return self.cannot(change, None, "the configs of the brokers cannot be seen");
        };
        let wanted = &mut self.desired.broker_configs.wanted;
        let declared = wanted.values().flat_map(|settings| settings.values()).map(|setting| setting.span).next();
        let Some(span) = declared else {
            return self.cannot(change, None, "no manifest declares configs of brokers any more");
        };
        let now = meaning_by_scope(live).remove(&scope).unwrap_or_default();
        let settings = wanted.entry(scope).or_default();
        let mut lost = Vec::new();
        for (key, setting) in settings.iter_mut() {
            setting.value = now.get(key.as_str()).map(|value| (*value).to_owned());
        }
        for field in &change.fields {
            let Some(key) = field.field.strip_prefix("config.") else { continue };
            let value = field.before.as_ref().and_then(FieldValue::set_on_it).map(str::to_owned);
            if value.as_deref() == Some(FieldValue::HIDDEN) {
                lost.push(field);
                continue;
            }
            settings.insert(key.to_owned(), Setting { value, span });
        }
        for field in lost {
            self.cannot(change, Some(field), NO_SECRET);
        }
    }

    fn delivery(&mut self, change: &Change) {
        let Some(live) = self.live.delivered.as_ref().and_then(Observed::known) else {
            return self.cannot(change, None, "what is delivered cannot be seen");
        };
        let service = change.address.name.as_str();
        let Some(wanted) = self.desired.deliveries.wanted.get_mut(service) else {
            return self.cannot(change, None, "no manifest declares the service any more, or where to deliver to");
        };
        let (now, _) = by_service(live);
        let now = now.get(service).into_iter().flatten();
        let mut lost = Vec::new();
        wanted.keys = now.map(|(key, entry)| ((*key).to_owned(), entry.value.clone())).collect();
        for field in &change.fields {
            match &field.before {
                Some(before) if before.is_hidden() => lost.push((field, NO_SECRET)),
                // The bytes that stood there are known no more.
                Some(before) if before.value.contains(char::REPLACEMENT_CHARACTER) => {
                    lost.push((field, "its former value was no text"));
                }
                Some(before) => drop(wanted.keys.insert(key_of(&field.field).to_owned(), before.value.clone())),
                None => drop(wanted.keys.remove(key_of(&field.field))),
            }
        }
        for (field, reason) in lost {
            self.cannot(change, Some(field), reason);
        }
    }

    fn schema(&mut self, change: &Change) {
        let name = change.address.name.as_str();
        let known = self.live.registry.as_ref().and_then(Observed::known);
        let has_none = |subject: &LiveSubject| matches!(subject.latest, Observed::Known(None));
        let is_absent = known.is_some_and(|registry| registry.subjects.get(name).is_none_or(has_none));
        for field in change.fields.iter().filter(|_| !is_absent) {
            if field.field != "compatibility" {
                let reason = "a registered version stays: revert the manifest, and delete the version in the registry where the former one is \
                     to be the newest";
                self.cannot(change, Some(field), reason);
            }
        }
        let level = change.fields.iter().find(|field| field.field == "compatibility");
        let before = level.and_then(|level| level.before.as_ref());
        let before = before.and_then(|before| Compatibility::from_registry(&before.value));
        match (before, self.desired.subjects.get_mut(name)) {
            (Some(before), Some(subject)) => subject.compatibility = Resolved::built_in(before),
            _ => drop(self.desired.subjects.remove(name)),
        }
    }
}
