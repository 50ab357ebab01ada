//! Where dead letters go, and what these topics take.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::queue::OpenQueue;
use crate::adapters::kafka::KafkaClient;
use crate::cli::error::CommandError;
use crate::dlq::Filter;
use crate::dlq::settle::{
    Course, NewestRecords, Originals, Parking, Refusal, Retry, Route, Target, Terms, Timing, course,
};
use crate::model::{GroupId, TopicName};
use crate::ports::kafka::{KafkaAdmin, TopicInfo};
use crate::ports::{Failure, FailureKind};
use crate::resources::Workspace;
use crate::resources::topic::CompanionKind;

/// How many groups are told apart. A queue has one, as a rule.
const MOST_GROUPS: usize = 20;

/// How many topics of origin are looked at. Whoever writes headers could name any number of them.
const MOST_ORIGINS: usize = 1_000;

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
            let is_full = sources.origins.len() >= MOST_ORIGINS;
            let origin = told.origin.topic.as_deref().filter(|_| !is_full);
            if let Some(origin) = origin.and_then(|topic| topic.parse().ok()) {
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
    let sent_to = match &route {
        Route::Topic(to) => BTreeSet::from([to.clone()]),
        Route::Retry(retry) => retry.topics.values().cloned().collect(),
        Route::Origin => sources.origins.clone(),
    };
    // What a header says is no word of somebody who may be asked to correct it.
    let named = match &route {
        Route::Origin => open.queue.origin.iter().cloned().collect(),
        Route::Topic(_) | Route::Retry(_) => sent_to.clone(),
    };
    if named.contains(&open.queue.topic) && asked.there.is_none() {
        return Err(CommandError::usage(format!("{} would be sent its own records", open.queue.topic))
            .hint("name another topic with --to"));
    }
    if let Some(own) = named.iter().find(|topic| topic.is_reserved()) {
        return Err(own_topic(own).hint("name another topic with --to"));
    }
    let (kafka, cluster) = asked.there.unwrap_or((&open.kafka, open.cluster.cluster.as_str()));
    let is_own = |topic: &TopicName| topic.is_reserved() || *topic == open.queue.topic && asked.there.is_none();
    let (own, sent_to): (BTreeSet<_>, BTreeSet<_>) = sent_to.into_iter().partition(is_own);
    let (targets, mut refused) = targets(kafka, sent_to, &named).await?;
    refused.extend(own.into_iter().map(|topic| (topic.clone(), Refusal::NotSentTo(topic))));
    if let Some(to) = asked.to.filter(|to| !targets.contains_key(*to)) {
        return Err(match refused.get(to) {
            Some(Refusal::NotSentTo(_)) => own_topic(to),
            _ => there_is_none(kafka, to, cluster).await,
        });
    }
    if let Route::Retry(retry) = &route {
        refuse_without_topic(retry, &targets, cluster)?;
    }
    let parking = match asked.park {
        Some(park) if *park == open.queue.topic => {
            return Err(CommandError::usage(format!("{park} would be sent its own records"))
                .hint("name another topic with --park"));
        }
        Some(park) if park.is_reserved() => return Err(own_topic(park).hint("name another topic with --park")),
        Some(park) => {
            let Some(found) = parking(open, park).await? else {
                return Err(there_is_none(&open.kafka, park, open.cluster.cluster.as_str()).await);
            };
            Some(found)
        }
        None => match parking_of(open) {
            Some(of_queue) => parking(open, &of_queue).await?,
            None => None,
        },
    };
    let known = sources.origins.iter().chain(&open.queue.origin).chain(asked.to).cloned().collect();
    let partitions = partitions(&open.kafka, known).await?;
    let is_on_both = |parking: &&TopicName| asked.there.is_some() && targets.contains_key(*parking);
    if let Some(topic) = parking.as_ref().map(|parking| &parking.topic).filter(is_on_both) {
        return Err(CommandError::usage(format!("{topic} is sent to on both clusters"))
            .hint("name another topic with --park: what is parked stays on the queue's cluster"));
    }
    Ok(Terms {
        route,
        presumed_origin: open.queue.origin.clone(),
        max_attempts: asked.max_attempts,
        parking,
        timing: asked.timing,
        targets,
        refused,
        partitions,
        now,
    })
}

/// That a topic which was named is not on a cluster, with the one that was probably meant.
async fn there_is_none(kafka: &KafkaClient, topic: &TopicName, cluster: &str) -> CommandError {
    let error = CommandError::usage(format!("there is no topic {topic} on {cluster}"));
    // Where they cannot be listed, nothing is near.
    let there = kafka.topics().await.unwrap_or_default();
    let names = there.iter().filter(|of| !of.internal && !of.name.is_reserved()).map(|of| of.name.as_str());
    match crate::source::closest(topic.as_str(), names) {
        Some(meant) => error.hint(format!("did you mean `{meant}`?")),
        None => error.hint(format!("`busctl topics --cluster {cluster}` lists those that are there")),
    }
}

fn own_topic(topic: &TopicName) -> CommandError {
    CommandError::refused(format!("{topic} is a topic of Kafka's own, or of busctl's"))
}

/// The topic that the naming rule has for what was sent again often enough. The queue may be that one itself.
fn parking_of(open: &OpenQueue) -> Option<TopicName> {
    let (origin, service) = (open.queue.origin.as_ref()?, open.queue.service.as_ref()?);
    let name = CompanionKind::Parking.name(&open.context.workspace.settings, origin.as_str(), service.as_str());
    name.parse().ok().filter(|parking| *parking != open.queue.topic)
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
                let name = CompanionKind::Retry.name(&workspace.settings, origin.as_str(), service);
                topics.extend(name.parse().ok().map(|name: TopicName| (origin.clone(), name)));
            }
            known.extend(groups);
        }
    }
    if topics.is_empty() {
        let origins: Vec<&str> = sources.origins.iter().map(|origin| origin.as_str()).collect();
        if origins.is_empty() {
            let queue = &open.queue.topic;
            return Err(CommandError::usage(format!(
                "nothing tells where the records of {queue} come from, so that {group} has no retry topic for them"
            ))
            .hint("name a topic with --to TOPIC"));
        }
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

/// A topic as one to park records in; none where it is not there.
async fn parking(open: &OpenQueue, topic: &TopicName) -> Result<Option<Parking>, Failure> {
    let names = std::slice::from_ref(topic);
    let (described, configs) = tokio::join!(open.kafka.describe_topics(names), open.kafka.topic_configs(names));
    let info = match described?.into_iter().next() {
        Some(Ok(info)) => info,
        // Who may not see a topic that nobody named does without it.
        Some(Err(failure)) if matches!(failure.kind, FailureKind::NotFound | FailureKind::Authorization) => {
            return Ok(None);
        }
        Some(Err(failure)) => return Err(failure),
        None => return Ok(None),
    };
    let configs = match configs.and_then(|configs| configs.effective(topic)) {
        // The brokers refuse what it does not take.
        Err(failure) if failure.kind == FailureKind::Authorization => BTreeMap::new(),
        configs => configs?,
    };
    let is_alike = info.partitions.len() == open.stretches.len();
    let target = Target::of(count_of(&info), &configs);
    Ok(Some(Parking { topic: topic.clone(), target, is_alike }))
}

fn count_of(info: &TopicInfo) -> i32 {
    i32::try_from(info.partitions.len()).unwrap_or(i32::MAX)
}

/// How many partitions topics have, of those that can be seen.
async fn partitions(kafka: &KafkaClient, names: BTreeSet<TopicName>) -> Result<BTreeMap<TopicName, i32>, Failure> {
    let names: Vec<TopicName> = names.into_iter().collect();
    let described = kafka.describe_topics(&names).await?;
    let seen = names.into_iter().zip(described).filter_map(|(name, info)| Some((name, count_of(&info.ok()?))));
    Ok(seen.collect())
}

/// What topics take, and why others are not sent to. Their records stay, which is told of them.
type Found = (BTreeMap<TopicName, Target>, BTreeMap<TopicName, Refusal>);

/// Looks at topics. Of those that are `named` it has to be known what they take.
async fn targets(
    kafka: &KafkaClient,
    names: BTreeSet<TopicName>,
    named: &BTreeSet<TopicName>,
) -> Result<Found, Failure> {
    let names: Vec<TopicName> = names.into_iter().collect();
    let (described, configs) = tokio::join!(kafka.describe_topics(&names), kafka.topic_configs(&names));
    let (described, configs) = (described?, configs?);
    let (mut targets, mut refused) = Found::default();
    for (name, described) in names.into_iter().zip(described) {
        let info = described.and_then(|info| configs.effective(&name).map(|configs| (info, configs)));
        match info {
            Ok((info, _)) if info.internal => drop(refused.insert(name.clone(), Refusal::NotSentTo(name))),
            Ok((info, configs)) => drop(targets.insert(name, Target::of(count_of(&info), &configs))),
            Err(failure) if failure.kind == FailureKind::NotFound => {
                refused.insert(name.clone(), Refusal::NoTarget(name.to_string()));
            }
            Err(failure) if failure.kind == FailureKind::Authorization && !named.contains(&name) => {
                refused.insert(name.clone(), Refusal::Unseen(name));
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok((targets, refused))
}

/// The newest records of the keys of dead letters in compacted topics, which are on this cluster.
pub fn newest(open: &OpenQueue, filter: &Filter, terms: &Terms, there: &KafkaClient) -> Result<NewestRecords, Failure> {
    let compacted: Vec<&TopicName> =
        terms.targets.iter().filter(|(_, target)| target.is_compacted).map(|(topic, _)| topic).collect();
    let mut newest = NewestRecords::default();
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
