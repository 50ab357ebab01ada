use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::offsets::{DAY, Described, HOUR, Part, bounds, first_waiting, last_day, offsets};
use crate::adapters::kafka::KafkaClient;
use crate::cli::args::{ClusterArg, FormatArg, Global, TimeoutArg};
use crate::cli::connect::{check_cluster_id, connect_to_kafka};
use crate::cli::context::{Context, now};
use crate::cli::error::{CommandError, Exit};
use crate::cli::output;
use crate::dlq::{Convention, Counted, Depth, Ledger, PartitionEnds, Queue, Settled, State};
use crate::model::{Timestamp, TopicId, TopicName};
use crate::ports::kafka::{KafkaAdmin, OffsetAt, StoredRecord};
use crate::ports::records::{RecordSource, Stretch};
use crate::ports::{Failure, FailureKind};
use crate::render::dlq::list::{ListDocument, ListView};

/// How many offsets of a queue are read to tell records from the ends of transactions.
const MOST_READ: i64 = 8_192;

/// Options of `dlq list`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    cluster: ClusterArg,

    #[command(flatten)]
    timeout: TimeoutArg,

    #[command(flatten)]
    format: FormatArg,

    /// End with 2 where a queue is over a threshold
    #[arg(long)]
    detailed_exitcode: bool,
}

/// Lists the queues of a cluster, declared or not, with how full each one is.
pub async fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let context = Context::load()?;
    let cluster = context.cluster(&args.cluster)?;
    let kafka = connect_to_kafka(context, cluster, args.timeout.timeout).await?;
    check_cluster_id(context, cluster, &kafka.cluster().await?.id)?;
    let mut queues: Vec<Queue> = Queue::declared(&context.workspace, cluster).collect();
    let live: Vec<TopicName> = kafka.topics().await?.into_iter().map(|topic| topic.name).collect();
    let ours = live.iter().filter(|topic| cluster.manages_topic(topic.as_str()));
    queues.extend(Queue::undeclared(&context.workspace, cluster, ours));
    let names: Vec<TopicName> = queues.iter().map(|queue| queue.topic.clone()).collect();
    let described = kafka.describe_topics(&names).await?;
    let ledgers = tokio::task::block_in_place(|| match Ledger::read_all(&kafka) {
        Err(failure) if failure.kind == FailureKind::NotFound => Ok(BTreeMap::new()),
        ledgers => ledgers,
    })?;
    let of_queues: Vec<Option<&Ledger>> =
        described.iter().map(|described| ledgers.get(&described.as_ref().ok()?.id?)).collect();
    let ends = ends(&kafka, &described).await;
    let seen = || queues.iter().zip(&ends).filter_map(|(queue, ends)| Some((queue, ends.as_ref().ok()?)));
    let newest = seen().flat_map(|(queue, ends)| ends.iter().filter_map(|ends| newest_of(queue, &ends.stretch)));
    let last = newest_records(&kafka, newest.collect()).await?;
    let last_places: HashSet<(&TopicName, i32, i64)> = last
        .iter()
        .filter_map(|(topic, record)| Some((topic, i32::try_from(record.partition).ok()?, record.offset)))
        .collect();
    let (mut depths, mut parts) = (Vec::new(), Vec::new());
    let nothing = Ledger::default();
    for (((queue, ends), ledger), described) in queues.iter().zip(&ends).zip(of_queues).zip(&described) {
        let ledger = ledger.unwrap_or(&nothing);
        depths.push(match ends {
            Ok(ends) => {
                let id = described.as_ref().ok().and_then(|info| info.id);
                let rests = rests(&kafka, queue, id, ends, &ledger.settled, &last_places);
                let counted = match &rests[..] {
                    [] => BTreeMap::new(),
                    rests => tokio::task::block_in_place(|| count(&kafka, queue, rests, &ledger.settled))?,
                };
                let unread = ends.iter().filter(|ends| !counted.contains_key(&ends.stretch.partition));
                let (topic, settled) = (&queue.topic, &ledger.settled);
                parts.extend(unread.map(|ends| Part { topic, stretch: ends.stretch, settled }));
                let oldest = counted.values().filter_map(|counted| counted.oldest).min();
                let oldest = oldest.map(Timestamp::of_unix_millis);
                Depth { oldest, ..Depth::of(queue, ends, ledger, &counted) }
            }
            Err(failure) if failure.kind == FailureKind::NotFound && queue.is_declared => {
                Depth::unseen(queue, "not there: `busctl apply` creates it")
            }
            Err(failure) if failure.kind == FailureKind::NotFound => Depth::unseen(queue, "not there"),
            Err(failure) => Depth::unseen(queue, failure),
        });
    }
    let first = first_waiting(&kafka, parts).await?;
    let origins = origins_last_day(&kafka, &queues).await?;
    let mut sampled: BTreeMap<&TopicName, Vec<&StoredRecord>> = BTreeMap::new();
    for (topic, record) in first.iter().chain(&last) {
        sampled.entry(topic).or_default().push(record);
    }
    let mut oldest: BTreeMap<&TopicName, i64> = BTreeMap::new();
    for (topic, time) in first.iter().filter_map(|(topic, record)| Some((topic, record.timestamp?))) {
        oldest.entry(topic).and_modify(|known| *known = time.min(*known)).or_insert(time);
    }
    for (depth, queue) in depths.iter_mut().zip(&queues) {
        // Where a record has the headers of several, those that stand last count.
        let convention =
            |record: &&StoredRecord| record.headers.iter().rev().find_map(|name| Convention::of_header(name));
        depth.conventions = sampled.get(&queue.topic).into_iter().flatten().filter_map(convention).collect();
        depth.origin_last_day = queue.origin.as_ref().and_then(|origin| origins.get(origin).copied());
        let first = oldest.get(&queue.topic).copied().map(Timestamp::of_unix_millis);
        depth.oldest = depth.oldest.into_iter().chain(first).min().filter(|_| depth.waiting > 0);
        if depth.unseen.is_none() {
            depth.judge(queue.thresholds.as_ref(), now());
        }
    }
    let unseen = depths.iter().any(|depth| depth.unseen.is_some());
    let over = depths.iter().any(|depth| depth.state == State::Over);
    let document = ListDocument::of(cluster.cluster.as_str(), depths, now());
    output::view(&ListView { document: &document }, args.format.format, global)?;
    Ok(match unseen {
        true => Exit::CouldNot,
        false if args.detailed_exitcode && over => Exit::Changes,
        false => Exit::Done,
    })
}

/// How many records each origin of a queue got in the last day, at most. One that may not be seen is left out.
async fn origins_last_day(kafka: &KafkaClient, queues: &[Queue]) -> Result<BTreeMap<TopicName, u64>, Failure> {
    let names: BTreeSet<TopicName> = queues.iter().filter_map(|queue| queue.origin.clone()).collect();
    let names: Vec<TopicName> = names.into_iter().collect();
    let described = kafka.describe_topics(&names).await?;
    let counted = last_day(kafka, described.iter(), now()).await;
    Ok(names.into_iter().zip(counted).filter_map(|(name, count)| Some((name, count?))).collect())
}

/// The partitions of a queue, in order.
type Ends = Vec<PartitionEnds>;

/// The partitions of each queue, in order.
async fn ends(kafka: &KafkaClient, described: &[Described]) -> Vec<Result<Ends, Failure>> {
    let ago = |millis: i64| OffsetAt::Timestamp(now().unix_millis() - millis);
    let moments = [OffsetAt::Earliest, OffsetAt::Latest, ago(HOUR), ago(DAY)];
    let found = offsets(kafka, described.iter(), moments).await;
    let of_partition = |(partition, [from, to, last_hour, last_day]): (i32, [Option<i64>; 4])| {
        let stretch = Stretch { partition, from: from.unwrap_or(0), to: to.unwrap_or(0) };
        PartitionEnds { stretch, last_hour, last_day }
    };
    found.into_iter().map(|found| found.map(|found| (0..).zip(found).map(of_partition).collect())).collect()
}

/// The last offset of a partition.
fn newest_of(queue: &Queue, stretch: &Stretch) -> Option<(TopicName, u32, i64)> {
    (stretch.from < stretch.to).then_some((queue.topic.clone(), u32::try_from(stretch.partition).ok()?, stretch.to - 1))
}

/// The records at these last offsets. One that is no record is the end of a transaction, whose last record stands before it.
async fn newest_records(
    kafka: &KafkaClient,
    places: Vec<(TopicName, u32, i64)>,
) -> Result<Vec<(TopicName, StoredRecord)>, Failure> {
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let mut last = kafka.records_at(&places).await?;
    let found: HashSet<(&TopicName, u32)> = last.iter().map(|(topic, record)| (topic, record.partition)).collect();
    let unfound =
        places.iter().filter(|(topic, partition, offset)| *offset > 0 && !found.contains(&(topic, *partition)));
    let unfound: Vec<_> = unfound.map(|(topic, partition, offset)| (topic.clone(), *partition, offset - 1)).collect();
    if !unfound.is_empty() {
        last.extend(kafka.records_at(&unfound).await?);
    }
    Ok(last)
}

/// What is to be read of the partitions of a queue whose last offset is no record: of these, offsets do not tell how many records
/// there are. Nothing, where that is too much.
fn rests(
    kafka: &KafkaClient,
    queue: &Queue,
    id: Option<TopicId>,
    ends: &Ends,
    settled: &Settled,
    last: &HashSet<(&TopicName, i32, i64)>,
) -> Ends {
    let is_record = |stretch: &Stretch| last.contains(&(&queue.topic, stretch.partition, stretch.to - 1));
    let unsure = ends.iter().filter(|ends| !is_record(&ends.stretch)).copied();
    let open = |ends: PartitionEnds| {
        let Stretch { partition, from, to } = ends.stretch;
        let from = settled.first_open(partition, from, to).unwrap_or(to);
        PartitionEnds { stretch: Stretch { from, ..ends.stretch }, ..ends }
    };
    let mut rests: Ends = unsure.map(open).collect();
    let length = |rests: &Ends| {
        rests.iter().map(|PartitionEnds { stretch, .. }| stretch.to - stretch.from).fold(0, i64::saturating_add)
    };
    if length(&rests) > MOST_READ
        && let Some(id) = id
    {
        let stretches = ends.iter().map(|ends| ends.stretch);
        let bounds = tokio::task::block_in_place(|| bounds(kafka, (&queue.topic, id), stretches, settled));
        for PartitionEnds { stretch: rest, .. } in &mut rests {
            let bound = bounds.get(&rest.partition).copied().unwrap_or(rest.from);
            rest.from = bound.clamp(rest.from, rest.to);
        }
    }
    if length(&rests) > MOST_READ { Vec::new() } else { rests }
}

/// Counts what waits of these. What belongs to a transaction that is still open is not there yet.
fn count(
    kafka: &KafkaClient,
    queue: &Queue,
    rests: &[PartitionEnds],
    settled: &Settled,
) -> Result<BTreeMap<i32, Counted>, Failure> {
    let committed = kafka.partitions(&queue.topic)?;
    let until = |ends: &PartitionEnds| {
        let rest = ends.stretch;
        let end = committed.iter().find(|of| of.partition == rest.partition).map_or(rest.to, |of| of.to);
        let to = rest.to.min(end);
        PartitionEnds { stretch: Stretch { from: rest.from.min(to), to, ..rest }, ..*ends }
    };
    let rests: Ends = rests.iter().map(until).collect();
    Counted::read(kafka, &queue.topic, &rests, settled)
}
