use std::collections::BTreeMap;

use super::{Deviation, Fields, Observation, Unseen, both_see, deviations};
use crate::model::{Address, Kind};
use crate::plan::FieldValue;
use crate::ports::kafka::{Acl, AclPermission, Quota, ScramUser};
use crate::resources::acl::address_of;
use crate::resources::quota::{DEFAULT, QuotaEntity, QuotaKey, Who};
use crate::resources::scram::{self, iterations};

/// Compares ACLs, those of one service together whatever its principal is called on each side.
pub(super) fn grants(first: Observation<'_>, second: Observation<'_>, incomplete: &mut Vec<Unseen>) -> Vec<Deviation> {
    let sides = [(first, &first.live.acls), (second, &second.live.acls)];
    let Some([a, b]) = both_see(sides, "grant", incomplete) else { return Vec::new() };
    let of = |of: Observation<'_>, acls: Option<&Vec<Acl>>| {
        let mut grants: BTreeMap<Address, Fields> = BTreeMap::new();
        for acl in acls.into_iter().flatten() {
            let client = of.owners.get(&acl.principal).map_or(acl.principal.as_str(), String::as_str);
            let fields = grants.entry(address_of(client, acl)).or_default();
            fields.insert(operation(acl), FieldValue::plain(acl.permission));
        }
        grants
    };
    deviations(&of(first, a), &of(second, b))
}

/// What an ACL is about: `read`, `deny read`, `read from 10.0.0.1`. Who may is in the address.
fn operation(acl: &Acl) -> String {
    let deny = if acl.permission == AclPermission::Deny { "deny " } else { "" };
    let host = if acl.host == "*" { String::new() } else { format!(" from {}", acl.host) };
    format!("{deny}{}{host}", acl.operation)
}

/// Compares client quotas.
pub(super) fn quotas(first: Observation<'_>, second: Observation<'_>, incomplete: &mut Vec<Unseen>) -> Vec<Deviation> {
    let sides = [(first, &first.live.quotas), (second, &second.live.quotas)];
    let Some([a, b]) = both_see(sides, "quota", incomplete) else { return Vec::new() };
    let of = |of: Observation<'_>, quotas: Option<&Vec<Quota>>| -> BTreeMap<Address, Fields> {
        let quotas = quotas.into_iter().flatten();
        let fields = |quota: &Quota| -> Fields {
            quota.values.iter().map(|(key, value)| (key.clone(), amount(key, *value))).collect()
        };
        quotas.map(|quota| (address(of, quota), fields(quota))).collect()
    };
    deviations(&of(first, a), &of(second, b))
}

/// Compares users that log in with SCRAM. Passwords cannot be compared.
pub(super) fn scram_users(
    first: Observation<'_>,
    second: Observation<'_>,
    incomplete: &mut Vec<Unseen>,
) -> Vec<Deviation> {
    // A snapshot of an earlier version has none.
    let (Some(a), Some(b)) = (&first.live.scram_users, &second.live.scram_users) else { return Vec::new() };
    let Some([a, b]) = both_see([(first, a), (second, b)], "scram-user", incomplete) else { return Vec::new() };
    let of = |of: Observation<'_>, users: Option<&Vec<ScramUser>>| -> BTreeMap<Address, Fields> {
        let fields = |user: &ScramUser| -> Fields {
            user.credentials.iter().map(|(mechanism, count)| (mechanism.to_string(), iterations(*count))).collect()
        };
        let address = |user: &ScramUser| {
            let principal = format!("User:{}", user.name).parse().ok();
            let service = principal.and_then(|principal| of.owners.get(&principal));
            scram::address_of(service.unwrap_or(&user.name))
        };
        users.into_iter().flatten().map(|user| (address(user), fields(user))).collect()
    };
    deviations(&of(first, a), &of(second, b))
}

/// `quota/user/normalizer`, with the name of the service where it is a service's.
fn address(of: Observation<'_>, quota: &Quota) -> Address {
    let Some(entity) = QuotaEntity::of_kafka(&quota.entity) else {
        let kinds = quota.entity.iter().map(|(kind, name)| format!("{kind}={}", name.as_deref().unwrap_or(DEFAULT)));
        return Address { kind: Kind::Quota, name: kinds.collect::<Vec<_>>().join(",") };
    };
    let user = entity.user().and_then(Who::name);
    let principal = user.and_then(|user| format!("User:{user}").parse().ok());
    let service = principal.and_then(|principal| of.owners.get(&principal));
    service.map_or_else(|| entity.address(), |service| entity.with_user(service).address())
}

fn amount(key: &str, value: f64) -> FieldValue {
    QuotaKey::of_kafka(key).map_or_else(|| FieldValue::plain(value), |key| key.field(value))
}
