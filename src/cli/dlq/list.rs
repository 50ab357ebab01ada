use std::collections::BTreeMap;

use crate::adapters::kafka::KafkaClient;
use crate::cli::args::{ClusterArg, FormatArg, Global, TimeoutArg};
use crate::cli::connect::{check_cluster_id, connect};
use crate::cli::context::{Context, now};
use crate::cli::error::{CommandError, Exit};
use crate::cli::output;
use crate::dlq::{Depth, Ledger, Queue, Settled};
use crate::model::{Timestamp, TopicName};
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
    let of_queues: Vec<Option<&Ledger>> =
        described.iter().map(|described| ledgers.get(&described.as_ref().ok()?.id?)).collect();
    let (mut depths, mut places) = (Vec::new(), Vec::new());
    let nothing = Ledger::default();
    for ((queue, ends), ledger) in queues.iter().zip(ends(&kafka, &queues, &described).await).zip(of_queues) {
        let ledger = ledger.unwrap_or(&nothing);
        depths.push(match ends {
            Ok(ends) => {
                places.extend(ends.iter().filter_map(|(stretch, _)| first_open(queue, stretch, &ledger.settled)));
                Depth::of(queue, &ends, ledger)
            }
            Err(failure) if failure.kind == FailureKind::NotFound => Depth::unseen(queue, "not there"),
            Err(failure) => Depth::unseen(queue, failure),
        });
    }
    let first = if places.is_empty() { Vec::new() } else { kafka.records_at(&places).await? };
    for depth in &mut depths {
        let of_queue = first.iter().filter(|(topic, _)| topic.as_str() == depth.topic);
        depth.oldest = of_queue.filter_map(|(_, record)| record.timestamp).min().map(Timestamp::of_unix_millis);
    }
    let unseen = depths.iter().any(|depth| depth.unseen.is_some());
    let document = ListDocument::of(cluster.cluster.as_str(), depths, now());
    output::view(&ListView { document: &document }, args.format.format, global)?;
    Ok(if unseen { Exit::CouldNot } else { Exit::Done })
}

/// A partition, and the offset of its first record of the last hour, where it has any.
type Ends = Vec<(Stretch, Option<i64>)>;

/// The partitions of each queue, in order. All are asked for at once.
async fn ends(
    kafka: &KafkaClient,
    queues: &[Queue],
    described: &[Result<TopicInfo, Failure>],
) -> Vec<Result<Ends, Failure>> {
    let moments = [OffsetAt::Earliest, OffsetAt::Latest, OffsetAt::Timestamp(now().unix_millis() - HOUR)];
    let partitions = |described: &Result<TopicInfo, Failure>| match described {
        Ok(info) => u32::try_from(info.partitions.len()).unwrap_or(u32::MAX),
        Err(_) => 0,
    };
    let queries: Vec<OffsetQuery> = queues
        .iter()
        .zip(described)
        .flat_map(|(queue, described)| (0..partitions(described)).map(move |partition| (queue, partition)))
        .flat_map(|(queue, partition)| moments.map(|at| OffsetQuery { topic: queue.topic.clone(), partition, at }))
        .collect();
    let mut found = kafka.offsets(&queries).await.into_iter();
    let mut of_partition = |partition: u32| {
        let mut next = || found.next().transpose().map(|found| found.flatten().map(|found| found.offset));
        // Each is taken, also where one of them failed.
        let (from, to, since) = (next(), next(), next());
        let partition = i32::try_from(partition).unwrap_or(i32::MAX);
        Ok((Stretch { partition, from: from?.unwrap_or(0), to: to?.unwrap_or(0) }, since?))
    };
    let of_queue = |described: &Result<TopicInfo, Failure>| match described {
        Ok(_) => (0..partitions(described)).map(&mut of_partition).collect::<Vec<_>>().into_iter().collect(),
        Err(failure) => Err(failure.clone()),
    };
    described.iter().map(of_queue).collect()
}

/// Where the first record of a partition stands that waits.
fn first_open(queue: &Queue, stretch: &Stretch, settled: &Settled) -> Option<(TopicName, u32, i64)> {
    let offset = settled.first_open(stretch.partition, stretch.from, stretch.to)?;
    Some((queue.topic.clone(), u32::try_from(stretch.partition).ok()?, offset))
}
