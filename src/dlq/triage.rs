use std::cmp::Reverse;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::ControlFlow;

use foldhash::fast::RandomState;

use super::decode::{Scrubbing, is_id_header};
use super::{Convention, Coordinates, Filter, Fingerprint, Queue, Settled, Shape, Told, Unjudged, Verdict};
use crate::model::Timestamp;
use crate::ports::Failure;
use crate::ports::records::{Header, Record, RecordSource, Stretch};

/// How many groups are told apart. A queue has a few dozen; one whose messages have something of their own in each record
/// must not take all memory. With [the longest shape](Shape) it bounds a triage to about 100 MB.
const MOST_GROUPS: usize = 10_000;

/// How many headers with ids are kept of one: of each name the last counts.
const MOST_IDS: usize = 8;

/// The most that is kept of a sample's key and of its value, in bytes.
const LONGEST_KEPT: usize = 4 << 10;

/// The longest sample of a text that a group keeps, in bytes.
const LONGEST_SAMPLE: usize = 1_024;

/// The dead letters of a topic by why they failed. One is filled for each partition, and they are joined.
#[derive(Debug)]
pub struct Triage {
    /// The topic that the records come from where they do not say.
    topic: String,
    groups: HashMap<Box<str>, (Group, Kept), RandomState>,
    /// Records of shapes that came when there were too many already.
    others: u64,
    shape: Shape,
}

/// Dead letters that failed for the same reason.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Group {
    /// By what it is known.
    pub fingerprint: Fingerprint,
    /// What kind of failure it is.
    pub verdict: Verdict,
    /// How many records.
    pub count: u64,
    /// The oldest timestamp, where they have any.
    pub first_seen: Option<Timestamp>,
    /// The newest one.
    pub last_seen: Option<Timestamp>,
    /// One of them: that of the lowest partition and offset.
    pub sample: Coordinates,
    /// Who wrote it.
    pub convention: Option<Convention>,
    /// Where it comes from.
    pub origin: String,
    /// The consumer group that failed, of the sample.
    pub group: Option<String>,
    /// What failed inside of the service.
    pub component: Option<String>,
    /// What was being done.
    pub stage: Option<String>,
    /// The exception's class.
    pub class: Option<String>,
    /// The class of the exception at its root.
    pub root: Option<String>,
    /// What the exception says, of the sample.
    pub message: Option<String>,
    /// How often the record that was sent again most often was.
    pub redrives: u32,
}

impl Triage {
    /// An empty one. `topic` is where the records come from that do not say it.
    pub fn new(topic: &str) -> Self {
        Self { topic: topic.to_owned(), groups: HashMap::default(), others: 0, shape: Shape::default() }
    }

    /// Adds a record; returns the fingerprint of its group, none where there are too many.
    pub fn add(&mut self, letter: &Record<'_>, told: &Told<'_>) -> Option<Fingerprint> {
        let shape = self.shape.fill(told, &self.topic);
        if let Some((group, _)) = self.groups.get_mut(shape) {
            group.count(letter, told);
            return Some(group.fingerprint);
        }
        if self.groups.len() >= MOST_GROUPS {
            self.others += 1;
            return None;
        }
        let group = Group::of(letter, told, shape, &self.topic);
        let fingerprint = group.fingerprint;
        self.groups.insert(shape.into(), (group, Kept::of(letter)));
        Some(fingerprint)
    }

    /// Takes in what was met in another partition.
    pub fn join(&mut self, other: Self) {
        self.others += other.others;
        for (shape, (group, kept)) in other.groups {
            let is_full = self.groups.len() >= MOST_GROUPS;
            match self.groups.entry(shape) {
                Entry::Occupied(mut known) => {
                    let (known, of_known) = known.get_mut();
                    // Partitions are read in no order, and the sample is to be the same in each run.
                    if group.sample < known.sample {
                        *of_known = kept;
                    }
                    known.join(group);
                }
                Entry::Vacant(_) if is_full => self.others += group.count,
                Entry::Vacant(place) => drop(place.insert((group, kept))),
            }
        }
    }

    /// How many records belong to no group, because there were too many groups.
    pub fn others(&self) -> u64 {
        self.others
    }

    /// The groups, the largest first. `masked` says what is masked in a record that comes from a topic: what its exception says may
    /// quote that, and is told without it.
    pub fn groups(self, masked: &dyn Fn(&Record<'_>, &str) -> Scrubbing) -> Vec<Group> {
        let without = |(mut group, kept): (Group, Kept)| {
            group.scrub(&kept.masked(&group, masked));
            group
        };
        let mut groups: Vec<_> = self.groups.into_values().map(without).collect();
        groups.sort_by_key(|group| (Reverse(group.count), group.fingerprint));
        groups
    }
}

/// What a triage met.
#[derive(Debug)]
pub struct Triaged {
    /// The dead letters that wait, by why they failed.
    pub triage: Triage,
    /// How many were looked at.
    pub records: u64,
    /// How many of them have met their fate already.
    pub settled: u64,
    /// How many of the others are not meant.
    pub left_out: u64,
    /// Of which of these an expression had no answer.
    pub unjudged: Unjudged,
}

/// Groups the dead letters of parts of a queue that wait and are meant. `progress` is told how many were looked at since it was
/// told last, and says whether to go on; where not, what it has met so far is all.
///
/// # Errors
/// Fails where the queue cannot be read to its end.
pub fn triage(
    source: &impl RecordSource,
    queue: &Queue,
    stretches: &[Stretch],
    settled: &Settled,
    filter: &Filter,
    progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<Triaged, Failure> {
    const STEP: u64 = 4_096;
    let origin = queue.presumed_origin();
    let mut met =
        Triaged { triage: Triage::new(origin), records: 0, settled: 0, left_out: 0, unjudged: Unjudged::default() };
    filter.unjudged();
    let mut shape = Shape::default();
    source.scan(&queue.topic, stretches, &mut |record| {
        met.records += 1;
        if met.records.is_multiple_of(STEP) && progress(STEP).is_break() {
            return Ok(ControlFlow::Break(()));
        }
        if settled.contains(record.partition, record.offset) {
            met.settled += 1;
            return Ok(ControlFlow::Continue(()));
        }
        let told = Told::of(record);
        match filter.is_everything() || filter.takes(record, &told, origin, &mut shape) {
            true => drop(met.triage.add(record, &told)),
            false => met.left_out += 1,
        }
        Ok(ControlFlow::Continue(()))
    })?;
    let _ = progress(met.records % STEP);
    met.unjudged = filter.unjudged();
    Ok(met)
}

impl Group {
    fn of(letter: &Record<'_>, told: &Told<'_>, shape: &str, topic: &str) -> Self {
        let kept = |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().map(sample);
        let trace = told.stacktrace.as_deref().unwrap_or_default();
        let mut group = Self {
            fingerprint: Fingerprint::of(shape),
            verdict: Verdict::of(told),
            count: 0,
            first_seen: None,
            last_seen: None,
            sample: Coordinates { partition: letter.partition, offset: letter.offset },
            convention: told.convention,
            origin: sample(told.origin.topic.as_deref().unwrap_or(topic)),
            group: kept(&told.group),
            component: kept(&told.component),
            stage: kept(&told.stage),
            class: kept(&told.class),
            root: super::fingerprint::root_class(trace).or(told.cause.as_deref()).map(sample),
            message: kept(&told.message),
            redrives: 0,
        };
        group.count(letter, told);
        group
    }

    /// Takes out what was masked in the sample.
    fn scrub(&mut self, taken: &Scrubbing) {
        for name in [&mut self.group, &mut self.component, &mut self.stage, &mut self.class, &mut self.root] {
            *name = name.take().map(|name| taken.name(&name));
        }
        self.message = self.message.take().map(|message| taken.message(&message));
    }

    fn count(&mut self, letter: &Record<'_>, told: &Told<'_>) {
        self.count += 1;
        self.redrives = self.redrives.max(told.redrives());
        let time = letter.timestamp.map(Timestamp::of_unix_millis);
        self.see(time, time);
    }

    fn see(&mut self, first: Option<Timestamp>, last: Option<Timestamp>) {
        self.first_seen = self.first_seen.into_iter().chain(first).min();
        self.last_seen = self.last_seen.max(last);
    }

    fn join(&mut self, other: Self) {
        self.count += other.count;
        self.redrives = self.redrives.max(other.redrives);
        self.see(other.first_seen, other.last_seen);
        if other.sample < self.sample {
            self.sample = other.sample;
            self.group = other.group;
            self.message = other.message;
        }
    }
}

/// A header by its name.
type KeptHeader = (Box<str>, Option<Box<[u8]>>);

/// What is kept of a sample to see what is personal in it.
#[derive(Debug, Default)]
struct Kept {
    key: Option<Box<[u8]>>,
    value: Option<Box<[u8]>>,
    /// The headers that say of which schema they are.
    headers: Vec<KeptHeader>,
    /// Whether it had more.
    is_cut: bool,
}

impl Kept {
    fn of(letter: &Record<'_>) -> Self {
        let cut = |bytes: &[u8]| bytes[..bytes.len().min(LONGEST_KEPT)].into();
        let is_long = |bytes: Option<&[u8]>| bytes.is_some_and(|bytes| bytes.len() > LONGEST_KEPT);
        let ids = letter.headers.iter().filter(|header| is_id_header(header.name)).rev().take(MOST_IDS);
        let mut headers: Vec<_> = ids.map(|header| (header.name.into(), header.value.map(cut))).collect();
        headers.reverse();
        Self {
            key: letter.key.map(cut),
            value: letter.value.map(cut),
            headers,
            is_cut: is_long(letter.key) || is_long(letter.value),
        }
    }

    fn masked(&self, group: &Group, masked: &dyn Fn(&Record<'_>, &str) -> Scrubbing) -> Scrubbing {
        let headers: Vec<Header<'_>> =
            self.headers.iter().map(|(name, value)| Header { name, value: value.as_deref() }).collect();
        let Coordinates { partition, offset } = group.sample;
        let (key, value) = (self.key.as_deref(), self.value.as_deref());
        let mut taken =
            masked(&Record { partition, offset, timestamp: None, key, value, headers: &headers }, &group.origin);
        // Of what is cut, a part of something masked may be left, which is not found any more.
        let is_long = group.message.as_ref().is_some_and(|message| message.len() + 4 > LONGEST_SAMPLE);
        if self.is_cut || is_long {
            taken.is_blind();
        }
        taken
    }
}

fn sample(text: &str) -> String {
    text[..text.floor_char_boundary(LONGEST_SAMPLE)].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn triage(letters: &[(i32, i64, &str)]) -> Triage {
        let mut triage = Triage::new("orders");
        for (partition, offset, message) in letters {
            let headers = [
                Header { name: "busctl-dlq.error-class", value: Some(b"TimeoutException") },
                Header { name: "busctl-dlq.error-message", value: Some(message.as_bytes()) },
            ];
            let letter = Record {
                partition: *partition,
                offset: *offset,
                timestamp: Some(1_000 + offset),
                key: None,
                value: None,
                headers: &headers,
            };
            triage.add(&letter, &Told::of(&letter));
        }
        triage
    }

    #[test]
    fn records_that_failed_alike_are_one_group_across_partitions() {
        let mut all = triage(&[(1, 5, "no answer from db-1 in 10 ms"), (1, 6, "closed")]);
        all.join(triage(&[(0, 9, "no answer from db-2 in 11 ms")]));
        let groups = all.groups(&|_, _| Scrubbing::default());
        assert_eq!(groups.iter().map(|group| group.count).collect::<Vec<_>>(), [2, 1]);
        let seen = [groups[0].first_seen, groups[0].last_seen].map(|time| time.map(Timestamp::unix_millis));
        assert_eq!(seen, [Some(1_005), Some(1_009)]);
        assert_eq!(groups[0].sample, Coordinates { partition: 0, offset: 9 });
        assert_eq!(groups[0].message.as_deref(), Some("no answer from db-2 in 11 ms"));
        assert_eq!((groups[0].verdict, &*groups[0].origin), (Verdict::Transient, "orders"));
    }

    #[test]
    fn too_many_groups_are_counted_as_one() {
        let mut messages = Vec::new();
        for number in 0..MOST_GROUPS + 5 {
            // Letters alone, for digits make no difference.
            let name: String = number.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect();
            messages.push(name);
        }
        let letters: Vec<_> = messages.iter().zip(0..).map(|(message, offset)| (0, offset, &**message)).collect();
        let all = triage(&letters);
        assert_eq!(all.others(), 5);
        assert_eq!(all.groups(&|_, _| Scrubbing::default()).len(), MOST_GROUPS);
    }
}
