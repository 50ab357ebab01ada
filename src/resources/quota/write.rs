//! Quotas as manifests have them.

use std::collections::BTreeMap;

use super::desired::ip_of;
use super::{QuotaEntity, QuotaKey, Who};
use crate::model::{Frequency, Principal, Rate, Share};
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

/// Whether Kafka has it by a name that no manifest may give it (BUS408).
fn is_misnamed(entity: &QuotaEntity) -> bool {
    match entity {
        QuotaEntity::Ip(ip) => ip.name().is_some_and(|name| ip_of(name).is_none()),
        _ => entity.user().and_then(Who::name).is_some_and(|name| name.starts_with(Principal::USER)),
    }
}

/// An entry of `quotas` of a cluster, in braces; `None` where a manifest cannot say all of it.
pub fn entry_of(entity: &QuotaEntity, values: &BTreeMap<QuotaKey, f64>) -> Option<String> {
    let who = match entity {
        QuotaEntity::User(user) => vec![("user", user)],
        QuotaEntity::UserClient(user, client) => vec![("user", user), ("client_id", client)],
        QuotaEntity::ClientId(client) => vec![("client_id", client)],
        QuotaEntity::Ip(ip) => vec![("ip", ip)],
    };
    if is_misnamed(entity) {
        return None;
    }
    let who = who.into_iter().map(|(key, who)| Some(format!("{key}: {}", scalar(who.to_manifest()?))));
    let limits = values.iter().map(|(key, value)| {
        let written = written(*key, *value).filter(|_| entity.takes(*key))?;
        Some(format!("{}: {written}", key.in_manifests()))
    });
    let pairs: Option<Vec<String>> = who.chain(limits).collect();
    Some(format!("{{ {} }}", pairs?.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_manifest_may_name_is_written_to_none() {
        let limits = |key: QuotaKey| BTreeMap::from([(key, 3.0)]);
        let named = |name: &str| Who::Named(name.to_owned());
        let of_ip = |who: Who| entry_of(&QuotaEntity::Ip(who), &limits(QuotaKey::ConnectionCreationRate));
        let of_user = |name: &str| entry_of(&QuotaEntity::User(named(name)), &limits(QuotaKey::ControllerMutationRate));
        assert_eq!(of_ip(named("localhost")), None);
        assert_eq!(of_ip(named("10.0.0.7")).as_deref(), Some("{ ip: 10.0.0.7, connections: 3/s }"));
        assert_eq!(of_ip(Who::Default).as_deref(), Some("{ ip: <default>, connections: 3/s }"));
        assert_eq!(of_user("User:ops"), None);
        assert!(of_user("ops").is_some());
    }
}
