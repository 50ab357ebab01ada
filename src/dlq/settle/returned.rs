use std::collections::BTreeMap;
use std::ops::ControlFlow;

use uuid::Uuid;

use crate::dlq::Told;
use crate::model::TopicName;
use crate::ports::Failure;
use crate::ports::records::{RecordSource, Stretch};

/// Watches a queue for records that a run has sent and that come back into it.
#[derive(Debug)]
pub struct Returned {
    run: String,
    topic: TopicName,
    /// Up to where it was looked at, by partition.
    seen: BTreeMap<i32, i64>,
    count: u64,
}

impl Returned {
    /// Of a run over a queue that had these parts at its beginning.
    pub fn new(run: Uuid, topic: &TopicName, stretches: &[Stretch]) -> Self {
        let seen = stretches.iter().map(|stretch| (stretch.partition, stretch.to)).collect();
        Self { run: run.to_string(), topic: topic.clone(), seen, count: 0 }
    }

    /// How many have come back so far.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Looks at what has arrived since it looked last; returns how many have come back so far.
    ///
    /// # Errors
    /// Fails where the queue cannot be read.
    pub fn look(&mut self, source: &impl RecordSource) -> Result<u64, Failure> {
        let there = source.partitions(&self.topic)?;
        let arrived: Vec<Stretch> = there
            .iter()
            .map(|stretch| {
                let seen = self.seen.get(&stretch.partition).copied().unwrap_or(stretch.from);
                Stretch { from: seen.max(stretch.from), ..*stretch }
            })
            .filter(|stretch| stretch.from < stretch.to)
            .collect();
        let mut count = 0;
        source.scan(&self.topic, &arrived, &mut |letter| {
            let redriven = Told::of(letter).redriven;
            if redriven.and_then(|redriven| redriven.id).is_some_and(|id| id == self.run) {
                count += 1;
            }
            Ok(ControlFlow::Continue(()))
        })?;
        self.seen.extend(arrived.iter().map(|stretch| (stretch.partition, stretch.to)));
        self.count += count;
        Ok(self.count)
    }
}
