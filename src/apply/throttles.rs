use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::throttle::{self, Present};
use crate::model::Address;
use crate::plan::Change;
use crate::ports::journal::{Event, SetThrottle, Throttled};
use crate::ports::kafka::KafkaAdmin;
use crate::ports::{Failure, FailureKind};
use crate::resources::PresentFields;

/// What was asked for to hold moves back, and is not set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unthrottled {
    /// The broker or topic: `broker 3`, `topic a`.
    pub on: String,
    /// The config.
    pub key: String,
    /// What was to be set.
    pub wanted: String,
    /// What is there, which is somebody else's and holds; `None` where the broker is down.
    pub present: Option<String>,
}

/// What may be set to hold moves back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chosen {
    /// It.
    pub set: Vec<SetThrottle>,
    /// What is left as it is.
    pub left: Vec<Unthrottled>,
}

/// Which throttles are whose: those of this run, and those that earlier runs were killed before they took away.
#[derive(Debug, Default)]
pub struct Throttles {
    /// Those of changes of this run whose moves are not over.
    own: BTreeMap<Address, Vec<SetThrottle>>,
    /// The intents of earlier runs whose replicas are still being moved, or whose throttle could not be taken away. They
    /// stay open.
    pub moving: Vec<Event>,
    /// Why throttles of earlier runs are still there.
    pub left: Vec<Failure>,
    /// What earlier runs had left and was taken away.
    pub taken: BTreeSet<Throttled>,
}

impl Throttles {
    /// Looks at what earlier runs have left: where the moves are over, their throttle is taken away; the others stay.
    pub async fn take_over(
        &mut self,
        kafka: &impl KafkaAdmin,
        intents: &[Event],
        present: &PresentFields<'_>,
    ) -> Result<(), Failure> {
        let is_moving = |intent: &&Event| {
            let address = intent.address.as_ref();
            intent.moves_replicas() && address.is_some_and(|address| present.is_moving(address) != Some(false))
        };
        let (moving, over): (Vec<_>, Vec<_>) = intents.iter().partition(is_moving);
        self.moving = moving.into_iter().cloned().collect();
        let held: BTreeSet<&SetThrottle> = self.held_besides(&[]);
        let free: BTreeSet<SetThrottle> = over
            .iter()
            .flat_map(|intent| &intent.throttles)
            .filter(|throttle| !held.contains(throttle))
            .cloned()
            .collect();
        let free: Vec<SetThrottle> = free.into_iter().collect();
        match throttle::take_away(kafka, &free).await {
            Ok(taken) => self.taken.extend(taken),
            Err(failure) if failure.kind == FailureKind::Fenced => return Err(failure),
            Err(failure) => {
                self.left.push(failure);
                self.moving.extend(over.into_iter().filter(|intent| !intent.throttles.is_empty()).cloned());
            }
        }
        Ok(())
    }

    /// The intents that may be closed.
    pub fn not_moving(&self, intents: &[Event]) -> Vec<Event> {
        let key = |event: &Event| (event.apply_id.clone(), event.address.clone());
        let moving: BTreeSet<_> = self.moving.iter().map(key).collect();
        intents.iter().filter(|intent| !moving.contains(&key(intent))).cloned().collect()
    }

    /// Of what would throttle these changes, what may be set.
    pub async fn choose(
        &mut self,
        kafka: &impl KafkaAdmin,
        changes: &[(&Change, Vec<SetThrottle>)],
    ) -> Result<Chosen, Failure> {
        let all: Vec<SetThrottle> = changes.iter().flat_map(|(_, wanted)| wanted).cloned().collect();
        if all.is_empty() {
            return Ok(Chosen::default());
        }
        let present = Present::read(kafka, &all).await?;
        let ours: Vec<SetThrottle> = self.held_besides(&[]).into_iter().cloned().collect();
        let mut chosen = BTreeSet::new();
        let mut left = BTreeSet::new();
        for (change, wanted) in changes {
            let (free, taken): (Vec<&SetThrottle>, Vec<&SetThrottle>) =
                wanted.iter().partition(|throttle| present.is_free(throttle, &ours));
            chosen.extend(free.iter().copied().cloned());
            let differ = taken.into_iter().filter(|throttle| present.value(throttle) != Some(throttle.value.as_str()));
            left.extend(differ.map(|throttle| Unthrottled {
                on: throttle.on.to_string(),
                key: throttle.key.clone(),
                wanted: throttle.value.clone(),
                present: present.value(throttle).map(str::to_owned),
            }));
            self.own.insert(change.address.clone(), free.into_iter().cloned().collect());
        }
        Ok(Chosen { set: chosen.into_iter().collect(), left: left.into_iter().collect() })
    }

    /// Those of a change.
    pub fn of(&self, address: &Address) -> &[SetThrottle] {
        self.own.get(address).map_or(&[], Vec::as_slice)
    }

    /// Takes away what no other moves need.
    pub async fn take_away(&mut self, kafka: &impl KafkaAdmin, over: &[&Address]) -> Result<(), Failure> {
        let held = self.held_besides(over);
        let free: BTreeSet<&SetThrottle> =
            over.iter().flat_map(|address| self.of(address)).filter(|throttle| !held.contains(throttle)).collect();
        let free: Vec<SetThrottle> = free.into_iter().cloned().collect();
        throttle::take_away(kafka, &free).await?;
        self.own.retain(|address, _| !over.contains(&address));
        Ok(())
    }

    /// What throttles moves, but for those of these changes: also where an earlier run has begun them.
    fn held_besides(&self, over: &[&Address]) -> BTreeSet<&SetThrottle> {
        let own = self.own.iter().filter(|(address, _)| !over.contains(address)).flat_map(|(_, throttles)| throttles);
        let earlier = self.moving.iter().filter(|intent| !intent.address.iter().any(|address| over.contains(&address)));
        own.chain(earlier.flat_map(|intent| &intent.throttles)).collect()
    }
}
