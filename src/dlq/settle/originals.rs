use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::course::Origin;
use crate::model::TopicName;
use crate::ports::records::{Header, Record, RecordSource, Stretch};
use crate::ports::{Failure, FailureKind};

/// How many dead letters wait for their originals at most: what is fetched at once is read partition by partition.
const MOST_LETTERS: usize = 1_000;

/// How many bytes they have at most, all together.
const MOST_BYTES: usize = 4 << 20;

/// How many offsets may lie between two originals that are read in one go. Looking for a place costs a request.
const GAP: i64 = 200;

/// Dead letters whose records are to be had from where they come from.
#[derive(Default)]
pub struct Originals {
    letters: Vec<(Origin, Kept)>,
    bytes: usize,
}

/// Who is given a dead letter with its origin's topic and its original; none where that is gone.
type Each<'e> = &'e mut dyn FnMut(&Record<'_>, &TopicName, Option<&Record<'_>>) -> Result<ControlFlow<()>, Failure>;

impl Originals {
    /// How many wait.
    pub fn len(&self) -> usize {
        self.letters.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.letters.is_empty()
    }

    /// Whether they are to be fetched before more are added.
    pub fn is_full(&self) -> bool {
        self.letters.len() >= MOST_LETTERS || self.bytes >= MOST_BYTES
    }

    /// Adds a dead letter.
    pub fn add(&mut self, letter: &Record<'_>, origin: Origin) {
        let kept = Kept::of(letter);
        self.bytes += kept.bytes();
        self.letters.push((origin, kept));
    }

    /// Gives each dead letter with its original to `each`, in the order of these, then those without one, until it breaks off.
    ///
    /// # Errors
    /// Fails where a topic is there and cannot be read.
    pub fn fetch(self, source: &impl RecordSource, each: Each<'_>) -> Result<(), Failure> {
        let mut topics: BTreeMap<TopicName, BTreeMap<(i32, i64), Vec<Kept>>> = BTreeMap::new();
        for (Origin { topic, partition, offset }, letter) in self.letters {
            topics.entry(topic).or_default().entry((partition, offset)).or_default().push(letter);
        }
        for (topic, mut wanted) in topics {
            let there = match source.partitions(&topic) {
                Err(failure) if failure.kind == FailureKind::NotFound => Vec::new(),
                there => there?,
            };
            let mut goes_on = ControlFlow::Continue(());
            source.scan(&topic, &stretches(wanted.keys(), &there), &mut |original| {
                for letter in wanted.remove(&(original.partition, original.offset)).unwrap_or_default() {
                    goes_on = letter.record(|letter| each(letter, &topic, Some(original)))?;
                    if goes_on.is_break() {
                        break;
                    }
                }
                Ok(goes_on)
            })?;
            for letter in wanted.values().flatten() {
                if goes_on.is_break() {
                    return Ok(());
                }
                goes_on = letter.record(|letter| each(letter, &topic, None))?;
            }
            if goes_on.is_break() {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// The parts of a topic in which records at these places are, of what is there.
fn stretches<'w>(wanted: impl Iterator<Item = &'w (i32, i64)>, there: &[Stretch]) -> Vec<Stretch> {
    let mut stretches: Vec<Stretch> = Vec::new();
    for (partition, offset) in wanted {
        let is_there = |of: &Stretch| of.partition == *partition && (of.from..of.to).contains(offset);
        if !there.iter().any(is_there) {
            continue;
        }
        match stretches.last_mut() {
            Some(last) if last.partition == *partition && offset - last.to <= GAP => last.to = offset + 1,
            _ => stretches.push(Stretch { partition: *partition, from: *offset, to: offset + 1 }),
        }
    }
    stretches
}

/// A record that outlives the reading of it.
struct Kept {
    partition: i32,
    offset: i64,
    timestamp: Option<i64>,
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    headers: Vec<(String, Option<Vec<u8>>)>,
}

impl Kept {
    fn of(record: &Record<'_>) -> Self {
        let bytes = |bytes: Option<&[u8]>| bytes.map(<[u8]>::to_vec);
        Self {
            partition: record.partition,
            offset: record.offset,
            timestamp: record.timestamp,
            key: bytes(record.key),
            value: bytes(record.value),
            headers: record.headers.iter().map(|header| (header.name.to_owned(), bytes(header.value))).collect(),
        }
    }

    fn bytes(&self) -> usize {
        let of = |bytes: &Option<Vec<u8>>| bytes.as_ref().map_or(0, Vec::len);
        let headers = self.headers.iter().map(|(name, value)| name.len() + of(value));
        of(&self.key) + of(&self.value) + headers.sum::<usize>()
    }

    fn record<T>(&self, with: impl FnOnce(&Record<'_>) -> T) -> T {
        let headers: Vec<Header<'_>> =
            self.headers.iter().map(|(name, value)| Header { name, value: value.as_deref() }).collect();
        with(&Record {
            partition: self.partition,
            offset: self.offset,
            timestamp: self.timestamp,
            key: self.key.as_deref(),
            value: self.value.as_deref(),
            headers: &headers,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_together_is_read_in_one_go_and_what_is_not_there_not_at_all() {
        let stretch = |partition, from, to| Stretch { partition, from, to };
        let wanted = [(0, 3), (0, 10), (0, 11), (0, 500), (1, 12), (1, 90), (2, 0)];
        let there = [stretch(0, 5, 1_000), stretch(1, 0, 50)];
        let expected = [stretch(0, 10, 12), stretch(0, 500, 501), stretch(1, 12, 13)];
        assert_eq!(stretches(wanted.iter(), &there), expected);
    }
}
