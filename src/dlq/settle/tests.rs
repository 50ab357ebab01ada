//! Runs that are killed at any moment, over a bus in memory.

mod memory;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use proptest::prelude::*;
use uuid::Uuid;

use self::memory::{Bus, Stored, Writer, killed};
use super::*;
use crate::dlq::{Export, Filter, Fingerprint, Ledger, LedgerRun, Queue, Seen};
use crate::model::{Timestamp, TopicId, TopicName};
use crate::ports::Failure;
use crate::ports::journal::{LEDGER_TOPIC, Origin};
use crate::ports::records::{Header, Record, RecordSource};

struct Quiet;

impl Progress for Quiet {
    fn records(&mut self, _: u64) {}

    fn committed(&mut self, _: &Done) -> ControlFlow<Stop> {
        ControlFlow::Continue(())
    }
}

fn topic(name: &str) -> TopicName {
    name.parse().expect("a topic's name")
}

fn id() -> TopicId {
    TopicId::of_bytes([7; 16]).expect("it is an id")
}

/// A bus with dead letters: `(partition, kind)`, each with a value of its own.
fn bus(letters: &[(i32, u8)]) -> Bus {
    let bus = Bus::default();
    let mut topics = bus.0.borrow_mut();
    for partition in 0..3 {
        topics.entry(("orders.dlq".into(), partition)).or_default();
        topics.entry((LEDGER_TOPIC.into(), partition)).or_default();
        topics.entry(("orders".into(), partition)).or_default();
    }
    for (number, (partition, kind)) in letters.iter().enumerate() {
        let text = |text: &str| Some(text.as_bytes().to_vec());
        let stored = Stored {
            key: None,
            value: text(&number.to_string()),
            timestamp: Some(number as i64),
            headers: vec![
                ("trace".into(), text("t")),
                ("empty".into(), None),
                ("busctl-dlq.origin-topic".into(), text("orders")),
                ("busctl-dlq.origin-partition".into(), text(&partition.to_string())),
                ("busctl-dlq.error-class".into(), text(&format!("Error{}", char::from(b'a' + kind)))),
            ],
        };
        topics.get_mut(&("orders.dlq".to_owned(), *partition)).expect("it is there").push(stored);
    }
    drop(topics);
    bus
}

/// A run over everything that is meant, which sends it again.
fn redrive(bus: &Bus, sink: Option<&mut Writer<'_>>, filter: &Filter, limits: Limits) -> (Done, Result<(), Failure>) {
    carry_out(bus, sink, None, filter, limits, &mut Quiet)
}

/// A run over everything that is meant. With an export it is given up, else sent again.
fn carry_out(
    bus: &Bus,
    sink: Option<&mut Writer<'_>>,
    mut export: Option<&mut dyn Export>,
    filter: &Filter,
    limits: Limits,
    progress: &mut dyn Progress,
) -> (Done, Result<(), Failure>) {
    let queue = Queue {
        topic: topic("orders.dlq"),
        origin: None,
        service: None,
        owner: None,
        thresholds: None,
        is_declared: true,
    };
    let stretches = bus.partitions(&queue.topic).expect("they are there");
    let ledger = Ledger::read(bus, id()).expect("it can be read");
    let target = Target {
        partitions: 3,
        retention: None,
        is_compacted: false,
        most_before: None,
        most_after: None,
        most_bytes: None,
        has_append_time: false,
    };
    let terms = Terms {
        route: Route::Origin,
        presumed_origin: None,
        max_attempts: 3,
        parking: Some(Parking { topic: topic("orders.parking"), target: target.clone(), is_alike: true }),
        timing: Timing::Keep,
        targets: BTreeMap::from([(topic("orders"), target)]),
        refused: BTreeMap::new(),
        partitions: BTreeMap::from([(topic("orders"), 3)]),
        now: 0,
    };
    let about = LedgerRun {
        format_version: 1,
        topic: queue.topic.to_string(),
        origin: Origin { who: "ann".into(), host: "h".into(), pid: 1, commit: None, dirty: false },
        began: Timestamp::of_unix_millis(0),
        reason: None,
        filter: Vec::new(),
        transform: None,
    };
    let of = Run {
        queue: &queue,
        id: id(),
        run: Uuid::now_v7(),
        about: &about,
        ledger_partitions: 3,
        filter,
        work: match &export {
            None => Work::Redrive { terms: &terms, is_superseded: &|_, _, _| false, repair: None },
            Some(_) => Work::Discard,
        },
        limits,
        stretches: &stretches,
        settled: &ledger.settled,
        seen: &ledger.seen,
        starts: stretches.iter().map(|stretch| (stretch.partition, stretch.from)).collect(),
    };
    let export = export.as_mut().map(|export| &mut **export as &mut dyn Export);
    run(bus, sink, export, &of, progress)
}

/// The values at the target, each with its partition.
fn arrived(bus: &Bus) -> Vec<(i32, String)> {
    let topics = bus.0.borrow();
    let of_target = topics.iter().filter(|((topic, _), _)| topic == "orders");
    of_target
        .flat_map(|((_, partition), records)| {
            let value =
                |stored: &Stored| String::from_utf8_lossy(stored.value.as_deref().unwrap_or_default()).into_owned();
            records.iter().map(move |stored| (*partition, value(stored)))
        })
        .collect()
}

fn fingerprint_of(kind: u8) -> Fingerprint {
    let class = format!("Error{}", char::from(b'a' + kind));
    let headers = [
        Header { name: "busctl-dlq.origin-topic", value: Some(b"orders") },
        Header { name: "busctl-dlq.error-class", value: Some(class.as_bytes()) },
    ];
    let letter = Record { partition: 0, offset: 0, timestamp: None, key: None, value: None, headers: &headers };
    Fingerprint::of(crate::dlq::Shape::default().fill(&crate::dlq::Told::of(&letter), ""))
}

proptest! {
    #[test]
    fn each_is_sent_once_however_often_runs_are_killed(
        letters in proptest::collection::vec((0..3_i32, 0..2_u8), 0..40),
        kills in proptest::collection::vec((0..60_usize, any::<bool>()), 0..6),
        only_first_kind: bool,
        rate in proptest::option::of(Just(1e9)),
    ) {
        let bus = bus(&letters);
        let positions = RefCell::new(BTreeMap::new());
        let mut filter = Filter::default();
        if only_first_kind {
            filter.fingerprints.insert(fingerprint_of(0));
        }
        let limits = Limits { rate, ..Limits::default() };
        for (steps, commits_at_last) in kills.into_iter().chain([(usize::MAX, false)]) {
            let mut writer =
                Writer { bus: &bus, open: Vec::new(), positions: &positions, steps_left: steps, commits_at_last };
            let (done, ended) = redrive(&bus, Some(&mut writer), &filter, limits);
            prop_assert!(ended.is_ok() || steps < usize::MAX);
            prop_assert!(done.total_sent() <= letters.len() as u64);
        }
        let meant: BTreeSet<_> = letters
            .iter()
            .enumerate()
            .filter(|(_, (_, kind))| !only_first_kind || *kind == 0)
            .map(|(number, (partition, _))| (*partition, number.to_string()))
            .collect();
        let arrived = arrived(&bus);
        prop_assert_eq!(arrived.len(), meant.len());
        prop_assert_eq!(arrived.into_iter().collect::<BTreeSet<_>>(), meant.clone());
        let ledger = Ledger::read(&bus, id()).expect("it can be read");
        let fates = crate::dlq::Fates::read(&bus, id(), &crate::dlq::Wanted::default()).expect("it can be read");
        prop_assert_eq!(fates.letters.len(), meant.len());
        prop_assert!(fates.letters.iter().all(|letter| fates.runs.contains_key(&letter.entry.run)));
        // No position is behind one that waits.
        let mut offsets = BTreeMap::<i32, i64>::new();
        for (partition, kind) in &letters {
            let offset = offsets.entry(*partition).or_default();
            if only_first_kind && *kind != 0 {
                prop_assert!(positions.borrow().get(partition).is_none_or(|position| position <= offset));
                prop_assert!(!ledger.settled.contains(*partition, *offset));
            }
            *offset += 1;
        }
        let (again, _) = redrive(&bus, None, &filter, limits);
        prop_assert_eq!(again.total_sent(), 0);
    }
}

#[test]
fn what_is_sent_is_the_record_without_what_said_why_it_failed() {
    let bus = bus(&[(1, 0), (1, 0), (2, 1)]);
    let positions = RefCell::default();
    let mut writer =
        Writer { bus: &bus, open: Vec::new(), positions: &positions, steps_left: usize::MAX, commits_at_last: false };
    let limits = Limits { max: Some(2), ..Limits::default() };
    let (dry, _) = redrive(&bus, None, &Filter::default(), limits);
    let (done, ended) = redrive(&bus, Some(&mut writer), &Filter::default(), limits);
    assert_eq!(ended, Ok(()));
    assert_eq!((done.total_sent(), done.stopped), (2, Some(Stop::Max)));
    assert_eq!(dry, done);
    assert_eq!(*positions.borrow(), BTreeMap::from([(0, 0), (1, 2), (2, 0)]));
    // What was met is remembered, the one at which it stopped included.
    let seen = Ledger::read(&bus, id()).expect("it can be read").seen;
    let all = |count: i64| Seen { to: count, records: count as u64, unseen: 0 };
    assert_eq!(seen, BTreeMap::from([(1, all(2)), (2, all(1))]));
    let topics = bus.0.borrow();
    let stored = &topics[&("orders".to_owned(), 1)][0];
    assert_eq!((stored.key.as_deref(), stored.value.as_deref(), stored.timestamp), (None, Some(&b"0"[..]), Some(0)));
    let names: Vec<_> = stored.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["trace", "empty", "busctl-redrive.id", "busctl-redrive.attempt"]);
    assert_eq!(stored.headers[1].1, None);
}

/// An export that is there once all of it is.
#[derive(Default)]
struct Whole {
    written: Vec<(i32, i64)>,
    is_there: bool,
}

impl Export for Whole {
    fn name(&self) -> &str {
        "whole"
    }

    fn is_kept_whole(&self) -> bool {
        true
    }

    fn write(&mut self, letter: &Record<'_>) -> Result<(), Failure> {
        assert!(!self.is_there, "nothing is added to what is complete");
        self.written.push((letter.partition, letter.offset));
        Ok(())
    }

    fn sync(&mut self) -> Result<(), Failure> {
        assert!(!self.is_there, "it is completed once");
        self.is_there = true;
        Ok(())
    }
}

#[test]
fn what_is_kept_as_a_whole_is_there_before_the_first_one_is_given_up() {
    let bus = bus(&[(0, 0), (0, 1), (0, 0), (1, 0), (2, 0)]);
    let positions = RefCell::default();
    let writer =
        |steps_left| Writer { bus: &bus, open: Vec::new(), positions: &positions, steps_left, commits_at_last: false };
    let mut filter = Filter::default();
    filter.fingerprints.insert(fingerprint_of(0));
    let limits = Limits { max: Some(3), ..Limits::default() };
    let settled = || {
        let settled = Ledger::read(&bus, id()).expect("it can be read").settled;
        (0..3)
            .flat_map(|partition| (0..3).map(move |offset| (partition, offset)))
            .filter(|(partition, offset)| settled.contains(*partition, *offset))
            .collect::<Vec<_>>()
    };
    // Killed before the ledger has anything: all of it is exported, and waits.
    let mut whole = Whole::default();
    let (_, ended) = carry_out(&bus, Some(&mut writer(0)), Some(&mut whole), &filter, limits, &mut Quiet);
    assert_eq!((ended, whole.is_there, whole.written.len(), settled()), (Err(killed()), true, 3, Vec::new()));
    let mut whole = Whole::default();
    let (done, ended) = carry_out(&bus, Some(&mut writer(usize::MAX)), Some(&mut whole), &filter, limits, &mut Quiet);
    assert_eq!((ended, done.discarded, done.stopped), (Ok(()), 3, Some(Stop::Max)));
    assert_eq!((settled(), whole.is_there), (whole.written, true));
}

/// Stops after the first ones.
struct Doubtful(u64);

impl Progress for Doubtful {
    fn records(&mut self, _: u64) {}

    fn committed(&mut self, _: &Done) -> ControlFlow<Stop> {
        ControlFlow::Continue(())
    }

    fn canary(&mut self, so_far: &Done) -> ControlFlow<Stop> {
        self.0 = so_far.total();
        ControlFlow::Break(Stop::CanaryFailed)
    }
}

#[test]
fn the_first_ones_are_settled_for_good_before_it_is_known_how_it_goes_with_them() {
    let bus = bus(&[(0, 0), (0, 1), (1, 0), (2, 0)]);
    let positions = RefCell::default();
    let mut writer =
        Writer { bus: &bus, open: Vec::new(), positions: &positions, steps_left: usize::MAX, commits_at_last: false };
    let limits = Limits { canary: Some(2), ..Limits::default() };
    let (dry, _) = redrive(&bus, None, &Filter::default(), limits);
    assert_eq!((dry.total_sent(), dry.stopped), (4, None));
    let mut doubtful = Doubtful(0);
    let (done, ended) = carry_out(&bus, Some(&mut writer), None, &Filter::default(), limits, &mut doubtful);
    assert_eq!((ended, done.total_sent(), doubtful.0, done.stopped), (Ok(()), 2, 2, Some(Stop::CanaryFailed)));
    assert_eq!(arrived(&bus).len(), 2);
}

/// Wants to stop, and looks whether it was asked.
struct Impatient;

impl Progress for Impatient {
    fn records(&mut self, _: u64) {}

    fn committed(&mut self, _: &Done) -> ControlFlow<Stop> {
        ControlFlow::Break(Stop::Interrupted)
    }
}

#[test]
fn who_wants_to_stop_can_also_where_nothing_is_meant() {
    let bus = bus(&[(0, 1); 3_000]);
    let mut filter = Filter::default();
    filter.fingerprints.insert(fingerprint_of(0));
    let (done, ended) = carry_out(&bus, None, None, &filter, Limits::default(), &mut Impatient);
    assert_eq!((ended, done.records, done.stopped), (Ok(()), 1_024, Some(Stop::Interrupted)));
}

#[test]
fn who_wants_to_stop_can_before_an_export_is_complete() {
    for count in [3, 3_000] {
        let bus = bus(&vec![(0, 0); count]);
        let positions = RefCell::default();
        let mut writer = Writer {
            bus: &bus,
            open: Vec::new(),
            positions: &positions,
            steps_left: usize::MAX,
            commits_at_last: false,
        };
        let (mut whole, limits) = (Whole::default(), Limits::default());
        let (done, ended) =
            carry_out(&bus, Some(&mut writer), Some(&mut whole), &Filter::default(), limits, &mut Impatient);
        assert_eq!((ended, done.total(), done.stopped), (Ok(()), 0, Some(Stop::Interrupted)));
        assert_eq!((whole.is_there, whole.written.len()), (false, count.min(1_023)));
        let ledger = Ledger::read(&bus, id()).expect("it can be read");
        assert!(!ledger.settled.contains(0, 0));
    }
}

#[test]
fn what_no_client_can_write_stays_also_where_all_is_exported_before() {
    let bus = bus(&[(0, 0), (0, 0)]);
    let unreadable = (Header::UNREADABLE.to_owned(), None);
    bus.0.borrow_mut().get_mut(&("orders.dlq".to_owned(), 0)).expect("it is there")[1].headers.push(unreadable);
    let positions = RefCell::default();
    let mut writer =
        Writer { bus: &bus, open: Vec::new(), positions: &positions, steps_left: usize::MAX, commits_at_last: false };
    let mut whole = Whole::default();
    let (done, ended) =
        carry_out(&bus, Some(&mut writer), Some(&mut whole), &Filter::default(), Limits::default(), &mut Quiet);
    assert_eq!((ended, done.discarded, whole.written.len()), (Ok(()), 1, 1));
    assert_eq!(done.stay, BTreeMap::from([(Refusal::UnreadableHeader, 1)]));
}

#[test]
fn the_first_ones_are_those_that_are_sent_and_what_is_parked_keeps_its_partition() {
    let bus = bus(&[(0, 0), (1, 0), (1, 0), (2, 0)]);
    for partition in [0, 1] {
        let again = ("busctl-redrive.attempt".to_owned(), Some(b"3".to_vec()));
        let mut topics = bus.0.borrow_mut();
        topics.get_mut(&("orders.dlq".to_owned(), partition)).expect("it is there")[0].headers.push(again);
    }
    let positions = RefCell::default();
    let mut writer =
        Writer { bus: &bus, open: Vec::new(), positions: &positions, steps_left: usize::MAX, commits_at_last: false };
    let limits = Limits { canary: Some(1), ..Limits::default() };
    let mut doubtful = Doubtful(0);
    let (done, ended) = carry_out(&bus, Some(&mut writer), None, &Filter::default(), limits, &mut doubtful);
    assert_eq!((ended, done.total_sent(), done.parked, doubtful.0), (Ok(()), 1, 2, 3));
    let parked = |partition| bus.0.borrow().get(&("orders.parking".to_owned(), partition)).map(Vec::len);
    assert_eq!((parked(0), parked(1)), (Some(1), Some(1)));
}

#[test]
fn what_was_given_up_into_an_export_and_is_not_in_it_is_counted() {
    let bus = bus(&[(0, 0), (1, 0)]);
    let positions = RefCell::default();
    let mut writer =
        Writer { bus: &bus, open: Vec::new(), positions: &positions, steps_left: usize::MAX, commits_at_last: false };
    let mut whole = Whole::default();
    let limits = Limits::default();
    let (_, ended) = carry_out(&bus, Some(&mut writer), Some(&mut whole), &Filter::default(), limits, &mut Quiet);
    assert_eq!(ended, Ok(()));
    let fates = crate::dlq::Fates::read(&bus, id(), &crate::dlq::Wanted::default()).expect("it can be read");
    let run = fates.letters[0].entry.run;
    let head = crate::dlq::ExportHead::new(&topic("orders.dlq"), id(), run);
    let record = |partition| crate::dlq::ExportedRecord {
        partition,
        offset: 0,
        timestamp: None,
        key: None,
        value: None,
        headers: Vec::new(),
    };
    let of = |partitions: &[i32], run| crate::dlq::Exported {
        head: crate::dlq::ExportHead { run, ..head.clone() },
        records: partitions.iter().copied().map(record).collect(),
        cut: Some(3),
    };
    assert_eq!(lacking(&of(&[0], run), &fates), 1);
    assert_eq!(lacking(&of(&[0, 1], run), &fates), 0);
    assert_eq!(lacking(&of(&[], Uuid::nil()), &fates), 0);
}
