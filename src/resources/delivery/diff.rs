use std::collections::{BTreeMap, BTreeSet};

use super::shown::{is_list, shown_value};
use super::{DesiredDelivery, address_of, by_service, field_of, separator_of, service_of, shown_entry, shown_key};
use crate::model::{Address, Kind, Risk};
use crate::plan::{Action, Change, FieldChange, FieldValue, Incomplete, Step, Unmanaged, Verification};
use crate::ports::consul::{KeyEntry, KeyWrite};
use crate::ports::{Failure, FailureKind, Observed};
use crate::resources::{Desired, Difference, Live, fingerprint};

/// The last parts of keys that say something about the bus that no client is set to: nobody behaves in another way for them.
const DESCRIBING: [&str; 10] = [
    "description",
    "format",
    "format_version",
    "key",
    "max_lag",
    "max_message_bytes",
    "optional",
    "retention",
    "transactional",
    "version",
];

/// Compares what is delivered to services with what they are to have.
pub fn diff(desired: &Desired<'_>, live: &Live) -> Difference {
    let mut difference = Difference::default();
    let deliveries = &desired.deliveries;
    if !deliveries.is_declared {
        return difference;
    }
    let unread = not_read();
    let found = match &live.delivered {
        Some(Observed::Known(found)) => found,
        not_seen => {
            let failure = not_seen.as_ref().and_then(Observed::hidden).unwrap_or(&unread);
            let unseen = deliveries.wanted.iter().map(|(service, wanted)| Incomplete {
                address: address_of(service),
                failure: failure.clone(),
                place: Some(desired.workspace.place(wanted.span)),
            });
            difference.incomplete.extend(unseen);
            return difference;
        }
    };
    let keys = found;
    let (found, strangers) = by_service(keys);
    let none = BTreeMap::new();
    let grants = grants_by_service(desired);
    let granted = |service: &String| grants.get(service.as_str()).into_iter().flatten().cloned();
    for (service, wanted) in &deliveries.wanted {
        let before = found.get(service.as_str()).unwrap_or(&none);
        difference.changes.extend(change(desired, service, wanted, before).map(|change| Change {
            // What a service is told of is made before.
            depends_on: wanted.topics.iter().map(Address::topic).chain(granted(service)).collect(),
            ..change
        }));
    }
    let unmanaged = |name: &str, reason: &str| Unmanaged {
        kind: Kind::ClientConfig.as_str().to_owned(),
        name: name.to_owned(),
        reason: reason.to_owned(),
    };
    let shown = |key: &str| keys.get(key).map_or_else(|| key.to_owned(), |entry| shown_key(key, entry));
    let of_nobody = found.iter().filter(|(service, _)| !deliveries.wanted.contains_key(**service));
    let of_nobody: BTreeSet<String> = of_nobody
        .flat_map(|(service, keys)| keys.keys().map(move |key| shown(&format!("{service}/{key}"))))
        .map(|key| service_of(&key).map_or(key.as_str(), |(service, _)| service).to_owned())
        .collect();
    difference.unmanaged.extend(of_nobody.iter().map(|name| unmanaged(name, "no manifest declares the service")));
    let strangers = strangers.into_iter().map(|key| unmanaged(&shown(key), "it is in no service's folder"));
    difference.unmanaged.extend(strangers);
    difference
}

fn change(
    desired: &Desired<'_>,
    service: &str,
    wanted: &DesiredDelivery,
    before: &BTreeMap<&str, &KeyEntry>,
) -> Option<Change> {
    let all: BTreeSet<&str> = before.keys().copied().chain(wanted.keys.keys().map(String::as_str)).collect();
    let place = desired.workspace.place(wanted.span);
    let (mut fields, mut writes) = (Vec::new(), Vec::new());
    for key in all {
        let (was, is) = (before.get(key), wanted.keys.get(key));
        if was.map(|entry| &entry.value) == is {
            continue;
        }
        let (field, before) = match was.map(|entry| shown_entry(service, key, entry)) {
            Some((field, value)) => (field, Some(value)),
            None => (field_of(key), None),
        };
        let (index, key_written) = (was.map_or(0, |entry| entry.index), format!("{service}/{key}"));
        let told = was.map(|entry| shown_key(&key_written, entry)).filter(|told| *told != key_written);
        writes.push(KeyWrite { key: key_written, value: is.cloned(), index, told });
        let after = is.map(|value| shown_value(key, value));
        fields.push(FieldChange { field, before, after, place: Some(place.clone()) });
    }
    if fields.is_empty() {
        return None;
    }
    // Who reads in between finds too much rather than too little.
    writes.sort_by_key(|write| write.value.is_none());
    let action = match (before.is_empty(), wanted.keys.is_empty()) {
        (true, _) => Action::Create,
        (false, true) => Action::Delete,
        (false, false) => Action::Update,
    };
    let (risk, impact) = cost(service, action, &fields);
    Some(Change {
        address: address_of(service),
        action,
        risk,
        impact,
        measured: None,
        access: Vec::new(),
        fingerprint: fingerprint(
            before.iter().map(|(key, entry)| as_seen(service, key, entry)).collect::<BTreeSet<_>>(),
        ),
        verification: Verification::unverifiable("Consul has no validate-only request"),
        place: Some(place),
        depends_on: Vec::new(),
        steps: vec![Step::WriteKeys(writes)],
        fields,
    })
}

/// Whether a list has all that it had, and more.
fn only_gains(field: &FieldChange) -> bool {
    let (Some(before), Some(after)) = (&field.before, &field.after) else { return false };
    let items = |of: &str| of.split(separator_of(&field.field)).map(str::to_owned).collect::<BTreeSet<_>>();
    is_list(&field.field) && items(&before.value).is_subset(&items(&after.value))
}

/// What tells a key and its value from another one. A secret is known by its last change: a digest of it could be guessed, and
/// who has it from a snapshot has no value.
fn as_seen(service: &str, key: &str, entry: &KeyEntry) -> String {
    let (field, value) = shown_entry(service, key, entry);
    match value.is_hidden() {
        true => format!("{field}={} {}", FieldValue::HIDDEN, entry.index),
        false => format!("{field}={}", entry.value),
    }
}

/// What clients may notice.
fn cost(service: &str, action: Action, fields: &[FieldChange]) -> (Risk, Vec<String>) {
    if action == Action::Delete {
        let impact = format!("clients of `{service}` that start find nothing to bootstrap from");
        return (Risk::Disruptive, vec![impact]);
    }
    let is_set_to = |field: &&FieldChange| !DESCRIBING.contains(&field.field.rsplit('/').next().unwrap_or_default());
    let noticed: Vec<&str> = fields
        .iter()
        .filter(|field| field.before.is_some() && !only_gains(field))
        .filter(is_set_to)
        .map(|field| field.field.as_str())
        .collect();
    match noticed.as_slice() {
        [] => (Risk::Safe, Vec::new()),
        [first, rest @ ..] => {
            let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
            let impact = format!("clients of `{service}` that read it again bootstrap otherwise: {first}{more}");
            (Risk::Disruptive, vec![impact])
        }
    }
}

/// The addresses of what each service may do.
fn grants_by_service<'d>(desired: &'d Desired<'_>) -> BTreeMap<&'d str, BTreeSet<Address>> {
    let mut grants: BTreeMap<&str, BTreeSet<Address>> = BTreeMap::new();
    for acl in desired.grants.acls.keys() {
        if let Some(owner) = desired.grants.owners.get(&acl.principal) {
            let address = crate::resources::acl::address_of(&owner.name, acl);
            grants.entry(&owner.name).or_default().insert(address);
        }
    }
    grants
}

/// What a snapshot says that has no keys in it.
fn not_read() -> Failure {
    Failure {
        kind: FailureKind::NotFound,
        tried: "compare the configuration that is delivered".into(),
        server: "the saved live state".into(),
        answer: "it has none: it was saved before the cluster said where it is delivered to".into(),
        hint: Some("take a new snapshot".into()),
    }
}

#[cfg(test)]
mod tests;
