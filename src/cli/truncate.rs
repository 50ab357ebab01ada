use std::collections::BTreeMap;
use std::time::Duration;

use super::args::{ClusterArg, Global, TimeoutArg, parse_time};
use super::connect::{Systems, check_cluster_id};
use super::consent::ConsentArgs;
use super::context::{Context, now};
use super::error::{CommandError, Exit};
use super::on_request::Request;
use super::work::RunArgs;
use crate::model::{Risk, Timestamp, TopicName};
use crate::plan::Plan;
use crate::ports::kafka::{KafkaAdmin, OffsetAt, OffsetQuery};
use crate::ports::{Failure, FailureKind};
use crate::resources::Desired;
use crate::resources::cluster::ClusterSpec;
use crate::resources::impact;
use crate::resources::inventory::{Asked, needs};
use crate::resources::topic::{LiveTopics, ManagedBy, Truncation};

/// Options of `truncate`.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("bound").required(true))]
pub struct Args {
    /// The topic
    topic: TopicName,

    /// Delete the records before this offset; with several partitions, name them with --partition
    #[arg(long, value_name = "OFFSET", group = "bound", allow_negative_numbers = true, value_parser = clap::value_parser!(i64).range(0..))]
    before_offset: Option<i64>,

    /// Delete the records before the first one whose timestamp is not before this moment: 2026-11-25T15:48:44Z or 2026-11-25
    #[arg(long, value_name = "MOMENT", group = "bound")]
    before: Option<Timestamp>,

    /// The same of records that are older than this, such as 7d
    #[arg(long, value_name = "TIME", group = "bound", value_parser = parse_time)]
    older_than: Option<Duration>,

    /// Delete all records that are there now
    #[arg(long, group = "bound")]
    all: bool,

    /// Only of this partition; may be repeated, or several with commas
    #[arg(long, value_name = "NUMBER", value_delimiter = ',')]
    partition: Vec<u32>,

    #[command(flatten)]
    cluster: ClusterArg,

    #[command(flatten)]
    timeout: TimeoutArg,

    #[command(flatten)]
    consent: ConsentArgs,

    #[command(flatten)]
    run: RunArgs,
}

/// Plans the deletion of records, and carries it out where that is wanted.
pub async fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let context = Context::load()?;
    let cluster = context.cluster(&args.cluster)?;
    refuse_what_is_not_ours(context, cluster, &args.topic)?;
    let request = Request::new(global, (context, cluster), &args.timeout, &args.run);
    let agrees = |plan: &Plan| {
        let yes = args.consent.is_given();
        if yes {
            args.consent.check(plan, cluster, Risk::Safe)?;
        }
        Ok(yes)
    };
    request.run(async |systems| Ok((choose(context, cluster, systems, args).await?, None)), agrees).await
}

/// Refuses topics that a cluster protects, that others have, and that are Kafka's or busctl's own.
pub(super) fn refuse_what_is_not_ours(
    context: &Context,
    cluster: &ClusterSpec,
    topic: &TopicName,
) -> Result<(), CommandError> {
    let name = &cluster.cluster.value;
    if topic.is_reserved() {
        return Err(CommandError::refused(format!("{topic} is a topic of Kafka's own, or of busctl's")));
    }
    if let Some(pattern) = cluster.protection_of(topic.as_str()) {
        return Err(CommandError::refused(format!("`{name}` protects {topic}"))
            .hint(format!("change `protect` at {} first", context.workspace.place(pattern.span))));
    }
    if !cluster.manages_topic(topic.as_str()) {
        return Err(CommandError::refused(format!("{topic} is outside of what `{name}` manages"))
            .hint("its records are somebody else's: see `manages` of the cluster"));
    }
    let spec = context.workspace.topics.get(topic).filter(|spec| context.workspace.selects(&spec.clusters, cluster));
    match spec.and_then(|spec| spec.managed_by).filter(|manager| manager.value != ManagedBy::Busctl) {
        None => Ok(()),
        Some(manager) => Err(CommandError::refused(format!("{topic} is managed by {}", manager.value))
            .hint(format!("its records are somebody else's: see {}", context.workspace.place(manager.span)))),
    }
}

/// A topic whose beginning can be deleted, as it is.
pub(super) async fn look(
    context: &'static Context,
    cluster: &'static ClusterSpec,
    kafka: &impl KafkaAdmin,
    topic: &TopicName,
) -> Result<LiveTopics, CommandError> {
    let info = kafka.cluster().await?;
    check_cluster_id(context, cluster, &info.id)?;
    let live =
        crate::resources::topic::observe(kafka, std::slice::from_ref(topic), crate::resources::Scope::Named).await?;
    if let Some(failure) = live.hidden.get(topic) {
        return Err(failure.clone().into());
    }
    if !live.topics.contains_key(topic) {
        let known = context.workspace.topics.keys().map(|topic| topic.as_str());
        let error = CommandError::usage(format!("there is no topic {topic} on {}", cluster.cluster.value));
        return Err(match crate::source::closest(topic.as_str(), known) {
            Some(meant) => error.hint(format!("did you mean `{meant}`?")),
            None => error.hint("`busctl topics` lists them"),
        });
    }
    refuse_compacted(topic, &live)?;
    Ok(live)
}

/// Looks at the topic and finds the offsets.
async fn choose(
    context: &'static Context,
    cluster: &'static ClusterSpec,
    systems: &Systems,
    args: &Args,
) -> Result<Desired<'static>, CommandError> {
    let topic = &args.topic;
    let (kafka, workspace) = (&systems.kafka, &context.workspace);
    let live = look(context, cluster, kafka, topic).await?;
    let count = live.topics.get(topic).map_or(0, |found| found.partitions.len() as u32);
    if let Some(unknown) = args.partition.iter().find(|partition| **partition >= count) {
        let last = count.saturating_sub(1);
        return Err(CommandError::usage(format!("{topic} has no partition {unknown}: its last one is {last}")));
    }
    if args.before_offset.is_some() && args.partition.is_empty() && count > 1 {
        return Err(CommandError::usage(format!("{topic} has {count} partitions, each with offsets of its own"))
            .hint("say which one: --partition NUMBER"));
    }
    let partitions: Vec<u32> = match args.partition.is_empty() {
        true => (0..count).collect(),
        false => args.partition.clone(),
    };
    let up_to = bounds(kafka, args, &partitions).await?;
    let facts =
        impact::observe(kafka, &needs(&Asked::Topics(crate::model::Pattern::literal(topic.as_str())), &live), now())
            .await;
    if let Some(offset) = args.before_offset {
        let ends = facts.topics.get(topic).map_or(&[][..], |found| &found.partitions);
        let beyond = |partition: &u32| {
            let end = ends.get(*partition as usize)?.latest.filter(|end| *end < offset)?;
            Some((*partition, end))
        };
        if let Some((partition, end)) = partitions.iter().find_map(beyond) {
            return Err(CommandError::usage(format!(
                "partition {partition} of {topic} ends at offset {end}, before {offset}"
            ))
            .hint(format!("--before-offset {end} deletes all that is there now")));
        }
    }
    Ok(Desired::of_records(workspace, cluster, Some(Truncation::new(topic.clone(), &up_to, &facts))))
}

/// Kafka deletes no records of topics that it only compacts.
fn refuse_compacted(topic: &TopicName, live: &LiveTopics) -> Result<(), CommandError> {
    if !live.is_only_compacted(topic) {
        return Ok(());
    }
    Err(CommandError::refused(format!(
        "{topic} has cleanup.policy compact, and Kafka deletes no records of a topic that it only compacts"
    ))
    .hint("write a record without value for each key that is to go; or give the topic `cleanup: [compact, delete]`"))
}

/// By partition, the offset of the record that is to be the first.
async fn bounds(kafka: &impl KafkaAdmin, args: &Args, partitions: &[u32]) -> Result<BTreeMap<u32, i64>, CommandError> {
    if let Some(offset) = args.before_offset {
        return Ok(partitions.iter().map(|partition| (*partition, offset)).collect());
    }
    let millis = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    let moment = args.before.map(Timestamp::unix_millis);
    let moment = moment.or(args.older_than.map(|age| now().unix_millis().saturating_sub(millis(age))));
    let at = moment.map_or(OffsetAt::Latest, OffsetAt::Timestamp);
    let query = |at| move |partition: &u32| OffsetQuery { topic: args.topic.clone(), partition: *partition, at };
    // Where no record is as new, all that are there now go.
    let ends: Vec<OffsetQuery> = partitions.iter().map(query(OffsetAt::Latest)).collect();
    let queries: Vec<OffsetQuery> = partitions.iter().map(query(at)).collect();
    let (ends, found) = (kafka.offsets(&ends).await, kafka.offsets(&queries).await);
    let mut bounds = BTreeMap::new();
    for ((partition, end), found) in partitions.iter().zip(ends).zip(found) {
        let end = end?.map(|end| end.offset).ok_or_else(|| no_end(&args.topic, *partition))?;
        bounds.insert(*partition, found?.map_or(end, |found| found.offset));
    }
    Ok(bounds)
}

fn no_end(topic: &TopicName, partition: u32) -> Failure {
    Failure {
        kind: FailureKind::Server,
        tried: format!("find the end of {topic}, partition {partition}"),
        server: "its leader".to_owned(),
        answer: "it told none".to_owned(),
        hint: None,
    }
}
