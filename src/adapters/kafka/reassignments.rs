//! Moving replicas and electing leaders.

use std::time::{Duration, Instant};

use krafka::__private::protocol::{
    ApiKey, ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse, versions,
};
use krafka::KrafkaError;
use krafka::admin::{AlterPartitionReassignmentsOptions, ElectLeadersOptions, ElectionType, TopicPartition};
use krafka::error::{ErrorCode, ProtocolErrorKind};

use super::KafkaClient;
use super::batch::{batches, send_all};
use super::brokers::Api;
use crate::model::TopicName;
use crate::ports::kafka::{Assignment, OngoingReassignment, Outcomes};
use crate::ports::{Failure, FailureKind};

/// Partitions of one request: each is a record of the controller, which takes 10,000 at once.
const PARTITIONS_PER_REQUEST: usize = 5_000;
const ELECTION_PAUSE: Duration = Duration::from_millis(200);

/// Whichever broker is asked asks the controller (KIP-590).
const LIST_REASSIGNMENTS: Api = Api {
    key: ApiKey::ListPartitionReassignments,
    min: versions::LIST_PARTITION_REASSIGNMENTS_MIN,
    max: versions::LIST_PARTITION_REASSIGNMENTS_MAX,
};

impl KafkaClient {
    pub(super) async fn ongoing_reassignments(&self) -> Result<Vec<OngoingReassignment>, Failure> {
        // The brokers know no controller while a new one is elected.
        let started = Instant::now();
        loop {
            match self.listed_reassignments().await {
                Err(failure) if failure.kind == FailureKind::Server && started.elapsed() < self.timeout => {
                    tokio::time::sleep(ELECTION_PAUSE).await;
                }
                answer => return answer,
            }
        }
    }

    async fn listed_reassignments(&self) -> Result<Vec<OngoingReassignment>, Failure> {
        const TRIED: &str = "list the partitions whose replicas are being moved";
        let timeout_ms = i32::try_from(self.timeout.as_millis()).unwrap_or(i32::MAX);
        let everything = ListPartitionReassignmentsRequest { timeout_ms, topics: None };
        let answer: krafka::Result<ListPartitionReassignmentsResponse> =
            self.brokers.ask(0, LIST_REASSIGNMENTS, &everything).await;
        let answer = answer.map_err(|error| self.failure(TRIED, &error))?;
        if !answer.error_code.is_ok() {
            let message = answer.error_message.unwrap_or_default();
            return Err(self.failure(TRIED, &KrafkaError::broker(answer.error_code, message)));
        }
        of_wire(answer).map_err(|error| self.failure(TRIED, &error))
    }

    pub(super) async fn reassign_in_batches(&self, assignments: &[Assignment]) -> Outcomes {
        send_all(
            batches(assignments, PARTITIONS_PER_REQUEST, |_| 1),
            1,
            || self.permit(),
            |batch| async move {
                let key = |item: &Assignment| partition(&item.topic, item.partition);
                let targets: Vec<_> = batch.iter().map(|item| (key(item), item.replicas.clone())).collect();
                let options = AlterPartitionReassignmentsOptions::default();
                let answers = async {
                    let mut answers = self.admin().await?.alter_partition_reassignments(targets, options).await?;
                    for item in batch.iter().filter(|item| item.replicas.is_none()) {
                        answers.entry(key(item)).and_modify(ended_already);
                    }
                    Ok(answers)
                };
                let answers = answers.await;
                self.outcomes(batch, answers, key, |item| match &item.replicas {
                    Some(replicas) => {
                        format!("move partition {} of {} to the brokers {replicas:?}", item.partition, item.topic)
                    }
                    None => format!("cancel the move of partition {} of {}", item.partition, item.topic),
                })
            },
        )
        .await
    }

    pub(super) async fn elect_in_batches(&self, partitions: &[(TopicName, u32)]) -> Outcomes {
        send_all(
            batches(partitions, PARTITIONS_PER_REQUEST, |_| 1),
            1,
            || self.permit(),
            |batch| async move {
                let key = |(topic, number): &(TopicName, u32)| partition(topic, *number);
                let asked: Vec<_> = batch.iter().map(key).collect();
                let answers = async {
                    let options = ElectLeadersOptions::default();
                    self.admin().await?.elect_leaders(ElectionType::Preferred, Some(asked), options).await
                };
                let answers = answers.await;
                self.outcomes(batch, answers, key, |(topic, number)| {
                    format!("elect the preferred leader of partition {number} of {topic}")
                })
            },
        )
        .await
    }
}

fn of_wire(answer: ListPartitionReassignmentsResponse) -> krafka::Result<Vec<OngoingReassignment>> {
    let mut ongoing = Vec::new();
    for topic in answer.topics {
        // What no manifest can name is nobody's here.
        let Ok(name) = topic.name.parse::<TopicName>() else { continue };
        for partition in topic.partitions {
            let number = partition.partition_index;
            let number = u32::try_from(number).map_err(|_| {
                let message = format!("the broker says that partition {number} of {name} is being moved");
                KrafkaError::protocol_kind(ProtocolErrorKind::Other, message)
            })?;
            ongoing.push(OngoingReassignment {
                topic: name.clone(),
                partition: number,
                replicas: partition.replicas,
                adding: partition.adding_replicas,
                removing: partition.removing_replicas,
            });
        }
    }
    ongoing.sort_by(|a, b| (&a.topic, a.partition).cmp(&(&b.topic, b.partition)));
    Ok(ongoing)
}

fn partition(topic: &TopicName, number: u32) -> TopicPartition {
    TopicPartition::new(topic.as_str(), i32::try_from(number).unwrap_or(i32::MAX))
}

/// What has come to its end meanwhile is not to be cancelled any more.
fn ended_already(answer: &mut krafka::Result<()>) {
    if let Err(KrafkaError::Broker { code: ErrorCode::NoReassignmentInProgress, .. }) = answer {
        *answer = Ok(());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use krafka::__private::protocol::{OngoingPartitionReassignment, OngoingTopicReassignment};

    fn answer(partition_index: i32) -> ListPartitionReassignmentsResponse {
        let (replicas, adding_replicas, removing_replicas) = (vec![1, 2], vec![2], vec![1]);
        let partitions =
            vec![OngoingPartitionReassignment { partition_index, replicas, adding_replicas, removing_replicas }];
        let topics = vec![OngoingTopicReassignment { name: "a".into(), partitions }];
        ListPartitionReassignmentsResponse {
            throttle_time_ms: 0,
            error_code: ErrorCode::None,
            error_message: None,
            topics,
        }
    }

    #[test]
    fn a_partition_that_cannot_be_is_no_answer() {
        assert_eq!(of_wire(answer(i32::MAX)).expect("it may be")[0].partition, i32::MAX as u32);
        let error = of_wire(answer(-1)).expect_err("no partition has such a number");
        assert!(error.to_string().contains("partition -1 of a is being moved"), "{error}");
    }
}
