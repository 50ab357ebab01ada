use std::collections::BTreeMap;

use crate::adapters::kafka::KafkaClient;
use crate::cli::args::{ClusterArg, FormatArg, Global, TimeoutArg};
use crate::cli::connect::{check_cluster_id, connect};
use crate::cli::context::{Context, now};
use crate::cli::error::{CommandError, Exit};
use crate::cli::output;
use crate::dlq::{Depth, Ledger, Queue};
use crate::model::{TopicId, TopicName};
use crate::ports::kafka::{KafkaAdmin, OffsetAt, OffsetQuery, TopicInfo};
use crate::ports::records::Stretch;
use crate::ports::{Failure, FailureKind};
use crate::render::dlq::list::{ListDocument, ListView};

/// An hour, in milliseconds.
const HOUR: i64 = 3_600_000;

/// Options of `dlq list`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    cluster: ClusterArg,

    #[command(flatten)]
    timeout: TimeoutArg,

    #[command(flatten)]
    format: FormatArg,
}

/// Lists the queues that are declared for a cluster, with how full each one is.
pub async fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let context = Context::load()?;
    let cluster = context.cluster(&args.cluster)?;
    let kafka = connect(context, cluster, args.timeout.timeout).await?.kafka;
    check_cluster_id(context, cluster, &kafka.cluster().await?.id)?;
    let queues: Vec<Queue> = Queue::declared(&context.workspace, cluster).collect();
    let names: Vec<TopicName> = queues.iter().map(|queue| queue.topic.clone()).collect();
    let described = kafka.describe_topics(&names).await?;
    let ledgers = tokio::task::block_in_place(|| match Ledger::read_all(&kafka) {
        Err(failure) if failure.kind == FailureKind::NotFound => Ok(BTreeMap::new()),
        ledgers => ledgers,
    })?;
    let mut depths = Vec::new();
    for (queue, described) in queues.iter().zip(described) {
        depths.push(match described {
            Ok(info) => depth(&kafka, queue, &info, &ledgers).await?,
            Err(failure) if failure.kind == FailureKind::NotFound => Depth::unseen(queue, "not there"),
            Err(failure) => Depth::unseen(queue, failure),
        });
    }
    let unseen = depths.iter().any(|depth| depth.unseen.is_some());
    let document = ListDocument::of(cluster.cluster.as_str(), depths, now());
    output::view(&ListView { document: &document }, args.format.format, global)?;
    Ok(if unseen { Exit::CouldNot } else { Exit::Done })
}

async fn depth(
    kafka: &KafkaClient,
    queue: &Queue,
    info: &TopicInfo,
    ledgers: &BTreeMap<TopicId, Ledger>,
) -> Result<Depth, Failure> {
    let since = now().unix_millis() - HOUR;
    let moments = [OffsetAt::Earliest, OffsetAt::Latest, OffsetAt::Timestamp(since)];
    let partitions = 0..u32::try_from(info.partitions.len()).unwrap_or(u32::MAX);
    let queries: Vec<OffsetQuery> = partitions
        .flat_map(|partition| moments.map(|at| OffsetQuery { topic: queue.topic.clone(), partition, at }))
        .collect();
    let (mut stretches, mut hour_ago) = (Vec::new(), Vec::new());
    for (number, found) in kafka.offsets(&queries).await.chunks(moments.len()).enumerate() {
        let offset = |at: usize| found[at].as_ref().map(|found| found.map(|found| found.offset)).map_err(Clone::clone);
        let (from, to) = match (offset(0), offset(1)) {
            (Ok(from), Ok(to)) => (from.unwrap_or(0), to.unwrap_or(0)),
            (Err(failure), _) | (_, Err(failure)) => return Ok(Depth::unseen(queue, failure)),
        };
        stretches.push(Stretch { partition: i32::try_from(number).unwrap_or(i32::MAX), from, to });
        hour_ago.push(offset(2)?);
    }
    let nothing = Ledger::default();
    let settled = &info.id.and_then(|id| ledgers.get(&id)).unwrap_or(&nothing).settled;
    let mut depth = Depth::of(queue, &stretches, &hour_ago, settled);
    let first_open = |stretch: &Stretch| {
        let offset = settled.first_open(stretch.partition, stretch.from, stretch.to)?;
        Some((queue.topic.clone(), u32::try_from(stretch.partition).ok()?, offset))
    };
    let places: Vec<_> = stretches.iter().filter_map(first_open).collect();
    let first = if places.is_empty() { Vec::new() } else { kafka.records_at(&places).await? };
    depth.oldest =
        first.iter().filter_map(|(_, record)| record.timestamp).min().map(crate::model::Timestamp::of_unix_millis);
    Ok(depth)
}
