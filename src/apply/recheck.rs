use std::collections::BTreeMap;

use crate::model::{Address, Date, Kind, Timestamp};
use crate::plan::{Action, Change, Plan, Standing, make_plan, standing};
use crate::ports::consul::Consul;
use crate::ports::kafka::{KafkaAdmin, TopicDefaults};
use crate::ports::registry::Registry;
use crate::ports::{Failure, Observed};
use crate::resources::scram::SetPasswords;
use crate::resources::{Desired, Live, Scope, impact, observe};

/// Looks again at what is about to change, right before it does.
pub struct Recheck<'a, K, R> {
    /// What the plan was made from.
    pub desired: &'a Desired<'a>,
    /// The brokers.
    pub kafka: &'a K,
    /// The registry, where it can be used.
    pub registry: Option<&'a R>,
    /// The Consul that is delivered to, where it can be used.
    pub consul: Option<&'a dyn Consul>,
    /// How passwords were last set when the plan was made. While the lock is held nobody else sets one and says so.
    pub passwords: Option<Observed<SetPasswords>>,
    /// What topics had when the plan was made where they set nothing. Of a config that all of the topics in question set,
    /// brokers do not always tell it: that of `retention.ms` and `segment.ms` is a broker config in hours.
    pub defaults: TopicDefaults,
    /// The day on which waivers are judged.
    pub today: Date,
    /// The clock.
    pub now: fn() -> Timestamp,
}

impl<K: KafkaAdmin, R: Registry> Recheck<'_, K, R> {
    /// How each change stands now.
    ///
    /// A grant that is to be created is not looked at: an ACL that is there already is no other one.
    pub async fn standings(&self, changes: &[&Change]) -> Result<Vec<Standing>, Failure> {
        let looked_at: Vec<_> = changes.iter().filter(|change| needs_a_look(change)).collect();
        if looked_at.is_empty() {
            return Ok(changes.iter().map(|_| Standing::AsReviewed).collect());
        }
        let (desired, live) = self.look(looked_at.iter().map(|change| &change.address)).await?;
        let mut present = make_plan(&desired, &live, self.today);
        // What it costs is measured again: it may be more than was agreed to.
        let facts = impact::observe(self.kafka, &impact::needs_of_plan(&present, &live.topics), (self.now)()).await;
        impact::assess(&mut present, &desired, &live, Some(&facts), facts.taken_at);
        let by_address: BTreeMap<_, _> = present.changes.iter().map(|change| (&change.address, change)).collect();
        let unseen = |change: &Change| present.incomplete.iter().find(|unseen| unseen.hides(&change.address));
        let standings = changes.iter().map(|change| match unseen(change) {
            _ if !needs_a_look(change) => Standing::AsReviewed,
            Some(unseen) => Standing::Unseen(unseen.failure.clone()),
            None => standing(change, by_address.get(&change.address).copied()),
        });
        Ok(standings.collect())
    }

    /// A plan of these resources alone, as the live state asks for it now.
    pub async fn plan_of<'c>(&self, addresses: impl IntoIterator<Item = &'c Address>) -> Result<Plan, Failure> {
        let (desired, live) = self.look(addresses).await?;
        Ok(make_plan(&desired, &live, self.today))
    }

    async fn look<'c>(&self, addresses: impl IntoIterator<Item = &'c Address>) -> Result<(Desired<'_>, Live), Failure> {
        let desired = self.desired.only(addresses);
        let mut live = observe(self.kafka, self.registry.map(Ok), self.consul.map(Ok), &desired, Scope::Named).await?;
        for (key, default) in &self.defaults {
            live.topics.defaults.entry(key.clone()).or_insert_with(|| default.clone());
        }
        Ok((desired, Live { scram_passwords: self.passwords.clone(), ..live }))
    }
}

fn needs_a_look(change: &Change) -> bool {
    change.action != Action::Create || change.address.kind != Kind::Grant
}
