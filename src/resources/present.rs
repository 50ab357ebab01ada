use std::collections::{BTreeMap, BTreeSet};

use super::acl::{address_of, field_name};
use super::broker_config::{BrokerScope, meaning_by_scope};
use super::delivery::{by_service, shown_entry};
use super::placement::{LEADER, REPLICAS, brokers_in_words};
use super::quota::QuotaEntity;
use super::schema::LiveSubject;
use super::scram::user_of_address;
use super::topic::{ConfigValue, LiveTopic, LiveTopics, RECORDS};
use super::{Desired, Scope, topic};
use crate::model::{Address, Kind, Subject, TopicName};
use crate::plan::PlannedReference;
use crate::ports::consul::{Consul, Keys};
use crate::ports::kafka::{Acl, BrokerConfigs, KafkaAdmin, OffsetAt, OffsetQuery, Quota, ScramUser};
use crate::ports::registry::Registry;
use crate::ports::{Failure, Observed};
use crate::schema::{digest, is_met_by};

/// What a resource has set, by the names that fields have in a plan and as the systems write the values.
pub type Fields = BTreeMap<String, String>;

/// What resources have now, whether manifests speak of them or not: a plan tells that of declared ones alone.
pub struct PresentFields<'d> {
    desired: &'d Desired<'d>,
    topics: LiveTopics,
    /// By the part of the address behind the service; `None` where they were not asked for or cannot be seen.
    acls: Option<BTreeMap<String, Fields>>,
    /// `None` where they were not asked for or cannot be seen.
    quotas: Option<BTreeMap<QuotaEntity, Fields>>,
    /// By user; `None` where they were not asked for or cannot be seen.
    scram_users: Option<BTreeMap<String, Fields>>,
    /// `None` where they were not asked for or cannot be seen.
    brokers: Option<BTreeMap<BrokerScope, Fields>>,
    /// By service; `None` where they were not asked for or cannot be seen.
    delivered: Option<BTreeMap<String, Fields>>,
    subjects: BTreeMap<Subject, LiveSubject>,
    /// The offsets of the first records, of topics that could be seen whole.
    records: BTreeMap<String, Fields>,
}

impl<'d> PresentFields<'d> {
    /// Reads what these resources have. Schemas are left out where there is no registry, what is delivered where there is
    /// no Consul.
    pub async fn read(
        kafka: &impl KafkaAdmin,
        registry: Option<&impl Registry>,
        consul: Option<&dyn Consul>,
        addresses: &BTreeSet<&Address>,
        desired: &'d Desired<'d>,
    ) -> Result<Self, Failure> {
        let of = |kind| addresses.iter().filter(move |address| address.kind == kind);
        let topics: Vec<TopicName> = of(Kind::Topic).filter_map(|address| address.name.parse().ok()).collect();
        let subjects: Vec<Subject> = of(Kind::Schema).filter_map(|address| address.name.parse().ok()).collect();
        let topics = topic::observe(kafka, &topics, Scope::Named).await?;
        let acls = match of(Kind::Grant).next() {
            Some(_) => Observed::from(kafka.acls().await).known().map(by_resource),
            None => None,
        };
        let quotas = match of(Kind::Quota).next() {
            Some(_) => Observed::from(kafka.quotas().await).known().map(|quotas| by_entity(quotas)),
            None => None,
        };
        let scram_users = match of(Kind::ScramUser).next() {
            Some(_) => Observed::from(kafka.scram_users().await).known().map(|users| by_user(users)),
            None => None,
        };
        let brokers = match of(Kind::BrokerConfig).next() {
            Some(_) => {
                let ids: Vec<i32> = kafka.cluster().await?.brokers.iter().map(|broker| broker.id).collect();
                let configs = BrokerConfigs::of(&ids, kafka.broker_configs(&ids).await).ok();
                configs.filter(|configs| configs.hidden.is_empty()).as_ref().map(by_scope)
            }
            None => None,
        };
        let delivered = match (of(Kind::ClientConfig).next(), consul) {
            (Some(_), Some(consul)) => Observed::from(consul.keys().await).known().map(delivered_to),
            _ => None,
        };
        let subjects = match registry {
            Some(registry) => {
                let current = registry.current(&subjects).await;
                subjects.into_iter().zip(current.into_iter().map(LiveSubject::new)).collect()
            }
            None => BTreeMap::new(),
        };
        let truncated: Vec<TopicName> = of(Kind::Records).filter_map(|address| address.name.parse().ok()).collect();
        let records = first_offsets(kafka, &truncated).await?;
        Ok(Self { desired, topics, acls, quotas, scram_users, brokers, delivered, subjects, records })
    }

    /// Of one resource, none of which is set where it is not there; `None` where that cannot be told.
    pub fn of(&self, address: &Address) -> Option<Fields> {
        match address.kind {
            Kind::Topic if self.topics.hidden.contains_key(address.name.as_str()) => None,
            Kind::Topic => self.topics.topics.get(address.name.as_str()).map_or(Some(Fields::new()), of_topic),
            Kind::Grant => {
                let (_, resource) = address.name.split_once('/')?;
                self.acls.as_ref().map(|acls| acls.get(resource).cloned().unwrap_or_default())
            }
            Kind::Schema => self.of_subject(&address.name),
            Kind::ClientConfig => {
                self.delivered.as_ref().map(|all| all.get(&address.name).cloned().unwrap_or_default())
            }
            Kind::Records => self.records.get(&address.name).cloned(),
            Kind::BrokerConfig => {
                let scope = BrokerScope::of_address(&address.name)?;
                self.brokers.as_ref().map(|brokers| brokers.get(&scope).cloned().unwrap_or_default())
            }
            // What no server tells of it is not among them.
            Kind::ScramUser => {
                let user = user_of_address(&address.name)?;
                self.scram_users.as_ref().map(|users| users.get(&user).cloned().unwrap_or_default())
            }
            Kind::Quota => {
                let entity = QuotaEntity::of_address(&address.name)?;
                self.quotas.as_ref().map(|quotas| quotas.get(&entity).cloned().unwrap_or_default())
            }
        }
    }

    /// Whether replicas of a topic are being moved; `None` where that cannot be told.
    pub fn is_moving(&self, address: &Address) -> Option<bool> {
        if self.topics.moves_hidden.is_some() || self.topics.hidden.contains_key(address.name.as_str()) {
            return None;
        }
        Some(self.topics.topics.get(address.name.as_str()).is_some_and(LiveTopic::is_moving))
    }

    fn of_subject(&self, name: &str) -> Option<Fields> {
        let subject = self.subjects.get(name)?;
        let level = subject.compatibility.known()?.as_ref().map(|level| level.to_lowercase());
        let mut fields: Fields = level.map(|level| ("compatibility".to_owned(), level)).into_iter().collect();
        if let Some(latest) = subject.latest.known()? {
            let schema = &latest.schema;
            // A registry that drops comments has the declared schema nevertheless.
            let declared = self.desired.subjects.get(name).filter(|declared| {
                declared.format == schema.format && is_met_by(schema.format, &declared.text, &schema.text)
            });
            let text = declared.map_or(schema.text.as_str(), |declared| &declared.text);
            fields.insert("schema".to_owned(), digest(schema.format, text));
            let references = schema.references.iter();
            let references: Vec<_> = references.map(|held| PlannedReference::from(held).to_string()).collect();
            if !references.is_empty() {
                fields.insert("references".to_owned(), references.join(", "));
            }
        }
        Some(fields)
    }
}

fn of_topic(topic: &LiveTopic) -> Option<Fields> {
    let configs = topic.configs.known()?.iter();
    let configs =
        configs.map(|(key, raw)| (format!("config.{key}"), ConfigValue::of_kafka(key, raw).as_str().to_owned()));
    let own = [("partitions", topic.partitions.len() as u32), ("replication_factor", topic.replication_factor())];
    let replicas = topic.partitions.iter().enumerate();
    let replicas = replicas.map(|(number, info)| (format!("{REPLICAS}{number}"), brokers_in_words(&info.settled())));
    let leaders = topic.partitions.iter().enumerate();
    let leaders = leaders.filter_map(|(number, info)| Some((format!("{LEADER}{number}"), info.leader?.to_string())));
    let own = own.map(|(field, value)| (field.to_owned(), value.to_string())).into_iter();
    Some(own.chain(replicas).chain(leaders).chain(configs).collect())
}

/// Where the partitions of topics begin; a topic that is not there, or that is not seen whole, is left out.
async fn first_offsets(kafka: &impl KafkaAdmin, topics: &[TopicName]) -> Result<BTreeMap<String, Fields>, Failure> {
    if topics.is_empty() {
        return Ok(BTreeMap::new());
    }
    let described = kafka.describe_topics(topics).await?.into_iter().flatten();
    let partition = |topic: TopicName| {
        move |partition: u32| OffsetQuery { topic: topic.clone(), partition, at: OffsetAt::Earliest }
    };
    let queries: Vec<OffsetQuery> = described
        .flat_map(|info| (0..info.partitions.len() as u32).map(partition(info.name)).collect::<Vec<_>>())
        .collect();
    let mut fields: BTreeMap<String, Option<Fields>> = BTreeMap::new();
    for (query, answer) in queries.iter().zip(kafka.offsets(&queries).await) {
        let of = fields.entry(query.topic.to_string()).or_insert_with(|| Some(Fields::new()));
        match answer {
            Ok(Some(found)) => {
                let field = (format!("{RECORDS}{}", query.partition), found.offset.to_string());
                of.iter_mut().for_each(|fields| fields.extend([field.clone()]));
            }
            Ok(None) | Err(_) => *of = None,
        }
    }
    Ok(fields.into_iter().filter_map(|(topic, fields)| Some((topic, fields?))).collect())
}

fn by_scope(found: &BrokerConfigs) -> BTreeMap<BrokerScope, Fields> {
    let fields = |set: BTreeMap<&str, &str>| {
        set.into_iter().map(|(key, value)| (format!("config.{key}"), value.to_owned())).collect()
    };
    meaning_by_scope(found).into_iter().map(|(scope, set)| (scope, fields(set))).collect()
}

fn delivered_to(keys: &Keys) -> BTreeMap<String, Fields> {
    let (services, _) = by_service(keys);
    let field = |service: &str, key: &str, entry| {
        let (field, mut value) = shown_entry(service, key, entry);
        value.hide();
        (field, value.value)
    };
    let of = |(service, keys): (&str, BTreeMap<&str, _>)| {
        (service.to_owned(), keys.into_iter().map(|(key, entry)| field(service, key, entry)).collect())
    };
    services.into_iter().map(of).collect()
}

fn by_user(users: &[ScramUser]) -> BTreeMap<String, Fields> {
    let fields = |user: &ScramUser| {
        user.credentials.iter().map(|(mechanism, count)| (mechanism.to_string(), count.to_string())).collect()
    };
    users.iter().map(|user| (user.name.clone(), fields(user))).collect()
}

fn by_entity(quotas: &[Quota]) -> BTreeMap<QuotaEntity, Fields> {
    let fields = |quota: &Quota| quota.values.iter().map(|(key, value)| (key.clone(), value.to_string())).collect();
    quotas.iter().filter_map(|quota| Some((QuotaEntity::of_kafka(&quota.entity)?, fields(quota)))).collect()
}

fn by_resource(acls: &Vec<Acl>) -> BTreeMap<String, Fields> {
    let mut fields: BTreeMap<String, Fields> = BTreeMap::new();
    for acl in acls {
        let resource = address_of("", acl).name.split_off(1);
        fields.entry(resource).or_default().insert(field_name(acl), acl.permission.to_string());
    }
    fields
}
