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

    /// Gives each record of parts of a topic to `each`, those of one partition in order, until it breaks off.
    fn scan(
        &self,
        topic: &TopicName,
        stretches: &[Stretch],
        each: &mut dyn FnMut(&Record<'_>) -> Result<ControlFlow<()>, Failure>,
    ) -> Result<(), Failure>;
}
