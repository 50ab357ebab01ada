use std::collections::BTreeSet;
use std::future::Future;

use super::recheck::Recheck;
use super::record::outcome_of;
use super::report::{ApplySummary, Outcome, Status};
use super::resolve::resolve;
use super::throttles::{Chosen, Throttles};
use crate::model::{Address, Timestamp};
use crate::plan::{Action, Change, FieldValue, Standing};
use crate::ports::journal::{
    Applied, Event, EventStatus, FORMAT_VERSION, HeldJournal, Lease, Phase, RecordFailure, SetThrottle,
};
use crate::ports::kafka::KafkaAdmin;
use crate::ports::registry::Registry;
use crate::ports::{Failure, FailureKind};
use crate::resources::{DeclaredFields, PresentFields};
use crate::source::is_secret_setting;

/// What stands around the writes of an apply: the look at what is about to change, the lock that must still be held, and
/// the record.
pub trait Guard: Send {
    /// Called before each batch with the changes whose first step is in it; may be none where all have begun. Answers how
    /// each stands, in order. On a failure nothing more may be written.
    fn before(&mut self, changes: &[&Change]) -> impl Future<Output = Result<Vec<Standing>, Failure>> + Send;

    /// The lease that each write is made under, where there is one.
    fn lease(&self) -> Option<Lease>;

    /// Called before moves of replicas are throttled, and again once brokers are there that were away, with what would
    /// throttle those of each change. Answers what may be set of it, which is recorded by then, and what may not, or why that is
    /// not known. On a failure to record nothing more may be written.
    fn throttle(
        &mut self,
        changes: &[(&Change, Vec<SetThrottle>)],
    ) -> impl Future<Output = Result<Result<Chosen, Failure>, Failure>> + Send;

    /// Takes away what throttles the moves of these alone.
    fn unthrottle(&mut self, over: &[&Address]) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Called after each batch with the changes that came to their end in it, and at last with those that a stop left
    /// open. On a failure nothing more may be written.
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

    async fn throttle(&mut self, _: &[(&Change, Vec<SetThrottle>)]) -> Result<Result<Chosen, Failure>, Failure> {
        Ok(Ok(Chosen::default()))
    }

    async fn unthrottle(&mut self, _: &[&Address]) -> Result<(), Failure> {
        Ok(())
    }
}

/// Hears of every event once it is recorded, for a log shipper.
pub trait EventLog: Send {
    /// Writes events down.
    fn write(&mut self, events: &[Event]) -> Result<(), Failure>;
}

/// Looks again before each batch, holds the lock, and records intents and outcomes.
pub struct Guarded<'a, K, R, H> {
    /// The look.
    pub recheck: Recheck<'a, K, R>,
    /// The lock and the record.
    pub held: &'a H,
    /// That the apply began: who, from where, which plan.
    pub began: &'a Event,
    /// What is remembered of what was applied.
    pub declared: DeclaredFields<'a>,
    /// What else is told of each event.
    pub log: Option<&'a mut dyn EventLog>,
    /// The clock.
    pub now: fn() -> Timestamp,
    /// What holds moves of replicas back, by whom they are moved.
    pub throttles: Throttles,
}

impl<K: KafkaAdmin, R: Registry, H: HeldJournal> Guarded<'_, K, R, H> {
    /// Records that the apply begins, and what became of the changes that interrupted applies had under way: their open
    /// intents. Their resources are looked at for that, whatever this apply is about and whoever declares them; what cannot
    /// be told is left to a later one.
    pub async fn begin(&mut self, intents: &[Event]) -> Result<(), Failure> {
        let now = (self.now)();
        let mut events = vec![self.began.clone()];
        let mut memories = Vec::new();
        if !intents.is_empty() {
            let Recheck { kafka, registry, consul, desired, .. } = self.recheck;
            let addresses = intents.iter().filter_map(|intent| intent.address.as_ref()).collect();
            let present = PresentFields::read(kafka, registry, consul, &addresses, desired).await?;
            self.throttles.take_over(kafka, intents, &present).await?;
            let intents = self.throttles.not_moving(intents);
            let mut done = BTreeSet::new();
            // Of what another workspace may have elsewhere only what is there says something.
            let is_shown = |intent: &Event, status| {
                intent.address.as_ref().is_some_and(|address| desired.knows_where_it_is(address))
                    || (status == EventStatus::Done && intent.action != Some(Action::Delete))
            };
            let found = resolve(&intents, &present).into_iter();
            for (intent, status) in found.filter(|(intent, status)| is_shown(intent, *status)) {
                events.push(intent.resolved(status, self.began, now));
                done.extend(intent.address.as_ref().filter(|_| status == EventStatus::Done));
            }
            memories = self.memories_of(done, now).await?;
        }
        self.record(events, memories).await
    }

    /// What is remembered of these, where they are as the manifests say.
    async fn memories_of(
        &self,
        mut done: BTreeSet<&Address>,
        time: Timestamp,
    ) -> Result<Vec<(Address, Option<Applied>)>, Failure> {
        done.retain(|address| self.recheck.desired.speaks_of(address));
        if done.is_empty() {
            return Ok(Vec::new());
        }
        let plan = self.recheck.plan_of(done.iter().copied()).await?;
        let differs = |address: &Address| plan.changes.iter().any(|change| change.address == *address);
        let is_hidden = |address: &Address| plan.incomplete.iter().any(|unseen| unseen.hides(address));
        done.retain(|address| !differs(address) && !is_hidden(address));
        Ok(done.into_iter().map(|address| self.memory(address, time)).collect())
    }

    /// Records that the apply has ended.
    pub async fn end(&mut self, summary: &ApplySummary) -> Result<(), Failure> {
        self.end_moves().await?;
        let began = self.began;
        let origin = began.origin.clone();
        let mut ended = Event::of_apply(&began.apply_id, Phase::Ended, (self.now)(), origin, &began.plan);
        ended.counts = summary.counts().map(|(status, count)| (status.to_owned(), count)).collect();
        self.record(vec![ended], Vec::new()).await
    }

    /// Says what became of the moves of earlier applies that have ended since this one began.
    async fn end_moves(&mut self) -> Result<(), Failure> {
        let moving = std::mem::take(&mut self.throttles.moving);
        if moving.is_empty() {
            return Ok(());
        }
        let Recheck { kafka, registry, consul, desired, .. } = self.recheck;
        let addresses = moving.iter().filter_map(|intent| intent.address.as_ref()).collect();
        let present = PresentFields::read(kafka, registry, consul, &addresses, desired).await?;
        self.throttles.take_over(kafka, &moving, &present).await?;
        let ended = self.throttles.not_moving(&moving);
        let now = (self.now)();
        let events = resolve(&ended, &present).into_iter();
        let events = events.map(|(intent, status)| intent.resolved(status, self.began, now)).collect();
        self.record(events, Vec::new()).await
    }

    /// What is remembered of a resource that was changed: what the manifests say, but for a field that went a step of the way.
    fn memory_of(&self, change: &Change, time: Timestamp) -> (Address, Option<Applied>) {
        let (address, mut applied) = self.memory(&change.address, time);
        let fields = applied.iter_mut().flat_map(|applied| &mut applied.fields);
        for (field, value) in fields {
            let changed = change.fields.iter().find(|changed| changed.field == *field);
            let after = changed.and_then(|changed| changed.after.as_ref()).filter(|after| !after.is_hidden());
            if let Some(after) = after.and_then(FieldValue::set_on_it) {
                after.clone_into(value);
            }
        }
        (address, applied)
    }

    fn memory(&self, address: &Address, time: Timestamp) -> (Address, Option<Applied>) {
        let kept = |(field, value): (String, String)| match is_secret_setting(&field, &value) {
            true => (field, FieldValue::HIDDEN.to_owned()),
            false => (field, value),
        };
        let applied = self.declared.of(address).map(|fields| Applied {
            format_version: FORMAT_VERSION,
            apply_id: self.began.apply_id.clone(),
            time,
            fields: fields.into_iter().map(kept).collect(),
        });
        (address.clone(), applied)
    }

    async fn record(&mut self, events: Vec<Event>, memories: Vec<(Address, Option<Applied>)>) -> Result<(), Failure> {
        self.held.record(&events, &memories).await.map_err(|failure| match failure {
            RecordFailure::Fenced(failure) => Failure { kind: FailureKind::Fenced, ..failure },
            RecordFailure::Failed(failure) => failure,
        })?;
        match &mut self.log {
            Some(log) if !events.is_empty() => log.write(&events),
            _ => Ok(()),
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
        let intents: Vec<_> = begun.map(|(change, _)| self.began.intent(change, now)).collect();
        // Also where nothing begins: that it can be written is the proof that nobody else holds the lock.
        self.record(intents, Vec::new()).await?;
        Ok(standings)
    }

    async fn after(&mut self, ended: &[(&Change, &Outcome)]) -> Result<(), Failure> {
        let now = (self.now)();
        let events: Vec<_> =
            ended.iter().filter_map(|(change, outcome)| outcome_of(self.began, change, outcome, now)).collect();
        if events.is_empty() {
            return Ok(());
        }
        // Who moves replicas alone says nothing of what else a topic is.
        let done = ended.iter().filter(|(change, outcome)| outcome.status == Status::Done && !change.only_moves());
        let memories = done.map(|(change, _)| self.memory_of(change, now)).collect();
        self.record(events, memories).await
    }

    async fn throttle(&mut self, changes: &[(&Change, Vec<SetThrottle>)]) -> Result<Result<Chosen, Failure>, Failure> {
        let all = match self.throttles.choose(self.recheck.kafka, changes).await {
            Ok(all) => all,
            Err(failure) => return Ok(Err(failure)),
        };
        let now = (self.now)();
        let grown = changes.iter().filter(|(change, _)| all.grown.contains(&change.address));
        let intents = grown.map(|(change, _)| Event {
            throttles: self.throttles.of(&change.address).to_vec(),
            ..self.began.intent(change, now)
        });
        let intents: Vec<_> = intents.collect();
        if !intents.is_empty() {
            self.record(intents, Vec::new()).await?;
        }
        Ok(Ok(all))
    }

    async fn unthrottle(&mut self, over: &[&Address]) -> Result<(), Failure> {
        self.throttles.take_away(self.recheck.kafka, over).await
    }
}
