//! Figures that grow with what is read are those of somebody who reads everything anew.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::dlq::ledger::{self, FORMAT_VERSION};
use crate::dlq::{Fate, Fingerprint, LedgerEntry, LedgerKey, Queue, Settled, Shape, Told};
use crate::model::{Timestamp, TopicId, TopicName};
use crate::ports::Failure;
use crate::ports::records::{Header, Record, RecordSource, Stretch};

const NOW: i64 = 1_000_000_000_000;

/// A record: key, value, timestamp, and how often it was sent again.
#[derive(Clone)]
struct Stored {
    key: Option<String>,
    value: Vec<u8>,
    timestamp: i64,
    redrives: u32,
}

/// The logs of a queue with two partitions and of the ledger, with where they begin.
#[derive(Default)]
struct Bus {
    logs: BTreeMap<(String, i32), (usize, Vec<Stored>)>,
    /// How many records were read.
    read: RefCell<usize>,
}

impl RecordSource for Bus {
    fn partitions(&self, topic: &TopicName) -> Result<Vec<Stretch>, Failure> {
        let of_topic = self.logs.iter().filter(|((name, _), _)| name == topic.as_str());
        let stretch = |((_, partition), (from, log)): (&(String, i32), &(usize, Vec<Stored>))| Stretch {
            partition: *partition,
            from: *from as i64,
            to: log.len() as i64,
        };
        Ok(of_topic.map(stretch).collect())
    }

    fn scan(
        &self,
        topic: &TopicName,
        stretches: &[Stretch],
        each: &mut dyn FnMut(&Record<'_>) -> Result<ControlFlow<()>, Failure>,
    ) -> Result<(), Failure> {
        for stretch in stretches {
            for offset in stretch.from..stretch.to {
                *self.read.borrow_mut() += 1;
                let stored = &self.logs[&(topic.to_string(), stretch.partition)].1[offset as usize];
                let attempt = stored.redrives.to_string();
                let mut headers = vec![Header { name: "busctl-dlq.error-class", value: Some(&stored.value) }];
                if stored.redrives > 0 {
                    headers.push(Header { name: "busctl-redrive.attempt", value: Some(attempt.as_bytes()) });
                }
                let record = Record {
                    partition: stretch.partition,
                    offset,
                    timestamp: Some(stored.timestamp),
                    key: stored.key.as_deref().map(str::as_bytes),
                    value: Some(&stored.value),
                    headers: &headers,
                };
                if each(&record)?.is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

fn queue() -> Queue {
    Queue {
        topic: "orders.dlq".parse().expect("a name"),
        origin: None,
        service: None,
        owner: None,
        thresholds: None,
        is_declared: true,
    }
}

fn id() -> TopicId {
    TopicId::of_bytes([7; 16]).expect("it is an id")
}

impl Bus {
    fn new() -> Self {
        let mut bus = Self::default();
        for (topic, partition) in
            [("orders.dlq".to_owned(), 0), ("orders.dlq".to_owned(), 1), (ledger::topic().to_string(), 0)]
        {
            bus.logs.insert((topic, partition), Default::default());
        }
        bus
    }

    fn write(&mut self, partition: i32, kind: u8, redrives: u32, age: i64) {
        let value = format!("Error{}", char::from(b'a' + kind)).into_bytes();
        let stored = Stored { key: None, value, timestamp: NOW - age, redrives };
        self.logs.get_mut(&("orders.dlq".to_owned(), partition)).expect("it is there").1.push(stored);
    }

    /// Settles a dead letter, where it is there.
    fn settle(&mut self, partition: i32, offset: usize) {
        let (from, log) = &self.logs[&("orders.dlq".to_owned(), partition)];
        let Some(letter) = log.get(offset).filter(|_| offset >= *from) else { return };
        let headers = [Header { name: "busctl-dlq.error-class", value: Some(&letter.value) }];
        let record = Record { partition, offset: 0, timestamp: None, key: None, value: None, headers: &headers };
        let entry = LedgerEntry {
            format_version: FORMAT_VERSION,
            fate: Fate::Redriven {
                to: "orders".into(),
                partition: None,
                attempt: letter.redrives + 1,
                transformed: false,
            },
            run: Uuid::nil(),
            fingerprint: Fingerprint::of(Shape::default().fill(&Told::of(&record), "")),
            written: Some(letter.timestamp),
        };
        let key = LedgerKey::Letter { topic: id(), partition, offset: offset as i64 };
        let stored = Stored {
            key: Some(key.to_string()),
            value: serde_json::to_vec(&entry).expect("JSON"),
            timestamp: NOW,
            redrives: 0,
        };
        self.logs.get_mut(&(ledger::topic().to_string(), 0)).expect("it is there").1.push(stored);
    }

    /// Retention removes the first ones.
    fn expire(&mut self, partition: i32, to: usize) {
        let (from, log) = self.logs.get_mut(&("orders.dlq".to_owned(), partition)).expect("it is there");
        *from = to.min(log.len()).max(*from);
    }

    fn figures(&self, accounts: &mut Accounts, contents: &mut Contents) -> Figures {
        let another = accounts.catch_up(self, &mut |_, settling| contents.settle(settling)).expect("it can be read");
        assert!(!another);
        let stretches = self.partitions(&queue().topic).expect("they are there");
        let nobody = Settled::default();
        let settled = accounts.of(id()).map_or(&nobody, |account| &account.ledger.settled);
        let time = Timestamp::of_unix_millis(NOW);
        let read = contents.catch_up(self, &queue(), &stretches, settled, time, &mut |_| ControlFlow::Continue(()));
        assert_eq!(read, Ok(ControlFlow::Continue(())));
        assert!(contents.is_current(&stretches));
        let now = Now { stretches: &stretches, oldest: None, origin_last_day: Some(1_000), time, top: 3 };
        Figures::of(&queue(), contents, accounts.of(id()).unwrap_or(&Account::default()), &now)
    }
}

/// What happens to a queue.
#[derive(Debug, Clone)]
enum Step {
    Write(i32, u8, u32, i64),
    Settle(i32, usize),
    Expire(i32, usize),
    Look,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..2_i32, 0..4_u8, 0..3_u32, 0..200_000_000_i64).prop_map(|(a, b, c, d)| Step::Write(a, b, c, d)),
        3 => (0..2_i32, 0..20_usize).prop_map(|(a, b)| Step::Settle(a, b)),
        1 => (0..2_i32, 0..20_usize).prop_map(|(a, b)| Step::Expire(a, b)),
        2 => Just(Step::Look),
    ];
    proptest::collection::vec(step, 0..60)
}

proptest! {
    #[test]
    fn what_grows_is_what_is_read_anew(steps in steps()) {
        let mut bus = Bus::new();
        let (mut accounts, mut contents) = (Accounts::default(), Contents::default());
        for step in steps.into_iter().chain([Step::Look]) {
            match step {
                Step::Write(partition, kind, redrives, age) => bus.write(partition, kind, redrives, age),
                Step::Settle(partition, offset) => bus.settle(partition, offset),
                Step::Expire(partition, to) => bus.expire(partition, to),
                Step::Look => {
                    let grown = bus.figures(&mut accounts, &mut contents);
                    let anew = bus.figures(&mut Accounts::default(), &mut Contents::default());
                    // What is gone by now was there when it came.
                    prop_assert!(grown.last_day >= anew.last_day && grown.last_hour >= anew.last_hour);
                    let alike = Figures { last_day: anew.last_day, last_hour: anew.last_hour, ratio: anew.ratio, ..grown };
                    prop_assert_eq!(alike, anew);
                }
            }
        }
    }
}

#[test]
fn what_was_read_is_not_read_again() {
    let mut bus = Bus::new();
    let (mut accounts, mut contents) = (Accounts::default(), Contents::default());
    for number in 0..100 {
        bus.write(number % 2, (number % 3) as u8, 0, 0);
    }
    bus.figures(&mut accounts, &mut contents);
    assert_eq!(bus.read.take(), 100);
    bus.figures(&mut accounts, &mut contents);
    assert_eq!(bus.read.take(), 0);
    bus.write(0, 0, 0, 0);
    bus.settle(0, 0);
    bus.figures(&mut accounts, &mut contents);
    assert_eq!(bus.read.take(), 2);
    // What is gone was settled.
    bus.expire(0, 1);
    bus.figures(&mut accounts, &mut contents);
    assert_eq!(bus.read.take(), 0);
}

#[test]
fn the_figures_of_a_queue() {
    let mut bus = Bus::new();
    for (kind, redrives, age) in [(0, 0, 10_000), (0, 1, 7_200_000), (1, 0, 100_000_000), (0, 0, 0)] {
        bus.write(0, kind, redrives, age);
    }
    bus.settle(0, 0);
    bus.settle(0, 1);
    bus.expire(0, 1);
    let figures = bus.figures(&mut Accounts::default(), &mut Contents::default());
    assert_eq!((figures.depth, figures.written, figures.redriven, figures.returned), (2, 4, 2, 1));
    assert_eq!((figures.last_hour, figures.last_day, figures.ratio), (1, 2, Some(0.002)));
    assert_eq!((figures.return_ratio, figures.redrive_success_ratio), (Some(0.5), Some(0.5)));
    assert_eq!(figures.time_to_triage.map(|time| time.records), Some(2));
    assert_eq!((figures.expired.at_least, figures.expired.at_most), (0, 0));
    let groups: Vec<_> = figures.groups.iter().map(|pile| (pile.class.as_deref(), pile.waiting)).collect();
    assert_eq!(groups.len(), 2);
    assert!(groups.contains(&(Some("Errora"), 1)) && groups.contains(&(Some("Errorb"), 1)));
    assert_eq!(figures.other_groups, 0);
}
