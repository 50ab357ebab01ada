use super::{Parking, Refusal, Route, Target, Terms, Timing};
use crate::dlq::{Payload, Told};
use crate::model::TopicName;
use crate::ports::records::Record;

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
        /// In which partition; none leaves it to the key.
        partition: Option<i32>,
        /// How often it was sent again.
        attempts: u32,
    },
    /// What is sent has to be had from its origin before.
    Fetch(Origin),
    /// It is given up.
    Discard {
        /// How often it was sent again.
        attempts: u32,
    },
    /// It stays where it is.
    Stay(Refusal),
}

/// Where the record stands that a dead letter was made of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// The topic.
    pub topic: TopicName,
    /// The partition.
    pub partition: i32,
    /// The offset.
    pub offset: i64,
}

/// What is to become of a dead letter. `is_superseded` says whether a compacted topic has a newer record of its key.
pub fn course(
    letter: &Record<'_>,
    told: &Told<'_>,
    terms: &Terms,
    is_superseded: &mut dyn FnMut(&TopicName) -> bool,
) -> Course {
    let planned = || {
        let to = destination(told, terms)?;
        let lacking = match told.payload() {
            Payload::Whole => return sent(letter, told, to, told.redrives(), terms, is_superseded),
            Payload::Apart => Refusal::Apart,
            Payload::Redacted => Refusal::Redacted,
        };
        place(told, terms).map(Course::Fetch).ok_or(lacking)
    };
    of_group(told, terms)
        .and_then(|()| parked(letter, told.redrives(), terms).unwrap_or_else(planned))
        .unwrap_or_else(Course::Stay)
}

/// What is to become of a dead letter whose record was had from its origin. The same holds as of [`course`], which has said that
/// it is to be had.
pub fn course_of_original(
    letter: &Record<'_>,
    told: &Told<'_>,
    original: &Record<'_>,
    terms: &Terms,
    is_superseded: &mut dyn FnMut(&TopicName) -> bool,
) -> Course {
    let attempts = told.redrives().max(Told::of(original).redrives());
    let planned = || {
        let to = destination(told, terms)?;
        if let Some(topic) = origin(told, terms)? {
            is_original(letter, told, original, topic)?;
        }
        sent(original, told, to, attempts, terms, is_superseded)
    };
    parked(letter, attempts, terms).unwrap_or_else(planned).unwrap_or_else(Course::Stay)
}

/// That a dead letter failed in the group that is meant, where one is.
fn of_group(told: &Told<'_>, terms: &Terms) -> Result<(), Refusal> {
    let Route::Retry(retry) = &terms.route else { return Ok(()) };
    match &told.group {
        Some(group) if *group == retry.group => Ok(()),
        None if retry.is_presumed => Ok(()),
        _ => Err(Refusal::OtherGroup(retry.group.clone())),
    }
}

/// What becomes of a dead letter whose record was sent again often enough. It is put apart as it is.
fn parked(letter: &Record<'_>, attempts: u32, terms: &Terms) -> Option<Result<Course, Refusal>> {
    let park = || {
        let Parking { topic, target, is_alike } = terms.parking.as_ref().ok_or(Refusal::NoParking(attempts))?;
        if target.is_compacted && letter.key.is_none() {
            return Err(Refusal::NoKey(topic.clone()));
        }
        if target.most_bytes.is_some_and(|most| size(letter) > most) {
            return Err(Refusal::TooLarge(topic.clone()));
        }
        Ok(Course::Park { to: topic.clone(), partition: is_alike.then_some(letter.partition), attempts })
    };
    (attempts >= terms.max_attempts).then(park)
}

/// The topic that a dead letter comes from; none where nothing tells it.
fn origin(told: &Told<'_>, terms: &Terms) -> Result<Option<TopicName>, Refusal> {
    match &told.origin.topic {
        Some(topic) => topic.parse().map(Some).map_err(|_| Refusal::NoTarget(topic.to_string())),
        None => Ok(terms.presumed_origin.clone()),
    }
}

/// The topic that a dead letter goes to.
fn destination(told: &Told<'_>, terms: &Terms) -> Result<TopicName, Refusal> {
    let to = match &terms.route {
        Route::Topic(to) => to.clone(),
        Route::Origin => origin(told, terms)?.ok_or(Refusal::NoOrigin)?,
        Route::Retry(retry) => {
            let origin = origin(told, terms)?.ok_or(Refusal::NoOrigin)?;
            retry.topics.get(&origin).cloned().ok_or(Refusal::NoRetry(origin))?
        }
    };
    if terms.targets.contains_key(&to) {
        return Ok(to);
    }
    Err(terms.refused.get(&to).cloned().unwrap_or(Refusal::TooManyOrigins))
}

/// Where the record stands that a dead letter was made of, where that is told.
fn place(told: &Told<'_>, terms: &Terms) -> Option<Origin> {
    Some(Origin {
        topic: origin(told, terms).ok()??,
        partition: i32::try_from(told.origin.partition?).ok().filter(|partition| *partition >= 0)?,
        offset: told.origin.offset.filter(|offset| *offset >= 0)?,
    })
}

/// That a record is the one which a dead letter was made of. A topic that was created again starts its offsets again, and no
/// header tells its id.
fn is_original(letter: &Record<'_>, told: &Told<'_>, original: &Record<'_>, topic: TopicName) -> Result<(), Refusal> {
    let is_other = told.origin.timestamp.is_some_and(|timestamp| Some(timestamp) != original.timestamp)
        || letter.key.is_some_and(|key| Some(key) != original.key);
    let is_newer = original.timestamp.zip(letter.timestamp).is_some_and(|(original, letter)| original > letter);
    match (is_newer, is_other) {
        (true, _) => Err(Refusal::OriginalNewer(topic)),
        (_, true) => Err(Refusal::OriginalOther(topic)),
        _ => Ok(()),
    }
}

/// How a record is sent to a topic.
fn sent(
    record: &Record<'_>,
    told: &Told<'_>,
    to: TopicName,
    attempts: u32,
    terms: &Terms,
    is_superseded: &mut dyn FnMut(&TopicName) -> bool,
) -> Result<Course, Refusal> {
    let Some(target) = terms.targets.get(&to) else { return Err(Refusal::NoTarget(to.to_string())) };
    let timestamp = timestamp(record, told, &to, target, terms)?;
    if target.is_compacted && record.key.is_none() {
        return Err(Refusal::NoKey(to));
    }
    if target.most_bytes.is_some_and(|most| size(record) > most) {
        return Err(Refusal::TooLarge(to));
    }
    if target.is_compacted && is_superseded(&to) {
        return Err(Refusal::Superseded(to));
    }
    // In another topic, and on another cluster, the number means the same only where there are as many.
    let origin = origin(told, terms).ok().flatten();
    let alike = origin.is_some_and(|origin| terms.partitions.get(&origin) == Some(&target.partitions));
    let partition = told.origin.partition.and_then(|partition| i32::try_from(partition).ok());
    let partition = partition.filter(|partition| alike && (0..target.partitions).contains(partition));
    Ok(Course::Send { to, partition, timestamp, attempt: attempts + 1 })
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
    use std::collections::BTreeMap;

    use super::*;
    use crate::dlq::settle::Retry;
    use crate::dlq::{Convention, Place, Redriven};
    use crate::ports::records::Header;

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
            route: Route::Origin,
            presumed_origin: None,
            max_attempts: 3,
            parking: None,
            timing: Timing::Keep,
            partitions: targets.iter().map(|(topic, target)| (topic.clone(), target.partitions)).collect(),
            targets,
            refused: BTreeMap::new(),
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
        let terms = Terms { route: Route::Topic(topic("retry")), ..terms() };
        assert_eq!(of(&told(), &terms), send("retry", None, Some(NOW - 10), 1));
        let gone = Told { origin: Place { partition: Some(6), ..told().origin }, ..told() };
        assert_eq!(of(&gone, &self::terms()), send("orders", None, Some(NOW - 10), 1));
    }

    #[test]
    fn on_another_cluster_the_partition_means_the_same_only_where_there_are_as_many() {
        let fewer_here = Terms { partitions: BTreeMap::from([(topic("orders"), 5)]), ..terms() };
        assert_eq!(of(&told(), &fewer_here), send("orders", None, Some(NOW - 10), 1));
        let unknown_here = Terms { partitions: BTreeMap::new(), ..terms() };
        assert_eq!(of(&told(), &unknown_here), send("orders", None, Some(NOW - 10), 1));
    }

    #[test]
    fn what_is_not_sent_to_is_told_by_why() {
        let from = |name: &'static str| Told { origin: Place { topic: Some(name.into()), ..told().origin }, ..told() };
        let unseen = || Refusal::Unseen(topic("secret"));
        let terms = Terms { refused: BTreeMap::from([(topic("secret"), unseen())]), ..terms() };
        assert_eq!(of(&from("secret"), &terms), Course::Stay(unseen()));
        assert_eq!(of(&from("more"), &terms), Course::Stay(Refusal::TooManyOrigins));
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
        let parked = Parking { topic: topic("parked"), target: target(1), is_alike: false };
        let park = |parking: Parking| Terms { parking: Some(parking), ..terms() };
        let parking = park(parked.clone());
        assert_eq!(of(&again, &parking), Course::Park { to: topic("parked"), partition: None, attempts: 3 });
        let alike = park(Parking { is_alike: true, ..parked.clone() });
        assert_eq!(of(&again, &alike), Course::Park { to: topic("parked"), partition: Some(0), attempts: 3 });
        let small = park(Parking { target: Target { most_bytes: Some(100), ..target(1) }, ..parked });
        assert_eq!(of(&again, &small), Course::Stay(Refusal::TooLarge(topic("parked"))));
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
        let fetched = Origin { topic: topic("orders"), partition: 5, offset: 9 };
        assert_eq!(of(&share, &terms()), Course::Fetch(fetched));
        let nowhere = Told { origin: Place { offset: None, ..told().origin }, ..share };
        assert_eq!(of(&nowhere, &terms()), Course::Stay(Refusal::Apart));
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

    #[test]
    fn the_original_is_sent_where_it_is_the_one_that_was_meant() {
        let share = Told { convention: Some(Convention::ShareGroup), ..told() };
        let letter = Record {
            partition: 0,
            offset: 0,
            timestamp: Some(NOW - 5),
            key: Some(b"k"),
            value: None,
            headers: &[Header { name: "__dlq.errors.topic", value: Some(b"orders") }],
        };
        let twice = [Header { name: "busctl-redrive.attempt", value: Some(b"2") }];
        let original = Record { timestamp: Some(NOW - 10), value: Some(b"v"), headers: &twice, ..letter };
        let of = |original: &Record<'_>| course_of_original(&letter, &share, original, &terms(), &mut |_| false);
        assert_eq!(of(&original), send("orders", Some(5), Some(NOW - 10), 3));
        let newer = Record { timestamp: Some(NOW), ..original };
        assert_eq!(of(&newer), Course::Stay(Refusal::OriginalNewer(topic("orders"))));
        for other in [Record { timestamp: Some(NOW - 11), ..original }, Record { key: Some(b"x"), ..original }] {
            assert_eq!(of(&other), Course::Stay(Refusal::OriginalOther(topic("orders"))));
        }
        let often = [Header { name: "busctl-redrive.attempt", value: Some(b"3") }];
        assert_eq!(of(&Record { headers: &often, ..original }), Course::Stay(Refusal::NoParking(3)));
    }

    #[test]
    fn a_retry_topic_takes_what_failed_in_its_group() {
        let topics = BTreeMap::from([(topic("orders"), topic("retry"))]);
        let retry = Retry { group: "billing".into(), topics, is_presumed: false };
        let terms = |retry: Retry| Terms { route: Route::Retry(retry), ..terms() };
        let in_group = |group: &'static str| Told { group: Some(group.into()), ..told() };
        assert_eq!(of(&in_group("billing"), &terms(retry.clone())), send("retry", None, Some(NOW - 10), 1));
        let other = Course::Stay(Refusal::OtherGroup("billing".into()));
        assert_eq!(of(&in_group("audit"), &terms(retry.clone())), other);
        assert_eq!(of(&told(), &terms(retry.clone())), other);
        let presumed = Retry { is_presumed: true, ..retry };
        assert_eq!(of(&told(), &terms(presumed.clone())), send("retry", None, Some(NOW - 10), 1));
        let elsewhere = Told { origin: Place { topic: Some("refunds".into()), ..told().origin }, ..told() };
        assert_eq!(of(&elsewhere, &terms(presumed)), Course::Stay(Refusal::NoRetry(topic("refunds"))));
    }
}
