//! Records of topics as clients read and write them. These calls block, for so do the clients behind them: they are made
//! where that is allowed.

use std::ops::ControlFlow;

use super::Failure;
use crate::model::TopicName;

/// A header of a record. Names may repeat, and their order counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header<'r> {
    /// Its name.
    pub name: &'r str,
    /// Its value; none is another thing than an empty one.
    pub value: Option<&'r [u8]>,
}

impl Header<'_> {
    /// The name that stands for one which is no text: the clients can neither tell nor write it. Its value is not told.
    pub const UNREADABLE: &'static str = "\u{fffd}";
}

/// A record as its broker has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'r> {
    /// The partition.
    pub partition: i32,
    /// The offset.
    pub offset: i64,
    /// Milliseconds since 1970, where it has a timestamp. It is the writer's or the broker's, as the topic says.
    pub timestamp: Option<i64>,
    /// Its key, where it has one.
    pub key: Option<&'r [u8]>,
    /// Its value; none in a tombstone.
    pub value: Option<&'r [u8]>,
    /// Its headers, in order.
    pub headers: &'r [Header<'r>],
}

impl Record<'_> {
    /// Whether all of it is told. It is not where the name of a header is no text.
    pub fn is_whole(&self) -> bool {
        self.headers.iter().all(|header| header.name != Header::UNREADABLE)
    }
}

/// A part of a partition: from an offset up to the one behind its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// The partition.
    pub partition: i32,
    /// The first offset.
    pub from: i64,
    /// The offset behind the last.
    pub to: i64,
}

/// Reads records that were committed. What belongs to a transaction that is open or was given up is not among them.
pub trait RecordSource {
    /// The whole of each partition of a topic, as it is now: up to the first record of a transaction that is still open.
    fn partitions(&self, topic: &TopicName) -> Result<Vec<Stretch>, Failure>;

    /// Gives each record of parts of a topic to `each`, those of one partition in order, until it breaks off. A partition may have
    /// several parts, in order.
    fn scan(
        &self,
        topic: &TopicName,
        stretches: &[Stretch],
        each: &mut dyn FnMut(&Record<'_>) -> Result<ControlFlow<()>, Failure>,
    ) -> Result<(), Failure>;
}

/// A record to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outgoing<'r> {
    /// The topic.
    pub topic: &'r str,
    /// The partition; none leaves it to the key, as Java's producer does.
    pub partition: Option<i32>,
    /// Milliseconds since 1970; none is the moment of writing.
    pub timestamp: Option<i64>,
    /// Its key.
    pub key: Option<&'r [u8]>,
    /// Its value.
    pub value: Option<&'r [u8]>,
    /// Its headers, in order.
    pub headers: &'r [Header<'r>],
}

/// How far a group has come in a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The partition.
    pub partition: i32,
    /// The offset of the next record.
    pub offset: i64,
}

/// Writes records and positions in transactions: everything of one is there for readers of what was committed, or nothing.
///
/// A failure of kind [`Fenced`](super::FailureKind::Fenced) says that somebody else has begun with the same transactional id:
/// nothing more is written. After any other one the transaction was given up, unless it came from [`Self::commit`]: then it is
/// not known, until a writer with the same id begins, which waits for it.
pub trait RecordSink {
    /// Begins a transaction.
    fn begin(&mut self) -> Result<(), Failure>;

    /// Adds a record.
    fn send(&mut self, record: &Outgoing<'_>) -> Result<(), Failure>;

    /// Adds how far the writer's group has come in a topic, and commits.
    fn commit(&mut self, topic: &TopicName, positions: &[Position]) -> Result<(), Failure>;
}

impl<S: RecordSink + ?Sized> RecordSink for Box<S> {
    fn begin(&mut self) -> Result<(), Failure> {
        (**self).begin()
    }

    fn send(&mut self, record: &Outgoing<'_>) -> Result<(), Failure> {
        (**self).send(record)
    }

    fn commit(&mut self, topic: &TopicName, positions: &[Position]) -> Result<(), Failure> {
        (**self).commit(topic, positions)
    }
}
