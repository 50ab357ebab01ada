use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::offsets;
use crate::adapters::kafka::KafkaClient;
use crate::adapters::registry::BlockingRegistry;
use crate::cli::args::ClusterArg;
use crate::cli::connect::{Systems, check_cluster_id, connect};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::dlq::decode::Decoder;
use crate::dlq::{Filter, Ledger, Names, Queue, Shape, Told};
use crate::model::{TopicId, TopicName};
use crate::ports::journal::dlq_id;
use crate::ports::kafka::KafkaAdmin;
use crate::ports::records::{Record, RecordSource, Stretch};
use crate::ports::schemas::SchemaSource;
use crate::ports::{Failure, FailureKind};
use crate::render::printable;
use crate::resources::cluster::ClusterSpec;
use crate::resources::topic::CompanionKind;

/// A dead-letter queue on its cluster.
pub struct OpenQueue {
    /// The workspace.
    pub context: &'static Context,
    /// The cluster.
    pub cluster: &'static ClusterSpec,
    /// Its brokers.
    pub kafka: KafkaClient,
    /// The queue.
    pub queue: Queue,
    /// The id of its topic.
    pub id: TopicId,
    /// What its partitions hold at the beginning of the run: nothing that arrives later is touched in it.
    pub stretches: Vec<Stretch>,
    /// What became of its dead letters so far.
    pub ledger: Ledger,
    /// By partition, the offset before which nothing waits.
    bounds: OnceLock<BTreeMap<i32, i64>>,
    /// Who reads keys and values. It asks the registry when it has to.
    pub decoder: Arc<Decoder<'static>>,
}

impl OpenQueue {
    /// Looks at a queue.
    pub async fn open(topic: &TopicName, cluster: &ClusterArg, timeout: Duration) -> Result<Self, CommandError> {
        let context = Context::load()?;
        let cluster = context.cluster(cluster)?;
        let Systems { kafka, registry, .. } = connect(context, cluster, timeout).await?;
        let info = kafka.cluster().await?;
        check_cluster_id(context, cluster, &info.id)?;
        let described = kafka.describe_topics(std::slice::from_ref(topic)).await?;
        let found = match described.into_iter().next() {
            Some(Ok(found)) => found,
            Some(Err(failure)) if failure.kind == FailureKind::NotFound => {
                return Err(unknown(context, cluster, topic));
            }
            Some(Err(failure)) => return Err(failure.into()),
            None => return Err(unknown(context, cluster, topic)),
        };
        let queue = Queue::of(&context.workspace, topic);
        let id = found.id.ok_or_else(|| {
            CommandError::system(format!(
                "the brokers gave no id for {topic}, so that nothing can be known of its records"
            ))
            .hint("topics have ids from Kafka 2.8 on")
        })?;
        let (stretches, ledger) = tokio::task::block_in_place(|| {
            let stretches = kafka.partitions(topic)?;
            let ledger = match Ledger::read(&kafka, id) {
                Err(failure) if failure.kind == FailureKind::NotFound => Ok(Ledger::default()),
                ledger => ledger,
            };
            Ok::<_, Failure>((stretches, ledger?))
        })?;
        let registry = registry.map(|registry| {
            registry.map(|registry| Box::new(BlockingRegistry::new(registry)) as Box<dyn SchemaSource>)
        });
        let decoder = Arc::new(Decoder::new(&context.workspace, &queue, registry));
        Ok(Self { context, cluster, kafka, queue, id, stretches, ledger, bounds: OnceLock::new(), decoder })
    }

    /// Refuses a topic of which it is known that its records are no dead letters: nobody gives up or sends again what a topic holds
    /// for its readers.
    pub fn refuse_what_is_no_queue(&self) -> Result<(), CommandError> {
        let (workspace, topic) = (&self.context.workspace, &self.queue.topic);
        if topic.is_reserved() {
            return Err(CommandError::refused(format!("{topic} is a topic of Kafka's own, or of busctl's")));
        }
        let Some(spec) = workspace.topics.get(topic).filter(|spec| !spec.is_dead_letter()) else { return Ok(()) };
        let mut holds = [CompanionKind::DeadLetters, CompanionKind::Parking].into_iter();
        if holds.any(|kind| kind.pattern(&workspace.settings).parts(topic.as_str()).is_some()) {
            return Ok(());
        }
        let place = workspace.place(spec.topic.span);
        Err(CommandError::refused(format!("{topic} is no dead-letter topic: {place} declares it as another one"))
            .hint("name its dead-letter topic; where it is one, give it `class: dlq`"))
    }

    /// Has the expression of a filter read records of this queue.
    ///
    /// # Errors
    /// Fails where the filter means a partition that the queue has not.
    pub fn filtered(&self, filter: Filter) -> Result<Filter, CommandError> {
        let named = filter.named_partitions();
        let is_here = |partition: i64| self.stretches.iter().any(|stretch| i64::from(stretch.partition) == partition);
        if let Some(partition) = named.into_iter().find(|partition| !is_here(*partition)) {
            let error = CommandError::usage(format!("{} has no partition {partition}", self.queue.topic));
            return Err(error.hint(match self.stretches.iter().map(|stretch| stretch.partition).max() {
                Some(last) => format!("its partitions are 0..{last}"),
                None => "it has none".to_owned(),
            }));
        }
        if let Some(condition) = &filter.condition {
            condition.read_with(self.decoder.clone());
        }
        Ok(filter)
    }

    /// The transactional id of whoever settles its dead letters, and their group.
    pub fn transactional_id(&self) -> String {
        dlq_id(&self.queue.topic)
    }

    /// What is written beside the positions of its group.
    pub fn mark(&self) -> String {
        offsets::mark(self.id)
    }

    /// By partition, the offset before which nothing waits, as far as runs of before have said so.
    fn bounds(&self) -> &BTreeMap<i32, i64> {
        self.bounds.get_or_init(|| {
            tokio::task::block_in_place(|| {
                let queue = (&self.queue.topic, self.id);
                offsets::bounds(&self.kafka, queue, self.stretches.iter().copied(), &self.ledger.settled)
            })
        })
    }

    /// Where it begins to matter: the first offset of each partition before which nothing waits.
    pub fn starts(&self) -> BTreeMap<i32, i64> {
        let bound = |stretch: &Stretch| self.bounds().get(&stretch.partition).copied().unwrap_or(stretch.from);
        self.stretches.iter().map(|stretch| (stretch.partition, stretch.from.max(bound(stretch)))).collect()
    }

    /// The parts of it in which dead letters may wait that a filter means, and how many before them are settled.
    pub fn waiting_of(&self, filter: &Filter) -> (Vec<Stretch>, u64) {
        let (starts, mut settled) = (self.starts(), 0);
        let mut waiting = self.stretches_of(filter);
        for stretch in &mut waiting {
            let start = starts.get(&stretch.partition).copied().unwrap_or(stretch.from).clamp(stretch.from, stretch.to);
            settled += self.ledger.settled.count(stretch.partition, stretch.from, start);
            stretch.from = start;
        }
        waiting.retain(|stretch| stretch.from < stretch.to);
        (waiting, settled)
    }

    /// Gives each dead letter that waits and is meant to `each`, with what it tells.
    pub fn each_waiting(&self, filter: &Filter, mut each: impl FnMut(&Record<'_>, &Told<'_>)) -> Result<(), Failure> {
        let (origin, mut shape) = (self.queue.presumed_origin(), Shape::default());
        tokio::task::block_in_place(|| {
            self.kafka.scan(&self.queue.topic, &self.waiting_of(filter).0, &mut |letter| {
                let told = Told::of(letter);
                let waits = !self.ledger.settled.contains(letter.partition, letter.offset);
                if waits && filter.takes(letter, &told, origin, &mut shape) {
                    each(letter, &told);
                }
                Ok(ControlFlow::Continue(()))
            })
        })
    }

    /// Says which names a filter asks for that no dead letter has, and which names there are.
    ///
    /// # Errors
    /// Fails where the queue cannot be read to its end.
    pub fn tell_unmet(&self, filter: &Filter) -> Result<(), Failure> {
        let mut names = Names::asked_by(filter);
        if names.is_empty() {
            return Ok(());
        }
        self.each_waiting(&Filter::default(), |_, told| names.add(told, self.queue.presumed_origin()))?;
        for unmet in names.unmet() {
            anstream::eprintln!("warning: {}", printable(&unmet.to_string()));
        }
        Ok(())
    }

    /// The parts of it in which dead letters may be that a filter means.
    pub fn stretches_of(&self, filter: &Filter) -> Vec<Stretch> {
        let (first, last) = filter.stretch().into_inner();
        let of = |stretch: &Stretch| Stretch {
            from: stretch.from.max(first),
            to: stretch.to.min(last.saturating_add(1)),
            ..*stretch
        };
        let meant = self.stretches.iter().filter(|stretch| filter.has_partition(stretch.partition));
        meant.map(of).filter(|stretch| stretch.from < stretch.to).collect()
    }
}

/// That a topic is not there.
pub(super) fn unknown(context: &Context, cluster: &ClusterSpec, topic: &TopicName) -> CommandError {
    let error = CommandError::usage(format!("there is no topic {topic} on {}", cluster.cluster.value));
    let declared: Vec<Queue> = Queue::declared(&context.workspace, cluster).collect();
    match crate::source::closest(topic.as_str(), declared.iter().map(|queue| queue.topic.as_str())) {
        Some(meant) => error.hint(format!("did you mean `{meant}`?")),
        None => error.hint("`busctl dlq list` lists the dead-letter queues"),
    }
}
