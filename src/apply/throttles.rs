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
    /// What is there, which is somebody else's and holds.
    pub present: String,
}

/// What may be set to hold moves back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chosen {
    /// It.
    pub set: Vec<SetThrottle>,
    /// Brokers that do not answer, which get theirs once they do.
    pub away: BTreeSet<i32>,
    /// What is left as it is.
    pub left: Vec<Unthrottled>,
    /// The changes that have more of it than they had before.
    pub grown: BTreeSet<Address>,
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
        let over_throttles: BTreeSet<&SetThrottle> = over.iter().flat_map(|intent| &intent.throttles).collect();
        let leavings = leavings(&over_throttles, &self.held_besides(&[]));
        match throttle::leave(kafka, &leavings).await {
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

    /// Of what would throttle these changes, what may be set. Asked again, it adds to what was chosen before.
    pub async fn choose(
        &mut self,
        kafka: &impl KafkaAdmin,
        changes: &[(&Change, Vec<SetThrottle>)],
    ) -> Result<Chosen, Failure> {
        let all: Vec<SetThrottle> = changes.iter().flat_map(|(_, wanted)| wanted).cloned().collect();
        if all.is_empty() {
            return Ok(Chosen::default());
        }
        Ok(self.choose_beside(&Present::read(kafka, &all).await?, changes))
    }

    fn choose_beside(&mut self, present: &Present, changes: &[(&Change, Vec<SetThrottle>)]) -> Chosen {
        let ours: Vec<SetThrottle> = self.held_besides(&[]).into_iter().cloned().collect();
        let (mut chosen, mut left, mut grown) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for (change, wanted) in changes {
            let (free, taken): (Vec<&SetThrottle>, Vec<&SetThrottle>) =
                wanted.iter().partition(|throttle| present.is_free(throttle, &ours));
            chosen.extend(free.iter().copied().cloned());
            left.extend(taken.into_iter().filter_map(|throttle| {
                let there = present.value(throttle).filter(|there| *there != throttle.value)?;
                Some(Unthrottled {
                    on: throttle.on.to_string(),
                    key: throttle.key.clone(),
                    wanted: throttle.value.clone(),
                    present: there.to_owned(),
                })
            }));
            let own = self.own.entry(change.address.clone()).or_default();
            // What a broker has that went down since is to be taken away all the same.
            let more: Vec<_> = free.into_iter().filter(|throttle| !own.contains(throttle)).cloned().collect();
            grown.extend((!more.is_empty()).then(|| change.address.clone()));
            own.extend(more);
        }
        Chosen { set: chosen.into_iter().collect(), away: present.away(), left: left.into_iter().collect(), grown }
    }

    /// Those of a change.
    pub fn of(&self, address: &Address) -> &[SetThrottle] {
        self.own.get(address).map_or(&[], Vec::as_slice)
    }

    /// Takes away what no other moves need, and gives these back what they were begun with.
    pub async fn take_away(&mut self, kafka: &impl KafkaAdmin, over: &[&Address]) -> Result<(), Failure> {
        let own: BTreeSet<&SetThrottle> = over.iter().flat_map(|address| self.of(address)).collect();
        throttle::leave(kafka, &leavings(&own, &self.held_besides(over))).await?;
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

/// What becomes of throttles whose moves are over, where other moves are held back by others: those that nobody else needs go;
/// where others were begun with another rate, that one is set again, of several the lowest.
fn leavings(over: &BTreeSet<&SetThrottle>, held: &BTreeSet<&SetThrottle>) -> Vec<(SetThrottle, Option<String>)> {
    let left = over.iter().filter(|throttle| !held.contains(*throttle)).map(|throttle| {
        let same = held.iter().filter(|held| held.on == throttle.on && held.key == throttle.key);
        let rate = |held: &&&SetThrottle| held.value.parse::<u64>().unwrap_or(u64::MAX);
        ((*throttle).clone(), same.min_by_key(rate).map(|held| held.value.clone()))
    });
    left.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Action;
    use crate::plan::samples::change;
    use crate::ports::journal::Throttled;

    #[test]
    fn what_was_chosen_before_is_not_recorded_again() {
        let rate = |broker| SetThrottle { on: Throttled::Broker(broker), key: "rate".into(), value: "10".into() };
        let (a, b) = (Address::topic("a"), Address::topic("b"));
        let [of_a, of_b] = [&a, &b].map(|address| change(address.clone(), Action::Update, Vec::new()));
        let mut throttles = Throttles::default();
        let mut grown = |changes: &[(&Change, Vec<SetThrottle>)]| {
            let chosen = throttles.choose_beside(&Present::default(), changes);
            (chosen.set.len(), chosen.grown)
        };
        let first = [(&of_a, vec![rate(1)]), (&of_b, vec![rate(1)])];
        assert_eq!(grown(&first), (1, BTreeSet::from([a, b.clone()])));
        assert_eq!(grown(&first), (1, BTreeSet::new()));
        assert_eq!(grown(&[(&of_a, vec![rate(1)]), (&of_b, vec![rate(1), rate(2)])]), (2, BTreeSet::from([b])));
    }

    #[test]
    fn what_other_moves_were_begun_with_is_set_again() {
        let rate = |broker, value: &str| SetThrottle {
            on: Throttled::Broker(broker),
            key: "rate".into(),
            value: value.into(),
        };
        let left = |over: &[SetThrottle], held: &[SetThrottle]| {
            let left = leavings(&over.iter().collect(), &held.iter().collect());
            left.into_iter().map(|(throttle, next)| (throttle.on.to_string(), next)).collect::<Vec<_>>()
        };
        let of = |broker: &str, next: Option<&str>| (broker.to_owned(), next.map(str::to_owned));
        let (slow, fast) = ([rate(1, "10")], [rate(1, "20"), rate(2, "20")]);
        assert_eq!(left(&fast, &slow), [of("broker 1", Some("10")), of("broker 2", None)]);
        // A run that has the same rate for others leaves it as it is.
        assert_eq!(left(&fast, &[rate(1, "20"), rate(1, "10")]), [of("broker 2", None)]);
        assert_eq!(left(&fast[..1], &[rate(1, "9"), rate(1, "10")]), [of("broker 1", Some("9"))]);
        assert_eq!(left(&fast, &[]), [of("broker 1", None), of("broker 2", None)]);
    }
}
