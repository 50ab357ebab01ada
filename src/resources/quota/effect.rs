//! What holds for somebody with several quotas in place: per key, Kafka takes the most specific one that has it.

use std::collections::BTreeMap;

use super::{QuotaEntity, QuotaKey, Who};

/// Quotas by whom they are for.
pub type Quotas = BTreeMap<QuotaEntity, BTreeMap<QuotaKey, f64>>;

/// What is asked, in Kafka's order, where an entity has no limit of its own.
fn behind(entity: &QuotaEntity) -> Vec<QuotaEntity> {
    let default = || Who::Default;
    let mut behind = match entity {
        QuotaEntity::UserClient(user, client) => vec![
            QuotaEntity::UserClient(user.clone(), default()),
            QuotaEntity::User(user.clone()),
            QuotaEntity::UserClient(default(), client.clone()),
            QuotaEntity::UserClient(default(), default()),
            QuotaEntity::User(default()),
            QuotaEntity::ClientId(client.clone()),
            QuotaEntity::ClientId(default()),
        ],
        QuotaEntity::User(_) => vec![
            QuotaEntity::UserClient(default(), default()),
            QuotaEntity::User(default()),
            QuotaEntity::ClientId(default()),
        ],
        QuotaEntity::ClientId(_) => vec![QuotaEntity::ClientId(default())],
        QuotaEntity::Ip(_) => vec![QuotaEntity::Ip(default())],
    };
    behind.retain(|other| other != entity);
    behind
}

/// The limit that holds, and whose it is.
pub(super) fn effective(quotas: &Quotas, entity: &QuotaEntity, key: QuotaKey) -> Option<(f64, QuotaEntity)> {
    let own = std::iter::once(entity.clone());
    own.chain(behind(entity)).find_map(|entity| Some((*quotas.get(&entity)?.get(&key)?, entity)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_limit_holds() {
        let key = QuotaKey::ProducerByteRate;
        let user = |name: &str| QuotaEntity::User(Who::Named(name.to_owned()));
        let all = QuotaEntity::User(Who::Default);
        let quotas = Quotas::from([(user("a"), [(key, 5.0)].into()), (all.clone(), [(key, 1.0)].into())]);
        assert_eq!(effective(&quotas, &user("a"), key), Some((5.0, user("a"))));
        assert_eq!(effective(&quotas, &user("b"), key), Some((1.0, all.clone())));
        let pair = QuotaEntity::UserClient(Who::Named("a".to_owned()), Who::Named("c".to_owned()));
        assert_eq!(effective(&quotas, &pair, key), Some((5.0, user("a"))));
        assert_eq!(effective(&quotas, &user("b"), QuotaKey::ConsumerByteRate), None);
        assert_eq!(effective(&quotas, &QuotaEntity::ClientId(Who::Default), key), None);
    }
}
