//! Where dead letters go, and what these topics take.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::queue::OpenQueue;
use crate::adapters::kafka::KafkaClient;
use crate::cli::error::CommandError;
use crate::dlq::Filter;
use crate::dlq::settle::{Course, Newest, Originals, Retry, Route, Target, Terms, Timing, course};
use crate::model::{GroupId, TopicName};
use crate::ports::kafka::KafkaAdmin;
use crate::ports::{Failure, FailureKind};
use crate::resources::Workspace;

/// How many groups are told apart. A queue has one, as a rule.
const MOST_GROUPS: usize = 20;

/// What is asked for.
pub struct Asked<'a> {
    /// The topic that takes all.
    pub to: Option<&'a TopicName>,
    /// The group whose retry topics take what failed in it.
    pub to_retry: Option<&'a GroupId>,
    /// The topic that takes what was sent again often enough.
    pub park: Option<&'a TopicName>,
    /// How often that is.
    pub max_attempts: u32,
    /// Which timestamp they get.
    pub timing: Timing,
    /// The cluster that they go to, with its name, where it is another one.
    pub there: Option<(&'a KafkaClient, &'a str)>,
}

/// Where the dead letters come from that wait and are meant, by their own word.
#[derive(Default)]
pub struct Sources {
    /// The topics.
    pub origins: BTreeSet<TopicName>,
    /// The groups that failed.
    pub groups: BTreeSet<String>,
}

impl Sources {
    /// Reads what waits.
    pub fn read(open: &OpenQueue, filter: &Filter) -> Result<Self, Failure> {
        let mut sources = Self { origins: open.queue.origin.iter().cloned().collect(), ..Self::default() };
        open.each_waiting(filter, |_, told| {
            if let Some(origin) = told.origin.topic.as_deref().and_then(|topic| topic.parse().ok()) {
                sources.origins.insert(origin);
            }
            let is_full = sources.groups.len() >= MOST_GROUPS;
            if let Some(group) = told.group.as_deref().filter(|group| !is_full && !sources.groups.contains(*group)) {
                sources.groups.insert(group.to_owned());
            }
        })?;
        Ok(sources)
    }

    /// The groups whose members process what is sent again: those that failed, else those of the queue's service.
    pub fn groups(&self, open: &OpenQueue) -> Vec<GroupId> {
        let told: Vec<GroupId> = self.groups.iter().filter_map(|group| group.parse().ok()).collect();
        if !told.is_empty() {
            return told;
        }
        let (Some(origin), Some(service)) = (&open.queue.origin, &open.queue.service) else { return Vec::new() };
        let groups = groups_of(&open.context.workspace, origin, service.as_str());
        groups.iter().filter_map(|group| group.parse().ok()).collect()
    }
}

/// The groups by which a service reads a topic.
fn groups_of(workspace: &Workspace, topic: &TopicName, service: &str) -> Vec<String> {
    let Some(grants) = workspace.grants.get(service) else { return vec![service.to_owned()] };
    let mut groups: Vec<String> = grants
        .consumes
        .iter()
        .filter(|consumes| consumes.topic.value == *topic)
        .flat_map(|consumes| grants.groups_of(consumes))
        .collect();
    groups.sort();
    groups.dedup();
    groups
}

/// What the topics take that are written to.
pub async fn terms(open: &OpenQueue, asked: &Asked<'_>, sources: &Sources, now: i64) -> Result<Terms, CommandError> {
    let route = match (asked.to, asked.to_retry) {
        (Some(to), _) => Route::Topic(to.clone()),
        (None, Some(group)) => Route::Retry(retry(open, group, sources)?),
        (None, None) => Route::Origin,
    };
    let mut names = sources.origins.clone();
    match &route {
        // Whether it has as many partitions as they come from is known of the declared one.
        Route::Topic(to) => names = open.queue.origin.iter().chain([to]).cloned().collect(),
        Route::Retry(retry) => names.extend(retry.topics.values().cloned()),
        Route::Origin => {}
    }
    if names.contains(&open.queue.topic) && asked.there.is_none() {
        return Err(CommandError::usage(format!("{} would be sent its own records", open.queue.topic))
            .hint("name another topic with --to"));
    }
    let (kafka, cluster) = asked.there.unwrap_or((&open.kafka, open.cluster.cluster.as_str()));
    let targets = targets(kafka, names).await?;
    let there_is_none =
        |topic: &TopicName, cluster: &str| CommandError::usage(format!("there is no topic {topic} on {cluster}"));
    if let Some(to) = asked.to.filter(|to| !targets.contains_key(*to)) {
        return Err(there_is_none(to, cluster));
    }
    if let Route::Retry(retry) = &route {
        refuse_without_topic(retry, &targets, cluster)?;
    }
    let parking = match asked.park {
        Some(park) if *park == open.queue.topic => {
            return Err(CommandError::usage(format!("{park} would be sent its own records"))
                .hint("name another topic with --park"));
        }
        Some(park) => match is_there(&open.kafka, park).await? {
            true => Some(park.clone()),
            false => return Err(there_is_none(park, open.cluster.cluster.as_str())),
        },
        None => match parking_of(open) {
            Some(parking) if is_there(&open.kafka, &parking).await? => Some(parking),
            _ => None,
        },
    };
    if let Some(parking) = parking.as_ref().filter(|parking| asked.there.is_some() && targets.contains_key(*parking)) {
        return Err(CommandError::usage(format!("{parking} is sent to on both clusters"))
            .hint("name another topic with --park: what is parked stays on the queue's cluster"));
    }
    Ok(Terms {
        route,
        presumed_origin: open.queue.origin.clone(),
        max_attempts: asked.max_attempts,
        parking,
        timing: asked.timing,
        targets,
        now,
    })
}

/// The topic that the naming rule has for what was sent again often enough.
fn parking_of(open: &OpenQueue) -> Option<TopicName> {
    let (origin, service) = (open.queue.origin.as_ref()?, open.queue.service.as_ref()?);
    let pattern = &open.context.workspace.settings.parking_pattern;
    pattern.make(&[("topic", origin.as_str()), ("service", service.as_str())]).parse().ok()
}

/// Where a group tries again what it could not process, of the topics that the dead letters come from.
fn retry(open: &OpenQueue, group: &GroupId, sources: &Sources) -> Result<Retry, CommandError> {
    let workspace = &open.context.workspace;
    let mut known = BTreeSet::new();
    let mut topics = BTreeMap::new();
    for origin in &sources.origins {
        let consumers = workspace.topics.get(origin).map(|spec| &spec.consumers[..]).unwrap_or_default();
        for consumer in consumers {
            let service = consumer.service.as_str();
            let groups = groups_of(workspace, origin, service);
            if groups.iter().any(|of| of == group.as_str()) {
                let pattern = &workspace.settings.retry_pattern;
                let name = pattern.make(&[("topic", origin.as_str()), ("service", service)]);
                topics.extend(name.parse().ok().map(|name: TopicName| (origin.clone(), name)));
            }
            known.extend(groups);
        }
    }
    if topics.is_empty() {
        let origins: Vec<&str> = sources.origins.iter().map(|origin| origin.as_str()).collect();
        let error = CommandError::usage(format!("{group} is no consumer group of {}", origins.join(", ")));
        return Err(match crate::source::closest(group.as_str(), known.iter().map(String::as_str)) {
            Some(meant) => error.hint(format!("did you mean `{meant}`?")),
            None if known.is_empty() => error.hint("its manifest names no consumers; name a topic with --to TOPIC"),
            None => error.hint(format!("its groups: {}", known.into_iter().collect::<Vec<_>>().join(", "))),
        });
    }
    let of_queue = match (&open.queue.origin, &open.queue.service) {
        (Some(origin), Some(service)) => groups_of(workspace, origin, service.as_str()),
        _ => Vec::new(),
    };
    let is_presumed = of_queue.iter().any(|of| of == group.as_str());
    Ok(Retry { group: group.to_string(), topics, is_presumed })
}

/// A group without a retry topic has to be given one first.
fn refuse_without_topic(
    retry: &Retry,
    targets: &BTreeMap<TopicName, Target>,
    cluster: &str,
) -> Result<(), CommandError> {
    if retry.topics.values().any(|topic| targets.contains_key(topic)) {
        return Ok(());
    }
    let names: Vec<&str> = retry.topics.values().map(|topic| topic.as_str()).collect();
    Err(CommandError::refused(format!(
        "{} has no retry topic on {cluster}: there is no {}",
        retry.group,
        names.join(", ")
    ))
    .hint("declare it, with `dlq: { retry: true }` of the consumer, and apply; or name a topic with --to TOPIC"))
}

async fn is_there(kafka: &KafkaClient, topic: &TopicName) -> Result<bool, Failure> {
    match kafka.describe_topics(std::slice::from_ref(topic)).await?.into_iter().next() {
        Some(Ok(_)) => Ok(true),
        Some(Err(failure)) if failure.kind == FailureKind::NotFound => Ok(false),
        // Who may not see a topic that nobody named does without it.
        Some(Err(failure)) if failure.kind == FailureKind::Authorization => Ok(false),
        Some(Err(failure)) => Err(failure),
        None => Ok(false),
    }
}

/// What topics take. One that is not there is left out: its records stay, which is told of them.
async fn targets(kafka: &KafkaClient, names: BTreeSet<TopicName>) -> Result<BTreeMap<TopicName, Target>, Failure> {
    let names: Vec<TopicName> = names.into_iter().collect();
    let (described, configs) = tokio::join!(kafka.describe_topics(&names), kafka.topic_configs(&names));
    let (described, configs) = (described?, configs?);
    let mut targets = BTreeMap::new();
    for (name, described) in names.iter().zip(described) {
        match described {
            Ok(info) => {
                let partitions = i32::try_from(info.partitions.len()).unwrap_or(i32::MAX);
                targets.insert(name.clone(), Target::of(partitions, &configs.effective(name)?));
            }
            Err(failure) if failure.kind == FailureKind::NotFound => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(targets)
}

/// The newest records of the keys of dead letters in compacted topics, which are on this cluster.
pub fn newest(open: &OpenQueue, filter: &Filter, terms: &Terms, there: &KafkaClient) -> Result<Newest, Failure> {
    let compacted: Vec<&TopicName> =
        terms.targets.iter().filter(|(_, target)| target.is_compacted).map(|(topic, _)| topic).collect();
    let mut newest = Newest::default();
    if compacted.is_empty() {
        return Ok(newest);
    }
    let mut keys: HashSet<Box<[u8]>> = HashSet::new();
    let mut originals = Originals::default();
    let mut failed = None;
    open.each_waiting(filter, |letter, told| {
        keys.extend(letter.key.map(Into::into));
        if let Course::Fetch(origin) = course(letter, told, terms, &mut |_| false) {
            originals.add(letter, origin);
        }
        if originals.is_full() {
            failed = failed.take().or(keys_of(open, std::mem::take(&mut originals), &mut keys).err());
        }
    })?;
    tokio::task::block_in_place(|| {
        failed.map_or(Ok(()), Err)?;
        keys_of(open, originals, &mut keys)?;
        compacted.into_iter().try_for_each(|topic| newest.read(there, topic, &keys))
    })?;
    Ok(newest)
}

/// Adds the keys of records that are to be had from their origins.
fn keys_of(open: &OpenQueue, originals: Originals, keys: &mut HashSet<Box<[u8]>>) -> Result<(), Failure> {
    originals.fetch(&open.kafka, &mut |_, _, original| {
        keys.extend(original.and_then(|original| original.key).map(Into::into));
        Ok(std::ops::ControlFlow::Continue(()))
    })
}
