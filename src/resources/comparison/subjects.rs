use std::collections::BTreeMap;

use super::{Deviation, Fields, Observation, Unseen, deviations, unseen};
use crate::model::Address;
use crate::plan::{FieldValue, PlannedReference};
use crate::ports::Observed;
use crate::resources::schema::{LiveRegistry, LiveSubject};
use crate::schema;

/// Compares subjects by their newest versions. Numbers of versions are each registry's own, and make no difference. A
/// cluster without a registry has none.
pub(super) fn compare(first: Observation<'_>, second: Observation<'_>, incomplete: &mut Vec<Unseen>) -> Vec<Deviation> {
    let registries = [first, second].map(|of| of.live.registry.as_ref());
    let mut hidden = false;
    for (of, registry) in [first, second].into_iter().zip(registries) {
        if let Some(failure) = registry.and_then(Observed::hidden) {
            incomplete.push(unseen(of, "schema/*", failure));
            hidden = true;
        }
    }
    if hidden {
        return Vec::new();
    }
    let [mut a, mut b] = registries.map(|registry| subjects(registry.and_then(Observed::known)));
    for of in [first, second] {
        let registry = of.live.registry.as_ref().and_then(Observed::known);
        for (subject, live) in registry.into_iter().flat_map(|registry| &registry.subjects) {
            if let Some(failure) = live.latest.hidden().or_else(|| live.compatibility.hidden()) {
                let address = Address::schema(subject);
                incomplete.push(unseen(of, address.to_string(), failure));
                a.remove(&address);
                b.remove(&address);
            }
        }
    }
    deviations(&a, &b)
}

fn subjects(registry: Option<&LiveRegistry>) -> BTreeMap<Address, Fields> {
    let subjects = registry.into_iter().flat_map(|registry| &registry.subjects);
    subjects.map(|(subject, live)| (Address::schema(subject), fields(live))).collect()
}

fn fields(live: &LiveSubject) -> Fields {
    let mut fields = Fields::new();
    let level = live.compatibility.known().and_then(Option::as_ref);
    fields.extend(level.map(|level| ("compatibility".to_owned(), FieldValue::plain(level.to_lowercase()))));
    if let Some(latest) = live.newest() {
        let (format, text) = (latest.schema.format, &latest.schema.text);
        let digest = schema::digest(format, text);
        // Two registries may count otherwise, and two schemas may have one number.
        let shown = format!("version {} ({format}, {})", latest.version, digest.get(..8).unwrap_or(&digest));
        fields.insert("schema".to_owned(), FieldValue::shown(digest, shown));
        let references = latest.schema.references.iter().map(|held| PlannedReference::from(held).to_string());
        let references: Vec<String> = references.collect();
        if !references.is_empty() {
            fields.insert("references".to_owned(), FieldValue::plain(references.join(", ")));
        }
    }
    fields
}
