use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use crate::dlq::Told;
use crate::model::TopicName;
use crate::ports::Failure;
use crate::ports::records::{Record, RecordSource};

/// The newest records of keys in compacted topics: what is older than one of them must not take its place.
#[derive(Debug, Default)]
pub struct NewestRecords(HashMap<TopicName, HashMap<Box<[u8]>, Vec<Place>>>);

/// The newest record of a key in one partition. Where the number of partitions was changed, a key may have several.
#[derive(Debug, Clone, Copy)]
struct Place {
    partition: i32,
    offset: i64,
    timestamp: Option<i64>,
}

impl NewestRecords {
    /// Reads a compacted topic to its end for the newest records of these keys.
    ///
    /// # Errors
    /// Fails where the topic cannot be read to its end.
    pub fn read(
        &mut self,
        source: &impl RecordSource,
        topic: &TopicName,
        keys: &HashSet<Box<[u8]>>,
    ) -> Result<(), Failure> {
        let newest = self.0.entry(topic.clone()).or_default();
        let stretches = source.partitions(topic)?;
        source.scan(topic, &stretches, &mut |record| {
            let Some(key) = record.key.filter(|key| keys.contains(*key)) else {
                return Ok(ControlFlow::Continue(()));
            };
            let place = Place { partition: record.partition, offset: record.offset, timestamp: record.timestamp };
            match newest.get_mut(key) {
                Some(places) => match places.iter_mut().find(|known| known.partition == place.partition) {
                    Some(known) => *known = place,
                    None => places.push(place),
                },
                None => drop(newest.insert(key.into(), vec![place])),
            }
            Ok(ControlFlow::Continue(()))
        })
    }

    /// Whether a topic has a record of the key that is newer than a dead letter: one behind its place there, where it tells that,
    /// else one with a later timestamp.
    pub fn supersedes(&self, topic: &TopicName, letter: &Record<'_>, told: &Told<'_>) -> bool {
        let places = letter.key.and_then(|key| self.0.get(topic)?.get(key));
        let is_from_here = told.origin.topic.as_deref() == Some(topic.as_str());
        let timestamp = told.origin.timestamp.or(letter.timestamp);
        let is_newer = |place: &Place| match (told.origin.partition, told.origin.offset) {
            (Some(partition), Some(offset)) if is_from_here && partition == i64::from(place.partition) => {
                place.offset > offset
            }
            // Where nothing can be compared, the state that is there is the one to keep.
            _ => place.timestamp.is_none_or(|of| timestamp.is_none_or(|timestamp| of > timestamp)),
        };
        places.is_some_and(|places| places.iter().any(is_newer))
    }
}
