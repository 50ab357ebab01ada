use std::collections::BTreeMap;

use serde::Serialize;

use crate::dlq::{Fingerprint, Told, Verdict};

/// How many reasons are told apart. One whose messages have something of their own in each record must not take all memory.
const MOST_REASONS: usize = 10_000;

/// Why dead letters failed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reasons {
    /// By what they have in common.
    pub by_fingerprint: BTreeMap<Fingerprint, Reason>,
    /// How many failed for reasons that came when there were too many already.
    pub others: u64,
}

/// A reason for which dead letters failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// How many did.
    pub count: u64,
    /// What kind of failure it is.
    pub verdict: Verdict,
    /// The exception's class, where it is told.
    pub class: Option<String>,
}

impl Reasons {
    /// Adds a dead letter.
    pub fn add(&mut self, fingerprint: Fingerprint, told: &Told<'_>) {
        let of = || Reason {
            count: 0,
            verdict: Verdict::of(told),
            class: told.class_name().map(|class| class.chars().take(200).collect()),
        };
        self.count(fingerprint, of, 1);
    }

    /// Takes in what was counted elsewhere.
    pub fn join(&mut self, other: Self) {
        self.others += other.others;
        for (fingerprint, reason) in other.by_fingerprint {
            let count = reason.count;
            self.count(fingerprint, || Reason { count: 0, ..reason }, count);
        }
    }

    fn count(&mut self, fingerprint: Fingerprint, reason: impl FnOnce() -> Reason, count: u64) {
        let is_full = self.by_fingerprint.len() >= MOST_REASONS;
        match self.by_fingerprint.get_mut(&fingerprint) {
            Some(known) => known.count += count,
            None if is_full => self.others += count,
            None => drop(self.by_fingerprint.insert(fingerprint, Reason { count, ..reason() })),
        }
    }
}
