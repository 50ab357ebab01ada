use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::config::ConfigValue;
use super::live::{LiveTopic, LiveTopics};
use super::{DesiredTopic, ManagedBy, State};
use super::{delete, moves, risk, step, truncate};
use crate::diag::{Diagnostic, Level};
use crate::model::{Address, Duration, Risk, Subject, TopicName, counted};
use crate::plan::{Action, Change, FieldChange, FieldValue, Incomplete, Step, Unmanaged, Verification};
use crate::ports::kafka::{ConfigSource, NewTopic};
use crate::ports::{Failure, FailureKind, Observed};
use crate::resources::placement::{self, Obstacle};
use crate::resources::{Desired, Difference, Live, fingerprint};
use crate::source::is_secret_setting;

/// Compares the topics of a cluster. `subjects` are those that its registry has.
pub fn diff(desired: &Desired<'_>, live: &Live, subjects: &[&Subject]) -> Difference {
    let mut difference = Difference::default();
    let needed = subjects_by_topic(desired);
    for topic in desired.topics.values() {
        // What is reserved is a finding of the manifests, and what Kafka calls internal has such a name.
        let found = live.topics.topics.get(&topic.name);
        let reserved = topic.name.is_reserved() || found.is_some_and(|found| found.internal);
        let ours = topic.managed_by == ManagedBy::Busctl && desired.cluster.manages_topic(topic.name.as_str());
        if ours && !reserved {
            diff_topic(desired, topic, live, (&needed, subjects), &mut difference);
        }
    }
    moves::diff(desired, live, &mut difference);
    let live = &live.topics;
    truncate::diff(desired, live, &mut difference);
    for (name, topic) in live.topics.iter().filter(|_| desired.rebalance.is_none()) {
        if let Some(reason) = why_unmanaged(desired, name, topic) {
            difference.unmanaged.push(Unmanaged {
                kind: "topic".into(),
                name: name.to_string(),
                reason: reason.into(),
            });
        }
    }
    difference
}

fn why_unmanaged(desired: &Desired<'_>, name: &TopicName, live: &LiveTopic) -> Option<&'static str> {
    match desired.topics.get(name) {
        _ if live.internal || name.is_reserved() => None,
        _ if !desired.cluster.manages_topic(name.as_str()) => Some("outside the cluster's `manages`"),
        None => Some(
            "no manifest declares it: adopt it (write its manifest), delete it (a manifest with `state: absent` and a \
             `reason`), or ignore it (take it out of the cluster's `manages`)",
        ),
        Some(topic) => match topic.managed_by {
            ManagedBy::Busctl => None,
            ManagedBy::Strimzi => Some("managed by strimzi"),
            ManagedBy::Connect => Some("managed by connect"),
            ManagedBy::Streams => Some("managed by streams"),
            ManagedBy::External => Some("managed by external"),
        },
    }
}

fn diff_topic(
    desired: &Desired<'_>,
    topic: &DesiredTopic,
    live: &Live,
    (needed, subjects): (&Subjects<'_>, &[&Subject]),
    difference: &mut Difference,
) {
    if let Some(failure) = live.topics.hidden.get(&topic.name) {
        difference.incomplete.push(incomplete(desired, topic, failure.clone()));
        return;
    }
    let found = live.topics.topics.get(&topic.name);
    match (topic.state, found) {
        (State::Absent, None) => {}
        // The manifests' own rule says that it is protected.
        (State::Absent, Some(_)) if desired.cluster.protects_topic(topic.name.as_str()) => {}
        (State::Absent, Some(found)) => match &found.configs {
            Observed::Known(overrides) => {
                difference.changes.push(delete::delete(desired, topic, found, overrides, subjects));
            }
            Observed::Hidden(failure) => difference.incomplete.push(incomplete(desired, topic, failure.clone())),
        },
        (State::Present, None) => {
            difference.findings.extend(too_few_brokers(desired, topic, live));
            difference.changes.push(create(desired, topic, needed));
        }
        (State::Present, Some(found)) => update(desired, topic, found, live, difference),
    }
}

fn incomplete(desired: &Desired<'_>, topic: &DesiredTopic, failure: crate::ports::Failure) -> Incomplete {
    Incomplete { address: Address::topic(&topic.name), failure, place: Some(desired.workspace.place(topic.span)) }
}

/// That a controller would refuse a new topic, since each replica of a partition needs a broker of its own.
fn too_few_brokers(desired: &Desired<'_>, topic: &DesiredTopic, live: &Live) -> Option<Diagnostic> {
    let (wanted, brokers) = (topic.replication_factor.value, live.cluster.brokers.len());
    // A state that names no broker tells nothing of them.
    (brokers > 0 && wanted as usize > brokers).then(|| {
        let (replicas, brokers) = (counted(u64::from(wanted), "replica"), counted(brokers as u64, "broker"));
        Diagnostic::new(
            "BUS504",
            format!("`{}` is to have {replicas} of each partition, and the cluster has {brokers}", topic.name),
        )
        .resource(Address::topic(&topic.name))
        .cluster(&desired.cluster.cluster.value)
        .level(Level::Error)
        .at(topic.replication_factor.span().unwrap_or(topic.span), "")
        .help("start more brokers, or write a `replication_factor` that there are brokers for")
    })
}

fn create(desired: &Desired<'_>, topic: &DesiredTopic, subjects: &Subjects<'_>) -> Change {
    let place = |span: Option<crate::source::Span>| span.map(|span| desired.workspace.place(span));
    let mut fields = vec![
        FieldChange {
            field: "partitions".into(),
            before: None,
            after: Some(FieldValue::plain(topic.partitions.value)),
            place: place(topic.partitions.span()),
        },
        FieldChange {
            field: "replication_factor".into(),
            before: None,
            after: Some(FieldValue::plain(topic.replication_factor.value)),
            place: place(topic.replication_factor.span()),
        },
    ];
    fields.extend(topic.configs.iter().map(|(key, value)| FieldChange {
        field: format!("config.{key}"),
        before: None,
        after: Some(shown(key, &value.value)),
        place: place(value.span()),
    }));
    Change {
        address: Address::topic(&topic.name),
        action: Action::Create,
        fields,
        risk: Risk::Safe,
        impact: Vec::new(),
        measured: None,
        access: Vec::new(),
        fingerprint: fingerprint(["absent"]),
        verification: Verification::offline(),
        place: place(Some(topic.span)),
        depends_on: subjects.get(&topic.name).into_iter().flatten().map(Address::schema).collect(),
        steps: vec![Step::CreateTopic(NewTopic {
            name: topic.name.clone(),
            partitions: topic.partitions.value,
            replication_factor: topic.replication_factor.value,
            configs: topic.configs.iter().map(|(key, value)| (key.clone(), value.value.as_str().to_owned())).collect(),
        })],
    }
}

/// The subjects without which nobody could write a topic.
type Subjects<'d> = HashMap<&'d TopicName, Vec<&'d Subject>>;

fn subjects_by_topic<'d>(desired: &'d Desired<'_>) -> Subjects<'d> {
    let mut subjects = Subjects::new();
    for (subject, wanted) in &desired.subjects {
        if let Some(topic) = &wanted.topic {
            subjects.entry(topic).or_default().push(subject);
        }
    }
    subjects
}

/// A config as Kafka writes it and as people read it, without what looks like a secret.
pub fn kafka_value(key: &str, raw: &str) -> FieldValue {
    let value = ConfigValue::of_kafka(key, raw);
    let raw = if value.is_secret(key) { ConfigValue::HIDDEN } else { value.as_str() };
    FieldValue::shown(raw, value.human(key))
}

pub(super) fn shown(key: &str, value: &ConfigValue) -> FieldValue {
    FieldValue::shown(value.as_str(), value.human(key))
}

fn update(desired: &Desired<'_>, topic: &DesiredTopic, found: &LiveTopic, live: &Live, difference: &mut Difference) {
    let overrides = match &found.configs {
        Observed::Known(overrides) => overrides,
        Observed::Hidden(failure) => {
            difference.incomplete.push(incomplete(desired, topic, failure.clone()));
            return;
        }
    };
    let mut fields = Vec::new();
    let mut steps = Vec::new();
    let count = found.partitions.len() as u32;
    if topic.partitions.value > count {
        fields.push(FieldChange {
            field: "partitions".into(),
            before: Some(FieldValue::plain(count)),
            after: Some(FieldValue::plain(topic.partitions.value)),
            place: topic.partitions.span().map(|span| desired.workspace.place(span)),
        });
        steps.push(Step::CreatePartitions { topic: topic.name.clone(), count: topic.partitions.value });
    }
    difference.findings.extend(impossible(desired, topic, found, live));
    match diff_factor(desired, topic, found, live) {
        Ok(factor) => fields.extend(factor),
        Err(failure) => {
            difference.incomplete.push(incomplete(desired, topic, *failure));
            return;
        }
    }
    let live = &live.topics;
    let mut configs = diff_configs(desired, topic, overrides, live);
    hold_to_steps(desired, topic, &mut configs);
    let remains = match desired.retention_step.map(|step| step_retention(topic, &mut configs, step)).transpose() {
        Ok(remains) => remains.flatten(),
        Err(failure) => {
            difference.incomplete.push(incomplete(desired, topic, *failure));
            return;
        }
    };
    if !configs.is_empty() {
        let alterations = configs.iter().map(|(key, field)| {
            (key.clone(), field.after.as_ref().filter(|after| after.source.is_none()).map(|after| after.value.clone()))
        });
        steps.push(Step::AlterConfigs { topic: topic.name.clone(), alterations: alterations.collect() });
        fields.extend(configs.into_iter().map(|(_, field)| field));
    }
    if fields.is_empty() {
        return;
    }
    let verdicts = risk::verdicts(topic, found, live, &fields);
    difference.changes.push(Change {
        address: Address::topic(&topic.name),
        action: Action::Update,
        fields,
        risk: verdicts.iter().map(|verdict| verdict.risk).max().unwrap_or(Risk::Safe),
        impact: verdicts.into_iter().map(|verdict| verdict.sentence).chain(remains).collect(),
        measured: None,
        access: Vec::new(),
        fingerprint: fingerprint_of(found, overrides),
        verification: Verification::offline(),
        place: Some(desired.workspace.place(topic.span)),
        depends_on: Vec::new(),
        steps,
    });
}

/// A digest of what is looked at before a topic is changed.
pub(super) fn fingerprint_of(found: &LiveTopic, overrides: &BTreeMap<Arc<str>, String>) -> String {
    let count = std::iter::once(format!("{}", found.partitions.len()));
    // Who made it anew by the same name has another topic, with other records.
    let id = found.id.map(|id| id.to_string());
    let lasting = overrides.iter().filter(|(key, _)| !is_transient(key));
    let value = |key: &str, value: &str| match is_secret_setting(key, value) {
        true => format!("{key}={}", FieldValue::HIDDEN),
        false => format!("{key}={value}"),
    };
    fingerprint(count.chain(id).chain(lasting.map(|(key, raw)| value(key, raw))))
}

/// Makes of a cut of the retention the part that was reviewed, of which nothing is left once it is done.
fn hold_to_steps(desired: &Desired<'_>, topic: &DesiredTopic, configs: &mut Vec<(Arc<str>, FieldChange)>) {
    let Some(reviewed) = desired.reviewed_steps.get(&topic.name) else { return };
    configs.retain_mut(|(key, field)| {
        if &**key != "retention.ms" {
            return true;
        }
        field.after = Some(reviewed.clone());
        field.before.as_ref().is_none_or(|before| before.value != reviewed.value)
    });
}

/// Makes of a cut of the retention the part that one run makes; what remains, in a sentence.
fn step_retention(
    topic: &DesiredTopic,
    configs: &mut [(Arc<str>, FieldChange)],
    step: Duration,
) -> Result<Option<String>, Box<Failure>> {
    let Some((_, field)) = configs.iter_mut().find(|(key, _)| &**key == "retention.ms") else { return Ok(None) };
    match step::stepped(field, step) {
        Ok(None) => Ok(None),
        Ok(Some(part)) => {
            field.after = Some(part.value);
            Ok(Some(part.remains))
        }
        Err(step::Endless) => Err(Box::new(Failure {
            kind: FailureKind::Refused,
            tried: format!("cut retention.ms of {} in steps of {step}", topic.name),
            server: "the cluster".into(),
            answer: "it is unlimited now, and what has no end has no steps".into(),
            hint: Some(
                "set it to the age of the oldest records first, without --retention-step; then cut it in steps".into(),
            ),
        })),
    }
}

/// The configs that differ by meaning, with what each is now and will be.
fn diff_configs(
    desired: &Desired<'_>,
    topic: &DesiredTopic,
    overrides: &BTreeMap<Arc<str>, String>,
    live: &LiveTopics,
) -> Vec<(Arc<str>, FieldChange)> {
    let mut changed = Vec::new();
    let default = |key: &str| live.defaults.get(key).map(|(raw, source)| (ConfigValue::of_kafka(key, raw), *source));
    for (key, wanted) in &topic.configs {
        let (now, is_default) = match overrides.get(key) {
            Some(raw) => (Some(shown(key, &ConfigValue::of_kafka(key, raw))), false),
            None => (default(key).map(|(value, source)| shown(key, &value).from_source(source_name(source))), true),
        };
        // A default that happens to be what the manifest wants is no difference: setting it would change nothing.
        if now.as_ref().is_none_or(|now| now.value != wanted.value.as_str()) {
            let before = if is_default && now.is_none() { None } else { now };
            changed.push((
                key.clone(),
                FieldChange {
                    field: format!("config.{key}"),
                    before,
                    after: Some(shown(key, &wanted.value)),
                    place: wanted.span().map(|span| desired.workspace.place(span)),
                },
            ));
        }
    }
    for (key, raw) in overrides {
        if topic.configs.contains_key(key) || is_transient(key) {
            continue;
        }
        let now = ConfigValue::of_kafka(key, raw);
        let back = default(key);
        if back.as_ref().is_some_and(|(value, _)| *value == now) {
            continue;
        }
        changed.push((
            key.clone(),
            FieldChange {
                field: format!("config.{key}"),
                before: Some(shown(key, &now)),
                after: back.map(|(value, source)| shown(key, &value).from_source(source_name(source))),
                place: None,
            },
        ));
    }
    changed
}

/// Configs that Kafka and its tools set for a while, during a reassignment.
pub fn is_transient(key: &str) -> bool {
    key.contains(".throttled.")
}

pub(in crate::resources) fn source_name(source: ConfigSource) -> &'static str {
    match source {
        ConfigSource::Topic => "topic",
        ConfigSource::DynamicBroker => "dynamic broker config",
        ConfigSource::DynamicDefaultBroker => "dynamic cluster config",
        ConfigSource::StaticBroker => "broker's file",
        ConfigSource::Default => "Kafka's default",
        ConfigSource::Unknown => "unknown source",
    }
}

/// The number of replicas, where it is another one and can be made. Which brokers they go to is said once all changes are
/// known.
fn diff_factor(
    desired: &Desired<'_>,
    topic: &DesiredTopic,
    found: &LiveTopic,
    live: &Live,
) -> Result<Option<FieldChange>, Box<Failure>> {
    let wanted = topic.replication_factor.value;
    let Some(now) = found.other_factor(wanted) else { return Ok(None) };
    if let Some(failure) = &live.topics.moves_hidden {
        return Err(Box::new(failure.clone()));
    }
    match placement::obstacle(&topic.name, found, wanted as usize, desired, live) {
        None => Ok(Some(FieldChange {
            field: "replication_factor".into(),
            before: Some(FieldValue::plain(now)),
            after: Some(FieldValue::plain(wanted)),
            place: topic.replication_factor.span().map(|span| desired.workspace.place(span)),
        })),
        // That is a finding.
        Some(Obstacle::TooFewBrokers { .. }) => Ok(None),
        Some(obstacle) => Err(Box::new(unplaced(&topic.name, &obstacle))),
    }
}

/// Why brokers cannot be planned for a topic.
pub(super) fn unplaced(topic: &TopicName, obstacle: &Obstacle) -> Failure {
    let hint = match obstacle {
        Obstacle::TooFewBrokers { .. } => "start another broker, or lower the replication factor".to_owned(),
        Obstacle::NotThere(broker) => {
            format!(
                "start it, or move its replicas elsewhere where it is gone for good: busctl rebalance --drain {broker}"
            )
        }
        Obstacle::Gone(_) => "start it, or plan again, so that other brokers are chosen".to_owned(),
    };
    Failure {
        kind: FailureKind::NotFound,
        tried: format!("plan which brokers the replicas of {topic} go to"),
        server: "the cluster".into(),
        answer: obstacle.to_string(),
        hint: Some(hint),
    }
}

/// What the manifest asks for and no request of this version brings about.
fn impossible(desired: &Desired<'_>, topic: &DesiredTopic, found: &LiveTopic, live: &Live) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let finding = |code, message: String| {
        Diagnostic::new(code, message).resource(Address::topic(&topic.name)).cluster(&desired.cluster.cluster.value)
    };
    let count = found.partitions.len() as u32;
    if topic.partitions.value < count {
        findings.push(
            finding(
                "BUS503",
                format!("`{}` has {count} partitions; the manifest asks for {}", topic.name, topic.partitions.value),
            )
            .at(topic.partitions.span().unwrap_or(topic.span), "Kafka cannot take partitions away")
            .help(format!(
                "write `partitions: {count}` in the topic's own manifest ({}), or make a new version of the topic and move \
                 its users there",
                desired.workspace.place(topic.span).file
            )),
        );
    }
    let factor = found.replication_factor();
    let wanted = topic.replication_factor.value;
    let other = found.other_factor(wanted);
    let obstacle = other.and_then(|_| placement::obstacle(&topic.name, found, wanted as usize, desired, live));
    if let Some(Obstacle::TooFewBrokers { brokers, .. }) = &obstacle {
        findings.push(
            finding(
                "BUS504",
                format!(
                    "`{}` has {} of each partition; the manifest asks for {wanted}, and the cluster has {}",
                    topic.name,
                    counted(u64::from(factor), "replica"),
                    counted(*brokers as u64, "broker"),
                ),
            )
            .level(Level::Warn)
            .at(topic.replication_factor.span().unwrap_or(topic.span), "")
            .help("start more brokers, or write a `replication_factor` that there are brokers for"),
        );
    }
    let min_isr = topic.configs.get("min.insync.replicas").and_then(|value| value.value.as_i64()).unwrap_or(1);
    // Where the plan makes more of them, that is what mends it.
    let planned = if other.is_some() && obstacle.is_none() { wanted } else { factor };
    if i64::from(planned) < min_isr && factor > 0 {
        findings.push(
            finding(
                "BUS501",
                format!(
                    "`{}` has {} and needs {min_isr} in sync: nothing can be written with acks=all",
                    topic.name,
                    counted(factor.into(), "replica")
                ),
            )
            .at(topic.configs.get("min.insync.replicas").and_then(|value| value.span()).unwrap_or(topic.span), "")
            .help("raise the replication factor, or lower min.insync.replicas"),
        );
    }
    findings
}
