use std::future::Future;

use super::recheck::Recheck;
use super::record::Author;
use super::report::{Outcome, Status};
use super::resolve::resolve;
use crate::model::Timestamp;
use crate::plan::{Change, Plan, Standing};
use crate::ports::Failure;
use crate::ports::journal::{Event, EventOutcome, HeldJournal, Lease, Memory};
use crate::ports::kafka::KafkaAdmin;
use crate::ports::registry::Registry;
use crate::resources::DeclaredFields;

/// What stands around the writes of an apply: the look at what is about to change, the lock that must still be held, and
/// the record.
pub trait Guard: Send {
    /// Called before each batch with the changes whose first step is in it; may be none where all have begun. Answers how
    /// each stands, in order. On a failure nothing more may be written.
    fn before(&mut self, changes: &[&Change]) -> impl Future<Output = Result<Vec<Standing>, Failure>> + Send;

    /// The lease that each write is made under, where there is one.
    fn lease(&self) -> Option<Lease>;

    /// Called after each batch with the changes that came to their end in it. On a failure nothing more may be written.
    fn after(&mut self, ended: &[(&Change, &Outcome)]) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// No lock and no record: for a bus that nobody else knows and that is gone afterwards.
pub struct Unguarded;

impl Guard for Unguarded {
    fn lease(&self) -> Option<Lease> {
        None
    }

    async fn before(&mut self, changes: &[&Change]) -> Result<Vec<Standing>, Failure> {
        Ok(changes.iter().map(|_| Standing::AsReviewed).collect())
    }

    async fn after(&mut self, _: &[(&Change, &Outcome)]) -> Result<(), Failure> {
        Ok(())
    }
}

/// Hears of every event once it is recorded, for a log shipper.
pub trait EventLog: Send {
    /// Writes an event down.
    fn write(&mut self, event: &Event) -> Result<(), Failure>;
}

/// Looks again before each batch, holds the lock, and records intents and outcomes.
pub struct Guarded<'a, K, R, H> {
    /// The look.
    pub recheck: Recheck<'a, K, R>,
    /// The lock and the record.
    pub held: &'a mut H,
    /// Who applies.
    pub author: &'a Author,
    /// What is remembered of what was applied.
    pub declared: DeclaredFields<'a>,
    /// What else is told of each event.
    pub log: Option<&'a mut dyn EventLog>,
    /// The clock.
    pub now: fn() -> Timestamp,
}

impl<K: KafkaAdmin, R: Registry, H: HeldJournal> Guarded<'_, K, R, H> {
    /// Records what became of the changes that interrupted applies had under way, told from the plan that was made since.
    pub async fn account_for_interrupted(&mut self, present: &Plan) -> Result<(), Failure> {
        let intents = self.held.open_intents().await?;
        if intents.is_empty() {
            return Ok(());
        }
        let now = (self.now)();
        let mut events = Vec::new();
        let mut memories = Vec::new();
        for (intent, outcome) in resolve(intents, present, &self.declared) {
            let is_settled = !present.changes.iter().any(|change| change.address == intent.address);
            if outcome == EventOutcome::FoundDone && is_settled {
                memories.push((intent.address.clone(), self.declared.of(&intent.address)));
            }
            events.push(self.author.found(&intent, outcome, now));
        }
        self.record(events, memories).await
    }

    async fn record(&mut self, events: Vec<Event>, memories: Vec<Memory>) -> Result<(), Failure> {
        self.held.record(&events, &memories).await?;
        match &mut self.log {
            Some(log) => events.iter().try_for_each(|event| log.write(event)),
            None => Ok(()),
        }
    }
}

impl<K: KafkaAdmin, R: Registry, H: HeldJournal> Guard for Guarded<'_, K, R, H> {
    fn lease(&self) -> Option<Lease> {
        Some(self.held.lease())
    }

    async fn before(&mut self, changes: &[&Change]) -> Result<Vec<Standing>, Failure> {
        let standings = self.recheck.standings(changes).await?;
        let now = (self.now)();
        let begun = changes.iter().zip(&standings).filter(|(_, standing)| **standing == Standing::AsReviewed);
        let intents: Vec<_> = begun.map(|(change, _)| self.author.intent(change, now)).collect();
        // Also where nothing begins: that it can be written is the proof that nobody else holds the lock.
        self.record(intents, Vec::new()).await?;
        Ok(standings)
    }

    async fn after(&mut self, ended: &[(&Change, &Outcome)]) -> Result<(), Failure> {
        if ended.is_empty() {
            return Ok(());
        }
        let now = (self.now)();
        let events = ended.iter().map(|(change, outcome)| self.author.outcome(change, outcome, now)).collect();
        let done = ended.iter().filter(|(_, outcome)| outcome.status == Status::Done);
        let memories = done.map(|(change, _)| (change.address.clone(), self.declared.of(&change.address))).collect();
        self.record(events, memories).await
    }
}
