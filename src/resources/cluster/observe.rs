use std::collections::{BTreeMap, BTreeSet};

use crate::model::GroupId;
use crate::ports::kafka::{
    BrokerConfig, BrokerConfigs, BrokerFacts, BrokerInfo, ClusterFacts, ConfigsOfBroker, Endpoint, KafkaAdmin,
};
use crate::ports::{Failure, Observed};

/// Configs of brokers that say how they are reached and who may do what.
const SETTINGS: [&str; 11] = [
    "allow.everyone.if.no.acl.found",
    "authorizer.class.name",
    "controller.listener.names",
    "listener.security.protocol.map",
    "listeners",
    "ssl.cipher.suites",
    "ssl.client.auth",
    "ssl.enabled.protocols",
    "ssl.endpoint.identification.algorithm",
    "ssl.protocol",
    "super.users",
];

/// What of brokers is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrokersAsked {
    /// What they and their cluster are.
    pub facts: bool,
    /// With what they are, the groups that they know.
    pub groups: bool,
    /// Their configs.
    pub configs: bool,
}

/// Reads what brokers are and how they are configured, as far as it is asked for. What they are is in part what is
/// configured: each broker tells its configs once for both.
pub async fn observe_brokers(
    kafka: &impl KafkaAdmin,
    brokers: &[BrokerInfo],
    asked: BrokersAsked,
) -> (Option<ClusterFacts>, Option<Observed<BrokerConfigs>>) {
    let ids: Vec<i32> = brokers.iter().map(|broker| broker.id).collect();
    let read_configs =
        async { if asked.facts || asked.configs { kafka.broker_configs(&ids).await } else { Vec::new() } };
    let read_groups = async { if asked.groups { Some(Observed::from(groups(kafka).await)) } else { None } };
    let read_rest = async {
        match asked.facts {
            true => Some(tokio::join!(kafka.quorum(), kafka.features(brokers), kafka.log_dirs(brokers), read_groups)),
            false => None,
        }
    };
    let (configs, rest) = tokio::join!(Box::pin(read_configs), Box::pin(read_rest));
    let facts = rest.map(|(quorum, features, log_dirs, groups)| {
        let newest = features.iter().flatten().max_by_key(|features| features.epoch);
        let finalized = newest.map(|features| features.finalized.clone()).unwrap_or_default();
        let told = ids.iter().zip(features).zip(&configs).zip(log_dirs);
        let brokers = told.map(|(((id, features), configs), log_dirs)| {
            let features = features.map(|features| features.supported).into();
            (*id, BrokerFacts { features, settings: settings(configs).into(), log_dirs: log_dirs.into() })
        });
        ClusterFacts {
            quorum: quorum.into(),
            finalized,
            brokers: brokers.collect(),
            groups,
            endpoints: BTreeMap::new(),
        }
    });
    let configs = match BrokerConfigs::of(&ids, configs) {
        // What nobody asked for is told where it was read all the same.
        configs if asked.configs => Some(configs.into()),
        Ok(configs) if asked.facts && configs.hidden.is_empty() => Some(Observed::Known(configs)),
        _ => None,
    };
    (facts, configs)
}

/// The groups that all brokers know: where one does not tell, others may be there.
async fn groups(kafka: &impl KafkaAdmin) -> Result<BTreeSet<GroupId>, Failure> {
    let mut groups = BTreeSet::new();
    for broker in kafka.groups().await? {
        groups.extend(broker.answer?.into_iter().map(|group| group.id));
    }
    Ok(groups)
}

/// Looks at what brokers show where they speak TLS, one address at a time beside the others.
pub async fn observe_endpoints(
    kafka: &impl KafkaAdmin,
    addresses: BTreeSet<String>,
) -> BTreeMap<String, Observed<Endpoint>> {
    let addresses: Vec<String> = addresses.into_iter().collect();
    let shown = kafka.endpoints(&addresses).await;
    addresses.into_iter().zip(shown.into_iter().map(Observed::from)).collect()
}

/// Those configs of a broker that say what it is. Why they are not told is the same of many brokers, and told once.
fn settings(configs: &Result<ConfigsOfBroker, Failure>) -> Result<BTreeMap<String, Option<String>>, Failure> {
    let configs = configs
        .as_ref()
        .map_err(|failure| Failure { tried: "describe the configs of brokers".into(), ..failure.clone() })?;
    let is_asked = |key: &str| {
        let of_listener = key.strip_prefix("listener.name.").and_then(|rest| rest.split_once('.'));
        SETTINGS
            .contains(&of_listener.filter(|(_, config)| config.starts_with("ssl.")).map_or(key, |(_, config)| config))
    };
    let value = |config: &BrokerConfig| match config.values.first() {
        Some((_, value)) => Some(Some(value.clone())),
        // It is set, and never told.
        None => config.sensitive.then_some(None),
    };
    let asked = configs.iter().filter(|(key, _)| is_asked(key));
    Ok(asked.filter_map(|(key, config)| Some((key.to_string(), value(config)?))).collect())
}

#[cfg(test)]
mod tests {
    use super::settings;
    use crate::ports::kafka::{BrokerConfig, ConfigSource, ConfigsOfBroker};

    #[test]
    fn what_the_rules_for_tls_judge_is_read_for_all_listeners_and_for_one() {
        let of_tls =
            ["ssl.cipher.suites", "ssl.enabled.protocols", "ssl.endpoint.identification.algorithm", "ssl.protocol"];
        let keys: Vec<String> =
            of_tls.iter().flat_map(|key| [(*key).to_owned(), format!("listener.name.edge.{key}")]).collect();
        let set = BrokerConfig {
            values: vec![(ConfigSource::StaticBroker, "x".to_owned())],
            read_only: false,
            sensitive: false,
        };
        let mut configs: ConfigsOfBroker = keys.iter().map(|key| (key.as_str().into(), set.clone())).collect();
        configs.insert("log.retention.ms".into(), set);
        let told = settings(&Ok(configs)).expect("settings");
        let mut expected = keys;
        expected.sort();
        assert_eq!(told.into_keys().collect::<Vec<_>>(), expected);
    }
}
