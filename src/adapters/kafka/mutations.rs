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
use super::write::{Answers, unanswered};
use crate::ports::Failure;
use crate::ports::kafka::Outcomes;

/// For how long something may be held back before it is given up. Kafka's own clients try for one minute; nobody waits in front of
/// a quota that is much too low.
const MOST_PATIENCE: Duration = Duration::from_secs(120);

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
        (name, tried): (impl Fn(&T) -> String, impl Fn(&T) -> String),
        request: impl Fn(&[&'a T]) -> Q,
        otherwise: impl Fn(Vec<&'a T>) -> Fut,
    ) -> Outcomes
    where
        Q: Mutation,
        Fut: Future<Output = krafka::Result<Answers>>,
    {
        let own = tokio::sync::Mutex::new(None);
        let ask = |pending: &[&'a T]| {
            let (request, own) = (request(pending), &own);
            async move {
                let mut own = own.lock().await;
                if !own.as_ref().is_some_and(BrokerConnection::is_usable) {
                    *own = self.own_connection().await.ok();
                }
                let asked: krafka::Result<Q::Answer> =
                    within(self.timeout, exchange(own.as_ref()?, Q::API, &request)).await;
                Some(asked.map(|answer| (Duration::from_millis(answer.throttle_ms().max(0) as u64), answer.outcomes())))
            }
        };
        let wait = |pause: Duration| async move {
            self.permit().await?;
            self.tell(&format!(
                "the quota controller_mutation_rate of our user holds changes of topics back: waiting for {}",
                seconds(pause)
            ));
            tokio::time::sleep(pause).await;
            self.permit().await
        };
        let (mut answers, fenced) = in_rounds(items, &name, ask, otherwise, wait).await;
        let outcome = |item: &T| match (answers.remove(&name(item)), &fenced) {
            (None, Some(fenced)) => Err(fenced.clone()),
            (answer, _) => {
                answer.unwrap_or_else(|| Err(unanswered())).map_err(|error| self.failure(&tried(item), &error))
            }
        };
        items.iter().map(outcome).collect()
    }

    /// A connection that nothing else is asked on: what the quota does to it is nobody else's matter.
    async fn own_connection(&self) -> krafka::Result<BrokerConnection> {
        self.brokers.on_any(0, |lane| async move { self.brokers.dial(lane.address()).await }).await
    }
}

/// How long nothing more is taken, and what became of each topic.
type Round = (Duration, Vec<(String, ErrorCode, Option<String>)>);

/// Asks until nothing is held back any more, or it is given up. What is asked may reach nobody, and waiting may end with a reason to
/// change nothing more, which is told beside the answers: items without one were held back.
async fn in_rounds<'a, T, A, O, W>(
    items: &'a [T],
    name: impl Fn(&T) -> String,
    ask: impl Fn(&[&'a T]) -> A,
    otherwise: impl Fn(Vec<&'a T>) -> O,
    wait: impl Fn(Duration) -> W,
) -> (Answers, Option<Failure>)
where
    A: Future<Output = Option<krafka::Result<Round>>>,
    O: Future<Output = krafka::Result<Answers>>,
    W: Future<Output = Result<(), Failure>>,
{
    let mut pending: Vec<&T> = items.iter().collect();
    let mut answers = Answers::with_capacity(items.len());
    let mut patience = MOST_PATIENCE;
    // What went through before is done, whatever becomes of the rest.
    let failed = |items: &[&T], error: KrafkaError| -> Answers {
        items.iter().map(|item| (name(item), Err(error.clone()))).collect()
    };
    loop {
        let (pause, outcomes) = match ask(&pending).await {
            Some(Ok(round)) => round,
            Some(Err(error)) => {
                answers.extend(failed(&pending, error));
                return (answers, None);
            }
            None => {
                answers.extend(otherwise(pending.clone()).await.unwrap_or_else(|error| failed(&pending, error)));
                return (answers, None);
            }
        };
        let mut outcomes: HashMap<String, _> =
            outcomes.into_iter().map(|(name, code, message)| (name, (code, message))).collect();
        let asked = pending.len();
        let (mut elsewhere, mut held) = (Vec::new(), Vec::new());
        for item in pending {
            let name = name(item);
            match outcomes.remove(&name) {
                Some((ErrorCode::NotController, _)) => elsewhere.push(item),
                Some((ErrorCode::ThrottlingQuotaExceeded, _)) => held.push(item),
                Some((code, message)) => {
                    answers.insert(name, outcome(code, message));
                }
                None => {
                    answers.insert(name, Err(unanswered()));
                }
            }
        }
        if !elsewhere.is_empty() {
            answers.extend(otherwise(elsewhere.clone()).await.unwrap_or_else(|error| failed(&elsewhere, error)));
        }
        if held.is_empty() {
            return (answers, None);
        }
        // As long as each round gets some of it through, the rest will be, too.
        patience = if held.len() < asked { MOST_PATIENCE } else { patience };
        if pause.is_zero() || pause > patience {
            answers.extend(failed(&held, held_back(pause)));
            return (answers, None);
        }
        patience -= pause;
        if let Err(fenced) = wait(pause).await {
            return (answers, Some(fenced));
        }
        pending = held;
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

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::ports::FailureKind;

    const DONE: ErrorCode = ErrorCode::None;
    const HELD: ErrorCode = ErrorCode::ThrottlingQuotaExceeded;
    const ELSEWHERE: ErrorCode = ErrorCode::NotController;

    /// What is told of the topics `a` and `b` after these rounds, each with the codes of what it is asked for, and why it was ended.
    /// Behind the rounds nobody is reached, and nobody else takes anything.
    async fn told(rounds: &[&[ErrorCode]], may_go_on: bool) -> (Vec<String>, Option<Failure>) {
        let rounds = RefCell::new(rounds.iter());
        let ask = |pending: &[&&str]| {
            let round = rounds.borrow_mut().next().map(|codes| {
                let outcomes = pending.iter().zip(*codes).map(|(name, code)| (name.to_string(), *code, None));
                Ok((Duration::from_secs(1), outcomes.collect()))
            });
            async move { round }
        };
        let fenced = || Failure {
            kind: FailureKind::Fenced,
            tried: "change something".into(),
            server: "kafka".into(),
            answer: "the lock is lost".into(),
            hint: None,
        };
        let otherwise = |_: Vec<&&str>| async { Err(KrafkaError::timeout("nobody is there")) };
        let wait = |_| async move { if may_go_on { Ok(()) } else { Err(fenced()) } };
        let (answers, fenced) = in_rounds(&["a", "b"], |name| name.to_string(), ask, otherwise, wait).await;
        let mut told: Vec<String> = answers
            .into_iter()
            .map(|(name, answer)| {
                format!("{name}: {}", answer.map_or_else(|error| error.to_string(), |()| "done".into()))
            })
            .collect();
        told.sort();
        (told, fenced)
    }

    #[tokio::test]
    async fn what_went_through_is_told_as_done_whatever_becomes_of_the_rest() {
        let nobody = "b: operation timed out: nobody is there";
        for rounds in
            [&[[DONE, ELSEWHERE].as_slice()] as &[&[ErrorCode]], &[&[DONE, HELD]], &[&[DONE, HELD], &[ELSEWHERE]]]
        {
            let (told, fenced) = told(rounds, true).await;
            assert_eq!(told, ["a: done", nobody], "{rounds:?}");
            assert_eq!(fenced, None);
        }
    }

    #[tokio::test]
    async fn a_lock_that_is_lost_while_waiting_is_told_as_that_and_not_as_the_quota() {
        let (told, fenced) = told(&[&[DONE, HELD]], false).await;
        assert_eq!(told, ["a: done"]);
        assert_eq!(fenced.map(|failure| failure.kind), Some(FailureKind::Fenced));
    }
}
