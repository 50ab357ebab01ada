use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;
use uuid::Uuid;

use super::ledger::visit;
use super::{LedgerEntry, LedgerKey, LedgerRun};
use crate::model::{Timestamp, TopicId};
use crate::ports::Failure;
use crate::ports::records::RecordSource;

/// Which entries of the ledger are meant.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Of these fates, by their words; of all where there are none.
    pub fates: Vec<String>,
    /// Of this run alone.
    pub run: Option<Uuid>,
    /// The last so many; all where it is none.
    pub last: Option<usize>,
}

/// What became of the dead letters of a queue.
#[derive(Debug, Default)]
pub struct Fates {
    /// How many there are of each fate, of those that are meant.
    pub counts: BTreeMap<&'static str, u64>,
    /// The last of them, in the order in which they were settled.
    pub letters: VecDeque<Settlement>,
    /// The runs that settled them.
    pub runs: BTreeMap<Uuid, LedgerRun>,
    /// How many records this version cannot read.
    pub unreadable: u64,
}

/// What became of one dead letter.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Settlement {
    /// Its partition of the dead-letter topic.
    pub partition: i32,
    /// Its offset there.
    pub offset: i64,
    /// When it was settled.
    pub time: Option<Timestamp>,
    /// What became of it.
    #[serde(flatten)]
    pub entry: LedgerEntry,
}

impl Fates {
    /// Reads what became of the dead letters of a topic.
    ///
    /// # Errors
    /// Fails with [`NotFound`](crate::ports::FailureKind::NotFound) where there is no ledger yet.
    pub fn read(source: &impl RecordSource, topic: TopicId, wanted: &Wanted) -> Result<Self, Failure> {
        let mut fates = Self::default();
        visit(source, topic, &mut |record, key, value| match key {
            LedgerKey::Run { run, .. } => match serde_json::from_slice(value) {
                Ok(about) => drop(fates.runs.insert(run, about)),
                Err(_) => fates.unreadable += 1,
            },
            LedgerKey::Seen { .. } => {}
            LedgerKey::Letter { partition, offset, .. } | LedgerKey::Restored { partition, offset, .. } => {
                match serde_json::from_slice::<LedgerEntry>(value) {
                    Ok(entry) => {
                        let time = record.timestamp.map(Timestamp::of_unix_millis);
                        fates.add(Settlement { partition, offset, time, entry }, wanted);
                    }
                    Err(_) => fates.unreadable += 1,
                }
            }
        })?;
        let used =
            fates.letters.iter().map(|settlement| settlement.entry.run).collect::<std::collections::BTreeSet<_>>();
        fates.runs.retain(|run, _| used.contains(run));
        Ok(fates)
    }

    fn add(&mut self, settlement: Settlement, wanted: &Wanted) {
        let fate = settlement.entry.fate.as_str();
        let is_meant = (wanted.fates.is_empty() || wanted.fates.iter().any(|word| word == fate))
            && wanted.run.is_none_or(|run| run == settlement.entry.run);
        if !is_meant {
            return;
        }
        *self.counts.entry(fate).or_default() += 1;
        self.letters.push_back(settlement);
        if wanted.last.is_some_and(|last| self.letters.len() > last) {
            self.letters.pop_front();
        }
    }
}
