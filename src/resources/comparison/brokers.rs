use std::collections::BTreeMap;

use super::{Deviation, Fields, Observation, Unseen, both_see, deviations};
use crate::model::Address;
use crate::ports::kafka::BrokerConfigs;
use crate::resources::broker_config::{BrokerScope, is_throttle, meaning, meaning_by_scope, shown};

/// Compares what is set on all brokers while they run. Single brokers of two clusters are different ones; and where one side
/// was not read, as in a snapshot of an earlier version, there is nothing to compare.
pub(super) fn configs(first: Observation<'_>, second: Observation<'_>, incomplete: &mut Vec<Unseen>) -> Vec<Deviation> {
    let (Some(a), Some(b)) = (&first.live.broker_configs, &second.live.broker_configs) else { return Vec::new() };
    let Some([a, b]) = both_see([(first, a), (second, b)], "broker-config", incomplete) else { return Vec::new() };
    deviations(&of_all(a), &of_all(b))
}

fn of_all(found: Option<&BrokerConfigs>) -> BTreeMap<Address, Fields> {
    let set = found.map(meaning_by_scope).and_then(|mut scopes| scopes.remove(&BrokerScope::All));
    let set = set.into_iter().flatten().filter(|(key, _)| !is_throttle(key));
    let fields: Fields = set.map(|(key, value)| (format!("config.{key}"), shown(key, &meaning(value)))).collect();
    if fields.is_empty() { BTreeMap::new() } else { BTreeMap::from([(BrokerScope::All.address(), fields)]) }
}
