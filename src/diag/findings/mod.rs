//! Findings, however many there are: the newest are in memory, and what is more than memory is to hold is outside of it, in
//! runs that are in order. Who reads them merges the runs.

mod order;
mod spill;
#[cfg(test)]
pub(crate) mod tests;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::io;
use std::sync::Arc;

use roaring::RoaringBitmap;

pub use order::Order;
pub use spill::Spill;
use spill::{Run, Spilled};

use super::{Diagnostic, Level};
use crate::source::{FileId, Sources};

/// Where findings are kept, and in which order they are.
#[derive(Debug, Clone)]
pub struct Store {
    order: Order,
    /// How many stay in memory of each list of findings.
    most: usize,
    spilled: Option<Arc<Spilled>>,
}

impl Store {
    /// Keeps all of them in memory, for who needs a list.
    pub fn in_memory(sources: &Sources) -> Self {
        Self { order: Order::of(sources), most: usize::MAX, spilled: None }
    }

    /// Keeps `most` of them in memory, and the others in `spill`.
    pub fn spilling(sources: &Sources, most: usize, spill: impl Spill + 'static) -> Self {
        Self { order: Order::of(sources), most, spilled: Some(Arc::new(Spilled::new(spill))) }
    }

    /// No findings yet.
    pub fn findings(&self) -> Findings {
        Findings {
            store: self.clone(),
            recent: Vec::new(),
            runs: Vec::new(),
            counts: [0; 4],
            files: RoaringBitmap::new(),
            spoken_of: RoaringBitmap::new(),
            appended: Vec::new(),
        }
    }
}

/// Findings in [order](Order).
#[derive(Debug)]
pub struct Findings {
    store: Store,
    /// The newest, in the order in which they came.
    recent: Vec<Diagnostic>,
    /// Those before them.
    runs: Vec<Run>,
    /// How many there are of each level.
    counts: [usize; 4],
    /// Where their main places are.
    files: RoaringBitmap,
    /// Where any of their places are.
    spoken_of: RoaringBitmap,
    /// Of other stores, from which some of them are.
    appended: Vec<Arc<Spilled>>,
}

/// By which a finding can be read [again](Findings::at).
#[derive(Debug, Clone, Copy)]
pub struct Position(Where);

#[derive(Debug, Clone, Copy)]
enum Where {
    Memory(u32),
    Run(u32, u64),
}

impl Findings {
    /// These findings, all of them in memory.
    pub fn listed(findings: impl IntoIterator<Item = Diagnostic>, sources: &Sources) -> Self {
        let mut listed = Store::in_memory(sources).findings();
        listed.extend(findings);
        listed
    }

    /// Where they are kept.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// No findings yet, which are to be kept as these are.
    pub fn none(&self) -> Self {
        Self { appended: self.appended.clone(), ..self.store.findings() }
    }

    /// Adds a finding.
    pub fn push(&mut self, finding: Diagnostic) {
        self.counts[finding.level as usize] += 1;
        self.files.extend(finding.span().filter(|_| finding.level != Level::Off).map(|span| span.file.0));
        self.spoken_of.extend(finding.labels.iter().map(|label| label.span.file.0));
        self.recent.push(finding);
        if self.recent.len() >= self.store.most {
            self.spill();
        }
    }

    /// Adds the findings of another list, behind these where they say the same.
    pub fn append(&mut self, mut other: Self) {
        self.appended.extend(other.store.spilled.take().into_iter().chain(other.appended));
        if other.runs.is_empty() {
            self.extend(other.recent);
            return;
        }
        self.spill();
        self.runs.extend(other.runs);
        self.recent.extend(other.recent);
        self.counts.iter_mut().zip(other.counts).for_each(|(count, more)| *count += more);
        self.files |= other.files;
        self.spoken_of |= other.spoken_of;
    }

    /// Takes what is in memory out of it. Where that cannot be done it stays, and the [whole](Self::whole) is lost.
    fn spill(&mut self) {
        // After a failure nothing more is tried: it would be tried again with each finding.
        let can_take = |spilled: &&Arc<Spilled>| spilled.failure().is_none() && !self.recent.is_empty();
        let Some(spilled) = self.store.spilled.as_ref().filter(can_take) else { return };
        self.recent.sort_by(|a, b| self.store.order.compare(a, b));
        if let Some(run) = Run::write(&self.recent, spilled) {
            self.runs.push(run);
            self.recent.clear();
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.counts.iter().sum()
    }

    /// How many there are that are not switched off.
    pub fn shown(&self) -> usize {
        self.len() - self.count(Level::Off)
    }

    /// How many there are of a level.
    pub fn count(&self, level: Level) -> usize {
        self.counts[level as usize]
    }

    /// In how many files the main places are of those that are not switched off.
    pub fn files(&self) -> usize {
        self.files.len() as usize
    }

    /// The files in which they have any place.
    pub fn spoken_of(&self) -> impl Iterator<Item = FileId> {
        self.spoken_of.iter().map(FileId)
    }

    /// Whether none of them was lost on the way to where they are kept, or back. Who tells people that there are no others asks
    /// this first, and who shows them asks it afterwards.
    ///
    /// # Errors
    ///
    /// What went wrong, in a whole sentence.
    pub fn whole(&self) -> io::Result<()> {
        let of_runs = self.runs.iter().map(Run::spilled);
        let failure =
            self.store.spilled.iter().chain(&self.appended).chain(of_runs).find_map(|spilled| spilled.failure());
        // An error can be kept once only.
        failure.map_or(Ok(()), |error| Err(io::Error::new(error.kind(), error.to_string())))
    }

    /// Each, in order.
    pub fn iter(&self) -> impl Iterator<Item = Cow<'_, Diagnostic>> {
        self.merged(None).map(|(_, finding)| finding)
    }

    /// Each that is not switched off, the worst first, those that are as bad in order.
    pub fn worst_first(&self) -> impl Iterator<Item = (Position, Cow<'_, Diagnostic>)> {
        let levels = [Level::Error, Level::Warn, Level::Info];
        levels.into_iter().filter(|level| self.count(*level) > 0).flat_map(|level| self.merged(Some(level)))
    }

    /// The finding at a position of this list.
    pub fn at(&self, position: Position) -> Option<Cow<'_, Diagnostic>> {
        match position.0 {
            Where::Memory(index) => self.recent.get(index as usize).map(Cow::Borrowed),
            Where::Run(index, start) => self.runs.get(index as usize)?.read_one(start).map(Cow::Owned),
        }
    }

    fn merged(&self, level: Option<Level>) -> Merged<'_> {
        let order = &self.store.order;
        let mut recent: Vec<_> = self.recent.iter().enumerate().collect();
        recent.retain(|(_, finding)| level.is_none_or(|level| finding.level == level));
        recent.sort_by(|(_, a), (_, b)| order.compare(a, b));
        let recent = recent.into_iter();
        let recent = recent.map(|(index, finding)| (Where::Memory(index as u32), Cow::Borrowed(finding)));
        Merged::new(order, &self.runs, level, recent)
    }

    /// All of them as a list, in order.
    pub fn into_vec(self) -> Vec<Diagnostic> {
        self.into_iter().collect()
    }
}

impl Extend<Diagnostic> for Findings {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, findings: I) {
        findings.into_iter().for_each(|finding| self.push(finding));
    }
}

impl IntoIterator for Findings {
    type Item = Diagnostic;
    type IntoIter = Box<dyn Iterator<Item = Diagnostic>>;

    fn into_iter(mut self) -> Self::IntoIter {
        let order = &self.store.order;
        self.recent.sort_by(|a, b| order.compare(a, b));
        let recent = self.recent.into_iter().map(|finding| (Where::Memory(0), Cow::Owned(finding)));
        Box::new(Merged::new(order, &self.runs, None, recent).map(|(_, finding)| finding.into_owned()))
    }
}

/// Findings that are in order.
type Ordered<'a> = Box<dyn Iterator<Item = (Where, Cow<'a, Diagnostic>)> + 'a>;

/// Findings of several runs in one order.
struct Merged<'a> {
    order: Order,
    runs: Vec<Ordered<'a>>,
    /// The next one of each run.
    heads: BinaryHeap<Head<'a>>,
}

/// A finding that is the next one of its run.
struct Head<'a> {
    order: Order,
    run: usize,
    at: Where,
    finding: Cow<'a, Diagnostic>,
}

impl<'a> Merged<'a> {
    fn new(
        order: &Order,
        runs: &[Run],
        level: Option<Level>,
        recent: impl Iterator<Item = (Where, Cow<'a, Diagnostic>)> + 'a,
    ) -> Self {
        let run = |(index, run): (usize, &Run)| -> Ordered<'a> {
            let read = run.read(level);
            Box::new(read.map(move |(start, finding)| (Where::Run(index as u32, start), Cow::Owned(finding))))
        };
        let mut runs: Vec<Ordered<'a>> = runs.iter().enumerate().map(run).collect();
        runs.push(Box::new(recent));
        let mut merged = Self { order: order.clone(), heads: BinaryHeap::with_capacity(runs.len()), runs };
        (0..merged.runs.len()).for_each(|run| merged.advance(run));
        merged
    }

    fn advance(&mut self, run: usize) {
        if let Some((at, finding)) = self.runs[run].next() {
            self.heads.push(Head { order: self.order.clone(), run, at, finding });
        }
    }
}

impl<'a> Iterator for Merged<'a> {
    type Item = (Position, Cow<'a, Diagnostic>);

    fn next(&mut self) -> Option<Self::Item> {
        let Head { run, at, finding, .. } = self.heads.pop()?;
        self.advance(run);
        Some((Position(at), finding))
    }
}

/// The greatest is the one that comes first.
impl Ord for Head<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order.compare(&other.finding, &self.finding).then(other.run.cmp(&self.run))
    }
}

impl PartialOrd for Head<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Head<'_> {}
