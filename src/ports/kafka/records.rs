//! Records, where they are, and how much room they take.

use crate::model::TopicName;

/// Which offset of a partition is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OffsetAt {
    /// That of the first record that is there.
    Earliest,
    /// The one behind the last record: the high watermark.
    Latest,
    /// That of the first record whose timestamp, in milliseconds since 1970, is this or later.
    Timestamp(i64),
    /// That of the record with the latest timestamp (KIP-734).
    MaxTimestamp,
}

/// An offset that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffsetQuery {
    /// The topic.
    pub topic: TopicName,
    /// The partition.
    pub partition: u32,
    /// Which offset.
    pub at: OffsetAt,
}

/// An offset with the timestamp of its record; earliest and latest offsets have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoundOffset {
    /// The offset.
    pub offset: i64,
    /// Milliseconds since 1970.
    pub timestamp: Option<i64>,
}

/// A record as a broker stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// The partition.
    pub partition: u32,
    /// Its offset there.
    pub offset: i64,
    /// Its key, where it has one.
    pub key: Option<Vec<u8>>,
    /// Its value; `None` where it says that the key is gone.
    pub value: Option<Vec<u8>>,
    /// Milliseconds since 1970, where it has a timestamp.
    pub timestamp: Option<i64>,
    /// The names of its headers, in order.
    pub headers: Vec<String>,
}

/// How much of a disk a replica takes: its segments, without what was moved to tiered storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicaSize {
    /// The topic.
    pub topic: TopicName,
    /// The partition.
    pub partition: u32,
    /// Bytes, compressed as the records are.
    pub bytes: u64,
}
