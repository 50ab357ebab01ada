use std::collections::{BTreeMap, BTreeSet};

use super::elr::{ELR_FEATURE, MIN_IN_SYNC, refused_with_elr};
use super::risk::risk_of;
use super::{BrokerScope, DesiredBrokerConfigs, Setting, is_same, is_throttle, meaning, shown};
use crate::diag::{Diagnostic, Level};
use crate::model::Risk;
use crate::plan::{Action, Change, FieldChange, FieldValue, Incomplete, Step, Unmanaged, Verification};
use crate::ports::kafka::{BrokerConfig, BrokerConfigs, ConfigSource};
use crate::ports::{Failure, FailureKind, Observed};
use crate::resources::{Desired, Difference, Live, fingerprint};
use crate::source::closest;

/// Compares the configs of brokers with what a cluster's manifest declares.
pub fn diff(desired: &Desired<'_>, live: &Live) -> Difference {
    let mut difference = Difference::default();
    let wanted = &desired.broker_configs;
    let found = match &live.broker_configs {
        Some(Observed::Known(found)) => found,
        other => {
            let failure = other.as_ref().and_then(Observed::hidden).cloned().unwrap_or_else(not_read);
            let unseen = wanted.wanted.iter().map(|(scope, settings)| Incomplete {
                address: scope.address(),
                failure: failure.clone(),
                place: settings.values().next().map(|setting| desired.workspace.place(setting.span)),
            });
            difference.incomplete.extend(unseen);
            return difference;
        }
    };
    let level = live.facts.as_ref().and_then(|facts| facts.finalized.get(ELR_FEATURE).copied());
    let has_elr = level.is_some_and(|level| level > 0);
    let cluster = Cluster { desired, wanted, found, present: meaning_by_scope(found), has_elr };
    difference.findings.extend(cluster.findings());
    difference.changes.extend(cluster.changes());
    difference.incomplete.extend(cluster.not_seen());
    difference.unmanaged.extend(cluster.unmanaged());
    difference
}

/// Why what is declared of a config is not applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    Unknown,
    NeverTold,
    Static,
    Operated,
    OneForAll,
}

impl Why {
    fn said(self) -> &'static str {
        match self {
            Self::Unknown => "brokers know no such config",
            Self::NeverTold => "brokers never tell it, so that busctl does not set it",
            Self::Static => "brokers read it when they start",
            Self::Operated => "whoever runs the brokers sets it",
            Self::OneForAll => "with eligible leader replicas Kafka takes it for all brokers alone",
        }
    }

    fn help(self) -> &'static str {
        match self {
            Self::Unknown => "see that it is spelt as Kafka spells it, in the brokers' version",
            Self::NeverTold => "set it where the brokers are run, and take it out here",
            Self::Static => "set it in the brokers' files and restart them one after the other",
            Self::Operated => "set it there: in the `Kafka` resource, or at the provider",
            Self::OneForAll => "declare it once for all brokers, under `kafka.config`",
        }
    }
}

/// `broker 1`, `brokers 1, 2`.
fn on(brokers: &[i32]) -> String {
    let ids = brokers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if brokers.len() == 1 { format!("broker {ids}") } else { format!("brokers {ids}") }
}

fn not_read() -> Failure {
    Failure {
        kind: FailureKind::NotFound,
        tried: "read the configs of the brokers".into(),
        server: "the snapshot".into(),
        answer: "it has none: it was made by an earlier busctl".into(),
        hint: Some("make it anew with `busctl snapshot`".into()),
    }
}

/// What tells the value of a config from another one, without what looks like a secret.
fn told(key: &str, value: &str) -> String {
    if shown(key, value).is_hidden() { FieldValue::HIDDEN.to_owned() } else { meaning(value) }
}

/// What holds on a broker.
pub fn effective(config: &BrokerConfig) -> Option<&str> {
    config.values.first().map(|(_, value)| value.as_str())
}

/// What is set while brokers run, by the brokers that it is set for.
pub fn meaning_by_scope(found: &BrokerConfigs) -> BTreeMap<BrokerScope, BTreeMap<&str, &str>> {
    let mut scopes: BTreeMap<BrokerScope, BTreeMap<&str, &str>> = BTreeMap::new();
    for (broker, configs) in found.iter() {
        for (key, config) in configs {
            for (source, value) in &config.values {
                let scope = match source {
                    ConfigSource::DynamicBroker => BrokerScope::One(*broker),
                    ConfigSource::DynamicDefaultBroker => BrokerScope::All,
                    _ => continue,
                };
                scopes.entry(scope).or_default().insert(key, value);
            }
        }
    }
    scopes
}

struct Cluster<'a> {
    desired: &'a Desired<'a>,
    wanted: &'a DesiredBrokerConfigs,
    found: &'a BrokerConfigs,
    present: BTreeMap<BrokerScope, BTreeMap<&'a str, &'a str>>,
    /// Whether the cluster works with eligible leader replicas.
    has_elr: bool,
}

/// A config that is to be set, or taken away, for some brokers.
struct Alteration<'a> {
    key: &'a str,
    before: Option<&'a str>,
    after: Option<&'a str>,
    setting: Option<&'a Setting>,
}

impl<'a> Cluster<'a> {
    fn set_on(&self, scope: BrokerScope, key: &str) -> Option<&'a str> {
        self.present.get(&scope).and_then(|set| set.get(key)).copied()
    }

    /// Whether brokers take a config while they run, by what they say of it.
    fn is_dynamic(&self, key: &str) -> bool {
        let mut known = self.found.values().filter_map(|configs| configs.get(key)).peekable();
        known.peek().is_some() && known.all(|config| !config.read_only && !config.sensitive)
    }

    /// What a broker has of a config behind what is set while it runs.
    fn behind(&self, broker: i32, key: &str) -> Option<&'a str> {
        let is_behind =
            |source: &ConfigSource| !matches!(source, ConfigSource::DynamicBroker | ConfigSource::DynamicDefaultBroker);
        let values = &self.found.get(&broker)?.get(key)?.values;
        values.iter().find(|(source, _)| is_behind(source)).map(|(_, value)| value.as_str())
    }

    /// Whether Kafka takes a config for no brokers but these.
    fn is_refused(&self, scope: BrokerScope, key: &str, after: Option<&str>) -> bool {
        self.has_elr && key == MIN_IN_SYNC && refused_with_elr(scope, after)
    }

    fn changes(&self) -> Vec<Change> {
        if self.wanted.is_operated {
            return Vec::new();
        }
        let mut altered: BTreeMap<BrokerScope, Vec<Alteration<'a>>> = BTreeMap::new();
        let mut of_all: BTreeMap<&str, Option<&str>> = BTreeMap::new();
        // What is said of all is weighed by what each one has.
        let of_each = self.wanted.wanted.get(&BrokerScope::All).filter(|_| self.found.hides(None).is_none());
        for (key, setting) in of_each.into_iter().flatten() {
            if !self.is_dynamic(key) {
                continue;
            }
            let before = self.set_on(BrokerScope::All, key);
            let value = setting.value.as_deref();
            // What every broker's own file says needs no second place.
            let said_by_files = || {
                let mut brokers = self.found.keys();
                value.is_some_and(|value| {
                    brokers.all(|broker| self.behind(*broker, key).is_some_and(|behind| is_same(behind, value)))
                })
            };
            let after = match before {
                Some(before) if value.is_some_and(|value| is_same(before, value)) => Some(before),
                None if value.is_none() || said_by_files() => None,
                _ if self.is_refused(BrokerScope::All, key, value) => before,
                _ => value,
            };
            of_all.insert(key, after);
            if before != after {
                let alteration = Alteration { key, before, after, setting: Some(setting) };
                altered.entry(BrokerScope::All).or_default().push(alteration);
            }
        }
        for broker in self.found.keys() {
            let scope = BrokerScope::One(*broker);
            let own = self.wanted.wanted.get(&scope);
            let keys: BTreeSet<&str> =
                own.into_iter().flat_map(|own| own.keys().map(String::as_str)).chain(of_all.keys().copied()).collect();
            for key in keys.into_iter().filter(|key| self.is_dynamic(key)) {
                let before = self.set_on(scope, key);
                let setting = own.and_then(|own| own.get(key));
                let below = match of_all.get(key) {
                    Some(after) => after.or_else(|| self.behind(*broker, key)),
                    None => self.set_on(BrokerScope::All, key).or_else(|| self.behind(*broker, key)),
                };
                let value = setting.and_then(|setting| setting.value.as_deref());
                let after = match (before, value) {
                    (Some(before), Some(value)) if is_same(before, value) => Some(before),
                    (None, Some(value)) if below.is_some_and(|below| is_same(below, value)) => None,
                    (Some(before), None) if setting.is_none() && below.is_some_and(|below| is_same(below, before)) => {
                        Some(before)
                    }
                    _ if self.is_refused(scope, key, value) => before,
                    (_, value) => value,
                };
                if before != after {
                    let setting = setting.or_else(|| self.wanted.of(*broker, key));
                    altered.entry(scope).or_default().push(Alteration { key, before, after, setting });
                }
            }
        }
        altered.into_iter().map(|(scope, alterations)| self.change(scope, &alterations)).collect()
    }

    fn change(&self, scope: BrokerScope, alterations: &[Alteration<'a>]) -> Change {
        let place = |setting: Option<&Setting>| setting.map(|setting| self.desired.workspace.place(setting.span));
        let field = |alteration: &Alteration<'_>| FieldChange {
            field: format!("config.{}", alteration.key),
            before: alteration.before.map(|value| shown(alteration.key, value)),
            after: alteration.after.map(|value| shown(alteration.key, value)),
            place: place(alteration.setting),
        };
        let mut risk = Risk::Safe;
        let mut impact = Vec::new();
        for alteration in alterations {
            let (of_key, why) = self.risk_of(scope, alteration);
            risk = risk.max(of_key);
            impact.extend(why);
        }
        if scope == BrokerScope::All {
            impact.push(format!("it holds on each of {} brokers without a value of its own", self.found.len()));
        }
        let set = |value: Option<&str>| value.is_some();
        let action = match (alterations.iter().any(|it| set(it.before)), alterations.iter().any(|it| set(it.after))) {
            (false, true) if !self.present.contains_key(&scope) => Action::Create,
            _ => Action::Update,
        };
        let values = alterations.iter().map(|it| (it.key.into(), it.after.map(str::to_owned)));
        let own: Vec<String> = alterations
            .iter()
            .map(|it| format!("{}={}", it.key, it.before.map(|before| told(it.key, before)).unwrap_or_default()))
            .collect();
        Change {
            address: scope.address(),
            action,
            fields: alterations.iter().map(field).collect(),
            risk,
            impact,
            measured: None,
            access: Vec::new(),
            fingerprint: fingerprint(own),
            verification: Verification::offline(),
            place: alterations.first().and_then(|it| place(it.setting)),
            depends_on: Vec::new(),
            steps: vec![Step::AlterBrokerConfigs { broker: scope.broker(), alterations: values.collect() }],
        }
    }

    /// What counts is what each broker has until now and will have, wherever that comes from.
    fn risk_of(&self, scope: BrokerScope, alteration: &Alteration<'_>) -> (Risk, Option<String>) {
        let concerned = self.found.iter().filter(|(broker, _)| match scope {
            BrokerScope::One(one) => **broker == one,
            BrokerScope::All => self.set_on(BrokerScope::One(**broker), alteration.key).is_none(),
        });
        let of = |(broker, configs): (&i32, &BTreeMap<_, BrokerConfig>)| {
            let held = configs.get(alteration.key).and_then(effective);
            let will = alteration.after.or_else(|| self.behind(*broker, alteration.key));
            risk_of(alteration.key, held, will)
        };
        concerned.map(of).max_by_key(|(risk, _)| *risk).unwrap_or((Risk::Safe, None))
    }

    /// Of which something is declared, and that were not seen: brokers that are not there or did not tell, and with these
    /// what is said of all.
    fn not_seen(&self) -> Vec<Incomplete> {
        let is_absent = |broker: i32| Failure {
            kind: FailureKind::NotFound,
            tried: format!("describe the configs of broker {broker}"),
            server: "the cluster".into(),
            answer: "no broker of this id is there".into(),
            hint: Some("see whether it is down, or a controller alone, which takes no configs while it runs".into()),
        };
        let why = |scope: &BrokerScope| match scope.broker() {
            Some(broker) if self.found.contains_key(&broker) => None,
            Some(broker) => Some(self.found.hides(Some(broker)).cloned().unwrap_or_else(|| is_absent(broker))),
            None => self.found.hides(None).cloned(),
        };
        let unseen = |(scope, settings): (&BrokerScope, &BTreeMap<String, Setting>)| {
            Some(Incomplete {
                address: scope.address(),
                failure: why(scope)?,
                place: settings.values().next().map(|setting| self.desired.workspace.place(setting.span)),
            })
        };
        self.wanted.wanted.iter().filter_map(unseen).collect()
    }

    /// What is declared and differs although no apply can change it.
    fn findings(&self) -> Vec<Diagnostic> {
        let mut by_key: BTreeMap<(&str, Why, bool), Vec<i32>> = BTreeMap::new();
        for (broker, configs) in self.found.iter() {
            let keys: BTreeSet<&String> = [BrokerScope::All, BrokerScope::One(*broker)]
                .iter()
                .filter_map(|scope| self.wanted.wanted.get(scope))
                .flat_map(BTreeMap::keys)
                .collect();
            for key in keys {
                let Some(setting) = self.wanted.of(*broker, key) else { continue };
                let why = match (configs.get(key.as_str()), setting.value.as_deref()) {
                    (None, _) => Why::Unknown,
                    (Some(config), _) if config.sensitive => Why::NeverTold,
                    (Some(config), None) if config.read_only && config.of(ConfigSource::StaticBroker).is_none() => {
                        continue;
                    }
                    (Some(config), None) if config.read_only => Why::Static,
                    (Some(_), None) => continue,
                    (Some(config), Some(value)) if effective(config).is_some_and(|held| is_same(held, value)) => {
                        continue;
                    }
                    (Some(config), Some(_)) if config.read_only => Why::Static,
                    (Some(_), Some(_)) if self.wanted.is_operated => Why::Operated,
                    (Some(_), Some(value)) if self.is_own_and_refused(*broker, key, value) => Why::OneForAll,
                    (Some(_), Some(_)) => continue,
                };
                by_key.entry((key, why, setting.value.is_some())).or_default().push(*broker);
            }
        }
        let found = by_key.into_iter().map(|((key, why, is_set), brokers)| self.finding(key, why, is_set, &brokers));
        found.chain(self.not_taken_away()).collect()
    }

    fn is_own_and_refused(&self, broker: i32, key: &str, value: &str) -> bool {
        let scope = BrokerScope::One(broker);
        let own = self.wanted.wanted.get(&scope).and_then(|own| own.get(key));
        own.is_some() && self.is_refused(scope, key, Some(value))
    }

    /// What is set for all brokers and is not to be, although Kafka is never without it.
    fn not_taken_away(&self) -> Option<Diagnostic> {
        let scope = BrokerScope::All;
        let setting = self.wanted.wanted.get(&scope)?.get(MIN_IN_SYNC)?;
        let held = self.set_on(scope, MIN_IN_SYNC)?;
        if setting.value.is_some() || !self.is_refused(scope, MIN_IN_SYNC, None) {
            return None;
        }
        let message = format!(
            "`{MIN_IN_SYNC}` is {held} for all brokers, and is not taken away: with eligible leader replicas Kafka always \
             has one"
        );
        let help = format!("write the number under `kafka.config`, and take `{MIN_IN_SYNC}` out of `reset`");
        Some(self.told(message, help).at(setting.span, ""))
    }

    fn finding(&self, key: &str, why: Why, is_set: bool, brokers: &[i32]) -> Diagnostic {
        let said = why.said();
        let message = match is_set {
            true => format!("`{key}` is {}, and is not applied: {said}", self.held(key, brokers)),
            false => format!("`{key}` in `reset` takes nothing away on {}: {said}", on(brokers)),
        };
        let known = || self.found.values().flat_map(|configs| configs.keys().map(|key| &**key));
        let help = match (why, closest(key, known())) {
            (Why::Unknown, Some(meant)) => format!("did you mean `{meant}`?"),
            (Why::Static, _) if !is_set => {
                "take it out of the brokers' files and restart them one after the other".into()
            }
            _ => why.help().to_owned(),
        };
        let finding = self.told(message, help);
        match brokers.first().and_then(|broker| self.wanted.of(*broker, key)) {
            Some(setting) => finding.at(setting.span, ""),
            None => finding,
        }
    }

    /// What these brokers have of a config: `8 on brokers 1, 2`, `/a on broker 1 and /b on broker 2`.
    fn held(&self, key: &str, brokers: &[i32]) -> String {
        let held = |broker: &i32| effective(self.found.get(broker)?.get(key)?);
        let mut by_value: Vec<(Option<&str>, Vec<i32>)> = Vec::new();
        for broker in brokers {
            match by_value.iter_mut().find(|(value, _)| *value == held(broker)) {
                Some((_, same)) => same.push(*broker),
                None => by_value.push((held(broker), vec![*broker])),
            }
        }
        let is = |(value, brokers): (Option<&str>, Vec<i32>)| match value {
            Some(value) => {
                let value = shown(key, value).shown.unwrap_or_else(|| value.to_owned());
                format!("{value} on {}", on(&brokers))
            }
            None => format!("not as declared on {}", on(&brokers)),
        };
        by_value.into_iter().map(is).collect::<Vec<_>>().join(" and ")
    }

    fn told(&self, message: String, help: impl Into<String>) -> Diagnostic {
        let cluster = &self.desired.cluster.cluster.value;
        Diagnostic::new("BUS514", message)
            .level(Level::Warn)
            .help(help)
            .resource(format!("cluster/{cluster}"))
            .cluster(cluster)
    }

    /// What somebody set while brokers run, and no manifest declares.
    fn unmanaged(&self) -> Vec<Unmanaged> {
        let mut unmanaged = Vec::new();
        for (scope, set) in &self.present {
            for key in set.keys().filter(|key| !is_throttle(key)) {
                let declared = match scope {
                    BrokerScope::All => {
                        self.wanted.wanted.get(scope).is_some_and(|settings| settings.contains_key(*key))
                    }
                    BrokerScope::One(broker) => self.wanted.of(*broker, key).is_some(),
                };
                if !declared {
                    let name = format!("{} {key}", scope.address().name);
                    let reason = "no manifest declares it".to_owned();
                    unmanaged.push(Unmanaged { kind: "broker-config".into(), name, reason });
                }
            }
        }
        unmanaged
    }
}

#[cfg(test)]
mod tests;
