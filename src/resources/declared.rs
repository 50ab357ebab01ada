use std::collections::BTreeMap;

use super::Desired;
use super::acl::{address_of, field_name};
use super::broker_config::BrokerScope;
use super::quota::QuotaEntity;
use super::scram::user_of_address;
use super::topic::State;
use crate::model::{Address, Kind};
use crate::schema;

/// What the manifests set on each resource, by the names that fields have in a plan and as the systems write the values:
/// what is remembered of an apply.
pub struct DeclaredFields<'a> {
    desired: &'a Desired<'a>,
    grants: BTreeMap<Address, BTreeMap<String, String>>,
}

impl<'a> DeclaredFields<'a> {
    /// Of a desired state.
    pub fn new(desired: &'a Desired<'a>) -> Self {
        let mut grants: BTreeMap<Address, BTreeMap<String, String>> = BTreeMap::new();
        for acl in desired.grants.acls.keys() {
            let Some(owner) = desired.grants.owners.get(&acl.principal) else { continue };
            let fields = grants.entry(address_of(&owner.name, acl)).or_default();
            fields.insert(field_name(acl), acl.permission.to_string());
        }
        Self { desired, grants }
    }

    /// Of one resource; `None` where it is not wanted.
    pub fn of(&self, address: &Address) -> Option<BTreeMap<String, String>> {
        match address.kind {
            Kind::Topic => self.of_topic(&address.name),
            Kind::Grant => self.grants.get(address).cloned(),
            Kind::Schema => self.of_subject(&address.name),
            Kind::Quota => self.of_quota(&address.name),
            Kind::ScramUser => self.of_scram_user(&address.name),
            Kind::Records => None,
            Kind::ClientConfig => self.of_delivery(&address.name),
            Kind::BrokerConfig => self.of_brokers(&address.name),
        }
    }

    fn of_topic(&self, name: &str) -> Option<BTreeMap<String, String>> {
        let topic = self.desired.topics.get(name).filter(|topic| topic.state == State::Present)?;
        let configs =
            topic.configs.iter().map(|(key, value)| (format!("config.{key}"), value.value.as_str().to_owned()));
        let own = [("partitions", topic.partitions.value), ("replication_factor", topic.replication_factor.value)];
        Some(own.map(|(field, value)| (field.to_owned(), value.to_string())).into_iter().chain(configs).collect())
    }

    fn of_quota(&self, name: &str) -> Option<BTreeMap<String, String>> {
        let quota = self.desired.quotas.wanted.get(&QuotaEntity::of_address(name)?)?;
        let limits = quota.limits.iter().map(|(key, limit)| (key.as_str().to_owned(), limit.value.to_string()));
        (!quota.limits.is_empty()).then(|| limits.collect())
    }

    fn of_scram_user(&self, name: &str) -> Option<BTreeMap<String, String>> {
        let user = self.desired.scram_users.wanted.get(&user_of_address(name)?)?;
        let credentials = user.credentials.iter();
        let credentials = credentials.map(|(mechanism, count)| (mechanism.to_string(), count.to_string()));
        Some(credentials.chain(user.password.as_ref()?.fields()).collect())
    }

    fn of_delivery(&self, service: &str) -> Option<BTreeMap<String, String>> {
        let keys = &self.desired.deliveries.wanted.get(service)?.keys;
        (!keys.is_empty()).then(|| keys.clone())
    }

    fn of_brokers(&self, name: &str) -> Option<BTreeMap<String, String>> {
        let settings = self.desired.broker_configs.wanted.get(&BrokerScope::of_address(name)?)?;
        let set = settings.iter().filter_map(|(key, setting)| Some((format!("config.{key}"), setting.value.clone()?)));
        Some(set.collect())
    }

    fn of_subject(&self, name: &str) -> Option<BTreeMap<String, String>> {
        let subject = self.desired.subjects.get(name)?;
        let fields = [
            ("schema", schema::digest(subject.format, &subject.text)),
            ("compatibility", subject.compatibility.value.to_string()),
        ];
        Some(fields.map(|(field, value)| (field.to_owned(), value)).into())
    }
}
