use std::collections::BTreeMap;

use super::{Deviation, Fields, Observation, Unseen, both_see, deviations};
use crate::model::{Address, Kind, Rate};
use crate::plan::FieldValue;
use crate::ports::kafka::{Acl, AclPermission, Quota};
use crate::resources::acl::address_of;

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

/// `quota/user=normalizer,client-id=x`; the default of a type is `user=<default>`.
fn address(of: Observation<'_>, quota: &Quota) -> Address {
    let part = |(kind, name): (&String, &Option<String>)| {
        let Some(name) = name else { return format!("{kind}=<default>") };
        let principal = format!("User:{name}").parse().ok().filter(|_| kind == "user");
        let owner = principal.and_then(|principal| of.owners.get(&principal));
        format!("{kind}={}", owner.unwrap_or(name))
    };
    let name = quota.entity.iter().map(part).collect::<Vec<_>>().join(",");
    Address { kind: Kind::Quota, name }
}

fn amount(key: &str, value: f64) -> FieldValue {
    let is_whole = value.fract() == 0.0 && value.abs() < 9e15;
    match key {
        "producer_byte_rate" | "consumer_byte_rate" if is_whole => {
            FieldValue::shown(format!("{value:.0}"), Rate(value as i64).to_string())
        }
        "request_percentage" => FieldValue::shown(value.to_string(), format!("{value}%")),
        _ => FieldValue::plain(value),
    }
}
