use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::delivery::shown_key;
use super::identity::FoundIdentities;
use super::schema::LiveRegistry;
use super::scram::SetPasswords;
use super::topic::LiveTopics;
use crate::plan::FieldValue;
use crate::ports::consul::{KeyEntry, Keys};
use crate::ports::kafka::{Acl, BrokerConfigs, ClusterFacts, ClusterInfo, Quota, ScramUser};
use crate::ports::{Failure, FailureKind, Observed};
use crate::source::is_secret_setting;

/// The live state of a cluster and its registry. Saved to a file it is a snapshot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Live {
    /// Id and brokers.
    pub cluster: ClusterInfo,
    /// What the cluster and its brokers are, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub facts: Option<ClusterFacts>,
    /// Topics with what is set on them.
    pub topics: LiveTopics,
    /// ACLs. `Unsupported` where the brokers have no authorizer.
    pub acls: Observed<Vec<Acl>>,
    /// Client quotas.
    pub quotas: Observed<Vec<Quota>>,
    /// Users that log in with SCRAM, where they were read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub scram_users: Option<Observed<Vec<ScramUser>>>,
    /// How the passwords of those users were last set, where the record of applies was asked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub scram_passwords: Option<Observed<SetPasswords>>,
    /// Configs of brokers, where they were read: for manifests that declare some or are compared with what brokers are, and for
    /// snapshots.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub broker_configs: Option<Observed<BrokerConfigs>>,
    /// The configuration that is delivered to services, where the cluster says where to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub delivered: Option<Observed<Keys>>,
    /// Which services have an identity, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub identities: Option<FoundIdentities>,
    /// The registry, where the cluster names one.
    pub registry: Option<Observed<LiveRegistry>>,
}

impl Live {
    /// Of a cluster and a registry that nobody asks anything.
    pub fn unread() -> Self {
        let failure = Failure {
            kind: FailureKind::Unsupported,
            tried: "list what is declared".to_owned(),
            server: "no server".to_owned(),
            answer: "none was asked".to_owned(),
            hint: None,
        };
        Self {
            cluster: ClusterInfo { id: String::new(), brokers: Vec::new(), controller: None },
            facts: None,
            topics: LiveTopics::default(),
            acls: Observed::Hidden(failure.clone()),
            quotas: Observed::Hidden(failure.clone()),
            scram_users: None,
            scram_passwords: None,
            broker_configs: None,
            delivered: None,
            identities: None,
            registry: Some(Observed::Hidden(failure)),
        }
    }

    /// The same without values that look like secrets: what is kept in a file.
    pub fn without_secrets(mut self) -> Self {
        fn hide(name: &str, value: &mut String) {
            if is_secret_setting(name, value) {
                FieldValue::HIDDEN.clone_into(value);
            }
        }
        fn known<T>(observed: &mut Option<Observed<T>>) -> Option<&mut T> {
            match observed {
                Some(Observed::Known(known)) => Some(known),
                _ => None,
            }
        }
        for topic in self.topics.topics.values_mut() {
            if let Observed::Known(configs) = &mut topic.configs {
                configs.iter_mut().for_each(|(key, value)| hide(key, value));
            }
        }
        self.topics.defaults.iter_mut().for_each(|(key, (value, _))| hide(key, value));
        let brokers = known(&mut self.broker_configs).into_iter().flat_map(|brokers| brokers.told.values_mut());
        for (key, config) in brokers.flatten() {
            config.values.iter_mut().for_each(|(_, value)| hide(key, value));
        }
        let settings = self.facts.iter_mut().flat_map(|facts| facts.brokers.values_mut()).map(|it| &mut it.settings);
        for settings in settings {
            if let Observed::Known(settings) = settings {
                settings
                    .iter_mut()
                    .filter_map(|(key, value)| Some((key, value.as_mut()?)))
                    .for_each(|(k, v)| hide(k, v));
            }
        }
        if let Some(keys) = known(&mut self.delivered) {
            let kept = |(key, mut entry): (String, KeyEntry)| {
                let shown = shown_key(&key, &entry);
                match entry.told.is_some() || shown != key {
                    true => FieldValue::HIDDEN.clone_into(&mut entry.value),
                    false => hide(&key, &mut entry.value),
                }
                (shown, entry)
            };
            *keys = std::mem::take(keys).into_iter().map(kept).collect();
        }
        self
    }

    /// What could not be seen: each reason with the number of resources, or kinds of them, that it hides. That a server
    /// does not have something, as brokers without an authorizer have no ACLs, hides nothing.
    pub fn unseen(&self) -> Vec<(&Failure, usize)> {
        let registry = self.registry.as_ref();
        let subjects = registry.and_then(Observed::known).into_iter().flat_map(|registry| registry.subjects.values());
        let failures = [
            self.acls.hidden(),
            self.quotas.hidden(),
            self.scram_users.as_ref().and_then(Observed::hidden),
            self.scram_passwords.as_ref().and_then(Observed::hidden),
            self.broker_configs.as_ref().and_then(Observed::hidden),
            self.delivered.as_ref().and_then(Observed::hidden),
            registry.and_then(Observed::hidden),
        ]
        .into_iter()
        .flatten()
        .chain(self.identities.iter().flat_map(FoundIdentities::hidden))
        .chain(self.topics.hidden.values())
        .chain(self.broker_configs.iter().filter_map(Observed::known).flat_map(|configs| configs.hidden.values()))
        .chain(self.topics.topics.values().filter_map(|topic| topic.configs.hidden()))
        .chain(subjects.filter_map(|subject| subject.latest.hidden().or_else(|| subject.compatibility.hidden())));
        let mut counted: BTreeMap<(&str, &str), (&Failure, usize)> = BTreeMap::new();
        for failure in failures.filter(|failure| failure.kind != FailureKind::Unsupported) {
            counted.entry((&failure.tried, &failure.answer)).or_insert((failure, 0)).1 += 1;
        }
        counted.into_values().collect()
    }
}
