//! Changes of topics past the quota `controller_mutation_rate` (KIP-599).
//!
//! A controller that has no more of it for a user answers so at once, with the time to wait, and takes nothing more on that
//! connection until then. krafka tries again on the same connection, and where its time is over by then, nobody is told what it was.
//! So requests that the quota counts have a connection of their own, and what is held back is waited for here.

use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;

use krafka::__private::network::BrokerConnection;
use krafka::__private::protocol::{
    ApiKey, CreatePartitionsRequest, CreatePartitionsResponse, CreateTopicsRequest, CreateTopicsResponse,
    DeleteTopicsRequest, DeleteTopicsResponse, VersionedDecode, VersionedEncode, versions,
};
use krafka::KrafkaError;
use krafka::error::ErrorCode;

use super::KafkaClient;
use super::brokers::{Api, exchange, within};

/// For how long something may be held back before it is given up. Kafka's own clients try for one minute; nobody waits in front of
/// a quota that is much too low.
const MOST_PATIENCE: Duration = Duration::from_secs(120);

/// What became of each topic, by its name.
pub(super) type Answers = HashMap<String, krafka::Result<()>>;

/// A request that the quota counts.
pub(super) trait Mutation: VersionedEncode + Sync {
    /// Its API.
    const API: Api;
    /// What comes back.
    type Answer: Answer;
}

/// What comes back of it.
pub(super) trait Answer: VersionedDecode {
    /// How long nothing more is taken, in milliseconds; nothing or less where there is no such time.
    fn throttle_ms(&self) -> i32;
    /// What became of each topic.
    fn outcomes(self) -> Vec<(String, ErrorCode, Option<String>)>;
}

impl Mutation for CreateTopicsRequest {
    const API: Api =
        Api { key: ApiKey::CreateTopics, min: versions::CREATE_TOPICS_MIN, max: versions::CREATE_TOPICS_MAX };
    type Answer = CreateTopicsResponse;
}

impl Answer for CreateTopicsResponse {
    fn throttle_ms(&self) -> i32 {
        self.throttle_time_ms
    }

    fn outcomes(self) -> Vec<(String, ErrorCode, Option<String>)> {
        self.topics.into_iter().map(|topic| (topic.name, topic.error_code, topic.error_message)).collect()
    }
}

impl Mutation for CreatePartitionsRequest {
    const API: Api = Api {
        key: ApiKey::CreatePartitions,
        min: versions::CREATE_PARTITIONS_MIN,
        max: versions::CREATE_PARTITIONS_MAX,
    };
    type Answer = CreatePartitionsResponse;
}

impl Answer for CreatePartitionsResponse {
    fn throttle_ms(&self) -> i32 {
        self.throttle_time_ms
    }

    fn outcomes(self) -> Vec<(String, ErrorCode, Option<String>)> {
        self.results.into_iter().map(|topic| (topic.name, topic.error_code, topic.error_message)).collect()
    }
}

impl Mutation for DeleteTopicsRequest {
    const API: Api =
        Api { key: ApiKey::DeleteTopics, min: versions::DELETE_TOPICS_MIN, max: versions::DELETE_TOPICS_MAX };
    type Answer = DeleteTopicsResponse;
}

impl Answer for DeleteTopicsResponse {
    fn throttle_ms(&self) -> i32 {
        self.throttle_time_ms
    }

    fn outcomes(self) -> Vec<(String, ErrorCode, Option<String>)> {
        let of = |topic: krafka::__private::protocol::DeletableTopicResult| {
            Some((topic.name?, topic.error_code, topic.error_message))
        };
        self.responses.into_iter().filter_map(of).collect()
    }
}

impl KafkaClient {
    /// Changes topics, and sends again what the quota held back, when the controller takes it. What a broker does not take because
    /// it is not the one to ask is left to `otherwise`, as is everything where none can be reached.
    pub(super) async fn mutate<'a, T, Q, Fut>(
        &self,
        items: &'a [T],
        name: impl Fn(&T) -> String,
        request: impl Fn(&[&'a T]) -> Q,
        otherwise: impl Fn(Vec<&'a T>) -> Fut,
    ) -> krafka::Result<Answers>
    where
        Q: Mutation,
        Fut: Future<Output = krafka::Result<Answers>>,
    {
        let mut pending: Vec<&T> = items.iter().collect();
        let mut answers = Answers::with_capacity(items.len());
        let mut patience = MOST_PATIENCE;
        loop {
            let Ok(connection) = self.own_connection().await else {
                answers.extend(otherwise(pending).await?);
                return Ok(answers);
            };
            let asked = within(self.timeout, exchange(&connection, Q::API, &request(&pending))).await;
            let answer: Q::Answer = match asked {
                Ok(answer) => answer,
                Err(error) if answers.is_empty() => return Err(error),
                // What went through before is done.
                Err(error) => {
                    answers.extend(pending.into_iter().map(|item| (name(item), Err(error.clone()))));
                    return Ok(answers);
                }
            };
            let pause = Duration::from_millis(answer.throttle_ms().max(0) as u64);
            let outcomes = answer.outcomes();
            let codes: HashMap<&str, ErrorCode> =
                outcomes.iter().map(|(name, code, _)| (name.as_str(), *code)).collect();
            let with = |code: ErrorCode| -> Vec<&'a T> {
                pending.iter().copied().filter(|item| codes.get(name(item).as_str()) == Some(&code)).collect()
            };
            let (elsewhere, held) = (with(ErrorCode::NotController), with(ErrorCode::ThrottlingQuotaExceeded));
            let progress = held.len() < pending.len();
            answers.extend(outcomes.into_iter().map(|(name, code, message)| (name, outcome(code, message))));
            if !elsewhere.is_empty() {
                answers.extend(otherwise(elsewhere).await?);
            }
            if held.is_empty() {
                return Ok(answers);
            }
            // As long as each round gets some of it through, the rest will be, too.
            patience = if progress { MOST_PATIENCE } else { patience };
            if pause.is_zero() || pause > patience || self.permit().await.is_err() {
                answers.extend(held.into_iter().map(|item| (name(item), Err(held_back(pause)))));
                return Ok(answers);
            }
            patience -= pause;
            self.tell(&format!(
                "the quota controller_mutation_rate of our user holds changes of topics back: waiting for {}",
                seconds(pause)
            ));
            tokio::time::sleep(pause).await;
            if self.permit().await.is_err() {
                answers.extend(held.into_iter().map(|item| (name(item), Err(held_back(pause)))));
                return Ok(answers);
            }
            pending = held;
        }
    }

    /// A connection that nothing else is asked on: what the quota does to it is nobody else's matter.
    async fn own_connection(&self) -> krafka::Result<BrokerConnection> {
        let address = self.brokers.open_any().await?.address().to_owned();
        within(self.timeout, self.brokers.dial(&address)).await
    }
}

fn outcome(code: ErrorCode, message: Option<String>) -> krafka::Result<()> {
    if code.is_ok() { Ok(()) } else { Err(KrafkaError::broker(code, message.unwrap_or_default())) }
}

/// What is said of a change that was not waited for.
fn held_back(pause: Duration) -> KrafkaError {
    let wait = if pause.is_zero() { String::new() } else { format!(", and takes no more for {}", seconds(pause)) };
    let message =
        format!("the quota controller_mutation_rate of our user is used up; the controller held it back{wait}");
    KrafkaError::broker(ErrorCode::ThrottlingQuotaExceeded, message)
}

/// Whole seconds, of which the last has begun.
fn seconds(time: Duration) -> String {
    crate::model::counted(time.as_millis().div_ceil(1000) as u64, "second")
}
