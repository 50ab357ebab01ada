use std::sync::OnceLock;

use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesOrdered;

use crate::ports::{Failure, FailureKind};

/// Requests under way at once. On two cores Apicurio answers no more subjects a second with more of them.
pub const CONCURRENCY: usize = 16;

/// Asks for each one, mostly a subject, in order. Once nobody answers, the rest is not asked: a thousand subjects do not
/// wait for a thousand timeouts.
pub async fn ask<'s, Q, T: Send>(
    asked: &'s [Q],
    one: impl Fn(&'s Q) -> BoxFuture<'s, Result<T, Failure>> + Send + Sync,
) -> Vec<Result<T, Failure>> {
    let lost = OnceLock::<Failure>::new();
    let mut waiting = FuturesOrdered::new();
    let mut results = Vec::with_capacity(asked.len());
    for question in asked {
        if waiting.len() == CONCURRENCY {
            results.extend(waiting.next().await);
        }
        waiting.push_back(unless_lost(&lost, one(question)));
    }
    while let Some(result) = waiting.next().await {
        results.push(result);
    }
    results
}

async fn unless_lost<T>(lost: &OnceLock<Failure>, question: BoxFuture<'_, Result<T, Failure>>) -> Result<T, Failure> {
    if let Some(failure) = lost.get() {
        return Err(failure.clone());
    }
    let result = question.await;
    if let Err(failure) = &result
        && matches!(failure.kind, FailureKind::Unreachable | FailureKind::Timeout | FailureKind::Authentication)
    {
        // Whoever is first says why.
        _ = lost.set(failure.clone());
    }
    result
}
