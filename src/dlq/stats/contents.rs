use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::{Arrivals, Settling};
use crate::dlq::{Fingerprint, Queue, Settled, Shape, Told, Verdict};
use crate::model::Timestamp;
use crate::ports::Failure;
use crate::ports::records::{Record, RecordSource, Stretch};

/// How many reasons are told apart in a queue; the records of others are counted as one.
const MOST_PILES: usize = 1_000;

/// The longest class that is kept, in bytes.
const LONGEST_CLASS: usize = 200;

/// What is in a queue, up to where it was read.
#[derive(Debug, Default)]
pub struct Contents {
    parts: BTreeMap<i32, Part>,
    waiting: u64,
    /// How many of those that wait had been sent again before.
    returned: u64,
    piles: BTreeMap<Fingerprint, Pile>,
    arrivals: Arrivals,
    shape: Shape,
}

/// A part of the queue that was read.
#[derive(Debug, Clone, Copy)]
struct Part {
    from: i64,
    to: i64,
}

/// The dead letters that failed for one reason.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Pile {
    /// By what the reason is known.
    pub fingerprint: Fingerprint,
    /// What kind of failure it is.
    pub verdict: Verdict,
    /// The exception's class.
    pub class: Option<String>,
    /// How many wait.
    pub waiting: u64,
}

impl Contents {
    /// How many wait.
    pub fn waiting(&self) -> u64 {
        self.waiting
    }

    /// How many of those had been sent again before.
    pub fn returned(&self) -> u64 {
        self.returned
    }

    /// When its records came.
    pub fn arrivals(&self) -> &Arrivals {
        &self.arrivals
    }

    /// The largest piles, and how many wait that are in none of them.
    pub fn largest(&self, count: usize) -> (Vec<Pile>, u64) {
        let mut piles: Vec<&Pile> = self.piles.values().filter(|pile| pile.waiting > 0).collect();
        piles.sort_by_key(|pile| (Reverse(pile.waiting), pile.fingerprint));
        piles.truncate(count);
        let shown: u64 = piles.iter().map(|pile| pile.waiting).sum();
        (piles.into_iter().cloned().collect(), self.waiting.saturating_sub(shown))
    }

    /// Whether nothing has changed since it was read: partitions that begin and end where they did.
    pub fn is_current(&self, stretches: &[Stretch]) -> bool {
        let same = |stretch: &Stretch| {
            let part = self.parts.get(&stretch.partition);
            part.is_some_and(|part| (part.from, part.to) == (stretch.from, stretch.to))
        };
        self.parts.len() == stretches.len() && stretches.iter().all(same)
    }

    /// That the fate of a dead letter is known now.
    pub fn settle(&mut self, settling: Settling) {
        let Settling { partition, offset, fingerprint, had_returned } = settling;
        if !self.parts.get(&partition).is_some_and(|part| (part.from..part.to).contains(&offset)) {
            return;
        }
        let Some(fingerprint) = fingerprint else {
            // Nobody can say which pile it was in.
            return self.forget();
        };
        self.waiting = self.waiting.saturating_sub(1);
        self.returned = self.returned.saturating_sub(u64::from(had_returned));
        if let Some(pile) = self.piles.get_mut(&fingerprint) {
            pile.waiting = pile.waiting.saturating_sub(1);
        }
    }

    /// Forgets everything, so that the queue is read anew.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Reads what came since it was read last. It is read anew where something is gone that was counted, or the topic was created
    /// again. `progress` is told how many records were looked at, and says whether to go on.
    ///
    /// # Errors
    /// Fails where the queue cannot be read to its end. Then, and where it is not to go on, nothing is known of it any more.
    pub fn catch_up(
        &mut self,
        source: &impl RecordSource,
        queue: &Queue,
        stretches: &[Stretch],
        settled: &Settled,
        now: Timestamp,
        progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Failure> {
        const STEP: u64 = 4_096;
        if self.has_lost(stretches, settled) {
            self.forget();
        }
        self.arrivals.forget(now);
        let since = |stretch: &Stretch| {
            let read = self.parts.get(&stretch.partition).map_or(stretch.from, |part| part.to);
            Stretch { from: stretch.from.max(read), ..*stretch }
        };
        let news: Vec<Stretch> = stretches.iter().map(since).collect();
        let (mut records, mut is_stopped) = (0_u64, false);
        let read = source.scan(&queue.topic, &news, &mut |letter| {
            records += 1;
            if records.is_multiple_of(STEP) && progress(STEP).is_break() {
                is_stopped = true;
                return Ok(ControlFlow::Break(()));
            }
            self.add(letter, queue.presumed_origin(), settled, now);
            Ok(ControlFlow::Continue(()))
        });
        if is_stopped || read.is_err() {
            self.forget();
            return read.map(|()| ControlFlow::Break(()));
        }
        let part = |stretch: &Stretch| (stretch.partition, Part { from: stretch.from, to: stretch.to });
        self.parts = stretches.iter().map(part).collect();
        Ok(progress(records % STEP))
    }

    /// Whether something is gone that waited, or is not what it was.
    fn has_lost(&self, stretches: &[Stretch], settled: &Settled) -> bool {
        self.parts.iter().any(|(partition, part)| {
            let Some(now) = stretches.iter().find(|stretch| stretch.partition == *partition) else { return true };
            let gone = u64::try_from(now.from.min(part.to) - part.from).unwrap_or(0);
            now.to < part.to || settled.count(*partition, part.from, now.from.min(part.to)) < gone
        })
    }

    fn add(&mut self, letter: &Record<'_>, origin: &str, settled: &Settled, now: Timestamp) {
        if let Some(timestamp) = letter.timestamp {
            self.arrivals.add(timestamp, now);
        }
        if settled.contains(letter.partition, letter.offset) {
            return;
        }
        let told = Told::of(letter);
        self.waiting += 1;
        self.returned += u64::from(told.redrives() > 0);
        let fingerprint = Fingerprint::of(self.shape.fill(&told, origin));
        if let Some(pile) = self.piles.get_mut(&fingerprint) {
            pile.waiting += 1;
            return;
        }
        if self.piles.len() >= MOST_PILES {
            // One that is empty has had its time.
            self.piles.retain(|_, pile| pile.waiting > 0);
        }
        if self.piles.len() >= MOST_PILES {
            return;
        }
        let class = told.class_name().map(|class| class[..class.floor_char_boundary(LONGEST_CLASS)].to_owned());
        self.piles.insert(fingerprint, Pile { fingerprint, verdict: Verdict::of(&told), class, waiting: 1 });
    }
}
