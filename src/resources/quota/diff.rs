use std::collections::{BTreeMap, BTreeSet};

use super::effect::{Quotas, effective};
use super::{DesiredQuota, QuotaEntity, QuotaKey, Who};
use crate::model::{Address, Kind, Principal, Risk};
use crate::plan::{Action, Change, FieldChange, Incomplete, Step, Unmanaged, Verification};
use crate::ports::kafka::{AclPermission, Quota, QuotaAlteration};
use crate::ports::{FailureKind, Observed};
use crate::resources::acl::access::AuthorizerSettings;
use crate::resources::cluster::ClusterSpec;
use crate::resources::{Desired, Difference, Live, fingerprint};
use crate::source::Span;

/// Compares the client quotas of a cluster with those that its brokers hold to.
pub fn diff(desired: &Desired<'_>, live: &Live) -> Difference {
    let mut difference = Difference::default();
    let found = match &live.quotas {
        Observed::Known(found) => found,
        Observed::Hidden(failure) => {
            let wanted = desired.quotas.wanted.iter();
            let wanted = wanted.filter(|(entity, _)| in_scope(desired.cluster, entity));
            let mut unseen: Vec<(Address, Span)> =
                wanted.map(|(entity, quota)| (entity.address(), quota.span)).collect();
            // What users of services have beside what is declared is not seen either. Where brokers know no quotas,
            // there is nothing.
            let holder = desired.quotas.users.values().next();
            if let Some(holder) = holder.filter(|_| failure.kind != FailureKind::Unsupported) {
                unseen.push((Address { kind: Kind::Quota, name: "*".into() }, holder.span));
            }
            let unseen = unseen.into_iter().map(|(address, span)| Incomplete {
                address,
                failure: failure.clone(),
                place: Some(desired.workspace.place(span)),
            });
            difference.incomplete.extend(unseen);
            return difference;
        }
    };
    let (present, unknown) = known_of(found);
    difference.unmanaged.extend(unknown);
    let none = BTreeMap::new();
    let mut changed: Vec<&QuotaEntity> = Vec::new();
    let mut after = present.clone();
    let entities: BTreeSet<&QuotaEntity> = present.keys().chain(desired.quotas.wanted.keys()).collect();
    for entity in entities {
        let is_ours = in_scope(desired.cluster, entity);
        if !is_ours || !desired.quotas.speaks_of(entity) {
            if present.contains_key(entity) {
                let reason = if is_ours { "no manifest declares it" } else { "outside the cluster's `manages`" };
                difference.unmanaged.push(unmanaged(entity.address().name, reason));
            }
            continue;
        }
        let wanted = desired.quotas.wanted.get(entity).map(DesiredQuota::values).unwrap_or_default();
        if wanted != *present.get(entity).unwrap_or(&none) {
            after.insert(entity.clone(), wanted);
            changed.push(entity);
        }
    }
    let states = States { desired, live, before: &present, after: &after };
    difference.changes.extend(changed.into_iter().map(|entity| states.change(entity)));
    difference
}

/// Whether a quota is in what the cluster declares as ours. Of users that is told by their principals; whoever is no user
/// is ours where a manifest of the cluster names it.
pub fn in_scope(cluster: &ClusterSpec, entity: &QuotaEntity) -> bool {
    match entity.user() {
        Some(Who::Named(user)) => cluster.manages_principal(&format!("User:{user}")),
        Some(Who::Default) | None => true,
    }
}

/// The quotas that there are words for, and what there is beside them.
pub fn known_of(found: &[Quota]) -> (Quotas, Vec<Unmanaged>) {
    let (mut known, mut unknown) = (Quotas::new(), Vec::new());
    for quota in found {
        let Some(entity) = QuotaEntity::of_kafka(&quota.entity) else {
            let name =
                quota.entity.iter().map(|(kind, name)| format!("{kind} {}", name.as_deref().unwrap_or(super::DEFAULT)));
            let name = name.collect::<Vec<_>>().join(", ");
            unknown.push(unmanaged(name, "this version of busctl does not know whom it is for"));
            continue;
        };
        for (key, value) in &quota.values {
            match QuotaKey::of_kafka(key) {
                Some(key) => drop(known.entry(entity.clone()).or_default().insert(key, *value)),
                None => {
                    let name = format!("{} {key}", entity.address().name);
                    unknown.push(unmanaged(name, "this version of busctl does not know what it limits"));
                }
            }
        }
    }
    (known, unknown)
}

fn unmanaged(name: String, reason: &str) -> Unmanaged {
    Unmanaged { kind: "quota".into(), name, reason: reason.into() }
}

/// The quotas of a cluster before and after all that is to be done.
struct States<'a> {
    desired: &'a Desired<'a>,
    live: &'a Live,
    before: &'a Quotas,
    after: &'a Quotas,
}

impl States<'_> {
    fn change(&self, entity: &QuotaEntity) -> Change {
        let none = BTreeMap::new();
        let (before, after) = (self.before.get(entity).unwrap_or(&none), self.after.get(entity).unwrap_or(&none));
        let wanted = self.desired.quotas.wanted.get(entity);
        let keys: BTreeSet<QuotaKey> = before.keys().chain(after.keys()).copied().collect();
        let differing: Vec<QuotaKey> = keys.into_iter().filter(|key| before.get(key) != after.get(key)).collect();
        let place = |span: Span| self.desired.workspace.place(span);
        let field = |key: &QuotaKey| FieldChange {
            field: key.as_str().to_owned(),
            before: before.get(key).map(|value| key.field(*value)),
            after: after.get(key).map(|value| key.field(*value)),
            place: wanted.and_then(|quota| quota.limits.get(key)?.span).map(place),
        };
        let action = match (before.is_empty(), after.is_empty()) {
            (true, _) => Action::Create,
            (false, true) => Action::Delete,
            (false, false) => Action::Update,
        };
        let (risk, mut impact) = self.cost(entity, action, &differing);
        impact.extend(self.in_all(after, &differing));
        let values = differing.iter().map(|key| (key.as_str().to_owned(), after.get(key).copied()));
        let holder = self.desired.quotas.holder_of(entity);
        let span = wanted.map(|quota| quota.span).or(holder.map(|holder| holder.span));
        Change {
            address: entity.address(),
            action,
            fields: differing.iter().map(field).collect(),
            risk,
            impact,
            measured: None,
            access: Vec::new(),
            fingerprint: fingerprint(before.iter().map(|(key, value)| format!("{key}={value}"))),
            verification: Verification::offline(),
            place: span.map(place),
            depends_on: Vec::new(),
            steps: vec![Step::AlterQuota(QuotaAlteration { entity: entity.to_kafka(), values: values.collect() })],
        }
    }

    /// What clients may notice. What counts is what holds for them afterwards, by whichever quota.
    fn cost(&self, entity: &QuotaEntity, action: Action, keys: &[QuotaKey]) -> (Risk, Vec<String>) {
        let mut risk = Risk::Safe;
        let mut impact = Vec::new();
        let is_new = self.cannot_work_yet(entity);
        for key in keys {
            let was = effective(self.before, entity, *key);
            let is = effective(self.after, entity, *key);
            let Some((now, of)) = is else { continue };
            let by = if of == *entity { String::new() } else { format!(", by {}", of.address()) };
            match was {
                Some((was, _)) if now < was && !is_new => {
                    risk = Risk::Disruptive;
                    impact.push(format!(
                        "{key} falls from {} to {}{by}: whoever uses more is slowed down",
                        key.shown(was),
                        key.shown(now)
                    ));
                }
                None if !is_new => {
                    risk = Risk::Disruptive;
                    impact.push(format!(
                        "{key} has had no limit until now{by}: whoever uses more than {} is slowed down",
                        key.shown(now)
                    ));
                }
                _ => {}
            }
        }
        if action == Action::Delete && risk == Risk::Safe {
            risk = Risk::Disruptive;
            impact.push("the whole quota goes: what it held back may crowd out others".to_owned());
        }
        (risk, impact)
    }

    /// Whether it is a user that could not use the bus until now, so that nobody is there to be slowed down.
    fn cannot_work_yet(&self, entity: &QuotaEntity) -> bool {
        let Some(Who::Named(user)) = entity.user() else { return false };
        let Ok(principal) = format!("User:{user}").parse::<Principal>() else { return false };
        let settings = AuthorizerSettings::of(self.desired.cluster);
        let Some(acls) = self.live.acls.known() else { return false };
        let may = |named: &Principal| {
            acls.iter().any(|acl| acl.principal == *named && acl.permission == AclPermission::Allow)
        };
        !settings.is_super_user(&principal)
            && !settings.allow_everyone_if_no_acl_found
            && !may(&principal)
            && !may(&Principal::everybody())
    }

    /// What all brokers together give, where that is another number.
    fn in_all(&self, after: &BTreeMap<QuotaKey, f64>, keys: &[QuotaKey]) -> Option<String> {
        let brokers = self.live.cluster.brokers.len();
        let sums: Vec<String> = keys
            .iter()
            .filter_map(|key| Some(format!("{key} {}", key.shown(key.of_all(*after.get(key)?, brokers)?))))
            .collect();
        (brokers > 1 && !sums.is_empty()).then(|| format!("on all {brokers} brokers together {}", sums.join(", ")))
    }
}

#[cfg(test)]
mod tests;
