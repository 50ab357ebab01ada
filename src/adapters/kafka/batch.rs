//! Cutting a request into batches that a controller accepts, and sending them concurrently.

use std::future::Future;

use futures::{StreamExt, stream};

use crate::ports::kafka::Outcomes;
use crate::ports::{Failure, FailureKind};

/// Cuts `items` into runs that weigh no more than `most` in all. An item that is heavier is alone.
pub(super) fn batches<T>(items: &[T], most: usize, weight: impl Fn(&T) -> usize) -> Vec<&[T]> {
    let mut batches = Vec::new();
    let (mut start, mut sum) = (0, 0);
    for (index, item) in items.iter().enumerate() {
        let weight = weight(item);
        if index > start && sum + weight > most {
            batches.push(&items[start..index]);
            (start, sum) = (index, 0);
        }
        sum += weight;
    }
    if start < items.len() {
        batches.push(&items[start..]);
    }
    batches
}

/// Sends batches, `at_once` at a time, and puts their outcomes back in order. Where one fails because the server is
/// gone, those that were not sent yet fail without being sent, so that a dead server costs one timeout and not many.
/// `permit` is asked before each.
pub(super) async fn send_all<'a, T, P, Allowed, F, Fut>(
    batches: Vec<&'a [T]>,
    at_once: usize,
    permit: P,
    send: F,
) -> Outcomes
where
    T: 'a,
    P: Fn() -> Allowed,
    Allowed: Future<Output = Result<(), Failure>>,
    F: Fn(&'a [T]) -> Fut,
    Fut: Future<Output = Outcomes>,
{
    let gone: std::sync::Mutex<Option<Failure>> = std::sync::Mutex::default();
    let (permit, send, gone) = (&permit, &send, &gone);
    // Collected, because a stream that makes its futures as it goes is not Send for every lifetime.
    let requests: Vec<_> = batches
        .into_iter()
        .map(|batch| async move {
            let before = gone.lock().ok().and_then(|gone| gone.clone());
            if let Some(failure) = before {
                return batch.iter().map(|_| Err(not_sent(&failure))).collect();
            }
            if let Err(failure) = permit().await {
                return batch.iter().map(|_| Err(failure.clone())).collect();
            }
            let outcomes = send(batch).await;
            let lost = outcomes.iter().find_map(|outcome| outcome.as_ref().err().filter(|failure| is_gone(failure)));
            if let (Some(failure), Ok(mut gone)) = (lost, gone.lock()) {
                gone.get_or_insert_with(|| failure.clone());
            }
            outcomes
        })
        .collect();
    let outcomes: Vec<Outcomes> = stream::iter(requests).buffered(at_once).collect().await;
    outcomes.into_iter().flatten().collect()
}

fn is_gone(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Unreachable | FailureKind::Timeout)
}

fn not_sent(failure: &Failure) -> Failure {
    Failure {
        kind: FailureKind::Unreachable,
        answer: format!("not sent, because the server was lost before: {}", failure.answer),
        ..failure.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_never_heavier_than_allowed_unless_one_item_is() {
        let items = [3, 3, 3, 12, 1, 9, 10];
        let cut = batches(&items, 10, |weight| *weight);
        assert_eq!(cut, [&[3, 3, 3][..], &[12], &[1, 9], &[10]]);
        assert!(batches(&[] as &[usize], 10, |weight| *weight).is_empty());
    }

    #[tokio::test]
    async fn what_follows_a_lost_server_is_not_sent() {
        let items: Vec<u32> = (0..10).collect();
        let outcomes = send_all(
            items.chunks(2).collect(),
            1,
            async || Ok(()),
            |batch| async move { batch.iter().map(|item| if *item < 4 { Ok(()) } else { Err(lost()) }).collect() },
        )
        .await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 4);
        let answers: Vec<_> = outcomes[4..].iter().filter_map(|outcome| outcome.as_ref().err()).collect();
        assert!(answers[..2].iter().all(|failure| failure.answer == "no answer"));
        assert!(answers[2..].iter().all(|failure| failure.answer.starts_with("not sent")));
    }

    fn lost() -> Failure {
        Failure {
            kind: FailureKind::Timeout,
            tried: "try".into(),
            server: "here".into(),
            answer: "no answer".into(),
            hint: None,
        }
    }
}
