//! Quotas as manifests have them.

use std::collections::BTreeMap;

use super::{QuotaEntity, QuotaKey};
use crate::model::{Frequency, Rate, Share};
use crate::source::write::scalar;

/// A value as a manifest has it; `None` where none can say it.
pub fn written(key: QuotaKey, value: f64) -> Option<String> {
    let text = key.shown(value);
    let read = match key {
        QuotaKey::ProducerByteRate | QuotaKey::ConsumerByteRate => text.parse::<Rate>().ok().map(|rate| rate.0 as f64),
        QuotaKey::RequestPercentage => text.parse::<Share>().ok().map(|share| share.0),
        QuotaKey::ControllerMutationRate | QuotaKey::ConnectionCreationRate => {
            text.parse::<Frequency>().ok().map(|times| times.0)
        }
    };
    (read == Some(value) && key.refuses(value).is_none()).then_some(text)
}

/// An entry of `quotas` of a cluster, in braces; `None` where a manifest cannot say all of it.
pub fn entry_of(entity: &QuotaEntity, values: &BTreeMap<QuotaKey, f64>) -> Option<String> {
    let who = match entity {
        QuotaEntity::User(user) => vec![("user", user)],
        QuotaEntity::UserClient(user, client) => vec![("user", user), ("client_id", client)],
        QuotaEntity::ClientId(client) => vec![("client_id", client)],
        QuotaEntity::Ip(ip) => vec![("ip", ip)],
    };
    let who = who.into_iter().map(|(key, who)| Some(format!("{key}: {}", scalar(who.to_manifest()?))));
    let limits = values.iter().map(|(key, value)| {
        let written = written(*key, *value).filter(|_| entity.takes(*key))?;
        Some(format!("{}: {written}", key.in_manifests()))
    });
    let pairs: Option<Vec<String>> = who.chain(limits).collect();
    Some(format!("{{ {} }}", pairs?.join(", ")))
}
