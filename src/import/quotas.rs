//! Client quotas: of services in their own manifests, of everybody else in the cluster's.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::skeleton::Skeleton;
use super::{Found, Import};
use crate::model::Principal;
use crate::resources::consent::with_item;
use crate::resources::quota::{DesiredQuotas, QuotaEntity, QuotaKey, Who, entry_of, in_scope, written};
use crate::source::write::{list, mapping};

type Values = BTreeMap<QuotaKey, f64>;

/// The client quotas of a bus, as far as this version knows what they are.
#[derive(Debug, Default)]
pub struct Quotas {
    of: BTreeMap<QuotaEntity, Values>,
    /// What it does not know. A plan leaves it alone.
    unknown: Vec<String>,
}

impl Quotas {
    /// Those of a bus.
    pub fn of(found: &Found) -> Self {
        let mut quotas = Self::default();
        for quota in &found.quotas {
            let Some(entity) = QuotaEntity::of_kafka(&quota.entity) else {
                quotas.unknown.push(format!(
                    "the quota of {}: this version does not know whom it is for",
                    quota.entity.keys().cloned().collect::<Vec<_>>().join(" and ")
                ));
                continue;
            };
            for (key, value) in &quota.values {
                match QuotaKey::of_kafka(key) {
                    Some(key) => drop(quotas.of.entry(entity.clone()).or_default().insert(key, *value)),
                    None => quotas
                        .unknown
                        .push(format!("{key} of the quota of {entity}: this version does not know what it limits")),
                }
            }
        }
        quotas
    }

    /// The principals that have one of their own.
    pub fn principals(&self) -> impl Iterator<Item = Principal> {
        self.of.keys().filter_map(|entity| match entity {
            QuotaEntity::User(Who::Named(user)) => format!("User:{user}").parse().ok(),
            _ => None,
        })
    }

    /// Whether a principal's user has what manifests ask for it, no more and no less.
    pub fn are_of(&self, principal: &Principal, wanted: &DesiredQuotas) -> bool {
        let Some(own) = of_principal(principal) else { return true };
        let is_of_user = |entity: &&QuotaEntity| entity.user() == own.user();
        let wanted_of = |entity: &QuotaEntity| -> Values {
            let limits = wanted.wanted.get(entity).into_iter().flat_map(|quota| &quota.limits);
            limits.map(|(key, limit)| (*key, limit.value)).collect()
        };
        let entities = self.of.keys().filter(is_of_user).chain([&own]);
        entities.into_iter().all(|entity| self.of.get(entity).cloned().unwrap_or_default() == wanted_of(entity))
    }

    /// The key `quota` of a service with this principal; `None` where no manifest can say what its user has.
    pub fn text(&self, principal: &Principal) -> Option<String> {
        let Some(own) = of_principal(principal) else { return Some(String::new()) };
        let of_user = |entity: &QuotaEntity| entity.user() == own.user() && *entity != own;
        if self.of.iter().any(|(entity, values)| of_user(entity) && entry_of(entity, values).is_none()) {
            return None;
        }
        let Some(values) = self.of.get(&own) else { return Some(String::new()) };
        let entry = |(key, value): (&QuotaKey, &f64)| Some((key.in_manifests().to_owned(), written(*key, *value)?));
        let is_of_address = values.contains_key(&QuotaKey::ConnectionCreationRate);
        let entries: Option<Vec<_>> = values.iter().map(entry).collect();
        entries.filter(|_| !is_of_address).map(|entries| mapping("quota", &entries, 0))
    }
}

fn of_principal(principal: &Principal) -> Option<QuotaEntity> {
    principal.user().map(|user| QuotaEntity::User(Who::Named(user.to_owned())))
}

/// Writes what is no service's own quota to the manifest of the cluster: everything, or where some topics alone are adopted
/// what the `adopted` services' users have with single client ids, for a declared user's quotas are complete.
pub fn write(import: &mut Import<'_>, skeleton: &Skeleton, quotas: &Quotas, adopted: &BTreeSet<Principal>) {
    let (workspace, is_whole) = (import.request.workspace, import.request.only.is_empty());
    let declared = workspace.clusters.get(import.request.cluster);
    let declared = declared.map(|cluster| DesiredQuotas::compile(workspace, cluster)).unwrap_or_default();
    let users: BTreeSet<QuotaEntity> = adopted.iter().filter_map(of_principal).collect();
    let is_wanted = |entity: &QuotaEntity| {
        let of_adopted = entity.user().is_some_and(|user| users.contains(&QuotaEntity::User(user.clone())));
        let is_own = matches!(entity, QuotaEntity::User(_)) && of_adopted;
        let is_said = declared.wanted.contains_key(entity) || declared.is_of_service(entity) || is_own;
        in_scope(&skeleton.cluster, entity) && !is_said && (is_whole || of_adopted)
    };
    let mut items = Vec::new();
    for (entity, values) in quotas.of.iter().filter(|(entity, _)| is_wanted(entity)) {
        match entry_of(entity, values) {
            Some(item) => items.push(item),
            None => import.made.left.push(format!("the quota of {entity}: no manifest can say it")),
        }
    }
    if is_whole {
        import.made.left.extend(quotas.unknown.iter().cloned());
    }
    if !items.is_empty() {
        add(import, &items);
    }
}

fn add(import: &mut Import<'_>, items: &[String]) {
    let (workspace, name) = (import.request.workspace, import.request.cluster);
    let Some(cluster) = workspace.clusters.get(name) else {
        let head = format!("cluster: {}\n", crate::source::write::scalar(name.as_str()));
        let is_it = |(path, text): &(&std::path::PathBuf, &mut String)| {
            path.starts_with(Path::new("clusters")) && text.starts_with(&head)
        };
        if let Some((_, text)) = import.made.created.iter_mut().find(is_it) {
            text.push_str(&list("quotas", items));
        }
        return;
    };
    let path = workspace.sources.file(cluster.cluster.span.file).path.clone();
    let Some(mut text) = import.text_of(&path) else { return };
    for item in items {
        match with_item(&path, &text, ("cluster", name.as_str()), "quotas", item) {
            Some(edited) => text = edited,
            None => import.made.left.push(format!("add to `quotas` in {}: {item}", path.display())),
        }
    }
    import.made.changed.insert(path, text);
}
