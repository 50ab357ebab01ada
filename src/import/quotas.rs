//! Client quotas, as far as manifests have them.

use std::collections::BTreeMap;

use super::Found;
use crate::model::{Percent, Principal, Rate};
use crate::ports::kafka::Quota;
use crate::source::write::mapping;

/// The key `quota` of a service whose principal has one; what is not in it, and why.
#[derive(Debug, Default)]
pub struct Quotas<'f> {
    of: BTreeMap<Principal, &'f Quota>,
    /// What manifests cannot say.
    pub left: Vec<String>,
}

impl<'f> Quotas<'f> {
    /// Those of a bus.
    pub fn of(found: &'f Found) -> Self {
        let mut quotas = Self::default();
        for quota in &found.quotas {
            let user = match quota.entity.iter().collect::<Vec<_>>()[..] {
                [(kind, Some(name))] if kind == "user" => format!("User:{name}").parse::<Principal>().ok(),
                _ => None,
            };
            match user {
                Some(user) if lines(quota).is_some() => drop(quotas.of.insert(user, quota)),
                _ => quotas.left.push(format!(
                    "the quota of {}: {}; manifests have quotas of services alone, in whole numbers",
                    entity_in_words(quota),
                    quota.values.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(", ")
                )),
            }
        }
        quotas
    }

    /// The principals that have one.
    pub fn principals(&self) -> impl Iterator<Item = &Principal> {
        self.of.keys()
    }

    /// The key `quota` of a service with this principal.
    pub fn text(&self, principal: &Principal) -> String {
        self.of.get(principal).and_then(|quota| lines(quota)).unwrap_or_default()
    }
}

/// The lines of a quota; `None` where a manifest cannot say all of it.
fn lines(quota: &Quota) -> Option<String> {
    let keys =
        [("producer_byte_rate", "produce"), ("consumer_byte_rate", "consume"), ("request_percentage", "request")];
    let mut entries = Vec::new();
    for (kafka, key) in keys {
        let Some(value) = quota.values.get(kafka).copied() else { continue };
        if value.fract() != 0.0 || !(0.0..=9.0e15).contains(&value) {
            return None;
        }
        let written = match key {
            "request" => Percent(u32::try_from(value as i64).ok()?).to_string(),
            _ => Rate(value as i64).to_string(),
        };
        entries.push((key.to_owned(), written));
    }
    (entries.len() == quota.values.len() && !entries.is_empty()).then(|| mapping("quota", &entries, 0))
}

fn entity_in_words(quota: &Quota) -> String {
    let part = |(kind, name): (&String, &Option<String>)| match name {
        Some(name) => format!("{kind} {name}"),
        None => format!("every other {kind}"),
    };
    quota.entity.iter().map(part).collect::<Vec<_>>().join(" with ")
}
