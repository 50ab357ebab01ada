use std::future::Future;

use super::recheck::Recheck;
use super::report::Outcome;
use crate::plan::{Change, Standing};
use crate::ports::Failure;
use crate::ports::kafka::KafkaAdmin;
use crate::ports::registry::Registry;

/// What stands around the writes of an apply: the look at what is about to change, the lock that must still be held, and
/// the record.
pub trait Guard: Send {
    /// Called before each batch with the changes whose first step is in it; may be none where all have begun. Answers how
    /// each stands, in order. On a failure nothing more may be written.
    fn before(&mut self, changes: &[&Change]) -> impl Future<Output = Result<Vec<Standing>, Failure>> + Send;

    /// Called after each batch with the changes that came to their end in it. On a failure nothing more may be written.
    fn after(&mut self, ended: &[(&Change, &Outcome)]) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// No lock and no record: for a bus that nobody else knows and that is gone afterwards.
pub struct Unguarded;

impl Guard for Unguarded {
    async fn before(&mut self, changes: &[&Change]) -> Result<Vec<Standing>, Failure> {
        Ok(changes.iter().map(|_| Standing::AsReviewed).collect())
    }

    async fn after(&mut self, _: &[(&Change, &Outcome)]) -> Result<(), Failure> {
        Ok(())
    }
}

/// Looks again before each batch.
pub struct Guarded<'a, K, R> {
    /// The look.
    pub recheck: Recheck<'a, K, R>,
}

impl<K: KafkaAdmin, R: Registry> Guard for Guarded<'_, K, R> {
    async fn before(&mut self, changes: &[&Change]) -> Result<Vec<Standing>, Failure> {
        self.recheck.standings(changes).await
    }

    async fn after(&mut self, _: &[(&Change, &Outcome)]) -> Result<(), Failure> {
        Ok(())
    }
}
