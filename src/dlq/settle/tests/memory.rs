//! A bus in memory, and a writer that is killed.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

use crate::model::TopicName;
use crate::ports::records::{Header, Outgoing, Position, Record, RecordSink, RecordSource, Stretch};
use crate::ports::{Failure, FailureKind};

pub type Headers = Vec<(String, Option<Vec<u8>>)>;

/// A record in memory.
#[derive(Debug, Clone, Default)]
pub struct Stored {
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    pub timestamp: Option<i64>,
    pub headers: Headers,
}

/// Topics of records that were committed.
#[derive(Default)]
pub struct Bus(pub RefCell<BTreeMap<(String, i32), Vec<Stored>>>);

impl RecordSource for Bus {
    fn partitions(&self, topic: &TopicName) -> Result<Vec<Stretch>, Failure> {
        let stretch = |((of, partition), records): (&(String, i32), &Vec<Stored>)| {
            (of == topic.as_str()).then_some(Stretch { partition: *partition, from: 0, to: records.len() as i64 })
        };
        Ok(self.0.borrow().iter().filter_map(stretch).collect())
    }

    fn scan(
        &self,
        topic: &TopicName,
        stretches: &[Stretch],
        each: &mut dyn FnMut(&Record<'_>) -> Result<ControlFlow<()>, Failure>,
    ) -> Result<(), Failure> {
        for stretch in stretches {
            let records = self.0.borrow()[&(topic.to_string(), stretch.partition)].clone();
            for offset in stretch.from..stretch.to {
                let stored = &records[offset as usize];
                let headers: Vec<_> =
                    stored.headers.iter().map(|(name, value)| Header { name, value: value.as_deref() }).collect();
                let record = Record {
                    partition: stretch.partition,
                    offset,
                    timestamp: stored.timestamp,
                    key: stored.key.as_deref(),
                    value: stored.value.as_deref(),
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

/// A writer that is killed at a step, or never.
pub struct Writer<'b> {
    pub bus: &'b Bus,
    pub open: Vec<((String, i32), Stored)>,
    pub positions: &'b RefCell<BTreeMap<i32, i64>>,
    pub steps_left: usize,
    /// Whether the commit at which it is killed is carried out all the same.
    pub commits_at_last: bool,
}

/// Why it writes no more.
pub fn killed() -> Failure {
    Failure {
        kind: FailureKind::Timeout,
        tried: "send".into(),
        server: "a".into(),
        answer: "killed".into(),
        hint: None,
    }
}

impl Writer<'_> {
    fn step(&mut self) -> Result<(), Failure> {
        self.steps_left = self.steps_left.checked_sub(1).ok_or_else(killed)?;
        Ok(())
    }

    fn apply(&mut self, positions: &[Position]) {
        for (place, stored) in self.open.drain(..) {
            self.bus.0.borrow_mut().entry(place).or_default().push(stored);
        }
        self.positions.borrow_mut().extend(positions.iter().map(|position| (position.partition, position.offset)));
    }
}

impl RecordSink for Writer<'_> {
    fn begin(&mut self) -> Result<(), Failure> {
        assert!(self.open.is_empty());
        self.step()
    }

    fn send(&mut self, record: &Outgoing<'_>) -> Result<(), Failure> {
        self.step()?;
        let stored = Stored {
            key: record.key.map(<[u8]>::to_vec),
            value: record.value.map(<[u8]>::to_vec),
            timestamp: record.timestamp,
            headers: record
                .headers
                .iter()
                .map(|header| (header.name.to_owned(), header.value.map(<[u8]>::to_vec)))
                .collect(),
        };
        self.open.push(((record.topic.to_owned(), record.partition.unwrap_or(0)), stored));
        Ok(())
    }

    fn commit(&mut self, _: &TopicName, positions: &[Position]) -> Result<(), Failure> {
        if let Err(killed) = self.step() {
            if self.commits_at_last {
                self.apply(positions);
            }
            return Err(killed);
        }
        self.apply(positions);
        Ok(())
    }
}
