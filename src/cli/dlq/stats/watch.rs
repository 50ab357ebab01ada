use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::time::Duration;

use crate::adapters::kafka::KafkaClient;
use crate::cli::connect::{check_cluster_id, connect_to_kafka};
use crate::cli::context::{Context, now};
use crate::cli::dlq::offsets::{Offsets, Part, first_waiting, last_day, offsets};
use crate::cli::dlq::queue::unknown;
use crate::cli::error::CommandError;
use crate::dlq::stats::{Account, Accounts, Contents, Figures, Now};
use crate::dlq::{Queue, Settled};
use crate::model::{Timestamp, TopicId, TopicName};
use crate::ports::kafka::{KafkaAdmin, OffsetAt, TopicInfo};
use crate::ports::records::{RecordSource, Stretch};
use crate::ports::{Failure, FailureKind};
use crate::render::dlq::stats::StatsDocument;
use crate::resources::cluster::ClusterSpec;

/// Queues that are looked at again and again. What was read of them is not read again.
pub struct Watch {
    /// The cluster.
    pub cluster: &'static ClusterSpec,
    kafka: KafkaClient,
    queues: Vec<Watched>,
    accounts: Accounts,
    top: usize,
}

struct Watched {
    queue: Queue,
    id: Option<TopicId>,
    contents: Contents,
}

/// A queue as its brokers describe it now.
struct QueueNow {
    id: TopicId,
    partitions: Offsets<2>,
}

impl Watch {
    /// Begins to look at queues; where none is named, at all that are declared. Of each, so many reasons are told apart.
    pub async fn open(
        context: &'static Context,
        cluster: &'static ClusterSpec,
        topics: &[TopicName],
        timeout: Duration,
        top: usize,
    ) -> Result<Self, CommandError> {
        let kafka = connect_to_kafka(context, cluster, timeout).await?;
        check_cluster_id(context, cluster, &kafka.cluster().await?.id)?;
        let queues: Vec<Queue> = match topics {
            [] => Queue::declared(&context.workspace, cluster).collect(),
            topics => {
                let topics: Vec<TopicName> = topics.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect();
                let described = kafka.describe_topics(&topics).await?;
                let queues = topics.iter().map(|topic| Queue::of(&context.workspace, topic));
                let looked = queues.zip(described).map(|(queue, described)| match described {
                    // One that is declared may be created later.
                    Err(failure) if failure.kind == FailureKind::NotFound && !queue.is_declared => {
                        Err(unknown(context, cluster, &queue.topic))
                    }
                    _ => Ok(queue),
                });
                looked.collect::<Result<_, CommandError>>()?
            }
        };
        let watched = |queue: Queue| Watched { queue, id: None, contents: Contents::default() };
        let queues = queues.into_iter().map(watched).collect();
        Ok(Self { cluster, kafka, queues, accounts: Accounts::default(), top })
    }

    /// Looks at them now. `progress` is told how many records were read, and says whether to go on; where not, there are no figures.
    ///
    /// # Errors
    /// Fails where the cluster does not answer. A queue that cannot be seen is told as that.
    pub async fn look(
        &mut self,
        progress: &mut (dyn FnMut(u64) -> ControlFlow<()> + Send),
    ) -> Result<Option<StatsDocument>, Failure> {
        let time = now();
        let seen = self.describe().await?;
        self.follow_the_ledger(&seen)?;
        let origins = self.origins_last_day(time).await?;
        let mut looked = Vec::new();
        for (watched, seen) in self.queues.iter_mut().zip(seen) {
            let read = seen.and_then(|seen| {
                tokio::task::block_in_place(|| read(&self.kafka, watched, &seen, &self.accounts, time, progress))
            });
            match read {
                Ok(None) => return Ok(None),
                Ok(Some(stretches)) => looked.push(Ok(stretches)),
                Err(failure) if is_of_one(&failure) => looked.push(Err(failure)),
                Err(failure) => return Err(failure),
            }
        }
        let oldest = self.oldest(&looked).await?;
        let nobody = Account::default();
        let figures = self.queues.iter().zip(&looked).map(|(watched, looked)| match looked {
            Ok(stretches) => {
                let account = watched.id.and_then(|id| self.accounts.of(id)).unwrap_or(&nobody);
                let origin = watched.queue.origin.as_ref();
                let now = Now {
                    stretches,
                    oldest: oldest.get(&watched.queue.topic).copied(),
                    origin_last_day: origin.and_then(|origin| origins.get(origin).copied()),
                    time,
                    top: self.top,
                };
                Figures::of(&watched.queue, &watched.contents, account, &now)
            }
            Err(failure) if failure.kind == FailureKind::NotFound => Figures::unseen(&watched.queue, "not there"),
            Err(failure) => Figures::unseen(&watched.queue, failure),
        });
        Ok(Some(StatsDocument::of(self.cluster.cluster.as_str(), figures.collect(), time)))
    }

    /// The queues with where their partitions begin and end.
    async fn describe(&mut self) -> Result<Vec<Result<QueueNow, Failure>>, Failure> {
        let names: Vec<TopicName> = self.queues.iter().map(|watched| watched.queue.topic.clone()).collect();
        let described = self.kafka.describe_topics(&names).await?;
        let ends = offsets(&self.kafka, described.iter(), [OffsetAt::Earliest, OffsetAt::Latest]).await;
        let mut all = Vec::new();
        for (watched, (described, ends)) in self.queues.iter_mut().zip(described.into_iter().zip(ends)) {
            let id = described.as_ref().ok().and_then(|info| info.id);
            if id != watched.id {
                watched.contents.forget();
                watched.id = id;
            }
            all.push(described.and_then(|info| {
                let id = id.ok_or_else(|| without_id(&self.kafka, &info))?;
                Ok(QueueNow { id, partitions: ends? })
            }));
        }
        Ok(all)
    }

    /// Reads what was added to the ledger, and tells the queues.
    fn follow_the_ledger(&mut self, seen: &[Result<QueueNow, Failure>]) -> Result<(), Failure> {
        let ids = seen.iter().map(|seen| seen.as_ref().ok().map(|seen| seen.id));
        let numbers: BTreeMap<TopicId, usize> = ids.zip(0..).filter_map(|(id, number)| Some((id?, number))).collect();
        let queues = &mut self.queues;
        let is_another = tokio::task::block_in_place(|| {
            self.accounts.catch_up(&self.kafka, &mut |id, settling| {
                if let Some(number) = numbers.get(&id) {
                    queues[*number].contents.settle(settling);
                }
            })
        })?;
        if is_another {
            queues.iter_mut().for_each(|watched| watched.contents.forget());
        }
        Ok(())
    }

    /// How many records came to each origin in the last day, at most. Those that cannot be seen are left out.
    async fn origins_last_day(&self, time: Timestamp) -> Result<BTreeMap<TopicName, u64>, Failure> {
        let origins: BTreeSet<&TopicName> =
            self.queues.iter().filter_map(|watched| watched.queue.origin.as_ref()).collect();
        let names: Vec<TopicName> = origins.into_iter().cloned().collect();
        if names.is_empty() {
            return Ok(BTreeMap::new());
        }
        let described = self.kafka.describe_topics(&names).await?;
        let counted = last_day(&self.kafka, described.iter(), time).await;
        Ok(names.into_iter().zip(counted).filter_map(|(name, count)| Some((name, count?))).collect())
    }

    /// The timestamp of the first record of each queue that waits.
    async fn oldest(
        &self,
        looked: &[Result<Vec<Stretch>, Failure>],
    ) -> Result<BTreeMap<TopicName, Timestamp>, Failure> {
        let nobody = Settled::default();
        let mut parts = Vec::new();
        for (watched, looked) in self.queues.iter().zip(looked) {
            let Ok(stretches) = looked else { continue };
            if watched.contents.waiting() == 0 {
                continue;
            }
            let account = watched.id.and_then(|id| self.accounts.of(id));
            let settled = account.map_or(&nobody, |account| &account.ledger.settled);
            let topic = &watched.queue.topic;
            parts.extend(stretches.iter().map(|stretch| Part { topic, stretch: *stretch, settled }));
        }
        let first = first_waiting(&self.kafka, parts).await?;
        let mut oldest = BTreeMap::new();
        for (topic, record) in first {
            let Some(time) = record.timestamp.map(Timestamp::of_unix_millis) else { continue };
            let known = oldest.entry(topic).or_insert(time);
            *known = time.min(*known);
        }
        Ok(oldest)
    }
}

/// Whether a failure is one of a topic alone: the others can be looked at all the same.
fn is_of_one(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::NotFound | FailureKind::Authorization | FailureKind::Refused)
}

fn without_id(kafka: &KafkaClient, info: &TopicInfo) -> Failure {
    Failure {
        kind: FailureKind::Refused,
        tried: format!("look at the topic {}", info.name),
        server: kafka.server().to_owned(),
        answer: "the brokers gave no id for it, so that nothing can be known of its records".to_owned(),
        hint: Some("topics have ids from Kafka 2.8 on".to_owned()),
    }
}

/// Reads what came to a queue since; the partitions up to where they were read. None where it is not to go on.
fn read(
    kafka: &KafkaClient,
    watched: &mut Watched,
    seen: &QueueNow,
    accounts: &Accounts,
    time: Timestamp,
    progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<Option<Vec<Stretch>>, Failure> {
    let by_watermark = |(partition, [from, to]): (usize, &[Option<i64>; 2])| {
        Some(Stretch { partition: i32::try_from(partition).ok()?, from: (*from)?, to: (*to)? })
    };
    let ends: Option<Vec<Stretch>> = seen.partitions.iter().enumerate().map(by_watermark).collect();
    if let Some(ends) = ends.filter(|ends| watched.contents.is_current(ends)) {
        return Ok(Some(ends));
    }
    // What belongs to a transaction that is still open is read when it has ended.
    let stretches = kafka.partitions(&watched.queue.topic)?;
    let nobody = Settled::default();
    let settled = accounts.of(seen.id).map_or(&nobody, |account| &account.ledger.settled);
    let read = watched.contents.catch_up(kafka, &watched.queue, &stretches, settled, time, progress)?;
    Ok(read.is_continue().then_some(stretches))
}
