//! How many faults were tried, and how many held.

use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures::FutureExt;
use proptest::prelude::RngExt;
use proptest::test_runner::{RngAlgorithm, TestRng};

/// How many faults of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// A few, with the other tests.
    Short,
    /// As many as are wanted before a release.
    Full,
}

impl Extent {
    /// `BUSCTL_FAULTS=full` asks for the full form.
    pub fn of_environment() -> Self {
        match std::env::var("BUSCTL_FAULTS").as_deref() {
            Ok("full") => Extent::Full,
            Err(_) => Extent::Short,
            Ok(other) => panic!("BUSCTL_FAULTS is `{other}`: it may be `full`"),
        }
    }
}

struct Row {
    kind: &'static str,
    tried: usize,
    held: usize,
    remark: String,
}

/// What was tried by now, and the chance by which faults strike.
pub struct Tally {
    extent: Extent,
    chance: TestRng,
    rows: Vec<Row>,
}

impl Tally {
    pub fn new(extent: Extent) -> Self {
        let of_clock = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros() as u64;
        let seed = std::env::var("BUSCTL_FAULTS_SEED").map_or_else(|_| of_clock(), |seed| seed.parse().unwrap());
        println!("faults of the seed {seed}");
        let bytes: Vec<u8> = seed.to_le_bytes().repeat(4);
        Self { extent, chance: TestRng::from_seed(RngAlgorithm::ChaCha, &bytes), rows: Vec::new() }
    }

    /// The number for the short form, or that for the full one.
    pub fn times(&self, short: usize, full: usize) -> usize {
        match self.extent {
            Extent::Short => short,
            Extent::Full => full,
        }
    }

    /// A number below the bound.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.chance.random_range(0..bound)
    }

    /// A time below this many milliseconds.
    pub fn moment(&mut self, millis: u64) -> Duration {
        Duration::from_micros(self.below(millis * 1_000))
    }

    /// Tries faults of a kind: `strike` makes one or several that are proven together, and says how many. Ends at the
    /// first that does not hold, because what comes after would start from its ruins.
    pub async fn faults(
        &mut self,
        kind: &'static str,
        count: usize,
        mut strike: impl AsyncFnMut(&mut Self, usize) -> usize,
    ) {
        let mut row = Row { kind, tried: 0, held: 0, remark: String::new() };
        while row.tried < count {
            match AssertUnwindSafe(strike(self, row.tried)).catch_unwind().await {
                Ok(struck) => {
                    row.tried += struck;
                    row.held += struck;
                    println!("{kind}: {} of {count} held", row.held);
                }
                // What did not hold is printed where it was found.
                Err(_) => {
                    row.tried += 1;
                    row.remark = format!("{} not tried", count.saturating_sub(row.tried));
                    break;
                }
            }
        }
        self.rows.push(row);
    }

    /// Prints the table. Fails where a fault did not hold.
    pub fn end(self) -> ExitCode {
        println!("\n{:<44} {:>5} {:>5}", "fault", "tried", "held");
        for Row { kind, tried, held, remark } in &self.rows {
            println!("{kind:<44} {tried:>5} {held:>5}  {remark}");
        }
        let sum = |part: fn(&Row) -> usize| self.rows.iter().map(part).sum::<usize>();
        let (tried, held) = (sum(|row| row.tried), sum(|row| row.held));
        println!("{:<44} {tried:>5} {held:>5}", "all");
        if tried == held { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
