use crate::dlq::{Coordinates, Fingerprint, Verdict};
use crate::model::{Timestamp, thousands};
use crate::render::dlq::age;

/// A queue in the list.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct QueueRow {
    /// The dead-letter topic.
    pub topic: String,
    /// The team that answers for it.
    pub owner: Option<String>,
    /// Why nothing is known of it.
    pub unseen: Option<String>,
    /// How many wait.
    pub waiting: u64,
    /// The timestamp of the first one.
    pub oldest: Option<Timestamp>,
    /// How many came in the last hour.
    pub last_hour: u64,
}

/// A group of a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRow {
    /// By what it is known.
    pub fingerprint: Fingerprint,
    /// What kind of failure it is.
    pub verdict: Verdict,
    /// How many wait.
    pub count: u64,
    /// When one was seen last.
    pub last_seen: Option<Timestamp>,
    /// Where they come from, and who failed.
    pub from: String,
    /// What the failure says.
    pub why: String,
}

/// A record of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRow {
    /// Where it is.
    pub at: Coordinates,
    /// Its timestamp.
    pub timestamp: Option<Timestamp>,
    /// How often it was sent again.
    pub redrives: u32,
    /// How many bytes its value has; none in a tombstone.
    pub bytes: Option<usize>,
    /// What its failure says.
    pub message: String,
}

/// What stands in a list.
pub(super) trait Row {
    /// The columns.
    const HEAD: &'static [&'static str];

    /// Its texts, one a column.
    fn cells(&self, now: Timestamp) -> Vec<String>;

    /// Whether one of its texts has another one in it, whatever the case.
    fn has(&self, text: &str, now: Timestamp) -> bool {
        let text = text.to_lowercase();
        self.cells(now).iter().any(|cell| cell.to_lowercase().contains(&text))
    }
}

fn ago(time: Option<Timestamp>, now: Timestamp) -> String {
    time.map_or_else(|| "-".to_owned(), |time| age(now.since(time)))
}

impl Row for QueueRow {
    const HEAD: &'static [&'static str] = &["queue", "waiting", "oldest", "last hour", "owner"];

    fn cells(&self, now: Timestamp) -> Vec<String> {
        let owner = self.owner.clone().unwrap_or_else(|| "-".to_owned());
        match &self.unseen {
            Some(why) => vec![self.topic.clone(), "-".to_owned(), why.clone(), "-".to_owned(), owner],
            None => {
                let oldest = ago(self.oldest, now);
                vec![self.topic.clone(), thousands(self.waiting), oldest, thousands(self.last_hour), owner]
            }
        }
    }
}

impl Row for GroupRow {
    const HEAD: &'static [&'static str] = &["group", "verdict", "waiting", "last", "from", "why"];

    fn cells(&self, now: Timestamp) -> Vec<String> {
        let (fingerprint, verdict) = (self.fingerprint.to_string(), self.verdict.to_string());
        let (count, last) = (thousands(self.count), ago(self.last_seen, now));
        vec![fingerprint, verdict, count, last, self.from.clone(), self.why.clone()]
    }
}

impl Row for RecordRow {
    const HEAD: &'static [&'static str] = &["record", "when", "redrives", "bytes", "why"];

    fn cells(&self, _: Timestamp) -> Vec<String> {
        let when = self.timestamp.map_or_else(|| "-".to_owned(), |time| time.to_string());
        let bytes = self.bytes.map_or_else(|| "none".to_owned(), |bytes| thousands(bytes as u64));
        vec![self.at.to_string(), when, self.redrives.to_string(), bytes, self.message.clone()]
    }
}
