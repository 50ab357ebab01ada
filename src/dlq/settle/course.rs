use std::collections::BTreeMap;
use std::fmt;

use super::Target;
use crate::dlq::{Payload, Told};
use crate::model::{Subject, TopicName};
use crate::ports::records::Record;

/// Where dead letters go, and on which terms.
#[derive(Debug, Clone)]
pub struct Terms {
    /// The topic that takes all of them; none sends each to its origin.
    pub to: Option<TopicName>,
    /// Where they come from that do not say it.
    pub presumed_origin: Option<TopicName>,
    /// How often a record is sent again before it is parked.
    pub max_attempts: u32,
    /// The topic that takes those; none leaves them where they are.
    pub parking: Option<TopicName>,
    /// Which timestamp they get.
    pub timing: Timing,
    /// The topics that are written to, by name.
    pub targets: BTreeMap<TopicName, Target>,
    /// Milliseconds since 1970.
    pub now: i64,
}

/// Which timestamp a record gets that is sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timing {
    /// The one that it had at its origin, or the dead letter's own.
    Keep,
    /// That of the moment in which it is sent.
    Now,
}

/// What is to become of a dead letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Course {
    /// It is sent.
    Send {
        /// To which topic.
        to: TopicName,
        /// To which partition; none leaves it to the key.
        partition: Option<i32>,
        /// With which timestamp; none is the moment of sending.
        timestamp: Option<i64>,
        /// How often it was sent again, this time included.
        attempt: u32,
    },
    /// It was sent again often enough, and is put apart.
    Park {
        /// In which topic.
        to: TopicName,
        /// How often it was sent again.
        attempts: u32,
    },
    /// It is given up.
    Discard,
    /// It stays where it is.
    Stay(Refusal),
}

/// Why a dead letter stays where it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// It does not say where it comes from.
    NoOrigin,
    /// It has not what its origin had.
    Apart,
    /// Its value was redacted.
    Redacted,
    /// It comes from a topic that is not there.
    NoTarget(String),
    /// It was sent again often enough, and there is no topic to park it in.
    NoParking(u32),
    /// With its timestamp it would be deleted at once.
    PastRetention(TopicName),
    /// Its topic takes no record with its timestamp.
    TimestampNotTaken(TopicName),
    /// Its topic keeps the newest record of a key, and has a newer one.
    Superseded(TopicName),
    /// Its topic keeps the newest record of a key, and it has none.
    NoKey(TopicName),
    /// It is larger than what its topic takes.
    TooLarge(TopicName),
    /// It is to be transformed, and cannot be decoded.
    NotDecoded,
    /// It is to be transformed, and has numbers that expressions would round.
    Inexact,
    /// It is to be transformed, and the expression yields nothing for it.
    NotTransformed,
    /// It is to be transformed, and the newest schema could not be had, or nobody knows which it is.
    NoSchema(TopicName),
    /// What was made of it does not fit the newest schema of this subject.
    NotOfSchema(Subject),
}

impl Refusal {
    /// What to do about it, where there is something.
    pub fn way_out(&self) -> Option<&'static str> {
        match self {
            Self::NoOrigin => Some("name the topic with --to TOPIC"),
            Self::Apart | Self::Redacted => Some("it has to be fetched from where it comes from"),
            Self::NoTarget(_) => Some("name another topic with --to TOPIC"),
            Self::NoParking(_) => Some("name a topic with --park TOPIC, or raise --max-attempts"),
            Self::PastRetention(_) | Self::TimestampNotTaken(_) => Some("give it a new one with --timestamp now"),
            Self::TooLarge(_) => Some("raise max.message.bytes there, or name another topic with --to TOPIC"),
            Self::NotDecoded => Some("`busctl dlq show` tells what was tried"),
            Self::NotTransformed => Some("have --transform ask with has(…) first, or leave them out with --where"),
            Self::NotOfSchema(_) => Some("correct --transform, or register the version of the schema that is meant"),
            Self::Superseded(_) | Self::NoKey(_) | Self::Inexact | Self::NoSchema(_) => None,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoOrigin => f.write_str("nothing says where they come from"),
            Self::Apart => f.write_str("the record itself is not in the queue"),
            Self::Redacted => f.write_str("the value may be redacted"),
            Self::NoTarget(topic) => write!(f, "there is no topic {topic}"),
            Self::NoParking(attempts) => write!(f, "they were sent again {attempts} times already"),
            Self::PastRetention(topic) => write!(f, "the timestamp is older than what {topic} keeps"),
            Self::TimestampNotTaken(topic) => write!(f, "{topic} takes no record with that timestamp"),
            Self::Superseded(topic) => write!(f, "{topic} has a newer record of the key"),
            Self::NoKey(topic) => write!(f, "{topic} is compacted, and takes no record without a key"),
            Self::TooLarge(topic) => write!(f, "they are larger than what {topic} takes"),
            Self::NotDecoded => f.write_str("they cannot be decoded, and so not transformed"),
            Self::Inexact => f.write_str("they have numbers that would not be the same when they are transformed"),
            Self::NotTransformed => f.write_str("--transform yields no value for them"),
            Self::NoSchema(topic) => write!(f, "it is not known which schema records of {topic} have now"),
            Self::NotOfSchema(subject) => {
                write!(f, "what --transform makes of them does not fit the newest schema of {subject}")
            }
        }
    }
}

/// What is to become of a dead letter. `is_superseded` says whether a compacted topic has a newer record of its key.
pub fn course(
    letter: &Record<'_>,
    told: &Told<'_>,
    terms: &Terms,
    is_superseded: &mut dyn FnMut(&TopicName) -> bool,
) -> Course {
    let attempts = told.redrives();
    if attempts >= terms.max_attempts {
        return match &terms.parking {
            Some(to) => Course::Park { to: to.clone(), attempts },
            None => Course::Stay(Refusal::NoParking(attempts)),
        };
    }
    match told.payload() {
        Payload::Whole => {}
        Payload::Apart => return Course::Stay(Refusal::Apart),
        Payload::Redacted => return Course::Stay(Refusal::Redacted),
    }
    let origin = match &told.origin.topic {
        Some(topic) => topic.parse::<TopicName>().map_err(|_| Refusal::NoTarget(topic.to_string())),
        None => terms.presumed_origin.clone().ok_or(Refusal::NoOrigin),
    };
    let to = match (&terms.to, &origin) {
        (Some(to), _) => to.clone(),
        (None, Ok(origin)) => origin.clone(),
        (None, Err(refusal)) => return Course::Stay(refusal.clone()),
    };
    let Some(target) = terms.targets.get(&to) else { return Course::Stay(Refusal::NoTarget(to.to_string())) };
    let timestamp = match timestamp(letter, told, &to, target, terms) {
        Ok(timestamp) => timestamp,
        Err(refusal) => return Course::Stay(refusal),
    };
    if target.is_compacted && letter.key.is_none() {
        return Course::Stay(Refusal::NoKey(to));
    }
    if target.most_bytes.is_some_and(|most| size(letter) > most) {
        return Course::Stay(Refusal::TooLarge(to));
    }
    if target.is_compacted && is_superseded(&to) {
        return Course::Stay(Refusal::Superseded(to));
    }
    // In another topic the number means the same only where there are as many.
    let alike = origin.ok().is_some_and(|origin| {
        to == origin || terms.targets.get(&origin).is_some_and(|of| of.partitions == target.partitions)
    });
    let partition = told.origin.partition.and_then(|partition| i32::try_from(partition).ok());
    let partition = partition.filter(|partition| alike && (0..target.partitions).contains(partition));
    Course::Send { to, partition, timestamp, attempt: attempts + 1 }
}

/// The bytes of a record before it is compressed, and about those of its batch.
pub(super) fn size(letter: &Record<'_>) -> i64 {
    const BATCH: usize = 128;
    let of = |bytes: Option<&[u8]>| bytes.map_or(0, <[u8]>::len);
    let headers: usize = letter.headers.iter().map(|header| header.name.len() + of(header.value)).sum();
    i64::try_from(BATCH + of(letter.key) + of(letter.value) + headers).unwrap_or(i64::MAX)
}

fn timestamp(
    letter: &Record<'_>,
    told: &Told<'_>,
    to: &TopicName,
    target: &Target,
    terms: &Terms,
) -> Result<Option<i64>, Refusal> {
    let kept = told.origin.timestamp.filter(|timestamp| *timestamp >= 0).or(letter.timestamp);
    let Some(kept) = kept.filter(|_| terms.timing == Timing::Keep && !target.has_append_time) else {
        return Ok(None);
    };
    let age = terms.now.saturating_sub(kept);
    if target.retention.is_some_and(|retention| age >= retention) {
        return Err(Refusal::PastRetention(to.clone()));
    }
    let too_old = target.most_before.is_some_and(|most| age > most);
    let too_new = target.most_after.is_some_and(|most| age.saturating_neg() > most);
    if too_old || too_new { Err(Refusal::TimestampNotTaken(to.clone())) } else { Ok(Some(kept)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dlq::{Convention, Place, Redriven};

    const NOW: i64 = 1_000_000;

    fn topic(name: &str) -> TopicName {
        name.parse().expect("a topic's name")
    }

    fn target(partitions: i32) -> Target {
        Target {
            partitions,
            retention: Some(500_000),
            is_compacted: false,
            most_before: None,
            most_after: Some(1_000),
            most_bytes: None,
            has_append_time: false,
        }
    }

    fn terms() -> Terms {
        let targets = BTreeMap::from([(topic("orders"), target(6)), (topic("retry"), target(3))]);
        Terms {
            to: None,
            presumed_origin: None,
            max_attempts: 3,
            parking: None,
            timing: Timing::Keep,
            targets,
            now: NOW,
        }
    }

    fn told() -> Told<'static> {
        let origin =
            Place { topic: Some("orders".into()), partition: Some(5), offset: Some(9), timestamp: Some(NOW - 10) };
        Told { convention: Some(Convention::Busctl), origin, ..Told::default() }
    }

    fn of(told: &Told<'_>, terms: &Terms) -> Course {
        let letter = Record { partition: 0, offset: 0, timestamp: Some(NOW - 5), key: None, value: None, headers: &[] };
        course(&letter, told, terms, &mut |_| true)
    }

    fn send(to: &str, partition: Option<i32>, timestamp: Option<i64>, attempt: u32) -> Course {
        Course::Send { to: topic(to), partition, timestamp, attempt }
    }

    #[test]
    fn a_record_goes_back_to_where_it_was() {
        assert_eq!(of(&told(), &terms()), send("orders", Some(5), Some(NOW - 10), 1));
    }

    #[test]
    fn another_number_of_partitions_leaves_it_to_the_key() {
        let terms = Terms { to: Some(topic("retry")), ..terms() };
        assert_eq!(of(&told(), &terms), send("retry", None, Some(NOW - 10), 1));
        let gone = Told { origin: Place { partition: Some(6), ..told().origin }, ..told() };
        assert_eq!(of(&gone, &self::terms()), send("orders", None, Some(NOW - 10), 1));
    }

    #[test]
    fn who_does_not_say_its_origin_has_the_declared_one() {
        let silent = Told { origin: Place::default(), ..told() };
        assert_eq!(of(&silent, &terms()), Course::Stay(Refusal::NoOrigin));
        let declared = Terms { presumed_origin: Some(topic("orders")), ..terms() };
        assert_eq!(of(&silent, &declared), send("orders", None, Some(NOW - 5), 1));
        let odd = Told { origin: Place { topic: Some("no such/topic".into()), ..Place::default() }, ..told() };
        assert_eq!(of(&odd, &declared), Course::Stay(Refusal::NoTarget("no such/topic".into())));
    }

    #[test]
    fn often_enough_is_enough() {
        let again = Told { redriven: Some(Redriven { id: None, attempt: Some(3) }), ..told() };
        assert_eq!(of(&again, &terms()), Course::Stay(Refusal::NoParking(3)));
        let parking = Terms { parking: Some(topic("parked")), ..terms() };
        assert_eq!(of(&again, &parking), Course::Park { to: topic("parked"), attempts: 3 });
        let fewer = Told { redriven: Some(Redriven { id: None, attempt: Some(2) }), ..told() };
        assert_eq!(of(&fewer, &parking), send("orders", Some(5), Some(NOW - 10), 3));
    }

    #[test]
    fn a_timestamp_that_the_topic_would_not_keep_is_refused() {
        let at = |timestamp| Told { origin: Place { timestamp: Some(timestamp), ..told().origin }, ..told() };
        let orders = || topic("orders");
        assert_eq!(of(&at(NOW - 500_000), &terms()), Course::Stay(Refusal::PastRetention(orders())));
        assert_eq!(of(&at(NOW + 1_001), &terms()), Course::Stay(Refusal::TimestampNotTaken(orders())));
        let now = Terms { timing: Timing::Now, ..terms() };
        assert_eq!(of(&at(0), &now), send("orders", Some(5), None, 1));
        let mut appended = terms();
        appended.targets.insert(orders(), Target { has_append_time: true, ..target(6) });
        assert_eq!(of(&at(0), &appended), send("orders", Some(5), None, 1));
    }

    #[test]
    fn what_is_not_whole_and_what_is_superseded_stays() {
        let share = Told { convention: Some(Convention::ShareGroup), ..told() };
        assert_eq!(of(&share, &terms()), Course::Stay(Refusal::Apart));
        let mut compacted = terms();
        compacted.targets.insert(topic("orders"), Target { is_compacted: true, retention: None, ..target(6) });
        assert_eq!(of(&told(), &compacted), Course::Stay(Refusal::NoKey(topic("orders"))));
        let keyed = Record { partition: 0, offset: 0, timestamp: None, key: Some(b"k"), value: None, headers: &[] };
        let course = |is_superseded: bool| course(&keyed, &told(), &compacted, &mut |_| is_superseded);
        assert_eq!(course(true), Course::Stay(Refusal::Superseded(topic("orders"))));
        assert_eq!(course(false), send("orders", Some(5), Some(NOW - 10), 1));
        let mut small = terms();
        small.targets.insert(topic("orders"), Target { most_bytes: Some(100), ..target(6) });
        assert_eq!(of(&told(), &small), Course::Stay(Refusal::TooLarge(topic("orders"))));
    }
}
